//! Evaluates and prints references.

use std::rc::Rc;

use super::block::BlockValue;
use super::{Interpreter, Interrupt, Outcome, thrown};
use crate::java;
use crate::syntax::tree::{Code, Expression, Printed, Reference, Slot, Step};
use crate::value::{Map, Value};

/// The one property that comes before a map's own keys.
#[inline]
fn is_class(name: &str) -> bool {
    name.eq_ignore_ascii_case("class")
}

impl Interpreter {
    /// The value of a reference; of what does not exist the profile's.
    pub(super) fn reference(&mut self, reference: &Reference, code: &Rc<Code>) -> Outcome<Value> {
        if let Some(root) = reference.root
            && let Some((map, name)) = self.member(root, reference)?
        {
            return map.look(name, |value| match value {
                None | Some(Value::Null) => Ok(self.absent.clone()),
                Some(value) => Ok(value.clone()),
            });
        }
        self.walk(reference, code)
    }

    /// The value of a reference, taken step by step.
    fn walk(&mut self, reference: &Reference, code: &Rc<Code>) -> Outcome<Value> {
        let Some(root) = reference.root else {
            return Ok(self.absent.clone());
        };
        let Some((last, steps)) = reference.steps.split_last() else {
            let value = self.get(root);
            return self.existing(value);
        };
        let mut value = self.get(root)?;
        for step in steps {
            if matches!(value, Value::Null) {
                return Ok(self.absent.clone());
            }
            self.place = reference.place;
            value = self.step(&value, step, code)?;
        }
        if matches!(value, Value::Null) {
            return Ok(self.absent.clone());
        }
        self.place = reference.place;
        let value = self.step(&value, last, code);
        self.existing(value)
    }

    /// The value, of what does not exist the profile's.
    #[inline]
    fn existing(&self, value: Outcome<Value>) -> Outcome<Value> {
        match value {
            Ok(Value::Null) => Ok(self.absent.clone()),
            value => value,
        }
    }

    /// The map and the name in it that a reference of properties leads to, as most references do, and their steps
    /// taken: by way of maps alone, without a copy of any value. None where something else is on the way.
    #[inline]
    fn member<'r>(&mut self, root: Slot, reference: &'r Reference) -> Outcome<Option<(Map, &'r str)>> {
        let Some(Value::Map(map)) = self.variables.look(root) else {
            return Ok(None);
        };
        let Some((Step::Property(last), steps)) = reference.steps.split_last() else {
            return Ok(None);
        };
        if is_class(last) {
            return Ok(None);
        }
        let mut map = map.clone();
        for step in steps {
            let Step::Property(name) = step else {
                return Ok(None);
            };
            let next = map.look(name, |value| match value {
                Some(Value::Map(next)) if !is_class(name) => Some(next.clone()),
                _ => None,
            });
            match next {
                Some(next) => map = next,
                None => return Ok(None),
            }
        }
        self.place = reference.place;
        self.bounds.steps(reference.steps.len())?;
        Ok(Some((map, last)))
    }

    /// A property, method or index of `receiver`; null where there is none.
    pub(super) fn step(&mut self, receiver: &Value, step: &Step, code: &Rc<Code>) -> Outcome<Value> {
        self.bounds.steps(1)?;
        let found = match step {
            // Most properties are a document's: nothing but `class` comes before a map's own keys.
            Step::Property(name) => match receiver {
                Value::Map(map) if !is_class(name) => map.get(name),
                _ => java::property(receiver, name, &mut self.bounds)?,
            },
            Step::Index(index) => {
                let index = self.value(index, code)?;
                let index = self.settled(index)?;
                self.check_index(receiver, &index)?;
                java::index(receiver, &index, &mut self.bounds)?
            }
            Step::Method(name, arguments) => {
                if let Some(block) = BlockValue::of(receiver) {
                    return self.block_method(block, name, arguments);
                }
                return self.method(receiver, name, arguments, code);
            }
        };
        Ok(found.unwrap_or_default())
    }

    /// An index from the end needs a `size()` to count from.
    pub(super) fn check_index(&mut self, receiver: &Value, index: &Value) -> Outcome<()> {
        let Value::Int(..0) = index else { return Ok(()) };
        if matches!(receiver, Value::List(_) | Value::Map(_)) {
            return Ok(());
        }
        match java::call(receiver, "size", &[], &mut self.bounds)? {
            Some(_) => Ok(()),
            None => Err(thrown("a negative index needs something with a size")),
        }
    }

    fn method(
        &mut self,
        receiver: &Value,
        name: &str,
        arguments: &[Expression],
        code: &Rc<Code>,
    ) -> Outcome<Value> {
        let place = self.place;
        let found = match arguments {
            [] => java::call(receiver, name, &[], &mut self.bounds)?,
            [only] => {
                let only = self.argument_for(receiver, only, code)?;
                self.place = place;
                java::call(receiver, name, std::slice::from_ref(&only), &mut self.bounds)?
            }
            _ => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.argument_for(receiver, argument, code)?);
                }
                self.place = place;
                java::call(receiver, name, &values, &mut self.bounds)?
            }
        };
        Ok(found.unwrap_or_default())
    }

    /// The value of an argument. What collections keep must be settled; other methods take no block for a string.
    fn argument_for(&mut self, receiver: &Value, argument: &Expression, code: &Rc<Code>) -> Outcome<Value> {
        if let Expression::Constant(value) = argument {
            return Ok(value.clone());
        }
        self.bounds.enter()?;
        let value = self.value(argument, code)?;
        self.bounds.leave();
        match receiver {
            Value::List(_) | Value::Map(_) => self.settled(value),
            _ => Ok(value),
        }
    }

    /// Writes a reference, or what is printed in its place.
    pub(super) fn print(&mut self, printed: &Printed, code: &Rc<Code>, out: &mut String) -> Outcome<()> {
        let Some(value) = self.unwritten(printed, code, out)? else {
            return Ok(());
        };
        if printed.escaped {
            self.write(code.text(printed.escapes), out)?;
            if matches!(value, Value::Null) {
                self.write("\\", out)?;
            }
            return self.print_fallback(printed, code, out);
        }
        if let Some(block) = BlockValue::of(&value) {
            if self.render_block(block, out)? {
                return Ok(());
            }
            return self.print_absent(printed, code, out);
        }
        if matches!(value, Value::Null) {
            return self.print_absent(printed, code, out);
        }
        self.print_value(printed, &value, code, out)
    }

    /// The value to print, unless it is a member of a map that could be written as it stands there.
    fn unwritten(&mut self, printed: &Printed, code: &Rc<Code>, out: &mut String) -> Outcome<Option<Value>> {
        let reference = &printed.reference;
        if !printed.escaped
            && let Some(root) = reference.root
            && let Some((map, name)) = self.member(root, reference)?
        {
            return map.look(name, |value| match value {
                None | Some(Value::Null) => Ok(Some(self.absent.clone())),
                // Their texts could look into the map.
                Some(value @ (Value::List(_) | Value::Map(_) | Value::Object(_))) => Ok(Some(value.clone())),
                Some(value) => self.print_value(printed, value, code, out).map(|()| None),
            });
        }
        self.walk(reference, code).map(Some)
    }

    /// Of what has no value the backslashes escape nothing.
    fn print_absent(&mut self, printed: &Printed, code: &Rc<Code>, out: &mut String) -> Outcome<()> {
        self.write(code.text(printed.escapes), out)?;
        self.write(code.text(printed.escapes), out)?;
        self.write(code.text(printed.prefix), out)?;
        self.print_fallback(printed, code, out)
    }

    fn print_fallback(&mut self, printed: &Printed, code: &Rc<Code>, out: &mut String) -> Outcome<()> {
        if printed.plain
            && let Some(slot) = printed.reference.root
            && let Some((given, literal)) = self.argument_literal(slot)
        {
            return self.write(given.text(literal), out);
        }
        self.write(code.text(printed.fallback), out)
    }

    /// Writes a value and what belongs to its reference.
    fn print_value(
        &mut self,
        printed: &Printed,
        value: &Value,
        code: &Rc<Code>,
        out: &mut String,
    ) -> Outcome<()> {
        for span in [printed.escapes, printed.prefix] {
            if !span.is_empty() {
                self.write(code.text(span), out)?;
            }
        }
        if let Value::Text(text) = value {
            return self.write(text, out);
        }
        java::write_text(value, out, &mut self.bounds)?;
        if out.len() > self.longest {
            return Err(Interrupt::from(self.too_long));
        }
        Ok(())
    }
}
