use super::{write::*, *};

/// A small generator of pseudo-random numbers (xorshift), so that every run sees the same inputs.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn text(&mut self) -> String {
        const LETTERS: [&str; 24] = [
            "a",
            "Ế",
            "e\u{302}\u{301}",
            "đ",
            " ",
            ",",
            ";",
            "\t",
            "\"",
            "\"\"",
            "'",
            "=",
            "+",
            "-",
            "@",
            "\n",
            "\r\n",
            "\r",
            "\0",
            "0",
            "12",
            "\\",
            "😀",
            "\u{feff}",
        ];
        (0..self.below(6)).map(|_| LETTERS[self.below(LETTERS.len())]).collect()
    }

    fn cell(&mut self, depth: usize) -> Cell {
        match self.below(if depth > 3 { 5 } else { 7 }) {
            0 => Cell::Null,
            1 => Cell::Bool(self.below(2) == 0),
            2 => Cell::Int(i64::from_ne_bytes(self.0.to_ne_bytes())),
            3 => Cell::Number(["0.5", "-0", "1e300", "18446744073709551616"][self.below(4)].to_owned()),
            4 => Cell::Text(self.text()),
            5 => Cell::List((0..self.below(4)).map(|_| self.cell(depth + 1)).collect()),
            _ => Cell::Record(self.record(depth + 1)),
        }
    }

    fn record(&mut self, depth: usize) -> RawRecord {
        let fields = (0..self.below(4)).map(|n| (format!("{n}{}", self.text()), self.cell(depth))).collect();
        RawRecord { fields, ..RawRecord::default() }
    }
}

#[test]
fn json_is_read_back_as_it_was_written() {
    let mut dice = Dice(7);
    for _ in 0..3000 {
        let record = dice.record(0);
        let mut line = String::new();
        json_record(&mut line, &record);
        serde_json::from_str::<serde_json::Value>(&line).unwrap();
        let pushed = read(Format::Json, format!("{{\"records\":[{line}]}}")).unwrap();
        assert_eq!(pushed, std::slice::from_ref(&record), "{line}");

        let (names, cells): (Vec<&str>, Vec<Cell>) =
            record.fields.iter().map(|(name, cell)| (name.as_str(), cell.clone())).unzip();
        let mut again = String::new();
        ndjson(&mut again, &names, &cells);
        assert_eq!(again, line + "\n");
    }
}

#[test]
fn csv_is_read_back_as_it_was_written_by_us_and_by_others() {
    let shape = Shape { fields: vec!["reference", "amount", "purpose"], ..Shape::default() };
    let mut dice = Dice(11);
    for round in 0..2000 {
        let table: Vec<Vec<Cell>> = (0..=dice.below(4))
            .map(|row| {
                let filled = |text: String| if text.is_empty() { Cell::Null } else { Cell::Text(text) };
                vec![text(&format!("r{row}")), filled(dice.text()), filled(dice.text())]
            })
            .collect();
        let mut body = String::new();
        csv_header(&mut body, &shape.fields, round % 2 == 0);
        for row in &table {
            csv_row(&mut body, row);
        }
        let (records, _) = read_with(Format::Csv, &shape, body.as_bytes()).unwrap();
        let found: Vec<Vec<Cell>> =
            records.iter().map(|record| record.fields.iter().map(|(_, cell)| cell.clone()).collect()).collect();
        assert_eq!(found, table, "{body:?}");

        let mut library = ::csv::ReaderBuilder::new().from_reader(body.trim_start_matches('\u{feff}').as_bytes());
        let others = library.records().map(|record| record.unwrap().len()).collect::<Vec<_>>();
        assert_eq!(others, vec![3; table.len()], "{body:?}");
    }
}

#[test]
fn what_would_run_as_a_formula_is_marked() {
    let mut out = String::new();
    csv_header(&mut out, &["a", "b,c"], true);
    csv_row(&mut out, &[text("=cmd|' /C calc'!A0"), text("@SUM(1)"), text("-1"), Cell::Int(-1), text("+84")]);
    csv_row(&mut out, &[text("\t1"), text("\r1"), text("a=1"), Cell::Number("-0.5".into()), Cell::Number("=1".into())]);
    csv_row(&mut out, &[Cell::List(vec![text("A"), Cell::Int(2)]), Cell::List(vec![text("=A")]), Cell::Bool(true)]);
    csv_row(&mut out, &[Cell::Null]);
    csv_row(&mut out, &[Cell::Null, Cell::List(vec![Cell::Record(RawRecord::default())])]);
    assert_eq!(
        out,
        "\u{feff}a,\"b,c\"\r\n'=cmd|' /C calc'!A0,'@SUM(1),'-1,-1,'+84\r\n\"'\t1\",\"'\r1\",a=1,-0.5,'=1\r\n\"A;2\",'=A,true\r\n\
         \"\"\r\n,[{}]\r\n"
    );
}

#[test]
fn a_number_that_is_none_is_written_as_text() {
    let mut out = String::new();
    for literal in ["6.6", "1e5", "NaN", "1,2", "", "\"x", "true", " 1"] {
        json_value(&mut out, &Cell::Number(literal.to_owned()));
        out.push(' ');
    }
    assert_eq!(out, "6.6 1e5 \"NaN\" \"1,2\" \"\" \"\\\"x\" \"true\" \" 1\" ");
}

#[test]
fn a_household_is_written_as_a_row_a_member() {
    let record = |fields: &[(&str, Cell)]| RawRecord {
        fields: fields.iter().map(|(name, cell)| ((*name).to_owned(), cell.clone())).collect(),
        ..RawRecord::default()
    };
    let shape = households();
    let member = |name: &str| Cell::Record(record(&[("personalId", Cell::Null), ("fullName", text(name))]));
    let household = |reference: &str, members: Vec<Cell>| {
        record(&[
            ("reference", text(reference)),
            ("householdCode", text("=H")),
            ("address", Cell::Null),
            ("members", Cell::List(members)),
        ])
    };
    let written = [household("1", vec![member("An"), member("Bể, Ba")]), household("2", Vec::new())];

    let mut out = String::new();
    csv_header(&mut out, &shape.columns(), false);
    for record in &written {
        csv_record(&mut out, &shape, record);
    }

    assert_eq!(
        out,
        "reference,householdCode,address,personalId,fullName\r\n1,'=H,,,An\r\n1,'=H,,,\"Bể, Ba\"\r\n2,'=H,,,\r\n"
    );
    let (read, _) = read_with(Format::Csv, &shape, out.as_bytes()).unwrap();
    for (found, held) in read.iter().zip(&written) {
        let mut again = String::new();
        json_record(&mut again, found);
        let mut once = String::new();
        json_record(&mut once, held);
        assert_eq!(again, once);
    }
}
