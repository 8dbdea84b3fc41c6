use async_graphql::{Context, EmptyMutation, EmptySubscription, Error, Json, Object, Request, Schema};
use serde_json::{Value as Answer, json};

use super::*;
use crate::graphql::plain::plain;

/// A record with everything a record of the schema has: values, relations, failures, values of JSON.
#[derive(Clone)]
struct Shelf(i32);

#[Object]
impl Shelf {
    async fn number(&self) -> i32 {
        self.0
    }

    async fn label(&self, prefix: Option<String>) -> String {
        format!("{}\"kệ\" {}\n", prefix.unwrap_or_default(), self.0)
    }

    async fn absent(&self) -> Option<i32> {
        None
    }

    /// Fails on every other shelf.
    async fn shaky(&self) -> Result<Option<i32>, Error> {
        tokio::task::yield_now().await;
        if self.0 % 2 == 0 { Err(Error::new("fallen")) } else { Ok(Some(self.0)) }
    }

    async fn free(&self) -> Json<Answer> {
        Json(json!({ "a \"b\"": [1, null], "$serde_json::private::RawValue": "7" }))
    }

    /// Answers later than its neighbours.
    async fn slow(&self) -> bool {
        tokio::task::yield_now().await;
        true
    }

    async fn plain(&self) -> Vec<Shelf> {
        below(self.0)
    }

    async fn written(&self) -> Rows<Shelf> {
        Rows(below(self.0))
    }

    async fn plain_one(&self) -> Option<Shelf> {
        below(self.0).pop()
    }

    async fn written_one(&self) -> Option<Row<Shelf>> {
        below(self.0).pop().map(Row)
    }
}

plain!(Shelf: number(), absent(), slow());

fn below(number: i32) -> Vec<Shelf> {
    (0..number).map(Shelf).collect()
}

struct Root;

#[Object]
impl Root {
    async fn plain(&self, _ctx: &Context<'_>) -> Vec<Shelf> {
        below(4)
    }

    async fn written(&self, _ctx: &Context<'_>) -> Rows<Shelf> {
        Rows(below(4))
    }
}

/// What a query answers, as text and with its errors by their places.
async fn ask(query: &str) -> (String, Vec<String>) {
    let schema = Schema::new(Root, EmptyMutation, EmptySubscription);
    let response = schema.execute(Request::new(query)).await;
    let mut json = Vec::new();
    write(&response.data, &mut json);
    let mut places: Vec<String> = response.errors.iter().map(|error| format!("{:?}", error.path)).collect();
    places.sort();
    (String::from_utf8(json).unwrap(), places)
}

/// The same question through the library's lists and through written ones.
async fn both(selection: &str) -> [(Answer, Vec<String>); 2] {
    let nested = selection.replace("LIST", "plain").replace("ONE", "plainOne");
    let (plain, plain_errors) = ask(&format!("{{ all: plain {nested} }} {FRAGMENTS}")).await;
    let nested = selection.replace("LIST", "below: written").replace("ONE", "one: writtenOne");
    let (written, written_errors) = ask(&format!("{{ all: written {nested} }} {FRAGMENTS}")).await;
    let renamed = written.replace("\"below\"", "\"plain\"").replace("\"one\"", "\"plainOne\"");
    let errors =
        written_errors.iter().map(|at| at.replace("below", "plain").replace("\"one\"", "\"plainOne\"")).collect();
    [(serde_json::from_str(&plain).unwrap(), plain_errors), (serde_json::from_str(&renamed).unwrap(), errors)]
}

const FRAGMENTS: &str = "fragment shelf on Shelf { number inner: label(prefix: \"x\") }";

#[tokio::test]
async fn a_written_answer_says_what_the_library_says() {
    for selection in [
        "{ number }",
        "{ number label(prefix: \"»\") absent free slow }",
        "{ __typename n: number __typename }",
        "{ n: number LIST { number LIST { number } } }",
        "{ LIST { number } ONE { number ONE { label } } }",
        "{ ...shelf absent }",
        "{ ... on Shelf { number } ... { absent } }",
        "{ number ...shelf }",
        "{ LIST { number } LIST { label } }",
        "{ number @skip(if: true) label @include(if: true) }",
        "{ number shaky }",
        "{ shaky }",
        "{ LIST { shaky number } ONE { shaky } }",
    ] {
        let [plain, written] = both(selection).await;
        assert_eq!(plain, written, "{selection}");
    }
}

#[tokio::test]
async fn fields_answer_in_the_order_of_the_query_however_long_each_takes() {
    let (text, _) = ask("{ written { slow number absent } }").await;
    let each = |number: i32| format!("{{\"slow\":true,\"number\":{number},\"absent\":null}}");
    let all: Vec<String> = (0..4).map(each).collect();
    assert_eq!(text, format!("{{\"written\":[{}]}}", all.join(",")));
}

#[tokio::test]
async fn what_was_written_can_be_taken_apart_again() {
    let schema = Schema::new(Root, EmptyMutation, EmptySubscription);
    let mut data = schema.execute("{ written { number written { number } } }").await.data;
    unfold(&mut data);
    let inner = |count: i32| (0..count).map(|number| json!({ "number": number })).collect::<Vec<_>>();
    let all: Vec<_> = (0..4).map(|number| json!({ "number": number, "written": inner(number) })).collect();
    assert_eq!(serde_json::to_value(&data).unwrap(), json!({ "written": all }));
}
