mod table;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::{Text, Value, release};
pub(crate) use table::Slot;
use table::Table;

/// In which order a map tells its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they were put: `java.util.LinkedHashMap`, which a JSON document and a map literal yield.
    Insertion,
    /// By the buckets of `java.util.HashMap`.
    Hash,
}

/// A map, shared by its clones.
#[derive(Debug, Clone)]
pub struct Map(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    order: Order,
    /// Whether a value was put in another one's place.
    replaced: Cell<bool>,
    table: RefCell<Table>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let table = self.table.get_mut();
        match release::Level::enter() {
            Some(_level) => drop(table.take()),
            None => release::release(table.take().flat_map(|(key, value)| [key, value])),
        }
    }
}

impl Map {
    #[must_use]
    pub fn new(order: Order) -> Self {
        Self::from_slots(order, Vec::new())
    }

    /// A map of `entries`, whose keys are distinct.
    #[must_use]
    pub fn from_entries(order: Order, entries: Vec<(Value, Value)>) -> Self {
        Self::from_slots(order, entries.into_iter().map(Some).collect())
    }

    /// A map of entries whose keys are distinct, none of them missing.
    pub(crate) fn from_slots(order: Order, slots: Vec<Slot>) -> Self {
        Self(Rc::new(Inner {
            order,
            replaced: Cell::new(false),
            table: RefCell::new(Table::new(slots)),
        }))
    }

    #[must_use]
    pub fn order(&self) -> Order {
        self.0.order
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.table.borrow().len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value under a string key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Value> {
        self.look(key, |value| value.cloned())
    }

    /// What `look` makes of the value under a string key, which is not taken out for it; `look` must not use the map.
    #[inline]
    pub(crate) fn look<T>(&self, key: &str, look: impl FnOnce(Option<&Value>) -> T) -> T {
        let mut table = self.0.table.borrow_mut();
        let at = table.find_text(key);
        look(at.and_then(|at| table.slot(at)).map(|(_, value)| value))
    }

    /// The value under any key. A list or map as the key takes time in proportion to the size of this map.
    #[must_use]
    pub fn get_value(&self, key: &Value) -> Option<Value> {
        let mut table = self.0.table.borrow_mut();
        let at = table.find(key)?;
        table.slot(at).map(|(_, value)| value.clone())
    }

    /// Whether there is an entry under `key`, be it null.
    #[must_use]
    pub fn contains_key(&self, key: &Value) -> bool {
        self.0.table.borrow_mut().find(key).is_some()
    }

    /// Puts `value` under a string key; the old value, if there was one.
    pub fn put_text(&self, key: Text, value: Value) -> Option<Value> {
        let mut table = self.0.table.borrow_mut();
        let at = table.find_text(&key);
        self.replaces(at.is_some());
        table.put_at(at, Value::Text(key), value)
    }

    /// Puts `value` under any key; the old value, if there was one.
    pub fn put(&self, key: Value, value: Value) -> Option<Value> {
        let mut table = self.0.table.borrow_mut();
        let at = table.find(&key);
        self.replaces(at.is_some());
        table.put_at(at, key, value)
    }

    fn replaces(&self, is_there: bool) {
        if is_there {
            self.0.replaced.set(true);
        }
    }

    /// Whether a value was ever put in another one's place.
    #[must_use]
    pub fn was_replaced(&self) -> bool {
        self.0.replaced.get()
    }

    /// Removes the entry under `key`; its value, if there was one.
    pub fn remove(&self, key: &Value) -> Option<Value> {
        let mut table = self.0.table.borrow_mut();
        let at = table.find(key)?;
        table.remove_at(at)
    }

    pub fn clear(&self) {
        self.0.table.borrow_mut().clear();
    }

    /// How often the map was changed in structure: Java's `modCount`.
    #[must_use]
    pub fn changes(&self) -> u32 {
        self.0.table.borrow().changes()
    }

    /// The entries in this map's order, as they are now.
    #[must_use]
    pub fn entries(&self) -> Vec<(Value, Value)> {
        let table = self.0.table.borrow();
        match self.0.order {
            Order::Insertion => table.iter().cloned().collect(),
            Order::Hash => table
                .hash_order()
                .into_iter()
                .filter_map(|at| table.slot(at).cloned())
                .collect(),
        }
    }

    /// Walks the entries in this map's order without copying them; `visit` must not change the map.
    ///
    /// # Errors
    ///
    /// The first one of `visit`.
    pub fn visit<E>(&self, mut visit: impl FnMut(&Value, &Value) -> Result<(), E>) -> Result<(), E> {
        // A lookup borrows the table mutably, so the walk may not hold it: a value's own text could look into this map.
        let mut at = 0;
        let hashed = match self.0.order {
            Order::Insertion => None,
            Order::Hash => Some(self.0.table.borrow().hash_order()),
        };
        loop {
            let position = match &hashed {
                None => at,
                Some(order) => match order.get(at) {
                    Some(position) => *position,
                    None => return Ok(()),
                },
            };
            at += 1;
            let slot = {
                let table = self.0.table.borrow();
                if position >= table.end() {
                    return Ok(());
                }
                table.slot(position).cloned()
            };
            if let Some((key, value)) = slot {
                visit(&key, &value)?;
            }
        }
    }

    /// The positions of the entries in this map's order; they hold until the next change of structure.
    pub(crate) fn positions(&self) -> Vec<usize> {
        let table = self.0.table.borrow();
        match self.0.order {
            Order::Insertion => (0..table.end()).filter(|at| table.slot(*at).is_some()).collect(),
            Order::Hash => table.hash_order(),
        }
    }

    /// The entry at one of [`positions`](Self::positions).
    pub(crate) fn at(&self, position: usize) -> Option<(Value, Value)> {
        self.0.table.borrow().slot(position).cloned()
    }

    /// The first entry at `position` or behind it.
    pub(crate) fn first_from(&self, position: usize) -> Option<(usize, Value, Value)> {
        self.0
            .table
            .borrow()
            .first_from(position)
            .map(|(at, (key, value))| (at, key.clone(), value.clone()))
    }

    /// The value at `position`, if the entry there has this very key.
    pub(crate) fn value_at(&self, position: usize, key: &Value) -> Option<Value> {
        let table = self.0.table.borrow();
        let (own, value) = table.slot(position)?;
        let same = match (own, key) {
            (Value::Text(own), Value::Text(key)) => own.same(key),
            (Value::Int(own), Value::Int(key)) => own == key,
            _ => false,
        };
        same.then(|| value.clone())
    }

    /// Whether both are the same object, as Java's `==` has it.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[cfg(test)]
mod tests;
