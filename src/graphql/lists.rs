//! The lists that belong to records which were read together, as fields show them: whole lists in one read while they are short,
//! else the parts that are asked for (see [`children`](mod@crate::listing::children)).

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::Context;
use entity::by_place::ByPlace;
use sea_orm::EntityTrait;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{cohort::group, context::Asking, http::ApiError, scalars::Date, unfinished::Unfinished, written::Rows};
use crate::{
    error::Result,
    listing::children::{Children, Part, Place},
};

/// The weight of a list inside a record, of which `usual` rows are expected where up to 100 may come.
pub fn weight(first: Option<i32>, usual: usize) -> usize {
    let first = first.and_then(|first| usize::try_from(first).ok()).unwrap_or(100);
    (first * usual).div_ceil(100)
}

/// What is read once for each key, whoever asks first.
#[derive(Debug)]
pub struct Keyed<K, V>(Mutex<HashMap<K, Arc<OnceCell<V>>>>);

impl<K, V> Default for Keyed<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone, V> Keyed<K, V> {
    /// The place of a key's value.
    fn cell(&self, key: &K) -> Arc<OnceCell<V>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(key.clone()).or_default())
    }

    /// The value of a key, or what a function makes of it.
    pub async fn of<F, R>(&self, key: &K, read: impl FnOnce() -> F, take: impl FnOnce(&V) -> R) -> Result<R>
    where
        F: Future<Output = Result<V>>,
    {
        let cell = self.cell(key);
        Ok(take(Box::pin(cell.get_or_try_init(read)).await?))
    }
}

/// Lists by the record they belong to.
pub type ByRecord<T> = HashMap<Uuid, Vec<T>>;

/// The lists of one kind that belong to records which were read together.
#[derive(Debug)]
pub struct Lists<T> {
    /// All of them, or nothing where one is long.
    short: OnceCell<Option<ByRecord<T>>>,
    parts: Keyed<Part, ByRecord<T>>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { short: OnceCell::new(), parts: Keyed::default() }
    }
}

/// How the lists are read.
pub trait Read<T>: Sync {
    /// All of them; nothing where one is long.
    fn short(&self) -> impl Future<Output = Result<Option<ByRecord<T>>>> + Send;

    /// A part of each, with one row more of each that goes on.
    fn part(&self, part: &Part) -> impl Future<Output = Result<ByRecord<T>>> + Send;

    /// Where a row stands.
    fn place(&self, row: &T) -> Place;

    /// Whether a row stands behind a place.
    fn is_behind(&self, row: &T, place: &Place) -> bool;

    /// Whether a row is in the part for a day.
    fn holds(&self, row: &T, part: &Part) -> bool;
}

impl<T: Clone + Send + Sync> Lists<T> {
    /// Lists that were read together with their records.
    pub fn known(all: ByRecord<T>) -> Self {
        Self { short: OnceCell::new_with(Some(Some(all))), parts: Keyed::default() }
    }

    /// The part of one record's list that is asked for, and whether more follows.
    async fn read(&self, record: Uuid, part: &Part, from: &impl Read<T>) -> Result<(Vec<T>, bool)> {
        let short = match self.short.get() {
            Some(short) => short,
            // On the heap, or the future of every field of every record would be as large as the largest read.
            None => Box::pin(self.short.get_or_try_init(|| from.short())).await?,
        };
        let Some(short) = short else {
            let take = |lists: &ByRecord<T>| lists.get(&record).cloned().unwrap_or_default();
            let mut rows = self.parts.of(part, || from.part(part), take).await?;
            let goes_on = rows.len() as u64 > part.first;
            rows.truncate(usize::try_from(part.first).unwrap_or(usize::MAX));
            return Ok((rows, goes_on));
        };
        let list = short.get(&record).map(Vec::as_slice).unwrap_or_default();
        let is_asked =
            |row: &&T| from.holds(row, part) && part.after.as_ref().is_none_or(|place| from.is_behind(row, place));
        let mut rows = list.iter().filter(is_asked);
        let first = usize::try_from(part.first).unwrap_or(usize::MAX);
        let shown: Vec<T> = rows.by_ref().take(first).cloned().collect();
        Ok((shown, rows.next().is_some()))
    }

    /// The rows without telling of more: as many as a list may show at all.
    pub async fn most(&self, record: Uuid, from: &impl Read<T>) -> Result<Vec<T>> {
        let part = Part { after: None, first: crate::listing::MOST, on: None };
        Ok(self.read(record, &part, from).await?.0)
    }

    /// What a field answers: the part that is asked for; if more follows, the answer says so.
    pub async fn show(
        &self,
        ctx: &Context<'_>,
        record: Uuid,
        (after, first, on): (Option<String>, Option<i32>, Option<Date>),
        from: &impl Read<T>,
    ) -> Result<Rows<T>, ApiError> {
        let part = Part::read(after.as_deref(), first, on.map(|day| day.0))?;
        let (rows, goes_on) = self.read(record, &part, from).await?;
        if let (true, Some(last)) = (goes_on, rows.last()) {
            Unfinished::note(ctx, from.place(last).cursor());
        }
        Ok(Rows(rows))
    }
}

/// Reads lists whose rows are records of one table.
pub struct Of<'a, E: EntityTrait + 'static, T> {
    /// Who asks, and where.
    pub ctx: &'a Context<'a>,
    /// The kind of list.
    pub children: &'static Children<E>,
    /// The records that were read together.
    pub records: &'a (dyn Fn() -> Vec<Uuid> + Sync),
    /// Makes types of the schema of rows.
    pub make: fn(Vec<E::Model>) -> Vec<T>,
    /// The row of a type.
    pub row: fn(&T) -> &E::Model,
}

impl<E, T> Of<'_, E, T>
where
    E: EntityTrait<Model: ByPlace + Send + Sync>,
{
    fn by_record(&self, rows: Vec<E::Model>) -> ByRecord<T> {
        group((self.make)(rows), |made| (self.children.parent_of)((self.row)(made)))
    }
}

impl<E, T> Read<T> for Of<'_, E, T>
where
    E: EntityTrait<Model: ByPlace + Send + Sync>,
    T: Send + Sync,
{
    async fn short(&self) -> Result<Option<ByRecord<T>>> {
        let found = self.children.short(self.ctx.env(), self.ctx.caller(), &(self.records)()).await?;
        Ok(found.map(|rows| self.by_record(rows)))
    }

    async fn part(&self, part: &Part) -> Result<ByRecord<T>> {
        let found = self.children.part(self.ctx.env(), self.ctx.caller(), &(self.records)(), part).await?;
        Ok(self.by_record(found))
    }

    fn place(&self, row: &T) -> Place {
        self.children.place((self.row)(row))
    }

    fn is_behind(&self, row: &T, place: &Place) -> bool {
        self.children.is_behind((self.row)(row), place)
    }

    fn holds(&self, row: &T, part: &Part) -> bool {
        self.children.holds((self.row)(row), part.on)
    }
}
