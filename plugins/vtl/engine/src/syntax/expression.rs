//! Expressions: operands, operators by precedence, lists, maps and ranges.

use std::vec::IntoIter;

use super::SyntaxError;
use super::parser::Parser;
use super::token::Kind;
use super::tree::{Chain, Expression, Link, Operator, Span};

/// An operand and the tokens that stand for it where it is null.
#[derive(Debug)]
struct Operand {
    expression: Expression,
    first: usize,
    last: usize,
    /// The last token that was taken with it.
    end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Or,
    And,
    Operator(Operator),
}

impl Sign {
    fn of(kind: Kind) -> Option<Self> {
        Some(Self::Operator(match kind {
            Kind::Or => return Some(Self::Or),
            Kind::And => return Some(Self::And),
            Kind::Equal => Operator::Equal,
            Kind::NotEqual => Operator::NotEqual,
            Kind::Less => Operator::Less,
            Kind::LessOrEqual => Operator::LessOrEqual,
            Kind::Greater => Operator::Greater,
            Kind::GreaterOrEqual => Operator::GreaterOrEqual,
            Kind::Plus => Operator::Add,
            Kind::Minus => Operator::Subtract,
            Kind::Multiply => Operator::Multiply,
            Kind::Divide => Operator::Divide,
            Kind::Modulo => Operator::Modulo,
            _ => return None,
        }))
    }

    fn level(self) -> u8 {
        match self {
            Self::Or => 0,
            Self::And => 1,
            Self::Operator(Operator::Equal | Operator::NotEqual) => 2,
            Self::Operator(
                Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual,
            ) => 3,
            Self::Operator(Operator::Add | Operator::Subtract) => 4,
            Self::Operator(_) => 5,
        }
    }
}

const OPERANDS: u8 = 6;

impl Parser<'_, '_, '_> {
    pub(super) fn expression(&mut self) -> Result<Expression, SyntaxError> {
        let mut operands = vec![self.operand()?];
        let mut signs = Vec::new();
        while let Some(sign) = Sign::of(self.peek(0)?) {
            signs.push((sign, self.take()?));
            operands.push(self.operand()?);
        }
        let count = operands.len();
        let mut grouping = Grouping {
            operands: operands.into_iter(),
            signs,
        };
        Ok(grouping.group(self, 0, 0, count).expression)
    }

    /// An operand with the `!` before it and the blanks around it.
    fn operand(&mut self) -> Result<Operand, SyntaxError> {
        let mut nots = 0_usize;
        while self.negated()? {
            self.skip(Kind::Space)?;
            self.take()?;
            nots += 1;
        }
        let mut operand = self.primary()?;
        if nots > 0 {
            let inner = Box::new(operand.expression);
            operand.expression = Expression::Not {
                odd: nots % 2 == 1,
                operand: inner,
            };
        }
        Ok(operand)
    }

    fn negated(&mut self) -> Result<bool, SyntaxError> {
        Ok(match self.peek(0)? {
            Kind::Not => true,
            Kind::Space => self.peek(1)? == Kind::Not,
            _ => false,
        })
    }

    fn primary(&mut self) -> Result<Operand, SyntaxError> {
        self.skip(Kind::Space)?;
        let (expression, first, last) = if self.peek(0)? == Kind::ParenOpen {
            self.nest(Self::parenthesized)?
        } else {
            self.value("in an expression")?
        };
        self.skip(Kind::Space)?;
        Ok(Operand {
            expression,
            first,
            last,
            end: self.at - 1,
        })
    }

    fn parenthesized(&mut self) -> Result<(Expression, usize, usize), SyntaxError> {
        let open = self.take()?;
        let expression = self.expression()?;
        let close = self.expect(Kind::ParenClose, "in an expression")?;
        Ok((expression, open + 1, close - 1))
    }

    /// A parameter: a value with blanks around it.
    pub(super) fn parameter(&mut self) -> Result<Expression, SyntaxError> {
        self.skip(Kind::Space)?;
        let (expression, _, _) = self.value("here")?;
        self.skip(Kind::Space)?;
        Ok(expression)
    }

    /// A literal, a reference, a list, a map or a range, and its first and last token.
    pub(super) fn value(&mut self, whereabouts: &str) -> Result<(Expression, usize, usize), SyntaxError> {
        let first = self.at;
        let expression = match self.peek(0)? {
            Kind::Identifier | Kind::FormalOpen => return self.reference_value(),
            Kind::String | Kind::Integer | Kind::Float | Kind::True | Kind::False => self.plain_value()?.0,
            Kind::BracketOpen if self.range_follows()? => self.nest(Self::range)?,
            Kind::BracketOpen => self.nest(Self::list)?,
            Kind::BraceOpen => self.nest(Self::map)?,
            _ => return Err(self.unexpected("a value", whereabouts)),
        };
        Ok((expression, first, self.at - 1))
    }

    fn range(&mut self) -> Result<Expression, SyntaxError> {
        self.take()?;
        let from = self.bound()?;
        self.expect(Kind::DoubleDot, "in a range")?;
        let to = self.bound()?;
        self.expect(Kind::BracketClose, "in a range")?;
        Ok(Expression::Range(Box::new((from, to))))
    }

    fn bound(&mut self) -> Result<Expression, SyntaxError> {
        self.skip(Kind::Space)?;
        let bound = match self.peek(0)? {
            Kind::Integer => self.plain_value()?.0,
            Kind::Identifier | Kind::FormalOpen => self.reference_value()?.0,
            _ => return Err(self.unexpected("a whole number or a reference", "in a range")),
        };
        self.skip(Kind::Space)?;
        Ok(bound)
    }

    fn list(&mut self) -> Result<Expression, SyntaxError> {
        self.take()?;
        let mut items = Vec::new();
        if self.peek(0)? == Kind::Space || self.peek(0)?.starts_parameter() {
            items.push(self.parameter()?);
            while self.peek(0)? == Kind::Comma {
                self.take()?;
                items.push(self.parameter()?);
            }
        }
        self.expect(Kind::BracketClose, "in a list")?;
        Ok(Expression::List(items))
    }

    fn map(&mut self) -> Result<Expression, SyntaxError> {
        self.take()?;
        let mut entries = Vec::new();
        let filled = match self.peek(0)? {
            Kind::Space => self.peek(1)?.starts_parameter(),
            kind => kind.starts_parameter(),
        };
        if filled {
            entries.push(self.entry()?);
            while self.peek(0)? == Kind::Comma {
                self.take()?;
                entries.push(self.entry()?);
            }
        } else {
            self.skip(Kind::Space)?;
        }
        if self.peek(0)? != Kind::FormalClose {
            self.expect(Kind::BraceClose, "in a map")?;
        } else {
            self.take()?;
        }
        Ok(Expression::Map(entries))
    }

    fn entry(&mut self) -> Result<(Expression, Expression), SyntaxError> {
        let key = self.parameter()?;
        self.expect(Kind::Colon, "after the key of a map")?;
        Ok((key, self.parameter()?))
    }

    /// What stands for a null among added strings.
    fn null_literal(&mut self, expression: &Expression, first: usize, last: usize) -> Span {
        if !self.may_be_null(expression) {
            return Span::default();
        }
        let literal = self.literal(first, last);
        self.unit.text(&literal)
    }

    fn may_be_null(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Constant(value) => matches!(value, crate::value::Value::Null),
            Expression::Reference(reference) => !self.unit.aws() || reference.root.is_none(),
            Expression::Range(_) => true,
            Expression::Chain(chain) => chain
                .rest
                .first()
                .is_some_and(|link| link.operator >= Operator::Add),
            Expression::Interpolated(_)
            | Expression::List(_)
            | Expression::Map(_)
            | Expression::And(_)
            | Expression::Or(_)
            | Expression::Not { .. } => false,
        }
    }
}

/// Operands in a row and the signs between them, which are grouped by precedence.
#[derive(Debug)]
struct Grouping {
    operands: IntoIter<Operand>,
    /// With their tokens.
    signs: Vec<(Sign, usize)>,
}

impl Grouping {
    /// Groups the operands `from` to before `to` by the signs of `level` and tighter ones.
    fn group(&mut self, parser: &mut Parser<'_, '_, '_>, level: u8, from: usize, to: usize) -> Operand {
        if level == OPERANDS {
            return self.operands.next().unwrap_or_else(no_operand);
        }
        let Some(mut cut) = self.cut(level, from, to) else {
            return self.group(parser, level + 1, from, to);
        };
        let mut parts = vec![self.group(parser, level + 1, from, cut + 1)];
        let mut signs = Vec::new();
        loop {
            signs.extend(self.signs.get(cut).copied());
            let next = self.cut(level, cut + 1, to);
            parts.push(self.group(parser, level + 1, cut + 1, next.map_or(to, |next| next + 1)));
            match next {
                Some(next) => cut = next,
                None => return joined(parser, parts, &signs),
            }
        }
    }

    /// The first sign of `level` between the operands `from` to before `to`.
    fn cut(&self, level: u8, from: usize, to: usize) -> Option<usize> {
        let signs = self.signs.get(from..to.saturating_sub(1))?;
        signs
            .iter()
            .position(|(sign, _)| sign.level() == level)
            .map(|offset| from + offset)
    }
}

fn no_operand() -> Operand {
    Operand {
        expression: Expression::Constant(crate::value::Value::Null),
        first: 0,
        last: 0,
        end: 0,
    }
}

fn joined(parser: &mut Parser<'_, '_, '_>, parts: Vec<Operand>, signs: &[(Sign, usize)]) -> Operand {
    let end = parts.last().map_or(0, |part| part.end);
    // The node of a sign starts with the token after it.
    let first = signs.last().map_or(0, |(_, token)| token + 1);
    let expression = match signs.first() {
        Some((Sign::Or, _)) => Expression::Or(parts.into_iter().map(|part| part.expression).collect()),
        Some((Sign::And, _)) => Expression::And(parts.into_iter().map(|part| part.expression).collect()),
        _ => chained(parser, parts, signs),
    };
    Operand {
        expression,
        first,
        last: end,
        end,
    }
}

fn chained(parser: &mut Parser<'_, '_, '_>, parts: Vec<Operand>, signs: &[(Sign, usize)]) -> Expression {
    let mut parts = parts.into_iter();
    let start = parts.next().unwrap_or_else(no_operand);
    let mut left = if signs
        .iter()
        .any(|(sign, _)| *sign == Sign::Operator(Operator::Add))
    {
        parser.null_literal(&start.expression, start.first, start.last)
    } else {
        Span::default()
    };
    let mut rest = Vec::with_capacity(signs.len());
    for ((sign, token), part) in signs.iter().zip(parts) {
        let Sign::Operator(operator) = *sign else { continue };
        let mut right = Span::default();
        let mut whole = Span::default();
        if matches!(operator, Operator::Add | Operator::Subtract) {
            right = parser.null_literal(&part.expression, part.first, part.last);
            let literal = parser.literal(token + 1, part.end);
            whole = parser.unit.text(&literal);
        }
        rest.push(Link {
            operator,
            operand: part.expression,
            literals: (left, right),
        });
        left = whole;
    }
    Expression::Chain(Box::new(Chain {
        first: start.expression,
        rest,
    }))
}
