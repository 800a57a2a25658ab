//! A request that can be sent once more.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

use crate::proxy::body::Body;

/// What is needed to make a request once more. All requests that can be sent again pay for it and hardly one needs it: so
/// its text lies in one piece, where a second map would count each name and value as shared.
#[derive(Debug)]
pub(super) struct Again {
    method: Method,
    body: Body,
    /// The path with its query, then each field: how long its name and its value are, whether the value is sensitive, and both.
    text: Vec<u8>,
    path: usize,
}

impl Again {
    /// Of a request whose URI is a path; none of one whose body comes but once.
    pub(super) fn of(request: &Request<Body>) -> Option<Self> {
        let body = request.body().again()?;
        let path = request.uri().path_and_query()?.as_str();
        let headers = request.headers();
        let of_field =
            |(name, value): (&HeaderName, &HeaderValue)| MEASURES + name.as_str().len() + value.len();
        let mut text = vec![0; path.len() + headers.iter().map(of_field).sum::<usize>()];
        let mut rest = put(path.as_bytes(), &mut text)?;
        for (name, value) in headers {
            let name = name.as_str().as_bytes();
            rest = put(&Measures::of(name, value)?.to_bytes(), rest)?;
            rest = put(name, rest)?;
            rest = put(value.as_bytes(), rest)?;
        }
        Some(Self {
            method: request.method().clone(),
            body,
            path: path.len(),
            text,
        })
    }

    /// The request.
    pub(super) fn request(self) -> Option<Request<Body>> {
        let (path, mut fields) = self.text.split_at_checked(self.path)?;
        let mut request = Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = Uri::try_from(path).ok()?;
        while !fields.is_empty() {
            fields = field(fields, request.headers_mut())?;
        }
        Some(request)
    }
}

/// Fills the beginning, and gives the rest.
fn put<'t>(bytes: &[u8], text: &'t mut [u8]) -> Option<&'t mut [u8]> {
    let (place, rest) = text.split_at_mut_checked(bytes.len())?;
    place.copy_from_slice(bytes);
    Some(rest)
}

/// Bytes of what stands before a field.
const MEASURES: usize = 8;

/// What stands before a field.
struct Measures {
    name: u16,
    value: u32,
    is_sensitive: bool,
}

impl Measures {
    fn of(name: &[u8], value: &HeaderValue) -> Option<Self> {
        Some(Self {
            name: u16::try_from(name.len()).ok()?,
            value: u32::try_from(value.len()).ok()?,
            is_sensitive: value.is_sensitive(),
        })
    }

    fn to_bytes(&self) -> [u8; MEASURES] {
        let both = u64::from(self.name) << 32 | u64::from(self.value);
        (both << 1 | u64::from(self.is_sensitive)).to_le_bytes()
    }

    fn of_bytes(bytes: [u8; MEASURES]) -> Self {
        let all = u64::from_le_bytes(bytes);
        let [v0, v1, v2, v3, n0, n1, ..] = (all >> 1).to_le_bytes();
        Self {
            name: u16::from_le_bytes([n0, n1]),
            value: u32::from_le_bytes([v0, v1, v2, v3]),
            is_sensitive: all & 1 == 1,
        }
    }
}

/// Reads one field, and gives what follows it.
fn field<'t>(text: &'t [u8], headers: &mut HeaderMap) -> Option<&'t [u8]> {
    let (measures, text) = text.split_first_chunk::<MEASURES>()?;
    let measures = Measures::of_bytes(*measures);
    let (name, text) = text.split_at_checked(measures.name.into())?;
    let (value, text) = text.split_at_checked(usize::try_from(measures.value).ok()?)?;
    let mut value = HeaderValue::from_bytes(value).ok()?;
    value.set_sensitive(measures.is_sensitive);
    headers.append(HeaderName::from_bytes(name).ok()?, value);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_request() {
        let mut secret = HeaderValue::from_static("s");
        secret.set_sensitive(true);
        let request = Request::put("/a/b?c=%20&d")
            .header("host", "h:81")
            .header("x-custom", HeaderValue::from_bytes(b"\xe9 x").expect("a value"))
            .header("x-custom", "")
            .header("cookie", secret)
            .body(Body::Whole("text".into()));
        let request = request.expect("a request");
        let again = Again::of(&request).and_then(Again::request).expect("a request");
        assert_eq!(again.method(), request.method());
        assert_eq!(again.uri(), request.uri());
        assert_eq!(again.headers(), request.headers());
        assert!(again.headers()["cookie"].is_sensitive());
        assert!(!again.headers()["host"].is_sensitive());
        assert!(matches!(again.body(), Body::Whole(bytes) if bytes == "text"));
    }
}
