//! The world `authorizer`.

use wasmtime::{
    Store,
    component::{Instance, InstancePre},
};

use super::common::{Exports, text_size};
use crate::{
    CallError, Request,
    bindings::authorization as wit,
    instance::{self, GuestState},
    plugin::{Core, handle},
};

/// A plugin that decides who may call.
#[derive(Debug)]
pub struct Authorizer(Core<wit::Guest>);

handle!(Authorizer, wit::Guest);

/// What an authorizer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The caller may.
    Allow(Grant),
    /// The caller may not: 403.
    Deny(Grant),
    /// Nobody knows who calls: 401.
    Unauthorized,
}

/// Who calls, and what goes with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// `$context.authorizer.principalId`.
    pub principal_id: String,
    /// A flat JSON object for `$context.authorizer.*`; empty for none. What it says is not checked here.
    pub context_json: String,
    /// An IAM policy document; without it the decision stands for this verb and path.
    pub policy_json: Option<String>,
    /// The key for the usage plan, where it comes from the authorizer.
    pub usage_key: Option<String>,
    /// How long the decision may be kept; 0 is not at all, none is as the authorizer's settings say.
    pub ttl_seconds: Option<u32>,
}

impl Authorizer {
    /// Asks for a decision, within the plugin's limits.
    pub async fn authorize(
        &self,
        method_arn: &str,
        token: Option<&str>,
        request: &Request<'_>,
    ) -> Result<Decision, CallError> {
        let answer = self.0.pool.call(
            request.id,
            |mut instance| async move {
                let instance::Instance { store, exports, .. } = &mut *instance;
                let answer = exports
                    .call_authorize(store, method_arn, token, request.clone())
                    .await;
                (instance, answer)
            },
            size,
        );
        Ok(Decision::from(answer.await?))
    }
}

impl Exports for wit::Guest {
    type Indices = wit::GuestIndices;

    fn indices(pre: &InstancePre<GuestState>) -> wasmtime::Result<Self::Indices> {
        wit::GuestIndices::new(pre)
    }

    fn load(
        indices: &Self::Indices,
        store: &mut Store<GuestState>,
        instance: &Instance,
    ) -> wasmtime::Result<Self> {
        indices.load(store, instance)
    }
}

impl From<wit::Decision> for Decision {
    fn from(decision: wit::Decision) -> Self {
        match decision {
            wit::Decision::Allow(grant) => Self::Allow(grant.into()),
            wit::Decision::Deny(grant) => Self::Deny(grant.into()),
            wit::Decision::Unauthorized => Self::Unauthorized,
        }
    }
}

impl From<wit::Grant> for Grant {
    fn from(grant: wit::Grant) -> Self {
        Self {
            principal_id: grant.principal_id,
            context_json: grant.context_json,
            policy_json: grant.policy_json,
            usage_key: grant.usage_key,
            ttl_seconds: grant.ttl_seconds,
        }
    }
}

fn size(decision: &wit::Decision) -> usize {
    match decision {
        wit::Decision::Allow(grant) | wit::Decision::Deny(grant) => {
            grant.principal_id.len()
                + grant.context_json.len()
                + text_size(grant.policy_json.as_ref())
                + text_size(grant.usage_key.as_ref())
        }
        wit::Decision::Unauthorized => 0,
    }
}
