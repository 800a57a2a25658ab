//! Test invocations, between the control plane and the data plane: what is run, and what came of it.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use portcullis_model::{IdentitySource, RestApi};
use serde_json::{Map, Value};

/// A call that comes from no client, of a part of an API as it is edited now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The API with the one method that is run, or with the one authorizer that is asked.
    pub api: RestApi,
    /// Where the method's authorizer would find who calls, though it is not asked: logs blank it.
    pub secrets: Vec<IdentitySource>,
    /// The verb, which a method `ANY` does not say.
    pub verb: String,
    /// The path below the stage, with its query.
    pub target: String,
    /// In order, repeats kept.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// Stage variables.
    pub variables: BTreeMap<String, String>,
    /// What `https` backends are shown.
    pub client_certificate: Option<String>,
    /// `$context` variables beside those of every request.
    pub context: BTreeMap<String, String>,
}

/// What a method answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodInvoked {
    /// The status.
    pub status: u16,
    /// In order, repeats kept.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// How it came to be.
    pub told: Told,
}

/// What an authorizer answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizerInvoked {
    /// What the client is told instead of an answer; nothing where it may call.
    pub refused: Option<u16>,
    /// Who calls.
    pub principal: Option<String>,
    /// The authorizer's policy, where it gave one.
    pub policy: Option<String>,
    /// What it says of who calls: texts, numbers and booleans; of a token, an object `claims` of texts.
    pub context: Map<String, Value>,
    /// How it came to be.
    pub told: Told,
}

/// How an invocation went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The execution log, in the service's format.
    pub log: String,
    /// From the request to the last byte of the response.
    pub latency: Duration,
    /// What each station did, in order.
    pub stations: Vec<Station>,
}

/// What one station of the request path did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// Its name.
    pub name: &'static str,
    /// How long it took.
    pub took: Duration,
    /// Its lines of the execution log.
    pub lines: Vec<String>,
    /// What its mapping templates rendered to.
    pub rendered: Vec<String>,
}

/// Why nothing was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotInvoked {
    /// What was asked for cannot be; for people.
    Request(String),
    /// The data plane cannot do it now; for people.
    Plane(String),
}
