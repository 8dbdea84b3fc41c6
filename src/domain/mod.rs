//! Values that are valid once built. Nothing here knows of a door or a table's rows.

pub mod card_number;
pub mod months;
pub mod period;
pub mod personal_id;
pub mod poverty;
pub mod school_year;
pub mod text;
pub mod vnd;
pub mod whole;
