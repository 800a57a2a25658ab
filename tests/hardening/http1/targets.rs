//! Request targets (RFC 9112 section 3.2, RFC 3986 section 3).

use super::{Case, Want, case, refused};

pub(super) fn cases() -> Vec<Case> {
    let to = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
    let bad = || refused(400, "target");
    let path = || Want::Answered(400, "path");
    vec![
        case("a relative target", to("dev/a"), bad()),
        case("an asterisk", to("*"), bad()),
        case(
            "an asterisk with a path",
            "OPTIONS */dev/a HTTP/1.1\r\nHost: a\r\n\r\n",
            bad(),
        ),
        case("an authority", to("a:80"), bad()),
        case("a question mark alone", to("?x"), bad()),
        case("a scheme that is not known", to("ftp://a/dev/a"), bad()),
        case("a scheme of files", to("file:///dev/a"), bad()),
        case("a scheme without an authority", to("http:/dev/a"), bad()),
        case("an empty authority", to("http:///dev/a"), bad()),
        case("userinfo", to("http://u:p@a/dev/a"), bad()),
        case("a fragment", to("/dev/a#b"), bad()),
        case("a fragment in a query", to("/dev/a?b#c"), bad()),
        case("NUL in the target", to("/dev/a\0"), bad()),
        case("a control character in the target", to("/dev/\x01a"), bad()),
        case("DEL in the target", to("/dev/a\x7f"), bad()),
        case("other alphabets in the path", to("/dev/\u{e9}"), bad()),
        case("other alphabets in the query", to("/dev/a?\u{e9}"), bad()),
        case("quotes in the path", to("/dev/\"a\""), bad()),
        case("angle brackets in the path", to("/dev/<a>"), bad()),
        case("angle brackets in the query", to("/dev/a?<b>"), bad()),
        case(
            "a bare CR in the target",
            to("/dev/a\rb"),
            refused(400, "version"),
        ),
        case(
            "a target over 16 KiB",
            to(&format!("/dev/{}", "a".repeat(16_384))),
            refused(414, "long_target"),
        ),
        case(
            "a query over 16 KiB",
            to(&format!("/dev/a?{}", "a".repeat(16_384))),
            refused(414, "long_target"),
        ),
        case("two dots", to("/dev/a/../b"), path()),
        case("one dot", to("/dev/a/./b"), path()),
        case("two dots at the end", to("/dev/a/.."), path()),
        case("two dots at the beginning", to("/../dev/a"), path()),
        case("two dots as a stage", to("/dev/../dev/a"), path()),
        case("dots encoded", to("/dev/%2e%2e/b"), path()),
        case("dots encoded in part", to("/dev/.%2E/b"), path()),
        case("a slash encoded behind dots", to("/dev/a/..%2fb"), path()),
        case("a slash encoded before dots", to("/dev/a%2f../b"), path()),
        case("dots with parameters", to("/dev/a/..;x=y/b"), path()),
        case("dots encoded twice", to("/dev/%252e%252e/b"), path()),
        case("a slash encoded twice", to("/dev/..%252fb"), path()),
        case("dots in overlong UTF-8", to("/dev/%c0%ae%c0%ae/b"), path()),
        case("a slash in overlong UTF-8", to("/dev/a%c0%afb"), path()),
        case("a backslash", to("/dev/a\\b"), path()),
        case("a backslash encoded", to("/dev/a%5cb"), path()),
        case("backslashes around dots", to("/dev/a\\..\\b"), path()),
        case("NUL encoded", to("/dev/a%00.png"), path()),
        case("a line end encoded in the path", to("/dev/a%0d%0ab"), path()),
        case("braces in the path", to("/dev/{a}"), path()),
        case("dots in an absolute form", to("http://a/dev/../b"), path()),
        case(
            "a slash encoded",
            to("/dev/a%2Fb"),
            Want::Passes(&["GET /a%2Fb "]),
        ),
        case(
            "dots that are no segment",
            to("/dev/a..b/.c/d."),
            Want::Passes(&["GET /a..b/.c/d. "]),
        ),
        case("three dots", to("/dev/..."), Want::Passes(&["GET /... "])),
        case(
            "a line end encoded in the query",
            to("/dev/a?b=%0d%0a"),
            Want::Passes(&["GET /a?b=%0d%0a "]),
        ),
        case(
            "dots in the query",
            to("/dev/a?b=../../c"),
            Want::Passes(&["GET /a?b=../../c "]),
        ),
        case(
            "what browsers send in a query",
            to("/dev/a?b={c|d}"),
            Want::Passes(&["GET /a?b={c|d} "]),
        ),
        case(
            "an absolute form",
            to("http://a/dev/a"),
            Want::Passes(&["GET /a "]),
        ),
        case(
            "an absolute form in capitals",
            to("HTTP://A/dev/a"),
            Want::Passes(&["GET /a "]),
        ),
        case(
            "an absolute form with its port",
            to("http://a:80/dev/a"),
            Want::Passes(&["GET /a "]),
        ),
    ]
}
