//! Households with their members as communes and labour offices push them: new ones are registered, known ones are brought
//! to what the roll says, and who is no longer on it has left.

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate};
use entity::codes::{Area, FamilyRelation, Sex};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{enrolment::Registry, insurance_numbers};
use crate::{
    access::{Area as Reach, Caller},
    domain::personal_id::PersonalId,
    error::Result,
    exchange::{
        elsewhere::{self, Refusals},
        kind::{Decision, PushKind, Sent, Work},
        record::record,
        values::{EthnicityCode, Text, UnitCode, Whole},
    },
    messages::{Code, Fault, Message},
    units,
};

record! {
    /// A member of a household.
    Member "HouseholdMemberRecord" {
        /// Personal ID (số định danh cá nhân), 12 digits; missing where it is not known.
        personal_id "personalId": Option<PersonalId>,
        /// Full name: family, middle, given.
        full_name "fullName": Text<100>,
        /// Date of birth.
        birth_date "birthDate": Option<NaiveDate>,
        /// Year of birth, where the day is not known.
        birth_year "birthYear": Option<Whole<1900, 2099>>,
        /// Sex.
        sex "sex": Sex,
        /// National code of the ethnicity, 01 to 55.
        ethnicity_code "ethnicityCode": Option<EthnicityCode>,
        /// Relation to the head of the household.
        relation "relation": FamilyRelation,
        /// Social-insurance number, 10 digits.
        insurance_no "insuranceNo": Option<Text<15>>,
    }
}

record! {
    /// A household with all its members.
    Household "HouseholdRecord" {
        /// The sender's own reference of the record.
        reference "reference": Text<100>,
        /// Code of the household in its commune (mã hộ).
        household_code "householdCode": Text<40>,
        /// Code of the commune, 5 digits, as it was on the day of registration.
        unit_code "unitCode": UnitCode,
        /// Day from which the roll holds and by which the commune code is read; today when missing.
        registered_on "registeredOn": Option<NaiveDate>,
        /// Village (thôn, bản, tổ dân phố).
        village "village": Option<Text<100>>,
        /// Address below the village.
        address "address": Option<Text<200>>,
        /// RURAL or URBAN; RURAL when missing.
        residence_type "residenceType": Option<Area>,
        /// All members, exactly one of them the head.
        members "members": Vec<Member>,
    }
}

impl Member {
    /// Year of birth, of the date where it is given.
    pub(super) fn year(&self) -> Option<i16> {
        let of_date = self.birth_date.and_then(|date| i16::try_from(date.year()).ok());
        of_date.or_else(|| self.birth_year.map(Whole::small))
    }
}

/// The kind.
#[derive(Debug)]
pub struct HouseholdRoll;

impl PushKind for HouseholdRoll {
    type Record = Household;
    type State = ();
    const SLUG: &'static str = "households";
    const SUBJECT: &'static str = "Household";
    const MUTATION: &'static str = "recordHouseholds";
    /// A person is enrolled once in a push, and may move in the next.
    const INDEPENDENT: bool = false;

    fn reference(record: &Household) -> &str {
        record.reference.as_str()
    }

    fn amount(_: &Household) -> i64 {
        0
    }

    async fn load(_: &impl ConnectionTrait, _: &Caller, _: &[&Household]) -> Result<()> {
        Ok(())
    }

    async fn store(work: &mut Work<'_>, (): (), rows: &[Sent<Household>]) -> Result<Vec<Decision>> {
        let today = work.env.clock.today();
        let wanted: Vec<(String, NaiveDate)> =
            rows.iter().map(|row| (row.unit_code.0.clone(), row.registered_on.unwrap_or(today))).collect();
        let communes = units::communes_on(work.txn, &wanted).await?;
        let area = match &work.caller.actor.area {
            Reach::Country => None,
            Reach::Unit { id, .. } => Some(units::within(work.txn, *id).await?),
        };
        let mut registry = Registry::load(work, rows).await?;
        let mut decisions = Vec::with_capacity(rows.len());
        let mut told = Refusals::new();
        for row in rows {
            let day = row.registered_on.unwrap_or(today);
            let commune = communes.get(&(row.unit_code.0.clone(), day)).map(|unit| unit.id);
            let (faults, others) = faults(row, day, commune, area.as_ref(), &registry);
            told.extend(others.into_iter().map(|person| (row.batch_id, person)));
            decisions.push(match (commune, faults.is_empty()) {
                (Some(unit_id), true) => registry.enrol(work, row, unit_id, day).await?,
                _ => Decision::Rejected(faults),
            });
        }
        registry.write(work).await?;
        elsewhere::of_persons(work, told).await?;
        Ok(decisions)
    }
}

/// Everything that contradicts itself or the register, and the persons of the register whom that tells of.
fn faults(
    row: &Household,
    day: NaiveDate,
    commune: Option<Uuid>,
    area: Option<&HashSet<Uuid>>,
    registry: &Registry,
) -> (Vec<Fault>, Vec<Uuid>) {
    let (mut faults, mut told) = (Vec::new(), Vec::new());
    let unit = &row.unit_code.0;
    match commune {
        None => {
            faults.push(Fault::at("unitCode", Message::new(Code::UnknownUnit).with("value", unit).with("date", day)));
        }
        Some(id) if area.is_some_and(|area| !area.contains(&id)) => {
            faults.push(Fault::at("unitCode", Message::new(Code::UnitOutOfArea).with("value", unit)));
        }
        Some(_) => {}
    }
    let heads = row.members.iter().filter(|member| member.relation == FamilyRelation::Head).count();
    if heads != 1 {
        faults.push(Fault::at("members", Message::new(Code::HeadCount).with("found", heads)));
    }
    let mut seen = HashSet::new();
    let mut insured = HashSet::new();
    for (i, member) in row.members.iter().enumerate() {
        if member.year().is_none() {
            faults.push(Fault::at(format!("members.{i}.birthYear"), Code::BirthMissing));
        }
        let known = member.personal_id.as_ref().and_then(|id| registry.persons.get(id.as_str()));
        let elsewhere = known.filter(|known| area.is_some_and(|area| !area.contains(&known.person.unit_id)));
        let is_twice = insurance_numbers::of(member).is_some_and(|number| !insured.insert(number));
        // Of somebody registered elsewhere nothing more is told, not even whether the two numbers are those of one person.
        let another = if elsewhere.is_none() { registry.insured_as(row, commune, member) } else { None };
        if is_twice || another.is_some() {
            faults.push(Fault::at(format!("members.{i}.insuranceNo"), Code::InsuranceNoTaken));
            told.extend(another);
        }
        let Some(id) = &member.personal_id else { continue };
        if !seen.insert(id.as_str()) || registry.enrolled.contains(id.as_str()) {
            faults.push(Fault::at(format!("members.{i}.personalId"), Code::SameIdTwice));
        } else if let Some(known) = elsewhere {
            faults.push(Fault::at(format!("members.{i}.personalId"), Code::RegisteredElsewhere));
            told.push(known.person.id);
        }
    }
    (faults, told)
}
