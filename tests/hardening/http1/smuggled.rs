//! Requests within requests, by the families that are known (<https://portswigger.net/web-security/request-smuggling>,
//! <https://portswigger.net/research/http-desync-attacks-request-smuggling-reborn>).

use super::{Case, Want, case, chunked, get, post, refused};

const SMUGGLED: &str = "GET /dev/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

pub(super) fn cases() -> Vec<Case> {
    let coding = |field: &str| {
        post(
            &format!("Content-Length: 5\r\n{field}\r\n"),
            &format!("0\r\n\r\n{SMUGGLED}"),
        )
    };
    let alone = |field: &str| post(&format!("{field}\r\n"), &format!("0\r\n\r\n{SMUGGLED}"));
    let both = || refused(400, "length_and_coding");
    let name = || refused(400, "field_name");
    vec![
        case(
            "CL.TE",
            post(
                "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
                "0\r\n\r\nG",
            ),
            both(),
        ),
        case(
            "CL.TE with a whole request",
            coding("Transfer-Encoding: chunked"),
            both(),
        ),
        case(
            "TE.CL",
            post(
                "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
                &format!("2a\r\n{SMUGGLED}\r\n0\r\n\r\n"),
            ),
            both(),
        ),
        case(
            "TE.CL of nothing",
            post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", SMUGGLED),
            both(),
        ),
        case(
            "TE.TE with a blank before the colon",
            coding("Transfer-Encoding : chunked"),
            name(),
        ),
        case(
            "TE.TE with a tab before the colon",
            coding("Transfer-Encoding\t: chunked"),
            name(),
        ),
        case(
            "TE.TE folded",
            coding("X: y\r\n Transfer-Encoding: chunked"),
            refused(400, "obs_fold"),
        ),
        case(
            "TE.TE with a folded value",
            alone("Transfer-Encoding:\r\n chunked"),
            refused(400, "transfer_encoding"),
        ),
        case(
            "TE.TE with NUL",
            alone("Transfer-Encoding: \0chunked"),
            refused(400, "control_character"),
        ),
        case(
            "TE.TE with a vertical tab",
            alone("Transfer-Encoding: \x0bchunked"),
            refused(400, "control_character"),
        ),
        case(
            "TE.TE with a CR",
            alone("Transfer-Encoding: \rchunked"),
            refused(400, "transfer_encoding"),
        ),
        case(
            "TE.TE behind a bare LF",
            coding("X: y\nTransfer-Encoding: chunked"),
            refused(400, "bare_lf"),
        ),
        case(
            "TE.TE behind a bare CR",
            coding("X: y\rTransfer-Encoding: chunked"),
            refused(400, "bare_cr"),
        ),
        case(
            "TE.TE with x",
            alone("Transfer-Encoding: xchunked"),
            refused(400, "transfer_encoding"),
        ),
        case(
            "TE.TE twice",
            alone("Transfer-Encoding: chunked\r\nTransfer-encoding: x"),
            refused(400, "transfer_encoding"),
        ),
        case(
            "TE.TE identity first",
            alone("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"),
            refused(400, "transfer_encoding"),
        ),
        case(
            "TE.TE in a list",
            alone("Transfer-Encoding: identity, chunked"),
            refused(400, "transfer_encoding"),
        ),
        case(
            "TE.TE of another alphabet",
            coding("Transfer\u{2010}Encoding: chunked"),
            name(),
        ),
        case(
            "TE.TE with a quote",
            alone("Transfer-Encoding: 'chunked'"),
            refused(400, "transfer_encoding"),
        ),
        case(
            "TE.TE before a blank",
            coding(" Transfer-Encoding: chunked"),
            refused(400, "obs_fold"),
        ),
        case(
            "TE.TE with parameters",
            coding("Transfer-Encoding;x: chunked"),
            name(),
        ),
        // An underscore is another name: what says something to others is not framing here, and the length counts.
        case(
            "TE.TE with an underscore",
            post("Content-Length: 5\r\nTransfer_Encoding: chunked\r\n", "0\r\n\r\n"),
            Want::Passes(&["POST /a 0\r\n\r\n"]),
        ),
        case(
            "CL.0 with a request behind",
            post("Content-Length: 0\r\n", SMUGGLED),
            Want::Passes(&["POST /a ", "GET /smuggled "]),
        ),
        case(
            "CL.0 with a request inside",
            post(&format!("Content-Length: {}\r\n", SMUGGLED.len()), SMUGGLED),
            Want::Passes(&["POST /a GET /dev/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"]),
        ),
        case(
            "CL.CL",
            post(
                "Content-Length: 5\r\nContent-Length: 0\r\n",
                &format!("hello{SMUGGLED}"),
            ),
            refused(400, "content_length"),
        ),
        case(
            "a length of GET",
            get("Content-Length: 15\r\n") + "hidden in a GET",
            Want::Passes(&["GET /a hidden in a GET"]),
        ),
        case(
            "0.CL by a bare LF",
            get("X: y\nContent-Length: 42\r\n") + SMUGGLED,
            refused(400, "bare_lf"),
        ),
        case(
            "0.CL by a blank",
            get("Content-Length : 42\r\n") + SMUGGLED,
            name(),
        ),
        case(
            "0.CL in the request line",
            format!("GET /dev/a HTTP/1.1\r\n Content-Length: 42\r\nHost: a\r\n\r\n{SMUGGLED}"),
            refused(400, "obs_fold"),
        ),
        case(
            "TERM.EXT",
            chunked(&format!("2;\nxx\r\n2a\r\n0\r\n\r\n{SMUGGLED}\r\n0\r\n\r\n")),
            Want::Cut("bare_lf"),
        ),
        case(
            "EXT.TERM",
            chunked(&format!("2\nxx\r\n0\r\n\r\n{SMUGGLED}")),
            Want::Cut("bare_lf"),
        ),
        case(
            "TERM.SPILL",
            chunked(&format!("5\r\nhello\n2a\r\n0\r\n\r\n{SMUGGLED}\r\n0\r\n\r\n")),
            Want::Cut("chunk_end"),
        ),
        case(
            "SPILL.TERM",
            chunked(&format!("5\r\nhelloXX0\r\n\r\n{SMUGGLED}")),
            Want::Cut("chunk_end"),
        ),
        case(
            "a chunk extension with a CR",
            chunked(&format!("1;x\rx\r\n0\r\n\r\n{SMUGGLED}")),
            Want::Cut("bare_cr"),
        ),
        case(
            "a size of overflow",
            chunked(&format!("fffffffffffffff5\r\nhello\r\n0\r\n\r\n{SMUGGLED}")),
            Want::Cut("chunk_size"),
        ),
        case(
            "trailers that merge",
            chunked(&format!("0\r\nContent-Length: 42\r\n\r\n{SMUGGLED}")),
            Want::Cut("trailer"),
        ),
        case(
            "a trailer that is a request",
            chunked(&format!("0\r\n{SMUGGLED}")),
            Want::Cut("trailer"),
        ),
        case(
            "chunks with a request behind",
            chunked(&format!("0\r\n\r\n{SMUGGLED}")),
            Want::Passes(&["POST /a ", "GET /smuggled "]),
        ),
        case(
            "a request in a value",
            get("X: y\r\n\tGET /dev/smuggled HTTP/1.1\r\n"),
            refused(400, "obs_fold"),
        ),
        case(
            "a request in the target",
            format!("GET /dev/a?x=\r\n{SMUGGLED}"),
            refused(400, "version"),
        ),
        case(
            "a host in the target and another",
            format!("GET http://b/dev/a HTTP/1.1\r\nHost: a\r\n\r\n{SMUGGLED}"),
            Want::AnsweredThen(400, "other_host", &["GET /smuggled "]),
        ),
    ]
}
