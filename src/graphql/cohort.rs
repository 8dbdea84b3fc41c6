//! Reading without N+1: records that were read together remember each other, and whoever first asks for a relation reads it
//! for all of them. One relation costs one statement, whatever the number of rows, with no timer that waits for keys.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use tokio::sync::OnceCell;

use crate::error::Result;

/// A record and those that were read with it. `R` holds the relations, empty until somebody asks.
#[derive(Debug)]
pub struct Kin<M, R> {
    /// The record.
    pub row: Arc<M>,
    /// All records that were read together.
    pub cohort: Arc<Cohort<M, R>>,
}

/// Records that were read together.
#[derive(Debug)]
pub struct Cohort<M, R> {
    /// The records.
    pub rows: Vec<Arc<M>>,
    /// What belongs to them.
    pub relations: R,
}

impl<M, R> Clone for Kin<M, R> {
    fn clone(&self) -> Self {
        Self { row: Arc::clone(&self.row), cohort: Arc::clone(&self.cohort) }
    }
}

impl<M, R: Default> Kin<M, R> {
    /// Makes kin of rows that were read together.
    pub fn of(rows: impl IntoIterator<Item = M>) -> Vec<Self> {
        Self::knowing(rows, R::default())
    }

    /// Makes kin of rows that came together with what belongs to them.
    pub fn knowing(rows: impl IntoIterator<Item = M>, relations: R) -> Vec<Self> {
        let rows: Vec<Arc<M>> = rows.into_iter().map(Arc::new).collect();
        let cohort = Arc::new(Cohort { rows: rows.clone(), relations });
        rows.into_iter().map(|row| Self { row, cohort: Arc::clone(&cohort) }).collect()
    }

    /// A record that was read alone.
    pub fn alone(row: M) -> Self {
        let row = Arc::new(row);
        let cohort = Arc::new(Cohort { rows: vec![Arc::clone(&row)], relations: R::default() });
        Self { row, cohort }
    }
}

impl<M, R> Cohort<M, R> {
    /// A value of every record, each value once.
    pub fn each<K: Ord>(&self, of: impl Fn(&M) -> Option<K>) -> Vec<K> {
        let mut keys: Vec<K> = self.rows.iter().filter_map(|row| of(row)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// Gives a type of the schema that wraps a [`Kin`] the two ways to make and use it.
macro_rules! kin {
    ($name:ident of $model:ty, $relations:ty) => {
        impl $name {
            /// Records that were read together.
            pub fn of(rows: impl IntoIterator<Item = $model>) -> Vec<Self> {
                $crate::graphql::cohort::Kin::of(rows).into_iter().map(Self).collect()
            }

            /// The record.
            pub fn row(&self) -> &$model {
                &self.0.row
            }

            fn cohort(&self) -> &$crate::graphql::cohort::Cohort<$model, $relations> {
                &self.0.cohort
            }
        }
    };
}
pub(crate) use kin;

/// A relation of a cohort: read once, for all.
#[derive(Debug)]
pub struct Related<K, T>(OnceCell<HashMap<K, T>>);

impl<K, T> Default for Related<K, T> {
    fn default() -> Self {
        Self(OnceCell::new())
    }
}

impl<K, T> Related<K, T> {
    /// A relation that was read together with the records.
    pub fn known(all: HashMap<K, T>) -> Self {
        Self(OnceCell::new_with(Some(all)))
    }
}

impl<K: Eq + Hash, T: Clone> Related<K, T> {
    /// What belongs to all of the cohort.
    ///
    /// Only the first who asks needs the future that reads. It lies on the heap, or the future of every field of every record
    /// would be as large as the largest read.
    pub async fn all<F>(&self, read: impl FnOnce() -> F + Send) -> Result<&HashMap<K, T>>
    where
        F: Future<Output = Result<HashMap<K, T>>> + Send,
    {
        match self.0.get() {
            Some(all) => Ok(all),
            None => Box::pin(self.0.get_or_try_init(read)).await,
        }
    }

    /// What belongs to one key; the first who asks reads it for all.
    pub async fn of<F>(&self, key: &K, read: impl FnOnce() -> F + Send) -> Result<Option<T>>
    where
        F: Future<Output = Result<HashMap<K, T>>> + Send,
    {
        Ok(self.all(read).await?.get(key).cloned())
    }
}

/// Groups records by the parent they belong to, keeping their order.
pub fn group<K: Eq + Hash, T>(records: impl IntoIterator<Item = T>, parent: impl Fn(&T) -> K) -> HashMap<K, Vec<T>> {
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for record in records {
        groups.entry(parent(&record)).or_default().push(record);
    }
    groups
}

/// Records by their own key.
pub fn index<K: Eq + Hash, T>(records: impl IntoIterator<Item = T>, key: impl Fn(&T) -> K) -> HashMap<K, T> {
    records.into_iter().map(|record| (key(&record), record)).collect()
}
