//! `ansinh client`: the systems of the agencies that may ask for tokens.

use std::path::PathBuf;

use anyhow::Context as _;
use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::context::{Context, Told, log};
use crate::{
    access::{Role, Scope},
    env::Env,
    identity::clients::{self, Credentials, NewClient},
    units,
};

/// Register the systems of the agencies.
#[derive(Debug, clap::Subcommand)]
pub enum Client {
    /// Register a client; its secret is shown this once
    Add(Add),
    /// Print every client, the revoked ones too
    List,
    /// Give a client a new secret; the one before is accepted for a while
    Rotate {
        /// The client
        client_id: String,
        /// Days for which the secret before is accepted; 0 ends it at once
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(i64).range(0..=90))]
        overlap_days: i64,
    },
    /// Give a client no more tokens, and end those it holds
    Revoke {
        /// The client
        client_id: String,
    },
}

/// Register a client.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// Which agency it speaks for, in words
    name: String,
    /// What it may do, as `ansinh policy` prints it
    #[arg(long, value_parser = role)]
    role: Role,
    /// Code of the administrative unit whose area it may see [default: the whole country]
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// What it may ask for; may be repeated [default: exchange.read and exchange.write]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Scope>,
    /// Its public name [default: made from the name]
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// JWKS file of its public keys, with which it proves itself in place of a secret
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
}

impl Client {
    /// Runs the command.
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let env = context.env().await?;
        match self {
            Self::List => list(env.db.read()).await?,
            change => change.make(&env).await?,
        }
        Ok(env.db.close().await?)
    }

    /// Makes a change and puts it on the trail, in one transaction.
    async fn make(self, env: &Env) -> anyhow::Result<()> {
        let txn = env.db.begin().await?;
        let (action, credentials, client_id) = match self {
            Self::List => return Ok(()),
            Self::Add(add) => {
                let added = clients::add(&txn, &env.clock, &env.ids, add.client()?).await.told()?;
                let client_id = added.client.client_id.clone();
                ("client.add", Some(added), client_id)
            }
            Self::Rotate { client_id, overlap_days } => {
                let overlap = TimeDelta::days(overlap_days);
                let rotated = clients::rotate(&txn, &env.clock, &client_id, overlap).await.told()?;
                ("client.rotate", Some(rotated), client_id)
            }
            Self::Revoke { client_id } => {
                clients::revoke(&txn, &env.clock, &client_id).await.told()?;
                ("client.revoke", None, client_id)
            }
        };
        log(env, &txn, &format!("{action} {client_id}")).await.told()?;
        txn.commit().await?;
        match credentials {
            Some(credentials) => print_credentials(&credentials),
            None => eprintln!("{client_id} is revoked; the tokens it holds are refused within ten seconds"),
        }
        Ok(())
    }
}

fn role(name: &str) -> Result<Role, String> {
    name.parse()
}

impl Add {
    fn client(self) -> anyhow::Result<NewClient> {
        let jwks = self.jwks.map(|file| {
            let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            serde_json::from_str(&text).with_context(|| format!("{} is no JWKS", file.display()))
        });
        Ok(NewClient {
            client_id: self.client_id,
            name: self.name,
            role: self.role,
            unit: self.unit,
            scopes: if self.scopes.is_empty() { Scope::ALL.to_vec() } else { self.scopes },
            jwks: jwks.transpose()?,
        })
    }
}

async fn list(conn: &impl ConnectionTrait) -> anyhow::Result<()> {
    let clients = clients::list(conn).await.told()?;
    let areas: Vec<Uuid> = clients.iter().filter_map(|client| client.unit_id).collect();
    let areas = units::by_ids(conn, &areas).await?;
    println!("{:<24} {:<14} {:<6} {:<30} state", "client", "role", "unit", "scopes");
    for client in clients {
        let unit = client.unit_id.and_then(|id| areas.get(&id)).map_or("-", |unit| unit.code.as_str());
        let state = client.revoked_at.map_or("active".to_owned(), |at| format!("revoked {at}"));
        println!("{:<24} {:<14} {unit:<6} {:<30} {state}", client.client_id, client.role, client.scopes);
    }
    Ok(())
}

/// On standard output and nothing else there, so that it can be sent to a secret store.
fn print_credentials(credentials: &Credentials) {
    println!("client_id={}", credentials.client.client_id);
    match &credentials.secret {
        Some(secret) => {
            println!("client_secret={secret}");
            eprintln!("The secret is shown this once.");
        }
        None => eprintln!("It proves itself with its own keys."),
    }
}
