//! References: `$name`, `$!name`, `${name}`, with properties, methods and indices.

use super::SyntaxError;
use super::parser::Parser;
use super::token::Kind;
use super::tree::{Assignment, Expression, Node, Printed, Reference, Span, Step};
use crate::value::{Text, Value};

/// A reference and how it is written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) reference: Reference,
    pub(super) first: usize,
    pub(super) last: usize,
    shape: Shape,
    backslashes: usize,
    /// What stands between the backslashes and the last `$`.
    prefix: (usize, usize),
}

#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Normal,
    Quiet,
    /// `$\!name`, which is none: what it prints.
    Broken(String),
    /// A name without its `$`: what it prints.
    Runt(String),
}

impl Parser<'_, '_, '_> {
    /// A reference where a value is needed.
    pub(super) fn reference_value(&mut self) -> Result<(Expression, usize, usize), SyntaxError> {
        let written = self.reference()?;
        let (first, last) = (written.first, written.last);
        let expression = match written.shape {
            Shape::Runt(_) => Expression::Constant(Value::Null),
            _ => Expression::Reference(Box::new(written.reference)),
        };
        Ok((expression, first, last))
    }

    /// A reference that is printed.
    pub(super) fn printed_reference(&mut self, nodes: &mut Vec<Node>) -> Result<(), SyntaxError> {
        let written = self.reference()?;
        if let Shape::Runt(image) = &written.shape {
            let image = image.clone();
            self.print(nodes, &image);
            return Ok(());
        }
        let printed = self.printed(written);
        nodes.push(Node::Reference(Box::new(printed)));
        Ok(())
    }

    pub(super) fn printed(&mut self, written: Written) -> Printed {
        let escaped = written.backslashes % 2 == 1;
        let fallback = match &written.shape {
            Shape::Quiet if !escaped => Span::default(),
            Shape::Broken(image) | Shape::Runt(image) => self.unit.text(image),
            Shape::Normal | Shape::Quiet => {
                let literal = self.literal(written.first, written.last);
                self.unit.text(&literal)
            }
        };
        let escapes = self.unit.text(&"\\".repeat(written.backslashes / 2));
        let (start, end) = written.prefix;
        let prefix = self.source.get(start..end).unwrap_or_default();
        let prefix = self.unit.text(prefix);
        let plain = written.first == written.last && written.shape == Shape::Normal;
        Printed {
            reference: written.reference,
            escapes,
            prefix,
            fallback,
            escaped,
            plain,
        }
    }

    pub(super) fn reference(&mut self) -> Result<Written, SyntaxError> {
        let first = self.at;
        let mut steps = Vec::new();
        if self.peek(0)? == Kind::Identifier {
            self.take()?;
            self.steps(&mut steps)?;
        } else {
            self.expect(Kind::FormalOpen, "here")?;
            self.expect(Kind::Identifier, "after `${`")?;
            self.steps(&mut steps)?;
            self.expect(Kind::FormalClose, "in a reference that began with `${`")?;
        }
        Ok(self.written(first, steps))
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<(), SyntaxError> {
        self.indices(steps)?;
        while self.peek(0)? == Kind::Dot && self.peek(1)? == Kind::Identifier {
            self.take()?;
            let name = Text::from(self.image(self.at));
            if self.is_method()? {
                let arguments = self.nest(Self::arguments)?;
                steps.push(Step::Method(name, arguments));
            } else {
                self.take()?;
                steps.push(Step::Property(name));
            }
            self.indices(steps)?;
        }
        Ok(())
    }

    fn is_method(&mut self) -> Result<bool, SyntaxError> {
        if self.peek(1)? != Kind::ParenOpen {
            return Ok(false);
        }
        let next = self.peek(2)?;
        Ok(next.starts_parameter() || matches!(next, Kind::Space | Kind::MethodClose))
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, SyntaxError> {
        self.take()?;
        self.take()?;
        let mut arguments = Vec::new();
        if self.peek(0)? != Kind::MethodClose {
            arguments.push(self.parameter()?);
            while self.peek(0)? == Kind::Comma {
                self.take()?;
                arguments.push(self.parameter()?);
            }
        }
        self.expect(Kind::MethodClose, "in the arguments of a method")?;
        Ok(arguments)
    }

    fn indices(&mut self, steps: &mut Vec<Step>) -> Result<(), SyntaxError> {
        while self.peek(0)? == Kind::IndexOpen {
            self.take()?;
            self.skip(Kind::Space)?;
            let index = match self.peek(0)? {
                Kind::String | Kind::Integer | Kind::True | Kind::False => self.nest(Self::plain_value)?.0,
                Kind::Identifier | Kind::FormalOpen => self.nest(Self::reference_value)?.0,
                _ => return Err(self.unexpected("a whole number, a string or a reference", "in an index")),
            };
            steps.push(Step::Index(index));
            self.skip(Kind::Space)?;
            self.expect(Kind::IndexClose, "in an index")?;
        }
        Ok(())
    }

    /// Reads off the first token what kind of reference it is, and cuts off what does not belong to it.
    fn written(&mut self, first: usize, steps: Vec<Step>) -> Written {
        let place = self.place(first);
        let reference = Reference {
            place,
            root: None,
            steps,
        };
        let mut written = Written {
            reference,
            first,
            last: self.at - 1,
            shape: Shape::Normal,
            backslashes: 0,
            prefix: (0, 0),
        };
        if let Some(image) = broken(self.image(first)) {
            written.shape = Shape::Broken(image);
            return written;
        }
        self.cut(&mut written);
        let image = self.image(first);
        let name = if image == "${" || image == "$!{" {
            self.image(first + 1)
        } else if let Some(name) = image.strip_prefix("$!").or_else(|| image.strip_prefix('$')) {
            name
        } else {
            written.shape = Shape::Runt(image.to_owned());
            return written;
        };
        if image.starts_with("$!") {
            written.shape = Shape::Quiet;
        }
        written.reference.root = Some(self.unit.known.names.slot(name));
        written
    }

    fn cut(&mut self, written: &mut Written) {
        let image = self.image(written.first);
        let unescaped = image.trim_start_matches('\\');
        written.backslashes = image.len() - unescaped.len();
        let dollar = unescaped.rfind('$').unwrap_or_default();
        if let Some(token) = self.tokens.get_mut(written.first) {
            let start = token.start + written.backslashes;
            written.prefix = (start, start + dollar);
            token.start = start + dollar;
        }
    }

    pub(super) fn assignment(&mut self) -> Result<Node, SyntaxError> {
        let start = self.take()?;
        let place = self.place(start);
        self.skip(Kind::Space)?;
        if !matches!(self.peek(0)?, Kind::Identifier | Kind::FormalOpen) {
            return Err(self.unexpected("a reference", "after `#set(`"));
        }
        let left = self.reference()?;
        let image = self.image(left.first);
        // The grammar takes the name off the first token, also where that is `${`.
        let slot = self.unit.known.names.slot(image.get(1..).unwrap_or_default());
        self.skip(Kind::Space)?;
        self.expect(Kind::Assign, "after the reference of `#set`")?;
        let right = self.expression()?;
        self.expect(Kind::ParenClose, "in `#set`")?;
        self.lexer().leave_set();
        self.peek(0)?;
        Ok(Node::Set(Box::new(Assignment {
            place,
            slot,
            left: left.reference,
            right,
        })))
    }
}

/// What `$\!name` prints: one backslash less.
fn broken(image: &str) -> Option<String> {
    if !image.contains("\\!") {
        return None;
    }
    let dollar = image.find('$')?;
    let start = dollar + image.get(dollar..)?.find('\\')?;
    let mut text = image.to_owned();
    text.remove(start);
    Some(text)
}
