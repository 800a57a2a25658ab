//! What is needed to say why a body is refused.

use std::sync::Arc;

use serde_json::Value;

use crate::{divisor::Divisors, link::Linked, pattern::Patterns};

/// One model among those it is linked with.
pub(crate) struct Explanation {
    name: String,
    linked: Arc<Linked>,
}

impl Explanation {
    pub(crate) fn new(name: &str, linked: Arc<Linked>) -> Self {
        Self {
            name: name.into(),
            linked,
        }
    }

    /// The model's name.
    pub(crate) fn root(&self) -> &str {
        &self.name
    }

    /// The model's schema.
    pub(crate) fn schema(&self) -> Option<&Value> {
        self.linked.schema(&self.name)
    }

    /// What a `$ref` in a schema names.
    pub(crate) fn target(&self, reference: &str) -> Option<&Value> {
        self.linked.target(reference)
    }

    pub(crate) fn divisors(&self) -> &Divisors {
        self.linked.divisors()
    }

    pub(crate) fn patterns(&self) -> &Patterns {
        self.linked.patterns()
    }
}
