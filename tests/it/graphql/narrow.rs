//! Of a record only the columns are read that a question shows. What a field answers must not depend on what else is asked for.

use std::collections::HashSet;

use ansinh::access::{Role, policy};
use serde_json::Value;

use super::ask;
use crate::{
    access::{
        schema::{Field, Schema},
        world::{DISTRICT, World},
    },
    harness::{TestApp, both},
};

/// What a role may ask of a type.
fn open<'s>(schema: &'s Schema, role: Role, of: &str) -> Vec<&'s Field> {
    let grants = |field: &&Field| !matches!(policy::table().grant(role, of, &field.name), ansinh::access::Grant::None);
    schema.0[of].iter().filter(grants).collect()
}

/// The type of the nodes of a list.
fn nodes_of<'s>(schema: &'s Schema, list: &Field) -> Option<&'s str> {
    schema.0.get(&list.gives)?.iter().find(|field| field.name == "nodes").map(|field| field.gives.as_str())
}

/// All values of a field at the end of a way through an answer.
fn values<'a>(answer: &'a Value, way: &[&str], field: &str) -> Vec<&'a Value> {
    match (answer, way) {
        (Value::Array(list), _) => list.iter().flat_map(|item| values(item, way, field)).collect(),
        (_, [next, rest @ ..]) => values(&answer[next], rest, field),
        (_, []) => vec![&answer[field]],
    }
}

/// Whether a value is one that was recorded, and not what stands where a column was not read.
fn is_recorded(value: &Value) -> bool {
    let empty = [Value::Null, "".into(), 0.into(), 0.0.into(), "1970-01-01".into(), "1970-01-01T00:00:00+00:00".into()];
    !empty.contains(value)
}

both! {
    async fn a_field_of_a_list_answers_alone_as_beside_all_others(app: TestApp) {
        World::of(&app).await;
        let schema = Schema::read();
        let mut seen = HashSet::new();
        let mut recorded = HashSet::new();

        for role in Role::ALL {
            let client = app.client(role, Some(DISTRICT)).await;
            for list in open(&schema, role, "Query") {
                // No row waits in this world, and of one that does everything is read.
                let Some(of) = nodes_of(&schema, list).filter(|of| *of != "UnmatchedRecord") else { continue };
                let fields = open(&schema, role, of);
                let selected: Vec<String> = fields.iter().map(|field| schema.selection(field, "")).collect();
                let page = |open: &str, asked: &str, shut: &str| {
                    format!("{{{}(first:2){open}{{{asked}}}{shut}}}", list.name)
                };
                let whole = ask(&client, &page("{nodes", &selected.join(" "), "}")).await;

                for (field, asked) in fields.iter().zip(&selected) {
                    let expected = values(&whole, &[&list.name, "nodes"], &field.name);
                    let nodes = ask(&client, &page("{nodes", asked, "}")).await;
                    let edges = ask(&client, &page("{edges{node", asked, "}}")).await;

                    let what = format!("{role} {of}.{}", field.name);
                    assert_eq!(values(&nodes, &[&list.name, "nodes"], &field.name), expected, "{what}");
                    assert_eq!(values(&edges, &[&list.name, "edges", "node"], &field.name), expected, "{what}");
                    let field = format!("{of}.{}", field.name);
                    if expected.iter().any(|value| is_recorded(value)) {
                        recorded.insert(field.clone());
                    }
                    seen.insert(field);
                }
            }
        }
        // A column that is never read would be as empty alone as beside others.
        let empty: Vec<&String> = seen.difference(&recorded).collect();
        assert!(seen.len() > 50 && empty.is_empty(), "{} fields, never more than empty: {empty:?}", seen.len());
    }

    /// A household by key comes with its people in one statement, of which each part is narrowed by itself.
    async fn a_field_of_a_household_and_its_people_answers_alone_as_beside_all_others(app: TestApp) {
        let world = World::of(&app).await;
        let schema = Schema::read();
        let parts: [(&str, &[&str]); 4] = [
            ("Household", &["household"]),
            ("HouseholdMember", &["household", "members"]),
            ("Person", &["household", "members", "person"]),
            ("HealthInsuranceCard", &["household", "members", "person", "healthInsuranceCards"]),
        ];
        let mut seen = 0;

        for role in Role::ALL {
            let client = app.client(role, Some(DISTRICT)).await;
            let may = |of: &str, name: &str| open(&schema, role, of).iter().any(|field| field.name == name);
            let steps = [("Query", "household"), ("Household", "members"), ("HouseholdMember", "person"), ("Person", "healthInsuranceCards")];
            let reach = steps.iter().take_while(|(of, name)| may(of, name)).count();
            // A household without members is read by another statement: they are always asked for.
            let document = |way: &[&str], asked: &str| {
                let below = match way.len() {
                    1 if may("Household", "members") => format!("{asked} people: members {{ relation }}"),
                    _ => asked.to_owned(),
                };
                let opened: String = way[1..].iter().flat_map(|step| ["{", step]).collect();
                format!("{{household(id:\"{}\"){opened}{{{below}}}{}", world.family.id, "}".repeat(way.len()))
            };
            for (of, way) in parts.iter().take(reach) {
                let fields = open(&schema, role, of);
                let selected: Vec<String> = fields.iter().map(|field| schema.selection(field, "")).collect();
                let whole = ask(&client, &document(way, &selected.join(" "))).await;
                for (field, asked) in fields.iter().zip(&selected) {
                    let expected = values(&whole, way, &field.name);
                    let alone = ask(&client, &document(way, asked)).await;
                    assert_eq!(values(&alone, way, &field.name), expected, "{role} {of}.{}", field.name);
                    seen += expected.iter().filter(|value| !value.is_null()).count();
                }
            }
        }
        assert!(seen > 100, "{seen} values");
    }

    async fn what_is_asked_for_in_two_places_is_read_for_both(app: TestApp) {
        let world = World::of(&app).await;
        let labour = app.client(Role::Labour, Some(DISTRICT)).await;
        let document = format!(
            r#"query {{ household(id: "{}") {{ village ...Head
                  first: members(asOf: "2022-03-15") {{ person {{ fullName }} }}
                  again: members(asOf: "2022-03-15") {{ ... on HouseholdMember {{ person {{ birthYear ...Origin }} }} }} }}
                disbursements: loanDisbursements(first: 1) {{ nodes {{ programme }} edges {{ node {{ amount }} }} }} }}
              fragment Head on Household {{ headName }}
              fragment Origin on Person {{ ethnicityCode unit {{ code }} }}"#,
            world.family.id
        );

        let data = ask(&labour, &document).await;

        assert_eq!((&data["household"]["village"], &data["household"]["headName"]), (&"Thôn Nà Hin".into(), &"Hoàng Văn Tú".into()));
        let names = values(&data, &["household", "first", "person"], "fullName");
        assert_eq!(names, ["Hoàng Văn Tú", "Hoàng Thị Mai"]);
        assert_eq!(values(&data, &["household", "again", "person"], "birthYear"), [1980, 2010]);
        assert_eq!(values(&data, &["household", "again", "person"], "ethnicityCode"), ["02", "02"]);
        assert_eq!(values(&data, &["household", "again", "person", "unit"], "code"), ["01969", "01969"]);
        let paid = &data["disbursements"];
        assert_eq!((&paid["nodes"][0]["programme"], &paid["edges"][0]["node"]["amount"]), (&"loan_poor".into(), &50_000_000.into()));
    }
}
