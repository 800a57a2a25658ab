//! Lambda functions: where each is invoked, and by whom.

use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http::uri::{PathAndQuery, Scheme};
use portcullis_model::FunctionName;

use super::Compiler;
use crate::config::{FunctionConfig, LambdaSource};
use crate::lambda::{Function, Signer};
use crate::proxy::percent;
use crate::upstream::{Endpoint, TlsOptions};

/// A function that nothing invokes: why.
pub(super) type NotRun = Box<str>;

impl Compiler<'_> {
    /// The function of that name, URI or ARN, in which no stage variables are left; an error inside says why it cannot be
    /// invoked. Nothing at all: there is a problem, which is told.
    pub(super) fn function(&mut self, at: &str, text: &str) -> Option<Result<Arc<Function>, NotRun>> {
        let Some(named) = FunctionName::parse(text).filter(is_real) else {
            return Some(Err(format!("`{text}` names no Lambda function").into()));
        };
        let place = self.input.connections.lambda.and_then(|lambda| {
            let region = named.region.or(lambda.config.region.as_deref());
            Place::of(lambda, named, region.unwrap_or(self.input.arns.region))
        });
        let Some(place) = place else {
            return self.not_run(at, &named);
        };
        let credentials = match place.lambda.credentials.as_ref() {
            Some(Err(problem)) => {
                self.push(problem.clone());
                return None;
            }
            Some(Ok(credentials)) => Some(credentials.clone()),
            None => None,
        };
        let tls = match place.uri.scheme() == Some(&Scheme::HTTPS) {
            true => Some(self.lambda_tls(place.lambda)?),
            false => None,
        };
        let authority = place.uri.authority()?;
        let endpoint = Endpoint {
            authority,
            tls: tls.as_ref(),
            link: None,
        };
        let backend = match self.input.upstream.backend(endpoint) {
            Ok(backend) => backend,
            Err(error) => {
                self.lambda_problem("bad-endpoint", "/lambda/endpoint", &error.to_string());
                return None;
            }
        };
        let target = place.target(named)?;
        Some(Ok(Arc::new(Function {
            url: format!("{}://{authority}{target}", place.uri.scheme_str()?).into(),
            target,
            backend,
            signer: credentials.map(|credentials| Signer {
                region: place.region.into(),
                credentials,
            }),
            timeout: place
                .own
                .and_then(|own| own.timeout_ms)
                .map(|timeout| Duration::from_millis(timeout.into())),
        })))
    }

    fn lambda_tls(&mut self, lambda: &LambdaSource) -> Option<Arc<crate::upstream::TlsSettings>> {
        let bundles = &self.input.connections.certificates.bundles;
        let trust = match lambda
            .config
            .trust_bundle
            .as_ref()
            .and_then(|name| bundles.get(name))
        {
            Some(Err(problem)) => {
                self.push(problem.clone());
                return None;
            }
            Some(Ok(bundle)) => Some(&**bundle),
            None => None,
        };
        let options = TlsOptions {
            trust,
            ..TlsOptions::default()
        };
        match self.input.upstream.tls(&options) {
            Ok(settings) => Some(settings),
            Err(error) => {
                self.lambda_problem("tls", "/lambda", &format!("no TLS can be spoken: {error}"));
                None
            }
        }
    }

    fn lambda_problem(&mut self, code: &'static str, at: &str, message: &str) {
        let problem = self.input.config.error(code, at, message);
        self.push(problem);
    }

    /// Nothing invokes it. Files that are served say so before a request does; what the control plane keeps may wait for a
    /// `[lambda]`.
    fn not_run(&mut self, at: &str, named: &FunctionName<'_>) -> Option<Result<Arc<Function>, NotRun>> {
        let name = named.name;
        let reason = format!(
            "nothing runs the function `{name}`: there is neither a plugin of that name nor a server to invoke it"
        );
        if self.input.connections.made.is_some() {
            return Some(Err(reason.into()));
        }
        let problem = self.error("unknown-function", at, reason);
        problem.hint = Some(format!(
            "add [lambda] with endpoint = \"http://127.0.0.1:9001\" or credentials of AWS, or [plugins.{name}] to gateway.toml"
        ));
        None
    }
}

/// Where one function is invoked.
struct Place<'a> {
    lambda: &'a LambdaSource,
    own: Option<&'a FunctionConfig>,
    uri: Uri,
    region: &'a str,
    /// It is AWS that is asked, which knows functions of other accounts by their ARNs.
    is_aws: bool,
}

impl<'a> Place<'a> {
    fn of(lambda: &'a LambdaSource, named: FunctionName<'_>, region: &'a str) -> Option<Self> {
        let own = lambda.config.functions.get(named.name);
        let endpoint = own
            .and_then(|own| own.endpoint.as_deref())
            .or(lambda.config.endpoint.as_deref());
        let uri = match endpoint {
            Some(endpoint) => endpoint.parse(),
            None if lambda.credentials.is_some() => aws(region).parse(),
            None => return None,
        };
        Some(Self {
            lambda,
            own,
            uri: uri.ok()?,
            region,
            is_aws: endpoint.is_none(),
        })
    }

    fn target(&self, named: FunctionName<'_>) -> Option<PathAndQuery> {
        let own = self.own.and_then(|own| own.name.as_deref());
        let arn = named.arn.filter(|_| self.is_aws);
        let qualifier = self
            .own
            .and_then(|own| own.qualifier.as_deref())
            .or(named.qualifier);
        let mut target = format!("{}/2015-03-31/functions/", self.uri.path().trim_end_matches('/'));
        percent::encode(own.or(arn).unwrap_or(named.name), &mut target);
        target.push_str("/invocations");
        if let Some(qualifier) = qualifier {
            target.push_str("?Qualifier=");
            percent::encode(qualifier, &mut target);
        }
        target.parse().ok()
    }
}

/// The Lambda API of a region (<https://docs.aws.amazon.com/general/latest/gr/lambda-service.html>).
fn aws(region: &str) -> String {
    let end = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("https://lambda.{region}.amazonaws.com{end}")
}

/// Whether its parts have the characters that they may have, whatever stage variables made of them
/// (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>).
fn is_real(named: &FunctionName<'_>) -> bool {
    let of = |text: &str, more: &[u8]| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    of(named.name, b"-_.")
        && named.qualifier.is_none_or(|qualifier| of(qualifier, b"-_$"))
        && named.region.is_none_or(|region| of(region, b"-"))
}
