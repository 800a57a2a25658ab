//! What an API that is kept does not have of its document: every key that is neither read nor written back is listed.

use portcullis_document::{Document, Position, Value};

use crate::api;
use crate::context::{At, Context};
use crate::extension::is_extension;
use crate::key::{ANY_METHOD, AUTHORIZER, OF_COMPONENTS, OF_SCHEME, REQUIRED, TAG_VALUE, VERBS, of_root};
use crate::notes::{OF_INFO, OF_METHOD, OF_RESOURCE};
use crate::options::BasePath;
use crate::version::Version;

/// A key that an import does not keep, with all that is below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// A JSON pointer to it.
    pub pointer: String,
    /// Where it is written.
    pub position: Position,
}

/// Keys of a document that say where an API is reached, or that have no place in one.
const OF_ROOT: [&str; 5] = ["host", "schemes", "servers", "webhooks", "jsonSchemaDialect"];
/// Keys of `components` that are used by what is not kept.
const OF_COMPONENTS_SKIPPED: [&str; 3] = ["examples", "links", "callbacks"];
const OPERATION: [&str; 7] = [
    "operationId",
    "consumes",
    "produces",
    "parameters",
    "requestBody",
    "responses",
    "security",
];

/// Lists what is not kept, in the document's order.
pub(crate) fn skipped(context: &Context<'_>, version: Version) -> Vec<Skipped> {
    let mut list = List {
        document: context.document,
        version,
        found: Vec::new(),
    };
    list.root(&context.root(), context.options.base_path);
    list.found.sort_by_key(|skipped| skipped.position);
    list.found
}

struct List<'d> {
    document: &'d Document,
    version: Version,
    found: Vec<Skipped>,
}

impl List<'_> {
    fn skip(&mut self, at: &At<'_>) {
        self.found.push(Skipped {
            pointer: at.pointer.clone(),
            position: self.document.position(&at.pointer),
        });
    }

    /// Lists the members of an object that are not kept.
    fn members(&mut self, at: &At<'_>, kept: impl Fn(&str, &At<'_>) -> bool) {
        for (name, member) in at.members() {
            if !kept(name, &member) {
                self.skip(&member);
            }
        }
    }

    /// Does the same for each member of an object that is there.
    fn each(&mut self, at: &At<'_>, key: &str, mut with: impl FnMut(&mut Self, &str, &At<'_>)) {
        let Some(member) = at.member(key) else { return };
        for (name, member) in member.members() {
            with(self, name, &member);
        }
    }

    fn root(&mut self, at: &At<'_>, base_path: BasePath) {
        let known = of_root(self.version);
        self.members(at, |name, _| {
            is_extension(name)
                || (known.contains(&name) && !OF_ROOT.contains(&name) && name != "basePath")
                || (name == "basePath" && base_path != BasePath::Ignore)
        });
        if let Some(info) = at.member("info") {
            self.members(&info, |name, _| {
                is_extension(name)
                    || OF_INFO.contains(&name)
                    || matches!(name, "title" | "version" | "description")
            });
        }
        self.tags(at);
        self.each(at, "paths", |list, _, path| list.path(path));
        match self.version {
            Version::Two => {
                self.each(at, "parameters", |list, _, parameter| list.parameter(parameter));
                self.each(at, "responses", |list, _, response| list.response(response));
                self.each(at, "securityDefinitions", |list, _, scheme| list.scheme(scheme));
            }
            Version::Three => {
                if let Some(components) = at.member("components") {
                    self.components(&components);
                }
            }
        }
        // The base path of a server is kept where it stands before the paths.
        if base_path != BasePath::Ignore
            && let Some(kept) = api::base_path(self.version, at)
        {
            self.found.retain(|skipped| skipped.pointer != kept.pointer);
        }
    }

    fn tags(&mut self, at: &At<'_>) {
        for tag in elements(at, "tags") {
            if tag.member(TAG_VALUE).is_some() {
                self.members(&tag, |name, _| matches!(name, "name" | TAG_VALUE));
            }
        }
    }

    fn components(&mut self, at: &At<'_>) {
        self.members(at, |name, _| {
            OF_COMPONENTS.contains(&name) && !OF_COMPONENTS_SKIPPED.contains(&name)
        });
        self.each(at, "parameters", |list, _, parameter| list.parameter(parameter));
        self.each(at, "responses", |list, _, response| list.response(response));
        self.each(at, "requestBodies", |list, _, body| list.body(body));
        self.each(at, "headers", |list, _, header| list.header(header));
        self.each(at, "securitySchemes", |list, _, scheme| list.scheme(scheme));
        self.each(at, "pathItems", |list, _, path| list.path(path));
    }

    fn path(&mut self, at: &At<'_>) {
        let is_verb = |name: &str| VERBS.contains(&name) || name == ANY_METHOD;
        self.members(at, |name, _| {
            is_verb(name)
                || is_extension(name)
                || OF_RESOURCE.contains(&name)
                || matches!(name, "$ref" | "parameters")
        });
        self.parameters(at);
        for (_, operation) in at.members().filter(|(name, _)| is_verb(name)) {
            self.operation(&operation);
        }
    }

    fn operation(&mut self, at: &At<'_>) {
        self.members(at, |name, _| {
            is_extension(name) || OF_METHOD.contains(&name) || OPERATION.contains(&name)
        });
        self.parameters(at);
        if let Some(body) = at.member("requestBody") {
            self.body(&body);
        }
        self.each(at, "responses", |list, status, response| {
            match status.bytes().all(|byte| byte.is_ascii_digit()) {
                true => list.response(response),
                // A method has responses for statuses only.
                false => list.skip(response),
            }
        });
    }

    fn parameters(&mut self, at: &At<'_>) {
        for parameter in elements(at, "parameters") {
            self.parameter(&parameter);
        }
    }

    fn parameter(&mut self, at: &At<'_>) {
        let place = at.member("in");
        let place = place.as_ref().and_then(|place| place.node.as_str());
        if matches!(place, Some("cookie" | "formData")) {
            self.skip(at);
            return;
        }
        let of_body = place == Some("body");
        self.members(at, |name, member| {
            matches!(name, "$ref" | "name" | "in" | "required" | "description")
                || (of_body && name == "schema")
                || is_plain(name, member)
        });
    }

    fn body(&mut self, at: &At<'_>) {
        self.members(at, |name, member| {
            matches!(name, "$ref" | "description" | "content")
                // Bodies are written as required.
                || (name == "required" && member.node.as_bool() == Some(true))
        });
        self.content(at);
    }

    fn content(&mut self, at: &At<'_>) {
        self.each(at, "content", |list, _, media| {
            list.members(media, |name, _| name == "schema");
        });
    }

    fn response(&mut self, at: &At<'_>) {
        self.members(at, |name, _| {
            is_extension(name) || matches!(name, "$ref" | "description" | "headers" | "schema" | "content")
        });
        self.content(at);
        self.each(at, "headers", |list, _, header| list.header(header));
    }

    fn header(&mut self, at: &At<'_>) {
        self.members(at, |name, member| {
            matches!(name, "$ref" | "description" | "required" | REQUIRED) || is_plain(name, member)
        });
    }

    /// One that is no authorizer is kept as it is.
    fn scheme(&mut self, at: &At<'_>) {
        if at.member(AUTHORIZER).is_some() {
            self.members(at, |name, _| {
                is_extension(name)
                    || (OF_SCHEME.contains(&name) && matches!(name, "type" | "name" | "in" | "description"))
            });
        }
    }
}

/// Whether a parameter's type is a text, which is what is written of all.
fn is_plain(name: &str, member: &At<'_>) -> bool {
    let is_string = |at: &At<'_>| at.node.as_str() == Some("string");
    match name {
        "type" => is_string(member),
        "schema" => {
            let object = member.node.as_object();
            object.is_some_and(|object| object.len() == 1)
                && member.member("type").is_some_and(|kind| is_string(&kind))
        }
        _ => false,
    }
}

fn elements<'d>(at: &At<'d>, key: &str) -> Vec<At<'d>> {
    let Some(member) = at.member(key) else {
        return Vec::new();
    };
    let Value::Array(nodes) = &member.node.value else {
        return Vec::new();
    };
    let element = |(index, node)| At {
        node,
        pointer: format!("{}/{index}", member.pointer),
    };
    nodes.iter().enumerate().map(element).collect()
}
