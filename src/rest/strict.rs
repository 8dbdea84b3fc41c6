//! What a request carries beside its body, checked for every route at once: the parameters of its URL, headers of ours, and
//! how its text is encoded. What is not known is refused, because a parameter or control total that is mistyped and passed
//! over does what nobody asked for. What each route knows is what the OpenAPI document says of it.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    body::HttpBody,
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{context::PURPOSE, oauth, openapi, push::headers::IDEMPOTENCY_KEY};
use crate::{
    error::{Error, Result},
    exchange::record::shorten,
    messages::{Code, Fault, Message},
};

/// Beginning of headers of ours.
const OURS: &str = "ansinh-";

/// What the query of a GraphQL operation may have in the URL; the door describes itself by its own schema.
const GRAPHQL: [&str; 4] = ["query", "operationName", "variables", "extensions"];

/// Files of pages, which are asked for with a mark of their version.
const FILES: [&str; 2] = ["/docs", "/graphql/assets/"];

/// What one operation may be given beside its body.
#[derive(Debug, Default)]
struct Known {
    /// Parameters of the URL, and whether each may stand several times.
    parameters: Vec<(String, bool)>,
    /// Headers of ours.
    headers: Vec<String>,
}

/// By route, then by method.
type Routes = HashMap<String, HashMap<String, Known>>;

/// Middleware of all routes: see the module. An unknown path and a method that a path does not take answer for themselves.
pub async fn strict(request: Request, next: Next) -> Response {
    match check(&request) {
        Ok(()) => next.run(request).await,
        Err(error) if request.uri().path() == oauth::TOKEN => oauth::refused(&error),
        Err(error) => error.into_response(),
    }
}

fn check(request: &Request) -> Result<()> {
    let Some(route) = request.extensions().get::<MatchedPath>() else { return Ok(()) };
    let Some(known) = known(route.as_str(), request.method()) else { return Ok(()) };
    let mut faults = Vec::new();
    check_query(request.uri().query().unwrap_or_default(), known, &mut faults);
    check_headers(request.headers(), known, &mut faults);
    if !faults.is_empty() {
        return Err(Error::faulty(faults));
    }
    if request.body().is_end_stream() { Ok(()) } else { check_charset(request.headers()) }
}

/// What a route knows; none where something else is to answer.
fn known(route: &str, method: &Method) -> Option<&'static Known> {
    static ROUTES: LazyLock<Routes> = LazyLock::new(routes);
    static NOTHING: Known = Known { parameters: Vec::new(), headers: Vec::new() };
    if FILES.iter().any(|files| route.starts_with(files)) {
        return None;
    }
    let method = if method == Method::HEAD { Method::GET } else { method.clone() };
    ROUTES.get(route).map_or(Some(&NOTHING), |methods| methods.get(method.as_str()))
}

fn routes() -> Routes {
    let document = openapi::document();
    let paths = document["paths"].as_object().into_iter().flatten();
    let mut routes: Routes = paths.map(|(path, item)| (path.clone(), operations(&document, item))).collect();
    let query = GRAPHQL.map(|name| (name.to_owned(), false)).to_vec();
    let graphql = [("GET", Known { parameters: query, ..Known::default() }), ("POST", Known::default())];
    routes.insert("/graphql".to_owned(), graphql.map(|(method, known)| (method.to_owned(), known)).into());
    routes
}

fn operations(document: &Value, item: &Value) -> HashMap<String, Known> {
    let operations = item.as_object().into_iter().flatten();
    operations.map(|(method, operation)| (method.to_ascii_uppercase(), described(document, operation))).collect()
}

fn described(document: &Value, operation: &Value) -> Known {
    let mut known = Known::default();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let shared = parameter["$ref"].as_str().and_then(|place| document.pointer(place.trim_start_matches('#')));
        let parameter = shared.unwrap_or(parameter);
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        match parameter["in"].as_str() {
            Some("query") => known.parameters.push((name, parameter["schema"]["type"] == "array")),
            Some("header") => known.headers.push(name),
            _ => {}
        }
    }
    known
}

fn check_query(query: &str, known: &Known, faults: &mut Vec<Fault>) {
    let mut seen = Vec::new();
    for (name, _) in url::form_urlencoded::parse(query.as_bytes()) {
        match known.parameters.iter().find(|(known, _)| *known == name) {
            None => {
                let allowed: Vec<&str> = known.parameters.iter().map(|(name, _)| name.as_str()).collect();
                faults.push(Fault::at(shorten(&name), listing(Code::UnknownParameter, &allowed)));
            }
            Some((_, false)) if seen.contains(&name) => faults.push(Fault::at(shorten(&name), Code::DuplicateField)),
            Some(_) => {}
        }
        seen.push(name);
    }
}

/// Headers of ours must be known, and none that is read may stand twice.
fn check_headers(headers: &HeaderMap, known: &Known, faults: &mut Vec<Fault>) {
    for name in headers.keys() {
        let is_ours = name.as_str().starts_with(OURS);
        let is_known =
            || name == PURPOSE || known.headers.iter().any(|known| known.eq_ignore_ascii_case(name.as_str()));
        if is_ours && !is_known() {
            let ours = known.headers.iter().filter(|known| known.to_ascii_lowercase().starts_with(OURS));
            let allowed: Vec<&str> = ours.map(String::as_str).collect();
            faults.push(Fault::at(shorten(name.as_str()), listing(Code::UnknownHeader, &allowed)));
        } else if (is_ours || is_single(name)) && headers.get_all(name).iter().count() > 1 {
            faults.push(Fault::at(shorten(name.as_str()), Code::HeaderTwice));
        }
    }
}

fn is_single(name: &HeaderName) -> bool {
    name == header::CONTENT_TYPE || name.as_str().eq_ignore_ascii_case(IDEMPOTENCY_KEY)
}

fn listing(code: Code, allowed: &[&str]) -> Message {
    Message::new(code).with("allowed", if allowed.is_empty() { "-".to_owned() } else { allowed.join(", ") })
}

/// All text that is read is UTF-8, so a body that says it is something else is not read at all.
fn check_charset(headers: &HeaderMap) -> Result<()> {
    let kind = headers.get(header::CONTENT_TYPE).map(|kind| String::from_utf8_lossy(kind.as_bytes()));
    match kind.as_deref().and_then(foreign_charset) {
        None => Ok(()),
        Some(found) => {
            let message = Message::new(Code::UnsupportedCharset).with("found", shorten(found));
            Err(Error::invalid(message).with_status(415))
        }
    }
}

/// The charset that a content type names, where it is not UTF-8 in some spelling.
fn foreign_charset(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let charsets = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    let mut values = charsets.map(|(_, value)| value.trim().trim_matches('"'));
    values.find(|value| !["utf-8", "utf8", "utf_8"].iter().any(|utf8| value.eq_ignore_ascii_case(utf8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(faults: &[Fault]) -> Vec<(&str, Code)> {
        faults.iter().map(|fault| (fault.field.as_deref().unwrap_or_default(), fault.message.code)).collect()
    }

    fn query(route: &str, method: &Method, query: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_query(query, known(route, method).unwrap(), &mut faults);
        faults
    }

    #[test]
    fn parameters_are_those_of_the_document() {
        let list = "/v1/loan-disbursements";
        assert_eq!(query(list, &Method::GET, "programme=a&programme=b&first=2&updatedSince=x&after=").len(), 0);
        assert_eq!(
            told(&query(list, &Method::HEAD, "first=1&limit=5&first=2&unit=1&unit=2")),
            [("limit", Code::UnknownParameter), ("first", Code::DuplicateField), ("unit", Code::DuplicateField)]
        );
        assert_eq!(told(&query(list, &Method::POST, "dryRun=true")), [("dryRun", Code::UnknownParameter)]);
        assert_eq!(told(&query("/v1/batches/{id}", &Method::GET, "first=1")), [("first", Code::UnknownParameter)]);
        assert_eq!(query("/v1/batches/{id}/results", &Method::GET, "first=1&after=2").len(), 0);
        assert_eq!(query("/graphql", &Method::GET, "query=%7Ba%7D&variables=%7B%7D").len(), 0);
        assert_eq!(told(&query("/graphql", &Method::POST, "query=x")), [("query", Code::UnknownParameter)]);
        assert_eq!(told(&query("/nothing/documented", &Method::GET, "%20")), [(" ", Code::UnknownParameter)]);
        let allowed = &query("/livez", &Method::GET, "x")[0].message.params["allowed"];
        assert_eq!(allowed, "-");
        assert!(known(list, &Method::DELETE).is_none() && known("/docs/{*rest}", &Method::GET).is_none());
    }

    #[test]
    fn headers_of_ours_are_those_of_the_document() {
        let faults = |route: &str, method: &Method, names: &[&str]| {
            let mut headers = HeaderMap::new();
            for name in names {
                headers.append(HeaderName::try_from(*name).unwrap(), "1".parse().unwrap());
            }
            let mut faults = Vec::new();
            check_headers(&headers, known(route, method).unwrap(), &mut faults);
            faults
        };
        let control = ["ansinh-declared-count", "ansinh-declared-amount", "ansinh-atomic", "idempotency-key"];

        assert_eq!(faults("/v1/households", &Method::POST, &control).len(), 0);
        assert_eq!(faults("/v1/households", &Method::GET, &control).len(), 3);
        assert_eq!(faults("/livez", &Method::GET, &["ansinh-purpose", "accept", "accept", "x-ansinh"]).len(), 0);
        assert_eq!(
            told(&faults("/v1/households", &Method::POST, &["ansinh-declared-amout"])),
            [("ansinh-declared-amout", Code::UnknownHeader)]
        );
        let twice = ["ansinh-atomic", "ansinh-atomic", "idempotency-key", "idempotency-key", "content-type"];
        assert_eq!(
            told(&faults("/v1/households", &Method::POST, &twice)),
            [("ansinh-atomic", Code::HeaderTwice), ("idempotency-key", Code::HeaderTwice)]
        );
    }

    #[test]
    fn text_is_utf_8_in_any_spelling() {
        for fine in [
            "text/csv",
            "text/csv; charset=utf-8",
            "text/csv;Charset=\"UTF-8\"",
            "text/csv; header=present; charset = UTF8",
            "application/json;",
        ] {
            assert_eq!(foreign_charset(fine), None, "{fine}");
        }
        for (foreign, charset) in [
            ("text/csv; charset=windows-1258", "windows-1258"),
            ("text/csv;charset=\"utf-16\"", "utf-16"),
            ("text/csv; charset=utf-8; CHARSET=latin1", "latin1"),
            ("application/json; charset=", ""),
        ] {
            assert_eq!(foreign_charset(foreign), Some(charset), "{foreign}");
        }
    }
}
