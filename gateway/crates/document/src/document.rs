//! A parsed document.

use std::sync::Arc;

use crate::format::Format;
use crate::node::{Node, Value};
use crate::pointer::{index, segments};
use crate::position::Position;
use crate::problem::{Problem, Severity};
use crate::reader::{MAX_BYTES, MAX_PROBLEMS, Reader};

/// A text that has been read: an ordered tree in which every key and value knows where it is written.
#[derive(Debug, Clone)]
pub struct Document {
    file: Arc<str>,
    format: Format,
    root: Node,
}

impl Document {
    /// Reads a text, or says everything that is wrong with it as text.
    ///
    /// `file` is what problems call it. Texts longer than 8 MiB, nested deeper than 128 levels or with more than
    /// 1,000,000 values (YAML aliases count as what they copy) are refused, as are duplicate keys in every format.
    ///
    /// YAML: merge keys (`<<`) are followed; several documents in one text and tags other than the core schema's
    /// are refused.
    ///
    /// # Errors
    /// All problems that the format's parser can tell, in the text's order, at most 100.
    pub fn parse(file: &str, text: &str, format: Format) -> Result<Document, Vec<Problem>> {
        let file: Arc<str> = Arc::from(file);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > MAX_BYTES {
            let message = format!("the text has {} bytes, more than {MAX_BYTES}", text.len());
            return Err(vec![Problem::in_file(&file, "too-large", message)]);
        }
        let mut reader = Reader::new(file.clone(), text);
        let root = match format {
            Format::Json => crate::json::read(&mut reader, text),
            Format::Yaml => crate::yaml::read(&mut reader, text),
            Format::Toml => crate::toml::read(&mut reader, text),
        };
        match root {
            Ok(root) if reader.problems.is_empty() => Ok(Document { file, format, root }),
            _ => Err(sorted(reader.problems)),
        }
    }

    /// A document without anything in it, for what is not read from a text: its problems have a name and no line.
    pub fn empty(file: &str) -> Document {
        Document {
            file: Arc::from(file),
            format: Format::Json,
            root: Node {
                position: Position::START,
                value: Value::Null,
            },
        }
    }

    /// What problems call the document.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The format that it was read from.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The whole tree.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The value that a JSON pointer (RFC 6901) names; the empty pointer names the root.
    pub fn find(&self, pointer: &str) -> Option<&Node> {
        let mut node = &self.root;
        for segment in segments(pointer)? {
            node = step(node, &segment)?.0;
        }
        Some(node)
    }

    /// Where what a JSON pointer names is written: its key where it is a member of an object, otherwise its value.
    ///
    /// Where the pointer leads to nothing it is the place of the nearest thing above it that there is.
    pub fn position(&self, pointer: &str) -> Position {
        let mut node = &self.root;
        let mut position = node.position;
        for segment in segments(pointer).into_iter().flatten() {
            match step(node, &segment) {
                Some(next) => (node, position) = next,
                None => break,
            }
        }
        position
    }

    /// An error about what a JSON pointer names.
    pub fn error(&self, code: &'static str, pointer: &str, message: impl Into<String>) -> Problem {
        self.problem_at(
            Severity::Error,
            code,
            self.position(pointer),
            pointer,
            message.into(),
        )
    }

    /// A warning about what a JSON pointer names.
    pub fn warning(&self, code: &'static str, pointer: &str, message: impl Into<String>) -> Problem {
        self.problem_at(
            Severity::Warning,
            code,
            self.position(pointer),
            pointer,
            message.into(),
        )
    }

    pub(crate) fn problem_at(
        &self,
        severity: Severity,
        code: &'static str,
        position: Position,
        pointer: &str,
        message: String,
    ) -> Problem {
        Problem::at(
            severity,
            code,
            self.file.clone(),
            Some(position),
            pointer.to_owned(),
            message,
        )
    }

    /// The whole tree without its positions, in the document's order.
    pub fn to_json(&self) -> serde_json::Value {
        self.root.to_json()
    }
}

/// One segment down a pointer: the value, and where to point a person to.
fn step<'a>(node: &'a Node, segment: &str) -> Option<(&'a Node, Position)> {
    match &node.value {
        Value::Object(object) => object
            .member(segment)
            .map(|member| (&member.node, member.key_position)),
        Value::Array(nodes) => nodes.get(index(segment)?).map(|node| (node, node.position)),
        _ => None,
    }
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| problem.position);
    problems.dedup();
    problems.truncate(MAX_PROBLEMS);
    problems
}
