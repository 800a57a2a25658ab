//! Custom domain names (<https://docs.aws.amazon.com/apigateway/latest/api/API_DomainName.html>).

pub(crate) mod access;
pub(crate) mod certificate;
pub(crate) mod mapping;
mod patch;
pub(crate) mod rule;

use portcullis_model::is_domain_name;
use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::listing;
use super::rows::{self, text};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::id;
use crate::plane::Change;
use crate::shape::{self, Form, Member, optional, required};

type Document = Map<String, Value>;

/// The kind in the store; a private name's id in the store is `name+id`, for there may be several of the same name.
pub(crate) const KIND: &str = "domainname";
/// Recorded.
pub(crate) const ABSENT: &str = "Invalid domain name identifier specified";

const TYPES: &[&str] = &["REGIONAL", "EDGE", "PRIVATE"];
const ADDRESSES: &[&str] = &["ipv4", "dualstack"];
const POLICIES: &[&str] = &[
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
const MODES: &[&str] = &["BASIC", "STRICT"];
const ROUTING: &[&str] = &[
    "BASE_PATH_MAPPING_ONLY",
    "ROUTING_RULE_ONLY",
    "ROUTING_RULE_THEN_BASE_PATH_MAPPING",
];

const ENDPOINT: &[Member] = &[
    optional("types", Form::Each(TYPES)),
    optional("ipAddressType", Form::One(ADDRESSES)),
    optional("vpcEndpointIds", Form::Texts),
];

const MUTUAL_TLS: &[Member] = &[
    optional("truststoreUri", Form::Text),
    optional("truststoreVersion", Form::Text),
];

const MEMBERS: &[Member] = &[
    required("domainName", Form::Text),
    optional("certificateName", Form::Text),
    optional("certificateBody", Form::Text),
    optional("certificatePrivateKey", Form::Text),
    optional("certificateChain", Form::Text),
    optional("certificateArn", Form::Text),
    optional("regionalCertificateName", Form::Text),
    optional("regionalCertificateArn", Form::Text),
    optional("endpointConfiguration", Form::Object(ENDPOINT)),
    optional("tags", Form::TextMap),
    optional("securityPolicy", Form::One(POLICIES)),
    optional("endpointAccessMode", Form::One(MODES)),
    optional("mutualTlsAuthentication", Form::Object(MUTUAL_TLS)),
    optional("ownershipVerificationCertificateArn", Form::Text),
    optional("policy", Form::Text),
    optional("routingMode", Form::One(ROUTING)),
];

/// Of all edge-optimised names, and of regional ones (<https://docs.aws.amazon.com/general/latest/gr/apigateway.html>).
const EDGE_ZONE: &str = "Z2FDTNDATAQYW2";
const REGIONAL_ZONE: &str = "Z1UJRXOUMOOFQ8";

/// The id in the store of the name that a call is about.
pub(super) fn stored(call: &Call<'_>) -> String {
    let name = call.parameter("domain_name").to_ascii_lowercase();
    match call.query("domainNameId").filter(|id| !id.is_empty()) {
        Some(id) => format!("{name}+{id}"),
        None => name,
    }
}

pub(super) fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, "", stored(call))
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.checked(MEMBERS)?;
    listing::check_tags(&document)?;
    let name = text(&document, "domainName").to_ascii_lowercase();
    if !is_domain_name(&name) {
        return Err(ApiError::bad_request(format!("Invalid domain name: {name}")));
    }
    document.insert("domainName".to_owned(), json!(name));
    let stored = complete(&call, &mut document, &name)?;
    check(&call, &mut document)?;
    let key = Key::new(KIND, "", &stored);
    certificate::keep(&call, &key, &mut document)?;
    let mut write = call.write().await?;
    if write.get(&key).await?.is_some() {
        return Err(ApiError::bad_request(
            "The domain name you provided already exists.",
        ));
    }
    write.insert(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    call.publish(Change::Domain { id: stored }).await;
    Ok(listing::shown(document).into())
}

/// The name that a call is about has changed, or what is below it.
async fn publish(call: &Call<'_>) {
    call.publish(Change::Domain { id: stored(call) }).await;
}

/// Whether everybody may come by a name; private ones are for those whom an association lets.
pub(crate) fn is_public(document: &Document) -> bool {
    kind(document) != "PRIVATE"
}

/// What a name leads to must be there. Private names lead to private APIs, and no others do
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-mode.html>). An empty stage is any.
async fn leads_to(read: &mut Read, domain: &Document, api: &str, stage: &str) -> Result<(), ApiError> {
    let row = match api.is_empty() {
        true => None,
        false => read.get(&Key::new("restapi", "", api)).await?,
    };
    let document = row.ok_or_else(|| ApiError::bad_request("Invalid REST API identifier specified"))?;
    let is_private = kind(&members(document)) == "PRIVATE";
    if !stage.is_empty() && read.get(&Key::new("stage", api, stage)).await?.is_none() {
        return Err(ApiError::bad_request("Invalid stage identifier specified"));
    }
    match (is_public(domain), is_private) {
        (true, true) => Err(ApiError::bad_request(
            "A public domain name cannot lead to a private API",
        )),
        (false, false) => Err(ApiError::bad_request(
            "A private domain name can lead to private APIs only",
        )),
        _ => Ok(()),
    }
}

/// Fills in what the service makes up, and gives the id in the store.
fn complete(call: &Call<'_>, document: &mut Document, name: &str) -> Result<String, ApiError> {
    let endpoint = document
        .entry("endpointConfiguration")
        .or_insert_with(|| json!({}));
    let Some(endpoint) = endpoint.as_object_mut() else {
        return Err(ApiError::bad_request("Invalid value for endpointConfiguration"));
    };
    if endpoint
        .get("types")
        .and_then(Value::as_array)
        .is_none_or(Vec::is_empty)
    {
        endpoint.insert("types".to_owned(), json!(["EDGE"]));
    }
    let kind = kind(document).to_owned();
    let addresses = if kind == "PRIVATE" { "dualstack" } else { "ipv4" };
    if let Some(endpoint) = document
        .get_mut("endpointConfiguration")
        .and_then(Value::as_object_mut)
    {
        endpoint
            .entry("ipAddressType")
            .or_insert_with(|| json!(addresses));
    }
    let settings = &call.service.settings;
    let (region, account) = (&settings.region, &settings.account);
    let mut put = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
    let stored = if kind == "PRIVATE" {
        let id = id::long();
        let arn = format!("arn:aws:apigateway:{region}:{account}:/domainnames/{name}+{id}");
        put("domainNameArn", json!(arn));
        put("domainNameId", json!(id));
        format!("{name}+{id}")
    } else {
        put(
            "domainNameArn",
            json!(format!("arn:aws:apigateway:{region}::/domainnames/{name}")),
        );
        name.to_owned()
    };
    put("domainNameStatus", json!("AVAILABLE"));
    document
        .entry("securityPolicy")
        .or_insert_with(|| json!("TLS_1_2"));
    document
        .entry("routingMode")
        .or_insert_with(|| json!("BASE_PATH_MAPPING_ONLY"));
    addresses_of(document, region);
    if document.contains_key("certificateArn") || document.contains_key("certificateName") {
        document.insert("certificateUploadDate".to_owned(), json!(call.now()));
    }
    Ok(stored)
}

/// The names that clients would be led to, in the form of the service; nothing answers there.
fn addresses_of(document: &mut Document, region: &str) {
    match kind(document) {
        "REGIONAL" if !document.contains_key("regionalDomainName") => {
            let name = format!("d-{}.execute-api.{region}.amazonaws.com", id::long());
            document.insert("regionalDomainName".to_owned(), json!(name));
            document.insert("regionalHostedZoneId".to_owned(), json!(REGIONAL_ZONE));
        }
        "EDGE" if !document.contains_key("distributionDomainName") => {
            let name = format!("d{}.cloudfront.net", id::random(13));
            document.insert("distributionDomainName".to_owned(), json!(name));
            document.insert("distributionHostedZoneId".to_owned(), json!(EDGE_ZONE));
        }
        _ => {}
    }
}

/// The one type of the endpoint, of names as of APIs.
pub(crate) fn kind(document: &Document) -> &str {
    let types = document
        .get("endpointConfiguration")
        .and_then(|endpoint| endpoint.get("types"));
    let first = types.and_then(Value::as_array).and_then(|types| types.first());
    first.and_then(Value::as_str).unwrap_or_default()
}

/// The type of the endpoint of a name, or an API, whose access mode is `STRICT`.
pub(crate) fn strict(document: &Document) -> Option<String> {
    (text(document, "endpointAccessMode") == "STRICT").then(|| kind(document).to_owned())
}

fn check(call: &Call<'_>, document: &mut Document) -> Result<(), ApiError> {
    certificate::check_policy(document)?;
    let types = document
        .get("endpointConfiguration")
        .and_then(|endpoint| endpoint.get("types"));
    if types
        .and_then(Value::as_array)
        .is_none_or(|types| types.len() != 1)
    {
        return Err(ApiError::bad_request(
            "Cannot create a domain name with multiple Endpoint Types.",
        ));
    }
    for name in [
        "certificateArn",
        "regionalCertificateArn",
        "ownershipVerificationCertificateArn",
    ] {
        let arn = text(document, name);
        if !arn.is_empty() && !listing::is_arn(arn) {
            return Err(ApiError::bad_request(format!("Invalid certificate ARN: {arn}")));
        }
    }
    let policy = text(document, "policy");
    if !policy.is_empty() && !matches!(serde_json::from_str(policy), Ok(Value::Object(_))) {
        return Err(ApiError::bad_request(
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
        ));
    }
    let mutual = document.get("mutualTlsAuthentication").and_then(Value::as_object);
    if let Some(mutual) = mutual.filter(|mutual| !mutual.is_empty()) {
        let uri = text(mutual, "truststoreUri");
        let bucket = uri.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
        if bucket.is_none_or(|(bucket, name)| bucket.is_empty() || name.is_empty()) {
            return Err(ApiError::bad_request(format!("Invalid truststore URI: {uri}")));
        }
        if kind(document) != "REGIONAL" {
            return Err(ApiError::bad_request(
                "Mutual TLS authentication is only supported for REGIONAL domain names",
            ));
        }
    }
    certificate::check_truststore(call, document)?;
    rows::drop_empty(
        document,
        &[
            "policy",
            "mutualTlsAuthentication",
            "ownershipVerificationCertificateArn",
            "certificateName",
            "regionalCertificateName",
        ],
    );
    Ok(())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    Ok(listing::one(&call, &key(&call), ABSENT).await?.into())
}

/// Whether a list is asked of what other accounts have: there are none.
fn of_others(call: &Call<'_>) -> Result<bool, ApiError> {
    const OWNERS: &[&str] = &["SELF", "OTHER_ACCOUNTS"];
    match call.query("resourceOwner") {
        None | Some("SELF") => Ok(false),
        Some("OTHER_ACCOUNTS") => Ok(true),
        Some(other) => shape::told(&[shape::not_one_of("resourceOwner", other, OWNERS)]).map(|()| false),
    }
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let none = of_others(&call)?;
    let mut read = call.read().await?;
    let show = |document| (!none).then(|| listing::shown(document));
    Ok(listing::some(&mut read, (KIND, ""), &paging, show).await?.into())
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = key(&call);
    let region = call.service.settings.region.clone();
    let now = call.now();
    let operations = call.patch_operations()?;
    let certificate = operations
        .iter()
        .any(|operation| matches!(operation.path.as_str(), "/certificateArn" | "/certificateName"));
    let was_public = is_public(&listing::one(&call, &key, ABSENT).await?);
    let names_another = operations.iter().any(|operation| {
        matches!(
            operation.path.as_str(),
            "/certificateArn" | "/regionalCertificateArn"
        )
    });
    let finish = |document: &mut Document| {
        // <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html>
        if is_public(document) != was_public {
            return Err(ApiError::bad_request(
                "A domain name cannot be changed from public to private, or from private to public",
            ));
        }
        addresses_of(document, &region);
        if certificate {
            document.insert("certificateUploadDate".to_owned(), json!(now));
        }
        if names_another {
            certificate::forget(document);
        }
        check(&call, document)
    };
    let changed = listing::patched(&call, &key, ABSENT, &patch::TABLE, finish).await?;
    publish(&call).await;
    Ok(changed.into())
}

/// A name goes with its mappings.
pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = key(&call);
    let mut write = call.write().await?;
    let document = members(found(&mut write, &key, ABSENT).await?);
    let arn = text(&document, "domainNameArn");
    if access::uses(&mut write, arn).await? {
        return Err(ApiError::bad_request(
            "Domain name has domain name access associations and cannot be deleted",
        ));
    }
    write.delete(&key).await?;
    write.delete_below(&key.id).await?;
    write.commit().await?;
    publish(&call).await;
    Ok(Outcome::Nothing)
}

/// Whether there is a private name of this ARN.
pub(super) async fn private(read: &mut Read, arn: &str) -> Result<bool, ApiError> {
    let Some((_, stored)) = arn.split_once(":/domainnames/") else {
        return Ok(false);
    };
    let row = read.get(&Key::new(KIND, "", stored)).await?;
    Ok(row.is_some_and(|row| kind(&members(row)) == "PRIVATE"))
}
