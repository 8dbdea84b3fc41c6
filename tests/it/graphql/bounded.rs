//! Lists inside a record: short by nature, and bounded where somebody has made one long.

use ansinh::access::Role;
use serde_json::{Value, json};

use super::{ask, code, send};
use crate::harness::{
    Client, TestApp, both,
    people::{Household, Person, card, disbursement, with},
};

/// Gives a household many loans, ten of each day, from one push.
async fn lend(app: &TestApp, household: &Household, count: usize) {
    let row = |at: usize| {
        let row = disbursement(&format!("{} {at:04}", household.code), household.head());
        with(
            with(row, "disbursedOn", format!("2022-{:02}-{:02}", 1 + at / 280 % 12, 1 + at / 10 % 28)),
            "amount",
            1_000,
        )
    };
    let rows: Vec<Value> = (0..count).map(row).collect();
    let answer = app.bank("063").await.push_records("loan-disbursements", &rows).await.expect(200);
    assert_eq!(answer.json["accepted"], count, "{}", answer.json["accepted"]);
}

/// The lists that the answer says go on.
fn unfinished(answer: &Value) -> Vec<Value> {
    answer["extensions"]["unfinished"].as_array().cloned().unwrap_or_default()
}

/// Every page of a list, each asked for with what the one before said. `field` has a gap for the arguments.
async fn pages(client: &Client, field: &str, first: usize, way: &[&str], key: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut after = String::new();
    loop {
        let answer = send(client, &field.replace('%', &format!("first: {first}{after}"))).await.json;
        assert!(answer.get("errors").is_none(), "{answer}");
        let list = way.iter().fold(&answer["data"], |value, step| match step.parse::<usize>() {
            Ok(place) => &value[place],
            Err(_) => &value[*step],
        });
        let read = |row: &Value| row.pointer(key).unwrap().as_str().unwrap().to_owned();
        pages.push(list.as_array().unwrap().iter().map(read).collect());
        let goes_on = unfinished(&answer);
        let Some(entry) = goes_on.first() else { return pages };
        let path: Vec<Value> =
            way.iter().map(|step| step.parse::<u64>().map_or_else(|_| json!(step), |at| json!(at))).collect();
        assert_eq!((&entry["path"], &entry["code"]), (&json!(path), &json!("LIST_GOES_ON")), "{entry}");
        assert!(pages.len() < 500, "the list has no end");
        after = format!(", after: {}", entry["after"]);
    }
}

both! {
    async fn a_long_list_is_shown_in_part_says_so_and_can_be_read_to_its_end(app: TestApp) {
        let household = app.household().create().await;
        lend(&app, &household, 620).await;
        let labour = app.labour().await;
        let all = format!(r#"{{ household(id: "{}") {{ loans(%) {{ id }} }} }}"#, household.id);

        let usual = send(&labour, &all.replace("(%)", "")).await.json;
        let pages = pages(&labour, &all, 250, &["household", "loans"], "/id").await;

        assert_eq!(usual["data"]["household"]["loans"].as_array().unwrap().len(), 100);
        assert_eq!(unfinished(&usual).len(), 1, "{}", usual["extensions"]);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [250, 250, 120]);
        let mut rows = pages.concat();
        assert_eq!(rows[..100], usual["data"]["household"]["loans"].as_array().unwrap().iter()
            .map(|loan| loan["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>());
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows.len(), 620);
    }

    async fn short_lists_beside_a_long_one_are_whole(app: TestApp) {
        let long = app.household().create().await;
        let short = app.household().create().await;
        lend(&app, &long, 520).await;
        lend(&app, &short, 3).await;
        let labour = app.labour().await;
        let query = |first: &str| format!(
            "{{ households(filter: {{ unit: \"01969\" }}) {{ nodes {{ code loans{first} {{ grantedOn disbursements {{ amount }} }} }} }} }}"
        );

        for (arguments, shown) in [("", 100), ("(first: 7)", 7), ("(first: 500)", 500)] {
            let answer = send(&labour, &query(arguments)).await.json;
            let nodes = answer["data"]["households"]["nodes"].as_array().unwrap();
            let lists: Vec<_> = nodes.iter().map(|node| node["loans"].as_array().unwrap()).collect();

            assert_eq!(lists.iter().map(|list| list.len()).collect::<Vec<_>>(), [shown, 3], "{arguments}");
            assert!(lists.iter().all(|list| list.is_sorted_by(|one, other| one["grantedOn"].as_str() >= other["grantedOn"].as_str())));
            assert!(lists.iter().flat_map(|list| list.iter()).all(|loan| loan["disbursements"].as_array().unwrap().len() == 1));
            let paths: Vec<_> = unfinished(&answer).iter().map(|entry| entry["path"].clone()).collect();
            assert_eq!(paths, [json!(["households", "nodes", 0, "loans"])]);
        }
        // Those that are no longer than asked for are not said to go on.
        let few = send(&labour, &query("(first: 3)").replace("unit: \"01969\"", "search: \"hoang\"")).await.json;
        assert_eq!(unfinished(&few).len(), 1);
    }

    async fn a_short_list_costs_no_statement_more_and_is_paged_in_memory(app: TestApp) {
        let household = app.household().create().await;
        lend(&app, &household, 5).await;
        let labour = app.labour().await;
        let query = |arguments: &str| format!(r#"{{ household(id: "{}") {{ loans{arguments} {{ id }} }} }}"#, household.id);
        ask(&labour, &query("")).await;

        let before = app.db().statements();
        ask(&labour, &query("")).await;
        let one = app.db().statements() - before;
        let paged = pages(&labour, &query("(%)"), 2, &["household", "loans"], "/id").await;

        // The household, its loans, and the entry of the log.
        assert_eq!(one, 3);
        assert_eq!(paged.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        let several = send(&labour, &format!(
            r#"{{ household(id: "{}") {{ a: loans(first: 1) {{ id }} b: loans(first: 2) {{ id }} c: loans {{ id }} }} }}"#, household.id
        )).await.json;
        assert_eq!(unfinished(&several).len(), 2, "{several}");
        assert_eq!(several["data"]["household"]["c"].as_array().unwrap().len(), 5);
    }

    async fn many_members_and_their_cards_are_read_in_parts(app: TestApp) {
        let mut household = app.household();
        for at in 0..130 {
            household = household.member(&format!("Lò Văn {at:03}"), "MALE", 1980);
        }
        let household = household.create().await;
        let year = |at: usize| (2001 + at).to_string();
        let card_of = |(person, at): (&Person, usize)| {
            let row = with(card(&format!("{} {at}", person.personal_id), person), "validFrom", format!("{}-01-01", year(at)));
            with(row, "validTo", format!("{}-12-31", year(at)))
        };
        let rows: Vec<Value> = household.members.iter().flat_map(|person| (0..8).map(move |at| (person, at))).map(card_of).collect();
        let health = app.client(Role::Health, Some("063")).await;
        assert_eq!(health.push_records("health-insurance-cards", &rows).await.expect(200).json["accepted"], 1040);

        let query = format!(
            r#"{{ household(id: "{}") {{ members(asOf: "2022-06-30", %) {{ relation person {{ fullName
                all: healthInsuranceCards {{ validTo }} some: healthInsuranceCards(first: 3) {{ validTo }}
                one: healthInsuranceCards(validOn: "2004-05-05") {{ validTo }} }} }} }} }}"#,
            household.id
        );
        let answer = send(&health, &query.replace(", %", "")).await.json;
        let members = answer["data"]["household"]["members"].as_array().unwrap();
        let lean = format!(r#"{{ household(id: "{}") {{ members(asOf: "2022-06-30", %) {{ relation person {{ fullName }} }} }} }}"#, household.id);
        let paged = pages(&health, &lean, 60, &["household", "members"], "/person/fullName").await;

        assert_eq!(members.len(), 100, "{answer}");
        assert_eq!(members[0]["relation"], "HEAD");
        for member in members {
            let person = &member["person"];
            let lengths = ["all", "some", "one"].map(|list| person[list].as_array().unwrap().len());
            assert_eq!(lengths, [8, 3, 1], "{person}");
            assert_eq!(person["one"][0]["validTo"], "2004-12-31");
            assert_eq!(person["some"][0]["validTo"], "2008-12-31");
        }
        assert_eq!(paged.iter().map(Vec::len).collect::<Vec<_>>(), [60, 60, 10]);
        let mut names = paged.concat();
        assert_eq!(names[0], "Lò Văn 000");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 130);
    }

    /// More members than short lists may have together, so that each part is a statement of its own.
    async fn so_many_members_that_they_are_ranked_by_the_database(app: TestApp) {
        let mut long = app.household();
        for at in 0..510 {
            long = long.member(&format!("Lò Thị {at:03}"), "FEMALE", 1980);
        }
        let long = long.create().await;
        let short = app.household().member("Vi Văn Một", "MALE", 1970).member("Vi Văn Hai", "MALE", 1999).create().await;
        let labour = app.labour().await;

        let query = r#"{ households(first: 2) { nodes { id members(asOf: "2022-06-30", %) { relation person { fullName personalId } } } } }"#;
        let answer = send(&labour, &query.replace('%', "first: 200")).await.json;
        let paged = pages(&labour, query, 200, &["households", "nodes", "0", "members"], "/person/personalId").await;

        let nodes = answer["data"]["households"]["nodes"].as_array().unwrap();
        assert_eq!((&nodes[0]["id"], &nodes[1]["id"]), (&json!(long.id), &json!(short.id)));
        assert_eq!(nodes[0]["members"][0]["relation"], "HEAD");
        assert_eq!(nodes[1]["members"].as_array().unwrap().len(), 2);
        assert_eq!(paged.iter().map(Vec::len).collect::<Vec<_>>(), [200, 200, 110]);
        let mut numbers = paged.concat();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 510);
        // REST tells the whole roll of the day.
        let rest = labour.get("/v1/households?asOf=2022-06-30").await.expect(200);
        assert_eq!(rest.json["records"][0]["members"].as_array().unwrap().len(), 510);
    }

    async fn a_part_that_makes_no_sense_is_refused(app: TestApp) {
        let household = app.household().create().await;
        lend(&app, &household, 2).await;
        let labour = app.labour().await;
        for arguments in ["first: 0", "first: -1", "first: 501", r#"after: "x""#] {
            let answer = send(&labour, &format!(r#"{{ household(id: "{}") {{ loans({arguments}) {{ id }} }} }}"#, household.id)).await;
            assert_eq!(code(&answer), "BAD_USER_INPUT", "{arguments} {}", answer.text);
        }
        let query = format!(r#"{{ household(id: "{}") {{ loans(first: 500) {{ disbursements(first: 500) {{ findings(first: 500) {{
            id code message }} }} }} }} }}"#, household.id);
        assert_eq!(code(&send(&labour, &query).await), "", "one household may be asked for all");
        let many = query.replace(&format!(r#"household(id: "{}") {{"#, household.id), "households(first: 500) { nodes {").replace("} } } } }", "} } } } } }");
        assert_eq!(code(&send(&labour, &many).await), "TOO_COMPLEX");
    }

    async fn the_rows_of_a_push_are_paged_and_its_refusal_told(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let rows: Vec<Value> = (0..5).map(|at| disbursement(&format!("R{at}"), household.head())).collect();
        let pushed = bank.push_records("loan-disbursements", &rows).await.expect(200);
        let batch = |id: &Value, fields: &str| format!("{{ batch(id: {id}) {{ status {fields} }} }}");

        let query = batch(&pushed.json["id"], "refusal { code } results(first: 2) { index }");
        let first = send(&bank, &query).await.json;
        let after = &unfinished(&first)[0]["after"];
        let query = batch(&pushed.json["id"], &format!("results(first: 3, after: {after}) {{ index }}"));
        let rest = send(&bank, &query).await.json;

        assert_eq!((after, &first["data"]["batch"]["refusal"]), (&json!(1), &Value::Null), "{first}");
        assert_eq!(rest["data"]["batch"]["results"], json!([{ "index": 2 }, { "index": 3 }, { "index": 4 }]));
        assert!(unfinished(&rest).is_empty());
        let beyond = send(&bank, &batch(&pushed.json["id"], "results(first: 1001) { index }")).await;
        assert_eq!(code(&beyond), "BAD_USER_INPUT", "{}", beyond.text);

        let wrong = json!({ "records": [disbursement("W", household.head())], "declaredCount": 2 });
        let refused = bank.push("loan-disbursements", &wrong).await.expect(422);
        let told = ask(&bank, &batch(&refused.json["batchId"], "refusal { code field message }")).await;
        assert_eq!(told["batch"]["status"], "REFUSED");
        assert_eq!(told["batch"]["refusal"]["code"], "CONTROL_COUNT_MISMATCH");
        assert!(told["batch"]["refusal"]["message"].as_str().unwrap().contains("declaredCount is 2"));
    }
}
