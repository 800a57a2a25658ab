mod bounds;
mod iteration;
mod properties;
mod recorded;

use super::*;
use crate::bounds::Limits;
use crate::value::{Element, List, ListKind, Map, Order, Text};

fn limits() -> Bounds {
    Bounds::new(Limits::default())
}

fn list(kind: ListKind, items: Vec<Value>) -> Value {
    Value::List(List::new(kind, items))
}

fn texts(kind: ListKind, items: &[&str]) -> Value {
    list(kind, items.iter().map(|item| Value::text(item)).collect())
}

fn map(entries: &[(&str, Value)]) -> Value {
    let map = Map::new(Order::Insertion);
    for (key, value) in entries {
        map.put_text(Text::from(*key), value.clone());
    }
    Value::Map(map)
}

fn run(receiver: &Value, method: &str, arguments: &[Value]) -> Value {
    call(receiver, method, arguments, &mut limits()).unwrap().unwrap()
}

/// How a template would see it: the text, `(none)` for an invalid reference, `(null)`, or `(thrown)`.
fn seen(result: Result<Option<Value>, Failure>) -> String {
    match result {
        Ok(Some(Value::Null)) => "(null)".into(),
        Ok(Some(value)) => plain_text(&value),
        Ok(None) => "(none)".into(),
        Err(Failure::Thrown(_)) => "(thrown)".into(),
        Err(failure) => failure.to_string(),
    }
}
