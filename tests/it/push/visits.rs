//! Visits to a doctor: what is doubted about them, and that every door tells the same of them.

use ansinh::access::Role;
use entity::medical_visit;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::harness::{
    TestApp, both,
    people::{Person, card, with},
};

both! {
    async fn a_visit_on_a_covered_day_is_beyond_doubt(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;
        let card = with(card("A", household.head()), "validTo", "2022-03-31");
        health.push_records("health-insurance-cards", std::slice::from_ref(&card)).await.expect(200);
        let number = card["cardNo"].as_str().unwrap();
        let rows = [
            visit("old form", household.head(), "2022-01-01"),
            with(visit("new form", household.head(), "2022-03-30"), "cardNo", &number[5..]),
            with(visit("by ID", household.head(), "2022-03-31"), "cardNo", household.head().personal_id.clone()),
            with(visit("no number", household.head(), "2022-02-01"), "cardNo", Value::Null),
        ];

        let answer = health.push_records("medical-visits", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED"; 4], "{}", answer.text);
        assert_eq!([0, 1, 2, 3].map(|row| answer.codes(row, "findings")), [const { Vec::<&str>::new() }; 4]);
        assert_eq!(answer.json["amount"], 4 * 500_000);
        let held = medical_visit::Entity::find().all(app.db().read()).await.unwrap();
        let stored = held.iter().find(|row| row.reference == "old form").unwrap();
        assert_eq!((stored.cost, stored.paid_by_insurance, stored.paid_by_fund), (500_000, Some(475_000), None));
        assert_eq!((stored.paid_by_patient, stored.inpatient), (Some(25_000), Some(false)));
    }

    async fn a_visit_that_no_card_covers_is_stored_and_doubted(app: TestApp) {
        let household = app.household().poor(2022).member("Hoàng Thị Lan", "FEMALE", 1980);
        let household = household.member("Hoàng Thị Mai", "FEMALE", 2010).create().await;
        let health = app.health("063").await;
        let card = with(card("A", household.head()), "validTo", "2022-03-31");
        health.push_records("health-insurance-cards", std::slice::from_ref(&card)).await.expect(200);
        let rows = [
            visit("the day before", household.head(), "2021-12-31"),
            visit("the day after", household.head(), "2022-04-01"),
            with(visit("no card", &household.members[1], "2022-05-10"), "cardNo", Value::Null),
            with(visit("the mother's", &household.members[1], "2022-05-11"), "cardNo", card["cardNo"].clone()),
        ];

        let answer = health.push_records("medical-visits", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED"; 4], "{}", answer.text);
        assert_eq!([0, 1, 2].map(|row| answer.codes(row, "findings")), [["NOT_COVERED"]; 3]);
        assert_eq!(answer.codes(3, "findings"), ["NOT_COVERED", "CARD_DIFFERS"]);
        assert_eq!(answer.rows()[0]["findings"][0]["message"], "no card is valid on 2021-12-31");
    }

    async fn parts_that_are_not_the_cost_and_days_to_come_are_doubted(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;
        let all_years = with(with(card("A", household.head()), "validFrom", "2020-01-01"), "validTo", "2098-12-31");
        health.push_records("health-insurance-cards", &[all_years]).await.expect(200);
        let nothing = |record| with(with(record, "paidByInsurance", Value::Null), "paidByPatient", Value::Null);
        let rows = [
            with(visit("too much", household.head(), "2022-05-01"), "paidByFund", 1),
            with(visit("too little", household.head(), "2022-05-02"), "paidByPatient", Value::Null),
            with(with(visit("a fund pays", household.head(), "2022-05-03"), "paidByPatient", 0), "paidByFund", 25_000),
            nothing(visit("not told", household.head(), "2022-05-04")),
            visit("to come", household.head(), "2098-05-05"),
        ];
        let answer = health.push_records("medical-visits", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED"; 5], "{}", answer.text);
        let findings = [0, 1, 2, 3, 4].map(|row| answer.codes(row, "findings"));
        assert_eq!(findings[..2], [["PARTS_DIFFER"]; 2]);
        assert_eq!(findings[2..], [vec![], vec![], vec!["FUTURE_DATE"]]);
        assert_eq!(
            answer.rows()[0]["findings"][0]["message"],
            "the parts paid add up to 500001 VND; the cost is 500000 VND"
        );
    }

    async fn the_same_visit_twice_is_doubted_within_a_push_and_later(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;
        health.push_records("health-insurance-cards", &[card("A", household.head())]).await.expect(200);
        let day = |reference: &str| visit(reference, household.head(), "2022-05-10");
        let first = [
            day("first"),
            day("again"),
            with(day("elsewhere"), "facilityCode", "06001"),
            visit("next day", household.head(), "2022-05-11"),
        ];

        let answer = health.push_records("medical-visits", &first).await.expect(200);
        let later = health.push_records("medical-visits", &[day("later"), day("first")]).await.expect(200);

        let findings = [0, 1, 2, 3].map(|row| answer.codes(row, "findings"));
        assert_eq!(findings, [vec![], vec!["OVERLAP"], vec![], vec![]]);
        assert_eq!(later.outcomes(), ["ACCEPTED", "DUPLICATE"], "{}", later.text);
        assert_eq!(later.codes(0, "findings"), ["OVERLAP"]);
        assert_eq!(later.rows()[0]["findings"][0]["message"], "the same support is recorded already for this patient");
        assert_eq!(app.count::<medical_visit::Entity>().await, 5);
    }

    async fn a_visit_of_nobody_waits_and_one_without_cost_is_refused(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;
        let stranger = Person::new("Lý Văn Lạ", "MALE", 1970, 999_999);
        let rows = [
            visit("stranger", &stranger, "2022-05-10"),
            with(visit("free", household.head(), "2022-05-10"), "cost", 0),
            with(visit("less", household.head(), "2022-05-10"), "paidByPatient", -1),
            with(visit("perhaps", household.head(), "2022-05-10"), "inpatient", "perhaps"),
            with(visit("nowhere", household.head(), "2022-05-10"), "facilityCode", Value::Null),
        ];

        let answer = health.push_records("medical-visits", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["UNMATCHED", "REJECTED", "REJECTED", "REJECTED", "REJECTED"]);
        assert_eq!(answer.codes(1, "errors"), ["AMOUNT_NOT_POSITIVE"]);
        assert_eq!(answer.codes(2, "errors"), ["NUMBER_RANGE"]);
        assert_eq!(answer.codes(3, "errors"), ["NOT_IN_LIST"]);
        assert_eq!(answer.codes(4, "errors"), ["REQUIRED"]);
        let fields = [1, 2, 3, 4].map(|row| answer.rows()[row]["errors"][0]["field"].clone());
        assert_eq!(fields, ["cost", "paidByPatient", "inpatient", "facilityCode"]);
    }

    async fn a_visit_is_the_same_through_every_door(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;
        health.push_records("health-insurance-cards", &[card("A", household.head())]).await.expect(200);
        let sent = visit("A", household.head(), "2022-05-10");
        let (id, number) = (&household.head().personal_id, sent["cardNo"].as_str().unwrap());
        let file = format!(
            "reference;personalId;visitedOn;facilityCode;inpatient;cost;paidByInsurance;paidByPatient;cardNo\n\
             A;{id};2022-05-10;06023;FALSE;500000;475000;25000;{number}\n"
        );
        let record = "mutation($input: RecordMedicalVisitsInput!) { recordMedicalVisits(input: $input) {
            results { status findings { code } } } }";

        let first = health.push_csv("medical-visits", file, &[]).await.expect(200);
        let again = health.push_records("medical-visits", std::slice::from_ref(&sent)).await.expect(200);
        let mutation = json!({ "query": record, "variables": { "input": { "records": [sent] } } });
        let by_mutation = health.post("/graphql", &mutation).await.expect(200);
        let told = health.get("/v1/medical-visits?from=2022-05-10&to=2022-05-10&facilityCode=06023").await.expect(200);
        let others = health.get("/v1/medical-visits?facilityCode=06001").await.expect(200);
        let query = json!({ "query": r#"{ medicalVisits(filter: { unit: "063", facilityCode: "06023",
            visitedOn: { from: "2022-05-10" } }) { totalCount nodes { visitedOn facilityCode inpatient cost paidByInsurance
            paidByFund paidByPatient cardNo person { personalId } findings { code } } } }"# });
        let asked = health.post("/graphql", &query).await.expect(200);

        assert_eq!((first.outcomes(), again.outcomes()), (vec!["ACCEPTED"], vec!["DUPLICATE"]), "{}", first.text);
        assert_eq!(by_mutation.json["data"]["recordMedicalVisits"]["results"][0]["status"], "DUPLICATE");
        let mut back = told.json["records"][0].clone();
        for own in ["id", "recordedAt"] {
            back.as_object_mut().unwrap().remove(own).unwrap();
        }
        assert_eq!(back, with(sent.clone(), "paidByFund", Value::Null));
        assert_eq!(others.json["records"], json!([]));
        let list = &asked.json["data"]["medicalVisits"];
        assert_eq!(list["totalCount"], 1, "{}", asked.text);
        let expected = json!([{
            "visitedOn": "2022-05-10", "facilityCode": "06023", "inpatient": false, "cost": 500_000,
            "paidByInsurance": 475_000, "paidByFund": null, "paidByPatient": 25_000, "cardNo": number,
            "person": { "personalId": id }, "findings": [],
        }]);
        assert_eq!(list["nodes"], expected);
    }

    async fn only_health_and_auditors_learn_of_a_visit(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let visits = [visit("A", household.head(), "2022-05-10")];
        app.health("063").await.push_records("medical-visits", &visits).await.expect(200);

        for role in Role::ALL {
            let client = app.client(role, Some("063")).await;
            let list = client.get("/v1/medical-visits").await;
            let pushed = client.push_records("medical-visits", &visits).await;

            let reads = matches!(role, Role::Health | Role::Auditor);
            assert_eq!(list.status, if reads { 200 } else { 403 }, "{role}: {}", list.text);
            assert_eq!(pushed.status, if role == Role::Health { 200 } else { 403 }, "{role}: {}", pushed.text);
            let told = list.json["records"][0].as_object();
            assert_eq!(told.is_some_and(|record| record.contains_key("facilityCode")), role == Role::Health, "{role}");
        }
    }
}

/// A visit of half a million, of which the insurance pays 95 %.
fn visit(reference: &str, patient: &Person, day: &str) -> Value {
    json!({
        "reference": reference, "personalId": patient.personal_id, "visitedOn": day, "facilityCode": "06023",
        "inpatient": false, "cost": 500_000, "paidByInsurance": 475_000, "paidByPatient": 25_000,
        "cardNo": card("", patient)["cardNo"],
    })
}
