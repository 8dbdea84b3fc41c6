use super::*;

#[test]
fn lines_are_counted_and_blank_ones_passed_over() {
    let records = read(Format::Ndjson, "\u{feff}{\"amount\":1}\r\n\n  \t\r\n{\"amount\":2}\n{\"amount\":3}").unwrap();
    let found: Vec<_> = records.iter().map(|record| (record.line, field(record, "amount").clone())).collect();
    assert_eq!(found, [(Some(1), Cell::Int(1)), (Some(4), Cell::Int(2)), (Some(5), Cell::Int(3))]);
    assert!(read(Format::Ndjson, "").unwrap().is_empty());
    assert!(read(Format::Ndjson, "\n\n \n").unwrap().is_empty());
}

#[test]
fn a_wrong_line_is_one_wrong_row() {
    let body = b"{\"a\":1}\n{\"\xe1\xba\xbf\":tru}\n{}{}\n7\n{\"a\":\"\xe9\"}\n{\"a\":{\"b\":1,\"b\":2}}\n{\"a\":\n1}\n{\"a\":2}";
    let records = read(Format::Ndjson, body).unwrap();
    let found: Vec<String> = records.iter().map(|record| told(&record.faults)).collect();
    assert_eq!(
        found,
        [
            "",
            "NOT_JSON -: not valid JSON at line 2, column 6: a value is expected",
            "NOT_JSON -: not valid JSON at line 3, column 3: nothing may follow the value",
            "NOT_A_RECORD -: a record must be an object with named fields",
            "NOT_UTF8 -: not UTF-8 text (byte 33); save the file as UTF-8 (in Excel: CSV UTF-8) and send it again",
            "DUPLICATE_FIELD a.b: stands twice; send it once",
            "NOT_JSON -: not valid JSON at line 7, column 6: the text ends before the value does",
            "NOT_JSON -: not valid JSON at line 8, column 2: nothing may follow the value",
            "",
        ]
    );
    assert_eq!(records.last().unwrap().line, Some(9));
}

#[test]
fn a_line_over_the_limit_is_passed_over() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(3 * MAX_RECORD));
    let records = read(Format::Ndjson, format!("{{}}\n{long}\n{{}}\n{long}")).unwrap();
    let found: Vec<_> = records.iter().map(|record| (record.line.unwrap(), record.faults.len())).collect();
    assert_eq!(found, [(1, 0), (2, 1), (3, 0), (4, 1)]);
    assert_eq!(told(&records[1].faults), "RECORD_TOO_LARGE -: the record is larger than 1048576 bytes");
}
