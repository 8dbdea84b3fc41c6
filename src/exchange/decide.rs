//! Decides rows: refused by form, sent before, or for the kind to say.

use std::collections::HashMap;

use super::{
    kind::{PushKind, Sent, Work},
    look_up::{LookedUp, Rows},
    outcome::{Outcome, Place},
};
use crate::error::Result;

/// A row for the kind to decide, beside its record.
struct Open {
    /// Where its outcome goes.
    slot: usize,
    place: Place,
    reference: String,
    hash: Vec<u8>,
    /// The row of the work list that says the same.
    waiting: Option<uuid::Uuid>,
}

/// A row whose reference stands earlier in the chunk.
struct Repeat {
    slot: usize,
    place: Place,
    reference: String,
    first: usize,
    same: bool,
}

/// Decides a chunk of rows and stores the records that are accepted: one outcome a row, in order.
pub(super) async fn decide<K: PushKind>(
    work: &mut Work<'_>,
    looked_up: LookedUp<K>,
    rows: Rows<K>,
) -> Result<Vec<Outcome>> {
    let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(rows.len());
    let mut fresh = Vec::new();
    let mut open = Vec::new();
    let mut here: HashMap<String, (usize, Vec<u8>)> = HashMap::new();
    let mut repeats = Vec::new();
    for Sent { batch_id, record: row } in rows {
        let slot = outcomes.len();
        let place = Place { batch_id, position: row.position };
        outcomes.push(None);
        let (record, hash) = match row.record {
            Ok(read) => read,
            Err(faults) => {
                outcomes[slot] = Some(Outcome::rejected(place, row.reference, faults));
                continue;
            }
        };
        let reference = K::reference(&record).to_owned();
        let earlier = looked_up.known.get(&reference);
        let waiting = earlier.and_then(|earlier| earlier.waiting(&hash));
        if let (Some(earlier), None) = (earlier, waiting) {
            outcomes[slot] = Some(Outcome::repeat(place, reference, &hash, earlier));
        } else if let Some((first, first_hash)) = here.get(&reference) {
            repeats.push(Repeat { slot, place, reference, first: *first, same: *first_hash == hash });
        } else {
            here.insert(reference.clone(), (slot, hash.clone()));
            open.push(Open { slot, place, reference, hash, waiting });
            fresh.push(Sent { batch_id, record });
        }
    }
    let decisions = if fresh.is_empty() { Vec::new() } else { K::store(work, looked_up.state, &fresh).await? };
    for ((row, sent), decision) in open.into_iter().zip(&fresh).zip(decisions) {
        let outcome = Outcome::decided::<K>(work, row.place, row.reference, row.hash, sent, decision);
        outcomes[row.slot] = Some(row.waiting.into_iter().fold(outcome, Outcome::of_waiting));
    }
    for row in repeats {
        let first = outcomes[row.first].as_ref();
        outcomes[row.slot] = Some(Outcome::repeat_here(row.place, row.reference, first, row.same));
    }
    Ok(outcomes.into_iter().flatten().collect())
}
