//! Objects while they are written: what says nothing is left away.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

#[derive(Debug, Default)]
pub(super) struct Object(Map<String, Value>);

impl Object {
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn text(self, name: &str, value: Option<&String>) -> Self {
        self.some(name, value.cloned())
    }

    pub(super) fn texts(self, name: &str, values: &[String]) -> Self {
        self.some(name, (!values.is_empty()).then(|| values.to_vec()))
    }

    pub(super) fn object(self, name: &str, value: Map<String, Value>) -> Self {
        self.some(name, (!value.is_empty()).then_some(value))
    }

    pub(super) fn array(self, name: &str, values: Vec<Value>) -> Self {
        self.some(name, (!values.is_empty()).then_some(values))
    }

    pub(super) fn map<'m, V>(self, name: &str, map: impl IntoIterator<Item = (&'m String, &'m V)>) -> Self
    where
        V: Clone + Into<Value> + 'm,
    {
        let members = map
            .into_iter()
            .map(|(key, value)| (key.clone(), value.clone().into()));
        self.object(name, members.collect())
    }

    /// Members that are kept as JSON texts, unless they are there already.
    pub(super) fn json_texts(mut self, texts: &BTreeMap<String, String>) -> Self {
        for (name, text) in texts {
            self.0.entry(name.clone()).or_insert_with(|| parsed(text));
        }
        self
    }

    /// Members, unless they are there already.
    pub(super) fn members<'m>(mut self, members: impl IntoIterator<Item = (&'m String, &'m Value)>) -> Self {
        for (name, value) in members {
            self.0.entry(name.clone()).or_insert_with(|| value.clone());
        }
        self
    }

    pub(super) fn finish(self) -> Map<String, Value> {
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
