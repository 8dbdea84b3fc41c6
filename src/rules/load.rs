//! Loads rules over what the database holds. Loading the same files again changes nothing.

use std::collections::HashMap;

use entity::{base_amount, poverty_standard, programme, programme_rate};
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait};

use super::files::{self, Files, Rows};
use crate::{
    clock::Ids,
    db::{Db, Transaction},
    error::{Error, Result},
    messages::{Code, Message},
    units,
};

/// What a load did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Rows that are new.
    pub inserted: usize,
    /// Rows that changed.
    pub updated: usize,
    /// Rows that the files give as they were.
    pub unchanged: usize,
}

/// Loads the four files in one transaction. Provinces with a poverty line of their own must be loaded before.
///
/// # Errors
/// Faults that name file, line and column; an unknown province; and what the database says.
pub async fn load(db: &Db, ids: &Ids, files: Files<'_>) -> Result<LoadReport> {
    let Rows { poverty_standards, programmes, programme_rates, base_amounts } = files::read(files)?;
    let mut report = LoadReport::default();
    let txn = db.begin().await?;
    write::<programme::Entity, _>(&txn, programmes, |row| row.slug.clone(), |_, _| (), &mut report).await?;
    write::<programme_rate::Entity, _>(
        &txn,
        programme_rates,
        |row| (row.programme.clone(), row.measure, row.valid_from),
        |row, held| row.id = held.map_or_else(|| ids.next(), |held| held.id),
        &mut report,
    )
    .await?;
    write::<base_amount::Entity, _>(
        &txn,
        base_amounts,
        |row| (row.slug.clone(), row.valid_from),
        |_, _| (),
        &mut report,
    )
    .await?;
    write::<poverty_standard::Entity, _>(
        &txn,
        with_provinces(&txn, poverty_standards).await?,
        |row| (row.period.clone(), row.area, row.unit_id),
        |row, held| row.id = held.map_or_else(|| ids.next(), |held| held.id),
        &mut report,
    )
    .await?;
    txn.commit().await?;
    Ok(report)
}

/// Loads the rules that come with the program.
///
/// # Errors
/// What the database says.
pub async fn load_shipped(db: &Db, ids: &Ids) -> Result<LoadReport> {
    load(db, ids, files::SHIPPED).await
}

async fn with_provinces(
    txn: &Transaction,
    standards: Vec<(String, poverty_standard::Model)>,
) -> Result<Vec<poverty_standard::Model>> {
    let mut rows = Vec::with_capacity(standards.len());
    for (code, mut standard) in standards {
        if !code.is_empty() {
            let province = units::find(txn, &code, Some(standard.valid_from)).await?;
            let unknown = || Message::new(Code::UnknownUnit).with("value", &code).with("date", standard.valid_from);
            standard.unit_id = Some(province.ok_or_else(|| Error::invalid(unknown()))?.id);
        }
        rows.push(standard);
    }
    Ok(rows)
}

/// Writes the rows that are new or differ. `settle` gives a row what the one held under its key has.
async fn write<E, K>(
    txn: &Transaction,
    rows: Vec<E::Model>,
    key: impl Fn(&E::Model) -> K,
    settle: impl Fn(&mut E::Model, Option<&E::Model>),
    report: &mut LoadReport,
) -> Result<()>
where
    E: EntityTrait,
    E::Model: Clone + PartialEq + ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel> + Send + Sync,
    E::ActiveModel: ActiveModelBehavior + Send,
    K: std::hash::Hash + Eq,
{
    let held: HashMap<K, E::Model> = E::find().all(txn).await?.into_iter().map(|row| (key(&row), row)).collect();
    let mut new = Vec::new();
    for mut row in rows {
        let before = held.get(&key(&row));
        settle(&mut row, before);
        match before {
            None => new.push(row.into_active_model().reset_all()),
            Some(before) if *before == row => report.unchanged += 1,
            Some(_) => {
                report.updated += 1;
                E::update(row.into_active_model().reset_all()).validate()?.exec(txn).await?;
            }
        }
    }
    report.inserted += new.len();
    E::insert_many(new).exec_without_returning(txn).await?;
    Ok(())
}
