//! `$context`: a map, with the overrides beside it.

use std::any::Any;

use crate::bounds::{Bounds, Failure};
use crate::java;
use crate::json;
use crate::value::{Map, Object, Order, Text, Value};

/// The map prints, counts and walks without the overrides, which can still be read and written under their names.
#[derive(Debug)]
pub(super) struct Context {
    map: Map,
    request_override: Value,
    response_override: Value,
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
        let request_override = maps(&["header", "path", "querystring"]);
        Ok(Self {
            map,
            request_override,
            response_override: maps(&["header"]),
        })
    }

    /// The value under a key, an override too.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.map.get(name).or_else(|| match name {
            "requestOverride" => Some(self.request_override.clone()),
            "responseOverride" => Some(self.response_override.clone()),
            _ => None,
        })
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

/// A map of empty maps.
fn maps(names: &[&str]) -> Value {
    let entry = |name: &&str| (Value::text(name), Value::Map(Map::new(Order::Insertion)));
    Value::Map(Map::from_entries(
        Order::Insertion,
        names.iter().map(entry).collect(),
    ))
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
