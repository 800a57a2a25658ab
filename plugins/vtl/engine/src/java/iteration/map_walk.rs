//! A walk over a map, which notices when the map changes under it.

use crate::bounds::{Bounds, Failure};
use crate::java::thrown;
use crate::java::views::ViewKind;
use crate::value::{Map, Order, Value};

#[derive(Debug)]
pub(super) struct MapWalk {
    map: Map,
    kind: ViewKind,
    /// The positions in the order of the walk, where it is not that of the entries.
    order: Option<Vec<usize>>,
    /// How many elements are still to come.
    pub(super) left: usize,
    /// The place in `order`, or the position, from which the next element is looked for.
    next: usize,
    last: Option<Value>,
    changes: u32,
}

impl MapWalk {
    pub(super) fn new(map: &Map, kind: ViewKind) -> Self {
        let order = (map.order() == Order::Hash).then(|| map.positions());
        Self {
            map: map.clone(),
            kind,
            order,
            left: map.len(),
            next: 0,
            last: None,
            changes: map.changes(),
        }
    }

    pub(super) fn next_value(&mut self) -> Result<Value, Failure> {
        if self.left == 0 {
            return thrown::no_such_element();
        }
        if self.changes != self.map.changes() {
            return thrown::concurrent_modification();
        }
        let found = match &self.order {
            None => self.map.first_from(self.next),
            Some(order) => order
                .get(self.next)
                .and_then(|position| self.map.first_from(*position)),
        };
        let Some((position, key, value)) = found else {
            return thrown::no_such_element();
        };
        self.next = if self.order.is_some() {
            self.next + 1
        } else {
            position + 1
        };
        self.left -= 1;
        self.last = Some(key.clone());
        Ok(self.kind.element(&self.map, position, key, value))
    }

    /// Removes what `next_value` gave last.
    pub(super) fn remove(&mut self, bounds: &mut Bounds) -> Result<(), Failure> {
        let Some(key) = self.last.take() else {
            return thrown::thrown("java.lang.IllegalStateException");
        };
        if self.changes != self.map.changes() {
            return thrown::concurrent_modification();
        }
        bounds.steps(self.map.len() / 4)?;
        self.map.remove(&key);
        self.changes = self.map.changes();
        // Positions may have moved: those still to come are the last ones.
        let positions = self.map.positions();
        let done = positions.len().saturating_sub(self.left);
        match &mut self.order {
            None => self.next = positions.get(done).copied().unwrap_or(usize::MAX),
            Some(order) => {
                *order = positions;
                self.next = done;
            }
        }
        Ok(())
    }
}
