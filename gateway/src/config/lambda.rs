//! `[lambda]`: where Lambda functions are invoked, and by whom.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use http::Uri;
use portcullis_document::{Document, Problem, pointer};
use portcullis_model::FunctionName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::load::{Hash, directory, hash, read};
use super::{GatewayConfig, IntegrationConfig, credentials};

/// How a function is named.
pub(super) const HINT: &str = "such as check, check:live or arn:aws:lambda:REGION:ACCOUNT:function:check";
/// The longest time-out of an integration that does not stream.
const LONGEST_MS: u32 = 300_000;
/// The largest file of credentials.
const CREDENTIALS_LIMIT: u64 = 1024 * 1024;

/// Where Lambda functions are invoked: any server that has the Lambda API's `Invoke`
/// (`POST /2015-03-31/functions/{name}/invocations`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LambdaConfig {
    /// A server such as `http://127.0.0.1:9001`, for all functions that have none of their own. Absent: AWS's own, of each
    /// function's region, where there are `credentials`.
    pub endpoint: Option<String>,
    /// The region of functions that are not named by an ARN. Absent: that of `control`, or us-east-1.
    pub region: Option<String>,
    /// Who invokes functions. Absent: requests are not signed.
    pub credentials: Option<CredentialsConfig>,
    /// One of `trust_bundles`, for an `https` endpoint.
    pub trust_bundle: Option<String>,
    /// What differs for some functions, by their names.
    pub functions: BTreeMap<String, FunctionConfig>,
}

/// Credentials of AWS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialsConfig {
    /// A file of the form of `~/.aws/credentials`, relative to this file. It is read again when it changes.
    pub file: PathBuf,
    /// The section in it.
    #[serde(default = "default_profile")]
    pub profile: String,
}

/// What differs for one function.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FunctionConfig {
    /// A plugin of world `function` that runs it, by its name under `plugins`. Absent: the one that has the function's name, if
    /// there is one.
    pub plugin: Option<String>,
    /// Its function URL, such as `https://ID.lambda-url.REGION.on.aws`: it is sent requests as they are.
    pub url: Option<String>,
    /// Another server.
    pub endpoint: Option<String>,
    /// What the function is called there, such as `function` in AWS's runtime emulator. Absent: by its name.
    pub name: Option<String>,
    /// The alias or the version to invoke, whatever an ARN says.
    pub qualifier: Option<String>,
    /// Milliseconds until its answer must be there. Absent: 10,000 for an authorizer, the integration's time-out else.
    #[schemars(range(min = 50, max = 900_000))]
    pub timeout_ms: Option<u32>,
}

impl FunctionConfig {
    /// Until its answer.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout_ms
            .map(|timeout| Duration::from_millis(timeout.into()))
    }
}

/// `[lambda]` with what its files have.
#[derive(Debug)]
pub struct LambdaSource {
    /// What is said.
    pub config: LambdaConfig,
    /// The credentials, where there are some; what is wrong where they cannot be used.
    pub credentials: Option<Result<Arc<Credentials>, Problem>>,
    /// Of both.
    pub hash: Hash,
}

fn default_profile() -> String {
    "default".to_owned()
}

impl LambdaSource {
    /// Reads what the configuration names; the directories of files are added to `directories`.
    pub(super) fn read(
        document: &Document,
        config: &GatewayConfig,
        at: impl Fn(&Path) -> PathBuf,
        directories: &mut Vec<PathBuf>,
    ) -> Option<Self> {
        let config = config.lambda.clone()?;
        let mut content = Vec::new();
        let credentials = config.credentials.as_ref().map(|from| {
            let file = at(&from.file);
            directories.push(directory(&file));
            content = read(&file, CREDENTIALS_LIMIT).map_err(|reason| {
                let message = format!("cannot read {}: {reason}", file.display());
                document
                    .error("unreadable", "/lambda/credentials/file", message)
                    .hint("paths are relative to this file")
            })?;
            let text = String::from_utf8_lossy(&content);
            credentials(&text, &from.profile).map(Arc::new).ok_or_else(|| {
                let message = format!(
                    "{} has no aws_access_key_id and aws_secret_access_key in a section [{}]",
                    file.display(),
                    from.profile
                );
                document.error("bad-credentials", "/lambda/credentials/file", message)
            })
        });
        let said = serde_json::to_vec(&config).unwrap_or_default();
        Some(Self {
            config,
            credentials,
            hash: hash(&[&said, &content]),
        })
    }

    /// What is wrong with it.
    pub(super) fn problem(&self) -> Option<&Problem> {
        self.credentials.as_ref()?.as_ref().err()
    }
}

/// Every breach of a rule.
pub(super) fn check(document: &Document, config: &GatewayConfig, problems: &mut Vec<Problem>) {
    check_routes(document, config, problems);
    let Some(lambda) = &config.lambda else { return };
    check_endpoint(document, "/lambda/endpoint", lambda.endpoint.as_deref(), problems);
    if let Some(name) = lambda
        .trust_bundle
        .as_ref()
        .filter(|name| !config.trust_bundles.contains_key(*name))
    {
        let message = format!("there is no trust bundle `{name}`");
        let problem = document.error("unknown-trust-bundle", "/lambda/trust_bundle", message);
        problems.push(problem.did_you_mean(name, config.trust_bundles.keys().map(String::as_str)));
    }
    for (name, function) in &lambda.functions {
        let at = pointer(["lambda", "functions", name]);
        let is_name = |text: &str| FunctionName::parse(text).is_some_and(|named| named.name == text);
        if !is_name(name) {
            let problem = document.error(
                "bad-function",
                &at,
                format!("`{name}` is not the name of a function"),
            );
            problems.push(problem.hint("it is the name alone, without ARN, alias or version"));
        }
        if let Some(there) = function.name.as_ref().filter(|there| !is_name(there)) {
            let message = format!("`{there}` is not the name of a function");
            problems.push(document.error("bad-function", &format!("{at}/name"), message));
        }
        let places = [
            ("plugin", &function.plugin),
            ("url", &function.url),
            ("endpoint", &function.endpoint),
        ];
        let said: Vec<&str> = places
            .iter()
            .filter_map(|(place, said)| said.as_ref().map(|_| *place))
            .collect();
        if let [first, second, ..] = said.as_slice() {
            let message = format!("`{name}` has both `{first}` and `{second}`: it runs in one place");
            problems.push(
                document
                    .error("two-places", &at, message)
                    .hint("remove one of them"),
            );
        }
        check_endpoint(
            document,
            &format!("{at}/endpoint"),
            function.endpoint.as_deref(),
            problems,
        );
        check_url(document, &format!("{at}/url"), function.url.as_deref(), problems);
    }
}

fn check_endpoint(document: &Document, at: &str, endpoint: Option<&str>, problems: &mut Vec<Problem>) {
    let Some(endpoint) = endpoint else { return };
    let good = endpoint.parse::<Uri>().is_ok_and(|uri| {
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        matches!(uri.scheme_str(), Some("http" | "https"))
            && !authority.is_empty()
            && !authority.contains('@')
            && uri.query().is_none()
    });
    if !good {
        let message = format!("`{endpoint}` is not an http:// or https:// URL of a server");
        problems.push(
            document
                .error("bad-endpoint", at, message)
                .hint("such as http://127.0.0.1:9001"),
        );
    }
}

/// A function URL has no path: requests have theirs.
fn check_url(document: &Document, at: &str, url: Option<&str>, problems: &mut Vec<Problem>) {
    let before = problems.len();
    check_endpoint(document, at, url, problems);
    let path = url
        .and_then(|url| url.parse::<Uri>().ok())
        .map_or_else(String::new, |uri| uri.path().to_owned());
    if problems.len() == before && path.len() > 1 {
        let message = format!("a function URL has no path, and this one has `{path}`");
        problems.push(document.error("bad-endpoint", at, message));
    }
}

/// Functions that routes name.
fn check_routes(document: &Document, config: &GatewayConfig, problems: &mut Vec<Problem>) {
    let routes = config.apis.iter().flat_map(|(id, api)| {
        let routes = api.routes.iter().enumerate();
        routes.map(move |(index, route)| (id, index.to_string(), route))
    });
    for (id, index, route) in routes {
        let IntegrationConfig::Lambda {
            function,
            stream,
            timeout_ms,
            ..
        } = &route.integration
        else {
            continue;
        };
        let at = pointer(["apis", id, "routes", &index, "integration"]);
        if FunctionName::parse(function).is_none() {
            let message = format!("`{function}` names no Lambda function");
            let problem = document.error("bad-function", &format!("{at}/function"), message);
            problems.push(problem.hint(HINT));
        }
        if !stream && *timeout_ms > LONGEST_MS {
            let message = format!("a response that does not stream begins within {LONGEST_MS} ms");
            let problem = document.error("bad-timeout", &format!("{at}/timeout_ms"), message);
            problems.push(problem.hint("set stream = true where the function streams"));
        }
    }
}
