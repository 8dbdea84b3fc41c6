//! The same through both doors: what a list of REST tells of a record is what GraphQL tells of it, to every role.

use std::collections::{HashMap, HashSet};

use ansinh::{
    access::{Grant, Role, policy},
    exchange::record::{FieldType, Shape},
    kinds::{self, Kind},
};
use serde_json::{Value, json};

use super::world::{DISTRICT, World, ask, is_forbidden};
use crate::harness::{Client, TestApp, both};

/// A field of REST with the selection that asks the same of GraphQL.
type Pair = (&'static str, &'static str);

const DISBURSEMENT: &[Pair] = &[
    ("id", "id"),
    ("recordedAt", "recordedAt"),
    ("reference", "reference"),
    ("contractNo", "loan{contractNo}"),
    ("personalId", "borrower{personalId}"),
    ("householdCode", "household{code}"),
    ("programme", "programme"),
    ("amount", "amount"),
    ("disbursedOn", "disbursedOn"),
    ("termMonths", "loan{termMonths}"),
    ("annualRatePercent", "loan{annualRatePercent}"),
    ("groupCode", "loan{groupCode}"),
    ("purpose", "loan{purpose}"),
    ("unitCode", "unit{code}"),
    ("fullName", "borrower{fullName}"),
    ("birthYear", "borrower{birthYear}"),
];

const CARD: &[Pair] = &[
    ("id", "id"),
    ("reference", "reference"),
    ("personalId", "person{personalId}"),
    ("cardNo", "cardNo"),
    ("groupCode", "groupCode"),
    ("benefitLevel", "benefitLevel"),
    ("validFrom", "validFrom"),
    ("validTo", "validTo"),
    ("issuedOn", "issuedOn"),
    ("facilityCode", "facilityCode"),
];

const VISIT: &[Pair] = &[
    ("id", "id"),
    ("reference", "reference"),
    ("personalId", "person{personalId}"),
    ("visitedOn", "visitedOn"),
    ("facilityCode", "facilityCode"),
    ("inpatient", "inpatient"),
    ("cost", "cost"),
    ("paidByInsurance", "paidByInsurance"),
    ("paidByFund", "paidByFund"),
    ("paidByPatient", "paidByPatient"),
    ("cardNo", "cardNo"),
];

const SUBSIDY: &[Pair] = &[
    ("id", "id"),
    ("reference", "reference"),
    ("personalId", "person{personalId}"),
    ("programme", "programme"),
    ("schoolYear", "schoolYear"),
    ("semester", "semester"),
    ("months", "months"),
    ("monthlyRate", "monthlyRate"),
    ("amount", "amount"),
    ("riceKg", "riceKg"),
    ("legalBasis", "legalBasis"),
    ("schoolCode", "schoolCode"),
    ("paidOn", "paidOn"),
];

const SUPPORT: &[Pair] = &[
    ("id", "id"),
    ("reference", "reference"),
    ("householdCode", "household{code}"),
    ("unitCode", "unit{code}"),
    ("year", "year"),
    ("quarter", "quarter"),
    ("kwh", "kwh"),
    ("amount", "amount"),
    ("group", "group"),
    ("paidOn", "paidOn"),
];

const HOUSEHOLD: &[Pair] = &[
    ("id", "id"),
    ("householdCode", "code"),
    ("unitCode", "unit{code}"),
    ("village", "village"),
    ("address", "address"),
    ("residenceType", "residenceType"),
    ("members.personalId", "members{person{personalId}}"),
    ("members.fullName", "members{person{fullName}}"),
    ("members.birthDate", "members{person{birthDate}}"),
    ("members.birthYear", "members{person{birthYear}}"),
    ("members.sex", "members{person{sex}}"),
    ("members.ethnicityCode", "members{person{ethnicityCode}}"),
    ("members.relation", "members{relation}"),
    ("members.insuranceNo", "members{person{insuranceNo}}"),
];

/// GraphQL tells reviews below their household.
const REVIEW: &[Pair] = &[
    ("id", "reviews{id}"),
    ("householdCode", "code"),
    ("unitCode", "unit{code}"),
    ("year", "reviews{year}"),
    ("area", "reviews{area}"),
    ("scoreB1", "reviews{scoreB1}"),
    ("scoreB2", "reviews{scoreB2}"),
    ("deprivations", "reviews{deprivations}"),
    ("decidedClass", "reviews{decidedClass}"),
    ("decisionNo", "reviews{decisionNo}"),
    ("decidedOn", "reviews{decidedOn}"),
];

/// Every kind with its pairs, the key of the family's record in REST, and the type and key of it in GraphQL.
fn records(world: &World) -> [(&'static str, &'static [Pair], &str, &'static str, &str); 7] {
    let family = &world.family;
    [
        ("households", HOUSEHOLD, &family.id, "Household", &family.id),
        ("household-reviews", REVIEW, &family.review, "Household", &family.id),
        ("loan-disbursements", DISBURSEMENT, &family.disbursement, "LoanDisbursement", &family.disbursement),
        ("health-insurance-cards", CARD, &family.card, "HealthInsuranceCard", &family.card),
        ("medical-visits", VISIT, &family.visit, "MedicalVisit", &family.visit),
        ("education-subsidies", SUBSIDY, &family.subsidy, "EducationSubsidy", &family.subsidy),
        ("electricity-supports", SUPPORT, &family.support, "ElectricitySupport", &family.support),
    ]
}

/// Every value at the end of a way, through lists; nothing where a field on the way is missing.
fn values(from: &Value, way: &[&str]) -> Vec<Value> {
    match (from, way) {
        (Value::Array(items), way) => items.iter().flat_map(|item| values(item, way)).collect(),
        (Value::Number(number), []) => vec![json!(number.as_f64())],
        (Value::String(text), []) => {
            vec![text.parse::<chrono::DateTime<chrono::Utc>>().map_or(json!(text), |at| json!(at))]
        }
        (other, []) => vec![other.clone()],
        (Value::Object(fields), [name, rest @ ..]) => fields.get(*name).map_or(Vec::new(), |field| values(field, rest)),
        (_, _) => Vec::new(),
    }
}

async fn rest_record(client: &Client, kind: &str, id: &str) -> Option<Value> {
    let answer = client.get(&format!("/v1/{kind}?first=500")).await;
    if answer.status == 403 {
        return None;
    }
    let found = answer.json["records"].as_array().unwrap().iter().find(|record| record["id"] == id);
    Some(found.unwrap_or_else(|| panic!("{kind}: {}", answer.text)).clone())
}

/// The names on the wire of a shape, those of nested records behind their list.
fn wire_names(shape: &Shape, within: &str) -> HashSet<String> {
    let names = |field: &ansinh::exchange::record::Field| match field.kind {
        FieldType::List(FieldType::Record(nested)) => wire_names(nested, &format!("{within}{}.", field.name)),
        _ => HashSet::from([format!("{within}{}", field.name)]),
    };
    shape.fields.iter().flat_map(names).collect()
}

both! {
    async fn rest_tells_a_role_what_graphql_tells_it(app: TestApp) {
        let world = World::of(&app).await;
        let mut told: HashMap<(&str, &str), usize> = HashMap::new();

        for role in Role::ALL {
            let client = app.client(role, Some(DISTRICT)).await;
            for (kind, pairs, id, of, key) in records(&world) {
                let Some(record) = rest_record(&client, kind, id).await else { continue };
                for (field, selection) in pairs {
                    let answer = ask(&client, &format!("{{node(id:\"{key}\"){{...on {of}{{{selection}}}}}}}")).await;

                    let rest = values(&record, &field.split('.').collect::<Vec<_>>());
                    let way: Vec<&str> = selection.trim_end_matches('}').split('{').collect();
                    let graphql = values(&answer["data"]["node"], &way);
                    assert!(is_forbidden(&answer) || answer["errors"].is_null(), "{role} {kind} {field} {answer}");
                    assert_eq!(is_forbidden(&answer), rest.is_empty(), "{role} {kind} {field} {record}");
                    assert_eq!(rest, graphql, "{role} {kind} {field}");
                    *told.entry((kind, field)).or_default() += rest.iter().filter(|value| !value.is_null()).count();
                }
            }
        }
        let silent: Vec<_> = told.iter().filter(|(_, count)| **count == 0).collect();
        assert!(silent.is_empty(), "nobody is told a value of {silent:?}");
    }

    async fn rest_tells_only_fields_that_are_compared(app: TestApp) {
        let world = World::of(&app).await;
        for (slug, pairs, ..) in records(&world) {
            let kind = Kind::find(slug).unwrap();
            let compared: HashSet<&str> = pairs.iter().map(|(field, _)| *field).collect();
            // The time of recording has no counterpart in most types; it goes with the key.
            let told: HashSet<&str> =
                kind.told.iter().map(|told| told.name).filter(|name| !matches!(*name, "members" | "recordedAt")).collect();
            let compared: HashSet<&str> = compared.into_iter().filter(|name| *name != "recordedAt").collect();
            assert_eq!(told, compared, "{slug}");

            let told: HashSet<String> = told.into_iter().map(str::to_owned).collect();
            let mut kept_back: Vec<String> = wire_names(kind.shape, "").difference(&told).cloned().collect();
            kept_back.sort_unstable();
            // A household and its review may come from many pushes; the references are those of the pushes.
            let expected: &[&str] = match slug {
                "households" => &["reference", "registeredOn"],
                "household-reviews" => &["reference"],
                _ => &[],
            };
            assert_eq!(kept_back, expected, "{slug}");
        }
    }

    async fn a_filter_on_a_field_one_may_not_read_is_refused_at_both_doors(app: TestApp) {
        let world = World::of(&app).await;
        let id = &world.family.head.personal_id;
        let rest = [
            ("households", "unit=063", "Household", "unit"),
            ("households", "povertyClass=POOR", "Household", "povertyClass"),
            ("households", "search=hoang", "Household", "headName"),
            ("household-reviews", "year=2021", "HouseholdReview", "year"),
            ("household-reviews", "decidedClass=POOR", "HouseholdReview", "decidedClass"),
            ("loan-disbursements", "programme=loan_poor", "LoanDisbursement", "programme"),
            ("loan-disbursements", "from=2022-01-01&to=2022-12-31", "LoanDisbursement", "disbursedOn"),
            ("loan-disbursements", "updatedSince=2022-01-01T00:00:00Z", "LoanDisbursement", "recordedAt"),
            ("health-insurance-cards", "groupCode=HN", "HealthInsuranceCard", "groupCode"),
            ("health-insurance-cards", "validOn=2022-06-30", "HealthInsuranceCard", "validFrom"),
            ("medical-visits", "facilityCode=06023", "MedicalVisit", "facilityCode"),
            ("medical-visits", "from=2022-05-01&to=2022-05-31", "MedicalVisit", "visitedOn"),
            ("education-subsidies", "schoolYear=2021-2022", "EducationSubsidy", "schoolYear"),
            ("education-subsidies", "from=2022-01-01", "EducationSubsidy", "paidOn"),
            ("electricity-supports", "quarter=1&quarter=2", "ElectricitySupport", "quarter"),
            ("electricity-supports", "group=POOR", "ElectricitySupport", "group"),
        ];
        let contract = &world.family.contract;
        let graphql = [
            (format!("{{loan(contractNo:\"{contract}\"){{id}}}}"), "loan", "Loan", "contractNo"),
            (format!("{{person(personalId:\"{id}\"){{id}}}}"), "person", "Person", "personalId"),
            ("{persons(filter:{search:\"hoang\"}){nodes{id}}}".to_owned(), "persons", "Person", "fullName"),
            ("{persons(filter:{birthYear:1980}){nodes{id}}}".to_owned(), "persons", "Person", "birthYear"),
            (
                "{loanDisbursements(filter:{programme:[\"loan_poor\"]}){nodes{id}}}".to_owned(), "loanDisbursements",
                "LoanDisbursement", "programme",
            ),
            (
                "{healthInsuranceCards(filter:{groupCode:\"HN\"}){nodes{id}}}".to_owned(), "healthInsuranceCards",
                "HealthInsuranceCard", "groupCode",
            ),
            (
                "{medicalVisits(filter:{facilityCode:\"06023\"}){nodes{id}}}".to_owned(), "medicalVisits",
                "MedicalVisit", "facilityCode",
            ),
        ];
        let reads = |role, of, field| policy::table().grant(role, of, field) == Grant::Read;

        let mut refused = 0;
        for role in Role::ALL {
            let client = app.client(role, Some(DISTRICT)).await;
            for (slug, query, of, field) in rest {
                let rights = Kind::find(slug).unwrap().rights;
                let granted = rights.iter().all(|(of, field)| reads(role, of, field)) && reads(role, of, field);

                let answer = client.get(&format!("/v1/{slug}?{query}")).await;

                assert_eq!(answer.status, if granted { 200 } else { 403 }, "{role} {slug} {query} {}", answer.text);
                let filled = answer.json["records"].as_array().is_some_and(|records| !records.is_empty());
                assert_eq!(granted, filled, "{role} {slug} {query} {}", answer.text);
            }
            for (document, root, of, field) in &graphql {
                let granted = reads(role, "Query", root) && reads(role, of, field);

                let answer = ask(&client, document).await;

                assert_eq!(is_forbidden(&answer), !granted, "{role} {document} {answer}");
                refused += usize::from(reads(role, "Query", root) && !granted);
            }
        }
        assert!(refused > 1, "the auditor, who sees personal IDs masked, must not find persons by them, nor labour loans by contract");
    }

    async fn a_token_for_writing_reads_nothing(app: TestApp) {
        let scopes = [ansinh::access::Scope::Write];
        let writer = app.register("writer", Role::Labour, Some(DISTRICT), &scopes).await.signed_in().await;

        for kind in kinds::ALL {
            writer.get(&format!("/v1/{}", kind.slug)).await.expect(403);
        }
        assert!(is_forbidden(&ask(&writer, "{households{nodes{id}}}").await));
    }
}
