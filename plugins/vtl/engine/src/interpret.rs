//! Renders a compiled template.

mod block;
mod expression;
mod foreach;
mod macros;
mod reference;
mod scope;
mod variables;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::rc::Rc;

use crate::bounds::{Bounds, Exceeded, Failure, Limits};
use crate::java;
use crate::syntax::tree::{Assignment, Code, Conditional, Expression, Names, Node, Place, Slot, Step};
use crate::template::Profile;
use crate::value::{Text, Value};

use block::BlockValue;
use macros::Frame;
use scope::Scope;
use variables::Variables;

/// Why a rendering does not go on.
#[derive(Debug)]
pub(crate) enum Interrupt {
    Failure(Failure),
    /// `#break`: ends the nearest of what can be ended.
    Break,
    /// `#break($foreach)`: ends the loop of that number.
    BreakLoop(usize),
    /// `#stop`: ends the template.
    Stop,
}

impl From<Failure> for Interrupt {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Exceeded> for Interrupt {
    fn from(exceeded: Exceeded) -> Self {
        Self::Failure(Failure::Limit(exceeded))
    }
}

type Outcome<T> = Result<T, Interrupt>;

/// The variables that each round of a `#foreach` sets, where the template names them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoopSlots {
    scope: Option<Slot>,
    count: Option<Slot>,
    has_next: Option<Slot>,
}

impl LoopSlots {
    pub(crate) fn of(names: &Names) -> Self {
        Self {
            scope: names.find("foreach"),
            count: names.find("velocityCount"),
            has_next: names.find("velocityHasNext"),
        }
    }
}

/// One rendering.
#[derive(Debug)]
pub(crate) struct Interpreter {
    pub(crate) bounds: Bounds,
    names: Rc<Names>,
    variables: Variables,
    loop_slots: LoopSlots,
    macros: HashMap<Text, (Rc<Code>, usize)>,
    /// Macro calls that are being rendered.
    calls: usize,
    loops: usize,
    /// The longest text that may be written now: the output's, or a string's.
    longest: usize,
    /// The exceeding of `longest`.
    too_long: Exceeded,
    /// What is being evaluated.
    pub(crate) place: Place,
    /// The value of what does not exist.
    absent: Value,
}

impl Interpreter {
    pub(crate) fn new(profile: Profile, limits: Limits, names: Rc<Names>, loop_slots: LoopSlots) -> Self {
        let absent = match profile {
            Profile::Aws => Value::text(""),
            Profile::Velocity => Value::Null,
        };
        Self {
            bounds: Bounds::new(limits),
            variables: Variables::new(names.len()),
            loop_slots,
            names,
            macros: HashMap::new(),
            calls: 0,
            loops: 0,
            longest: limits.output,
            too_long: Exceeded::Output,
            place: 0,
            absent,
        }
    }

    /// Gives a variable its value.
    pub(crate) fn define(&mut self, slot: Slot, value: Value) {
        self.variables.put(slot, value);
    }

    /// Renders a template.
    pub(crate) fn render(&mut self, code: &Rc<Code>, out: &mut String) -> Result<(), Failure> {
        self.register(code);
        match self.nodes(&code.body, code, out) {
            Ok(()) | Err(Interrupt::Break | Interrupt::Stop) => Ok(()),
            Err(Interrupt::Failure(failure)) => Err(failure),
            Err(Interrupt::BreakLoop(_)) => {
                Err(Failure::Thrown("`#break` names a loop that is over".to_owned()))
            }
        }
    }

    fn nodes(&mut self, nodes: &[Node], code: &Rc<Code>, out: &mut String) -> Outcome<()> {
        self.bounds.enter()?;
        for node in nodes {
            self.node(node, code, out)?;
        }
        self.bounds.leave();
        Ok(())
    }

    fn node(&mut self, node: &Node, code: &Rc<Code>, out: &mut String) -> Outcome<()> {
        self.bounds.steps(1)?;
        match node {
            Node::Text(span) => self.write(code.text(*span), out),
            Node::Reference(printed) => self.print(printed, code, out),
            Node::Set(assignment) => self.assign(assignment, code),
            Node::If(conditional) => self.choose(conditional, code, out),
            Node::Foreach(foreach) => self.foreach(foreach, code, out),
            Node::Define { slot, block } => {
                let value = BlockValue::new(Rc::clone(code), *block);
                self.put(*slot, Value::Object(Rc::new(value)));
                Ok(())
            }
            Node::Call(call) => self.call_macro(call, code, out),
            Node::Evaluate(source) => self.evaluate(source.0, &source.1, code, out),
            Node::Break(None) => Err(Interrupt::Break),
            Node::Break(Some(target)) => Err(self.break_loop(target.0, &target.1, code)),
            Node::Stop(argument) => {
                if let Some(argument) = argument {
                    self.value(argument, code)?;
                }
                Err(Interrupt::Stop)
            }
            Node::Refused(refused) => {
                for argument in &refused.arguments {
                    self.value(argument, code)?;
                }
                self.place = refused.place;
                Err(thrown(refused.message))
            }
        }
    }

    fn write(&mut self, text: &str, out: &mut String) -> Outcome<()> {
        if text.is_empty() {
            return Ok(());
        }
        if out.len() + text.len() > self.longest {
            return Err(self.too_long.into());
        }
        self.bounds.steps(text.len() / 64)?;
        out.push_str(text);
        Ok(())
    }

    fn choose(&mut self, conditional: &Conditional, code: &Rc<Code>, out: &mut String) -> Outcome<()> {
        for (condition, body) in &conditional.branches {
            if self.truth(condition, code)? {
                return self.nodes(body, code, out);
            }
        }
        self.nodes(&conditional.otherwise, code, out)
    }

    /// `#set`, which leaves everything as it is where the value is null.
    fn assign(&mut self, assignment: &Assignment, code: &Rc<Code>) -> Outcome<()> {
        let value = self.value(&assignment.right, code)?;
        if matches!(value, Value::Null) {
            return Ok(());
        }
        let Some((last, steps)) = assignment.left.steps.split_last() else {
            self.put(assignment.slot, value);
            return Ok(());
        };
        let value = self.settled(value)?;
        let Some(root) = assignment.left.root else {
            return Ok(());
        };
        let mut receiver = self.get(root)?;
        for step in steps {
            if matches!(receiver, Value::Null) {
                return Ok(());
            }
            receiver = self.step(&receiver, step, code)?;
        }
        if matches!(receiver, Value::Null) {
            return Ok(());
        }
        self.place = assignment.place;
        match last {
            Step::Index(index) => {
                let index = self.value(index, code)?;
                let index = self.settled(index)?;
                self.check_index(&receiver, &index)?;
                java::set_index(&receiver, &index, value, &mut self.bounds)?;
            }
            Step::Property(name) | Step::Method(name, _) => {
                java::set_property(&receiver, name, value, &mut self.bounds)?;
            }
        }
        Ok(())
    }

    fn break_loop(&mut self, place: Place, target: &Expression, code: &Rc<Code>) -> Interrupt {
        match self.value(target, code) {
            Ok(value) => match Scope::of(&value).map(Scope::number) {
                Some(number) => Interrupt::BreakLoop(number),
                None => {
                    self.place = place;
                    thrown("what `#break` is given is no `$foreach`")
                }
            },
            Err(interrupt) => interrupt,
        }
    }
}

fn thrown(message: &str) -> Interrupt {
    Interrupt::Failure(Failure::Thrown(message.to_owned()))
}
