//! Who may use API Gateway's protocol: whoever signs (SigV4) with a key that its policy lets.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use portcullis_admin::keys::{Keys, KnownKey};
use portcullis_admin::{ApiError, Caller};
use portcullis_iam::{Context, Outcome, Principal, evaluate};
use portcullis_sigv4::{Payload, Policy, Presented, Refused, RequestParts, Secret};

use crate::clock::Clock;

/// What a call asks for.
#[derive(Debug)]
pub(super) struct Asked {
    /// The service in the scope of its signature.
    service: &'static str,
    /// Actions and resources that the key's policy must let; what the path says where there are none.
    permissions: Vec<(String, String)>,
}

impl Asked {
    /// What its verb and its path say
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-create-and-manage-apis.html>).
    pub(super) fn of_api_gateway() -> Self {
        Self {
            service: "apigateway",
            permissions: Vec::new(),
        }
    }

    /// These, of AWS WAF's.
    pub(super) fn of_waf(permissions: Vec<(String, String)>) -> Self {
        Self {
            service: "wafv2",
            permissions,
        }
    }
}

/// Who may.
#[derive(Debug, Clone)]
pub enum Access {
    /// Everybody who reaches the listener, which is on loopback.
    Anonymous {
        /// The keys, of which methods of AWS_IAM ask for one.
        keys: Keys,
    },
    /// Whoever signs with one of these keys.
    Signed {
        /// The keys.
        keys: Keys,
        /// Time.
        clock: Arc<dyn Clock>,
        /// The region in ARNs.
        region: Arc<str>,
        /// The account in ARNs.
        account: Arc<str>,
    },
}

impl Access {
    /// The access keys.
    pub fn keys(&self) -> &Keys {
        match self {
            Self::Anonymous { keys } | Self::Signed { keys, .. } => keys,
        }
    }

    /// Who calls, if he may.
    pub(super) fn caller(&self, parts: &Parts, body: &Bytes, asked: &Asked) -> Result<Caller, ApiError> {
        match self {
            Self::Anonymous { .. } if by_a_page(&parts.headers) => Err(ApiError::of(
                StatusCode::FORBIDDEN,
                "AccessDeniedException",
                "This control plane asks for no keys and takes no calls of web pages: call it as localhost or 127.0.0.1, without Origin",
            )),
            Self::Anonymous { .. } => Ok(Caller {
                name: "anonymous".to_owned(),
            }),
            Self::Signed {
                keys,
                clock,
                region,
                account,
            } => {
                let now = i64::try_from(clock.wall().as_secs()).unwrap_or(i64::MAX);
                let (id, known) = verified(keys, (asked.service, now), parts, body)?;
                if asked.permissions.is_empty() {
                    let action = format!("apigateway:{}", parts.method);
                    // Both protocols are of the same resources.
                    let path = parts.uri.path();
                    let path = path.strip_prefix("/v2").unwrap_or(path);
                    let resource = format!("arn:aws:apigateway:{region}::{path}");
                    allowed(&known, account, &action, &resource)?;
                }
                for (action, resource) in &asked.permissions {
                    allowed(&known, account, action, resource)?;
                }
                let name = format!("{} ({id})", known.name);
                Ok(Caller { name })
            }
        }
    }
}

/// Whether a page in somebody's browser sent it: browsers reach loopback, also for pages from elsewhere. They say so by
/// `Origin`; a page whose name was made to lead here (DNS rebinding) still has that name in `Host`.
fn by_a_page(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).map_or("", |host| host.to_str().unwrap_or("?"));
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let is_here = name.is_empty()
        || name == "localhost"
        || name.ends_with(".localhost")
        || name.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    headers.contains_key(ORIGIN) || !is_here
}

fn verified(
    keys: &Keys,
    (service, now): (&str, i64),
    parts: &Parts,
    body: &Bytes,
) -> Result<(String, Arc<KnownKey>), ApiError> {
    let headers: Vec<(&str, &[u8])> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    let request = RequestParts {
        method: parts.method.as_str(),
        path: parts.uri.path().as_bytes(),
        query: parts.uri.query().unwrap_or_default().as_bytes(),
        headers: &headers,
    };
    let policy = Policy::new(service, now);
    let presented = Presented::parse(&request, &policy).map_err(|refused| told(&refused))?;
    let id = presented.access_key_id().to_owned();
    let known = keys
        .known(&id)
        .filter(|known| known.enabled && presented.session_token().is_none());
    let known = known.ok_or_else(|| told(&Refused::UnknownKey))?;
    let secret = Secret::new(known.secret.clone());
    presented
        .verify(&request, &secret, Payload::Bytes(body))
        .map_err(|refused| told(&refused))?;
    Ok((id, known))
}

/// Whether the key's policy lets it.
fn allowed(known: &KnownKey, account: &str, action: &str, resource: &str) -> Result<(), ApiError> {
    let arn = format!("arn:aws:iam::{account}:user/{}", known.name);
    let arns = [arn.as_str()];
    let request = portcullis_iam::Request {
        action,
        resource,
        principal: Principal::Aws { account, arns: &arns },
        context: &Context::new(),
    };
    match evaluate(&[&known.policy], &request).outcome {
        Outcome::Allow => Ok(()),
        outcome => {
            let why = match outcome {
                Outcome::ExplicitDeny => "with an explicit deny in an identity-based policy",
                _ => "because no identity-based policy allows the action",
            };
            let message =
                format!("User: {arn} is not authorized to perform: {action} on resource: {resource} {why}");
            Err(ApiError::of(
                StatusCode::FORBIDDEN,
                "AccessDeniedException",
                message,
            ))
        }
    }
}

fn told(refused: &Refused) -> ApiError {
    ApiError::of(StatusCode::FORBIDDEN, refused.error_type(), refused.detail())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn knows_pages_by_what_browsers_send() {
        for (host, origin, expected) in [
            ("127.0.0.1:9080", None, false),
            ("127.8.0.1", None, false),
            ("[::1]:9080", None, false),
            ("LocalHost:9080", None, false),
            ("api.localhost:9080", None, false),
            ("evil.example:9080", None, true),
            ("localhost.evil.example", None, true),
            ("192.168.0.1:9080", None, true),
            ("127.0.0.1:9080", Some("https://evil.example"), true),
            ("localhost:9080", Some("null"), true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            headers.extend(origin.map(|origin| (ORIGIN, HeaderValue::from_static(origin))));
            assert_eq!(by_a_page(&headers), expected, "{host} {origin:?}");
        }
    }
}
