//! The client behind a request, as its token states it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Role of a client: which column of the access table holds for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Labour office: decides who is poor.
    Labour,
    /// Health office and social insurance.
    Health,
    /// Education office.
    Education,
    /// Social-policy bank.
    PolicyBank,
    /// Commune People's Committee.
    Commune,
    /// Leaders and steering committee: aggregates only.
    Leadership,
    /// Inspectors: the log and sampled records.
    Auditor,
    /// Operator: clients and keys, no personal data.
    Administrator,
}

impl Role {
    /// Every role, in the order of the access table's columns.
    pub const ALL: [Self; 8] = [
        Self::Labour,
        Self::Health,
        Self::Education,
        Self::PolicyBank,
        Self::Commune,
        Self::Leadership,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The public name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Labour => "labour",
            Self::Health => "health",
            Self::Education => "education",
            Self::PolicyBank => "policy_bank",
            Self::Commune => "commune",
            Self::Leadership => "leadership",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == name)
            .ok_or_else(|| format!("unknown role {name}; one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// The part of the country a client may see. The whole country is a value of its own, so that a missing unit opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Area {
    /// Everything.
    Country,
    /// One unit and all that lies in it.
    Unit {
        /// Its key.
        id: Uuid,
        /// Its code, for the log.
        code: String,
    },
}

/// What a token was asked for (OAuth scope).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// `exchange.read`: ask.
    Read,
    /// `exchange.write`: push.
    Write,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// The public name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "exchange.read",
            Self::Write => "exchange.write",
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == name)
            .ok_or_else(|| format!("unknown scope {name}; one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// The client behind a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// OAuth client.
    pub client_id: String,
    /// Its role.
    pub role: Role,
    /// Its area.
    pub area: Area,
    /// What its token is for.
    pub scopes: Vec<Scope>,
}
