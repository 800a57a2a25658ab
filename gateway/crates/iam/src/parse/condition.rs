//! Conditions.

use super::node::Node;
use super::{Reader, member};
use crate::condition::{Condition, Operator, Value};

pub(super) fn read(reader: &mut Reader, node: &Node, pointer: &str) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let Node::Map(operators) = node else {
        reader.problem(
            pointer,
            format!("is {}, not an object", node.kind()),
            r#"{"StringEquals": {"aws:username": "ann"}}"#,
        );
        return conditions;
    };
    for (name, node) in operators {
        let pointer = member(pointer, name);
        let Some(operator) = Operator::parse(name) else {
            reader.problem(
                &pointer,
                format!("no such operator: {name:?}"),
                "StringEquals, StringLike, NumericLessThan, DateGreaterThan, Bool, BinaryEquals, IpAddress, ArnLike, Null and \
                 their kin; ForAllValues: or ForAnyValue: before, IfExists behind",
            );
            continue;
        };
        let Node::Map(keys) = node else {
            reader.problem(
                &pointer,
                format!("is {}, not an object", node.kind()),
                r#"{"aws:username": "ann"}"#,
            );
            continue;
        };
        for (key, node) in keys {
            let pointer = member(&pointer, key);
            let values = values(reader, node, &pointer, operator);
            conditions.push(Condition {
                operator,
                key: key.to_lowercase(),
                values,
            });
        }
    }
    conditions
}

/// A value or a list of them: strings, numbers and booleans.
fn values(reader: &mut Reader, node: &Node, pointer: &str, operator: Operator) -> Vec<Value> {
    let nodes = match node {
        Node::List(nodes) => nodes.as_slice(),
        one => std::slice::from_ref(one),
    };
    if nodes.is_empty() {
        reader.problem(pointer, "is an empty list", "name one value at least");
    }
    let mut values = Vec::with_capacity(nodes.len());
    for (index, one) in nodes.iter().enumerate() {
        let pointer = if matches!(node, Node::List(_)) {
            format!("{pointer}/{index}")
        } else {
            pointer.to_owned()
        };
        let text = match one {
            Node::Text(text) | Node::Number(text) => text.as_str(),
            Node::Bool(true) => "true",
            Node::Bool(false) => "false",
            _ => {
                reader.problem(
                    &pointer,
                    format!("is {}, not a value", one.kind()),
                    "a string, a number or a boolean",
                );
                continue;
            }
        };
        match Value::parse(text, operator.test, reader.variables) {
            Ok(value) => values.push(value),
            Err(expected) => reader.problem(
                &pointer,
                format!("{text:?} is no value of this operator"),
                expected,
            ),
        }
    }
    values
}
