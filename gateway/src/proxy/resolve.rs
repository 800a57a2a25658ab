//! Station 1: which stage a request is for.
//!
//! By a custom domain name and a rule or a base path of it. On every other host by `/_aws/execute-api/{api}/{stage}/…` or
//! `/restapis/{api}/{stage}/_user_request_/…`, else by the header `x-apigw-api-id` (at a listener that is a VPC endpoint) or the
//! host `{api}.execute-api.…` with `/{stage}/…`, else by the listener's default API with `/{stage}/…`.

use std::borrow::Cow;
use std::sync::Arc;

use http::HeaderName;

use super::call::{Call, Head};
use super::exchange::Exchange;
use super::own_name::{api_of_host, of_endpoint};
use super::refusal::Refusal;
use super::{authorize, origin};
use crate::domains::Asked;
use crate::plan::{DeploymentPlan, StageLive};
use crate::text;

/// Where a private API is named through any of its endpoints' hosts
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html>).
const API_ID: HeaderName = HeaderName::from_static("x-apigw-api-id");

/// Pins the stage's plan, notes where the path below the stage begins, and bounds the body as the stage says.
pub fn stage(exchange: &mut Exchange, call: &mut Call) -> Result<(), Refusal> {
    let head = &mut call.head;
    let tls = exchange.connection.tls.as_deref();
    let host = head.host.as_deref().unwrap_or_default();
    let names = &exchange.gateway.tls_names;
    let is_let = tls.is_none_or(|tls| !tls.by_edge || names.lets(host, tls));
    if !names.admits(host, tls) || !is_let {
        return Err(Refusal::misdirected());
    }
    let vpce = || origin::vpce(exchange);
    let found = exchange.gateway.domains.find(&Asked {
        host,
        path: head.target.path(),
        headers: &head.headers,
        vpce: &vpce,
    });
    let (plan, below_stage, way) = match found {
        Some(mapped) => {
            let mapped = mapped.ok_or_else(Refusal::unknown_stage)?;
            let strict = mapped.by.domain().strict;
            if strict.is_some_and(|strict| !strict.admits(host, tls)) {
                return Err(Refusal::misdirected());
            }
            let plan = exchange.gateway.live.plan(mapped.by.api(), mapped.stage());
            let below_stage = mapped.below_stage;
            let private = mapped.by.domain().private.is_some();
            exchange.by_domain = Some(mapped.by);
            (plan, below_stage, Way::Name { private })
        }
        None => by_address(exchange, head)?,
    };
    let plan = plan.map(|plan| drawn(exchange, plan));
    let plan = plan.filter(|plan| way.leads_to(&plan.base, exchange));
    let plan = plan.ok_or_else(Refusal::unknown_stage)?;
    head.below_stage = below_stage;
    call.body.limit(plan.settings.max_request_body);
    exchange.stage = Some(plan);
    exchange.observe(&call.head);
    authorize::admitted(exchange, &call.head)
}

/// How a stage was found.
enum Way {
    Name {
        private: bool,
    },
    Address {
        by_header: bool,
        /// That in `{api}-{vpce}`.
        endpoint: Option<Box<str>>,
    },
}

impl Way {
    /// What does not lead to a deployment is as if there were none
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html>). A private API is
    /// nobody's without a policy (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html>), and
    /// private names lead to private APIs, public ones to the others
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-mode.html>).
    fn leads_to(&self, plan: &DeploymentPlan, exchange: &Exchange) -> bool {
        let is_its_own = matches!(self, Self::Address { .. });
        if is_its_own && plan.by_domain_only {
            return false;
        }
        let Some(associated) = &plan.private else {
            return matches!(
                self,
                Self::Name { private: false }
                    | Self::Address {
                        by_header: false,
                        endpoint: None
                    }
            );
        };
        let is_private = match self {
            Self::Name { private } => *private,
            Self::Address { endpoint: None, .. } => origin::vpce(exchange).is_some(),
            Self::Address {
                endpoint: Some(named),
                ..
            } => associated.contains(named) && origin::vpce(exchange).is_some_and(|vpce| *vpce == **named),
        };
        is_private && plan.policy.is_some()
    }
}

/// The stage of an address that is not of a custom domain name.
fn by_address(exchange: &Exchange, head: &Head) -> Result<(Option<Arc<StageLive>>, usize, Way), Refusal> {
    let default_api = exchange.connection.listener.default_api();
    let named = match head.header(&API_ID) {
        Some(api) if origin::vpce(exchange).is_some() => Some(api),
        _ => None,
    };
    let host = head.host.as_deref();
    let address = Address::find(head.target.path(), named, host, default_api.as_deref());
    let address = address.ok_or_else(Refusal::unknown_stage)?;
    let live = &exchange.gateway.live;
    let mut api = &*address.api;
    let mut plan = live.plan(api, address.stage);
    let mut endpoint = None;
    if plan.is_none()
        && let Some((own, vpce)) = of_endpoint(api)
    {
        plan = live.plan(own, address.stage);
        endpoint = Some(vpce.into());
        api = own;
    }
    let by_header = named.is_some_and(|named| *named == *address.api);
    if let Some(strict) = exchange.gateway.tls_names.strict(api) {
        // By its path, by a header, or by a listener's default, it has a host that says nothing of it.
        let is_named = host.and_then(api_of_host).as_ref() == Some(&address.api);
        let tls = exchange.connection.tls.as_deref();
        if !is_named || !strict.admits(host.unwrap_or_default(), tls) {
            return Err(Refusal::misdirected());
        }
    }
    Ok((plan, address.below_stage, Way::Address { by_header, endpoint }))
}

/// The stage's plan or its canary's; each request draws for itself.
fn drawn(exchange: &mut Exchange, plan: Arc<StageLive>) -> Arc<StageLive> {
    let Some(canary) = &plan.canary else {
        return plan;
    };
    let taken = canary.takes(fastrand::f64());
    exchange.is_canary = Some(taken);
    if taken { canary.live.clone() } else { plan }
}

#[derive(Debug, PartialEq, Eq)]
struct Address<'a> {
    api: Cow<'a, str>,
    stage: &'a str,
    below_stage: usize,
}

impl<'a> Address<'a> {
    fn find(
        path: &'a str,
        named: Option<&'a str>,
        host: Option<&'a str>,
        default_api: Option<&'a str>,
    ) -> Option<Self> {
        if let Some(rest) = path.strip_prefix("/_aws/execute-api/") {
            let (api, rest) = rest.split_once('/')?;
            return Some(Self::of(Cow::Borrowed(api), rest, path));
        }
        if let Some((api, stage, rest)) = path.strip_prefix("/restapis/").and_then(user_request) {
            return Some(Self {
                api: Cow::Borrowed(api),
                stage,
                below_stage: path.len() - rest.len(),
            });
        }
        let of_host = || host.and_then(api_of_host);
        let named = named.map(Cow::Borrowed).or_else(of_host);
        let api = named.or(default_api.map(Cow::Borrowed))?;
        Some(Self::of(api, path.strip_prefix('/')?, path))
    }

    /// `rest` is the end of `path` that begins with the stage.
    fn of(api: Cow<'a, str>, rest: &'a str, path: &str) -> Self {
        let stage = text::split_once(rest, b'/').map_or(rest, |(stage, _)| stage);
        Self {
            api,
            stage,
            below_stage: path.len() - rest.len() + stage.len(),
        }
    }
}

/// `{api}/{stage}/_user_request_/…`: the last part keeps its slash.
fn user_request(rest: &str) -> Option<(&str, &str, &str)> {
    let (api, rest) = rest.split_once('/')?;
    let (stage, rest) = rest.split_once('/')?;
    let rest = rest.strip_prefix("_user_request_")?;
    (rest.is_empty() || rest.starts_with('/')).then_some((api, stage, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_an_api_before_the_host_does() {
        let by_header = Address::find("/dev/x", Some("shop"), Some("vpce-1.execute-api.h"), None);
        assert_eq!(
            by_header.map(|found| found.api.into_owned()).as_deref(),
            Some("shop")
        );
    }

    #[test]
    fn finds_the_stage_by_every_address() {
        for (name, path, host, default, expected) in [
            (
                "by host",
                "/dev/x",
                Some("shop.execute-api.localhost:8080"),
                None,
                Some(("shop", "dev", "/x")),
            ),
            (
                "host in capitals",
                "/dev/x",
                Some("SHOP.Execute-API.localhost"),
                None,
                Some(("shop", "dev", "/x")),
            ),
            (
                "host before default",
                "/dev",
                Some("shop.execute-api.localhost"),
                Some("other"),
                Some(("shop", "dev", "")),
            ),
            (
                "by prefix",
                "/_aws/execute-api/shop/dev/x/y",
                Some("h"),
                None,
                Some(("shop", "dev", "/x/y")),
            ),
            (
                "prefix before host",
                "/_aws/execute-api/a/dev/",
                Some("b.execute-api.h"),
                None,
                Some(("a", "dev", "/")),
            ),
            (
                "user request",
                "/restapis/shop/dev/_user_request_/x",
                None,
                None,
                Some(("shop", "dev", "/x")),
            ),
            (
                "user request, root",
                "/restapis/shop/dev/_user_request_",
                None,
                None,
                Some(("shop", "dev", "")),
            ),
            (
                "default",
                "/dev/x",
                Some("127.0.0.1:80"),
                Some("shop"),
                Some(("shop", "dev", "/x")),
            ),
            (
                "double slash after the stage",
                "/dev//x",
                None,
                Some("shop"),
                Some(("shop", "dev", "//x")),
            ),
            ("no api", "/dev/x", Some("example.com"), None, None),
            ("no stage", "/", None, Some("shop"), Some(("shop", "", ""))),
        ] {
            let found = Address::find(path, None, host, default);
            let found = found.as_ref();
            let found = found.map(|found| (&*found.api, found.stage, &path[found.below_stage..]));
            assert_eq!(found, expected, "{name}");
        }
    }
}
