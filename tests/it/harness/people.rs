//! Invented households, registered through the same door as real ones.

use serde_json::{Value, json};

use super::{Client, TestApp};

/// A household to be.
#[must_use]
pub struct HouseholdBuilder<'a> {
    app: &'a TestApp,
    commune: String,
    classes: Vec<(i32, &'static str)>,
    members: Vec<Person>,
    registered_on: String,
    residence: &'static str,
}

/// A member of a household.
#[derive(Clone, Debug)]
pub struct Person {
    /// Personal ID.
    pub personal_id: String,
    /// Full name.
    pub name: String,
    /// MALE or FEMALE.
    pub sex: &'static str,
    /// Year of birth.
    pub born: i32,
}

/// A registered household.
#[derive(Clone, Debug)]
pub struct Household {
    /// Key.
    pub id: String,
    /// Code in its commune.
    pub code: String,
    /// Its commune.
    pub commune: String,
    /// Its members, the head first.
    pub members: Vec<Person>,
}

impl Household {
    /// The head.
    pub fn head(&self) -> &Person {
        &self.members[0]
    }
}

impl Person {
    /// An invented person with a number that fits.
    pub fn new(name: &str, sex: &'static str, born: i32, serial: u32) -> Self {
        let century = 2 * (born / 100 - 19) + i32::from(sex == "FEMALE");
        let personal_id = format!("006{century}{:02}{serial:06}", born % 100);
        Self { personal_id, name: name.to_owned(), sex, born }
    }
}

impl<'a> HouseholdBuilder<'a> {
    /// A household of one person in the township of Phủ Thông, in no class.
    pub fn new(app: &'a TestApp) -> Self {
        Self {
            app,
            commune: "01969".to_owned(),
            classes: Vec::new(),
            members: Vec::new(),
            registered_on: "2020-01-01".to_owned(),
            residence: "RURAL",
        }
    }

    /// Where it lives, by the codes of its day of registration.
    pub fn in_commune(mut self, code: &str) -> Self {
        code.clone_into(&mut self.commune);
        self
    }

    /// Poor in a year, by the review of the year before.
    pub fn poor(self, year: i32) -> Self {
        self.of_class(year, "POOR")
    }

    /// Near poor in a year.
    pub fn near_poor(self, year: i32) -> Self {
        self.of_class(year, "NEAR_POOR")
    }

    /// Not poor in a year, by a review.
    pub fn not_poor(self, year: i32) -> Self {
        self.of_class(year, "NOT_POOR")
    }

    fn of_class(mut self, year: i32, class: &'static str) -> Self {
        self.classes.push((year, class));
        self
    }

    /// One more member; the first is the head.
    pub fn member(mut self, name: &str, sex: &'static str, born: i32) -> Self {
        let serial = self.app.next_number();
        self.members.push(Person::new(name, sex, born, serial));
        self
    }

    /// Registers it, with its reviews, as the labour office does.
    pub async fn create(mut self) -> Household {
        if self.members.is_empty() {
            self = self.member("Hoàng Văn Tú", "MALE", 1980);
        }
        let code = format!("H{:06}", self.app.next_number());
        let office = self.app.labour().await;
        let id = self.register(&office, &code).await;
        self.review(&office, &code).await;
        Household { id, code, commune: self.commune, members: self.members }
    }

    async fn register(&self, office: &Client, code: &str) -> String {
        let member = |(place, person): (usize, &Person)| {
            json!({
                "personalId": person.personal_id, "fullName": person.name, "birthYear": person.born, "sex": person.sex,
                "relation": if place == 0 { "HEAD" } else { "CHILD" },
            })
        };
        let members: Vec<Value> = self.members.iter().enumerate().map(member).collect();
        let record = json!({
            "reference": format!("roll {code}"), "householdCode": code, "unitCode": self.commune,
            "registeredOn": self.registered_on, "residenceType": self.residence, "members": members,
        });
        let answer = office.push_records("households", &[record]).await;
        assert_eq!(answer.outcomes(), ["ACCEPTED"], "{}", answer.text);
        answer.rows()[0]["id"].as_str().unwrap().to_owned()
    }

    async fn review(&self, office: &Client, code: &str) {
        let review = |(year, class): &(i32, &str)| {
            json!({
                "reference": format!("review {code} {year}"), "householdCode": code, "unitCode": self.commune,
                "year": year - 1, "area": "RURAL", "decidedClass": class, "decidedOn": format!("{}-12-14", year - 1),
            })
        };
        let reviews: Vec<Value> = self.classes.iter().map(review).collect();
        if !reviews.is_empty() {
            let answer = office.push_records("household-reviews", &reviews).await;
            assert!(answer.outcomes().iter().all(|outcome| *outcome == "ACCEPTED"), "{}", answer.text);
        }
    }
}

/// A disbursement of 50 million under a contract of its own, within every rule for a poor household in March 2022.
pub fn disbursement(reference: &str, borrower: &Person) -> Value {
    json!({
        "reference": reference, "contractNo": format!("HD-{reference}"), "personalId": borrower.personal_id,
        "programme": "loan_poor", "amount": 50_000_000, "disbursedOn": "2022-03-15",
    })
}

/// A card of a poor household's member for 2022.
pub fn card(reference: &str, insured: &Person) -> Value {
    json!({
        "reference": reference, "personalId": insured.personal_id, "cardNo": format!("HN206{}", &insured.personal_id[2..]),
        "groupCode": "HN", "validFrom": "2022-01-01", "validTo": "2022-12-31",
    })
}

/// The same record with a field set; null takes it away.
pub fn with(mut record: Value, field: &str, value: impl Into<Value>) -> Value {
    record[field] = value.into();
    record
}
