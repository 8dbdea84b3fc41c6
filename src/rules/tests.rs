//! The shipped rules, and their way into a database.

use super::*;
use crate::{
    clock::{Clock, Ids},
    db::Db,
    units,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_rule_is_asked_for_a_day() {
    let rules = Rules::shipped().unwrap();
    let ceiling = |slug, on| rules.rate(slug, Measure::Ceiling, day(on)).map(|rate| rate.value);

    assert_eq!(ceiling("loan_poor", "2019-02-28"), Some(50_000_000));
    assert_eq!(ceiling("loan_poor", "2022-06-01"), Some(100_000_000));
    assert_eq!(ceiling("loan_labour_export", "2022-06-01"), None);
    assert_eq!(rules.base_amount(BASE_SALARY, day("2023-06-30")).unwrap().amount, 1_490_000);
    let monthly = |slug, on| rules.monthly_rate(slug, day(on)).map(|(rate, _)| rate);
    assert_eq!(monthly("education_learning_cost", "2021-10-14"), Some(100_000));
    assert_eq!(monthly("education_learning_cost", "2021-10-15"), Some(150_000));
    assert_eq!(monthly("boarding_food_housing", "2022-03-01"), Some(745_000));
    assert_eq!(monthly("boarding_food_housing", "2025-09-01"), Some(1_296_000));
    assert_eq!(monthly("disability_scholarship", "2022-03-01"), Some(1_192_000));
}

#[test]
fn two_standards_of_different_shape_live_side_by_side() {
    let rules = Rules::shipped().unwrap();

    let old = rules.standard(Area::Rural, day("2021-12-15"), None).unwrap();
    let new = rules.standard(Area::Urban, day("2022-12-15"), Some(Uuid::max())).unwrap();

    assert_eq!((old.period.as_str(), old.score_line, old.upper_score_line), ("2016-2021", 120, Some(150)));
    assert_eq!((new.period.as_str(), new.score_line, new.upper_score_line), ("2022-2026", 175, None));
    assert_eq!((old.indicators.split(',').count(), new.indicators.split(',').count()), (10, 12));
    assert!(rules.standard(Area::Rural, day("2015-12-31"), None).is_none());
}

#[test]
fn quarterly_electricity_support_follows_from_the_price() {
    let rules = Rules::shipped().unwrap();
    let amounts = rules.rates.iter().filter(|rate| rate.measure == Measure::QuarterlyAmount);

    for amount in amounts {
        let price = rules.base_amount(ELECTRICITY_TIER1, amount.valid_from).unwrap();
        let month = (30 * price.amount * 110 + 50_000) / 100_000 * 1_000;
        assert_eq!(amount.value, 3 * month, "{}", amount.valid_from);
    }
}

#[test]
fn rates_of_one_measure_do_not_overlap() {
    let rules = Rules::shipped().unwrap();
    for rate in &rules.rates {
        assert!(rate.valid_to.is_none_or(|end| end >= rate.valid_from), "{rate:?}");
        let again = rules.rates.iter().filter(|other| {
            (other.programme == rate.programme && other.measure == rate.measure)
                && other.valid_from >= rate.valid_from
                && rate.valid_to.is_none_or(|end| other.valid_from <= end)
        });
        assert_eq!(again.count(), 1, "{rate:?}");
    }
}

#[test]
fn eligible_classes_are_classes() {
    let rules = Rules::shipped().unwrap();
    for programme in rules.programmes() {
        for class in eligible_classes(programme) {
            assert!(["POOR", "NEAR_POOR", NEWLY_ESCAPED].contains(&class), "{class}");
        }
    }
    let loans: Vec<_> = rules.programmes_of(ProgrammeKind::Loan).map(|loan| loan.slug.as_str()).collect();
    assert_eq!(loans.len(), 9);
    assert!(eligible_classes(rules.programme("loan_poor").unwrap()).eq(["POOR"]));
}

#[test]
fn a_fault_names_file_and_line() {
    let mut files = files::SHIPPED;
    files.programme_rates =
        b"programme,measure,value,valid_from,valid_to,legal_basis\nno_such,CEILING,1,2020-01-01,,x\n";

    let error = files::read(files).unwrap_err();

    assert_eq!(error.faults()[0].field.as_deref(), Some("programme_rates.csv, line 2, programme"));
}

#[tokio::test]
async fn the_rules_load_once() {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::connect(&format!("sqlite:{}", dir.path().join("rules.db").display()), 2).await.unwrap();
    db.migrate().await.unwrap();
    let ids = Ids::random(Clock::system());
    let list = "level,code,name,type,parent_code,valid_from,valid_to\nprovince,79,Thành phố A,thành phố,,,\n";
    let none = "old_level,old_code,new_level,new_code,kind,is_default\n";
    units::load::load(&db, &ids, list.as_bytes(), none.as_bytes()).await.unwrap();

    let first = load::load_shipped(&db, &ids).await.unwrap();
    let second = load::load_shipped(&db, &ids).await.unwrap();
    let mut files = files::SHIPPED;
    let own = String::from_utf8(files.poverty_standards.to_vec()).unwrap()
        + "2022-2026,URBAN,79,2022-01-01,2026-12-31,3000000,,,175,,30,toilet,Nghị quyết,\n";
    files.poverty_standards = own.as_bytes();
    let third = load::load(&db, &ids, files).await.unwrap();

    assert_eq!((second.inserted, second.updated, second.unchanged), (0, 0, first.inserted));
    assert_eq!((third.inserted, third.updated), (1, 0));
    let rules = Rules::load(db.read()).await.unwrap();
    let province = units::find(db.read(), "79", None).await.unwrap().map(|unit| unit.id);
    let line = |province| rules.standard(Area::Urban, day("2024-01-01"), province).unwrap().income_line;
    assert_eq!((line(province), line(None)), (3_000_000, 2_000_000));
}
