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
use super::{context::RequestContext, problem::ProblemBody};
use crate::{
    access::Caller,
    app::App,
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

/// What became of a push that you sent.
#[utoipa::path(
    get,
    path = "/v1/batches/{id}",
    tag = "pushes",
    params(("id" = Uuid, Path, description = "The `id` that answered the push")),
    security(("oauth2" = ["exchange.read"])),
    responses(
        (status = 200, body = BatchBody, description = "The push, as it was answered"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json", description = "No push of yours"),
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
    next: Option<i32>,
}

/// The rows of a push that you sent, page by page.
#[utoipa::path(
    get,
    path = "/v1/batches/{id}/results",
    tag = "pushes",
    params(
        ("id" = Uuid, Path, description = "The `id` that answered the push"),
        ("after" = Option<i32>, Query, description = "Index of the last row already seen; from the start when absent"),
        ("first" = Option<u64>, Query, description = "Rows in the page, 1 to 1000; 1000 when absent"),
    ),
    security(("oauth2" = ["exchange.read"])),
    responses(
        (status = 200, body = ResultPage, description = "Some rows"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "A parameter is wrong"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json", description = "No push of yours"),
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

/// The rows of a push that want work, as a CSV file: one line for each error.
#[utoipa::path(
    get,
    path = "/v1/batches/{id}/errors.csv",
    tag = "pushes",
    params(("id" = Uuid, Path, description = "The `id` that answered the push")),
    security(("oauth2" = ["exchange.read"])),
    responses(
        (status = 200, body = String, content_type = "text/csv", description = "index, reference, status, code, field, message"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json", description = "No push of yours"),
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
        let mut seen = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if seen.contains(&name) {
                return Err(Error::field(name, Code::DuplicateField));
            }
            let range =
                |to: u64| Message::new(Code::NumberRange).with("from", u64::from(name == "first")).with("to", to);
            match &*name {
                "after" => {
                    let after = value.parse().ok().filter(|after| *after >= 0);
                    page.after = Some(after.ok_or_else(|| Error::field("after", range(2_147_483_647)))?);
                }
                "first" => {
                    let first = value.parse().ok().filter(|first| (1..=PAGE).contains(first));
                    page.first = first.ok_or_else(|| Error::field("first", range(PAGE)))?;
                }
                other => {
                    let name: String = other.chars().take(64).collect();
                    return Err(Error::field(
                        name,
                        Message::new(Code::UnknownParameter).with("allowed", "after, first"),
                    ));
                }
            }
            seen.push(name);
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
            ("limit=5", "limit"),
            ("first=1&first=2", "first"),
        ] {
            let error = PageRequest::parse(query).unwrap_err();
            assert_eq!(error.faults()[0].field.as_deref(), Some(field), "{query}");
        }
    }
}
