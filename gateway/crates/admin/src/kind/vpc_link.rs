//! VPC links (<https://docs.aws.amazon.com/apigateway/latest/api/API_VpcLink.html>). What a link leads to stands in
//! `gateway.toml` as `vpc_links.ID`; the target ARNs are kept.

use portcullis_store::Key;
use serde_json::{Map, Value, json};

use super::listing;
use super::rows::{self, text};
use crate::call::{Call, Outcome};
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
    match wrong {
        Some(arn) => Err(ApiError::bad_request(format!(
            "Invalid ARN. ARN is not well formed {arn}"
        ))),
        None => Ok(()),
    }
}

/// Recorded: a new link is pending, and then has a message and tags, be they empty.
pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.checked(MEMBERS)?;
    check(&mut document)?;
    listing::check_tags(&document)?;
    let id = id::short();
    document.insert("id".to_owned(), json!(id));
    let mut pending = document.clone();
    pending.insert("status".to_owned(), json!("PENDING"));
    document.insert("status".to_owned(), json!("AVAILABLE"));
    document.insert(
        "statusMessage".to_owned(),
        json!("Your vpc link is ready for use"),
    );
    listing::created(&call, &Key::new(KIND, "", &id), document).await?;
    Ok(pending.into())
}

fn tagged(mut document: Document) -> Outcome {
    document.entry("tags").or_insert_with(|| json!({}));
    document.into()
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    Ok(tagged(listing::one(&call, &key(&call), ABSENT).await?))
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    listing::all(&mut read, (KIND, ""), &paging).await
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = key(&call);
    Ok(tagged(
        listing::patched(&call, &key, ABSENT, &PATCHES, check).await?,
    ))
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    listing::deleted(&call, &key(&call), ABSENT).await
}
