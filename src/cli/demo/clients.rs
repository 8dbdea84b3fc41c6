//! A client for each role, with credentials in a file of the demo's directory.

use std::{collections::HashMap, fs, io};

use anyhow::Context as _;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::place::Place;
use crate::{
    access::{Actor, Role, Scope},
    cli::context::{Told, log},
    env::Env,
    error::Class,
    identity::clients::{self, Credentials, NewClient},
};

/// The file.
const FILE: &str = "demo-clients.json";

/// The district of the scenario.
pub const UNIT: &str = "063";

/// One client with its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemoClient {
    /// Its role.
    pub role: Role,
    /// Code of its unit.
    pub unit: String,
    /// Its name.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// The clients of a demo, one a role.
#[derive(Clone, Debug)]
pub struct DemoClients(Vec<DemoClient>);

impl DemoClients {
    /// Reads the file, or registers the clients and writes it. Clients without their file get new secrets.
    pub async fn ensure(env: &Env, place: &Place) -> anyhow::Result<Self> {
        let path = place.file(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => {
                let held = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
                return Ok(Self(held));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        }
        let txn = env.db.begin().await?;
        let mut made = Vec::new();
        for role in Role::ALL {
            let Credentials { client, secret } = match clients::add(&txn, &env.clock, &env.ids, new(role)).await {
                Err(error) if error.class() == Class::Conflict => {
                    clients::rotate(&txn, &env.clock, &client_id(role), TimeDelta::zero()).await.told()?
                }
                added => added.told()?,
            };
            log(env, &txn, &format!("client.add {}", client.client_id)).await.told()?;
            let client_secret = secret.context("a client without a secret")?;
            made.push(DemoClient { role, unit: UNIT.to_owned(), client_id: client.client_id, client_secret });
        }
        // The file first: secrets without clients are harmless, clients without secrets are not.
        place.write(FILE, &(serde_json::to_string_pretty(&made)? + "\n"))?;
        txn.commit().await?;
        Ok(Self(made))
    }

    /// The client of a role.
    pub fn of(&self, role: Role) -> Option<&DemoClient> {
        self.0.iter().find(|client| client.role == role)
    }

    /// Every client as an actor.
    pub async fn actors(&self, env: &Env) -> anyhow::Result<HashMap<Role, Actor>> {
        let mut actors = HashMap::new();
        for client in &self.0 {
            let found = clients::find(env.db.read(), &client.client_id).await.told()?;
            actors.insert(client.role, clients::actor(env.db.read(), &found).await.told()?);
        }
        Ok(actors)
    }
}

fn client_id(role: Role) -> String {
    format!("demo-{}", role.as_str().replace('_', "-"))
}

fn new(role: Role) -> NewClient {
    NewClient {
        client_id: Some(client_id(role)),
        name: name(role).to_owned(),
        role,
        unit: Some(UNIT.to_owned()),
        scopes: Scope::ALL.to_vec(),
        jwks: None,
    }
}

/// The agencies as they were called in 2022.
pub fn name(role: Role) -> &'static str {
    match role {
        Role::Labour => "Phòng Lao động – Thương binh và Xã hội huyện Bạch Thông",
        Role::Health => "Bảo hiểm xã hội huyện Bạch Thông",
        Role::Education => "Phòng Giáo dục và Đào tạo huyện Bạch Thông",
        Role::PolicyBank => "Phòng giao dịch Ngân hàng Chính sách xã hội huyện Bạch Thông",
        Role::Commune => "UBND xã, huyện Bạch Thông",
        Role::Leadership => "Ban Chỉ đạo giảm nghèo huyện Bạch Thông",
        Role::Auditor => "Thanh tra huyện Bạch Thông",
        Role::Administrator => "Quản trị hệ thống",
    }
}
