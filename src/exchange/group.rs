//! Short pushes that arrive while others of the same client and kind are being stored share the next transaction, so that a
//! thousand pushes a second cost a few commits. Nobody waits for company: who finds nobody at work begins at once, and while one
//! group is being written another that is large enough is looked up. Each push keeps its own outcome, events and entry, and an
//! answer leaves only after the commit.

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
    kind::PushKind,
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

/// Most groups of one lane under way at the same time. While one is written another can be looked up; a third would make all of
/// them smaller, and most of what a group costs it costs whatever its size.
const GROUPS: usize = 2;

/// Pushes that are enough for a group beside another.
const ENOUGH: usize = 8;

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
struct Waiting<K: PushKind> {
    push: Short<K>,
    reply: Reply,
}

/// How the sender learns what became of its push.
struct Reply {
    done: oneshot::Sender<BatchAnswer>,
    /// Held until the push is through, even if who sent it has gone away.
    _claim: Option<Arc<Claim>>,
}

/// The pushes of a lane. It is in the map as long as somebody works it off.
struct Queue<K: PushKind> {
    /// Those that no group has yet.
    waiting: VecDeque<Waiting<K>>,
    /// How many groups are under way.
    groups: usize,
    /// The references in them: what repeats one waits until it is stored, so that the two fare as if one had come after the
    /// other.
    under_way: HashSet<String>,
}

/// Carries a push out together with those that come at the same time. None: nothing of it is stored, and it has to go by
/// itself, because it is long or particular, or because the shared transaction failed, maybe through another's fault.
pub(super) async fn share<K: PushKind>(
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

async fn work_off<K: PushKind>(env: Env, lane: Lane) {
    let mut done = Vec::new();
    loop {
        // Who is ready to line up does so first: senders answered together come back together.
        tokio::task::yield_now().await;
        let Some(group) = env.groups.next::<K>(&lane, &done) else { return };
        done = references(&group).map(str::to_owned).collect();
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
    fn line_up<K: PushKind>(&self, lane: &Lane, push: Waiting<K>) -> bool {
        match self.lanes().entry(lane.clone()) {
            Entry::Vacant(vacant) => {
                let waiting = VecDeque::from([push]);
                vacant.insert(Box::new(Queue { waiting, groups: 1, under_way: HashSet::new() }));
                true
            }
            Entry::Occupied(mut queue) => {
                // A lane holds one kind. Were it another, the push would be dropped here and go by itself.
                let Some(queue) = queue.get_mut().downcast_mut::<Queue<K>>() else { return false };
                queue.waiting.push_back(push);
                let begins = queue.groups < GROUPS && queue.waiting.len() >= ENOUGH;
                queue.groups += usize::from(begins);
                begins
            }
        }
    }

    /// The pushes that go next, after a group with some references is done. None where none may go, or too few to go beside
    /// another group: then whoever asks leaves the lane, to the other group if there is one.
    fn next<K: PushKind>(&self, lane: &Lane, done: &[String]) -> Option<Vec<Waiting<K>>> {
        let mut lanes = self.lanes();
        let queue = lanes.get_mut(lane)?.downcast_mut::<Queue<K>>()?;
        for reference in done {
            queue.under_way.remove(reference);
        }
        let is_alone = queue.groups == 1;
        let together = queue.together();
        if together == 0 || (!is_alone && queue.waiting.len() < ENOUGH) {
            queue.groups -= 1;
            if is_alone {
                lanes.remove(lane);
            }
            return None;
        }
        let group: Vec<_> = queue.waiting.drain(..together).collect();
        queue.under_way.extend(references(&group).map(str::to_owned));
        Some(group)
    }
}

impl<K: PushKind> Queue<K> {
    /// How many of the first pushes may go together: as many rows as a chunk holds, and each reference in one push alone.
    fn together(&self) -> usize {
        let mut rows = 0;
        let mut seen: HashSet<&str> = HashSet::new();
        for (place, Waiting { push, .. }) in self.waiting.iter().enumerate().take(MOST) {
            rows += push.len();
            let repeats = |reference: &str| seen.contains(reference) || self.under_way.contains(reference);
            // One push alone fits, and may well name a reference twice.
            let fits = (place == 0 || rows <= CHUNK) && !push.references().any(repeats);
            if !fits {
                return place;
            }
            seen.extend(push.references());
        }
        self.waiting.len().min(MOST)
    }
}

fn references<K: PushKind>(group: &[Waiting<K>]) -> impl Iterator<Item = &str> {
    group.iter().flat_map(|waiting| waiting.push.references())
}
