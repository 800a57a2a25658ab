//! Filters: `?(@.a == 'x' && !(@.b || $.c > 1))`.
//!
//! ```text
//! or         = and { "||" and }
//! and        = operand { "&&" operand }
//! operand    = relation | "(" or ")" | "!" operand
//! relation   = value [ operator value ]
//! ```

use crate::bounds::Bounds;
use crate::value::Value;

use super::compile;
use super::cursor::{Cursor, Fault};
use super::evaluate::Mode;
use super::literal;
use super::node::Node;
use super::operator::Operator;
use super::{Path, Stop};

#[derive(Debug)]
pub(super) enum Expression {
    Or(Vec<Expression>),
    And(Vec<Expression>),
    Not(Box<Expression>),
    Relation {
        left: Operand,
        operator: Operator,
        right: Operand,
    },
    /// A path alone: whether it leads somewhere, or with `!` that it does not.
    Exists {
        path: Path,
        expected: bool,
    },
}

#[derive(Debug)]
pub(super) enum Operand {
    Path(Path),
    Literal(Node),
}

/// What a filter is asked about.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) item: &'a Value,
    pub(super) root: &'a Value,
    pub(super) mode: Mode,
    pub(super) depth: usize,
}

impl Expression {
    /// Whether the subject passes; what is no valid comparison does not.
    pub(super) fn accepts(&self, subject: Subject<'_>, bounds: &mut Bounds) -> Result<bool, Stop> {
        match self.holds(subject, bounds) {
            Err(Stop::Invalid) => Ok(false),
            other => other,
        }
    }

    fn holds(&self, subject: Subject<'_>, bounds: &mut Bounds) -> Result<bool, Stop> {
        bounds.steps(1)?;
        match self {
            Self::Or(any) => {
                for expression in any {
                    if expression.holds(subject, bounds)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::And(all) => {
                for expression in all {
                    if !expression.holds(subject, bounds)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Not(expression) => Ok(!expression.holds(subject, bounds)?),
            Self::Exists { path, expected } => {
                let found = match find(path, subject, Mode::Required, bounds) {
                    Err(Stop::NotFound) => None,
                    other => other?,
                };
                Ok(found.is_some() == *expected)
            }
            Self::Relation {
                left,
                operator,
                right,
            } => {
                let left = left.evaluate(subject, bounds)?;
                let right = right.evaluate(subject, bounds)?;
                operator.holds(&left, &right, bounds)
            }
        }
    }
}

impl Operand {
    fn evaluate(&self, subject: Subject<'_>, bounds: &mut Bounds) -> Result<Node, Stop> {
        match self {
            Self::Literal(node) => Ok(node.clone()),
            Self::Path(path) => match find(path, subject, subject.mode, bounds) {
                Ok(Some(value)) => Node::of(value, bounds),
                Ok(None) | Err(Stop::NotFound) => Ok(Node::Undefined),
                Err(other) => Err(other),
            },
        }
    }
}

fn find(path: &Path, subject: Subject<'_>, mode: Mode, bounds: &mut Bounds) -> Result<Option<Value>, Stop> {
    let item = if path.root { subject.root } else { subject.item };
    path.evaluate(item, subject.root, mode, subject.depth, bounds)
}

/// Compiles what stands from `(` to `)`.
pub(super) fn compile(characters: &[char], depth: usize) -> Result<Expression, Fault> {
    let mut compiler = Compiler {
        cursor: Cursor::new(characters),
        depth,
        nesting: 0,
    };
    let expression = compiler.or()?;
    compiler.cursor.skip_blanks();
    if compiler.cursor.in_bounds() {
        Err(Fault::Invalid)
    } else {
        Ok(expression)
    }
}

struct Compiler<'a> {
    cursor: Cursor<'a>,
    /// How many paths are around this filter.
    depth: usize,
    /// Parentheses and negations around the position.
    nesting: usize,
}

impl Compiler<'_> {
    fn or(&mut self) -> Result<Expression, Fault> {
        let first = self.and()?;
        let mut any = Vec::new();
        while self.cursor.accept("||") {
            any.push(self.and()?);
        }
        if any.is_empty() {
            return Ok(first);
        }
        any.insert(0, first);
        Ok(Expression::Or(any))
    }

    fn and(&mut self) -> Result<Expression, Fault> {
        let first = self.operand()?;
        let mut all = Vec::new();
        while self.cursor.accept("&&") {
            all.push(self.operand()?);
        }
        if all.is_empty() {
            return Ok(first);
        }
        all.insert(0, first);
        Ok(Expression::And(all))
    }

    fn operand(&mut self) -> Result<Expression, Fault> {
        self.nesting += 1;
        if self.nesting > 2 * compile::DEEPEST {
            return Err(Fault::Other);
        }
        self.cursor.skip_blanks();
        let start = self.cursor.position();
        let read = match self.cursor.current()? {
            '!' => {
                self.cursor.advance(1);
                self.cursor.skip_blanks();
                if matches!(self.cursor.current()?, '$' | '@') {
                    self.cursor.set(start);
                    self.relation()
                } else {
                    self.operand().map(|operand| Expression::Not(Box::new(operand)))
                }
            }
            '(' => self.group(),
            _ => self.relation(),
        };
        self.nesting -= 1;
        read
    }

    fn group(&mut self) -> Result<Expression, Fault> {
        self.cursor.advance(1);
        let inner = self.or()?;
        self.cursor.skip_blanks();
        if !self.cursor.current_is(')')? {
            return Err(Fault::Invalid);
        }
        self.cursor.advance(1);
        Ok(inner)
    }

    fn relation(&mut self) -> Result<Expression, Fault> {
        let (left, negated) = self.value()?;
        let after = self.cursor.position();
        match self.comparison() {
            Ok((operator, right)) => Ok(Expression::Relation {
                left,
                operator,
                right,
            }),
            Err(Fault::Other) => Err(Fault::Other),
            Err(Fault::Invalid) => {
                self.cursor.set(after);
                match left {
                    Operand::Path(path) => Ok(Expression::Exists {
                        path,
                        expected: !negated,
                    }),
                    Operand::Literal(_) => Err(Fault::Invalid),
                }
            }
        }
    }

    fn comparison(&mut self) -> Result<(Operator, Operand), Fault> {
        let operator = self.operator()?;
        Ok((operator, self.value()?.0))
    }

    fn operator(&mut self) -> Result<Operator, Fault> {
        self.cursor.skip_blanks();
        let start = self.cursor.position();
        let symbol = is_operator(self.cursor.current()?);
        while self.cursor.in_bounds() {
            let character = self.cursor.current()?;
            if if symbol {
                !is_operator(character)
            } else {
                character == ' '
            } {
                break;
            }
            self.cursor.advance(1);
        }
        let text = self.cursor.text(start, self.cursor.position())?;
        Operator::parse(&text).ok_or(Fault::Invalid)
    }

    /// A path or a literal, and whether `!` stands before it.
    fn value(&mut self) -> Result<(Operand, bool), Fault> {
        self.cursor.skip_blanks();
        let negated = self.cursor.current_is('!')?;
        if negated {
            self.cursor.advance(1);
            self.cursor.skip_blanks();
        }
        match self.cursor.current()? {
            '$' | '@' => Ok((Operand::Path(self.path()?), negated)),
            _ if negated => Err(Fault::Invalid),
            _ => literal::read(&mut self.cursor).map(|node| (Operand::Literal(node), false)),
        }
    }

    fn path(&mut self) -> Result<Path, Fault> {
        let start = self.cursor.position();
        self.cursor.advance(1);
        while self.cursor.in_bounds() {
            if self.cursor.current_is('[')? {
                let close = self
                    .cursor
                    .find_closing(self.cursor.position(), '[', ']', false)?;
                self.cursor.set(close.ok_or(Fault::Invalid)? + 1);
            }
            let character = self.cursor.current()?;
            let ends = match character {
                ' ' => true,
                ')' => !self.closes_function(start)?,
                other => is_operator(other),
            };
            if ends {
                break;
            }
            self.cursor.advance(1);
        }
        compile::compile(&self.cursor.text(start, self.cursor.position())?, self.depth + 1)
    }

    /// Whether the parenthesis here closes a call without parameters in the path that begins at `start`.
    fn closes_function(&self, start: usize) -> Result<bool, Fault> {
        let Some(open) = self.cursor.previous_significant() else {
            return Ok(false);
        };
        if self.cursor.character(open)? != '(' || open <= start {
            return Ok(false);
        }
        Ok(self.cursor.slice(start + 1, open)?.contains(&'.'))
    }
}

fn is_operator(character: char) -> bool {
    matches!(character, '<' | '>' | '=' | '~' | '!')
}
