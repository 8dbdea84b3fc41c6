//! Electricity support told back.

use entity::{
    codes::ElectricityGroup,
    electricity_support::{Column, Entity, Model},
};

use super::{
    support_push::SupportPush,
    supports::{self, SupportFilter},
};
use crate::{
    access::Caller,
    env::Env,
    error::Result,
    exchange::{
        pull::{PullKind, Right, Shown, Told, told},
        raw::RawRecord,
        record::{Value, record},
        values::{AreaCode, Whole},
    },
    listing::{Listing, SortKey, time_key},
    registry::naming,
};

record! {
    /// Which supports are wanted.
    Filter "ElectricitySupportFilter" {
        /// In the area of the unit that bears or bore this code.
        unit "unit": Option<AreaCode>,
        /// Of this year.
        year "year": Option<Whole<2000, 2099>>,
        /// Of this quarter; several when repeated.
        quarter "quarter": Vec<Whole<1, 4>>,
        /// Of this group; several when repeated.
        group "group": Vec<ElectricityGroup>,
    }
}

impl PullKind for SupportPush {
    type Entity = Entity;
    type Filter = Filter;
    const RIGHTS: &'static [Right] = &[("Query", "electricitySupports")];
    const FIELDS: &'static [Told] = told! {
        "id": ElectricitySupport.id;
        "recordedAt": ElectricitySupport.id;
        "reference": ElectricitySupport.reference;
        "householdCode": ElectricitySupport.household > Household.code;
        "unitCode": ElectricitySupport.unit > AdministrativeUnit.code;
        "year": ElectricitySupport.year;
        "quarter": ElectricitySupport.quarter;
        "kwh": ElectricitySupport.kwh;
        "amount": ElectricitySupport.amount;
        "group": ElectricitySupport.group;
        "paidOn": ElectricitySupport.paidOn;
    };

    fn list(_: &Env, caller: &Caller, filter: &Filter, descending: bool) -> Result<Listing<Entity>> {
        let filter = SupportFilter {
            unit: filter.unit.as_ref().map(|code| code.0.clone()),
            year: filter.year.map(Whole::small),
            quarter: filter.quarter.iter().copied().map(Whole::small).collect(),
            group: filter.group.clone(),
        };
        supports::list(caller, &filter, descending)
    }

    fn recorded() -> SortKey<Entity> {
        time_key(Column::CreatedAt, |row: &Model| row.created_at.into())
    }

    async fn records(
        env: &Env,
        caller: &Caller,
        _: &Filter,
        shown: &Shown,
        rows: Vec<Model>,
    ) -> Result<Vec<RawRecord>> {
        let (of_household, of_unit) = (shown.any(&["householdCode"]), shown.any(&["unitCode"]));
        let households = naming::households(env, caller, of_household, rows.iter().map(|row| row.household_id)).await?;
        let units = naming::units(env, of_unit, rows.iter().map(|row| row.unit_id)).await?;
        let record = |row: Model| {
            RawRecord::of([
                ("id", row.id.into()),
                ("recordedAt", row.created_at.into()),
                ("reference", (&row.reference).into()),
                ("householdCode", households.cell(row.household_id)),
                ("unitCode", units.cell(row.unit_id)),
                ("year", row.year.into()),
                ("quarter", row.quarter.into()),
                ("kwh", row.kwh.into()),
                ("amount", row.amount.into()),
                ("group", row.support_group.cell()),
                ("paidOn", row.paid_on.into()),
            ])
        };
        Ok(rows.into_iter().map(record).collect())
    }
}
