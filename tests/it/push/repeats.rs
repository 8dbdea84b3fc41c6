//! A re-send is harmless, whatever it looks like.

use entity::{loan, loan_disbursement};
use serde_json::json;

use crate::harness::{
    TestApp, both,
    people::{disbursement, with},
};

both! {
    async fn the_same_push_twice_stores_each_record_once(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let rows = [disbursement("A", household.head()), disbursement("B", household.head())];

        let first = bank.push_records("loan-disbursements", &rows).await.expect(200);
        let second = bank.push_records("loan-disbursements", &rows).await.expect(200);

        assert_eq!(first.outcomes(), ["ACCEPTED", "ACCEPTED"]);
        assert_eq!(second.outcomes(), ["DUPLICATE", "DUPLICATE"]);
        assert_eq!(first.rows()[0]["id"], second.rows()[0]["id"]);
        assert_eq!((&second.json["accepted"], &second.json["amount"]), (&json!(0), &json!(0)));
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 2);
    }

    async fn a_row_that_stands_twice_in_one_push_is_stored_once(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let row = disbursement("A", household.head());
        let other = with(row.clone(), "amount", 1);

        let answer = bank.push_records("loan-disbursements", &[row.clone(), row, other]).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "DUPLICATE", "CONFLICT"]);
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 1);
    }

    async fn a_reference_with_other_content_is_a_conflict_and_changes_nothing(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let row = disbursement("A", household.head());
        let first = bank.push_records("loan-disbursements", std::slice::from_ref(&row)).await.expect(200);

        let changed = [with(row.clone(), "amount", 40_000_000), with(row, "purpose", "trâu")];
        let second = bank.push_records("loan-disbursements", &changed[..1]).await.expect(200);
        let third = bank.push_records("loan-disbursements", &changed[1..]).await.expect(200);

        for answer in [&second, &third] {
            assert_eq!(answer.outcomes(), ["CONFLICT"]);
            assert_eq!(answer.codes(0, "errors"), ["REFERENCE_CONFLICT"]);
            assert_eq!(answer.rows()[0]["errors"][0]["field"], "reference");
            assert_eq!(answer.rows()[0]["id"], first.rows()[0]["id"]);
        }
        let held = loan_disbursement_amounts(&app).await;
        assert_eq!(held, [50_000_000]);
    }

    async fn the_same_content_is_a_duplicate_in_every_format(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let id = &household.head().personal_id;
        let row = with(disbursement("A", household.head()), "purpose", "Chăn nuôi trâu");
        bank.push_records("loan-disbursements", std::slice::from_ref(&row)).await.expect(200);

        let ndjson = bank.push_ndjson("loan-disbursements", format!("{row}\n"), &[]).await.expect(200);
        // Another order of columns, a byte order mark, semicolons, and the same letters decomposed (NFD).
        let csv = format!(
            "\u{feff}programme;amount;purpose;disbursedOn;reference;contractNo;personalId\r\n\
             loan_poor;50000000;\"Cha\u{306}n nuôi  tra\u{302}u\";2022-03-15;A;HD-A;{id}\r\n"
        );
        let csv = bank.push_csv("loan-disbursements", csv, &[]).await.expect(200);
        let text = with(row, "amount", "50000000");
        let text = bank.push_records("loan-disbursements", &[text]).await.expect(200);

        for answer in [ndjson, csv, text] {
            assert_eq!(answer.outcomes(), ["DUPLICATE"], "{}", answer.text);
        }
    }

    async fn references_belong_to_their_sender_and_kind(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let here = app.bank("063").await;
        let above = app.bank("06").await;
        let row = disbursement("A", household.head());

        let first = here.push_records("loan-disbursements", std::slice::from_ref(&row)).await.expect(200);
        let second = above.push_records("loan-disbursements", &[row]).await.expect(200);

        assert_eq!((first.outcomes(), second.outcomes()), (vec!["ACCEPTED"], vec!["ACCEPTED"]));
        assert_eq!(app.count::<loan::Entity>().await, 1, "one contract is one loan");
    }
}

async fn loan_disbursement_amounts(app: &TestApp) -> Vec<i64> {
    use sea_orm::EntityTrait;
    let rows = loan_disbursement::Entity::find().all(app.db().read()).await.unwrap();
    rows.into_iter().map(|row| row.amount).collect()
}
