//! A value of a row.
//!
//! The database layer compares the type that PostgreSQL names for a column with that of the record, for every value of every
//! row: half of what reading a page costs. The columns of our own tables have the types that their migrations gave them, so
//! what is read by its place is decoded without asking.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveEnum, DbErr, QueryResult, RuntimeErr,
    sqlx::{self, Row},
};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::codes::{
    Area, BatchStatus, ElectricityGroup, FamilyRelation, IdentifierKind, PovertyClass, RecordStatus, Sex,
};

/// What can be read from a place of a row.
pub trait Cell: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// There is no such place, or the value is null, or no such value.
    fn cell(row: &QueryResult, place: usize) -> Result<Self, DbErr>;

    /// What stands where the column is left out; none where there is no such value, so that the column is always read.
    fn empty() -> Option<Self>;
}

/// Values of which each database has its own form.
macro_rules! plain {
    ($($kind:ty),* $(,)?) => { $(plain!(@ $kind); plain!(@ Option<$kind>);)* };
    (@ $kind:ty) => {
        impl Cell for $kind {
            fn cell(row: &QueryResult, place: usize) -> Result<Self, DbErr> {
                match row.try_as_pg_row() {
                    Some(row) => row.try_get_unchecked(place).map_err(unread),
                    None => row.try_get_by_index(place),
                }
            }

            fn empty() -> Option<Self> {
                Some(Self::default())
            }
        }
    };
}

plain!(bool, i16, i32, i64, String, Uuid, NaiveDate, DateTime<Utc>, Vec<u8>);

/// Codes, which are stored as their text.
macro_rules! codes {
    ($($code:ty),* $(,)?) => {
        $(impl Cell for $code {
            fn cell(row: &QueryResult, place: usize) -> Result<Self, DbErr> {
                <$code>::try_from_value(&String::cell(row, place)?)
            }

            fn empty() -> Option<Self> {
                None
            }
        }

        impl Cell for Option<$code> {
            fn cell(row: &QueryResult, place: usize) -> Result<Self, DbErr> {
                Option::<String>::cell(row, place)?.map(|text| <$code>::try_from_value(&text)).transpose()
            }

            fn empty() -> Option<Self> {
                Some(None)
            }
        })*
    };
}

codes!(Area, BatchStatus, ElectricityGroup, FamilyRelation, IdentifierKind, PovertyClass, RecordStatus, Sex);

impl Cell for Json {
    fn cell(row: &QueryResult, place: usize) -> Result<Self, DbErr> {
        row.try_get_by_index(place)
    }

    fn empty() -> Option<Self> {
        Some(Self::default())
    }
}

impl Cell for Option<Json> {
    fn cell(row: &QueryResult, place: usize) -> Result<Self, DbErr> {
        row.try_get_by_index(place)
    }

    fn empty() -> Option<Self> {
        Some(Self::default())
    }
}

fn unread(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
