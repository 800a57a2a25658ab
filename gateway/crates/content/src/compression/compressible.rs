//! Which responses are worth compressing.

use http::{
    HeaderMap, StatusCode,
    header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE},
};

use crate::media_type::{essence, matches};

/// Media types whose bytes are compressed already.
const COMPRESSED: [&str; 22] = [
    "audio/*",
    "image/*",
    "video/*",
    "font/woff",
    "font/woff2",
    "application/epub+zip",
    "application/font-woff",
    "application/gzip",
    "application/java-archive",
    "application/vnd.android.package-archive",
    "application/vnd.rar",
    "application/x-7z-compressed",
    "application/x-brotli",
    "application/x-bzip2",
    "application/x-compress",
    "application/x-gzip",
    "application/x-rar-compressed",
    "application/x-xz",
    "application/x-zip-compressed",
    "application/zip",
    "application/zlib",
    "application/zstd",
];

/// Those among them that are not.
const PLAIN: [&str; 6] = [
    "audio/wav",
    "image/bmp",
    "image/svg+xml",
    "image/vnd.microsoft.icon",
    "image/x-icon",
    "image/x-ms-bmp",
];

/// Whether a response may be compressed: it can have a whole body, has no `Content-Encoding` yet, and its backend does
/// not forbid it (`Cache-Control: no-transform`, RFC 9110 §7.7).
///
/// API Gateway leaves alone only what has a `Content-Encoding`
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-receive-response-with-compressed-payload.html>).
/// Media that is compressed already is left alone here too: it takes time and would grow.
///
/// Whoever compresses a response also removes its `Content-Length` and `Accept-Ranges`, makes its `ETag` weak and adds
/// `Vary: Accept-Encoding`.
pub fn is_compressible(status: StatusCode, headers: &HeaderMap) -> bool {
    let has_whole_body = !status.is_informational()
        && !matches!(
            status,
            StatusCode::NO_CONTENT
                | StatusCode::RESET_CONTENT
                | StatusCode::PARTIAL_CONTENT
                | StatusCode::NOT_MODIFIED
        );
    has_whole_body
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(CONTENT_RANGE)
        && !forbids_transformation(headers)
        && !is_compressed(headers)
}

fn forbids_transformation(headers: &HeaderMap) -> bool {
    let values = headers
        .get_all(CACHE_CONTROL)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|directive| directive.trim().eq_ignore_ascii_case("no-transform"))
}

fn is_compressed(headers: &HeaderMap) -> bool {
    let Some(found) = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(essence)
    else {
        return false;
    };
    let is_one_of = |patterns: &[&str]| patterns.iter().any(|pattern| matches(found, pattern));
    is_one_of(&COMPRESSED) && !is_one_of(&PLAIN)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn knows_what_to_leave_alone() {
        let cases = [
            ("JSON", 200, "content-type", "application/json", true),
            ("errors", 500, "content-type", "application/json", true),
            ("no type", 200, "x-other", "", true),
            ("a type that is none", 200, "content-type", "\u{1}", true),
            (
                "vector images",
                200,
                "content-type",
                "image/svg+xml; charset=utf-8",
                true,
            ),
            ("events", 200, "content-type", "text/event-stream", true),
            ("pictures", 200, "content-type", "image/png", false),
            ("films", 200, "content-type", "Video/MP4", false),
            ("archives", 200, "content-type", "application/zip", false),
            ("fonts", 200, "content-type", "font/woff2", false),
            ("encoded", 200, "content-encoding", "gzip", false),
            ("encoded as identity", 200, "content-encoding", "identity", false),
            ("told not to", 200, "cache-control", "public, No-Transform", false),
            ("other directives", 200, "cache-control", "no-store", true),
            ("a part", 200, "content-range", "bytes 0-1/2", false),
            ("206", 206, "x-other", "", false),
            ("204", 204, "x-other", "", false),
            ("205", 205, "x-other", "", false),
            ("304", 304, "x-other", "", false),
            ("103", 103, "x-other", "", false),
        ];
        for (name, status, header, value, expected) in cases {
            let Ok(value) = HeaderValue::from_str(value).or_else(|_| HeaderValue::from_bytes(b"\xff")) else {
                panic!("{name}")
            };
            let headers = HeaderMap::from_iter([(header.parse().expect(name), value)]);
            let status = StatusCode::from_u16(status).expect(name);
            assert_eq!(is_compressible(status, &headers), expected, "{name}");
        }
    }
}
