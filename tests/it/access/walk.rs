//! The whole table, walked: every role at every field of every type, asked for through GraphQL and REST.

use std::collections::HashSet;

use ansinh::{
    access::{Grant, Role, policy},
    domain::personal_id::mask,
    kinds,
};
use serde_json::json;

use super::{
    schema::{Field, Schema, Step},
    world::{DISTRICT, World, ask, data, is_forbidden},
};
use crate::harness::{TestApp, both};

/// Root types; their fields are asked for by themselves.
const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscription"];

fn grant(role: Role, of: &str, field: &str) -> Grant {
    policy::table().grant(role, of, field)
}

fn is_granted(role: Role, of: &str, field: &str) -> bool {
    grant(role, of, field) != Grant::None
}

/// What a root field must be given to be asked at all.
fn arguments(world: &World, role: Role, field: &Field) -> String {
    let family = &world.family;
    let own = family.batches.iter().find(|(sender, _)| *sender == role).map(|(_, id)| id);
    match field.name.as_str() {
        "administrativeUnit" => "(code:\"01969\")".to_owned(),
        "administrativeUnits" => "(search:\"Phủ Thông\")".to_owned(),
        "batch" => format!("(id:\"{}\")", own.unwrap_or(&family.id)),
        "household" | "node" => format!("(id:\"{}\")", family.id),
        "person" => format!("(id:\"{}\")", family.head_id),
        "loan" => format!("(id:\"{}\")", family.loan),
        "insuranceCoverage" => format!("(personalIds:[\"{}\"])", family.head.personal_id),
        _ if field.paged => "(first:2)".to_owned(),
        _ => String::new(),
    }
}

/// The document that asks for something at the end of a way.
fn document(world: &World, role: Role, way: &[Step], asked: &str) -> String {
    let opened = way.iter().map(|(of, field)| {
        let arguments = if of == "Query" { arguments(world, role, field) } else { String::new() };
        format!("{{{}{arguments}", field.name)
    });
    format!("{}{{{asked}}}{}", opened.collect::<String>(), "}".repeat(way.len()))
}

both! {
    async fn the_table_names_every_field_and_no_other(app: TestApp) {
        let _ = app;
        let (schema, table) = (Schema::read(), policy::table());

        let unnamed: Vec<_> = schema.fields().filter(|(of, field)| !table.names(of, &field.name)).collect();
        let named: HashSet<(&str, &str)> = schema.fields().map(|(of, field)| (of, field.name.as_str())).collect();
        let types = schema.types();
        let dead: Vec<_> = table
            .rows()
            .filter(|(of, field)| match *field {
                "(rows)" | "*" => !types.contains(of),
                field => !named.contains(&(*of, field)),
            })
            .collect();

        assert!(unnamed.is_empty(), "granted to nobody: {unnamed:?}");
        assert!(dead.is_empty(), "rows of nothing: {dead:?}");
    }

    async fn every_role_may_ask_exactly_what_the_table_says(app: TestApp) {
        let world = World::of(&app).await;
        let schema = Schema::read();

        for role in Role::ALL {
            let client = app.client(role, Some(DISTRICT)).await;
            for field in &schema.0["Query"] {
                let document = format!("{{{}}}", schema.selection(field, &arguments(&world, role, field)));

                let answer = ask(&client, &document).await;

                assert_eq!(!is_forbidden(&answer), is_granted(role, "Query", &field.name), "{role} {document} {answer}");
            }
            for field in &schema.0["Mutation"] {
                let document = format!("mutation{{{}(input:{{records:[]}}){{__typename}}}}", field.name);

                let answer = ask(&client, &document).await;

                assert_eq!(!is_forbidden(&answer), is_granted(role, "Mutation", &field.name), "{role} {document} {answer}");
            }
        }
    }

    async fn every_role_may_see_exactly_the_fields_the_table_says(app: TestApp) {
        let world = World::of(&app).await;
        let schema = Schema::read();
        let anywhere = schema.ways(|of, _| of != "Mutation");
        let mut seen = 0;

        for role in Role::ALL {
            let client = app.client(role, Some(DISTRICT)).await;
            let ways = schema.ways(|of, field| is_granted(role, of, field));
            for of in schema.types() {
                let (open, shut): (Vec<&Field>, Vec<&Field>) =
                    schema.0[of].iter().partition(|field| is_granted(role, of, &field.name));
                // A type that no open field leads to stays shut, whatever its own fields say.
                let (way, open, shut) = match ways.get(of) {
                    Some(way) => (way, open, shut),
                    None => match anywhere.get(of) {
                        Some(way) => (way, Vec::new(), schema.0[of].iter().collect()),
                        None => continue,
                    },
                };
                for field in shut {
                    let document = document(&world, role, way, &schema.selection(field, ""));

                    let answer = ask(&client, &document).await;

                    assert!(is_forbidden(&answer) && answer["data"].is_null(), "{role} {document} {answer}");
                    seen += 1;
                }
                if !open.is_empty() {
                    let asked: Vec<String> = open.iter().map(|field| schema.selection(field, "")).collect();
                    let document = document(&world, role, way, &asked.join(" "));

                    let answer = ask(&client, &document).await;

                    let other = way[0].1.name == "batch" && !world.family.batches.iter().any(|(sender, _)| *sender == role);
                    assert!(!is_forbidden(&answer) && (other || answer["errors"].is_null()), "{role} {document} {answer}");
                    seen += open.len();
                }
            }
        }
        assert!(seen > 1000, "{seen}");
    }

    async fn a_fragment_on_a_node_opens_no_other_fields(app: TestApp) {
        let world = World::of(&app).await;
        let schema = Schema::read();
        let nodes = [
            ("Household", &world.family.id), ("LoanDisbursement", &world.family.disbursement),
            ("HealthInsuranceCard", &world.family.card), ("EducationSubsidy", &world.family.subsidy),
            ("ElectricitySupport", &world.family.support), ("HouseholdReview", &world.family.review),
        ];

        for role in Role::ALL {
            let client = app.client(role, Some(DISTRICT)).await;
            for (of, id) in nodes {
                for field in &schema.0[of] {
                    let selection = schema.selection(field, "");
                    let document = format!("{{node(id:\"{id}\"){{...on {of}{{{selection}}}}}}}");

                    let answer = ask(&client, &document).await;

                    let granted = is_granted(role, "Query", "node") && is_granted(role, of, &field.name);
                    assert_eq!(!is_forbidden(&answer), granted, "{role} {document} {answer}");
                }
            }
        }
    }

    async fn numbers_are_told_whole_masked_or_not_at_all(app: TestApp) {
        let world = World::of(&app).await;
        let family = &world.family;
        let id = &family.head.personal_id;
        let person = |field: &str| format!("{{household(id:\"{}\"){{members{{person{{value:{field}}}}}}}}}", family.id);
        let numbers = [
            ("Person", "personalId", id, person("personalId"), "/household/members/0/person/value"),
            ("Person", "insuranceNo", &family.insurance_no, person("insuranceNo"), "/household/members/0/person/value"),
            (
                "HealthInsuranceCard", "cardNo", &family.card_no,
                "{healthInsuranceCards{nodes{value:cardNo}}}".to_owned(), "/healthInsuranceCards/nodes/0/value",
            ),
            (
                "InsuranceCoverageResult", "cardNo", &family.card_no,
                format!("{{insuranceCoverage(personalIds:[\"{id}\"]){{results{{value:cardNo}}}}}}"),
                "/insuranceCoverage/results/0/value",
            ),
        ];

        let masked: HashSet<_> = policy::table()
            .rows()
            .filter(|(of, field)| *field != "(rows)" && Role::ALL.iter().any(|role| grant(*role, of, field) == Grant::Masked))
            .collect();
        assert_eq!(masked, numbers.iter().map(|(of, field, ..)| (*of, *field)).collect());
        for role in Role::ALL {
            let client = app.client(role, Some(DISTRICT)).await;
            for (of, field, number, document, at) in &numbers {
                let root = document.split(['{', '(']).nth(1).unwrap();

                let answer = ask(&client, document).await;

                let told = match grant(role, of, field) {
                    Grant::Read => json!(number),
                    Grant::Masked => json!(mask(number)),
                    Grant::Suppressed | Grant::None => json!(null),
                };
                if told.is_null() || !is_granted(role, "Query", root) {
                    assert!(is_forbidden(&answer), "{role} {document} {answer}");
                } else {
                    assert_eq!(data(&answer).pointer(at), Some(&told), "{role} {document}");
                }
            }
        }
    }

    async fn rest_lists_are_open_to_whom_the_table_says(app: TestApp) {
        World::of(&app).await;

        for role in Role::ALL {
            let client = app.client(role, Some(DISTRICT)).await;
            for kind in kinds::ALL {
                let granted = kind.rights.iter().all(|(of, field)| is_granted(role, of, field));

                let answer = client.get(&format!("/v1/{}", kind.slug)).await;
                let unknown = client.get(&format!("/v1/{}?colour=red", kind.slug)).await;

                assert_eq!(answer.status, if granted { 200 } else { 403 }, "{role} {} {}", kind.slug, answer.text);
                // What may be asked is in the document, which is open to all.
                assert_eq!(unknown.status, 400, "{}", unknown.text);
            }
        }
    }

    async fn an_administrator_sees_nothing_of_anybody(app: TestApp) {
        let world = World::of(&app).await;
        let client = app.client(Role::Administrator, None).await;
        let open: HashSet<&str> = policy::table()
            .rows()
            .filter(|(_, field)| *field != "(rows)")
            .filter(|(of, field)| is_granted(Role::Administrator, of, field))
            .map(|(of, field)| if of == "Query" { field } else { of })
            .collect();

        let harmless = [
            "viewer", "administrativeUnit", "administrativeUnits", "programmes", "povertyStandards", "Viewer",
            "AdministrativeUnit", "Programme", "PovertyStandard",
        ];
        assert_eq!(open, HashSet::from(harmless));
        for kind in kinds::ALL {
            client.get(&format!("/v1/{}", kind.slug)).await.expect(403);
        }
        let (_, batch) = &world.family.batches[0];
        client.get(&format!("/v1/batches/{batch}")).await.expect(403);
        let question = json!({ "personalIds": [world.family.head.personal_id] });
        client.post("/v1/insurance-coverage/query", &question).await.expect(403);
    }
}

/// The root types are the only ones without a way of their own.
#[test]
fn every_type_is_reached_from_the_root() {
    let schema = Schema::read();
    let ways = schema.ways(|_, _| true);
    let mut lost: Vec<&str> = schema.types().into_iter().filter(|of| !ways.contains_key(*of)).collect();
    lost.sort_unstable();
    assert!(lost.iter().all(|of| policy::table().names(of, "*")), "{lost:?}");
    assert!(ROOTS.iter().all(|root| !lost.contains(root)));
}
