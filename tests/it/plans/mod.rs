//! The plans of PostgreSQL: whatever can be asked, no large table is read from end to end.
//!
//! The schema says what can be asked, `bench/questions.json` gives each filter and argument a value. Plans depend on how much
//! there is; on the few rows of a test the planner is told to avoid sequential scans, so one that remains has no index that
//! could serve it. `bench.py plans` asks the same of a million households and leaves the planner as it is.

mod complete;
mod questions;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use ansinh::access::{Grant, Role, policy};
use serde_json::{Value, json};

use self::{
    complete::{Schema, bare},
    questions::{Asked, Table, pulls},
};
use crate::{
    access::world::{DISTRICT, World, is_forbidden},
    harness::{
        Client, TestApp, TestDatabase,
        database::Backend,
        people::{Person, card, disbursement, with},
    },
};

/// Who asks, and what came of it.
struct Inquiry {
    app: TestApp,
    table: Table,
    values: Vec<(&'static str, String)>,
    /// The questions that somebody got an answer to.
    answered: BTreeSet<String>,
    /// The questions that nobody did.
    refused: BTreeSet<String>,
    /// The large tables that were read from end to end, with the statements that did and a question that led to each.
    offending: BTreeMap<String, BTreeMap<String, String>>,
    cursors: BTreeMap<String, String>,
}

impl Inquiry {
    async fn begin() -> Self {
        watch::listen();
        let database = TestDatabase::on(Backend::Postgres).await;
        for (setting, value) in watch::SETTINGS {
            database.set(setting, value).await;
        }
        let app = TestApp::over(database, &[]).await;
        let world = World::of(&app).await;
        let batch = fill_work_lists(&app, &world).await;
        let family = &world.family;
        let values = vec![
            ("commune", family.commune.to_owned()),
            ("province", "06".to_owned()),
            ("household", family.id.clone()),
            ("householdCode", family.code.clone()),
            ("person", family.head_id.clone()),
            ("personalId", family.head.personal_id.clone()),
            ("loan", family.loan.clone()),
            ("contractNo", family.contract.clone()),
            ("disbursement", family.disbursement.clone()),
            ("batch", batch),
            ("nobody", uuid::Uuid::nil().to_string()),
            ("name", "hoang".to_owned()),
            ("day", "2022-06-30".to_owned()),
            ("from", "2022-01-01".to_owned()),
            ("to", "2022-12-31".to_owned()),
            ("schoolYear", "2021-2022".to_owned()),
            ("year", "2022".to_owned()),
            ("reviewYear", "2021".to_owned()),
        ];
        Self {
            app,
            table: Table::read(),
            values,
            answered: BTreeSet::new(),
            refused: BTreeSet::new(),
            offending: BTreeMap::new(),
            cursors: BTreeMap::new(),
        }
    }

    fn fill(&self, text: &str) -> String {
        self.values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
    }

    /// Notes what an answer was and which plans led to it.
    fn note(&mut self, question: &str, answered: bool) {
        if answered {
            self.refused.remove(question);
            self.answered.insert(question.to_owned());
        } else if !self.answered.contains(question) {
            self.refused.insert(question.to_owned());
        }
        let is_whole =
            |(field, given): &(String, String)| question.starts_with(&format!("{{{field}({})", self.fill(given)));
        let plans = watch::take();
        if self.table.whole.iter().any(is_whole) {
            return;
        }
        for plan in plans {
            for table in plan.sequential() {
                if self.table.large.iter().any(|large| large == table) {
                    let statements = self.offending.entry(table.to_owned()).or_default();
                    statements.entry(plan.statement.clone()).or_insert_with(|| question.to_owned());
                }
            }
        }
    }

    /// The tables that were read from end to end, with some statements each.
    fn told(&self) -> String {
        let tables = self.offending.iter().map(|(table, statements)| {
            let some =
                statements.iter().take(5).map(|(statement, question)| format!("  {question}\n    {statement}\n"));
            format!("{table} is read from end to end by {} statements:\n{}", statements.len(), some.collect::<String>())
        });
        tables.collect()
    }

    /// Asks GraphQL; nothing where it may not.
    async fn ask(&mut self, client: &Client, document: &str) -> Option<Value> {
        let document = self.fill(document);
        let answer = client.post("/graphql", &json!({ "query": document })).await.json;
        // A push is known to its sender alone.
        let refused = is_forbidden(&answer) || answer["errors"][0]["extensions"]["code"] == "NOT_FOUND";
        assert!(refused || answer["errors"].is_null(), "{document}: {answer}");
        self.note(&document, !refused);
        (!refused).then_some(answer)
    }

    /// Every page of a list, asked in one way.
    async fn list(&mut self, client: &Client, asked: &Asked) {
        let Some(first) = self.ask(client, &asked.page("first:5")).await else { return };
        self.ask(client, &asked.count()).await;
        let order = format!("{} {}", asked.field, asked.order);
        let cursor = first["data"][&asked.field]["pageInfo"]["endCursor"].as_str().map(str::to_owned);
        if let Some(cursor) = cursor.or_else(|| self.cursors.get(&order).cloned()) {
            self.ask(client, &asked.page(&format!("first:5,after:\"{cursor}\""))).await;
            self.ask(client, &asked.page(&format!("last:5,before:\"{cursor}\""))).await;
            self.cursors.insert(order, cursor);
        }
    }
}

/// Roles that read a root field by different ways, the first of each way.
fn roles(field: &str) -> Vec<Role> {
    let (table, mut seen) = (policy::table(), Vec::new());
    let may = |role: &Role| table.grant(*role, "Query", field) > Grant::None;
    let mut found: Vec<Role> = Role::ALL.into_iter().filter(may).collect();
    found.retain(|role| {
        let reach = (table.reach(*role, "Household"), table.reach(*role, "Person"));
        let new = !seen.contains(&reach);
        seen.push(reach);
        // Numbers and filters that some may not use are asked for by all who may.
        new || field == "healthInsuranceCards"
    });
    found
}

/// A row that fits nobody, and a second card for the same days. Gives the batch of the former.
async fn fill_work_lists(app: &TestApp, world: &World) -> String {
    let again = with(card("again", &world.family.head), "cardNo", "4620100001");
    app.health(DISTRICT).await.push_records("health-insurance-cards", &[again]).await.expect(200);
    let stranger = Person::new("Lý Văn Lạ", "MALE", 1970, 999_999);
    for office in [app.bank(DISTRICT).await, app.client(Role::PolicyBank, None).await] {
        let rows = [disbursement(&format!("stranger of {}", office.name), &stranger)];
        let answer = office.push_records("loan-disbursements", &rows).await.expect(200);
        assert_eq!(answer.outcomes(), ["UNMATCHED"], "{}", answer.text);
    }
    let (_, batch) = world.family.batches.iter().find(|(sender, _)| *sender == Role::PolicyBank).unwrap();
    batch.clone()
}

#[test]
fn the_table_of_questions_names_all_that_the_schema_has() {
    let missing = Schema::read().missing(&Table::read());
    assert!(missing.is_empty(), "bench/questions.json and the schema differ: {missing:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_question_reads_a_large_table_from_end_to_end() {
    let mut inquiry = Inquiry::begin().await;
    inquiry.note("the pushes of the test", true);

    for area in [None, Some(DISTRICT)] {
        lists(&mut inquiry, area).await;
        single(&mut inquiry, area).await;
        types(&mut inquiry, area).await;
        rest(&mut inquiry, area).await;
    }

    pages_of_one_index(&inquiry).await;

    assert!(inquiry.refused.is_empty(), "nobody may ask: {:#?}", inquiry.refused);
    assert!(inquiry.answered.len() > 500, "{}", inquiry.answered.len());
    assert!(inquiry.offending.is_empty(), "{}", inquiry.told());
}

/// Lists of the whole country to which one index leads, whatever is asked, are planned without their values, and so once.
async fn pages_of_one_index(inquiry: &Inquiry) {
    let days = "{from:\"2022-01-01\",to:\"2022-12-31\"}";
    for (role, table, list) in [
        (Role::PolicyBank, "loan_disbursement", format!("loanDisbursements(filter:{{disbursedOn:{days}}})")),
        (
            Role::PolicyBank,
            "loan_disbursement",
            format!("loanDisbursements(filter:{{programme:[\"loan_poor\"],disbursedOn:{days}}})"),
        ),
        (Role::PolicyBank, "loan", format!("loans(filter:{{programme:[\"loan_poor\"],grantedOn:{days}}})")),
        (
            Role::Health,
            "health_insurance_card",
            format!("healthInsuranceCards(filter:{{groupCode:\"HN\",validTo:{days}}})"),
        ),
        (Role::Health, "medical_visit", format!("medicalVisits(filter:{{facilityCode:\"06023\",visitedOn:{days}}})")),
    ] {
        let client = inquiry.app.client(role, None).await;
        watch::take();
        let answer = client.post("/graphql", &json!({ "query": format!("{{{list}{{nodes{{id}}}}}}") })).await.json;
        assert!(answer["errors"].is_null(), "{list}: {answer}");
        let plans = watch::take();
        let page = plans.iter().find(|plan| plan.statement.contains(&format!("FROM \"{table}\" WHERE")));
        let page = page.unwrap_or_else(|| panic!("{list} reads no page: {plans:#?}"));
        assert!(!page.knows("2022-"), "{list} is planned for its values: {}", page.statement);
    }
}

async fn lists(inquiry: &mut Inquiry, area: Option<&str>) {
    let ways: Vec<Asked> = inquiry.table.lists.iter().flat_map(|(field, list)| list.ways(field)).collect();
    for asked in ways {
        for role in roles(&asked.field) {
            let client = inquiry.app.client(role, area).await;
            inquiry.list(&client, &asked).await;
        }
    }
}

async fn single(inquiry: &mut Inquiry, area: Option<&str>) {
    let ways = inquiry.table.single.iter().flat_map(|(field, ways)| {
        let given = ways.iter().map(|(name, text)| format!("({name}:{text})"));
        let without = ways.is_empty().then(String::new);
        given.chain(without).map(|given| (field.clone(), given)).collect::<Vec<_>>()
    });
    for (field, given) in ways.collect::<Vec<_>>() {
        for role in roles(&field) {
            let client = inquiry.app.client(role, area).await;
            inquiry.ask(&client, &format!("{{{field}{given}{{__typename}}}}")).await;
        }
    }
}

/// Every field of every type, of many parents at once, by the first role that may.
async fn types(inquiry: &mut Inquiry, area: Option<&str>) {
    let schema = Schema::read();
    let mut asked = Vec::new();
    for (of, fields) in &inquiry.table.types {
        let (way, listed) = fields.split_first().unwrap();
        let named: Vec<&str> = listed.iter().map(|field| bare(field)).collect();
        let others = schema.fields(of).filter(|field| !named.contains(&field.name.node.as_str()));
        let others = others.map(|field| field.name.node.to_string());
        asked.extend(listed.iter().cloned().chain(others).map(|field| format!("{{{}}}", way.replace('%', &field))));
    }
    for document in asked {
        for role in [Role::PolicyBank, Role::Labour, Role::Health, Role::Education, Role::Commune, Role::Auditor] {
            let client = inquiry.app.client(role, area).await;
            if inquiry.ask(&client, &document).await.is_some() {
                break;
            }
        }
    }
}

async fn rest(inquiry: &mut Inquiry, area: Option<&str>) {
    let asked = inquiry.table.pulls.iter().flat_map(|(kind, parameters)| {
        pulls(parameters).into_iter().map(|query| format!("/v1/{kind}?{query}")).collect::<Vec<_>>()
    });
    for path in asked.collect::<Vec<_>>() {
        let path = inquiry.fill(&path);
        for role in [Role::Labour, Role::PolicyBank, Role::Education, Role::Health] {
            let client = inquiry.app.client(role, area).await;
            let answer = client.get(&path).await;
            assert!([200, 403].contains(&answer.status), "{path}: {}", answer.text);
            inquiry.note(&path, answer.status == 200);
        }
    }
}
