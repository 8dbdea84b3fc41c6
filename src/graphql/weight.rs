//! The weight of a query, as its fields state it. The library adds it up while it validates, and has a limit of its own, which
//! tells neither what was allowed nor what was found.

use std::sync::Arc;

use async_graphql::{
    ServerError, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};

use super::document::too_complex;

/// The most that a query may weigh.
#[derive(Clone, Copy, Debug)]
pub struct WeightLimit(pub usize);

impl ExtensionFactory for WeightLimit {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(*self)
    }
}

#[async_trait::async_trait]
impl Extension for WeightLimit {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let validated = next.run(ctx).await?;
        if validated.complexity > self.0 {
            let error = too_complex("weight", validated.complexity as u64, self.0 as u64);
            return Err(vec![ServerError { source: Some(Arc::new(error)), ..ServerError::new("too complex", None) }]);
        }
        Ok(validated)
    }
}
