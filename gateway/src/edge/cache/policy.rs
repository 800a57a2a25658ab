//! Whether a response may be kept, and for how long (RFC 9111, sections 3 and 4.2).
//!
//! Nothing is guessed: a response that does not say how long it is fresh is not kept.

use std::time::Duration;

use http::{HeaderMap, HeaderName, StatusCode, header};

use super::control::Control;
use crate::edge::headers::hop_by_hop;

/// How long a response is good to be asked about once it is not fresh any more.
const STALE: Duration = Duration::from_secs(600);
/// Headers that a response may depend on; with more it is not kept.
const MOST_VARY: usize = 16;

/// A response that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) vary: Vec<HeaderName>,
    pub(super) lifetime: Lifetime,
}

/// For how long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lifetime {
    /// From when it was made.
    pub(super) fresh: Duration,
    /// How old it was when it came.
    pub(super) age: Duration,
    /// Behind that.
    pub(super) stale: Duration,
}

/// What may be kept of a response to a GET; nothing where it may not. `is_private`: the request said who it was from.
pub(super) fn kept(
    request: &Control,
    is_private: bool,
    status: StatusCode,
    headers: &HeaderMap,
) -> Option<Kept> {
    let control = Control::of(headers);
    // Section 3: whatever a cache may do, of statuses that it understands.
    let is_understood = matches!(
        status.as_u16(),
        200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501
    );
    if !is_understood || request.no_store || control.no_store || control.private || control.no_cache {
        return None;
    }
    // Section 3.5. An API key says as much as `Authorization`.
    if is_private && !(control.public || control.s_maxage.is_some() || control.must_revalidate) {
        return None;
    }
    // Section 7.3: what is set for one client is not for the next.
    if headers.contains_key(header::SET_COOKIE) {
        return None;
    }
    let vary = vary(headers)?;
    // Section 4.2.1: for a shared cache s-maxage comes first.
    let fresh = control.s_maxage.or(control.max_age)?;
    let age = age(headers);
    if fresh <= age {
        return None;
    }
    let has_validator = headers.contains_key(header::ETAG) || headers.contains_key(header::LAST_MODIFIED);
    let mut headers = headers.clone();
    hop_by_hop(&mut headers);
    headers.remove(header::AGE);
    Some(Kept {
        status,
        headers,
        vary,
        lifetime: Lifetime {
            fresh,
            age,
            stale: if has_validator { STALE } else { Duration::ZERO },
        },
    })
}

/// What a response depends on; nothing can be said of `*` (section 4.1).
fn vary(headers: &HeaderMap) -> Option<Vec<HeaderName>> {
    let mut names: Vec<HeaderName> = Vec::new();
    for value in headers.get_all(header::VARY) {
        for name in value
            .to_str()
            .ok()?
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            if name == "*" {
                return None;
            }
            let name = name.parse().ok()?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    (names.len() <= MOST_VARY).then_some(names)
}

/// Section 5.1; what is no number is not known to be young.
fn age(headers: &HeaderMap) -> Duration {
    let Some(age) = headers.get(header::AGE) else {
        return Duration::ZERO;
    };
    let seconds = age.to_str().ok().and_then(|text| text.trim().parse().ok());
    seconds.map_or(Duration::MAX, Duration::from_secs)
}

/// Whether a header of a 304 takes the place of the kept one (section 3.2).
pub(super) fn is_updated(name: &HeaderName) -> bool {
    !matches!(
        *name,
        header::CONTENT_LENGTH
            | header::CONTENT_ENCODING
            | header::CONTENT_TYPE
            | header::CONTENT_RANGE
            | header::VARY
            | header::TRANSFER_ENCODING
            | header::CONNECTION
    )
}
