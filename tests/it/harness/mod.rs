//! What every test stands on.

pub mod app;
pub mod client;
pub mod database;
pub mod people;
pub mod postgres;
pub mod proxy;
pub mod socket;
pub mod wire;

pub use app::TestApp;
pub use client::Client;
pub use database::TestDatabase;

/// Writes each test down twice: as `name::sqlite` and as `name::postgres`. Its argument is made on the database by the
/// type's own `on`.
macro_rules! both {
    ($($(#[$about:meta])* async fn $name:ident($($given:ident)+: $type:ty) $body:block)+) => {$(
        mod $name {
            #[allow(clippy::allow_attributes, unused_imports, reason = "not every test needs what its file imports")]
            use super::*;

            $(#[$about])*
            async fn holds($($given)+: $type) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                holds(<$type>::on($crate::harness::database::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                holds(<$type>::on($crate::harness::database::Backend::Postgres).await).await;
            }
        }
    )+};
}
pub(crate) use both;
