//! Iterators, which `#foreach` and `iterator()` use.

mod map_walk;

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use crate::bounds::{Bounds, Failure};
use crate::value::{List, ListKind, Map, Object, Text, Value};

use super::thrown;
use super::views::{View, ViewKind};
use map_walk::MapWalk;

/// A walk over a collection, which notices when the collection changes under it.
#[derive(Debug)]
pub struct Iteration(Source);

#[derive(Debug)]
enum Source {
    List {
        list: List,
        next: usize,
        last: Option<usize>,
        changes: u32,
    },
    /// Arrays do not change in structure.
    Array {
        list: List,
        next: usize,
    },
    Map(MapWalk),
    /// What a host's object gave.
    Items(std::vec::IntoIter<Value>),
    /// An iterator of the template, walked further.
    Shared(Rc<dyn Object>),
}

impl Iteration {
    pub(super) fn of_list(list: &List) -> Self {
        Self(match list.kind() {
            ListKind::Array(_) => Source::Array {
                list: list.clone(),
                next: 0,
            },
            ListKind::Java | ListKind::Json => Source::List {
                list: list.clone(),
                next: 0,
                last: None,
                changes: list.changes(),
            },
        })
    }

    /// `listIterator(int)`.
    pub(super) fn of_list_from(list: &List, at: usize) -> Self {
        let mut walk = Self::of_list(list);
        if let Source::List { next, .. } | Source::Array { next, .. } = &mut walk.0 {
            *next = at;
        }
        walk
    }

    pub(super) fn of_map(map: &Map, kind: ViewKind) -> Self {
        Self(Source::Map(MapWalk::new(map, kind)))
    }

    /// `hasNext()`.
    #[must_use]
    pub fn has_next(&self) -> bool {
        match &self.0 {
            // As in Java, where a list that lost items goes on, and only `next` notices.
            Source::List { list, next, .. } => *next != list.len(),
            Source::Array { list, next } => *next < list.len(),
            Source::Map(walk) => walk.left > 0,
            Source::Items(items) => items.len() > 0,
            Source::Shared(object) => {
                iterator(object).is_some_and(|own| own.0.try_borrow().is_ok_and(|walk| walk.has_next()))
            }
        }
    }

    /// `next()`.
    ///
    /// # Errors
    ///
    /// What Java throws for a collection that was changed meanwhile, or at the end.
    pub fn next_value(&mut self) -> Result<Value, Failure> {
        match &mut self.0 {
            Source::List {
                list,
                next,
                last,
                changes,
            } => {
                if *changes != list.changes() {
                    return thrown::concurrent_modification();
                }
                let Some(value) = list.get(*next) else {
                    return thrown::no_such_element();
                };
                *last = Some(*next);
                *next += 1;
                Ok(value)
            }
            Source::Array { list, next } => {
                let Some(value) = list.get(*next) else {
                    return thrown::no_such_element();
                };
                *next += 1;
                Ok(value)
            }
            Source::Map(walk) => walk.next_value(),
            Source::Items(items) => match items.next() {
                Some(value) => Ok(value),
                None => thrown::no_such_element(),
            },
            Source::Shared(object) => match iterator(object).and_then(|own| own.0.try_borrow_mut().ok()) {
                Some(mut walk) => walk.next_value(),
                None => thrown::no_such_element(),
            },
        }
    }

    /// `remove()`: removes what `next` gave last.
    fn remove(&mut self, bounds: &mut Bounds) -> Result<(), Failure> {
        match &mut self.0 {
            Source::List {
                list,
                next,
                last,
                changes,
            } => {
                let Some(at) = last.take() else {
                    return thrown::thrown("java.lang.IllegalStateException");
                };
                bounds.steps(list.len().saturating_sub(at) / 16)?;
                let mut items = list.items_mut();
                if *changes != list.changes() || at >= items.len() {
                    return thrown::concurrent_modification();
                }
                items.remove(at);
                list.changed();
                *changes = list.changes();
                *next = at;
                Ok(())
            }
            Source::Map(walk) => walk.remove(bounds),
            Source::Array { .. } | Source::Items(_) | Source::Shared(_) => thrown::unsupported(),
        }
    }
}

/// An iterator that a template holds, as of `$list.iterator()`.
#[derive(Debug)]
pub(super) struct Iterator(RefCell<Iteration>);

impl Iterator {
    pub(super) fn value(walk: Iteration) -> Value {
        Value::Object(Rc::new(Self(RefCell::new(walk))))
    }
}

fn iterator(object: &Rc<dyn Object>) -> Option<&Iterator> {
    object.as_any().downcast_ref()
}

impl Object for Iterator {
    fn call(&self, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        Ok(match (method, arguments) {
            ("hasNext", []) => Some(Value::Bool(self.0.borrow().has_next())),
            ("next", []) => Some(self.0.borrow_mut().next_value()?),
            ("forEachRemaining", [Value::Null]) => return thrown::null_pointer(),
            ("remove", []) => {
                self.0.borrow_mut().remove(bounds)?;
                Some(Value::text(""))
            }
            _ => None,
        })
    }

    fn to_text(&self, _bounds: &mut Bounds) -> Result<Text, Failure> {
        let address = std::ptr::from_ref(self) as usize & 0x7fff_ffff;
        Ok(format!("java.util.ArrayList$Itr@{address:x}").into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What `#foreach` walks: the items of lists and arrays, the values of maps, the elements of their views; `None` for
/// what it does not walk.
#[must_use]
pub fn iterate(value: &Value) -> Option<Iteration> {
    match value {
        Value::List(list) => Some(Iteration::of_list(list)),
        Value::Map(map) => Some(Iteration::of_map(map, ViewKind::Values)),
        Value::Object(object) => {
            if let Some(view) = object.as_any().downcast_ref::<View>() {
                return Some(view.iterate());
            }
            if iterator(object).is_some() {
                return Some(Iteration(Source::Shared(object.clone())));
            }
            object
                .items()
                .map(|items| Iteration(Source::Items(items.into_iter())))
        }
        _ => None,
    }
}

/// What `#foreach` walks, all at once; an iterator is used up.
#[must_use]
pub fn items(value: &Value) -> Option<Vec<Value>> {
    if let Value::List(list) = value {
        return Some(list.items().clone());
    }
    let mut walk = iterate(value)?;
    let mut items = Vec::new();
    while walk.has_next() {
        match walk.next_value() {
            Ok(item) => items.push(item),
            Err(_) => break,
        }
    }
    Some(items)
}
