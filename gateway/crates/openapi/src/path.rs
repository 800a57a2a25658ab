//! Paths: their syntax, what may stand beside what, and their verbs.

use std::collections::{BTreeMap, HashMap};

use portcullis_model::{DocumentationLocation, Extensions, Resource};

use crate::context::{At, Context};
use crate::extension::{extensions, is_extension};
use crate::key::{ANY_METHOD, OF_PATH, VERBS};
use crate::notes::{OF_RESOURCE, part};
use crate::operation::operation;
use crate::parameter::parameters;
use crate::scope::Scope;

/// A path taken apart.
#[derive(Debug)]
pub(crate) struct Path {
    segments: Vec<Segment>,
}

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

impl Path {
    /// Takes a path apart, or says what is wrong with it. A slash at its end means nothing.
    fn parse(path: &str) -> Result<Path, String> {
        let Some(rest) = path.strip_prefix('/') else {
            return Err(format!("the path \"{path}\" does not begin with \"/\""));
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let mut segments = Vec::new();
        for part in rest.split('/').filter(|_| !rest.is_empty()) {
            if matches!(segments.last(), Some(Segment::Greedy(_))) {
                return Err(format!(
                    "the path \"{path}\" goes on behind a \"{{name+}}\", which must be last"
                ));
            }
            segments.push(segment(part).map_err(|what| format!("the path \"{path}\" {what}"))?);
        }
        let path_of = Path { segments };
        match path_of.repeated() {
            Some(name) => Err(format!("the path \"{path}\" has the variable \"{name}\" twice")),
            None => Ok(path_of),
        }
    }

    fn repeated(&self) -> Option<&str> {
        let mut seen = std::collections::HashSet::new();
        self.parameters().find(|name| !seen.insert(*name))
    }

    /// The names of its variables.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Variable(name) | Segment::Greedy(name) => Some(name.as_str()),
        })
    }

    /// Whether it has a variable of that name.
    pub(crate) fn has(&self, parameter: &str) -> bool {
        self.parameters().any(|name| name == parameter)
    }

    /// The path without a slash at its end.
    pub(crate) fn normal(&self) -> String {
        if self.segments.is_empty() {
            return "/".to_owned();
        }
        self.segments.iter().map(Segment::written).collect()
    }
}

impl Segment {
    fn written(&self) -> String {
        match self {
            Segment::Literal(text) => format!("/{text}"),
            Segment::Variable(name) => format!("/{{{name}}}"),
            Segment::Greedy(name) => format!("/{{{name}+}}"),
        }
    }
}

fn segment(part: &str) -> Result<Segment, String> {
    if part.is_empty() {
        return Err("has an empty segment".to_owned());
    }
    if let Some(name) = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return variable(name);
    }
    if part.contains(['{', '}']) {
        return Err(format!(
            "has a variable that does not fill its whole segment: \"{part}\""
        ));
    }
    // What RFC 3986 lets a segment have.
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@%".contains(c);
    match part.chars().find(|c| !fits(*c)) {
        Some(c) => Err(format!(
            "has the character {c:?}, which must be written percent-encoded"
        )),
        None => Ok(Segment::Literal(part.to_owned())),
    }
}

fn variable(name: &str) -> Result<Segment, String> {
    let (plain, greedy) = match name.strip_suffix('+') {
        Some(plain) => (plain, true),
        None => (name, false),
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
    if plain.is_empty() || !plain.chars().all(fits) {
        return Err(format!(
            "has a variable \"{{{name}}}\" whose name is not letters, digits and \"._-:\""
        ));
    }
    let name = plain.to_owned();
    Ok(if greedy {
        Segment::Greedy(name)
    } else {
        Segment::Variable(name)
    })
}

/// The paths of a document while they are read.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    /// How a path without a slash at its end is written in the document.
    written: HashMap<String, String>,
    /// The variable below a path, for `{name}` and `{name+}` each, and the path that brought it.
    variables: HashMap<(String, bool), (String, String)>,
}

impl Paths {
    /// Reads all paths of a document in their order.
    /// `prefix`: what stands before each of them.
    pub(crate) fn read<'d>(
        context: &mut Context<'d>,
        scope: &mut Scope<'d>,
        at: &At<'d>,
        prefix: &str,
    ) -> Vec<Resource> {
        let mut paths = Paths::default();
        let mut resources = Vec::new();
        context.object(at);
        for (name, item) in at.members() {
            if is_extension(name) {
                context.extension(&item.pointer, name);
            } else if let Some(path) = paths.admit(context, &format!("{prefix}{name}"), &item) {
                let (methods, extensions) = path_item(context, scope, &path, &item);
                resources.push(Resource {
                    pointer: item.pointer,
                    path: path.normal(),
                    methods,
                    extensions,
                });
            }
        }
        resources
    }

    /// Takes a path, or reports why it cannot be there.
    fn admit(&mut self, context: &mut Context<'_>, name: &str, at: &At<'_>) -> Option<Path> {
        let path = match Path::parse(name) {
            Ok(path) => path,
            Err(message) => {
                context.error("path", &at.pointer, message);
                return None;
            }
        };
        if let Some(first) = self.written.insert(path.normal(), name.to_owned()) {
            context.error(
                "path",
                &at.pointer,
                format!("the path \"{name}\" is there twice, also as \"{first}\""),
            );
            return None;
        }
        if let Some((mine, theirs, first)) = self.conflict(&path, name) {
            let message =
                format!("the path \"{name}\" calls \"{mine}\" what the path \"{first}\" calls \"{theirs}\"");
            context.error_with_hint(
                "path",
                &at.pointer,
                message,
                "use one name for the same place in all paths",
            );
            return None;
        }
        Some(path)
    }

    /// The first variable of a path that another path calls otherwise.
    fn conflict(&mut self, path: &Path, name: &str) -> Option<(String, String, String)> {
        let mut parent = String::new();
        for segment in &path.segments {
            if let Segment::Variable(variable) | Segment::Greedy(variable) = segment {
                let place = (parent.clone(), matches!(segment, Segment::Greedy(_)));
                let (theirs, first) = self
                    .variables
                    .entry(place)
                    .or_insert_with(|| (variable.clone(), name.to_owned()));
                if theirs != variable {
                    return Some((variable.clone(), theirs.clone(), first.clone()));
                }
            }
            parent.push_str(&segment.written());
        }
        None
    }
}

fn path_item<'d>(
    context: &mut Context<'d>,
    scope: &mut Scope<'d>,
    path: &Path,
    at: &At<'d>,
) -> (BTreeMap<String, portcullis_model::Method>, Extensions) {
    let mut methods = BTreeMap::new();
    let Some(item) = context.resolve_object(at) else {
        return (methods, Extensions::new());
    };
    let of_path = parameters(context, scope.version, path, &item);
    for (name, member) in item.members() {
        if let Some(verb) = verb(name) {
            if let Some(method) = operation(context, scope, path, &verb, of_path.as_deref(), &member) {
                methods.insert(verb, method);
            }
        } else if name == "trace" {
            let message = "the verb \"trace\" is not one that API Gateway has";
            context.doubtful(
                "unsupported",
                &member.pointer,
                message,
                Some("remove it".to_owned()),
            );
        } else if is_extension(name) {
            context.extension(&member.pointer, name);
        } else if !OF_PATH.contains(&name) {
            context.unknown_key(&member.pointer, name, VERBS.iter().chain(&OF_PATH));
        }
    }
    let location = DocumentationLocation {
        path: Some(path.normal()),
        ..part("RESOURCE")
    };
    let mut extensions = extensions(&item, &[ANY_METHOD]);
    scope.notes.strip(&location, &mut extensions);
    scope.notes.take(context, location, &item, &OF_RESOURCE);
    (methods, extensions)
}

fn verb(name: &str) -> Option<String> {
    if name == ANY_METHOD {
        return Some("ANY".to_owned());
    }
    VERBS.contains(&name).then(|| name.to_ascii_uppercase())
}
