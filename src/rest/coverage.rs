//! `POST /v1/insurance-coverage/query`: who is covered on a day.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::problem::ProblemBody;
use crate::{
    access::Caller,
    app::App,
    error::{Error, Result},
    exchange::{
        format::{Format, object},
        record::{read, record},
        values::Text,
    },
    insurance::coverage::{self, CoverageAnswer},
    messages::{Code, Message},
};

/// Most faults that are told of one body.
const MOST_FAULTS: usize = 100;

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(query))
}

record! {
    /// Who is covered on a day?
    Question "CoverageQuestion" {
        /// Personal IDs, at most 10,000; the answers come in their order.
        personal_ids "personalIds": Vec<Text<40>>,
        /// The day; today when absent.
        as_of "asOf": Option<NaiveDate>,
        /// What the answer is for; it goes into the log.
        purpose "purpose": Option<Text<200>>,
    }
}

/// The body as the document shows it.
#[derive(ToSchema)]
#[schema(as = CoverageQuestion, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body; it is read member by member, to refuse repeated and unknown ones")]
struct QuestionBody {
    /// Personal IDs of 12 digits; the answers come in their order.
    #[schema(min_items = 1, max_items = 10_000)]
    personal_ids: Vec<String>,
    /// The day; today when absent.
    as_of: Option<NaiveDate>,
    /// What the answer is for; it goes into the log.
    purpose: Option<String>,
}

/// An answer for each personal ID, in the order asked.
#[derive(ToSchema)]
#[schema(as = CoverageAnswer, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the answer of the service")]
struct AnswerBody {
    /// The day.
    as_of: NaiveDate,
    /// One answer each.
    results: Vec<ResultBody>,
}

/// The answer for one person.
#[derive(ToSchema)]
#[schema(as = CoverageResult, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the answer of the service")]
struct ResultBody {
    /// The number asked for.
    personal_id: String,
    /// Whether a card is valid on the day.
    covered: bool,
    /// The card that covers, else the one that ended last or begins next.
    card_no: Option<String>,
    /// Its first day.
    valid_from: Option<NaiveDate>,
    /// Its last day.
    valid_to: Option<NaiveDate>,
    /// `COVERED`, `NO_CARD`, `EXPIRED`, `NOT_YET_VALID` or `UNKNOWN_PERSON` (nobody of this number in your area).
    reason: String,
}

/// Who is covered by health insurance on a day, by which card, and why not: up to 10,000 persons at once.
#[utoipa::path(
    post,
    path = "/v1/insurance-coverage/query",
    tag = "questions",
    request_body(content = QuestionBody, content_type = "application/json"),
    security(("oauth2" = ["exchange.read"])),
    responses(
        (status = 200, body = AnswerBody, description = "One answer each"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "A field is wrong"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "Your role may not ask"),
        (status = 413, body = ProblemBody, content_type = "application/problem+json", description = "The body is too large"),
    ),
)]
async fn query(
    State(app): State<App>,
    Extension(mut caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    caller.require("Query", "insuranceCoverage")?;
    require_json(&headers)?;
    let question = parse(&body)?;
    if let Some(purpose) = question.purpose {
        caller.purpose = Some(purpose.0.into());
    }
    let personal_ids: Vec<String> = question.personal_ids.into_iter().map(|id| id.0).collect();
    let answer: CoverageAnswer = coverage::query(&app.env, &caller, &personal_ids, question.as_of).await?;
    Ok((Extension(caller), Json(answer)).into_response())
}

fn require_json(headers: &HeaderMap) -> Result<()> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("-");
    if Format::from_content_type(kind) == Some(Format::Json) {
        return Ok(());
    }
    let found: String = kind.chars().take(64).collect();
    let message = Message::new(Code::UnsupportedMediaType).with("found", found).with("allowed", "application/json");
    Err(Error::invalid(message).with_status(415))
}

fn parse(body: &[u8]) -> Result<Question> {
    read::<Question>(object(body)?).map_err(|mut faults| {
        faults.truncate(MOST_FAULTS);
        Error::faulty(faults)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(body: &str) -> Vec<(String, Code)> {
        let error = parse(body.as_bytes()).unwrap_err();
        let told = |fault: &crate::messages::Fault| (fault.field.clone().unwrap_or_default(), fault.message.code);
        error.faults().iter().map(told).collect()
    }

    #[test]
    fn a_question_is_read() {
        let question =
            parse(br#"{"personalIds": ["006190000001"], "asOf": "2022-06-30", "purpose": "visit"}"#).unwrap();

        assert_eq!(question.personal_ids[0].as_str(), "006190000001");
        assert_eq!(question.as_of, NaiveDate::from_ymd_opt(2022, 6, 30));
        assert_eq!(question.purpose.unwrap().as_str(), "visit");
    }

    #[test]
    fn what_is_wrong_is_told_by_its_path() {
        let one = |body, field: &str, code| assert_eq!(faults(body), [(field.to_owned(), code)], "{body}");

        one(r#"{"personalIds": ["006190000001", 5]}"#, "personalIds.1", Code::WrongType);
        one(r#"{"personalIds": "006190000001"}"#, "personalIds", Code::WrongType);
        one(r#"{"personalIds": ["006190000001"], "asOf": "2022-02-30"}"#, "asOf", Code::NotADate);
        one(r#"{"personalIds": ["006190000001"], "day": "2022-02-28"}"#, "day", Code::UnknownField);
        one(r#"{"personalIds": [], "personalIds": []}"#, "personalIds", Code::DuplicateField);
        one("[]", "", Code::NotARecord);
        let many = format!("{{\"personalIds\": [{}5]}}", "5,".repeat(5000));
        assert_eq!(faults(&many).len(), MOST_FAULTS);
    }
}
