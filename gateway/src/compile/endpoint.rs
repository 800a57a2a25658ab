//! The backend of an HTTP integration: by what connections, to what.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::uri::Scheme;
use portcullis_document::{Problem, pointer};
use portcullis_model::{AuthorizerKind, Connection, HttpTarget, Integration, RestApi, Target};

use super::Compiler;
use super::function::functions_of;
use crate::config::{
    AwsSource, BackendConfig, BackendProtocol, Certificates, Hash, IssuerConfig, LambdaSource, StageConfig,
    VpcLinkConfig, protocol_of,
};
use crate::plan::uri::{UriTemplate, fold_stage_variables};
use crate::upstream::{
    Address, Backend, ClientCertificate, Endpoint, TlsOptions, TlsSettings, has_system_roots,
};

/// What there is for connections to backends. Names of `gateway.toml` go before those of the control plane.
#[derive(Debug, Clone, Copy)]
pub struct Connections<'a> {
    /// Private upstreams.
    pub links: &'a BTreeMap<String, VpcLinkConfig>,
    /// Servers of which there is more to say than their address.
    pub backends: &'a BTreeMap<String, BackendConfig>,
    /// Bundles of authorities, and certificates to show.
    pub certificates: &'a Certificates,
    /// Issuers of tokens.
    pub issuers: &'a BTreeMap<String, IssuerConfig>,
    /// Where functions are invoked.
    pub lambda: Option<&'a LambdaSource>,
    /// Where AWS's services are, and who signs.
    pub aws: &'a AwsSource,
    /// What the control plane has beside them.
    pub made: Option<&'a Made>,
}

/// What the control plane keeps for connections of one stage, as far as the stage names it.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// Client certificates by id; what is wrong with one that cannot be used.
    pub certificates: BTreeMap<String, Result<Arc<ClientCertificate>, Problem>>,
    /// VPC links by id, with the name of the private upstream that each leads to, if it names one.
    pub links: BTreeMap<String, Option<String>>,
}

impl<'a> Connections<'a> {
    fn certificate(&self, name: &str) -> Option<&'a Result<Arc<ClientCertificate>, Problem>> {
        let made = self.made.and_then(|made| made.certificates.get(name));
        self.certificates.clients.get(name).or(made)
    }

    /// The private upstream of a VPC link, none where it leads nowhere. Nothing at all: there is no such link.
    fn upstream(&self, link: &str) -> Option<Option<&'a VpcLinkConfig>> {
        if let Some(upstream) = self.links.get(link) {
            return Some(Some(upstream));
        }
        let upstream = self.made?.links.get(link)?.as_ref();
        Some(upstream.and_then(|name| self.links.get(name)))
    }
}

impl Compiler<'_> {
    /// The backend of an integration whose URI is that; none where there is a problem.
    pub(super) fn backend(
        &mut self,
        integration: &Integration,
        target: &HttpTarget,
        uri: &UriTemplate,
    ) -> Option<Arc<Backend>> {
        // Both, so that the problems of both are told.
        let tls = self.tls(integration, target, uri);
        let link = self.link(integration, target);
        let (tls, link) = (tls?, link?);
        let endpoint = Endpoint {
            authority: &uri.authority,
            tls: tls.as_ref(),
            link: link.as_ref().map(|link| (&*link.id, &*link.targets)),
            protocol: match &link {
                Some(link) => link.protocol,
                None => protocol_of(
                    self.input.connections.backends,
                    &uri.authority,
                    uri.default_port(),
                ),
            },
        };
        match self.input.upstream.backend(endpoint) {
            Ok(backend) => Some(backend),
            Err(error) => {
                self.error("bad-uri", &integration.pointer, error.to_string());
                None
            }
        }
    }

    /// TLS settings, none for `http`. Nothing at all: there is a problem.
    fn tls(
        &mut self,
        integration: &Integration,
        target: &HttpTarget,
        uri: &UriTemplate,
    ) -> Option<Option<Arc<TlsSettings>>> {
        let trust = match &target.trust_bundle {
            Some(name) => Some(self.named_bundle(integration, name)?),
            None => None,
        };
        if uri.scheme != Scheme::HTTPS {
            if trust.is_some() || target.insecure_skip_verification {
                let message = "what is said of certificates has no effect: the uri is not an https:// one";
                self.warning("tls-unused", &integration.pointer, message);
            }
            return Some(None);
        }
        let client = match &self.input.settings.client_certificate {
            Some(name) => Some(self.client_certificate(name)?),
            None => None,
        };
        let options = TlsOptions {
            trust: trust.as_deref(),
            any_issuer: target.insecure_skip_verification,
            client: client.as_deref(),
        };
        if trust.is_none() && !options.any_issuer && !has_system_roots() {
            let message = "no certificate will be trusted: the system has no certificate authorities";
            let problem = self.warning("no-authorities", &integration.pointer, message);
            problem.hint = Some("install ca-certificates, or name a trust bundle".to_owned());
        }
        match self.input.upstream.tls(&options) {
            Ok(settings) => Some(Some(settings)),
            Err(error) => {
                let message = format!("no TLS can be spoken: {error}");
                self.error("tls", &integration.pointer, message);
                None
            }
        }
    }

    /// TLS towards servers of `gateway.toml`'s own; `bundle` is one of its trust bundles, and `at` where it says so.
    pub(super) fn tls_of_servers(&mut self, bundle: Option<&str>, at: &str) -> Option<Arc<TlsSettings>> {
        let bundles = &self.input.connections.certificates.bundles;
        let trust = match bundle.and_then(|name| bundles.get(name)) {
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
                let message = format!("no TLS can be spoken: {error}");
                let problem = self.input.config.error("tls", at, message);
                self.push(problem);
                None
            }
        }
    }

    fn named_bundle(
        &mut self,
        integration: &Integration,
        name: &str,
    ) -> Option<Arc<crate::upstream::TrustBundle>> {
        let bundles = &self.input.connections.certificates.bundles;
        let problem = match bundles.get(name) {
            Some(Ok(bundle)) => return Some(bundle.clone()),
            Some(Err(problem)) => problem.clone(),
            None => {
                let at = self.place(integration, &["trust_bundle", "x-portcullis-trust-bundle"]);
                let message = format!("there is no trust bundle `{name}`");
                let problem = self.input.document.error("unknown-trust-bundle", &at, message);
                unknown(problem, name, bundles.keys(), "trust_bundles")
            }
        };
        self.push(problem);
        None
    }

    fn client_certificate(&mut self, name: &str) -> Option<Arc<ClientCertificate>> {
        let problem = match self.input.connections.certificate(name) {
            Some(Ok(certificate)) => return Some(certificate.clone()),
            Some(Err(problem)) => problem.clone(),
            None if self.input.connections.made.is_some() => {
                let message = format!("there is no client certificate `{name}`, which the stage names");
                let problem = self
                    .input
                    .document
                    .error("unknown-client-certificate", "", message);
                problem.hint("let the stage's clientCertificateId name one that is there")
            }
            // The rules of the configuration have told it.
            None => {
                let input = self.input;
                let at = pointer(["apis", &input.api.id, "stages", input.stage, "client_certificate"]);
                let message = format!("there is no client certificate `{name}`");
                input.config.error("unknown-client-certificate", &at, message)
            }
        };
        self.push(problem);
        None
    }

    /// The private upstream, none where the URI's own host is asked. Nothing at all: there is a problem.
    fn link(&mut self, integration: &Integration, target: &HttpTarget) -> Option<Option<NamedLink>> {
        let Connection::VpcLink { id } = &target.connection else {
            return Some(None);
        };
        let at = self.place(integration, &["vpc_link", "connectionId"]);
        let variables = &self.input.settings.variables;
        let document = self.input.document;
        let problem = match fold_stage_variables(id, |name| variables.get(name).map(String::as_str)) {
            Ok(id) => {
                let links = self.input.connections.links;
                if let Some(upstream) = self.input.connections.upstream(&id) {
                    if upstream.is_none() {
                        self.leads_nowhere(&at, &id);
                    }
                    return Some(Some(NamedLink::new(id, upstream)));
                }
                let message = format!("there is no VPC link `{id}`");
                let problem = document.error("unknown-vpc-link", &at, message);
                unknown(problem, &id, links.keys(), "vpc_links")
            }
            Err(name) => {
                let stage = self.input.stage;
                let message = format!("the stage {stage} has no variable `{name}`, which names the VPC link");
                let problem = document.error("unknown-stage-variable", &at, message);
                problem.hint("add it under the stage's variables")
            }
        };
        self.push(problem);
        None
    }

    /// A link of the control plane whose target names none of the private upstreams. Its requests are answered as those of
    /// one that has no live target.
    fn leads_nowhere(&mut self, at: &str, link: &str) {
        let message = format!("the VPC link `{link}` leads nowhere: requests are answered with 503");
        let problem = self.warning("vpc-link-nowhere", at, &message);
        problem.hint = Some("its statusMessage (GetVpcLink) says what is missing in gateway.toml".to_owned());
    }

    fn warning(&mut self, code: &'static str, at: &str, message: &str) -> &mut Problem {
        let problem = self.input.document.warning(code, at, message);
        self.push(problem)
    }

    /// The first of these members of an integration that is written; else the integration.
    fn place(&self, integration: &Integration, members: &[&str]) -> String {
        let places = members
            .iter()
            .map(|member| format!("{}/{member}", integration.pointer));
        let mut written = places.filter(|at| self.input.document.find(at).is_some());
        written.next().unwrap_or_else(|| integration.pointer.clone())
    }
}

/// A private upstream, as an integration names it.
struct NamedLink {
    id: String,
    targets: Vec<Address>,
    protocol: BackendProtocol,
}

impl NamedLink {
    /// Without an upstream there is nobody to ask.
    fn new(id: String, upstream: Option<&VpcLinkConfig>) -> Self {
        let targets = upstream.into_iter().flat_map(|upstream| &upstream.targets);
        Self {
            id,
            targets: targets.filter_map(|target| Address::parse(target)).collect(),
            protocol: upstream.map(|upstream| upstream.protocol).unwrap_or_default(),
        }
    }
}

fn unknown<'k>(
    problem: Problem,
    name: &str,
    known: impl Iterator<Item = &'k String>,
    table: &str,
) -> Problem {
    let problem = problem.did_you_mean(name, known);
    if problem.hint.is_some() {
        return problem;
    }
    problem.hint(format!("add [{table}.{name}] to gateway.toml"))
}

/// The VPC links that an API's integrations name, with a stage's variables.
pub fn links_of<'a>(
    api: &'a RestApi,
    variables: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = String> + 'a {
    let variable = |name: &str| variables.get(name).map(String::as_str);
    targets_of(api).filter_map(move |target| match &target.connection {
        Connection::VpcLink { id } => fold_stage_variables(id, variable).ok(),
        Connection::Internet => None,
    })
}

fn integrations_of(api: &RestApi) -> impl Iterator<Item = &Integration> {
    let methods = api
        .resources
        .iter()
        .flat_map(|resource| resource.methods.values());
    methods.filter_map(|method| method.integration.as_ref())
}

fn targets_of(api: &RestApi) -> impl Iterator<Item = &HttpTarget> {
    integrations_of(api).filter_map(|integration| match &integration.target {
        Target::HttpProxy(target) | Target::Http(target) => Some(target),
        _ => None,
    })
}

/// Of all that the backends of a stage are made from beside its definition and settings: what `gateway.toml`, its files and
/// the control plane have under the names in them. Part of what says whether the stage must be compiled anew.
pub fn fingerprint(api: &RestApi, settings: &StageConfig, connections: Connections<'_>) -> Hash {
    let mut used: Vec<String> = Vec::new();
    if let Some(name) = &settings.client_certificate {
        let state = state(connections.certificate(name), |certificate| certificate.hash());
        used.push(format!("client {name} {state}"));
    }
    for name in targets_of(api).filter_map(|target| target.trust_bundle.as_ref()) {
        let state = state(connections.certificates.bundles.get(name), |bundle| bundle.hash());
        used.push(format!("bundle {name} {state}"));
    }
    if let Some(lambda) = connections.lambda
        && functions_of(api).next().is_some()
    {
        used.push(format!("lambda {}", hex(&lambda.hash)));
        if let Some(name) = &lambda.config.trust_bundle {
            let state = state(connections.certificates.bundles.get(name), |bundle| bundle.hash());
            used.push(format!("bundle {name} {state}"));
        }
    }
    if integrations_of(api).any(|integration| matches!(integration.target, Target::Aws(_))) {
        used.push(format!("aws {}", hex(&connections.aws.hash)));
        if let Some(name) = &connections.aws.config.trust_bundle {
            let state = state(connections.certificates.bundles.get(name), |bundle| bundle.hash());
            used.push(format!("bundle {name} {state}"));
        }
    }
    let links = links_of(api, &settings.variables);
    used.extend(links.map(|id| format!("link {id} {:?}", connections.upstream(&id))));
    if targets_of(api).next().is_some() && !connections.backends.is_empty() {
        used.push(format!("backends {:?}", connections.backends));
    }
    let verifies = |kind| matches!(kind, AuthorizerKind::Cognito | AuthorizerKind::Jwt);
    if api
        .authorizers
        .values()
        .any(|authorizer| verifies(authorizer.kind))
    {
        for (name, issuer) in connections.issuers {
            let bundle = issuer.trust_bundle.as_ref();
            let bundle =
                bundle.map(|name| state(connections.certificates.bundles.get(name), |one| one.hash()));
            used.push(format!("issuer {name} {issuer:?} {bundle:?}"));
        }
    }
    used.sort_unstable();
    used.dedup();
    crate::config::hash(&[used.join("\n").as_bytes()])
}

/// A name that is unknown, one whose file cannot be used, and each content are all different.
fn state<T>(read: Option<&Result<Arc<T>, Problem>>, hash: impl Fn(&T) -> Hash) -> String {
    match read {
        None => "unknown".to_owned(),
        Some(Err(problem)) => format!("broken {problem}"),
        Some(Ok(content)) => hex(&hash(content)),
    }
}

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
