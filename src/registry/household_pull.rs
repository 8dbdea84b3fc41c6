//! Households told back, with the members they have on a day.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{
    codes::{IdentifierKind, PovertyClass},
    household::{Column, Entity, Model},
    household_member,
};
use uuid::Uuid;

use super::{
    household_roll::HouseholdRoll,
    households::{self, HouseholdFilter, HouseholdOrder},
    naming::{self, People},
};
use crate::{
    access::Caller,
    env::Env,
    error::Result,
    exchange::{
        pull::{PullKind, Right, Shown, Told, told},
        raw::{Cell, RawRecord},
        record::{Value, record},
        values::{AreaCode, Text},
    },
    listing::{Listing, SortKey, time_key},
};

/// Fields for which memberships are looked up.
const OF_MEMBERS: [&str; 9] = [
    "members",
    "members.personalId",
    "members.fullName",
    "members.birthDate",
    "members.birthYear",
    "members.sex",
    "members.ethnicityCode",
    "members.relation",
    "members.insuranceNo",
];

record! {
    /// Which households are wanted.
    Filter "HouseholdFilter" {
        /// In the area of the unit that bears or bore this code.
        unit "unit": Option<AreaCode>,
        /// Of this class on the day `asOf`; several when repeated.
        poverty_class "povertyClass": Vec<PovertyClass>,
        /// Whose head's name begins so, in any spelling of accents.
        search "search": Option<Text<100>>,
        /// Day of the class and of the members; today when missing.
        as_of "asOf": Option<NaiveDate>,
    }
}

impl PullKind for HouseholdRoll {
    type Entity = Entity;
    type Filter = Filter;
    const RIGHTS: &'static [Right] = &[("Query", "households")];
    // The sender's reference is that of a push: many rolls bring the same household.
    const FIELDS: &'static [Told] = told! {
        "id": Household.id;
        "recordedAt": Household.id;
        "householdCode": Household.code;
        "unitCode": Household.unit > AdministrativeUnit.code;
        "village": Household.village;
        "address": Household.address;
        "residenceType": Household.residenceType;
        "members": Household.members;
        "members.personalId": Household.members > HouseholdMember.person > Person.personalId;
        "members.fullName": Household.members > HouseholdMember.person > Person.fullName;
        "members.birthDate": Household.members > HouseholdMember.person > Person.birthDate;
        "members.birthYear": Household.members > HouseholdMember.person > Person.birthYear;
        "members.sex": Household.members > HouseholdMember.person > Person.sex;
        "members.ethnicityCode": Household.members > HouseholdMember.person > Person.ethnicityCode;
        "members.relation": Household.members > HouseholdMember.relation;
        "members.insuranceNo": Household.members > HouseholdMember.person > Person.insuranceNo;
    };

    fn list(env: &Env, caller: &Caller, filter: &Filter, descending: bool) -> Result<Listing<Entity>> {
        let wanted = HouseholdFilter {
            unit: filter.unit.as_ref().map(|code| code.0.clone()),
            poverty_class: filter.poverty_class.clone(),
            search: filter.search.as_ref().map(|text| text.0.clone()),
        };
        households::list(env, caller, &wanted, filter.as_of, (HouseholdOrder::Code, descending))
    }

    fn recorded() -> SortKey<Entity> {
        time_key(Column::UpdatedAt, |row: &Model| row.updated_at.into())
    }

    async fn records(
        env: &Env,
        caller: &Caller,
        filter: &Filter,
        shown: &Shown,
        rows: Vec<Model>,
    ) -> Result<Vec<RawRecord>> {
        let day = filter.as_of.unwrap_or_else(|| env.clock.today());
        let units = naming::units(env, shown.any(&["unitCode"]), rows.iter().map(|row| row.unit_id)).await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).filter(|_| shown.any(&OF_MEMBERS[..1])).collect();
        let memberships = households::members_of(env, &ids, day).await?;
        let persons = memberships.iter().map(|member| member.person_id);
        let people = naming::people(env, caller, shown.any(&OF_MEMBERS[1..]), persons).await?;
        let mut members: HashMap<Uuid, Vec<Cell>> = HashMap::new();
        for member in memberships {
            members.entry(member.household_id).or_default().push(Cell::Record(told_member(&member, &people)));
        }
        let record = |row: Model| {
            RawRecord::of([
                ("id", row.id.into()),
                ("recordedAt", row.updated_at.into()),
                ("householdCode", (&row.code).into()),
                ("unitCode", units.cell(row.unit_id)),
                ("village", row.village.as_ref().into()),
                ("address", row.address.as_ref().into()),
                ("residenceType", row.residence_type.cell()),
                ("members", Cell::List(members.remove(&row.id).unwrap_or_default())),
            ])
        };
        Ok(rows.into_iter().map(record).collect())
    }
}

fn told_member(member: &household_member::Model, people: &People) -> RawRecord {
    let named = people.get(member.person_id);
    let person = named.map(|named| &named.person);
    RawRecord::of([
        ("personalId", people.personal_id(member.person_id)),
        ("fullName", person.map(|person| &person.full_name).into()),
        ("birthDate", person.and_then(|person| person.birth_date).into()),
        ("birthYear", person.map(|person| person.birth_year).into()),
        ("sex", person.map_or(Cell::Null, |person| person.sex.cell())),
        ("ethnicityCode", person.and_then(|person| person.ethnicity_code.as_ref()).into()),
        ("relation", member.relation.cell()),
        ("insuranceNo", named.and_then(|named| named.number(IdentifierKind::InsuranceNo)).into()),
    ])
}
