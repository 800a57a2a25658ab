//! Fields of a head (RFC 9112 section 5), and how large it may be.

use super::{Case, case, get, refused};

pub(super) fn cases() -> Vec<Case> {
    let first = |field: &str| format!("GET /dev/a HTTP/1.1\r\n{field}\r\nHost: a\r\n\r\n");
    vec![
        case(
            "a blank before the colon",
            get("X : y\r\n"),
            refused(400, "field_name"),
        ),
        case(
            "a tab before the colon",
            get("X\t: y\r\n"),
            refused(400, "field_name"),
        ),
        case(
            "a vertical tab before the colon",
            get("X\x0b: y\r\n"),
            refused(400, "field_name"),
        ),
        case(
            "a blank before the first field",
            first(" X: y"),
            refused(400, "obs_fold"),
        ),
        case(
            "a tab before the first field",
            first("\tX: y"),
            refused(400, "obs_fold"),
        ),
        case("a folded value", get("X: y\r\n z\r\n"), refused(400, "obs_fold")),
        case(
            "a value folded by a tab",
            get("X: y\r\n\tz\r\n"),
            refused(400, "obs_fold"),
        ),
        case(
            "a folded host",
            "GET /dev/a HTTP/1.1\r\nHost:\r\n a\r\n\r\n",
            refused(400, "obs_fold"),
        ),
        case("a line of blanks", get(" \r\n"), refused(400, "obs_fold")),
        case("an empty name", get(": y\r\n"), refused(400, "field_name")),
        case("a line without a colon", get("X\r\n"), refused(400, "field_name")),
        case("a blank in a name", get("X Y: z\r\n"), refused(400, "field_name")),
        case("a slash in a name", get("X/Y: z\r\n"), refused(400, "field_name")),
        case(
            "parentheses in a name",
            get("X(Y): z\r\n"),
            refused(400, "field_name"),
        ),
        case(
            "quotes in a name",
            get("\"X\": z\r\n"),
            refused(400, "field_name"),
        ),
        case(
            "other alphabets in a name",
            get("X\u{e9}: z\r\n"),
            refused(400, "field_name"),
        ),
        case("NUL in a name", get("X\0: y\r\n"), refused(400, "field_name")),
        case("DEL in a name", get("X\x7f: y\r\n"), refused(400, "field_name")),
        case("a CR in a name", get("X\rY: z\r\n"), refused(400, "field_name")),
        case(
            "NUL in a value",
            get("X: y\0z\r\n"),
            refused(400, "control_character"),
        ),
        case(
            "NUL at the end of a value",
            get("X: y\0\r\n"),
            refused(400, "control_character"),
        ),
        case(
            "an escape in a value",
            get("X: \x1b[1m\r\n"),
            refused(400, "control_character"),
        ),
        case(
            "a vertical tab in a value",
            get("X: y\x0b\r\n"),
            refused(400, "control_character"),
        ),
        case(
            "a form feed in a value",
            get("X: y\x0c\r\n"),
            refused(400, "control_character"),
        ),
        case(
            "DEL in a value",
            get("X: y\x7f\r\n"),
            refused(400, "control_character"),
        ),
        case(
            "a bare LF behind a field",
            get("X: y\nZ: a\r\n"),
            refused(400, "bare_lf"),
        ),
        case(
            "a bare CR in a value",
            get("X: y\rz\r\n"),
            refused(400, "bare_cr"),
        ),
        case(
            "two CR behind a field",
            get("X: y\r\r\n"),
            refused(400, "bare_cr"),
        ),
        case(
            "a bare LF for the blank line",
            "GET /dev/a HTTP/1.1\r\nHost: a\r\n\n",
            refused(400, "bare_lf"),
        ),
        case(
            "a CR and no LF for the blank line",
            "GET /dev/a HTTP/1.1\r\nHost: a\r\n\rX",
            refused(400, "bare_cr"),
        ),
        case(
            "only LFs",
            "GET /dev/a HTTP/1.1\nHost: a\n\n",
            refused(400, "bare_lf"),
        ),
        case(
            "a field split by a bare CR",
            get("X: y\rContent-Length: 5\r\n"),
            refused(400, "bare_cr"),
        ),
        case(
            "a head over 64 KiB",
            get(&format!("X: {}\r\n", "y".repeat(65_536))),
            refused(431, "large_head"),
        ),
        case(
            "many fields over 64 KiB",
            get(&format!("X: {}\r\n", "y".repeat(1_000)).repeat(66)),
            refused(431, "large_head"),
        ),
        case(
            "a name over 64 KiB",
            get(&"y".repeat(65_536)),
            refused(431, "large_head"),
        ),
        case(
            "more than a hundred fields",
            get(&"a: b\r\n".repeat(100)),
            refused(431, "many_fields"),
        ),
        case(
            "an expectation that is not known",
            get("Expect: 200-ok\r\n"),
            super::Want::Answered(417, "expectation"),
        ),
        case(
            "two expectations",
            get("Expect: 100-continue\r\nExpect: x\r\n"),
            super::Want::Answered(417, "expectation"),
        ),
    ]
}
