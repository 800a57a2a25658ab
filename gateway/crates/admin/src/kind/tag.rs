//! Tags of what has an ARN
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html>).

use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::{api_key, client_certificate, domain_name, listing, usage_plan, vpc_link};
use crate::call::{Call, Outcome, members};
use crate::error::ApiError;
use crate::file_api;
use crate::shape::{Form, Member, required};

const MEMBERS: &[Member] = &[required("tags", Form::TextMap)];

fn invalid() -> ApiError {
    ApiError::bad_request("Invalid ARN specified in the request")
}

/// What an ARN names, and the words for its absence:
/// `arn:aws:apigateway:REGION::/restapis/ID` and the like.
fn named(call: &Call<'_>) -> Result<(Key, ApiError), ApiError> {
    let arn = call.parameter("resource_arn");
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let settings = &call.service.settings;
    let ["arn", _, "apigateway", region, account, path] = parts.as_slice() else {
        return Err(invalid());
    };
    let elsewhere = *region != settings.region || !(account.is_empty() || *account == settings.account);
    let path: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    if path.iter().any(|part| part.is_empty()) {
        return Err(invalid());
    }
    let top = |kind, id: &str, absent: &str| (Key::new(kind, "", id), ApiError::not_found(absent));
    let named = match path.as_slice() {
        ["restapis", id] => (
            Key::new("restapi", "", *id),
            ApiError::unknown_api(&settings.account, id),
        ),
        ["restapis", id, "stages", name] => (
            Key::new("stage", *id, *name),
            ApiError::not_found("Invalid stage identifier specified"),
        ),
        ["apikeys", id] => top(api_key::KIND, id, api_key::ABSENT),
        ["usageplans", id] => top(usage_plan::KIND, id, usage_plan::ABSENT),
        ["domainnames", id] => top(domain_name::KIND, id, domain_name::ABSENT),
        ["vpclinks", id] => top(vpc_link::KIND, id, vpc_link::ABSENT),
        ["clientcertificates", id] => top(client_certificate::KIND, id, client_certificate::ABSENT),
        ["domainnameaccessassociations", ..] => {
            top(domain_name::access::KIND, arn, domain_name::access::ABSENT)
        }
        _ => return Err(invalid()),
    };
    if elsewhere { Err(named.1) } else { Ok(named) }
}

async fn found(read: &mut Read, call: &Call<'_>) -> Result<(Key, Map<String, Value>), ApiError> {
    let (key, absent) = named(call)?;
    let row = read.get(&key).await?.ok_or(absent)?;
    Ok((key, members(row)))
}

/// All at once: the service does not page them either.
pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut read = call.read().await?;
    let (_, mut document) = found(&mut read, &call).await?;
    let mut body = Map::new();
    body.insert(
        "tags".to_owned(),
        document.remove("tags").unwrap_or_else(|| json!({})),
    );
    Ok(body.into())
}

async fn changed(call: &Call<'_>, change: impl FnOnce(&mut Map<String, Value>)) -> Result<Outcome, ApiError> {
    let mut write = call.write().await?;
    let (key, mut document) = found(&mut write, call).await?;
    let api = match key.kind {
        "restapi" => Some(key.id.as_str()),
        "stage" => Some(key.parent.as_str()),
        _ => None,
    };
    if let Some(api) = api {
        file_api::of_no_file(&mut write, call, api).await?;
    }
    if let Some(tags) = document
        .entry("tags")
        .or_insert_with(|| json!({}))
        .as_object_mut()
    {
        change(tags);
    }
    listing::check_tags(&document)?;
    write.update(&key, &Value::Object(document)).await?;
    write.commit().await?;
    Ok(Outcome::Nothing)
}

pub(crate) async fn tag(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut body = call.checked(MEMBERS)?;
    let new = match body.remove("tags") {
        Some(Value::Object(tags)) => tags,
        _ => Map::new(),
    };
    changed(&call, |tags| tags.extend(new)).await
}

pub(crate) async fn untag(call: Call<'_>) -> Result<Outcome, ApiError> {
    let of_name = call.query.iter().filter(|(name, _)| name == "tagKeys");
    let keys: Vec<&str> = of_name.map(|(_, key)| key.as_str()).collect();
    if keys.is_empty() {
        return Err(ApiError::bad_request("Missing required parameter: tagKeys"));
    }
    changed(&call, |tags| tags.retain(|key, _| !keys.contains(&key.as_str()))).await
}
