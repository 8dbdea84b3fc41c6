//! Reading a household with all that belongs to it.

use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use super::{ask, code, send};
use crate::harness::{
    TestApp, both,
    people::{card, disbursement},
};

const NESTED: &str = r#"{ households(first: 50) { edges { node {
    code unit { code } povertyClass(asOf: "2022-03-15") reviews { year decidedClass }
    members(asOf: "2022-03-15") { relation person { fullName personalId
        healthInsuranceCards { groupCode validTo } educationSubsidies { programme amount } } }
    loans { programme disbursements { amount disbursedOn classOnDate findings { code } } }
    electricitySupports { year quarter amount } } } } }"#;

/// A poor household with a loan, a card, a subsidy and electricity support.
async fn household(app: &TestApp, name: &str) {
    let made =
        app.household().poor(2022).member(name, "FEMALE", 1985).member("Lường Văn Con", "MALE", 2010).create().await;
    let (head, child) = (made.head().clone(), made.members[1].clone());
    let bank = app.bank("063").await;
    bank.push_records("loan-disbursements", &[disbursement(&format!("L {name}"), &head)]).await.expect(200);
    let health = app.health("063").await;
    health.push_records("health-insurance-cards", &[card(&format!("C {name}"), &head)]).await.expect(200);
    let subsidy = json!({ "reference": format!("S {name}"), "personalId": child.personal_id, "amount": 600_000,
        "programme": "education_learning_cost", "schoolYear": "2021-2022", "semester": 2, "months": 4, "monthlyRate": 150_000 });
    app.education("063").await.push_records("education-subsidies", &[subsidy]).await.expect(200);
    let support = json!({ "reference": format!("E {name}"), "householdCode": made.code, "unitCode": made.commune,
        "year": 2022, "quarter": 1, "amount": 165_000, "group": "POOR" });
    app.labour().await.push_records("electricity-supports", &[support]).await.expect(200);
}

both! {
    async fn a_household_is_read_with_all_that_belongs_to_it(app: TestApp) {
        household(&app, "Lường Thị Đào").await;
        let labour = app.labour().await;

        let data = ask(&labour, NESTED).await;

        let node = &data["households"]["edges"][0]["node"];
        assert_eq!(node["povertyClass"], "POOR");
        assert_eq!(node["reviews"], json!([{ "year": 2021, "decidedClass": "POOR" }]));
        let people = node["members"].as_array().unwrap();
        let head = people.iter().find(|member| member["relation"] == "HEAD").unwrap();
        let child = people.iter().find(|member| member["relation"] == "CHILD").unwrap();
        assert_eq!(head["person"]["healthInsuranceCards"], json!([{ "groupCode": "HN", "validTo": "2022-12-31" }]));
        assert_eq!(child["person"]["educationSubsidies"][0]["amount"], 600_000);
        let paid = &node["loans"][0]["disbursements"][0];
        assert_eq!((&paid["amount"], &paid["classOnDate"]), (&json!(50_000_000), &json!("POOR")));
        assert_eq!(node["electricitySupports"], json!([{ "year": 2022, "quarter": 1, "amount": 165_000 }]));
    }

    /// The number of statements depends on the relations asked for, not on the rows.
    async fn ten_households_cost_as_many_statements_as_one(app: TestApp) {
        let labour = app.labour().await;
        household(&app, "Lường Thị Một").await;
        ask(&labour, NESTED).await;

        let before = app.db().statements();
        ask(&labour, NESTED).await;
        let one = app.db().statements() - before;
        for name in ["Hai", "Ba", "Bốn", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười"] {
            household(&app, &format!("Lường Thị {name}")).await;
        }
        let before = app.db().statements();
        let data = ask(&labour, NESTED).await;
        let ten = app.db().statements() - before;

        assert_eq!(data["households"]["edges"].as_array().unwrap().len(), 10);
        assert_eq!(one, ten);
        // Households, units, reviews, members with their persons, numbers, cards, subsidies, loans, disbursements,
        // findings, supports, and the entry of the log.
        assert_eq!(ten, 11);
    }

    async fn a_read_is_on_record_before_its_answer_leaves(app: TestApp) {
        household(&app, "Lường Thị Đào").await;
        let labour = app.labour().await;

        ask(&labour, "{ households { edges { node { headName members { person { fullName } } } } } }").await;

        let last = entity::audit_entry::Entity::find().order_by_desc(entity::audit_entry::Column::Seq);
        let last = last.one(app.db().read()).await.unwrap().unwrap();
        assert_eq!(last.action, "graphql: households");
        assert_eq!(last.disclosed, json!({ "Household": 1, "Person": 2 }));
        assert_eq!((last.record_count, last.subjects.len()), (3, 3 * 16));
    }

    async fn a_role_is_refused_what_its_task_does_not_need(app: TestApp) {
        household(&app, "Lường Thị Đào").await;

        let health = app.health("063").await;
        let loans = send(&health, "{ loans(first: 1) { totalCount } }").await;
        let nested = send(&health, "{ households { edges { node { loans { programme } } } } }").await;
        let bank = app.bank("063").await;
        let reviews = send(&bank, "{ households { edges { node { reviews { scoreB1 } } } } }").await;

        for answer in [&loans, &nested, &reviews] {
            assert_eq!((code(answer), answer.json.get("data")), ("FORBIDDEN", None), "{}", answer.text);
        }
        assert!(app.audited("graphql: loans").await > 0, "a refusal is on record");
    }

    async fn what_lies_outside_the_area_is_not_found(app: TestApp) {
        let elsewhere = app.household().in_commune("01900").create().await;
        let health = app.health("063").await;

        let by_id = format!(r#"{{ household(id: "{}") {{ code }} node(id: "{0}") {{ id }} }}"#, elsewhere.id);
        let data = ask(&health, &by_id).await;
        let person = &elsewhere.head().personal_id;
        let by_number = ask(&health, &format!(r#"{{ person(personalId: "{person}") {{ fullName }} }}"#)).await;
        let all = ask(&health, "{ households { totalCount } }").await;

        assert_eq!(data, json!({ "household": null, "node": null }));
        assert_eq!(by_number["person"], json!(null));
        assert_eq!(all["households"]["totalCount"], 0);
    }

    /// A card stays in the area it was recorded in; the person who has moved away since does not.
    async fn a_person_who_moved_out_of_the_area_is_not_reached_through_old_records(app: TestApp) {
        let made = app.household().member("Ma Thị Lan", "FEMALE", 1991).create().await;
        let health = app.health("063").await;
        health.push_records("health-insurance-cards", &[card("A", made.head())]).await.expect(200);
        let head = made.head();
        let moved = json!({ "reference": "moved", "householdCode": "ELSEWHERE", "unitCode": "01900",
            "registeredOn": "2022-05-01", "members": [{ "personalId": head.personal_id, "fullName": head.name,
            "birthYear": head.born, "sex": head.sex, "relation": "HEAD" }] });
        let answer = app.labour().await.push_records("households", &[moved]).await.expect(200);
        assert_eq!(answer.outcomes(), ["ACCEPTED"], "{}", answer.text);

        let data = ask(&health, r#"{ healthInsuranceCards { edges { node { person { fullName unit { code } } } } }
            households { edges { node { members(asOf: "2022-03-01") { person { fullName } } } } } }"#).await;

        assert_eq!(data["healthInsuranceCards"]["edges"], json!([{ "node": { "person": null } }]));
        assert_eq!(data["households"]["edges"], json!([{ "node": { "members": [] } }]));
    }

    async fn a_look_up_by_key_says_whom_it_concerns(app: TestApp) {
        let made = app.household().create().await;
        let health = app.health("063").await;
        let pushed = health.push_records("health-insurance-cards", &[card("A", made.head())]).await.expect(200);

        ask(&health, &format!("{{ node(id: {}) {{ id }} }}", pushed.rows()[0]["id"])).await;

        let last = entity::audit_entry::Entity::find().order_by_desc(entity::audit_entry::Column::Seq);
        let last = last.one(app.db().read()).await.unwrap().unwrap();
        assert_eq!((last.action.as_str(), last.subjects.len()), ("graphql: node", 16));
    }

    async fn a_person_shows_the_household_of_the_day(app: TestApp) {
        let made = app.household().member("Nông Thị Sen", "FEMALE", 1990).create().await;
        let labour = app.labour().await;

        let query = format!(
            r#"{{ person(personalId: "{}") {{ fullName household(asOf: "2022-06-30") {{ code members {{ person {{ fullName }} }} }} }} }}"#,
            made.head().personal_id
        );
        let data = ask(&labour, &query).await;

        assert_eq!(data["person"]["household"]["code"], made.code.as_str());
        assert_eq!(data["person"]["household"]["members"][0]["person"]["fullName"], "Nông Thị Sen");
    }
}
