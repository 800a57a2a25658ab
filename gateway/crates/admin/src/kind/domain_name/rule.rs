//! Routing rules, of the service's second protocol (`apigatewayv2`)
//! (<https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-routingrules.html>).

use portcullis_model::routing::{
    MOST_ALTERNATIVES, MOST_HEADERS, MOST_RULES, PRIORITIES, is_base_path, is_header_glob, is_matched_header,
};
use portcullis_store::{Key, Read, Write};
use serde_json::{Map, Value, json};

use super::super::rows::{self, text};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::id;
use crate::live_domains::LiveRule;
use crate::shape::{Form, Member, optional, required};

type Document = Map<String, Value>;

/// The kind in the store, below its domain name.
pub(crate) const KIND: &str = "routingrule";
const ABSENT: &str = "Invalid routing rule identifier specified";

const HEADER: &[Member] = &[required("header", Form::Text), required("valueGlob", Form::Text)];
const CONDITION: &[Member] = &[
    optional("matchBasePaths", Form::Object(&[required("anyOf", Form::Texts)])),
    optional(
        "matchHeaders",
        Form::Object(&[required("anyOf", Form::Objects(HEADER))]),
    ),
];
const INVOKE: &[Member] = &[
    required("apiId", Form::Text),
    required("stage", Form::Text),
    optional("stripBasePath", Form::Flag),
];
const MEMBERS: &[Member] = &[
    required(
        "actions",
        Form::Objects(&[required("invokeApi", Form::Object(INVOKE))]),
    ),
    required("conditions", Form::Objects(CONDITION)),
    required("priority", Form::Whole),
];

fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, super::stored(call), call.parameter("routing_rule_id"))
}

/// The conditions as the data plane reads them, and where they lead; none for what is no rule.
pub(crate) fn live(document: &Document) -> Option<LiveRule> {
    let invoke = document.get("actions")?.get(0)?.get("invokeApi")?.as_object()?;
    let conditions = document.get("conditions")?.as_array()?;
    let mut rule = LiveRule {
        id: text(document, "routingRuleId").to_owned(),
        priority: u32::try_from(document.get("priority")?.as_u64()?).ok()?,
        headers: Vec::new(),
        base_paths: Vec::new(),
        api: text(invoke, "apiId").to_owned(),
        stage: text(invoke, "stage").to_owned(),
        strip: invoke
            .get("stripBasePath")
            .and_then(Value::as_bool)
            .unwrap_or_default(),
    };
    for condition in conditions {
        if let Some(any) = any_of(condition, "matchHeaders") {
            let any = any.iter().filter_map(Value::as_object);
            let any = any.map(|one| (text(one, "header").to_owned(), text(one, "valueGlob").to_owned()));
            rule.headers.push(any.collect());
        }
        if let Some(any) = any_of(condition, "matchBasePaths") {
            let any = any.iter().filter_map(Value::as_str);
            rule.base_paths.extend(any.map(str::to_owned));
        }
    }
    Some(rule)
}

fn any_of<'c>(condition: &'c Value, name: &str) -> Option<&'c Vec<Value>> {
    condition.get(name)?.get("anyOf")?.as_array()
}

/// What a rule may be, whatever else there is.
fn check(document: &Document) -> Result<LiveRule, ApiError> {
    let (lowest, highest) = PRIORITIES;
    let priority = document
        .get("priority")
        .and_then(Value::as_i64)
        .unwrap_or_default();
    if !(i64::from(lowest)..=i64::from(highest)).contains(&priority) {
        return Err(ApiError::bad_request(format!(
            "Invalid priority {priority}: must be between {lowest} and {highest}"
        )));
    }
    let count = |name: &str| document.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    if count("actions") != 1 {
        return Err(ApiError::bad_request(
            "A routing rule must have exactly one action",
        ));
    }
    for condition in document
        .get("conditions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if condition.as_object().map_or(0, Map::len) != 1 {
            return Err(ApiError::bad_request(
                "A condition must have exactly one of matchHeaders and matchBasePaths",
            ));
        }
        let any = any_of(condition, "matchHeaders").or(any_of(condition, "matchBasePaths"));
        if !any.is_some_and(|any| (1..=MOST_ALTERNATIVES).contains(&any.len())) {
            return Err(ApiError::bad_request(format!(
                "Invalid condition: anyOf must have 1 to {MOST_ALTERNATIVES} entries"
            )));
        }
    }
    let rule = live(document).ok_or_else(|| ApiError::bad_request("Invalid routing rule"))?;
    let paths = count("conditions") - rule.headers.len();
    if rule.headers.len() > MOST_HEADERS || paths > 1 {
        return Err(ApiError::bad_request(format!(
            "A routing rule can have at most {MOST_HEADERS} matchHeaders conditions and one matchBasePaths condition"
        )));
    }
    for (name, value) in rule.headers.iter().flatten() {
        if !is_matched_header(name) || name.parse::<http::HeaderName>().is_err() {
            return Err(ApiError::bad_request(format!(
                "Invalid header name specified: {name}"
            )));
        }
        if !is_header_glob(value) {
            return Err(ApiError::bad_request(format!(
                "Invalid header value glob specified: {value}"
            )));
        }
    }
    for path in &rule.base_paths {
        if path.is_empty() || !is_base_path(path) {
            return Err(ApiError::bad_request(format!(
                "Invalid base path specified: {path}"
            )));
        }
    }
    if rule.strip && rule.base_paths.is_empty() {
        return Err(ApiError::bad_request(
            "stripBasePath requires a matchBasePaths condition",
        ));
    }
    Ok(rule)
}

/// What it leads to must be there, and its priority nobody else's.
async fn fits(
    call: &Call<'_>,
    write: &mut Write,
    rule: &LiveRule,
    own: Option<&str>,
) -> Result<(), ApiError> {
    let domain = members(found(write, &super::key(call), super::ABSENT).await?);
    super::leads_to(write, &domain, &rule.api, &rule.stage).await?;
    let known = rows::all(write, KIND, &super::stored(call)).await?;
    if own.is_none() && known.len() >= MOST_RULES {
        return Err(ApiError::of(
            http::StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequestsException",
            format!("A domain name has at most {MOST_RULES} routing rules"),
        ));
    }
    let taken = |(id, document): &(String, Document)| {
        own != Some(id) && document.get("priority").and_then(Value::as_u64) == Some(rule.priority.into())
    };
    match known.iter().any(taken) {
        true => Err(ApiError::conflict(format!(
            "A routing rule with priority {} already exists for this domain name",
            rule.priority
        ))),
        false => Ok(()),
    }
}

/// The body, with what the service makes up.
fn completed(call: &Call<'_>, mut document: Document, id: &str) -> Document {
    let settings = &call.service.settings;
    let arn = format!(
        "arn:aws:apigateway:{}:{}:/domainnames/{}/routingrules/{id}",
        settings.region,
        settings.account,
        super::stored(call),
    );
    let actions = document.get_mut("actions").and_then(Value::as_array_mut);
    let invoked = actions
        .into_iter()
        .flatten()
        .filter_map(|action| action.get_mut("invokeApi"));
    for invoke in invoked.filter_map(Value::as_object_mut) {
        invoke.entry("stripBasePath").or_insert(Value::Bool(false));
    }
    document.insert("routingRuleArn".to_owned(), json!(arn));
    document.insert("routingRuleId".to_owned(), json!(id));
    document
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let document = call.checked(MEMBERS)?;
    let rule = check(&document)?;
    let mut write = call.write().await?;
    fits(&call, &mut write, &rule, None).await?;
    let id = id::short();
    let document = completed(&call, document, &id);
    let key = Key::new(KIND, super::stored(&call), &id);
    write.insert(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    super::publish(&call).await;
    Ok(document.into())
}

/// All of it is said anew.
pub(crate) async fn put(call: Call<'_>) -> Result<Outcome, ApiError> {
    let document = call.checked(MEMBERS)?;
    let rule = check(&document)?;
    let key = key(&call);
    let mut write = call.write().await?;
    found(&mut write, &super::key(&call), super::ABSENT).await?;
    found(&mut write, &key, ABSENT).await?;
    fits(&call, &mut write, &rule, Some(&key.id)).await?;
    let document = completed(&call, document, &key.id);
    write.update(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    super::publish(&call).await;
    Ok(document.into())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut read = call.read().await?;
    found(&mut read, &super::key(&call), super::ABSENT).await?;
    Ok(members(found(&mut read, &key(&call), ABSENT).await?).into())
}

/// In the order in which they are looked at. A token is the last priority of the page before.
pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    const PAGE: usize = 100;
    let given = |name: &str| call.query(name).filter(|value| !value.is_empty());
    let most: Option<usize> = given("maxResults").map_or(Some(PAGE), |text| text.parse().ok());
    let Some(most) = most.filter(|most| (1..=PAGE).contains(most)) else {
        return Err(ApiError::bad_request(format!(
            "Invalid value for maxResults: expected 1 to {PAGE}"
        )));
    };
    let after: Option<u64> = given("nextToken").map_or(Some(0), |token| token.parse().ok());
    let after = after.ok_or_else(|| ApiError::bad_request("Invalid nextToken"))?;
    let mut read = call.read().await?;
    found(&mut read, &super::key(&call), super::ABSENT).await?;
    let known = rows::all(&mut read, KIND, &super::stored(&call)).await?;
    let priority = |document: &Document| {
        document
            .get("priority")
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    let mut known: Vec<Document> = known.into_iter().map(|(_, document)| document).collect();
    known.retain(|document| priority(document) > after);
    known.sort_by_key(priority);
    let more = known.len() > most;
    known.truncate(most);
    let mut body = Map::new();
    if let Some(last) = known.last().filter(|_| more) {
        body.insert("nextToken".to_owned(), json!(priority(last).to_string()));
    }
    let known = known.into_iter().map(Value::Object).collect();
    body.insert("routingRules".to_owned(), Value::Array(known));
    Ok(body.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut write = call.write().await?;
    found(&mut write, &super::key(&call), super::ABSENT).await?;
    if !write.delete(&key(&call)).await? {
        return Err(ApiError::not_found(ABSENT));
    }
    write.commit().await?;
    super::publish(&call).await;
    Ok(Outcome::Nothing)
}

/// Whether a rule of any domain name leads to an API.
pub(crate) async fn leads_to(read: &mut Read, api: &str) -> Result<bool, ApiError> {
    let rules = read.all(KIND).await?;
    let rules = rules.into_iter().filter_map(|row| live(&members(row)));
    Ok(rules.into_iter().any(|rule| rule.api == api))
}
