//! Key sets: which keys can be used, and why others cannot.

use super::*;
use crate::{KeySetError, MOST_KEY_SET, MOST_KEYS};

fn why(key: &str) -> Option<&'static str> {
    let set = KeySet::parse(format!(r#"{{"keys":[{key}]}}"#).as_bytes()).expect("a key set");
    assert_eq!(set.len() + set.skipped().len(), 1);
    assert_eq!(set.is_empty(), !set.skipped().is_empty());
    set.skipped().first().map(|skipped| skipped.why)
}

#[test]
fn keys_that_cannot_be_used_are_passed_over() {
    let (rsa, ec, ed) = (signer("RS256"), signer("ES256"), signer("EdDSA"));
    let short = |bits: usize| {
        format!(
            r#"{{"kid":"a","kty":"RSA","e":"AQAB","n":"{}"}}"#,
            sign::encode(&vec![0xff; bits / 8])
        )
    };
    let exponent = |e: &[u8]| {
        let n = sign::encode(&[0xff; 256]);
        format!(r#"{{"kid":"a","kty":"RSA","n":"{n}","e":"{}"}}"#, sign::encode(e))
    };
    let off_the_curve = format!(
        r#"{{"kid":"a","kty":"EC","crv":"P-256","x":"{0}","y":"{0}"}}"#,
        sign::encode(&[1; 32])
    );
    for (name, key, expected) in [
        ("RSA", rsa.jwk(""), None),
        ("RSA for verifying", rsa.jwk(r#","key_ops":["verify"]"#), None),
        ("EC", ec.jwk(""), None),
        ("Ed25519", ed.jwk(""), None),
        (
            "for encryption",
            rsa.jwk(r#","use":"enc""#),
            Some("its `use` is not that of signatures"),
        ),
        (
            "for signing",
            rsa.jwk(r#","key_ops":["sign"]"#),
            Some("its `key_ops` do not let it verify"),
        ),
        (
            "no list",
            rsa.jwk(r#","key_ops":"verify""#),
            Some("its `key_ops` do not let it verify"),
        ),
        (
            "an algorithm of encryption",
            rsa.jwk(r#","alg":"RSA-OAEP""#),
            Some("its `alg` is none of its type"),
        ),
        (
            "another type's algorithm",
            rsa.jwk(r#","alg":"ES256""#),
            Some("its `alg` is none of its type"),
        ),
        (
            "another curve's algorithm",
            ec.jwk(r#","alg":"ES384""#),
            Some("its `alg` is none of its type"),
        ),
        (
            "HS256 of an RSA key",
            rsa.jwk(r#","alg":"HS256""#),
            Some("its `alg` is none of its type"),
        ),
        (
            "private",
            rsa.jwk(r#","d":"AQAB""#),
            Some("it is a secret, not a public key"),
        ),
        (
            "symmetric",
            r#"{"kid":"a","kty":"oct","k":"AAAA"}"#.to_owned(),
            Some("it is a secret, not a public key"),
        ),
        (
            "symmetric without its secret",
            r#"{"kid":"a","kty":"oct"}"#.to_owned(),
            Some("its `kty`, with its `crv`, is none that is known"),
        ),
        (
            "another curve",
            r#"{"kid":"a","kty":"OKP","crv":"X25519","x":"AAAA"}"#.to_owned(),
            Some("its `kty`, with its `crv`, is none that is known"),
        ),
        (
            "secp256k1",
            r#"{"kid":"a","kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"}"#.to_owned(),
            Some("its `kty`, with its `crv`, is none that is known"),
        ),
        (
            "no name",
            rsa.jwk("").replace(r#""kid":"RS256","#, ""),
            Some("it has no `kid` by which a token could name it"),
        ),
        (
            "1024 bits",
            short(1024),
            Some("its modulus has not 2048 to 8192 bits"),
        ),
        (
            "2040 bits",
            short(2040),
            Some("its modulus has not 2048 to 8192 bits"),
        ),
        (
            "8200 bits",
            short(8200),
            Some("its modulus has not 2048 to 8192 bits"),
        ),
        (
            "exponent 1",
            exponent(&[1]),
            Some("its exponent is not an odd number from 3 with 33 bits at the most"),
        ),
        (
            "an even exponent",
            exponent(&[1, 0, 0]),
            Some("its exponent is not an odd number from 3 with 33 bits at the most"),
        ),
        (
            "a large exponent",
            exponent(&[2, 0, 0, 0, 1]),
            Some("its exponent is not an odd number from 3 with 33 bits at the most"),
        ),
        (
            "no modulus",
            r#"{"kid":"a","kty":"RSA","e":"AQAB"}"#.to_owned(),
            Some("its `n` is not base64url"),
        ),
        (
            "off the curve",
            off_the_curve,
            Some("it is no point of its curve"),
        ),
        (
            "a short coordinate",
            r#"{"kid":"a","kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}"#.to_owned(),
            Some("its `x` is not as long as its curve wants"),
        ),
        ("no object", "7".to_owned(), Some("it is no object")),
    ] {
        assert_eq!(why(&key), expected, "{name}");
    }
}

/// The key of one `kid` is the first.
#[test]
fn a_name_is_one_key() {
    let (one, two) = (
        Signer::new(Algorithm::ES256, "a"),
        Signer::new(Algorithm::ES256, "a"),
    );
    let set = KeySet::parse(sign::set(&[&one, &two]).as_bytes()).expect("a key set");
    assert_eq!((set.len(), set.skipped()[0].place), (1, 1));
    assert!(verified_by(&one.token(CLAIMS), &set, Algorithms::ALL).is_ok());
    assert_eq!(
        verified_by(&two.token(CLAIMS), &set, Algorithms::ALL),
        Err(Refused::Signature)
    );
}

/// A number with a sign's byte before it, as some issuers write it.
#[test]
fn a_zero_before_a_modulus_is_none_of_it() {
    let signer = signer("RS256");
    let jwk: serde_json::Value = serde_json::from_str(&signer.jwk("")).expect("JSON");
    let n = crate::base64url::decode(jwk["n"].as_str().expect("n")).expect("base64url");
    let padded = sign::encode(&[&[0], &n[..]].concat());
    let set = format!(r#"{{"keys":[{{"kid":"RS256","kty":"RSA","e":"AQAB","n":"{padded}"}}]}}"#);
    let set = KeySet::parse(set.as_bytes()).expect("a key set");
    assert!(verified_by(&signer.token(CLAIMS), &set, Algorithms::ALL).is_ok());
}

#[test]
fn a_set_is_bounded_and_well_formed() {
    let key = signer("EdDSA").jwk("");
    let many = |count: usize| {
        let keys = (0..count).map(|index| key.replace(r#""kid":"EdDSA""#, &format!(r#""kid":"{index}""#)));
        format!(r#"{{"keys":[{}]}}"#, keys.collect::<Vec<_>>().join(","))
    };
    assert_eq!(
        KeySet::parse(many(MOST_KEYS).as_bytes()).map(|set| set.len()),
        Ok(MOST_KEYS)
    );
    for (text, expected) in [
        (many(MOST_KEYS + 1), KeySetError::TooMany(MOST_KEYS + 1)),
        (" ".repeat(MOST_KEY_SET + 1), KeySetError::TooLarge),
        ("{}".to_owned(), KeySetError::NoKeys),
        (r#"{"keys":{}}"#.to_owned(), KeySetError::NoKeys),
        ("[]".to_owned(), KeySetError::Json("it is no object".to_owned())),
    ] {
        assert_eq!(KeySet::parse(text.as_bytes()).map(|set| set.len()), Err(expected));
    }
    for text in [r#"{"keys":[],"keys":[]}"#, "<html>", r#"{"keys":[]} x"#, ""] {
        assert!(
            matches!(KeySet::parse(text.as_bytes()), Err(KeySetError::Json(_))),
            "{text}"
        );
    }
}
