//! The REST door.

pub mod authenticate;
pub mod oauth;

#[cfg(test)]
mod oauth_tests;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{error::Error, messages::Lang};

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({
            "status": self.status(),
            "title": status.canonical_reason(),
            "code": self.message().code,
            "detail": self.message().text(Lang::En),
        });
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}
