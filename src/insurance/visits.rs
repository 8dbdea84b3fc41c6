//! Reading visits to a doctor.

use chrono::NaiveDate;
use entity::medical_visit::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::{
    access::Caller,
    error::Result,
    listing::{Listing, Order, date_key},
};

/// Which visits are wanted.
#[derive(Clone, Debug, Default)]
pub struct VisitFilter {
    /// In the area of the unit that bears or bore this code.
    pub unit: Option<String>,
    /// On or after this day.
    pub from: Option<NaiveDate>,
    /// On or before this day.
    pub to: Option<NaiveDate>,
    /// At the facility of this code.
    pub facility_code: Option<String>,
}

/// Visits by day; the newest first when descending.
pub fn list(caller: &Caller, filter: &VisitFilter, descending: bool) -> Result<Listing<Entity>> {
    caller.require("Query", "medicalVisits")?;
    caller.require_filters(
        "MedicalVisit",
        [
            ("unit", filter.unit.is_some()),
            ("facilityCode", filter.facility_code.is_some()),
            // The order shows the day too.
            ("visitedOn", true),
        ],
    )?;
    let day = date_key(Column::VisitedOn, |row: &Model| row.visited_on.into());
    let order = Order::by_id(Column::Id, |row: &Model| row.id).then_by(day).descending(descending);
    Ok(Listing {
        of: "MedicalVisit",
        subject: |row| row.person_id,
        select: filtered(filter),
        places: caller.places(Column::UnitId, filter.unit.as_deref())?,
        // Of the facility, if any, and the day.
        order: order.by_one_index(true),
    })
}

fn filtered(filter: &VisitFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(from) = filter.from {
        select = select.filter(Column::VisitedOn.gte(from));
    }
    if let Some(to) = filter.to {
        select = select.filter(Column::VisitedOn.lte(to));
    }
    if let Some(facility) = &filter.facility_code {
        select = select.filter(Column::FacilityCode.eq(facility));
    }
    select
}
