//! Which media type an answer takes, and which a request may have.

use axum::http::{HeaderMap, header};

use crate::{
    error::{Class, Error},
    messages::{Code, Message},
};

/// The media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status says how the request fared.
    Response,
    /// `application/json`, the legacy type: the status says only whether the request was well formed.
    Json,
    /// `text/event-stream`.
    Events,
    /// `text/html`: a browser.
    Page,
}

impl Media {
    /// In order of preference where the caller has none.
    const ALL: [(Self, &'static str); 4] = [
        (Self::Response, "application/graphql-response+json"),
        (Self::Json, "application/json"),
        (Self::Events, "text/event-stream"),
        (Self::Page, "text/html"),
    ];

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::Events => "text/event-stream",
            Self::Page => "text/html; charset=utf-8",
        }
    }
}

/// The types a caller accepts (RFC 9110, 12.5.1), each with its weight from 0 to 1000.
pub(super) struct Accepted(Vec<(String, u16)>);

impl Accepted {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let ranges = values.flat_map(|value| value.split(',')).filter_map(range).collect();
        Self(ranges)
    }

    /// The type that suits the caller best. A range such as `*/*` stands for `application/json`, which every client
    /// understands.
    ///
    /// # Errors
    /// 406 when none suits.
    pub(super) fn best(&self, page: bool) -> Result<Media, Error> {
        if self.0.is_empty() {
            return Ok(Media::Json);
        }
        let mut best: Option<(u16, Media)> = None;
        for (media, name) in Media::ALL.into_iter().filter(|(media, _)| page || *media != Media::Page) {
            let weight = self.weight(name).unwrap_or_else(|| if media == Media::Json { self.wildcard() } else { 0 });
            if weight > best.map_or(0, |(weight, _)| weight) {
                best = Some((weight, media));
            }
        }
        best.map(|(_, media)| media).ok_or_else(|| {
            let allowed = "application/graphql-response+json, application/json, text/event-stream";
            Error::new(Class::BadUserInput, Message::new(Code::NotAcceptable).with("allowed", allowed)).with_status(406)
        })
    }

    /// Whether the caller named `text/event-stream` itself, be it as a second choice.
    pub(super) fn events(&self) -> bool {
        self.weight("text/event-stream").is_some_and(|weight| weight > 0)
    }

    fn weight(&self, name: &str) -> Option<u16> {
        self.0.iter().find(|(range, _)| range == name).map(|(_, weight)| *weight)
    }

    fn wildcard(&self) -> u16 {
        self.weight("application/*").or_else(|| self.weight("*/*")).unwrap_or(0)
    }
}

fn range(text: &str) -> Option<(String, u16)> {
    let mut pieces = text.split(';').map(str::trim);
    let name = pieces.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
    let mut weight = 1000;
    for piece in pieces {
        if let Some(q) = piece.strip_prefix("q=").or_else(|| piece.strip_prefix("Q=")) {
            weight = thousandths(q);
        }
    }
    Some((name, weight))
}

/// `qvalue` of RFC 9110, 12.4.2: one digit and up to three decimals. What is none counts as a refusal.
fn thousandths(q: &str) -> u16 {
    let (whole, decimals) = q.split_once('.').unwrap_or((q, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return 0;
    }
    match whole {
        "1" => 1000,
        "0" => format!("{decimals:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

/// Checks that a body is JSON in UTF-8 and comes as it is.
///
/// # Errors
/// 415 for any other type, charset or content coding, and when none is named: browsers send cross-site forms as
/// `text/plain` without asking first.
pub(super) fn check_body_type(headers: &HeaderMap) -> Result<(), Error> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let found = text(header::CONTENT_TYPE).unwrap_or("(none)");
    let mut pieces = found.split(';').map(str::trim);
    let is_json = pieces.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let is_utf8 = pieces.filter_map(|piece| piece.split_once('=')).all(|(name, value)| {
        let value = value.trim_matches('"');
        !name.eq_ignore_ascii_case("charset")
            || value.eq_ignore_ascii_case("utf-8")
            || value.eq_ignore_ascii_case("utf8")
    });
    let coding = text(header::CONTENT_ENCODING).filter(|coding| !coding.eq_ignore_ascii_case("identity"));
    match coding {
        None if is_json && is_utf8 => Ok(()),
        coding => {
            let found: String = coding.unwrap_or(found).chars().take(64).collect();
            let message = Message::new(Code::UnsupportedMediaType)
                .with("found", found)
                .with("allowed", "application/json; charset=utf-8");
            Err(Error::new(Class::BadUserInput, message).with_status(415))
        }
    }
}
