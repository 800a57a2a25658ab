//! Bytes and what comes of them; the suite `hardening` has the same and more against a running gateway.

use super::verdict;
use crate::{Checker, Limits, Reason};

fn with(fields: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n")
}

fn chunked(body: &str) -> String {
    with("Transfer-Encoding: chunked") + body
}

#[test]
fn good_messages_pass() {
    for (bytes, heads) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 1),
        (
            "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n".to_owned(),
            2,
        ),
        ("OPTIONS * HTTP/1.1\r\nhost:a\r\n\r\n".to_owned(), 1),
        ("GET HTTP://a:80/x?y HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 1),
        ("GET https://a?y HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 1),
        (
            with("Content-Length: 5") + "hello" + &with("content-length:\t0 \t"),
            2,
        ),
        (with("X: \u{e9}\ttab\r\nEmpty:\r\nBlank: \t"), 1),
        (chunked("5\r\nhello\r\n0\r\n\r\n"), 1),
        (
            chunked("A;x=\"y\";z\r\n0123456789\r\n000\r\nX-Sum: 1\r\n\r\n") + &with("X: y"),
            2,
        ),
        (with("TRANSFER-encoding:chunKED \t") + "0\r\n\r\n", 1),
    ] {
        assert_eq!(verdict(bytes.as_bytes()), (Ok(()), heads), "{bytes:?}");
    }
}

#[test]
fn each_reason_has_its_bytes() {
    let long = "x".repeat(70_000);
    let many = "a: b\r\n".repeat(101);
    for (bytes, reason) in [
        ("GET / HTTP/1.1\nHost: a\r\n\r\n".to_owned(), Reason::BareLf),
        (with("a: b\nc: d"), Reason::BareLf),
        (with("a: b\rc: d"), Reason::BareCr),
        ("\r\n\r\nGET / HTTP/1.1\r\n".to_owned(), Reason::BlankLines),
        ("\rGET / HTTP/1.1\r\n".to_owned(), Reason::BareCr),
        (with("a: \0"), Reason::ControlCharacter),
        (with("a: \x7f"), Reason::ControlCharacter),
        (" GET / HTTP/1.1\r\n".to_owned(), Reason::RequestLine),
        ("GET  / HTTP/1.1\r\n".to_owned(), Reason::RequestLine),
        ("GET\t/ HTTP/1.1\r\n".to_owned(), Reason::RequestLine),
        ("GET /  HTTP/1.1\r\n".to_owned(), Reason::RequestLine),
        ("GET / HTTP/1.1 \r\n".to_owned(), Reason::RequestLine),
        ("G(T / HTTP/1.1\r\n".to_owned(), Reason::Method),
        (format!("{} / HTTP/1.1\r\n", &long[..33]), Reason::LongMethod),
        ("CONNECT a:443 HTTP/1.1\r\n".to_owned(), Reason::Connect),
        ("GET a HTTP/1.1\r\n".to_owned(), Reason::Target),
        ("GET * HTTP/1.1\r\n".to_owned(), Reason::Target),
        ("OPTIONSX * HTTP/1.1\r\n".to_owned(), Reason::Target),
        ("GET ftp://a/ HTTP/1.1\r\n".to_owned(), Reason::Target),
        ("GET http:/// HTTP/1.1\r\n".to_owned(), Reason::Target),
        ("GET httpss://a/ HTTP/1.1\r\n".to_owned(), Reason::Target),
        ("GET http://u@a/ HTTP/1.1\r\n".to_owned(), Reason::Target),
        ("GET /#f HTTP/1.1\r\n".to_owned(), Reason::Target),
        ("GET /\u{e9} HTTP/1.1\r\n".to_owned(), Reason::Target),
        (
            format!("GET /{} HTTP/1.1\r\n", &long[..16_384]),
            Reason::LongTarget,
        ),
        ("GET /\r\n".to_owned(), Reason::Version),
        ("GET / http/1.1\r\n".to_owned(), Reason::Version),
        ("GET / HTTP/1.10\r\n".to_owned(), Reason::Version),
        ("GET / HTTP/1.2\r\n".to_owned(), Reason::OtherVersion),
        ("GET / HTTP/2.0\r\n".to_owned(), Reason::OtherVersion),
        (with(": b"), Reason::FieldName),
        (with("a : b"), Reason::FieldName),
        (with("a"), Reason::FieldName),
        (with("a(: b"), Reason::FieldName),
        (with("a: b\r\n c"), Reason::ObsFold),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n".to_owned(), Reason::ObsFold),
        (with(&format!("a: {long}")), Reason::LargeHead),
        (with(&many), Reason::ManyFields),
        (
            with("Content-Length: 5\r\nContent-Length: 5"),
            Reason::ContentLength,
        ),
        (with("Content-Length: 5, 5"), Reason::ContentLength),
        (with("Content-Length: +5"), Reason::ContentLength),
        (with("Content-Length: 5 5"), Reason::ContentLength),
        (with("Content-Length:"), Reason::ContentLength),
        (
            with("Content-Length: 00000000000000000005"),
            Reason::ContentLength,
        ),
        (
            with("Content-Length: 5\r\nTransfer-Encoding: chunked"),
            Reason::LengthAndCoding,
        ),
        (
            with("Transfer-Encoding: chunked\r\nContent-Length: 5"),
            Reason::LengthAndCoding,
        ),
        (
            with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            Reason::TransferEncoding,
        ),
        (
            "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
            Reason::TransferEncoding,
        ),
        (with("Transfer-Encoding: gzip, chunked"), Reason::TransferEncoding),
        (
            with("Transfer-Encoding: chunked, chunked"),
            Reason::TransferEncoding,
        ),
        (with("Transfer-Encoding: chunke"), Reason::TransferEncoding),
        (with("Transfer-Encoding:"), Reason::TransferEncoding),
        (chunked("0x5\r\n"), Reason::ChunkSize),
        (chunked("-5\r\n"), Reason::ChunkSize),
        (chunked("5 \r\n"), Reason::ChunkSize),
        (chunked("\r\n"), Reason::ChunkSize),
        (chunked(";a\r\n"), Reason::ChunkSize),
        (chunked("0000000000000005\r\n"), Reason::ChunkSize),
        (chunked("5\nhello\r\n"), Reason::BareLf),
        (chunked("5;a\nhello\r\n"), Reason::BareLf),
        (chunked("5;a\rhello\r\n"), Reason::BareCr),
        (chunked("5;\0\r\nhello"), Reason::ChunkExtension),
        (
            chunked(&format!("5;{}\r\nhello", &long[..9000])),
            Reason::ChunkExtension,
        ),
        (chunked("5\r\nhello0\r\n\r\n"), Reason::ChunkEnd),
        (chunked("5\r\nhello\n0\r\n\r\n"), Reason::ChunkEnd),
        (chunked("0\r\nContent-Length: 5\r\n\r\n"), Reason::Trailer),
        (chunked("0\r\nGET / HTTP/1.1\r\n\r\n"), Reason::Trailer),
        (
            chunked(&format!("0\r\na: {}\r\n\r\n", &long[..9000])),
            Reason::Trailer,
        ),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), Reason::Host),
        (with("HOST: a"), Reason::Host),
    ] {
        let told = &bytes[..bytes.floor_char_boundary(60)];
        assert_eq!(
            verdict(bytes.as_bytes()).0.unwrap_err().reason,
            reason,
            "{told:?}"
        );
    }
}

#[test]
fn what_came_before_is_kept() {
    let good = with("a: b");
    let bytes = format!("{good}\r\nGET / HTTP/3.0\r\n");
    let breach = verdict(bytes.as_bytes()).0.unwrap_err();
    assert_eq!((breach.kept, breach.in_body), (good.len(), false));
    assert_eq!(breach.offset, (bytes.len() - 5) as u64);

    let bytes = chunked("5\r\nhelloX");
    let breach = verdict(bytes.as_bytes()).0.unwrap_err();
    assert_eq!((breach.kept, breach.in_body), (bytes.len() - 1, true));
}

#[test]
fn nothing_passes_behind_a_breach() {
    let mut checker = Checker::new(Limits::default());
    assert!(checker.feed(b"\0").is_err());
    let breach = checker.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap_err();
    assert_eq!((breach.reason, breach.kept), (Reason::Method, 0));
}

#[test]
fn the_limits_are_those_that_are_said() {
    let limits = Limits {
        head: 64,
        target: 4,
        fields: 2,
    };
    let feed = |bytes: &str| {
        Checker::new(limits)
            .feed(bytes.as_bytes())
            .map_err(|breach| breach.reason)
    };
    assert_eq!(feed("GET /abc HTTP/1.1\r\nHost: a\r\n\r\n"), Ok(()));
    assert_eq!(
        feed("GET /abcd HTTP/1.1\r\nHost: a\r\n\r\n"),
        Err(Reason::LongTarget)
    );
    assert_eq!(
        feed("GET / HTTP/1.1\r\nHost: a\r\nb: c\r\nd: e\r\n\r\n"),
        Err(Reason::ManyFields)
    );
    let head = |length: usize| format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", "a".repeat(length - 26));
    assert_eq!(feed(&(head(64) + &head(64))), Ok(()));
    assert_eq!(feed(&head(65)), Err(Reason::LargeHead));
}

#[test]
fn a_connection_costs_little() {
    assert!(size_of::<Checker>() <= 128, "{}", size_of::<Checker>());
}

#[test]
fn labels_are_of_one_reason_each() {
    let mut labels: Vec<_> = Reason::ALL.iter().map(|reason| reason.label()).collect();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(labels.len(), Reason::ALL.len());
}

/// Every byte where few may stand: those that pass, by the places of the grammar.
#[test]
fn each_place_has_its_bytes() {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let target = |byte: u8| (0x21..0x7f).contains(&byte) && !b"\"#<>".contains(&byte);
    let value = |byte: u8| byte == b'\t' || byte >= b' ' && byte != 0x7f;
    let hexadecimal = |byte: u8| byte.is_ascii_hexdigit();
    let extension = |byte: u8| byte == b'\t' || (b' '..0x7f).contains(&byte);
    let only = |wanted: u8| move |byte: u8| byte == wanted;
    let begin = "GET / HTTP/1.1\r\nHost: a\r\n";
    let chunks = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    type Rule<'a> = &'a dyn Fn(u8) -> bool;
    let places: [(&str, String, Rule<'_>); 17] = [
        ("a method", "G".to_owned(), &|byte| token(byte) || byte == b' '),
        ("a target", "GET /".to_owned(), &|byte| {
            target(byte) || byte == b' '
        }),
        ("the first byte of a target", "GET ".to_owned(), &|byte| {
            b"/hH".contains(&byte)
        }),
        ("a version", "GET / HTTP/1".to_owned(), &only(b'.')),
        ("a minor version", "GET / HTTP/1.".to_owned(), &|byte| {
            b"01".contains(&byte)
        }),
        ("behind a version", "GET / HTTP/1.1".to_owned(), &only(b'\r')),
        ("the end of a line", "GET / HTTP/1.1\r".to_owned(), &only(b'\n')),
        ("the first byte of a field", begin.to_owned(), &|byte| {
            token(byte) || byte == b'\r'
        }),
        ("a name", format!("{begin}a"), &|byte| token(byte) || byte == b':'),
        ("a value", format!("{begin}a: b"), &|byte| {
            value(byte) || byte == b'\r'
        }),
        ("a length", format!("{begin}content-length: 1"), &|byte| {
            byte.is_ascii_digit() || b" \t\r".contains(&byte)
        }),
        ("the first byte of a size", chunks.to_owned(), &hexadecimal),
        ("a size", format!("{chunks}5"), &|byte| {
            hexadecimal(byte) || b";\r".contains(&byte)
        }),
        ("an extension", format!("{chunks}5;"), &|byte| {
            extension(byte) || byte == b'\r'
        }),
        ("the end of a size", format!("{chunks}5\r"), &only(b'\n')),
        ("behind data", format!("{chunks}1\r\nx"), &only(b'\r')),
        ("a trailer", format!("{chunks}0\r\na"), &|byte| {
            token(byte) || byte == b':'
        }),
    ];
    for (place, before, may_stand) in places {
        assert_eq!(verdict(before.as_bytes()).0, Ok(()), "{place}");
        for byte in 0..=u8::MAX {
            let passes = verdict(&[before.as_bytes(), &[byte]].concat()).0.is_ok();
            assert_eq!(passes, may_stand(byte), "{place}: {byte:#x}");
        }
    }
}
