use crate::{Reason, authority, target};

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    for path in [
        "/..",
        "/.",
        // `:path` of HTTP/2, where nothing says that it begins with a slash.
        "..",
        "../b",
        "./b",
        "..;a=1/b",
        "/a/../b",
        "/a/./b",
        "/a/%2e%2E/b",
        "/.%2e/b",
        "/..%2fx",
        "/a%2f..%2fb",
        "/x/..;a=1/y",
        "/a\\b",
        "/a%5cb",
        "/a%5C..%5Cb",
        "/%252e%252e/b",
        "/..%252fb",
        "/a%00",
        "/a%0d%0ab",
        "/a%7f",
        "/%c0%ae%c0%ae/b",
        "/{a}",
        "/a^b",
        "/a`b",
    ] {
        assert_eq!(target::check_path(path), Err(Reason::Path), "{path}");
    }
    for path in ["/\u{e9}", "/a b", "/\"", "/<", "/#"] {
        assert_eq!(target::check_path(path), Err(Reason::Target), "{path}");
    }
}

#[test]
fn other_paths_pass() {
    for path in [
        "/",
        "//a//b",
        "/a..b/.hidden/...",
        "/a%2Fb",
        "/v1.0/%C3%A9",
        "/100%",
        "/%2",
        "/%zz",
        "/%2525",
        "/a|b",
        "/a;b=../c",
        "/~a!$&'()*+,=:@",
    ] {
        assert_eq!(target::check_path(path), Ok(()), "{path}");
    }
    assert_eq!(target::check_query("a=../..&b={c|d}^`\\%00"), Ok(()));
    assert_eq!(target::check_query("a=\u{e9}"), Err(Reason::Target));
}

#[test]
fn hosts_are_names_or_addresses() {
    for host in [
        "a",
        "a.b-c_d:80",
        "127.0.0.1",
        "[::1]",
        "[::1]:8080",
        "A.EXAMPLE:65535",
    ] {
        assert_eq!(authority::check(host.as_bytes()), Ok(()), "{host}");
    }
    for host in [
        "",
        ":80",
        "a:",
        "a:+1",
        "a:65536",
        "a:000080",
        "a:b",
        "a:1:2",
        "a b",
        "a/b",
        "u@a",
        "a?b",
        "a#b",
        "a,b",
        "a%41",
        "[::1",
        "::1",
        "[::1]a",
        "[::1]:",
        "[g]",
        "[fe80::1%25en0]",
        "a[b]",
        "\u{e9}",
        "a\\b",
        "a\tb",
    ] {
        assert_eq!(authority::check(host.as_bytes()), Err(Reason::Host), "{host}");
    }
    for (one, other, same) in [
        ("a", "A", true),
        ("a:80", "a", true),
        ("a", "a:80", true),
        ("a:8080", "a", false),
        ("a", "b", false),
        ("a:443", "a", false),
    ] {
        assert_eq!(authority::is_same(one, other, "80"), same, "{one} {other}");
    }
}
