//! `[aws]`: where integrations with AWS's services are sent, and who signs them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_credential_types::Credentials;
use http::Uri;
use portcullis_document::{Document, Problem, pointer};
use portcullis_iam::Network;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::load::{Hash, directory, hash, read};
use super::{GatewayConfig, credentials};

/// The largest file of credentials.
const CREDENTIALS_LIMIT: u64 = 1024 * 1024;
/// Ranges of addresses that `allow` may have.
const MOST_RANGES: usize = 100;
/// The credentials of roles that nothing is said of.
const DEFAULT: &str = "default";

/// Integrations with AWS's services: where they are sent, and who signs them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AwsConfig {
    /// Who signs, by name. Those of `default` are for every role that `roles` does not have, and for integrations that name
    /// none. Without them such an integration is refused.
    pub credentials: BTreeMap<String, AwsCredentialsConfig>,
    /// Names of `credentials`, by the ARN that an integration has as its `credentials`, such as
    /// `arn:aws:iam::123456789012:role/orders`.
    pub roles: BTreeMap<String, String>,
    /// A server for all services that have none in `endpoints`, such as `http://127.0.0.1:5000`. Absent: AWS's own.
    pub endpoint: Option<String>,
    /// Servers by service, as URIs name it, or by service and region: `dynamodb`, `"s3.eu-central-1"`. Whatever is in
    /// `AWS_ENDPOINT_URL_{SERVICE}` and `AWS_ENDPOINT_URL` goes before.
    pub endpoints: BTreeMap<String, String>,
    /// Ranges of addresses such as `169.254.7.0/24` that may be connected to though they are loopback, link-local or those of
    /// metadata services. A server that is configured by its address, or as `localhost`, needs none.
    pub allow: Vec<String>,
    /// One of `trust_bundles`, for `https` servers.
    pub trust_bundle: Option<String>,
}

/// Where credentials are from: a `file`, or a `chain`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AwsCredentialsConfig {
    /// A file of the form of `~/.aws/credentials`, relative to this file. It is read again when it changes.
    pub file: Option<PathBuf>,
    /// The section in it, or the profile of the chain. Absent: `default`, and for the chain what `AWS_PROFILE` says.
    pub profile: Option<String>,
    /// What is asked instead of a file, in this order, until one has credentials. Absent: `environment`, `profile` and
    /// `web-identity`.
    pub chain: Option<Vec<ChainLink>>,
}

/// A source of credentials in AWS's standard chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChainLink {
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
    Environment,
    /// The profile in `~/.aws/config` and `~/.aws/credentials`, or the files that the environment names instead.
    Profile,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`.
    WebIdentity,
    /// The container's own credentials (`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` and `…_FULL_URI`), over HTTP.
    Container,
    /// The instance's metadata service at 169.254.169.254.
    Instance,
}

/// The chain that is asked where none is said. Metadata services must be named.
const STANDARD: [ChainLink; 3] = [ChainLink::Environment, ChainLink::Profile, ChainLink::WebIdentity];

/// Credentials that a chain gives: the same for all who say the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChainOf {
    /// What is asked, in order.
    pub links: Vec<ChainLink>,
    /// The profile; none: what the environment says.
    pub profile: Option<String>,
    /// Where tokens are exchanged, where the environment names no region.
    pub region: String,
}

/// Credentials as they are configured.
#[derive(Debug, Clone)]
pub enum NamedCredentials {
    /// Of a file; what is wrong with it.
    File(Result<Arc<Credentials>, Problem>),
    /// Of a chain.
    Chain(ChainOf),
}

/// `[aws]` with what its files and the environment have.
#[derive(Debug, Default)]
pub struct AwsSource {
    /// What is said.
    pub config: AwsConfig,
    /// By name.
    pub credentials: BTreeMap<String, NamedCredentials>,
    /// The environment's `AWS_ENDPOINT_URL…`, by the whole name.
    pub environment: BTreeMap<String, String>,
    /// Ranges of `allow`.
    pub allow: Vec<Network>,
    /// Of all of it.
    pub hash: Hash,
}

impl AwsSource {
    /// Reads what the configuration names; the directories of files are added to `directories`.
    pub(super) fn read(
        document: &Document,
        config: &GatewayConfig,
        environment: &BTreeMap<String, String>,
        at: impl Fn(&Path) -> PathBuf,
        directories: &mut Vec<PathBuf>,
    ) -> Self {
        let region = config
            .control
            .as_ref()
            .map_or("us-east-1", |control| &control.region);
        let config = config.aws.clone().unwrap_or_default();
        let mut contents = Vec::new();
        let mut named = BTreeMap::new();
        for (name, from) in &config.credentials {
            let found = match &from.file {
                Some(file) => {
                    let file = at(file);
                    directories.push(directory(&file));
                    let content = read(&file, CREDENTIALS_LIMIT);
                    contents.extend(content.iter().map(|content| hash(&[content])));
                    NamedCredentials::File(of_file(document, name, from, &file, content))
                }
                None => NamedCredentials::Chain(ChainOf {
                    links: from.chain.clone().unwrap_or_else(|| STANDARD.to_vec()),
                    profile: from.profile.clone(),
                    region: region.to_owned(),
                }),
            };
            named.insert(name.clone(), found);
        }
        let said = serde_json::to_vec(&(&config, environment, region)).unwrap_or_default();
        Self {
            credentials: named,
            environment: environment.clone(),
            allow: config
                .allow
                .iter()
                .filter_map(|range| Network::parse(range))
                .collect(),
            config,
            hash: hash(&[&said, contents.as_flattened()]),
        }
    }

    /// What is wrong with it.
    pub(super) fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.credentials.values().filter_map(|named| match named {
            NamedCredentials::File(read) => read.as_ref().err(),
            NamedCredentials::Chain(_) => None,
        })
    }

    /// The credentials for a role, or for none.
    pub fn of_role(&self, role: Option<&str>) -> Option<&NamedCredentials> {
        let name = role.and_then(|role| self.config.roles.get(role));
        self.credentials.get(name.map_or(DEFAULT, String::as_str))
    }

    /// The server that is named for a service in a region, in the order of AWS's own tools
    /// (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>); none where it is AWS's own.
    pub fn endpoint(&self, service: &str, id: &str, region: &str) -> Option<&str> {
        let variable = |name: &str| self.environment.get(name).filter(|url| !url.is_empty());
        let said = || {
            let endpoints = &self.config.endpoints;
            let of_region = endpoints.get(&format!("{service}.{region}"));
            of_region.or_else(|| endpoints.get(service))
        };
        variable(&format!("{ENDPOINT_URL}_{id}"))
            .or_else(|| variable(ENDPOINT_URL))
            .or_else(said)
            .or(self.config.endpoint.as_ref())
            .map(String::as_str)
    }
}

/// What the variables begin with that name servers.
pub const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";

fn of_file(
    document: &Document,
    name: &str,
    from: &AwsCredentialsConfig,
    file: &Path,
    content: Result<Vec<u8>, String>,
) -> Result<Arc<Credentials>, Problem> {
    let at = pointer(["aws", "credentials", name, "file"]);
    let content = content.map_err(|reason| {
        let message = format!("cannot read {}: {reason}", file.display());
        let problem = document.error("unreadable", &at, message);
        problem.hint("paths are relative to this file")
    })?;
    let profile = from.profile.as_deref().unwrap_or(DEFAULT);
    let found = credentials(&String::from_utf8_lossy(&content), profile);
    found.map(Arc::new).ok_or_else(|| {
        let message = format!(
            "{} has no aws_access_key_id and aws_secret_access_key in a section [{profile}]",
            file.display()
        );
        document.error("bad-credentials", &at, message)
    })
}

/// Every breach of a rule.
pub(super) fn check(
    document: &Document,
    config: &GatewayConfig,
    environment: &BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
) {
    for (name, url) in environment {
        if let Some(problem) = bad_endpoint(document, "", url) {
            problems.push(problem.hint(format!("it is in the environment's {name}")));
        }
    }
    let Some(aws) = &config.aws else { return };
    for (name, from) in &aws.credentials {
        let at = pointer(["aws", "credentials", name]);
        if from.file.is_some() && from.chain.is_some() {
            let message = format!("the credentials `{name}` have both a file and a chain");
            problems.push(
                document
                    .error("bad-credentials", &at, message)
                    .hint("remove one of them"),
            );
        }
        if from.chain.as_ref().is_some_and(Vec::is_empty) {
            let message = format!("the chain of the credentials `{name}` is empty");
            let problem = document.error("bad-credentials", &format!("{at}/chain"), message);
            problems.push(problem.hint("name environment, profile, web-identity, container or instance"));
        }
    }
    for (role, name) in &aws.roles {
        let at = pointer(["aws", "roles", role]);
        if !role.starts_with("arn:") || role.contains('*') {
            let message = format!("`{role}` is not the ARN of a role");
            let problem = document.error("bad-role", &at, message);
            problems.push(problem.hint("such as arn:aws:iam::123456789012:role/orders"));
        }
        if !aws.credentials.contains_key(name) {
            let problem = document.error(
                "unknown-credentials",
                &at,
                format!("there are no credentials `{name}`"),
            );
            let known = aws.credentials.keys().map(String::as_str);
            problems.push(problem.did_you_mean(name, known));
        }
    }
    problems.extend(
        aws.endpoint
            .iter()
            .filter_map(|url| bad_endpoint(document, "/aws/endpoint", url)),
    );
    for (service, url) in &aws.endpoints {
        let at = pointer(["aws", "endpoints", service]);
        problems.extend(bad_endpoint(document, &at, url));
        let name = crate::aws::Service::known_by(service);
        if !name {
            let message = format!("`{service}` is no service of AWS that is known here");
            let problem = document.warning("unknown-service", &at, message);
            problems
                .push(problem.hint("it is the name in the integration's URI, such as dynamodb or states"));
        }
    }
    ranges(document, &aws.allow, problems);
    if let Some(name) = aws
        .trust_bundle
        .as_ref()
        .filter(|name| !config.trust_bundles.contains_key(*name))
    {
        let message = format!("there is no trust bundle `{name}`");
        let problem = document.error("unknown-trust-bundle", "/aws/trust_bundle", message);
        problems.push(problem.did_you_mean(name, config.trust_bundles.keys().map(String::as_str)));
    }
}

fn ranges(document: &Document, allow: &[String], problems: &mut Vec<Problem>) {
    if allow.len() > MOST_RANGES {
        let message = format!("there are {} ranges, and {MOST_RANGES} are the most", allow.len());
        problems.push(document.error("bad-range", "/aws/allow", message));
    }
    for (index, range) in allow.iter().enumerate() {
        if Network::parse(range).is_none() {
            let message = format!("`{range}` is no range of addresses");
            let problem = document.error("bad-range", &format!("/aws/allow/{index}"), message);
            problems.push(problem.hint("such as 10.0.0.0/8, 2001:db8::/32 or 10.0.0.7"));
        }
    }
}

fn bad_endpoint(document: &Document, at: &str, endpoint: &str) -> Option<Problem> {
    let good = endpoint.is_empty()
        || endpoint.parse::<Uri>().is_ok_and(|uri| {
            let authority = uri.authority().map_or("", |authority| authority.as_str());
            matches!(uri.scheme_str(), Some("http" | "https"))
                && !authority.is_empty()
                && !authority.contains('@')
                && uri.query().is_none()
        });
    (!good).then(|| {
        let message = format!("`{endpoint}` is not an http:// or https:// URL of a server");
        document
            .error("bad-endpoint", at, message)
            .hint("such as http://127.0.0.1:5000")
    })
}
