//! The host names that an API has of its own: `{api}.execute-api.…`, and `{api}-{vpce}.execute-api.…` of a private one.

use std::borrow::Cow;

use crate::text;

/// The API in `{api}.execute-api.…`; host names have no case, and ids are in lower case.
pub(super) fn api_of_host(host: &str) -> Option<Cow<'_, str>> {
    let (api, rest) = text::split_once(host, b'.')?;
    let (label, _) = text::split_once(rest, b'.')?;
    let api = match api.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(api.to_ascii_lowercase()),
        false => Cow::Borrowed(api),
    };
    label.eq_ignore_ascii_case("execute-api").then_some(api)
}

/// The API and the endpoint of `{api}-{vpce}`.
pub(super) fn of_endpoint(label: &str) -> Option<(&str, &str)> {
    let at = label.rfind("-vpce-")?;
    Some((label.get(..at)?, label.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_stands_behind_its_api() {
        assert_eq!(of_endpoint("shop-vpce-0a1b"), Some(("shop", "vpce-0a1b")));
        assert_eq!(of_endpoint("my-shop-vpce-0a1b"), Some(("my-shop", "vpce-0a1b")));
        assert_eq!(of_endpoint("my-shop"), None);
        assert_eq!(of_endpoint("vpce-0a1b"), None);
    }
}
