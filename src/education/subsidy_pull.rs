//! Education subsidies told back.

use chrono::NaiveDate;
use entity::education_subsidy::{Column, Entity, Model};

use super::{
    subsidies::{self, SubsidyFilter},
    subsidy_push::SubsidyPush,
};
use crate::{
    access::Caller,
    domain::{months::HalfMonths, school_year::SchoolYear},
    env::Env,
    error::Result,
    exchange::{
        pull::{PullKind, Right, Shown, Told, told},
        raw::{Cell, RawRecord},
        record::record,
        values::{AreaCode, Text, Thousandths},
    },
    listing::{Listing, SortKey, time_key},
    registry::naming,
};

record! {
    /// Which subsidies are wanted.
    Filter "EducationSubsidyFilter" {
        /// In the area of the unit that bears or bore this code.
        unit "unit": Option<AreaCode>,
        /// Of this programme; several when repeated.
        programme "programme": Vec<Text<60>>,
        /// Of this school year, as `2021-2022`.
        school_year "schoolYear": Option<SchoolYear>,
        /// Paid on or after this day.
        from "from": Option<NaiveDate>,
        /// Paid on or before this day.
        to "to": Option<NaiveDate>,
    }
}

impl PullKind for SubsidyPush {
    type Entity = Entity;
    type Filter = Filter;
    const RIGHTS: &'static [Right] = &[("Query", "educationSubsidies")];
    const FIELDS: &'static [Told] = told! {
        "id": EducationSubsidy.id;
        "recordedAt": EducationSubsidy.id;
        "reference": EducationSubsidy.reference;
        "personalId": EducationSubsidy.person > Person.personalId;
        "programme": EducationSubsidy.programme;
        "schoolYear": EducationSubsidy.schoolYear;
        "semester": EducationSubsidy.semester;
        "months": EducationSubsidy.months;
        "monthlyRate": EducationSubsidy.monthlyRate;
        "amount": EducationSubsidy.amount;
        "riceKg": EducationSubsidy.riceKg;
        "legalBasis": EducationSubsidy.legalBasis;
        "schoolCode": EducationSubsidy.schoolCode;
        "paidOn": EducationSubsidy.paidOn;
    };

    fn list(_: &Env, caller: &Caller, filter: &Filter, descending: bool) -> Result<Listing<Entity>> {
        let filter = SubsidyFilter {
            unit: filter.unit.as_ref().map(|code| code.0.clone()),
            programme: filter.programme.iter().map(|slug| slug.0.clone()).collect(),
            school_year: filter.school_year.map(SchoolYear::text),
            from: filter.from,
            to: filter.to,
        };
        subsidies::list(caller, &filter, descending)
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
        let number = |text: Option<String>| text.map_or(Cell::Null, Cell::Number);
        let record = |row: Model| {
            RawRecord::of([
                ("id", row.id.into()),
                ("recordedAt", row.created_at.into()),
                ("reference", (&row.reference).into()),
                ("personalId", people.personal_id(row.person_id)),
                ("programme", (&row.programme).into()),
                ("schoolYear", (&row.school_year).into()),
                ("semester", row.semester.into()),
                ("months", number(row.half_months.map(|halves| HalfMonths(halves).text()))),
                ("monthlyRate", row.monthly_rate.into()),
                ("amount", row.amount.into()),
                ("riceKg", number(row.rice_grams.map(|grams| Thousandths(grams).text()))),
                ("legalBasis", row.legal_basis.as_ref().into()),
                ("schoolCode", row.school_code.as_ref().into()),
                ("paidOn", row.paid_on.into()),
            ])
        };
        Ok(rows.into_iter().map(record).collect())
    }
}
