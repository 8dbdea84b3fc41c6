//! Health-insurance cards told back.

use chrono::NaiveDate;
use entity::health_insurance_card::{Column, Entity, Model};

use super::{
    card_push::CardPush,
    cards::{self, CardFilter},
};
use crate::{
    access::Caller,
    env::Env,
    error::Result,
    exchange::{
        pull::{PullKind, Right, Shown, Told, told},
        raw::RawRecord,
        record::record,
        values::{AreaCode, GroupCode},
    },
    listing::{Listing, SortKey, time_key},
    registry::naming,
};

record! {
    /// Which cards are wanted.
    Filter "HealthInsuranceCardFilter" {
        /// In the area of the unit that bears or bore this code.
        unit "unit": Option<AreaCode>,
        /// Ending on or after this day.
        from "from": Option<NaiveDate>,
        /// Ending on or before this day: with `from`, the cards that expire in a time.
        to "to": Option<NaiveDate>,
        /// Valid on this day.
        valid_on "validOn": Option<NaiveDate>,
        /// Of this group, as HN.
        group_code "groupCode": Option<GroupCode>,
    }
}

impl PullKind for CardPush {
    type Entity = Entity;
    type Filter = Filter;
    const RIGHTS: &'static [Right] = &[("Query", "healthInsuranceCards")];
    const FIELDS: &'static [Told] = told! {
        "id": HealthInsuranceCard.id;
        "recordedAt": HealthInsuranceCard.id;
        "reference": HealthInsuranceCard.reference;
        "personalId": HealthInsuranceCard.person > Person.personalId;
        "cardNo": HealthInsuranceCard.cardNo;
        "groupCode": HealthInsuranceCard.groupCode;
        "benefitLevel": HealthInsuranceCard.benefitLevel;
        "validFrom": HealthInsuranceCard.validFrom;
        "validTo": HealthInsuranceCard.validTo;
        "issuedOn": HealthInsuranceCard.issuedOn;
        "facilityCode": HealthInsuranceCard.facilityCode;
    };

    fn list(_: &Env, caller: &Caller, filter: &Filter, descending: bool) -> Result<Listing<Entity>> {
        let filter = CardFilter {
            unit: filter.unit.as_ref().map(|code| code.0.clone()),
            ends_from: filter.from,
            ends_to: filter.to,
            valid_on: filter.valid_on,
            group_code: filter.group_code.as_ref().map(|code| code.0.clone()),
        };
        cards::list(caller, &filter, descending)
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
        let persons = rows.iter().map(|row| row.person_id);
        let people = naming::people(env, caller, shown.any(&["personalId"]), persons).await?;
        let record = |row: Model| {
            RawRecord::of([
                ("id", row.id.into()),
                ("recordedAt", row.created_at.into()),
                ("reference", (&row.reference).into()),
                ("personalId", people.personal_id(row.person_id)),
                ("cardNo", (&row.card_no).into()),
                ("groupCode", (&row.group_code).into()),
                ("benefitLevel", row.benefit_level.into()),
                ("validFrom", row.valid_from.into()),
                ("validTo", row.valid_to.into()),
                ("issuedOn", row.issued_on.into()),
                ("facilityCode", row.facility_code.as_ref().into()),
            ])
        };
        Ok(rows.into_iter().map(record).collect())
    }
}
