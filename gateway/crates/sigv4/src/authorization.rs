//! What a request says of its signature, before it is believed: the header's form and the query's.

use crate::query::{self, SIGNATURE};
use crate::{Policy, Refused, RequestParts, Timestamp};

/// The longest `Authorization`, in bytes. AWS takes 10,240 bytes of headers altogether.
const LONGEST_HEADER: usize = 16 * 1024;

/// What both forms give.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) algorithm: String,
    pub(crate) credential: String,
    pub(crate) signed_headers: String,
    pub(crate) signature: String,
    pub(crate) signed_at: Timestamp,
    /// `X-Amz-Expires`, in seconds; `None` where the clock's skew is the lifetime.
    pub(crate) lifetime: Option<i64>,
    /// The session token, where the query has it.
    pub(crate) session_token: Option<String>,
}

impl Claim {
    /// Reads `Authorization: ALGORITHM Credential=…, SignedHeaders=…, Signature=…`.
    pub(crate) fn from_header(header: &str, parts: &RequestParts<'_>) -> Result<Self, Refused> {
        if header.len() > LONGEST_HEADER {
            return Err(Refused::TooLarge {
                what: "Authorization",
                limit: LONGEST_HEADER,
            });
        }
        let header = header.trim();
        let (algorithm, rest) = header.split_once(' ').unwrap_or((header, ""));
        if algorithm.contains('=') {
            return Err(Refused::NoAlgorithm);
        }
        let [mut credential, mut signature, mut signed_headers] = [None; 3];
        for piece in rest
            .split([',', ' '])
            .map(str::trim)
            .filter(|piece| !piece.is_empty())
        {
            let Some((name, value)) = piece.split_once('=') else {
                return Err(Refused::NotKeyValue {
                    piece: piece.to_owned(),
                    header: header.to_owned(),
                });
            };
            let (slot, name) = match name {
                "Credential" => (&mut credential, "Credential"),
                "Signature" => (&mut signature, "Signature"),
                "SignedHeaders" => (&mut signed_headers, "SignedHeaders"),
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(Refused::Duplicate(name));
            }
        }
        let date = date(parts);
        let (Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (credential, signature, signed_headers, &date)
        else {
            let all = [
                ("Credential", credential),
                ("Signature", signature),
                ("SignedHeaders", signed_headers),
            ];
            let parameters = all
                .into_iter()
                .filter(|(_, value)| value.is_none())
                .map(|(name, _)| name)
                .collect();
            return Err(Refused::MissingParameters {
                parameters,
                dated: date.is_some(),
                header: header.to_owned(),
            });
        };
        Ok(Self {
            algorithm: algorithm.to_owned(),
            credential: credential.to_owned(),
            signed_headers: signed_headers.to_owned(),
            signature: signature.to_owned(),
            signed_at: date.parse()?,
            lifetime: None,
            session_token: None,
        })
    }

    /// Reads `X-Amz-Algorithm=…&X-Amz-Credential=…&…`.
    pub(crate) fn from_query(query: &[u8], policy: &Policy<'_>) -> Result<Self, Refused> {
        const NAMES: [&str; 7] = [
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            SIGNATURE,
            "X-Amz-SignedHeaders",
            "X-Amz-Date",
            "X-Amz-Expires",
            "X-Amz-Security-Token",
        ];
        let mut values: [Option<String>; 7] = Default::default();
        for (name, value) in query::parameters(query) {
            let known = NAMES
                .iter()
                .zip(&mut values)
                .find(|(known, _)| *known.as_bytes() == *name);
            let Some((known, slot)) = known else { continue };
            if slot
                .replace(String::from_utf8_lossy(&value).into_owned())
                .is_some()
            {
                return Err(Refused::Duplicate(known));
            }
        }
        match values {
            [
                Some(algorithm),
                Some(credential),
                Some(signature),
                Some(signed_headers),
                Some(date),
                expires,
                token,
            ] => {
                let signed_at = Timestamp::parse_basic(&date).ok_or(Refused::MalformedDate(date))?;
                let lifetime = expires.map(|expires| lifetime(&expires, policy)).transpose()?;
                let session_token = token;
                Ok(Self {
                    algorithm,
                    credential,
                    signed_headers,
                    signature,
                    signed_at,
                    lifetime,
                    session_token,
                })
            }
            values => {
                // The last two may be missing.
                let missing = NAMES
                    .iter()
                    .zip(&values)
                    .take(5)
                    .filter(|(_, value)| value.is_none());
                Err(Refused::MissingQueryParameters(
                    missing.map(|(name, _)| *name).collect(),
                ))
            }
        }
    }
}

fn lifetime(expires: &str, policy: &Policy<'_>) -> Result<i64, Refused> {
    let digits = expires.strip_prefix('-').unwrap_or(expires);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refused::ExpiryNotANumber);
    }
    match expires.parse() {
        Ok(seconds) if seconds < 0 => Err(Refused::NegativeExpiry),
        Ok(seconds) if seconds <= policy.longest_expiry => Ok(seconds),
        // What does not fit into 64 bits is too long as well.
        _ => Err(Refused::ExpiryTooLong(policy.longest_expiry)),
    }
}

/// A date as it came.
enum Date {
    /// Of `X-Amz-Date`.
    Amz(String),
    /// Of `Date`, where HTTP's form is usual.
    Http(String),
}

impl Date {
    fn parse(&self) -> Result<Timestamp, Refused> {
        let (time, text) = match self {
            Self::Amz(text) => (Timestamp::parse_basic(text.trim()), text),
            Self::Http(text) => (
                Timestamp::parse_basic(text.trim()).or_else(|| Timestamp::parse_http(text.trim())),
                text,
            ),
        };
        time.ok_or_else(|| Refused::MalformedDate(text.clone()))
    }
}

/// "AWS first checks the x-amz-date header […]. If AWS can't find a value for x-amz-date, it looks for the date header":
/// "Handling dates in Signature Version 4".
fn date(parts: &RequestParts<'_>) -> Option<Date> {
    parts
        .joined("x-amz-date")
        .map(Date::Amz)
        .or_else(|| parts.joined("date").map(Date::Http))
}
