//! A body that cannot be read as a whole, or headers that contradict it.

use ansinh::messages::Lang;
use reqwest::Method;
use serde_json::{Value, json};

use super::{assert_nothing_stored, assert_sentence};
use crate::harness::{TestApp, both, client::Answer, people::disbursement};

const HEADER: &str = "reference,contractNo,personalId,programme,amount,disbursedOn";
const ROW: &str = "A,HD-A,006080000001,loan_poor,50000000,2022-03-15";

/// What is sent as which type, and how the whole is answered: status, nearer code, field.
fn bodies() -> Vec<(&'static str, Vec<u8>, u16, &'static str, &'static str)> {
    let json = "application/json";
    let (lines, table) = ("application/x-ndjson", "text/csv");
    let csv = |text: &str| format!("{text}\n{ROW}\n").into_bytes();
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(HEADER.bytes().flat_map(|byte| [byte, 0])).collect();
    vec![
        (json, b"".to_vec(), 400, "NOT_JSON", ""),
        (json, b"{".to_vec(), 400, "NOT_JSON", ""),
        (json, br#"{"records": [}"#.to_vec(), 400, "NOT_JSON", ""),
        (json, br#"{"records": []} {}"#.to_vec(), 400, "NOT_JSON", ""),
        (json, br#"{"records": [{"reference": "A",}]}"#.to_vec(), 400, "NOT_JSON", ""),
        (json, br#"{"records": [{"amount": 01}]}"#.to_vec(), 400, "NOT_JSON", ""),
        (json, br#"{"records": [{"amount": NaN}]}"#.to_vec(), 400, "NOT_JSON", ""),
        (json, br#"{"records": [{"reference": "\ud800"}]}"#.to_vec(), 400, "NOT_JSON", ""),
        (json, b"{\"records\": [{\"reference\": \"A\xff\"}]}".to_vec(), 400, "NOT_UTF8", ""),
        (json, format!("{{\"records\": [{}1{}]}}", "[".repeat(5000), "]".repeat(5000)).into(), 400, "NOT_JSON", ""),
        (json, br#"{"records": []}"#.to_vec(), 400, "NO_RECORDS", ""),
        (json, b"[]".to_vec(), 400, "WRONG_TYPE", ""),
        (json, b"null".to_vec(), 400, "WRONG_TYPE", ""),
        (json, b"{}".to_vec(), 400, "REQUIRED", "records"),
        (json, br#"{"records": {}}"#.to_vec(), 400, "WRONG_TYPE", "records"),
        (json, br#"{"record": []}"#.to_vec(), 400, "UNKNOWN_FIELD", "record"),
        (json, br#"{"records": [], "records": []}"#.to_vec(), 400, "DUPLICATE_FIELD", "records"),
        (json, br#"{"records": [{}], "atomic": "yes"}"#.to_vec(), 400, "WRONG_TYPE", "atomic"),
        (json, br#"{"declaredCount": -1, "records": [{}]}"#.to_vec(), 400, "", "declaredCount"),
        (json, br#"{"declaredCount": 1.5, "records": [{}]}"#.to_vec(), 400, "", "declaredCount"),
        (json, br#"{"declaredAmount": "all", "records": [{}]}"#.to_vec(), 400, "", "declaredAmount"),
        (lines, b"".to_vec(), 400, "NO_RECORDS", ""),
        (lines, b"\n\n\n".to_vec(), 400, "NO_RECORDS", ""),
        (table, b"".to_vec(), 400, "NO_RECORDS", ""),
        (table, format!("{HEADER}\n").into(), 400, "NO_RECORDS", ""),
        (table, csv(&format!("{HEADER},ammount")), 400, "UNKNOWN_FIELD", "ammount"),
        (table, csv(&HEADER.replace("contractNo", "reference")), 400, "DUPLICATE_FIELD", "reference"),
        (table, csv(&HEADER.replace("amount", "sotien")), 400, "UNKNOWN_FIELD", "sotien"),
        (table, format!("{HEADER}\nA,\"HD-A,006080000001,loan_poor\n").into(), 400, "BAD_QUOTES", ""),
        // Windows-1258, as an old Excel saves it, and UTF-16, as "Unicode text".
        (
            table,
            [csv(HEADER), b"B,HD-B,006080000001,Ch\xe3n nu\xf4i,1,2022-03-15".to_vec()].concat(),
            400,
            "NOT_UTF8",
            "",
        ),
        (table, utf16, 400, "NOT_UTF8", ""),
        ("text/plain", b"{}".to_vec(), 415, "UNSUPPORTED_MEDIA_TYPE", ""),
        ("application/xml", b"<records/>".to_vec(), 415, "UNSUPPORTED_MEDIA_TYPE", ""),
        ("multipart/form-data; boundary=x", b"--x--".to_vec(), 415, "UNSUPPORTED_MEDIA_TYPE", ""),
    ]
}

both! {
    async fn each_unreadable_body_is_refused_with_its_reason_in_both_languages(app: TestApp) {
        let bank = app.bank("063").await;
        for (content_type, body, status, reason, field) in bodies() {
            let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
            for (tag, lang) in [("en", Lang::En), ("vi", Lang::Vi)] {
                let headers = [("accept-language", tag)];
                let answer = bank.push_raw("loan-disbursements", content_type, body.clone(), &headers).await;

                assert_eq!(answer.status, status, "{shown}: {}", answer.text);
                assert_problem(&answer, lang);
                assert_eq!(answer.json["code"], "BAD_USER_INPUT", "{shown}");
                let first = &answer.json["errors"][0];
                let nearer = if field.is_empty() { &answer.json["reason"] } else { &first["code"] };
                assert!(reason.is_empty() || nearer == reason, "{shown}: {}", answer.text);
                assert_eq!(first["field"].as_str().unwrap_or_default(), field, "{shown}: {}", answer.text);
            }
        }
        assert_nothing_stored(&app).await;
    }

    async fn a_broken_line_or_row_is_refused_by_itself(app: TestApp) {
        let household = app.household().member("Hoàng Văn Tú", "MALE", 1980).create().await;
        let bank = app.bank("063").await;
        let row = disbursement("A", household.head());
        let id = &household.head().personal_id;

        let lines = [format!("{row}\nnot json\n{{\"reference\": \"B\"\n[1]\n").as_bytes(), b"{\"reference\": \"\xe9\"}"].concat();
        let lines = bank.push_ndjson("loan-disbursements", lines, &[]).await.expect(200);
        let csv = format!("{HEADER}\nC,HD-C,{id},loan_poor\n\nD,HD-D,{id},loan_poor,1,2022-03-15,x,y\n{}", ROW.replace('A', "E"));
        let csv = bank.push_csv("loan-disbursements", csv.replace("006080000001", id), &[]).await.expect(200);

        assert_eq!(lines.outcomes(), ["ACCEPTED", "REJECTED", "REJECTED", "REJECTED", "REJECTED"]);
        assert_eq!(lines.codes(4, "errors"), ["NOT_UTF8"]);
        assert_eq!(lines.codes(1, "errors"), ["NOT_JSON"]);
        assert_eq!(lines.codes(3, "errors"), ["NOT_A_RECORD"]);
        assert_eq!(csv.outcomes(), ["REJECTED", "REJECTED", "ACCEPTED"], "{}", csv.text);
        assert_eq!(csv.codes(0, "errors"), ["RAGGED_ROW"]);
        let told = csv.rows()[0]["errors"][0]["message"].as_str().unwrap();
        assert!(told.contains('4') && told.contains('6'), "{told}");
    }

    async fn a_missing_column_is_told(app: TestApp) {
        let bank = app.bank("063").await;
        let csv = "reference,contractNo,personalId,programme,amount\nA,HD-A,006080000001,loan_poor,1\n";

        let answer = bank.push_csv("loan-disbursements", csv, &[]).await;

        assert!(answer.text.contains("disbursedOn") && answer.status < 500, "{}", answer.text);
        assert_nothing_stored(&app).await;
    }

    async fn control_headers_are_read_strictly(app: TestApp) {
        let bank = app.bank("063").await;
        let table = [
            ("ansinh-declared-count", "two", "NOT_A_NUMBER"),
            ("ansinh-declared-count", "-1", "NOT_A_NUMBER"),
            ("ansinh-declared-amount", "1.000", "NOT_A_NUMBER"),
            ("ansinh-atomic", "yes", "NOT_IN_LIST"),
            ("ansinh-declared-amout", "5", "UNKNOWN_HEADER"),
        ];
        for (name, value, code) in table {
            let csv = format!("{HEADER}\n{ROW}\n");
            let answer = bank.push_csv("loan-disbursements", csv, &[(name, value)]).await.expect(400);

            let error = &answer.json["errors"][0];
            assert_eq!(error["field"].as_str().unwrap().to_lowercase(), name);
            assert_eq!(error["code"], code, "{}", answer.text);
        }
        let csv = format!("{HEADER}\n{ROW}\n");
        let request = bank.request(Method::POST, "/v1/loan-disbursements").header("content-type", "text/csv").body(csv);
        let purpose = Answer::of(request.header("ansinh-purpose", &b"\xff\xfe"[..])).await.expect(400);
        assert_eq!(purpose.json["errors"][0]["field"], "Ansinh-Purpose", "{}", purpose.text);
        assert_nothing_stored(&app).await;
    }

    async fn a_compressed_body_is_refused(app: TestApp) {
        let bank = app.bank("063").await;

        let headers = [("content-encoding", "gzip")];
        let answer = bank.push_csv("loan-disbursements", b"\x1f\x8b\x08".to_vec(), &headers).await.expect(415);

        assert_eq!(answer.json["reason"], "UNSUPPORTED_MEDIA_TYPE");
    }

    async fn no_input_is_echoed_as_markup_or_at_length(app: TestApp) {
        let bank = app.bank("063").await;
        let long = "<script>".repeat(100_000);

        let records = json!([{ "reference": "A", long.clone(): 1 }, { "reference": "B", "programme": long }]);
        let answer = bank.push("loan-disbursements", &json!({ "records": records })).await.expect(200);

        assert!(answer.text.len() < 20_000, "{}", answer.text.len());
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

/// RFC 9457, in the language asked for.
#[track_caller]
fn assert_problem(answer: &Answer, lang: Lang) {
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("content-language"), lang.tag());
    assert_eq!(answer.json["status"], answer.status);
    assert_eq!(answer.json["requestId"], answer.header("x-request-id"));
    let nearest = if answer.json["reason"] == Value::Null { &answer.json["code"] } else { &answer.json["reason"] };
    assert_sentence(nearest, &answer.json["detail"], lang);
    for error in answer.json["errors"].as_array().into_iter().flatten() {
        assert_sentence(&error["code"], &error["message"], lang);
    }
}
