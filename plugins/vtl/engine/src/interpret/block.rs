//! The blocks of `#define` and `#@name`: text that is rendered where it is used.

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;

use super::{Interpreter, Interrupt, Outcome};
use crate::bounds::{Bounds, Failure};
use crate::syntax::tree::{Code, Expression};
use crate::value::{Object, Text, Value};

/// A block as the value of a variable.
#[derive(Debug)]
pub(super) struct BlockValue {
    code: Rc<Code>,
    block: usize,
    /// How often it is being rendered within itself.
    depth: Cell<usize>,
}

impl BlockValue {
    pub(super) fn new(code: Rc<Code>, block: usize) -> Self {
        Self {
            code,
            block,
            depth: Cell::new(0),
        }
    }

    pub(super) fn of(value: &Value) -> Option<&Self> {
        match value {
            Value::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }
}

/// Only the interpreter can render a block; it does so before a block goes anywhere else.
impl Object for BlockValue {
    fn to_text(&self, _: &mut Bounds) -> Result<Text, Failure> {
        Ok(Text::from(""))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Interpreter {
    /// Renders a block, unless it stands in itself too often.
    pub(super) fn render_block(&mut self, value: &BlockValue, out: &mut String) -> Outcome<bool> {
        let Some(block) = value.code.blocks.get(value.block) else {
            return Ok(true);
        };
        let depth = value.depth.get();
        if depth >= block.depth {
            return Ok(false);
        }
        value.depth.set(depth + 1);
        let level = self.bounds.level();
        let rendered = self.nodes(&block.body, &value.code, out);
        value.depth.set(depth);
        match rendered {
            Err(Interrupt::Break) => {
                self.bounds.return_to(level);
                Ok(true)
            }
            rendered => rendered.map(|()| true),
        }
    }

    /// The text of a block, which is null where it stands in itself too often; any other value as it is.
    pub(super) fn settled(&mut self, value: Value) -> Outcome<Value> {
        let Some(block) = BlockValue::of(&value) else {
            return Ok(value);
        };
        let mut whole = true;
        let text = self.written(|interpreter, out| {
            whole = interpreter.render_block(block, out)?;
            Ok(())
        })?;
        Ok(if whole {
            Value::Text(Text::from(text))
        } else {
            Value::Null
        })
    }

    pub(super) fn block_method(
        &mut self,
        block: &BlockValue,
        name: &str,
        arguments: &[Expression],
    ) -> Outcome<Value> {
        if name != "toString" || !arguments.is_empty() {
            return Ok(Value::Null);
        }
        let same = BlockValue {
            code: Rc::clone(&block.code),
            block: block.block,
            depth: block.depth.clone(),
        };
        self.settled(Value::Object(Rc::new(same)))
    }
}
