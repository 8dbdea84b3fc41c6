//! `POST /v1/insurance-coverage/query`: who is covered on a day.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    access::Caller,
    app::App,
    domain::personal_id::PersonalId,
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
        personal_ids "personalIds": Vec<PersonalId>,
        /// The day; today when absent.
        as_of "asOf": Option<NaiveDate>,
        /// What the answer is for; it goes into the log.
        purpose "purpose": Option<Text<200>>,
    }
}

/// Tells who is covered by health insurance on a day.
///
/// By which card, and why not: up to 10,000 persons at once, answered in the order asked.
#[utoipa::path(
    post,
    path = "/v1/insurance-coverage/query",
    operation_id = "queryInsuranceCoverage",
    tag = "questions",
    request_body(content = ref("#/components/schemas/CoverageQuestion"), content_type = "application/json"),
    security(("oauth2" = ["exchange.read"])),
    responses(
        (status = 200, body = CoverageAnswer, description = "One answer each"),
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
    let personal_ids: Vec<String> = question.personal_ids.iter().map(|id| id.as_str().to_owned()).collect();
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
