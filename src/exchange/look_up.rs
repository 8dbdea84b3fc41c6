//! What is known of rows before they are decided: which were sent before, and what their kind loads for the others.

use super::{
    kind::{PushKind, Sent},
    outcome::{self, Known},
    source::Row,
};
use crate::{access::Caller, db::Conn, error::Result};

/// Rows of a kind, with the pushes that brought them.
pub(super) type Rows<K> = Vec<Sent<Row<<K as PushKind>::Record>>>;

/// What is known of some rows.
pub(super) struct LookedUp<K: PushKind> {
    /// Those that were sent before.
    pub(super) known: Known,
    /// What the kind has loaded for the others.
    pub(super) state: K::State,
}

impl<K: PushKind> LookedUp<K> {
    /// Looks rows up. Where each statement goes by itself, both questions are asked at the same time; a transaction asks the kind
    /// only for what is still to be decided.
    pub(super) async fn of(conn: &Conn<'_>, caller: &Caller, rows: &Rows<K>) -> Result<Self> {
        let records = rows.iter().filter_map(|row| row.record.record.as_ref().ok());
        let references = records.clone().map(|(record, _)| K::reference(record)).collect();
        let known = outcome::sent_before::<K>(conn, &caller.actor.client_id, references);
        if let Conn::Alone(_) = conn {
            let all: Vec<&K::Record> = records.map(|(record, _)| record).collect();
            let (known, state) = tokio::try_join!(known, K::load(conn, caller, &all))?;
            return Ok(Self { known, state });
        }
        let known = known.await?;
        let is_open = |(record, hash): &&(K::Record, Vec<u8>)| {
            known.get(K::reference(record)).is_none_or(|earlier| earlier.waiting(hash).is_some())
        };
        let open: Vec<&K::Record> = records.filter(is_open).map(|(record, _)| record).collect();
        let state = K::load(conn, caller, &open).await?;
        Ok(Self { known, state })
    }
}
