//! Records told back over REST: the formats, the pages, what is new, and what is wrong with a question.

use ansinh::kinds;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    access::world::{DISTRICT, World},
    harness::{
        Client, TestApp, both,
        client::Answer,
        people::{Person, disbursement, with},
    },
};

const PATH: &str = "/v1/loan-disbursements";

async fn get_as(client: &Client, path: &str, accept: &str) -> Answer {
    Answer::of(client.request(reqwest::Method::GET, path).header("accept", accept)).await
}

/// Disbursements on following days to one borrower.
async fn push_some(client: &Client, borrower: &Person, references: &[&str]) {
    let record = |(day, reference): (usize, &&str)| {
        with(disbursement(reference, borrower), "disbursedOn", format!("2022-03-{:02}", day + 1))
    };
    let records: Vec<Value> = references.iter().enumerate().map(record).collect();
    client.push_records("loan-disbursements", &records).await.expect(200);
}

fn references(answer: &Answer) -> Vec<&str> {
    let records = answer.json["records"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    records.iter().map(|record| record["reference"].as_str().unwrap()).collect()
}

both! {
    async fn a_record_comes_out_as_it_went_in(app: TestApp) {
        let world = World::of(&app).await;
        let bank = app.bank(DISTRICT).await;
        let family = &world.family;

        let answer = bank.get(PATH).await.expect(200);

        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        let record = json!({
            "id": family.disbursement, "recordedAt": "2022-06-30T02:00:00Z", "reference": "loan near",
            "contractNo": family.contract, "personalId": family.head.personal_id, "householdCode": family.code,
            "programme": "loan_poor", "amount": 50_000_000, "disbursedOn": "2022-03-15", "termMonths": 36,
            "annualRatePercent": 6.6, "groupCode": "TK-07", "purpose": "nuôi trâu", "unitCode": family.commune,
            "fullName": family.head.name, "birthYear": 1980,
        });
        assert_eq!(answer.json["records"], json!([record]));
        assert_eq!(answer.json["pageInfo"]["hasNextPage"], false);
        let names: Vec<&str> = answer.text.split('"').filter(|text| record.get(text).is_some()).collect();
        assert_eq!(names[..3], ["id", "recordedAt", "reference"]);
    }

    async fn households_come_with_the_members_of_a_day(app: TestApp) {
        let world = World::of(&app).await;
        let office = app.client(ansinh::access::Role::Labour, Some(DISTRICT)).await;
        let left = json!({
            "reference": "roll 2021", "householdCode": world.family.code, "unitCode": world.family.commune,
            "registeredOn": "2021-06-01", "members": [{
                "personalId": world.family.head.personal_id, "fullName": world.family.head.name, "birthYear": 1980,
                "sex": "MALE", "relation": "HEAD",
            }],
        });
        office.push_records("households", &[left]).await.expect(200);

        let names = async |query: &str| {
            let answer = office.get(&format!("/v1/households{query}")).await.expect(200);
            let records = answer.json["records"].as_array().unwrap().clone();
            let family = records.into_iter().find(|record| record["householdCode"] == world.family.code).unwrap();
            let members = family["members"].as_array().unwrap().clone();
            members.iter().map(|member| member["fullName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };

        assert_eq!(names("").await, ["Hoàng Văn Tú"]);
        assert_eq!(names("?asOf=2021-01-01").await, [&*world.family.head.name, &*world.family.child.name]);
    }

    async fn every_format_tells_the_same(app: TestApp) {
        let world = World::of(&app).await;
        for (client, kind) in [
            (app.client(ansinh::access::Role::Labour, Some(DISTRICT)).await, "households"),
            (app.bank(DISTRICT).await, "loan-disbursements"),
            (app.client(ansinh::access::Role::Labour, Some(DISTRICT)).await, "household-reviews"),
        ] {
            let path = format!("/v1/{kind}");

            let json = get_as(&client, &path, "application/json").await.expect(200);
            let lines = get_as(&client, &path, "application/x-ndjson").await.expect(200);
            let table = get_as(&client, &path, "text/csv").await.expect(200);

            let records: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(json.json["records"], json!(records), "{kind}");
            assert_eq!(lines.header("content-type"), "application/x-ndjson");
            assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
            let (header, rows) = table.text.split_once("\r\n").unwrap();
            assert!(header.starts_with("\u{feff}id,recordedAt,"), "{header}");
            let members = records.iter().map(|record| record["members"].as_array().map_or(1, Vec::len)).sum::<usize>();
            assert_eq!(rows.lines().count(), members, "{kind}: {rows}");
            assert!(rows.contains(&world.family.code), "{rows}");
        }
        let table = get_as(&app.client(ansinh::access::Role::Labour, Some(DISTRICT)).await, "/v1/household-reviews", "text/csv").await;
        assert!(table.text.contains("employment;toilet"), "{}", table.text);
    }

    async fn what_is_told_can_be_pushed_again(app: TestApp) {
        World::of(&app).await;
        let health = app.health(DISTRICT).await;
        let cards = health.get("/v1/health-insurance-cards").await.expect(200);
        let mut card = cards.json["records"][0].clone();
        for own in ["id", "recordedAt"] {
            card.as_object_mut().unwrap().remove(own);
        }

        let answer = health.push_records("health-insurance-cards", &[card]).await.expect(200);

        assert_eq!(answer.outcomes(), ["DUPLICATE"], "{}", answer.text);
    }

    async fn pages_follow_each_other_to_the_end(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank(DISTRICT).await;
        push_some(&bank, household.head(), &["A", "B", "C", "D", "E"]).await;

        for (query, expected) in [("", "ABCDE"), ("&descending=true", "EDCBA"), ("&updatedSince=2022-01-01T00:00:00Z", "ABCDE")] {
            let mut path = format!("{PATH}?first=2&programme=loan_poor&unit=063{query}");
            let mut seen = String::new();
            let mut pages = 0;
            loop {
                let page = bank.get(&path).await.expect(200);
                seen += &references(&page).concat();
                pages += 1;
                let cursor = page.json["pageInfo"]["endCursor"].as_str().unwrap();
                let Some(link) = page.headers.get("link") else { break };
                assert_eq!(page.json["pageInfo"]["hasNextPage"], true);
                let next = link.to_str().unwrap().strip_prefix('<').unwrap().split('>').next().unwrap();
                assert!(next.contains(&format!("after={cursor}")), "{next}");
                next.clone_into(&mut path);
            }
            let mut letters: Vec<char> = seen.chars().collect();
            if query.contains("Since") {
                // Recorded at one instant, in the order of their keys.
                letters.sort_unstable();
            }
            assert_eq!((letters.iter().collect::<String>().as_str(), pages), (expected, 3), "{query}");
        }
    }

    async fn a_copy_is_kept_up_by_what_is_new(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank(DISTRICT).await;
        push_some(&bank, household.head(), &["old"]).await;
        app.clock.advance(TimeDelta::milliseconds(1500));
        push_some(&bank, household.head(), &["new"]).await;
        app.clock.advance(TimeDelta::milliseconds(1500));
        push_some(&bank, household.head(), &["newest"]).await;

        for (since, expected) in [
            ("2022-06-30T02:00:00Z", vec!["old", "new", "newest"]),
            ("2022-06-30T02:00:00.001Z", vec!["new", "newest"]),
            ("2022-06-30T02:00:01.5Z", vec!["new", "newest"]),
            ("2022-06-30T09:00:01.501%2B07:00", vec!["newest"]),
            ("2022-06-30T02:00:03.001Z", vec![]),
        ] {
            let answer = bank.get(&format!("{PATH}?updatedSince={since}")).await.expect(200);
            assert_eq!(references(&answer), expected, "{since}");
        }
    }

    async fn a_changed_household_is_new_again(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let office = app.labour().await;
        let other = app.household().poor(2022).create().await;
        app.clock.advance(TimeDelta::minutes(5));
        let roll = json!({
            "reference": "moved", "householdCode": household.code, "unitCode": household.commune, "village": "Thôn Mới",
            "registeredOn": "2020-01-01", "members": [{
                "personalId": household.head().personal_id, "fullName": household.head().name, "birthYear": 1980,
                "sex": "MALE", "relation": "HEAD",
            }],
        });
        office.push_records("households", &[roll]).await.expect(200);

        let answer = office.get("/v1/households?updatedSince=2022-06-30T02:05:00Z").await.expect(200);

        let codes: Vec<&Value> =
            answer.json["records"].as_array().unwrap().iter().map(|record| &record["householdCode"]).collect();
        assert_eq!(codes, [&json!(household.code)], "and not {}", other.code);
        assert_eq!(answer.json["records"][0]["recordedAt"], "2022-06-30T02:05:00Z");
    }

    async fn a_mistyped_question_is_told_what_is_wrong(app: TestApp) {
        let bank = app.bank(DISTRICT).await;

        for (query, field, code) in [
            ("colour=red", "colour", "UNKNOWN_PARAMETER"),
            ("last=5", "last", "UNKNOWN_PARAMETER"),
            ("first=0", "first", "NUMBER_RANGE"),
            ("first=501", "first", "NUMBER_RANGE"),
            ("after=x", "after", "CODE_FORMAT"),
            ("from=31/12/2021", "from", "DATE_FORMAT"),
            ("unit=063&unit=064", "unit", "DUPLICATE_FIELD"),
            ("updatedSince=yesterday", "updatedSince", "CODE_FORMAT"),
            ("descending=1", "descending", "NOT_IN_LIST"),
        ] {
            let answer = bank.get(&format!("{PATH}?{query}")).await.expect(400);
            let error = &answer.json["errors"][0];
            assert_eq!((&error["field"], &error["code"]), (&json!(field), &json!(code)), "{query}: {}", answer.text);
        }
        get_as(&bank, PATH, "text/html").await.expect(406);
        bank.get("/v1/colours").await.expect(404);
        app.get(PATH).await.expect(401);
    }

    async fn a_cursor_of_another_order_is_refused(app: TestApp) {
        World::of(&app).await;
        let bank = app.bank(DISTRICT).await;
        let page = bank.get(PATH).await.expect(200);
        let cursor = page.json["pageInfo"]["endCursor"].as_str().unwrap();

        let answer = bank.get(&format!("{PATH}?updatedSince=2022-01-01T00:00:00Z&after={cursor}")).await.expect(400);

        assert_eq!(answer.json["errors"][0]["field"], "after");
    }

    async fn every_list_is_on_the_trail(app: TestApp) {
        World::of(&app).await;
        for kind in kinds::ALL {
            let action = format!("GET /v1/{}", kind.slug);
            for role in ansinh::access::Role::ALL {
                let client = app.client(role, Some(DISTRICT)).await;
                let before = app.audited(&action).await;
                client.get(&format!("/v1/{}", kind.slug)).await;
                assert_eq!(app.audited(&action).await, before + 1, "{role} {action}");
            }
        }
    }

    async fn a_longer_page_takes_no_more_statements(app: TestApp) {
        let (bank, office) = (app.bank(DISTRICT).await, app.labour().await);
        for number in 0..4 {
            let household = app.household().poor(2022).member("Hoàng Văn Tú", "MALE", 1980).create().await;
            push_some(&bank, household.head(), &[&format!("R{number}")]).await;
        }

        for (client, kind) in [(&bank, "loan-disbursements"), (&office, "households"), (&office, "household-reviews")] {
            let mut taken = Vec::new();
            for first in [1, 4] {
                let before = app.db().statements();
                let answer = client.get(&format!("/v1/{kind}?first={first}")).await.expect(200);
                taken.push(app.db().statements() - before);
                assert_eq!(answer.json["records"].as_array().unwrap().len(), first);
            }
            assert_eq!(taken[0], taken[1], "{kind}");
        }
    }
}
