//! JSON objects while they are written.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A JSON object while it is written: what says nothing is left away.
#[derive(Debug, Default)]
pub struct Object(Map<String, Value>);

impl Object {
    /// A member.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// A member, where there is a value.
    pub fn some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// A text, where there is one.
    pub fn text(self, name: &str, value: Option<&String>) -> Self {
        self.some(name, value.cloned())
    }

    /// A list of texts, where it has some.
    pub fn texts(self, name: &str, values: &[String]) -> Self {
        self.some(name, (!values.is_empty()).then(|| values.to_vec()))
    }

    /// An object, where it has members.
    pub fn object(self, name: &str, value: Map<String, Value>) -> Self {
        self.some(name, (!value.is_empty()).then_some(value))
    }

    /// A list, where it has values.
    pub fn array(self, name: &str, values: Vec<Value>) -> Self {
        self.some(name, (!values.is_empty()).then_some(values))
    }

    /// An object of these members, where there are some.
    pub fn map<'m, V>(self, name: &str, map: impl IntoIterator<Item = (&'m String, &'m V)>) -> Self
    where
        V: Clone + Into<Value> + 'm,
    {
        let members = map
            .into_iter()
            .map(|(key, value)| (key.clone(), value.clone().into()));
        self.object(name, members.collect())
    }

    /// The same of pairs, in their order.
    pub fn pairs(self, name: &str, pairs: &[(String, String)]) -> Self {
        self.map(name, pairs.iter().map(|(key, value)| (key, value)))
    }

    /// A member that is kept as JSON text, where there is one.
    pub fn json(self, name: &str, text: Option<&String>) -> Self {
        self.some(name, text.map(|text| parsed(text)))
    }

    /// An object of members that are kept as JSON texts, where there are some.
    pub fn json_map(self, name: &str, texts: &BTreeMap<String, String>) -> Self {
        self.object(name, Self::default().json_texts(texts).finish())
    }

    /// Members that are kept as JSON texts, unless they are there already.
    pub fn json_texts(mut self, texts: &BTreeMap<String, String>) -> Self {
        for (name, text) in texts {
            self.0.entry(name.clone()).or_insert_with(|| parsed(text));
        }
        self
    }

    /// Members, unless they are there already.
    pub fn members<'m>(mut self, members: impl IntoIterator<Item = (&'m String, &'m Value)>) -> Self {
        for (name, value) in members {
            self.0.entry(name.clone()).or_insert_with(|| value.clone());
        }
        self
    }

    /// What was written.
    pub fn finish(self) -> Map<String, Value> {
        self.0
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Value::Object(object.0)
    }
}

/// The value of a JSON text; the text itself where it is none.
pub(super) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}
