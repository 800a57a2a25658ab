//! Where the import is in the document, and what it has found wrong so far.

use portcullis_document::{Document, Node, Object, Problem, escape};

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
}

impl<'d> Context<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        Self {
            document,
            problems: Vec::new(),
        }
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

    /// Reports something that API Gateway has and this gateway does not.
    pub(crate) fn unsupported(&mut self, pointer: &str, what: &str) {
        self.error("unsupported", pointer, format!("{what} is not supported yet"));
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

    pub(crate) fn mismatch(&mut self, at: &At<'_>, expected: &str) {
        let message = format!("expected {expected}, found {}", at.node.describe());
        self.error("type", &at.pointer, message);
    }
}
