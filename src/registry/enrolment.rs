//! Bringing the register to what a roll of households says: who is new, who has moved in, who has left.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::{
    codes::{Area, FamilyRelation, IdentifierKind, Operation, Sex},
    household, household_member, person, person_identifier,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::{
    household_roll::{Household, HouseholdRoll, Member},
    insurance_numbers::InsuranceNumbers,
};
use crate::{
    db::{among, insert_all},
    domain::{personal_id::PersonalId, text},
    error::Result,
    exchange::kind::{Decision, PushKind, Sent, Work},
    messages::{Code, Message},
};

/// A person who is in the register, with the open membership.
pub(super) struct Registered {
    pub(super) person: person::Model,
    open: Option<household_member::Model>,
}

/// What is registered of a chunk's households and persons, and what is to be written.
#[derive(Default)]
pub(super) struct Registry {
    /// Households that this chunk has made.
    made: HashSet<Uuid>,
    /// By personal ID.
    pub(super) persons: HashMap<String, Registered>,
    /// By unit and code.
    households: HashMap<(Uuid, String), household::Model>,
    /// Open members by household.
    members: HashMap<Uuid, Vec<(household_member::Model, String, i16)>>,
    /// Personal IDs that a row of this chunk has enrolled.
    pub(super) enrolled: HashSet<String>,
    /// The push of the row that is being enrolled.
    batch_id: Uuid,
    insured: InsuranceNumbers,
    new_households: Vec<household::ActiveModel>,
    new_persons: Vec<person::ActiveModel>,
    new_identifiers: Vec<person_identifier::ActiveModel>,
    new_members: Vec<household_member::ActiveModel>,
}

impl Registry {
    pub(super) async fn load(work: &Work<'_>, rows: &[Sent<Household>]) -> Result<Self> {
        let mut registry = Self { insured: InsuranceNumbers::load(work, rows).await?, ..Self::default() };
        let codes: HashSet<&str> = rows.iter().map(|row| row.household_code.as_str()).collect();
        let found =
            household::Entity::find().filter(among(work.txn, household::Column::Code, codes)).all(work.txn).await?;
        let ids: HashSet<&str> = rows
            .iter()
            .flat_map(|row| &row.members)
            .filter_map(|member| member.personal_id.as_ref().map(PersonalId::as_str))
            .collect();
        let numbers = person_identifier::Entity::find()
            .filter(person_identifier::Column::Kind.eq(IdentifierKind::PersonalId))
            .filter(among(work.txn, person_identifier::Column::Value, ids))
            .all(work.txn)
            .await?;
        let open = household_member::Entity::find()
            .filter(household_member::Column::ValidTo.is_null())
            .filter(
                sea_orm::Condition::any()
                    .add(among(
                        work.txn,
                        household_member::Column::HouseholdId,
                        found.iter().map(|household| household.id),
                    ))
                    .add(among(
                        work.txn,
                        household_member::Column::PersonId,
                        numbers.iter().map(|number| number.person_id),
                    )),
            )
            .all(work.txn)
            .await?;
        let persons: HashSet<Uuid> =
            open.iter().map(|member| member.person_id).chain(numbers.iter().map(|number| number.person_id)).collect();
        let persons = person::Entity::find().filter(among(work.txn, person::Column::Id, persons)).all(work.txn).await?;
        let persons: HashMap<Uuid, person::Model> = persons.into_iter().map(|person| (person.id, person)).collect();
        for member in &open {
            if let Some(person) = persons.get(&member.person_id) {
                let entry = (member.clone(), person.name_folded.clone(), person.birth_year);
                registry.members.entry(member.household_id).or_default().push(entry);
            }
        }
        let mut open: HashMap<Uuid, household_member::Model> = open.into_iter().map(|m| (m.person_id, m)).collect();
        for number in numbers {
            if let Some(person) = persons.get(&number.person_id) {
                let open = open.remove(&person.id);
                registry.persons.insert(number.value, Registered { person: person.clone(), open });
            }
        }
        registry.households =
            found.into_iter().map(|household| ((household.unit_id, household.code.clone()), household)).collect();
        Ok(registry)
    }

    /// Brings one household to what the roll says.
    pub(super) async fn enrol(
        &mut self,
        work: &mut Work<'_>,
        row: &Sent<Household>,
        unit_id: Uuid,
        day: NaiveDate,
    ) -> Result<Decision> {
        self.batch_id = row.batch_id;
        let head = row.members.iter().find(|member| member.relation == FamilyRelation::Head);
        let head_name = head.map_or_else(String::new, |head| head.full_name.0.clone());
        let key = (unit_id, row.household_code.0.clone());
        let before = self.households.get(&key).cloned();
        let (id, created_at) = before.as_ref().map_or((work.env.ids.next(), work.now), |h| (h.id, h.created_at));
        let household = household::Model {
            id,
            code: row.household_code.0.clone(),
            unit_id,
            village: row.village.as_ref().map(|village| village.0.clone()),
            address: row.address.as_ref().map(|address| address.0.clone()),
            residence_type: row.residence_type.unwrap_or(Area::Rural),
            head_name_folded: text::fold(&head_name),
            head_name,
            created_at,
            updated_at: work.now,
        };
        let operation = if before.is_some() { Operation::Updated } else { Operation::Created };
        if before.is_none() {
            self.made.insert(id);
            self.new_households.push(household.clone().into_active_model());
        } else {
            // The household may have been made by an earlier row of this chunk.
            self.write(work).await?;
            household::Entity::update(household.clone().into_active_model().reset_all()).exec(work.txn).await?;
        }
        self.households.insert(key, household);
        let mut findings = Vec::new();
        let mut staying = HashSet::new();
        for member in &row.members {
            staying.insert(self.enrol_member(work, member, id, unit_id, day, &mut findings).await?);
        }
        self.close(work, id, &staying, day).await?;
        work.changed(row.batch_id, HouseholdRoll::SUBJECT, id, unit_id, operation);
        if operation == Operation::Updated {
            work.told.meant(HouseholdRoll::SUBJECT, id);
        }
        Ok(Decision::Accepted { id, unit_id, about: (HouseholdRoll::SUBJECT, id), row: (), findings })
    }

    async fn enrol_member(
        &mut self,
        work: &mut Work<'_>,
        member: &Member,
        household_id: Uuid,
        unit_id: Uuid,
        day: NaiveDate,
        findings: &mut Vec<Message>,
    ) -> Result<Uuid> {
        let birth_year = member.year().unwrap_or_default();
        findings.extend(member.personal_id.as_ref().and_then(|id| disagreement(id, member.sex, birth_year)));
        let name_folded = text::fold(&member.full_name.0);
        let (known, open) = match &member.personal_id {
            Some(id) => {
                self.enrolled.insert(id.as_str().to_owned());
                self.persons.remove(id.as_str()).map_or((None, None), |known| (Some(known.person), known.open))
            }
            None => {
                self.namesake(household_id, &name_folded, birth_year).map_or((None, None), |open| (None, Some(open)))
            }
        };
        let namesake = open.as_ref().filter(|_| known.is_none()).map(|open| open.person_id);
        let person_id = known.as_ref().map(|person| person.id).or(namesake).unwrap_or_else(|| work.env.ids.next());
        let person = person::Model {
            id: person_id,
            unit_id,
            full_name: member.full_name.0.clone(),
            name_folded,
            birth_date: member.birth_date,
            birth_year,
            sex: member.sex,
            ethnicity_code: member.ethnicity_code.as_ref().map(|code| code.0.clone()),
            created_at: known.as_ref().map_or(work.now, |person| person.created_at),
            updated_at: work.now,
        };
        self.identify(work, member, person_id, known.is_none() && namesake.is_none());
        match (&known, namesake) {
            (None, None) => {
                self.new_persons.push(person.into_active_model());
                work.changed(self.batch_id, "Person", person_id, unit_id, Operation::Created);
            }
            (Some(before), _) if differs(before, &person) => {
                person::Entity::update(person.into_active_model().reset_all()).exec(work.txn).await?;
                work.changed(self.batch_id, "Person", person_id, unit_id, Operation::Updated);
            }
            _ => {}
        }
        self.join(work, open, member.relation, household_id, person_id, day).await?;
        Ok(person_id)
    }

    /// A member without a number is the one of that name and year who is in the household already.
    fn namesake(&self, household_id: Uuid, name: &str, birth_year: i16) -> Option<household_member::Model> {
        let members = self.members.get(&household_id)?;
        members.iter().find(|(_, known, year)| known == name && *year == birth_year).map(|(open, _, _)| open.clone())
    }

    /// The person who bears the member's social-insurance number and whom the member is not.
    pub(super) fn insured_as(&self, row: &Household, commune: Option<Uuid>, member: &Member) -> Option<Uuid> {
        let meant = || {
            if let Some(id) = &member.personal_id {
                return self.persons.get(id.as_str()).map(|known| known.person.id);
            }
            let household = self.households.get(&(commune?, row.household_code.0.clone()))?;
            let namesake = self.namesake(household.id, &text::fold(&member.full_name.0), member.year()?);
            namesake.map(|open| open.person_id)
        };
        self.insured.bearer(member).filter(|bearer| meant() != Some(*bearer))
    }

    /// Keeps the numbers by which the member is known from now on: a new person's all, of a known one what is new.
    fn identify(&mut self, work: &Work<'_>, member: &Member, person_id: Uuid, is_new: bool) {
        let id = member.personal_id.as_ref().filter(|_| is_new).map(|id| id.as_str().to_owned());
        let number = self.insured.learn(member, person_id);
        for (kind, value) in [(IdentifierKind::PersonalId, id), (IdentifierKind::InsuranceNo, number)] {
            let Some(value) = value else { continue };
            self.new_identifiers.push(person_identifier::ActiveModel {
                id: Set(work.env.ids.next()),
                person_id: Set(person_id),
                kind: Set(kind),
                value: Set(value),
                valid_from: Set(None),
                valid_to: Set(None),
            });
        }
    }

    /// Opens the membership, and closes the one in another household.
    async fn join(
        &mut self,
        work: &Work<'_>,
        open: Option<household_member::Model>,
        relation: FamilyRelation,
        household_id: Uuid,
        person_id: Uuid,
        day: NaiveDate,
    ) -> Result<()> {
        // The first roll of a household says who belongs to it, not since when.
        let mut since = (!self.made.contains(&household_id)).then_some(day);
        match open {
            Some(open) if open.household_id == household_id && open.relation == relation => return Ok(()),
            Some(open) => {
                since = Some(day);
                end(work, open, day).await?;
            }
            None => {}
        }
        self.new_members.push(household_member::ActiveModel {
            id: Set(work.env.ids.next()),
            household_id: Set(household_id),
            person_id: Set(person_id),
            relation: Set(relation),
            valid_from: Set(since),
            valid_to: Set(None),
        });
        Ok(())
    }

    /// Who was a member and is not on the roll has left.
    async fn close(
        &mut self,
        work: &Work<'_>,
        household_id: Uuid,
        staying: &HashSet<Uuid>,
        day: NaiveDate,
    ) -> Result<()> {
        for (open, _, _) in self.members.remove(&household_id).unwrap_or_default() {
            if !staying.contains(&open.person_id) {
                end(work, open, day).await?;
            }
        }
        Ok(())
    }

    /// Writes what the rows so far have made, in the order of the foreign keys.
    pub(super) async fn write(&mut self, work: &Work<'_>) -> Result<()> {
        insert_all(work.txn, std::mem::take(&mut self.new_households)).await?;
        insert_all(work.txn, std::mem::take(&mut self.new_persons)).await?;
        insert_all(work.txn, std::mem::take(&mut self.new_identifiers)).await?;
        Ok(insert_all(work.txn, std::mem::take(&mut self.new_members)).await?)
    }
}

async fn end(work: &Work<'_>, open: household_member::Model, day: NaiveDate) -> Result<()> {
    // A membership that would end before it began is closed on its first day.
    let last = day.pred_opt().unwrap_or(day);
    let last = open.valid_from.map_or(last, |from| last.max(from));
    let mut open = open.into_active_model();
    open.valid_to = Set(Some(last));
    household_member::Entity::update(open).exec(work.txn).await?;
    Ok(())
}

fn differs(before: &person::Model, after: &person::Model) -> bool {
    person::Model { updated_at: before.updated_at, ..after.clone() } != *before
}

/// A number that states another sex or year of birth than the roll: either may be wrong.
fn disagreement(id: &PersonalId, sex: Sex, birth_year: i16) -> Option<Message> {
    let (stated_sex, stated_year) = id.sex_and_birth_year();
    let word = if stated_sex == Sex::Male { "MALE" } else { "FEMALE" };
    ((stated_sex, stated_year) != (sex, birth_year))
        .then(|| Message::new(Code::IdDisagrees).with("expected", format!("{word}, {stated_year}")))
}
