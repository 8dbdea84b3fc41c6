//! The page of the API at `/docs`. All of it is in the binary; nothing is fetched from elsewhere.

use axum::{
    Router,
    http::{HeaderValue, header},
    middleware,
    response::Response,
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::etag;

/// Where the document is that the page shows.
pub const DOCUMENT: &str = "/openapi.json";

/// The page sets styles inline and draws images from data URLs; scripts come from here alone.
const POLICY: &str =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/// The routes of the page.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let config = Config::new([DOCUMENT]).validator_url("none").try_it_out_enabled(true).display_request_duration(true);
    Router::from(SwaggerUi::new("/docs").config(config))
        .layer(middleware::map_response(own_policy))
        .layer(middleware::from_fn(etag::conditional))
}

async fn own_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // May be kept, and is asked about each time: another version of the program brings another page.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
