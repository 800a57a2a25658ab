//! Where the import is in the document, and what it has found wrong so far.

use std::collections::HashMap;

use portcullis_document::{Document, Node, Object, Problem, Value, escape};

use crate::options::{ImportOptions, Purpose};

/// What an import may copy from places that are used many times, in bytes. A document has 8 MiB at most, but what
/// its references lead to is copied for each of them.
const MOST_COPIED: usize = 64 << 20;

/// To how many problems something is looked for that may have been meant, and among how many names.
const MOST_HINTS: usize = 1000;

/// A value and the pointer to it.
#[derive(Debug, Clone)]
pub(crate) struct At<'d> {
    pub(crate) node: &'d Node,
    pub(crate) pointer: String,
}

impl<'d> At<'d> {
    /// The member `key`, where this is an object that has it.
    pub(crate) fn member(&self, key: &str) -> Option<At<'d>> {
        let node = self.node.as_object()?.get(key)?;
        Some(At {
            node,
            pointer: self.at(key),
        })
    }

    /// All members in order; none where this is no object.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'d str, At<'d>)> + use<'d> {
        let pointer = self.pointer.clone();
        let members = self.node.as_object().into_iter().flatten();
        members.map(move |member| {
            let pointer = format!("{pointer}/{}", escape(&member.key));
            (
                member.key.as_str(),
                At {
                    node: &member.node,
                    pointer,
                },
            )
        })
    }

    /// The pointer to the member `key`, whether it is there or not.
    pub(crate) fn at(&self, key: &str) -> String {
        format!("{}/{}", self.pointer, escape(key))
    }
}

/// The document and the problems found in it.
#[derive(Debug)]
pub(crate) struct Context<'d> {
    pub(crate) document: &'d Document,
    pub(crate) problems: Vec<Problem>,
    pub(crate) options: &'d ImportOptions<'d>,
    copied: usize,
    weights: HashMap<String, usize>,
}

impl<'d> Context<'d> {
    pub(crate) fn new(document: &'d Document, options: &'d ImportOptions<'d>) -> Self {
        Self {
            document,
            problems: Vec::new(),
            options,
            copied: 0,
            weights: HashMap::new(),
        }
    }

    /// Counts `at` as copied once more; a problem at `pointer` where that makes too much.
    pub(crate) fn copy(&mut self, at: &At<'_>, pointer: &str) -> Option<()> {
        let exhausted = self.copied > MOST_COPIED;
        if !exhausted {
            let weight = match self.weights.get(&at.pointer) {
                Some(weight) => *weight,
                None => *self.weights.entry(at.pointer.clone()).or_insert(weight(at.node)),
            };
            self.copied = self.copied.saturating_add(weight);
        }
        if self.copied <= MOST_COPIED {
            return Some(());
        }
        // Once is enough: everything behind it is too much as well.
        if !exhausted {
            let message =
                format!("what is used many times in the document makes more than {MOST_COPIED} bytes");
            self.error_with_hint("too-large", pointer, message, "refer to less, or divide the API");
        }
        None
    }

    pub(crate) fn root(&self) -> At<'d> {
        At {
            node: self.document.root(),
            pointer: String::new(),
        }
    }

    pub(crate) fn error(&mut self, code: &'static str, pointer: &str, message: impl Into<String>) {
        self.problems.push(self.document.error(code, pointer, message));
    }

    pub(crate) fn error_with_hint(
        &mut self,
        code: &'static str,
        pointer: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.problems
            .push(self.document.error(code, pointer, message).hint(hint));
    }

    pub(crate) fn warning(&mut self, code: &'static str, pointer: &str, message: impl Into<String>) {
        self.problems.push(self.document.warning(code, pointer, message));
    }

    /// Whether the API is kept, not served.
    pub(crate) fn keeps(&self) -> bool {
        self.options.purpose == Purpose::Keep
    }

    /// Whether something that API Gateway has and this gateway does not keeps the API from being read; it is reported
    /// then.
    pub(crate) fn refuses(&mut self, pointer: &str, what: &str) -> bool {
        let refuses = !self.keeps();
        if refuses {
            self.error("unsupported", pointer, format!("{what} is not supported yet"));
        }
        refuses
    }

    /// Reports what an API that is served must not have. One that is kept may be put right before it is deployed: it
    /// is told, and `Some`.
    pub(crate) fn doubt(&mut self, problem: Problem) -> Option<()> {
        let keeps = self.keeps();
        let problem = match keeps {
            true => problem.as_warning(),
            false => problem,
        };
        self.problems.push(problem);
        keeps.then_some(())
    }

    /// The same of an error with something to try.
    pub(crate) fn doubtful(
        &mut self,
        code: &'static str,
        pointer: &str,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Option<()> {
        let problem = self.document.error(code, pointer, message);
        self.doubt(match hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        })
    }

    /// The value as an object, or a problem.
    pub(crate) fn object<'n>(&mut self, at: &At<'n>) -> Option<&'n Object> {
        let object = at.node.as_object();
        if object.is_none() {
            self.mismatch(at, "an object");
        }
        object
    }

    /// The value as a string, or a problem.
    pub(crate) fn string<'n>(&mut self, at: &At<'n>) -> Option<&'n str> {
        let text = at.node.as_str();
        if text.is_none() {
            self.mismatch(at, "a string");
        }
        text
    }

    /// The member `key` as a string; a problem where it is something else, but none where it is absent.
    pub(crate) fn optional_string<'n>(&mut self, at: &At<'n>, key: &str) -> Option<&'n str> {
        let member = at.member(key)?;
        self.string(&member)
    }

    /// The member `key` as a string that is not empty, or a problem.
    pub(crate) fn required_string<'n>(&mut self, at: &At<'n>, key: &str) -> Option<&'n str> {
        let Some(member) = at.member(key) else {
            self.error(
                "missing-key",
                &at.pointer,
                format!("missing required key \"{key}\""),
            );
            return None;
        };
        let text = self.string(&member)?;
        if text.is_empty() {
            self.error("value", &member.pointer, format!("\"{key}\" is empty"));
            return None;
        }
        Some(text)
    }

    /// The member `key` as a truth value, false where it is absent; `None` after a problem.
    pub(crate) fn flag(&mut self, at: &At<'_>, key: &str) -> Option<bool> {
        let Some(member) = at.member(key) else {
            return Some(false);
        };
        let value = member.node.as_bool();
        if value.is_none() {
            self.mismatch(&member, "true or false");
        }
        value
    }

    /// The value as a whole number up to `most`, or a problem; `what` is what it is called.
    pub(crate) fn number(&mut self, at: &At<'_>, what: &str, most: u32) -> Option<u32> {
        let number = at.node.as_u64().and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| *number <= most);
        if number.is_none() {
            let message = format!("expected {what} from 0 to {most}, found {}", at.node.describe());
            self.error("value", &at.pointer, message);
        }
        number
    }

    /// The elements of the member `key`, none where it is absent; `None` after a problem.
    pub(crate) fn elements(&mut self, at: &At<'d>, key: &str) -> Option<Vec<At<'d>>> {
        let Some(member) = at.member(key) else {
            return Some(Vec::new());
        };
        let Some(nodes) = member.node.as_array() else {
            self.mismatch(&member, "an array");
            return None;
        };
        let element = |(index, node)| At {
            node,
            pointer: format!("{}/{index}", member.pointer),
        };
        Some(nodes.iter().enumerate().map(element).collect())
    }

    /// The texts of the member `key`, as far as `fits` says nothing against them; `None` after a problem.
    pub(crate) fn texts(
        &mut self,
        at: &At<'d>,
        key: &str,
        fits: impl Fn(&str) -> Result<(), String>,
    ) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        let mut right = true;
        for element in self.elements(at, key)? {
            match self.string(&element).map(|text| (text, fits(text))) {
                Some((text, Ok(()))) => texts.push(text.to_owned()),
                Some((_, Err(message))) => {
                    self.error("value", &element.pointer, message);
                    right = false;
                }
                None => right = false,
            }
        }
        right.then_some(texts)
    }

    /// Reports an error with what may have been meant.
    pub(crate) fn did_you_mean<I>(
        &mut self,
        code: &'static str,
        pointer: &str,
        message: String,
        said: &str,
        known: I,
    ) where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let problem = self.near(code, pointer, message, said, known);
        self.problems.push(problem);
    }

    /// An error with what may have been meant.
    pub(crate) fn near<I>(
        &self,
        code: &'static str,
        pointer: &str,
        message: String,
        said: &str,
        known: I,
    ) -> Problem
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let problem = self.document.error(code, pointer, message);
        match self.problems.len() {
            0..MOST_HINTS => problem.did_you_mean(said, known.into_iter().take(MOST_HINTS)),
            _ => problem,
        }
    }

    pub(crate) fn mismatch(&mut self, at: &At<'_>, expected: &str) {
        let message = format!("expected {expected}, found {}", at.node.describe());
        self.error("type", &at.pointer, message);
    }
}

/// About the bytes that a value takes.
fn weight(node: &Node) -> usize {
    const EACH: usize = 48;
    let inner = match &node.value {
        Value::String(text) => text.len(),
        Value::Array(nodes) => nodes.iter().map(weight).sum(),
        Value::Object(object) => object
            .iter()
            .map(|member| member.key.len() + weight(&member.node))
            .sum(),
        _ => 0,
    };
    inner + EACH
}
