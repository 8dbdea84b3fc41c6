//! Facts are stored, doubts are flagged: what the rules of the day say against a row.

use entity::finding;
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::harness::{
    TestApp, both,
    people::{disbursement, with},
};

both! {
    async fn the_class_of_the_day_of_disbursement_decides(app: TestApp) {
        let household = app.household().poor(2021).near_poor(2022).create().await;
        let bank = app.bank("063").await;
        let on = |reference, day| with(disbursement(reference, household.head()), "disbursedOn", day);

        let rows = [on("A", "2021-12-31"), on("B", "2022-01-01"), on("C", "2020-06-01")];
        let answer = bank.push_records("loan-disbursements", &rows).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "ACCEPTED", "ACCEPTED"]);
        assert!(answer.codes(0, "findings").is_empty(), "{}", answer.text);
        assert_eq!(answer.codes(1, "findings")[0], "NOT_ON_POOR_LIST");
        assert_eq!(answer.codes(2, "findings"), ["NO_REVIEW", "AMOUNT_ABOVE_CEILING"]);
        assert_eq!(app.count::<finding::Entity>().await, 3, "{}", answer.text);
    }

    async fn each_rule_has_its_doubt(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let table: [(&str, Value, &[&str]); 7] = [
            ("amount", 100_000_000.into(), &[]),
            ("amount", 100_000_001.into(), &["AMOUNT_ABOVE_CEILING"]),
            ("termMonths", 120.into(), &[]),
            ("termMonths", 121.into(), &["TERM_ABOVE_LIMIT"]),
            ("annualRatePercent", "6.6".into(), &[]),
            ("annualRatePercent", "7,2".into(), &["RATE_DIFFERS"]),
            ("birthYear", 1981.into(), &["BIRTH_YEAR_DIFFERS"]),
        ];
        for (place, (field, value, expected)) in table.into_iter().enumerate() {
            // A household of its own, since the ceiling adds up.
            let household = if field == "amount" { app.household().poor(2022).create().await } else { household.clone() };
            let row = with(with(disbursement(&place.to_string(), household.head()), "amount", 1), field, value.clone());

            let answer = bank.push_records("loan-disbursements", &[row]).await.expect(200);

            assert_eq!(answer.outcomes(), ["ACCEPTED"], "{field} {value}");
            assert_eq!(answer.codes(0, "findings"), expected, "{field} {value}");
        }
    }

    async fn the_ceiling_counts_all_that_a_household_was_lent(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let row = |reference| with(disbursement(reference, household.head()), "amount", 40_000_000);

        let first = bank.push_records("loan-disbursements", &[row("A"), row("B")]).await.expect(200);
        let second = bank.push_records("loan-disbursements", &[row("C")]).await.expect(200);

        assert!(first.codes(1, "findings").is_empty());
        assert_eq!(second.codes(0, "findings"), ["AMOUNT_ABOVE_CEILING"]);
        let sentence = second.rows()[0]["findings"][0]["message"].as_str().unwrap();
        assert!(sentence.contains("120000000") && sentence.contains("100000000"), "{sentence}");
    }

    async fn the_ceiling_of_a_known_contract_counts_the_others_of_its_programme(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let row = |reference, contract, programme: &str| {
            let row = with(disbursement(reference, household.head()), "amount", 40_000_000);
            with(with(row, "contractNo", contract), "programme", programme)
        };
        for (reference, contract, programme) in
            [("A", "HD-1", "loan_poor"), ("B", "HD-2", "loan_poor"), ("C", "HD-3", "loan_near_poor")]
        {
            let first = bank.push_records("loan-disbursements", &[row(reference, contract, programme)]).await.expect(200);
            assert_eq!(first.outcomes(), ["ACCEPTED"], "{}", first.text);
        }

        let other = bank.push_records("loan-disbursements", &[row("D", "HD-3", "loan_near_poor")]).await.expect(200);
        let third = bank.push_records("loan-disbursements", &[row("E", "HD-1", "loan_poor")]).await.expect(200);

        assert_eq!(other.codes(0, "findings"), ["NOT_ON_POOR_LIST"], "80 million of this programme");
        assert_eq!(third.codes(0, "findings"), ["AMOUNT_ABOVE_CEILING"]);
        let sentence = third.rows()[0]["findings"][0]["message"].as_str().unwrap();
        assert!(sentence.contains("120000000"), "{sentence}");
    }

    async fn a_payment_told_before_its_day_is_doubted(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let on = |reference, day| with(disbursement(reference, household.head()), "disbursedOn", day);

        let rows = [on("A", "2022-06-30"), on("B", "2022-07-01")];
        let answer = bank.push_records("loan-disbursements", &rows).await.expect(200);

        assert_eq!([0, 1].map(|row| answer.codes(row, "findings")), [vec![], vec!["FUTURE_DATE"]]);
    }

    /// Whoever changes the rules, in whatever process: they are written here beside the service.
    async fn a_changed_rule_holds_for_the_next_push(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let row = |reference| [with(disbursement(reference, household.head()), "termMonths", 100)];
        let before = bank.push_records("loan-disbursements", &row("A")).await.expect(200);

        let shorter = "UPDATE programme_rate SET value = 60 WHERE programme = 'loan_poor' AND measure = 'TERM_MONTHS'";
        app.db().write().execute_unprepared(shorter).await.unwrap();
        let after = bank.push_records("loan-disbursements", &row("B")).await.expect(200);

        assert!(before.codes(0, "findings").is_empty());
        assert_eq!(after.codes(0, "findings"), ["TERM_ABOVE_LIMIT"]);
    }

    async fn findings_are_told_in_the_language_asked_for(app: TestApp) {
        let household = app.household().not_poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = disbursement("A", household.head()).to_string();

        let headers = [("accept-language", "vi-VN,vi;q=0.9,en;q=0.5")];
        let answer = bank.push_ndjson("loan-disbursements", body, &headers).await.expect(200);

        assert_eq!(answer.header("content-language"), "vi");
        let sentence = answer.rows()[0]["findings"][0]["message"].as_str().unwrap();
        assert!(sentence.starts_with("hộ được xếp là hộ không nghèo vào ngày 2022-03-15"), "{sentence}");
    }
}
