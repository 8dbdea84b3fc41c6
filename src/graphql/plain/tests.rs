use async_graphql::{
    ObjectType,
    parser::{
        parse_schema,
        types::{FieldDefinition, ServiceDocument, TypeKind, TypeSystemDefinition},
    },
};

use super::*;
use crate::graphql::{
    queries::loans::ProgrammeSummary,
    schema,
    types::{batches, education, electricity, findings, households, insurance, loans, persons, reviews, units},
};

/// The fields of a type in the printed schema.
fn fields<'a>(document: &'a ServiceDocument, of: &str) -> Vec<&'a FieldDefinition> {
    let types = document.definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(one) if one.node.name.node == of => Some(&one.node.kind),
        _ => None,
    });
    let object = types.filter_map(|kind| if let TypeKind::Object(object) = kind { Some(object) } else { None });
    object.flat_map(|object| &object.fields).map(|field| &field.node).collect()
}

fn are_fields<T: Plain + ObjectType>(document: &ServiceDocument) {
    let (of, fields) = (T::type_name(), fields(document, &T::type_name()));
    for resolver in T::PLAIN {
        let answered: Vec<_> = fields.iter().filter(|field| is_called(resolver, &field.name.node)).collect();
        assert_eq!(answered.len(), 1, "{of}: {resolver} answers one field");
        assert!(answered[0].arguments.is_empty(), "{of}: {resolver} takes no argument");
    }
}

#[test]
fn what_is_listed_are_fields_without_arguments() {
    let document = parse_schema(schema::sdl()).unwrap();

    are_fields::<ProgrammeSummary>(&document);
    are_fields::<batches::RecordResult>(&document);
    are_fields::<batches::UnmatchedRecord>(&document);
    are_fields::<education::EducationSubsidy>(&document);
    are_fields::<electricity::ElectricitySupport>(&document);
    are_fields::<findings::Finding>(&document);
    are_fields::<households::Household>(&document);
    are_fields::<households::HouseholdMember>(&document);
    are_fields::<insurance::CoverageSummaryLine>(&document);
    are_fields::<insurance::HealthInsuranceCard>(&document);
    are_fields::<insurance::InsuranceCoverageResult>(&document);
    are_fields::<insurance::MedicalVisit>(&document);
    are_fields::<loans::Loan>(&document);
    are_fields::<loans::LoanDisbursement>(&document);
    are_fields::<persons::Person>(&document);
    are_fields::<reviews::HouseholdReview>(&document);
    are_fields::<units::AdministrativeUnit>(&document);
}

#[test]
fn resolvers_are_found_by_the_names_of_their_fields() {
    assert!(is_called("code", "code"));
    assert!(is_called("birth_year", "birthYear"));
    assert!(is_called("score_b1", "scoreB1"));
    assert!(!is_called("birth_year", "birthYears"));
    assert!(!is_called("birth_year", "birth"));
    assert!(!is_called("birth_year", "birth_year"));
}

#[test]
fn values_are_written_as_the_library_writes_them() {
    fn shown(value: &impl Shows) -> String {
        let mut json = Vec::new();
        value.write(&mut json);
        String::from_utf8(json).unwrap()
    }
    let day = |text: &str| Date(text.parse().unwrap());

    assert_eq!(shown(&day("2026-01-09")), "\"2026-01-09\"");
    assert_eq!(shown(&day("0019-11-30")), "\"0019-11-30\"");
    assert_eq!(shown(&day("+12026-01-09")), "\"+12026-01-09\"");
    assert_eq!(shown(&Some("Bản \"Mới\"")), "\"Bản \\\"Mới\\\"\"");
    assert_eq!(shown(&None::<bool>), "null");
    assert_eq!(shown(&Vnd(9_007_199_254_740_993)), "9007199254740993");
    assert_eq!(shown(&codes::PovertyClass::NearPoor), "\"NEAR_POOR\"");
    assert_eq!(shown(&ID::from("7")), "\"7\"");
    assert_eq!(shown(&0.5), "0.5");
    assert_eq!(shown(&DateTime::<Utc>::UNIX_EPOCH), "\"1970-01-01T00:00:00+00:00\"");
}
