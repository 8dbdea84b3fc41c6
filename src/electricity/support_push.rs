//! Quarterly rolls of electricity support as communes push them (Decision 28/2014/QĐ-TTg, 60/2014/QĐ-TTg).

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::{
    codes::{ElectricityGroup, Measure},
    electricity_support,
};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    access::Caller,
    db::among_keys,
    domain::vnd::Vnd,
    error::Result,
    exchange::{
        kind::{Decision, Moment, RecordKind},
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

/// The households of a chunk, and the quarters for which each was paid.
pub struct Paid {
    resolver: Resolver,
    quarters: HashSet<(Uuid, i16, i16)>,
}

impl RecordKind for SupportPush {
    type Record = Support;
    type State = Paid;
    type Row = electricity_support::Model;
    const SLUG: &'static str = "electricity-supports";
    const SUBJECT: &'static str = "ElectricitySupport";
    const MUTATION: &'static str = "recordElectricitySupports";

    fn reference(record: &Support) -> &str {
        record.reference.as_str()
    }

    fn amount(record: &Support) -> i64 {
        record.amount.0
    }

    async fn load(conn: &impl ConnectionTrait, caller: &Caller, rows: &[&Support]) -> Result<Paid> {
        let codes = rows.iter().map(|row| row.household_code.as_str());
        let matches = Matches::load(conn, caller, [], codes).await?;
        let resolver = Resolver::load(conn, matches, rows.iter().filter_map(|row| row.unit_code.as_ref())).await?;
        let quarters = paid(conn, resolver.matches.household_ids()).await?;
        Ok(Paid { resolver, quarters })
    }

    fn decide(paid: &mut Paid, row: &Support, at: &Moment<'_>) -> Decision<electricity_support::Model> {
        let household = match paid.resolver.household(row.household_code.as_str(), row.unit_code.as_ref()) {
            Ok(household) => household,
            Err(why) => return why.into(),
        };
        let mut findings = findings(at, &paid.resolver.matches, row, household);
        findings.extend(at.future_date(row.paid_on));
        if !paid.quarters.insert((household.id, row.year.small(), row.quarter.small())) {
            findings.push(Message::new(Code::Overlap).with("what", "household"));
        }
        let support = support(at, row, household);
        let (id, unit_id, about) = (support.id, support.unit_id, ("Household", household.id));
        Decision::Accepted { id, unit_id, about, row: support, findings }
    }
}

async fn paid(conn: &impl ConnectionTrait, households: Vec<Uuid>) -> Result<HashSet<(Uuid, i16, i16)>> {
    use electricity_support::Column;
    if households.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<(Uuid, i16, i16)> = electricity_support::Entity::find()
        .select_only()
        .columns([Column::HouseholdId, Column::Year, Column::Quarter])
        .filter(among_keys(conn, Column::HouseholdId, households))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// First day of the quarter: the day by which class and amount are read.
fn first_day(row: &Support) -> NaiveDate {
    let month = u32::try_from(3 * row.quarter.0 - 2).unwrap_or(1);
    NaiveDate::from_ymd_opt(row.year.int(), month, 1).unwrap_or(NaiveDate::MIN)
}

fn findings(at: &Moment<'_>, matches: &Matches, row: &Support, household: KnownHousehold) -> Vec<Message> {
    let day = first_day(row);
    let mut findings = Vec::new();
    let expected = at.rules.rate("electricity", Measure::QuarterlyAmount, day).map(|rate| rate.value);
    if let Some(expected) = expected.filter(|expected| *expected != row.amount.0) {
        findings.push(Message::new(Code::AmountDiffers).with("amount", row.amount.0).with("expected", expected));
    }
    // The other two groups are entitled whatever their class.
    if row.group.is_none_or(|group| group == ElectricityGroup::Poor) {
        let programme = at.rules.programme("electricity");
        findings.extend(programme.and_then(|programme| matches.standing(household, day).doubt(programme, day)));
    }
    findings
}

fn support(at: &Moment<'_>, row: &Support, household: KnownHousehold) -> electricity_support::Model {
    electricity_support::Model {
        id: at.id(),
        household_id: household.id,
        unit_id: household.unit_id,
        reference: row.reference.0.clone(),
        year: row.year.small(),
        quarter: row.quarter.small(),
        kwh: row.kwh.map(Whole::int),
        amount: row.amount.0,
        support_group: row.group,
        paid_on: row.paid_on,
        batch_id: at.batch_id,
        created_at: at.now,
    }
}
