//! VPC links (<https://docs.aws.amazon.com/apigateway/latest/api/API_VpcLink.html>). A link leads to the private upstream of
//! the gateway's own configuration that has the name of the load balancer in its target ARN. Whether there is one is looked
//! at when a link is read: the configuration may change.

mod used;

use portcullis_store::Key;
use serde_json::{Map, Value, json};

use super::listing;
use super::rows::{self, text};
use crate::call::{Call, Outcome, found};
use crate::error::ApiError;
use crate::id;
use crate::patch::{Table, replaced};
use crate::shape::{Form, Member, optional, required};

type Document = Map<String, Value>;

/// The kind in the store.
pub(crate) const KIND: &str = "vpclink";
/// Recorded.
pub(crate) const ABSENT: &str = "Invalid Vpc Link identifier specified";

const MEMBERS: &[Member] = &[
    required("name", Form::Text),
    optional("description", Form::Text),
    required("targetArns", Form::Texts),
    optional("tags", Form::TextMap),
];

const PATCHES: Table = Table {
    rules: &[
        replaced("/description", &["description"]),
        replaced("/name", &["name"]),
    ],
    names_paths: true,
};

fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, "", call.parameter("vpclink_id"))
}

/// Recorded.
fn check(document: &mut Document) -> Result<(), ApiError> {
    rows::drop_empty(document, &["description"]);
    if text(document, "name").is_empty() {
        return Err(ApiError::bad_request("Name cannot be empty"));
    }
    let arns = document.get("targetArns").and_then(Value::as_array);
    let arns = arns.map(Vec::as_slice).unwrap_or_default();
    if arns.is_empty() {
        return Err(ApiError::bad_request("Target ARNs cannot be empty"));
    }
    let wrong = arns
        .iter()
        .filter_map(Value::as_str)
        .find(|arn| !listing::is_arn(arn));
    if let Some(arn) = wrong {
        return Err(ApiError::bad_request(format!(
            "Invalid ARN. ARN is not well formed {arn}"
        )));
    }
    if arns.len() > 1 {
        // As it is reported in https://github.com/hashicorp/terraform-provider-aws/pull/2512
        return Err(ApiError::bad_request(
            "More than one target arn specified for vpc link.",
        ));
    }
    Ok(())
}

/// The name of the private upstream that a link leads to: of a network load balancer,
/// `arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/net/NAME/ID`.
pub(crate) fn upstream(link: &Document) -> Option<&str> {
    let [arn] = link.get("targetArns")?.as_array()?.as_slice() else {
        return None;
    };
    let parts: Vec<&str> = arn.as_str()?.splitn(6, ':').collect();
    let ["arn", _, "elasticloadbalancing", _, _, resource] = parts.as_slice() else {
        return None;
    };
    let ["loadbalancer", "net", name, _] = *resource.split('/').collect::<Vec<&str>>() else {
        return None;
    };
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (!name.is_empty() && name.bytes().all(good)).then_some(name)
}

/// A link as it is shown: with what has become of it by now.
fn shown(call: &Call<'_>, mut link: Document) -> Document {
    let has = |name: &str| call.service.plane.has_private_upstream(name);
    let (status, message) = match upstream(&link) {
        _ if has(text(&link, "id")) => ("AVAILABLE", READY.to_owned()),
        Some(name) if has(name) => ("AVAILABLE", READY.to_owned()),
        Some(name) => ("FAILED", missing(name)),
        None => ("FAILED", MALFORMED.to_owned()),
    };
    link.insert("status".to_owned(), json!(status));
    link.insert("statusMessage".to_owned(), json!(message));
    listing::shown(link)
}

/// In the service's own examples
/// (<https://docs.aws.amazon.com/cli/latest/reference/apigateway/update-vpc-link.html>).
const READY: &str = "Your vpc link is ready for use";
/// As it is reported in <https://github.com/hashicorp/terraform-provider-aws/issues/30910>.
const MALFORMED: &str = "NLB ARN is malformed";

fn missing(name: &str) -> String {
    format!(
        "There is no private upstream '{name}'. Add [vpc_links.{name}] with its targets to gateway.toml, and reload it."
    )
}

/// Recorded: a new link is pending, and then has a message and tags, be they empty.
pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.checked(MEMBERS)?;
    check(&mut document)?;
    listing::check_tags(&document)?;
    let id = id::short();
    document.insert("id".to_owned(), json!(id));
    listing::created(&call, &Key::new(KIND, "", &id), document.clone()).await?;
    document.insert("status".to_owned(), json!("PENDING"));
    Ok(document.into())
}

fn tagged(mut document: Document) -> Outcome {
    document.entry("tags").or_insert_with(|| json!({}));
    document.into()
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let link = listing::one(&call, &key(&call), ABSENT).await?;
    Ok(tagged(shown(&call, link)))
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    let page = listing::some(&mut read, (KIND, ""), &paging, |link| Some(shown(&call, link)));
    Ok(page.await?.into())
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = key(&call);
    let link = listing::patched(&call, &key, ABSENT, &PATCHES, check).await?;
    Ok(tagged(shown(&call, link)))
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = key(&call);
    let mut write = call.write().await?;
    found(&mut write, &key, ABSENT).await?;
    let places = used::places(&mut write, &key.id).await?;
    if !places.is_empty() {
        // As it is reported in https://github.com/klothoplatform/klotho/issues/202
        return Err(ApiError::bad_request(format!(
            "Cannot delete vpc link. Vpc link '{}', is referenced in [{}] in format of [RESTApiId:Method:Resource:Stage].",
            key.id,
            places.join(", ")
        )));
    }
    write.delete(&key).await?;
    write.commit().await?;
    Ok(Outcome::Nothing)
}
