//! `[lambda]`: where Lambda functions are invoked, and by whom.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_credential_types::Credentials;
use http::Uri;
use portcullis_document::{Document, Problem, pointer};
use portcullis_model::FunctionName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::load::{Hash, directory, hash, read};
use super::{GatewayConfig, credentials};

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
    /// Another server.
    pub endpoint: Option<String>,
    /// What the function is called there, such as `function` in AWS's runtime emulator. Absent: by its name.
    pub name: Option<String>,
    /// The alias or the version to invoke, whatever an ARN says.
    pub qualifier: Option<String>,
    /// Milliseconds until its answer must be there. Absent: 10,000 for an authorizer.
    #[schemars(range(min = 50, max = 900_000))]
    pub timeout_ms: Option<u32>,
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
        check_endpoint(
            document,
            &format!("{at}/endpoint"),
            function.endpoint.as_deref(),
            problems,
        );
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
