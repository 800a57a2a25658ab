//! `$ref`: following it in what is read, and checking it everywhere else.

use std::collections::HashSet;

use portcullis_document::{Document, Node, Value, escape, suggest};

use crate::context::{At, Context};

/// How many references may lead to each other.
const LONGEST_CHAIN: usize = 32;

/// Keys whose values are data, in which `$ref` means nothing.
const DATA: [&str; 5] = ["example", "examples", "default", "enum", "const"];

impl<'d> Context<'d> {
    /// What `at` stands for: itself, or what its `$ref` leads to. `None` after a problem.
    pub(crate) fn resolve(&mut self, at: &At<'d>) -> Option<At<'d>> {
        match follow(self.document, at) {
            Ok(target) => Some(target),
            Err(wrong) => {
                self.wrong(&at.at("$ref"), wrong);
                None
            }
        }
    }

    /// Checks every `$ref` of the document, so that a wrong one is an error even where only a reader follows it.
    pub(crate) fn check_references(&mut self) {
        let root = self.root();
        let mut wrong = Vec::new();
        walk(
            self.document,
            root.node,
            &mut root.pointer.clone(),
            false,
            &mut wrong,
        );
        for (pointer, wrong) in wrong {
            self.wrong(&pointer, wrong);
        }
    }

    fn wrong(&mut self, pointer: &str, Wrong { message, near }: Wrong) {
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
}

impl From<String> for Wrong {
    fn from(message: String) -> Self {
        Self { message, near: None }
    }
}

/// The `$ref` of an object, where it has one that is a string.
fn reference(node: &Node) -> Option<&str> {
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
        let pointer = local(name)?;
        let node = document.find(&pointer).ok_or_else(|| Wrong {
            message: format!("the $ref \"{name}\" leads to nothing"),
            near: near(document, &pointer),
        })?;
        current = At { node, pointer };
    }
    Ok(current)
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

fn percent_decoded(text: &str) -> Option<String> {
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

fn walk(
    document: &Document,
    node: &Node,
    pointer: &mut String,
    names: bool,
    wrong: &mut Vec<(String, Wrong)>,
) {
    match &node.value {
        Value::Object(object) => {
            let at = At {
                node,
                pointer: pointer.clone(),
            };
            if let (false, Some(_), Err(found)) = (names, reference(node), follow(document, &at)) {
                wrong.push((format!("{pointer}/$ref"), found));
            }
            for member in object {
                if !names && is_data(&member.key) {
                    continue;
                }
                let names = !names && member.key == "properties";
                within(pointer, &member.key, |pointer| {
                    walk(document, &member.node, pointer, names, wrong)
                });
            }
        }
        Value::Array(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                within(pointer, &index.to_string(), |pointer| {
                    walk(document, node, pointer, false, wrong)
                });
            }
        }
        _ => {}
    }
}

fn within(pointer: &mut String, segment: &str, then: impl FnOnce(&mut String)) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(&escape(segment));
    then(pointer);
    pointer.truncate(length);
}

fn is_data(key: &str) -> bool {
    DATA.contains(&key) || (crate::extension::is_extension(key) && !key.starts_with("x-amazon-apigateway-"))
}
