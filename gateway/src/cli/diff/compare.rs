//! Two definitions, member by member.

use std::collections::BTreeMap;

use portcullis_document::escape;
use serde_json::{Map, Value};

use crate::cli::table::text;

/// A place where two definitions differ.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Difference {
    /// A JSON pointer.
    pub(super) path: String,
    /// What the first one has there.
    pub(super) old: Option<Value>,
    /// What the second one has there.
    pub(super) new: Option<Value>,
}

/// The lists of a definition, and the member that tells their items apart for people.
const LISTS: [(&str, &str); 5] = [
    ("resources", "path"),
    ("authorizers", "name"),
    ("requestValidators", "name"),
    ("models", "name"),
    ("gatewayResponses", "responseType"),
];

/// Where two definitions differ, by path.
pub(super) fn definitions(old: &Value, new: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", &by_name(old), &by_name(new), &mut found);
    found
}

/// A definition whose lists are objects, so that an item that is gone moves no other.
fn by_name(definition: &Value) -> Value {
    let Value::Object(members) = definition else {
        return definition.clone();
    };
    let mut named = members.clone();
    for (list, name) in LISTS {
        if let Some(Value::Array(items)) = members.get(list) {
            named.insert(list.to_owned(), Value::Object(objects(items, name)));
        }
    }
    Value::Object(named)
}

fn objects(items: &[Value], name: &str) -> Map<String, Value> {
    let mut named = Map::new();
    for item in items {
        let mut key = text(item, name).to_owned();
        if named.contains_key(&key) {
            // Names of authorizers may be the same; ids are not.
            key = format!("{key} ({})", text(item, "id"));
        }
        named.insert(key, item.clone());
    }
    named
}

fn compare(path: &str, old: &Value, new: &Value, found: &mut Vec<Difference>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let names: BTreeMap<&String, (Option<&Value>, Option<&Value>)> = old
                .keys()
                .chain(new.keys())
                .map(|name| (name, (old.get(name), new.get(name))))
                .collect();
            for (name, sides) in names {
                let path = format!("{path}/{}", escape(name));
                match sides {
                    (Some(old), Some(new)) => compare(&path, old, new, found),
                    (old, new) => found.push(Difference {
                        path,
                        old: old.cloned(),
                        new: new.cloned(),
                    }),
                }
            }
        }
        (old, new) => found.push(Difference {
            path: path.to_owned(),
            old: Some(old.clone()),
            new: Some(new.clone()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tells_what_is_added_removed_and_changed() {
        let old = json!({
            "restApi": {"name": "a"},
            "resources": [
                {"path": "/", "id": "1"},
                {"path": "/gone", "id": "2"},
                {"path": "/pets", "id": "3", "resourceMethods": {"GET": {"apiKeyRequired": false}}},
            ],
            "models": [],
        });
        let new = json!({
            "restApi": {"name": "a"},
            "resources": [
                {"path": "/", "id": "1"},
                {"path": "/pets", "id": "3", "resourceMethods": {"GET": {"apiKeyRequired": true}}},
            ],
            "models": [{"name": "Pet", "schema": "{}"}],
        });
        let told: Vec<_> = definitions(&old, &new)
            .into_iter()
            .map(|found| (found.path, found.old, found.new))
            .collect();
        let expected = [
            ("/models/Pet", None, Some(json!({"name": "Pet", "schema": "{}"}))),
            (
                "/resources/~1gone",
                Some(json!({"path": "/gone", "id": "2"})),
                None,
            ),
            (
                "/resources/~1pets/resourceMethods/GET/apiKeyRequired",
                Some(json!(false)),
                Some(json!(true)),
            ),
        ];
        assert_eq!(told, expected.map(|(path, old, new)| (path.to_owned(), old, new)));
        assert_eq!(definitions(&old, &old), []);
    }
}
