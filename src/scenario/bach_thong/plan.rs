//! The figures of the report and the plan that says how they become records.

use chrono::NaiveDate;
use entity::codes::PovertyClass;
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    messages::{Code, Message},
};

const FIGURES: &str = include_str!("../../../data/scenarios/bach-thong/figures.csv");
const PLAN: &str = include_str!("../../../data/scenarios/bach-thong/plan.toml");

/// One figure of the report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Figure {
    /// Subject, as `loan`.
    pub programme: String,
    /// What was counted or summed.
    pub indicator: String,
    /// For whom.
    pub beneficiary_group: String,
    /// The figure as it is printed, without separators.
    pub value: String,
    /// Unit of the figure.
    pub value_unit: String,
    /// The sentence it was read from.
    pub quote_vi: String,
}

/// Names a figure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FigureRef {
    programme: String,
    indicator: String,
    group: String,
}

/// The figures of the report.
#[derive(Clone, Debug)]
pub struct Figures(Vec<Figure>);

impl Figures {
    /// Those shipped with the program.
    ///
    /// # Errors
    /// The shipped file is tested, so there is none in practice.
    pub fn shipped() -> Result<Self> {
        let rows: std::result::Result<Vec<Figure>, _> =
            csv::Reader::from_reader(FIGURES.as_bytes()).into_deserialize().collect();
        rows.map(Self).map_err(wrong)
    }

    /// A figure in whole base units: VND, kilograms, counts; percentage points in hundredths.
    ///
    /// # Errors
    /// A figure that is not there, or of a unit not known.
    pub fn value(&self, of: &FigureRef) -> Result<i64> {
        let found = self.0.iter().find(|figure| {
            (&figure.programme, &figure.indicator, &figure.beneficiary_group)
                == (&of.programme, &of.indicator, &of.group)
        });
        let figure = found.ok_or_else(|| wrong(format!("no figure {of:?}")))?;
        match figure.value_unit.as_str() {
            "million_VND" => whole(&figure.value).map(|millions| millions * 1_000_000),
            "percentage_points" => {
                let (points, hundredths) = figure.value.split_once('.').unwrap_or((&figure.value, "0"));
                Ok(whole(points)? * 100 + whole(&format!("{hundredths:0<2}"))?)
            }
            _ => whole(&figure.value),
        }
    }

    /// A figure as a count.
    ///
    /// # Errors
    /// As [`Figures::value`], and a count below 0.
    pub fn count(&self, of: &FigureRef) -> Result<usize> {
        usize::try_from(self.value(of)?).map_err(wrong)
    }

    /// Households of the district: the planned fall of the rate is so many households, so all of them are as many as
    /// that makes of a hundred points.
    ///
    /// # Errors
    /// Either figure missing.
    pub fn households(&self) -> Result<usize> {
        let target = |indicator: &str, group: &str| FigureRef {
            programme: "target".to_owned(),
            indicator: indicator.to_owned(),
            group: group.to_owned(),
        };
        let fallen = self.value(&target("planned_poor_households_reduction", "poor_households"))?;
        let hundredths = self.value(&target("planned_poverty_rate_reduction", "all_households"))?;
        if hundredths <= 0 {
            return Err(wrong("planned_poverty_rate_reduction is not above 0"));
        }
        usize::try_from((fallen * 10_000 + hundredths / 2) / hundredths).map_err(wrong)
    }
}

fn whole(text: &str) -> Result<i64> {
    text.parse().map_err(|error| wrong(format!("{text}: {error}")))
}

/// The scenario's files contradict themselves.
pub(super) fn wrong(reason: impl std::fmt::Display) -> Error {
    Error::invalid(Message::new(Code::BadUserInput).with("reason", reason))
}

/// What the report does not say.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// Code of the district.
    pub district: String,
    /// First day of the report's period.
    #[serde(deserialize_with = "day")]
    pub period_from: NaiveDate,
    /// Last day of it.
    #[serde(deserialize_with = "day")]
    pub period_to: NaiveDate,
    /// Days nobody pays out on.
    #[serde(deserialize_with = "days")]
    pub holidays: Vec<NaiveDate>,
    /// Seed of all draws.
    pub seed: u64,
    /// Province of birth in the personal IDs.
    pub birth_province: u8,
    /// Who lives there.
    pub population: PopulationPlan,
    /// Lines of loans.
    pub loans: Vec<LoanPlan>,
    /// Cards.
    pub cards: CardPlan,
    /// Lines of education.
    pub education: Vec<EducationPlan>,
    /// Electricity support.
    pub electricity: ElectricityPlan,
    /// Reviews.
    pub reviews: ReviewPlan,
}

/// Who lives in the district.
#[derive(Clone, Debug, Deserialize)]
pub struct PopulationPlan {
    /// Poor households.
    pub poor_households: usize,
    /// Near-poor households.
    pub near_poor_households: usize,
    /// Sizes of poor households, drawn from.
    pub poor_sizes: Vec<usize>,
    /// Sizes of near-poor households.
    pub near_poor_sizes: Vec<usize>,
    /// Sizes of the others.
    pub other_sizes: Vec<usize>,
    /// Codes of ethnicities, drawn from.
    pub ethnicities: Vec<String>,
    /// How many villages there are.
    pub villages: FigureRef,
    /// Names of villages.
    pub village_names: Vec<String>,
}

/// One line of loans.
#[derive(Clone, Debug, Deserialize)]
pub struct LoanPlan {
    /// Slug.
    pub programme: String,
    /// Turns.
    pub count: FigureRef,
    /// Sum.
    pub amount: FigureRef,
    /// Classes of the households that borrow.
    pub classes: Vec<PovertyClass>,
    /// Least amount of a turn, million VND.
    pub least: i64,
    /// Most.
    pub most: i64,
    /// Turns that are the second of their household.
    pub second_turns: usize,
    /// Stands in references and contract numbers.
    pub prefix: String,
    /// Terms in months, drawn from.
    pub terms: Vec<i64>,
    /// Purposes, drawn from.
    pub purposes: Vec<String>,
}

/// Health-insurance cards.
#[derive(Clone, Debug, Deserialize)]
pub struct CardPlan {
    /// All cards issued.
    pub all: FigureRef,
    /// Those of the poor: group HN.
    pub poor: FigureRef,
    /// Members of poor households without a card.
    pub poor_without: usize,
    /// Pupils of poor households with a second card.
    pub second_cards: usize,
}

/// One line of education.
#[derive(Clone, Debug, Deserialize)]
pub struct EducationPlan {
    /// Slug.
    pub programme: String,
    /// Turns, or pupils where each has one.
    pub count: FigureRef,
    /// Sum of money.
    pub amount: Option<FigureRef>,
    /// Sum of rice.
    pub rice: Option<FigureRef>,
    /// Ages in the calendar year in which the school year begins, from and to.
    pub ages: Vec<(i32, i32)>,
    /// Classes entitled; empty: any, the poorest first.
    #[serde(default)]
    pub classes: Vec<PovertyClass>,
    /// Whether pupils of the township are left out.
    #[serde(default)]
    pub rural: bool,
    /// Distinct pupils.
    pub pupils: usize,
    /// Semesters: each pupil has a turn in the first before any has one in the next.
    pub semesters: Vec<i64>,
    /// Rate a month where no rule gives it, VND.
    pub monthly_rate: Option<i64>,
    /// Legal basis where no rate gives it.
    pub legal_basis: Option<String>,
    /// The pupils are the first of another programme's.
    pub same_pupils_as: Option<String>,
    /// Least of a turn: half months of money, months of rice.
    pub least: i64,
    /// Most.
    pub most: i64,
    /// Stands in references.
    pub prefix: String,
}

/// Electricity support.
#[derive(Clone, Debug, Deserialize)]
pub struct ElectricityPlan {
    /// Turns: households times quarters.
    pub count: FigureRef,
    /// Sum.
    pub amount: FigureRef,
    /// Quarters paid.
    pub quarters: Vec<i64>,
    /// Social-policy households among them.
    pub social_policy_households: usize,
    /// Households without grid among them.
    pub off_grid_households: usize,
    /// Stands in references.
    pub prefix: String,
}

/// Reviews.
#[derive(Clone, Debug, Deserialize)]
pub struct ReviewPlan {
    /// Years, the last of which gives the class in the period.
    pub years: Vec<i32>,
    /// Of a thousand poor households, those whose decision contradicts the scores.
    pub contradicted: i64,
}

impl Plan {
    /// The plan shipped with the program.
    ///
    /// # Errors
    /// The shipped file is tested, so there is none in practice.
    pub fn shipped() -> Result<Self> {
        toml::from_str(PLAN).map_err(wrong)
    }
}

fn day<'de, D: serde::Deserializer<'de>>(value: D) -> Result<NaiveDate, D::Error> {
    toml::value::Datetime::deserialize(value)?.to_string().parse().map_err(serde::de::Error::custom)
}

fn days<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Vec<NaiveDate>, D::Error> {
    let days = Vec::<toml::value::Datetime>::deserialize(value)?;
    days.iter().map(|day| day.to_string().parse().map_err(serde::de::Error::custom)).collect()
}
