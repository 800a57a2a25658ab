//! Requests of ours to AWS and to what speaks its protocols, signed (SigV4).

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;

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
        .settings(SigningSettings::default())
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
