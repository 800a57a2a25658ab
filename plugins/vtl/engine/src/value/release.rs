//! Dropping values that nest deep, without recursion: a template can nest lists a million deep, and the native stack
//! would not bear that.

use std::cell::{Cell, RefCell};

use super::Value;

#[derive(Default)]
struct Queue {
    /// Whether someone is dropping what waits.
    busy: bool,
    waiting: Vec<Value>,
}

/// How deep values are dropped by recursion, which is quicker than the queue.
const DEEPEST: usize = 32;

/// How much room the queue keeps.
const ROOM: usize = 256;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static QUEUE: RefCell<Queue> = const { RefCell::new(Queue { busy: false, waiting: Vec::new() }) };
}

/// One level of recursion.
pub(super) struct Level(());

impl Level {
    /// Goes one level deeper, if it is not too deep.
    #[inline]
    pub(super) fn enter() -> Option<Self> {
        let enter = |depth: &Cell<usize>| {
            let shallow = depth.get() < DEEPEST;
            depth.set(depth.get() + usize::from(shallow));
            shallow
        };
        DEPTH.try_with(enter).ok()?.then(|| Self(()))
    }
}

impl Drop for Level {
    #[inline]
    fn drop(&mut self) {
        let _ = DEPTH.try_with(|depth| depth.set(depth.get().saturating_sub(1)));
    }
}

/// Whether dropping a value may drop others.
fn holds_others(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_) | Value::Object(_))
}

/// Drops `values` one after the other; what they hold in turn waits until they are gone.
pub(super) fn release(values: impl Iterator<Item = Value>) {
    let first = QUEUE.try_with(|queue| {
        let Ok(mut queue) = queue.try_borrow_mut() else {
            return false;
        };
        queue.waiting.extend(values.filter(holds_others));
        !std::mem::replace(&mut queue.busy, true)
    });
    if first != Ok(true) {
        return;
    }
    let next = || {
        QUEUE
            .try_with(|queue| queue.try_borrow_mut().ok()?.waiting.pop())
            .ok()
            .flatten()
    };
    while let Some(value) = next() {
        drop(value);
    }
    let _ = QUEUE.try_with(|queue| {
        if let Ok(mut queue) = queue.try_borrow_mut() {
            queue.busy = false;
            queue.waiting.shrink_to(ROOM);
        }
    });
}
