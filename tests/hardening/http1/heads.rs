//! Request lines, and what stands before them (RFC 9112 sections 2.2 and 3).

use super::{Case, Want, case, get, refused};

pub(super) fn cases() -> Vec<Case> {
    let line = |line: &str| format!("{line}\r\nHost: a\r\n\r\n");
    vec![
        case(
            "two blank lines before",
            format!("\r\n\r\n{}", get("")),
            refused(400, "blank_lines"),
        ),
        case(
            "a bare LF before",
            format!("\n{}", get("")),
            refused(400, "bare_lf"),
        ),
        case(
            "a bare CR before",
            format!("\r{}", get("")),
            refused(400, "bare_cr"),
        ),
        case(
            "a blank before",
            format!(" {}", get("")),
            refused(400, "request_line"),
        ),
        case(
            "a tab before",
            format!("\t{}", get("")),
            refused(400, "request_line"),
        ),
        case("NUL before", format!("\0{}", get("")), refused(400, "method")),
        case(
            "a byte order mark before",
            format!("\u{feff}{}", get("")),
            refused(400, "method"),
        ),
        case("no method", line("/dev/a HTTP/1.1"), refused(400, "method")),
        case(
            "two blanks behind the method",
            line("GET  /dev/a HTTP/1.1"),
            refused(400, "request_line"),
        ),
        case(
            "a tab behind the method",
            line("GET\t/dev/a HTTP/1.1"),
            refused(400, "request_line"),
        ),
        case(
            "two blanks behind the target",
            line("GET /dev/a  HTTP/1.1"),
            refused(400, "request_line"),
        ),
        case(
            "a tab behind the target",
            line("GET /dev/a\tHTTP/1.1"),
            refused(400, "request_line"),
        ),
        case(
            "a blank behind the version",
            line("GET /dev/a HTTP/1.1 "),
            refused(400, "request_line"),
        ),
        case(
            "a tab behind the version",
            line("GET /dev/a HTTP/1.1\t"),
            refused(400, "request_line"),
        ),
        case(
            "a word behind the version",
            line("GET /dev/a HTTP/1.1 x"),
            refused(400, "request_line"),
        ),
        case(
            "a blank in the target",
            line("GET /dev/a b HTTP/1.1"),
            refused(400, "version"),
        ),
        case(
            "a method that is no token",
            line("G@T /dev/a HTTP/1.1"),
            refused(400, "method"),
        ),
        case(
            "a method in parentheses",
            line("(GET) /dev/a HTTP/1.1"),
            refused(400, "method"),
        ),
        case(
            "NUL in the method",
            line("G\0T /dev/a HTTP/1.1"),
            refused(400, "method"),
        ),
        case(
            "a colon in the method",
            line("GET: /dev/a HTTP/1.1"),
            refused(400, "method"),
        ),
        case(
            "a long method",
            line(&format!("{} /dev/a HTTP/1.1", "G".repeat(33))),
            refused(501, "long_method"),
        ),
        case("CONNECT", line("CONNECT a:443 HTTP/1.1"), refused(405, "connect")),
        case(
            "CONNECT with a path",
            line("CONNECT /dev/a HTTP/1.1"),
            refused(405, "connect"),
        ),
        case("only a method", "GET\r\n\r\n", refused(400, "request_line")),
        case("HTTP/0.9", "GET /dev/a\r\n\r\n", refused(400, "version")),
        case("HTTP/0.9 with a bare LF", "GET /dev/a\n", refused(400, "version")),
        case(
            "no version behind a blank",
            line("GET /dev/a "),
            refused(400, "version"),
        ),
        case(
            "a version in small letters",
            line("GET /dev/a http/1.1"),
            refused(400, "version"),
        ),
        case(
            "a version of another protocol",
            line("GET /dev/a HTTQ/1.1"),
            refused(400, "version"),
        ),
        case(
            "a version without a minor one",
            line("GET /dev/a HTTP/1"),
            refused(400, "version"),
        ),
        case(
            "a version of two digits",
            line("GET /dev/a HTTP/1.10"),
            refused(400, "version"),
        ),
        case(
            "a version with zeros",
            line("GET /dev/a HTTP/01.1"),
            refused(505, "other_version"),
        ),
        case(
            "a version with a comma",
            line("GET /dev/a HTTP/1,1"),
            refused(400, "version"),
        ),
        case(
            "a version with a sign",
            line("GET /dev/a HTTP/+1.1"),
            refused(400, "version"),
        ),
        case(
            "HTTP/0.9 by name",
            line("GET /dev/a HTTP/0.9"),
            refused(505, "other_version"),
        ),
        case(
            "HTTP/1.2",
            line("GET /dev/a HTTP/1.2"),
            refused(505, "other_version"),
        ),
        case(
            "HTTP/2.0",
            line("GET /dev/a HTTP/2.0"),
            refused(505, "other_version"),
        ),
        case(
            "HTTP/9.9",
            line("GET /dev/a HTTP/9.9"),
            refused(505, "other_version"),
        ),
        case(
            "a preface that is none",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r",
            refused(400, "target"),
        ),
        case(
            "a preface behind a request",
            get("") + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            Want::Refused(&["GET /a "], 400, "target"),
        ),
        case(
            "a bare LF behind the line",
            "GET /dev/a HTTP/1.1\nHost: a\r\n\r\n",
            refused(400, "bare_lf"),
        ),
        case(
            "a bare CR behind the line",
            "GET /dev/a HTTP/1.1\rHost: a\r\n\r\n",
            refused(400, "bare_cr"),
        ),
        case(
            "two CR behind the line",
            "GET /dev/a HTTP/1.1\r\r\nHost: a\r\n\r\n",
            refused(400, "bare_cr"),
        ),
        case(
            "a TLS client",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            refused(400, "method"),
        ),
        case(
            "a good one, then a bad one",
            get("") + "GET /dev/b HTTP/3.0\r\n\r\n",
            Want::Refused(&["GET /a "], 505, "other_version"),
        ),
        case(
            "two good ones, then a bad one",
            get("") + &get("") + "\0",
            Want::Refused(&["GET /a ", "GET /a "], 400, "method"),
        ),
        case(
            "a bad one, then a good one",
            line("GET /dev/a HTTP/3.0") + &get(""),
            refused(505, "other_version"),
        ),
    ]
}
