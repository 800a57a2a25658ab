//! `$input`: the payload and the parameters of the request.

use std::any::Any;
use std::cell::OnceCell;
use std::rc::Rc;

use crate::bounds::{Bounds, Failure};
use crate::json::{self, Style};
use crate::value::{Map, Object, Order, Text, Value};

use super::{PathCache, Request, map_of};

/// Bytes of a short JSON text.
const PRINTED: usize = 128;
/// As many parameters are looked through for one, before the template has seen their maps and could change them.
const FEW: usize = 64;

#[derive(Debug)]
pub(super) struct Input {
    request: Rc<Request>,
    paths: Rc<PathCache>,
    document: OnceCell<Value>,
    params: OnceCell<Map>,
}

impl Input {
    pub(super) fn new(request: Rc<Request>, paths: Rc<PathCache>) -> Self {
        let (document, params) = Default::default();
        Self {
            request,
            paths,
            document,
            params,
        }
    }

    /// The payload's text; an empty one is `{}`, as the real service has it for any content type.
    fn body(&self) -> Text {
        if self.request.body.is_empty() {
            Text::constant("{}")
        } else {
            self.request.body.clone()
        }
    }

    /// The payload as JSON, read once; what begins like no JSON is a string, as json-smart has it.
    fn document(&self, bounds: &mut Bounds) -> Result<&Value, Failure> {
        if let Some(document) = self.document.get() {
            return Ok(document);
        }
        let document = json::parse(&self.body(), bounds)?;
        Ok(self.document.get_or_init(|| document))
    }

    /// What the path finds; null where it leads nowhere.
    fn path(&self, path: &Text, bounds: &mut Bounds) -> Result<Value, Failure> {
        let document = self.document(bounds)?;
        let path = self.paths.get(path, bounds)?;
        Ok(path.read(document, bounds)?.unwrap_or_default())
    }

    /// What the path finds, as JSON text; `""` with its quotes where it leads nowhere.
    fn json(&self, path: &Text, bounds: &mut Bounds) -> Result<Value, Failure> {
        let value = self.path(path, bounds)?;
        if matches!(value, Value::Null) {
            return Ok(Value::Text(Text::constant("\"\"")));
        }
        let mut out = String::with_capacity(PRINTED);
        json::print(&value, &mut out, Style::Plain, bounds)?;
        bounds.string(out.len())?;
        Ok(Value::from(out))
    }

    /// All parameters by their kind, in the order in which they are searched.
    fn params(&self) -> &Map {
        self.params.get_or_init(|| {
            let kinds = [
                ("path", &self.request.path),
                ("querystring", &self.request.query),
                ("header", &self.request.headers),
            ];
            let entry = |(kind, pairs): (&str, &Vec<_>)| (Value::text(kind), Value::Map(map_of(pairs)));
            Map::from_entries(Order::Insertion, kinds.into_iter().map(entry).collect())
        })
    }

    /// The parameter of this name in the path, else the query string, else the headers; null where there is none.
    fn param(&self, name: &str) -> Value {
        let Request {
            path, query, headers, ..
        } = &*self.request;
        if self.params.get().is_none() && path.len() + query.len() + headers.len() <= FEW {
            let kinds = [path, query, headers];
            return kinds
                .into_iter()
                .find_map(|pairs| last(pairs, name))
                .unwrap_or_default();
        }
        let kinds = ["path", "querystring", "header"];
        let found = kinds.iter().find_map(|kind| match self.params().get(kind)? {
            Value::Map(map) => map.get(name).filter(|value| !matches!(value, Value::Null)),
            _ => None,
        });
        found.unwrap_or_default()
    }
}

/// The last value of this name.
fn last(pairs: &[(String, String)], name: &str) -> Option<Value> {
    let (_, value) = pairs.iter().rfind(|(own, _)| own == name)?;
    Some(Value::text(value))
}

impl Object for Input {
    fn call(&self, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        let value = match (method, arguments) {
            ("path", [Value::Text(path)]) => self.path(path, bounds)?,
            ("json", [Value::Text(path)]) => self.json(path, bounds)?,
            ("path" | "json", [Value::Null]) => {
                return Err(Failure::Thrown("path can not be null or empty".to_owned()));
            }
            ("params", []) => Value::Map(self.params().clone()),
            ("params", [Value::Text(name)]) => self.param(name),
            ("params", [Value::Null]) => Value::Null,
            ("getBody", []) => Value::Text(self.body()),
            // Velocity finds a method without parameters for any arguments, and fails to call it.
            ("params" | "getBody", _) => {
                return Err(Failure::Thrown("wrong number of arguments".to_owned()));
            }
            _ => return Ok(None),
        };
        Ok(Some(value))
    }

    fn property(&self, name: &str, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        match name {
            "body" | "Body" => self.call("getBody", &[], bounds),
            _ => Ok(None),
        }
    }

    fn to_text(&self, _: &mut Bounds) -> Result<Text, Failure> {
        Ok(Text::from("$input"))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
