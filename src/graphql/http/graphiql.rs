//! GraphiQL for a browser, with everything it needs inside the binary: the province's network need not reach a CDN.

use std::{fmt::Write, sync::LazyLock};

use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Name, content type and content of each file of the page. `assets/graphiql/README.md` says where they come from.
const FILES: [(&str, &str, &[u8]); 6] = [
    ("react.js", JAVASCRIPT, include_bytes!("../../../assets/graphiql/react.production.min.js")),
    ("react-dom.js", JAVASCRIPT, include_bytes!("../../../assets/graphiql/react-dom.production.min.js")),
    ("graphiql.js", JAVASCRIPT, include_bytes!("../../../assets/graphiql/graphiql.min.js")),
    ("page.js", JAVASCRIPT, include_bytes!("../../../assets/graphiql/page.js")),
    ("graphiql.css", "text/css; charset=utf-8", include_bytes!("../../../assets/graphiql/graphiql.min.css")),
    ("page.css", "text/css; charset=utf-8", include_bytes!("../../../assets/graphiql/page.css")),
];

/// Scripts come from here alone. The editor measures text with inline styles and carries its fonts in its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// The page, each file named with a digest of its content, so that a browser may keep it for ever.
static PAGE: LazyLock<String> = LazyLock::new(|| {
    let mut page = include_str!("../../../assets/graphiql/index.html").to_owned();
    for (name, _, content) in &FILES {
        let digest = Sha256::digest(content).iter().take(8).fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        page = page.replace(&format!("\"/graphql/assets/{name}\""), &format!("\"/graphql/assets/{name}?{digest}\""));
    }
    page
});

/// The page.
pub(super) fn page() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, PAGE.as_str()).into_response()
}

/// A file of the page.
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let Some((_, content_type, content)) = FILES.iter().find(|(name, _, _)| *name == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, *content).into_response()
}
