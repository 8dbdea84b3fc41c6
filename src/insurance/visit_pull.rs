//! Visits to a doctor told back.

use chrono::NaiveDate;
use entity::medical_visit::{Column, Entity, Model};

use super::{
    visit_push::VisitPush,
    visits::{self, VisitFilter},
};
use crate::{
    access::Caller,
    env::Env,
    error::Result,
    exchange::{
        pull::{PullKind, Right, Shown, Told, told},
        raw::RawRecord,
        record::record,
        values::{AreaCode, Text},
    },
    listing::{Listing, SortKey, time_key},
    registry::naming,
};

record! {
    /// Which visits are wanted.
    Filter "MedicalVisitFilter" {
        /// In the area of the unit that bears or bore this code.
        unit "unit": Option<AreaCode>,
        /// On or after this day.
        from "from": Option<NaiveDate>,
        /// On or before this day.
        to "to": Option<NaiveDate>,
        /// At the facility of this code.
        facility_code "facilityCode": Option<Text<20>>,
    }
}

impl PullKind for VisitPush {
    type Entity = Entity;
    type Filter = Filter;
    const RIGHTS: &'static [Right] = &[("Query", "medicalVisits")];
    const FIELDS: &'static [Told] = told! {
        "id": MedicalVisit.id;
        "recordedAt": MedicalVisit.id;
        "reference": MedicalVisit.reference;
        "personalId": MedicalVisit.person > Person.personalId;
        "visitedOn": MedicalVisit.visitedOn;
        "facilityCode": MedicalVisit.facilityCode;
        "inpatient": MedicalVisit.inpatient;
        "cost": MedicalVisit.cost;
        "paidByInsurance": MedicalVisit.paidByInsurance;
        "paidByFund": MedicalVisit.paidByFund;
        "paidByPatient": MedicalVisit.paidByPatient;
        "cardNo": MedicalVisit.cardNo;
    };

    fn list(_: &Env, caller: &Caller, filter: &Filter, descending: bool) -> Result<Listing<Entity>> {
        let filter = VisitFilter {
            unit: filter.unit.as_ref().map(|code| code.0.clone()),
            from: filter.from,
            to: filter.to,
            facility_code: filter.facility_code.as_ref().map(|code| code.0.clone()),
        };
        visits::list(caller, &filter, descending)
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
                ("visitedOn", row.visited_on.into()),
                ("facilityCode", (&row.facility_code).into()),
                ("inpatient", row.inpatient.into()),
                ("cost", row.cost.into()),
                ("paidByInsurance", row.paid_by_insurance.into()),
                ("paidByFund", row.paid_by_fund.into()),
                ("paidByPatient", row.paid_by_patient.into()),
                ("cardNo", row.card_no.as_ref().into()),
            ])
        };
        Ok(rows.into_iter().map(record).collect())
    }
}
