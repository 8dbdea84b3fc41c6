//! Pages, filters and counts.

use ansinh::access::Role;
use serde_json::{Value, json};

use super::{ask, code, send};
use crate::harness::{
    TestApp, both,
    people::{disbursement, with},
};

/// Seven disbursements on three days under one programme, and one under another.
async fn disbursements(app: &TestApp) {
    let household = app.household().poor(2022).create().await;
    let days = ["2022-01-10", "2022-01-10", "2022-02-10", "2022-02-10", "2022-02-10", "2022-03-10", "2022-03-10"];
    let row = |(at, day): (usize, &&str)| {
        with(with(disbursement(&format!("P{at}"), household.head()), "disbursedOn", *day), "amount", 1_000_000)
    };
    let mut rows: Vec<Value> = days.iter().enumerate().map(row).collect();
    rows.push(with(disbursement("W", household.head()), "programme", "loan_clean_water"));
    let answer = app.bank("063").await.push_records("loan-disbursements", &rows).await.expect(200);
    assert_eq!(answer.json["accepted"], 8, "{}", answer.text);
}

fn references(data: &Value) -> Vec<String> {
    let edges = data["loanDisbursements"]["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"]["reference"].as_str().unwrap().to_owned()).collect()
}

fn page(arguments: &str) -> String {
    format!(
        r#"{{ loanDisbursements(filter: {{ programme: ["loan_poor"] }}, {arguments}) {{
            totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} edges {{ node {{ reference }} }} }} }}"#
    )
}

both! {
    async fn pages_forward_and_backward_give_every_row_once_in_order(app: TestApp) {
        disbursements(&app).await;
        let bank = app.bank("063").await;
        let all = references(&ask(&bank, &page("first: 50, descending: true")).await);

        let mut forward = Vec::new();
        let mut after = String::new();
        loop {
            let data = ask(&bank, &page(&format!("first: 3, descending: true{after}"))).await;
            forward.extend(references(&data));
            let info = &data["loanDisbursements"]["pageInfo"];
            if info["hasNextPage"] == false {
                break;
            }
            after = format!(", after: {}", info["endCursor"]);
        }
        let mut backward = Vec::new();
        let mut before = String::new();
        loop {
            let data = ask(&bank, &page(&format!("last: 2, descending: true{before}"))).await;
            backward.splice(0..0, references(&data));
            let info = &data["loanDisbursements"]["pageInfo"];
            if info["hasPreviousPage"] == false {
                break;
            }
            before = format!(", before: {}", info["startCursor"]);
        }

        assert_eq!(all.len(), 7);
        assert_eq!((&forward, &backward), (&all, &all));
        let ascending = references(&ask(&bank, &page("first: 50")).await);
        assert_eq!(ascending, all.into_iter().rev().collect::<Vec<_>>());
    }

    async fn a_page_of_a_district_mixes_its_communes_in_order(app: TestApp) {
        let mut codes = Vec::new();
        for commune in ["01969", "01984", "01969", "01900", "01981", "01984", "01969"] {
            let household = app.household().in_commune(commune).create().await;
            codes.extend((commune != "01900").then_some(household.code));
        }
        let office = app.client(Role::Labour, None).await;

        for (descending, all) in [(false, codes.clone()), (true, codes.iter().rev().cloned().collect())] {
            let list = |page: String| format!(
                r#"{{ households(filter: {{ unit: "063" }}, descending: {descending}, {page}) {{
                    totalCount nodes {{ code }} pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }} }}"#
            );
            let told = |data: &Value| {
                let nodes = data["households"]["nodes"].as_array().unwrap().iter();
                nodes.map(|node| node["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            };
            let first = ask(&office, &list("first: 2".to_owned())).await;
            let end = &first["households"]["pageInfo"]["endCursor"];
            let second = ask(&office, &list(format!("first: 10, after: {end}"))).await;
            let start = &second["households"]["pageInfo"]["startCursor"];
            let before = ask(&office, &list(format!("last: 1, before: {start}"))).await;

            assert_eq!([told(&first), told(&second)].concat(), all);
            assert_eq!(told(&before), all[1..2]);
            assert_eq!(first["households"]["totalCount"], 6);
            assert_eq!(second["households"]["pageInfo"]["hasNextPage"], false);
        }
        // Who sees one district is shown its part of what is asked for, whatever the filter names.
        let narrow = app.client(Role::Labour, Some("063")).await;
        for (filter, found) in [("", 6), (r#"filter: { unit: "06" }"#, 6), (r#"filter: { unit: "01969" }"#, 3), (r#"filter: { unit: "001" }"#, 0)] {
            let data = ask(&narrow, &format!("{{ households({filter} first: 50) {{ totalCount nodes {{ code }} }} }}")).await;
            assert_eq!(data["households"]["nodes"].as_array().unwrap().len(), found, "{filter}");
            assert_eq!(data["households"]["totalCount"], found, "{filter}");
        }
    }

    async fn a_row_that_comes_later_does_not_shift_the_next_page(app: TestApp) {
        disbursements(&app).await;
        let bank = app.bank("063").await;
        let first = ask(&bank, &page("first: 3")).await;
        let household = app.household().poor(2022).create().await;
        let early = with(disbursement("EARLY", household.head()), "disbursedOn", "2022-01-01");
        bank.push_records("loan-disbursements", &[early]).await.expect(200);

        let cursor = &first["loanDisbursements"]["pageInfo"]["endCursor"];
        let second = ask(&bank, &page(&format!("first: 50, after: {cursor}"))).await;

        let seen = [references(&first), references(&second)].concat();
        assert_eq!(seen.len(), 7);
        assert!(!seen.contains(&"EARLY".to_owned()));
    }

    async fn a_summary_adds_up_what_the_list_shows(app: TestApp) {
        disbursements(&app).await;
        let bank = app.bank("063").await;

        let filter = r#"filter: { disbursedOn: { from: "2022-02-01", to: "2022-02-28" } }"#;
        let data = ask(&bank, &format!(
            "{{ loanDisbursements({filter}) {{ totalCount }} loanSummary({filter}) {{ programme turns beneficiaries amount }} }}"
        )).await;

        assert_eq!(data["loanDisbursements"]["totalCount"], 3);
        let line = json!({ "programme": "loan_poor", "turns": 3, "beneficiaries": 1, "amount": 3_000_000 });
        assert_eq!(data["loanSummary"], json!([line]));
    }

    async fn households_are_found_by_class_unit_and_name(app: TestApp) {
        let poor = app.household().poor(2022).member("Đặng Thị Hòa", "FEMALE", 1980).create().await;
        app.household().not_poor(2022).member("Đặng Văn Hùng", "MALE", 1981).create().await;
        let labour = app.labour().await;

        for filter in [
            "povertyClass: [POOR]",
            r#"search: "dang thi ho""#,
            r#"search: "ĐẶNG THỊ HOÀ""#,
            r#"unit: "063", povertyClass: [POOR, NEAR_POOR]"#,
        ] {
            let query = format!(
                r#"{{ households(asOf: "2022-03-01", filter: {{ {filter} }}) {{ totalCount edges {{ node {{ code }} }} }} }}"#
            );
            let data = ask(&labour, &query).await;
            assert_eq!(data["households"]["totalCount"], 1, "{filter}");
            assert_eq!(data["households"]["edges"][0]["node"]["code"], poor.code.as_str(), "{filter}");
        }
        let none = ask(&labour, r#"{ households(filter: { unit: "01900" }) { totalCount } }"#).await;
        assert_eq!(none["households"]["totalCount"], 0);
    }

    async fn a_page_that_makes_no_sense_is_refused(app: TestApp) {
        let bank = app.bank("063").await;
        for arguments in ["first: 0", "first: 501", "first: -1", "first: 1, last: 1", r#"first: 1, after: "x""#] {
            let answer = send(&bank, &page(arguments)).await;
            assert_eq!(code(&answer), "BAD_USER_INPUT", "{arguments}: {}", answer.text);
        }
    }

    async fn who_lacks_a_card_and_who_has_two_is_listed(app: TestApp) {
        let household = app.household().poor(2022).member("Một Thẻ", "MALE", 1980).member("Không Thẻ", "MALE", 2010)
            .member("Hai Thẻ", "FEMALE", 1982).create().await;
        let health = app.health("063").await;
        let card = |reference: &str, at: usize| crate::harness::people::card(reference, &household.members[at]);
        let cards = [card("A", 0), card("B", 2), with(card("C", 2), "cardNo", "1234567890")];
        let answer = health.push_records("health-insurance-cards", &cards).await.expect(200);
        assert_eq!(answer.codes(2, "findings"), ["OVERLAP"]);

        let data = ask(&health, r#"{
            gaps(asOf: "2022-03-01") { totalCount edges { node { fullName } } }
            overlaps(asOf: "2022-03-01") { totalCount edges { node { fullName } } }
            coverageSummary(asOf: "2022-03-01") { unit { code } povertyClass persons covered }
            healthInsuranceCards(filter: { validTo: { from: "2022-12-01", to: "2022-12-31" } }) { totalCount } }"#).await;

        assert_eq!(data["gaps"]["edges"], json!([{ "node": { "fullName": "Không Thẻ" } }]));
        assert_eq!(data["overlaps"]["edges"], json!([{ "node": { "fullName": "Hai Thẻ" } }]));
        let line = json!({ "unit": { "code": household.commune }, "povertyClass": "POOR", "persons": 3, "covered": 2 });
        assert_eq!(data["coverageSummary"], json!([line]));
        assert_eq!(data["healthInsuranceCards"]["totalCount"], 3);
    }
}
