//! Signatures (SigV4): made by AWS's own signer, and verified as a service would.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use portcullis_sigv4::{PathRule, Payload, Policy, Presented, RequestParts, Secret};
use portcullis_testkit::{Recorded, Running};

/// The key that the first start of a gateway leaves.
pub fn administrator(gateway: &Running) -> Credentials {
    let file = gateway.files.path("data").join("administrator.credentials");
    let text = std::fs::read_to_string(file).expect("the first key");
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.expect("a key").trim_start_matches(" = ").to_owned()
    };
    let (id, secret) = (value("aws_access_key_id"), value("aws_secret_access_key"));
    Credentials::new(id, secret, None, None, "tests")
}

/// The headers of a `POST` of JSON to an API that is signed for a time since 1970, the signature among them.
pub fn call(
    credentials: &Credentials,
    url: &str,
    body: &[u8],
    region: &str,
    at: Duration,
) -> Vec<(String, String)> {
    let host = url.split('/').nth(2).expect("a host");
    let headers = [("host", host), ("content-type", "application/json")];
    let signable = SignableRequest::new("POST", url, headers.into_iter(), SignableBody::Bytes(body));
    let identity = credentials.clone().into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("execute-api")
        .time(SystemTime::UNIX_EPOCH + at)
        .settings(SigningSettings::default())
        .build();
    let parameters = parameters.expect("parameters").into();
    let signed = sign(signable.expect("a request"), &parameters).expect("a signature");
    let (instructions, _) = signed.into_parts();
    let (signed, _) = instructions.into_parts();
    let own = ("content-type".to_owned(), "application/json".to_owned());
    let signed = signed
        .iter()
        .map(|header| (header.name().to_owned(), header.value().to_owned()));
    std::iter::once(own).chain(signed).collect()
}

/// The region that a request is signed for with a key; else why it is not verified.
#[allow(clippy::disallowed_methods, reason = "a server has its own clock")]
pub fn verified(request: &Recorded, service: &str, (id, secret): (&str, &str)) -> Result<String, String> {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let headers: Vec<(&str, &[u8])> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    let parts = RequestParts {
        method: &request.method,
        path: path.as_bytes(),
        query: query.as_bytes(),
        headers: &headers,
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a time")
        .as_secs();
    let policy = Policy {
        path: match service {
            "s3" => PathRule::S3,
            _ => PathRule::SERVICE,
        },
        ..Policy::new(service, i64::try_from(now).expect("a time"))
    };
    let presented = Presented::parse(&parts, &policy).map_err(|refused| format!("{refused:?}"))?;
    if presented.access_key_id() != id {
        return Err("another key".to_owned());
    }
    let secret = Secret::new(secret.to_owned());
    presented
        .verify(&parts, &secret, Payload::Bytes(&request.body))
        .map_err(|refused| format!("{refused:?}"))?;
    Ok(presented.region().to_owned())
}
