#![expect(clippy::unused_async, reason = "the derive of a resolver takes async functions")]

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::{Context, Interface, Object, Response, Schema, SimpleObject, Subscription, ValidationMode};
use axum::{
    extract::Request,
    http::{Extensions, HeaderMap},
    middleware::{Next, from_fn},
};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{
    error::{Class, Error},
    graphql::{
        document::{Inspection, Refusal},
        http::{ApiError, Door, Gate, Settings, router},
    },
    messages::{Code, Fault, Lang, Message},
};

#[derive(Clone, Debug)]
pub struct Caller(pub String);

#[derive(SimpleObject)]
pub struct Household {
    id: i32,
    code: String,
}

#[derive(SimpleObject)]
pub struct Loan {
    id: i32,
    amount: i32,
}

#[derive(Interface)]
#[graphql(field(name = "id", ty = "&i32"))]
pub enum Node {
    Household(Household),
    Loan(Loan),
}

pub struct Shelf(i32);

#[Object]
impl Shelf {
    async fn number(&self) -> i32 {
        self.0
    }
    async fn inner(&self) -> Option<Shelf> {
        Some(Shelf(self.0 * 10))
    }
    /// Fails on every shelf but the first.
    async fn sound(&self) -> Result<i32, ApiError> {
        if self.0 == 0 { Ok(1) } else { Err(Error::not_found("sound").into()) }
    }
    async fn maybe(&self) -> Result<Option<i32>, ApiError> {
        Err(Error::not_found("maybe").into())
    }
}

pub struct Query;

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("xin chào {}", name.unwrap_or_default())
    }
    async fn who(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(ctx.data::<Caller>()?.0.clone())
    }
    async fn lang(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(ctx.data::<Lang>()?.tag().to_owned())
    }
    async fn node(&self, id: i32) -> Option<Node> {
        Some(Node::Household(Household { id, code: "001".to_owned() }))
    }
    async fn loan(&self) -> Loan {
        Loan { id: 1, amount: 5 }
    }
    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_mins(1)).await;
        1
    }
    async fn panics(&self) -> Option<i32> {
        [].first().copied().map(|n: i32| n).or_else(|| panic!("secret of the panic"))
    }
    async fn absent(&self) -> Result<Option<i32>, ApiError> {
        Err(Error::not_found("household").into())
    }
    async fn required(&self) -> Result<i32, ApiError> {
        Err(Error::not_found("household").into())
    }
    async fn faulty(&self) -> Result<Option<i32>, ApiError> {
        let date = Fault::at("records.0.paidOn", Message::new(Code::NotADate).with("value", "2022-02-30"));
        Err(Error::faulty(vec![date]).into())
    }
    async fn shelves(&self) -> Vec<Shelf> {
        vec![Shelf(0), Shelf(1), Shelf(2)]
    }
    async fn broken(&self) -> Result<Option<i32>, ApiError> {
        Err(Error::internal("secret of the database").into())
    }
    async fn lost(&self) -> Result<Option<i32>, ApiError> {
        Err(Error::unavailable().into())
    }
    async fn later(&self, ms: u64) -> u64 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        ms
    }
    async fn small(&self, n: i16) -> i16 {
        n
    }
    async fn leaky(&self) -> async_graphql::Result<Option<i32>> {
        Err(std::io::Error::other("secret of the disk"))?
    }
    async fn careless(&self) -> async_graphql::Result<Option<i32>> {
        Err(Error::new(Class::Conflict, Code::IdempotencyKeyRunning))?
    }
    async fn fixed(&self) -> async_graphql::Result<Option<i32>> {
        Err("first and last cannot both be given".into())
    }
    async fn undecided(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<i32>> {
        ctx.data::<AtomicUsize>()?;
        Ok(None)
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    async fn record(&self, amount: i32) -> i32 {
        amount
    }
    async fn lose(&self) -> Result<i32, ApiError> {
        Err(Error::unavailable().into())
    }
    async fn small(&self, n: i16) -> i16 {
        n
    }
}

pub struct Subscription_;

#[Subscription(name = "Subscription")]
impl Subscription_ {
    async fn ticks(&self, upto: i32) -> impl Stream<Item = i32> {
        stream::iter(0..upto)
    }
    async fn never(&self) -> impl Stream<Item = i32> {
        stream::once(async { 1 }).chain(stream::pending())
    }
    async fn refused(&self) -> Result<stream::Empty<i32>, ApiError> {
        Err(Error::not_found("batch").into())
    }
    async fn boom(&self) -> impl Stream<Item = i32> {
        stream::iter(0..2).map(|n| if n == 1 { panic!("secret of the stream") } else { n })
    }
}

#[derive(Clone, Default)]
pub struct TestGate {
    pub settled: Arc<AtomicUsize>,
    pub token_life: Option<Duration>,
}

impl Gate for TestGate {
    type Visit = Caller;

    async fn admit(
        &self,
        caller: &Extensions,
        inspection: &Inspection,
        request: async_graphql::Request,
    ) -> Result<(async_graphql::Request, Caller), Refusal> {
        let caller = caller.get::<Caller>().cloned();
        let caller = caller.ok_or_else(|| Error::unauthenticated("send Authorization: Bearer"))?;
        if let Some(hidden) = inspection.selected.iter().find(|selected| &*selected.field == "amount") {
            let message = Message::new(Code::Forbidden).with("role", &caller.0).with("action", "read Loan.amount");
            return Err(Refusal::at(Error::new(Class::Forbidden, message), hidden.pos));
        }
        Ok((request.data(caller.clone()), caller))
    }

    fn introspection(&self, caller: &Extensions) -> bool {
        caller.get::<Caller>().is_some_and(|caller| caller.0 != "blind")
    }

    async fn connect(&self, payload: Value, mut caller: Extensions, _: &HeaderMap) -> Result<Extensions, Error> {
        let token = payload.get("token").and_then(Value::as_str);
        let token = token.ok_or_else(|| Error::unauthenticated("no token"))?;
        caller.insert(Caller(token.to_owned()));
        Ok(caller)
    }

    fn client(&self, caller: &Extensions) -> String {
        caller.get::<Caller>().map(|caller| caller.0.clone()).unwrap_or_default()
    }

    fn expires_in(&self, _: &Extensions) -> Option<Duration> {
        self.token_life
    }

    async fn settle(&self, caller: &Caller, _: &mut Response) -> Result<(), Error> {
        self.settled.fetch_add(1, Ordering::SeqCst);
        if caller.0 == "unlogged" { Err(Error::unavailable()) } else { Ok(()) }
    }
}

pub struct Server {
    pub at: SocketAddr,
    pub gate: TestGate,
    pub closing: CancellationToken,
    pub client: reqwest::Client,
}

pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }
    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
    pub fn reason(&self) -> String {
        self.json()["errors"][0]["extensions"]["reason"].as_str().unwrap_or_default().to_owned()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn authenticate(mut request: Request, next: Next) -> Result<axum::response::Response, Infallible> {
    let token = request.headers().get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if let Some(caller) = token.map(|token| Caller(token.to_owned())) {
        request.extensions_mut().insert(caller);
    }
    Ok(next.run(request).await)
}

impl Server {
    pub async fn start() -> Self {
        Self::with(Settings::default(), TestGate::default()).await
    }

    pub async fn with(settings: Settings, gate: TestGate) -> Self {
        Self::with_places(settings, gate, 100).await
    }

    /// With so many places for operations at work.
    pub async fn with_places(settings: Settings, gate: TestGate, places: usize) -> Self {
        let closing = CancellationToken::new();
        let schema = |mode| Schema::build(Query, Mutation, Subscription_).validation_mode(mode).finish();
        let schemas = [schema(ValidationMode::Strict), schema(ValidationMode::Fast)];
        let sdl = schemas[0].sdl();
        let work = Arc::new(Semaphore::new(places));
        let door = Door::new(schemas, &sdl, gate.clone(), settings, closing.clone(), work).unwrap();
        let app: axum::Router = router(door).layer(from_fn(authenticate));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { at, gate, closing, client: reqwest::Client::new() }
    }

    pub fn url(&self) -> String {
        format!("http://{}/graphql", self.at)
    }

    /// A POST of a JSON body as the caller "bank", with more headers, which replace the usual ones.
    pub async fn post(&self, body: impl Into<reqwest::Body>, headers: &[(&str, &str)]) -> Answer {
        let usual = [("content-type", "application/json"), ("authorization", "Bearer bank")];
        let mut map = reqwest::header::HeaderMap::new();
        for (name, value) in usual.iter().chain(headers) {
            let name = reqwest::header::HeaderName::from_bytes(name.as_bytes()).unwrap();
            if value.is_empty() {
                map.remove(name);
            } else {
                map.insert(name, value.parse().unwrap());
            }
        }
        self.send(self.client.post(self.url()).headers(map).body(body)).await
    }

    pub async fn query(&self, query: &str, headers: &[(&str, &str)]) -> Answer {
        self.post(json!({ "query": query }).to_string(), headers).await
    }

    /// The same with `Accept: application/graphql-response+json`.
    pub async fn strict(&self, query: &str) -> Answer {
        self.query(query, &[("accept", "application/graphql-response+json")]).await
    }

    pub async fn get(&self, query: &str, accept: &str) -> Answer {
        let url = format!("{}{query}", self.url());
        self.send(self.client.get(url).header("accept", accept).header("authorization", "Bearer bank")).await
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }
}
