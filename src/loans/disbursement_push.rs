//! Loan disbursements as the social-policy bank pushes them.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::{
    codes::{Measure, Operation, ProgrammeKind},
    loan, loan_disbursement,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    access::Caller,
    db::among_keys,
    domain::{personal_id::PersonalId, vnd::Vnd},
    error::Result,
    exchange::{
        kind::{Decision, Insert, Moment, RecordKind, Unstored, Work},
        record::record,
        values::{Text, Thousandths, UnitCode, Whole},
    },
    messages::{Code, Fault, Message},
    registry::{
        matching::{KnownHousehold, Matches},
        resolving::{Resolver, Subject},
        suggesting::{Named, Suggestions},
    },
};

record! {
    /// Money paid out under a loan of the social-policy bank (VBSP).
    Disbursement "LoanDisbursementRecord" {
        /// The bank's own reference of the payment; the same reference is stored once.
        reference "reference": Text<100>,
        /// Number of the loan contract. The first disbursement registers the loan.
        contract_no "contractNo": Text<60>,
        /// Personal ID of the borrower, 12 digits; this or householdCode is required.
        personal_id "personalId": Option<PersonalId>,
        /// Code of the household in its commune, where the borrower's ID is not known.
        household_code "householdCode": Option<Text<40>>,
        /// Loan programme, as `loan_poor`.
        programme "programme": Text<60>,
        /// Amount paid, whole VND.
        amount "amount": Vnd,
        /// Day of the payment.
        disbursed_on "disbursedOn": NaiveDate,
        /// Term in months.
        term_months "termMonths": Option<Whole<1, 600>>,
        /// Interest, percent a year.
        annual_rate "annualRatePercent": Option<Thousandths>,
        /// Code of the savings-and-credit group (tổ TK&VV).
        group_code "groupCode": Option<Text<40>>,
        /// Purpose of the loan.
        purpose "purpose": Option<Text<200>>,
        /// Code of the commune, where household codes repeat in the bank's area.
        unit_code "unitCode": Option<UnitCode>,
        /// Name of the borrower as the bank holds it, for checking and for suggestions.
        full_name "fullName": Option<Text<100>>,
        /// Year of birth of the borrower as the bank holds it.
        birth_year "birthYear": Option<Whole<1900, 2099>>,
    }
}

/// The kind.
#[derive(Debug)]
pub struct DisbursementPush;

impl RecordKind for DisbursementPush {
    type Record = Disbursement;
    type State = Book;
    type Row = Payment;
    const SLUG: &'static str = "loan-disbursements";
    const SUBJECT: &'static str = "LoanDisbursement";
    const MUTATION: &'static str = "recordLoanDisbursements";

    fn reference(record: &Disbursement) -> &str {
        record.reference.as_str()
    }

    fn amount(record: &Disbursement) -> i64 {
        record.amount.0
    }

    async fn load(conn: &impl ConnectionTrait, caller: &Caller, rows: &[&Disbursement]) -> Result<Book> {
        let (borrowers, (loans, lent)) = tokio::try_join!(borrowers(conn, caller, rows), loans(conn, rows))?;
        let mut book = Book { borrowers, loans, lent, suggestions: Suggestions::default() };
        book.lent.extend(lent_to(conn, book.first_borrowers(rows)).await?);
        book.suggestions = Suggestions::load(conn, caller, book.strangers(rows)).await?;
        Ok(book)
    }

    fn decide(book: &mut Book, row: &Disbursement, at: &Moment<'_>) -> Decision<Payment> {
        let Some(programme) = at.rules.programme(&row.programme.0).filter(|p| p.kind == ProgrammeKind::Loan) else {
            return Decision::reject("programme", at.rules.unknown_programme(&row.programme.0, ProgrammeKind::Loan));
        };
        let subject = match subject(&book.borrowers, row) {
            Ok(subject) => subject,
            Err(why) => return Decision::from(why).suggesting(|| book.suggestions.of(name_of(row))),
        };
        let household = subject.household;
        let standing = book.borrowers.matches.standing(household, row.disbursed_on);
        let mut findings: Vec<Message> = standing.doubt(programme, row.disbursed_on).into_iter().collect();
        findings.extend(at.rules.doubt_in_force(programme, row.disbursed_on));
        findings.extend(at.future_date(row.disbursed_on));
        findings.extend(subject.doubts(row.full_name.as_ref().map(Text::as_str), row.birth_year.map(Whole::small)));
        let person_id = subject.person_id;
        let first = match loan_of(&book.loans, row, household) {
            Ok(Some(_)) => None,
            Ok(None) => Some(loan(at, row, household, person_id)),
            Err(why) => return why.into(),
        };
        if let Some(loan) = &first {
            let held = Loan { id: loan.id, household_id: loan.household_id, programme: loan.programme.clone() };
            book.loans.insert(loan.contract_no.clone(), held);
        }
        findings.extend(book.terms(row, household, at));
        let disbursement = loan_disbursement::Model {
            id: at.id(),
            loan_id: book.loans[row.contract_no.as_str()].id,
            household_id: household.id,
            person_id,
            unit_id: household.unit_id,
            programme: row.programme.0.clone(),
            reference: row.reference.0.clone(),
            amount: row.amount.0,
            disbursed_on: row.disbursed_on,
            class_on_date: standing.class,
            batch_id: at.batch_id,
            created_at: at.now,
        };
        let (id, unit_id) = (disbursement.id, disbursement.unit_id);
        let about = person_id.map_or(("Household", household.id), |person| ("Person", person));
        Decision::Accepted { id, unit_id, about, row: Payment { loan: first, disbursement }, findings }
    }
}

/// A payment, with the loan that it opens where it is the first of its contract.
#[derive(Debug)]
pub struct Payment {
    loan: Option<loan::Model>,
    disbursement: loan_disbursement::Model,
}

impl Insert for Payment {
    fn insert_all(rows: Vec<Self>, work: &mut Work<'_>) -> Result<()> {
        let (mut loans, mut disbursements) = (Vec::new(), Vec::with_capacity(rows.len()));
        for Self { loan, disbursement } in rows {
            if let Some(loan) = loan {
                work.changed(disbursement.batch_id, "Loan", loan.id, loan.unit_id, Operation::Created);
                loans.push(loan);
            }
            disbursements.push(disbursement);
        }
        loan::Model::insert_all(loans, work)?;
        loan_disbursement::Model::insert_all(disbursements, work)
    }
}

/// What households were lent so far, by programme, VND.
type Lent = HashMap<(Uuid, String), i64>;

/// What a row must agree with of the loan that it names.
struct Loan {
    id: Uuid,
    household_id: Uuid,
    programme: String,
}

/// What the rows of a chunk need to know.
pub struct Book {
    borrowers: Resolver,
    /// By contract.
    loans: HashMap<String, Loan>,
    lent: Lent,
    suggestions: Suggestions,
}

impl Book {
    /// The households that get a first payment under a contract: what they were lent did not come with a loan.
    fn first_borrowers(&self, rows: &[&Disbursement]) -> HashSet<Uuid> {
        let first = rows.iter().filter(|row| !self.loans.contains_key(row.contract_no.as_str()));
        first.filter_map(|row| subject(&self.borrowers, row).ok()).map(|subject| subject.household.id).collect()
    }

    /// The names that stand in rows which mean nobody known.
    fn strangers<'a>(&self, rows: &[&'a Disbursement]) -> Vec<Named<'a>> {
        let waits = |row: &&&Disbursement| matches!(subject(&self.borrowers, row), Err(Unstored::Waits(_)));
        rows.iter().filter(waits).filter_map(|row| name_of(row)).collect()
    }

    /// What the programme's terms of the day say against the row.
    fn terms(&mut self, row: &Disbursement, household: KnownHousehold, at: &Moment<'_>) -> Vec<Message> {
        let mut findings = Vec::new();
        let rate = |measure| at.rules.rate(&row.programme.0, measure, row.disbursed_on);
        let lent = self.lent.entry((household.id, row.programme.0.clone())).or_default();
        *lent = lent.saturating_add(row.amount.0);
        if let Some(ceiling) = rate(Measure::Ceiling).filter(|ceiling| *lent > ceiling.value) {
            let message = Message::new(Code::AmountAboveCeiling).with("amount", *lent).with("ceiling", ceiling.value);
            findings.push(message.with("basis", &ceiling.legal_basis));
        }
        let longest = rate(Measure::TermMonths).map(|term| term.value);
        if let Some((months, limit)) = row.term_months.zip(longest).filter(|(months, limit)| months.0 > *limit) {
            findings.push(Message::new(Code::TermAboveLimit).with("months", months.0).with("limit", limit));
        }
        let expected = rate(Measure::AnnualRate).map(|rate| Thousandths(rate.value * 10));
        if let Some((sent, expected)) = row.annual_rate.zip(expected).filter(|(sent, expected)| sent != expected) {
            let message = Message::new(Code::RateDiffers).with("rate", sent.text());
            findings.push(message.with("expected", expected.text()));
        }
        findings
    }
}

/// Whom the rows may mean: by number, and by code where the number does not tell the household.
async fn borrowers(conn: &impl ConnectionTrait, caller: &Caller, rows: &[&Disbursement]) -> Result<Resolver> {
    let ids = rows.iter().filter_map(|row| row.personal_id.as_ref());
    let matches = Matches::of_persons(conn, caller, ids).await?;
    let tells = |row: &Disbursement| matches.tells_household(row.personal_id.as_ref(), row.disbursed_on);
    let by_code: Vec<&Disbursement> = rows.iter().copied().filter(|row| !tells(row)).collect();
    let codes = by_code.iter().filter_map(|row| row.household_code.as_ref().map(Text::as_str));
    let matches = matches.with_households(conn, caller, codes).await?.with_reviews(conn).await?;
    Resolver::load(conn, matches, by_code.iter().filter_map(|row| row.unit_code.as_ref())).await
}

/// The loans of the contracts that rows name, by contract, and what their households were lent under the same programme.
async fn loans(conn: &impl ConnectionTrait, rows: &[&Disbursement]) -> Result<(HashMap<String, Loan>, Lent)> {
    use loan::Column;
    let (mut loans, mut lent) = (HashMap::new(), Lent::new());
    let contracts: HashSet<&str> = rows.iter().map(|row| row.contract_no.as_str()).collect();
    if contracts.is_empty() {
        return Ok((loans, lent));
    }
    let held: Vec<(String, Uuid, Uuid, String, i64)> = loan::Entity::find()
        .select_only()
        .columns([Column::ContractNo, Column::Id, Column::HouseholdId, Column::Programme])
        .expr_as(lent_with_a_loan(), "lent")
        .filter(among_keys(conn, Column::ContractNo, contracts))
        .into_tuple()
        .all(conn)
        .await?;
    for (number, id, household_id, programme, sum) in held {
        lent.insert((household_id, programme.clone()), sum);
        loans.insert(number, Loan { id, household_id, programme });
    }
    Ok((loans, lent))
}

/// What the household of a loan was lent under its programme, by whatever contract.
fn lent_with_a_loan() -> Expr {
    use loan_disbursement::Column;
    let same = |of_payment: Column, of_loan: loan::Column| of_payment.into_expr().eq(of_loan.into_expr());
    let sum = Column::Amount.sum().if_null(0).cast_as("BIGINT");
    let lent = loan_disbursement::Entity::find()
        .select_only()
        .column_as(sum, "lent")
        .filter(same(Column::HouseholdId, loan::Column::HouseholdId))
        .filter(same(Column::Programme, loan::Column::Programme));
    Expr::SubQuery(None, Box::new(lent.into_query().into()))
}

/// What households were lent so far.
async fn lent_to(conn: &impl ConnectionTrait, households: HashSet<Uuid>) -> Result<Lent> {
    use loan_disbursement::Column;
    if households.is_empty() {
        return Ok(Lent::new());
    }
    let rows: Vec<(Uuid, String, i64)> = loan_disbursement::Entity::find()
        .select_only()
        .columns([Column::HouseholdId, Column::Programme])
        .column_as(Column::Amount.sum().cast_as("BIGINT"), "amount")
        .filter(among_keys(conn, Column::HouseholdId, households))
        .group_by(Column::HouseholdId)
        .group_by(Column::Programme)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(household, programme, sum)| ((household, programme), sum)).collect())
}

/// Whom a row means.
fn subject<'a>(borrowers: &'a Resolver, row: &Disbursement) -> Result<Subject<'a>, Unstored> {
    borrowers.subject(
        row.personal_id.as_ref(),
        row.household_code.as_ref().map(Text::as_str),
        row.unit_code.as_ref(),
        row.disbursed_on,
    )
}

/// The name of the borrower as it was sent, with the year of birth.
fn name_of(row: &Disbursement) -> Option<Named<'_>> {
    row.full_name.as_ref().map(|name| (name.as_str(), row.birth_year.map(Whole::small)))
}

/// The loan of the contract; none where this is its first payment.
fn loan_of<'a>(
    loans: &'a HashMap<String, Loan>,
    row: &Disbursement,
    household: KnownHousehold,
) -> Result<Option<&'a Loan>, Unstored> {
    let Some(held) = loans.get(row.contract_no.as_str()) else { return Ok(None) };
    let fault = |what: &str| {
        let message = Message::new(Code::ContractMismatch).with("contract", &row.contract_no.0).with("what", what);
        Fault::at("contractNo", message)
    };
    if held.household_id != household.id {
        return Err(Unstored::Taken { of: "Loan", household_id: held.household_id, fault: fault("household") });
    }
    if held.programme != row.programme.0 {
        return Err(Unstored::Refused(fault("programme")));
    }
    Ok(Some(held))
}

fn loan(at: &Moment<'_>, row: &Disbursement, household: KnownHousehold, person_id: Option<Uuid>) -> loan::Model {
    loan::Model {
        id: at.id(),
        contract_no: row.contract_no.0.clone(),
        programme: row.programme.0.clone(),
        household_id: household.id,
        person_id,
        unit_id: household.unit_id,
        granted_on: row.disbursed_on,
        term_months: row.term_months.map(Whole::small),
        annual_rate_bp: row.annual_rate.and_then(|rate| i32::try_from(rate.0 / 10).ok()),
        group_code: row.group_code.as_ref().map(|code| code.0.clone()),
        purpose: row.purpose.as_ref().map(|purpose| purpose.0.clone()),
        created_at: at.now,
    }
}
