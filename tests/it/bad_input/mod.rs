//! Bad input: each gets one clear answer that names row, field, code and remedy, in both languages; none is an error of
//! ours, and nothing of it is stored.

mod bodies;
mod broken;
mod questions;
mod rows;

use ansinh::messages::{Code, Lang, Message};
use entity::{batch, codes::BatchStatus, loan, loan_disbursement, unmatched_record};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use crate::harness::TestApp;

/// The sentence must be that of its code in that language, with its gaps filled.
#[track_caller]
fn assert_sentence(code: &Value, sentence: &Value, lang: Lang) {
    let sentence = sentence.as_str().unwrap();
    let code = Code::parse(code.as_str().unwrap()).unwrap_or_else(|| panic!("{code} {sentence}"));
    let template = Message::new(code).text(lang);
    let beginning = template.split('{').next().unwrap();
    let mut gaps = template.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    assert!(sentence.starts_with(beginning), "{sentence}");
    assert!(gaps.all(|gap| !sentence.contains(&format!("{{{gap}}}"))), "{sentence}");
    let english = [" a ", " an ", "the ", " is ", "whole", "number", " list", "object", "expected"];
    assert!(lang == Lang::En || english.iter().all(|word| !sentence.contains(word)), "{sentence}");
}

/// Not a loan, not a waiting row, not a push that counts as done.
async fn assert_nothing_stored(app: &TestApp) {
    assert_eq!(app.count::<loan::Entity>().await, 0);
    assert_eq!(app.count::<loan_disbursement::Entity>().await, 0);
    assert_eq!(app.count::<unmatched_record::Entity>().await, 0);
    let pushes = batch::Entity::find().filter(batch::Column::Kind.eq("loan-disbursements"));
    let done = pushes.filter(batch::Column::Status.eq(BatchStatus::Completed)).all(app.db().read()).await.unwrap();
    assert!(done.iter().all(|batch| batch.accepted == 0 && batch.received == batch.rejected), "{done:?}");
}
