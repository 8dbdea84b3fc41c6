//! Health-insurance cards issued in the half-year, one a person with few exceptions.

use chrono::{Datelike, NaiveDate};
use entity::codes::{Area, PovertyClass};

use super::{plan::wrong, scenario::Scenario};
use crate::{
    error::Result,
    exchange::raw::RawRecord,
    scenario::{draw::Draw, record::Fields},
};

/// One card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Who holds it.
    pub person: usize,
    /// Group: two letters.
    pub group: &'static str,
    /// Benefit level.
    pub level: i64,
}

/// All cards, by person. The law's order decides the group: a small child's card is TE also in a poor household, so
/// there are fewer cards HN than poor persons.
pub fn cards(scenario: &Scenario) -> Result<Vec<Card>> {
    let plan = &scenario.plan.cards;
    let (all, poor) = (scenario.figures.count(&plan.all)?, scenario.figures.count(&plan.poor)?);
    let people = &scenario.people;
    let on = scenario.plan.period_from;

    let grown = |at: usize| people.persons[at].age(on) >= 6;
    let class = |at: usize| people.household(at).class;
    let mut in_order = people.drawn("card", |at, _| grown(at) && class(at) == PovertyClass::Poor);
    if in_order.len() < poor + plan.poor_without {
        return Err(wrong(format!("{} poor persons are too few for {poor} cards", in_order.len())));
    }
    let others = in_order.split_off(poor);
    let mut cards: Vec<Card> = in_order.iter().map(|at| Card { person: *at, group: "HN", level: 2 }).collect();
    let assisted = others.into_iter().skip(plan.poor_without);
    cards.extend(assisted.map(|person| Card { person, group: "BT", level: 2 }));
    let pupils = in_order.iter().filter(|at| (6..=17).contains(&people.persons[**at].age(on)));
    cards.extend(pupils.take(plan.second_cards).map(|at| Card { person: *at, group: "HS", level: 4 }));

    let mut paying = Vec::new();
    for person in people.drawn("card of others", |at, _| !(grown(at) && class(at) == PovertyClass::Poor)) {
        let card = Card { person, ..group(scenario, person) };
        if card.group == "GD" { paying.push(card) } else { cards.push(card) }
    }
    // Those who pay for themselves are the ones who may have no card.
    let missing = all.checked_sub(cards.len()).filter(|missing| *missing <= paying.len());
    let missing = missing.ok_or_else(|| wrong(format!("{all} cards do not fit the population")))?;
    cards.extend(paying.into_iter().take(missing));
    cards.sort_by_key(|card| (card.person, card.group));
    Ok(cards)
}

fn group(scenario: &Scenario, at: usize) -> Card {
    let people = &scenario.people;
    let household = people.household(at);
    let rural = people.communes[household.commune].area == Area::Rural;
    let card = |group, level| Card { person: at, group, level };
    match people.persons[at].age(scenario.plan.period_from) {
        0..=5 => card("TE", 1),
        _ if household.class == PovertyClass::NearPoor => card("CN", 3),
        6..=17 => card("HS", 4),
        80.. => card("BT", 2),
        _ if rural && household.ethnicity != "01" && difficult(scenario, household.commune) => card("DT", 2),
        _ => card("GD", 4),
    }
}

/// Whether the commune counts as a difficult area: every third one does.
fn difficult(scenario: &Scenario, commune: usize) -> bool {
    Draw::new(scenario.plan.seed, "difficult area", commune as u64).percent(35)
}

/// A card as the wire has it.
pub fn record(scenario: &Scenario, place: usize, card: &Card) -> RawRecord {
    let people = &scenario.people;
    let commune = people.household(card.person).commune;
    let (issued_on, valid_from, valid_to) = validity(scenario, card);
    let province = scenario.plan.birth_province;
    Fields::new()
        .text("reference", format!("BHYT22-{:06}", place + 1))
        .text("personalId", people.personal_id(card.person))
        .text("cardNo", format!("{}{}{province:02}{}", card.group, card.level, people.insurance_no(card.person)))
        .text("groupCode", card.group)
        .int("benefitLevel", card.level)
        .day("validFrom", valid_from)
        .day("validTo", valid_to)
        .day("issuedOn", issued_on)
        .text("facilityCode", format!("{province:02}{:03}", 101 + commune))
        .build()
}

/// Most cards are issued in January for the year; some later, from the day of issue. A child's card ends in September
/// of the year in which it turns six; some pay for half a year only.
fn validity(scenario: &Scenario, card: &Card) -> (NaiveDate, NaiveDate, NaiveDate) {
    let mut draw = Draw::new(scenario.plan.seed, "validity", card.person as u64);
    let from = scenario.plan.period_from;
    let year_end = NaiveDate::from_ymd_opt(from.year(), 12, 31).unwrap_or(from);
    let (first, rest) = scenario.days.split_at(scenario.days.partition_point(|day| day.month() == from.month()));
    let early = !draw.percent(8);
    let issued_on = draw.pick(if early { first } else { rest }).copied().unwrap_or(from);
    let valid_from = if early { from } else { issued_on };
    let september = NaiveDate::from_ymd_opt(from.year(), 9, 30).unwrap_or(year_end);
    let valid_to = match card.group {
        "TE" if scenario.people.persons[card.person].birth_year() + 6 == from.year() => september,
        "GD" if early && draw.percent(3) => scenario.plan.period_to,
        _ => year_end,
    };
    (issued_on, valid_from, valid_to)
}
