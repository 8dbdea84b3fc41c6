//! The yearly review of households as communes and labour offices push it.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{
    codes::{Area, Operation, PovertyClass},
    household_review,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::{
    matching::{KnownHousehold, Matches},
    resolving::Resolver,
};
use crate::{
    access::Caller,
    db::among,
    domain::poverty::{Indicator, class_name, classify},
    error::Result,
    exchange::{
        kind::{Decision, PushKind, Sent, Unstored, Work},
        record::record,
        values::{Text, UnitCode, Whole},
    },
    messages::{Code, Message},
};

record! {
    /// The class of a household by the review of a year (Decision 24/2021/QĐ-TTg). It governs support in the year after.
    Review "HouseholdReviewRecord" {
        /// The sender's own reference of the record.
        reference "reference": Text<100>,
        /// Code of the household in its commune.
        household_code "householdCode": Text<40>,
        /// Code of the commune, where household codes repeat in the sender's area.
        unit_code "unitCode": Option<UnitCode>,
        /// Year of the review.
        year "year": Whole<2000, 2099>,
        /// Sheet used: RURAL for a commune (xã), URBAN for a ward or township.
        area "area": Area,
        /// Points of sheet B1.
        score_b1 "scoreB1": Option<Whole<0, 1000>>,
        /// Points of sheet B2, 10 for each deprived indicator.
        score_b2 "scoreB2": Option<Whole<0, 200>>,
        /// Indicators in which the household is deprived.
        deprivations "deprivations": Vec<Indicator>,
        /// Class by decision of the chairman.
        decided_class "decidedClass": PovertyClass,
        /// Number of the decision.
        decision_no "decisionNo": Option<Text<60>>,
        /// Date of the decision.
        decided_on "decidedOn": Option<NaiveDate>,
    }
}

/// The kind.
#[derive(Debug)]
pub struct ReviewRoll;

impl PushKind for ReviewRoll {
    type Record = Review;
    type State = Resolver;
    const SLUG: &'static str = "household-reviews";
    const SUBJECT: &'static str = "HouseholdReview";
    const MUTATION: &'static str = "recordHouseholdReviews";
    /// A review stands once in a push, and is corrected by the next.
    const INDEPENDENT: bool = false;

    fn reference(record: &Review) -> &str {
        record.reference.as_str()
    }

    fn amount(_: &Review) -> i64 {
        0
    }

    async fn load(conn: &impl ConnectionTrait, caller: &Caller, rows: &[&Review]) -> Result<Resolver> {
        let codes = rows.iter().map(|row| row.household_code.as_str());
        let matches = Matches::default().with_households(conn, caller, codes).await?;
        Resolver::load(conn, matches, rows.iter().filter_map(|row| row.unit_code.as_ref())).await
    }

    async fn store(work: &mut Work<'_>, found: Resolver, rows: &[Sent<Review>]) -> Result<Vec<Decision>> {
        let household = |row: &Sent<Review>| found.household(row.household_code.as_str(), row.unit_code.as_ref());
        let households: Vec<Result<KnownHousehold, Unstored>> = rows.iter().map(household).collect();
        let held = held(work, rows, &households).await?;
        let mut made: HashMap<(Uuid, i16), household_review::Model> = HashMap::new();
        let mut decisions = Vec::with_capacity(rows.len());
        for (row, household) in rows.iter().zip(households) {
            let household = match household {
                Ok(household) => household,
                Err(why) => {
                    decisions.push(why.into());
                    continue;
                }
            };
            let review = work.review(row, household);
            let key = (household.id, review.year);
            let findings = doubts(&review);
            if made.contains_key(&key) {
                let message =
                    Message::new(Code::AlreadyRecorded).with("what", format!("the review of {}", review.year));
                decisions.push(Decision::reject("year", message));
                continue;
            }
            let id = if let Some(before) = held.get(&key) {
                correct(work, *before, row.batch_id, review).await?
            } else {
                work.changed(row.batch_id, Self::SUBJECT, review.id, household.unit_id, Operation::Created);
                let id = review.id;
                made.insert(key, review);
                id
            };
            work.told.meant("Household", household.id);
            let about = ("Household", household.id);
            decisions.push(Decision::Accepted { id, unit_id: household.unit_id, about, row: (), findings });
        }
        work.insert(made.into_values().map(IntoActiveModel::into_active_model).collect())?;
        Ok(decisions)
    }
}

/// Reviews of the same households and years that are held already.
async fn held(
    work: &Work<'_>,
    rows: &[Sent<Review>],
    found: &[Result<KnownHousehold, Unstored>],
) -> Result<HashMap<(Uuid, i16), Uuid>> {
    let households = found.iter().filter_map(|household| household.as_ref().ok().map(|household| household.id));
    let years: std::collections::HashSet<i16> = rows.iter().map(|row| row.year.small()).collect();
    let reviews = household_review::Entity::find()
        .filter(among(work.txn, household_review::Column::HouseholdId, households))
        .filter(among(work.txn, household_review::Column::Year, years))
        .all(work.txn)
        .await?;
    Ok(reviews.into_iter().map(|review| ((review.household_id, review.year), review.id)).collect())
}

/// A later decision on the same year replaces the earlier one; the change event tells.
async fn correct(work: &mut Work<'_>, id: Uuid, batch_id: Uuid, review: household_review::Model) -> Result<Uuid> {
    work.changed(batch_id, ReviewRoll::SUBJECT, id, review.unit_id, Operation::Updated);
    let mut row = review.into_active_model().reset_all();
    row.id = Set(id);
    row.update(work.txn).await?;
    Ok(id)
}

impl Work<'_> {
    fn review(&self, row: &Sent<Review>, household: KnownHousehold) -> household_review::Model {
        let year = row.year.int();
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(NaiveDate::MAX);
        let standard = self.rules.standard(row.area, day(year, 12, 31), None);
        let scores = row.score_b1.zip(row.score_b2);
        household_review::Model {
            id: self.env.ids.next(),
            household_id: household.id,
            unit_id: household.unit_id,
            year: row.year.small(),
            area: row.area,
            score_b1: row.score_b1.map(Whole::small),
            score_b2: row.score_b2.map(Whole::small),
            deprivations: row.deprivations.iter().fold(0, |bits, indicator| bits | indicator.bit()),
            computed_class: standard.zip(scores).map(|(standard, (b1, b2))| classify(standard, b1.small(), b2.small())),
            decided_class: row.decided_class,
            decision_no: row.decision_no.as_ref().map(|no| no.0.clone()),
            decided_on: row.decided_on,
            valid_from: day(year + 1, 1, 1),
            valid_to: day(year + 1, 12, 31),
            batch_id: Some(row.batch_id),
            created_at: self.now,
        }
    }
}

/// The scores cannot tell the average living standard from not poor: both lie above the line.
fn doubts(review: &household_review::Model) -> Vec<Message> {
    let above = |class| matches!(class, PovertyClass::NotPoor | PovertyClass::AverageLivingStandard);
    let differs = review
        .computed_class
        .filter(|computed| *computed != review.decided_class && !(above(*computed) && above(review.decided_class)));
    let doubt = |computed| {
        Message::new(Code::ClassDiffers)
            .with("computed", class_name(computed))
            .with("decided", class_name(review.decided_class))
    };
    differs.map(doubt).into_iter().collect()
}
