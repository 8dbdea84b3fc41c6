//! What a push tells of records beside its own goes into the log, whatever becomes of it, and is told so often and no more.

use ansinh::access::Role;
use chrono::TimeDelta;
use entity::audit_entry;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{
    Client, TestApp, both,
    client::{Answer, codes},
    database::Backend,
    people::{Household, Person, disbursement, with},
};

/// A service that tells each client of three records elsewhere in an hour.
struct Reserved(TestApp);

impl Reserved {
    async fn on(backend: Backend) -> Self {
        Self(TestApp::configured(backend, &[("limits.elsewhere", "3")]).await)
    }
}

both! {
    async fn a_refused_push_is_a_read_of_whom_its_refusals_tell(app: TestApp) {
        let elsewhere = app.household().in_commune("01900").create().await;
        let office = app.client(Role::Labour, Some("063")).await;
        let person = subject_of(&app, &elsewhere).await;
        let bad = with(roll("bad", "H8", &json!([])), "unitCode", "99999");
        let row = roll("A", "H9", &json!([member(&elsewhere.head().personal_id)]));

        let atomic = office.push("households", &json!({ "records": [row, bad], "atomic": true })).await.expect(422);
        let totals = office.push("households", &json!({ "records": [row], "declaredCount": 2 })).await.expect(422);
        let plain = office.push_records("households", &[row]).await.expect(200);

        assert!(codes(&atomic.json["errors"]).contains(&"REGISTERED_ELSEWHERE"), "{}", atomic.text);
        assert_eq!(plain.codes(0, "errors"), ["REGISTERED_ELSEWHERE"]);
        for answer in [&atomic, &totals, &plain] {
            let entry = entry_of(&app, answer).await;
            assert_eq!(entry.action, "households.push");
            assert_eq!(subjects(&entry), [person], "{}", answer.text);
            assert_eq!(entry.disclosed["Person"], 1);
        }
    }

    async fn the_bearer_of_a_number_and_the_holder_of_a_contract_are_logged(app: TestApp) {
        let (here, elsewhere) = (app.household().create().await, app.household().in_commune("01900").create().await);
        let office = app.labour().await;
        let insured = with(member(&elsewhere.head().personal_id), "insuranceNo", "0612345678");
        let insured = with(roll("ins", &elsewhere.code, &json!([insured])), "unitCode", "01900");
        office.push_records("households", &[insured]).await.expect(200);
        let (person, bank) = (subject_of(&app, &elsewhere).await, app.bank("063").await);
        app.bank("06").await.push_records("loan-disbursements", &[disbursement("X", elsewhere.head())]).await.expect(200);
        let commune = app.client(Role::Commune, Some("063")).await;

        let member = with(member("006080777777"), "insuranceNo", "0612345678");
        let taken = commune.push("households", &atomic(&[roll("A", "H9", &json!([member]))])).await.expect(422);
        let held = with(disbursement("A", here.head()), "contractNo", "HD-X");
        let held = bank.push("loan-disbursements", &atomic(&[held])).await.expect(422);

        assert_eq!(codes(&taken.json["errors"]), ["INSURANCE_NO_TAKEN"]);
        assert_eq!(subjects(&entry_of(&app, &taken).await), [person]);
        assert_eq!(codes(&held.json["errors"]), ["CONTRACT_MISMATCH"]);
        let entry = entry_of(&app, &held).await;
        assert_eq!((subjects(&entry), &entry.disclosed["Loan"]), (vec![key(&elsewhere.id)], &json!(1)));
    }

    /// That a row is not among those refused tells that its person is known.
    async fn a_refused_push_is_a_read_of_whom_its_other_rows_mean(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let person = subject_of(&app, &household).await;
        let bank = app.bank("063").await;
        let bad = with(disbursement("bad", household.head()), "amount", 0);
        let nobody = Person::new("", "MALE", 1990, 999_999);

        let known = bank.push("loan-disbursements", &atomic(&[disbursement("A", household.head()), bad.clone()])).await;
        let unknown = bank.push("loan-disbursements", &atomic(&[disbursement("B", &nobody), bad])).await;

        assert_eq!(subjects(&entry_of(&app, &known.expect(422)).await), [person]);
        assert_eq!(entry_of(&app, &unknown.expect(422)).await.record_count, 0);
    }

    async fn two_numbers_of_one_person_elsewhere_are_not_told_to_be_so(app: TestApp) {
        let elsewhere = app.household().in_commune("01900").create().await;
        let office = app.labour().await;
        let insured = with(member(&elsewhere.head().personal_id), "insuranceNo", "0612345678");
        let insured = with(roll("ins", &elsewhere.code, &json!([insured])), "unitCode", "01900");
        office.push_records("households", &[insured]).await.expect(200);
        let other = app.household().in_commune("01900").create().await;
        let commune = app.client(Role::Commune, Some("063")).await;

        let mut told = Vec::new();
        for (reference, person) in [("A", elsewhere.head()), ("B", other.head())] {
            let member = with(member(&person.personal_id), "insuranceNo", "0612345678");
            let answer = commune.push_records("households", &[roll(reference, "H9", &json!([member]))]).await.expect(200);
            told.push(answer.rows()[0]["errors"].clone());
        }

        assert_eq!(told[0], told[1]);
        assert_eq!(codes(&told[0]), ["REGISTERED_ELSEWHERE"]);
    }

    async fn a_client_is_told_of_so_many_records_elsewhere_and_no_more(reserved: Reserved) {
        let app = reserved.0;
        let mut people = Vec::new();
        for _ in 0..5 {
            people.push(app.household().in_commune("01900").create().await.head().personal_id.clone());
        }
        let here = app.household().create().await;
        let (office, other) = (app.client(Role::Labour, Some("063")).await, app.client(Role::Commune, Some("063")).await);
        let ask = async |client: &Client, person: &str| {
            let row = roll(person, "H9", &json!([member(person)]));
            client.push("households", &atomic(&[row])).await
        };

        for person in &people[..3] {
            let answer = ask(&office, person).await.expect(422);
            assert_eq!(codes(&answer.json["errors"]), ["REGISTERED_ELSEWHERE"]);
        }
        let refused = ask(&office, &people[3]).await.expect(429);
        let unknown = ask(&office, "006080777777").await.expect(429);

        assert_eq!((&refused.json["code"], &refused.json["reason"]), (&json!("RATE_LIMITED"), &json!("ELSEWHERE_LIMIT")));
        assert_eq!(refused.header("retry-after"), "1200");
        assert_eq!(refused.text.len(), unknown.text.len(), "the next push tells nothing either, whomever it names");
        ask(&other, &people[4]).await.expect(422);
        app.clock.advance(TimeDelta::minutes(20));
        let office = office.with_token(None).signed_in().await;
        assert_eq!(codes(&ask(&office, &people[3]).await.expect(422).json["errors"]), ["REGISTERED_ELSEWHERE"]);
        // Nobody elsewhere is told of by the numbers of one's own area.
        app.clock.advance(TimeDelta::minutes(20));
        let office = office.with_token(None).signed_in().await;
        for reference in 0..5 {
            let twice = json!([member(&here.head().personal_id), member(&here.head().personal_id)]);
            let row = roll(&reference.to_string(), &here.code, &twice);
            office.push("households", &atomic(&[row])).await.expect(422);
        }
    }
}

fn member(personal_id: &str) -> Value {
    json!({ "personalId": personal_id, "fullName": "Hoàng Văn Tú", "birthYear": 1980, "sex": "MALE", "relation": "HEAD" })
}

fn roll(reference: &str, code: &str, members: &Value) -> Value {
    json!({
        "reference": reference, "householdCode": code, "unitCode": "01969", "registeredOn": "2022-01-01",
        "members": members,
    })
}

fn atomic(records: &[Value]) -> Value {
    json!({ "records": records, "atomic": true })
}

fn key(text: &str) -> Uuid {
    text.parse().unwrap()
}

fn subjects(entry: &audit_entry::Model) -> Vec<Uuid> {
    entry.subjects.chunks(16).map(|id| Uuid::from_slice(id).unwrap()).collect()
}

/// The person at the head of a household.
async fn subject_of(app: &TestApp, household: &Household) -> Uuid {
    let query = format!("{{ person(personalId: \"{}\") {{ id }} }}", household.head().personal_id);
    let answer = app.labour().await.post("/graphql", &json!({ "query": query })).await.expect(200);
    let entry = audit_entry::Entity::find().order_by_desc(audit_entry::Column::Seq).one(app.db().read()).await.unwrap();
    assert!(answer.json["data"]["person"]["id"].is_string(), "{}", answer.text);
    subjects(&entry.unwrap())[0]
}

/// The one entry that a request has left.
async fn entry_of(app: &TestApp, answer: &Answer) -> audit_entry::Model {
    use sea_orm::{ColumnTrait, QueryFilter};
    let of_request = audit_entry::Column::RequestId.eq(answer.header("x-request-id"));
    let mut entries = audit_entry::Entity::find().filter(of_request).all(app.db().read()).await.unwrap();
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries.remove(0)
}
