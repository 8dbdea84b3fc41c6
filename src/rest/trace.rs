//! The `traceparent` header (W3C Trace Context): which trace a request belongs to, across systems.

use std::fmt;

/// A position in a trace: the trace, our own span in it, and its flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace: u128,
    span: u64,
    flags: u8,
}

impl TraceParent {
    /// The trace of the caller with a span of our own; a new trace where the header is absent or wrong, as the
    /// recommendation wants it.
    pub fn continue_from(header: Option<&str>) -> Self {
        let (trace, flags) = header.and_then(parse).unwrap_or_else(|| (rand::random_range(1..=u128::MAX), 1));
        Self { trace, span: rand::random_range(1..=u64::MAX), flags }
    }

    /// The id of the trace: 32 hex digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, self.flags)
    }
}

/// Trace id and flags. A later version may append fields, version 00 may not; only the sampled flag is known.
fn parse(header: &str) -> Option<(u128, u8)> {
    let mut parts = header.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let version = hex(version, 2)?;
    if version == 0xff || (version == 0 && parts.next().is_some()) {
        return None;
    }
    let (trace, span) = (hex(trace, 32)?, hex(span, 16)?);
    let flags = u8::try_from(hex(flags, 2)? & 1).ok()?;
    (trace != 0 && span != 0).then_some((trace, flags))
}

/// A number of exactly so many lower-case hex digits.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let right = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    right.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_trace_goes_on_with_a_span_of_our_own() {
        let header = format!("00-{TRACE}-00f067aa0ba902b7-01");

        let ours = TraceParent::continue_from(Some(&header));

        assert_eq!(ours.trace_id(), TRACE);
        let echoed = ours.to_string();
        assert!(echoed.starts_with(&format!("00-{TRACE}-")) && echoed.ends_with("-01"), "{echoed}");
        assert!(!echoed.contains("00f067aa0ba902b7"));
    }

    #[test]
    fn a_wrong_header_starts_a_new_trace() {
        for wrong in [
            "",
            "garbage",
            &format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            &format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            &format!("00-{TRACE}-0000000000000000-01"),
            &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            &format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            &format!("00-+{}-00f067aa0ba902b7-01", &TRACE[1..]),
        ] {
            let ours = TraceParent::continue_from(Some(wrong));
            assert_ne!(ours.trace_id(), TRACE, "{wrong}");
            assert_eq!(ours.to_string().len(), 55);
        }
        assert_eq!(TraceParent::continue_from(Some(&format!("01-{TRACE}-00f067aa0ba902b7-00-more"))).trace_id(), TRACE);
    }
}
