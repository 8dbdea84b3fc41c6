//! What a resolver finds in its context.

use async_graphql::Context;

use crate::{access::Caller, env::Env, messages::Lang};

/// Who asks, and where to look. The gate puts both into every request it admits.
pub trait Asking {
    /// The client and its request.
    fn caller(&self) -> &Caller;
    /// Database, time, keys.
    fn env(&self) -> &Env;
    /// Language of the answer.
    fn lang(&self) -> Lang;
}

impl Asking for Context<'_> {
    fn caller(&self) -> &Caller {
        self.data_unchecked()
    }

    fn env(&self) -> &Env {
        self.data_unchecked()
    }

    fn lang(&self) -> Lang {
        self.data_opt().copied().unwrap_or_default()
    }
}
