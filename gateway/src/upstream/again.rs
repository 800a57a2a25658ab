//! A request that can be sent once more.

use http::{HeaderName, HeaderValue, Method, Request, Uri};

use crate::proxy::body::Body;

/// What is needed to make a request once more. All requests that can be sent again pay for it and hardly one needs it: so
/// its head lies in one piece, as HTTP/1.1 has it, where a second map would count each name and value as shared. Over
/// HTTP/1.1 the head that was sent is that piece.
#[derive(Debug)]
pub(super) struct Again {
    /// Lines that end with CR LF; those of sensitive values with LF alone.
    head: Vec<u8>,
    body: Body,
}

impl Again {
    /// Of a request whose URI is a path; none of one whose body comes but once.
    pub(super) fn of(request: &Request<Body>) -> Option<Self> {
        let body = request.body().again()?;
        let (method, path) = (
            request.method().as_str(),
            request.uri().path_and_query()?.as_str(),
        );
        let headers = request.headers();
        let of_field = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
        let fields: usize = headers.iter().map(of_field).sum();
        let mut head = Vec::with_capacity(method.len() + path.len() + 3 + fields);
        for part in [method, " ", path, "\r\n"] {
            head.extend_from_slice(part.as_bytes());
        }
        for (name, value) in headers {
            let end: &[u8] = if value.is_sensitive() { b"\n" } else { b"\r\n" };
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), end] {
                head.extend_from_slice(part);
            }
        }
        Some(Self { head, body })
    }

    /// Of a request without a body whose head was sent so.
    pub(super) fn of_head(head: Vec<u8>) -> Self {
        Self {
            head,
            body: Body::Empty,
        }
    }

    /// The request.
    pub(super) fn request(self) -> Option<Request<Body>> {
        let mut lines = self.head.split_inclusive(|byte| *byte == b'\n');
        // Neither a method nor a path has spaces.
        let mut first = lines.next()?.trim_ascii_end().split(|byte| *byte == b' ');
        let (method, path) = (first.next()?, first.next()?);
        let mut request = Request::new(self.body);
        *request.method_mut() = Method::from_bytes(method).ok()?;
        *request.uri_mut() = Uri::try_from(path).ok()?;
        for line in lines.take_while(|line| *line != b"\r\n") {
            let (name, value) = field(line)?;
            request.headers_mut().append(name, value);
        }
        Some(request)
    }
}

fn field(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let (field, is_sensitive) = match line.strip_suffix(b"\r\n") {
        Some(field) => (field, false),
        None => (line.strip_suffix(b"\n")?, true),
    };
    // A name has no colon.
    let colon = field.iter().position(|byte| *byte == b':')?;
    let (name, value) = field.split_at_checked(colon)?;
    let mut value = HeaderValue::from_bytes(value.strip_prefix(b": ")?).ok()?;
    value.set_sensitive(is_sensitive);
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

    #[test]
    fn a_head_that_was_sent_is_a_request() {
        let head =
            b"DELETE /a?b HTTP/1.1\r\nhost: h\r\nx-empty: \r\nx-spaces:  x \r\nx: 1\r\nx: 2\r\n\r\nmore";
        let request = Again::of_head(head.to_vec()).request().expect("a request");
        assert_eq!(
            (request.method(), request.uri().to_string()),
            (&Method::DELETE, "/a?b".to_owned())
        );
        let fields: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let expected: [(&str, &[u8]); 5] = [
            ("host", b"h"),
            ("x-empty", b""),
            ("x-spaces", b" x "),
            ("x", b"1"),
            ("x", b"2"),
        ];
        assert_eq!(fields, expected);
        assert!(matches!(request.body(), Body::Empty));
    }
}
