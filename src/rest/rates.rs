//! Counts the requests of each client, and tells in the answer how many are left: `RateLimit` and `RateLimit-Policy` of the
//! IETF's draft on rate limits (draft-ietf-httpapi-ratelimit-headers), as structured fields.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::context::RequestContext;
use crate::{
    access::Caller,
    error::Result,
    identity::rates::{Rates, Standing, WINDOW},
};

/// How many requests are left, and for how long.
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// How many there are.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Counts a request and notes how its client stands, for the answer.
///
/// # Errors
/// `RATE_LIMITED` where there were too many.
pub fn count(rates: &Rates, caller: &Caller, context: Option<&RequestContext>) -> Result<()> {
    let (standing, counted) = rates.count(&caller.actor.client_id);
    if let Some((standing, context)) = standing.zip(context) {
        context.stands(standing);
    }
    counted
}

/// Tells a client how it stands.
pub(super) fn tell(headers: &mut HeaderMap, standing: Standing) {
    let Standing { quota, left, full_in } = standing;
    let told =
        [(LEFT, format!("\"client\";r={left};t={full_in}")), (POLICY, format!("\"client\";q={quota};w={WINDOW}"))];
    for (name, text) in told {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
}
