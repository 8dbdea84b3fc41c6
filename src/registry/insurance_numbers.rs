//! Social-insurance numbers: each names one person, whichever roll it comes with.

use std::collections::{HashMap, HashSet};

use entity::{codes::IdentifierKind, person_identifier};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::household_roll::{Household, Member};
use crate::{
    db::among,
    error::Result,
    exchange::kind::{Sent, Work},
};

/// Who bears the numbers of a chunk's members.
#[derive(Debug, Default)]
pub(super) struct InsuranceNumbers(HashMap<String, Uuid>);

impl InsuranceNumbers {
    /// Looks up all numbers of a chunk.
    pub(super) async fn load(work: &Work<'_>, rows: &[Sent<Household>]) -> Result<Self> {
        let members = rows.iter().flat_map(|row| &row.members);
        let numbers: HashSet<&str> = members.filter_map(of).collect();
        if numbers.is_empty() {
            return Ok(Self::default());
        }
        let found = person_identifier::Entity::find()
            .filter(person_identifier::Column::Kind.eq(IdentifierKind::InsuranceNo))
            .filter(among(work.txn, person_identifier::Column::Value, numbers))
            .all(work.txn)
            .await?;
        Ok(Self(found.into_iter().map(|number| (number.value, number.person_id)).collect()))
    }

    /// Who bears the member's number.
    pub(super) fn bearer(&self, member: &Member) -> Option<Uuid> {
        self.0.get(of(member)?).copied()
    }

    /// Notes the member's number as this person's; gives it when it was not known before.
    pub(super) fn learn(&mut self, member: &Member, person_id: Uuid) -> Option<String> {
        let number = of(member)?.to_owned();
        self.0.insert(number.clone(), person_id).is_none().then_some(number)
    }
}

/// The member's number.
pub(super) fn of(member: &Member) -> Option<&str> {
    member.insurance_no.as_ref().map(|number| number.0.as_str())
}
