//! The units whose rows are asked for, where not all are.

use sea_orm::{
    ColumnTrait, Condition, EntityTrait,
    sea_query::{DynIden, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::{
    Area, Caller,
    policy::{self, Reach},
};
use crate::{error::Result, units};

/// The units whose rows are asked for: the caller's area, the area of the unit that a filter names, or what both share.
#[derive(Clone, Debug)]
pub struct Places<C> {
    /// The column that holds the unit of a row.
    pub column: C,
    units: SelectStatement,
}

impl<C: ColumnTrait> Places<C> {
    /// The statement that reads the keys of the units, each once.
    pub fn units(&self) -> SelectStatement {
        self.units.clone().distinct().to_owned()
    }

    /// Rows that lie there.
    pub fn condition(&self) -> SimpleExpr {
        self.column.in_subquery(self.units.clone())
    }
}

impl Caller {
    /// Where the rows lie that the caller may see and a filter by unit wants; none where both leave the whole country.
    ///
    /// # Errors
    /// A code that no unit bears or bore.
    pub fn places<C: ColumnTrait>(&self, column: C, code: Option<&str>) -> Result<Option<Places<C>>> {
        code.map_or(Ok(()), units::codes::check)?;
        let own = match &self.actor.area {
            Area::Country => None,
            Area::Unit { id, .. } => Some(within(*id)),
        };
        let units = match (own, code.map(units::area_of_code)) {
            (None, None) => return Ok(None),
            (Some(one), None) | (None, Some(one)) => one,
            (Some(own), Some(mut wanted)) => {
                wanted.and_where(Expr::col(entity::unit_scope::Column::WithinId).in_subquery(own)).to_owned()
            }
        };
        Ok(Some(Places { column, units }))
    }

    /// The same as a condition, for statements that read no page.
    ///
    /// # Errors
    /// As [`places`](Self::places).
    pub fn within_places(&self, column: impl ColumnTrait, code: Option<&str>) -> Result<Condition> {
        let places = self.places(column, code)?;
        Ok(places.iter().fold(Condition::all(), |condition, places| condition.add(places.condition())))
    }
}

impl Caller {
    /// As [`Caller::within`], for a row that is looked up by a number or code: the index is asked for the one unit of the row.
    /// A list of all units of the area would be made only where there is a row, and the time it takes would tell of those that
    /// lie elsewhere.
    pub fn holds(&self, unit: impl ColumnTrait) -> Condition {
        use entity::unit_scope::{Column, Entity};
        let Area::Unit { id, .. } = &self.actor.area else { return Condition::all() };
        let probe = Query::select()
            .expr(Expr::val(1))
            .from(Entity)
            .and_where(Expr::col((Entity, Column::UnitId)).eq(*id))
            .and_where(Expr::col((Entity, Column::WithinId)).equals(unit.as_column_ref()))
            .to_owned();
        Condition::all().add(Expr::exists(probe))
    }

    /// As [`Caller::persons`], for a person who is looked up by a number.
    pub fn reaches_person(&self) -> Condition {
        use entity::{education_subsidy, household_member, loan, person};
        let id = person::Column::Id.as_column_ref();
        let reached = match policy::table().reach(self.actor.role, "Person") {
            Reach::Area => None,
            Reach::Borrowers => {
                let household = (household_member::Entity, household_member::Column::HouseholdId);
                let mut loans = Query::select();
                loans
                    .expr(Expr::val(1))
                    .from(household_member::Entity)
                    .inner_join(loan::Entity, Expr::col((loan::Entity, loan::Column::HouseholdId)).equals(household))
                    .and_where(Expr::col((household_member::Entity, household_member::Column::PersonId)).equals(id));
                Some(loans)
            }
            Reach::Pupils => Some(one_of::<education_subsidy::Entity>(education_subsidy::Column::PersonId, id)),
        };
        self.holds(person::Column::UnitId).add_option(reached.map(Expr::exists))
    }

    /// As [`Caller::households`], for a household that is looked up by its code.
    pub fn reaches_household(&self) -> Condition {
        use entity::{education_subsidy, household, loan};
        let id = household::Column::Id.as_column_ref();
        let reached = match policy::table().reach(self.actor.role, "Household") {
            Reach::Area => None,
            Reach::Borrowers => Some(one_of::<loan::Entity>(loan::Column::HouseholdId, id)),
            Reach::Pupils => Some(one_of::<education_subsidy::Entity>(education_subsidy::Column::HouseholdId, id)),
        };
        self.holds(household::Column::UnitId).add_option(reached.map(Expr::exists))
    }
}

/// Whether some record of a type has another's key in a column.
fn one_of<E: EntityTrait>(column: E::Column, key: (DynIden, DynIden)) -> SelectStatement {
    let mut records = Query::select();
    records.expr(Expr::val(1)).from(E::default()).and_where(Expr::col(column.as_column_ref()).equals(key));
    records
}

/// The keys of the units within the area of one.
pub(super) fn within(area: Uuid) -> SelectStatement {
    use entity::unit_scope;
    Query::select()
        .column(unit_scope::Column::WithinId)
        .from(unit_scope::Entity)
        .and_where(Expr::col(unit_scope::Column::UnitId).eq(area))
        .to_owned()
}
