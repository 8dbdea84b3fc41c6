//! Which format an answer is given in, by the `Accept` header (RFC 9110, 12.5.1).

use axum::http::{HeaderMap, header};

use crate::{
    error::{Class, Error, Result},
    exchange::format::Format,
    messages::{Code, Message},
};

/// Formats that records are told in, what is given first where the caller likes several alike.
pub const FORMATS: [Format; 3] = [Format::Json, Format::Ndjson, Format::Csv];

/// The format that the caller likes best; JSON when silent.
///
/// # Errors
/// `NOT_ACCEPTABLE` (406) when none suits.
pub fn format(headers: &HeaderMap) -> Result<Format> {
    let ranges: Vec<(String, f32)> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(range)
        .filter(|(kind, _)| !kind.is_empty())
        .collect();
    if ranges.is_empty() {
        return Ok(Format::Json);
    }
    let mut best = None;
    for format in FORMATS {
        let weight = weight(format, &ranges);
        if weight > best.map_or(0.0, |(_, most)| most) {
            best = Some((format, weight));
        }
    }
    best.map(|(format, _)| format).ok_or_else(|| {
        let allowed = FORMATS.map(Format::media_type).join(", ");
        Error::new(Class::BadUserInput, Message::new(Code::NotAcceptable).with("allowed", allowed)).with_status(406)
    })
}

/// A media range with its weight; one that cannot be read weighs nothing.
fn range(text: &str) -> (String, f32) {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (kind, weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
}

/// The weight that the nearest of the ranges gives a format.
fn weight(format: Format, ranges: &[(String, f32)]) -> f32 {
    let nearness = |kind: &str| {
        let (main, _) = format.media_type().split_once('/').unwrap_or_default();
        match kind {
            "*/*" => Some(0),
            kind if kind.strip_suffix("/*") == Some(main) => Some(1),
            kind if Format::from_content_type(kind) == Some(format) => Some(2),
            _ => None,
        }
    };
    let near = ranges.iter().filter_map(|(kind, weight)| Some((nearness(kind)?, *weight)));
    near.max_by_key(|(nearness, _)| *nearness).map_or(0.0, |(_, weight)| weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(accept: &str) -> Option<Format> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        format(&headers).ok()
    }

    #[test]
    fn the_format_is_the_one_liked_best() {
        assert_eq!(format(&HeaderMap::new()).unwrap(), Format::Json);
        assert_eq!(asked("*/*"), Some(Format::Json));
        assert_eq!(asked("text/csv"), Some(Format::Csv));
        assert_eq!(asked("text/*;q=0.5, application/x-ndjson;q=0.4"), Some(Format::Csv));
        assert_eq!(asked("application/ndjson, */*;q=0.1"), Some(Format::Ndjson));
        assert_eq!(asked("application/json;q=0, */*"), Some(Format::Ndjson));
        assert_eq!(asked("text/html"), None);
        assert_eq!(asked("text/csv;q=x"), None);
    }
}
