//! Patches: the operations that the service allows on each kind of document
//! (<https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html>).
//!
//! A patch is applied to a copy: one that is refused changes nothing.

pub(crate) mod entry;

use portcullis_document::unescape;
use serde_json::{Map, Number, Value};

use crate::error::ApiError;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Op {
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
}

impl Op {
    /// In the order in which the service's message has them.
    const ALL: [(&'static str, Self); 6] = [
        ("add", Self::Add),
        ("remove", Self::Remove),
        ("move", Self::Move),
        ("test", Self::Test),
        ("replace", Self::Replace),
        ("copy", Self::Copy),
    ];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, op)| *op == self)
            .map_or("", |(name, _)| name)
    }
}

/// What most members may have done to them.
pub const REPLACE: &[Op] = &[Op::Replace];
/// What most entries may have done to them, in the order in which messages have it.
pub const ENTRY: &[Op] = &[Op::Add, Op::Remove, Op::Replace];

/// One operation of a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchOperation {
    /// What it does.
    pub op: Op,
    /// Where, as sent.
    pub path: String,
    /// With what.
    pub value: Option<String>,
    /// Where from, for `copy` and `move`.
    pub from: Option<String>,
}

/// What the value of an operation must be, and becomes in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in `shape`")]
pub enum Expected {
    Text,
    One(&'static [&'static str]),
    Flag,
    Whole,
    Number,
}

/// Acts on a document: what the path's `{}` hold, and the operation.
pub type Own = fn(&mut Map<String, Value>, &[String], &PatchOperation) -> Result<(), ApiError>;

/// Where an operation acts.
#[derive(Clone, Copy)]
pub enum Target {
    /// A member, by the names that lead to it.
    Member(&'static [&'static str]),
    /// An entry of the map that these names lead to; its key is what the path's first `{}` holds.
    Entry(&'static [&'static str]),
    /// An item of the list of texts that these names lead to: what the path's first `{}` holds, or the value where the path
    /// ends at the list.
    Item(&'static [&'static str]),
    /// A member that an empty value takes out.
    Optional(&'static str),
    /// An entry of a map whose last entry takes the map with it; its key is what the path's first `{}` holds.
    Named {
        /// The map.
        map: &'static str,
        /// What is told where `remove` or `replace` names an entry that is not there.
        absent: &'static str,
        /// What the entry becomes.
        value: fn(&PatchOperation) -> Value,
    },
    /// Anything else: the document, what the path's `{}` hold, and the operation.
    Own(Own),
}

impl std::fmt::Debug for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Target")
    }
}

/// A path that may be patched.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Such as `/name` or `/variables/{}`.
    pub path: &'static str,
    /// What may be done there.
    pub ops: &'static [Op],
    /// What the value must be.
    pub value: Expected,
    /// Where it acts.
    pub target: Target,
}

/// A rule for a member of the same name as its path.
pub const fn rule(path: &'static str, ops: &'static [Op], value: Expected, target: Target) -> Rule {
    Rule {
        path,
        ops,
        value,
        target,
    }
}

/// A text that `replace` changes, by the names that lead to it.
pub const fn replaced(path: &'static str, names: &'static [&'static str]) -> Rule {
    rule(path, REPLACE, Expected::Text, Target::Member(names))
}

/// All paths of one kind.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// In the order in which messages name them.
    pub rules: &'static [Rule],
    /// Whether a wrong path is told with the right ones (`Invalid patch path  '/x' specified for op 'replace'. Must be one
    /// of: […]`) or plainly (`Invalid patch path /x`).
    pub names_paths: bool,
}

/// Reads the operations of a patch. `input` is what messages call the body, such as `updateStageInput`.
///
/// # Errors
///
/// A body that is no patch. All operations that there are not are told at once.
pub fn operations(body: &Map<String, Value>, input: &str) -> Result<Vec<PatchOperation>, ApiError> {
    known(body, &["patchOperations"], "")?;
    let list = match body.get("patchOperations") {
        Some(Value::Array(list)) => list,
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(_) => {
            return Err(ApiError::bad_request(
                "Invalid value for patchOperations: expected a list",
            ));
        }
    };
    let names: Vec<&str> = Op::ALL.iter().map(|(name, _)| *name).collect();
    let named = |item: &Value| {
        item.get("op")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let unknown = list.iter().enumerate().filter_map(|(index, item)| {
        let op = named(item);
        let at = format!("{input}.patchOperations.{}.member.op", index + 1);
        (!names.contains(&op.as_str())).then(|| crate::shape::not_one_of(&at, &op, &names))
    });
    let failed: Vec<String> = unknown.collect();
    crate::shape::told(&failed)?;
    list.iter()
        .filter_map(|item| {
            let op = named(item);
            let (_, op) = Op::ALL.iter().find(|(name, _)| *name == op)?;
            Some(operation(*op, item))
        })
        .collect()
}

/// An error for a member that is none of these: nothing is dropped in silence.
fn known(object: &Map<String, Value>, names: &[&str], at: &str) -> Result<(), ApiError> {
    let mut members = object.keys();
    match members.find(|member| !names.contains(&member.as_str())) {
        Some(member) => Err(ApiError::bad_request(format!("Unknown member: {at}{member}"))),
        None => Ok(()),
    }
}

fn operation(op: Op, item: &Value) -> Result<PatchOperation, ApiError> {
    if let Some(item) = item.as_object() {
        known(item, &["op", "path", "value", "from"], "patchOperations.")?;
    }
    let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    let value = match item.get("value") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    let path = text("path").ok_or_else(|| ApiError::bad_request("Invalid patch path null"))?;
    Ok(PatchOperation {
        op,
        path,
        value,
        from: text("from"),
    })
}

/// Applies a patch; where it is refused the document stays as it was.
///
/// # Errors
///
/// 400, for the first operation that cannot be.
pub fn apply(
    document: &mut Map<String, Value>,
    operations: &[PatchOperation],
    table: &Table,
) -> Result<(), ApiError> {
    let mut changed = document.clone();
    for operation in operations {
        let (rule, captures) = find(table, operation)?;
        act(&mut changed, rule, &captures, operation)?;
    }
    *document = changed;
    Ok(())
}

fn find<'t>(table: &'t Table, operation: &PatchOperation) -> Result<(&'t Rule, Vec<String>), ApiError> {
    let with_op = table.rules.iter().filter(|rule| rule.ops.contains(&operation.op));
    let found = with_op
        .clone()
        .find_map(|rule| Some((rule, matched(rule.path, &operation.path)?)));
    found.ok_or_else(|| {
        let paths: Vec<&str> = with_op.map(|rule| rule.path).collect();
        ApiError::bad_request(if table.names_paths {
            wrong_path(operation, &paths)
        } else {
            wrong_operation(table, operation)
        })
    })
}

/// Both forms are recorded from the service.
fn wrong_path(operation: &PatchOperation, paths: &[&str]) -> String {
    let (path, op) = (&operation.path, operation.op.name());
    let advice = if paths.is_empty() {
        "Please choose supported operations".to_owned()
    } else {
        format!("Must be one of: [{}]", paths.join(", "))
    };
    format!("Invalid patch path  '{path}' specified for op '{op}'. {advice}")
}

/// Recorded: a path that is known, but not with this operation, is told with the operations that it has.
fn wrong_operation(table: &Table, operation: &PatchOperation) -> String {
    let known = table
        .rules
        .iter()
        .filter(|rule| matched(rule.path, &operation.path).is_some());
    let ops: Vec<&str> = known.flat_map(|rule| rule.ops).map(|op| op.name()).collect();
    if ops.is_empty() {
        format!("Invalid patch path {}", operation.path)
    } else {
        format!(
            "Invalid patch operation specified. Must be one of: [{}]",
            ops.join(", ")
        )
    }
}

/// What the `{}` of a rule's path hold, unescaped (RFC 6901 section 4).
fn matched(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut wanted = pattern.split('/');
    let mut given = path.split('/');
    let mut captures = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(captures),
            (Some("{}"), Some(part)) if !part.is_empty() => captures.push(unescape(part).into_owned()),
            (Some(wanted), Some(part)) if wanted == part => {}
            _ => return None,
        }
    }
}

fn act(
    document: &mut Map<String, Value>,
    rule: &Rule,
    captures: &[String],
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    let first = captures.first().map(String::as_str);
    match (rule.target, operation.op) {
        (Target::Own(act), _) => act(document, captures, operation),
        (Target::Member(names), Op::Remove) => {
            let (parent, last) = parent_of(document, names);
            drop(parent.and_then(|parent| parent.remove(last)));
            Ok(())
        }
        (Target::Member(names), _) => {
            let value = value(rule, operation)?;
            put(document, names, value);
            Ok(())
        }
        (Target::Entry(names), Op::Remove) => {
            let key = first.unwrap_or_default();
            let removed = map_at(document, names).and_then(|map| map.remove(key));
            removed.map(drop).ok_or_else(|| absent(operation))
        }
        (Target::Entry(names), _) => {
            let value = value(rule, operation)?;
            let mut path: Vec<&str> = names.to_vec();
            path.push(first.unwrap_or_default());
            put(document, &path, value);
            Ok(())
        }
        (Target::Optional(name), _) => entry::member(document, name, operation),
        (Target::Named { map, absent, value }, _) => {
            entry::put(document, (map, absent), captures, operation, value(operation))
        }
        (Target::Item(names), op) => item(document, names, first, op, operation),
    }
}

/// Lists of texts: an item is named by the path or, where the path ends at the list, by the value.
fn item(
    document: &mut Map<String, Value>,
    names: &[&str],
    named: Option<&str>,
    op: Op,
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    let of_value = operation.value.clone();
    let Some(list) = list_at(document, names) else {
        return Err(absent(operation));
    };
    match op {
        Op::Add => {
            let item = named
                .map(str::to_owned)
                .or(of_value)
                .ok_or_else(|| no_value(operation))?;
            if !list.iter().any(|known| known.as_str() == Some(&item)) {
                list.push(Value::String(item));
            }
            Ok(())
        }
        Op::Remove => {
            let item = named
                .map(str::to_owned)
                .or(of_value)
                .ok_or_else(|| no_value(operation))?;
            let at = list.iter().position(|known| known.as_str() == Some(&item));
            list.remove(at.ok_or_else(|| absent(operation))?);
            Ok(())
        }
        _ => {
            let value = of_value.ok_or_else(|| no_value(operation))?;
            match named {
                Some(named) => {
                    let place = list.iter_mut().find(|known| known.as_str() == Some(named));
                    *place.ok_or_else(|| absent(operation))? = Value::String(value);
                }
                None => *list = vec![Value::String(value)],
            }
            Ok(())
        }
    }
}

/// 400 for a path that leads nowhere in this document.
pub fn absent(operation: &PatchOperation) -> ApiError {
    ApiError::bad_request(format!("Invalid patch path {}", operation.path))
}

fn no_value(operation: &PatchOperation) -> ApiError {
    ApiError::bad_request(format!(
        "Invalid patch operation specified: missing value for op '{}' at path '{}'",
        operation.op.name(),
        operation.path
    ))
}

/// The operation's value in the form that the rule has.
///
/// # Errors
///
/// A value that is absent or of another form.
pub fn value(rule: &Rule, operation: &PatchOperation) -> Result<Value, ApiError> {
    convert(rule.value, operation)
}

/// The operation's value in a form.
///
/// # Errors
///
/// A value that is absent or of another form.
pub fn convert(form: Expected, operation: &PatchOperation) -> Result<Value, ApiError> {
    let text = operation.value.as_deref();
    let invalid = |expected: &str| {
        let text = text.unwrap_or_default();
        ApiError::bad_request(format!(
            "Invalid value '{text}' specified for path '{}'. Must be {expected}",
            operation.path
        ))
    };
    match form {
        Expected::Text => text.map(Value::from).ok_or_else(|| no_value(operation)),
        Expected::One(allowed) => match text {
            Some(text) if allowed.contains(&text) => Ok(Value::from(text)),
            _ => Err(invalid(&format!("one of: [{}]", allowed.join(", ")))),
        },
        Expected::Flag => match text.map(str::to_ascii_lowercase).as_deref() {
            Some("true") => Ok(Value::Bool(true)),
            Some("false") => Ok(Value::Bool(false)),
            _ => Err(invalid("true or false")),
        },
        Expected::Whole => text
            .and_then(|text| text.trim().parse::<i64>().ok())
            .map(Value::from)
            .ok_or_else(|| invalid("a whole number")),
        Expected::Number => text
            .and_then(|text| text.trim().parse::<f64>().ok())
            .and_then(Number::from_f64)
            .map(Value::Number)
            .ok_or_else(|| invalid("a number")),
    }
}

fn parent_of<'d, 'n>(
    document: &'d mut Map<String, Value>,
    names: &[&'n str],
) -> (Option<&'d mut Map<String, Value>>, &'n str) {
    match names.split_last() {
        Some((last, before)) => (map_at(document, before), last),
        None => (None, ""),
    }
}

fn map_at<'d>(document: &'d mut Map<String, Value>, names: &[&str]) -> Option<&'d mut Map<String, Value>> {
    names
        .iter()
        .try_fold(document, |map, name| map.get_mut(*name)?.as_object_mut())
}

/// The list that names lead to, made where it is absent.
fn list_at<'d>(document: &'d mut Map<String, Value>, names: &[&str]) -> Option<&'d mut Vec<Value>> {
    let (last, before) = names.split_last()?;
    let mut map = document;
    for name in before {
        map = map
            .entry(*name)
            .or_insert_with(|| Value::Object(Map::new()))
            .as_object_mut()?;
    }
    map.entry(*last)
        .or_insert_with(|| Value::Array(Vec::new()))
        .as_array_mut()
}

/// Puts a value where names lead; maps on the way are made.
pub fn put(document: &mut Map<String, Value>, names: &[&str], value: Value) {
    let Some((last, before)) = names.split_last() else {
        return;
    };
    let mut map = document;
    for name in before {
        let entry = map.entry(*name).or_insert_with(|| Value::Object(Map::new()));
        if !entry.is_object() {
            *entry = Value::Object(Map::new());
        }
        match entry.as_object_mut() {
            Some(inner) => map = inner,
            None => return,
        }
    }
    map.insert((*last).to_owned(), value);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLE: Table = Table {
        rules: &[
            rule("/name", &[Op::Replace], Expected::Text, Target::Member(&["name"])),
            rule("/flag", &[Op::Replace], Expected::Flag, Target::Member(&["flag"])),
            rule(
                "/variables/{}",
                &[Op::Add, Op::Replace, Op::Remove],
                Expected::Text,
                Target::Entry(&["variables"]),
            ),
            rule(
                "/types/{}",
                &[Op::Add, Op::Remove, Op::Replace],
                Expected::Text,
                Target::Item(&["types"]),
            ),
        ],
        names_paths: true,
    };

    fn patched(document: &Value, patch: &Value) -> Result<Value, String> {
        let mut document = document.as_object().cloned().expect("an object");
        let before = document.clone();
        let body = json!({ "patchOperations": patch });
        let operations = operations(body.as_object().expect("an object"), "updateInput");
        let applied = operations.and_then(|operations| apply(&mut document, &operations, &TABLE));
        match applied {
            Ok(()) => Ok(Value::Object(document)),
            Err(error) => {
                assert_eq!(document, before, "a refused patch changes nothing");
                Err(error.message)
            }
        }
    }

    #[test]
    fn applies_operations_by_their_table() {
        let document = json!({"name": "a", "types": ["image/png"]});
        for (patch, expected) in [
            (
                json!([{"op": "replace", "path": "/name", "value": "b"}]),
                json!({"name": "b", "types": ["image/png"]}),
            ),
            (
                json!([{"op": "replace", "path": "/flag", "value": "true"}]),
                json!({"name": "a", "types": ["image/png"], "flag": true}),
            ),
            (
                json!([{"op": "add", "path": "/types/image~1gif"}]),
                json!({"name": "a", "types": ["image/png", "image/gif"]}),
            ),
            (
                json!([{"op": "remove", "path": "/types/image~1png"}]),
                json!({"name": "a", "types": []}),
            ),
            (
                json!([{"op": "replace", "path": "/types/image~1png", "value": "*/*"}]),
                json!({"name": "a", "types": ["*/*"]}),
            ),
            (
                json!([{"op": "replace", "path": "/variables/x~0y", "value": "1"}]),
                json!({"name": "a", "types": ["image/png"], "variables": {"x~y": "1"}}),
            ),
        ] {
            assert_eq!(patched(&document, &patch), Ok(expected), "{patch}");
        }
    }

    #[test]
    fn refuses_members_that_a_patch_does_not_have() {
        for (body, expected) in [
            (json!({"name": "b"}), "Unknown member: name"),
            (
                json!({"patchOperations": [{"op": "replace", "path": "/name", "value": "b", "valeu": "c"}]}),
                "Unknown member: patchOperations.valeu",
            ),
        ] {
            let read = operations(body.as_object().expect("an object"), "updateInput");
            assert_eq!(
                read.map_err(|error| error.message),
                Err(expected.to_owned()),
                "{body}"
            );
        }
    }

    #[test]
    fn refuses_what_the_table_lacks_in_the_services_words() {
        let document = json!({"name": "a"});
        for (patch, expected) in [
            (
                json!([{"op": "replace", "path": "/name", "value": "b"}, {"op": "replace", "path": "/id", "value": "x"}]),
                "Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/name, /flag, /variables/{}, /types/{}]",
            ),
            (
                json!([{"op": "add", "path": "/name", "value": "b"}]),
                "Invalid patch path  '/name' specified for op 'add'. Must be one of: [/variables/{}, /types/{}]",
            ),
            (
                json!([{"op": "move", "path": "/name", "value": "b"}]),
                "Invalid patch path  '/name' specified for op 'move'. Please choose supported operations",
            ),
            (
                json!([{"op": "no", "path": "/name"}, {"op": "add", "path": "/x"}, {"op": "not", "path": "/x"}]),
                "2 validation errors detected: Value 'no' at 'updateInput.patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]; Value 'not' at 'updateInput.patchOperations.3.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]",
            ),
            (
                json!([{"op": "remove", "path": "/variables/nope"}]),
                "Invalid patch path /variables/nope",
            ),
            (
                json!([{"op": "replace", "path": "/flag", "value": "maybe"}]),
                "Invalid value 'maybe' specified for path '/flag'. Must be true or false",
            ),
        ] {
            assert_eq!(patched(&document, &patch), Err(expected.to_owned()), "{patch}");
        }
    }
}
