//! A signed-in system of an agency, as it speaks HTTP.

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

/// A client with its token.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    /// Name in OAuth.
    pub name: String,
    /// Secret in OAuth.
    pub secret: String,
    token: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

impl Answer {
    /// Waits for the whole answer.
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, text, json }
    }

    /// A header's text; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The same answer, which must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The outcomes of the rows of a push, in order.
    #[track_caller]
    pub fn outcomes(&self) -> Vec<&str> {
        self.rows().iter().map(|row| row["status"].as_str().unwrap()).collect()
    }

    /// The results of the rows of a push.
    #[track_caller]
    pub fn rows(&self) -> &Vec<Value> {
        self.json["results"].as_array().unwrap_or_else(|| panic!("{} {}", self.status, self.text))
    }

    /// The codes of what is said of a row under `findings` or `errors`.
    #[track_caller]
    pub fn codes(&self, row: usize, list: &str) -> Vec<&str> {
        codes(&self.rows()[row][list])
    }
}

/// The codes in a list of findings or errors.
pub fn codes(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|entry| entry["code"].as_str()).collect()
}

impl Client {
    /// A client that has not asked for a token.
    pub fn new(base: &str, name: &str, secret: &str) -> Self {
        let http = reqwest::Client::builder().pool_max_idle_per_host(2).build().unwrap();
        Self { http, base: base.to_owned(), name: name.to_owned(), secret: secret.to_owned(), token: None }
    }

    /// The same with a token of its own.
    pub async fn signed_in(mut self) -> Self {
        let request = self.request(Method::POST, "/oauth/token").basic_auth(&self.name, Some(&self.secret));
        let answer = Answer::of(form(request, &[("grant_type", "client_credentials")]));
        let answer = answer.await.expect(200);
        self.token = answer.json["access_token"].as_str().map(str::to_owned);
        self
    }

    /// The same with another token, or with none.
    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned), ..self.clone() }
    }

    /// The same client at a server that listens elsewhere.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The token.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// A request with the client's token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Asks.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// Sends JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// Pushes a JSON body.
    pub async fn push(&self, kind: &str, body: &Value) -> Answer {
        self.post(&format!("/v1/{kind}"), body).await
    }

    /// Pushes records as JSON.
    pub async fn push_records(&self, kind: &str, records: &[Value]) -> Answer {
        self.push(kind, &json!({ "records": records })).await
    }

    /// Pushes JSON under an idempotency key.
    pub async fn push_under(&self, key: &str, kind: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, &format!("/v1/{kind}")).header("idempotency-key", key);
        Answer::of(request.json(body)).await
    }

    /// Pushes CSV.
    pub async fn push_csv(&self, kind: &str, body: impl Into<Vec<u8>>, headers: &[(&str, &str)]) -> Answer {
        self.push_raw(kind, "text/csv", body.into(), headers).await
    }

    /// Pushes a JSON record a line.
    pub async fn push_ndjson(&self, kind: &str, body: impl Into<Vec<u8>>, headers: &[(&str, &str)]) -> Answer {
        self.push_raw(kind, "application/x-ndjson", body.into(), headers).await
    }

    /// Pushes bytes under a content type.
    pub async fn push_raw(&self, kind: &str, content_type: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request(Method::POST, &format!("/v1/{kind}")).header("content-type", content_type);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.body(body)).await
    }
}

/// Records as lines of JSON.
pub fn lines(records: &[Value]) -> String {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

/// A request with a form as its body.
pub fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}
