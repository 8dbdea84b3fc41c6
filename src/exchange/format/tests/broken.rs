use super::{round_trip::Dice, *};

const JSON: &str = "\u{feff}{\"declaredCount\": 2, \"records\": [{\"reference\": \"a\\u00e9\\ud83d\\ude00\", \"amount\": -50.5e3,\n\
    \"ok\": true, \"no\": [null, false, {\"đ\": \"Bạch Thông\"}]}, {\"amount\": 12}], \"atomic\": false}";
const NDJSON: &str = "{\"reference\":\"Thôn\",\"amount\":5}\r\n\n{\"a\":[1,{\"b\":null}]}\n{\"purpose\":\"\\n\"}";
const CSV: &str = "\u{feff}reference;amount;purpose\r\nâ;5;\"mua \"\"bò\"\"\r\nđực\"\r\n\r\nb;6;\r\n";
const NESTED: &str = "reference,householdCode,fullName\n1,\"H,1\",Bể\n1,\"H,1\",An\n2,H2,Ô\n";

/// Reads what may be anything: rows or one error of the sender, never a panic, never an error of ours.
fn survive(format: Format, shape: &Shape, body: &[u8]) -> bool {
    match read_with(format, shape, body) {
        Ok((records, _)) => {
            assert!(records.len() <= body.len());
            true
        }
        Err(error) => {
            assert_eq!(error.status(), 400, "{error:?}");
            assert!(error.message().text(Lang::Vi).len() < 4000);
            false
        }
    }
}

fn samples() -> [(Format, Shape, &'static [u8]); 4] {
    [
        (Format::Json, loans(), JSON.as_bytes()),
        (Format::Ndjson, loans(), NDJSON.as_bytes()),
        (Format::Csv, loans(), CSV.as_bytes()),
        (Format::Csv, households(), NESTED.as_bytes()),
    ]
}

#[test]
fn a_body_cut_anywhere_gives_rows_or_one_error() {
    for (format, shape, body) in samples() {
        assert!(survive(format, &shape, body));
        for length in 0..body.len() {
            let whole = survive(format, &shape, &body[..length]);
            assert!(!(whole && format == Format::Json), "a cut body of JSON was accepted at {length}");
        }
    }
}

#[test]
fn a_body_with_any_byte_changed_gives_rows_or_one_error() {
    let others =
        [0, b'"', b'\\', b'{', b'}', b'[', b']', b',', b';', b'\n', b'\r', b'\'', b'=', b'9', 0x80, 0xC3, 0xFF];
    for (format, shape, body) in samples() {
        for at in 0..body.len() {
            let mut changed = body.to_vec();
            for byte in others.into_iter().chain((0..8).map(|bit| body[at] ^ (1 << bit))) {
                changed[at] = byte;
                survive(format, &shape, &changed);
            }
            changed.remove(at);
            survive(format, &shape, &changed);
        }
    }
}

#[test]
fn noise_gives_rows_or_one_error() {
    let pieces: [&[u8]; 20] = [
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"",
        b",",
        b":",
        b"\"records\"",
        b"null",
        b"1",
        b"-",
        b"e",
        b"\n",
        b"\r",
        b" ",
        b"\\u",
        b"reference",
        b";",
        "ế".as_bytes(),
        b"\xff",
    ];
    let mut dice = Dice(3);
    for _ in 0..4000 {
        let mut body = Vec::new();
        for _ in 0..dice.below(30) {
            body.extend_from_slice(pieces[dice.below(pieces.len())]);
        }
        for (format, shape, _) in samples() {
            survive(format, &shape, &body);
        }
    }
}

/// Where our strict reading and the library's agree on what JSON is.
#[test]
fn json_is_what_others_take_for_json() {
    let mut dice = Dice(5);
    let body = JSON.trim_start_matches('\u{feff}').as_bytes();
    for _ in 0..6000 {
        let mut changed = body.to_vec();
        for _ in 0..=dice.below(2) {
            let at = dice.below(changed.len());
            match dice.below(3) {
                0 => changed[at] = body[dice.below(body.len())],
                1 => drop(changed.remove(at)),
                _ => changed.insert(at, body[dice.below(body.len())]),
            }
        }
        let record = [b"{\"records\":[".as_slice(), &changed, b"]}"].concat();
        let ours = read(Format::Json, &record);
        let theirs = serde_json::from_slice::<serde_json::Value>(&record);
        match (&ours, &theirs) {
            (Ok(_), Err(error)) if error.to_string().contains("number out of range") => {}
            (Err(error), Ok(_)) if error.message().code != Code::NotJson => {}
            _ => assert_eq!(ours.is_ok(), theirs.is_ok(), "{} {ours:?} {theirs:?}", String::from_utf8_lossy(&record)),
        }
    }
}

/// A body made as it is read, so that only the reader's own memory is there.
struct Rows {
    head: &'static [u8],
    row: &'static [u8],
    tail: &'static [u8],
    left: usize,
    at: usize,
}

impl std::io::Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let piece = match (self.head, self.left) {
            (head, _) if !head.is_empty() => head,
            (_, 0) => self.tail,
            _ => self.row,
        };
        let count = piece[self.at..].len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[self.at..][..count]);
        self.at += count;
        if self.at == piece.len() {
            self.at = 0;
            match (self.head, self.left) {
                (head, _) if !head.is_empty() => self.head = b"",
                (_, 0) => self.tail = b"",
                _ => self.left -= 1,
            }
        }
        Ok(count)
    }
}

#[test]
fn two_hundred_thousand_rows_pass_through_one_window() {
    const COUNT: usize = 200_000;
    let bodies = [
        (Format::Ndjson, ["", "{\"reference\":\"VBSP-1\",\"amount\":50000000}\n", ""]),
        (Format::Csv, ["reference,amount\n", "VBSP-1,50000000\n", ""]),
        (Format::Json, ["{\"records\":[", "{\"reference\":\"VBSP-1\",\"amount\":50000000},", "{}],\"atomic\":true}"]),
    ];
    let shape = loans();
    for (format, pieces) in bodies {
        let [head, row, tail] = pieces.map(str::as_bytes);
        let mut reader = Reader::new(format, Rows { head, row, tail, left: COUNT, at: 0 }, &shape).unwrap();
        let mut count = 0;
        loop {
            let chunk = reader.next_chunk(1000).unwrap();
            assert!(chunk.len() <= 1000 && chunk.iter().all(|record| record.faults.is_empty()));
            if chunk.is_empty() {
                break;
            }
            count += chunk.len();
            assert!(reader.window() <= source::WINDOW, "the window grew to {}", reader.window());
        }
        assert_eq!(count, COUNT + usize::from(format == Format::Json), "{format:?}");
        assert_eq!(reader.envelope().atomic, (format == Format::Json).then_some(true));
    }
}
