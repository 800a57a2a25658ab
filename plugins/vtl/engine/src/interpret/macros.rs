//! Macros, whose arguments are evaluated where they are used, and `#evaluate`.

use std::collections::HashSet;
use std::rc::Rc;

use super::block::BlockValue;
use super::{Interpreter, Interrupt, LoopSlots, Outcome, thrown};
use crate::bounds::Failure;
use crate::java;
use crate::syntax::tree::{Argument, Call, Code, Expression, Place, Slot, Span};
use crate::syntax::{Known, compile};
use crate::template::Profile;
use crate::value::Value;

/// How deep macros may call each other.
const DEEPEST_CALL: usize = 20;

/// The variables of one macro call.
#[derive(Debug)]
pub(super) struct Frame {
    /// The call that this one was made in.
    caller: Option<usize>,
    locals: Vec<(Slot, Value)>,
    by_name: Vec<ByName>,
}

/// An argument that is evaluated anew wherever it is used.
#[derive(Debug, Clone)]
struct ByName {
    slot: Slot,
    arguments: Rc<[Argument]>,
    index: usize,
    code: Rc<Code>,
    /// Taken away by `#foreach`, which removes its variable when it is over.
    gone: bool,
}

impl Interpreter {
    /// Makes the macros of `code` known; the first of a name counts.
    pub(super) fn register(&mut self, code: &Rc<Code>) {
        for (index, definition) in code.macros.iter().enumerate() {
            self.macros
                .entry(definition.name.clone())
                .or_insert_with(|| (Rc::clone(code), index));
        }
    }

    pub(super) fn call_macro(&mut self, call: &Call, code: &Rc<Code>, out: &mut String) -> Outcome<()> {
        let Some((own, index)) = self.macros.get(&call.name).cloned() else {
            return self.write(code.text(call.literal), out);
        };
        let Some(definition) = own.macros.get(index) else {
            return Ok(());
        };
        self.place = call.place;
        if call.bad_argument {
            return Err(thrown("an argument of this macro is a bare word"));
        }
        let frame = self.frame(call, &definition.parameters, code)?;
        if self.calls >= DEEPEST_CALL {
            return Err(thrown("macros call each other too deep"));
        }
        self.calls += 1;
        let level = self.bounds.level();
        let caller = self.variables.current;
        self.variables.current = Some(self.variables.frames.len());
        self.variables.frames.push(frame);
        let rendered = self.nodes(&definition.body, &own, out);
        self.variables.frames.pop();
        self.variables.current = caller;
        self.calls -= 1;
        match rendered {
            Err(Interrupt::Break) => {
                self.bounds.return_to(level);
                Ok(())
            }
            Err(interrupt) if !Rc::ptr_eq(&own, code) => {
                self.place = call.place;
                Err(interrupt)
            }
            rendered => rendered,
        }
    }

    fn frame(&mut self, call: &Call, parameters: &[Slot], code: &Rc<Code>) -> Outcome<Frame> {
        let caller = self.variables.current;
        let mut frame = Frame {
            caller,
            locals: Vec::new(),
            by_name: Vec::new(),
        };
        for (index, (slot, argument)) in parameters.iter().zip(call.arguments.iter()).enumerate() {
            if argument.by_name {
                let arguments = Rc::clone(&call.arguments);
                let code = Rc::clone(code);
                frame.by_name.push(ByName {
                    slot: *slot,
                    arguments,
                    index,
                    code,
                    gone: false,
                });
            } else {
                let value = self.value(&argument.value, code)?;
                frame.locals.push((*slot, value));
            }
        }
        if let Some(block) = call.body
            && let Some(slot) = self.names.find("bodyContent")
        {
            let block = BlockValue::new(Rc::clone(code), block);
            frame.locals.push((slot, Value::Object(Rc::new(block))));
        }
        Ok(frame)
    }

    /// The value of a variable.
    #[inline]
    pub(super) fn get(&mut self, slot: Slot) -> Outcome<Value> {
        match self.variables.current {
            None => Ok(self.variables.get(slot)),
            Some(frame) => self.get_within(frame, slot),
        }
    }

    fn get_within(&mut self, frame: usize, slot: Slot) -> Outcome<Value> {
        let mut next = Some(frame);
        while let Some(index) = next {
            self.bounds.steps(1)?;
            let Some(frame) = self.variables.frames.get(index) else {
                break;
            };
            let local = frame.locals.iter().rev().find(|(own, _)| *own == slot);
            if let Some((_, value)) = local
                && !matches!(value, Value::Null)
            {
                return Ok(value.clone());
            }
            if let Some(argument) = frame
                .by_name
                .iter()
                .rev()
                .find(|own| own.slot == slot && !own.gone)
            {
                let argument = argument.clone();
                return self.by_name(&argument, frame.caller);
            }
            next = frame.caller;
        }
        Ok(self.variables.get(slot))
    }

    /// Evaluates an argument where the call was made.
    fn by_name(&mut self, argument: &ByName, caller: Option<usize>) -> Outcome<Value> {
        let Some(given) = argument.arguments.get(argument.index) else {
            return Ok(Value::Null);
        };
        self.bounds.enter()?;
        let current = std::mem::replace(&mut self.variables.current, caller);
        let value = match &given.value {
            // A bare name is looked up, and may be null.
            Expression::Reference(reference) if reference.steps.is_empty() => {
                reference.root.map_or(Ok(Value::Null), |root| self.get(root))
            }
            value => self.value(value, &argument.code),
        };
        self.variables.current = current;
        self.bounds.leave();
        value
    }

    /// How the argument is written that stands for `slot`.
    pub(super) fn argument_literal(&self, slot: Slot) -> Option<(Rc<Code>, Span)> {
        let mut next = self.variables.current;
        while let Some(index) = next {
            let frame = self.variables.frames.get(index)?;
            if let Some(argument) = frame.by_name.iter().rev().find(|own| own.slot == slot) {
                let literal = argument.arguments.get(argument.index)?.literal;
                return Some((Rc::clone(&argument.code), literal));
            }
            next = frame.caller;
        }
        None
    }

    /// Sets a variable: within macros in each, and outside.
    #[inline]
    pub(super) fn put(&mut self, slot: Slot, value: Value) {
        let mut next = self.variables.current;
        while let Some(index) = next {
            let Some(frame) = self.variables.frames.get_mut(index) else {
                break;
            };
            match frame.locals.iter_mut().find(|(own, _)| *own == slot) {
                Some((_, old)) => *old = value.clone(),
                None => frame.locals.push((slot, value.clone())),
            }
            next = frame.caller;
        }
        self.variables.put(slot, value);
    }

    pub(super) fn remove(&mut self, slot: Slot) {
        let mut next = self.variables.current;
        while let Some(index) = next {
            let Some(frame) = self.variables.frames.get_mut(index) else {
                break;
            };
            frame.locals.retain(|(own, _)| *own != slot);
            for argument in frame.by_name.iter_mut().filter(|own| own.slot == slot) {
                argument.gone = true;
            }
            next = frame.caller;
        }
        self.variables.put(slot, Value::Null);
    }

    /// `#evaluate`: compiles a text and renders it here.
    pub(super) fn evaluate(
        &mut self,
        place: Place,
        source: &Expression,
        code: &Rc<Code>,
        out: &mut String,
    ) -> Outcome<()> {
        let source = self.value(source, code)?;
        let source = self.settled(source)?;
        let source = match &source {
            Value::Null => return Ok(()),
            source => java::to_text(source, &mut self.bounds)?,
        };
        self.place = place;
        // The tree takes many times the memory of its text.
        self.bounds.steps(source.len().saturating_mul(4))?;
        let evaluated = Rc::new(self.compiled(&source)?);
        self.register(&evaluated);
        let level = self.bounds.level();
        match self.nodes(&evaluated.body, &evaluated, out) {
            Err(Interrupt::Break | Interrupt::Stop) => {
                self.bounds.return_to(level);
                Ok(())
            }
            Err(interrupt) => {
                // The places of another source say nothing here.
                self.place = place;
                Err(interrupt)
            }
            Ok(()) => Ok(()),
        }
    }

    fn compiled(&mut self, source: &str) -> Outcome<Code> {
        let macros: HashSet<String> = self.macros.keys().map(|name| name.as_ref().to_owned()).collect();
        let depth = self.bounds.limits().depth;
        let names = Rc::make_mut(&mut self.names);
        let known = Known {
            profile: Profile::Velocity,
            depth,
            names,
            macros,
        };
        let compiled = compile(source, known);
        self.variables.grow(self.names.len());
        self.loop_slots = LoopSlots::of(&self.names);
        compiled.map_err(|error| Failure::Thrown(format!("in `#evaluate`, at {error}")).into())
    }
}
