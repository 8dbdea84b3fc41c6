//! `ansinh keys`: the keys that tokens are signed with.

use chrono::TimeDelta;

use super::{
    context::{Context, Told, log},
    serve,
};
use crate::identity::PUBLISHED_BEFORE;

/// Look after the keys that tokens are signed with.
#[derive(Debug, clap::Subcommand)]
pub enum Keys {
    /// Make a new key, published now, that signs in five minutes
    Rotate {
        /// Let the new key sign at once
        #[arg(long)]
        now: bool,
    },
    /// Withdraw every key, as when one has leaked, and make a new one: all tokens held are void within ten seconds
    Revoke,
}

impl Keys {
    /// Runs the command.
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let app = serve::start(context.config(Vec::new())?).await?;
        let (action, made) = match self {
            Self::Rotate { now } => {
                let after = if now { TimeDelta::zero() } else { PUBLISHED_BEFORE };
                ("keys.rotate", app.identity.rotate_keys(after).await)
            }
            Self::Revoke => ("keys.revoke", app.identity.revoke_keys().await),
        };
        let made = made.told()?;
        log(&app.env, app.env.db.write(), &format!("{action} {}", made.kid)).await.told()?;
        println!("kid={}", made.kid);
        eprintln!(
            "It signs from {}; the keys before stay published until {}.",
            made.active_from, made.others_published_until
        );
        Ok(app.env.db.close().await?)
    }
}
