//! The other kinds: cards, subsidies, electricity, reviews. What they share with disbursements is tested there.

use entity::{education_subsidy, electricity_support, household_review};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::harness::{
    TestApp, both,
    people::{Household, Person, card, with},
};

both! {
    async fn two_cards_for_the_same_days_overlap(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;
        let next_year = with(with(card("C", household.head()), "validFrom", "2023-01-01"), "validTo", "2023-12-31");

        let rows = [card("A", household.head()), card("B", household.head()), with(next_year, "groupCode", "GD")];
        let answer = health.push_records("health-insurance-cards", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED"; 3]);
        assert_eq!([0, 1, 2].map(|row| answer.codes(row, "findings")), [vec![], vec!["OVERLAP"], vec![]]);
    }

    async fn the_group_of_a_card_must_fit_the_class(app: TestApp) {
        let household = app.household().near_poor(2022).create().await;
        let health = app.health("063").await;

        let answer = health.push_records("health-insurance-cards", &[card("A", household.head())]).await.expect(200);

        assert_eq!(answer.codes(0, "findings"), ["GROUP_DIFFERS"]);
    }

    async fn a_card_may_not_end_before_it_begins(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;
        let backwards = with(card("A", household.head()), "validTo", "2021-12-31");

        let answer = health.push_records("health-insurance-cards", &[backwards]).await.expect(200);

        assert_eq!((answer.outcomes(), answer.codes(0, "errors")), (vec!["REJECTED"], vec!["PERIOD_BACKWARDS"]));
        assert_eq!(answer.rows()[0]["errors"][0]["field"], "validTo");
    }

    async fn a_subsidy_is_checked_against_months_and_rate(app: TestApp) {
        let household = app.household().poor(2022).member("Hoàng Thị Mai", "FEMALE", 2010).create().await;
        let education = app.education("063").await;
        let rows = [
            subsidy("A", household.head()),
            with(subsidy("B", household.head()), "semester", 2),
            with(with(subsidy("C", household.head()), "semester", 1), "amount", 600_001),
            with(with(subsidy("D", household.head()), "months", "9.5"), "schoolYear", "2020-2021"),
            with(with(subsidy("E", household.head()), "amount", Value::Null), "riceKg", "15"),
        ];

        let answer = education.push_records("education-subsidies", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED"; 5], "{}", answer.text);
        let findings = [0, 1, 2, 3, 4].map(|row| answer.codes(row, "findings"));
        assert_eq!(findings[..3], [vec![], vec![], vec!["AMOUNT_DIFFERS", "OVERLAP"]]);
        assert_eq!(findings[3], ["MONTHS_ABOVE_LIMIT", "AMOUNT_DIFFERS"]);
        assert_eq!(findings[4], ["OVERLAP"]);
        assert_eq!(answer.json["amount"], 600_000 * 3 + 600_001);
        let rice = education_subsidy::Entity::find().all(app.db().read()).await.unwrap();
        assert!(rice.iter().any(|row| row.rice_grams == Some(15_000) && row.amount.is_none()));
    }

    async fn a_subsidy_without_amount_and_rice_is_refused(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let education = app.education("063").await;
        let nothing = with(subsidy("A", household.head()), "amount", Value::Null);

        let answer = education.push_records("education-subsidies", &[nothing]).await.expect(200);

        assert_eq!((answer.outcomes(), answer.codes(0, "errors")), (vec!["REJECTED"], vec!["ONE_OF"]));
    }

    async fn electricity_is_paid_once_a_quarter_at_the_rate_of_the_day(app: TestApp) {
        let poor = app.household().poor(2022).create().await;
        let other = app.household().not_poor(2022).create().await;
        let office = app.labour().await;
        let rows = [
            electricity("A", &poor),
            with(electricity("B", &poor), "quarter", 2),
            electricity("C", &poor),
            with(electricity("D", &poor), "amount", 164_999),
            electricity("E", &other),
            with(with(electricity("F", &other), "quarter", 2), "group", "SOCIAL_POLICY"),
        ];

        let answer = office.push_records("electricity-supports", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED"; 6], "{}", answer.text);
        let findings = [0, 1, 2, 3, 4, 5].map(|row| answer.codes(row, "findings"));
        assert_eq!(findings[..2], [vec![""; 0], vec![]]);
        assert_eq!(findings[2], ["OVERLAP"]);
        assert_eq!(findings[3], ["AMOUNT_DIFFERS", "OVERLAP"]);
        assert_eq!(findings[4..], [vec!["NOT_ON_POOR_LIST"], vec![]]);
        assert_eq!(app.count::<electricity_support::Entity>().await, 6);
    }

    async fn the_class_computed_from_the_scores_is_compared_with_the_decision(app: TestApp) {
        let household = app.household().create().await;
        let office = app.labour().await;
        let review = |reference: &str, year, decided: &str| {
            json!({
                "reference": reference, "householdCode": household.code, "year": year, "area": "RURAL",
                "scoreB1": 140, "scoreB2": 30, "deprivations": ["toilet", "employment", "telecom"],
                "decidedClass": decided, "decidedOn": format!("{year}-12-14"),
            })
        };

        let rows = [review("A", 2022, "POOR"), review("B", 2023, "NEAR_POOR"), review("C", 2023, "POOR")];
        let answer = office.push_records("household-reviews", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "ACCEPTED", "REJECTED"], "{}", answer.text);
        assert_eq!([0, 1].map(|row| answer.codes(row, "findings")), [vec![], vec!["CLASS_DIFFERS"]]);
        assert_eq!(answer.codes(2, "errors"), ["ALREADY_RECORDED"]);
    }

    async fn a_later_review_of_the_same_year_replaces_the_earlier(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let office = app.labour().await;
        let corrected = json!({
            "reference": "appeal", "householdCode": household.code, "year": 2021, "area": "RURAL",
            "decidedClass": "NEAR_POOR", "decidedOn": "2022-01-10",
        });

        let answer = office.push_records("household-reviews", &[corrected]).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED"]);
        let held = household_review::Entity::find().all(app.db().read()).await.unwrap();
        assert_eq!(held.len(), 1);
        assert_eq!(held[0].decided_class, entity::codes::PovertyClass::NearPoor);
        assert_eq!(held[0].id.to_string(), answer.rows()[0]["id"]);
    }
}

/// Learning costs of the first semester 2021–2022: 4 months at 150,000.
fn subsidy(reference: &str, pupil: &Person) -> Value {
    json!({
        "reference": reference, "personalId": pupil.personal_id, "programme": "education_learning_cost",
        "schoolYear": "2021-2022", "semester": 1, "months": 4, "monthlyRate": 150_000, "amount": 600_000,
        "paidOn": "2022-01-15",
    })
}

/// Support of the first quarter of 2022: 3 times 55,000.
fn electricity(reference: &str, household: &Household) -> Value {
    json!({
        "reference": reference, "householdCode": household.code, "year": 2022, "quarter": 1, "kwh": 90,
        "amount": 165_000, "group": "POOR",
    })
}
