//! `GET /v1/batches/{id}`: what became of a push, row by row, and its errors as a file to work through.

pub mod answer;
mod errors_csv;

use axum::{
    Extension, Json,
    extract::{Path, RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use self::answer::{BatchBody, RowBody};
use super::context::RequestContext;
use crate::{
    access::Caller,
    app::App,
    domain::whole,
    error::{Error, Result},
    exchange::batches,
    messages::{Code, Message},
};

/// Most rows in one page of results.
const PAGE: u64 = 1000;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(batch)).routes(routes!(results)).routes(routes!(errors))
}

/// Tells what became of a push that you sent.
///
/// The answer that it got, for 30 days and longer; of a push that was refused as a whole, why.
#[utoipa::path(
    get,
    path = "/v1/batches/{id}",
    operation_id = "getBatch",
    tag = "pushes",
    params(("id" = Uuid, Path, description = "The `id` that answered the push")),
    security(("oauth2" = ["exchange.read"])),
    responses(
        (status = 200, body = BatchBody, description = "The push, as it was answered"),
    ),
)]
async fn batch(
    State(app): State<App>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    context: RequestContext,
) -> Result<Response> {
    let batch = batches::own(&app.env, &caller, parse(&id)?).await?;
    let answer = batches::looked_up(&app.env, batch).await?;
    batches::disclose(&caller, answer.results.as_deref().unwrap_or_default());
    Ok(answer::told(&answer, context.lang))
}

/// A page of results.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResultPage)]
struct ResultPage {
    /// Rows in the order of the push.
    results: Vec<RowBody>,
    /// What to send as `after` for the next page; null at the end.
    #[schema(required)]
    next: Option<i32>,
}

/// Lists the rows of a push that you sent.
///
/// Page by page, in the order of the push. The answer to a push of more than 10,000 rows leaves them out.
#[utoipa::path(
    get,
    path = "/v1/batches/{id}/results",
    operation_id = "listBatchResults",
    tag = "pushes",
    params(
        ("id" = Uuid, Path, description = "The `id` that answered the push"),
        ("after" = Option<i32>, Query, minimum = 0, nullable = false, description = "Index of the last row already seen; from the start when absent"),
        ("first" = Option<u64>, Query, minimum = 1, maximum = 1000, nullable = false, description = "Rows in the page; 1000 when absent"),
    ),
    security(("oauth2" = ["exchange.read"])),
    responses(
        (status = 200, body = ResultPage, description = "Some rows"),
    ),
)]
async fn results(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Extension(caller): Extension<Caller>,
    context: RequestContext,
) -> Result<Response> {
    let page = PageRequest::parse(query.as_deref().unwrap_or_default())?;
    let batch = batches::own(&app.env, &caller, parse(&id)?).await?;
    // One more than asked for tells whether there is a next page.
    let mut rows = batches::results(&app.env, batch.id, page.after, page.first + 1).await?;
    let full = rows.len() as u64 > page.first;
    if full {
        rows.pop();
    }
    batches::disclose(&caller, &rows);
    let next = rows.last().filter(|_| full).map(|row| row.index);
    let results = rows.iter().map(|row| RowBody::of(row, context.lang)).collect();
    let language = [(header::CONTENT_LANGUAGE, context.lang.tag())];
    Ok((language, Json(ResultPage { results, next })).into_response())
}

/// Gives the rows of a push that want work as a file.
///
/// CSV with a line for each error, to be worked through in a spreadsheet.
#[utoipa::path(
    get,
    path = "/v1/batches/{id}/errors.csv",
    operation_id = "getBatchErrors",
    tag = "pushes",
    params(("id" = Uuid, Path, description = "The `id` that answered the push")),
    security(("oauth2" = ["exchange.read"])),
    responses(
        (status = 200, body = String, content_type = "text/csv", description = "index, reference, status, code, field, message"),
    ),
)]
async fn errors(
    State(app): State<App>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    context: RequestContext,
) -> Result<Response> {
    let batch = batches::own(&app.env, &caller, parse(&id)?).await?;
    Ok(errors_csv::answer(app.env.clone(), batch.id, context.lang))
}

/// What is no key is the key of nothing.
fn parse(id: &str) -> Result<Uuid> {
    Uuid::try_parse(id).map_err(|_| Error::not_found("batch"))
}

/// Which rows are asked for.
#[derive(Debug, PartialEq, Eq)]
struct PageRequest {
    after: Option<i32>,
    first: u64,
}

impl PageRequest {
    fn parse(query: &str) -> Result<Self> {
        let mut page = Self { after: None, first: PAGE };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let range =
                |to: u64| Message::new(Code::NumberRange).with("from", u64::from(name == "first")).with("to", to);
            match &*name {
                "after" => {
                    let after = whole::parse(&value).filter(|after| *after >= 0);
                    page.after = Some(after.ok_or_else(|| Error::field("after", range(2_147_483_647)))?);
                }
                "first" => {
                    let first = whole::parse(&value).filter(|first| (1..=PAGE).contains(first));
                    page.first = first.ok_or_else(|| Error::field("first", range(PAGE)))?;
                }
                // What is known is the document's to say, see `rest::strict`.
                _ => {}
            }
        }
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_strictly() {
        assert_eq!(PageRequest::parse("").unwrap(), PageRequest { after: None, first: 1000 });
        assert_eq!(PageRequest::parse("after=0&first=1").unwrap(), PageRequest { after: Some(0), first: 1 });
        for (query, field) in [
            ("first=0", "first"),
            ("first=1001", "first"),
            ("first=x", "first"),
            ("after=-1", "after"),
            ("after=", "after"),
            ("first=%2B1", "first"),
            ("after=01", "after"),
        ] {
            let error = PageRequest::parse(query).unwrap_err();
            assert_eq!(error.faults()[0].field.as_deref(), Some(field), "{query}");
        }
    }
}
