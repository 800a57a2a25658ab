//! REST APIs (<https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html>).

mod clone;
mod patch;
mod settings;

pub(crate) use settings::{escaped, unescaped};

use portcullis_store::{Key, Write};
use serde_json::{Map, Value, json};

use super::domain_name::certificate;
use super::rows::text;
use crate::call::{Call, Outcome, listed, members};
use crate::error::ApiError;
use crate::live_api_tls;
use crate::plane::Change;
use crate::shape::{Form, Member, optional, required};
use crate::{id, patch as patches};

/// The kind in the store.
pub(crate) const KIND: &str = "restapi";

/// The service's names of TLS policies.
pub(crate) const SECURITY_POLICIES: &[&str] = &[
    "TLS_1_0",
    "TLS_1_2",
    "SecurityPolicy_TLS13_1_3_2025_09",
    "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_Ext2_FIPS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_2021_06",
    "SecurityPolicy_TLS13_2025_EDGE",
    "SecurityPolicy_TLS12_PFS_2025_EDGE",
    "SecurityPolicy_TLS12_2018_EDGE",
];
const KEY_SOURCES: &[&str] = &["HEADER", "AUTHORIZER"];
const ACCESS_MODES: &[&str] = &["BASIC", "STRICT"];

const MEMBERS: &[Member] = &[
    required("name", Form::Text),
    optional("description", Form::Text),
    optional("version", Form::Text),
    optional("cloneFrom", Form::Text),
    optional("binaryMediaTypes", Form::Texts),
    optional("minimumCompressionSize", Form::Whole),
    optional("apiKeySource", Form::One(KEY_SOURCES)),
    optional(
        "endpointConfiguration",
        Form::Object(&[
            // In the order of the service's message.
            optional("types", Form::Each(&["PRIVATE", "EDGE", "REGIONAL"])),
            optional("ipAddressType", Form::One(&["ipv4", "dualstack"])),
            optional("vpcEndpointIds", Form::Texts),
        ]),
    ),
    optional("policy", Form::Text),
    optional("tags", Form::TextMap),
    optional("disableExecuteApiEndpoint", Form::Flag),
    optional("securityPolicy", Form::One(SECURITY_POLICIES)),
    optional("endpointAccessMode", Form::One(ACCESS_MODES)),
];

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.checked(MEMBERS)?;
    let from = document.remove("cloneFrom");
    let id = id::long();
    let mut write = call.write().await?;
    let root = match from.as_ref().and_then(Value::as_str) {
        Some(from) => {
            let source = write.get(&Key::new(KIND, "", from)).await?;
            let source = source
                .ok_or_else(|| ApiError::unknown_api(&call.service.settings.account, from))
                .map(members)?;
            clone::settings(&source, &mut document);
            settings::complete(&mut document)?;
            clone::contents(&mut write, from, &id).await?
        }
        None => {
            settings::complete(&mut document)?;
            first_contents(&mut write, &id).await?
        }
    };
    check_policy(None, &document)?;
    document.insert("id".to_owned(), json!(id));
    document.insert("createdDate".to_owned(), json!(call.now()));
    document.insert("rootResourceId".to_owned(), json!(root));
    document.insert("apiStatus".to_owned(), json!("AVAILABLE"));
    write
        .insert(&Key::new(KIND, "", &id), &Value::Object(document.clone()))
        .await?;
    write.commit().await?;
    publish_tls(&call, &id, &[&document]).await;
    Ok(document.into())
}

/// A security policy that cannot be kept to is refused by its name, but for one that was stored already.
///
/// # Errors
///
/// It is one of those.
pub(crate) fn check_policy(
    before: Option<&Map<String, Value>>,
    document: &Map<String, Value>,
) -> Result<(), ApiError> {
    let policy = document.get("securityPolicy");
    match before.and_then(|before| before.get("securityPolicy")) {
        stored if stored.is_some() && stored == policy => Ok(()),
        _ => certificate::check_policy(document),
    }
}

/// What an API says of TLS counts at once, without a deployment. `versions` are what it was and is.
pub(crate) async fn publish_tls(call: &Call<'_>, api: &str, versions: &[&Map<String, Value>]) {
    if versions.iter().any(|document| live_api_tls::says(document)) {
        call.publish(Change::ApiTls { api: api.to_owned() }).await;
    }
}

/// What an API has from its beginning: its root, and two models (recorded). Gives the root's id.
async fn first_contents(write: &mut Write, api: &str) -> Result<String, ApiError> {
    let root = id::long();
    let document = json!({"id": root, "path": "/"});
    write
        .insert(&Key::new(super::resource::KIND, api, &root), &document)
        .await?;
    let empty = json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "Empty Schema",
        "type": "object",
    });
    let error = json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "Error Schema",
        "type": "object",
        "properties": {"message": {"type": "string"}},
    });
    for (name, what, schema) in [("Empty", "empty", empty), ("Error", "error", error)] {
        let document = json!({
            "id": id::short(),
            "name": name,
            "description": format!("This is a default {what} schema model"),
            "schema": format!("{schema:#}"),
            "contentType": "application/json",
        });
        write.insert(&Key::new("model", api, name), &document).await?;
    }
    Ok(root)
}

/// The document of an API that is imported, complete but for what is its own.
///
/// # Errors
///
/// What the service refuses of an API.
pub(crate) fn imported(definition: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    let mut document = own(definition);
    settings::complete(&mut document)?;
    Ok(document)
}

/// The document of the API itself, with its policy as a call brings it.
fn own(definition: &Map<String, Value>) -> Map<String, Value> {
    let document = definition.get("restApi").and_then(Value::as_object);
    let mut document = document.cloned().unwrap_or_default();
    if let Some(policy) = document.get("policy").and_then(Value::as_str).map(unescaped) {
        document.insert("policy".to_owned(), json!(policy));
    }
    document
}

/// The document of an API that a file defines. Tools show `warnings`, so that is where people learn it.
pub(crate) fn of_a_file(
    definition: &Map<String, Value>,
    id: &str,
    file: &str,
    created: Value,
) -> Map<String, Value> {
    let mut document = own(definition);
    // The file was checked when it was read; what has no default stays as it says.
    let _ = settings::complete(&mut document);
    document.insert("id".to_owned(), json!(id));
    document.insert("createdDate".to_owned(), created);
    document.insert("apiStatus".to_owned(), json!("AVAILABLE"));
    let warning = format!("This API comes from {file} and is read-only here: change it there");
    document.insert("warnings".to_owned(), json!([warning]));
    document
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut read = call.read().await?;
    let row = call.api_exists(&mut read).await?;
    Ok(members(row).into())
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    listed(&mut call.read().await?, KIND, "", &paging).await
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let key = Key::new(KIND, "", call.api());
    let mut write = call.write().await?;
    let before = members(call.api_exists(&mut write).await?);
    let mut document = before.clone();
    patches::apply(&mut document, &operations, &patch::PATCHES)?;
    settings::check(&document)?;
    check_policy(Some(&before), &document)?;
    write.update(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    publish_tls(&call, call.api(), &[&before, &document]).await;
    // Recorded: here tags are there even where there are none.
    document
        .entry("tags")
        .or_insert_with(|| Value::Object(Map::new()));
    Ok(document.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let api = call.api().to_owned();
    let mut write = call.write().await?;
    let before = members(call.api_exists(&mut write).await?);
    for mapping in write.all("basepathmapping").await? {
        if text(&members(mapping), "restApiId") == api {
            return Err(ApiError::bad_request(
                "Deleting RestApi failed. Please remove all base path mappings related to the RestApi in your domains.",
            ));
        }
    }
    if super::domain_name::rule::leads_to(&mut write, &api).await? {
        return Err(ApiError::bad_request(
            "Deleting RestApi failed. Please remove all routing rules related to the RestApi in your domains.",
        ));
    }
    write.delete(&Key::new(KIND, "", &api)).await?;
    super::deployment::forget_all(&mut write, &api).await?;
    write.delete_below(&api).await?;
    write.commit().await?;
    // What it demands of connections goes last: its stages are still served until then.
    call.publish(Change::Api { api: api.clone() }).await;
    publish_tls(&call, &api, &[&before]).await;
    Ok(Outcome::Nothing)
}
