//! Household reviews told back.

use entity::household_review::{Column, Entity, Model};

use super::{
    naming,
    review_roll::ReviewRoll,
    reviews::{self, ReviewFilter},
};
use crate::{
    access::Caller,
    domain::poverty::Indicator,
    env::Env,
    error::Result,
    exchange::{
        pull::{PullKind, Right, Shown, Told, told},
        raw::{Cell, RawRecord},
        record::{Value, record},
        values::{AreaCode, Whole},
    },
    listing::{Listing, SortKey, time_key},
};
use entity::codes::PovertyClass;

record! {
    /// Which reviews are wanted.
    Filter "HouseholdReviewFilter" {
        /// In the area of the unit that bears or bore this code.
        unit "unit": Option<AreaCode>,
        /// Of this year.
        year "year": Option<Whole<2000, 2099>>,
        /// Whose decision gave this class; several when repeated.
        decided_class "decidedClass": Vec<PovertyClass>,
    }
}

impl PullKind for ReviewRoll {
    type Entity = Entity;
    type Filter = Filter;
    const RIGHTS: &'static [Right] = &[("Query", "households"), ("Household", "reviews")];
    // The sender's reference is that of a push: a review may be corrected by another one.
    const FIELDS: &'static [Told] = told! {
        "id": HouseholdReview.id;
        "recordedAt": HouseholdReview.id;
        "householdCode": Household.code;
        "unitCode": Household.unit > AdministrativeUnit.code;
        "year": HouseholdReview.year;
        "area": HouseholdReview.area;
        "scoreB1": HouseholdReview.scoreB1;
        "scoreB2": HouseholdReview.scoreB2;
        "deprivations": HouseholdReview.deprivations;
        "decidedClass": HouseholdReview.decidedClass;
        "decisionNo": HouseholdReview.decisionNo;
        "decidedOn": HouseholdReview.decidedOn;
    };

    fn list(_: &Env, caller: &Caller, filter: &Filter, descending: bool) -> Result<Listing<Entity>> {
        let filter = ReviewFilter {
            unit: filter.unit.as_ref().map(|code| code.0.clone()),
            year: filter.year.map(Whole::small),
            decided_class: filter.decided_class.clone(),
        };
        reviews::list(caller, &filter, descending)
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
            let deprivations = Indicator::of_bits(row.deprivations).map(|indicator| indicator.slug().into());
            RawRecord::of([
                ("id", row.id.into()),
                ("recordedAt", row.created_at.into()),
                ("householdCode", households.cell(row.household_id)),
                ("unitCode", units.cell(row.unit_id)),
                ("year", row.year.into()),
                ("area", row.area.cell()),
                ("scoreB1", row.score_b1.into()),
                ("scoreB2", row.score_b2.into()),
                ("deprivations", Cell::List(deprivations.collect())),
                ("decidedClass", row.decided_class.cell()),
                ("decisionNo", row.decision_no.as_ref().into()),
                ("decidedOn", row.decided_on.into()),
            ])
        };
        Ok(rows.into_iter().map(record).collect())
    }
}
