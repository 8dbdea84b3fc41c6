//! `GET /v1/{kind}`: the records of any kind, page by page, in the shape in which they are pushed.

pub mod accept;
pub mod question;

use axum::{
    Extension, Router,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

use self::question::Question;
use crate::{
    access::Caller,
    app::App,
    error::Result,
    exchange::{
        format::{
            Format,
            write::{csv_header, csv_record, json_record, json_value},
        },
        pull::Pulled,
        raw::{Cell, RawRecord},
    },
    kinds::{self, Kind},
};

/// A route for each kind. They are documented from the kinds, in [`super::openapi`].
pub fn routes() -> Router<App> {
    kinds::ALL
        .into_iter()
        .fold(Router::new(), |router, kind| router.route(&kind.path(), get(list).layer(Extension(kind))))
}

async fn list(
    State(app): State<App>,
    Extension(kind): Extension<Kind>,
    RawQuery(query): RawQuery,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response> {
    for (of, field) in kind.rights {
        caller.require(of, field)?;
    }
    let format = accept::format(&headers)?;
    let question = Question::parse(query.as_deref().unwrap_or_default(), kind.filter)?;
    let pulled = kind.pull(&app.env, &caller, question.pull()).await?;
    let content_type = match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Json | Format::Ndjson => format.media_type(),
    };
    let headers = [(header::CONTENT_TYPE, content_type), (header::VARY, "accept")];
    let mut response = (headers, written(format, &pulled)).into_response();
    let next = pulled.end_cursor.as_deref().filter(|_| pulled.has_next);
    if let Some(link) = next.and_then(|cursor| HeaderValue::from_str(&next_link(kind, &question, cursor)).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// The link to the next page (RFC 8288): the same question after the last record.
fn next_link(kind: Kind, question: &Question, cursor: &str) -> String {
    format!("</v1/{}?{}>; rel=\"next\"", kind.slug, question.after(cursor))
}

fn written(format: Format, pulled: &Pulled) -> String {
    let mut out = String::new();
    match format {
        Format::Json => json(&mut out, pulled),
        Format::Ndjson => {
            for record in &pulled.records {
                json_record(&mut out, record);
                out.push('\n');
            }
        }
        Format::Csv => {
            // Excel takes a file without the mark for one in its own code page.
            csv_header(&mut out, &pulled.columns.columns(), true);
            for record in &pulled.records {
                csv_record(&mut out, &pulled.columns, record);
            }
        }
    }
    out
}

fn json(out: &mut String, pulled: &Pulled) {
    out.push_str("{\"records\":[");
    for (index, record) in pulled.records.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        json_record(out, record);
    }
    out.push_str("],\"pageInfo\":");
    let info = [("endCursor", pulled.end_cursor.as_ref().into()), ("hasNextPage", Cell::Bool(pulled.has_next))];
    json_value(out, &Cell::Record(RawRecord::of(info)));
    out.push('}');
}
