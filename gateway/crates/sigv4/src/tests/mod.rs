//! Whole requests: AWS's vectors, what is refused and in which words, and random requests that AWS's own signer signed.

mod property;
mod refused;
mod vector;

use crate::{Policy, Secret};

const KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// 2015-08-30T12:36:00Z, the time of AWS's vectors.
const NOW: i64 = 1_440_938_160;

fn secret() -> Secret {
    Secret::new(SECRET.to_owned())
}

fn policy() -> Policy<'static> {
    Policy::new("service", NOW)
}

/// A request that owns its parts.
#[derive(Debug, Clone, Default)]
struct Request {
    method: String,
    path: Vec<u8>,
    query: Vec<u8>,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Request {
    fn with<T>(&self, act: impl FnOnce(&crate::RequestParts<'_>) -> T) -> T {
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .collect();
        act(&crate::RequestParts {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
        })
    }

    fn verify(&self, policy: &Policy<'_>) -> Result<crate::Verified, crate::Refused> {
        self.with(|parts| {
            let presented = crate::Presented::parse(parts, policy)?;
            if presented.access_key_id() != KEY_ID {
                return Err(crate::Refused::UnknownKey);
            }
            presented.verify(parts, &secret(), crate::Payload::Bytes(&self.body))
        })
    }
}
