//! The schema changes of An Sinh, for SQLite and PostgreSQL alike, a file a change. A migration names tables itself,
//! never through the entities, because it must go on doing what it did on the day it was written.

#![allow(
    clippy::wildcard_imports,
    clippy::too_many_lines,
    reason = "a change is one long list of tables, written in the words of the migration prelude"
)]

use sea_orm_migration::prelude::*;

mod columns;
mod m20261121_000001_units;
mod m20261121_000002_registry;
mod m20261121_000003_rules;
mod m20261121_000004_records;
mod m20261121_000005_identity;
mod m20261121_000006_exchange;
mod m20261121_000007_trail;
mod m20261121_000008_recorded;
mod m20261121_000009_filters;
mod m20261121_000010_pushes;
mod m20261122_000011_orders;
mod m20261122_000012_trail;
mod m20261122_000013_covering;
mod m20261122_000014_holders;
mod m20261122_000015_asked;
mod m20261128_000016_references;
mod m20261128_000017_medical_visits;

pub use sea_orm_migration::{MigrationStatus, MigratorTrait};

/// All changes in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_units::Migration),
            Box::new(m20261121_000002_registry::Migration),
            Box::new(m20261121_000003_rules::Migration),
            Box::new(m20261121_000004_records::Migration),
            Box::new(m20261121_000005_identity::Migration),
            Box::new(m20261121_000006_exchange::Migration),
            Box::new(m20261121_000007_trail::Migration),
            Box::new(m20261121_000008_recorded::Migration),
            Box::new(m20261121_000009_filters::Migration),
            Box::new(m20261121_000010_pushes::Migration),
            Box::new(m20261122_000011_orders::Migration),
            Box::new(m20261122_000012_trail::Migration),
            Box::new(m20261122_000013_covering::Migration),
            Box::new(m20261122_000014_holders::Migration),
            Box::new(m20261122_000015_asked::Migration),
            Box::new(m20261128_000016_references::Migration),
            Box::new(m20261128_000017_medical_visits::Migration),
        ]
    }
}
