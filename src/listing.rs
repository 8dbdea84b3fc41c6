//! Pages of records by keyset: a cursor names the last row seen, so that a page costs the same wherever it stands and rows
//! that come or go do not shift it.

pub mod children;

use std::fmt::{Display, Formatter};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::{
    by_place::{ByPlace, Columns},
    unit_scope,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, JoinType, Order as Direction,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Value,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    access::{Caller, Places},
    db::{all, among, some, some_by_one_plan},
    env::Env,
    error::{Error, Result},
    exchange::record::shorten,
    messages::{Code, Message},
};

/// Most rows of a page.
pub const MOST: u64 = 500;

/// Rows of a page when the caller does not say.
pub const DEFAULT: u64 = 50;

/// What a place is called where each is asked for its rows.
const PLACE: &str = "place";

/// Which page is wanted, as Relay asks for it.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    /// Rows after this cursor.
    pub after: Option<String>,
    /// Rows before this cursor.
    pub before: Option<String>,
    /// So many from the start.
    pub first: Option<i32>,
    /// So many from the end.
    pub last: Option<i32>,
}

/// The order of a list: a column, where there is one, then the key.
#[derive(Debug)]
pub struct Order<E: EntityTrait> {
    id: E::Column,
    id_of: fn(&E::Model) -> Uuid,
    key: Option<SortKey<E>>,
    descending: bool,
    by_one_index: bool,
}

/// A column that a list is sorted by; its values are never null.
#[derive(Debug)]
pub struct SortKey<E: EntityTrait> {
    /// The column.
    pub column: E::Column,
    /// Its value in a row: a day, an instant, a text or a number.
    pub of: fn(&E::Model) -> Value,
    /// The value from the text of a cursor.
    pub parse: fn(&str) -> Option<Value>,
}

/// Some rows of a list.
#[derive(Clone, Debug)]
pub struct Page<M> {
    /// The rows with their cursors.
    pub rows: Vec<(Cursor, M)>,
    /// Whether more follow.
    pub has_next: bool,
    /// Whether more stand before.
    pub has_previous: bool,
}

/// Where a row stands in a list. It is written only where it is asked for: of most pages that is one, of the last row.
#[derive(Clone, Debug)]
pub struct Cursor {
    id: Uuid,
    key: Option<Value>,
}

impl Display for Cursor {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let id = self.id.simple();
        let text = match &self.key {
            None => id.to_string(),
            Some(Value::ChronoDate(Some(day))) => format!("{id}{day}"),
            Some(Value::ChronoDateTimeUtc(Some(instant))) => format!("{id}{}", instant.to_rfc3339()),
            Some(Value::String(Some(text))) => format!("{id}{text}"),
            Some(number) => format!("{id}{number}"),
        };
        f.write_str(&URL_SAFE_NO_PAD.encode(text))
    }
}

impl<E: EntityTrait> Order<E> {
    /// In the order of the keys, which is that of recording.
    pub fn by_id(id: E::Column, id_of: fn(&E::Model) -> Uuid) -> Self {
        Self { id, id_of, key: None, descending: false, by_one_index: false }
    }

    /// By a column first.
    #[must_use]
    pub fn then_by(self, key: SortKey<E>) -> Self {
        Self { key: Some(key), by_one_index: false, ..self }
    }

    /// The other way round, if so.
    #[must_use]
    pub fn descending(self, descending: bool) -> Self {
        Self { descending, ..self }
    }

    /// States whether one index leads to the rows of the whole country in this order whatever is asked: the filter compares columns
    /// before the key with one value each, or the key itself. The statement is then planned once.
    #[must_use]
    pub fn by_one_index(self, by_one_index: bool) -> Self {
        Self { by_one_index, ..self }
    }

    fn cursor(&self, row: &E::Model) -> Cursor {
        Cursor { id: (self.id_of)(row), key: self.key.as_ref().map(|key| (key.of)(row)) }
    }

    /// Rows that stand beyond a cursor in a direction. Of one place, the place is compared too: it makes no difference to the
    /// rows, but without it PostgreSQL takes a cursor among many equal values for one that leaves nothing, and reads the
    /// index that knows no place from one end to the other.
    fn beyond(
        &self,
        field: &str,
        cursor: &str,
        forward: bool,
        places: Option<&Places<E::Column>>,
    ) -> Result<SimpleExpr> {
        let wrong = || {
            Error::field(
                field,
                Message::new(Code::CodeFormat).with("value", shorten(cursor)).with("expected", "a cursor of this list"),
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
        let text = String::from_utf8(bytes).map_err(|_| wrong())?;
        let (id, key) = text.split_at_checked(32).ok_or_else(wrong)?;
        let id = Uuid::parse_str(id).map_err(|_| wrong())?;
        let mut pairs = Vec::with_capacity(3);
        if let Some(places) = places {
            pairs.push((Expr::col(places.column.as_column_ref()), Expr::col((PLACE, unit_scope::Column::WithinId))));
        }
        if let Some(sort) = &self.key {
            let value = (sort.parse)(key).ok_or_else(wrong)?;
            pairs.push((Expr::col(sort.column.as_column_ref()), Expr::val(value)));
        }
        pairs.push((Expr::col(self.id.as_column_ref()), Expr::val(id)));
        let (left, right): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let (left, right) = (Expr::tuple(left), Expr::tuple(right));
        Ok(if forward == self.descending { left.lt(right) } else { left.gt(right) })
    }

    fn sorted(&self, select: Select<E>, forward: bool) -> Select<E> {
        self.sort_keys(forward).into_iter().fold(select, |select, (column, way)| select.order_by(column, way))
    }

    fn sort_keys(&self, forward: bool) -> Vec<(E::Column, Direction)> {
        let direction = if forward == self.descending { Direction::Desc } else { Direction::Asc };
        let key = self.key.as_ref().map(|key| key.column);
        key.into_iter().chain([self.id]).map(|column| (column, direction.clone())).collect()
    }

    /// The first rows of each place in order, and of these the first in all. The index that begins with the place and goes
    /// on with the order gives them without reading the place as a whole; a condition on the place alone makes PostgreSQL
    /// read every row of it and sort them.
    fn of_each_place(
        &self,
        select: Select<E>,
        places: &Places<E::Column>,
        forward: bool,
        limit: u64,
    ) -> SelectStatement {
        let rows = Alias::new(E::default().table_name());
        let here = Expr::col(places.column.as_column_ref()).equals((PLACE, unit_scope::Column::WithinId));
        let first = self.sorted(select.filter(here), forward).limit(limit).into_query();
        let mut all = Query::select();
        all.column((rows.clone(), Asterisk)).from_subquery(places.units(), PLACE);
        all.join_lateral(JoinType::InnerJoin, first, rows, Condition::all());
        for (column, way) in self.sort_keys(forward) {
            all.order_by(column.as_column_ref(), way);
        }
        all.limit(limit).to_owned()
    }

    /// Reads a page of a list that is filtered already, of the rows that lie in some places. The columns it is sorted by are read
    /// whatever else is left out.
    pub async fn page(
        &self,
        conn: &impl ConnectionTrait,
        select: Select<E>,
        places: Option<&Places<E::Column>>,
        args: &PageArgs,
        columns: Columns<E::Model>,
    ) -> Result<Page<E::Model>>
    where
        E::Model: ByPlace,
    {
        let (limit, forward) = limit(args)?;
        // SQLite knows no lateral join.
        let each = places.filter(|_| conn.get_database_backend() == DbBackend::Postgres);
        let mut bounds = Condition::all();
        if let Some(after) = &args.after {
            bounds = bounds.add(self.beyond("after", after, true, each)?);
        }
        if let Some(before) = &args.before {
            bounds = bounds.add(self.beyond("before", before, false, each)?);
        }
        let columns = self.sort_keys(forward).iter().fold(columns, |columns, (key, _)| columns.with(key.as_str()));
        let select = select.filter(bounds).select_only().expr(Expr::cust(columns.selected()));
        let statement = match places {
            Some(places) if each.is_some() => self.of_each_place(select, places, forward, limit + 1),
            Some(places) => self.sorted(select.filter(places.condition()), forward).limit(limit + 1).into_query(),
            None => self.sorted(select, forward).limit(limit + 1).into_query(),
        };
        let mut rows: Vec<E::Model> = if self.by_one_index && places.is_none() {
            some_by_one_plan(conn, &statement, columns).await?
        } else {
            some(conn, &statement, columns).await?
        };
        let more = rows.len() as u64 > limit;
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        if !forward {
            rows.reverse();
        }
        let rows = rows.into_iter().map(|row| (self.cursor(&row), row)).collect();
        let (has_next, has_previous) =
            if forward { (more, args.after.is_some()) } else { (args.before.is_some(), more) };
        Ok(Page { rows, has_next, has_previous })
    }
}

fn limit(args: &PageArgs) -> Result<(u64, bool)> {
    let (field, wanted, forward) = match (args.first, args.last) {
        (Some(_), Some(_)) => {
            let message = Message::new(Code::EitherOr).with("fields", "first, last");
            return Err(Error::field("last", message));
        }
        (None, Some(last)) => ("last", last, false),
        (Some(first), None) => ("first", first, true),
        (None, None) => return Ok((DEFAULT, true)),
    };
    match u64::try_from(wanted) {
        Ok(wanted) if (1..=MOST).contains(&wanted) => Ok((wanted, forward)),
        _ => Err(Error::field(field, Message::new(Code::NumberRange).with("from", 1).with("to", MOST))),
    }
}

/// A list that a caller may read: narrowed to what it reaches, filtered, sorted.
#[derive(Debug)]
pub struct Listing<E: EntityTrait> {
    /// Type of its records, for the log of what was shown.
    pub of: &'static str,
    /// The household or person that a record concerns.
    pub subject: fn(&E::Model) -> Uuid,
    /// The rows, wherever they lie.
    pub select: Select<E>,
    /// Where they lie; none for the whole country.
    pub places: Option<Places<E::Column>>,
    /// Their order.
    pub order: Order<E>,
}

impl<E: EntityTrait> Listing<E>
where
    E::Model: ByPlace + Send + Sync,
{
    /// A page of it; what it shows is noted for the log.
    pub async fn page(&self, env: &Env, caller: &Caller, args: &PageArgs) -> Result<Page<E::Model>> {
        self.page_of(env, caller, args, Columns::all()).await
    }

    /// As [`page`](Self::page), of some columns; whom the records concern must be among them.
    pub async fn page_of(
        &self,
        env: &Env,
        caller: &Caller,
        args: &PageArgs,
        columns: Columns<E::Model>,
    ) -> Result<Page<E::Model>> {
        let select = self.select.clone();
        let page = self.order.page(env.db.read(), select, self.places.as_ref(), args, columns).await?;
        caller.disclose(self.of, page.rows.len(), page.rows.iter().map(|(_, row)| (self.subject)(row)));
        Ok(page)
    }

    /// Only what was recorded or changed at an instant or later, in that order: how a copy elsewhere is kept up.
    #[must_use]
    pub fn since(self, instant: DateTime<Utc>, recorded: SortKey<E>) -> Self {
        let select = self.narrowed().filter(recorded.column.gte(instant));
        // What was recorded lately is few rows out of all: the index of the times finds them, whatever the place.
        Self { select, places: None, order: self.order.then_by(recorded), ..self }
    }

    /// How many rows it has: a statement of its own, sent only when asked for.
    pub async fn count(&self, env: &Env) -> Result<u64> {
        Ok(self.narrowed().count(env.db.read()).await?)
    }

    /// The rows in their places.
    fn narrowed(&self) -> Select<E> {
        let places = self.places.as_ref();
        places.iter().fold(self.select.clone(), |select, places| select.filter(places.condition()))
    }
}

/// Reads the rows that belong to many parents at once, in the order given.
pub async fn children<E: EntityTrait<Model: ByPlace>>(
    conn: &impl ConnectionTrait,
    parent: E::Column,
    parents: &[Uuid],
    order: &[(E::Column, Direction)],
) -> Result<Vec<E::Model>> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    let select = E::find().filter(among(conn, parent, parents.iter().copied()));
    let select = order.iter().fold(select, |select, (column, direction)| select.order_by(*column, direction.clone()));
    Ok(all(conn, &select.into_query()).await?)
}

/// The sort key of a date column.
pub fn date_key<E: EntityTrait>(column: E::Column, of: fn(&E::Model) -> Value) -> SortKey<E> {
    SortKey { column, of, parse: |text| text.parse::<chrono::NaiveDate>().ok().map(Value::from) }
}

/// The sort key of a column that holds when a row was recorded.
pub fn time_key<E: EntityTrait>(column: E::Column, of: fn(&E::Model) -> Value) -> SortKey<E> {
    let parse = |text: &str| Some(Value::from(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc)));
    SortKey { column, of, parse }
}

/// The sort key of a text column.
pub fn text_key<E: EntityTrait>(column: E::Column, of: fn(&E::Model) -> Value) -> SortKey<E> {
    SortKey { column, of, parse: |text| Some(Value::from(text)) }
}
