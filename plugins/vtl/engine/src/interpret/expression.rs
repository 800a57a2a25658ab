//! Evaluates expressions.

use std::rc::Rc;

use super::block::BlockValue;
use super::{Interpreter, Outcome, thrown};
use crate::bounds::Exceeded;
use crate::java::{self, number};
use crate::syntax::tree::{Chain, Code, Expression, Interpolated, Link, Operator};
use crate::value::{List, ListKind, Map, Order, Text, Value};

impl Interpreter {
    /// The value of an expression.
    pub(super) fn value(&mut self, expression: &Expression, code: &Rc<Code>) -> Outcome<Value> {
        match expression {
            Expression::Constant(value) => Ok(value.clone()),
            Expression::Reference(reference) if reference.root.is_none() => Ok(Value::Null),
            Expression::Reference(reference) => self.reference(reference, code),
            _ => {
                self.bounds.steps(1)?;
                self.bounds.enter()?;
                let value = self.compound(expression, code)?;
                self.bounds.leave();
                Ok(value)
            }
        }
    }

    fn compound(&mut self, expression: &Expression, code: &Rc<Code>) -> Outcome<Value> {
        match expression {
            Expression::Constant(value) => Ok(value.clone()),
            Expression::Reference(reference) => self.reference(reference, code),
            Expression::Interpolated(interpolated) => self.interpolate(interpolated, code),
            Expression::List(items) => {
                self.bounds.items(items.len())?;
                self.bounds.list(items.len())?;
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    let value = self.value(item, code)?;
                    values.push(self.settled(value)?);
                }
                Ok(Value::List(List::new(ListKind::Java, values)))
            }
            Expression::Map(entries) => self.map(entries, code),
            Expression::Range(bounds) => self.range(&bounds.0, &bounds.1, code),
            Expression::And(_) | Expression::Or(_) | Expression::Not { .. } => {
                self.truth(expression, code).map(Value::Bool)
            }
            Expression::Chain(chain) => self.chain(chain, code),
        }
    }

    /// What an expression is worth as a condition: everything but null and false is true.
    pub(super) fn truth(&mut self, expression: &Expression, code: &Rc<Code>) -> Outcome<bool> {
        match expression {
            Expression::And(parts) => {
                self.bounds.enter()?;
                for part in parts {
                    if !self.truth(part, code)? {
                        self.bounds.leave();
                        return Ok(false);
                    }
                }
                self.bounds.leave();
                Ok(true)
            }
            Expression::Or(parts) => {
                self.bounds.enter()?;
                for part in parts {
                    if self.truth(part, code)? {
                        self.bounds.leave();
                        return Ok(true);
                    }
                }
                self.bounds.leave();
                Ok(false)
            }
            Expression::Not { odd, operand } => {
                self.bounds.enter()?;
                let truth = self.truth(operand, code)?;
                self.bounds.leave();
                Ok(truth != *odd)
            }
            Expression::Reference(reference) => {
                let value = self.reference(reference, code)?;
                self.is_true(value)
            }
            _ => {
                let value = self.value(expression, code)?;
                self.is_true(value)
            }
        }
    }

    fn is_true(&mut self, value: Value) -> Outcome<bool> {
        match value {
            Value::Null => Ok(false),
            Value::Bool(bool) => Ok(bool),
            // A block whose text is null, since it stands in itself too often.
            Value::Object(_) => Ok(!matches!(self.settled(value)?, Value::Null)),
            _ => Ok(true),
        }
    }

    /// The text of a string with what is interpolated in it.
    fn interpolate(&mut self, interpolated: &Interpolated, code: &Rc<Code>) -> Outcome<Value> {
        let mut text = self.written(|interpreter, out| interpreter.nodes(&interpolated.body, code, out))?;
        if interpolated.padded {
            text.pop();
        }
        self.bounds.string(text.len())?;
        Ok(Value::Text(Text::from(text)))
    }

    /// What `render` writes, as a string and no longer than one may be.
    pub(super) fn written(
        &mut self,
        render: impl FnOnce(&mut Self, &mut String) -> Outcome<()>,
    ) -> Outcome<String> {
        let outer = (self.longest, self.too_long);
        let longest = self.bounds.limits().string;
        (self.longest, self.too_long) = (longest.saturating_add(1), Exceeded::String);
        let mut text = String::new();
        let rendered = render(self, &mut text);
        (self.longest, self.too_long) = outer;
        rendered.map(|()| text)
    }

    fn map(&mut self, entries: &[(Expression, Expression)], code: &Rc<Code>) -> Outcome<Value> {
        self.bounds.items(entries.len())?;
        self.bounds.map(entries.len())?;
        let map = Map::new(Order::Insertion);
        for (key, value) in entries {
            let key = self.value(key, code)?;
            let key = self.settled(key)?;
            let value = self.value(value, code)?;
            let value = self.settled(value)?;
            map.put(key, value);
        }
        Ok(Value::Map(map))
    }

    fn range(&mut self, from: &Expression, to: &Expression, code: &Rc<Code>) -> Outcome<Value> {
        let from = self.value(from, code)?;
        let to = self.value(to, code)?;
        let (Some(from), Some(to)) = (int(&from), int(&to)) else {
            return Ok(Value::Null);
        };
        let count = from.wrapping_sub(to).wrapping_abs().wrapping_add(1);
        let Ok(count) = usize::try_from(count) else {
            return Err(thrown("the bounds of a range are too far apart"));
        };
        self.bounds.items(count)?;
        self.bounds.steps(count)?;
        let step = if from >= to { -1 } else { 1 };
        let mut next = from;
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(Value::Int(next));
            next = next.wrapping_add(step);
        }
        Ok(Value::List(List::new(ListKind::Java, items)))
    }

    fn chain(&mut self, chain: &Chain, code: &Rc<Code>) -> Outcome<Value> {
        let mut left = self.value(&chain.first, code)?;
        // A string that is added to again and again is copied once.
        let mut joined: Option<String> = None;
        for link in &chain.rest {
            let right = self.value(&link.operand, code)?;
            let text = matches!(left, Value::Text(_)) || matches!(right, Value::Text(_));
            if link.operator == Operator::Add && (text || joined.is_some()) {
                let mut text = match joined.take() {
                    Some(text) => text,
                    None => {
                        let mut text = String::new();
                        self.append(std::mem::take(&mut left), code.text(link.literals.0), &mut text)?;
                        text
                    }
                };
                self.append(right, code.text(link.literals.1), &mut text)?;
                joined = Some(text);
                continue;
            }
            if let Some(text) = joined.take() {
                left = Value::from(text);
            }
            left = self.operate(left, link, right)?;
        }
        Ok(joined.map_or(left, Value::from))
    }

    /// Adds to a string; null stands for how it is written.
    fn append(&mut self, value: Value, literal: &str, text: &mut String) -> Outcome<()> {
        let before = text.len();
        match self.settled(value)? {
            Value::Text(part) => text.push_str(&part),
            Value::Null => text.push_str(literal),
            part => java::write_text(&part, text, &mut self.bounds)?,
        }
        if text.len() > self.bounds.limits().string {
            return Err(Exceeded::String.into());
        }
        self.bounds.steps(1 + (text.len() - before) / 16)?;
        Ok(())
    }

    fn operate(&mut self, left: Value, link: &Link, right: Value) -> Outcome<Value> {
        self.bounds.steps(1)?;
        let result = match link.operator {
            Operator::Equal => return self.equal(left, right).map(Value::Bool),
            Operator::NotEqual => return self.equal(left, right).map(|equal| Value::Bool(!equal)),
            Operator::Less => return self.compare(&left, &right, std::cmp::Ordering::is_lt),
            Operator::LessOrEqual => return self.compare(&left, &right, std::cmp::Ordering::is_le),
            Operator::Greater => return self.compare(&left, &right, std::cmp::Ordering::is_gt),
            Operator::GreaterOrEqual => return self.compare(&left, &right, std::cmp::Ordering::is_ge),
            Operator::Add => number::add(&left, &right, &mut self.bounds)?,
            Operator::Subtract => number::subtract(&left, &right, &mut self.bounds)?,
            Operator::Multiply => number::multiply(&left, &right, &mut self.bounds)?,
            Operator::Divide => number::divide(&left, &right, &mut self.bounds)?,
            Operator::Modulo => number::modulo(&left, &right, &mut self.bounds)?,
        };
        Ok(result.unwrap_or_default())
    }

    fn compare(
        &mut self,
        left: &Value,
        right: &Value,
        wanted: fn(std::cmp::Ordering) -> bool,
    ) -> Outcome<Value> {
        number::weigh(left, right, &mut self.bounds)?;
        Ok(compared(left, right, wanted))
    }

    fn equal(&mut self, left: Value, right: Value) -> Outcome<bool> {
        if let (Some(left), Some(right)) = (BlockValue::of(&left), BlockValue::of(&right)) {
            return Ok(std::ptr::eq(left, right));
        }
        let left = self.settled(left)?;
        let right = self.settled(right)?;
        Ok(number::equals(&left, &right, &mut self.bounds)?)
    }
}

fn compared(left: &Value, right: &Value, wanted: fn(std::cmp::Ordering) -> bool) -> Value {
    Value::Bool(number::compare(left, right).is_some_and(wanted))
}

/// `Number.intValue()`
fn int(value: &Value) -> Option<i32> {
    const LOW: i64 = 0xffff_ffff;
    let low = |long: i64| u32::try_from(long & LOW).unwrap_or_default().cast_signed();
    Some(match value {
        Value::Int(int) => *int,
        Value::Long(long) => low(*long),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "as Java casts: to the nearest bound"
        )]
        Value::Double(double) => *double as i32,
        Value::Big(big) => {
            let digits = big.magnitude().iter_u32_digits().next().unwrap_or_default();
            let int = digits.cast_signed();
            if big.sign() == num_bigint::Sign::Minus {
                int.wrapping_neg()
            } else {
                int
            }
        }
        Value::Decimal(text) => {
            let whole = text.split('.').next().unwrap_or_default();
            let big = whole.parse::<num_bigint::BigInt>().ok()?;
            return int(&Value::Big(big.into()));
        }
        _ => return None,
    })
}
