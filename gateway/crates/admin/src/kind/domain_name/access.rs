//! Domain name access associations
//! (<https://docs.aws.amazon.com/apigateway/latest/api/API_DomainNameAccessAssociation.html>).

use portcullis_store::{Key, Read, StoreError};
use serde_json::{Map, Value, json};

use super::super::listing;
use super::super::rows::{self, text};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::plane::Change;
use crate::shape::{Form, Member, optional, required};

/// The kind in the store, by ARN.
pub(crate) const KIND: &str = "domainnameaccessassociation";
pub(crate) const ABSENT: &str = "Invalid domain name access association identifier specified";

const MEMBERS: &[Member] = &[
    required("domainNameArn", Form::Text),
    required("accessAssociationSourceType", Form::One(&["VPCE"])),
    required("accessAssociationSource", Form::Text),
    optional("tags", Form::TextMap),
];

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let body = call.checked(MEMBERS)?;
    listing::check_tags(&body)?;
    let source = text(&body, "accessAssociationSource");
    let id = source.strip_prefix("vpce-").unwrap_or_default();
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(ApiError::bad_request(format!(
            "Invalid access association source specified: {source}"
        )));
    }
    let domain = text(&body, "domainNameArn");
    let mut write = call.write().await?;
    if !super::private(&mut write, domain).await? {
        return Err(ApiError::not_found(super::ABSENT));
    }
    let name = domain.split_once(":/domainnames/").map_or("", |(_, name)| name);
    let name = name.split('+').next().unwrap_or_default();
    let settings = &call.service.settings;
    let arn = format!(
        "arn:aws:apigateway:{}:{}:/domainnameaccessassociations/domainname/{name}/vpcesource/{source}",
        settings.region, settings.account
    );
    let key = Key::new(KIND, "", &arn);
    if write.get(&key).await?.is_some() {
        return Err(ApiError::conflict(
            "Domain name access association already exists",
        ));
    }
    let mut document = Map::new();
    document.insert("domainNameAccessAssociationArn".to_owned(), json!(arn));
    document.extend(body);
    write.insert(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    publish(&call, domain_of(&document)).await;
    Ok(document.into())
}

/// What the store knows a domain name by, of its ARN in an association.
fn domain_of(document: &Map<String, Value>) -> String {
    let arn = text(document, "domainNameArn");
    arn.split_once(":/domainnames/")
        .map_or("", |(_, id)| id)
        .to_owned()
}

/// Who comes by a domain name has changed.
async fn publish(call: &Call<'_>, id: String) {
    call.publish(Change::Domain { id }).await;
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let none = super::of_others(&call)?;
    let mut read = call.read().await?;
    let show = |document| (!none).then_some(document);
    Ok(listing::some(&mut read, (KIND, ""), &paging, show).await?.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = Key::new(KIND, "", call.parameter("domain_name_access_association_arn"));
    let mut write = call.write().await?;
    let document = members(found(&mut write, &key, ABSENT).await?);
    write.delete(&key).await?;
    write.commit().await?;
    publish(&call, domain_of(&document)).await;
    Ok(Outcome::Nothing)
}

/// The domain name's owner refuses an association.
pub(crate) async fn reject(call: Call<'_>) -> Result<Outcome, ApiError> {
    let asked = |name: &str| {
        let value = call.query(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| ApiError::bad_request(format!("Missing required parameter: {name}")))
    };
    let key = Key::new(KIND, "", asked("domainNameAccessAssociationArn")?);
    let domain = asked("domainNameArn")?;
    let mut write = call.write().await?;
    let document = members(found(&mut write, &key, ABSENT).await?);
    if text(&document, "domainNameArn") != domain {
        return Err(ApiError::not_found(ABSENT));
    }
    write.delete(&key).await?;
    write.commit().await?;
    publish(&call, domain_of(&document)).await;
    Ok(Outcome::Nothing)
}

/// The VPC endpoints that are associated with a domain name.
pub(crate) async fn endpoints(read: &mut Read, arn: &str) -> Result<Vec<String>, StoreError> {
    let known = rows::all(read, KIND, "").await?;
    let its = known
        .iter()
        .filter(|(_, document)| text(document, "domainNameArn") == arn);
    Ok(its
        .map(|(_, document)| text(document, "accessAssociationSource").to_owned())
        .collect())
}

/// Whether a domain name is used by an association.
pub(super) async fn uses(read: &mut Read, arn: &str) -> Result<bool, ApiError> {
    Ok(!endpoints(read, arn).await?.is_empty())
}
