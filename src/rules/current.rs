//! The rules as they stand now, for pushes: on PostgreSQL one small look-up tells whether they are still those that were read
//! last, in whatever process they were changed. SQLite keeps no such mark, and they are read each time.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use uuid::Uuid;

use super::Rules;

/// The rules that were read last, with the mark they bore. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct CurrentRules(Arc<Mutex<Option<(Uuid, Arc<Rules>)>>>);

impl CurrentRules {
    /// The rules as the connection sees them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(&self, conn: &impl ConnectionTrait) -> Result<Arc<Rules>, DbErr> {
        let Some(version) = version(conn).await? else { return Ok(Arc::new(Rules::load(conn).await?)) };
        if let Some(rules) = self.of(version) {
            return Ok(rules);
        }
        // Rules that change right now may be read here under the mark before; the next look-up finds another mark.
        let rules = Arc::new(Rules::load(conn).await?);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, Arc::clone(&rules)));
        Ok(rules)
    }

    fn of(&self, version: Uuid) -> Option<Arc<Rules>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|(of, _)| *of == version).map(|(_, rules)| Arc::clone(rules))
    }
}

/// The mark that any change of the rules' tables replaces.
async fn version(conn: &impl ConnectionTrait) -> Result<Option<Uuid>, DbErr> {
    if conn.get_database_backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let statement = Statement::from_string(DbBackend::Postgres, "SELECT version FROM rules_version");
    conn.query_one_raw(statement).await?.map(|row| row.try_get("", "version")).transpose()
}
