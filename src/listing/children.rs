//! Lists that belong to a record: the loans of a household, the cards of a person. They are short by nature, but nothing in the
//! database keeps them so, and one that is not must cost no more than its part that is shown.
//!
//! Where many records are read together their lists are read together too, with as many rows as short lists may have in all. If
//! that is not enough one of them is long: then only the parts asked for are read, of each as many rows as are shown.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::NaiveDate;
use entity::by_place::ByPlace;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Order as Direction, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select, Value,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr, WindowStatement},
};
use uuid::Uuid;

use super::MOST;
use crate::{
    access::Caller,
    db::{all, among},
    env::Env,
    error::{Class, Error, Result},
    messages::{Code, Message},
};

/// Rows of a list that are shown when the caller does not say.
pub const USUAL: u64 = 100;

/// Most rows of all lists that are read together.
pub const MOST_TOGETHER: u64 = 50_000;

/// What the rank of a row in its list is called.
const RANK: &str = "rank";

/// A column that a list is sorted by.
#[derive(Debug)]
pub struct Key<E: EntityTrait> {
    /// The column.
    pub column: E::Column,
    /// Its value in a row as a text that sorts as the values do.
    pub text: fn(&E::Model) -> String,
    /// The value of such a text.
    pub value: fn(&str) -> Option<Value>,
}

/// Where a row stands in its list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// What it is sorted by.
    pub keys: Vec<String>,
    /// Its own key.
    pub id: Uuid,
}

impl Place {
    /// As it is given to callers, who send it back as `after`.
    pub fn cursor(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {}", self.id.simple(), self.keys.join(" ")).trim_end())
    }

    /// Reads what was given out.
    fn parse(cursor: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let mut words = text.split(' ');
        let id = Uuid::parse_str(words.next()?).ok()?;
        Some(Self { id, keys: words.map(str::to_owned).collect() })
    }
}

/// The part of a list that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// Rows behind this place.
    pub after: Option<Place>,
    /// So many of them.
    pub first: u64,
    /// Only what holds on this day, where the list is one of things that hold for a time.
    pub on: Option<NaiveDate>,
}

impl Part {
    /// Reads what a caller asks for.
    ///
    /// # Errors
    /// A number of rows that is not allowed; a cursor that is none.
    pub fn read(after: Option<&str>, first: Option<i32>, on: Option<NaiveDate>) -> Result<Self> {
        let first = u64::try_from(first.unwrap_or(i32::try_from(USUAL).unwrap_or_default()));
        let Some(first) = first.ok().filter(|first| (1..=MOST).contains(first)) else {
            return Err(Error::field("first", Message::new(Code::NumberRange).with("from", 1).with("to", MOST)));
        };
        let place = |cursor| Place::parse(cursor).ok_or_else(|| no_cursor(cursor));
        Ok(Self { after: after.map(place).transpose()?, first, on })
    }
}

/// The error of a cursor that is none of this list.
pub fn no_cursor(cursor: &str) -> Error {
    let value = crate::exchange::record::shorten(cursor);
    Error::field("after", Message::new(Code::CodeFormat).with("value", value).with("expected", "a cursor of this list"))
}

/// Most rows that the lists of so many records have while none of them is long. Rounded, so that there are few texts of statements.
pub fn most_of_short(records: usize) -> u64 {
    let records = u64::try_from(records).unwrap_or(u64::MAX).clamp(1, MOST_TOGETHER);
    (records.next_power_of_two() * USUAL).clamp(MOST, MOST_TOGETHER)
}

/// Refuses more rows than may be read together.
///
/// # Errors
/// `TOO_COMPLEX`.
pub fn bounded<T>(rows: Vec<T>) -> Result<Vec<T>> {
    if rows.len() as u64 <= MOST_TOGETHER {
        return Ok(rows);
    }
    let message = Message::new(Code::TooComplex).with("what", "records").with("count", rows.len());
    Err(Error::new(Class::TooComplex, message.with("limit", MOST_TOGETHER)))
}

/// Which rows hold on a day.
#[derive(Debug)]
pub struct Holding<M> {
    /// As a condition.
    pub condition: fn(NaiveDate) -> SimpleExpr,
    /// Of a row that was read.
    pub row: fn(&M, NaiveDate) -> bool,
}

/// A kind of list that belongs to a record.
#[derive(Debug)]
pub struct Children<E: EntityTrait + 'static> {
    /// Type of its records, for the log of what was shown; none where they say nothing of a person.
    pub of: Option<&'static str>,
    /// The column that names whose list a row is in.
    pub parent: E::Column,
    /// Its value in a row.
    pub parent_of: fn(&E::Model) -> Uuid,
    /// What it is sorted by before the key.
    pub keys: &'static [Key<E>],
    /// The column of the key.
    pub id: E::Column,
    /// The key of a row.
    pub id_of: fn(&E::Model) -> Uuid,
    /// The last in order first.
    pub descending: bool,
    /// The rows that are in it at all.
    pub only: Option<fn() -> SimpleExpr>,
    /// The rows that hold on a day, where rows hold for a time.
    pub holding: Option<Holding<E::Model>>,
}

impl<E: EntityTrait<Model: ByPlace>> Children<E> {
    /// Where a row stands.
    pub fn place(&self, row: &E::Model) -> Place {
        Place { keys: self.keys.iter().map(|key| (key.text)(row)).collect(), id: (self.id_of)(row) }
    }

    /// Whether a row stands behind a place.
    pub fn is_behind(&self, row: &E::Model, place: &Place) -> bool {
        if self.descending { self.place(row) < *place } else { self.place(row) > *place }
    }

    /// Whether a row is asked for on a day, if any.
    pub fn holds(&self, row: &E::Model, on: Option<NaiveDate>) -> bool {
        on.zip(self.holding.as_ref()).is_none_or(|(day, holding)| (holding.row)(row, day))
    }

    /// All rows of the lists of some records in order; none where one of the lists is long.
    pub async fn short(&self, env: &Env, caller: &Caller, parents: &[Uuid]) -> Result<Option<Vec<E::Model>>> {
        if parents.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let (conn, most) = (env.db.read(), most_of_short(parents.len()));
        let found: Vec<E::Model> =
            all(conn, &self.sorted(self.all(conn, parents)).limit(most + 1).into_query()).await?;
        if found.len() as u64 > most {
            return Ok(None);
        }
        self.disclose(caller, found.len());
        Ok(Some(found))
    }

    /// A part of each of the lists of some records, with one row more of each that goes on.
    pub async fn part(&self, env: &Env, caller: &Caller, parents: &[Uuid], part: &Part) -> Result<Vec<E::Model>> {
        let conn = env.db.read();
        let mut rows = self.all(conn, parents);
        if let Some(place) = &part.after {
            rows = rows.filter(self.behind(place)?);
        }
        if let (Some(day), Some(holding)) = (part.on, &self.holding) {
            rows = rows.filter((holding.condition)(day));
        }
        let statement = if parents.len() == 1 {
            self.sorted(rows).limit(part.first + 1).into_query()
        } else {
            let ranked = self.ranked(rows);
            let first = first_of_each((Alias::new(RANK), self.id), ranked, part.first + 1);
            self.sorted(E::find().filter(self.id.in_subquery(first))).limit(MOST_TOGETHER + 1).into_query()
        };
        let found = bounded(all(conn, &statement).await?)?;
        self.disclose(caller, found.len());
        Ok(found)
    }

    fn disclose(&self, caller: &Caller, count: usize) {
        if let Some(of) = self.of {
            caller.disclose(of, count, []);
        }
    }

    fn all(&self, conn: &impl ConnectionTrait, parents: &[Uuid]) -> Select<E> {
        let rows = E::find().filter(among(conn, self.parent, parents.iter().copied()));
        self.only.iter().fold(rows, |rows, only| rows.filter(only()))
    }

    fn way(&self) -> Direction {
        if self.descending { Direction::Desc } else { Direction::Asc }
    }

    fn columns(&self) -> impl Iterator<Item = E::Column> {
        self.keys.iter().map(|key| key.column).chain([self.id])
    }

    fn sorted(&self, rows: Select<E>) -> Select<E> {
        self.columns().fold(rows, |rows, column| rows.order_by(column, self.way()))
    }

    /// The keys of the rows, each with its rank in its list.
    fn ranked(&self, rows: Select<E>) -> SelectStatement {
        let mut window = WindowStatement::partition_by(self.parent.as_column_ref());
        for column in self.columns() {
            sea_orm::sea_query::OrderedStatement::order_by(&mut window, column.as_column_ref(), self.way());
        }
        let mut ranked = rows.select_only().column(self.id).into_query();
        ranked.expr_window_as(Expr::cust("ROW_NUMBER()"), window, Alias::new(RANK)).to_owned()
    }

    fn behind(&self, place: &Place) -> Result<SimpleExpr> {
        let wrong = || no_cursor(&place.cursor());
        if place.keys.len() != self.keys.len() {
            return Err(wrong());
        }
        let values = self.keys.iter().zip(&place.keys).map(|(key, text)| (key.value)(text).map(Expr::val));
        let mut values: Vec<SimpleExpr> = values.collect::<Option<_>>().ok_or_else(wrong)?;
        values.push(Expr::val(place.id));
        let columns = Expr::tuple(self.columns().map(|column| Expr::col(column.as_column_ref())));
        let values = Expr::tuple(values);
        Ok(if self.descending { columns.lt(values) } else { columns.gt(values) })
    }
}

/// Of rows with their rank in their list, the keys of those up to a rank.
pub fn first_of_each<C: sea_orm::Iden>((rank, id): (Alias, C), ranked: SelectStatement, most: u64) -> SelectStatement {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut keys = Query::select();
    keys.column(id).from_subquery(ranked, Alias::new("ranked")).and_where(Expr::col(rank).lte(most));
    keys
}

/// The value of a day in a cursor.
pub fn day(text: &str) -> Option<Value> {
    text.parse::<NaiveDate>().ok().map(Value::from)
}

/// The value of a small number in a cursor.
pub fn number(text: &str) -> Option<Value> {
    text.parse::<i16>().ok().map(Value::from)
}

/// The value of a text in a cursor.
pub fn text(text: &str) -> Option<Value> {
    Some(Value::from(text))
}

/// Declares a list that belongs to a record, for the entity whose `Column`, `Entity` and `Model` are in scope:
/// `children! { /// Docs. NAME of Some("Loan"), by HouseholdId household_id, sorted by [GrantedOn granted_on day], descending true }`
macro_rules! children {
    (
        $(#[$doc:meta])* $name:ident of $of:expr, by $parent:ident $parent_field:ident,
        sorted by [$($column:ident $field:ident $value:ident),*], descending $descending:literal
        $(, only $only:expr)? $(, holding $holding:expr)? $(,)?
    ) => {
        $(#[$doc])*
        pub const $name: $crate::listing::children::Children<Entity> = $crate::listing::children::Children {
            of: $of,
            parent: Column::$parent,
            parent_of: |row: &Model| row.$parent_field,
            keys: &[$($crate::listing::children::Key {
                column: Column::$column,
                text: |row: &Model| row.$field.to_string(),
                value: $crate::listing::children::$value,
            }),*],
            id: Column::Id,
            id_of: |row: &Model| row.id,
            descending: $descending,
            only: $crate::listing::children::children!(@ $($only)?),
            holding: $crate::listing::children::children!(@ $($holding)?),
        };
    };
    (@) => { None };
    (@ $some:expr) => { Some($some) };
}
pub(crate) use children;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_says_where_it_was() {
        let id = Uuid::from_u128(7);
        for keys in [vec![], vec!["2022-01-10".to_owned()], vec!["2022".to_owned(), "1".to_owned()]] {
            let place = Place { keys, id };
            assert_eq!(Place::parse(&place.cursor()), Some(place));
        }
        assert_eq!(Place::parse("x"), None);
    }

    #[test]
    fn a_part_is_neither_empty_nor_long() {
        assert_eq!(Part::read(None, None, None).unwrap().first, USUAL);
        assert_eq!(Part::read(None, Some(500), None).unwrap().first, 500);
        for first in [0, -1, 501] {
            assert!(Part::read(None, Some(first), None).is_err(), "{first}");
        }
        assert!(Part::read(Some("?"), None, None).is_err());
    }

    #[test]
    fn short_lists_have_room_and_all_together_an_end() {
        assert_eq!(most_of_short(0), 500);
        assert_eq!(most_of_short(1), 500);
        assert_eq!(most_of_short(50), 6_400);
        assert_eq!(most_of_short(500), 50_000);
        assert_eq!(most_of_short(usize::MAX), 50_000);
    }
}
