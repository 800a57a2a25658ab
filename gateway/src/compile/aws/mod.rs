//! Integrations of type `AWS`: an HTTP integration whose URI, headers and signature follow from an ARN.

mod call;

use std::sync::Arc;

use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};
use portcullis_iam::Network;
use portcullis_model::{Authorization, AwsTarget, Connection, Integration, Method};

use super::Compiler;
use super::integration::{Selects, timeout};
use crate::aws::Protocol;
use crate::config::{BackendProtocol, NamedCredentials};
use crate::plan::{AwsPlan, AwsSigner, CustomHttpPlan, HttpPlan, IntegrationPlan};
use crate::upstream::{Backend, Endpoint, Guard};

use call::{Call, Place};

/// `credentials` that say that the caller's own identity is passed
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>, "credentials").
const CALLER: &str = ":iam::*:user/*";

/// Why a method is not served, in its own words.
type NotCalled = Box<str>;

impl Compiler<'_> {
    /// An integration with a service other than Lambda.
    pub(super) fn aws(
        &mut self,
        method: &Method,
        integration: &Integration,
        target: &AwsTarget,
        names: &[Arc<str>],
    ) -> Option<IntegrationPlan> {
        let request = self.request(integration, names);
        let responses = self.responses(method, integration, Selects::Status);
        let called = self.aws_call(method, integration, target, names)?;
        let (http, aws) = match called {
            Ok(called) => called,
            Err(reason) => return Some(IntegrationPlan::Misconfigured { reason }),
        };
        Some(IntegrationPlan::Http(Box::new(CustomHttpPlan {
            http,
            request: request?,
            responses: responses?,
            aws: Some(Box::new(aws)),
        })))
    }

    fn aws_call(
        &mut self,
        method: &Method,
        integration: &Integration,
        target: &AwsTarget,
        names: &[Arc<str>],
    ) -> Option<Result<(HttpPlan, AwsPlan), NotCalled>> {
        let at = &integration.pointer;
        let text = match self.folded(at, &target.uri) {
            Ok(text) => text,
            Err(reason) => return Some(Err(reason)),
        };
        if matches!(target.connection, Connection::VpcLink { .. }) {
            let reason = "an integration of type AWS is not reached through a VPC link".to_owned();
            return self.not_called(at, reason, "set connectionType to INTERNET");
        }
        let call = match Call::of(&text, integration) {
            Ok(call) => call,
            Err((reason, hint)) => return self.not_called(at, reason, hint),
        };
        let signer = match self.aws_signer(method, integration)? {
            Ok(signer) => signer,
            Err(reason) => return Some(Err(reason)),
        };
        let verb = self.backend_verb(integration, target.http_method.as_deref());
        let place = self.aws_place(at, &call)?;
        let (uri, slots) = self.uri(integration, &format!("{}{}", place.url, call.path), names)?;
        let backend = self.aws_backend(&uri.authority, &uri.scheme, place.is_named)?;
        let host = place.host.map(|host| HeaderValue::from_str(&host));
        let http = HttpPlan {
            streams: false,
            uri,
            slots,
            parameters: None,
            backend,
            method: verb?,
            timeout: timeout(integration),
            once: !matches!(call.service.protocol, Protocol::Rest),
        };
        let aws = AwsPlan {
            service: call.service.signing_name.into(),
            region: place.region.into(),
            host: host.transpose().ok()?,
            target: call.target.and_then(|target| HeaderValue::from_str(&target).ok()),
            content_type: call
                .content_type
                .and_then(|kind| HeaderValue::from_str(&kind).ok()),
            signer,
        };
        Some(Ok((http, aws)))
    }

    /// Nothing can be called: an error of files that are served. What the control plane keeps answers 500 for the method.
    fn not_called<T>(
        &mut self,
        at: &str,
        reason: String,
        hint: impl Into<String>,
    ) -> Option<Result<T, NotCalled>> {
        let is_kept = self.input.connections.made.is_some();
        let problem = match is_kept {
            true => self.input.document.warning("aws-integration", at, reason.clone()),
            false => self.input.document.error("aws-integration", at, reason.clone()),
        };
        self.push(problem.hint(hint));
        is_kept.then(|| Err(reason.into()))
    }

    /// Who signs.
    fn aws_signer(
        &mut self,
        method: &Method,
        integration: &Integration,
    ) -> Option<Result<AwsSigner, NotCalled>> {
        let at = &integration.pointer;
        let said = integration.credentials.as_deref().filter(|said| !said.is_empty());
        let said = match said.map(|said| self.folded(at, said)).transpose() {
            Ok(said) => said,
            Err(reason) => return Some(Err(reason)),
        };
        if said.as_deref().is_some_and(|said| said.ends_with(CALLER)) {
            if method.authorization == Authorization::Iam {
                return Some(Ok(AwsSigner::Caller));
            }
            let reason =
                "the caller's identity cannot be passed to the service: callers of this method do not sign";
            let hint = "give the method authorization of type AWS_IAM, or the integration the ARN of a role";
            return self.not_called(at, reason.to_owned(), hint);
        }
        match self.input.connections.aws.of_role(said.as_deref()) {
            Some(NamedCredentials::File(Ok(credentials))) => Some(Ok(AwsSigner::Fixed(credentials.clone()))),
            Some(NamedCredentials::File(Err(problem))) => {
                let problem = problem.clone();
                self.push(problem);
                None
            }
            Some(NamedCredentials::Chain(of)) => Some(Ok(AwsSigner::Chain(self.input.chains.chain(of)))),
            None => {
                let reason = match &said {
                    Some(role) => format!("there are no credentials for the role `{role}`"),
                    None => "there are no credentials for the integration, which names no role".to_owned(),
                };
                let hint = "add [aws.credentials.default] to gateway.toml, or the role to [aws.roles]";
                self.not_called(at, reason, hint)
            }
        }
    }

    /// Where the service is.
    fn aws_place(&mut self, at: &str, call: &Call<'_>) -> Option<Place> {
        let aws = self.input.connections.aws;
        let region = call.uri.region;
        let Some(server) = aws.endpoint(call.name, call.service.id, region) else {
            return Some(Place::of_aws(call));
        };
        let uri: Option<Uri> = server.parse().ok();
        let parts = uri
            .as_ref()
            .and_then(|uri| Some((uri, uri.scheme_str()?, uri.authority()?)));
        let Some((uri, scheme, authority)) = parts else {
            // The rules of the configuration have told it.
            self.error("bad-endpoint", at, format!("`{server}` is no server"));
            return None;
        };
        Some(Place {
            url: format!("{scheme}://{authority}{}", uri.path().trim_end_matches('/')),
            region: region.to_owned(),
            host: call
                .subdomain()
                .map(|subdomain| format!("{subdomain}.{authority}")),
            is_named: true,
        })
    }

    fn aws_backend(
        &mut self,
        authority: &Authority,
        scheme: &Scheme,
        is_named: bool,
    ) -> Option<Arc<Backend>> {
        let tls = match *scheme == Scheme::HTTPS {
            true => {
                let bundle = self.input.connections.aws.config.trust_bundle.as_deref();
                Some(self.tls_of_servers(bundle, "/aws")?)
            }
            false => None,
        };
        let mut allow = self.input.connections.aws.allow.clone();
        if is_named {
            allow.extend(named_by(authority.host()));
        }
        let endpoint = Endpoint {
            authority,
            tls: tls.as_ref(),
            link: None,
            protocol: BackendProtocol::Http1,
        };
        match self.input.upstream.guarded(endpoint, Guard { allow }) {
            Ok(backend) => Some(backend),
            Err(error) => {
                self.aws_problem("bad-endpoint", &error.to_string());
                None
            }
        }
    }

    fn aws_problem(&mut self, code: &'static str, message: &str) {
        let problem = self.input.config.error(code, "/aws", message);
        self.push(problem);
    }
}

/// The addresses that a configured server's host itself names.
fn named_by(host: &str) -> Vec<Network> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let ranges: &[&str] = match host == "localhost" || host.ends_with(".localhost") {
        true => &["127.0.0.0/8", "::1"],
        false => &[bare],
    };
    ranges.iter().filter_map(|range| Network::parse(range)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_named_by_its_address_may_be_connected_to() {
        let guard = |host: &str| Guard {
            allow: named_by(host),
        };
        for (host, address, expected) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("[::1]", "::1", true),
            ("localhost", "127.0.0.1", true),
            ("s3.localhost", "::1", true),
            ("moto", "127.0.0.1", false),
            ("moto", "10.0.0.1", true),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(guard(host).lets(address), expected, "{host} {address}");
        }
    }
}
