//! The views of a map, `keySet()`, `values()` and `entrySet()`, and its entries. They are live, as Java's are.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use crate::bounds::{Bounds, Failure};
use crate::value::{Map, Object, Order, Text, Value};

use super::iteration::{Iteration, Iterator};
use super::{collection, equality, printing, thrown};

/// What a view shows of each entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewKind {
    Keys,
    Values,
    Entries,
}

impl ViewKind {
    /// The element for an entry of `map`.
    pub(super) fn element(self, map: &Map, position: usize, key: Value, value: Value) -> Value {
        match self {
            Self::Keys => key,
            Self::Values => value,
            Self::Entries => {
                let value = RefCell::new(value);
                Value::Object(Rc::new(Entry {
                    map: map.clone(),
                    position,
                    key,
                    value,
                }))
            }
        }
    }
}

/// A view of a map.
#[derive(Debug)]
pub struct View {
    map: Map,
    kind: ViewKind,
}

impl View {
    /// The view as a value.
    #[must_use]
    pub fn value(map: &Map, kind: ViewKind) -> Value {
        Value::Object(Rc::new(Self {
            map: map.clone(),
            kind,
        }))
    }

    #[must_use]
    pub fn kind(&self) -> ViewKind {
        self.kind
    }

    #[must_use]
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// The elements as they are now.
    #[must_use]
    pub fn elements(&self) -> Vec<Value> {
        let element = |position| {
            let (key, value) = self.map.at(position)?;
            Some(self.kind.element(&self.map, position, key, value))
        };
        self.map.positions().into_iter().filter_map(element).collect()
    }

    /// [`elements`](Self::elements) within the bounds of a rendering.
    ///
    /// # Errors
    ///
    /// A limit.
    pub fn elements_within(&self, bounds: &mut Bounds) -> Result<Vec<Value>, Failure> {
        // An entry is an object.
        let each = if self.kind == ViewKind::Entries { 6 } else { 1 };
        bounds.list(self.map.len().saturating_mul(each))?;
        Ok(self.elements())
    }

    /// The elements, where this is a set.
    pub(super) fn set_items(&self) -> Option<Vec<Value>> {
        (self.kind != ViewKind::Values).then(|| self.elements())
    }

    pub(super) fn iterate(&self) -> Iteration {
        Iteration::of_map(&self.map, self.kind)
    }

    pub(super) fn class(&self) -> &'static str {
        match (self.map.order(), self.kind) {
            (Order::Insertion, ViewKind::Keys) => "java.util.LinkedHashMap$LinkedKeySet",
            (Order::Insertion, ViewKind::Values) => "java.util.LinkedHashMap$LinkedValues",
            (Order::Insertion, ViewKind::Entries) => "java.util.LinkedHashMap$LinkedEntrySet",
            (Order::Hash, ViewKind::Keys) => "java.util.HashMap$KeySet",
            (Order::Hash, ViewKind::Values) => "java.util.HashMap$Values",
            (Order::Hash, ViewKind::Entries) => "java.util.HashMap$EntrySet",
        }
    }

    fn contains(&self, element: &Value, bounds: &mut Bounds) -> Result<bool, Failure> {
        Ok(self.key_of(element, bounds)?.is_some())
    }

    /// The key of the first entry that shows as `element`.
    fn key_of(&self, element: &Value, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        match self.kind {
            ViewKind::Keys => Ok(self.map.contains_key(element).then(|| element.clone())),
            ViewKind::Values => {
                bounds.list(self.map.len())?;
                for (key, value) in self.map.entries() {
                    if equality::same_value(element, &value, bounds)? {
                        return Ok(Some(key));
                    }
                }
                Ok(None)
            }
            ViewKind::Entries => {
                let Value::Object(object) = element else {
                    return Ok(None);
                };
                let Some(entry) = object.as_any().downcast_ref::<Entry>() else {
                    return Ok(None);
                };
                let key = entry.key();
                let equal = match self.map.get_value(&key) {
                    Some(value) => equality::same_value(&value, &entry.value(), bounds)?,
                    None => false,
                };
                Ok(equal.then_some(key))
            }
        }
    }

    /// Removes the entries whose element is, or is not, in `others`.
    fn keep(&self, others: &[Value], kept: bool, bounds: &mut Bounds) -> Result<bool, Failure> {
        let mut changed = false;
        bounds.map(self.map.len())?;
        for (key, value) in self.map.entries() {
            let element = self.kind.element(&self.map, usize::MAX, key.clone(), value);
            if collection::contains(others, &element, bounds)? != kept {
                // Now and then one makes the index of the others anew.
                bounds.steps(32)?;
                self.map.remove(&key);
                changed = true;
            }
        }
        Ok(changed)
    }
}

impl Object for View {
    fn call(&self, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        bounds.steps(1 + self.map.len() / 16)?;
        Ok(Some(match (method, arguments) {
            ("size", []) => collection::size(self.map.len()),
            ("isEmpty", []) => Value::Bool(self.map.is_empty()),
            ("contains", [element]) => Value::Bool(self.contains(element, bounds)?),
            ("iterator", []) => Iterator::value(self.iterate()),
            ("clear", []) => {
                self.map.clear();
                Value::text("")
            }
            ("remove", [element]) => match self.key_of(element, bounds)? {
                Some(key) => {
                    self.map.remove(&key);
                    Value::Bool(true)
                }
                None => Value::Bool(false),
            },
            ("add", [_]) => return thrown::unsupported(),
            ("containsAll" | "addAll" | "removeAll" | "retainAll", [other]) => {
                let Some(others) = collection::argument(other, bounds)? else {
                    return Ok(None);
                };
                let Some(others) = others else {
                    return thrown::null_pointer();
                };
                match method {
                    "containsAll" => {
                        for element in &others {
                            if !self.contains(element, bounds)? {
                                return Ok(Some(Value::Bool(false)));
                            }
                        }
                        Value::Bool(true)
                    }
                    "addAll" if others.is_empty() => Value::Bool(false),
                    "addAll" => return thrown::unsupported(),
                    "removeAll" => Value::Bool(self.keep(&others, false, bounds)?),
                    _ => Value::Bool(self.keep(&others, true, bounds)?),
                }
            }
            ("forEach" | "removeIf", [Value::Null]) => return thrown::null_pointer(),
            ("toArray", arguments) => {
                return collection::to_array(&self.elements_within(bounds)?, arguments, bounds);
            }
            _ => return Ok(None),
        }))
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.elements())
    }

    fn to_text(&self, bounds: &mut Bounds) -> Result<Text, Failure> {
        let mut out = String::new();
        printing::write_collection(&self.elements_within(bounds)?, &mut out, bounds)?;
        Ok(out.into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// An entry of a map, live: it shows and sets the value that the map has under its key.
#[derive(Debug)]
pub struct Entry {
    map: Map,
    /// Where it was in the map, which is looked at first.
    position: usize,
    key: Value,
    /// The value that it had when the map lost it.
    value: RefCell<Value>,
}

impl Entry {
    #[must_use]
    pub fn key(&self) -> Value {
        self.key.clone()
    }

    #[must_use]
    pub fn value(&self) -> Value {
        let found = self
            .map
            .value_at(self.position, &self.key)
            .or_else(|| self.map.get_value(&self.key));
        match found {
            Some(value) => {
                self.value.replace(value.clone());
                value
            }
            None => self.value.borrow().clone(),
        }
    }

    /// `setValue`; the old value.
    pub fn set_value(&self, value: Value) -> Value {
        let old = self.value();
        if self.map.contains_key(&self.key) {
            self.map.put(self.key.clone(), value.clone());
        }
        self.value.replace(value);
        old
    }

    pub(super) fn class(&self) -> &'static str {
        match self.map.order() {
            Order::Insertion => "java.util.LinkedHashMap$Entry",
            Order::Hash => "java.util.HashMap$Node",
        }
    }
}

impl Object for Entry {
    fn call(&self, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        Ok(match (method, arguments) {
            ("getKey", []) => Some(self.key()),
            ("getValue", []) => Some(self.value()),
            ("setValue", [value]) => {
                bounds.note(|| Value::Map(self.map.clone()), value)?;
                Some(self.set_value(value.clone()))
            }
            _ => None,
        })
    }

    fn property(&self, name: &str, _bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        Ok(match name {
            "key" | "Key" => Some(self.key()),
            "value" | "Value" => Some(self.value()),
            _ => None,
        })
    }

    fn set_property(&self, name: &str, value: Value, bounds: &mut Bounds) -> Result<bool, Failure> {
        let known = matches!(name, "value" | "Value");
        if known {
            bounds.note(|| Value::Map(self.map.clone()), &value)?;
            self.set_value(value);
        }
        Ok(known)
    }

    fn to_text(&self, bounds: &mut Bounds) -> Result<Text, Failure> {
        let mut out = String::new();
        printing::write_text(&self.key, &mut out, bounds)?;
        out.push('=');
        printing::write_text(&self.value(), &mut out, bounds)?;
        bounds.string(out.len())?;
        Ok(out.into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
