//! Which coding a client gets.

use super::Coding;

/// The coding for a client with this `Accept-Encoding` (RFC 9110 §12.5.3); nothing where the body stays as it is.
///
/// The client's weights decide. Among equals it is gzip before deflate before br, so that br is for clients that
/// prefer it or name nothing else. As API Gateway documents, a coding is used only where the header names it, so that
/// neither `*` nor a missing header compresses anything, and only where nothing that the gateway does not know has a
/// higher weight. The same holds for `identity`. A weight that is no weight makes its element count for nothing.
pub fn negotiate(accept_encoding: Option<&str>) -> Option<Coding> {
    let elements = || accept_encoding.unwrap_or_default().split(',').filter_map(element);
    let mut best: Option<(Coding, u16)> = None;
    for coding in Coding::ALL {
        let weight = elements()
            .find(|(name, _)| Coding::of(name) == Some(coding))
            .map(|(_, weight)| weight);
        if let Some(weight) = weight.filter(|weight| best.is_none_or(|(_, best)| *weight > best)) {
            best = Some((coding, weight));
        }
    }
    let (coding, weight) = best.filter(|(_, weight)| *weight > 0)?;
    let is_outdone =
        elements().any(|(name, other)| name != "*" && Coding::of(name).is_none() && other > weight);
    (!is_outdone).then_some(coding)
}

/// A name and its weight in thousandths.
fn element(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(|part| part.trim_matches([' ', '\t']));
    let name = parts.next().filter(|name| !name.is_empty())?;
    let Some(parameter) = parts.next() else {
        return Some((name, 1_000));
    };
    let (key, value) = parameter.split_once('=')?;
    if !key.trim_end().eq_ignore_ascii_case("q") || parts.next().is_some() {
        return None;
    }
    Some((name, weight(value.trim_start())?))
}

/// RFC 9110 §12.4.2: from 0 to 1, with at most three digits after the point.
fn weight(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Coding::*, *};

    #[test]
    fn follows_the_clients_weights() {
        let cases = [
            // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-enable-compression.html
            ("deflate,gzip", Some(Gzip)),
            ("", None),
            ("*", None),
            ("deflate;q=0.5,gzip;q=1.0", Some(Gzip)),
            ("gzip;q=1.0,identity;q=0.5,*;q=0", Some(Gzip)),
            // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-receive-response-with-compressed-payload.html
            ("gzip, deflate, br", Some(Gzip)),
            // «The highest-priority content encoding must be one supported by API Gateway.»
            ("zstd;q=1.0, gzip;q=0.9", None),
            ("zstd, gzip", Some(Gzip)),
            // RFC 9110 §12.5.3
            ("gzip;q=0", None),
            ("gzip;q=0.000, deflate", Some(Deflate)),
            ("identity, gzip;q=0.5", None),
            ("identity, gzip", Some(Gzip)),
            ("identity", None),
            ("*;q=1, gzip;q=0.2", Some(Gzip)),
            ("br", Some(Brotli)),
            ("br, gzip;q=0.9", Some(Brotli)),
            ("br;q=0.9, gzip;q=0.9", Some(Gzip)),
            ("BR;Q=1, gzip; q = 0.5", Some(Brotli)),
            ("x-gzip", Some(Gzip)),
            ("GZIP ; q=0.001", Some(Gzip)),
            ("gzip;q=0.5, gzip;q=0", Some(Gzip)),
            // No weights.
            ("gzip;q=2", None),
            ("gzip;q=1.001", None),
            ("gzip;q=0.1234", None),
            ("gzip;q=-1", None),
            ("gzip;q=", None),
            ("gzip;level=9", None),
            ("gzip;q=1;q=1", None),
            (";q=1, , deflate", Some(Deflate)),
            ("gzip;q=0.+1", None),
        ];
        for (header, expected) in cases {
            assert_eq!(negotiate(Some(header)), expected, "{header:?}");
        }
        assert_eq!(negotiate(None), None);
    }
}
