//! Hosts (RFC 9112 section 3.2, RFC 9110 section 7.2).

use super::{Case, Want, case, refused};

pub(super) fn cases() -> Vec<Case> {
    let of = |host: &str| format!("GET /dev/a HTTP/1.1\r\nHost:{host}\r\n\r\n");
    let bad = || Want::Answered(400, "host");
    let named = |target: &str, host: &str| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let other = || Want::Answered(400, "other_host");
    let passes = || Want::Passes(&["GET /a "]);
    vec![
        case(
            "no host",
            "GET /dev/a HTTP/1.1\r\nX: y\r\n\r\n",
            refused(400, "host"),
        ),
        case(
            "no host in an absolute form",
            "GET http://a/dev/a HTTP/1.1\r\nX: y\r\n\r\n",
            refused(400, "host"),
        ),
        case("two hosts", of("a\r\nHost: b"), refused(400, "host")),
        case("the same host twice", of("a\r\nhost: a"), refused(400, "host")),
        case(
            "two hosts in HTTP/1.0",
            "GET /dev/a HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
            refused(400, "host"),
        ),
        case("an empty host", of(""), bad()),
        case("a host of blanks", of(" \t "), bad()),
        case("two hosts in one", of(" a, b"), bad()),
        case("a blank in the host", of(" a b"), bad()),
        case("a tab in the host", of(" a\tb"), bad()),
        case("userinfo in the host", of(" u@a"), bad()),
        case("a path in the host", of(" a/b"), bad()),
        case("a query in the host", of(" a?b"), bad()),
        case("a fragment in the host", of(" a#b"), bad()),
        case("a URI for a host", of(" http://a"), bad()),
        case("a backslash in the host", of(" a\\b"), bad()),
        case("an encoded host", of(" %61"), bad()),
        case("other alphabets in the host", of(" \u{e9}"), bad()),
        case("a port without digits", of(" a:"), bad()),
        case("a port of letters", of(" a:http"), bad()),
        case("a port with a sign", of(" a:+80"), bad()),
        case("a port that is none", of(" a:65536"), bad()),
        case("two ports", of(" a:80:80"), bad()),
        case("only a port", of(" :80"), bad()),
        case("an IPv6 address without brackets", of(" ::1"), bad()),
        case("an IPv6 address without its end", of(" [::1"), bad()),
        case("an IPv6 address that is none", of(" [::g]"), bad()),
        case("an IPv6 address with a zone", of(" [fe80::1%25eth0]"), bad()),
        case("an IPv6 address with more behind it", of(" [::1]a"), bad()),
        case("a long host", of(&format!(" {}", "a".repeat(300))), bad()),
        case(
            "a bad host in HTTP/1.0",
            "GET /dev/a HTTP/1.0\r\nConnection: keep-alive\r\nHost: a b\r\n\r\n",
            bad(),
        ),
        case(
            "an absolute form of another host",
            named("http://b/dev/a", "a"),
            other(),
        ),
        case(
            "an absolute form of another port",
            named("http://a:81/dev/a", "a"),
            other(),
        ),
        case(
            "an absolute form of another scheme's port",
            named("https://a/dev/a", "a:80"),
            other(),
        ),
        case(
            "a port that is none in an absolute form",
            named("http://a:99999/dev/a", "a:99999"),
            bad(),
        ),
        case("a host with its port", of(" a:8080"), passes()),
        case("an IPv4 address", of(" 127.0.0.1:80"), passes()),
        case("an IPv6 address", of(" [::1]:80"), passes()),
        case("a host in capitals", of(" EXAMPLE.com"), passes()),
        case("blanks around a host", of("  a \t"), passes()),
    ]
}
