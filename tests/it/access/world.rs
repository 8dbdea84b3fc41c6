//! Three households: one in the caller's district of which everything is recorded, one beside it of which nothing is,
//! and one like the first in another province.

use ansinh::access::Role;
use entity::{loan, person_identifier};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::harness::{
    Client, TestApp,
    people::{Household, Person},
};

/// District of the offices that ask.
pub const DISTRICT: &str = "063";

/// A household with a record of every kind, every field of it filled.
#[derive(Clone, Debug)]
pub struct Family {
    /// Key of the household.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its commune.
    pub commune: &'static str,
    /// The head, who borrows and holds a card.
    pub head: Person,
    /// Key of the head.
    pub head_id: String,
    /// The child, who is paid a subsidy.
    pub child: Person,
    /// Key of the disbursement.
    pub disbursement: String,
    /// Key of the loan.
    pub loan: String,
    /// Number of the loan contract.
    pub contract: String,
    /// Key of the card.
    pub card: String,
    /// Number of the card.
    pub card_no: String,
    /// Key of the visit of the head.
    pub visit: String,
    /// Key of the subsidy.
    pub subsidy: String,
    /// Key of the support.
    pub support: String,
    /// Key of the review.
    pub review: String,
    /// Number of the head's social insurance.
    pub insurance_no: String,
    /// The pushes, by who sent them.
    pub batches: Vec<(Role, String)>,
}

/// The households.
#[derive(Clone, Debug)]
pub struct World {
    /// Of whom everything is recorded.
    pub family: Family,
    /// Its neighbour, who neither borrows nor studies.
    pub neighbour: Household,
    /// Like the family, in another province.
    pub away: Family,
}

impl World {
    /// Records them.
    pub async fn of(app: &TestApp) -> Self {
        let family = family_of(app, "01969", DISTRICT, "near").await;
        let neighbour = app.household().poor(2022).create().await;
        let away = family_of(app, "00001", "001", "away").await;
        Self { family, neighbour, away }
    }
}

async fn family_of(app: &TestApp, commune: &'static str, district: &str, tag: &str) -> Family {
    let head = Person::new("Hoàng Văn Tú", "MALE", 1980, app.next_number());
    let child = Person::new("Hoàng Thị Mai", "FEMALE", 2010, app.next_number());
    let code = format!("H{:06}", app.next_number());
    let insurance_no = format!("79{:08}", app.next_number());
    let roll = json!({
        "reference": format!("roll {tag}"), "householdCode": code, "unitCode": commune, "registeredOn": "2020-01-01",
        "village": "Thôn Nà Hin", "address": "số 4", "residenceType": "RURAL",
        "members": [
            member(&head, "HEAD", "1980-04-30", Some(&insurance_no)), member(&child, "CHILD", "2010-09-02", None),
        ],
    });
    let review = json!({
        "reference": format!("review {tag}"), "householdCode": code, "unitCode": commune, "year": 2021, "area": "RURAL",
        "scoreB1": 120, "scoreB2": 30, "deprivations": ["toilet", "employment"], "decidedClass": "POOR",
        "decisionNo": "12/QĐ-UBND", "decidedOn": "2021-12-14",
    });
    let card_no = format!("HN206{}", &head.personal_id[2..]);
    let contract = format!("HD-{tag}");
    let payment = json!({
        "reference": format!("loan {tag}"), "contractNo": contract, "personalId": head.personal_id,
        "programme": "loan_poor", "amount": 50_000_000, "disbursedOn": "2022-03-15", "termMonths": 36,
        "annualRatePercent": 6.6, "groupCode": "TK-07", "purpose": "nuôi trâu",
    });
    let card = json!({
        "reference": format!("card {tag}"), "personalId": head.personal_id, "cardNo": card_no, "groupCode": "HN",
        "benefitLevel": 2, "validFrom": "2022-01-01", "validTo": "2022-12-31", "issuedOn": "2021-12-20",
        "facilityCode": "06023",
    });
    let visit = json!({
        "reference": format!("visit {tag}"), "personalId": head.personal_id, "visitedOn": "2022-05-10",
        "facilityCode": "06023", "inpatient": true, "cost": 500_000, "paidByInsurance": 400_000, "paidByFund": 70_000,
        "paidByPatient": 30_000, "cardNo": card_no,
    });
    let subsidy = json!({
        "reference": format!("subsidy {tag}"), "personalId": child.personal_id, "programme": "education_learning_cost",
        "schoolYear": "2021-2022", "semester": 1, "months": 4.5, "monthlyRate": 150_000, "amount": 675_000,
        "riceKg": 7.5, "legalBasis": "Nghị định 81/2021/NĐ-CP", "schoolCode": "06-063-01", "paidOn": "2022-01-15",
    });
    let support = json!({
        "reference": format!("power {tag}"), "householdCode": code, "unitCode": commune, "year": 2022, "quarter": 1,
        "kwh": 90, "amount": 165_000, "group": "POOR", "paidOn": "2022-03-31",
    });
    let office = app.client(Role::Labour, Some(district)).await;
    let mut batches = Vec::new();
    let mut push = async |client: Client, role, kind: &str, record: Value| {
        let answer = client.push_records(kind, &[record]).await.expect(200);
        assert_eq!(answer.outcomes(), ["ACCEPTED"], "{kind}: {}", answer.text);
        batches.push((role, answer.json["id"].as_str().unwrap().to_owned()));
        answer.rows()[0]["id"].as_str().unwrap().to_owned()
    };
    let id = push(office.clone(), Role::Labour, "households", roll).await;
    let review = push(office.clone(), Role::Labour, "household-reviews", review).await;
    let disbursement = push(app.bank(district).await, Role::PolicyBank, "loan-disbursements", payment).await;
    let card = push(app.health(district).await, Role::Health, "health-insurance-cards", card).await;
    let visit = push(app.health(district).await, Role::Health, "medical-visits", visit).await;
    let subsidy = push(app.education(district).await, Role::Education, "education-subsidies", subsidy).await;
    let support = push(office, Role::Labour, "electricity-supports", support).await;
    let loan = loan::Entity::find().filter(loan::Column::ContractNo.eq(&contract)).one(app.db().read()).await;
    let number = person_identifier::Column::Value.eq(&head.personal_id);
    let named = person_identifier::Entity::find().filter(number).one(app.db().read()).await;
    Family {
        head_id: named.unwrap().unwrap().person_id.to_string(),
        loan: loan.unwrap().unwrap().id.to_string(),
        id,
        code,
        commune,
        head,
        child,
        disbursement,
        contract,
        card,
        card_no,
        visit,
        subsidy,
        support,
        review,
        insurance_no,
        batches,
    }
}

fn member(person: &Person, relation: &str, born: &str, insurance_no: Option<&str>) -> Value {
    json!({
        "personalId": person.personal_id, "fullName": person.name, "birthDate": born, "sex": person.sex,
        "ethnicityCode": "02", "relation": relation, "insuranceNo": insurance_no,
    })
}

/// Asks GraphQL.
pub async fn ask(client: &Client, document: &str) -> Value {
    let answer = client.post("/graphql", &json!({ "query": document })).await;
    assert!(answer.json.is_object(), "{document}: {} {}", answer.status, answer.text);
    answer.json
}

/// Whether an answer of GraphQL is a refusal for want of a right.
pub fn is_forbidden(answer: &Value) -> bool {
    let errors = answer["errors"].as_array();
    errors.is_some_and(|errors| errors.iter().any(|error| error["extensions"]["code"] == "FORBIDDEN"))
}

/// The data of an answer of GraphQL that has no errors.
#[track_caller]
pub fn data(answer: &Value) -> &Value {
    assert!(answer["errors"].is_null(), "{answer}");
    &answer["data"]
}
