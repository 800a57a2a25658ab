//! A signature that a request presents, checked in everything but the signature itself.

use std::fmt;

use crate::authorization::Claim;
use crate::credential::Credential;
use crate::header::is_signed;
use crate::{ALGORITHM, Lifetime, PathRule, Policy, Refused, RequestParts, Timestamp, query};

/// The most names that are taken in `SignedHeaders`: each is looked for among all headers.
const MOST_SIGNED_HEADERS: usize = 256;

/// A signature that a request presents: well-formed, of now, and for this service, but not yet verified.
///
/// The caller looks the secret of [`Presented::access_key_id`] up, then calls [`Presented::verify`].
#[derive(Clone)]
pub struct Presented {
    pub(crate) form: Form,
    pub(crate) credential: Credential,
    pub(crate) signed_headers: String,
    pub(crate) signature: String,
    pub(crate) signed_at: Timestamp,
    pub(crate) session_token: Option<String>,
    pub(crate) path: PathRule,
    pub(crate) unsigned_payload: bool,
}

/// Where a request carries its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In the header `Authorization`.
    Header,
    /// In the query: a presigned URL.
    Query,
}

impl Presented {
    /// Reads what a request presents, and checks it in the order in which AWS does: parameters, date, lifetime, `host`,
    /// algorithm, credential, scope.
    pub fn parse(parts: &RequestParts<'_>, policy: &Policy<'_>) -> Result<Self, Refused> {
        let header = parts.joined("authorization");
        let presigned = query::parameters(parts.query).any(|(name, _)| *name == *b"X-Amz-Algorithm");
        let (form, claim) = match (header, presigned) {
            (Some(_), true) => return Err(Refused::BothForms),
            (None, false) => return Err(Refused::MissingToken),
            (Some(header), false) => (Form::Header, Claim::from_header(&header, parts)?),
            (None, true) => (Form::Query, Claim::from_query(parts.query, policy)?),
        };
        check_lifetime(&claim, policy)?;
        if claim.signed_headers.split(';').nth(MOST_SIGNED_HEADERS).is_some() {
            return Err(Refused::TooLarge {
                what: "SignedHeaders",
                limit: MOST_SIGNED_HEADERS,
            });
        }
        // A presigned query could hide a line break here, and so make one canonical request of two different requests.
        if !claim.signed_headers.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refused::MalformedSignedHeaders);
        }
        if !is_signed(&claim.signed_headers, "host") && !is_signed(&claim.signed_headers, ":authority") {
            return Err(Refused::HostNotSigned);
        }
        if claim.algorithm != ALGORITHM {
            return Err(Refused::UnsupportedAlgorithm(claim.algorithm));
        }
        let credential = Credential::parse(&claim.credential, claim.signed_at, policy)?;
        Ok(Self {
            form,
            credential,
            session_token: session_token(&claim, parts, policy)?,
            signed_headers: claim.signed_headers,
            signature: claim.signature,
            signed_at: claim.signed_at,
            path: policy.path,
            unsigned_payload: policy.unsigned_payload,
        })
    }

    /// The id of the access key.
    pub fn access_key_id(&self) -> &str {
        &self.credential.access_key_id
    }

    /// The day of the scope, `YYYYMMDD`.
    pub fn date(&self) -> &str {
        &self.credential.date
    }

    /// The region of the scope.
    pub fn region(&self) -> &str {
        &self.credential.region
    }

    /// The service of the scope: the policy's.
    pub fn service(&self) -> &str {
        &self.credential.service
    }

    /// The session token, if the request has one. Whether it belongs to the key is the caller's to say.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// When the request was signed, by the client's clock.
    pub fn signed_at(&self) -> Timestamp {
        self.signed_at
    }

    /// Where the signature is.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Whether a header is signed, so that its value can be relied on once the signature is verified.
    pub fn signs(&self, header: &str) -> bool {
        is_signed(&self.signed_headers, header)
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither signature nor token: who reads them in a log can use them until they expire.
        formatter
            .debug_struct("Presented")
            .field("form", &self.form)
            .field("credential", &self.credential)
            .field("signed_headers", &self.signed_headers)
            .field("signed_at", &self.signed_at)
            .finish_non_exhaustive()
    }
}

fn check_lifetime(claim: &Claim, policy: &Policy<'_>) -> Result<(), Refused> {
    let now = Timestamp::from_unix(policy.now);
    let signed_at = claim.signed_at;
    let seconds = claim.lifetime.unwrap_or(policy.skew);
    let bound = Timestamp::from_unix(now.unix().saturating_sub(seconds));
    if signed_at < bound {
        return Err(Refused::Expired(Lifetime {
            signed_at,
            bound,
            now,
            seconds,
        }));
    }
    let seconds = policy.skew;
    let bound = Timestamp::from_unix(now.unix().saturating_add(seconds));
    if signed_at > bound {
        return Err(Refused::NotYetCurrent(Lifetime {
            signed_at,
            bound,
            now,
            seconds,
        }));
    }
    Ok(())
}

/// The session token. In a query it is signed with the query; a header must be signed, unless the policy says otherwise.
fn session_token(
    claim: &Claim,
    parts: &RequestParts<'_>,
    policy: &Policy<'_>,
) -> Result<Option<String>, Refused> {
    const NAME: &str = "x-amz-security-token";
    if claim.session_token.is_some() {
        return Ok(claim.session_token.clone());
    }
    let token = parts.joined(NAME);
    if token.is_some() && !policy.unsigned_session_token && !is_signed(&claim.signed_headers, NAME) {
        return Err(Refused::TokenNotSigned);
    }
    Ok(token)
}
