//! The code lists as GraphQL enums.

use async_graphql::Enum;
use entity::codes;
