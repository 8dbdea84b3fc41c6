use super::*;
use crate::{
    exchange::{
        raw::RawRecord,
        record::{content_hash, read, record},
    },
    messages::Fault,
};

record! {
    /// A payment.
    Payment "PaymentRecord" {
        /// Reference.
        reference "reference": Text<8>,
        /// Amount.
        amount "amount": Vnd,
        /// Day.
        paid_on "paidOn": Option<NaiveDate>,
    }
}

fn payment(fields: &[(&str, Cell)]) -> Result<Payment, Vec<Fault>> {
    let fields = fields.iter().map(|(name, cell)| ((*name).to_owned(), cell.clone())).collect();
    read(RawRecord { fields, ..RawRecord::default() })
}

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

fn amount_fault(cell: Cell) -> Code {
    payment(&[("reference", text("A")), ("amount", cell)]).unwrap_err()[0].message.code
}

#[test]
fn every_bad_amount_gets_its_own_reason() {
    assert_eq!(amount_fault(Cell::Int(0)), Code::AmountNotPositive);
    assert_eq!(amount_fault(Cell::Int(-1)), Code::AmountNotPositive);
    assert_eq!(amount_fault(Cell::Number("0.5".into())), Code::NotAnAmount);
    assert_eq!(amount_fault(text("1.000.000")), Code::NotAnAmount);
    for written in ["+5", "007", "-0", "00", "5.", "5 000", "5000000000000000000000x", "00000000000000000005"] {
        assert_eq!(amount_fault(text(written)), Code::NotAnAmount, "{written}");
    }
    assert_eq!(amount_fault(text("-5")), Code::AmountNotPositive);
    assert_eq!(amount_fault(Cell::Int((1 << 53) + 1)), Code::AmountTooLarge);
    assert_eq!(amount_fault(text("99999999999999999999")), Code::AmountTooLarge);
    assert_eq!(amount_fault(Cell::Bool(true)), Code::WrongType);
    assert_eq!(amount_fault(Cell::Null), Code::Required);
}

#[test]
fn every_bad_date_gets_its_own_reason() {
    assert_eq!(date("2022-02-30").unwrap_err().code, Code::NotADate);
    assert_eq!(date("31/12/2022").unwrap_err().params["suggestion"], "2022-12-31");
    assert_eq!(date("1822-01-01").unwrap_err().code, Code::DateRange);
    assert_eq!(date("soon").unwrap_err().code, Code::NotADate);
}

#[test]
fn numbers_in_text_have_one_form() {
    fn reads<V: Value>(written: &str) -> bool {
        let mut faults = Vec::new();
        let mut site = Site::new(&mut faults);
        V::read(text(written), &mut site).is_some()
    }
    for written in ["+5", "05", "5.0", " ", "5,"] {
        assert!(!reads::<Whole<1, 600>>(written), "{written}");
    }
    for written in ["+6.6", "06.6", "6.", ".6", "6.6666", "-1", "6.+1"] {
        assert!(!reads::<Thousandths>(written), "{written}");
    }
    assert!(reads::<Whole<1, 600>>("5") && reads::<Thousandths>("0.5") && reads::<Thousandths>("6,6"));
    // Codes are no numbers: they keep their zeros.
    assert!(reads::<EthnicityCode>("01") && !reads::<EthnicityCode>("+5") && !reads::<EthnicityCode>("56"));
}

#[test]
fn all_faults_of_a_record_are_told_at_once() {
    let faults = payment(&[("amount", text("x")), ("paidOn", text("y")), ("colour", text("red"))]).unwrap_err();
    let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_deref().unwrap()).collect();
    assert_eq!(fields, ["reference", "amount", "paidOn", "colour"]);
}

#[test]
fn the_same_content_has_the_same_hash_whatever_its_form() {
    let json = payment(&[("amount", Cell::Int(5)), ("reference", text("e\u{301} a"))]).unwrap();
    let csv = payment(&[("reference", text(" é  a ")), ("amount", text("5")), ("paidOn", Cell::Null)]).unwrap();
    assert_eq!(content_hash(&json), content_hash(&csv));
    let other = payment(&[("reference", text("é a")), ("amount", text("6"))]).unwrap();
    assert_ne!(content_hash(&json), content_hash(&other));
}

#[test]
fn a_nul_is_refused() {
    let faults = payment(&[("reference", text("A\0")), ("amount", Cell::Int(1))]).unwrap_err();
    assert_eq!(faults[0].message.code, Code::ControlCharacter);
}
