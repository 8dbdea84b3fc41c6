//! The question of the health office: who is covered on a day.

use ansinh::access::Role;
use entity::audit_entry;
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::harness::{
    Client, TestApp, both,
    client::Answer,
    people::{Person, card, with},
};

both! {
    async fn each_reason_is_told_in_the_order_asked(app: TestApp) {
        let household = app.household();
        let names = ["Hoàng Văn Tú", "Nông Thị Hoa", "Hoàng Văn An", "Hoàng Thị Mai"];
        let household = names.iter().fold(household, |household, name| household.member(name, "MALE", 1980));
        let household = household.poor(2022).create().await;
        let [covered, none, expired, later] = &household.members[..] else { panic!("four") };
        let health = app.health("063").await;
        let cards = [
            card("A", covered),
            with(with(card("B", expired), "validFrom", "2021-01-01"), "validTo", "2021-12-31"),
            with(card("C", later), "validFrom", "2022-07-01"),
        ];
        health.push_records("health-insurance-cards", &cards).await.expect(200);
        let nobody = Person::new("", "MALE", 1990, 999_999);

        let asked = [later, covered, &nobody, none, expired, covered];
        let answer = ask(&health, &asked, "2022-06-30").await.expect(200);

        let reasons: Vec<_> = answer.json["results"].as_array().unwrap().iter().map(|row| &row["reason"]).collect();
        assert_eq!(reasons, ["NOT_YET_VALID", "COVERED", "UNKNOWN_PERSON", "NO_CARD", "EXPIRED", "COVERED"]);
        assert_eq!(answer.json["asOf"], "2022-06-30");
        let first = &answer.json["results"][1];
        assert_eq!(first["personalId"], covered.personal_id);
        assert_eq!((&first["covered"], &first["validTo"]), (&json!(true), &json!("2022-12-31")));
        assert_eq!(answer.json["results"][4]["validTo"], "2021-12-31");
        assert_eq!(answer.json["results"][3]["cardNo"], Value::Null);
    }

    async fn the_day_decides_and_today_is_the_default(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;
        health.push_records("health-insurance-cards", &[card("A", household.head())]).await.expect(200);

        for (day, reason) in [
            ("2021-12-31", "NOT_YET_VALID"),
            ("2022-01-01", "COVERED"),
            ("2022-12-31", "COVERED"),
            ("2023-01-01", "EXPIRED"),
        ] {
            let answer = ask(&health, &[household.head()], day).await.expect(200);
            assert_eq!(answer.json["results"][0]["reason"], reason, "{day}");
        }
        // New Year's Eve in London, New Year in Hà Nội.
        app.clock.set("2022-06-30T17:30:00Z");
        let health = app.register("late", Role::Health, Some("063"), &ansinh::access::Scope::ALL).await.signed_in().await;
        let body = json!({ "personalIds": [household.head().personal_id] });
        let today = health.post("/v1/insurance-coverage/query", &body).await.expect(200);
        assert_eq!(today.json["asOf"], "2022-07-01");
    }

    async fn of_two_cards_the_one_that_lasts_longest_counts(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;
        let longer = with(with(card("B", household.head()), "validTo", "2023-03-31"), "cardNo", "1234567890");
        health.push_records("health-insurance-cards", &[card("A", household.head()), longer]).await.expect(200);

        let answer = ask(&health, &[household.head()], "2022-06-30").await.expect(200);

        assert_eq!(answer.json["results"][0]["cardNo"], "1234567890");
    }

    async fn a_person_of_another_area_is_unknown(app: TestApp) {
        let elsewhere = app.household().in_commune("01900").poor(2022).create().await;
        let (here, province) = (app.health("063").await, app.health("06").await);
        province.push_records("health-insurance-cards", &[card("A", elsewhere.head())]).await.expect(200);
        let nobody = Person::new("", "MALE", 1990, 999_999);

        let answer = ask(&here, &[elsewhere.head(), &nobody], "2022-06-30").await.expect(200);

        let told = |row: &Value| with(row.clone(), "personalId", Value::Null);
        assert_eq!(told(&answer.json["results"][0]), told(&answer.json["results"][1]));
        assert_eq!(answer.json["results"][0]["reason"], "UNKNOWN_PERSON");
        let above = ask(&province, &[elsewhere.head()], "2022-06-30").await.expect(200);
        assert_eq!(above.json["results"][0]["reason"], "COVERED");
        let country = app.client(Role::Health, None).await;
        let of_all = ask(&country, &[elsewhere.head(), &nobody], "2022-06-30").await.expect(200);
        let reasons: Vec<&Value> = of_all.json["results"].as_array().unwrap().iter().map(|row| &row["reason"]).collect();
        assert_eq!(reasons, ["COVERED", "UNKNOWN_PERSON"]);
    }

    async fn ten_thousand_are_answered_with_the_statements_of_one(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;
        let one = [household.head().personal_id.clone()];
        let many: Vec<String> = (0..10_000).map(|i| format!("006190{i:06}")).collect();
        let ask = async |ids: Vec<String>| {
            let before = app.db().statements();
            let answer = health.post("/v1/insurance-coverage/query", &json!({ "personalIds": ids })).await.expect(200);
            (answer.json["results"].as_array().unwrap().len(), app.db().statements() - before)
        };

        // The first use of a token looks up its area.
        ask(one.to_vec()).await;
        let (_, few) = ask(one.to_vec()).await;
        let (answered, statements) = ask([&one[..], &many[1..]].concat()).await;

        assert_eq!((answered, statements), (10_000, few));
    }

    async fn what_was_shown_and_why_is_in_the_log_before_the_answer_leaves(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;
        let body = json!({ "personalIds": [household.head().personal_id], "purpose": "khám bệnh" });

        let request = health.request(Method::POST, "/v1/insurance-coverage/query").json(&body);
        let answer = Answer::of(request.header("x-request-id", "ask-1")).await.expect(200);

        assert_eq!(answer.header("x-request-id"), "ask-1");
        let entries = audit_entry::Entity::find().filter(audit_entry::Column::RequestId.eq("ask-1"));
        let entries = entries.all(app.db().read()).await.unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].record_count, entries[0].purpose.as_deref()), (1, Some("khám bệnh")));
        assert_eq!(entries[0].subjects.len(), 16, "the person");
        assert_eq!(app.audited("POST /v1/insurance-coverage/query").await, 1);
    }

    async fn that_nobody_was_found_is_in_the_log_too(app: TestApp) {
        let elsewhere = app.household().in_commune("01900").create().await;
        let (health, labour) = (app.health("063").await, app.client(Role::Labour, Some("063")).await);
        let nobody = Person::new("", "MALE", 1990, 999_999);

        for (asked, person) in [("ask-1", elsewhere.head()), ("ask-2", &nobody)] {
            let number = &person.personal_id;
            let of_number = format!("{{ person(personalId: \"{number}\") {{ fullName }} }}");
            let of_cover = format!("{{ insuranceCoverage(personalIds: [\"{number}\"]) {{ results {{ reason }} }} }}");
            let coverage = health.request(Method::POST, "/v1/insurance-coverage/query");
            for request in [
                coverage.json(&json!({ "personalIds": [number] })),
                health.request(Method::POST, "/graphql").json(&json!({ "query": of_cover })),
                labour.request(Method::POST, "/graphql").json(&json!({ "query": of_number })),
            ] {
                let answer = Answer::of(request.header("x-request-id", asked)).await.expect(200);
                assert_eq!(answer.json["errors"], Value::Null, "{}", answer.text);
            }
            let entries = audit_entry::Entity::find().filter(audit_entry::Column::RequestId.eq(asked));
            let entries = entries.all(app.db().read()).await.unwrap();
            assert_eq!(entries.len(), 3, "{entries:?}");
            assert!(entries.iter().all(|entry| entry.record_count == 0 && entry.subjects.is_empty()));
        }
    }

    async fn who_may_not_know_is_refused(app: TestApp) {
        let household = app.household().poor(2022).create().await;

        for role in [Role::PolicyBank, Role::Education, Role::Leadership, Role::Administrator] {
            let client = app.client(role, Some("063")).await;
            let answer = ask(&client, &[household.head()], "2022-06-30").await.expect(403);
            assert_eq!(answer.json["code"], "FORBIDDEN", "{role}");
        }
    }
}

async fn ask(client: &Client, people: &[&Person], day: &str) -> Answer {
    let ids: Vec<_> = people.iter().map(|person| &person.personal_id).collect();
    client.post("/v1/insurance-coverage/query", &json!({ "personalIds": ids, "asOf": day })).await
}
