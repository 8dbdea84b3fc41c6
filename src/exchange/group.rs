//! Short pushes that arrive while others of the same client and kind are being stored share the next transaction, so that a
//! thousand pushes a second cost a few commits. Nobody waits for company: who finds nobody at work begins at once. Each push
//! keeps its own outcome, events and entry, and an answer leaves only after the commit.

use std::{
    any::Any,
    collections::{HashMap, HashSet, VecDeque, hash_map::Entry},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::FutureExt;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    batches::BatchAnswer,
    kind::RecordKind,
    push::Push,
    short::{self, Short},
    source::CHUNK,
};
use crate::{
    access::{Area, Caller, Role},
    env::{Claim, Env},
};

/// Most pushes in one transaction.
const MOST: usize = 64;

/// The pushes that wait, by whom and what they are of. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Groups(Arc<Mutex<HashMap<Lane, Box<dyn Any + Send>>>>);

/// Whose pushes may share a transaction: those of one client with the same rights, and of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Lane {
    kind: &'static str,
    client_id: String,
    role: Role,
    area: Option<Uuid>,
}

/// A push in the queue of its lane.
struct Waiting<K: RecordKind> {
    push: Short<K>,
    reply: Reply,
}

/// How the sender learns what became of its push.
struct Reply {
    done: oneshot::Sender<BatchAnswer>,
    /// Held until the push is through, even if who sent it has gone away.
    _claim: Option<Arc<Claim>>,
}

/// The pushes of a lane that wait for the group under way. It is in the map as long as somebody works it off.
type Queue<K> = VecDeque<Waiting<K>>;

/// Carries a push out together with those that come at the same time. None: nothing of it is stored, and it has to go by
/// itself, because it is long or particular, or because the shared transaction failed, maybe through another's fault.
pub(super) async fn share<K: RecordKind>(
    env: &Env,
    caller: &Caller,
    push: &Push,
    claim: Option<Arc<Claim>>,
) -> Option<BatchAnswer> {
    let push = Short::<K>::of(env, caller, push)?;
    let lane = Lane {
        kind: K::SLUG,
        client_id: caller.actor.client_id.clone(),
        role: caller.actor.role,
        area: match &caller.actor.area {
            Area::Country => None,
            Area::Unit { id, .. } => Some(*id),
        },
    };
    let (done, answer) = oneshot::channel();
    if env.groups.line_up(&lane, Waiting { push, reply: Reply { done, _claim: claim } }) {
        // On a task of its own: who began the work may hang up, the others must not notice.
        tokio::spawn(work_off::<K>(env.clone(), lane));
    }
    answer.await.ok()
}

async fn work_off<K: RecordKind>(env: Env, lane: Lane) {
    while let Some(group) = env.groups.next::<K>(&lane) {
        let (mut pushes, replies): (Vec<_>, Vec<_>) =
            group.into_iter().map(|waiting| (waiting.push, waiting.reply)).unzip();
        let stored = AssertUnwindSafe(short::store(&env, &mut pushes)).catch_unwind().await;
        let answers = match stored {
            Ok(Ok(answers)) => answers,
            Ok(Err(cause)) => {
                tracing::debug!(%cause, pushes = pushes.len(), "pushes that shared a transaction go by themselves");
                Vec::new()
            }
            // What the program should not do it will do again, where each push answers for itself.
            Err(_) => Vec::new(),
        };
        for (answer, reply) in answers.into_iter().zip(replies) {
            // A sender who has gone away has no answer to wait for.
            let _ = reply.done.send(answer);
        }
    }
}

impl Groups {
    fn lanes(&self) -> MutexGuard<'_, HashMap<Lane, Box<dyn Any + Send>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a push at the end of its lane; tells whether somebody must begin to work the lane off.
    fn line_up<K: RecordKind>(&self, lane: &Lane, push: Waiting<K>) -> bool {
        match self.lanes().entry(lane.clone()) {
            Entry::Vacant(vacant) => {
                vacant.insert(Box::new(Queue::from([push])));
                true
            }
            Entry::Occupied(mut queue) => {
                // A lane holds one kind. Were it another, the push would be dropped here and go by itself.
                if let Some(queue) = queue.get_mut().downcast_mut::<Queue<K>>() {
                    queue.push_back(push);
                }
                false
            }
        }
    }

    /// The pushes that go next; none where none wait, and then the lane is left.
    fn next<K: RecordKind>(&self, lane: &Lane) -> Option<Vec<Waiting<K>>> {
        let mut lanes = self.lanes();
        let queue = lanes.get_mut(lane)?.downcast_mut::<Queue<K>>()?;
        if queue.is_empty() {
            lanes.remove(lane);
            return None;
        }
        let together = together(queue);
        Some(queue.drain(..together).collect())
    }
}

/// How many of the first pushes may go together: as many rows as a chunk holds, and each reference in one push alone. What
/// repeats a reference waits until the first is stored, so that they fare as if one had come after the other.
fn together<K: RecordKind>(queue: &Queue<K>) -> usize {
    let mut rows = 0;
    let mut seen: HashSet<&str> = HashSet::new();
    for (place, Waiting { push, .. }) in queue.iter().enumerate().take(MOST) {
        rows += push.len();
        let fits = rows <= CHUNK && !push.references().any(|reference| seen.contains(reference));
        if place > 0 && !fits {
            return place;
        }
        seen.extend(push.references());
    }
    queue.len().min(MOST)
}
