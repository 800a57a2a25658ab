//! Security schemes that API Gateway does not have: kept in the form of OpenAPI 3, written in that of each version.

use serde_json::{Map, Value, json};

/// The names of OAuth's flows in 2.0 and in OpenAPI 3.
const FLOWS: [(&str, &str); 4] = [
    ("implicit", "implicit"),
    ("password", "password"),
    ("application", "clientCredentials"),
    ("accessCode", "authorizationCode"),
];

/// Members of a flow.
const OF_FLOW: [&str; 3] = ["authorizationUrl", "tokenUrl", "scopes"];

/// The JSON text of a scheme as it is kept, the same whatever the order of its members.
pub(crate) fn kept(scheme: Value) -> String {
    let scheme = match scheme {
        Value::Object(members) => Value::Object(of_two(members)),
        scheme => scheme,
    };
    sorted(scheme).to_string()
}

/// What is written as 2.0 has it; OpenAPI 3 has nothing that looks like it.
fn of_two(mut members: Map<String, Value>) -> Map<String, Value> {
    match members.get("type").and_then(Value::as_str) {
        Some("basic") => {
            members.insert("type".to_owned(), json!("http"));
            members.insert("scheme".to_owned(), json!("basic"));
        }
        Some("oauth2") if !members.contains_key("flows") => {
            let said = members.get("flow").and_then(Value::as_str);
            let flow = FLOWS.iter().find(|(two, _)| Some(*two) == said);
            if let Some((_, flow)) = flow {
                members.remove("flow");
                let moved = OF_FLOW.iter().filter_map(|name| members.remove_entry(*name));
                let moved: Map<String, Value> = moved.collect();
                members.insert("flows".to_owned(), json!({*flow: moved}));
            }
        }
        _ => {}
    }
    members
}

/// A scheme in the form of 2.0, where it has one; of a bearer token, of OpenID Connect, and of several flows there is none.
pub(crate) fn as_two(scheme: Value) -> Value {
    let Value::Object(mut members) = scheme else {
        return scheme;
    };
    let is = |members: &Map<String, Value>, key: &str, value: &str| {
        members.get(key).and_then(Value::as_str) == Some(value)
    };
    if is(&members, "type", "http") && is(&members, "scheme", "basic") {
        members.remove("scheme");
        members.insert("type".to_owned(), json!("basic"));
    } else if is(&members, "type", "oauth2")
        && let Some((flow, settings)) = only_flow(&members)
    {
        members.remove("flows");
        members.insert("flow".to_owned(), json!(flow));
        members.extend(settings);
    }
    Value::Object(members)
}

/// The one flow of a scheme, by its name in 2.0, where it has just what 2.0 can say.
fn only_flow(members: &Map<String, Value>) -> Option<(&'static str, Map<String, Value>)> {
    let flows = members.get("flows")?.as_object()?;
    let (name, settings) = flows.iter().next().filter(|_| flows.len() == 1)?;
    let (two, _) = FLOWS.iter().find(|(_, three)| three == name)?;
    let settings = settings.as_object()?;
    let plain = settings.keys().all(|key| OF_FLOW.contains(&key.as_str()));
    let free = !members.contains_key("flow") && OF_FLOW.iter().all(|key| !members.contains_key(*key));
    (plain && free).then(|| (*two, settings.clone()))
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members.into_iter().collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(
                members
                    .into_iter()
                    .map(|(key, value)| (key, sorted(value)))
                    .collect(),
            )
        }
        Value::Array(values) => values.into_iter().map(sorted).collect(),
        other => other,
    }
}
