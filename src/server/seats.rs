//! Places for connections: so many in all, so many a peer. Where all are taken, the connection that keeps the service
//! waiting longest gives its own up to the next one.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use tokio_util::sync::CancellationToken;

use crate::config::Limits;

/// Milliseconds that a connection may keep the service waiting before it can lose its place: a client that has just
/// connected, or has just been answered, is about to send.
const GRACE: u64 = 1000;

/// Since when a connection is waited for, while it is not.
const AT_WORK: u64 = u64::MAX;

/// All places.
#[derive(Debug)]
pub(super) struct Seats {
    most: usize,
    per_peer: usize,
    /// Bytes a second of a body that is not slow.
    rate: u64,
    since: Instant,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    count: usize,
    peers: HashMap<IpAddr, Vec<Arc<Progress>>>,
}

/// How far a connection is with its request.
#[derive(Debug)]
struct Progress {
    peer: IpAddr,
    /// Since when it is waited for, or [`AT_WORK`].
    awaited_since: AtomicU64,
    received: AtomicU64,
    lost: CancellationToken,
}

/// The place of one connection, which is free again when this is dropped. It is among the extensions of its requests.
#[derive(Debug)]
pub struct Seat {
    seats: Arc<Seats>,
    progress: Arc<Progress>,
}

impl Seats {
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            most: limits.connections,
            per_peer: limits.connections_per_peer,
            rate: limits.body_rate,
            since: Instant::now(),
            taken: Mutex::default(),
        })
    }

    /// A place for a connection of this peer; none when all are taken by connections that are at work.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Arc<Seat>> {
        let peer = network(peer);
        let mut taken = self.taken();
        let own = taken.peers.get(&peer).map_or(0, Vec::len);
        if own >= self.per_peer || taken.count >= self.most {
            let slowest = self.slowest(&taken, (own >= self.per_peer).then_some(peer))?;
            taken.remove(&slowest);
            slowest.lost.cancel();
        }
        let progress = Arc::new(Progress {
            peer,
            awaited_since: AtomicU64::new(self.now()),
            received: AtomicU64::new(0),
            lost: CancellationToken::new(),
        });
        taken.count += 1;
        taken.peers.entry(peer).or_default().push(Arc::clone(&progress));
        Some(Arc::new(Seat { seats: Arc::clone(self), progress }))
    }

    /// Who keeps the service waiting longest, of one peer or of all, where it is for longer than grace allows.
    fn slowest(&self, taken: &Taken, peer: Option<IpAddr>) -> Option<Arc<Progress>> {
        let now = self.now();
        let peers = taken.peers.iter().filter(|(of, _)| peer.is_none_or(|peer| peer == **of));
        let delays = peers.flat_map(|(_, all)| all).map(|one| (one.delay(now, self.rate), one));
        let (_, slowest) = delays.filter(|(delay, _)| *delay > GRACE).max_by_key(|(delay, _)| *delay)?;
        Some(Arc::clone(slowest))
    }

    /// Milliseconds since the server began.
    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(AT_WORK - 1)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Forgets a connection; one that lost its place before is forgotten already.
    fn remove(&mut self, one: &Arc<Progress>) {
        let Some(all) = self.peers.get_mut(&one.peer) else { return };
        let Some(place) = all.iter().position(|other| Arc::ptr_eq(other, one)) else { return };
        all.swap_remove(place);
        if all.is_empty() {
            self.peers.remove(&one.peer);
        }
        self.count -= 1;
    }
}

impl Progress {
    /// For how many milliseconds the service has waited, beyond the time that the bytes it got may take.
    fn delay(&self, now: u64, rate: u64) -> u64 {
        // Of a connection that is at work, nothing is left of the difference.
        let waited = now.saturating_sub(self.awaited_since.load(Relaxed));
        waited.saturating_sub(self.received.load(Relaxed).saturating_mul(1000) / rate)
    }
}

impl Seat {
    /// The peer is to send: a body, or the next request.
    pub(super) fn awaits(&self) {
        self.progress.received.store(0, Relaxed);
        self.progress.awaited_since.store(self.seats.now(), Relaxed);
    }

    /// Bytes of a body have come.
    pub fn received(&self, bytes: usize) {
        self.progress.received.fetch_add(bytes as u64, Relaxed);
    }

    /// The request is here as a whole.
    pub fn is_at_work(&self) {
        self.progress.awaited_since.store(AT_WORK, Relaxed);
    }

    /// Resolves when the place has been given to another connection.
    pub(super) async fn lost(&self) {
        self.progress.lost.cancelled().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.taken().remove(&self.progress);
    }
}

/// Who counts as one peer: an address, of IPv6 the network of 64 bits that one customer is given.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::{Config, Layers};

    fn seats(connections: usize, connections_per_peer: usize) -> Arc<Seats> {
        let limits = Config::from_layers(Layers::default()).unwrap().limits;
        Seats::new(&Limits { connections, connections_per_peer, body_rate: 1000, ..limits })
    }

    fn peer(number: u8) -> IpAddr {
        [10, 0, 0, number].into()
    }

    /// As if a connection had been waited for so much longer.
    fn waited(seat: &Seat, milliseconds: u64) {
        seat.progress.awaited_since.store(seat.seats.now() - milliseconds, Relaxed);
    }

    /// As if the server had begun a minute ago.
    fn old(seats: Arc<Seats>) -> Arc<Seats> {
        let mut seats = Arc::into_inner(seats).unwrap();
        seats.since = Instant::now().checked_sub(Duration::from_mins(1)).unwrap();
        Arc::new(seats)
    }

    #[test]
    fn a_place_that_is_left_is_free_again() {
        let seats = seats(2, 2);
        let held = [seats.take(peer(1)), seats.take(peer(2))];

        assert!(held.iter().all(Option::is_some) && seats.take(peer(3)).is_none());
        drop(held);
        assert!(seats.take(peer(3)).is_some());
        assert!(seats.taken().peers.is_empty());
    }

    #[test]
    fn a_peer_has_its_share_and_no_more() {
        let seats = seats(10, 2);
        let _held = [seats.take(peer(1)).unwrap(), seats.take(peer(1)).unwrap()];

        assert!(seats.take(peer(1)).is_none());
        assert!(seats.take(peer(2)).is_some());
    }

    #[test]
    fn who_keeps_waiting_longest_gives_place_and_who_works_or_sends_well_does_not() {
        let seats = old(seats(4, 4));
        let [works, sends, slow, slower] = [0; 4].map(|_| seats.take(peer(1)).unwrap());
        works.is_at_work();
        waited(&sends, 30_000);
        sends.received(29_500);
        waited(&slow, 2_000);
        waited(&slower, 3_000);

        let first = seats.take(peer(2)).unwrap();
        let second = seats.take(peer(2)).unwrap();

        let lost = |seat: &Seat| seat.progress.lost.is_cancelled();
        assert!(lost(&slower) && lost(&slow) && !lost(&works) && !lost(&sends));
        assert!(seats.take(peer(2)).is_none(), "nobody is late any more");
        drop((slow, slower));
        assert!(seats.take(peer(2)).is_none(), "their places went to others");
        drop((first, second));
        assert!(seats.take(peer(2)).is_some());
    }

    #[test]
    fn a_peer_over_its_share_takes_none_of_anothers() {
        let seats = old(seats(4, 1));
        let [mine, other] = [1, 2].map(|number| seats.take(peer(number)).unwrap());
        mine.is_at_work();
        waited(&other, 5_000);

        assert!(seats.take(peer(1)).is_none());
        assert!(!other.progress.lost.is_cancelled());
    }

    #[test]
    fn a_customer_of_ipv6_is_one_peer() {
        let of = |text: &str| network(text.parse().unwrap());

        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:10.0.0.1"), peer(1));
    }
}
