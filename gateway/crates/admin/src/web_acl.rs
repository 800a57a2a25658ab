//! The part of AWS WAF's protocol (service `wafv2`, 2019-07-29) that associates stages with web access control lists.
//!
//! API Gateway only shows a stage's `webAclArn`; what sets it is `AssociateWebACL`
//! (<https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html>). The lists themselves are the
//! gateway's own configuration. One path, `/`; the operation is in the header `X-Amz-Target`.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::file_api;
use crate::kind::rows::text;
use crate::kind::stage;
use crate::plane::Change;
use crate::service::{Caller, Service};

/// What the header `X-Amz-Target` begins with.
pub const TARGET: &str = "AWSWAF_20190729.";
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
const STAGE_MEMBER: &str = "webAclArn";

/// A web access control list of the gateway's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAcl {
    /// Its name.
    pub name: String,
    /// Its ARN, which ends with its name and its id.
    pub arn: String,
    /// For people.
    pub description: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Associate,
    Disassociate,
    OfResource,
    List,
}

/// A call, as far as it can be read before it is known who calls.
#[derive(Debug, Clone)]
pub struct WafCall {
    operation: Operation,
    name: &'static str,
    members: Map<String, Value>,
}

/// Each with what the service calls it, and its members.
const OPERATIONS: [(&str, Operation, &[&str]); 4] = [
    (
        "AssociateWebACL",
        Operation::Associate,
        &["WebACLArn", "ResourceArn"],
    ),
    ("DisassociateWebACL", Operation::Disassociate, &["ResourceArn"]),
    ("GetWebACLForResource", Operation::OfResource, &["ResourceArn"]),
    ("ListWebACLs", Operation::List, &[]),
];

impl WafCall {
    /// Reads a call by its target and its body.
    ///
    /// # Errors
    ///
    /// An operation that is not offered, and a body that is not its own.
    pub fn read(target: &str, body: &[u8]) -> Result<Self, ApiError> {
        let name = target.strip_prefix(TARGET).unwrap_or(target);
        let known = OPERATIONS.iter().find(|(known, ..)| *known == name);
        let Some((name, operation, required)) = known else {
            let message = format!(
                "wafv2:{name} is not supported by Portcullis: web ACLs are configured in gateway.toml ([web_acls])"
            );
            return Err(ApiError::of(
                StatusCode::BAD_REQUEST,
                "WAFUnsupportedOperationException",
                message,
            ));
        };
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            let message = "The request body is no JSON object";
            return Err(ApiError::of(
                StatusCode::BAD_REQUEST,
                "SerializationException",
                message,
            ));
        };
        if let Some(absent) = required.iter().find(|name| text(&members, name).is_empty()) {
            return Err(ApiError::validation(format!("{absent} is required")));
        }
        Ok(Self {
            operation: *operation,
            name,
            members,
        })
    }

    /// What the caller's policy must allow: the action, on each of these
    /// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html>).
    pub fn permissions(&self) -> Vec<(String, String)> {
        let action = format!("wafv2:{}", self.name);
        let named = ["WebACLArn", "ResourceArn"].map(|name| text(&self.members, name));
        let named = named.into_iter().filter(|arn| !arn.is_empty());
        let mut asked: Vec<_> = named.map(|arn| (action.clone(), arn.to_owned())).collect();
        if asked.is_empty() {
            asked.push((action, "*".to_owned()));
        }
        asked
    }
}

impl Service {
    /// Answers a call of AWS WAF's protocol. Never fails: what goes wrong is the answer.
    pub async fn answer_waf(&self, caller: &Caller, call: &WafCall) -> Response<Bytes> {
        let outcome = match call.operation {
            Operation::Associate => {
                self.associate(caller, call, Some(text(&call.members, "WebACLArn")))
                    .await
            }
            Operation::Disassociate => self.associate(caller, call, None).await,
            Operation::OfResource => self.of_resource(call).await,
            Operation::List => self.web_acls(call),
        };
        match outcome {
            Ok(value) => written(StatusCode::OK, &value),
            Err(error) => refused(&error),
        }
    }

    /// Writes a stage's list, and ends when it acts.
    async fn associate(&self, caller: &Caller, call: &WafCall, arn: Option<&str>) -> Result<Value, ApiError> {
        let (api, stage) = self.stage_of(call)?;
        if let Some(arn) = arn
            && !self.0.plane.web_acls().iter().any(|acl| acl.arn == arn)
        {
            return Err(absent(&format!("the web ACL {arn}")));
        }
        let key = stage::key_of(&api, &stage);
        let mut write = self.0.store.write(&caller.name, call.name).await?;
        let Some(row) = write.get(&key).await? else {
            return Err(absent(&format!("the stage {stage} of API {api}")));
        };
        if file_api::all(&mut write).await?.contains(&api) {
            let message =
                format!("API {api} is defined by a file: set web_acl of the stage {stage} in gateway.toml");
            return Err(ApiError::of(
                StatusCode::BAD_REQUEST,
                "WAFInvalidOperationException",
                message,
            ));
        }
        let mut document = crate::call::members(row);
        match arn {
            Some(arn) => document.insert(STAGE_MEMBER.to_owned(), json!(arn)),
            None => document.remove(STAGE_MEMBER),
        };
        write.update(&key, &Value::Object(document)).await?;
        write.commit().await?;
        let change = Change::Stage { api, stage };
        if let Err(problems) = self.0.plane.publish(change.clone()).await {
            tracing::warn!("{change:?} is not live: {}", problems.join("; "));
        }
        Ok(json!({}))
    }

    async fn of_resource(&self, call: &WafCall) -> Result<Value, ApiError> {
        let (api, stage) = self.stage_of(call)?;
        let mut read = self.0.store.read().await?;
        let Some(row) = read.get(&stage::key_of(&api, &stage)).await? else {
            return Err(absent(&format!("the stage {stage} of API {api}")));
        };
        let document = crate::call::members(row);
        let arn = text(&document, STAGE_MEMBER);
        if arn.is_empty() {
            return Ok(json!({}));
        }
        // One that the configuration has no longer is shown with what its ARN says: the stage is closed.
        let known = self.0.plane.web_acls().into_iter().find(|acl| acl.arn == arn);
        let acl = known.unwrap_or_else(|| WebAcl {
            name: name_and_id(arn).0.to_owned(),
            arn: arn.to_owned(),
            description: String::new(),
        });
        Ok(json!({ "WebACL": whole(&acl) }))
    }

    /// A page of the lists, by name.
    fn web_acls(&self, call: &WafCall) -> Result<Value, ApiError> {
        const MOST: u64 = 100;
        let scope = text(&call.members, "Scope");
        if !matches!(scope, "REGIONAL" | "CLOUDFRONT") {
            return Err(ApiError::validation("Scope is REGIONAL or CLOUDFRONT"));
        }
        let limit = call.members.get("Limit").map_or(Some(MOST), Value::as_u64);
        let Some(limit) = limit.filter(|limit| (1..=MOST).contains(limit)) else {
            return Err(ApiError::validation("Limit is 1 to 100"));
        };
        let mut acls = if scope == "REGIONAL" {
            self.0.plane.web_acls()
        } else {
            Vec::new()
        };
        let after = text(&call.members, "NextMarker");
        acls.retain(|acl| acl.name.as_str() > after);
        acls.sort_by(|one, other| one.name.cmp(&other.name));
        let limit = usize::try_from(limit).unwrap_or(1);
        let more = acls.len() > limit;
        acls.truncate(limit);
        let mut page = Map::new();
        if let Some(last) = acls.last().filter(|_| more) {
            page.insert("NextMarker".to_owned(), json!(last.name));
        }
        page.insert("WebACLs".to_owned(), acls.iter().map(summary).collect());
        Ok(Value::Object(page))
    }

    /// The stage that a resource's ARN names.
    fn stage_of(&self, call: &WafCall) -> Result<(String, String), ApiError> {
        let arn = text(&call.members, "ResourceArn");
        let begins = format!("arn:aws:apigateway:{}::/restapis/", self.0.settings.region);
        let named = arn
            .strip_prefix(&begins)
            .and_then(|named| named.split_once("/stages/"));
        match named {
            Some((api, stage)) if !api.contains('/') && !stage.is_empty() && !stage.contains('/') => {
                Ok((api.to_owned(), stage.to_owned()))
            }
            _ => {
                let message = format!("{arn:?} is no stage of this gateway: {begins}API/stages/STAGE");
                Err(ApiError::of(
                    StatusCode::BAD_REQUEST,
                    "WAFInvalidParameterException",
                    message,
                ))
            }
        }
    }
}

fn absent(what: &str) -> ApiError {
    let message = format!("AWS WAF couldn't perform the operation because {what} does not exist");
    ApiError::of(StatusCode::BAD_REQUEST, "WAFNonexistentItemException", message)
}

fn name_and_id(arn: &str) -> (&str, &str) {
    let mut parts = arn.rsplit('/');
    let id = parts.next().unwrap_or_default();
    (parts.next().unwrap_or_default(), id)
}

fn summary(acl: &WebAcl) -> Value {
    let (_, id) = name_and_id(&acl.arn);
    json!({ "Name": acl.name, "Id": id, "Description": acl.description, "LockToken": id, "ARN": acl.arn })
}

/// Its rules are plugins with configurations of their own: none has the form of AWS WAF's.
fn whole(acl: &WebAcl) -> Value {
    let (_, id) = name_and_id(&acl.arn);
    json!({
        "Name": acl.name,
        "Id": id,
        "ARN": acl.arn,
        "Description": acl.description,
        "DefaultAction": { "Allow": {} },
        "Rules": [],
        "VisibilityConfig": {
            "SampledRequestsEnabled": false,
            "CloudWatchMetricsEnabled": false,
            "MetricName": acl.name,
        },
        "Capacity": 0,
        "ManagedByFirewallManager": false,
    })
}

/// An error in the form of this protocol.
pub fn refused(error: &ApiError) -> Response<Bytes> {
    let mut response = written(
        error.status,
        &json!({ "__type": error.kind, "message": error.message }),
    );
    let kind = HeaderValue::from_static(error.kind);
    response.headers_mut().insert("x-amzn-errortype", kind);
    response
}

fn written(status: StatusCode, value: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    let id = format!("{}-{}", crate::id::random(8), crate::id::random(12));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_permission_on_all_that_a_call_names() {
        let body = br#"{"WebACLArn": "acl", "ResourceArn": "stage"}"#;
        let call = WafCall::read("AWSWAF_20190729.AssociateWebACL", body).expect("a call");
        let action = "wafv2:AssociateWebACL".to_owned();
        let expected = [(action.clone(), "acl".to_owned()), (action, "stage".to_owned())];
        assert_eq!(call.permissions(), expected);
        let call = WafCall::read("AWSWAF_20190729.ListWebACLs", b"{}").expect("a call");
        assert_eq!(
            call.permissions(),
            [("wafv2:ListWebACLs".to_owned(), "*".to_owned())]
        );
    }

    #[test]
    fn refuses_what_it_does_not_offer_by_name() {
        let error = |target: &str, body: &[u8]| WafCall::read(target, body).expect_err("an error");
        let unknown = error("AWSWAF_20190729.CreateWebACL", b"{}");
        assert_eq!(unknown.kind, "WAFUnsupportedOperationException");
        assert!(unknown.message.contains("wafv2:CreateWebACL"), "{unknown}");
        assert_eq!(
            error("AWSWAF_20190729.ListWebACLs", b"[]").kind,
            "SerializationException"
        );
        let absent = error("AWSWAF_20190729.AssociateWebACL", br#"{"WebACLArn": "x"}"#);
        assert_eq!(absent.message, "ResourceArn is required");
    }
}
