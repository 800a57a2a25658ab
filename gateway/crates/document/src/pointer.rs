//! JSON pointers (RFC 6901).

use std::borrow::Cow;

/// The pointer to the place that `parts` lead to, from the root: `["a/b", "0"]` is `/a~1b/0`.
pub fn pointer<I>(parts: I) -> String
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    let mut pointer = String::new();
    for part in parts {
        pointer.push('/');
        pointer.push_str(&escape(part.as_ref()));
    }
    pointer
}

/// One key as a pointer writes it: `~` as `~0` and `/` as `~1`.
pub fn escape(segment: &str) -> Cow<'_, str> {
    if segment.contains(['~', '/']) {
        Cow::Owned(segment.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(segment)
    }
}

/// One segment of a pointer as the key that it names: the reverse of [`escape`].
pub fn unescape(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') {
        Cow::Owned(segment.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(segment)
    }
}

/// The keys along a pointer; `None` where it is neither empty nor begins with `/`.
pub(crate) fn segments(pointer: &str) -> Option<impl Iterator<Item = Cow<'_, str>>> {
    let rest = match pointer.strip_prefix('/') {
        Some(rest) => Some(rest),
        None if pointer.is_empty() => None,
        None => return None,
    };
    Some(rest.into_iter().flat_map(|rest| rest.split('/')).map(unescape))
}

/// An array index as RFC 6901 writes it: digits without a leading zero.
pub(crate) fn index(segment: &str) -> Option<usize> {
    let plain =
        segment.bytes().all(|byte| byte.is_ascii_digit()) && (segment == "0" || !segment.starts_with('0'));
    if plain { segment.parse().ok() } else { None }
}
