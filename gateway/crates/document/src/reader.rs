//! What the readers of all formats share: limits, the way to where they are, and the problems on it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::node::{Member, Node, Object, Value, quote};
use crate::pointer::pointer;
use crate::position::{Places, Position};
use crate::problem::{Problem, Severity};

/// The longest text that is read: more than the 6 MB that API Gateway takes as an API definition.
pub(crate) const MAX_BYTES: usize = 8 << 20;
/// How deep arrays and objects may be nested.
pub(crate) const MAX_DEPTH: usize = 128;
/// How many values a document may have, copies by YAML aliases included.
pub(crate) const MAX_NODES: usize = 1_000_000;
/// How many problems of one text are reported.
pub(crate) const MAX_PROBLEMS: usize = 100;
/// So many bytes of text that an alias copies count as one value.
const BYTES_PER_NODE: usize = 64;

/// Reading cannot go on; the reason has been reported.
#[derive(Debug)]
pub(crate) struct Stop;

/// The state of reading one text.
#[derive(Debug)]
pub(crate) struct Reader<'t> {
    file: Arc<str>,
    pub(crate) places: Places<'t>,
    pub(crate) problems: Vec<Problem>,
    path: Vec<String>,
    nodes: usize,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(file: Arc<str>, text: &'t str) -> Self {
        Self {
            file,
            places: Places::new(text),
            problems: Vec::new(),
            path: Vec::new(),
            nodes: 0,
        }
    }

    /// Notes an error at a place, about what is being read now.
    pub(crate) fn error(&mut self, code: &'static str, position: Position, message: impl Into<String>) {
        self.report(code, position, message.into(), None);
    }

    /// The same with something to try.
    pub(crate) fn error_with_hint(
        &mut self,
        code: &'static str,
        position: Position,
        message: impl Into<String>,
        hint: &str,
    ) {
        self.report(code, position, message.into(), Some(hint.to_owned()));
    }

    /// Notes an error after which reading cannot go on.
    pub(crate) fn stop(
        &mut self,
        code: &'static str,
        position: Position,
        message: impl Into<String>,
    ) -> Stop {
        self.error(code, position, message);
        Stop
    }

    /// Notes that what `path` leads to is defined a second time.
    pub(crate) fn duplicate(&mut self, path: &[String], position: Position, first: Position) {
        let outer = std::mem::replace(&mut self.path, path.to_vec());
        self.duplicate_here(position, first);
        self.path = outer;
    }

    /// Notes that the key that has been entered is a second one of its name.
    fn duplicate_here(&mut self, position: Position, first: Position) {
        let key = quote(self.path.last().map_or("", String::as_str));
        let Position { line, column } = first;
        let message = format!("duplicate key {key}, which is already at line {line}, column {column}");
        self.error("duplicate-key", position, message);
    }

    fn report(&mut self, code: &'static str, position: Position, message: String, hint: Option<String>) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let mut problem = Problem::at(
            Severity::Error,
            code,
            self.file.clone(),
            Some(position),
            pointer(&self.path),
            message,
        );
        problem.hint = hint;
        self.problems.push(problem);
    }

    /// Goes to a member or an element; `leave` comes back.
    pub(crate) fn enter(&mut self, segment: impl Into<String>, position: Position) -> Result<(), Stop> {
        self.path.push(segment.into());
        if self.path.len() > MAX_DEPTH {
            self.path.truncate(MAX_DEPTH);
            let message = format!("arrays and objects are nested deeper than {MAX_DEPTH}");
            return Err(self.stop("too-deep", position, message));
        }
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.path.pop();
    }

    /// Counts one value that is written in the text.
    pub(crate) fn count(&mut self, position: Position) -> Result<(), Stop> {
        self.count_all(1, position)
    }

    /// Counts what an alias copies.
    pub(crate) fn count_copy(&mut self, cost: usize, position: Position) -> Result<(), Stop> {
        self.count_all(cost, position)
    }

    fn count_all(&mut self, nodes: usize, position: Position) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            let message = format!("the document has more than {MAX_NODES} values, aliases included");
            return Err(self.stop("too-large", position, message));
        }
        Ok(())
    }
}

/// What copying a node costs, in values.
pub(crate) fn cost(node: &Node) -> usize {
    match &node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
        Value::String(text) => 1 + text.len() / BYTES_PER_NODE,
        Value::Array(nodes) => 1 + nodes.iter().map(cost).sum::<usize>(),
        Value::Object(object) => {
            let members = object
                .iter()
                .map(|member| member.key.len() / BYTES_PER_NODE + cost(&member.node));
            1 + members.sum::<usize>()
        }
    }
}

/// How many levels of arrays and objects a node is.
pub(crate) fn depth(node: &Node) -> usize {
    match &node.value {
        Value::Array(nodes) => 1 + nodes.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.iter().map(|member| depth(&member.node)).max().unwrap_or(0),
        _ => 0,
    }
}

/// The members of an object while it is being read.
#[derive(Debug, Default)]
pub(crate) struct Members {
    members: Vec<Member>,
    places: HashMap<String, Position>,
}

impl Members {
    /// Takes a key before its value is read. A second use of it is reported with both places; its value is to be
    /// read and thrown away. The key must have been entered.
    pub(crate) fn claim(&mut self, reader: &mut Reader<'_>, key: &str, position: Position) -> bool {
        if let Some(first) = self.places.get(key) {
            reader.duplicate_here(position, *first);
            return false;
        }
        self.places.insert(key.to_owned(), position);
        true
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    pub(crate) fn push(&mut self, member: Member) {
        self.members.push(member);
    }

    /// Takes a member that a YAML merge brings, unless there is one of its name.
    pub(crate) fn merge(&mut self, member: &Member) {
        if !self.has(&member.key) {
            self.places.insert(member.key.clone(), member.key_position);
            self.members.push(member.clone());
        }
    }

    pub(crate) fn into_object(self) -> Object {
        Object::new(self.members)
    }
}
