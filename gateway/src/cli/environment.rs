//! What the environment says beside the options.

use std::collections::BTreeMap;

use crate::config::ENDPOINT_URL;

/// The variables that name servers of AWS's services: `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_{SERVICE}`.
pub(super) fn endpoints() -> BTreeMap<String, String> {
    let is_endpoint = |name: &str| {
        let rest = name.strip_prefix(ENDPOINT_URL);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| is_endpoint(name))
        .collect()
}
