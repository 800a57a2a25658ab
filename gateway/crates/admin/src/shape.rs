//! The members of requests: which there are, and what they hold. A member that is not here is refused by name.

use serde_json::{Map, Value};

use crate::error::ApiError;

/// What a member holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A text.
    Text,
    /// One of these texts.
    One(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Whole,
    /// Any number.
    Number,
    /// A list of texts.
    Texts,
    /// A list, each of these texts.
    Each(&'static [&'static str]),
    /// From texts to texts.
    TextMap,
    /// From texts to lists of texts.
    ListMap,
    /// From texts to `true` or `false`.
    FlagMap,
    /// An object of these members.
    Object(&'static [Member]),
    /// A list of such objects.
    Objects(&'static [Member]),
    /// From texts to such objects.
    ObjectMap(&'static [Member]),
}

/// A member of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it holds.
    pub form: Form,
    /// Whether it must be there.
    pub required: bool,
}

/// A member that may be absent.
pub const fn optional(name: &'static str, form: Form) -> Member {
    Member {
        name,
        form,
        required: false,
    }
}

/// A member that must be there.
pub const fn required(name: &'static str, form: Form) -> Member {
    Member {
        name,
        form,
        required: true,
    }
}

/// Checks a request's body. Members that are null are as absent, and taken out.
///
/// # Errors
///
/// 400: failed enumerations are told at once, as the service does; anything else alone.
pub fn check(body: &mut Map<String, Value>, members: &[Member]) -> Result<(), ApiError> {
    check_as(body, members, "")
}

/// As [`check`]; failed enumerations are named below `input`, such as `createRestApiInput`.
///
/// # Errors
///
/// As [`check`].
pub fn check_as(body: &mut Map<String, Value>, members: &[Member], input: &str) -> Result<(), ApiError> {
    body.retain(|_, value| !value.is_null());
    let mut failed = Failed {
        input,
        words: Vec::new(),
    };
    object(body, members, "", &mut failed)?;
    told(&failed.words)
}

/// What is wrong with enumerations, all told at once as the service does.
///
/// # Errors
///
/// 400 `ValidationException` unless there is nothing to tell.
pub fn told(failed: &[String]) -> Result<(), ApiError> {
    let count = match failed.len() {
        0 => return Ok(()),
        1 => "1 validation error".to_owned(),
        count => format!("{count} validation errors"),
    };
    Err(ApiError::validation(format!(
        "{count} detected: {}",
        failed.join("; ")
    )))
}

/// Enumerations that failed so far.
struct Failed<'i> {
    input: &'i str,
    words: Vec<String>,
}

impl Failed<'_> {
    fn at(&self, at: &str) -> String {
        match self.input {
            "" => at.to_owned(),
            input => format!("{input}.{at}"),
        }
    }
}

fn object(
    body: &Map<String, Value>,
    members: &[Member],
    at: &str,
    failed: &mut Failed<'_>,
) -> Result<(), ApiError> {
    for (name, value) in body {
        let Some(member) = members.iter().find(|member| member.name == name) else {
            return Err(ApiError::bad_request(format!("Unknown member: {at}{name}")));
        };
        holds(value, member.form, &format!("{at}{name}"), failed)?;
    }
    let absent = |member: &&Member| member.required && !body.contains_key(member.name);
    match members.iter().find(absent) {
        Some(member) => Err(ApiError::bad_request(format!(
            "Missing required member: {at}{}",
            member.name
        ))),
        None => Ok(()),
    }
}

fn holds(value: &Value, form: Form, at: &str, failed: &mut Failed<'_>) -> Result<(), ApiError> {
    let wrong =
        |expected: &str| ApiError::bad_request(format!("Invalid value for {at}: expected {expected}"));
    match (form, value) {
        (Form::One(allowed), Value::String(text)) => {
            if !allowed.contains(&text.as_str()) {
                failed.words.push(not_one_of(&failed.at(at), text, allowed));
            }
            Ok(())
        }
        (Form::Each(allowed), Value::Array(items)) if items.iter().all(Value::is_string) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            if !texts.iter().all(|text| allowed.contains(text)) {
                failed.words.push(format!(
                    "Value '[{}]' at '{}' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [{}]]",
                    texts.join(", "),
                    failed.at(at),
                    allowed.join(", ")
                ));
            }
            Ok(())
        }
        (Form::Text, Value::String(_)) | (Form::Flag, Value::Bool(_)) | (Form::Number, Value::Number(_)) => {
            Ok(())
        }
        (Form::Whole, Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(()),
        (Form::Texts, Value::Array(items)) if items.iter().all(Value::is_string) => Ok(()),
        (Form::TextMap, Value::Object(map)) if map.values().all(Value::is_string) => Ok(()),
        (Form::ListMap, Value::Object(map)) if map.values().all(is_list) => Ok(()),
        (Form::FlagMap, Value::Object(map)) if map.values().all(Value::is_boolean) => Ok(()),
        (Form::Object(members), Value::Object(map)) => object(map, members, &format!("{at}."), failed),
        (Form::Objects(members), Value::Array(items)) => each(items.iter(), members, at, failed),
        (Form::ObjectMap(members), Value::Object(map)) => each(map.values(), members, at, failed),
        (Form::Text | Form::One(_), value) => Err(no_text(value).unwrap_or_else(|| wrong("a text"))),
        (Form::Flag, _) => Err(wrong("true or false")),
        (Form::Whole, _) => Err(wrong("a whole number")),
        (Form::Number, _) => Err(wrong("a number")),
        (Form::Texts | Form::Each(_), _) => Err(wrong("a list of texts")),
        (Form::TextMap, Value::Object(map)) => Err(map
            .values()
            .find_map(no_text)
            .unwrap_or_else(|| wrong("an object of texts"))),
        (Form::ListMap, _) => Err(wrong("an object of lists of texts")),
        (Form::TextMap | Form::FlagMap | Form::Object(_) | Form::ObjectMap(_), _) => Err(wrong("an object")),
        (Form::Objects(_), _) => Err(wrong("a list of objects")),
    }
}

/// Whether it is a list of texts.
fn is_list(value: &Value) -> bool {
    let items = value.as_array();
    items.is_some_and(|items| items.iter().all(Value::is_string))
}

/// What stands where a text should: the service tells it by its own classes (recorded).
fn no_text(value: &Value) -> Option<ApiError> {
    let class = match value {
        Value::Bool(_) => "java.lang.Boolean",
        Value::Number(_) => "com.amazon.coral.value.json.numbers.TruncatingBigNumber",
        _ => return None,
    };
    Some(ApiError::of(
        http::StatusCode::BAD_REQUEST,
        "SerializationException",
        format!("class {class} can not be converted to an String"),
    ))
}

fn each<'v>(
    items: impl Iterator<Item = &'v Value>,
    members: &'static [Member],
    at: &str,
    failed: &mut Failed<'_>,
) -> Result<(), ApiError> {
    for item in items {
        holds(item, Form::Object(members), at, failed)?;
    }
    Ok(())
}

/// A failed enumeration in the service's words.
pub fn not_one_of(at: &str, text: &str, allowed: &[&str]) -> String {
    format!(
        "Value '{text}' at '{at}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
        allowed.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MEMBERS: &[Member] = &[
        required("name", Form::Text),
        optional("kind", Form::One(&["A", "B"])),
        optional("more", Form::Object(&[optional("n", Form::Whole)])),
        optional("other", Form::One(&["C"])),
        optional("map", Form::TextMap),
        optional("lists", Form::ListMap),
    ];

    #[test]
    fn tells_what_is_wrong_with_a_body() {
        for (body, expected) in [
            (json!({"name": "x", "kind": "A", "more": {"n": 1}}), None),
            (json!({"name": "x", "kind": null}), None),
            (json!({}), Some("Missing required member: name")),
            (json!({"name": "x", "nmae": 1}), Some("Unknown member: nmae")),
            (
                json!({"name": 1}),
                Some(
                    "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String",
                ),
            ),
            (
                json!({"name": "x", "map": {"a": true}}),
                Some("class java.lang.Boolean can not be converted to an String"),
            ),
            (json!({"name": "x", "lists": {"a": ["b", "c"], "d": []}}), None),
            (
                json!({"name": "x", "lists": {"a": "b"}}),
                Some("Invalid value for lists: expected an object of lists of texts"),
            ),
            (
                json!({"name": "x", "lists": {"a": ["b", 1]}}),
                Some("Invalid value for lists: expected an object of lists of texts"),
            ),
            (
                json!({"name": []}),
                Some("Invalid value for name: expected a text"),
            ),
            (
                json!({"name": "x", "more": {"n": 1.5}}),
                Some("Invalid value for more.n: expected a whole number"),
            ),
            (
                json!({"name": "x", "kind": "Z", "other": "Y"}),
                Some(
                    "2 validation errors detected: Value 'Z' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]; Value 'Y' at 'other' failed to satisfy constraint: Member must satisfy enum value set: [C]",
                ),
            ),
        ] {
            let mut object = body.as_object().cloned().expect("an object");
            let checked = check(&mut object, MEMBERS);
            assert_eq!(
                checked.err().map(|error| error.message).as_deref(),
                expected,
                "{body}"
            );
        }
    }
}
