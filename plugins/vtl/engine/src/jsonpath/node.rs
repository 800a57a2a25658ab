//! The values that filters compare.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::bounds::Bounds;
use crate::java;
use crate::java::regex::Regex;
use crate::json;
use crate::json::decimal::Decimal;
use crate::value::{Text, Value};

use super::cursor::unescape;
use super::{Path, Stop};

#[derive(Debug, Clone)]
pub(super) enum Node {
    /// What a path did not find: it equals nothing.
    Undefined,
    Null,
    Bool(bool),
    Number(Number),
    Text(Text),
    /// A list or map that a path found.
    Json(Value),
    /// JSON in a filter, and its value if it is JSON.
    Literal(Text, Option<Value>),
    Pattern(Rc<Regex>),
    /// A string in a list that is a path: it equals nothing.
    Path,
}

/// A number, compared by its exact value.
#[derive(Debug, Clone)]
pub(super) enum Number {
    Whole(i64),
    Decimal(Rc<Decimal>),
}

impl Number {
    pub(super) fn of(decimal: Decimal) -> Self {
        match decimal.to_text().parse() {
            Ok(whole) => Self::Whole(whole),
            Err(_) => Self::Decimal(Rc::new(decimal)),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Decimal::parse(text).map(Self::of)
    }

    fn decimal(&self) -> Rc<Decimal> {
        match self {
            Self::Whole(whole) => Rc::new(Decimal::from(*whole)),
            Self::Decimal(decimal) => decimal.clone(),
        }
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => left.cmp(right),
            _ => self.decimal().compare(&other.decimal()),
        }
    }

    /// `BigDecimal.toString()`
    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Whole(whole) => whole.to_string(),
            Self::Decimal(decimal) => decimal.to_text(),
        }
    }

    /// `BigDecimal.intValue()`, where it is within range.
    pub(super) fn to_size(&self) -> Option<i64> {
        match self {
            Self::Whole(whole) => Some(*whole),
            Self::Decimal(decimal) => decimal.to_text().split('.').next()?.parse().ok(),
        }
    }
}

impl Node {
    /// What a path found, as a node.
    pub(super) fn of(value: Value, bounds: &mut Bounds) -> Result<Self, Stop> {
        Ok(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Text(text) => Self::Text(text),
            Value::List(_) | Value::Map(_) => Self::Json(value),
            Value::Object(_) => return Err(Stop::Thrown),
            number => Self::Number(number_of(&number, bounds)?),
        })
    }

    /// An item of a list, as a node: strings may be paths, JSON or quoted; lists and maps are an error of Jayway's.
    fn of_item(value: &Value, bounds: &mut Bounds) -> Result<Self, Stop> {
        match value {
            Value::List(_) | Value::Map(_) => Err(Stop::Thrown),
            Value::Text(text) => of_text(text, bounds),
            other => Self::of(other.clone(), bounds),
        }
    }

    /// The list that this is, if it is one.
    fn list(&self) -> Option<&crate::value::List> {
        match self {
            Self::Json(Value::List(list)) | Self::Literal(_, Some(Value::List(list))) => Some(list),
            _ => None,
        }
    }

    /// The list's items as nodes; `None` where it is no list.
    pub(super) fn items(&self, bounds: &mut Bounds) -> Result<Option<Vec<Self>>, Stop> {
        if matches!(self, Self::Literal(_, None)) {
            return Err(Stop::Thrown);
        }
        let Some(list) = self.list() else { return Ok(None) };
        bounds.steps(list.len())?;
        list.items()
            .iter()
            .map(|item| Self::of_item(item, bounds))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    pub(super) fn is_json(&self) -> bool {
        matches!(self, Self::Json(_) | Self::Literal(..))
    }

    /// The value of a list or map.
    pub(super) fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) | Self::Literal(_, Some(value)) => Some(value),
            _ => None,
        }
    }

    /// `left.equals(right)`: a string on the left compares a number's text, a number on the left a string's value.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::Text(left), Self::Number(right)) => **left == *right.to_text(),
            (Self::Number(left), Self::Number(right)) => left.compare(right).is_eq(),
            (Self::Number(left), Self::Text(right)) => {
                Number::parse(right).is_some_and(|right| left.compare(&right).is_eq())
            }
            (Self::Literal(left, _), Self::Literal(right, _)) => left == right,
            (Self::Json(left), Self::Json(right)) => java::equals(left, right),
            _ => false,
        }
    }

    /// `==`
    pub(super) fn is(&self, other: &Self, bounds: &mut Bounds) -> Result<bool, Stop> {
        match (self, other) {
            (Self::Json(left), Self::Json(right)) => Ok(java::same_value(left, right, bounds)?),
            (Self::Json(left), Self::Literal(_, right)) => match right {
                Some(right) => Ok(java::same_value(left, right, bounds)?),
                None => Err(Stop::Thrown),
            },
            // Jayway compares the text of JSON on the left with the value on the right.
            (Self::Literal(..), Self::Json(_) | Self::Literal(..)) => Ok(false),
            _ => Ok(self.equals(other)),
        }
    }
}

fn number_of(value: &Value, bounds: &mut Bounds) -> Result<Number, Stop> {
    match value {
        Value::Int(whole) => Ok(Number::Whole(i64::from(*whole))),
        Value::Long(whole) => Ok(Number::Whole(*whole)),
        other => {
            let text = java::to_text(other, bounds)?;
            Number::parse(&text).ok_or(Stop::Thrown)
        }
    }
}

fn of_text(text: &Text, bounds: &mut Bounds) -> Result<Node, Stop> {
    bounds.steps(text.len() / 16)?;
    let trimmed = text.trim();
    let bytes = trimmed.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(b'$' | b'@'), _) if is_path(trimmed, bounds)? => Ok(Node::Path),
        (Some(b'['), Some(b']')) | (Some(b'{'), Some(b'}')) => {
            match json::parse(&Text::from(trimmed.to_owned()), bounds) {
                Ok(value) => Ok(Node::Literal(text.clone(), Some(value))),
                Err(json::Error::Limit(exceeded)) => Err(Stop::Limit(exceeded)),
                Err(_) => plain(text),
            }
        }
        _ => plain(text),
    }
}

fn is_path(text: &str, bounds: &mut Bounds) -> Result<bool, Stop> {
    bounds.steps(text.len())?;
    Ok(Path::compile(text).is_ok())
}

/// A string without the quotes around it and with its escapes undone.
fn plain(text: &Text) -> Result<Node, Stop> {
    if text.len() < 2 {
        return Ok(Node::Text(text.clone()));
    }
    let quoted = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    let inner = quoted('\'').or_else(|| quoted('"')).unwrap_or(text);
    if !inner.contains('\\') {
        return Ok(Node::Text(Text::from(inner)));
    }
    let characters: Vec<char> = inner.chars().collect();
    unescape(&characters)
        .map(|text| Node::Text(Text::from(text)))
        .map_err(|_| Stop::Thrown)
}
