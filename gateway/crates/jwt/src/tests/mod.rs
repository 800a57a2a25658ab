//! "8725" and so on are RFCs with their sections.

mod attacks;
mod keys;
mod positive;
mod properties;
#[allow(dead_code, reason = "the bench has it, too")]
mod sign;

use std::sync::LazyLock;

use crate::{Algorithm, Algorithms, Claims, Expected, KeySet, Refused, Token};
use sign::Signer;

/// One key of each algorithm: RSA keys take long to make.
static SIGNERS: LazyLock<Vec<Signer>> = LazyLock::new(sign::all);
static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let all: Vec<&Signer> = SIGNERS.iter().collect();
    KeySet::parse(sign::set(&all).as_bytes()).expect("a key set")
});

const ISSUER: &str = "https://issuer.example.com";
const NOW: u64 = 1_767_225_600;
/// What every good token claims.
const CLAIMS: &str = r#"{"iss":"https://issuer.example.com","aud":"shop","exp":1767229200,"iat":1767225500,"sub":"alice","scope":"read write"}"#;

fn signer(name: &str) -> &'static Signer {
    SIGNERS
        .iter()
        .find(|signer| signer.id == name)
        .expect("a key of that name")
}

/// What a gateway would do with a token.
fn verified(text: &str) -> Result<Claims, Refused> {
    verified_by(text, &KEYS, Algorithms::ALL)
}

fn verified_by(text: &str, keys: &KeySet, allowed: Algorithms) -> Result<Claims, Refused> {
    let claims = Token::parse(text)?.verify(keys, allowed)?;
    claims.check(&Expected {
        issuer: ISSUER,
        audiences: &["shop".to_owned()],
        now: NOW,
        leeway: 60,
    })?;
    Ok(claims)
}
