//! What must pass.

use super::{Case, Want, case, chunked, get, post};

pub(super) fn cases() -> Vec<Case> {
    let two = get("") + "GET /dev/b HTTP/1.1\r\nhost: a\r\n\r\n";
    let three = post("Content-Length: 5\r\n", "hello") + &chunked("3\r\nabc\r\n0\r\n\r\n") + &get("");
    let large = get(&format!("X-Large: {}\r\n", "x".repeat(60_000)));
    let many = get(&"a: b\r\n".repeat(99));
    let long = format!("GET /dev/a?{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(16_000));
    let long_seen: &'static str = Box::leak(format!("GET /a?{} ", "x".repeat(16_000)).into_boxed_str());
    let long_seen: &'static [&'static str] = Box::leak(Box::new([long_seen]));
    vec![
        case("a request", get(""), Want::Passes(&["GET /a "])),
        case("two pipelined", two, Want::Passes(&["GET /a ", "GET /b "])),
        case(
            "three with bodies",
            three,
            Want::Passes(&["POST /a hello", "POST /a abc", "GET /a "]),
        ),
        case(
            "a blank line before",
            format!("\r\n{}", get("")),
            Want::Passes(&["GET /a "]),
        ),
        case(
            "a blank line between",
            format!("{}\r\n{}", get(""), get("")),
            Want::Passes(&["GET /a ", "GET /a "]),
        ),
        case(
            "a length",
            post("Content-Length: 5\r\n", "hello"),
            Want::Passes(&["POST /a hello"]),
        ),
        case(
            "a length of nothing",
            post("Content-Length: 0\r\n", ""),
            Want::Passes(&["POST /a "]),
        ),
        case(
            "a length with zeros before",
            post("Content-Length: 005\r\n", "hello"),
            Want::Passes(&["POST /a hello"]),
        ),
        case(
            "a length with blanks around",
            post("Content-Length: \t5 \t\r\n", "hello"),
            Want::Passes(&["POST /a hello"]),
        ),
        case(
            "a body of lines",
            post("Content-Length: 4\r\n", "\r\n\r\n"),
            Want::Passes(&["POST /a \r\n\r\n"]),
        ),
        case(
            "a body like a request",
            post("Content-Length: 18\r\n", "GET / HTTP/1.1\r\n\r\n"),
            Want::Passes(&["POST /a GET / HTTP/1.1\r\n\r\n"]),
        ),
        case(
            "chunks",
            chunked("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"),
            Want::Passes(&["POST /a hello!"]),
        ),
        case(
            "a chunk in hexadecimal",
            chunked("00A\r\n0123456789\r\n0\r\n\r\n"),
            Want::Passes(&["POST /a 0123456789"]),
        ),
        case(
            "chunk extensions",
            chunked("5;a;b=c;d=\"e f\"\r\nhello\r\n0;last\r\n\r\n"),
            Want::Passes(&["POST /a hello"]),
        ),
        case(
            "trailers",
            post(
                "TE: trailers\r\nTransfer-Encoding: chunked\r\n",
                "5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Two:\r\n\r\n",
            ),
            Want::Passes(&["POST /a hello"]),
        ),
        case(
            "several zeros at the end",
            chunked("5\r\nhello\r\n000\r\n\r\n"),
            Want::Passes(&["POST /a hello"]),
        ),
        case(
            "chunked in capitals",
            post("TRANSFER-ENCODING: Chunked\r\n", "0\r\n\r\n"),
            Want::Passes(&["POST /a "]),
        ),
        case(
            "100-continue",
            post("Expect: 100-continue\r\nContent-Length: 5\r\n", "hello"),
            Want::Passes(&["POST /a hello"]),
        ),
        case("a large head", large, Want::Passes(&["GET /a "])),
        case("a hundred fields", many, Want::Passes(&["GET /a "])),
        case("a long target", long, Want::Passes(long_seen)),
        case(
            "HTTP/1.0",
            "GET /dev/a HTTP/1.0\r\n\r\n",
            Want::Last(&["GET /a "]),
        ),
        case(
            "HTTP/1.0 that is kept",
            "GET /dev/a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            Want::Passes(&["GET /a "]),
        ),
        case(
            "the last request",
            get("Connection: close\r\n"),
            Want::Last(&["GET /a "]),
        ),
        case(
            "nothing behind the last request",
            get("Connection: close\r\n") + &get(""),
            Want::Last(&["GET /a "]),
        ),
        case("an empty value", get("X-Empty:\r\n"), Want::Passes(&["GET /a "])),
        case(
            "a value without a blank",
            get("X:y\r\n"),
            Want::Passes(&["GET /a "]),
        ),
        case(
            "tabs in a value",
            get("X: \ty\tz\t\r\n"),
            Want::Passes(&["GET /a "]),
        ),
        case(
            "bytes of other alphabets in a value",
            get("X: \u{e9}\u{ff}\r\n"),
            Want::Passes(&["GET /a "]),
        ),
        case(
            "a name of all that names have",
            get("!#$%&'*+-.^_`|~09azAZ: y\r\n"),
            Want::Passes(&["GET /a "]),
        ),
        case(
            "an unknown method",
            "PURGE /dev/a HTTP/1.1\r\nHost: a\r\n\r\n",
            Want::Unknown(403),
        ),
        case(
            "HEAD",
            "HEAD /dev/a HTTP/1.1\r\nHost: a\r\n\r\n",
            Want::Passes(&["HEAD /a "]),
        ),
        case(
            "OPTIONS of everything",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            Want::Unknown(403),
        ),
        case(
            "an upgrade to HTTP/2",
            get(
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
            ),
            Want::Passes(&["GET /a "]),
        ),
        case(
            "an upgrade with a request behind it",
            get("Connection: Upgrade\r\nUpgrade: websocket\r\n") + &get(""),
            Want::Passes(&["GET /a ", "GET /a "]),
        ),
    ]
}
