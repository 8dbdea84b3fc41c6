//! Rolls of households: who is a member from when to when.

use ansinh::access::Role;
use chrono::NaiveDate;
use entity::{household, household_member, person, person_identifier};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use crate::harness::{TestApp, both, people::with};

const HEADER: &str = "reference,householdCode,unitCode,registeredOn,personalId,fullName,birthYear,sex,relation";

both! {
    async fn a_table_has_one_row_a_member(app: TestApp) {
        let office = app.labour().await;
        let csv = format!(
            "{HEADER}\n\
             R1,H1,01969,2022-01-01,006080000001,Hoàng Văn Tú,1980,MALE,HEAD\n\
             R1,H1,01969,2022-01-01,006182000002,Nông Thị Hoa,1982,FEMALE,SPOUSE\n\
             R2,H2,01975,2022-01-01,006090000003,Triệu Văn Sơn,1990,MALE,HEAD\n"
        );

        let answer = office.push_csv("households", csv, &[]).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "ACCEPTED"], "{}", answer.text);
        assert_eq!(app.count::<household::Entity>().await, 2);
        assert_eq!(app.count::<household_member::Entity>().await, 3);
    }

    async fn the_same_household_as_table_and_as_json_is_a_duplicate(app: TestApp) {
        let office = app.labour().await;
        let csv = format!("{HEADER}\nR1,H1,01969,2022-01-01,006080000001,Hoàng Văn Tú,1980,MALE,HEAD\n");
        office.push_csv("households", csv, &[]).await.expect(200);

        let answer = office.push_records("households", &[household("R1", "H1", &[member(1)])]).await.expect(200);

        assert_eq!(answer.outcomes(), ["DUPLICATE"], "{}", answer.text);
    }

    async fn who_is_no_longer_on_the_roll_has_left(app: TestApp) {
        let office = app.labour().await;
        let child = with(member(2), "relation", "CHILD");
        let before = household("R1", "H1", &[member(1), child]);
        let after = with(household("R2", "H1", &[member(1)]), "registeredOn", "2022-03-01");
        office.push_records("households", &[before]).await.expect(200);

        let answer = office.push_records("households", &[after]).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED"], "{}", answer.text);
        assert_eq!(app.count::<household::Entity>().await, 1);
        let spans = memberships(&app).await;
        assert_eq!(spans, [(None, None), (None, Some(day("2022-02-28")))], "since when they were members is not known");
    }

    async fn who_moves_is_a_member_of_one_household_at_a_time(app: TestApp) {
        let office = app.labour().await;
        let here = household("R1", "H1", &[member(1), with(member(2), "relation", "CHILD")]);
        let there = with(household("R2", "H2", &[member(2)]), "registeredOn", "2022-03-01");
        office.push_records("households", &[here]).await.expect(200);

        let answer = office.push_records("households", &[there]).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED"], "{}", answer.text);
        assert_eq!(app.count::<person::Entity>().await, 2);
        let open = memberships(&app).await.into_iter().filter(|(_, to)| to.is_none()).count();
        assert_eq!(open, 2);
    }

    async fn contradictions_are_refused_each_by_its_field(app: TestApp) {
        let office = app.labour().await;
        let spouse = |n| with(member(n), "relation", "SPOUSE");
        let no_birth = with(member(1), "birthYear", Value::Null);
        let table = [
            (household("A", "H1", &[]), "members", "HEAD_COUNT"),
            (household("B", "H1", &[member(1), member(2)]), "members", "HEAD_COUNT"),
            (household("C", "H1", &[spouse(1)]), "members", "HEAD_COUNT"),
            (household("D", "H1", &[member(1), spouse(1)]), "members.1.personalId", "SAME_ID_TWICE"),
            (household("E", "H1", &[no_birth]), "members.0.birthYear", "BIRTH_MISSING"),
            (with(household("F", "H1", &[member(1)]), "unitCode", "99999"), "unitCode", "UNKNOWN_UNIT"),
            (with(household("G", "H1", &[member(1)]), "unitCode", "1969"), "unitCode", "CODE_FORMAT"),
            (household("H", "H1", &[with(member(1), "sex", "X")]), "members.0.sex", "NOT_IN_LIST"),
        ];
        for (record, field, code) in table {
            let answer = office.push_records("households", std::slice::from_ref(&record)).await.expect(200);

            assert_eq!(answer.outcomes(), ["REJECTED"], "{record}");
            let error = &answer.rows()[0]["errors"][0];
            assert_eq!((&error["field"], &error["code"]), (&json!(field), &json!(code)), "{record}");
        }
        assert_eq!(app.count::<household::Entity>().await, 0);
        assert_eq!(app.count::<person::Entity>().await, 0);
    }

    async fn a_social_insurance_number_names_one_person(app: TestApp) {
        let office = app.labour().await;
        let insured = |serial| with(member(serial), "insuranceNo", "0612345678");
        let spouse = with(insured(2), "relation", "SPOUSE");
        let nameless = with(insured(3), "personalId", Value::Null);
        office.push_records("households", &[household("A", "H1", &[insured(1)])]).await.expect(200);

        let rows = [
            household("B", "H1", &[with(insured(1), "fullName", "Hoàng Văn Tư")]),
            household("C", "H2", &[insured(2)]),
            household("D", "H3", &[with(nameless, "fullName", "Ai Khác")]),
            household("E", "H4", &[with(insured(4), "insuranceNo", "0600000004"), with(spouse, "insuranceNo", "0600000004")]),
            household("F", "H5", &[member(5)]),
        ];
        let answer = office.push_records("households", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "REJECTED", "REJECTED", "REJECTED", "ACCEPTED"], "{}", answer.text);
        for (row, place) in [(1, 0), (2, 0), (3, 1)] {
            let error = &answer.rows()[row]["errors"][0];
            assert_eq!(error["code"], "INSURANCE_NO_TAKEN");
            assert_eq!(error["field"], format!("members.{place}.insuranceNo"));
        }
    }

    async fn a_number_learnt_later_is_kept(app: TestApp) {
        let office = app.labour().await;
        office.push_records("households", &[household("A", "H1", &[member(1)])]).await.expect(200);

        let later = household("B", "H1", &[with(member(1), "insuranceNo", "0612345678")]);
        office.push_records("households", &[later]).await.expect(200);

        let numbers = person_identifier::Entity::find().all(app.db().read()).await.unwrap();
        let mut values: Vec<_> = numbers.iter().map(|number| number.value.as_str()).collect();
        values.sort_unstable();
        assert_eq!(values, ["006080000001", "0612345678"]);
    }

    async fn one_person_is_enrolled_once_in_a_push(app: TestApp) {
        let office = app.labour().await;

        let rows = [household("A", "H1", &[member(1)]), household("B", "H2", &[member(1)])];
        let answer = office.push_records("households", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "REJECTED"]);
        assert_eq!(answer.codes(1, "errors"), ["SAME_ID_TWICE"]);
    }

    async fn a_person_of_another_area_is_registered_elsewhere(app: TestApp) {
        let elsewhere = app.household().in_commune("01900").create().await;
        let office = app.client(Role::Labour, Some("063")).await;
        let taken = with(member(1), "personalId", elsewhere.head().personal_id.clone());
        let outside = with(household("B", "H9", &[member(3)]), "unitCode", "01900");

        let answer = office.push_records("households", &[household("A", "H1", &[taken]), outside]).await.expect(200);

        assert_eq!(answer.outcomes(), ["REJECTED", "REJECTED"]);
        assert_eq!(answer.codes(0, "errors"), ["REGISTERED_ELSEWHERE"]);
        assert_eq!(answer.codes(1, "errors"), ["UNIT_OUT_OF_AREA"]);
        assert!(!answer.text.contains("01900") || !answer.rows()[0].to_string().contains("01900"));
    }

    async fn a_number_that_states_another_sex_or_year_is_a_doubt(app: TestApp) {
        let office = app.labour().await;
        let differs = with(with(member(1), "sex", "FEMALE"), "birthYear", 1981);

        let answer = office.push_records("households", &[household("A", "H1", &[differs])]).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED"]);
        assert_eq!(answer.codes(0, "findings"), ["ID_DISAGREES"]);
    }

    async fn names_are_kept_composed_and_clean(app: TestApp) {
        let office = app.labour().await;
        let decomposed = with(member(1), "fullName", "  Hoa\u{300}ng   Va\u{306}n\u{a0}Tu\u{301} ");

        office.push_records("households", &[household("A", "H1", &[decomposed])]).await.expect(200);

        let held = person::Entity::find().one(app.db().read()).await.unwrap().unwrap();
        assert_eq!((held.full_name.as_str(), held.name_folded.as_str()), ("Hoàng Văn Tú", "hoang van tu"));
    }

    /// 01969 was a township of Bạch Thông until 30/06/2025 and names a larger commune of Thái Nguyên since.
    async fn a_commune_code_is_read_as_of_the_day_of_registration(app: TestApp) {
        let office = app.labour().await;
        let registered = |day: &str, serial| {
            let record = household(day, &format!("H {day}"), &[member(serial)]);
            with(with(record, "registeredOn", day), "unitCode", "01969")
        };

        let rows = [registered("2025-06-30", 1), registered("2025-07-01", 2)];
        let answer = office.push_records("households", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "ACCEPTED"], "{}", answer.text);
        let held = household::Entity::find().all(app.db().read()).await.unwrap();
        assert_ne!(held[0].unit_id, held[1].unit_id);
    }
}

fn member(serial: u32) -> Value {
    json!({
        "personalId": format!("006080{serial:06}"), "fullName": "Hoàng Văn Tú", "birthYear": 1980, "sex": "MALE",
        "relation": "HEAD",
    })
}

fn household(reference: &str, code: &str, members: &[Value]) -> Value {
    json!({
        "reference": reference, "householdCode": code, "unitCode": "01969", "registeredOn": "2022-01-01",
        "members": members,
    })
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn memberships(app: &TestApp) -> Vec<(Option<NaiveDate>, Option<NaiveDate>)> {
    let rows = household_member::Entity::find().order_by_asc(household_member::Column::ValidFrom);
    let mut spans: Vec<_> =
        rows.all(app.db().read()).await.unwrap().into_iter().map(|row| (row.valid_from, row.valid_to)).collect();
    spans.sort();
    spans
}
