//! The operators of filters.

use std::cmp::Ordering;

use crate::bounds::Bounds;
use crate::value::Value;

use super::Stop;
use super::node::Node;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    /// `===`, of one kind too.
    Same,
    NotEqual,
    NotSame,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    In,
    NotIn,
    Contains,
    All,
    Size,
    Empty,
    SubsetOf,
    AnyOf,
    NoneOf,
    /// Words that Jayway's own API uses; a filter in a path gives them operands that they refuse.
    Inner,
}

impl Operator {
    /// The operator of this name, in letters of either case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text.to_uppercase().as_str() {
            "==" => Self::Equal,
            "===" => Self::Same,
            "!=" => Self::NotEqual,
            "!==" => Self::NotSame,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "=~" => Self::Matches,
            "IN" => Self::In,
            "NIN" => Self::NotIn,
            "CONTAINS" => Self::Contains,
            "ALL" => Self::All,
            "SIZE" => Self::Size,
            "EMPTY" => Self::Empty,
            "SUBSETOF" => Self::SubsetOf,
            "ANYOF" => Self::AnyOf,
            "NONEOF" => Self::NoneOf,
            "EXISTS" | "TYPE" | "MATCHES" => Self::Inner,
            _ => return None,
        })
    }

    pub(super) fn holds(self, left: &Node, right: &Node, bounds: &mut Bounds) -> Result<bool, Stop> {
        charge(left, right, bounds)?;
        match self {
            Self::Equal => left.is(right, bounds),
            Self::NotEqual => Ok(!left.is(right, bounds)?),
            Self::Same => same(left, right, bounds),
            Self::NotSame => Ok(!same(left, right, bounds)?),
            Self::Less => Ok(order(left, right).is_some_and(Ordering::is_lt)),
            Self::LessOrEqual => Ok(order(left, right).is_some_and(Ordering::is_le)),
            Self::Greater => Ok(order(left, right).is_some_and(Ordering::is_gt)),
            Self::GreaterOrEqual => Ok(order(left, right).is_some_and(Ordering::is_ge)),
            Self::Matches => matches(left, right, bounds),
            Self::In => is_in(left, right, bounds),
            Self::NotIn => Ok(!is_in(left, right, bounds)?),
            Self::Contains => contains(left, right, bounds),
            Self::Size => size(left, right),
            Self::Empty => empty(left, right),
            Self::SubsetOf => lists(left, right, bounds, |left, right| {
                left.iter()
                    .all(|item| right.iter().any(|other| item.equals(other)))
            }),
            Self::AnyOf => lists(left, right, bounds, any_of),
            Self::NoneOf => lists(left, right, bounds, |left, right| !any_of(left, right)),
            Self::All | Self::Inner => Err(Stop::Invalid),
        }
    }
}

/// Takes the steps of a comparison: of strings, of strings read as numbers, and of long numbers.
fn charge(left: &Node, right: &Node, bounds: &mut Bounds) -> Result<(), Stop> {
    for node in [left, right] {
        if let Node::Text(text) = node {
            bounds.steps(text.len() / 32)?;
        }
    }
    Ok(())
}

fn charge_each(node: &Node, items: &[Node], bounds: &mut Bounds) -> Result<(), Stop> {
    for item in items {
        bounds.steps(1)?;
        charge(node, item, bounds)?;
    }
    Ok(())
}

fn same(left: &Node, right: &Node, bounds: &mut Bounds) -> Result<bool, Stop> {
    let alike =
        std::mem::discriminant(left) == std::mem::discriminant(right) || left.is_json() && right.is_json();
    if alike { left.is(right, bounds) } else { Ok(false) }
}

/// How two numbers or two strings compare; anything else does not.
fn order(left: &Node, right: &Node) -> Option<Ordering> {
    match (left, right) {
        (Node::Number(left), Node::Number(right)) => Some(left.compare(right)),
        (Node::Text(left), Node::Text(right)) => Some(left.encode_utf16().cmp(right.encode_utf16())),
        _ => None,
    }
}

/// Whether the pattern on one side matches the whole of the other.
fn matches(left: &Node, right: &Node, bounds: &mut Bounds) -> Result<bool, Stop> {
    let (pattern, input) = match (left, right) {
        (Node::Pattern(_), Node::Pattern(_)) => return Ok(false),
        (Node::Pattern(pattern), input) | (input, Node::Pattern(pattern)) => (pattern, input),
        _ => return Ok(false),
    };
    let number;
    let text = match input {
        Node::Text(text) => text,
        Node::Bool(true) => "true",
        Node::Bool(false) => "false",
        Node::Number(value) => {
            number = value.to_text();
            &number
        }
        _ => "",
    };
    Ok(pattern.matches(text, bounds)?)
}

fn is_in(left: &Node, right: &Node, bounds: &mut Bounds) -> Result<bool, Stop> {
    if !right.is_json() {
        return Err(Stop::Invalid);
    }
    let Some(items) = right.items(bounds)? else {
        return Ok(false);
    };
    charge_each(left, &items, bounds)?;
    Ok(items.iter().any(|item| left.equals(item)))
}

fn contains(left: &Node, right: &Node, bounds: &mut Bounds) -> Result<bool, Stop> {
    if let (Node::Text(left), Node::Text(right)) = (left, right) {
        bounds.steps(left.len() / 16)?;
        return Ok(left.contains(&**right));
    }
    if !left.is_json() {
        return Ok(false);
    }
    let Some(items) = left.items(bounds)? else {
        return Ok(false);
    };
    charge_each(right, &items, bounds)?;
    Ok(items.iter().any(|item| right.equals(item)))
}

fn size(left: &Node, right: &Node) -> Result<bool, Stop> {
    let Node::Number(right) = right else {
        return Ok(false);
    };
    let size = match left {
        Node::Text(text) => text.encode_utf16().count(),
        Node::Literal(_, None) => return Err(Stop::Thrown),
        _ => match left.json() {
            Some(Value::List(list)) => list.len(),
            // A map has the size -1.
            Some(_) => return Ok(right.to_size() == Some(-1)),
            None => return Ok(false),
        },
    };
    Ok(i64::try_from(size).ok() == right.to_size())
}

fn empty(left: &Node, right: &Node) -> Result<bool, Stop> {
    let expected = || match right {
        Node::Bool(expected) => Ok(*expected),
        _ => Err(Stop::Invalid),
    };
    match left {
        Node::Text(text) => Ok(text.is_empty() == expected()?),
        _ if !left.is_json() => Ok(false),
        _ => match left.json() {
            Some(Value::List(list)) => Ok(list.is_empty() == expected()?),
            // Jayway takes a map for a collection, which fails.
            _ => Err(Stop::Thrown),
        },
    }
}

fn any_of(left: &[Node], right: &[Node]) -> bool {
    left.iter()
        .any(|item| right.iter().any(|other| item.equals(other)))
}

/// Compares two lists; what is none is refused unless it is JSON.
fn lists(
    left: &Node,
    right: &Node,
    bounds: &mut Bounds,
    compare: impl FnOnce(&[Node], &[Node]) -> bool,
) -> Result<bool, Stop> {
    let mut items = |node: &Node| {
        if node.is_json() {
            node.items(bounds)
        } else {
            Err(Stop::Invalid)
        }
    };
    let Some(right) = items(right)? else {
        return Ok(false);
    };
    let Some(left) = items(left)? else {
        return Ok(false);
    };
    for item in &left {
        charge_each(item, &right, bounds)?;
    }
    Ok(compare(&left, &right))
}
