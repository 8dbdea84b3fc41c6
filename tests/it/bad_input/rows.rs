//! A wrong row is refused by itself; its neighbours are stored.

use ansinh::messages::Lang;
use serde_json::{Value, json};

use super::{assert_nothing_stored, assert_sentence};
use crate::harness::{
    TestApp, both,
    people::{disbursement, with},
};

/// A field of a disbursement, a value that is wrong for it, the code, and a part of the sentence that helps.
fn wrong_values() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    vec![
        ("amount", json!(0), "AMOUNT_NOT_POSITIVE", ""),
        ("amount", json!(-1), "AMOUNT_NOT_POSITIVE", ""),
        ("amount", json!(0.5), "NOT_AN_AMOUNT", "0.5"),
        ("amount", json!(1e3), "NOT_AN_AMOUNT", "1000.0"),
        ("amount", json!((1_i64 << 53) + 1), "AMOUNT_TOO_LARGE", ""),
        ("amount", json!(u64::MAX), "AMOUNT_TOO_LARGE", ""),
        ("amount", json!("1.000.000"), "NOT_AN_AMOUNT", "1.000.000"),
        ("amount", json!("1,000,000"), "NOT_AN_AMOUNT", "50000000"),
        ("amount", json!("năm triệu"), "NOT_AN_AMOUNT", "năm triệu"),
        ("amount", json!(""), "REQUIRED", ""),
        ("amount", Value::Null, "REQUIRED", ""),
        ("amount", json!(true), "WRONG_TYPE", "true"),
        ("amount", json!([1]), "WRONG_TYPE", ""),
        ("amount", json!({ "vnd": 1 }), "WRONG_TYPE", ""),
        ("disbursedOn", json!("2022-02-30"), "NOT_A_DATE", "2022-02-30"),
        ("disbursedOn", json!("31/12/2022"), "DATE_FORMAT", "2022-12-31"),
        ("disbursedOn", json!("2022-3-5"), "NOT_A_DATE", "YYYY-MM-DD"),
        ("disbursedOn", json!("2022-12-31T00:00:00Z"), "NOT_A_DATE", ""),
        ("disbursedOn", json!("0022-12-31"), "DATE_RANGE", "1900-01-01"),
        ("disbursedOn", json!(44926), "WRONG_TYPE", "44926"),
        ("personalId", json!("06080000001"), "PERSONAL_ID_MISSING_ZERO", "006080000001"),
        ("personalId", json!("0060800000011"), "PERSONAL_ID_FORMAT", "12"),
        ("personalId", json!("00608000000A"), "PERSONAL_ID_FORMAT", "12"),
        ("personalId", json!("００６０８００００００１"), "PERSONAL_ID_FORMAT", "12"),
        ("personalId", json!("003080000001"), "PERSONAL_ID_PROVINCE", "003"),
        ("personalId", json!(6_080_000_001_u64), "WRONG_TYPE", ""),
        ("programme", json!("loan_rich"), "UNKNOWN_PROGRAMME", "loan_poor"),
        ("programme", json!("electricity"), "UNKNOWN_PROGRAMME", "loan_poor"),
        ("reference", Value::Null, "REQUIRED", ""),
        ("reference", json!("   "), "REQUIRED", ""),
        ("reference", json!("r".repeat(101)), "TOO_LONG", "100"),
        ("reference", json!("A\0B"), "CONTROL_CHARACTER", ""),
        ("reference", json!(5), "WRONG_TYPE", "5"),
        ("purpose", json!("trâu\u{1b}[31m"), "CONTROL_CHARACTER", ""),
        ("purpose", json!("ê".repeat(201)), "TOO_LONG", "200"),
        ("termMonths", json!(0), "NUMBER_RANGE", "600"),
        ("termMonths", json!("12 tháng"), "NOT_A_NUMBER", "12 tháng"),
        ("termMonths", json!(1.5), "NOT_A_NUMBER", "1.5"),
        ("annualRatePercent", json!("6.6.6"), "NOT_A_NUMBER", "6.6"),
        ("annualRatePercent", json!(-1), "NOT_A_NUMBER", ""),
        ("unitCode", json!("1969"), "CODE_FORMAT", "01969"),
        ("birthYear", json!(1899), "NUMBER_RANGE", "1900"),
        ("ammount", json!(1), "UNKNOWN_FIELD", "amount"),
        ("__proto__", json!({}), "UNKNOWN_FIELD", "amount"),
        ("", json!(1), "UNKNOWN_FIELD", "amount"),
    ]
}

both! {
    async fn of_a_row_in_which_thousands_are_wrong_a_hundred_are_told(app: TestApp) {
        let members = vec![json!({ "fullName": 5, "birthYear": "x" }); 3_000];
        let row = json!({ "reference": "A", "householdCode": "H", "unitCode": "01969", "members": members });

        let answer = app.labour().await.push_records("households", &[row]).await.expect(200);

        assert_eq!(answer.outcomes(), ["REJECTED"]);
        assert_eq!(answer.rows()[0]["errors"].as_array().unwrap().len(), 100);
    }

    async fn each_wrong_value_is_named_by_row_field_and_code_in_both_languages(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let table = wrong_values();
        let row = |(place, (field, value, ..)): (usize, &(&str, Value, &str, &str))| {
            with(disbursement(&place.to_string(), household.head()), field, value.clone())
        };
        let lines: Vec<String> = table.iter().enumerate().map(row).map(|row| row.to_string()).collect();

        for (tag, lang) in [("en", Lang::En), ("vi", Lang::Vi)] {
            let headers = [("accept-language", tag)];
            let answer = bank.push_ndjson("loan-disbursements", lines.join("\n"), &headers).await.expect(200);

            assert_eq!(answer.header("content-language"), tag);
            assert_eq!(answer.rows().len(), table.len());
            for ((place, (field, value, code, help)), row) in table.iter().enumerate().zip(answer.rows()) {
                let error = &row["errors"][0];
                assert_eq!((&row["index"], &row["status"]), (&json!(place), &json!("REJECTED")), "{field} {value}");
                assert_eq!(error["field"].as_str().unwrap_or_default(), *field, "{field} {value}");
                assert_eq!(error["code"], *code, "{field} {value}");
                assert!(error["message"].as_str().unwrap().contains(help), "{error}");
                assert_sentence(&error["code"], &error["message"], lang);
                assert_eq!(row["errors"].as_array().unwrap().len(), 1, "{row}");
            }
        }
        assert_nothing_stored(&app).await;
    }

    async fn every_fault_of_a_row_is_told_at_once_and_its_neighbours_are_stored(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let good = |reference| disbursement(reference, household.head());
        let bad = json!({ "reference": "B", "amount": "x", "disbursedOn": "31/12/2022", "color": "red" });

        let answer = bank.push_records("loan-disbursements", &[good("A"), bad, good("C")]).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "REJECTED", "ACCEPTED"]);
        let errors = answer.rows()[1]["errors"].as_array().unwrap();
        let fields: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["contractNo", "programme", "amount", "disbursedOn", "color"]);
        assert_eq!(answer.rows()[1]["reference"], "B");
    }

    async fn a_row_refused_for_its_form_may_be_sent_again_corrected(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let good = disbursement("A", household.head());

        let bad = with(good.clone(), "amount", 0);
        let first = bank.push_records("loan-disbursements", &[bad]).await.expect(200);
        let second = bank.push_records("loan-disbursements", &[good]).await.expect(200);

        assert_eq!((first.outcomes(), second.outcomes()), (vec!["REJECTED"], vec!["ACCEPTED"]));
    }

    async fn a_record_that_is_none_is_refused_by_itself(app: TestApp) {
        let bank = app.bank("063").await;
        let body = r#"{"records": [1, "x", null, [], {}, {"reference": "A", "amount": 1, "reference": "B"}]}"#;

        let answer = bank.push_raw("loan-disbursements", "application/json", body.into(), &[]).await.expect(200);

        assert_eq!(answer.outcomes(), ["REJECTED"; 6]);
        for row in 0..4 {
            assert_eq!(answer.codes(row, "errors"), ["NOT_A_RECORD"], "{}", answer.text);
        }
        let twice = &answer.rows()[5]["errors"][0];
        assert_eq!((&twice["code"], &twice["field"]), (&json!("DUPLICATE_FIELD"), &json!("reference")));
        assert_nothing_stored(&app).await;
    }

    async fn a_record_of_more_than_a_megabyte_is_refused_by_itself(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let huge = with(disbursement("A", household.head()), "purpose", "x".repeat(1 << 20));

        let answer = bank.push_records("loan-disbursements", &[huge, disbursement("B", household.head())]).await;

        assert_eq!(answer.outcomes(), ["REJECTED", "ACCEPTED"]);
        assert_eq!(answer.codes(0, "errors"), ["RECORD_TOO_LARGE"]);
    }
}
