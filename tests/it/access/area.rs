//! What lies outside the caller's area is not there: no answer differs from that about something that does not exist.

use ansinh::access::Role;
use serde_json::{Value, json};

use super::world::{DISTRICT, World, ask, data};
use crate::harness::{Client, TestApp, both, client::Answer};

/// A key of nothing.
const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// Roles that look up single records.
const READERS: [Role; 6] =
    [Role::Labour, Role::Health, Role::Education, Role::PolicyBank, Role::Commune, Role::Auditor];

async fn alike(client: &Client, role: Role, document: impl Fn(&str) -> String, real: &str, invented: &str) {
    let (found, missing) = (ask(client, &document(real)).await, ask(client, &document(invented)).await);
    assert_eq!(found, missing, "{role} {}", document(real));
}

/// An answer without what tells requests apart.
fn bare(answer: &Answer) -> (u16, Value) {
    let mut body = answer.json.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("requestId");
    }
    (answer.status, body)
}

both! {
    async fn a_record_of_another_province_is_as_if_it_were_not(app: TestApp) {
        let world = World::of(&app).await;
        let away = &world.away;
        let keys = [&away.id, &away.loan, &away.head_id, &away.review, &away.disbursement, &away.card, &away.subsidy, &away.support];

        for role in READERS {
            let client = app.client(role, Some(DISTRICT)).await;
            for key in keys {
                alike(&client, role, |id| format!("{{node(id:\"{id}\"){{__typename id}}}}"), key, NOBODY).await;
            }
            alike(&client, role, |id| format!("{{household(id:\"{id}\"){{id}}}}"), &away.id, NOBODY).await;
            alike(&client, role, |code| format!("{{household(code:\"{code}\"){{id}}}}"), &away.code, "H999999").await;
            let number = |number: &str| format!("{{person(personalId:\"{number}\"){{id}}}}");
            for person in [&away.head, &away.child] {
                alike(&client, role, number, &person.personal_id, "006080999999").await;
            }
            alike(&client, role, |id| format!("{{loan(id:\"{id}\"){{id}}}}"), &away.loan, NOBODY).await;
            let contract = |number: &str| format!("{{loan(contractNo:\"{number}\"){{id}}}}");
            alike(&client, role, contract, &away.contract, "HD-nothing").await;
        }
    }

    async fn its_own_office_does_find_it(app: TestApp) {
        let world = World::of(&app).await;
        let client = app.client(Role::Labour, Some("001")).await;

        let answer = ask(&client, &format!("{{household(id:\"{}\"){{code}}}}", world.away.id)).await;

        assert_eq!(data(&answer)["household"]["code"], world.away.code);
        let answer = ask(&client, &format!("{{household(id:\"{}\"){{code}}}}", world.family.id)).await;
        assert!(data(&answer)["household"].is_null(), "{answer}");
    }

    async fn the_push_of_another_is_as_if_it_were_not(app: TestApp) {
        let world = World::of(&app).await;

        for role in READERS {
            let client = app.client(role, Some(DISTRICT)).await;
            for (_, batch) in world.family.batches.iter().filter(|(sender, _)| *sender != role).chain(&world.away.batches) {
                for rest in ["", "/results", "/errors.csv"] {
                    let theirs = client.get(&format!("/v1/batches/{batch}{rest}")).await;
                    let nobodys = client.get(&format!("/v1/batches/{NOBODY}{rest}")).await;
                    assert_eq!(bare(&theirs), bare(&nobodys), "{role} {rest}");
                    // An auditor may not ask for pushes at all.
                    assert_eq!(theirs.status, if role == Role::Auditor { 403 } else { 404 }, "{role} {rest}");
                }
                alike(&client, role, |id| format!("{{batch(id:\"{id}\"){{id}}}}"), batch, NOBODY).await;
            }
        }
    }

    async fn lists_and_counts_end_at_the_border(app: TestApp) {
        let world = World::of(&app).await;
        let lists = [
            ("households", "households", Role::Labour, 2, 3),
            ("household-reviews", "", Role::Labour, 2, 3),
            ("loan-disbursements", "loanDisbursements", Role::PolicyBank, 1, 2),
            ("health-insurance-cards", "healthInsuranceCards", Role::Health, 1, 2),
            ("medical-visits", "medicalVisits", Role::Health, 1, 2),
            ("education-subsidies", "educationSubsidies", Role::Education, 1, 2),
            ("electricity-supports", "electricitySupports", Role::Labour, 1, 2),
        ];

        for (slug, list, role, here, everywhere) in lists {
            for (unit, expected) in [(Some(DISTRICT), here), (Some("01969"), here), (Some("001"), everywhere - here), (None, everywhere)] {
                let client = app.client(role, unit).await;

                let rest = client.get(&format!("/v1/{slug}")).await.expect(200);

                let told = rest.json["records"].as_array().unwrap().len();
                assert_eq!(told, expected, "{role} {unit:?} {slug}");
                let away = rest.text.contains(&world.away.code) || rest.text.contains(&world.away.head.personal_id);
                assert!(unit.is_none_or(|unit| unit == "001") || !away, "{}", rest.text);
                if !list.is_empty() {
                    let answer = ask(&client, &format!("{{{list}{{totalCount nodes{{id}}}}}}")).await;
                    assert_eq!(data(&answer)[list]["totalCount"], expected, "{role} {unit:?} {list}");
                    assert_eq!(data(&answer)[list]["nodes"].as_array().unwrap().len(), expected, "{role} {unit:?} {list}");
                }
            }
        }
    }

    async fn sums_end_at_the_border(app: TestApp) {
        World::of(&app).await;
        let turns = async |unit| {
            let client = app.client(Role::Labour, unit).await;
            let document = "{loanSummary{turns amount} educationSummary{turns} electricitySummary{turns} coverageSummary{covered}}";
            let answer = ask(&client, document).await;
            data(&answer).clone()
        };

        let (here, everywhere) = (turns(Some(DISTRICT)).await, turns(None).await);

        assert_eq!((&here["loanSummary"][0]["turns"], &here["loanSummary"][0]["amount"]), (&json!(1), &json!(50_000_000)));
        assert_eq!(everywhere["loanSummary"][0]["turns"], 2);
        assert_eq!((&here["educationSummary"][0]["turns"], &everywhere["educationSummary"][0]["turns"]), (&json!(1), &json!(2)));
        assert_eq!((&here["electricitySummary"][0]["turns"], &everywhere["electricitySummary"][0]["turns"]), (&json!(1), &json!(2)));
        let covered = |answer: &Value| {
            answer["coverageSummary"].as_array().unwrap().iter().filter_map(|line| line["covered"].as_i64()).sum::<i64>()
        };
        assert_eq!((covered(&here), covered(&everywhere)), (1, 2));
    }

    async fn a_filter_by_a_unit_elsewhere_finds_what_one_by_an_empty_unit_finds(app: TestApp) {
        World::of(&app).await;
        let client = app.client(Role::Labour, Some(DISTRICT)).await;

        for slug in ["households", "household-reviews", "loan-disbursements", "electricity-supports"] {
            let elsewhere = client.get(&format!("/v1/{slug}?unit=00001")).await.expect(200);
            let nowhere = client.get(&format!("/v1/{slug}?unit=00004")).await.expect(200);
            assert_eq!(bare(&elsewhere), bare(&nowhere), "{slug}");
            assert_eq!(elsewhere.json["records"], json!([]), "{slug}");
        }
    }

    async fn coverage_of_a_person_elsewhere_is_that_of_nobody(app: TestApp) {
        let world = World::of(&app).await;
        let client = app.health(DISTRICT).await;
        let ids = [&world.away.head.personal_id, "006080999999", &world.family.head.personal_id];

        let rest = client.post("/v1/insurance-coverage/query", &json!({ "personalIds": ids })).await.expect(200);
        let graphql = ask(&client, &format!("{{insuranceCoverage(personalIds:{ids:?}){{results{{covered reason cardNo}}}}}}")).await;

        let reasons: Vec<&Value> = rest.json["results"].as_array().unwrap().iter().map(|answer| &answer["reason"]).collect();
        assert_eq!(reasons, ["UNKNOWN_PERSON", "UNKNOWN_PERSON", "COVERED"]);
        let results = &data(&graphql)["insuranceCoverage"]["results"];
        assert_eq!(results[0], results[1]);
        assert_eq!(results[2]["cardNo"], world.family.card_no);
    }
}
