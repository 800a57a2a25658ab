//! Lambda functions: where each is invoked, and by whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Uri;
use http::uri::{PathAndQuery, Scheme};
use portcullis_document::pointer;
use portcullis_model::{Authorizer, FunctionName, RestApi, Target};
use portcullis_plugin_host::{self as host, Plugin};

use super::Compiler;
use super::lambda::is_function;
use crate::config::{BackendProtocol, FunctionConfig, LambdaSource};
use crate::lambda::{self, Component, Function, FunctionUrl, Server, Signer};
use crate::plan::uri::fold_stage_variables;
use crate::proxy::percent;
use crate::upstream::{Backend, Endpoint};

/// Versions of Lambda's API and what each has to invoke a function
/// (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>,
/// <https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html>).
const INVOKE: (&str, &str) = ("2015-03-31", "/invocations");
const INVOKE_STREAM: (&str, &str) = ("2021-11-15", "/response-streaming-invocations");

/// A function that nothing invokes: why.
pub(super) type NotRun = Box<str>;

/// How a function is called.
pub(super) enum Runs {
    /// It is invoked with an event.
    Invoked(Arc<Function>),
    /// It is sent a request.
    Url(Arc<FunctionUrl>),
}

/// The plugins that may run the functions of an API: those that have a function's name, or that `[lambda.functions]` names for
/// it. Part of what says whether a stage must be compiled anew.
pub fn plugins_of(
    api: &RestApi,
    variables: &BTreeMap<String, String>,
    lambda: Option<&LambdaSource>,
) -> Vec<String> {
    let mut plugins = Vec::new();
    for text in functions_of(api) {
        let folded = fold_stage_variables(text, |name| variables.get(name).map(String::as_str));
        let Some(named) = folded.as_deref().ok().and_then(FunctionName::parse) else {
            continue;
        };
        let own = lambda.and_then(|lambda| lambda.config.functions.get(named.name)?.plugin.clone());
        plugins.push(own.unwrap_or_else(|| named.name.to_owned()));
    }
    plugins
}

/// The functions that an API names, as integrations and as authorizers.
pub(super) fn functions_of(api: &RestApi) -> impl Iterator<Item = &str> {
    let methods = api
        .resources
        .iter()
        .flat_map(|resource| resource.methods.values());
    let targets = methods.filter_map(|method| match &method.integration.as_ref()?.target {
        Target::Aws(target) | Target::AwsProxy(target) if is_function(target) => Some(&*target.uri),
        _ => None,
    });
    targets.chain(api.authorizers.values().filter_map(Authorizer::function))
}

impl Compiler<'_> {
    /// The function of that name, URI or ARN, in which no stage variables are left; an error inside says why it cannot be
    /// called. Nothing at all: there is a problem, which is told.
    pub(super) fn runs(&mut self, at: &str, text: &str) -> Option<Result<Runs, NotRun>> {
        let Some(named) = FunctionName::parse(text).filter(is_real) else {
            return Some(Err(format!("`{text}` names no Lambda function").into()));
        };
        let lambda = self.input.connections.lambda;
        let own = lambda.and_then(|lambda| lambda.config.functions.get(named.name));
        if let Some(runs) = self.component(&named, own) {
            return runs;
        }
        let place = lambda.and_then(|lambda| {
            let region = named.region.or(lambda.config.region.as_deref());
            Place::of(lambda, named, region.unwrap_or(self.input.arns.region))
        });
        let Some(place) = place else {
            return self.not_run(at, &named);
        };
        let authority = place.uri.authority()?;
        let backend = self.lambda_backend(&place)?;
        let signer = self.signer(&place)?;
        if place.is_url {
            return Some(Ok(Runs::Url(Arc::new(FunctionUrl {
                scheme: place.uri.scheme_str()?.into(),
                backend,
                signer,
            }))));
        }
        let target = place.target(named, INVOKE)?;
        Some(Ok(Runs::Invoked(Arc::new(Function {
            name: text.into(),
            place: lambda::Place::Server(Server {
                url: format!("{}://{authority}{target}", place.uri.scheme_str()?).into(),
                target,
                stream_target: place.target(named, INVOKE_STREAM)?,
                backend,
                signer,
            }),
            timeout: own.and_then(FunctionConfig::timeout),
        }))))
    }

    /// The component that runs a function: the one that is named for it, or that has its name. Nothing where there is none.
    fn component(
        &mut self,
        named: &FunctionName<'_>,
        own: Option<&FunctionConfig>,
    ) -> Option<Option<Result<Runs, NotRun>>> {
        let said = own.and_then(|own| own.plugin.as_deref());
        let name = said.unwrap_or(named.name);
        let plugin = match self.input.plugins.get(name) {
            Some(Some(Plugin::Function(plugin))) => plugin.clone(),
            Some(None) => {
                let reason = format!("the plugin `{name}`, which runs the function, could not be loaded");
                return Some(Some(Err(reason.into())));
            }
            // What runs no function only has the name of one; but one that is named for it should.
            Some(Some(_)) | None => {
                said?;
                let at = pointer(["lambda", "functions", named.name, "plugin"]);
                let of_function = |_: &Plugin| None::<Arc<host::Function>>;
                self.plugin_use(self.input.config, &at, name, "function", of_function);
                return Some(None);
            }
        };
        Some(Some(Ok(Runs::Invoked(Arc::new(Function {
            name: named.arn.unwrap_or(named.name).into(),
            place: lambda::Place::Component(Component { plugin }),
            timeout: own.and_then(FunctionConfig::timeout),
        })))))
    }

    fn lambda_backend(&mut self, place: &Place<'_>) -> Option<Arc<Backend>> {
        let tls = match place.uri.scheme() == Some(&Scheme::HTTPS) {
            true => {
                let bundle = place.lambda.config.trust_bundle.as_deref();
                Some(self.tls_of_servers(bundle, "/lambda")?)
            }
            false => None,
        };
        let endpoint = Endpoint {
            authority: place.uri.authority()?,
            tls: tls.as_ref(),
            link: None,
            protocol: BackendProtocol::Http1,
        };
        match self.input.upstream.backend(endpoint) {
            Ok(backend) => Some(backend),
            Err(error) => {
                self.lambda_problem("bad-endpoint", "/lambda/endpoint", &error.to_string());
                None
            }
        }
    }

    /// Who invokes it; `None` after a problem.
    fn signer(&mut self, place: &Place<'_>) -> Option<Option<Signer>> {
        let credentials = match place.lambda.credentials.as_ref() {
            Some(Err(problem)) => {
                self.push(problem.clone());
                return None;
            }
            Some(Ok(credentials)) => credentials.clone(),
            None => return Some(None),
        };
        Some(Some(Signer {
            region: place.region.into(),
            credentials,
        }))
    }

    fn lambda_problem(&mut self, code: &'static str, at: &str, message: &str) {
        let problem = self.input.config.error(code, at, message);
        self.push(problem);
    }

    /// Nothing invokes it. Files that are served say so before a request does; what the control plane keeps may wait for a
    /// `[lambda]`.
    fn not_run(&mut self, at: &str, named: &FunctionName<'_>) -> Option<Result<Runs, NotRun>> {
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
    /// It is the function's own URL.
    is_url: bool,
}

impl<'a> Place<'a> {
    fn of(lambda: &'a LambdaSource, named: FunctionName<'_>, region: &'a str) -> Option<Self> {
        let own = lambda.config.functions.get(named.name);
        let url = own.and_then(|own| own.url.as_deref());
        let endpoint = url
            .or_else(|| own?.endpoint.as_deref())
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
            is_url: url.is_some(),
        })
    }

    fn target(&self, named: FunctionName<'_>, (version, action): (&str, &str)) -> Option<PathAndQuery> {
        let own = self.own.and_then(|own| own.name.as_deref());
        let arn = named.arn.filter(|_| self.is_aws);
        let qualifier = self
            .own
            .and_then(|own| own.qualifier.as_deref())
            .or(named.qualifier);
        let base = self.uri.path().trim_end_matches('/');
        let mut target = format!("{base}/{version}/functions/");
        percent::encode(own.or(arn).unwrap_or(named.name), &mut target);
        target.push_str(action);
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
        assert_eq!(place.target(named, INVOKE).expect("a target"), target.as_str());
        let own = LambdaConfig {
            endpoint: Some("http://127.0.0.1:1/base/".to_owned()),
            ..LambdaConfig::default()
        };
        let own = source(own, true);
        let place = Place::of(&own, named, region).expect("a server");
        let target = "/base/2015-03-31/functions/check/invocations?Qualifier=live";
        assert_eq!(place.target(named, INVOKE).expect("a target"), target);
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
