//! What is known of a chunk of rows before it is decided: the references that were sent before, and what the kind finds for
//! the rest.

use sea_orm::ConnectionTrait;

use super::{
    kind::{Held, RecordKind, Sent},
    outcome::{self, Known},
    source::Row,
};
use crate::{access::Caller, error::Result};

/// Rows of a kind, with the pushes that brought them.
pub(super) type Rows<K> = Vec<Sent<Row<<K as RecordKind>::Record>>>;

/// What is known of some rows.
pub(super) struct Looked<K: RecordKind> {
    /// Those that were sent before.
    pub(super) known: Known,
    /// What is found for the others.
    pub(super) found: K::Found,
    /// What is held already, where it was looked up too.
    pub(super) held: Option<K::Held>,
}

impl<K: RecordKind> Looked<K> {
    /// Looks up rows: first which were sent before, then what is needed of those that are still to be decided.
    pub(super) async fn up(conn: &impl ConnectionTrait, caller: &Caller, rows: &Rows<K>) -> Result<Self> {
        let known = sent_before::<K>(conn, caller, references::<K>(rows)).await?;
        let found = K::look_up(conn, caller, &undecided::<K>(rows, &known)).await?;
        Ok(Self { known, found, held: None })
    }

    /// Looks up all at the same time, which is faster where the connection can do so and few rows were sent before. Nothing may
    /// be stored in between that these rows must see.
    pub(super) async fn up_at_once(conn: &impl ConnectionTrait, caller: &Caller, rows: &Rows<K>) -> Result<Self> {
        let all: Vec<&K::Record> = records::<K>(rows).map(|(record, _)| record).collect();
        let known = sent_before::<K>(conn, caller, references::<K>(rows));
        let (known, found, held) =
            tokio::try_join!(known, K::look_up(conn, caller, &all), K::Held::look_up(conn, &all))?;
        Ok(Self { known, found, held: Some(held) })
    }

    /// Asks once more, on the transaction, for rows that the push itself may have sent before.
    pub(super) async fn again(
        &mut self,
        txn: &impl ConnectionTrait,
        caller: &Caller,
        references: Vec<&str>,
    ) -> Result<()> {
        self.known.extend(sent_before::<K>(txn, caller, references).await?);
        Ok(())
    }
}

async fn sent_before<K: RecordKind>(
    conn: &impl ConnectionTrait,
    caller: &Caller,
    references: Vec<&str>,
) -> Result<Known> {
    outcome::sent_before::<K>(conn, &caller.actor.client_id, references).await
}

/// The references of rows that could be read.
pub(super) fn references<K: RecordKind>(rows: &Rows<K>) -> Vec<&str> {
    records::<K>(rows).map(|(record, _)| K::reference(record)).collect()
}

/// The records that were not sent before, or wait: a superset of those that the kind will decide.
fn undecided<'a, K: RecordKind>(rows: &'a Rows<K>, known: &Known) -> Vec<&'a K::Record> {
    let is_open = |record: &K::Record, hash: &[u8]| {
        known.get(K::reference(record)).is_none_or(|earlier| earlier.waiting(hash).is_some())
    };
    records::<K>(rows).filter(|(record, hash)| is_open(record, hash)).map(|(record, _)| record).collect()
}

fn records<K: RecordKind>(rows: &Rows<K>) -> impl Iterator<Item = (&K::Record, &[u8])> {
    rows.iter().filter_map(|row| row.record.record.as_ref().ok().map(|(record, hash)| (record, hash.as_slice())))
}
