//! Private domain names: for whoever comes by an endpoint that is associated with them
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-custom-domains.html>).

use std::sync::Arc;

use crate::plan::ResourcePolicy;

/// Who comes by a private domain name.
#[derive(Debug)]
pub struct Private {
    /// The endpoints that are associated with it.
    pub vpces: Vec<Arc<str>>,
    /// What its policy says.
    pub admits: Admits,
    /// What its policy is about, without what is below it: `arn:aws:execute-api:{region}:{account}:/domainnames/{name}+{id}`.
    pub arn: Box<str>,
}

/// Who of those is let in.
#[derive(Debug)]
#[allow(missing_docs, reason = "as said")]
pub enum Admits {
    Everybody,
    Nobody,
    Policy(Box<ResourcePolicy>),
}

impl Private {
    /// Whether an endpoint is associated with it.
    pub fn lets(&self, vpce: &str) -> bool {
        self.vpces.iter().any(|known| **known == *vpce)
    }
}
