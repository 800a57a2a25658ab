//! `$context`: a map, with the overrides beside it.

use std::any::Any;
use std::cell::OnceCell;

use crate::bounds::{Bounds, Failure};
use crate::java;
use crate::json;
use crate::value::{Map, Object, Order, Text, Value};

/// The map prints, counts and walks without the overrides, which can still be read and written under their names.
#[derive(Debug)]
pub(super) struct Context {
    map: Map,
    request_override: Override,
    response_override: Override,
}

/// A map of empty maps, made when the template asks for it: few do.
#[derive(Debug)]
struct Override {
    parts: &'static [&'static str],
    made: OnceCell<Value>,
}

impl Override {
    const fn new(parts: &'static [&'static str]) -> Self {
        Self {
            parts,
            made: OnceCell::new(),
        }
    }

    fn get(&self) -> Value {
        let entry = |part: &&'static str| {
            let map = Map::new(Order::Insertion);
            (Value::Text(Text::constant(part)), Value::Map(map))
        };
        let make = || {
            let entries = self.parts.iter().map(entry).collect();
            Value::Map(Map::from_entries(Order::Insertion, entries))
        };
        self.made.get_or_init(make).clone()
    }
}

impl Context {
    /// Reads the text of an object; none for an empty one.
    pub(super) fn parse(text: &Text, bounds: &mut Bounds) -> Result<Self, Failure> {
        let trimmed = text.trim();
        let map = if trimmed.is_empty() {
            Map::new(Order::Insertion)
        } else {
            let read = if trimmed.len() == text.len() {
                json::parse(text, bounds)?
            } else {
                json::parse(&Text::from(trimmed.to_owned()), bounds)?
            };
            match read {
                Value::Map(map) => map,
                _ => return Err(Failure::Thrown("the context is no JSON object".to_owned())),
            }
        };
        Ok(Self {
            map,
            request_override: Override::new(&["header", "path", "querystring"]),
            response_override: Override::new(&["header"]),
        })
    }

    /// The value under a key, an override too.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.map.get(name).or_else(|| Some(self.an_override(name)?.get()))
    }

    /// What the template may have written to an override; none where it never asked for it.
    pub(super) fn written(&self, name: &str) -> Option<Value> {
        self.map
            .get(name)
            .or_else(|| self.an_override(name)?.made.get().cloned())
    }

    fn an_override(&self, name: &str) -> Option<&Override> {
        match name {
            "requestOverride" => Some(&self.request_override),
            "responseOverride" => Some(&self.response_override),
            _ => None,
        }
    }

    fn as_value(&self) -> Value {
        Value::Map(self.map.clone())
    }
}

/// The argument, the map for a context.
fn plain(argument: &Value) -> Value {
    match argument {
        Value::Object(object) => match object.as_any().downcast_ref::<Context>() {
            Some(context) => context.as_value(),
            None => argument.clone(),
        },
        other => other.clone(),
    }
}

impl Object for Context {
    fn call(&self, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        if let ("get", [Value::Text(name)]) = (method, arguments)
            && let Some(value) = self.get(name)
        {
            return Ok(Some(value));
        }
        let arguments: Vec<Value> = arguments.iter().map(plain).collect();
        java::call(&self.as_value(), method, &arguments, bounds)
    }

    fn property(&self, name: &str, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        match self.get(name) {
            Some(value) => Ok(Some(value)),
            None => java::property(&self.as_value(), name, bounds),
        }
    }

    fn set_property(&self, name: &str, value: Value, bounds: &mut Bounds) -> Result<bool, Failure> {
        java::set_property(&self.as_value(), name, value, bounds)
    }

    fn items(&self) -> Option<Vec<Value>> {
        java::items(&self.as_value())
    }

    fn to_text(&self, bounds: &mut Bounds) -> Result<Text, Failure> {
        java::to_text(&self.as_value(), bounds)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
