//! Loan disbursements as the social-policy bank pushes them.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::{
    codes::{Measure, Operation, ProgrammeKind},
    loan, loan_disbursement,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    access::Caller,
    db::among_keys,
    domain::{personal_id::PersonalId, vnd::Vnd},
    error::Result,
    exchange::{
        kind::{Decision, Held, RecordKind, Sent, Work},
        record::record,
        values::{Text, Thousandths, UnitCode, Whole},
    },
    messages::{Code, Fault, Message},
    registry::{
        elsewhere::{self, Refusals},
        matching::{KnownHousehold, Matches, suggest},
        resolving::{Resolver, Subject},
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
    type Found = Resolver;
    type Held = Loans;
    const SLUG: &'static str = "loan-disbursements";
    const SUBJECT: &'static str = "LoanDisbursement";
    const MUTATION: &'static str = "recordLoanDisbursements";
    const ROWS_STAND_ALONE: bool = true;

    fn reference(record: &Disbursement) -> &str {
        record.reference.as_str()
    }

    fn amount(record: &Disbursement) -> i64 {
        record.amount.0
    }

    async fn look_up(conn: &impl ConnectionTrait, caller: &Caller, rows: &[&Disbursement]) -> Result<Resolver> {
        let ids = rows.iter().filter_map(|row| row.personal_id.as_ref());
        let matches = Matches::of_persons(conn, caller, ids).await?;
        let by_code: Vec<&Disbursement> = rows
            .iter()
            .copied()
            .filter(|row| !matches.tells_household(row.personal_id.as_ref(), row.disbursed_on))
            .collect();
        let codes = by_code.iter().filter_map(|row| row.household_code.as_ref().map(Text::as_str));
        let matches = matches.with_households(conn, caller, codes).await?.with_reviews(conn).await?;
        Resolver::load(conn, matches, by_code.iter().filter_map(|row| row.unit_code.as_ref())).await
    }

    async fn store(
        work: &mut Work<'_>,
        found: &Resolver,
        loans: Loans,
        rows: &[Sent<Disbursement>],
    ) -> Result<Vec<Decision>> {
        let lent = lent(work.txn, loans.unlent(found, rows)).await?;
        let mut book = Book { loans, new_loans: Vec::new(), new_disbursements: Vec::new(), others: Refusals::new() };
        book.loans.lent.extend(lent);
        let mut decisions = Vec::with_capacity(rows.len());
        for row in rows {
            decisions.push(book.decide(work, found, row));
        }
        let others = book.write(work)?;
        elsewhere::of_households(work, "Loan", others).await?;
        suggest(work.txn, work.caller, &mut decisions, |place| {
            let row = &rows[place];
            row.full_name.as_ref().map(|name| (name.as_str(), row.birth_year.map(Whole::small)))
        })
        .await?;
        Ok(decisions)
    }
}

/// What a household was lent so far under a programme, VND.
type Lent = HashMap<(Uuid, String), i64>;

/// What households were lent so far, by programme.
async fn lent(conn: &impl ConnectionTrait, households: HashSet<Uuid>) -> Result<Lent> {
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

/// What a row must agree with of the loan that it names.
struct Loan {
    id: Uuid,
    household_id: Uuid,
    programme: String,
}

/// The loans of the contracts that rows name, and what their households were lent under the same programme.
#[derive(Default)]
pub struct Loans {
    by_contract: HashMap<String, Loan>,
    lent: Lent,
}

impl Held<Disbursement> for Loans {
    async fn look_up(conn: &impl ConnectionTrait, rows: &[&Disbursement]) -> Result<Self> {
        use loan::Column;
        let contracts: HashSet<&str> = rows.iter().map(|row| row.contract_no.as_str()).collect();
        let held: Vec<(String, Uuid, Uuid, String, i64)> = loan::Entity::find()
            .select_only()
            .columns([Column::ContractNo, Column::Id, Column::HouseholdId, Column::Programme])
            .expr_as(lent_with_a_loan(), "lent")
            .filter(among_keys(conn, Column::ContractNo, contracts))
            .into_tuple()
            .all(conn)
            .await?;
        let mut loans = Self::default();
        for (number, id, household_id, programme, lent) in held {
            loans.lent.insert((household_id, programme.clone()), lent);
            loans.by_contract.insert(number, Loan { id, household_id, programme });
        }
        Ok(loans)
    }
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

impl Loans {
    /// The households that get a first payment under a contract: what they were lent is not known yet.
    fn unlent(&self, found: &Resolver, rows: &[Sent<Disbursement>]) -> HashSet<Uuid> {
        let new = rows.iter().filter(|row| !self.by_contract.contains_key(row.contract_no.as_str()));
        new.filter_map(|row| subject(found, row).ok()).map(|subject| subject.household.id).collect()
    }
}

/// Whom a row means.
fn subject<'a>(resolver: &'a Resolver, row: &Disbursement) -> Result<Subject<'a>, Decision> {
    resolver.subject(
        row.personal_id.as_ref(),
        row.household_code.as_ref().map(Text::as_str),
        row.unit_code.as_ref(),
        row.disbursed_on,
    )
}

/// The loans a chunk touches, with what it makes.
struct Book {
    loans: Loans,
    new_loans: Vec<loan::ActiveModel>,
    new_disbursements: Vec<loan_disbursement::ActiveModel>,
    /// Households whose contracts rows of others have named.
    others: Refusals,
}

impl Book {
    fn decide(&mut self, work: &mut Work<'_>, resolver: &Resolver, row: &Sent<Disbursement>) -> Decision {
        let Some(programme) = work.rules.programme(&row.programme.0).filter(|p| p.kind == ProgrammeKind::Loan) else {
            return Decision::reject("programme", work.rules.unknown_programme(&row.programme.0, ProgrammeKind::Loan));
        };
        let subject = match subject(resolver, row) {
            Ok(subject) => subject,
            Err(decision) => return decision,
        };
        let loan = match self.loan_of(work, row, &subject) {
            Ok(loan) => loan,
            Err(faults) => return Decision::Rejected(faults),
        };
        let standing = resolver.matches.standing(subject.household, row.disbursed_on);
        let mut findings: Vec<Message> = standing.doubt(programme, row.disbursed_on).into_iter().collect();
        findings.extend(work.rules.doubt_in_force(programme, row.disbursed_on));
        findings.extend(work.doubt_future(row.disbursed_on));
        findings.extend(subject.doubts(row.full_name.as_ref().map(Text::as_str), row.birth_year.map(Whole::small)));
        findings.extend(self.doubts(work, row, subject.household));
        let id = work.env.ids.next();
        self.new_disbursements.push(
            loan_disbursement::Model {
                id,
                loan_id: loan,
                household_id: subject.household.id,
                person_id: subject.person_id,
                unit_id: subject.household.unit_id,
                programme: row.programme.0.clone(),
                reference: row.reference.0.clone(),
                amount: row.amount.0,
                disbursed_on: row.disbursed_on,
                class_on_date: standing.class,
                batch_id: row.batch_id,
                created_at: work.now,
            }
            .into_active_model(),
        );
        work.changed(row.batch_id, DisbursementPush::SUBJECT, id, subject.household.unit_id, Operation::Created);
        match subject.person_id {
            Some(person) => work.told.meant("Person", person),
            None => work.told.meant("Household", subject.household.id),
        }
        Decision::Accepted { id, unit_id: subject.household.unit_id, findings }
    }

    /// The loan of the contract, registered when this is its first disbursement.
    fn loan_of(
        &mut self,
        work: &mut Work<'_>,
        row: &Sent<Disbursement>,
        subject: &Subject<'_>,
    ) -> Result<Uuid, Vec<Fault>> {
        if let Some(held) = self.loans.by_contract.get(&row.contract_no.0) {
            let mismatch = |what: &str| {
                let message = Message::new(Code::ContractMismatch).with("contract", &row.contract_no.0);
                vec![Fault::at("contractNo", message.with("what", what))]
            };
            if held.household_id != subject.household.id {
                self.others.push((row.batch_id, held.household_id));
                return Err(mismatch("household"));
            }
            if held.programme != row.programme.0 {
                return Err(mismatch("programme"));
            }
            return Ok(held.id);
        }
        let loan = loan::Model {
            id: work.env.ids.next(),
            contract_no: row.contract_no.0.clone(),
            programme: row.programme.0.clone(),
            household_id: subject.household.id,
            person_id: subject.person_id,
            unit_id: subject.household.unit_id,
            granted_on: row.disbursed_on,
            term_months: row.term_months.map(Whole::small),
            annual_rate_bp: row.annual_rate.and_then(|rate| i32::try_from(rate.0 / 10).ok()),
            group_code: row.group_code.as_ref().map(|code| code.0.clone()),
            purpose: row.purpose.as_ref().map(|purpose| purpose.0.clone()),
            created_at: work.now,
        };
        let held = Loan { id: loan.id, household_id: loan.household_id, programme: loan.programme.clone() };
        work.changed(row.batch_id, "Loan", loan.id, loan.unit_id, Operation::Created);
        self.new_loans.push(loan.into_active_model());
        let id = held.id;
        self.loans.by_contract.insert(row.contract_no.0.clone(), held);
        Ok(id)
    }

    /// What the programme's figures of the day say against the row.
    fn doubts(&mut self, work: &Work<'_>, row: &Disbursement, household: KnownHousehold) -> Vec<Message> {
        let mut doubts = Vec::new();
        let rate = |measure| work.rules.rate(&row.programme.0, measure, row.disbursed_on);
        let lent = self.loans.lent.entry((household.id, row.programme.0.clone())).or_default();
        *lent = lent.saturating_add(row.amount.0);
        if let Some(ceiling) = rate(Measure::Ceiling).filter(|ceiling| *lent > ceiling.value) {
            let message = Message::new(Code::AmountAboveCeiling).with("amount", *lent).with("ceiling", ceiling.value);
            doubts.push(message.with("basis", &ceiling.legal_basis));
        }
        let longest = rate(Measure::TermMonths).map(|term| term.value);
        if let Some((months, limit)) = row.term_months.zip(longest).filter(|(months, limit)| months.0 > *limit) {
            doubts.push(Message::new(Code::TermAboveLimit).with("months", months.0).with("limit", limit));
        }
        let expected = rate(Measure::AnnualRate).map(|rate| Thousandths(rate.value * 10));
        if let Some((sent, expected)) = row.annual_rate.zip(expected).filter(|(sent, expected)| sent != expected) {
            let message = Message::new(Code::RateDiffers).with("rate", sent.text());
            doubts.push(message.with("expected", expected.text()));
        }
        doubts
    }

    fn write(self, work: &mut Work<'_>) -> Result<Refusals> {
        work.insert(self.new_loans)?;
        work.insert(self.new_disbursements)?;
        Ok(self.others)
    }
}
