//! The administrative unit that a token or a client names.

use entity::administrative_unit::{Column, Entity};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::access::Area;

/// Whether a text has the form of a unit's code: 2, 3 or 5 digits.
pub fn is_code(text: &str) -> bool {
    matches!(text.len(), 2 | 3 | 5) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The area of the unit with that code; of the eras that used the code, the latest.
pub async fn by_code(db: &impl ConnectionTrait, code: &str) -> Result<Option<Area>, DbErr> {
    if !is_code(code) {
        return Ok(None);
    }
    let newest = Entity::find().select_only().column(Column::Id).filter(Column::Code.eq(code));
    let id: Option<Uuid> = newest.order_by_desc(Column::ValidFrom).limit(1).into_tuple().one(db).await?;
    Ok(id.map(|id| Area::Unit { id, code: code.to_owned() }))
}

/// The area of the unit with that key.
pub async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Area>, DbErr> {
    let code = Entity::find_by_id(id).select_only().column(Column::Code).into_tuple::<String>().one(db).await?;
    Ok(code.map(|code| Area::Unit { id, code }))
}
