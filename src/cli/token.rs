//! `ansinh token`: an access token without asking over HTTP, for trying things out at the server.

use super::{
    context::{Context, Told, log},
    serve,
};
use crate::identity::clients;

/// Print an access token for a client.
#[derive(Debug, clap::Args)]
pub struct Token {
    /// The client
    #[arg(long, value_name = "ID")]
    client_id: String,
}

impl Token {
    /// Runs the command.
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let app = serve::start(context.config(Vec::new())?).await?;
        let client = clients::find(app.env.db.read(), &self.client_id).await.told()?;
        anyhow::ensure!(client.revoked_at.is_none(), "{} is revoked", self.client_id);
        let actor = clients::actor(app.env.db.read(), &client).await.told()?;
        let token = app.identity.issue(&actor).await.told()?;
        log(&app.env, app.env.db.write(), &format!("token.issue {}", self.client_id)).await.told()?;
        println!("{}", token.token);
        eprintln!("Good for {} s: {}", token.expires_in, token.scope);
        Ok(app.env.db.close().await?)
    }
}
