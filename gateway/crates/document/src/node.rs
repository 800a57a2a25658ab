//! The tree that every format is read into.

use serde_json::Number;

use crate::position::Position;

/// One value and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value begins. A YAML alias is where it is used, what it brings is where its anchor is.
    pub position: Position,
    /// The value.
    pub value: Value,
}

/// What a node holds: JSON's kinds, which YAML and TOML are read into too.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, or YAML's empty value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A finite number.
    Number(Number),
    /// Text; also a TOML date or time, as it is written.
    String(String),
    /// A list.
    Array(Vec<Node>),
    /// Keys and values in the document's order.
    Object(Object),
}

/// One key of an object and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key, unique in its object.
    pub key: String,
    /// Where the key is written.
    pub key_position: Position,
    /// The value.
    pub node: Node,
}

/// An object's members in the document's order, found by key in logarithmic time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object {
    members: Vec<Member>,
    /// Indexes of `members` in the order of their keys.
    by_key: Vec<u32>,
}

/// The members of an object in the document's order.
pub type Iter<'a> = std::slice::Iter<'a, Member>;

impl Object {
    /// Keys must be unique; the readers report duplicates before they come here.
    pub(crate) fn new(members: Vec<Member>) -> Self {
        let mut by_key: Vec<u32> = (0..).take(members.len()).collect();
        by_key.sort_by(|a, b| key_at(&members, *a).cmp(key_at(&members, *b)));
        Self { members, by_key }
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.node)
    }

    /// The member called `key`.
    pub fn member(&self, key: &str) -> Option<&Member> {
        let found = self
            .by_key
            .binary_search_by(|index| key_at(&self.members, *index).cmp(key))
            .ok()?;
        self.members.get(*self.by_key.get(found)? as usize)
    }

    /// All members in the document's order.
    pub fn iter(&self) -> Iter<'_> {
        self.members.iter()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = &'a Member;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

fn key_at(members: &[Member], index: u32) -> &str {
    members
        .get(index as usize)
        .map_or("", |member| member.key.as_str())
}

impl Node {
    /// The members, where the node is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match &self.value {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The elements, where the node is an array.
    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(nodes) => Some(nodes),
            _ => None,
        }
    }

    /// The text, where the node is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where the node is a whole number that is not negative. `3.0` is not whole.
    pub fn as_u64(&self) -> Option<u64> {
        match &self.value {
            Value::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The truth value, where the node is one.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// What the node is, for a sentence such as "expected a string, found the number 3".
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => format!("the number {number}"),
            Value::String(text) => format!("the string {}", quote(text)),
            Value::Array(_) => "an array".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        }
    }

    /// The value without its positions, in the document's order.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => serde_json::Value::Bool(*value),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::String(text) => serde_json::Value::String(text.clone()),
            Value::Array(nodes) => serde_json::Value::Array(nodes.iter().map(Node::to_json).collect()),
            Value::Object(object) => serde_json::Value::Object(
                object
                    .iter()
                    .map(|member| (member.key.clone(), member.node.to_json()))
                    .collect(),
            ),
        }
    }
}

/// The text in quotes, cut where it is long, with its control characters escaped.
pub(crate) fn quote(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    serde_json::Value::String(shown).to_string()
}
