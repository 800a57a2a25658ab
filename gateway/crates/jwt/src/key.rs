//! One key of a set (RFC 7517, RFC 7518 section 6, RFC 8037), prepared for the algorithms that it is for.

use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use serde_json::{Map, Value};

use crate::algorithm::Verifier;
use crate::{Algorithm, MOST_KEY_ID, Refused, base64url};

/// Bits that the modulus of an RSA key may have.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// The largest public exponent that AWS-LC takes has 33 bits.
const EXPONENTS: std::ops::Range<u64> = 3..1 << 33;
/// Members that only a private or a symmetric key has. Whoever publishes one has lost it.
const SECRET: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// A key with its name.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    /// One for each algorithm: AWS-LC binds a key to it.
    verifiers: Vec<(Algorithm, ParsedPublicKey)>,
}

impl Key {
    /// Reads a key, or says why it cannot be used.
    pub(crate) fn parse(members: &Map<String, Value>) -> Result<Self, &'static str> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let id = text("kid").filter(|id| !id.is_empty() && id.len() <= MOST_KEY_ID);
        let id = id.ok_or("it has no `kid` by which a token could name it")?;
        if SECRET.iter().any(|name| members.contains_key(*name)) {
            return Err("it is a secret, not a public key");
        }
        verifies(members)?;
        let bytes = |name: &str| text(name).and_then(base64url::decode);
        let made = |algorithm: Algorithm| match algorithm.verifier() {
            Verifier::Rsa(parameters) => {
                let key = rsa(bytes("n"), bytes("e"))?;
                let key = key.to_parsed_public_key(parameters);
                key.map_err(|_| "it is no RSA key")
            }
            Verifier::Other(verifier) => {
                let point = point(algorithm, bytes("x"), bytes("y"))?;
                ParsedPublicKey::new(verifier, point).map_err(|_| "it is no point of its curve")
            }
        };
        let verifiers: Result<Vec<_>, &str> = algorithms(members)?
            .into_iter()
            .map(|algorithm| Ok((algorithm, made(algorithm)?)))
            .collect();
        Ok(Self {
            id: id.to_owned(),
            verifiers: verifiers?,
        })
    }

    /// Whether a message was signed by the key's owner, by that algorithm.
    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Refused> {
        let found = self.verifiers.iter().find(|(known, _)| *known == algorithm);
        let (_, key) = found.ok_or(Refused::WrongKey(algorithm))?;
        key.verify_sig(message, signature).map_err(|_| Refused::Signature)
    }
}

/// `use` and `key_ops`, where they are there, say that it verifies signatures.
fn verifies(members: &Map<String, Value>) -> Result<(), &'static str> {
    let purpose = members.get("use");
    if purpose.is_some_and(|purpose| purpose != "sig") {
        return Err("its `use` is not that of signatures");
    }
    let operations = members.get("key_ops");
    let verifies = |operations: &Value| {
        let operations = operations.as_array();
        operations.is_some_and(|operations| operations.iter().any(|one| one == "verify"))
    };
    match operations {
        Some(operations) if !verifies(operations) => Err("its `key_ops` do not let it verify"),
        _ => Ok(()),
    }
}

/// What tokens may be signed by with it: the one algorithm that it names, or every one of its type.
fn algorithms(members: &Map<String, Value>) -> Result<Vec<Algorithm>, &'static str> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let is = (text("kty").unwrap_or_default(), text("crv"));
    let fits = |algorithm: &Algorithm| {
        let (kind, curve) = algorithm.key_type();
        kind == is.0 && (curve.is_none() || curve == is.1)
    };
    let of_type: Vec<Algorithm> = Algorithm::ALL.into_iter().filter(fits).collect();
    if of_type.is_empty() {
        return Err("its `kty`, with its `crv`, is none that is known");
    }
    match members.get("alg") {
        None => Ok(of_type),
        Some(name) => {
            let named = name.as_str().and_then(Algorithm::parse);
            let named = named.filter(|named| of_type.contains(named));
            named
                .map(|named| vec![named])
                .ok_or("its `alg` is none of its type")
        }
    }
}

fn rsa(
    modulus: Option<Vec<u8>>,
    exponent: Option<Vec<u8>>,
) -> Result<RsaPublicKeyComponents<Vec<u8>>, &'static str> {
    let n = modulus.map(without_zeros).ok_or("its `n` is not base64url")?;
    let e = exponent.map(without_zeros).ok_or("its `e` is not base64url")?;
    let bits = n
        .first()
        .map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
    if !RSA_BITS.contains(&bits) {
        return Err("its modulus has not 2048 to 8192 bits");
    }
    let exponent = match e.len() {
        0..=8 => e.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)),
        _ => 0,
    };
    if !EXPONENTS.contains(&exponent) || exponent % 2 == 0 {
        return Err("its exponent is not an odd number from 3 with 33 bits at the most");
    }
    Ok(RsaPublicKeyComponents { n, e })
}

/// Some issuers write a sign's byte before a number.
fn without_zeros(mut number: Vec<u8>) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.split_off(zeros)
}

/// A point of a curve as AWS-LC wants it; that it is one, it looks at itself.
fn point(algorithm: Algorithm, x: Option<Vec<u8>>, y: Option<Vec<u8>>) -> Result<Vec<u8>, &'static str> {
    let length = match algorithm {
        Algorithm::ES256 | Algorithm::EdDSA => 32,
        Algorithm::ES384 => 48,
        _ => 66,
    };
    let whole = |number: Option<Vec<u8>>| number.filter(|number| number.len() == length);
    let mut x = whole(x).ok_or("its `x` is not as long as its curve wants")?;
    if algorithm == Algorithm::EdDSA {
        return Ok(x);
    }
    let mut y = whole(y).ok_or("its `y` is not as long as its curve wants")?;
    let mut point = vec![4];
    point.append(&mut x);
    point.append(&mut y);
    Ok(point)
}
