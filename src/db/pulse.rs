//! Whether PostgreSQL still answers. A network that swallows packets ends no connection: whoever waits on one would wait for ever. So
//! a connection of its own asks for a sign of life every second. While there is none, everybody who waits is told at once, and
//! nobody new begins to wait. SQLite has no network and no pulse.

use std::{sync::Arc, time::Duration};

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, Connection, PgConnection, postgres::PgConnectOptions},
};
use tokio::{
    sync::watch,
    task::AbortHandle,
    time::{sleep, timeout},
};

use crate::error::is_ending;

/// How often the database is asked.
const EVERY: Duration = Duration::from_secs(1);

/// How long it may take to answer, and then how long a new connection may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The sign of life of one database. Cheap to clone; it is no longer asked for when the last clone is gone.
#[derive(Clone, Debug)]
pub(super) struct Pulse(Option<Arc<Beat>>);

#[derive(Debug)]
struct Beat {
    answers: watch::Receiver<bool>,
    /// How long one statement may take although the database answers others.
    limit: Duration,
    task: AbortHandle,
}

impl Pulse {
    /// Of a database in the same process.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// Begins to ask a server.
    pub(super) fn of(server: PgConnectOptions, limit: Duration) -> Self {
        let (heard, answers) = watch::channel(true);
        let task = tokio::spawn(listen(server, heard)).abort_handle();
        Self(Some(Arc::new(Beat { answers, limit, task })))
    }

    /// Does some work for which the database must answer; an error as soon as it does not.
    pub(super) async fn during<T>(&self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let Some(beat) = &self.0 else { return work.await };
        let mut answers = beat.answers.clone();
        tokio::select! {
            biased;
            // A sender that is gone says nothing about the database; the limit still holds.
            Ok(_) = answers.wait_for(|answers| !answers) => Err(silent()),
            done = work => done,
            () = sleep(beat.limit) => Err(silent()),
        }
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The error of who waited in vain.
fn silent() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the database does not answer".to_owned()))
}

async fn listen(server: PgConnectOptions, heard: watch::Sender<bool>) {
    let mut connection = None;
    loop {
        let answers = answers(&mut connection, &server).await;
        if heard.send_replace(answers) != answers {
            if answers {
                tracing::info!("the database answers again");
            } else {
                tracing::error!("the database does not answer");
            }
        }
        sleep(EVERY).await;
    }
}

async fn answers(connection: &mut Option<PgConnection>, server: &PgConnectOptions) -> bool {
    if let Some(held) = connection {
        if matches!(timeout(PATIENCE, held.ping()).await, Ok(Ok(()))) {
            return true;
        }
        // Without a farewell, for which the network would have to be there.
        *connection = None;
    }
    match timeout(PATIENCE, PgConnection::connect_with(server)).await {
        Ok(Ok(new)) => {
            *connection = Some(new);
            true
        }
        // Who says why it takes no more connections answers.
        Ok(Err(error @ sqlx::Error::Database(_))) => !is_ending(&error),
        Ok(Err(_)) | Err(_) => false,
    }
}
