//! Reads `gateway.toml` and the files that it names, and reports every problem with its place.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use portcullis_document::{Document, Format, Problem, pointer, schema};
use portcullis_model::RestApi;
use portcullis_openapi::ImportOptions;
use sha2::{Digest, Sha256};

use super::acme::AcmeSource;
use super::aws::AwsSource;
use super::certificates::Certificates;
use super::domain_tls::DomainsTls;
use super::lambda::LambdaSource;
use super::tls::{self, ListenersTls};
use super::{GatewayConfig, GrantsConfig, LimitsConfig, PluginConfig, api_of_routes, rules};
use crate::builtin;
use crate::compile::template::{DEFAULT_ENGINE, templates_of};

/// Milliseconds of CPU for one rendering by the engine that is there by default: what ten million of its steps take.
const ENGINE_CPU_MS: u32 = 5_000;
/// The largest file that is read.
const FILE_LIMIT: u64 = 256 * 1024 * 1024;

/// A SHA-256 of content.
pub type Hash = [u8; 32];

/// Everything that one reading of the files gave.
#[derive(Debug)]
pub struct Sources {
    /// `gateway.toml`.
    pub config: Arc<GatewayConfig>,
    /// The same, with positions.
    pub document: Arc<Document>,
    /// By id; an API whose definition has errors is absent, and its problems are in `problems`.
    pub apis: BTreeMap<String, Arc<ApiSource>>,
    /// Components by plugin name; one that cannot be read is absent.
    pub components: BTreeMap<String, Bytes>,
    /// Certificates, by the names of bundles and clients; their problems are in `problems` too.
    pub certificates: Certificates,
    /// The TLS of listeners; its problems are in `problems` too.
    pub listeners: ListenersTls,
    /// The TLS of domain names, and what names of the control plane refer to; its problems are in `problems` too.
    pub domains: DomainsTls,
    /// Whom to ask for certificates; its problem is in `problems` too.
    pub acme: Option<Result<Arc<AcmeSource>, Problem>>,
    /// Where functions are invoked; its problems are in `problems` too.
    pub lambda: Option<LambdaSource>,
    /// Where AWS's services are, and who signs; its problems are in `problems` too.
    pub aws: AwsSource,
    /// Errors and warnings.
    pub problems: Vec<Problem>,
    /// Directories that hold what was read.
    pub directories: Vec<PathBuf>,
}

/// The definition of an API.
#[derive(Debug)]
pub struct ApiSource {
    /// The model.
    pub api: RestApi,
    /// The document that its pointers point into.
    pub document: Arc<Document>,
    /// Of what it was made from.
    pub hash: Hash,
    /// Warnings of the import; errors keep it from being a source at all.
    warnings: Vec<Problem>,
}

/// Reads, and remembers what it read, so that a reading costs only what changed.
#[derive(Debug)]
pub struct Loader {
    path: PathBuf,
    /// The environment's `AWS_ENDPOINT_URL…`.
    pub environment: BTreeMap<String, String>,
    imported: HashMap<(String, Hash), Arc<ApiSource>>,
}

impl Loader {
    /// A loader for one `gateway.toml`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            environment: BTreeMap::new(),
            imported: HashMap::new(),
        }
    }

    /// A path that `gateway.toml` names, which starts from where that file is.
    fn at(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }

    /// Reads everything. Problems of `gateway.toml` itself are the error: nothing can be made of it then.
    pub fn load(&mut self) -> Result<Sources, Vec<Problem>> {
        let file = self.path.display().to_string();
        let text = read_text(&self.path).map_err(|reason| {
            let message = format!("cannot read the configuration: {reason}");
            vec![
                Problem::in_file(&file, "unreadable", message)
                    .hint("name a gateway.toml that exists, such as examples/quickstart/gateway.toml"),
            ]
        })?;
        let document = Document::parse(&file, &text, Format::Toml)?;
        let mut problems = schema::check(&document, &super::schema());
        if problems.iter().any(Problem::is_error) {
            return Err(problems);
        }
        let config: GatewayConfig = serde_json::from_value(document.to_json()).map_err(|error| {
            vec![document.error(
                "invalid",
                "",
                format!("the configuration cannot be read: {error}"),
            )]
        })?;
        problems.extend(rules::check(&document, &config, &self.environment));
        if problems.iter().any(Problem::is_error) {
            return Err(problems);
        }
        Ok(self.load_files(config, document, problems))
    }

    fn load_files(
        &mut self,
        mut config: GatewayConfig,
        document: Document,
        mut problems: Vec<Problem>,
    ) -> Sources {
        let document = Arc::new(document);
        let mut directories = vec![directory(&self.path)];
        let mut apis = BTreeMap::new();
        for (id, api) in &config.apis {
            let source = match &api.openapi {
                Some(path) => {
                    directories.push(directory(&self.at(path)));
                    self.openapi(id, path, &document)
                }
                None => inline(id, &config, &document),
            };
            match source {
                Ok(source) => {
                    problems.extend(source.warnings.iter().cloned());
                    apis.insert(id.clone(), source);
                }
                Err(found) => problems.extend(found),
            }
        }
        default_engine(&mut config, &apis);
        self.imported
            .retain(|(id, hash), _| apis.get(id).is_some_and(|source| source.hash == *hash));
        let mut components = BTreeMap::new();
        for (name, plugin) in &config.plugins {
            directories.extend(plugin.file.iter().map(|file| directory(&self.at(file))));
            match self.component(name, plugin, &document) {
                Ok(bytes) => drop(components.insert(name.clone(), bytes)),
                Err(problem) => problems.push(problem),
            }
        }
        let certificates = Certificates::read(&document, &config, |path| self.at(path), &mut directories);
        problems.extend(certificates.problems().cloned());
        let listeners = tls::read(&document, &config, |path| self.at(path), &mut directories);
        let broken = listeners.iter().flatten().filter_map(|read| read.as_ref().err());
        problems.extend(broken.flatten().cloned());
        let domains = DomainsTls::read(&document, &config, &apis, |path| self.at(path), &mut directories);
        problems.extend(domains.problems().cloned());
        let acme = AcmeSource::read(&document, &config, |path| self.at(path), &mut directories);
        problems.extend(acme.as_ref().and_then(|read| read.as_ref().err()).cloned());
        let lambda = LambdaSource::read(&document, &config, |path| self.at(path), &mut directories);
        problems.extend(lambda.as_ref().and_then(LambdaSource::problem).cloned());
        let aws = AwsSource::read(
            &document,
            &config,
            &self.environment,
            |path| self.at(path),
            &mut directories,
        );
        problems.extend(aws.problems().cloned());
        directories.sort();
        directories.dedup();
        Sources {
            config: Arc::new(config),
            document,
            apis,
            components,
            certificates,
            listeners,
            domains,
            acme,
            lambda,
            aws,
            problems,
            directories,
        }
    }

    fn openapi(&mut self, id: &str, path: &Path, config: &Document) -> Result<Arc<ApiSource>, Vec<Problem>> {
        let path = self.at(path);
        let file = path.display().to_string();
        let text = read_text(&path).map_err(|reason| {
            let at = pointer(["apis", id, "openapi"]);
            vec![
                config
                    .error("unreadable", &at, format!("cannot read {file}: {reason}"))
                    .hint("paths are relative to this file"),
            ]
        })?;
        let hash = hash(&[file.as_bytes(), text.as_bytes()]);
        if let Some(source) = self.imported.get(&(id.to_owned(), hash)) {
            return Ok(source.clone());
        }
        let document = Document::parse(&file, &text, Format::detect(&text))?;
        let imported = portcullis_openapi::import(&document, &ImportOptions::serve(id));
        if imported.problems.iter().any(Problem::is_error) {
            return Err(imported.problems);
        }
        let warnings = imported.problems;
        let source = Arc::new(ApiSource {
            api: imported.api,
            document: Arc::new(document),
            hash,
            warnings,
        });
        self.imported.insert((id.to_owned(), hash), source.clone());
        Ok(source)
    }

    fn component(&self, name: &str, plugin: &PluginConfig, document: &Document) -> Result<Bytes, Problem> {
        let Some(file) = &plugin.file else {
            let builtin = plugin.builtin.as_deref().unwrap_or_default();
            return Ok(Bytes::from_static(
                builtin::component(builtin).unwrap_or_default(),
            ));
        };
        let path = self.at(file);
        read(&path, FILE_LIMIT).map(Bytes::from).map_err(|reason| {
            let at = pointer(["plugins", name, "file"]);
            let problem = document.error(
                "unreadable",
                &at,
                format!("cannot read {}: {reason}", path.display()),
            );
            problem.hint("paths are relative to this file")
        })
    }
}

/// Adds the engine of mapping templates that name none, where there is such a template and `gateway.toml` does not set
/// the engine up itself.
fn default_engine(config: &mut GatewayConfig, apis: &BTreeMap<String, Arc<ApiSource>>) {
    let is_used = || {
        let templates = apis.values().flat_map(|source| templates_of(&source.api));
        templates.into_iter().any(|(engine, _)| engine == DEFAULT_ENGINE)
    };
    // Deployments of the control plane may bring templates at any time.
    let keeps = config
        .control
        .as_ref()
        .is_some_and(|control| control.data.is_some());
    if config.plugins.contains_key(DEFAULT_ENGINE) || !(keeps || is_used()) {
        return;
    }
    let engine = PluginConfig {
        builtin: Some(DEFAULT_ENGINE.to_owned()),
        file: None,
        config: serde_json::Map::new(),
        grants: GrantsConfig::default(),
        limits: LimitsConfig {
            // The engine's own bounds, which name the template's line, come first.
            cpu_ms: ENGINE_CPU_MS,
            ..LimitsConfig::default()
        },
        isolation: None,
    };
    config.plugins.insert(DEFAULT_ENGINE.to_owned(), engine);
}

fn inline(
    id: &str,
    config: &GatewayConfig,
    document: &Arc<Document>,
) -> Result<Arc<ApiSource>, Vec<Problem>> {
    let Some(api_config) = config.apis.get(id) else {
        return Err(Vec::new());
    };
    let (api, duplicates) = api_of_routes(id, api_config);
    if !duplicates.is_empty() {
        let duplicate = |index: &usize| {
            let route = api_config.routes.get(*index);
            let (method, path) = route.map_or(("", ""), |route| (&route.method, &route.path));
            let at = pointer(["apis", id, "routes", &index.to_string()]);
            document.error(
                "duplicate-route",
                &at,
                format!("the route {method} {path} stands twice"),
            )
        };
        return Err(duplicates.iter().map(duplicate).collect());
    }
    // Positions are part of what was read, since problems name them.
    let mut defining = api_config.clone();
    // Each stage has these in its own hash.
    (defining.stages, defining.cors) = (BTreeMap::new(), None);
    let json = serde_json::to_vec(&defining).unwrap_or_default();
    let hash = hash(&[document.file().as_bytes(), &json]);
    Ok(Arc::new(ApiSource {
        api,
        document: document.clone(),
        hash,
        warnings: Vec::new(),
    }))
}

/// The directory that a file is in.
pub(crate) fn directory(file: &Path) -> PathBuf {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).to_path_buf()
}

/// A hash of parts; where one ends and the next begins counts.
pub fn hash(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > limit {
        return Err(format!("it has {length} bytes; {limit} is the limit"));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    String::from_utf8(read(path, FILE_LIMIT)?).map_err(|error| format!("it is not UTF-8 text: {error}"))
}
