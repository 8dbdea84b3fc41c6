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
        /// Let the new key sign at once, as when the old one has leaked
        #[arg(long)]
        now: bool,
    },
}

impl Keys {
    /// Runs the command.
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let Self::Rotate { now } = self;
        let app = serve::start(context.config(Vec::new())?).await?;
        let rotated = app.identity.rotate_keys(if now { TimeDelta::zero() } else { PUBLISHED_BEFORE }).await.told()?;
        log(&app.env, app.env.db.write(), &format!("keys.rotate {}", rotated.kid)).await.told()?;
        println!("kid={}", rotated.kid);
        eprintln!(
            "It signs from {}; the keys before stay published until {}.",
            rotated.active_from, rotated.others_published_until
        );
        Ok(app.env.db.close().await?)
    }
}
