//! Within its area the bank sees households that borrow, the school those of its pupils; leaders see sums of many.

use ansinh::access::Role;
use serde_json::{Value, json};

use super::world::{DISTRICT, World, ask, data, is_forbidden};
use crate::harness::{TestApp, both, people::disbursement};

both! {
    async fn the_bank_sees_borrowers_and_the_school_pupils(app: TestApp) {
        let world = World::of(&app).await;
        let neighbour = &world.neighbour;

        for (role, persons) in [(Role::PolicyBank, 2), (Role::Education, 1)] {
            let client = app.client(role, Some(DISTRICT)).await;

            let lists = ask(&client, "{households{totalCount nodes{id}} persons{totalCount}}").await;
            let one = ask(&client, &format!("{{household(id:\"{}\"){{id}}}}", neighbour.id)).await;
            let code = ask(&client, &format!("{{household(code:\"{}\"){{id}}}}", neighbour.code)).await;
            let node = ask(&client, &format!("{{node(id:\"{}\"){{id}}}}", neighbour.id)).await;
            let number = &neighbour.head().personal_id;
            let person = ask(&client, &format!("{{person(personalId:\"{number}\"){{id}}}}")).await;
            let rest = client.get("/v1/households").await.expect(200);

            assert_eq!(data(&lists)["households"]["totalCount"], 1, "{role}");
            assert_eq!(data(&lists)["households"]["nodes"][0]["id"], world.family.id, "{role}");
            assert_eq!(data(&lists)["persons"]["totalCount"], persons, "{role}");
            for answer in [&one, &code, &node, &person] {
                let found: Vec<&Value> = data(answer).as_object().unwrap().values().collect();
                assert_eq!(found, [&json!(null)], "{role}");
            }
            let told: Vec<&Value> = rest.json["records"].as_array().unwrap().iter().map(|record| &record["id"]).collect();
            assert_eq!(told, [&json!(world.family.id)], "{role}");
        }
        for role in [Role::Labour, Role::Health, Role::Commune, Role::Auditor] {
            let client = app.client(role, Some(DISTRICT)).await;
            let answer = ask(&client, &format!("{{household(id:\"{}\"){{id}}}}", neighbour.id)).await;
            assert_eq!(data(&answer)["household"]["id"], neighbour.id, "{role}");
        }
    }

    async fn who_borrows_later_is_seen_from_then_on(app: TestApp) {
        let world = World::of(&app).await;
        let bank = app.bank(DISTRICT).await;

        bank.push_records("loan-disbursements", &[disbursement("later", world.neighbour.head())]).await.expect(200);

        let answer = ask(&bank, &format!("{{household(id:\"{}\"){{id}}}}", world.neighbour.id)).await;
        assert_eq!(data(&answer)["household"]["id"], world.neighbour.id);
    }

    async fn leaders_see_no_cell_that_could_tell_who_is_meant(app: TestApp) {
        let world = World::of(&app).await;
        let leaders = app.client(Role::Leadership, Some(DISTRICT)).await;
        let document = "{loanSummary{programme turns beneficiaries amount} educationSummary{programme turns beneficiaries amount \
            riceKg} electricitySummary{programme turns beneficiaries amount} coverageSummary{povertyClass persons covered}}";

        let few = ask(&leaders, document).await;

        for (list, lines) in data(&few).as_object().unwrap() {
            for (cell, value) in lines.as_array().unwrap().iter().flat_map(|line| line.as_object().unwrap()) {
                assert!(matches!(cell.as_str(), "programme" | "povertyClass") || value.is_null(), "{list}.{cell}: {value}");
            }
        }
        assert!(is_forbidden(&ask(&leaders, "{households{totalCount}}").await));
        assert!(is_forbidden(&ask(&leaders, &format!("{{node(id:\"{}\"){{id}}}}", world.family.id)).await));

        let bank = app.bank(DISTRICT).await;
        for number in 0..5 {
            let household = app.household().poor(2022).create().await;
            let record = disbursement(&format!("many {number}"), household.head());
            bank.push_records("loan-disbursements", &[record]).await.expect(200);
        }
        let many = ask(&leaders, document).await;
        let line = &data(&many)["loanSummary"][0];
        assert_eq!((&line["turns"], &line["beneficiaries"], &line["amount"]), (&json!(6), &json!(6), &json!(300_000_000)));
    }
}
