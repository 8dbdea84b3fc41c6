use super::*;

fn table(body: &str) -> Vec<RawRecord> {
    read(Format::Csv, body).unwrap()
}

fn wrong(body: impl AsRef<[u8]>) -> String {
    refusal(read(Format::Csv, body))
}

fn rows(records: &[RawRecord]) -> Vec<(u64, String)> {
    let line = |record: &RawRecord| record.line.unwrap();
    records
        .iter()
        .map(|record| {
            let cells: Vec<String> = record.fields.iter().map(|(_, cell)| shown(cell)).collect();
            (line(record), cells.join("|"))
        })
        .collect()
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Null => "-".to_owned(),
        Cell::Text(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_table_of_any_dialect_is_read() {
    for delimiter in [",", ";", "\t"] {
        for ending in ["\n", "\r\n", "\r"] {
            for mark in ["", "\u{feff}"] {
                let body = [
                    "reference,amount,purpose",
                    "",
                    "a,50000000,\"mua, trâu; bò\t\"\"tốt\"\"\"",
                    ",,",
                    "b,,",
                    "\"c\",\"\",x\"y",
                ];
                let body = body.map(|line| match line.split_once('"') {
                    Some((plain, quoted)) if line.contains("trâu") => {
                        format!("{}\"{quoted}", plain.replace(',', delimiter))
                    }
                    _ => line.replace(',', delimiter),
                });
                let records = table(&format!("{mark}{}", body.join(ending)));
                let expected = [(3, "a|50000000|mua, trâu; bò\t\"tốt\""), (5, "b|-|-"), (6, "c|-|x\"y")];
                assert_eq!(rows(&records), expected.map(|(line, cells)| (line, cells.to_owned())));
                assert!(records.iter().all(|record| record.faults.is_empty()));
            }
        }
    }
}

#[test]
fn lines_are_counted_through_cells_of_several_lines() {
    let records = table("reference,purpose\r\na,\"một\r\nhai\r\n\"\r\n\r\nb,ba\r\n");
    assert_eq!(rows(&records), [(2, "a|một\r\nhai\r\n".to_owned()), (6, "b|ba".to_owned())]);
    let announced = table("sep=;\r\nreference;purpose\r\na;\"1,5\"\r\n");
    assert_eq!(rows(&announced), [(3, "a|1,5".to_owned())]);
}

#[test]
fn what_excel_makes_of_digits_is_undone() {
    let records = table(
        "reference,personalId,amount,purpose\n=\"001\",\"=\"\"002\"\"\",'003,'=1+1\n'a,''a,=\"\",'\n=1+1,' 5,'-5,=\"x\n",
    );
    assert_eq!(rows(&records)[0].1, "001|002|003|=1+1");
    assert_eq!(rows(&records)[1].1, "'a|'a|-|'");
    assert_eq!(rows(&records)[2].1, "=1+1|' 5|-5|=\"x");
}

#[test]
fn a_ragged_row_is_one_wrong_row_and_keeps_its_reference() {
    let records = table("reference,amount\na,1,2\nb\nc,3,,\nd,4\n");
    let found: Vec<String> = records.iter().map(|record| told(&record.faults)).collect();
    assert_eq!(
        found,
        [
            "RAGGED_ROW -: the row has 3 fields, the header 2",
            "RAGGED_ROW -: the row has 1 fields, the header 2",
            "",
            ""
        ]
    );
    assert_eq!(*field(&records[1], "reference"), text("b"));
}

#[test]
fn the_header_is_checked_as_a_whole() {
    let allowed = "unknown field; allowed: reference, personalId, amount, purpose";
    assert_eq!(
        wrong("reference,Amount,,amount,x,amount\na,1,2,3,4\n"),
        format!(
            "UNKNOWN_FIELD Amount: {allowed}\nUNKNOWN_FIELD column 3: {allowed}\nUNKNOWN_FIELD x: {allowed}\n\
             DUPLICATE_FIELD amount: stands twice; send it once"
        )
    );
    assert_eq!(rows(&table(" reference ,\" amount\u{a0}\",,\na,1,,\n"))[0].1, "a|1");
    assert!(wrong("").starts_with("NO_RECORDS"));
    assert!(wrong("\n,,,\n \n").starts_with("NO_RECORDS"));
    assert!(table("reference,amount\n").is_empty());
    assert!(wrong("không,có,tiêu đề\n").contains("UNKNOWN_FIELD không"));
    assert_eq!(wrong("x,".repeat(1000)).lines().count(), 20);
}

#[test]
fn a_decomposed_header_is_the_same_header() {
    let shape = Shape { fields: vec!["số"], ..Shape::default() };
    let (records, _) = read_with(Format::Csv, &shape, "so\u{302}\u{301}\n1\n".as_bytes()).unwrap();
    assert_eq!(records[0].fields, [("số".to_owned(), text("1"))]);
}

#[test]
fn quotation_marks_that_do_not_pair_refuse_the_table() {
    let told = |line| {
        format!(
            "BAD_QUOTES quotation marks do not pair in the cell that begins on line {line}; close it, and write each \
             one inside a cell twice"
        )
    };
    assert_eq!(wrong("reference,amount\na,1\nb,\"2\nc,3\n"), told(3));
    assert_eq!(wrong("reference,amount\na,\"x\ny\",\"Ba \"Bể\"\"\n"), told(3));
    assert_eq!(wrong("reference,amount\na,\"Bể\" 1\n"), told(2));
    let endless = format!("reference,amount\na,1\nb,\"2\n{}", "c,3\n".repeat(MAX_RECORD));
    assert_eq!(wrong(endless), told(3));
}

#[test]
fn another_encoding_is_refused_with_its_place() {
    // windows-1258 and TCVN3 write Vietnamese letters as single bytes that UTF-8 does not know.
    let told = wrong(b"reference,purpose\na,mua tr\xe2u\nb,x\n");
    assert_eq!(
        told,
        "NOT_UTF8 not UTF-8 text (byte 26); save the file as UTF-8 (in Excel: CSV UTF-8) and send it again"
    );
    // A letter cut in two by a delimiter does not become whole again.
    assert!(wrong(b"reference,purpose\n\xc3,\xa9\n").starts_with("NOT_UTF8 not UTF-8 text (byte 18)"));
    let utf16: Vec<u8> = "\u{feff}reference\r\na\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(wrong(&utf16).contains("UTF-16"));
    assert!(wrong(&utf16[2..]).contains("UTF-16"));
    assert_eq!(rows(&table("reference\na\0b\n"))[0].1, "a\0b");
}

#[test]
fn a_row_over_the_limit_is_passed_over() {
    let long = "x".repeat(MAX_RECORD);
    let records = table(&format!("reference,amount\na,1\nb,{long}\nc,\"{long}\n\"\nd,2\n"));
    let found: Vec<_> = records.iter().map(|record| (record.line.unwrap(), told(&record.faults))).collect();
    let large = "RECORD_TOO_LARGE -: the record is larger than 1048576 bytes".to_owned();
    assert_eq!(found[1], (3, large));
    assert_eq!(found.last().unwrap(), &(6, String::new()));
}

#[test]
fn lists_of_values_stand_in_one_cell() {
    let shape = Shape { fields: vec!["reference", "deprivations"], lists: vec!["deprivations"], ..Shape::default() };
    let body = "reference;deprivations\na;\"WATER; TOILET;\"\nb;WATER\nc;\n";
    let (records, _) = read_with(Format::Csv, &shape, body.as_bytes()).unwrap();
    assert_eq!(*field(&records[0], "deprivations"), Cell::List(vec![text("WATER"), text("TOILET")]));
    assert_eq!(*field(&records[1], "deprivations"), Cell::List(vec![text("WATER")]));
    assert_eq!(*field(&records[2], "deprivations"), Cell::Null);
}

fn families(body: &str) -> Vec<RawRecord> {
    read_with(Format::Csv, &households(), body.as_bytes()).unwrap().0
}

fn members(record: &RawRecord) -> Vec<String> {
    let Cell::List(list) = field(record, "members") else { panic!("{record:?}") };
    list.iter()
        .map(|member| match member {
            Cell::Record(member) => format!("{} {}", member.line.unwrap(), shown(field(member, "fullName"))),
            other => shown(other),
        })
        .collect()
}

#[test]
fn rows_of_one_reference_are_one_household() {
    let records =
        families("reference,personalId,householdCode,fullName\n1,p,H1,An\n1,,H1,Bình\n2,,H2,Chi\n3,,H3,\n1,,H1,Dũng\n");
    assert!(records.iter().all(|record| record.faults.is_empty()));
    let found: Vec<_> =
        records.iter().map(|r| (r.line.unwrap(), shown(field(r, "householdCode")), members(r))).collect();
    let expected =
        [(2, "H1", vec!["2 An", "3 Bình"]), (4, "H2", vec!["4 Chi"]), (5, "H3", vec![]), (6, "H1", vec!["6 Dũng"])];
    for (found, (line, code, names)) in found.iter().zip(&expected) {
        assert_eq!((found.0, found.1.as_str()), (*line, *code));
        assert_eq!(found.2, *names);
    }
    assert_eq!(found.len(), 4);
}

#[test]
fn rows_of_one_reference_must_agree() {
    let records = families("reference,householdCode,address,fullName\n1,H1,x,An\n1,H2,y,Bình\n1,H1\n2,H3,z,Chi\n");
    assert_eq!(
        told(&records[0].faults),
        "ROWS_DISAGREE householdCode: line 3 gives another value under the same reference\n\
         ROWS_DISAGREE address: line 3 gives another value under the same reference\n\
         RAGGED_ROW members.2: the row has 2 fields, the header 4"
    );
    assert_eq!(members(&records[1]), ["5 Chi"]);
    let unnamed = families("householdCode,fullName\nH1,An\nH1,Bình\nH2,Chi\n");
    assert_eq!(unnamed.iter().map(|record| members(record).len()).collect::<Vec<_>>(), [2, 1]);
    let bare = families("reference,householdCode\n1,H1\n1,H1\n");
    assert_eq!(bare.len(), 2);
    assert_eq!(*field(&bare[0], "members"), Cell::Null);
    let told = refusal(read_with(Format::Csv, &households(), b"reference,members\n"));
    assert!(told.ends_with("reference, householdCode, address, personalId, fullName"), "{told}");
}

#[test]
fn a_household_without_end_does_not_fill_the_memory() {
    let body = format!("reference,fullName\n{}2,An\n", format!("1,{}\n", "x".repeat(998)).repeat(3000));
    let records = families(&body);
    assert_eq!(records.len(), 2);
    assert_eq!(told(&records[0].faults), "RECORD_TOO_LARGE -: the record is larger than 1048576 bytes");
    assert!(members(&records[0]).len() < 1100);
}
