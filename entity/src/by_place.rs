//! Reading records by the places of their columns.
//!
//! The database layer looks up every column of every row by its name, which for a page of some hundred records costs as much
//! as reading them. Here they are read in the order in which the columns are selected, which is that of the record.
//!
//! Which columns those are may be narrowed to what is asked for ([`Columns`]): a column costs the database and us about the same
//! each time, whether anybody looks at it or not.

mod cell;
mod columns;

use sea_orm::{DbErr, QueryResult};

pub use cell::Cell;
pub use columns::Columns;
use columns::Places;

/// A record that can be read by the places of its columns.
pub trait ByPlace: Sized {
    /// The columns, in the order in which they are read.
    const COLUMNS: &'static [&'static str];

    /// The columns as a statement names them: `"loan"."id", "loan"."contract_no"`.
    const SELECTED: &'static str;

    /// The same, each by itself.
    const NAMED: &'static [&'static str];

    /// Reads it from the columns that were selected, which begin at a place.
    ///
    /// # Errors
    /// A column that is missing or of another type, or of a kind that has no value where it is left out.
    fn by_place(row: &QueryResult, at: usize, columns: Columns<Self>) -> Result<Self, DbErr>;
}

macro_rules! by_place {
    ($($entity:ident { $first:ident, $($other:ident),* $(,)? })*) => {
        $(impl ByPlace for crate::$entity::Model {
            const COLUMNS: &'static [&'static str] = &[stringify!($first), $(stringify!($other)),*];

            const NAMED: &'static [&'static str] = &[
                concat!("\"", stringify!($entity), "\".\"", stringify!($first), "\""),
                $(concat!("\"", stringify!($entity), "\".\"", stringify!($other), "\"")),*
            ];

            const SELECTED: &'static str = concat!(
                "\"", stringify!($entity), "\".\"", stringify!($first), "\"",
                $(", \"", stringify!($entity), "\".\"", stringify!($other), "\""),*
            );

            fn by_place(row: &QueryResult, at: usize, columns: Columns<Self>) -> Result<Self, DbErr> {
                let mut places = Places::of(columns, at);
                let $first = places.cell(row)?;
                $(let $other = places.cell(row)?;)*
                Ok(Self { $first, $($other),* })
            }
        })*

        #[cfg(test)]
        mod tests {
            use super::ByPlace;
            use sea_orm::{EntityTrait, IdenStatic, Iterable};

            fn named<E: EntityTrait>() -> String {
                let table = E::default().table_name().to_owned();
                let name = |column: &'static str| format!("\"{table}\".\"{column}\"");
                selected::<E>().into_iter().map(name).collect::<Vec<_>>().join(", ")
            }

            fn selected<E: EntityTrait>() -> Vec<&'static str> {
                E::Column::iter().map(|column| column.as_str()).collect()
            }

            #[test]
            fn columns_are_read_in_the_order_in_which_they_are_selected() {
                $(assert_eq!(selected::<crate::$entity::Entity>(), crate::$entity::Model::COLUMNS);)*
            }

            #[test]
            fn columns_are_selected_by_their_table_and_name() {
                $(assert_eq!(named::<crate::$entity::Entity>(), crate::$entity::Model::SELECTED);)*
                $(assert_eq!(crate::$entity::Model::NAMED.join(", "), crate::$entity::Model::SELECTED);)*
            }
        }
    };
}

by_place! {
    batch { id, client_id, kind, status, idempotency_key, body_hash, received, accepted, duplicate, conflict, unmatched, rejected, amount, atomic, refusal, request_id, created_at }
    education_subsidy { id, person_id, household_id, unit_id, reference, programme, school_year, semester, half_months, monthly_rate, amount, rice_grams, legal_basis, school_code, paid_on, batch_id, created_at }
    electricity_support { id, household_id, unit_id, reference, year, quarter, kwh, amount, support_group, paid_on, batch_id, created_at }
    finding { id, batch_id, position, kind, record_id, unit_id, code, params, created_at, resolved_at }
    health_insurance_card { id, person_id, unit_id, reference, card_no, group_code, benefit_level, valid_from, valid_to, issued_on, facility_code, batch_id, created_at }
    household { id, code, unit_id, village, address, residence_type, head_name, head_name_folded, created_at, updated_at }
    household_member { id, household_id, person_id, relation, valid_from, valid_to }
    household_review { id, household_id, unit_id, year, area, score_b1, score_b2, deprivations, computed_class, decided_class, decision_no, decided_on, valid_from, valid_to, batch_id, created_at }
    loan { id, contract_no, programme, household_id, person_id, unit_id, granted_on, term_months, annual_rate_bp, group_code, purpose, created_at }
    loan_disbursement { id, loan_id, household_id, person_id, unit_id, programme, reference, amount, disbursed_on, class_on_date, batch_id, created_at }
    medical_visit { id, person_id, unit_id, reference, visited_on, facility_code, inpatient, cost, paid_by_insurance, paid_by_fund, paid_by_patient, card_no, batch_id, created_at }
    person { id, unit_id, full_name, name_folded, birth_date, birth_year, sex, ethnicity_code, created_at, updated_at }
    person_identifier { id, person_id, kind, value, valid_from, valid_to }
    unmatched_record { id, batch_id, position, client_id, kind, unit_id, content, reason, created_at, resolved_at, record_id }
}
