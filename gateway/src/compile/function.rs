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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{LambdaConfig, credentials};

    fn source(config: LambdaConfig, signs: bool) -> LambdaSource {
        let key = credentials(
            "[default]\naws_access_key_id=a\naws_secret_access_key=b",
            "default",
        );
        LambdaSource {
            config,
            credentials: key.filter(|_| signs).map(|key| Ok(Arc::new(key))),
            hash: [0; 32],
        }
    }

    /// AWS's own servers are asked only by who has a key, and by ARN, since a function may be another account's.
    #[test]
    fn aws_is_asked_where_nothing_else_is_said() {
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:check";
        let live = format!("{arn}:live");
        let named = FunctionName::parse(&live).expect("a function");
        let region = named.region.expect("a region");
        assert!(Place::of(&source(LambdaConfig::default(), false), named, region).is_none());
        let aws = source(LambdaConfig::default(), true);
        let place = Place::of(&aws, named, region).expect("AWS");
        assert_eq!(place.uri, "https://lambda.eu-central-1.amazonaws.com");
        let encoded = "arn%3Aaws%3Alambda%3Aeu-central-1%3A123456789012%3Afunction%3Acheck";
        let target = format!("/2015-03-31/functions/{encoded}/invocations?Qualifier=live");
        assert_eq!(place.target(named).expect("a target"), target.as_str());
        let own = LambdaConfig {
            endpoint: Some("http://127.0.0.1:1/base/".to_owned()),
            ..LambdaConfig::default()
        };
        let own = source(own, true);
        let place = Place::of(&own, named, region).expect("a server");
        let target = "/base/2015-03-31/functions/check/invocations?Qualifier=live";
        assert_eq!(place.target(named).expect("a target"), target);
        let china = Place::of(&aws, named, "cn-north-1").expect("AWS");
        assert_eq!(china.uri, "https://lambda.cn-north-1.amazonaws.com.cn");
    }

    #[test]
    fn what_stage_variables_make_of_a_name_is_looked_at() {
        for (text, expected) in [
            ("check:$LATEST", true),
            ("check_2.x-y", true),
            ("${stageVariables.gone}", false),
            ("check:a.b", false),
            ("arn:aws:lambda:evil.example/#:1:function:check", false),
            ("arn:aws:lambda:r:1:function:a/b", false),
        ] {
            let named = FunctionName::parse(text);
            assert_eq!(named.is_some_and(|named| is_real(&named)), expected, "{text}");
        }
    }
}
