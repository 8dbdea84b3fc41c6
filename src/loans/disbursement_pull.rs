//! Loan disbursements told back.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{
    loan,
    loan_disbursement::{Column, Entity, Model},
};
use uuid::Uuid;

use super::{
    disbursement_push::DisbursementPush,
    disbursements::{self, DisbursementFilter},
    loans,
};
use crate::{
    access::Caller,
    env::Env,
    error::Result,
    exchange::{
        pull::{PullKind, Right, Shown, Told, told},
        raw::{Cell, RawRecord},
        record::record,
        values::{AreaCode, Text, Thousandths},
    },
    listing::{Listing, SortKey, time_key},
    registry::naming,
};

record! {
    /// Which disbursements are wanted.
    Filter "LoanDisbursementFilter" {
        /// In the area of the unit that bears or bore this code.
        unit "unit": Option<AreaCode>,
        /// Of this programme; several when repeated.
        programme "programme": Vec<Text<60>>,
        /// Paid on or after this day.
        from "from": Option<NaiveDate>,
        /// Paid on or before this day.
        to "to": Option<NaiveDate>,
    }
}

impl PullKind for DisbursementPush {
    type Entity = Entity;
    type Filter = Filter;
    const RIGHTS: &'static [Right] = &[("Query", "loanDisbursements")];
    const FIELDS: &'static [Told] = told! {
        "id": LoanDisbursement.id;
        "recordedAt": LoanDisbursement.recordedAt;
        "reference": LoanDisbursement.reference;
        "contractNo": LoanDisbursement.loan > Loan.contractNo;
        "personalId": LoanDisbursement.borrower > Person.personalId;
        "householdCode": LoanDisbursement.household > Household.code;
        "programme": LoanDisbursement.programme;
        "amount": LoanDisbursement.amount;
        "disbursedOn": LoanDisbursement.disbursedOn;
        "termMonths": LoanDisbursement.loan > Loan.termMonths;
        "annualRatePercent": LoanDisbursement.loan > Loan.annualRatePercent;
        "groupCode": LoanDisbursement.loan > Loan.groupCode;
        "purpose": LoanDisbursement.loan > Loan.purpose;
        "unitCode": LoanDisbursement.unit > AdministrativeUnit.code;
        "fullName": LoanDisbursement.borrower > Person.fullName;
        "birthYear": LoanDisbursement.borrower > Person.birthYear;
    };

    fn list(_: &Env, caller: &Caller, filter: &Filter, descending: bool) -> Result<Listing<Entity>> {
        let filter = DisbursementFilter {
            unit: filter.unit.as_ref().map(|code| code.0.clone()),
            programme: filter.programme.iter().map(|slug| slug.0.clone()).collect(),
            from: filter.from,
            to: filter.to,
        };
        disbursements::list(caller, &filter, descending)
    }

    fn recorded() -> SortKey<Entity> {
        time_key(Column::CreatedAt, |row: &Model| row.created_at.into())
    }

    async fn records(
        env: &Env,
        caller: &Caller,
        _: &Filter,
        shown: &Shown,
        rows: Vec<Model>,
    ) -> Result<Vec<RawRecord>> {
        let of_loan = shown.any(&["contractNo", "termMonths", "annualRatePercent", "groupCode", "purpose"]);
        let of_person = shown.any(&["personalId", "fullName", "birthYear"]);
        let (of_household, of_unit) = (shown.any(&["householdCode"]), shown.any(&["unitCode"]));
        let loans = contracts(env, caller, of_loan, &rows).await?;
        let people = naming::people(env, caller, of_person, rows.iter().filter_map(|row| row.person_id)).await?;
        let households = naming::households(env, caller, of_household, rows.iter().map(|row| row.household_id)).await?;
        let units = naming::units(env, of_unit, rows.iter().map(|row| row.unit_id)).await?;
        let record = |row: Model| {
            let loan = loans.get(&row.loan_id);
            let person = people.get(row.person_id).map(|named| &named.person);
            RawRecord::of([
                ("id", row.id.into()),
                ("recordedAt", row.created_at.into()),
                ("reference", (&row.reference).into()),
                ("contractNo", loan.map(|loan| &loan.contract_no).into()),
                ("personalId", people.personal_id(row.person_id)),
                ("householdCode", households.cell(row.household_id)),
                ("programme", (&row.programme).into()),
                ("amount", row.amount.into()),
                ("disbursedOn", row.disbursed_on.into()),
                ("termMonths", loan.and_then(|loan| loan.term_months).into()),
                ("annualRatePercent", loan.and_then(|loan| loan.annual_rate_bp).map_or(Cell::Null, percent)),
                ("groupCode", loan.and_then(|loan| loan.group_code.as_ref()).into()),
                ("purpose", loan.and_then(|loan| loan.purpose.as_ref()).into()),
                ("unitCode", units.cell(row.unit_id)),
                ("fullName", person.map(|person| &person.full_name).into()),
                ("birthYear", person.map(|person| person.birth_year).into()),
            ])
        };
        Ok(rows.into_iter().map(record).collect())
    }
}

async fn contracts(env: &Env, caller: &Caller, wanted: bool, rows: &[Model]) -> Result<HashMap<Uuid, loan::Model>> {
    let mut ids: Vec<Uuid> = rows.iter().map(|row| row.loan_id).filter(|_| wanted).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = loans::by_ids(env, caller, &ids).await?;
    Ok(found.into_iter().map(|loan| (loan.id, loan)).collect())
}

/// Hundredths of a percent as the number that was sent.
fn percent(basis_points: i32) -> Cell {
    Cell::Number(Thousandths(i64::from(basis_points) * 10).text())
}
