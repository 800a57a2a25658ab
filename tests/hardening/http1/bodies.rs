//! Lengths and chunks (RFC 9112 sections 6 and 7).

use super::{Case, Want, case, chunked, post, refused};

pub(super) fn cases() -> Vec<Case> {
    let length = |value: &str| post(&format!("Content-Length:{value}\r\n"), "hello");
    let bad = || refused(400, "content_length");
    let coding = |value: &str| post(&format!("Transfer-Encoding:{value}\r\n"), "0\r\n\r\n");
    let unknown = || refused(400, "transfer_encoding");
    let long = "x".repeat(9_000);
    vec![
        case("an empty length", length(""), bad()),
        case("a length with a plus", length(" +5"), bad()),
        case("a length with a minus", length(" -5"), bad()),
        case("a length in hexadecimal", length(" 0x5"), bad()),
        case("a length of letters", length(" five"), bad()),
        case("a length with a fraction", length(" 5.0"), bad()),
        case("a length with an exponent", length(" 5e0"), bad()),
        case("a length with an underscore", length(" 1_0"), bad()),
        case("a length with a blank", length(" 5 5"), bad()),
        case("a list of lengths", length(" 5, 5"), bad()),
        case("a list of different lengths", length(" 5, 6"), bad()),
        case("a length with a semicolon", length(" 5;"), bad()),
        case("a length in quotes", length(" \"5\""), bad()),
        case(
            "a length of digits of another alphabet",
            length(" \u{665}"),
            bad(),
        ),
        case("a length over 64 bits", length(" 18446744073709551621"), bad()),
        case("a length of many digits", length(" 00000000000000000005"), bad()),
        case(
            "a length with NUL",
            length(" 5\0"),
            refused(400, "control_character"),
        ),
        case(
            "two lengths that are equal",
            length(" 5\r\nContent-Length: 5"),
            bad(),
        ),
        case(
            "two lengths that differ",
            length(" 5\r\nContent-Length: 6"),
            bad(),
        ),
        case(
            "two lengths of different letters",
            length(" 0\r\nCONTENT-LENGTH: 5"),
            bad(),
        ),
        case("a coding that is not known", coding(" gzip"), unknown()),
        case("a coding and then chunks", coding(" gzip, chunked"), unknown()),
        case("chunks and then a coding", coding(" chunked, gzip"), unknown()),
        case("identity", coding(" identity"), unknown()),
        case("chunks twice", coding(" chunked, chunked"), unknown()),
        case("chunks with parameters", coding(" chunked;q=1"), unknown()),
        case("chunks in quotes", coding(" \"chunked\""), unknown()),
        case("no coding", coding(""), unknown()),
        case("chunks behind a comma", coding(" ,chunked"), unknown()),
        case("chunks before a comma", coding(" chunked,"), unknown()),
        case("nearly chunks", coding(" chunke"), unknown()),
        case("more than chunks", coding(" chunkedx"), unknown()),
        case("chunks with a long s", coding(" chun\u{212a}ed"), unknown()),
        case(
            "two codings",
            coding(" chunked\r\nTransfer-Encoding: chunked"),
            refused(400, "transfer_encoding"),
        ),
        case(
            "two codings, one of them unknown",
            coding(" chunked\r\nTransfer-Encoding: x"),
            refused(400, "transfer_encoding"),
        ),
        case(
            "chunks in HTTP/1.0",
            "POST /dev/a HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            refused(400, "transfer_encoding"),
        ),
        case(
            "no size",
            chunked("\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_size"),
        ),
        case(
            "a size with a plus",
            chunked("+5\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_size"),
        ),
        case(
            "a size with a minus",
            chunked("-5\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_size"),
        ),
        case(
            "a size with 0x",
            chunked("0x5\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_size"),
        ),
        case(
            "a blank before a size",
            chunked(" 5\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_size"),
        ),
        case(
            "a blank behind a size",
            chunked("5 \r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_size"),
        ),
        case(
            "a tab behind a size",
            chunked("5\t\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_size"),
        ),
        case(
            "a size with an underscore",
            chunked("0_5\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_size"),
        ),
        case(
            "a size over 64 bits",
            chunked("10000000000000005\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_size"),
        ),
        case(
            "a size of many digits",
            chunked("0000000000000005\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_size"),
        ),
        case(
            "a size with a comma",
            chunked("5,\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_size"),
        ),
        case(
            "a bare LF behind a size",
            chunked("5\nhello\r\n0\r\n\r\n"),
            Want::Cut("bare_lf"),
        ),
        case(
            "a bare CR behind a size",
            chunked("5\rhello\r\n0\r\n\r\n"),
            Want::Cut("bare_cr"),
        ),
        case(
            "a bare LF behind data",
            chunked("5\r\nhello\n0\r\n\r\n"),
            Want::Cut("chunk_end"),
        ),
        case(
            "nothing behind data",
            chunked("5\r\nhello0\r\n\r\n"),
            Want::Cut("chunk_end"),
        ),
        case(
            "more data than said",
            chunked("4\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_end"),
        ),
        case(
            "less data than said",
            chunked("6\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_end"),
        ),
        case(
            "a bare CR behind data",
            chunked("5\r\nhello\r0\r\n\r\n"),
            Want::Cut("chunk_end"),
        ),
        case(
            "long extensions",
            chunked(&format!("5;{long}\r\nhello\r\n0\r\n\r\n")),
            Want::Cut("chunk_extension"),
        ),
        case(
            "NUL in an extension",
            chunked("5;a\0\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("chunk_extension"),
        ),
        case(
            "a bare LF in an extension",
            chunked("5;a\nhello\r\n0\r\n\r\n"),
            Want::Cut("bare_lf"),
        ),
        case(
            "a bare CR in an extension",
            chunked("5;a\rb\r\nhello\r\n0\r\n\r\n"),
            Want::Cut("bare_cr"),
        ),
        case(
            "a bare LF behind the last chunk",
            chunked("5\r\nhello\r\n0\n\n"),
            Want::Cut("bare_lf"),
        ),
        case(
            "a bare LF at the end",
            chunked("5\r\nhello\r\n0\r\n\n"),
            Want::Cut("bare_lf"),
        ),
        case(
            "a length in a trailer",
            chunked("5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n"),
            Want::Cut("trailer"),
        ),
        case(
            "a coding in a trailer",
            chunked("5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Want::Cut("trailer"),
        ),
        case(
            "a host in a trailer",
            chunked("5\r\nhello\r\n0\r\nHost: b\r\n\r\n"),
            Want::Cut("trailer"),
        ),
        case(
            "credentials in a trailer",
            chunked("5\r\nhello\r\n0\r\nAuthorization: x\r\n\r\n"),
            Want::Cut("trailer"),
        ),
        case(
            "a trailer without a colon",
            chunked("5\r\nhello\r\n0\r\nhello\r\n\r\n"),
            Want::Cut("trailer"),
        ),
        case(
            "a folded trailer",
            chunked("5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n"),
            Want::Cut("obs_fold"),
        ),
        case(
            "NUL in a trailer",
            chunked("5\r\nhello\r\n0\r\nX: \0\r\n\r\n"),
            Want::Cut("control_character"),
        ),
        case(
            "a long trailer",
            chunked(&format!("5\r\nhello\r\n0\r\nX: {long}\r\n\r\n")),
            Want::Cut("trailer"),
        ),
        case(
            "many trailers",
            chunked(&format!("5\r\nhello\r\n0\r\n{}\r\n", "X: y\r\n".repeat(65))),
            Want::Cut("trailer"),
        ),
    ]
}
