//! Requests that ask for a new response, by `Cache-Control: max-age=0`, and whether they may
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html#invalidate-method-caching>).

use http::{HeaderMap, header};

use crate::config::UnauthorizedCacheControl;
use crate::plan::{CachePlan, Renewal};
use crate::proxy::authorize;
use crate::proxy::call::Head;
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::Refusal;

/// What a request asks of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Whatever there is.
    Nothing,
    /// A new response, which it gets.
    Renewed,
    /// A new response, and it is told that it may not.
    InVain,
}

/// What a request asks, and may ask.
pub(super) fn asked(exchange: &Exchange, plan: &CachePlan, head: &Head) -> Result<Asked, Refusal> {
    if !asks(&head.headers) {
        return Ok(Asked::Nothing);
    }
    let Renewal::Authorized(otherwise) = plan.renewal else {
        return Ok(Asked::Renewed);
    };
    if authorize::may_invalidate(exchange, head) {
        return Ok(Asked::Renewed);
    }
    match otherwise {
        UnauthorizedCacheControl::FailWith403 => Err(authorize::may_not_invalidate(exchange, head)),
        UnauthorizedCacheControl::SucceedWithResponseHeader => Ok(Asked::InVain),
        UnauthorizedCacheControl::SucceedWithoutResponseHeader => Ok(Asked::Nothing),
    }
}

fn asks(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::CACHE_CONTROL).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).any(|directive| {
        directive
            .split_once('=')
            .is_some_and(|(name, value)| name.trim().eq_ignore_ascii_case("max-age") && value.trim() == "0")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_age_of_nothing_asks() {
        for (value, expected) in [
            ("max-age=0", true),
            ("MAX-AGE=0", true),
            ("no-transform, max-age=0", true),
            ("max-age = 0", true),
            ("max-age=00", false),
            ("max-age=1", false),
            ("s-maxage=0", false),
            // API Gateway's guide names max-age=0 alone.
            ("no-cache", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(header::CACHE_CONTROL, value.parse().expect("a value"));
            assert_eq!(asks(&headers), expected, "{value}");
        }
        assert!(!asks(&HeaderMap::new()));
    }
}
