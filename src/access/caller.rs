//! One request of one client: what services are handed, and where they note what they disclose.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::{
    Actor, Area, Scope, places,
    policy::{self, Grant, Reach},
};
use crate::{
    domain::personal_id::mask,
    error::{Class, Error, Result},
    messages::{Code, Message},
};

/// What a request showed of the records: how many of each type, and whom they concern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disclosure {
    /// Records by type.
    pub counts: BTreeMap<&'static str, u32>,
    /// Households and persons concerned.
    pub subjects: Vec<Uuid>,
}

impl Disclosure {
    /// Records in all.
    pub fn total(&self) -> u32 {
        self.counts.values().sum()
    }
}

/// One request of one client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The client.
    pub actor: Arc<Actor>,
    /// Id of the request.
    pub request_id: Arc<str>,
    /// Purpose that the caller stated.
    pub purpose: Option<Arc<str>>,
    disclosed: Arc<Mutex<Disclosure>>,
}

impl Caller {
    /// A request that has shown nothing yet.
    pub fn new(actor: Arc<Actor>, request_id: &str, purpose: Option<&str>) -> Self {
        Self { actor, request_id: request_id.into(), purpose: purpose.map(Into::into), disclosed: Arc::default() }
    }

    /// The same client and request, with nothing shown yet: one operation of a connection that carries many.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { disclosed: Arc::default(), ..self.clone() }
    }

    /// The same request with the purpose that its body states, where it states one.
    #[must_use]
    pub fn stating(&self, purpose: Option<&str>) -> Self {
        let stated = purpose.map(|purpose| purpose.chars().take(200).collect::<String>().into());
        Self { purpose: stated.or_else(|| self.purpose.clone()), ..self.clone() }
    }

    /// What the table grants this caller on a field of a type.
    pub fn grant(&self, of: &str, field: &str) -> Grant {
        policy::table().grant(self.actor.role, of, field)
    }

    /// Refuses unless the table lets this caller use a field of a type: `require("Query", "loans")`. Mutations need a
    /// token for writing, everything else one for reading.
    pub fn require(&self, of: &str, field: &str) -> Result<Grant> {
        let scope = if of == "Mutation" { Scope::Write } else { Scope::Read };
        let grant = self.grant(of, field);
        if grant == Grant::None || !self.actor.scopes.contains(&scope) {
            return Err(self.refusal(&format!("use {of}.{field}")));
        }
        Ok(grant)
    }

    /// Refuses a filter or an order on a field that the caller may not read as it is.
    pub fn require_filter(&self, of: &str, field: &str) -> Result<()> {
        match self.grant(of, field) {
            Grant::Read => Ok(()),
            Grant::Masked | Grant::Suppressed | Grant::None => Err(self.refusal(&format!("filter by {of}.{field}"))),
        }
    }

    /// Refuses the filters that are used on fields of a type that the caller may not read: `(field, is used)`.
    pub fn require_filters<const N: usize>(&self, of: &str, filters: [(&str, bool); N]) -> Result<()> {
        filters.iter().filter(|(_, used)| *used).try_for_each(|(field, _)| self.require_filter(of, field))
    }

    /// A number as much of which is told as the table grants.
    pub fn number(&self, of: &str, field: &str, number: String) -> Option<String> {
        match self.grant(of, field) {
            Grant::Read => Some(number),
            Grant::Masked => Some(mask(&number)),
            Grant::Suppressed | Grant::None => None,
        }
    }

    fn refusal(&self, action: &str) -> Error {
        let message = Message::new(Code::Forbidden).with("role", self.actor.role).with("action", action);
        Error::new(Class::Forbidden, message)
    }

    /// Rows within the caller's area, by the column that holds their unit.
    pub fn within(&self, unit: impl ColumnTrait) -> Condition {
        match &self.actor.area {
            Area::Country => Condition::all(),
            Area::Unit { id, .. } => Condition::all().add(unit.in_subquery(places::within(*id))),
        }
    }

    /// Households within the caller's area and reach: a bank sees those that borrow, a school those of its pupils.
    pub fn households(&self) -> Condition {
        self.within(entity::household::Column::UnitId).add(self.reached_households())
    }

    /// Households within the caller's reach, wherever they lie.
    pub fn reached_households(&self) -> Condition {
        use entity::{education_subsidy, household, loan};
        let id = household::Column::Id;
        match policy::table().reach(self.actor.role, "Household") {
            Reach::Area => Condition::all(),
            Reach::Borrowers => reached(id.in_subquery(owners::<loan::Entity>(loan::Column::HouseholdId))),
            Reach::Pupils => {
                reached(id.in_subquery(owners::<education_subsidy::Entity>(education_subsidy::Column::HouseholdId)))
            }
        }
    }

    /// Persons within the caller's area and reach.
    pub fn persons(&self) -> Condition {
        self.within(entity::person::Column::UnitId).add(self.reached_persons())
    }

    /// Persons within the caller's reach, wherever they lie.
    pub fn reached_persons(&self) -> Condition {
        use entity::{education_subsidy, household_member, loan, person};
        let id = person::Column::Id;
        match policy::table().reach(self.actor.role, "Person") {
            Reach::Area => Condition::all(),
            Reach::Borrowers => {
                let members = Query::select()
                    .column(household_member::Column::PersonId)
                    .from(household_member::Entity)
                    .and_where(
                        household_member::Column::HouseholdId
                            .in_subquery(owners::<loan::Entity>(loan::Column::HouseholdId)),
                    )
                    .to_owned();
                reached(id.in_subquery(members))
            }
            Reach::Pupils => {
                reached(id.in_subquery(owners::<education_subsidy::Entity>(education_subsidy::Column::PersonId)))
            }
        }
    }

    /// Notes that records of a type are in the answer, concerning these households or persons.
    pub fn disclose(&self, of: &'static str, count: usize, subjects: impl IntoIterator<Item = Uuid>) {
        if count == 0 {
            return;
        }
        let mut disclosed = self.lock();
        *disclosed.counts.entry(of).or_default() += u32::try_from(count).unwrap_or(u32::MAX);
        disclosed.subjects.extend(subjects);
    }

    /// Notes that somebody was asked for by name or number: that nobody is found is told as well, and goes into the log.
    pub fn ask(&self, of: &'static str) {
        self.lock().counts.entry(of).or_default();
    }

    /// Takes what was noted so far, for the entry that must be written before the answer leaves.
    pub fn take_disclosure(&self) -> Disclosure {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Disclosure> {
        // A panic elsewhere leaves plain counts behind, which are still right.
        self.disclosed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reached(condition: SimpleExpr) -> Condition {
    Condition::all().add(condition)
}

/// The households or persons that stand in a column of some records.
fn owners<E: EntityTrait>(column: E::Column) -> SelectStatement {
    E::find().select_only().column(column).filter(column.is_not_null()).into_query()
}
