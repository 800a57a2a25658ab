//! What a template is compiled to: a tree whose constants are values, whose variables are slots and whose texts lie
//! in one pool.

use std::collections::HashMap;
use std::rc::Rc;

use crate::value::{Text, Value};

/// A variable, by the number of its name.
pub(crate) type Slot = usize;

/// A range of a [`Code`]'s pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A place in the source, in bytes.
pub(crate) type Place = usize;

/// A compiled source: a template, or what `#evaluate` was given.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) body: Vec<Node>,
    /// All texts that it may print.
    pub(crate) pool: String,
    pub(crate) macros: Vec<Macro>,
    /// The bodies of `#define` and of the calls `#@name`.
    pub(crate) blocks: Vec<Block>,
}

impl Code {
    pub(crate) fn text(&self, span: Span) -> &str {
        self.pool.get(span.start..span.end).unwrap_or_default()
    }
}

#[derive(Debug)]
pub(crate) struct Macro {
    pub(crate) name: Text,
    pub(crate) parameters: Vec<Slot>,
    pub(crate) body: Vec<Node>,
}

#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) body: Vec<Node>,
    /// How often it may stand in itself.
    pub(crate) depth: usize,
}

/// The names of the variables.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    slots: HashMap<Text, Slot>,
    names: Vec<Text>,
}

impl Names {
    pub(crate) fn slot(&mut self, name: &str) -> Slot {
        if let Some(slot) = self.slots.get(name) {
            return *slot;
        }
        let text = Text::from(name);
        self.slots.insert(text.clone(), self.names.len());
        self.names.push(text);
        self.names.len() - 1
    }

    pub(crate) fn find(&self, name: &str) -> Option<Slot> {
        self.slots.get(name).copied()
    }

    pub(crate) fn name(&self, slot: Slot) -> &str {
        self.names.get(slot).map_or("", |name| &**name)
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }
}

#[derive(Debug)]
pub(crate) enum Node {
    Text(Span),
    Reference(Box<Printed>),
    Set(Box<Assignment>),
    If(Box<Conditional>),
    Foreach(Box<Loop>),
    Define {
        slot: Slot,
        block: usize,
    },
    Call(Box<Call>),
    Evaluate(Box<(Place, Expression)>),
    Break(Option<Box<(Place, Expression)>>),
    Stop(Option<Box<Expression>>),
    /// A directive that fails when it is reached.
    Refused(Box<Refused>),
}

#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) place: Place,
    pub(crate) arguments: Vec<Expression>,
    pub(crate) message: &'static str,
}

/// A reference that is printed.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) reference: Reference,
    /// Half of its backslashes.
    pub(crate) escapes: Span,
    /// What belongs to it but is none of it, as the first `$` of `$$a`.
    pub(crate) prefix: Span,
    /// What it prints where it has no value.
    pub(crate) fallback: Span,
    /// A backslash keeps it from being evaluated.
    pub(crate) escaped: bool,
    /// A name and nothing else, which a macro's argument may stand for.
    pub(crate) plain: bool,
}

#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) place: Place,
    /// None where it only looks like a reference.
    pub(crate) root: Option<Slot>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug)]
pub(crate) enum Step {
    Property(Text),
    Method(Text, Vec<Expression>),
    Index(Expression),
}

#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) place: Place,
    /// The variable, where nothing follows its name.
    pub(crate) slot: Slot,
    pub(crate) left: Reference,
    pub(crate) right: Expression,
}

#[derive(Debug)]
pub(crate) struct Conditional {
    pub(crate) branches: Vec<(Expression, Vec<Node>)>,
    pub(crate) otherwise: Vec<Node>,
}

#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) place: Place,
    pub(crate) element: Slot,
    pub(crate) items: Expression,
    pub(crate) body: Vec<Node>,
}

/// A call of a macro, or what looks like one.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) place: Place,
    pub(crate) name: Text,
    pub(crate) arguments: Rc<[Argument]>,
    /// The block of `#@name`.
    pub(crate) body: Option<usize>,
    /// The call as it was written, printed where there is no such macro.
    pub(crate) literal: Span,
    /// An argument that no macro can take.
    pub(crate) bad_argument: bool,
}

#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) value: Expression,
    pub(crate) literal: Span,
    /// Evaluated where it is used, not where it is given.
    pub(crate) by_name: bool,
}

#[derive(Debug)]
pub(crate) enum Expression {
    Constant(Value),
    Interpolated(Box<Interpolated>),
    Reference(Box<Reference>),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
    Range(Box<(Self, Self)>),
    And(Vec<Self>),
    Or(Vec<Self>),
    /// Whether it is true, or (odd) whether it is not.
    Not {
        odd: bool,
        operand: Box<Self>,
    },
    /// Operators of one precedence, from left to right.
    Chain(Box<Chain>),
}

#[derive(Debug)]
pub(crate) struct Interpolated {
    pub(crate) body: Vec<Node>,
    /// The blank after it, which the parser needs, is not printed.
    pub(crate) padded: bool,
}

#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) first: Expression,
    pub(crate) rest: Vec<Link>,
}

#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) operator: Operator,
    pub(crate) operand: Expression,
    /// What stands for null where a string is added: on the left and on the right.
    pub(crate) literals: (Span, Span),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}
