//! Time and keys, handed in, so that tests can set them.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use uuid::{Builder, Uuid};

/// What time it is. Cheap to clone.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    steady: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Clock {
    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn system() -> Self {
        let begun = Instant::now();
        Self { now: Arc::new(Utc::now), steady: Arc::new(move || begun.elapsed()) }
    }

    /// A clock that asks the given function.
    pub fn from_fn(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        let now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync> = Arc::new(now);
        let asked = Arc::clone(&now);
        let steady = move || Duration::from_micros(u64::try_from(asked().timestamp_micros()).unwrap_or_default());
        Self { now, steady: Arc::new(steady) }
    }

    /// Time that has passed since some moment, for what is counted by its distance: it goes on when an operator sets the
    /// machine's clock back.
    pub fn steady(&self) -> Duration {
        (self.steady)()
    }

    /// This instant, in whole microseconds, which is what PostgreSQL keeps.
    pub fn now(&self) -> DateTime<Utc> {
        let now = (self.now)();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// The day in Vietnam (UTC+7, no summer time).
    pub fn today(&self) -> NaiveDate {
        let vietnam = FixedOffset::east_opt(7 * 3600);
        vietnam.map_or_else(|| self.now().date_naive(), |zone| self.now().with_timezone(&zone).date_naive())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// Where `UUIDv7` keys (RFC 9562) come from. Cheap to clone.
#[derive(Clone)]
pub struct Ids {
    clock: Clock,
    random: Arc<dyn Fn() -> [u8; 10] + Send + Sync>,
}

impl Ids {
    /// Keys of the clock's time and the thread's random numbers.
    pub fn random(clock: Clock) -> Self {
        Self { clock, random: Arc::new(rand::random) }
    }

    /// Keys whose random part comes from the given function.
    pub fn from_fn(clock: Clock, random: impl Fn() -> [u8; 10] + Send + Sync + 'static) -> Self {
        Self { clock, random: Arc::new(random) }
    }

    /// A new key.
    pub fn next(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &(self.random)()).into_uuid()
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_in_vietnam_begins_seven_hours_early() {
        let clock = Clock::from_fn(|| "2026-06-30T17:30:00Z".parse().unwrap());
        assert_eq!(clock.today(), NaiveDate::from_ymd_opt(2026, 7, 1).unwrap());
    }

    #[test]
    fn keys_carry_the_time_of_the_clock() {
        let clock = Clock::from_fn(|| "2026-01-01T00:00:00Z".parse().unwrap());
        let id = Ids::from_fn(clock, || [7; 10]).next();
        assert_eq!((id.get_version_num(), id.get_timestamp().unwrap().to_unix().0), (7, 1_767_225_600));
    }
}
