//! A request that can be sent once more.

use http::{HeaderName, HeaderValue, Method, Request, Uri};

use crate::proxy::body::Body;

/// What is needed to make a request once more. All requests that can be sent again pay for it and hardly one needs it: so
/// its text lies in one piece, where a second map would count each name and value as shared.
#[derive(Debug)]
pub(super) struct Again {
    method: Method,
    body: Body,
    /// The path with its query, then each field as `{name}:{value}`. Each ends with a character that none of them can have.
    text: Vec<u8>,
}

const END: u8 = b'\n';
/// That of a field whose value is sensitive.
const SENSITIVE_END: u8 = b'\r';

impl Again {
    /// Of a request whose URI is a path; none of one whose body comes but once.
    pub(super) fn of(request: &Request<Body>) -> Option<Self> {
        let body = request.body().again()?;
        let path = request.uri().path_and_query()?.as_str();
        let headers = request.headers();
        let of_field = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 2;
        let fields: usize = headers.iter().map(of_field).sum();
        let mut text = Vec::with_capacity(path.len() + 1 + fields);
        text.extend_from_slice(path.as_bytes());
        text.push(END);
        for (name, value) in headers {
            text.extend_from_slice(name.as_str().as_bytes());
            text.push(b':');
            text.extend_from_slice(value.as_bytes());
            text.push(if value.is_sensitive() { SENSITIVE_END } else { END });
        }
        Some(Self {
            method: request.method().clone(),
            body,
            text,
        })
    }

    /// The request.
    pub(super) fn request(self) -> Option<Request<Body>> {
        let mut lines = self
            .text
            .split_inclusive(|byte| matches!(*byte, END | SENSITIVE_END));
        let (_, path) = lines.next()?.split_last()?;
        let mut request = Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = Uri::try_from(path).ok()?;
        for line in lines {
            let (name, value) = field(line)?;
            request.headers_mut().append(name, value);
        }
        Some(request)
    }
}

fn field(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let (end, field) = line.split_last()?;
    // A name has no colon.
    let colon = field.iter().position(|byte| *byte == b':')?;
    let (name, value) = field.split_at_checked(colon)?;
    let mut value = HeaderValue::from_bytes(value.get(1..)?).ok()?;
    value.set_sensitive(*end == SENSITIVE_END);
    Some((HeaderName::from_bytes(name).ok()?, value))
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
            .header("x-colons", "a:b:")
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
