//! The entries of a map in the order in which they were put, and how to find one by its key.

use std::collections::BTreeMap;

use crate::java;
use crate::value::{Text, Value};

/// Maps of up to this size are searched from end to end.
const SMALL: usize = 8;
/// A larger one gets an index once it was searched this often in full.
const SEARCHES: usize = 4;
/// The least number of buckets of a `java.util.HashMap`.
const BUCKETS: usize = 16;

/// An entry, or the gap that a removed one leaves.
pub(crate) type Slot = Option<(Value, Value)>;

#[derive(Debug)]
pub(super) struct Table {
    /// With gaps, so that positions hold; they are closed when they are an eighth of the entries.
    slots: Vec<Slot>,
    len: usize,
    changes: u32,
    /// The buckets that `java.util.HashMap` would have: it grows and never shrinks.
    buckets: usize,
    searched: usize,
    index: Option<Box<Index>>,
}

/// Positions by key. A balanced tree, since the keys come from outside and could collide in a hash table.
#[derive(Debug, Default)]
struct Index {
    texts: BTreeMap<Text, usize>,
    scalars: BTreeMap<Scalar, usize>,
    /// Positions of all other keys, which are searched from end to end.
    others: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scalar {
    Null,
    Bool(bool),
    Int(i32),
    Long(i64),
    /// By `Double.doubleToLongBits`.
    Double(u64),
}

impl Scalar {
    fn of(key: &Value) -> Option<Self> {
        Some(match key {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Long(value) => Self::Long(*value),
            Value::Double(value) => Self::Double(java::double_bits(*value)),
            _ => return None,
        })
    }
}

impl Table {
    pub(super) fn new(slots: Vec<Slot>) -> Self {
        let len = slots.len();
        let mut table = Self {
            slots,
            len,
            changes: 0,
            buckets: BUCKETS,
            searched: 0,
            index: None,
        };
        table.grow();
        table
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn changes(&self) -> u32 {
        self.changes
    }

    /// One more than the last position.
    pub(super) fn end(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn slot(&self, at: usize) -> Option<&(Value, Value)> {
        self.slots.get(at).and_then(Option::as_ref)
    }

    pub(super) fn first_from(&self, at: usize) -> Option<(usize, &(Value, Value))> {
        let rest = self.slots.get(at..)?;
        rest.iter()
            .enumerate()
            .find_map(|(i, slot)| slot.as_ref().map(|entry| (at + i, entry)))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(Value, Value)> {
        self.slots.iter().flatten()
    }

    /// Takes all entries out.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (Value, Value)> + use<> {
        self.index = None;
        self.len = 0;
        std::mem::take(&mut self.slots).into_iter().flatten()
    }

    pub(super) fn find_text(&mut self, key: &str) -> Option<usize> {
        self.prepare();
        match &self.index {
            Some(index) => index.texts.get(key).copied(),
            None => self.scan(|k| matches!(k, Value::Text(text) if text == key)),
        }
    }

    pub(super) fn find(&mut self, key: &Value) -> Option<usize> {
        if let Value::Text(text) = key {
            return self.find_text(text);
        }
        self.prepare();
        let Some(index) = &self.index else {
            return self.scan(|k| java::equals(k, key));
        };
        match Scalar::of(key) {
            Some(scalar) => index.scalars.get(&scalar).copied(),
            None => {
                let equal = |at: &usize| self.slot(*at).is_some_and(|(k, _)| java::equals(k, key));
                index.others.iter().copied().find(equal)
            }
        }
    }

    /// Puts `value` where `find` said, or behind all others.
    pub(super) fn put_at(&mut self, at: Option<usize>, key: Value, value: Value) -> Option<Value> {
        if let Some((_, old)) = at.and_then(|at| self.slots.get_mut(at)).and_then(Option::as_mut) {
            return Some(std::mem::replace(old, value));
        }
        if let Some(index) = &mut self.index {
            index.add(&key, self.slots.len());
        }
        self.slots.push(Some((key, value)));
        self.len += 1;
        self.changes = self.changes.wrapping_add(1);
        self.grow();
        None
    }

    pub(super) fn remove_at(&mut self, at: usize) -> Option<Value> {
        let (key, value) = self.slots.get_mut(at)?.take()?;
        self.len -= 1;
        self.changes = self.changes.wrapping_add(1);
        if let Some(index) = &mut self.index {
            index.remove(&key, at);
        }
        if self.slots.len() > SMALL && self.slots.len() - self.len > SMALL + self.len / 8 {
            self.slots.retain(Option::is_some);
            self.index = None;
        }
        Some(value)
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.len = 0;
        self.changes = self.changes.wrapping_add(1);
        self.index = None;
    }

    /// Positions as `java.util.HashMap` walks them: by bucket, and in a bucket as they were put. Buckets of eight and
    /// more colliding keys, which Java keeps as trees, are not told apart from others.
    pub(super) fn hash_order(&self) -> Vec<usize> {
        let mask = self.buckets.saturating_sub(1);
        let mut order: Vec<(usize, usize)> = self
            .slots
            .iter()
            .enumerate()
            .filter_map(|(at, slot)| {
                let hash = java::hash_code(&slot.as_ref()?.0).cast_unsigned();
                Some(((hash ^ (hash >> 16)) as usize & mask, at))
            })
            .collect();
        order.sort_unstable();
        order.into_iter().map(|(_, at)| at).collect()
    }

    fn scan(&self, is: impl Fn(&Value) -> bool) -> Option<usize> {
        self.slots
            .iter()
            .position(|slot| slot.as_ref().is_some_and(|(key, _)| is(key)))
    }

    /// Makes the index once searches from end to end have cost more than it does.
    fn prepare(&mut self) {
        if self.index.is_some() || self.slots.len() <= SMALL {
            return;
        }
        self.searched += 1;
        if self.searched > SEARCHES {
            self.searched = 0;
            let mut index = Index::default();
            for (at, slot) in self.slots.iter().enumerate() {
                if let Some((key, _)) = slot {
                    index.add(key, at);
                }
            }
            self.index = Some(Box::new(index));
        }
    }

    /// Doubles the buckets as long as more than three quarters of them are used.
    fn grow(&mut self) {
        while self.len > self.buckets / 4 * 3 {
            self.buckets = self.buckets.saturating_mul(2);
        }
    }
}

impl Index {
    fn add(&mut self, key: &Value, at: usize) {
        match key {
            Value::Text(text) => {
                self.texts.insert(text.clone(), at);
            }
            key => match Scalar::of(key) {
                Some(scalar) => {
                    self.scalars.insert(scalar, at);
                }
                None => self.others.push(at),
            },
        }
    }

    fn remove(&mut self, key: &Value, at: usize) {
        match key {
            Value::Text(text) => {
                self.texts.remove(text);
            }
            key => match Scalar::of(key) {
                Some(scalar) => {
                    self.scalars.remove(&scalar);
                }
                None => self.others.retain(|other| *other != at),
            },
        }
    }
}
