//! An issuer: an origin that has a discovery document and a key set, and signs.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use parking_lot::Mutex;
use portcullis::clock::ManualClock;
use portcullis::node::Options;
use portcullis_testkit::{Files, Origin, Recorded, Running};
use portcullis_tests::gateways::{ECHO, guests};

use super::sign::{self, Signer};
use super::{Algorithm, NOW};

/// An issuer with keys that can be exchanged.
pub struct Issuer {
    pub origin: Origin,
    pub signer: Signer,
    state: Arc<Mutex<State>>,
}

struct State {
    key_set: String,
    /// What it answers instead of 200.
    status: u16,
    cache_control: Option<&'static str>,
    /// What its discovery document says, where that is not itself.
    issuer: Option<String>,
    jwks_uri: Option<String>,
}

impl Issuer {
    pub async fn new() -> Self {
        let signer = Signer::new(Algorithm::ES256, "one");
        let state = Arc::new(Mutex::new(State {
            key_set: sign::set(&[&signer]),
            status: 200,
            cache_control: None,
            issuer: None,
            jwks_uri: None,
        }));
        let answers = state.clone();
        let origin = Origin::start(move |request| answer(&answers.lock(), request)).await;
        Self {
            origin,
            signer,
            state,
        }
    }

    /// Its name.
    pub fn url(&self) -> String {
        format!("http://{}/realm", self.origin.authority())
    }

    /// Other keys are published.
    pub fn publish(&self, keys: &[&Signer]) {
        self.state.lock().key_set = sign::set(keys);
    }

    pub fn publish_text(&self, text: &str) {
        self.state.lock().key_set = text.to_owned();
    }

    pub fn answer(&self, status: u16) {
        self.state.lock().status = status;
    }

    pub fn cache(&self, value: &'static str) {
        self.state.lock().cache_control = Some(value);
    }

    /// What the discovery document says.
    pub fn discovery(&self, issuer: Option<&str>, jwks_uri: Option<&str>) {
        let mut state = self.state.lock();
        state.issuer = issuer.map(str::to_owned);
        state.jwks_uri = jwks_uri.map(str::to_owned);
    }

    /// How often it was asked, for anything.
    pub fn asked(&self) -> usize {
        self.origin.recorded().len()
    }

    /// Claims of a good token, with more.
    pub fn claims(&self, more: &str) -> String {
        let (issuer, exp) = (self.url(), NOW + 3_600);
        format!(r#"{{"iss":"{issuer}","aud":"shop","sub":"alice","exp":{exp},"iat":{NOW}{more}}}"#)
    }

    /// A good token.
    pub fn token(&self) -> String {
        self.token_with("")
    }

    pub fn token_with(&self, more: &str) -> String {
        self.signer.token(&self.claims(more))
    }

    /// `gateway.toml` with an authorizer `people` of this issuer's tokens, for `/open`, `/read` and `/write`.
    pub fn toml(&self) -> String {
        toml(&format!(
            r#"type = "jwt"
            algorithms = ["ES256"]
            issuers = [{{ issuer = "{}", audiences = ["shop"] }}]"#,
            self.url()
        ))
    }
}

/// `gateway.toml` with this authorizer.
pub fn toml(authorizer: &str) -> String {
    format!(
        r#"
        {{listener api}}
        [control]
        address = "127.0.0.1:0"
        [apis.api.stages.dev]
        [apis.api.authorizers.people]
        {authorizer}
        [[apis.api.routes]]
        path = "/open"
        authorizer = "people"
        integration = {{ type = "plugin", plugin = "echo" }}
        [[apis.api.routes]]
        path = "/read"
        authorizer = "people"
        scopes = ["shop/read", "shop/all"]
        integration = {{ type = "plugin", plugin = "echo" }}
        {ECHO}
        "#
    )
}

/// A gateway with a clock of the test's.
pub async fn started(toml: &str) -> (Running, Arc<ManualClock>) {
    started_with(toml, guests()).await
}

pub async fn started_with(toml: &str, files: Files) -> (Running, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let options = Options {
        clock: Some(clock.clone()),
        ..Options::default()
    };
    (Running::start_with(toml, files, options).await, clock)
}

fn answer(state: &State, request: &Recorded) -> Response<Bytes> {
    let host = request.headers["host"].to_str().expect("a host").to_owned();
    let own = format!("http://{host}/realm");
    let body = match request.target.as_str() {
        "/realm/.well-known/openid-configuration" => {
            let issuer = state.issuer.as_deref().unwrap_or(&own);
            let jwks_uri = state.jwks_uri.clone().unwrap_or(format!("{own}/keys"));
            serde_json::json!({"issuer": issuer, "jwks_uri": jwks_uri}).to_string()
        }
        "/realm/keys" | "/pool/.well-known/jwks.json" => state.key_set.clone(),
        other => panic!("nobody asks an issuer for {other}"),
    };
    let mut response = Response::builder().status(state.status);
    if let Some(value) = state.cache_control {
        response = response.header("cache-control", value);
    }
    response.body(Bytes::from(body)).expect("a response")
}
