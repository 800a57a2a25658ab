//! Trace headers: one trace has one name, whichever of the two forms a client speaks.
//!
//! `X-Amzn-Trace-Id`
//! (<https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>) is passed on as it
//! came; where there is none it is made, from `traceparent` (<https://www.w3.org/TR/trace-context/>) where that came.
//! `traceparent` and `tracestate` are not changed here: without spans this gateway is none of theirs, and with them the request has
//! its span in there already (`observe/spans.rs`).

use http::{HeaderMap, HeaderName, HeaderValue};

use super::exchange::hex_digits;

/// AWS's trace header.
pub const X_AMZN_TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
/// W3C's trace header.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What vendors add to it.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The `X-Amzn-Trace-Id` of one request.
#[derive(Debug, Clone)]
pub enum Trace {
    /// As the client sent it; with a root added, where it had none.
    Sent(HeaderValue),
    /// Made here: a header is made of it where it is sent, so that a request that sends none allocates nothing.
    Made([u8; 40]),
}

impl Trace {
    /// That of a request with these headers; `seconds` is the time since 1970.
    pub fn of(headers: &HeaderMap, seconds: u64) -> Self {
        // One pass over all costs less than to look either up, which most requests do not have.
        let is_there = |name: &HeaderName| matches!(name.as_str(), "x-amzn-trace-id" | "traceparent");
        if !headers.keys().any(is_there) {
            return Self::Made(root_of(new_id(seconds)));
        }
        let sent = headers.get_all(X_AMZN_TRACE_ID);
        let has_root = |value: &&HeaderValue| value.to_str().is_ok_and(|text| root(text).is_some());
        if let Some(value) = sent.iter().find(has_root) {
            return Self::Sent(value.clone());
        }
        let trace = traceparent(headers).and_then(trace_id);
        let made = root_of(trace.unwrap_or_else(|| new_id(seconds)));
        // One without a root, such as `Self=…` alone, keeps what it says.
        let rest = sent.iter().next().and_then(|value| value.to_str().ok());
        let joined = rest.filter(|rest| !rest.is_empty()).and_then(|rest| {
            HeaderValue::try_from(format!("{}; {rest}", String::from_utf8_lossy(&made))).ok()
        });
        joined.map_or(Self::Made(made), Self::Sent)
    }

    /// The trace id, `$context.xrayTraceId`.
    pub fn root(&self) -> Option<&str> {
        root(match self {
            Self::Sent(value) => value.to_str().ok()?,
            Self::Made(text) => std::str::from_utf8(text).ok()?,
        })
    }

    /// Puts it among the headers of a request to a backend, once.
    pub fn put(&self, headers: &mut HeaderMap) {
        match self {
            Self::Sent(value) => {
                let mut known = headers.get_all(X_AMZN_TRACE_ID).iter();
                if known.next() != Some(value) || known.next().is_some() {
                    headers.insert(X_AMZN_TRACE_ID, value.clone());
                }
            }
            Self::Made(text) => {
                if let Ok(mut value) = HeaderValue::from_bytes(text) {
                    // New each time: not for HTTP/2's table of headers.
                    value.set_sensitive(true);
                    headers.insert(X_AMZN_TRACE_ID, value);
                }
            }
        }
    }
}

/// The value of `Root` in an `X-Amzn-Trace-Id`.
fn root(text: &str) -> Option<&str> {
    let mut fields = text.split(';').filter_map(|field| field.trim().split_once('='));
    let (_, root) = fields.find(|(name, root)| name.eq_ignore_ascii_case("root") && !root.is_empty())?;
    Some(root)
}

/// The client's `traceparent`: exactly one.
pub fn traceparent(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(TRACEPARENT).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

/// Gives a request that does not have the client's headers its W3C trace headers, unchanged. More than one
/// `traceparent` is none.
pub fn carry(from: &HeaderMap, to: &mut HeaderMap) {
    if traceparent(from).is_none() {
        return;
    }
    for name in [TRACEPARENT, TRACESTATE] {
        to.remove(&name);
        for value in from.get_all(&name) {
            to.append(name.clone(), value.clone());
        }
    }
}

/// The trace id of a `traceparent`: `{version}-{32 hex digits}-{16 hex digits}-{flags}`, none of them all zeros.
fn trace_id(traceparent: &str) -> Option<u128> {
    let mut fields = traceparent.split('-');
    let (version, trace) = (fields.next()?, fields.next()?);
    let (parent, flags) = (fields.next()?, fields.next()?);
    let more = fields.next().is_some();
    let good = is_hex(version, 2)
        && version != "ff"
        && is_hex(trace, 32)
        && is_hex(parent, 16)
        && parent.bytes().any(|byte| byte != b'0')
        && is_hex(flags, 2)
        // Later versions may have more.
        && !(more && version == "00");
    let trace = u128::from_str_radix(trace, 16).ok().filter(|trace| *trace != 0)?;
    good.then_some(trace)
}

/// A trace id of the form that AWS's have: it begins with the time.
fn new_id(seconds: u64) -> u128 {
    (u128::from(seconds & 0xffff_ffff) << 96) | (fastrand::u128(..) >> 32)
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `Root=1-{8 hex digits}-{24 hex digits}`
/// (<https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids>).
fn root_of(bits: u128) -> [u8; 40] {
    // Where the two digits of each byte begin.
    const PLACES: [usize; 16] = [7, 9, 11, 13, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38];
    let mut text = *b"Root=1-00000000-000000000000000000000000";
    for (byte, at) in bits.to_be_bytes().into_iter().zip(PLACES) {
        if let Some(place) = text.get_mut(at..at + 2) {
            place.copy_from_slice(&hex_digits(byte));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const W3C: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn map(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    /// Sources: the X-Ray developer guide on the tracing header and on trace ids; the Application Load Balancer guide on
    /// request tracing (a header without a root gets one); W3C Trace Context, section 3.2.
    #[test]
    fn one_trace_has_one_name() {
        for (name, headers, expected) in [
            (
                "the client's own passes as it is",
                map(&[(
                    "x-amzn-trace-id",
                    "Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1",
                )]),
                "Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1",
            ),
            (
                "before traceparent",
                map(&[("x-amzn-trace-id", "Self=1-a-b;Root=1-c-d"), ("traceparent", W3C)]),
                "Self=1-a-b;Root=1-c-d",
            ),
            (
                "derived from traceparent",
                map(&[("traceparent", W3C)]),
                "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736",
            ),
            (
                "a root is added where there is none",
                map(&[("x-amzn-trace-id", "Self=1-a-b"), ("traceparent", W3C)]),
                "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736; Self=1-a-b",
            ),
            (
                "the one with a root of several",
                map(&[("x-amzn-trace-id", "x"), ("x-amzn-trace-id", "Root=1-c-d")]),
                "Root=1-c-d",
            ),
        ] {
            let trace = Trace::of(&headers, 1_767_225_600);
            for mut sent in [headers, HeaderMap::new()] {
                trace.put(&mut sent);
                let sent: Vec<_> = sent.get_all(X_AMZN_TRACE_ID).iter().collect();
                assert_eq!(sent, [expected], "{name}");
            }
            assert_eq!(trace.root(), root(expected), "{name}");
        }
    }

    #[test]
    fn a_bad_traceparent_names_no_trace() {
        for bad in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(trace_id(bad), None, "{bad}");
        }
        let later = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x";
        assert_eq!(trace_id(later), Some(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736));
    }

    #[test]
    fn a_new_root_has_the_time() {
        let made = |headers: &HeaderMap| Trace::of(headers, 1_767_225_600).root().map(str::to_owned);
        let root = made(&map(&[])).expect("a root");
        assert!(root.starts_with("1-6955b900-"), "{root}");
        assert_eq!(root.len(), 35, "{root}");
        assert_ne!(made(&map(&[])), Some(root));
    }

    #[test]
    fn traceparent_is_carried_alone() {
        for (from, expected) in [
            (
                map(&[
                    ("traceparent", W3C),
                    ("tracestate", "a=1"),
                    ("tracestate", "b=2"),
                    ("x", "y"),
                ]),
                map(&[("traceparent", W3C), ("tracestate", "a=1"), ("tracestate", "b=2")]),
            ),
            (map(&[("tracestate", "a=1")]), map(&[])),
            (map(&[("traceparent", W3C), ("traceparent", W3C)]), map(&[])),
        ] {
            let mut to = HeaderMap::new();
            carry(&from, &mut to);
            assert_eq!(to, expected);
        }
    }
}
