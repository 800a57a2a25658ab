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
