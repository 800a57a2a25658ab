//! Templates: compiled once, rendered for each request.

mod reads;

#[cfg(test)]
mod tests;

use std::fmt;
use std::rc::Rc;

use crate::aws::{Overrides, PathCache, Request, Variables};
use crate::bounds::{Exceeded, Failure, Limits};
use crate::interpret::{Interpreter, LoopSlots};
use crate::syntax::tree::{Code, Names, Slot};
use crate::syntax::{Known, SyntaxError, compile, position};

pub use reads::{Reads, Selection};

/// Which rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// As the real service renders: what does not exist is the empty string; `#macro`, `#evaluate`, `#parse` and
    /// `#include` are off.
    #[default]
    Aws,
    /// As Velocity 1.7 renders on its own.
    Velocity,
}

/// How a template is compiled and rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    pub profile: Profile,
    pub limits: Limits,
}

/// A compiled template.
#[derive(Debug)]
pub struct Template {
    code: Rc<Code>,
    names: Rc<Names>,
    source: Box<str>,
    options: Options,
    reads: Reads,
    paths: Rc<PathCache>,
    /// The variables of the host that it names.
    given: Vec<(&'static str, Slot)>,
    loop_slots: LoopSlots,
}

/// What a rendering yields.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    pub text: String,
    /// What the template set in `$context.requestOverride` and `$context.responseOverride`.
    pub overrides: Overrides,
}

/// Why a rendering failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderError {
    pub kind: RenderErrorKind,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenderErrorKind {
    /// The template does what cannot be done, such as reading past the end of a list.
    Failed,
    /// The template reached a limit.
    Limit(Exceeded),
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for RenderError {}

/// The variables that every template has.
const GIVEN: [&str; 4] = ["input", "util", "context", "stageVariables"];

impl Template {
    /// Compiles `source`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn compile(source: &str, options: &Options) -> Result<Self, SyntaxError> {
        let mut names = Names::default();
        if options.profile == Profile::Velocity {
            // A text that `#evaluate` is given may name any of them.
            for name in GIVEN
                .iter()
                .chain(&["foreach", "velocityCount", "velocityHasNext"])
            {
                names.slot(name);
            }
        }
        let depth = options.limits.depth;
        let macros = std::collections::HashSet::new();
        let code = compile(
            source,
            Known {
                profile: options.profile,
                depth,
                names: &mut names,
                macros,
            },
        )?;
        let reads = Reads::of(&code, &names);
        Ok(Self {
            code: Rc::new(code),
            source: source.into(),
            options: *options,
            reads,
            paths: Rc::default(),
            given: GIVEN
                .iter()
                .filter_map(|name| Some((*name, names.find(name)?)))
                .collect(),
            loop_slots: LoopSlots::of(&names),
            names: Rc::new(names),
        })
    }

    /// What of a request the template can read at most.
    #[must_use]
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Renders the template for `request`.
    ///
    /// # Errors
    ///
    /// What failed, and where, or the limit that was reached.
    pub fn render(&self, request: Rc<Request>) -> Result<Rendered, RenderError> {
        let variables = Variables::with_paths(request, Rc::clone(&self.paths));
        let Options { profile, limits } = self.options;
        let mut interpreter = Interpreter::new(profile, limits, Rc::clone(&self.names), self.loop_slots);
        let mut text = String::with_capacity((2 * self.code.pool.len()).min(self.options.limits.output));
        let result = self
            .given
            .iter()
            .try_for_each(|(name, slot)| {
                let value = variables.get(name, &mut interpreter.bounds)?;
                interpreter.define(*slot, value.unwrap_or_default());
                Ok(())
            })
            .and_then(|()| interpreter.render(&self.code, &mut text))
            .and_then(|()| variables.overrides(&mut interpreter.bounds));
        interpreter.bounds.release();
        match result {
            Ok(overrides) => Ok(Rendered { text, overrides }),
            Err(failure) => Err(self.failed(&failure, interpreter.place)),
        }
    }

    fn failed(&self, failure: &Failure, place: usize) -> RenderError {
        let (line, column) = position(&self.source, place);
        let kind = match failure {
            Failure::Limit(exceeded) => RenderErrorKind::Limit(*exceeded),
            Failure::Thrown(_) => RenderErrorKind::Failed,
        };
        let message = match failure {
            Failure::Limit(exceeded) => format!("the template is stopped: {exceeded}"),
            Failure::Thrown(message) => message.clone(),
        };
        RenderError {
            kind,
            line,
            column,
            message,
        }
    }
}
