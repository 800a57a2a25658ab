use std::cell::{Cell, Ref, RefCell, RefMut};
use std::rc::Rc;

use super::{Value, release};

/// Which Java class a list is: it decides its text form and its methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// `java.util.ArrayList`, which a template makes: prints `[a, b]`.
    Java,
    /// `net.minidev.json.JSONArray`, which a document or a path yields: prints JSON.
    Json,
    /// An array, which some methods yield: of a fixed length, and prints its class and address.
    Array(Element),
}

/// What an array holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// `String[]`
    Text,
    /// `Object[]`
    Any,
    /// `char[]`
    Char,
    /// `byte[]`
    Byte,
}

/// A list, shared by its clones.
#[derive(Debug, Clone)]
pub struct List(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ListKind,
    changes: Cell<u32>,
    items: RefCell<Vec<Value>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let items = self.items.get_mut();
        match release::Level::enter() {
            Some(_level) => items.clear(),
            None => release::release(std::mem::take(items).into_iter()),
        }
    }
}

impl List {
    #[must_use]
    pub fn new(kind: ListKind, items: Vec<Value>) -> Self {
        Self(Rc::new(Inner {
            kind,
            changes: Cell::new(0),
            items: RefCell::new(items),
        }))
    }

    #[must_use]
    pub fn kind(&self) -> ListKind {
        self.0.kind
    }

    /// The items; hold it for a moment only, never across a call that may change the list.
    #[must_use]
    pub fn items(&self) -> Ref<'_, Vec<Value>> {
        self.0.items.borrow()
    }

    /// The items, to write them; one who adds or removes items calls [`changed`](Self::changed) too.
    #[must_use]
    pub fn items_mut(&self) -> RefMut<'_, Vec<Value>> {
        self.0.items.borrow_mut()
    }

    /// Counts a structural change, which iterations notice: Java's `modCount`.
    pub fn changed(&self) {
        self.0.changes.set(self.0.changes.get().wrapping_add(1));
    }

    /// How often the list was changed in structure.
    #[must_use]
    pub fn changes(&self) -> u32 {
        self.0.changes.get()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.items().len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items().is_empty()
    }

    /// The item at `index`, if there is one.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.items().get(index).cloned()
    }

    /// Whether both are the same object, as Java's `==` has it.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// A number that tells this list from every other one alive.
    #[must_use]
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0) as usize
    }
}
