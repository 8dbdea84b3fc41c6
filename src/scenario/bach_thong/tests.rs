//! Counts and sums of the records are those of the report, line by line.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::LazyLock,
};

use entity::codes::{Measure, PovertyClass};
use sha2::{Digest, Sha256};

use super::{Scenario, examples, reviews};
use crate::{
    domain::{card_number::CardNumber, personal_id::PersonalId},
    exchange::raw::{Cell, RawRecord},
};

static SCENARIO: LazyLock<Scenario> = LazyLock::new(|| Scenario::shipped().unwrap());

fn records(kind: &str) -> Vec<RawRecord> {
    let steps = SCENARIO.clone().steps().unwrap();
    let step = steps.into_iter().find(|step| step.kind == kind).unwrap();
    let count = step.count;
    let records: Vec<_> = step.records.collect();
    assert_eq!(records.len() as u64, count, "{kind}");
    records
}

fn text<'a>(record: &'a RawRecord, name: &str) -> &'a str {
    match cell(record, name) {
        Some(Cell::Text(text)) => text,
        other => panic!("{name}: {other:?}"),
    }
}

fn int(record: &RawRecord, name: &str) -> i64 {
    match cell(record, name) {
        Some(Cell::Int(number)) => *number,
        other => panic!("{name}: {other:?}"),
    }
}

fn cell<'a>(record: &'a RawRecord, name: &str) -> Option<&'a Cell> {
    record.fields.iter().find(|(field, _)| field == name).map(|(_, cell)| cell)
}

fn distinct(records: &[RawRecord], name: &str) -> usize {
    records.iter().map(|record| text(record, name)).collect::<HashSet<_>>().len()
}

/// Rows and sum of a programme.
fn line(records: &[RawRecord], programme: &str, measure: &str) -> (usize, usize, i64) {
    let rows: Vec<_> = records.iter().filter(|record| text(record, "programme") == programme).cloned().collect();
    (rows.len(), distinct(&rows, "personalId"), rows.iter().map(|row| int(row, measure)).sum())
}

#[test]
fn loans_are_those_of_the_report() {
    let loans = records("loan-disbursements");

    let (turns, _, amount) = line(&loans, "loan_poor", "amount");
    assert_eq!((turns, amount), (1_316, 66_363_000_000));
    let (turns, _, amount) = line(&loans, "loan_near_poor", "amount");
    assert_eq!((turns, amount), (1_229, 80_709_000_000));
    let (_, borrowers, amount) = line(&loans, "loan_labour_export", "amount");
    assert_eq!((borrowers, amount), (21, 1_418_000_000));
    assert_eq!(distinct(&loans, "reference"), loans.len());
    assert!(loans.iter().all(|loan| int(loan, "amount") % 1_000_000 == 0));
    assert!(loans.iter().all(|loan| ("2022-01-01".."2022-07-01").contains(&text(loan, "disbursedOn"))));
}

#[test]
fn loans_go_to_entitled_households_below_the_ceiling() {
    let classes: HashMap<String, PovertyClass> = SCENARIO
        .people
        .households
        .iter()
        .map(|household| (SCENARIO.people.household_code(household), household.class))
        .collect();
    let mut held: HashMap<(String, String), i64> = HashMap::new();
    for loan in records("loan-disbursements") {
        let (household, programme) = (text(&loan, "householdCode"), text(&loan, "programme"));
        match programme {
            "loan_poor" => assert_eq!(classes[household], PovertyClass::Poor),
            "loan_near_poor" => assert_eq!(classes[household], PovertyClass::NearPoor),
            _ => assert_ne!(classes[household], PovertyClass::NotPoor),
        }
        *held.entry((household.to_owned(), programme.to_owned())).or_default() += int(&loan, "amount");
    }
    for ((household, programme), amount) in held {
        let ceiling = SCENARIO.rules.rate(&programme, Measure::Ceiling, SCENARIO.plan.period_from);
        assert!(ceiling.is_none_or(|ceiling| amount <= ceiling.value), "{household}: {amount}");
    }
}

#[test]
fn cards_are_those_of_the_report() {
    let cards = records("health-insurance-cards");
    let poor: Vec<_> = cards.iter().filter(|card| text(card, "groupCode") == "HN").cloned().collect();

    assert_eq!((cards.len(), poor.len(), distinct(&poor, "personalId")), (30_447, 5_057, 5_057));
    assert_eq!((distinct(&cards, "cardNo"), distinct(&cards, "reference")), (cards.len(), cards.len()));
    assert_eq!(distinct(&cards, "personalId"), cards.len() - SCENARIO.plan.cards.second_cards);
    for card in &cards {
        assert!(CardNumber::parse(text(card, "cardNo")).is_ok());
        assert!(("2022-01-01".."2022-07-01").contains(&text(card, "issuedOn")));
        assert!(text(card, "validFrom") <= text(card, "validTo"));
    }
}

#[test]
fn education_is_that_of_the_report() {
    let rolls = records("education-subsidies");
    let turns = |programme| {
        let (turns, _, amount) = line(&rolls, programme, "amount");
        (turns, amount)
    };
    let pupils = |programme, measure| {
        let (_, pupils, sum) = line(&rolls, programme, measure);
        (pupils, sum)
    };

    assert_eq!(turns("education_tuition_exemption"), (3_514, 248_229_000));
    assert_eq!(turns("education_learning_cost"), (2_062, 667_600_900));
    assert_eq!(turns("preschool_lunch"), (1_735, 1_245_200_000));
    assert_eq!(pupils("disability_scholarship", "amount"), (130, 740_256_000));
    assert_eq!(pupils("boarding_food_housing", "amount"), (947, 2_672_595_000));
    assert_eq!(pupils("boarding_rice", "riceKg"), (944, 62_955));
    assert_eq!(distinct(&rolls, "reference"), rolls.len());
}

#[test]
fn no_pupil_is_paid_twice_for_a_semester_and_months_times_rate_is_the_amount() {
    let mut seen = HashSet::new();
    let mut without_months = 0;
    for row in records("education-subsidies") {
        let semester = int(&row, "semester").to_string();
        let key = [text(&row, "personalId"), text(&row, "programme"), &semester].map(str::to_owned);
        assert!(seen.insert(key), "{row:?}");
        if cell(&row, "riceKg").is_some() {
            continue;
        }
        let halves = match cell(&row, "months") {
            Some(Cell::Int(months)) => months * 2,
            Some(Cell::Number(text)) => text.strip_suffix(".5").unwrap().parse::<i64>().unwrap() * 2 + 1,
            _ => {
                without_months += 1;
                continue;
            }
        };
        assert_eq!(halves * int(&row, "monthlyRate"), int(&row, "amount") * 2);
    }
    assert_eq!(without_months, 4, "one row each for tuition, learning cost, scholarship, boarding");
}

#[test]
fn electricity_is_that_of_the_report() {
    let rolls = records("electricity-supports");
    let turns: HashSet<_> =
        rolls.iter().map(|row| (text(row, "householdCode"), int(row, "year"), int(row, "quarter"))).collect();

    assert_eq!((rolls.len(), turns.len()), (3_026, 3_026));
    assert_eq!(rolls.iter().map(|row| int(row, "amount")).sum::<i64>(), 467_976_000);
    assert_eq!(distinct(&rolls, "reference"), rolls.len());
    assert!(rolls.iter().filter(|row| int(row, "amount") != 165_000).count() < 300);
}

#[test]
fn households_are_whole_and_their_numbers_unique() {
    let households = records("households");
    let mut ids = HashSet::new();
    let mut communes = HashSet::new();

    for household in &households {
        communes.insert(text(household, "unitCode"));
        let Some(Cell::List(members)) = cell(household, "members") else { panic!("{household:?}") };
        let mut heads = 0;
        for member in members {
            let Cell::Record(member) = member else { panic!("{member:?}") };
            heads += usize::from(text(member, "relation") == "HEAD");
            let id = PersonalId::parse(text(member, "personalId")).unwrap();
            let (sex, year) = id.sex_and_birth_year();
            assert_eq!(format!("{sex:?}").to_uppercase(), text(member, "sex"));
            let born = match cell(member, "birthDate") {
                Some(Cell::Text(day)) => day[..4].parse().unwrap(),
                _ => int(member, "birthYear"),
            };
            assert_eq!(i64::from(year), born);
            assert!(ids.insert(id), "{member:?}");
        }
        assert_eq!(heads, 1);
    }

    assert_eq!((households.len(), communes.len()), (8_668, 14));
    assert_eq!(distinct(&households, "householdCode"), households.len());
    let villages: HashSet<_> =
        households.iter().map(|household| (text(household, "unitCode"), text(household, "village"))).collect();
    assert_eq!(villages.len(), 147);
}

#[test]
fn the_last_review_gives_the_class_of_the_period() {
    let people = &SCENARIO.people;
    let in_class = |class, year| {
        (0..people.households.len()).filter(|at| reviews::class_of(&SCENARIO, *at, year) == class).count()
    };
    assert_eq!((in_class(PovertyClass::Poor, 2021), in_class(PovertyClass::NearPoor, 2021)), (1_510, 1_250));
    assert_ne!(in_class(PovertyClass::Poor, 2020), 1_510);

    let sheets = records("household-reviews");
    assert_eq!(sheets.len(), 2 * people.households.len());
    assert_eq!(distinct(&sheets, "reference"), sheets.len());
    for sheet in &sheets {
        let Some(Cell::List(deprivations)) = cell(sheet, "deprivations") else { panic!("{sheet:?}") };
        assert_eq!(deprivations.len() * 10, usize::try_from(int(sheet, "scoreB2")).unwrap());
    }
}

#[test]
fn the_scenario_is_the_same_each_time() {
    let hash = || {
        let mut hash = Sha256::new();
        for step in Scenario::shipped().unwrap().steps().unwrap() {
            for record in step.records.step_by(50) {
                hash.update(format!("{record:?}"));
            }
        }
        hash.finalize()
    };
    assert_eq!(hash(), hash());
}

/// The example files are computed. After a change of the scenario write them anew with
/// `ANSINH_WRITE_EXAMPLES=1 cargo test --lib examples_fit`.
#[test]
fn examples_fit_the_scenario() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for (name, wanted) in [
        ("disbursements.csv", examples::disbursements(&SCENARIO).unwrap()),
        ("disbursements-with-errors.csv", examples::disbursements_with_errors(&SCENARIO).unwrap()),
        ("coverage-query.json", examples::coverage_query(&SCENARIO).unwrap()),
    ] {
        if std::env::var_os("ANSINH_WRITE_EXAMPLES").is_some() {
            std::fs::write(folder.join(name), &wanted).unwrap();
        }
        assert_eq!(std::fs::read_to_string(folder.join(name)).unwrap_or_default(), wanted, "{name}");
    }
}
