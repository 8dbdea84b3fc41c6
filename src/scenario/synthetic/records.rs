//! The records of synthetic data, each from its index.

use chrono::{Datelike, NaiveDate};
use entity::codes::{Measure, PovertyClass};

use super::{Synthetic, first_person, household_code, household_of, household_of_loan, loan_reference};
use crate::{
    domain::school_year::SchoolYear,
    exchange::raw::{Cell, RawRecord},
    scenario::{
        draw::Draw,
        people::{self, Member},
        record::Fields,
        sheet::{self, Review, area_name},
    },
};

const MILLION: i64 = 1_000_000;

impl Synthetic {
    /// A household with its members.
    pub(super) fn household(&self, household: u64) -> RawRecord {
        let commune = self.commune(household);
        let village = Draw::new(self.seed, "village", household).between(1, 12);
        let member = |(place, member): (usize, &Member)| {
            let person = first_person(household) + place as u64;
            let (id, insurance) = (self.id_of(person, member), Self::insurance_no(person));
            people::member_cell(member, id, insurance, self.ethnicity(household))
        };
        Fields::new()
            .text("reference", format!("SHO-{household:09}"))
            .text("householdCode", household_code(household))
            .text("unitCode", commune.code.as_str())
            .text("registeredOn", self.on.to_string())
            .text("village", format!("Thôn {village}"))
            .text("residenceType", area_name(commune.area))
            .cell("members", Cell::List(self.family(household).iter().enumerate().map(member).collect()))
            .build()
    }

    /// The review of a household in a year.
    pub(super) fn review(&self, household: u64, year: i32) -> RawRecord {
        let class = self.class(household, year);
        let area = self.area(household);
        let index = household.wrapping_mul(10_000) + u64::from(year.unsigned_abs());
        let standards = sheet::standards(&self.rules, area, year);
        let filled = sheet::fill(&standards, class, &mut Draw::new(self.seed, "sheet", index));
        let review = Review {
            reference: format!("SRS{year}-{household:09}"),
            household: household_code(household),
            year,
            area,
            class,
            decision_no: format!("{}/QĐ-UBND", 100 + household % 400),
        };
        sheet::record(review, filled)
    }

    /// A loan of a household: the first by its class in the year of the payment, the second for clean water.
    pub(super) fn loan(&self, loan: u64) -> RawRecord {
        let (household, which) = household_of_loan(loan);
        let mut draw = Draw::new(self.seed, "loan", loan);
        let on = self.day(&mut draw);
        let (programme, most) = match (which, self.class(household, on.year() - 1)) {
            (0, PovertyClass::Poor) => ("loan_poor", 18),
            (0, PovertyClass::NearPoor) => ("loan_near_poor", 20),
            (0, _) => ("loan_job_creation", 20),
            _ => ("loan_clean_water", 4),
        };
        let rate = self.rules.rate(programme, Measure::AnnualRate, on).map(|rate| rate.value);
        let family = self.family(household);
        let place = usize::from(family.len() > 1 && family[1].age(on) >= 18 && draw.percent(40));
        let person = first_person(household) + place as u64;
        let commune = self.commune(household).code.as_str();
        Fields::new()
            .text("reference", loan_reference(loan))
            .text("contractNo", format!("SHD-{loan:09}"))
            .text("personalId", self.id_of(person, &family[place]))
            .text("householdCode", household_code(household))
            .text("programme", programme)
            .int("amount", draw.between(2, most) * 5 * MILLION)
            .day("disbursedOn", on)
            .int("termMonths", draw.between(2, 5) * 12)
            .maybe(rate, |fields, rate| fields.hundredths("annualRatePercent", rate))
            .text("groupCode", format!("TK-{commune}-{:02}", draw.between(1, 20)))
            .text("unitCode", commune)
            .text("fullName", family[place].name.as_str())
            .int("birthYear", i64::from(family[place].birth_year()))
            .build()
    }

    /// The cards of the members: a current one for nine of ten, an expired one for one of twenty, two for one of a
    /// hundred.
    pub(super) fn cards_of(&self, household: u64) -> Vec<RawRecord> {
        let class = self.class(household, self.on.year() - 1);
        let mut cards = Vec::new();
        for (place, member) in self.family(household).iter().enumerate() {
            let person = first_person(household) + place as u64;
            let (group, level) = group(class, member.age(self.on));
            if person % 10 != 7 {
                cards.push(self.card(person, member, (group, level), self.on.year()));
            }
            if person % 20 == 3 {
                cards.push(self.card(person, member, (group, level), self.on.year() - 1));
            }
            if person % 100 == 11 {
                cards.push(self.card(person, member, ("DT", 2), self.on.year()));
            }
        }
        cards
    }

    fn card(&self, person: u64, member: &Member, (group, level): (&str, i64), year: i32) -> RawRecord {
        let id = self.id_of(person, member);
        let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(self.on);
        Fields::new()
            .text("reference", format!("SBH{year}-{group}-{person:09}"))
            .text("cardNo", format!("{group}{level}{}{}", &id[1..3], Self::insurance_no(person)))
            .text("personalId", id)
            .text("groupCode", group)
            .int("benefitLevel", level)
            .day("validFrom", day(1, 1))
            .day("validTo", day(12, 31))
            .day("issuedOn", day(1, 4 + u32::try_from(person % 20).unwrap_or_default()))
            .text(
                "facilityCode",
                format!("{}{:03}", &self.commune(household_of(person).0).code[..2], person % 900 + 100),
            )
            .build()
    }

    /// What the pupils of a poor or near-poor household received in the last second semester.
    pub(super) fn subsidies(&self, household: u64) -> Vec<RawRecord> {
        let class = self.class(household, self.on.year() - 1);
        if class == PovertyClass::NotPoor {
            return Vec::new();
        }
        let first = self.on.year() - if self.on.month() < 6 { 2 } else { 1 };
        let school_year = format!("{first}-{}", first + 1);
        let family = self.family(household);
        let pupils = family.iter().enumerate().filter_map(|(place, member)| {
            let programme = match first - member.birth_year() {
                3..=5 => "preschool_lunch",
                6..=17 => "education_learning_cost",
                _ => return None,
            };
            let person = first_person(household) + place as u64;
            let on = SchoolYear::parse(&school_year).ok()?.reference_day(Some(2))?;
            let (rate, basis) = self.rules.monthly_rate(programme, on)?;
            let record = Fields::new()
                .text("reference", format!("SGD-{person:09}"))
                .text("personalId", self.id_of(person, member))
                .text("programme", programme)
                .text("schoolYear", school_year.as_str())
                .int("semester", 2)
                .int("months", 4)
                .int("monthlyRate", rate)
                .int("amount", 4 * rate)
                .text("legalBasis", basis.legal_basis.as_str())
                .text("schoolCode", format!("TR-{}", self.commune(household).code))
                .day("paidOn", NaiveDate::from_ymd_opt(first + 1, 5, 20)?);
            Some(record.build())
        });
        pupils.collect()
    }

    /// Electricity support of a poor household for the last two quarters that have ended.
    pub(super) fn electricity(&self, household: u64) -> Vec<RawRecord> {
        if self.class(household, self.on.year() - 1) != PovertyClass::Poor {
            return Vec::new();
        }
        let ended = i64::from(self.on.year()) * 4 + i64::from(self.on.month0() / 3) - 1;
        let support = |quarter: i64| {
            let (year, of_year) = (i32::try_from(quarter / 4).ok()?, quarter % 4 + 1);
            let month = u32::try_from(of_year * 3).ok()?;
            let on = NaiveDate::from_ymd_opt(year, month, 20)?;
            let record = Fields::new()
                .text("reference", format!("STD{year}Q{of_year}-{household:09}"))
                .text("householdCode", household_code(household))
                .int("year", i64::from(year))
                .int("quarter", of_year)
                .maybe(self.rules.rate("electricity", Measure::QuarterlyKwh, on), |of, rate| of.int("kwh", rate.value))
                .int("amount", self.rules.rate("electricity", Measure::QuarterlyAmount, on)?.value)
                .text("group", "POOR")
                .day("paidOn", on);
            Some(record.build())
        };
        [ended - 1, ended].into_iter().filter_map(support).collect()
    }
}

fn group(class: PovertyClass, age: i32) -> (&'static str, i64) {
    match (class, age) {
        (_, ..=5) => ("TE", 1),
        (PovertyClass::Poor, _) => ("HN", 2),
        (PovertyClass::NearPoor, _) => ("CN", 3),
        (_, 6..=17) => ("HS", 4),
        _ => ("GD", 4),
    }
}
