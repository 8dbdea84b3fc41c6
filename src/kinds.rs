//! The kinds of record the service exchanges. Every door goes through this list, so that a new kind is one module and one
//! line here (and one mutation in `graphql::push`, whose name is part of the schema).

use futures_util::future::BoxFuture;

use crate::{
    access::Caller,
    education::subsidy_push::SubsidyPush,
    electricity::support_push::SupportPush,
    env::Env,
    error::Result,
    exchange::{
        batches::BatchAnswer,
        pull::{Pull, PullKind, Pulled, Right, Told, pull},
        push::{Push, push},
        record::{Record, Shape},
    },
    insurance::card_push::CardPush,
    loans::disbursement_push::DisbursementPush,
    registry::{household_roll::HouseholdRoll, review_roll::ReviewRoll},
};

/// Every kind.
pub const ALL: [Kind; 6] = [
    Kind::of::<HouseholdRoll>(),
    Kind::of::<ReviewRoll>(),
    Kind::of::<DisbursementPush>(),
    Kind::of::<CardPush>(),
    Kind::of::<SubsidyPush>(),
    Kind::of::<SupportPush>(),
];

type PullFn = for<'a> fn(&'a Env, &'a Caller, Pull) -> BoxFuture<'a, Result<Pulled>>;
type PushFn = for<'a> fn(&'a Env, &'a Caller, &'a Push) -> BoxFuture<'a, Result<BatchAnswer>>;

/// One kind, as the doors need it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Name in paths.
    pub slug: &'static str,
    /// Type of the stored record.
    pub subject: &'static str,
    /// Name of the mutation.
    pub mutation: &'static str,
    /// Its shape on the wire.
    pub shape: &'static Shape,
    /// What a caller needs to see its list at all.
    pub rights: &'static [Right],
    /// What its list can be narrowed by.
    pub filter: &'static Shape,
    /// The fields that are told back.
    pub told: &'static [Told],
    push: PushFn,
    pull: PullFn,
}

impl Kind {
    const fn of<K: PullKind>() -> Self {
        Self {
            slug: K::SLUG,
            subject: K::SUBJECT,
            mutation: K::MUTATION,
            shape: &<K::Record as Record>::SHAPE,
            rights: K::RIGHTS,
            filter: &<K::Filter as Record>::SHAPE,
            told: K::FIELDS,
            push: |env, caller, body| Box::pin(push::<K>(env, caller, body)),
            pull: |env, caller, asked| Box::pin(pull::<K>(env, caller, asked)),
        }
    }

    /// The kind of a path.
    pub fn find(slug: &str) -> Option<Self> {
        ALL.into_iter().find(|kind| kind.slug == slug)
    }

    /// The path of this kind.
    pub fn path(&self) -> String {
        format!("/v1/{}", self.slug)
    }

    /// Receives a push of this kind.
    pub async fn push(&self, env: &Env, caller: &Caller, body: &Push) -> Result<BatchAnswer> {
        (self.push)(env, caller, body).await
    }

    /// Tells back a page of this kind.
    pub async fn pull(&self, env: &Env, caller: &Caller, asked: Pull) -> Result<Pulled> {
        (self.pull)(env, caller, asked).await
    }
}
