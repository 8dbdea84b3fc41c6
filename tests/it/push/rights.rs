//! Who may push what: the access table says it, every kind obeys.

use ansinh::{
    access::{Grant, Role, Scope, policy},
    kinds,
};
use entity::{audit_entry, batch, codes::AuditOutcome};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::harness::{TestApp, both, people::disbursement};

both! {
    async fn the_access_table_decides_who_pushes_which_kind(app: TestApp) {
        for role in Role::ALL {
            let client = app.client(role, Some("063")).await;
            for kind in kinds::ALL {
                let granted = policy::table().grant(role, "Mutation", kind.mutation) != Grant::None;

                let answer = client.push(kind.slug, &json!({ "records": [{ "reference": "A" }] })).await;

                let expected = if granted { 200 } else { 403 };
                assert_eq!(answer.status, expected, "{role} {}: {}", kind.slug, answer.text);
            }
        }
    }

    async fn every_kind_is_pushed_by_somebody_and_none_by_everybody(app: TestApp) {
        let _ = app;
        for kind in kinds::ALL {
            let may = Role::ALL.map(|role| policy::table().grant(role, "Mutation", kind.mutation) != Grant::None);
            assert!(may.contains(&true) && may.contains(&false), "{}", kind.slug);
        }
        for role in [Role::Leadership, Role::Auditor, Role::Administrator] {
            assert!(kinds::ALL.iter().all(|kind| policy::table().grant(role, "Mutation", kind.mutation) == Grant::None));
        }
    }

    async fn a_refusal_is_told_without_detail_and_kept_in_the_log(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;

        let answer = health.push_records("loan-disbursements", &[disbursement("A", household.head())]).await.expect(403);

        assert_eq!(answer.json["code"], "FORBIDDEN");
        assert!(!answer.text.contains(&household.head().personal_id));
        let refused = audit_entry::Entity::find()
            .filter(audit_entry::Column::Outcome.eq(AuditOutcome::Refused))
            .filter(audit_entry::Column::ClientId.eq(health.name))
            .all(app.db().read())
            .await
            .unwrap();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].action, "POST /v1/loan-disbursements");
        assert_eq!(refused[0].request_id, answer.header("x-request-id"));
    }

    async fn a_token_for_reading_does_not_push(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let reader = app.register("reader", Role::PolicyBank, Some("063"), &[Scope::Read]).await.signed_in().await;

        let row = disbursement("A", household.head());
        reader.push_records("loan-disbursements", &[row]).await.expect(403);

        let pushed = batch::Entity::find().filter(batch::Column::Kind.eq("loan-disbursements"));
        assert!(pushed.one(app.db().read()).await.unwrap().is_none());
    }

    async fn an_unknown_kind_is_no_path(app: TestApp) {
        let bank = app.bank("063").await;

        for kind in ["loans", "LOAN-DISBURSEMENTS", "loan-disbursements/", "..%2fadmin"] {
            let answer = bank.push(kind, &json!({ "records": [] })).await;
            assert_eq!(answer.status, 404, "{kind}: {}", answer.text);
            assert_eq!(answer.json["code"], "NOT_FOUND", "{kind}");
        }
    }

    async fn nobody_pushes_without_a_token(app: TestApp) {
        for kind in kinds::ALL {
            let answer = app.stranger().push(kind.slug, &json!({ "records": [] })).await.expect(401);
            assert_eq!(answer.json["code"], "UNAUTHENTICATED");
            assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="ansinh""#);
        }
    }
}
