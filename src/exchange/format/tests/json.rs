use super::*;

fn push(body: &str) -> Read<(Vec<RawRecord>, Envelope)> {
    read_with(Format::Json, &loans(), body.as_bytes())
}

fn first(record: &str) -> RawRecord {
    push(&format!("{{\"records\":[{record}]}}")).unwrap().0.remove(0)
}

fn wrong(body: &str) -> String {
    refusal(push(body))
}

#[test]
fn control_data_stand_before_or_behind_the_records() {
    let expected = Envelope {
        declared_count: Some(2),
        declared_amount: Some(-5),
        atomic: Some(true),
        idempotency_key: Some("k".to_owned()),
        purpose: None,
    };
    for body in [
        r#"{"declaredCount":2,"declaredAmount":-5,"atomic":true,"idempotencyKey":"k","records":[{"amount":1},{}]}"#,
        "\u{feff} { \"records\" : [ {\"amount\":1} ,\n{ } ] , \"atomic\":true,\"declaredAmount\":-5,\r\n\t\"idempotencyKey\":\"k\",\"purpose\":null,\"declaredCount\":2}\n",
    ] {
        let (records, envelope) = push(body).unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].fields, [("amount".to_owned(), Cell::Int(1))]);
        assert_eq!(records[1], RawRecord::default());
        assert_eq!(envelope, expected);
    }
    assert_eq!(push(r#"{"records":[]}"#).unwrap(), (Vec::new(), Envelope::default()));
}

#[test]
fn numbers_stay_as_they_were_written() {
    for (literal, cell) in [
        ("0", Cell::Int(0)),
        ("-1", Cell::Int(-1)),
        ("9223372036854775807", Cell::Int(i64::MAX)),
        ("-9223372036854775808", Cell::Int(i64::MIN)),
        ("9007199254740993", Cell::Int(9_007_199_254_740_993)),
    ] {
        assert_eq!(*field(&first(&format!("{{\"amount\":{literal}}}")), "amount"), cell);
    }
    for literal in ["0.5", "1.0", "-0", "9223372036854775808", "1e300", "1E-7", "-0.0e+00", "18446744073709551616"] {
        let read = first(&format!("{{\"amount\":{literal}}}"));
        assert_eq!(*field(&read, "amount"), Cell::Number(literal.to_owned()));
    }
    for literal in ["01", "+1", "1.", ".5", "1e", "--1", "0x10", "NaN", "Infinity", "1_000", "1.e5", "-"] {
        assert!(wrong(&format!("{{\"records\":[{{\"amount\":{literal}}}]}}")).starts_with("NOT_JSON"), "{literal}");
    }
}

#[test]
fn a_member_that_stands_twice_is_a_fault_at_every_level() {
    let record =
        first(r#"{"reference":"a","amount":1,"amount":2,"members":[{},{"x":1,"\u0078":2}],"o":{"p":{"q":1,"q":1}}}"#);
    assert_eq!(
        told(&record.faults),
        "DUPLICATE_FIELD amount: stands twice; send it once\n\
         DUPLICATE_FIELD members.1.x: stands twice; send it once\n\
         DUPLICATE_FIELD o.p.q: stands twice; send it once"
    );
    assert_eq!(*field(&record, "amount"), Cell::Int(1));
    assert_eq!(wrong(r#"{"records":[],"records":[]}"#), "DUPLICATE_FIELD records: stands twice; send it once");
    assert_eq!(
        wrong(r#"{"atomic":true,"records":[],"atomic":true}"#),
        "DUPLICATE_FIELD atomic: stands twice; send it once"
    );
}

#[test]
fn what_is_no_record_is_said_and_the_rest_is_read() {
    let (records, _) = push(r#"{"records":[1,"a",null,[{}],true,-2.5,{"amount":1}]}"#).unwrap();
    assert_eq!(records.len(), 7);
    for record in &records[..6] {
        assert_eq!(told(&record.faults), "NOT_A_RECORD -: a record must be an object with named fields");
        assert!(record.fields.is_empty());
    }
    assert!(records[6].faults.is_empty());
}

#[test]
fn the_frame_is_checked() {
    let allowed = "records, declaredCount, declaredAmount, atomic, idempotencyKey, purpose";
    assert_eq!(wrong(r#"{"rows":[]}"#), format!("UNKNOWN_FIELD rows: unknown field; allowed: {allowed}"));
    assert_eq!(wrong(r#"{"declaredCount":1}"#), "REQUIRED records: required and missing");
    assert_eq!(wrong(r#"{"records":{}}"#), "WRONG_TYPE records: must be array, not object");
    assert_eq!(wrong(r#"{"records":null}"#), "WRONG_TYPE records: must be array, not null");
    assert_eq!(wrong(r#"{"declaredCount":"2"}"#), "WRONG_TYPE declaredCount: must be integer, not string");
    assert_eq!(wrong(r#"{"declaredCount":2.0}"#), "WRONG_TYPE declaredCount: must be integer, not number");
    assert_eq!(
        wrong(r#"{"declaredCount":-1}"#),
        "NUMBER_RANGE declaredCount: must be between 0 and 9223372036854775807"
    );
    assert_eq!(wrong(r#"{"atomic":"yes"}"#), "WRONG_TYPE atomic: must be boolean, not string");
    assert_eq!(wrong(r#"{"purpose":7}"#), "WRONG_TYPE purpose: must be string, not number");
    assert_eq!(wrong("[{}]"), r#"WRONG_TYPE must be {"records": [...]}, not array"#);
    assert_eq!(wrong("5"), r#"WRONG_TYPE must be {"records": [...]}, not number"#);
    let long = "n".repeat(5000);
    assert!(wrong(&format!("{{\"{long}\":1}}")).len() < 250);
}

#[test]
fn a_syntax_error_is_told_with_its_place() {
    for (body, told) in [
        ("", "line 1, column 1: the text ends before the value does"),
        ("{\"records\":[\n{\"a\":1},\n  {\"ế\":x}]}", "line 3, column 8: a value is expected"),
        ("{\"records\":[{}]} x", "line 1, column 18: nothing may follow the body"),
        ("{\"records\":[{}]}}", "line 1, column 17: nothing may follow the body"),
        ("{\"records\":[{},]}", "line 1, column 16: a value is expected"),
        ("{\"records\":[{}{}]}", "line 1, column 15: a comma or ] is expected"),
        ("{\"records\":[],}", "line 1, column 15: a member name in quotation marks is expected"),
        ("{\"records\" []}", "line 1, column 12: a colon is expected"),
        ("{records:[]}", "line 1, column 2: a member name in quotation marks is expected"),
        ("{\"records\":[{'a':1}]}", "line 1, column 14: a member name in quotation marks is expected"),
        ("{\"records\":[{\"a\" 1}]}", "line 1, column 18: a colon is expected"),
        ("{\"records\":[{\"a\":1 \"b\":2}]}", "line 1, column 20: a comma or } is expected"),
        ("{\"records\":[{\"a\":1]]}", "line 1, column 19: a comma or } is expected"),
        ("{\"records\":[{\"a\":truf}]}", "line 1, column 18: a value is expected"),
        ("{\"records\":[{\"a\":\"x\ny\"}]}", "line 1, column 20: a control character in a string must be escaped"),
        ("{\"records\":[{\"a\":\"\\q\"}]}", "line 1, column 19: no escape of JSON"),
        ("{\"records\":[{\"a\":\"\\u12g4\"}]}", "line 1, column 23: four hex digits expected"),
        ("{\"records\":[{\"a\":1}", "line 1, column 20: the text ends before the value does"),
        ("{\"records\":[{\"a\":\"x", "line 1, column 20: the text ends before the value does"),
        ("{\"records\":[1", "line 1, column 14: the text ends before the value does"),
        ("// note\n{\"records\":[]}", "line 1, column 1: a value is expected"),
    ] {
        assert_eq!(wrong(body), format!("NOT_JSON not valid JSON at {told}"), "{body}");
    }
}

#[test]
fn text_is_text() {
    let record = first(r#"{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 Bạch Thông\u0000"}"#);
    assert_eq!(*field(&record, "a"), text("\"\\/\u{8}\u{c}\n\r\té😀 Bạch Thông\0"));
    for lone in [r"\ud83d", r"\ud83dx", r"\ude00", r"\ud83d\n", r"\ud83d\ud83d"] {
        let told = wrong(&format!("{{\"records\":[{{\"a\":\"{lone}\"}}]}}"));
        assert_eq!(told, "NOT_JSON not valid JSON at line 1, column 19: half of a surrogate pair is no character");
    }
    let told = refusal(read(Format::Json, b"{\"records\":[{\"a\":\"x\xe9\"}]}"));
    assert!(told.starts_with("NOT_UTF8 not UTF-8 text (byte 19)"), "{told}");
    let told = refusal(read(Format::Json, b"\xff\xfe{\0}\0"));
    assert!(told.starts_with("NOT_UTF8 not UTF-8 text (byte 0, UTF-16)"), "{told}");
}

#[test]
fn bombs_are_refused_in_little_memory() {
    let told = wrong(&format!("{{\"records\":[{}", "[".repeat(3_000_000)));
    assert_eq!(told, "NOT_JSON not valid JSON at line 1, column 45: nested too deep");
    assert!(wrong(&"[".repeat(1_000_000)).starts_with("WRONG_TYPE"));
    assert!(wrong(&format!("{{\"records\":[{}", "{\"a\":".repeat(100_000))).contains("nested too deep"));
    let nested = format!("{}1{}", "[".repeat(31), "]".repeat(31));
    assert!(first(&format!("{{\"a\":{nested}}}")).faults.is_empty());

    let members: Vec<String> = (0..60_000).map(|n| format!("\"m{n}\":0")).collect();
    let record = first(&format!("{{{}}}", members.join(",")));
    assert_eq!(told_codes(&record), "TOO_MANY_FIELDS");
    assert_eq!(record.fields.len(), 256);
    assert_eq!(first(&format!("{{{}}}", "\"a\":0,".repeat(99) + "\"a\":0")).faults.len(), 20);
}

#[test]
fn a_record_over_the_limit_is_passed_over() {
    let large = format!("{{\"a\":[\"{}\\\"]}}\",{{}}]}}", "x".repeat(MAX_RECORD));
    let digits = "7".repeat(MAX_RECORD + 1);
    let (records, envelope) =
        push(&format!("{{\"records\":[{{}},{large},{{}},{digits} ,{digits}],\"declaredCount\":5}}")).unwrap();
    let faults: Vec<String> = records.iter().map(told_codes).collect();
    assert_eq!(faults, ["", "RECORD_TOO_LARGE", "", "RECORD_TOO_LARGE", "RECORD_TOO_LARGE"]);
    assert_eq!(envelope.declared_count, Some(5));
    assert!(wrong(&format!("{{\"purpose\":\"{digits}\"}}")).starts_with("RECORD_TOO_LARGE"));
    assert!(wrong(&format!("{{\"records\":[{{\"a\":\"{digits}")).contains("the text ends before"));
}

fn told_codes(record: &RawRecord) -> String {
    record.faults.iter().map(|fault| fault.message.code.as_str()).collect::<Vec<_>>().join(" ")
}
