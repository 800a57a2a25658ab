//! The values of the variables.

use crate::syntax::tree::Slot;
use crate::value::Value;

/// The values by slot; null where there is none.
#[derive(Debug)]
pub(super) struct Variables {
    values: Vec<Value>,
    /// The macro calls that are rendered, each with variables of its own.
    pub(super) frames: Vec<super::Frame>,
    /// The call that is rendered.
    pub(super) current: Option<usize>,
}

impl Variables {
    pub(super) fn new(count: usize) -> Self {
        Self {
            values: vec![Value::Null; count],
            frames: Vec::new(),
            current: None,
        }
    }

    /// Makes room for names that came up meanwhile.
    pub(super) fn grow(&mut self, count: usize) {
        if count > self.values.len() {
            self.values.resize(count, Value::Null);
        }
    }

    /// The value of a variable, where no macro is rendered that might have one of its own.
    #[inline]
    pub(super) fn look(&self, slot: Slot) -> Option<&Value> {
        match self.current {
            None => self.values.get(slot),
            Some(_) => None,
        }
    }

    /// The value outside of all macros.
    pub(super) fn get(&self, slot: Slot) -> Value {
        self.values.get(slot).cloned().unwrap_or_default()
    }

    /// Sets the value outside of all macros.
    pub(super) fn put(&mut self, slot: Slot, value: Value) {
        if let Some(old) = self.values.get_mut(slot) {
            *old = value;
        }
    }
}
