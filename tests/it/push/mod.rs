//! What a push does, as the sender sees it and as it is kept.

mod atomicity;
mod concurrency;
mod elsewhere;
mod findings;
mod groups;
mod keys;
mod kinds;
mod long;
mod matching;
mod repeats;
mod rights;
mod rolls;
mod trail;
mod visits;
