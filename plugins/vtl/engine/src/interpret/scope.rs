//! `$foreach`: where a loop is, and a map for whatever a template keeps in it.

use std::any::Any;
use std::cell::Cell;
use std::rc::{Rc, Weak};

use crate::bounds::{Bounds, Failure};
use crate::java;
use crate::value::{Map, Object, Order, Text, Value};

/// The state of one `#foreach`.
#[derive(Debug)]
pub(super) struct Scope {
    own: Weak<Self>,
    number: usize,
    /// The rounds begun.
    count: Cell<i32>,
    has_next: Cell<bool>,
    /// What `$foreach` was before: the scope of the loop around, or what the template had there.
    outer: Value,
    kept: Map,
}

impl Scope {
    pub(super) fn new(number: usize, outer: Value) -> Rc<Self> {
        Rc::new_cyclic(|own| Self {
            own: own.clone(),
            number,
            count: Cell::new(0),
            has_next: Cell::new(false),
            outer,
            kept: Map::new(Order::Hash),
        })
    }

    pub(super) fn of(value: &Value) -> Option<&Self> {
        match value {
            Value::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// The number of its loop.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    pub(super) fn outer(&self) -> Value {
        self.outer.clone()
    }

    pub(super) fn advance(&self, has_next: bool) {
        self.count.set(self.count.get().saturating_add(1));
        self.has_next.set(has_next);
    }

    fn parent(&self) -> Option<&Self> {
        Self::of(&self.outer)
    }

    /// The scope of the outermost loop, and how many loops deep this one is.
    fn topmost(&self) -> (&Self, i32) {
        let (mut scope, mut depth) = (self, 1);
        while let Some(parent) = scope.parent() {
            (scope, depth) = (parent, depth + 1);
        }
        (scope, depth)
    }

    fn getter(&self, name: &str) -> Option<Value> {
        Some(match name {
            "index" => Value::Int(self.count.get() - 1),
            "count" => Value::Int(self.count.get()),
            "hasNext" => Value::Bool(self.has_next.get()),
            "first" => Value::Bool(self.count.get() < 2),
            "last" => Value::Bool(!self.has_next.get()),
            "parent" => self.parent().map(|_| self.outer.clone()).unwrap_or_default(),
            "replaced" => self.topmost().0.outer.clone(),
            "topmost" => match self.topmost().0.own.upgrade() {
                Some(scope) => Value::Object(scope),
                None => Value::Null,
            },
            "info" => Value::Object(Rc::new(Described::Loop {
                depth: self.topmost().1,
            })),
            "class" => Value::Object(Rc::new(Described::Class)),
            "empty" => Value::Bool(self.kept.is_empty()),
            _ => return None,
        })
    }

    /// What was kept here or in a loop around.
    fn kept(&self, key: &Value) -> Value {
        let mut scope = self;
        loop {
            if let Some(value) = scope.kept.get_value(key) {
                return value;
            }
            match scope.parent() {
                Some(parent) => scope = parent,
                None => return Value::Null,
            }
        }
    }
}

/// A getter's name with its first letter as a property has it.
fn uncapitalized(name: &str) -> Option<String> {
    let mut characters = name.chars();
    let first = characters.next()?;
    Some(first.to_lowercase().chain(characters).collect())
}

impl Object for Scope {
    fn call(&self, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        if let ("get", [key]) = (method, arguments) {
            return Ok(Some(self.kept(key)));
        }
        if arguments.is_empty() {
            let name = match method {
                "hasNext" => Some("HasNext"),
                "isFirst" | "isLast" => method.strip_prefix("is"),
                _ => method
                    .strip_prefix("get")
                    .filter(|name| name.starts_with(char::is_uppercase)),
            };
            let name = name.and_then(uncapitalized);
            if let Some(value) = name.and_then(|name| self.getter(&name)) {
                return Ok(Some(value));
            }
        }
        java::call(&Value::Map(self.kept.clone()), method, arguments, bounds)
    }

    fn property(&self, name: &str, _: &mut Bounds) -> Result<Option<Value>, Failure> {
        let own = self.getter(name).or_else(|| self.getter(&uncapitalized(name)?));
        Ok(Some(own.unwrap_or_else(|| self.kept(&Value::text(name)))))
    }

    fn set_property(&self, name: &str, value: Value, bounds: &mut Bounds) -> Result<bool, Failure> {
        java::set_property(&Value::Map(self.kept.clone()), name, value, bounds)
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.kept.entries().into_iter().map(|(_, value)| value).collect())
    }

    fn to_text(&self, bounds: &mut Bounds) -> Result<Text, Failure> {
        java::to_text(&Value::Map(self.kept.clone()), bounds)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What `$foreach.info` and `$foreach.class` tell.
#[derive(Debug)]
enum Described {
    Loop { depth: i32 },
    Class,
}

impl Object for Described {
    fn call(&self, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        match method.strip_prefix("get").and_then(uncapitalized) {
            Some(name) if arguments.is_empty() => self.property(&name, bounds),
            _ => Ok(None),
        }
    }

    fn property(&self, name: &str, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        Ok(match (self, name) {
            (Self::Loop { depth }, "depth") => Some(Value::Int(*depth)),
            (Self::Loop { .. }, "name") => Some(Value::text("foreach")),
            (Self::Loop { .. }, "type") => Some(Value::text("block")),
            (Self::Class, "name") => Some(Value::Text(self.to_text(bounds)?)),
            (Self::Class, "simpleName") => Some(Value::text("ForeachScope")),
            _ => None,
        })
    }

    fn to_text(&self, _: &mut Bounds) -> Result<Text, Failure> {
        Ok(match self {
            Self::Loop { depth: 1 } => Text::from("#foreach[type:block]"),
            Self::Loop { depth } => format!("#foreach[type:block depth:{depth}]").into(),
            Self::Class => Text::from("org.apache.velocity.runtime.directive.ForeachScope"),
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
