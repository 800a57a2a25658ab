//! Authorizers (<https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html>).

use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::listing;
use super::rows::{self, text};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::id;
use crate::patch::{self, Expected, Op, REPLACE, Table, Target, rule};
use crate::shape::{Form, Member, optional, required};

type Document = Map<String, Value>;

/// The kind in the store.
pub(crate) const KIND: &str = "authorizer";
pub(crate) const ABSENT: &str = "Invalid Authorizer identifier specified";

const TYPES: &[&str] = &["TOKEN", "REQUEST", "COGNITO_USER_POOLS", "JWT"];
const ALGORITHMS: &[&str] = &["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

const CLAIM: &[Member] = &[
    required("claimName", Form::Text),
    required("format", Form::One(&["SINGLE_STRING"])),
    optional("required", Form::Flag),
    optional("expectedValues", Form::Texts),
];

const ISSUER: &[Member] = &[
    required("issuer", Form::Text),
    required("audiences", Form::Texts),
    optional("additionalClaims", Form::Objects(CLAIM)),
];

const JWT: &[Member] = &[
    required("issuers", Form::Objects(ISSUER)),
    required("defaultAlgorithms", Form::Each(ALGORITHMS)),
];

const MEMBERS: &[Member] = &[
    required("name", Form::Text),
    required("type", Form::One(TYPES)),
    optional("providerARNs", Form::Texts),
    optional("authType", Form::Text),
    optional("authorizerUri", Form::Text),
    optional("authorizerCredentials", Form::Text),
    optional("identitySource", Form::Text),
    optional("identityValidationExpression", Form::Text),
    optional("authorizerResultTtlInSeconds", Form::Whole),
    optional("jwtConfiguration", Form::Object(JWT)),
];

/// What a member of its own name may have done.
macro_rules! member {
    ($path:literal, $name:literal, $ops:expr, $form:expr) => {
        rule($path, $ops, $form, Target::Member(&[$name]))
    };
}

const PATCHES: Table = Table {
    rules: &[
        member!("/authorizerUri", "authorizerUri", REPLACE, Expected::Text),
        member!(
            "/authorizerCredentials",
            "authorizerCredentials",
            REPLACE,
            Expected::Text
        ),
        member!(
            "/authorizerResultTtlInSeconds",
            "authorizerResultTtlInSeconds",
            REPLACE,
            Expected::Whole
        ),
        member!("/authType", "authType", REPLACE, Expected::Text),
        member!(
            "/identitySource",
            "identitySource",
            &[Op::Add, Op::Replace, Op::Remove],
            Expected::Text
        ),
        member!(
            "/identityValidationExpression",
            "identityValidationExpression",
            REPLACE,
            Expected::Text
        ),
        member!("/name", "name", REPLACE, Expected::Text),
        rule(
            "/providerARNs",
            &[Op::Add, Op::Remove],
            Expected::Text,
            Target::Item(&["providerARNs"]),
        ),
        member!("/type", "type", REPLACE, Expected::One(TYPES)),
    ],
    names_paths: true,
};

fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, call.api(), call.parameter("authorizer_id"))
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.checked(MEMBERS)?;
    let id = id::short();
    document.insert("id".to_owned(), json!(id));
    complete(&mut document);
    check(&mut document)?;
    let mut write = call.write().await?;
    // Recorded: an unknown API has other words here than elsewhere.
    if write.get(&Key::new("restapi", "", call.api())).await?.is_none() {
        return Err(ApiError::conflict(
            "Unable to complete operation due to concurrent modification. Please try again later.",
        ));
    }
    named_once(&mut write, call.api(), &document).await?;
    let key = Key::new(KIND, call.api(), &id);
    write.insert(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    Ok(document.into())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    Ok(listing::one(&call, &key(&call), ABSENT).await?.into())
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    listing::all(&mut read, (KIND, call.api()), &paging).await
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let key = key(&call);
    let mut write = call.write().await?;
    let mut document = members(found(&mut write, &key, ABSENT).await?);
    patch::apply(&mut document, &operations, &PATCHES)?;
    check(&mut document)?;
    named_once(&mut write, call.api(), &document).await?;
    write.update(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    Ok(document.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    listing::deleted(&call, &key(&call), ABSENT).await
}

/// Two authorizers of an API have not the same name. The words are those that users of HTTP APIs report
/// (<https://github.com/aws/aws-cdk/issues/13711>); that a REST API answers 409 with them is from memory.
async fn named_once(read: &mut Read, api: &str, document: &Document) -> Result<(), ApiError> {
    let (id, name) = (text(document, "id"), text(document, "name"));
    for (other, known) in rows::all(read, KIND, api).await? {
        if other != id && text(&known, "name") == name {
            return Err(ApiError::conflict(format!(
                "Authorizer name must be unique. Authorizer {name} already exists in this RestApi."
            )));
        }
    }
    Ok(())
}

/// How long a result is kept where the caller does not say, and at most
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html>).
const TTL: i64 = 300;
const TTL_MOST: i64 = 3600;

/// Fills in what the service fills in.
fn complete(document: &mut Document) {
    let lambda = matches!(text(document, "type"), "TOKEN" | "REQUEST");
    let auth_type = if lambda {
        "custom"
    } else {
        match text(document, "type") {
            "COGNITO_USER_POOLS" => "cognito_user_pools",
            _ => "jwt",
        }
    };
    document.entry("authType").or_insert_with(|| json!(auth_type));
    if lambda {
        document
            .entry("authorizerResultTtlInSeconds")
            .or_insert_with(|| json!(TTL));
    }
}

/// What each type must have
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html>).
fn check(document: &mut Document) -> Result<(), ApiError> {
    let bad = |words: String| Err(ApiError::bad_request(words));
    rows::drop_empty(
        document,
        &[
            "authorizerCredentials",
            "identitySource",
            "identityValidationExpression",
        ],
    );
    if text(document, "name").is_empty() {
        return bad("Authorizer name cannot be empty".to_owned());
    }
    let ttl = document
        .get("authorizerResultTtlInSeconds")
        .and_then(Value::as_i64);
    if ttl.is_some_and(|ttl| !(0..=TTL_MOST).contains(&ttl)) {
        return bad(format!(
            "Authorizer result TTL must be between 0 and {TTL_MOST} seconds"
        ));
    }
    let expression = text(document, "identityValidationExpression");
    if regex::RegexBuilder::new(expression)
        .size_limit(1 << 20)
        .build()
        .is_err()
    {
        return bad(format!("Invalid identity validation expression: {expression}"));
    }
    match text(document, "type") {
        "COGNITO_USER_POOLS" => user_pools(document),
        "JWT" if document.get("jwtConfiguration").is_none() => {
            bad("JWT authorizers must have a jwtConfiguration".to_owned())
        }
        "JWT" => Ok(()),
        kind => lambda(document, kind, ttl),
    }
}

fn user_pools(document: &Document) -> Result<(), ApiError> {
    let arns = document.get("providerARNs").and_then(Value::as_array);
    let arns = arns.map(Vec::as_slice).unwrap_or_default();
    if arns.is_empty() {
        return Err(ApiError::bad_request("Provider ARNs must not be empty"));
    }
    let wrong = arns
        .iter()
        .filter_map(Value::as_str)
        .find(|arn| !(listing::is_arn(arn) && arn.contains(":cognito-idp:") && arn.contains(":userpool/")));
    match wrong {
        Some(arn) => Err(ApiError::bad_request(format!("Invalid Provider ARN: {arn}"))),
        None => Ok(()),
    }
}

fn lambda(document: &Document, kind: &str, ttl: Option<i64>) -> Result<(), ApiError> {
    let uri = text(document, "authorizerUri");
    // A plugin of this gateway, a Lambda function, or one that a stage names.
    let known = uri.starts_with("arn:")
        || uri
            .strip_prefix("portcullis:plugin:")
            .is_some_and(|name| !name.is_empty());
    if !known && !uri.contains("${stageVariables.") {
        return Err(ApiError::bad_request(format!(
            "Invalid Authorizer URI: {uri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."
        )));
    }
    let source = text(document, "identitySource");
    if kind == "TOKEN" {
        let header = source.strip_prefix("method.request.header.");
        if !source.is_empty() && header.is_none_or(|name| name.is_empty() || name.contains(',')) {
            return Err(invalid_source(source));
        }
        return Ok(());
    }
    if source.is_empty() && ttl.unwrap_or(TTL) > 0 {
        return Err(ApiError::bad_request(
            "Identity source must be specified for REQUEST authorizers when caching is enabled",
        ));
    }
    const BEGINNINGS: [&str; 4] = [
        "method.request.header.",
        "method.request.querystring.",
        "stageVariables.",
        "context.",
    ];
    let is_source = |part: &str| {
        BEGINNINGS
            .iter()
            .any(|beginning| part.strip_prefix(beginning).is_some_and(|name| !name.is_empty()))
    };
    if source.is_empty() || source.split(',').all(|part| is_source(part.trim())) {
        Ok(())
    } else {
        Err(invalid_source(source))
    }
}

fn invalid_source(source: &str) -> ApiError {
    ApiError::bad_request(format!("Invalid identity source specified: {source}"))
}
