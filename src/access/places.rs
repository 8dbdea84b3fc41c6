//! The units whose rows are asked for, where not all are.

use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::{Area, Caller};
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

/// The keys of the units within the area of one.
pub(super) fn within(area: Uuid) -> SelectStatement {
    use entity::unit_scope;
    Query::select()
        .column(unit_scope::Column::WithinId)
        .from(unit_scope::Entity)
        .and_where(Expr::col(unit_scope::Column::UnitId).eq(area))
        .to_owned()
}
