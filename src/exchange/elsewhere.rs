//! Refusals that tell the sender of a push of records which are not its own: that a number is borne by somebody, a contract
//! held by another household. Each is noted for the log, and those that lie outside the sender's area are counted.

use entity::{household, person};
use sea_orm::{EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::kind::Work;
use crate::{access::Area, db::among, error::Result};

/// Pushes with the person or household that a refusal in them tells of.
pub type Refusals = Vec<(Uuid, Uuid)>;

/// Notes refusals that tell of persons.
pub async fn of_persons(work: &mut Work<'_>, refusals: Refusals) -> Result<()> {
    use person::Column;
    note::<person::Entity>(work, "Person", (Column::Id, Column::UnitId), refusals).await
}

/// Notes refusals that tell of records of a type, by the households that these belong to.
pub async fn of_households(work: &mut Work<'_>, of: &'static str, refusals: Refusals) -> Result<()> {
    use household::Column;
    note::<household::Entity>(work, of, (Column::Id, Column::UnitId), refusals).await
}

async fn note<E: EntityTrait>(
    work: &mut Work<'_>,
    of: &'static str,
    (id, unit): (E::Column, E::Column),
    refusals: Refusals,
) -> Result<()> {
    if refusals.is_empty() {
        return Ok(());
    }
    if let (Some(limit), Area::Unit { .. }) = (&work.env.elsewhere, &work.caller.actor.area) {
        let inside: Vec<Uuid> = E::find()
            .select_only()
            .column(id)
            .filter(among(work.txn, id, refusals.iter().map(|(_, subject)| *subject)))
            .filter(work.caller.within(unit))
            .into_tuple()
            .all(work.txn)
            .await?;
        let outside = refusals.iter().filter(|(_, subject)| !inside.contains(subject)).count();
        limit.count(&work.caller.actor.client_id, outside)?;
    }
    for (batch_id, subject) in refusals {
        work.told.refused(batch_id, of, subject);
    }
    Ok(())
}
