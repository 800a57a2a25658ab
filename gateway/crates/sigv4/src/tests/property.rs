//! Random requests that AWS's own signer signed.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use proptest::prelude::*;

use super::{KEY_ID, NOW, Request, SECRET, policy};
use crate::{Form, Payload, Policy, Presented, RequestParts};

/// How a request is signed.
#[derive(Debug, Clone)]
struct How {
    presigned: bool,
    token: Option<String>,
    content_sha256: bool,
    unsigned: bool,
}

/// Signs with AWS's crate, and adds to the request what it says.
fn signed(mut request: Request, how: &How) -> Request {
    let identity = Credentials::new(KEY_ID, SECRET, how.token.clone(), None, "test").into();
    let mut settings = SigningSettings::default();
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Enabled;
    if how.presigned {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(900));
    }
    if how.content_sha256 || how.unsigned {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW as u64);
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name("service");
    let parameters = parameters.time(time).settings(settings).build().unwrap().into();
    let path = String::from_utf8(request.path.clone()).unwrap();
    let query = String::from_utf8(request.query.clone()).unwrap();
    let mark = if query.is_empty() { "" } else { "?" };
    let uri = format!("https://example.com{path}{mark}{query}");
    let headers: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), String::from_utf8(value.clone()).unwrap()))
        .collect();
    let names = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let body = if how.unsigned {
        SignableBody::UnsignedPayload
    } else {
        SignableBody::Bytes(&request.body)
    };
    let signable = SignableRequest::new(&request.method, uri, names, body).unwrap();
    let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
    let (new_headers, new_query) = instructions.into_parts();
    request.headers.extend(
        new_headers
            .iter()
            .map(|header| (header.name().to_owned(), header.value().into())),
    );
    for (name, value) in &new_query {
        let mut pair = if request.query.is_empty() {
            Vec::new()
        } else {
            b"&".to_vec()
        };
        pair.extend_from_slice(name.as_bytes());
        pair.push(b'=');
        crate::encode::push_encoded(value.as_bytes(), &mut pair);
        request.query.extend(pair);
    }
    request
}

prop_compose! {
    fn requests()(
        method in "GET|POST|PUT|DELETE|PATCH",
        path in "(/(\\.|\\.\\.|([a-zA-Z0-9._~@:=-]|%[2-7][0-9A-F]|%C3%A4){0,8})){1,4}",
        query in "(([a-zA-Z0-9._~-]|%[2-7][0-9A-F]){1,5}(=([a-zA-Z0-9._~/:-]|%[2-7][0-9A-F]|%C3%A4){0,6})?(&)?){0,5}",
        values in proptest::collection::vec("[!-~]{0,5}[ ]{0,3}[!-~]{1,5}", 0..4),
        body in proptest::collection::vec(any::<u8>(), 0..64),
    ) -> Request {
        let mut headers = vec![("host".to_owned(), b"example.com".to_vec())];
        headers.extend(values.into_iter().enumerate().map(|(index, value)| (format!("x-header-{}", index / 2), value.into_bytes())));
        Request { method, path: path.into_bytes(), query: query.into_bytes(), headers, body }
    }
}

prop_compose! {
    fn ways()(
        presigned in any::<bool>(),
        token in proptest::option::of("[a-zA-Z0-9/+=]{1,40}"),
        content_sha256 in any::<bool>(),
    ) -> How {
        How { presigned, token, content_sha256, unsigned: false }
    }
}

/// A byte of the request that is signed, by number; every one of them once.
fn byte(request: &mut Request, mut at: usize) -> Option<&mut u8> {
    let mut method = std::mem::take(&mut request.method).into_bytes();
    // All bytes of the method are letters, and stay so.
    if let Some(byte) = method.get_mut(at) {
        *byte = if *byte == b'X' { b'Y' } else { b'X' };
        request.method = String::from_utf8(method).unwrap();
        return None;
    }
    at -= method.len();
    request.method = String::from_utf8(method).unwrap();
    for part in [&mut request.path, &mut request.query, &mut request.body]
        .into_iter()
        .map(Vec::as_mut_slice)
        .chain(
            request
                .headers
                .iter_mut()
                .filter(|(name, _)| !name.eq_ignore_ascii_case("authorization"))
                .map(|(_, value)| value.as_mut_slice()),
        )
    {
        if at < part.len() {
            return part.get_mut(at);
        }
        at -= part.len();
    }
    None
}

/// What is signed of path, query and header values: requests that are equal in it are the same request.
fn meaning(request: &Request) -> (Vec<u8>, Vec<u8>, Vec<Vec<u8>>) {
    let values = request.headers.iter().map(|(_, value)| {
        let words: Vec<_> = value
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
            .collect();
        words.join(&b' ')
    });
    let path = crate::path::canonical(&request.path, policy().path);
    (
        path,
        crate::query::canonical(&request.query, false),
        values.collect(),
    )
}

fn size(request: &Request) -> usize {
    let headers = request
        .headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
    request.method.len()
        + request.path.len()
        + request.query.len()
        + request.body.len()
        + headers.map(|(_, value)| value.len()).sum::<usize>()
}

proptest! {
    #[test]
    fn verifies_what_aws_signs(request in requests(), how in ways()) {
        let request = signed(request, &how);
        let verified = request.verify(&policy()).map_err(|error| TestCaseError::fail(error.detail()))?;
        prop_assert_eq!(verified.form, if how.presigned { Form::Query } else { Form::Header });
        prop_assert_eq!(verified.region, "eu-west-1");
        prop_assert!(verified.payload_signed);
        let token = request.with(|parts| Presented::parse(parts, &policy()).unwrap().session_token().map(str::to_owned));
        prop_assert_eq!(token, how.token);
    }

    #[test]
    fn refuses_any_changed_byte(request in requests(), how in ways(), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let request = signed(request, &how);
        let mut changed = request.clone();
        let at = at.index(size(&request));
        if let Some(byte) = byte(&mut changed, at) {
            prop_assume!(*byte != to);
            *byte = to;
        }
        // A slash for a dot, a capital in an escape, a tab for a blank: nothing that means something else.
        prop_assume!(meaning(&request) != meaning(&changed) || request.body != changed.body || request.method != changed.method);
        prop_assert!(changed.verify(&policy()).is_err(), "{:?}", changed);
    }

    #[test]
    fn refuses_any_changed_byte_of_the_authorization(request in requests(), at in any::<prop::sample::Index>(), to in 0x21u8..0x7f) {
        let how = How { presigned: false, token: None, content_sha256: false, unsigned: false };
        let mut request = signed(request, &how);
        let (_, value) = request.headers.iter_mut().find(|(name, _)| name == "authorization").unwrap();
        let at = at.index(value.len());
        // Between parameters a comma is as good as a blank.
        prop_assume!(value[at] != to && !matches!(value[at], b',' | b' '));
        value[at] = to;
        prop_assert!(request.verify(&policy()).is_err());
    }

    #[test]
    fn takes_an_unsigned_payload_only_where_allowed(request in requests(), presigned in any::<bool>()) {
        let how = How { presigned, token: None, content_sha256: true, unsigned: true };
        let request = signed(request, &how);
        prop_assert!(request.verify(&policy()).is_err());
        let policy = Policy { unsigned_payload: true, ..policy() };
        request.with(|parts| {
            let presented = Presented::parse(parts, &policy).unwrap();
            let verified = presented.verify(parts, &super::secret(), Payload::Unread);
            if presented.needs_body(parts) {
                // A presigned URL of this signer does not say that it is unsigned.
                prop_assert!(presigned && verified.is_err());
            } else {
                prop_assert!(!verified.unwrap().payload_signed);
            }
            Ok(())
        })?;
    }

    #[test]
    fn takes_any_bytes(
        method in any::<String>(),
        path in proptest::collection::vec(any::<u8>(), 0..64),
        query in proptest::collection::vec(any::<u8>(), 0..64),
        authorization in "(AWS4-HMAC-SHA256 )?((Credential|SignedHeaders|Signature|.{0,5})=?.{0,20}[, ]{0,2}){0,6}",
        date in "[0-9]{8}T[0-9]{6}Z|.{0,30}|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT",
        raw in proptest::collection::vec(any::<u8>(), 0..64),
        now in any::<i64>(),
    ) {
        for name in ["x-amz-date", "date"] {
            let headers = [("authorization", authorization.as_bytes()), (name, date.as_bytes()), ("host", &raw)];
            let parts = RequestParts { method: &method, path: &path, query: &query, headers: &headers };
            if let Err(refused) = Presented::parse(&parts, &Policy::new("service", now)) {
                prop_assert!(!refused.detail().is_empty());
            }
        }
        let headers = [("authorization", raw.as_slice())];
        let parts = RequestParts { method: &method, path: &path, query: &raw, headers: &headers };
        prop_assert!(Presented::parse(&parts, &Policy::new("service", now)).is_err());
    }

    #[test]
    fn takes_any_bytes_beside_a_signature(
        method in any::<String>(),
        path in proptest::collection::vec(any::<u8>(), 0..64),
        query in proptest::collection::vec(any::<u8>(), 0..64),
        names in "host(;[ -~]{0,9}){0,5}",
        raw in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/r/service/aws4_request,SignedHeaders={},Signature=0",
            names.replace([',', ' '], "")
        );
        let headers = [("authorization", authorization.as_bytes()), ("x-amz-date", b"20150830T123600Z"), ("host", &raw)];
        let parts = RequestParts { method: &method, path: &path, query: &query, headers: &headers };
        let presented = Presented::parse(&parts, &policy());
        if let Ok(presented) = presented {
            prop_assert!(presented.verify(&parts, &super::secret(), Payload::Bytes(&raw)).is_err());
        }
    }
}
