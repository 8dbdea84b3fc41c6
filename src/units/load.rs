//! Loads a list of administrative units over what the database holds. Loading the same list again changes nothing.

use std::collections::{BTreeSet, HashMap};

use chrono::Days;
use entity::{
    administrative_unit::{Entity, Model},
    codes::SuccessionKind,
    unit_scope, unit_succession,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    list::{self, BEGINNING, Faults, Succession, Unit},
    merge::{Merged, unknown},
    name, scope,
};
use crate::{
    clock::Ids,
    db::{Db, Transaction},
    error::Result,
};

/// Rows in one statement: SQLite binds at most 32,766 values, PostgreSQL 65,535; a unit has nine.
const CHUNK: usize = 3_000;
/// The same for the pairs of areas.
const PAIRS: usize = 15_000;

/// What a load did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Units that are new.
    pub inserted: usize,
    /// Units whose name, type, parent or last day changed.
    pub updated: usize,
    /// Units that the list gives as they were.
    pub unchanged: usize,
    /// Successions that are new or changed.
    pub successions: usize,
    /// Pairs of areas added and taken away.
    pub scope_changes: usize,
    /// Lines whose name does not begin with their type: kept, and to be looked at.
    pub doubtful_lines: Vec<u64>,
}

/// Loads units and successions in one transaction, and computes the areas anew.
///
/// A unit is known by level, code and first day. One that the list gives with a last day is ended; one whose code
/// begins anew without its end being stated ends the day before. Units that the list leaves out stay as they are.
///
/// # Errors
/// Faults that name line and field: a code or date of the wrong form, a line that stands twice, a parent or a side of
/// a succession that is not known for the time; and what the database says.
pub async fn load(db: &Db, ids: &Ids, units_csv: &[u8], successions_csv: &[u8]) -> Result<LoadReport> {
    let units = list::read_units(units_csv)?;
    let successions = list::read_successions(successions_csv)?;
    let txn = db.begin().await?;
    let held = Entity::find().all(&txn).await?;

    let mut report = LoadReport { doubtful_lines: doubtful(&units), ..LoadReport::default() };
    let mut merged = Merged::new(held);
    merged.take(&units, ids)?;
    merged.end_followed();
    write_units(&txn, &merged, &mut report).await?;
    let pairs = resolve(&successions, &merged)?;
    report.successions = write_successions(&txn, &pairs).await?;
    report.scope_changes = write_scope(&txn, &merged).await?;

    txn.commit().await?;
    Ok(report)
}

/// Loads the lists that come with the program.
///
/// # Errors
/// What the database says.
pub async fn load_shipped(db: &Db, ids: &Ids) -> Result<LoadReport> {
    load(db, ids, list::SHIPPED_UNITS, list::SHIPPED_SUCCESSIONS).await
}

fn doubtful(units: &[Unit]) -> Vec<u64> {
    units.iter().filter(|unit| !name::begins_with(&unit.name, &unit.kind)).map(|unit| unit.line).collect()
}

async fn write_units(txn: &Transaction, merged: &Merged, report: &mut LoadReport) -> Result<()> {
    let mut new: Vec<&Model> = Vec::new();
    for (unit, before) in merged.units.iter().zip(&merged.before) {
        match before {
            None => new.push(unit),
            Some(before) if before == unit => report.unchanged += 1,
            Some(_) => {
                report.updated += 1;
                Entity::update(unit.clone().into_active_model().reset_all()).exec(txn).await?;
            }
        }
    }
    // Parents before children: the foreign key looks at each row as it comes.
    new.sort_by_key(|unit| unit.level);
    for chunk in new.chunks(CHUNK) {
        let rows = chunk.iter().map(|unit| (*unit).clone().into_active_model().reset_all());
        Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    report.inserted = new.len();
    Ok(())
}

/// Names the units of each succession. Without a date it began with the newest unit of the new code; the unit that
/// ended is the one that bore the old code the day before.
fn resolve(list: &[Succession], merged: &Merged) -> Result<Vec<unit_succession::Model>> {
    let mut faults = Faults::default();
    let mut resolved = Vec::with_capacity(list.len());
    for succession in list {
        let new = match succession.effective_on {
            Some(day) => merged.on(succession.new.0, &succession.new.1, day),
            None => merged.newest(succession.new.0, &succession.new.1),
        };
        let Some(new) = new else {
            let day = succession.effective_on.unwrap_or(BEGINNING);
            faults.add(succession.line, "new_code", unknown(&succession.new.1, day));
            continue;
        };
        let effective_on = succession.effective_on.unwrap_or(new.valid_from);
        let eve = effective_on.checked_sub_days(Days::new(1)).unwrap_or(effective_on);
        let Some(old) = merged.on(succession.old.0, &succession.old.1, eve) else {
            faults.add(succession.line, "old_code", unknown(&succession.old.1, eve));
            continue;
        };
        resolved.push(unit_succession::Model {
            old_id: old.id,
            new_id: new.id,
            kind: succession.kind,
            is_default: succession.is_default,
            effective_on,
            legal_basis: succession.legal_basis.clone(),
        });
    }
    faults.refuse()?;
    Ok(resolved)
}

async fn write_successions(txn: &Transaction, list: &[unit_succession::Model]) -> Result<usize> {
    let held: HashMap<(Uuid, Uuid), unit_succession::Model> = unit_succession::Entity::find()
        .all(txn)
        .await?
        .into_iter()
        .map(|row| ((row.old_id, row.new_id), row))
        .collect();
    let changed: Vec<_> = list.iter().filter(|row| held.get(&(row.old_id, row.new_id)) != Some(*row)).collect();
    let overwrite = OnConflict::columns([unit_succession::Column::OldId, unit_succession::Column::NewId])
        .update_columns([
            unit_succession::Column::Kind,
            unit_succession::Column::IsDefault,
            unit_succession::Column::EffectiveOn,
            unit_succession::Column::LegalBasis,
        ])
        .to_owned();
    for chunk in changed.chunks(CHUNK) {
        let rows = chunk.iter().map(|row| (*row).clone().into_active_model().reset_all());
        unit_succession::Entity::insert_many(rows).on_conflict(overwrite.clone()).exec_without_returning(txn).await?;
    }
    Ok(changed.len())
}

async fn write_scope(txn: &Transaction, merged: &Merged) -> Result<usize> {
    let parents: Vec<_> = merged.units.iter().map(|unit| (unit.id, unit.parent_id)).collect();
    let inherited: Vec<_> = unit_succession::Entity::find()
        .all(txn)
        .await?
        .into_iter()
        .filter(|row| row.kind == SuccessionKind::Whole || row.is_default)
        .map(|row| (row.new_id, row.old_id))
        .collect();
    let wanted = scope::compute(&parents, &inherited);
    let held: BTreeSet<(Uuid, Uuid)> = unit_scope::Entity::find()
        .select_only()
        .columns([unit_scope::Column::UnitId, unit_scope::Column::WithinId])
        .into_tuple()
        .all(txn)
        .await?
        .into_iter()
        .collect();

    let missing: Vec<_> = wanted.difference(&held).collect();
    for chunk in missing.chunks(PAIRS) {
        let rows =
            chunk.iter().map(|(unit, within)| unit_scope::ActiveModel { unit_id: Set(*unit), within_id: Set(*within) });
        unit_scope::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    let surplus: Vec<_> = held.difference(&wanted).collect();
    for (unit, within) in &surplus {
        unit_scope::Entity::delete_by_id((*unit, *within)).exec(txn).await?;
    }
    Ok(missing.len() + surplus.len())
}
