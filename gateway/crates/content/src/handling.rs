//! API Gateway's two tables of content handling
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>).

use base64::{
    Engine as _, alphabet,
    engine::{
        DecodePaddingMode, GeneralPurpose,
        general_purpose::{GeneralPurposeConfig, STANDARD},
    },
};
use bytes::Bytes;

/// What a method wants of a body (`contentHandling`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Handling {
    /// Nothing is said.
    #[default]
    Undefined,
    /// `CONVERT_TO_BINARY`
    ToBinary,
    /// `CONVERT_TO_TEXT`
    ToText,
}

/// What to do with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It stays as it is.
    PassBytes,
    /// It becomes UTF-8.
    PassText,
    /// It is base64 and becomes the bytes that it means.
    DecodeBase64,
    /// It becomes base64.
    EncodeBase64,
}

/// The table of requests. `is_binary` is whether the request's `Content-Type` is among the API's binary media types;
/// where there are none, nothing is.
pub const fn of_request(is_binary: bool, handling: Handling) -> Action {
    match (is_binary, handling) {
        (false, Handling::Undefined | Handling::ToText) => Action::PassText,
        (false, Handling::ToBinary) => Action::DecodeBase64,
        (true, Handling::Undefined | Handling::ToBinary) => Action::PassBytes,
        (true, Handling::ToText) => Action::EncodeBase64,
    }
}

/// The table of responses. `is_binary` is whether the integration response's `Content-Type` is among the API's binary
/// media types, `is_accepted` whether the first media type of the request's `Accept` is.
pub const fn of_response(is_binary: bool, is_accepted: bool, handling: Handling) -> Action {
    match (is_binary, is_accepted, handling) {
        (false, false, Handling::Undefined) | (false, _, Handling::ToText) => Action::PassText,
        (false, true, Handling::Undefined) | (false, _, Handling::ToBinary) => Action::DecodeBase64,
        (true, true, Handling::Undefined) | (true, _, Handling::ToBinary) => Action::PassBytes,
        (true, false, Handling::Undefined) | (true, _, Handling::ToText) => Action::EncodeBase64,
    }
}

/// A body that should be base64 and is not. API Gateway answers 500 as for a wrong configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a body that is to be converted to binary is not base64: {reason}")]
pub struct NotBase64 {
    /// What is wrong with it.
    pub reason: String,
}

/// The alphabet of RFC 4648 §4. Padding may be left out, and bits that mean nothing may be set, as some writers do.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Does to a body what is to be done. Where it stays as it is nothing is copied. The result is at most three times as
/// long, where each byte of a text is no UTF-8 and becomes U+FFFD.
///
/// # Errors
///
/// Where the body is to be decoded and is not base64. Spaces and line ends in it do not count.
pub fn apply(action: Action, body: Bytes) -> Result<Bytes, NotBase64> {
    match action {
        Action::PassBytes => Ok(body),
        Action::PassText => Ok(text(body)),
        Action::EncodeBase64 => Ok(STANDARD.encode(&body).into()),
        Action::DecodeBase64 => decode(&body),
    }
}

fn text(body: Bytes) -> Bytes {
    if std::str::from_utf8(&body).is_ok() {
        return body;
    }
    Bytes::from(String::from_utf8_lossy(&body).into_owned())
}

fn decode(body: &[u8]) -> Result<Bytes, NotBase64> {
    let wrong = |error: base64::DecodeError| NotBase64 {
        reason: error.to_string(),
    };
    if !body.iter().any(u8::is_ascii_whitespace) {
        return LENIENT.decode(body).map(Bytes::from).map_err(wrong);
    }
    let dense: Vec<u8> = body
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    LENIENT.decode(dense).map(Bytes::from).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Action::*, Handling::*, *};
    use crate::media_type::BinaryTypes;

    const TEXT: &str = "application/json";
    const IMAGE: &str = "image/png";

    fn types(are_set: bool) -> BinaryTypes {
        BinaryTypes::new(are_set.then_some(IMAGE))
    }

    /// Every row of the first table: the request's type, whether binary media types are set, contentHandling.
    #[test]
    fn requests_are_handled_as_the_table_says() {
        let rows = [
            (TEXT, false, Undefined, PassText),
            (IMAGE, false, Undefined, PassText),
            (TEXT, false, ToBinary, DecodeBase64),
            (IMAGE, false, ToBinary, DecodeBase64),
            (TEXT, false, ToText, PassText),
            (IMAGE, false, ToText, PassText),
            (TEXT, true, Undefined, PassText),
            (TEXT, true, ToBinary, DecodeBase64),
            (TEXT, true, ToText, PassText),
            (IMAGE, true, Undefined, PassBytes),
            (IMAGE, true, ToBinary, PassBytes),
            (IMAGE, true, ToText, EncodeBase64),
        ];
        for (content_type, are_set, handling, action) in rows {
            let is_binary = types(are_set).is_binary(Some(content_type));
            assert_eq!(
                of_request(is_binary, handling),
                action,
                "{content_type} {are_set} {handling:?}"
            );
        }
    }

    /// Every row of the second table: the response's type, the request's Accept, whether binary media types are set,
    /// contentHandling.
    #[test]
    fn responses_are_handled_as_the_table_says() {
        let rows = [
            (TEXT, TEXT, false, Undefined, PassText),
            (IMAGE, TEXT, false, Undefined, PassText),
            (TEXT, TEXT, false, ToBinary, DecodeBase64),
            (IMAGE, TEXT, false, ToBinary, DecodeBase64),
            (TEXT, TEXT, false, ToText, PassText),
            (IMAGE, TEXT, false, ToText, PassText),
            (TEXT, TEXT, true, Undefined, PassText),
            (TEXT, TEXT, true, ToBinary, DecodeBase64),
            (TEXT, TEXT, true, ToText, PassText),
            (TEXT, IMAGE, true, Undefined, DecodeBase64),
            (TEXT, IMAGE, true, ToBinary, DecodeBase64),
            (TEXT, IMAGE, true, ToText, PassText),
            (IMAGE, TEXT, true, Undefined, EncodeBase64),
            (IMAGE, TEXT, true, ToBinary, PassBytes),
            (IMAGE, TEXT, true, ToText, EncodeBase64),
            (IMAGE, IMAGE, true, Undefined, PassBytes),
            (IMAGE, IMAGE, true, ToBinary, PassBytes),
            (IMAGE, IMAGE, true, ToText, EncodeBase64),
        ];
        for (content_type, accept, are_set, handling, action) in rows {
            let types = types(are_set);
            let found = of_response(
                types.is_binary(Some(content_type)),
                types.is_accepted(Some(accept)),
                handling,
            );
            assert_eq!(found, action, "{content_type} {accept} {are_set} {handling:?}");
        }
    }

    #[test]
    fn does_what_is_to_be_done() {
        let cases: [(Action, &[u8], &[u8]); 11] = [
            (PassBytes, b"\xff\x00", b"\xff\x00"),
            (PassText, "ä".as_bytes(), "ä".as_bytes()),
            (PassText, b"a\xffb", "a\u{fffd}b".as_bytes()),
            (EncodeBase64, b"\xff\xfe\xfd\xfc", b"//79/A=="),
            (EncodeBase64, b"", b""),
            (DecodeBase64, b"//79/A==", b"\xff\xfe\xfd\xfc"),
            (DecodeBase64, b"//79/A", b"\xff\xfe\xfd\xfc"),
            (DecodeBase64, b" //79\r\n/A==\n", b"\xff\xfe\xfd\xfc"),
            (DecodeBase64, b"YR==", b"a"),
            (DecodeBase64, b"", b""),
            (DecodeBase64, b"\n", b""),
        ];
        for (action, body, expected) in cases {
            let found = apply(action, Bytes::copy_from_slice(body));
            assert_eq!(found.as_deref(), Ok(expected), "{action:?} {body:?}");
        }
    }

    #[test]
    fn refuses_what_is_not_base64() {
        for body in [r#"{"a": 1}"#, "abcde", "ab==cd", "_-__", "a", "YQ===", "ä"] {
            let error = apply(DecodeBase64, Bytes::from(body)).map_err(|error| error.to_string());
            assert!(error.is_err_and(|error| error.contains("not base64")), "{body}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let encoded = apply(EncodeBase64, body.clone().into()).expect("base64");
            prop_assert_eq!(apply(DecodeBase64, encoded), Ok(body.into()));
        }

        #[test]
        fn nothing_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = apply(DecodeBase64, body.clone().into());
            let text = apply(PassText, body.into()).expect("text");
            prop_assert!(std::str::from_utf8(&text).is_ok());
        }
    }
}
