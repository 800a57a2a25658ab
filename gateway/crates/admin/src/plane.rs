//! The data plane, as far as the control plane needs it.

use std::future::Future;
use std::pin::Pin;

use portcullis_store::StoreError;

use crate::invoke::{AuthorizerInvoked, Invocation, MethodInvoked, NotInvoked};
use crate::web_acl::WebAcl;

/// What came of making a change live: nothing, or what is wrong with it, for people.
pub type Published = Result<(), Vec<String>>;

/// A test invocation under way.
pub type Invoking<'p, T> = Pin<Box<dyn Future<Output = Result<T, NotInvoked>> + Send + 'p>>;

/// What was committed and concerns what is live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A stage has another deployment or other settings, or is gone.
    Stage {
        /// The API's id.
        api: String,
        /// The stage's name.
        stage: String,
    },
    /// An API is gone, with all its stages.
    Api {
        /// The API's id.
        api: String,
    },
    /// What an API says of the TLS of its own names has changed, or is gone with it.
    ApiTls {
        /// The API's id.
        api: String,
    },
    /// API keys are new, changed, in other usage plans, or gone.
    ApiKeys {
        /// Their ids.
        ids: Vec<String>,
    },
    /// A usage plan is new, has other stages, or is gone.
    UsagePlan {
        /// Its id.
        id: String,
    },
    /// A custom domain name is new, leads elsewhere, or is gone.
    Domain {
        /// Its id in the store.
        id: String,
    },
    /// The cached responses of a stage are to be forgotten.
    FlushCache {
        /// The API's id.
        api: String,
        /// The stage's name.
        stage: String,
    },
    /// The cached decisions of a stage's authorizers are to be forgotten.
    FlushAuthorizers {
        /// The API's id.
        api: String,
        /// The stage's name.
        stage: String,
    },
}

/// The gateway that serves what the control plane keeps.
pub trait Plane: Send + Sync + 'static {
    /// Makes a committed change live on this node, and ends when it is.
    fn publish(&self, change: Change) -> Pin<Box<dyn Future<Output = Published> + Send + '_>>;

    /// What keeps a stage from being deployed; nothing where it can be. `api` is the definition that would be served.
    fn check(&self, api: portcullis_model::RestApi) -> Pin<Box<dyn Future<Output = Published> + Send + '_>>;

    /// Runs the one method of a definition that nothing serves.
    fn invoke_method(&self, invocation: Invocation) -> Invoking<'_, MethodInvoked>;

    /// Asks the one authorizer of such a definition.
    fn invoke_authorizer(&self, invocation: Invocation) -> Invoking<'_, AuthorizerInvoked>;

    /// Keeps in the store what was counted up to now of what API keys use of their plans, so that it can be read there.
    fn keep_usage(&self) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + '_>> {
        Box::pin(async { Ok(()) })
    }

    /// Leaves a key so many calls of its plan's quota for the rest of the period.
    fn grant(&self, _plan: &str, _key: &str, _remaining: u64) {}

    /// How much all requests together may be: rate and burst. Nothing where there is no such limit.
    fn account_throttle(&self) -> Option<(f64, u64)> {
        None
    }

    /// Whether the gateway's own configuration has a client certificate of this name.
    fn has_client_certificate(&self, _name: &str) -> bool {
        false
    }

    /// The web access control lists of the gateway's own configuration.
    fn web_acls(&self) -> Vec<WebAcl> {
        Vec::new()
    }

    /// Whether the gateway's own configuration has a private upstream of this name.
    fn has_private_upstream(&self, _name: &str) -> bool {
        false
    }

    /// Whether clients can be shown a certificate that came with a call, both as PEM; why not, for people.
    ///
    /// # Errors
    ///
    /// They cannot.
    fn check_certificate(&self, _certificate: &[u8], _key: &[u8]) -> Result<(), String> {
        Ok(())
    }

    /// What is odd about a trust store of the gateway's own configuration, for people; none: there is no such trust store.
    fn truststore(&self, _uri: &str) -> Option<Vec<String>> {
        None
    }
}
