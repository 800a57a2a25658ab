//! Fetching: where the keys are, and the keys.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use portcullis_jwt::{KeySet, MOST_KEY_SET};
use serde::Deserialize;

use super::{DISCOVERED, Fetched, Issuer, KeySource, Keys, Location, freshness};
use crate::config::BackendProtocol;
use crate::proxy::body::Body;
use crate::proxy::timers::SpareTimers;
use crate::upstream::Endpoint;

/// For one answer, to its last byte.
const TIME_OUT: Duration = Duration::from_secs(5);

/// What is read of a discovery document.
#[derive(Debug, Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Issuer {
    /// Fetches the keys. Those that were there stay where it comes to nothing.
    pub(super) async fn fetch(&self) {
        let fetched = self.key_set().await;
        let mut control = self.control.lock();
        control.failed = fetched.is_err();
        match fetched {
            Ok(keys) => {
                self.told_of(&keys.set);
                self.metrics.count(Fetched::Keys);
                self.keys.store(Some(keys.into()));
            }
            Err(reason) => {
                // Next time it is asked again where they are.
                control.found = None;
                self.metrics.count(Fetched::Failed);
                let kept = self.known_keys().unwrap_or_default();
                let name = &self.of.name;
                tracing::warn!(issuer = %name, kept, "the keys of the issuer {name} cannot be fetched: {reason}");
            }
        }
    }

    async fn key_set(&self) -> Result<Keys, String> {
        let location = self.location().await?;
        let (headers, body) = self.get(&location).await?;
        let set = KeySet::parse(&body).map_err(|error| format!("{location}: {error}"))?;
        if set.is_empty() {
            let why = set.skipped().first().map_or("it has none", |skipped| skipped.why);
            return Err(format!("{location}: no key of the set can be used: {why}"));
        }
        Ok(Keys {
            set,
            fetched: self.clock.monotonic(),
            fresh: freshness::of(&headers),
        })
    }

    /// Where the keys are.
    async fn location(&self) -> Result<Location, String> {
        let discovery = match &self.of.source {
            KeySource::KeySet(location) => return Ok(location.clone()),
            KeySource::Discovery(location) => location,
        };
        let now = self.clock.monotonic();
        if let Some((location, at)) = &self.control.lock().found
            && now < *at + DISCOVERED
        {
            return Ok(location.clone());
        }
        let (_, body) = self.get(discovery).await?;
        let document: Discovery = serde_json::from_slice(&body)
            .map_err(|error| format!("{discovery} is no discovery document: {error}"))?;
        if document.issuer != self.of.iss {
            return Err(format!("{discovery} is not that of the issuer `{}`", self.of.iss));
        }
        let location = Location::parse(&document.jwks_uri, self.of.rule)
            .map_err(|error| format!("`jwks_uri` of {discovery}: {error}"))?;
        self.control.lock().found = Some((location.clone(), now));
        Ok(location)
    }

    /// One request, which counts.
    async fn get(&self, location: &Location) -> Result<(HeaderMap, Bytes), String> {
        if !self.control.lock().budget.take(self.clock.monotonic()) {
            return Err("there were six requests in the last minute".to_owned());
        }
        match tokio::time::timeout(TIME_OUT, self.answer(location)).await {
            Ok(answer) => answer.map_err(|reason| format!("{location}: {reason}")),
            Err(_) => Err(format!("{location}: no answer within {} s", TIME_OUT.as_secs())),
        }
    }

    async fn answer(&self, location: &Location) -> Result<(HeaderMap, Bytes), String> {
        let endpoint = Endpoint {
            authority: &location.authority,
            tls: location.is_https.then_some(&self.tls),
            link: None,
            protocol: BackendProtocol::Http1,
        };
        let backend = self
            .upstream
            .backend(endpoint)
            .map_err(|error| error.to_string())?;
        let mut request = Request::new(Body::Empty);
        *request.method_mut() = Method::GET;
        *request.uri_mut() = location.path.parse().map_err(|_| "its path is none".to_owned())?;
        let headers = request.headers_mut();
        headers.insert(header::HOST, backend.host().clone());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("Portcullis"));
        let sent = backend
            .send(Box::new(request), TIME_OUT, &SpareTimers::default())
            .await;
        let (parts, body) = sent.map_err(|error| error.to_string())?.into_parts();
        if parts.status != StatusCode::OK {
            return Err(format!("it answers {}", parts.status));
        }
        let body = Limited::new(body, MOST_KEY_SET).collect().await;
        let body = body.map_err(|error| format!("its answer cannot be read: {error}"))?;
        Ok((parts.headers, body.to_bytes()))
    }

    /// Keys that cannot be used are told where they are new, or others.
    fn told_of(&self, set: &KeySet) {
        let name = &self.of.name;
        let before = self.keys.load();
        if before
            .as_ref()
            .is_some_and(|keys| keys.set.skipped() == set.skipped())
        {
            return;
        }
        for skipped in set.skipped() {
            let place = skipped.place;
            tracing::warn!(issuer = %name, "key {place} of the issuer {name} is not used: {}", skipped.why);
        }
    }
}
