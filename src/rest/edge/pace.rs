//! How slowly a peer may send a body or take an answer: all the waiting for it may take so many seconds, and a second
//! more for each so many bytes that have moved.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::{
    config::Limits,
    error::{Class, Error},
    messages::{Code, Message},
};

/// What every peer is granted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// The waiting that is allowed while nothing has moved; also the longest silence.
    patience: Duration,
    /// Bytes that buy a second more.
    rate: u64,
}

impl Pace {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { patience: limits.request_timeout, rate: limits.body_rate }
    }

    /// What a sender is told who is slower.
    pub(crate) fn too_slow(self) -> Error {
        let message = Message::new(Code::BodyTooSlow).with("seconds", self.patience.as_secs()).with("rate", self.rate);
        Error::new(Class::BadUserInput, message).with_status(408)
    }
}

/// Watches one body, or the answers of one connection. Only waiting for the peer counts: what the service itself needs
/// between is not the peer's.
#[derive(Debug)]
pub(crate) struct Watch {
    pace: Pace,
    moved: u64,
    waited: Duration,
    /// Since when the waiting goes on that is not counted yet.
    waits: Option<Instant>,
    /// When it will have been too long.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Watch {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { pace, moved: 0, waited: Duration::ZERO, waits: None, alarm: None }
    }

    /// So many bytes more have moved.
    pub(crate) fn moved(&mut self, bytes: usize) {
        if let Some(since) = self.waits.take() {
            self.waited += since.elapsed();
        }
        self.moved += bytes as u64;
    }

    /// Ready when there was too little for too long.
    pub(crate) fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.waits.is_none() {
            let since = Instant::now();
            let until = since + self.left().min(self.pace.patience);
            match &mut self.alarm {
                Some(alarm) => alarm.as_mut().reset(until),
                none => *none = Some(Box::pin(sleep_until(until))),
            }
            self.waits = Some(since);
        }
        self.alarm.as_mut().map_or(Poll::Pending, |alarm| alarm.as_mut().poll(context))
    }

    fn left(&self) -> Duration {
        let earned = Duration::from_millis(self.moved.saturating_mul(1000) / self.pace.rate);
        (self.pace.patience + earned).saturating_sub(self.waited)
    }
}
