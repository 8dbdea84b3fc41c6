//! Whom a row means: the person of its number or the household of its code, within the sender's area.

use entity::{codes::PovertyClass, loan, loan_disbursement, unmatched_record};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::harness::{
    TestApp, both,
    people::{Person, disbursement, with},
};

both! {
    async fn a_row_that_fits_nobody_is_kept_with_suggestions(app: TestApp) {
        let household = app.household().member("Lường Thị Đào", "FEMALE", 1985).create().await;
        let bank = app.bank("063").await;
        bank.push_records("loan-disbursements", &[disbursement("A", household.head())]).await.expect(200);
        let mistyped = Person::new("", "FEMALE", 1985, 777_777);
        let row = with(disbursement("B", &mistyped), "fullName", "LƯỜNG THỊ ĐÀO");

        let answer = bank.push_records("loan-disbursements", &[with(row, "birthYear", 1985)]).await.expect(200);

        assert_eq!(answer.outcomes(), ["UNMATCHED"]);
        assert_eq!(answer.codes(0, "errors"), ["UNKNOWN_PERSON"]);
        let suggestion = &answer.rows()[0]["suggestions"][0];
        assert_eq!((&suggestion["fullName"], &suggestion["birthYear"]), (&json!("Lường Thị Đào"), &json!(1985)));
        let masked = suggestion["personalId"].as_str().unwrap();
        assert!(masked.contains("******") && masked != household.head().personal_id, "{masked}");
        let waiting = unmatched_record::Entity::find().all(app.db().read()).await.unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].content["amount"], 50_000_000);
        assert_eq!(app.count::<loan::Entity>().await, 1);
    }

    /// The bank reaches borrowers alone; it must not fish for others by their names.
    async fn a_name_alone_suggests_nobody_to_the_bank(app: TestApp) {
        app.household().member("Lường Thị Đào", "FEMALE", 1985).create().await;
        let bank = app.bank("063").await;
        let nobody = Person::new("", "FEMALE", 1985, 777_777);

        let row = with(disbursement("B", &nobody), "fullName", "Lường Thị Đào");
        let answer = bank.push_records("loan-disbursements", &[row]).await.expect(200);

        assert_eq!(answer.outcomes(), ["UNMATCHED"]);
        assert_eq!(answer.rows()[0]["suggestions"], json!([]));
    }

    async fn a_waiting_row_sent_again_is_a_duplicate(app: TestApp) {
        let bank = app.bank("063").await;
        let row = disbursement("A", &Person::new("Ai Đó", "MALE", 1990, 999_999));

        let first = bank.push_records("loan-disbursements", std::slice::from_ref(&row)).await.expect(200);
        let second = bank.push_records("loan-disbursements", std::slice::from_ref(&row)).await.expect(200);
        let changed = bank.push_records("loan-disbursements", &[with(row, "amount", 1)]).await.expect(200);

        assert_eq!((first.outcomes(), second.outcomes()), (vec!["UNMATCHED"], vec!["DUPLICATE"]));
        assert_eq!(changed.outcomes(), ["CONFLICT"]);
        assert_eq!(app.count::<unmatched_record::Entity>().await, 1);
    }

    async fn a_waiting_row_sent_again_is_stored_once_its_person_is_registered(app: TestApp) {
        let bank = app.bank("063").await;
        let household = app.household().poor(2022).create().await;
        let newcomer = Person::new("Hoàng Thị Mai", "FEMALE", 1995, 424_242);
        let row = disbursement("A", &newcomer);
        bank.push_records("loan-disbursements", std::slice::from_ref(&row)).await.expect(200);
        let member = |person: &Person, relation| {
            json!({ "personalId": person.personal_id, "fullName": person.name, "birthYear": person.born,
                "sex": person.sex, "relation": relation })
        };
        let roll = json!({ "reference": "moved in", "householdCode": household.code, "unitCode": household.commune,
            "registeredOn": "2022-01-05", "members": [member(household.head(), "HEAD"), member(&newcomer, "SPOUSE")] });
        let rolled = app.labour().await.push_records("households", &[roll]).await.expect(200);
        assert_eq!(rolled.outcomes(), ["ACCEPTED"], "{}", rolled.text);

        let again = bank.push_records("loan-disbursements", std::slice::from_ref(&row)).await.expect(200);
        let third = bank.push_records("loan-disbursements", std::slice::from_ref(&row)).await.expect(200);

        assert_eq!((again.outcomes(), third.outcomes()), (vec!["ACCEPTED"], vec!["DUPLICATE"]));
        assert_eq!(again.rows()[0]["id"], third.rows()[0]["id"]);
        let waiting = unmatched_record::Entity::find().one(app.db().read()).await.unwrap().unwrap();
        assert_eq!(waiting.record_id.map(|id| id.to_string()).as_deref(), again.rows()[0]["id"].as_str());
        assert!(waiting.resolved_at.is_some());
    }

    /// Whether somebody is registered elsewhere or not at all must not be told apart by an answer.
    async fn a_person_outside_the_area_is_unknown(app: TestApp) {
        let elsewhere = app.household().in_commune("01900").member("Triệu Văn Sơn", "MALE", 1970).create().await;
        let bank = app.bank("063").await;
        let nobody = Person::new("Triệu Văn Sơn", "MALE", 1970, 999_999);
        let row = |reference, person: &Person| with(disbursement(reference, person), "fullName", "Triệu Văn Sơn");

        let answer = bank.push_records("loan-disbursements", &[row("A", elsewhere.head()), row("B", &nobody)]).await;

        let told = |row: &Value| (row["status"].clone(), row["errors"].clone(), row["suggestions"].clone());
        assert_eq!(told(&answer.rows()[0]), told(&answer.rows()[1]));
        assert_eq!(answer.outcomes(), ["UNMATCHED", "UNMATCHED"]);
        assert_eq!(answer.rows()[0]["suggestions"], json!([]));
        let province = app.bank("06").await;
        let found = province.push_records("loan-disbursements", &[disbursement("A", elsewhere.head())]).await;
        assert_eq!(found.outcomes(), ["ACCEPTED"]);
    }

    async fn the_successor_of_a_unit_sees_what_its_predecessors_registered(app: TestApp) {
        let household = app.household().in_commune("01969").poor(2022).create().await;
        let province = app.bank("19").await;

        let answer = province.push_records("loan-disbursements", &[disbursement("A", household.head())]).await;

        assert_eq!(answer.outcomes(), ["ACCEPTED"], "Bắc Kạn (06) became a part of Thái Nguyên (19)");
    }

    async fn a_household_code_serves_where_no_number_is_known(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let without = |reference| with(disbursement(reference, household.head()), "personalId", Value::Null);

        let rows = [
            with(without("A"), "householdCode", household.code.clone()),
            with(without("B"), "householdCode", "H999999"),
            without("C"),
        ];
        let answer = bank.push_records("loan-disbursements", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "UNMATCHED", "REJECTED"]);
        assert_eq!(answer.codes(1, "errors"), ["UNKNOWN_HOUSEHOLD"]);
        assert_eq!(answer.codes(2, "errors"), ["ONE_OF"]);
    }

    async fn a_payment_belongs_to_the_household_of_its_day(app: TestApp) {
        let before = app.household().member("Hoàng Văn Tú", "MALE", 1950).member("Hoàng Văn Ba", "MALE", 1990).create().await;
        let son = &before.members[1];
        let split = json!({
            "reference": "split", "householdCode": "H-NEW", "unitCode": "01969", "registeredOn": "2022-03-01",
            "members": [{
                "personalId": son.personal_id, "fullName": son.name, "birthYear": son.born, "sex": son.sex,
                "relation": "HEAD",
            }],
        });
        app.labour().await.push_records("households", &[split]).await.expect(200);
        let bank = app.bank("063").await;
        let on = |reference, day| with(disbursement(reference, son), "disbursedOn", day);

        let rows = [on("A", "2022-02-28"), on("B", "2022-03-01")];
        let answer = bank.push_records("loan-disbursements", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "ACCEPTED"]);
        let paid = loan_disbursement::Entity::find().all(app.db().read()).await.unwrap();
        let household_of = |reference| paid.iter().find(|row| row.reference == reference).unwrap().household_id.to_string();
        assert_eq!(household_of("A"), before.id);
        assert_ne!(household_of("B"), before.id);
    }

    /// Two of one household in one push, with a review for each year: whoever is read twice counts once.
    async fn a_payment_has_the_class_of_its_own_day(app: TestApp) {
        let household = app.household().poor(2022).near_poor(2023);
        let household = household.member("Lường Thị Đào", "FEMALE", 1985).member("Lường Văn Hai", "MALE", 1990);
        let household = household.create().await;
        let people = [household.head(), &household.members[1], household.head()];
        let days = ["2022-05-05", "2023-05-05", "2024-05-05"];
        let rows: Vec<Value> = (0..3)
            .map(|at| with(disbursement(&format!("D{at}"), people[at]), "disbursedOn", days[at]))
            .collect();

        let answer = app.bank("063").await.push_records("loan-disbursements", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED"; 3], "{}", answer.text);
        let mut stored = loan_disbursement::Entity::find().all(app.db().read()).await.unwrap();
        stored.sort_by_key(|row| row.disbursed_on);
        let classes: Vec<Option<PovertyClass>> = stored.iter().map(|row| row.class_on_date).collect();
        assert_eq!(classes, [Some(PovertyClass::Poor), Some(PovertyClass::NearPoor), None]);
    }

    async fn a_contract_stays_with_its_household_and_programme(app: TestApp) {
        let here = app.household().poor(2022).create().await;
        let there = app.household().poor(2022).member("Nông Thị Hoa", "FEMALE", 1992).create().await;
        let bank = app.bank("063").await;
        let first = with(disbursement("A", here.head()), "contractNo", "HD-1");
        let rows = [
            with(disbursement("B", here.head()), "contractNo", "HD-1"),
            with(disbursement("C", there.head()), "contractNo", "HD-1"),
            with(with(disbursement("D", here.head()), "contractNo", "HD-1"), "programme", "loan_near_poor"),
        ];
        bank.push_records("loan-disbursements", &[first]).await.expect(200);

        let answer = bank.push_records("loan-disbursements", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "REJECTED", "REJECTED"]);
        assert_eq!(answer.codes(1, "errors"), ["CONTRACT_MISMATCH"]);
        assert_eq!(answer.rows()[2]["errors"][0]["field"], "contractNo");
    }
}
