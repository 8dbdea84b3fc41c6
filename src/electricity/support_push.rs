//! Quarterly rolls of electricity support as communes push them (Decision 28/2014/QĐ-TTg, 60/2014/QĐ-TTg).

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::{
    codes::{ElectricityGroup, Measure, Operation},
    electricity_support,
};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    access::Caller,
    db::among_keys,
    domain::vnd::Vnd,
    error::Result,
    exchange::{
        kind::{Decision, RecordKind, Sent, Work},
        record::record,
        values::{Text, UnitCode, Whole},
    },
    messages::{Code, Message},
    registry::{
        matching::{KnownHousehold, Matches},
        resolving::Resolver,
    },
};

record! {
    /// Electricity support of a household for a quarter.
    Support "ElectricitySupportRecord" {
        /// The sender's own reference; the same reference is stored once.
        reference "reference": Text<100>,
        /// Code of the household in its commune.
        household_code "householdCode": Text<40>,
        /// Code of the commune, where household codes repeat in the sender's area.
        unit_code "unitCode": Option<UnitCode>,
        /// Year.
        year "year": Whole<2000, 2099>,
        /// Quarter, 1 to 4.
        quarter "quarter": Whole<1, 4>,
        /// Consumption supported, kWh.
        kwh "kwh": Option<Whole<1, 10000>>,
        /// Amount paid, whole VND.
        amount "amount": Vnd,
        /// Why it is paid: POOR, SOCIAL_POLICY or OFF_GRID.
        group "group": Option<ElectricityGroup>,
        /// Day of payment.
        paid_on "paidOn": Option<NaiveDate>,
    }
}

/// The kind.
#[derive(Debug)]
pub struct SupportPush;

impl RecordKind for SupportPush {
    type Record = Support;
    type Found = Resolver;
    type Held = ();
    const SLUG: &'static str = "electricity-supports";
    const SUBJECT: &'static str = "ElectricitySupport";
    const MUTATION: &'static str = "recordElectricitySupports";
    const ROWS_STAND_ALONE: bool = true;

    fn reference(record: &Support) -> &str {
        record.reference.as_str()
    }

    fn amount(record: &Support) -> i64 {
        record.amount.0
    }

    async fn look_up(conn: &impl ConnectionTrait, caller: &Caller, rows: &[&Support]) -> Result<Resolver> {
        let codes = rows.iter().map(|row| row.household_code.as_str());
        let matches = Matches::load(conn, caller, [], codes).await?;
        Resolver::load(conn, matches, rows.iter().filter_map(|row| row.unit_code.as_ref())).await
    }

    async fn store(work: &mut Work<'_>, found: &Resolver, (): (), rows: &[Sent<Support>]) -> Result<Vec<Decision>> {
        let matches = &found.matches;
        let mut paid = paid(work, matches.household_ids()).await?;
        let mut made = Vec::new();
        let mut decisions = Vec::with_capacity(rows.len());
        for row in rows {
            let household = match found.household(row.household_code.as_str(), row.unit_code.as_ref()) {
                Ok(household) => household,
                Err(decision) => {
                    decisions.push(decision);
                    continue;
                }
            };
            let mut findings = doubts(work, matches, row, household);
            findings.extend(work.doubt_future(row.paid_on));
            if !paid.insert((household.id, row.year.small(), row.quarter.small())) {
                findings.push(Message::new(Code::Overlap).with("what", "household"));
            }
            let support = work.support(row, household);
            work.changed(row.batch_id, Self::SUBJECT, support.id, support.unit_id, Operation::Created);
            work.told.meant("Household", household.id);
            decisions.push(Decision::Accepted { id: support.id, unit_id: support.unit_id, findings });
            made.push(support.into_active_model());
        }
        work.insert(made)?;
        Ok(decisions)
    }
}

async fn paid(work: &Work<'_>, households: Vec<Uuid>) -> Result<HashSet<(Uuid, i16, i16)>> {
    use electricity_support::Column;
    let rows: Vec<(Uuid, i16, i16)> = electricity_support::Entity::find()
        .select_only()
        .columns([Column::HouseholdId, Column::Year, Column::Quarter])
        .filter(among_keys(work.txn, Column::HouseholdId, households))
        .into_tuple()
        .all(work.txn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// First day of the quarter: the day by which class and amount are read.
fn first_day(row: &Support) -> NaiveDate {
    let month = u32::try_from(3 * row.quarter.0 - 2).unwrap_or(1);
    NaiveDate::from_ymd_opt(row.year.int(), month, 1).unwrap_or(NaiveDate::MIN)
}

fn doubts(work: &Work<'_>, matches: &Matches, row: &Support, household: KnownHousehold) -> Vec<Message> {
    let day = first_day(row);
    let mut doubts = Vec::new();
    let expected = work.rules.rate("electricity", Measure::QuarterlyAmount, day).map(|rate| rate.value);
    if let Some(expected) = expected.filter(|expected| *expected != row.amount.0) {
        doubts.push(Message::new(Code::AmountDiffers).with("amount", row.amount.0).with("expected", expected));
    }
    // The other two groups are entitled whatever their class.
    if row.group.is_none_or(|group| group == ElectricityGroup::Poor) {
        let programme = work.rules.programme("electricity");
        doubts.extend(programme.and_then(|programme| matches.standing(household, day).doubt(programme, day)));
    }
    doubts
}

impl Work<'_> {
    fn support(&self, row: &Sent<Support>, household: KnownHousehold) -> electricity_support::Model {
        electricity_support::Model {
            id: self.env.ids.next(),
            household_id: household.id,
            unit_id: household.unit_id,
            reference: row.reference.0.clone(),
            year: row.year.small(),
            quarter: row.quarter.small(),
            kwh: row.kwh.map(Whole::int),
            amount: row.amount.0,
            support_group: row.group,
            paid_on: row.paid_on,
            batch_id: row.batch_id,
            created_at: self.now,
        }
    }
}
