//! `#foreach`.

use std::rc::Rc;

use super::scope::Scope;
use super::{Interpreter, Interrupt, Outcome};
use crate::java;
use crate::syntax::tree::{Code, Loop};
use crate::value::Value;

impl Interpreter {
    pub(super) fn foreach(&mut self, foreach: &Loop, code: &Rc<Code>, out: &mut String) -> Outcome<()> {
        let items = self.value(&foreach.items, code)?;
        self.place = foreach.place;
        let Some(walk) = java::iterate(&items) else {
            return Ok(());
        };
        let slots = self.loop_slots;
        let element = self.get(foreach.element)?;
        let count = slots.count.map(|slot| self.get(slot)).transpose()?;
        let has_next = slots.has_next.map(|slot| self.get(slot)).transpose()?;
        let scope = self.enter_loop()?;
        let walked = self.rounds(foreach, walk, scope.as_deref(), code, out);
        if let Err(Interrupt::Failure(_)) = walked {
            return walked;
        }
        self.restore(foreach.element, element);
        for (slot, value) in [(slots.count, count), (slots.has_next, has_next)] {
            if let (Some(slot), Some(value)) = (slot, value) {
                self.restore(slot, value);
            }
        }
        self.leave_loop()?;
        walked
    }

    fn rounds(
        &mut self,
        foreach: &Loop,
        mut walk: java::Iteration,
        scope: Option<&Scope>,
        code: &Rc<Code>,
        out: &mut String,
    ) -> Outcome<()> {
        let slots = self.loop_slots;
        let most = self.bounds.limits().rounds;
        let level = self.bounds.level();
        let mut round = 0_i32;
        while walk.has_next() {
            self.bounds.steps(1)?;
            round = round.saturating_add(1);
            self.place = foreach.place;
            let value = walk.next_value()?;
            let more = walk.has_next();
            if let Some(slot) = slots.count {
                self.put(slot, Value::Int(round));
            }
            if let Some(slot) = slots.has_next {
                self.put(slot, Value::Bool(more));
            }
            self.put(foreach.element, value);
            if let Some(scope) = scope {
                scope.advance(more);
            }
            match self.nodes(&foreach.body, code, out) {
                Ok(()) => {}
                Err(Interrupt::Break) => {
                    self.bounds.return_to(level);
                    return Ok(());
                }
                Err(Interrupt::BreakLoop(of)) if scope.is_some_and(|scope| scope.number() == of) => {
                    self.bounds.return_to(level);
                    return Ok(());
                }
                Err(interrupt) => return Err(interrupt),
            }
            if usize::try_from(round).is_ok_and(|round| round >= most) {
                break;
            }
        }
        Ok(())
    }

    /// Puts `$foreach` where the template asks for it.
    fn enter_loop(&mut self) -> Outcome<Option<Rc<Scope>>> {
        let Some(slot) = self.loop_slots.scope else {
            return Ok(None);
        };
        self.loops += 1;
        let outer = self.get(slot)?;
        let scope = Scope::new(self.loops, outer);
        self.put(slot, Value::Object(scope.clone()));
        Ok(Some(scope))
    }

    fn leave_loop(&mut self) -> Outcome<()> {
        let Some(slot) = self.loop_slots.scope else {
            return Ok(());
        };
        let value = self.get(slot)?;
        // Whoever gave `$foreach` another value keeps it.
        if let Some(outer) = Scope::of(&value).map(Scope::outer) {
            self.restore(slot, outer);
        }
        Ok(())
    }

    fn restore(&mut self, slot: usize, value: Value) {
        if matches!(value, Value::Null) {
            self.remove(slot);
        } else {
            self.put(slot, value);
        }
    }
}
