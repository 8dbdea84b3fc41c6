//! Records told back: what a kind adds so that the doors can give out what is stored, in the shape in which it came in
//! and each field under its right.

use chrono::{DateTime, Utc};
use entity::by_place::ByPlace;
use sea_orm::EntityTrait;

use super::{
    format::Shape as Columns,
    kind::PushKind,
    raw::{Cell, RawRecord},
    record::{Record, read},
    shape::columns,
};
use crate::{
    access::{Caller, Grant},
    domain::personal_id::mask,
    env::Env,
    error::{Error, Result},
    listing::{Listing, PageArgs, SortKey},
};

/// Fields that stand in front of every record told back: its key, and when it was recorded or last changed.
pub const OWN: [&str; 2] = ["id", "recordedAt"];

/// Type and field of the access table.
pub type Right = (&'static str, &'static str);

/// A field of the record on the wire with all that the access table must grant for it; the least of the grants holds.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Name on the wire; that of a nested record stands behind its list, as `members.fullName`.
    pub name: &'static str,
    /// The way to the value in the access table.
    pub rights: &'static [Right],
}

/// Declares a table of [`Told`] fields: each name with the rights on the way to its value.
macro_rules! told {
    ($($name:literal: $($of:ident.$field:ident)>+;)+) => {
        &[$($crate::exchange::pull::Told {
            name: $name,
            rights: &[$((stringify!($of), stringify!($field))),+],
        }),+]
    };
}
pub(crate) use told;

/// A kind of record that can be read back.
pub trait PullKind: PushKind {
    /// Its rows.
    type Entity: EntityTrait<Model: ByPlace + Send + Sync>;
    /// What its list can be narrowed by.
    type Filter: Record;
    /// What a caller needs to see the list at all: what asking the same of GraphQL takes.
    const RIGHTS: &'static [Right];
    /// The fields told; what is not named is told to nobody.
    const FIELDS: &'static [Told];

    /// The list, narrowed to what the caller reaches.
    fn list(env: &Env, caller: &Caller, filter: &Self::Filter, descending: bool) -> Result<Listing<Self::Entity>>;

    /// When a row was recorded or last changed; an index serves this order.
    fn recorded() -> SortKey<Self::Entity>;

    /// The records of a page, in order. Look-ups are made for the page as a whole, and only those that `shown` wants.
    fn records(
        env: &Env,
        caller: &Caller,
        filter: &Self::Filter,
        shown: &Shown,
        rows: Vec<<Self::Entity as EntityTrait>::Model>,
    ) -> impl Future<Output = Result<Vec<RawRecord>>> + Send;
}

/// Which records are asked for.
#[derive(Clone, Debug, Default)]
pub struct Pull {
    /// The filters as they came in.
    pub filter: RawRecord,
    /// Which page.
    pub page: PageArgs,
    /// Whether the last in order comes first.
    pub descending: bool,
    /// Only what was recorded or changed then or later, in that order.
    pub updated_since: Option<DateTime<Utc>>,
}

/// A page of records as the caller may see them.
#[derive(Clone, Debug)]
pub struct Pulled {
    /// Names of the fields told.
    pub columns: Columns,
    /// The records.
    pub records: Vec<RawRecord>,
    /// Cursor of the last; none where the page is empty.
    pub end_cursor: Option<String>,
    /// Whether more follow.
    pub has_next: bool,
}

/// Reads a page of a kind.
///
/// # Errors
/// `FORBIDDEN` for the kind or for a filter on a field that the caller may not read; the faults of filters and cursor.
pub async fn pull<K: PullKind>(env: &Env, caller: &Caller, asked: Pull) -> Result<Pulled> {
    for (of, field) in K::RIGHTS {
        caller.require(of, field)?;
    }
    let filter = read::<K::Filter>(asked.filter).map_err(Error::faulty)?;
    let mut listing = K::list(env, caller, &filter, asked.descending)?;
    if let Some(instant) = asked.updated_since {
        for (of, field) in K::FIELDS.iter().filter(|told| told.name == "recordedAt").flat_map(|told| told.rights) {
            caller.require_filter(of, field)?;
        }
        listing = listing.since(instant, K::recorded());
    }
    let page = listing.page(env, caller, &asked.page).await?;
    let shown = Shown::of(caller, K::FIELDS);
    let (cursors, rows): (Vec<_>, Vec<_>) = page.rows.into_iter().unzip();
    let records = if rows.is_empty() { Vec::new() } else { K::records(env, caller, &filter, &shown, rows).await? };
    Ok(Pulled {
        columns: shown.columns(columns::<K::Record>()),
        records: records.into_iter().map(|record| shown.keep("", record)).collect(),
        end_cursor: cursors.last().map(ToString::to_string),
        has_next: page.has_next,
    })
}

/// What a caller may see of the fields of a kind.
#[derive(Clone, Debug)]
pub struct Shown(Vec<(&'static str, Grant)>);

impl Shown {
    /// Asks the access table once for a page.
    pub fn of(caller: &Caller, fields: &[Told]) -> Self {
        let least = |told: &Told| told.rights.iter().map(|(of, field)| caller.grant(of, field)).min();
        Self(fields.iter().map(|told| (told.name, least(told).unwrap_or(Grant::None))).collect())
    }

    /// Whether any of the fields is told, so that what it takes must be looked up.
    pub fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.grant(name) >= Grant::Masked)
    }

    fn grant(&self, name: &str) -> Grant {
        self.0.iter().find(|(told, _)| *told == name).map_or(Grant::None, |(_, grant)| *grant)
    }

    /// The columns of a kind that are told, the service's own in front.
    fn columns(&self, of: Columns) -> Columns {
        let told = |name: &&str| self.any(&[name]);
        let nested = of.nested.filter(|(list, _)| told(list)).map(|(list, names)| {
            let within = |name: &&'static str| self.any(&[&format!("{list}.{name}")]);
            (list, names.into_iter().filter(within).collect())
        });
        Columns { fields: OWN.into_iter().chain(of.fields).filter(told).collect(), nested, lists: of.lists }
    }

    /// The record without what is not granted, numbers masked where the table says so.
    fn keep(&self, within: &str, record: RawRecord) -> RawRecord {
        let fields = record.fields.into_iter().filter_map(|(name, cell)| {
            let path = format!("{within}{name}");
            let cell = match (self.grant(&path), cell) {
                (Grant::None | Grant::Suppressed, _) => return None,
                (Grant::Masked, Cell::Text(number)) => Cell::Text(mask(&number)),
                // Only numbers written as text have a middle that can be hidden.
                (Grant::Masked, _) => Cell::Null,
                (Grant::Read, Cell::List(items)) => {
                    let within = format!("{path}.");
                    Cell::List(items.into_iter().map(|item| self.keep_nested(&within, item)).collect())
                }
                (Grant::Read, cell) => cell,
            };
            Some((name, cell))
        });
        RawRecord { fields: fields.collect(), ..RawRecord::default() }
    }

    fn keep_nested(&self, within: &str, item: Cell) -> Cell {
        match item {
            Cell::Record(record) => Cell::Record(self.keep(within, record)),
            plain => plain,
        }
    }
}
