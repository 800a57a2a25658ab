//! `$ref`: following it in what is read, and checking it everywhere else.

use std::collections::HashSet;

use portcullis_document::{Document, Node, Value, escape, suggest};

use crate::context::{At, Context};
use crate::extension::{is_extension, is_read};

/// How many references may lead to each other.
const LONGEST_CHAIN: usize = 32;

/// How long the way to an object may be. Every part of an API keeps the way to where it is written.
const LONGEST_POINTER: usize = 4096;

/// Keys whose values are data, in which `$ref` means nothing.
const DATA: [&str; 13] = [
    "example",
    "examples",
    "default",
    "enum",
    "const",
    // What is said for people.
    "summary",
    "description",
    "externalDocs",
    "deprecated",
    "tags",
    "termsOfService",
    "contact",
    "license",
];

impl<'d> Context<'d> {
    /// What `at` stands for: itself, or what its `$ref` leads to. `None` after a problem.
    pub(crate) fn resolve(&mut self, at: &At<'d>) -> Option<At<'d>> {
        match follow(self.document, at) {
            Ok(target) if target.pointer == at.pointer => Some(target),
            Ok(target) => self.copy(&target, &at.at("$ref")).map(|()| target),
            Err(wrong) => {
                self.wrong(&at.at("$ref"), wrong);
                None
            }
        }
    }

    /// The same for what must be an object. Whatever stands beside its `$ref` would be dropped in silence, which is a
    /// problem too.
    pub(crate) fn resolve_object(&mut self, at: &At<'d>) -> Option<At<'d>> {
        let target = self.resolve(at)?;
        self.object(&target)?;
        if target.pointer != at.pointer {
            let beside = |(name, _): &(&str, At<'_>)| !matches!(*name, "$ref" | "summary" | "description");
            for (name, member) in at.members().filter(beside) {
                let message = format!("\"{name}\" has no effect beside a $ref");
                self.error("reference", &member.pointer, message);
            }
        }
        Some(target)
    }

    /// Checks every `$ref` of the document, so that a wrong one is an error even where only a reader follows it.
    /// `None` where the document is not one to read any further.
    pub(crate) fn check_references(&mut self) -> Option<()> {
        let mut right = Some(());
        each(&self.root(), &mut |at| {
            if at.pointer.len() > LONGEST_POINTER {
                let message =
                    format!("the keys down to here have more than {LONGEST_POINTER} bytes together");
                self.error("too-large", &at.pointer, message);
                right = None;
            } else if reference(at.node).is_some()
                && let Err(wrong) = follow(self.document, at)
            {
                self.check(at, wrong);
            }
            right.is_some()
        });
        right
    }

    /// A model may refer to one that is made later.
    fn check(&mut self, at: &At<'_>, wrong: Wrong) {
        // That one is told where it is.
        if wrong.is_further {
            return;
        }
        let of_schema = ["/definitions/", "/components/schemas/"]
            .iter()
            .any(|home| at.pointer.starts_with(home));
        if !(wrong.is_missing && (of_schema || at.pointer.contains("/schema/"))) {
            self.wrong(&at.at("$ref"), wrong);
            return;
        }
        let hint = wrong.near.map(|near| format!("did you mean \"#{near}\"?"));
        self.doubtful("reference", &at.at("$ref"), wrong.message, hint);
    }

    fn wrong(&mut self, pointer: &str, Wrong { message, near, .. }: Wrong) {
        match near {
            Some(near) => {
                let hint = format!("did you mean \"#{near}\"?");
                self.error_with_hint("reference", pointer, message, hint);
            }
            None => self.error("reference", pointer, message),
        }
    }
}

/// Why a reference cannot be followed.
struct Wrong {
    message: String,
    /// A pointer that is there and that may have been meant.
    near: Option<String>,
    /// Whether what it leads to would be in the document, but is not.
    is_missing: bool,
    /// Whether it is another reference, on the way, that is wrong.
    is_further: bool,
}

impl From<String> for Wrong {
    fn from(message: String) -> Self {
        Self {
            message,
            near: None,
            is_missing: false,
            is_further: false,
        }
    }
}

/// The `$ref` of an object, where it has one that is a string.
pub(crate) fn reference(node: &Node) -> Option<&str> {
    node.as_object()?.get("$ref")?.as_str()
}

fn follow<'d>(document: &'d Document, at: &At<'d>) -> Result<At<'d>, Wrong> {
    let mut current = at.clone();
    let mut seen = HashSet::new();
    let first = reference(at.node).unwrap_or_default();
    while let Some(name) = reference(current.node) {
        if !seen.insert(current.pointer.clone()) {
            return Err(format!("the $ref \"{first}\" leads in a circle").into());
        }
        if seen.len() > LONGEST_CHAIN {
            let message = format!("the $ref \"{first}\" leads through more than {LONGEST_CHAIN} others");
            return Err(message.into());
        }
        let pointer = target(document, name)?;
        let node = document.find(&pointer).ok_or_else(|| Wrong {
            message: format!("the $ref \"{name}\" leads to nothing"),
            near: near(document, &pointer),
            is_missing: true,
            is_further: seen.len() > 1,
        })?;
        current = At { node, pointer };
    }
    Ok(current)
}

/// Where a `$ref` leads: into the document, or to a model by the address that API Gateway gives it.
pub(crate) fn target(document: &Document, name: &str) -> Result<String, String> {
    let Some((model, rest)) = model_of(name) else {
        return local(name);
    };
    let homes = ["/definitions", "/components/schemas"];
    let home = homes.into_iter().find(|home| document.find(home).is_some());
    let home = home.unwrap_or("/definitions");
    Ok(format!("{home}/{}{rest}", escape(model)))
}

/// The model in `https://apigateway.amazonaws.com/restapis/{id}/models/{name}`, and the pointer further into it.
pub(crate) fn model_of(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("https://apigateway.amazonaws.com/restapis/")?;
    let (_, name) = rest.split_once("/models/")?;
    let (name, rest) = name.split_once('#').unwrap_or((name, ""));
    (!name.is_empty() && !name.contains('/')).then_some((name, rest))
}

/// A pointer to a sibling of what is missing whose name is close to it.
fn near(document: &Document, pointer: &str) -> Option<String> {
    let (parent, name) = pointer.rsplit_once('/')?;
    let siblings = document.find(parent)?.as_object()?.into_iter();
    let near = suggest(name, siblings.map(|member| escape(&member.key)))?;
    Some(format!("{parent}/{near}"))
}

/// The JSON pointer of a reference into the same document.
fn local(name: &str) -> Result<String, String> {
    let Some(fragment) = name.strip_prefix('#') else {
        return Err(format!(
            "the $ref \"{name}\" leads out of the document, which is not supported"
        ));
    };
    match percent_decoded(fragment) {
        Some(pointer) if pointer.is_empty() || pointer.starts_with('/') => Ok(pointer),
        _ => Err(format!(
            "the $ref \"{name}\" is not a pointer such as \"#/definitions/Pet\""
        )),
    }
}

pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Shows every object from `at` on that is no mere data, and whether its keys are names of properties: one of
/// those may be called `$ref` and is no reference. Below what `then` is false for nothing is shown.
pub(crate) fn each<'d>(at: &At<'d>, then: &mut impl FnMut(&At<'d>) -> bool) {
    walk(&mut at.clone(), false, then);
}

fn walk<'d>(at: &mut At<'d>, names: bool, then: &mut impl FnMut(&At<'d>) -> bool) {
    match &at.node.value {
        Value::Object(object) => {
            if !names && !then(at) {
                return;
            }
            for member in object {
                if !names && is_data(&member.key) {
                    continue;
                }
                let names = !names && holds_names(&member.key);
                within(at, &member.key, &member.node, |at| walk(at, names, then));
            }
        }
        Value::Array(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                within(at, &index.to_string(), node, |at| walk(at, false, then));
            }
        }
        _ => {}
    }
}

/// Goes one step down and back again, without a new pointer for each step.
fn within<'d>(at: &mut At<'d>, segment: &str, node: &'d Node, then: impl FnOnce(&mut At<'d>)) {
    let (length, outer) = (at.pointer.len(), at.node);
    at.pointer.push('/');
    at.pointer.push_str(&escape(segment));
    at.node = node;
    then(at);
    at.node = outer;
    at.pointer.truncate(length);
}

/// Whether the keys of what stands under a key are names, so that `$ref` and `x-…` mean nothing among them.
pub(crate) fn holds_names(key: &str) -> bool {
    matches!(key, "properties" | "definitions" | "schemas")
}

pub(crate) fn is_data(key: &str) -> bool {
    DATA.contains(&key) || (is_extension(key) && !is_read(key))
}
