//! The tree from what the TOML parser gives, which goes on behind errors and reports all of them.

use serde_json::Number;
use toml::Spanned;
use toml::de::{DeArray, DeFloat, DeInteger, DeTable, DeValue, Error};
use toml_parser::Source;
use toml_parser::parser::Event;

use super::keys::{Definitions, events, too_deep};
use crate::node::{Member, Node, Object, Value};
use crate::position::Position;
use crate::reader::{MAX_DEPTH, Reader, Stop};

pub(crate) fn read(reader: &mut Reader<'_>, text: &str) -> Result<Node, Stop> {
    let source = Source::new(text);
    let events = events(source);
    if let Some(offset) = too_deep(&events, MAX_DEPTH) {
        let position = reader.places.at(offset);
        let message = format!("arrays and tables are nested deeper than {MAX_DEPTH}");
        return Err(reader.stop("too-deep", position, message));
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    report(reader, source, &events, &errors);
    let value = Value::Object(table(reader, root.get_ref())?);
    Ok(Node {
        position: Position::START,
        value,
    })
}

fn report(reader: &mut Reader<'_>, source: Source<'_>, events: &[Event], errors: &[Error]) {
    if errors.is_empty() {
        return;
    }
    let definitions = Definitions::of(source, events);
    for error in errors {
        let offset = error.span().map_or(0, |span| span.start);
        let position = reader.places.at(offset);
        match definitions.before(offset) {
            Some((path, first)) if error.message() == "duplicate key" => {
                let first = reader.places.at(first);
                reader.duplicate(path, position, first);
            }
            _ => reader.error("syntax", position, error.message().to_owned()),
        }
    }
}

/// The parser orders by key; the tree is in the order of the text.
fn table(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Result<Object, Stop> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let mut members = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let key_position = reader.places.at(key.span().start);
        reader.enter(key.get_ref().as_ref(), key_position)?;
        let node = node(reader, value)?;
        reader.leave();
        members.push(Member {
            key: key.get_ref().to_string(),
            key_position,
            node,
        });
    }
    Ok(Object::new(members))
}

fn array(reader: &mut Reader<'_>, array: &DeArray<'_>) -> Result<Vec<Node>, Stop> {
    let mut nodes = Vec::with_capacity(array.len());
    for (index, value) in array.iter().enumerate() {
        let position = reader.places.at(value.span().start);
        reader.enter(index.to_string(), position)?;
        nodes.push(node(reader, value)?);
        reader.leave();
    }
    Ok(nodes)
}

fn node(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Result<Node, Stop> {
    let position = reader.places.at(value.span().start);
    reader.count(position)?;
    let value = match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(integer) => whole(reader, integer, position),
        DeValue::Float(float) => fraction(reader, float, position),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(nodes) => Value::Array(array(reader, nodes)?),
        DeValue::Table(members) => Value::Object(table(reader, members)?),
    };
    Ok(Node { position, value })
}

fn whole(reader: &mut Reader<'_>, integer: &DeInteger<'_>, position: Position) -> Value {
    match i64::from_str_radix(integer.as_str(), integer.radix()) {
        Ok(number) => Value::Number(Number::from(number)),
        Err(_) => {
            let message = format!("the number {integer} does not fit into 64 bits");
            reader.error("syntax", position, message);
            Value::Null
        }
    }
}

fn fraction(reader: &mut Reader<'_>, float: &DeFloat<'_>, position: Position) -> Value {
    match float.as_str().parse().ok().and_then(Number::from_f64) {
        Some(number) => Value::Number(number),
        None => {
            reader.error("syntax", position, format!("the number {float} is not finite"));
            Value::Null
        }
    }
}
