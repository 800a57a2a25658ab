//! Tokens that somebody would like to be accepted, each with the place where it is told of. None is.
//!
//! "8725 3.1" is a section of an RFC; "PortSwigger" are the labs of <https://portswigger.net/web-security/jwt>; CVEs are
//! those of libraries that took such a token.

use aws_lc_rs::hmac;

use super::sign::encode;
use super::*;
use crate::{MOST_HEADER, MOST_TOKEN, Part};

type Row = (&'static str, &'static str, String, Refused);

fn json(part: Part) -> Refused {
    Refused::Json(part, String::new())
}

/// Header and claims with this signature.
fn with(header: &str, claims: &str, signature: &[u8]) -> String {
    format!(
        "{}.{}.{}",
        encode(header.as_bytes()),
        encode(claims.as_bytes()),
        encode(signature)
    )
}

/// A token with this header, signed by the key of that name.
fn headed(name: &str, header: &str) -> String {
    signer(name).signed(header.as_bytes(), CLAIMS.as_bytes())
}

/// The same with more members in a usual header.
fn adding(name: &str, more: &str) -> String {
    headed(name, &format!(r#"{{"alg":"{name}","kid":"{name}",{more}}}"#))
}

/// A token that claims this.
fn claiming(claims: &str) -> String {
    signer("ES256").token(claims)
}

/// A token whose claims have this instead of that.
fn changed(from: &str, to: &str) -> String {
    assert!(CLAIMS.contains(from), "{from}");
    claiming(&CLAIMS.replace(from, to))
}

fn unsigned() -> Vec<Row> {
    let none = |alg: &str| {
        with(
            &format!(r#"{{"alg":"{alg}","kid":"RS256","typ":"JWT"}}"#),
            CLAIMS,
            b"",
        )
    };
    let real = signer("RS256").token(CLAIMS);
    let (message, signature) = real.rsplit_once('.').expect("a signature");
    let none_with_signature = format!("{}{signature}", none("none"));
    vec![
        ("none", "8725 3.2; CVE-2015-9235", none("none"), Refused::Unsigned),
        (
            "None",
            "PortSwigger, flawed signature verification",
            none("None"),
            Refused::Unsigned,
        ),
        ("NONE", "PortSwigger", none("NONE"), Refused::Unsigned),
        ("nOnE", "CVE-2020-28042", none("nOnE"), Refused::Unsigned),
        (
            "none with the real signature",
            "8725 2.1",
            none_with_signature,
            Refused::Unsigned,
        ),
        (
            "RS256 without signature",
            "CVE-2020-28042",
            format!("{message}."),
            Refused::Unsigned,
        ),
        (
            "no third part",
            "7515 7.1",
            message.to_owned(),
            Refused::NotCompact,
        ),
        (
            "an empty algorithm",
            "7515 4.1.1",
            none(""),
            Refused::UnknownAlgorithm,
        ),
        (
            "no algorithm",
            "7515 4.1.1",
            headed("ES256", r#"{"kid":"ES256"}"#),
            Refused::Header("alg"),
        ),
        (
            "an algorithm that is null",
            "7515 4.1.1",
            headed("ES256", r#"{"alg":null,"kid":"ES256"}"#),
            Refused::Header("alg"),
        ),
        (
            "an algorithm that is a number",
            "7515 4.1.1",
            headed("ES256", r#"{"alg":0,"kid":"ES256"}"#),
            Refused::Header("alg"),
        ),
        (
            "a list of algorithms",
            "7515 4.1.1",
            headed("ES256", r#"{"alg":["ES256"],"kid":"ES256"}"#),
            Refused::Header("alg"),
        ),
        (
            "an algorithm in small letters",
            "7515 4.1.1: case-sensitive",
            headed("ES256", r#"{"alg":"es256","kid":"ES256"}"#),
            Refused::UnknownAlgorithm,
        ),
        (
            "an algorithm with a blank",
            "7515 4.1.1",
            headed("ES256", r#"{"alg":"ES256 ","kid":"ES256"}"#),
            Refused::UnknownAlgorithm,
        ),
        (
            "an algorithm of another curve",
            "8812 3.2",
            headed("ES256", r#"{"alg":"ES256K","kid":"ES256"}"#),
            Refused::UnknownAlgorithm,
        ),
        (
            "an algorithm of encryption",
            "7518 4.1",
            headed("RS256", r#"{"alg":"RSA-OAEP","kid":"RS256"}"#),
            Refused::UnknownAlgorithm,
        ),
    ]
}

/// Key confusion: a public key taken for a secret.
fn symmetric() -> Vec<Row> {
    let hs = |alg: &str, algorithm: hmac::Algorithm, secret: &[u8]| {
        let message = format!(
            "{}.{}",
            encode(format!(r#"{{"alg":"{alg}","kid":"RS256"}}"#).as_bytes()),
            encode(CLAIMS.as_bytes())
        );
        let signature = hmac::sign(&hmac::Key::new(algorithm, secret), message.as_bytes());
        format!("{message}.{}", encode(signature.as_ref()))
    };
    let rsa = signer("RS256");
    let (public, jwk) = (rsa.public(), rsa.jwk(""));
    vec![
        (
            "HS256 by the public key",
            "8725 2.1; CVE-2016-10555",
            hs("HS256", hmac::HMAC_SHA256, &public),
            Refused::Symmetric,
        ),
        (
            "HS256 by the JWK",
            "PortSwigger, algorithm confusion",
            hs("HS256", hmac::HMAC_SHA256, jwk.as_bytes()),
            Refused::Symmetric,
        ),
        (
            "HS384 by the public key",
            "8725 2.1",
            hs("HS384", hmac::HMAC_SHA384, &public),
            Refused::Symmetric,
        ),
        (
            "HS512 by the public key",
            "8725 2.1",
            hs("HS512", hmac::HMAC_SHA512, &public),
            Refused::Symmetric,
        ),
        (
            "hs256",
            "8725 3.1",
            hs("hs256", hmac::HMAC_SHA256, &public),
            Refused::Symmetric,
        ),
        (
            "HS256 by an empty secret",
            "CVE-2019-20933",
            hs("HS256", hmac::HMAC_SHA256, b""),
            Refused::Symmetric,
        ),
        (
            "HS256 by a guessed secret",
            "8725 2.2; PortSwigger, weak signing key",
            hs("HS256", hmac::HMAC_SHA256, b"secret1"),
            Refused::Symmetric,
        ),
    ]
}

/// Keys of the attacker's own.
fn own_keys() -> Vec<Row> {
    let mallory = Signer::new(Algorithm::ES256, "ES256");
    let bringing = |more: &str| {
        let header = format!(r#"{{"alg":"ES256","kid":"ES256",{more}}}"#);
        mallory.signed(header.as_bytes(), CLAIMS.as_bytes())
    };
    let jwk = mallory.jwk("");
    let other = Signer::new(Algorithm::RS256, "RS256").token(CLAIMS);
    vec![
        (
            "another's key under the right name",
            "8725 2.1",
            mallory.token(CLAIMS),
            Refused::Signature,
        ),
        (
            "another's RSA key under the right name",
            "8725 2.1",
            other,
            Refused::Signature,
        ),
        (
            "jwk",
            "PortSwigger, jwk header injection; CVE-2018-0114",
            bringing(&format!(r#""jwk":{jwk}"#)),
            Refused::EmbeddedKey("jwk"),
        ),
        (
            "jwk of the right key",
            "8725 3.10",
            adding("ES256", &format!(r#""jwk":{}"#, signer("ES256").jwk(""))),
            Refused::EmbeddedKey("jwk"),
        ),
        (
            "jku",
            "PortSwigger, jku header injection",
            bringing(r#""jku":"https://evil.example.com/jwks.json""#),
            Refused::EmbeddedKey("jku"),
        ),
        (
            "jku of the issuer",
            "8725 3.10: SSRF",
            adding("ES256", r#""jku":"https://issuer.example.com/@evil""#),
            Refused::EmbeddedKey("jku"),
        ),
        (
            "x5u",
            "7515 4.1.5; PortSwigger",
            bringing(r#""x5u":"https://evil.example.com/a.pem""#),
            Refused::EmbeddedKey("x5u"),
        ),
        (
            "x5c",
            "7515 4.1.6; PortSwigger",
            bringing(r#""x5c":["MIIB"]"#),
            Refused::EmbeddedKey("x5c"),
        ),
    ]
}

/// Names of keys that would lead elsewhere.
fn key_ids() -> Vec<Row> {
    let named = |kid: &str| headed("ES256", &format!(r#"{{"alg":"ES256","kid":{kid}}}"#));
    let long = format!(r#""{}""#, "k".repeat(300));
    vec![
        (
            "a path",
            "PortSwigger, kid path traversal",
            named(r#""../../../../dev/null""#),
            Refused::UnknownKey,
        ),
        (
            "SQL",
            "8725 3.10",
            named(r#""x' UNION SELECT 'secret'--""#),
            Refused::UnknownKey,
        ),
        (
            "a command",
            "8725 3.10",
            named(r#""|/bin/true""#),
            Refused::UnknownKey,
        ),
        (
            "a URL",
            "8725 3.10",
            named(r#""https://evil.example.com/key""#),
            Refused::UnknownKey,
        ),
        (
            "another case",
            "7515 4.1.4: case-sensitive",
            named(r#""es256""#),
            Refused::UnknownKey,
        ),
        (
            "a name with NUL",
            "7515 4.1.4",
            named(r#""ES256\u0000""#),
            Refused::UnknownKey,
        ),
        ("an empty name", "7515 4.1.4", named(r#""""#), Refused::NoKeyId),
        (
            "no name",
            "API Gateway wants one",
            headed("ES256", r#"{"alg":"ES256"}"#),
            Refused::NoKeyId,
        ),
        ("a number", "7515 4.1.4", named("7"), Refused::Header("kid")),
        ("a long name", "bounds", named(&long), Refused::Header("kid")),
    ]
}

/// What a header asks for beside.
fn headers() -> Vec<Row> {
    let kind = |typ: &str| adding("ES256", &format!(r#""typ":{typ}"#));
    let large = format!(r#""x":"{}""#, "x".repeat(MOST_HEADER));
    vec![
        (
            "crit of what nobody knows",
            "7515 4.1.11; CVE-2025-59420",
            adding("ES256", r#""crit":["exp2"],"exp2":1"#),
            Refused::NotUnderstood("crit"),
        ),
        (
            "an empty crit",
            "7515 4.1.11",
            adding("ES256", r#""crit":[]"#),
            Refused::NotUnderstood("crit"),
        ),
        (
            "crit that is no list",
            "7515 4.1.11",
            adding("ES256", r#""crit":"alg""#),
            Refused::NotUnderstood("crit"),
        ),
        (
            "b64 in crit",
            "7797 6",
            adding("ES256", r#""crit":["b64"],"b64":false"#),
            Refused::NotUnderstood("crit"),
        ),
        (
            "b64 without crit",
            "7797 6",
            adding("ES256", r#""b64":false"#),
            Refused::NotUnderstood("b64"),
        ),
        (
            "zip",
            "7516 4.1.3; CVE-2024-28176",
            adding("ES256", r#""zip":"DEF""#),
            Refused::NotUnderstood("zip"),
        ),
        (
            "a security event",
            "8725 3.11; 8417 2.3",
            kind(r#""secevent+jwt""#),
            Refused::Type,
        ),
        (
            "a proof of possession",
            "9449 4.2",
            kind(r#""dpop+jwt""#),
            Refused::Type,
        ),
        (
            "a logout token",
            "OIDC back-channel logout 2.4",
            kind(r#""logout+jwt""#),
            Refused::Type,
        ),
        (
            "a type that is a number",
            "7519 5.1",
            kind("7"),
            Refused::Header("typ"),
        ),
        (
            "a token in it",
            "7519 5.2; 8725 3.11",
            adding("ES256", r#""cty":"JWT""#),
            Refused::Nested,
        ),
        (
            "enc",
            "7516 4.1.2",
            adding("ES256", r#""enc":"A128GCM""#),
            Refused::Encrypted,
        ),
        (
            "a large header",
            "bounds",
            adding("ES256", &large),
            Refused::LargeHeader,
        ),
        (
            "alg twice",
            "8725 2.4; 7515 4",
            headed("ES256", r#"{"alg":"none","alg":"ES256","kid":"ES256"}"#),
            json(Part::Header),
        ),
        (
            "alg twice, once escaped",
            "7515 4",
            headed("ES256", r#"{"alg":"ES256","\u0061lg":"none","kid":"ES256"}"#),
            json(Part::Header),
        ),
        (
            "a mark of byte order",
            "8259 8.1",
            headed("ES256", "\u{feff}{\"alg\":\"ES256\",\"kid\":\"ES256\"}"),
            json(Part::Header),
        ),
        (
            "a list",
            "7515 4",
            headed("ES256", r#"["ES256"]"#),
            json(Part::Header),
        ),
    ]
}

/// Texts that are almost tokens.
fn forms() -> Vec<Row> {
    let token = signer("ES256").token(CLAIMS);
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("three parts")
    };
    // Two digits more than 64 bytes need have four bits that say nothing.
    let mut loose = token.clone();
    let last = loose.pop().expect("a digit");
    let next = match last {
        'A' => 'B',
        'Q' => 'R',
        'g' => 'h',
        _ => 'x',
    };
    loose.push(next);
    let general = format!(
        r#"{{"payload":"{claims}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
    );
    vec![
        ("nothing", "7515 7.1", String::new(), Refused::NotCompact),
        ("two dots", "7515 7.1", "..".to_owned(), json(Part::Header)),
        (
            "four parts",
            "7515 7.1",
            format!("{token}.x"),
            Refused::NotCompact,
        ),
        (
            "five parts",
            "7516 7.1",
            format!("{token}.x.y"),
            Refused::Encrypted,
        ),
        (
            "a dot before it",
            "7515 7.1",
            format!(".{token}"),
            Refused::NotCompact,
        ),
        ("JSON", "7515 7.2.1; CVE-2022-39227", general, Refused::NotCompact),
        (
            "a blank before it",
            "7515 7.1",
            format!(" {token}"),
            Refused::Encoding(Part::Header),
        ),
        (
            "a line's end behind it",
            "7515 7.1",
            format!("{token}\n"),
            Refused::Encoding(Part::Signature),
        ),
        (
            "padding",
            "7515 2",
            format!("{header}=.{claims}.{signature}"),
            Refused::Encoding(Part::Header),
        ),
        (
            "padding of the signature",
            "7515 2",
            format!("{token}=="),
            Refused::Encoding(Part::Signature),
        ),
        (
            "digits of plain base64",
            "7515 2",
            format!("{header}.{claims}+/.{signature}"),
            Refused::Encoding(Part::Claims),
        ),
        (
            "bits that say nothing",
            "4648 3.5",
            loose,
            Refused::Encoding(Part::Signature),
        ),
        (
            "one digit too many",
            "4648 4",
            format!("{header}.{claims}.{signature}AAA"),
            Refused::Encoding(Part::Signature),
        ),
        (
            "blanks within",
            "7515 2",
            format!("{header}.{claims}. {signature}"),
            Refused::Encoding(Part::Signature),
        ),
        (
            "too large",
            "bounds; CVE-2024-33663",
            claiming(&"x".repeat(MOST_TOKEN)),
            Refused::TooLarge,
        ),
    ]
}

/// Signatures that a careless library takes.
fn signatures() -> Vec<Row> {
    let es = |signature: &[u8]| with(&signer("ES256").header(), CLAIMS, signature);
    let rs = |signature: &[u8]| with(&signer("RS256").header(), CLAIMS, signature);
    let order = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
        0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let real = signer("ES256").token(CLAIMS);
    let signature = real
        .rsplit('.')
        .next()
        .and_then(crate::base64url::decode)
        .expect("a signature");
    let der = [&[0x30, 68, 2, 32], &signature[..32], &[2, 32], &signature[32..]].concat();
    let mallory = CLAIMS.replace("alice", "mallory");
    let ps_as_rs = {
        let header = r#"{"alg":"RS256","kid":"PS256"}"#;
        signer("PS256").signed(header.as_bytes(), CLAIMS.as_bytes())
    };
    let wrong = Refused::WrongKey;
    vec![
        (
            "r and s are zero",
            "CVE-2022-21449",
            es(&[0; 64]),
            Refused::Signature,
        ),
        (
            "r and s are the order",
            "CVE-2022-21449",
            es(&[order, order].concat()),
            Refused::Signature,
        ),
        (
            "r is zero",
            "FIPS 186-5 6.4.2",
            es(&[&[0; 32], &signature[32..]].concat()),
            Refused::Signature,
        ),
        ("DER", "7518 3.4", es(&der), Refused::Signature),
        (
            "a byte more",
            "7518 3.4",
            es(&[&signature[..], &[0]].concat()),
            Refused::Signature,
        ),
        (
            "a byte less",
            "7518 3.4",
            es(&signature[..63]),
            Refused::Signature,
        ),
        ("zeros of RSA", "8017 8.2.2", rs(&[0; 256]), Refused::Signature),
        (
            "one of RSA",
            "8017 8.2.2",
            rs(&[&[0; 255][..], &[1]].concat()),
            Refused::Signature,
        ),
        (
            "half a signature of RSA",
            "8017 8.2.2",
            rs(&[0x55; 128]),
            Refused::Signature,
        ),
        (
            "the signature of other claims",
            "PortSwigger, unverified signature",
            with(&signer("ES256").header(), &mallory, &signature),
            Refused::Signature,
        ),
        (
            "PS256 under the name RS256",
            "8725 3.1",
            ps_as_rs,
            wrong(Algorithm::RS256),
        ),
        (
            "RS512 by a key for RS256",
            "8725 3.1",
            headed("RS256", r#"{"alg":"RS512","kid":"RS256"}"#),
            wrong(Algorithm::RS512),
        ),
        (
            "ES384 by a key for ES256",
            "7518 3.4",
            headed("ES256", r#"{"alg":"ES384","kid":"ES256"}"#),
            wrong(Algorithm::ES384),
        ),
        (
            "ES256 by an RSA key",
            "8725 3.1",
            headed("RS256", r#"{"alg":"ES256","kid":"RS256"}"#),
            wrong(Algorithm::ES256),
        ),
        (
            "RS256 by an EC key",
            "8725 3.1",
            headed("ES256", r#"{"alg":"RS256","kid":"ES256"}"#),
            wrong(Algorithm::RS256),
        ),
        (
            "EdDSA by an EC key",
            "8037 3.1",
            headed("ES256", r#"{"alg":"EdDSA","kid":"ES256"}"#),
            wrong(Algorithm::EdDSA),
        ),
        (
            "EdDSA with s of a larger order",
            "8032 5.1.7",
            larger_s(),
            Refused::Signature,
        ),
    ]
}

/// A signature of Ed25519 whose `s` is the same modulo the order of the group.
fn larger_s() -> String {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let token = signer("EdDSA").token(CLAIMS);
    let (message, signature) = token.rsplit_once('.').expect("a signature");
    let mut signature = crate::base64url::decode(signature).expect("base64url");
    let mut carry = 0;
    for (byte, add) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum & 0xff).expect("a byte");
        carry = sum >> 8;
    }
    format!("{message}.{}", encode(&signature))
}

/// Claims that are not what they should be, well signed.
fn claims() -> Vec<Row> {
    let deep = format!("{}{}", r#"{"a":"#.repeat(200), "1".to_owned() + &"}".repeat(200));
    let latin = signer("ES256").signed(signer("ES256").header().as_bytes(), b"{\"sub\":\"\xe9\"}");
    let exp = r#""exp":1767229200"#;
    let aud = r#""aud":"shop""#;
    let iss = r#""iss":"https://issuer.example.com""#;
    let iat = r#""iat":1767225500"#;
    vec![
        ("a list", "7519 7.2", claiming("[]"), json(Part::Claims)),
        ("a text", "7519 7.2", claiming(r#""alice""#), json(Part::Claims)),
        ("no JSON", "7519 7.2", claiming("sub=alice"), json(Part::Claims)),
        (
            "more behind it",
            "8259 2",
            claiming(&format!("{CLAIMS}{CLAIMS}")),
            json(Part::Claims),
        ),
        ("no UTF-8", "8725 3.7", latin, json(Part::Claims)),
        (
            "half a surrogate",
            "8259 8.2",
            changed("alice", r"\ud800"),
            json(Part::Claims),
        ),
        ("deep", "bounds", claiming(&deep), json(Part::Claims)),
        (
            "sub twice",
            "7519 4; 8725 2.4",
            changed(r#""sub":"alice""#, r#""sub":"alice","sub":"root""#),
            json(Part::Claims),
        ),
        (
            "a member of a member twice",
            "7519 4",
            changed(r#""sub":"alice""#, r#""act":{"sub":"a","sub":"b"}"#),
            json(Part::Claims),
        ),
        (
            "exp is NaN",
            "8259 6",
            changed(exp, r#""exp":NaN"#),
            json(Part::Claims),
        ),
        (
            "exp is infinite",
            "8259 6",
            changed(exp, r#""exp":1e400"#),
            json(Part::Claims),
        ),
        (
            "exp after the year 9999",
            "7519 2",
            changed(exp, r#""exp":1e300"#),
            Refused::Claim("exp"),
        ),
        (
            "exp that overflows",
            "7519 2",
            changed(exp, r#""exp":18446744073709551615"#),
            Refused::Claim("exp"),
        ),
        (
            "exp below zero",
            "7519 2",
            changed(exp, r#""exp":-1"#),
            Refused::Claim("exp"),
        ),
        (
            "exp is a text",
            "7519 4.1.4",
            changed(exp, r#""exp":"1767229200""#),
            Refused::Claim("exp"),
        ),
        (
            "exp is null",
            "7519 4.1.4",
            changed(exp, r#""exp":null"#),
            Refused::Claim("exp"),
        ),
        (
            "exp is true",
            "7519 4.1.4",
            changed(exp, r#""exp":true"#),
            Refused::Claim("exp"),
        ),
        (
            "no exp",
            "8725 3.8; API Gateway wants one",
            changed(exp, r#""x":1"#),
            Refused::Missing("exp"),
        ),
        (
            "expired",
            "7519 4.1.4",
            changed(exp, r#""exp":1767225000"#),
            Refused::Expired,
        ),
        (
            "expired with a fraction",
            "7519 4.1.4",
            changed(exp, r#""exp":1767225000.9"#),
            Refused::Expired,
        ),
        (
            "not yet",
            "7519 4.1.5",
            changed(exp, r#""exp":1767229200,"nbf":1767229000"#),
            Refused::Early("nbf"),
        ),
        (
            "nbf is a text",
            "7519 4.1.5",
            changed(exp, r#""exp":1767229200,"nbf":"0""#),
            Refused::Claim("nbf"),
        ),
        (
            "issued in the future",
            "API Gateway: iat",
            changed(iat, r#""iat":1767229000"#),
            Refused::Early("iat"),
        ),
        (
            "iat is a list",
            "7519 4.1.6",
            changed(iat, r#""iat":[1]"#),
            Refused::Claim("iat"),
        ),
        (
            "another issuer",
            "8725 3.8",
            changed(iss, r#""iss":"https://evil.example.com""#),
            Refused::Issuer,
        ),
        (
            "the issuer with a slash",
            "8725 3.8: exact",
            changed(iss, r#""iss":"https://issuer.example.com/""#),
            Refused::Issuer,
        ),
        (
            "the issuer in capitals",
            "8725 3.8: exact",
            changed(iss, r#""iss":"HTTPS://issuer.example.com""#),
            Refused::Issuer,
        ),
        (
            "the issuer and more",
            "8725 3.8: exact",
            changed(iss, r#""iss":"https://issuer.example.com.evil.com""#),
            Refused::Issuer,
        ),
        (
            "a list of issuers",
            "CVE-2022-23539; 7519 4.1.1",
            changed(iss, r#""iss":["https://issuer.example.com"]"#),
            Refused::Claim("iss"),
        ),
        (
            "no issuer",
            "8725 3.8",
            changed(iss, r#""x":1"#),
            Refused::Missing("iss"),
        ),
        (
            "for others",
            "8725 3.9",
            changed(aud, r#""aud":"bank""#),
            Refused::Audience,
        ),
        (
            "for nobody",
            "8725 3.9",
            changed(aud, r#""x":1"#),
            Refused::Audience,
        ),
        (
            "for an empty list",
            "CVE-2020-26160",
            changed(aud, r#""aud":[]"#),
            Refused::Audience,
        ),
        (
            "for an empty text",
            "CVE-2020-26160",
            changed(aud, r#""aud":"""#),
            Refused::Audience,
        ),
        (
            "for an object",
            "7519 4.1.3",
            changed(aud, r#""aud":{"shop":1}"#),
            Refused::Claim("aud"),
        ),
        (
            "for null",
            "7519 4.1.3",
            changed(aud, r#""aud":null"#),
            Refused::Claim("aud"),
        ),
        (
            "for a number too",
            "7519 4.1.3",
            changed(aud, r#""aud":["shop",7]"#),
            Refused::Claim("aud"),
        ),
        (
            "for others, with the client's id",
            "API Gateway: aud first",
            changed(aud, r#""aud":"bank","client_id":"shop""#),
            Refused::Audience,
        ),
    ]
}

#[test]
fn none_of_these_is_accepted() {
    let all = [
        unsigned(),
        symmetric(),
        own_keys(),
        key_ids(),
        headers(),
        forms(),
        signatures(),
        claims(),
    ];
    let rows: Vec<Row> = all.into_iter().flatten().collect();
    assert!(rows.len() >= 120, "{}", rows.len());
    for (name, source, token, expected) in rows {
        let refused = match verified(&token) {
            Ok(claims) => panic!("{name} ({source}) is accepted: {claims:?}"),
            Err(Refused::Json(part, _)) => json(part),
            Err(refused) => refused,
        };
        assert_eq!(refused, expected, "{name} ({source})");
    }
}

/// A key that may be for several algorithms, and a list that allows one.
#[test]
fn only_algorithms_of_the_list_count() {
    let rsa = signer("PS256");
    let keys = KeySet::parse(format!(r#"{{"keys":[{}]}}"#, rsa.jwk("")).as_bytes()).expect("a key set");
    let token = rsa.token(CLAIMS);
    assert!(verified_by(&token, &keys, Algorithms::ALL).is_ok());
    let refused = |allowed: Algorithms| verified_by(&token, &keys, allowed).map(drop);
    assert_eq!(
        refused(Algorithms::RS256),
        Err(Refused::Algorithm(Algorithm::PS256))
    );
    assert_eq!(
        refused(Algorithms::NONE),
        Err(Refused::Algorithm(Algorithm::PS256))
    );
    let one: Algorithms = [Algorithm::PS256].into_iter().collect();
    assert_eq!(refused(one), Ok(()));
}

/// What is told of a refusal is a sentence, and has nothing of the token.
#[test]
fn refusals_say_why() {
    let expired = claiming(&CLAIMS.replace("1767229200", "1767225000"));
    let told = verified(&expired)
        .map(drop)
        .expect_err("it has expired")
        .to_string();
    assert_eq!(told, "it has expired");
    let token = headed("ES256", r#"{"alg":"ES256","kid":"a secret name"}"#);
    let told = verified(&token).map(drop).expect_err("no such key").to_string();
    assert_eq!(told, "its `kid` is none of the issuer's keys");
}
