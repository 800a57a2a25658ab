//! The whole document.

use portcullis_document::{Document, Problem};
use portcullis_model::{Documentation, DocumentationLocation, RestApi};

use crate::api;
use crate::context::{At, Context};
use crate::cors::cors;
use crate::documentation;
use crate::extension::{extensions, is_extension};
use crate::gateway_response::gateway_responses;
use crate::key;
use crate::notes::{OF_OTHERS, part};
use crate::options::{BasePath, ImportOptions};
use crate::path::Paths;
use crate::scope::Scope;
use crate::security::schemes;
use crate::setting::{binary_media_types, minimum_compression_size};
use crate::skipped::{self, Skipped};
use crate::version::{Version, version};

/// What an import gives.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The API as far as it could be read. With an error among `problems` it lacks what the error is about, and must
    /// not be served.
    pub api: RestApi,
    /// Everything that is wrong, in the document's order.
    pub problems: Vec<Problem>,
    /// What of the document an API that is kept does not have, in the document's order.
    pub skipped: Vec<Skipped>,
    fail_on_warnings: bool,
}

impl Imported {
    /// Whether there is a problem because of which the API must not be used: an error, or any where the import was to
    /// fail on warnings.
    pub fn has_errors(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| self.fail_on_warnings || problem.is_error())
    }
}

/// Reads an OpenAPI document into the model.
///
/// All problems are found at once. A method is left out of the API where one of its parts is wrong.
pub fn import(document: &Document, options: &ImportOptions<'_>) -> Imported {
    let mut context = Context::new(document, options);
    let mut api = RestApi {
        id: options.api_id.to_owned(),
        name: options.api_id.to_owned(),
        ..RestApi::default()
    };
    let mut skipped = Vec::new();
    if let Some(version) = version(&mut context)
        && context.check_references().is_some()
    {
        read(&mut context, version, &mut api);
        if context.keeps() {
            skipped = skipped::skipped(&context, version);
        }
    }
    Imported {
        api,
        problems: sorted(context.problems),
        skipped,
        fail_on_warnings: options.fail_on_warnings,
    }
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by(|a, b| (a.position, &a.pointer, &a.message).cmp(&(b.position, &b.pointer, &b.message)));
    problems.dedup();
    problems
}

/// What an import of documentation gives.
#[derive(Debug, Clone)]
pub struct ImportedDocumentation {
    /// The parts of the document's `x-amazon-apigateway-documentation`, as far as they could be read.
    pub documentation: Documentation,
    /// Everything that is wrong with them, in the document's order.
    pub problems: Vec<Problem>,
}

/// Reads only the documentation parts of an OpenAPI document, as `ImportDocumentationParts` does.
pub fn import_documentation(document: &Document) -> ImportedDocumentation {
    let options = ImportOptions::keep("");
    let mut context = Context::new(document, &options);
    let mut documentation = Documentation::default();
    if version(&mut context).is_some() {
        let root = context.root();
        documentation = documentation::of_extension(&mut context, &root);
    }
    ImportedDocumentation {
        documentation,
        problems: sorted(context.problems),
    }
}

fn read<'d>(context: &mut Context<'d>, version: Version, api: &mut RestApi) {
    let root = context.root();
    root_keys(context, version, &root);
    let prefix = base_path(context, version, &root);
    if let Some(title) = root
        .member("info")
        .and_then(|info| info.member("title"))
        .and_then(|at| at.node.as_str())
    {
        api.name = title.to_owned();
    }
    let mut scope = Scope::read(context, version);
    api.resources = match root.member("paths") {
        Some(paths) => Paths::read(context, &mut scope, &paths, &prefix),
        None => {
            context.error("missing-key", "", "missing required key \"paths\"");
            Vec::new()
        }
    };
    (api.authorizers, api.security_schemes) = scope.schemes.finish();
    api.request_validators = scope.validators.finish();
    api.models = scope.models.finish(context);
    api.gateway_responses = gateway_responses(context, &root);
    api.binary_media_types = binary_media_types(context, &root);
    api.minimum_compression_size = minimum_compression_size(context, &root);
    api.cors = cors(context, &root);
    let read = [&key::ROOT_EXTENSIONS[..], &key::KEPT_ROOT_EXTENSIONS].concat();
    api.extensions = extensions(&root, &read);
    scope.notes.strip(&part("API"), &mut api.extensions);
    scope.notes.api(context, &root);
    api.api_key_source = api::key_source(context, &root);
    api.policy = api::policy(context, &root);
    api.endpoint = api::reached(context, version, &root);
    (api.security_policy, api.endpoint_access_mode) = api::tls(context, &root);
    if context.keeps() {
        api::settings(context, &root, api);
    }
    for (name, at) in schemes(version, &root) {
        let location = DocumentationLocation {
            name: Some(name.to_owned()),
            ..part("AUTHORIZER")
        };
        if api.authorizers.contains_key(name) {
            scope.notes.take(context, location, &at, &OF_OTHERS);
        }
    }
    api.documentation = scope.notes.finish();
}

fn root_keys(context: &mut Context<'_>, version: Version, root: &At<'_>) {
    let known = key::of_root(version);
    for (name, at) in root.members().filter(|(name, _)| !known.contains(name)) {
        if key::ROOT_EXTENSIONS.contains(&name)
            || (context.keeps() && key::KEPT_ROOT_EXTENSIONS.contains(&name))
        {
            continue;
        }
        if is_extension(name) {
            context.extension(&at.pointer, name);
        } else if let Some(problem) = other_version(version, name) {
            context.error("unknown-key", &at.pointer, problem);
        } else {
            context.unknown_key(&at.pointer, name, known);
        }
    }
    if let (Version::Three, Some(components)) = (version, root.member("components")) {
        component_keys(context, &components);
    }
}

/// What belongs to the other version is not passed over: security definitions may be among it.
fn other_version(version: Version, name: &str) -> Option<String> {
    let (other, said) = match version {
        Version::Two => (Version::Three, "OpenAPI 3"),
        Version::Three => (Version::Two, "OpenAPI 2.0"),
    };
    key::of_root(other)
        .contains(&name)
        .then(|| format!("\"{name}\" is a key of {said}, not of this document's version"))
}

fn component_keys(context: &mut Context<'_>, components: &At<'_>) {
    context.object(components);
    for (name, at) in components
        .members()
        .filter(|(name, _)| !key::OF_COMPONENTS.contains(name))
    {
        if is_extension(name) {
            context.extension(&at.pointer, name);
        } else {
            context.unknown_key(&at.pointer, name, &key::OF_COMPONENTS);
        }
    }
}

/// What stands before all paths.
fn base_path<'d>(context: &mut Context<'d>, version: Version, root: &At<'d>) -> String {
    let option = context.options.base_path;
    let Some(at) = api::base_path(version, root) else {
        return String::new();
    };
    // A stage's name is the base path of every export of OpenAPI 3: that it is ignored there goes without saying.
    if option == BasePath::Ignore && version == Version::Three {
        return String::new();
    }
    let Some(path) = context.string(&at) else {
        return String::new();
    };
    if option == BasePath::Ignore && !context.keeps() && !matches!(path, "" | "/") {
        let message = format!("the basePath \"{path}\" is ignored, as API Gateway does with basepath=ignore");
        context.warning("unused", &at.pointer, message);
    }
    option.prefix(path)
}
