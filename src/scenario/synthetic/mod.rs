//! Synthetic data of any size: each record follows from seed and index alone, so that nothing grows with the size and
//! a benchmark can name any row without looking it up.
//!
//! A household has four members and one and a half loans on average; nine of ten persons hold a current card, some an
//! expired one or two at once. One seed a database: codes and numbers do not depend on it.

mod records;

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use entity::codes::{Area, PovertyClass};

use super::{
    CommuneRef, Step,
    draw::{Draw, scatter},
    names::Names,
    people::{self, Member},
};
use crate::{
    domain::personal_id::PersonalId,
    error::{Error, Result},
    exchange::raw::RawRecord,
    messages::{Code, Message},
    rules::Rules,
};

/// Members of the households of a block. Blocks of one make-up let the place of any person be computed.
const SIZES: [u64; 8] = [3, 5, 4, 2, 6, 4, 3, 5];
/// Members of a block.
const BLOCK: u64 = 32;
/// Numbers of personal IDs in one province.
const MILLION: u64 = 1_000_000;
/// Province of birth that the Bạch Thông scenario uses: left out, so that both fit one database.
const TAKEN_PROVINCE: u8 = 6;

/// Code of a household by its index.
pub fn household_code(household: u64) -> String {
    format!("S{household:09}")
}

/// Reference of a loan's payment by the index of the loan.
pub fn loan_reference(loan: u64) -> String {
    format!("SGN-{loan:09}")
}

/// How many numbers below `all` leave that rest.
fn with_rest(all: u64, modulus: u64, rest: u64) -> u64 {
    all / modulus + u64::from(all % modulus > rest)
}

/// Where a person belongs: household and place in it.
pub fn household_of(person: u64) -> (u64, usize) {
    let (block, mut rest) = (person / BLOCK, person % BLOCK);
    for (place, size) in SIZES.iter().enumerate() {
        if rest < *size {
            return (block * SIZES.len() as u64 + place as u64, usize::try_from(rest).unwrap_or_default());
        }
        rest -= size;
    }
    (block, 0)
}

/// Index of the head of a household among all persons; the other members follow.
pub fn first_person(household: u64) -> u64 {
    let blocks = household / SIZES.len() as u64;
    let place = usize::try_from(household % SIZES.len() as u64).unwrap_or_default();
    blocks * BLOCK + SIZES[..place].iter().sum::<u64>()
}

/// How many members a household has.
pub fn size_of(household: u64) -> u64 {
    SIZES[usize::try_from(household % SIZES.len() as u64).unwrap_or_default()]
}

/// The household of a loan and which of its loans it is: every second household has two.
pub fn household_of_loan(loan: u64) -> (u64, u64) {
    let pair = loan / 3 * 2;
    match loan % 3 {
        0 => (pair, 0),
        rest => (pair + 1, rest - 1),
    }
}

/// A body of synthetic data. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Synthetic {
    communes: Arc<[CommuneRef]>,
    provinces: Arc<[u8]>,
    names: Arc<Names>,
    rules: Arc<Rules>,
    households: u64,
    seed: u64,
    on: NaiveDate,
}

impl Synthetic {
    /// Data of that many households, spread evenly over the communes, as they are on a day.
    ///
    /// # Errors
    /// No commune, or more persons than there are personal IDs (62 million).
    pub fn new(communes: Vec<CommuneRef>, households: u64, seed: u64, on: NaiveDate) -> Result<Self> {
        let code = |province: u8| people::personal_id(province, entity::codes::Sex::Male, 1990, 0);
        let known = |province: &u8| PersonalId::parse(&code(*province)).is_ok();
        let provinces: Vec<u8> = (1..100).filter(|province| *province != TAKEN_PROVINCE).filter(known).collect();
        let most = provinces.len() as u64 * MILLION / BLOCK * SIZES.len() as u64;
        if communes.is_empty() {
            return Err(Error::invalid(Message::new(Code::OneOf).with("fields", "communes")));
        }
        if households > most {
            return Err(Error::invalid(Message::new(Code::NumberRange).with("from", 0).with("to", most)));
        }
        Ok(Self {
            communes: communes.into(),
            provinces: provinces.into(),
            names: Arc::new(Names::shipped()?),
            rules: Arc::new(Rules::shipped()?),
            households,
            seed,
            on,
        })
    }

    /// How many households.
    pub fn households(&self) -> u64 {
        self.households
    }

    /// How many persons.
    pub fn persons(&self) -> u64 {
        first_person(self.households)
    }

    /// How many loans.
    pub fn loans(&self) -> u64 {
        self.households / 2 * 3 + self.households % 2
    }

    /// How many cards: current ones, expired ones, second ones.
    pub fn cards(&self) -> u64 {
        let persons = self.persons();
        persons - with_rest(persons, 10, 7) + with_rest(persons, 20, 3) + with_rest(persons, 100, 11)
    }

    /// The commune of a household.
    pub fn commune(&self, household: u64) -> &CommuneRef {
        let communes = self.communes.len() as u64;
        &self.communes[usize::try_from(household % communes).unwrap_or_default()]
    }

    /// The class of a household in a year: of a hundred 12 are poor and 10 near-poor. One in ten draws anew each year.
    pub fn class(&self, household: u64, year: i32) -> PovertyClass {
        let mut draw = Draw::new(self.seed, "class", household);
        let lasting = draw.between(0, 99);
        let moves = draw.percent(10);
        let drawn = if moves {
            Draw::new(self.seed, "class of year", household.wrapping_mul(10_000) + u64::from(year.unsigned_abs()))
                .between(0, 99)
        } else {
            lasting
        };
        match drawn {
            0..=11 => PovertyClass::Poor,
            12..=21 => PovertyClass::NearPoor,
            _ => PovertyClass::NotPoor,
        }
    }

    /// The members of a household, the head first.
    pub fn family(&self, household: u64) -> Vec<Member> {
        let size = usize::try_from(size_of(household)).unwrap_or_default();
        let mut draw = Draw::new(self.seed, "family", household);
        people::family(&self.names, self.ethnicity(household), size, self.on, &mut draw)
    }

    /// Personal ID of a person by index.
    pub fn personal_id(&self, person: u64) -> String {
        let (household, place) = household_of(person);
        self.id_of(person, &self.family(household)[place])
    }

    fn id_of(&self, person: u64, member: &Member) -> String {
        let province = usize::try_from(person / MILLION).ok().and_then(|place| self.provinces.get(place));
        let province = province.copied().unwrap_or_default();
        people::personal_id(province, member.sex, member.birth_year(), scatter(person, MILLION))
    }

    /// Ten digits that begin with 9: none of the Bạch Thông scenario does.
    fn insurance_no(person: u64) -> String {
        format!("9{:09}", scatter(person, 1_000_000_000))
    }

    fn ethnicity(&self, household: u64) -> &'static str {
        match Draw::new(self.seed, "ethnicity", household).between(0, 99) {
            0..=69 => "01",
            70..=81 => "02",
            82..=88 => "07",
            89..=94 => "09",
            _ => "08",
        }
    }

    fn area(&self, household: u64) -> Area {
        self.commune(household).area
    }

    /// A working day between the first day of last year and the day of the data.
    fn day(&self, draw: &mut Draw) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(self.on.year() - 1, 1, 3).unwrap_or(self.on);
        let days = draw.between(0, (self.on - first).num_days());
        let day = first.checked_add_days(Days::new(days.unsigned_abs())).unwrap_or(first);
        match day.weekday() {
            Weekday::Sat => super::days_before(day, 1),
            Weekday::Sun => super::days_before(day, 2),
            _ => day,
        }
    }

    /// The records, in the order in which they must be pushed.
    pub fn steps(&self) -> Vec<Step> {
        let (all, loans) = (self.households, self.loans());
        let years = [self.on.year() - 2, self.on.year() - 1];
        let poor = (0..all).filter(|at| self.class(*at, years[1]) == PovertyClass::Poor).count() as u64;
        let pupils = (0..all).map(|at| self.subsidies(at).len() as u64).sum();
        let review = move |of: &Self, at: u64| of.review(at % all, years[usize::from(at >= all)]);
        vec![
            self.step("labour", "households", all, move |of| (0..all).map(move |at| of.household(at))),
            self.step("labour", "household-reviews", 2 * all, move |of| (0..2 * all).map(move |at| review(&of, at))),
            self.step("policy_bank", "loan-disbursements", loans, move |of| (0..loans).map(move |at| of.loan(at))),
            self.step("health", "health-insurance-cards", self.cards(), move |of| {
                (0..all).flat_map(move |at| of.cards_of(at))
            }),
            self.step("education", "education-subsidies", pupils, move |of| {
                (0..all).flat_map(move |at| of.subsidies(at))
            }),
            self.step("labour", "electricity-supports", 2 * poor, move |of| {
                (0..all).flat_map(move |at| of.electricity(at))
            }),
        ]
    }

    fn step<I>(&self, role: &'static str, kind: &'static str, count: u64, records: impl FnOnce(Self) -> I) -> Step
    where
        I: Iterator<Item = RawRecord> + Send + 'static,
    {
        Step { role, kind, as_of: self.on, count, records: Box::new(records(self.clone())) }
    }
}

#[cfg(test)]
mod tests;
