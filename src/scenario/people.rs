//! Invented families: who lives in a household, with names, births and numbers that agree with each other.

use chrono::{Datelike, Days, NaiveDate};
use entity::codes::{FamilyRelation, Sex};

use super::{draw::Draw, names::Names, record::Fields};
use crate::exchange::raw::{Cell, RawRecord};

/// One member of a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Relation to the head, who comes first.
    pub relation: FamilyRelation,
    /// Sex.
    pub sex: Sex,
    /// Date of birth.
    pub birth_date: NaiveDate,
    /// Whether the register knows the day; of some old people it knows the year alone.
    pub day_known: bool,
    /// Full name.
    pub name: String,
}

impl Member {
    /// Full years on a day.
    pub fn age(&self, on: NaiveDate) -> i32 {
        on.years_since(self.birth_date).and_then(|years| i32::try_from(years).ok()).unwrap_or_default()
    }

    /// Year of birth.
    pub fn birth_year(&self) -> i32 {
        self.birth_date.year()
    }
}

/// A family of that size as it is on a day.
pub fn family(names: &Names, ethnicity: &str, size: usize, on: NaiveDate, draw: &mut Draw) -> Vec<Member> {
    let head_age = if size == 1 { draw.between(45, 82) } else { draw.between(26, 72) };
    let head_sex = if draw.percent(78) { Sex::Male } else { Sex::Female };
    let family = names.family(ethnicity, draw).to_owned();
    let mut members = vec![member(names, ethnicity, &family, FamilyRelation::Head, head_sex, head_age, on, draw)];
    if size > 1 && draw.percent(90) {
        let own = names.family(ethnicity, draw).to_owned();
        let age = (head_age + draw.between(-6, 3)).max(20);
        members.push(member(names, ethnicity, &own, FamilyRelation::Spouse, other(head_sex), age, on, draw));
    }
    while members.len() < size {
        let (relation, age) = further(head_age, draw);
        let sex = if draw.percent(51) { Sex::Male } else { Sex::Female };
        members.push(member(names, ethnicity, &family, relation, sex, age, on, draw));
    }
    members
}

/// Who else lives there: with a young head children and at times a parent, with an old one also grandchildren.
fn further(head_age: i64, draw: &mut Draw) -> (FamilyRelation, i64) {
    if head_age >= 52 {
        return match draw.between(0, 9) {
            0..=3 => (FamilyRelation::Child, draw.between(18, head_age - 22)),
            4..=8 => (FamilyRelation::Grandchild, draw.between(0, 17)),
            _ => (FamilyRelation::Parent, head_age + draw.between(18, 26)),
        };
    }
    if head_age >= 34 && draw.percent(15) {
        return (FamilyRelation::Parent, head_age + draw.between(20, 32));
    }
    (FamilyRelation::Child, draw.between(0, (head_age - 20).clamp(1, 22)))
}

#[expect(clippy::too_many_arguments, reason = "one caller, and each says what it is")]
fn member(
    names: &Names,
    ethnicity: &str,
    family: &str,
    relation: FamilyRelation,
    sex: Sex,
    age: i64,
    on: NaiveDate,
    draw: &mut Draw,
) -> Member {
    let days = u64::try_from(age * 36_525 / 100 + draw.between(1, 364)).unwrap_or_default();
    Member {
        relation,
        sex,
        birth_date: on.checked_sub_days(Days::new(days)).unwrap_or(on),
        day_known: age < 60 || draw.percent(70),
        name: names.full(ethnicity, family, sex, draw),
    }
}

fn other(sex: Sex) -> Sex {
    match sex {
        Sex::Male => Sex::Female,
        Sex::Female => Sex::Male,
    }
}

/// The personal ID of a person: province of birth, century with sex, year, six digits of a number below a million
/// (Circular 07/2016/TT-BCA).
pub fn personal_id(province: u8, sex: Sex, birth_year: i32, number: u64) -> String {
    let century = (birth_year - 1900).div_euclid(100) * 2;
    let digit = if sex == Sex::Male { century } else { century + 1 };
    format!("{province:03}{digit}{:02}{:06}", birth_year.rem_euclid(100), number % 1_000_000)
}

/// A member as the wire has it.
pub fn member_cell(member: &Member, personal_id: String, insurance_no: String, ethnicity: &str) -> Cell {
    let fields = Fields::new().text("personalId", personal_id).text("fullName", member.name.as_str());
    let fields = if member.day_known {
        fields.day("birthDate", member.birth_date)
    } else {
        fields.int("birthYear", i64::from(member.birth_year()))
    };
    let record: RawRecord = fields
        .text("sex", sex_name(member.sex))
        .text("ethnicityCode", ethnicity)
        .text("relation", relation_name(member.relation))
        .text("insuranceNo", insurance_no)
        .build();
    Cell::Record(record)
}

fn sex_name(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "MALE",
        Sex::Female => "FEMALE",
    }
}

fn relation_name(relation: FamilyRelation) -> &'static str {
    match relation {
        FamilyRelation::Head => "HEAD",
        FamilyRelation::Spouse => "SPOUSE",
        FamilyRelation::Child => "CHILD",
        FamilyRelation::Parent => "PARENT",
        FamilyRelation::Grandchild => "GRANDCHILD",
        FamilyRelation::Grandparent => "GRANDPARENT",
        FamilyRelation::Sibling => "SIBLING",
        FamilyRelation::Other => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::personal_id::PersonalId;

    #[test]
    fn numbers_agree_with_sex_and_birth() {
        for (sex, year) in [(Sex::Female, 1956), (Sex::Male, 2021), (Sex::Female, 2000), (Sex::Male, 1999)] {
            let id = PersonalId::parse(&personal_id(6, sex, year, 123)).unwrap();
            assert_eq!(id.sex_and_birth_year(), (sex, i16::try_from(year).unwrap()));
        }
    }

    #[test]
    fn a_family_has_one_head_and_plausible_ages() {
        let names = Names::shipped().unwrap();
        let on = NaiveDate::from_ymd_opt(2022, 1, 1).unwrap();
        for index in 0..2_000 {
            let mut draw = Draw::new(5, "family", index);
            let size = 1 + usize::try_from(index % 7).unwrap();
            let members = family(&names, "02", size, on, &mut draw);

            assert_eq!(members.len(), size);
            assert_eq!(members[0].relation, FamilyRelation::Head);
            assert!(members[0].age(on) >= 25);
            assert!(members[1..].iter().all(|member| member.relation != FamilyRelation::Head));
            assert!(members.iter().all(|member| (0..=110).contains(&member.age(on)) && member.birth_date <= on));
        }
    }
}
