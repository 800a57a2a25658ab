//! Requests of ours to AWS and to what speaks its protocols, signed (SigV4).

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;

/// What signatures call S3, which has rules of its own.
pub const S3: &str = "s3";

/// What a signature is for.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The service's name for signatures, such as `lambda`.
    pub service: &'a str,
    /// The region.
    pub region: &'a str,
}

/// The headers that sign a request at a time since 1970.
///
/// # Errors
///
/// The request cannot be signed as it is.
pub fn signature(
    request: SignableRequest<'_>,
    scope: Scope<'_>,
    credentials: &Credentials,
    now: Duration,
) -> Result<Vec<(String, String)>, String> {
    let identity = credentials.clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(UNIX_EPOCH + now)
        .settings(settings(scope.service))
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let signed = sign(request, &parameters).map_err(|error| error.to_string())?;
    let (instructions, _) = signed.into_parts();
    let (headers, _) = instructions.into_parts();
    let headers = headers.iter();
    Ok(headers
        .map(|header| (header.name().to_owned(), header.value().to_owned()))
        .collect())
}

/// S3 takes the path as it is sent, and wants the sum of the body in a header
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>).
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == S3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    settings
}

#[cfg(test)]
mod tests {
    use aws_sigv4::http_request::SignableBody;

    use super::*;

    /// Source: "Signature Calculations for the Authorization Header", the examples `GET Object` and `PUT Object`
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>).
    #[test]
    fn s3_has_rules_of_its_own() {
        let key = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let credentials = Credentials::new(key.0, key.1, None, None, "test");
        let host = ("host", "examplebucket.s3.amazonaws.com");
        let scope = Scope {
            service: S3,
            region: "us-east-1",
        };
        // 2013-05-24T00:00:00Z
        let now = Duration::from_secs(1_369_353_600);
        for (verb, path, headers, body, sum, expected) in [
            (
                "GET",
                "/test.txt",
                vec![host, ("range", "bytes=0-9")],
                "",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
            (
                "PUT",
                "/test%24file.text",
                vec![
                    host,
                    ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                    ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ],
                "Welcome to Amazon S3.",
                "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            ),
        ] {
            let url = format!("https://{}{path}", host.1);
            let body = SignableBody::Bytes(body.as_bytes());
            let request = SignableRequest::new(verb, url, headers.into_iter(), body).expect("a request");
            let signed = signature(request, scope, &credentials, now).expect("a signature");
            let value = |name: &str| {
                let found = signed.iter().find(|(known, _)| known == name);
                found.map_or("", |(_, value)| value.as_str())
            };
            assert_eq!(value("x-amz-content-sha256"), sum, "{path}");
            let authorization = value("authorization");
            assert!(
                authorization.ends_with(&format!("Signature={expected}")),
                "{path}: {authorization}"
            );
        }
    }
}
