//! The errors of a push as CSV, read page by page while it is sent.

use std::collections::VecDeque;

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use sea_orm::ActiveEnum;
use uuid::Uuid;

use crate::{
    env::Env,
    error::Result,
    exchange::{
        batches::{self, RowResult},
        format::write::{csv_header, csv_row},
        raw::Cell,
    },
    messages::{Fault, Lang},
};

const COLUMNS: [&str; 6] = ["index", "reference", "status", "code", "field", "message"];

/// Rows read at a time.
const PAGE: u64 = 1000;

/// The file.
pub(super) fn answer(env: Env, batch_id: Uuid, lang: Lang) -> Response {
    let mut head = String::new();
    // Excel takes a file without the mark for one in its own code page.
    csv_header(&mut head, &COLUMNS, true);
    let file = File { env, batch_id, lang, after: None, ready: VecDeque::from([head]), ended: false };
    let name = format!("attachment; filename=\"errors-{batch_id}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_LANGUAGE, lang.tag().to_owned()),
    ];
    let body = Body::from_stream(stream::try_unfold(file, |mut file| async move {
        Ok::<_, crate::error::Error>(file.next().await?.map(|piece| (piece, file)))
    }));
    (headers, body).into_response()
}

struct File {
    env: Env,
    batch_id: Uuid,
    lang: Lang,
    after: Option<i32>,
    ready: VecDeque<String>,
    ended: bool,
}

impl File {
    async fn next(&mut self) -> Result<Option<String>> {
        if let Some(piece) = self.ready.pop_front() {
            return Ok(Some(piece));
        }
        if self.ended {
            return Ok(None);
        }
        let rows = batches::errors(&self.env, self.batch_id, self.after, PAGE).await?;
        self.ended = (rows.len() as u64) < PAGE;
        self.after = rows.last().map(|row| row.index);
        let mut piece = String::new();
        for row in &rows {
            write(&mut piece, row, self.lang);
        }
        Ok((!piece.is_empty()).then_some(piece))
    }
}

/// One line for each error of a row.
fn write(out: &mut String, row: &RowResult, lang: Lang) {
    let text = |text: Option<&String>| text.map_or(Cell::Null, |text| Cell::Text(text.clone()));
    for Fault { field, message } in &row.errors {
        let cells = [
            Cell::Int(row.index.into()),
            text(row.reference.as_ref()),
            Cell::Text(row.status.to_value()),
            Cell::Text(message.code.to_string()),
            text(field.as_ref()),
            Cell::Text(message.text(lang)),
        ];
        csv_row(out, &cells);
    }
}

#[cfg(test)]
mod tests {
    use entity::codes::RecordStatus;

    use super::*;
    use crate::messages::{Code, Message};

    #[test]
    fn every_error_is_a_line_that_no_spreadsheet_runs() {
        let row = RowResult {
            index: 3,
            reference: Some("=cmd()".into()),
            status: RecordStatus::Rejected,
            id: None,
            findings: Vec::new(),
            errors: vec![
                Fault::at("amount", Code::AmountNotPositive),
                Fault::whole(Message::new(Code::RaggedRow).with("found", 2).with("expected", 3)),
            ],
            suggestions: Vec::new(),
        };
        let mut out = String::new();

        write(&mut out, &row, Lang::En);

        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("3,'=cmd(),REJECTED,AMOUNT_NOT_POSITIVE,amount,"), "{}", lines[0]);
        assert!(lines[1].starts_with("3,'=cmd(),REJECTED,RAGGED_ROW,,"), "{}", lines[1]);
    }
}
