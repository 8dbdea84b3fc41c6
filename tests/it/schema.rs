//! The schema itself: its changes, and what every test database begins with.

use ansinh::{
    clock::{Clock, Ids},
    db::Db,
    rules, units,
};
use chrono::NaiveDate;
use migration::{Migrator, MigratorTrait};

use crate::harness::{TestDatabase, both};

both! {
    async fn every_change_can_be_taken_back_and_made_again(database: TestDatabase) {
        let db = Db::connect(&database.url, 2).await.unwrap();

        Migrator::down(db.write().pool(), None).await.unwrap();
        assert!(!db.is_migrated().await.unwrap());
        db.migrate().await.unwrap();

        assert!(db.is_migrated().await.unwrap());
    }

    async fn loading_the_shipped_lists_again_changes_nothing(database: TestDatabase) {
        let db = Db::connect(&database.url, 2).await.unwrap();
        let ids = Ids::random(Clock::system());

        let units = units::load::load_shipped(&db, &ids).await.unwrap();
        let rules = rules::load::load_shipped(&db, &ids).await.unwrap();

        assert_eq!((units.inserted, units.updated, units.successions, units.scope_changes), (0, 0, 0, 0));
        assert_eq!((rules.inserted, rules.updated), (0, 0));
    }

    /// The index gives ranges of names by bytes; a collation of the language would put `đ` and `z` elsewhere.
    async fn names_are_found_by_their_beginning_whatever_the_collation(database: TestDatabase) {
        let db = Db::connect(&database.url, 2).await.unwrap();
        let day = NaiveDate::from_ymd_opt(2022, 6, 30);

        let found = units::search(db.read(), "don phon", day, 10).await.unwrap();

        assert!(found.iter().any(|unit| unit.code == "01984"), "{found:?}");
        let widest = units::search(db.read(), "bach thong", day, 10).await.unwrap();
        assert!(widest.iter().any(|unit| unit.code == "063"), "{widest:?}");
    }
}
