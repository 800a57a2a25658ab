//! Policy documents: "Grammar of the IAM JSON policy language".

mod condition;
mod node;
mod principal;
mod statement;

use node::Node;

use crate::{Policy, Problem};

/// The largest policy that is read, in bytes. AWS's bounds are smaller: 6,144 characters for a managed policy, 10,240 for a
/// role's inline policies, 8,192 bytes for an API's resource policy; but white space does not count there.
pub const LARGEST_POLICY: usize = 20 * 1024;

/// What a policy is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An identity, or what an authorizer answers: no `Principal`, for that is whom it is attached to.
    Identity,
    /// A resource: each statement has its `Principal`.
    Resource,
}

impl Policy {
    /// Reads a policy. All problems are collected.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Vec<Problem>> {
        if text.len() > LARGEST_POLICY {
            let what = format!(
                "the policy has {} bytes, and {LARGEST_POLICY} are taken",
                text.len()
            );
            return Err(vec![Problem::new("", what, "split it into several policies")]);
        }
        let node = serde_json::from_str(text).map_err(|error| {
            vec![Problem::new(
                "",
                format!("the policy cannot be read: {error}"),
                "a policy is a JSON object",
            )]
        })?;
        read(&node, kind)
    }

    /// Reads a policy that has been read as JSON before, as a part of an authorizer's answer. The caller bounds its size.
    pub fn from_value(value: &serde_json::Value, kind: Kind) -> Result<Self, Vec<Problem>> {
        read(&Node::from(value), kind)
    }
}

/// What all parts of the reader are given.
struct Reader {
    kind: Kind,
    /// Whether `${…}` is a variable.
    variables: bool,
    problems: Vec<Problem>,
}

impl Reader {
    fn problem(&mut self, pointer: &str, what: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Problem::new(pointer, what, hint));
    }

    /// A text, or a problem.
    fn text<'n>(&mut self, node: &'n Node, pointer: &str) -> Option<&'n str> {
        if let Node::Text(text) = node {
            return Some(text);
        }
        self.problem(pointer, format!("is {}, not a string", node.kind()), "");
        None
    }

    /// The texts of a string or a list of strings, with their pointers. There must be one at least.
    fn texts<'n>(&mut self, node: &'n Node, pointer: &str) -> Vec<(String, &'n str)> {
        let Node::List(nodes) = node else {
            return self
                .text(node, pointer)
                .map(|text| (pointer.to_owned(), text))
                .into_iter()
                .collect();
        };
        if nodes.is_empty() {
            self.problem(pointer, "is an empty list", "name one at least; * stands for all");
        }
        let mut texts = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            if let Some(text) = self.text(node, &pointer) {
                texts.push((pointer, text));
            }
        }
        texts
    }
}

/// A pointer to a member.
fn member(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn read(node: &Node, kind: Kind) -> Result<Policy, Vec<Problem>> {
    let Node::Map(members) = node else {
        let what = format!("the policy is {}, not an object", node.kind());
        return Err(vec![Problem::new(
            "",
            what,
            r#"{"Version": "2012-10-17", "Statement": […]}"#,
        )]);
    };
    let mut reader = Reader {
        kind,
        variables: false,
        problems: Vec::new(),
    };
    let (mut id, mut statements) = (None, None);
    for (name, node) in members {
        let pointer = member("", name);
        match name.as_str() {
            "Version" => reader.variables = version(&mut reader, node, &pointer),
            "Id" => id = reader.text(node, &pointer).map(str::to_owned),
            "Statement" => statements = Some((pointer, node)),
            _ => reader.problem(
                &pointer,
                "no such element",
                "a policy has Version, Id and Statement",
            ),
        }
    }
    // After the version, which may come last and says how texts are read.
    let mut read = Vec::new();
    match statements {
        None => reader.problem("", "the policy has no Statement", ""),
        Some((pointer, Node::List(nodes))) => {
            if nodes.is_empty() {
                reader.problem(
                    &pointer,
                    "is an empty list",
                    "a policy without statements says nothing",
                );
            }
            for (index, node) in nodes.iter().enumerate() {
                read.extend(statement::read(&mut reader, node, &format!("{pointer}/{index}")));
            }
        }
        Some((pointer, node)) => read.extend(statement::read(&mut reader, node, &pointer)),
    }
    match reader.problems.is_empty() {
        true => Ok(Policy { id, statements: read }),
        false => Err(reader.problems),
    }
}

/// Whether the version has variables. "If you do not include a Version element, the value defaults to 2008-10-17."
fn version(reader: &mut Reader, node: &Node, pointer: &str) -> bool {
    match reader.text(node, pointer) {
        Some("2012-10-17") => true,
        Some("2008-10-17") | None => false,
        Some(other) => {
            reader.problem(
                pointer,
                format!("no such version: {other:?}"),
                r#"write "2012-10-17""#,
            );
            false
        }
    }
}
