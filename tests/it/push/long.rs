//! Pushes of several chunks: the rows of a chunk are looked up while those before are written, and fare as if they came after.

use entity::{loan, loan_disbursement, unmatched_record};
use serde_json::{Value, json};

use super::concurrency::assert_batches_add_up;
use crate::harness::{
    TestApp, both,
    client::lines,
    people::{Person, disbursement, with},
};

/// Rows of a push: three chunks, the last of them not full.
const ROWS: usize = 2_300;

/// Rows of one borrower, one VND each, under references and contracts of their own.
fn rows(borrower: &Person) -> Vec<Value> {
    (0..ROWS).map(|i| with(disbursement(&i.to_string(), borrower), "amount", 1)).collect()
}

both! {
    async fn rows_of_later_chunks_see_what_earlier_ones_stored(app: TestApp) {
        let (plain, richer) = (app.household().poor(2022).create().await, app.household().poor(2022).create().await);
        let nobody = Person::new("Ai Đó", "MALE", 1990, 999_999);
        let bank = app.bank("063").await;
        let mut rows = rows(plain.head());
        let much = |reference: &str| with(disbursement(reference, richer.head()), "amount", 60_000_000);
        let of_contract = |row: Value| with(row, "contractNo", "HD-9");
        rows[0] = much("much");
        rows[5] = disbursement("waits", &nobody);
        rows[1500] = rows[7].clone();
        rows[1501] = with(rows[8].clone(), "amount", 2);
        rows[1502] = of_contract(rows[1502].clone());
        rows[1503] = of_contract(disbursement("of another household", richer.head()));
        rows[1504] = much("too much");
        rows[1505] = rows[5].clone();
        rows[2200] = rows[1499].clone();
        rows[2201] = rows[1502].clone();
        rows[2202] = with(rows[6].clone(), "programme", "no_such_programme");
        rows[2203] = with(rows[2203].clone(), "disbursedOn", "some day");

        let first = bank.push_ndjson("loan-disbursements", lines(&rows), &[]).await.expect(200);

        let other = [
            (5, "UNMATCHED"), (1500, "DUPLICATE"), (1501, "CONFLICT"), (1503, "REJECTED"), (1505, "DUPLICATE"),
            (2200, "DUPLICATE"), (2201, "DUPLICATE"), (2202, "CONFLICT"), (2203, "REJECTED"),
        ];
        assert_eq!(unlike(&first.outcomes(), "ACCEPTED"), other);
        assert_eq!(first.codes(1503, "errors"), ["CONTRACT_MISMATCH"]);
        assert!(first.codes(0, "findings").is_empty());
        assert_eq!(first.codes(1504, "findings"), ["AMOUNT_ABOVE_CEILING"]);
        for (again, before) in [(1500, 7), (1501, 8), (1505, 5), (2200, 1499), (2201, 1502)] {
            assert_eq!(first.rows()[again]["id"], first.rows()[before]["id"], "{again}");
        }
        let stored = (ROWS - other.len()) as u64;
        assert_eq!(app.count::<loan_disbursement::Entity>().await, stored);
        assert_eq!(app.count::<loan::Entity>().await, stored - 1, "one contract is one loan");
        assert_batches_add_up(&app).await;

        register(&app, &nobody).await;
        let second = bank.push_ndjson("loan-disbursements", lines(&rows), &[]).await.expect(200);

        let other = [(5, "ACCEPTED"), (1501, "CONFLICT"), (1503, "REJECTED"), (2202, "CONFLICT"), (2203, "REJECTED")];
        assert_eq!(unlike(&second.outcomes(), "DUPLICATE"), other);
        assert_eq!(second.rows()[1505]["id"], second.rows()[5]["id"], "what waited is stored once");
        assert_eq!(app.count::<loan_disbursement::Entity>().await, stored + 1);
        assert_eq!(app.count::<unmatched_record::Entity>().await, 1);
        assert_batches_add_up(&app).await;
    }

    async fn the_same_long_push_from_many_sides_at_once_is_stored_once(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = lines(&rows(household.head()));

        let sent = (0..3).map(|_| bank.push_ndjson("loan-disbursements", body.clone(), &[]));
        let answers: Vec<_> = futures_util::future::join_all(sent).await.into_iter().map(|answer| answer.expect(200)).collect();

        for i in 0..ROWS {
            let mut fared: Vec<&str> = answers.iter().map(|answer| answer.outcomes()[i]).collect();
            fared.sort_unstable();
            assert_eq!(fared, ["ACCEPTED", "DUPLICATE", "DUPLICATE"], "row {i}");
        }
        assert_eq!(app.count::<loan_disbursement::Entity>().await, ROWS as u64);
        assert_batches_add_up(&app).await;
    }

    async fn a_long_push_that_breaks_off_leaves_nothing(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = lines(&rows(household.head()));

        let cut = format!("{{\"records\":[{}", body.trim_end().replace('\n', ","));
        let broken = bank.push_raw("loan-disbursements", "application/json", cut.into_bytes(), &[]).await;

        assert_eq!((broken.status, broken.json["reason"].as_str()), (400, Some("NOT_JSON")), "{:.300}", broken.text);
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 0);
        let stored = bank.push_ndjson("loan-disbursements", body, &[]).await.expect(200);
        assert_eq!(stored.json["accepted"], ROWS);
    }
}

/// The outcomes that are not the usual one, with the places of their rows.
fn unlike<'a>(outcomes: &[&'a str], usual: &str) -> Vec<(usize, &'a str)> {
    outcomes.iter().copied().enumerate().filter(|(_, outcome)| *outcome != usual).collect()
}

async fn register(app: &TestApp, person: &Person) {
    let member = json!({
        "personalId": person.personal_id, "fullName": person.name, "birthYear": person.born, "sex": person.sex, "relation": "HEAD",
    });
    let roll = json!({
        "reference": "newcomer", "householdCode": "H999999", "unitCode": "01969", "registeredOn": "2022-01-05", "members": [member],
    });
    let rolled = app.labour().await.push_records("households", &[roll]).await.expect(200);
    assert_eq!(rolled.outcomes(), ["ACCEPTED"], "{}", rolled.text);
}
