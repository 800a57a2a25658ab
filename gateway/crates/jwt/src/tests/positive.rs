//! What is accepted: each algorithm, the RFCs' own examples, and the limits of times.

use super::*;
use crate::base64url::decode;

#[test]
fn every_algorithm_is_verified() {
    for signer in SIGNERS.iter() {
        let claims = verified(&signer.token(CLAIMS)).expect(&signer.id);
        assert_eq!(claims.text("sub"), Some("alice"), "{}", signer.id);
        assert_eq!(claims.scopes().collect::<Vec<_>>(), ["read", "write"]);
    }
}

/// RFC 7515, appendices A.2 and A.3, and RFC 8037, appendix A.4. Their headers have no `kid`, so the keys are asked
/// directly.
#[test]
fn examples_of_the_rfcs_are_verified() {
    const JOE: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let rs256 = (
        r#"{"kid":"a","kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#,
        format!("eyJhbGciOiJSUzI1NiJ9.{JOE}"),
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        Algorithm::RS256,
    );
    let es256 = (
        r#"{"kid":"a","kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
        format!("eyJhbGciOiJFUzI1NiJ9.{JOE}"),
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        Algorithm::ES256,
    );
    let ed25519 = (
        r#"{"kid":"a","kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".to_owned(),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        Algorithm::EdDSA,
    );
    for (key, message, signature, algorithm) in [rs256, es256, ed25519] {
        let set = KeySet::parse(format!(r#"{{"keys":[{key}]}}"#).as_bytes()).expect("a key set");
        let key = set.find("a").expect("a key");
        let signature = decode(signature).expect("base64url");
        assert_eq!(
            key.verify(algorithm, message.as_bytes(), &signature),
            Ok(()),
            "{algorithm:?}"
        );
        let other = format!("{message}A");
        assert_eq!(
            key.verify(algorithm, other.as_bytes(), &signature),
            Err(Refused::Signature),
            "{algorithm:?}"
        );
    }
}

#[test]
fn types_of_tokens_for_apis_are_taken() {
    let signer = signer("ES256");
    for kind in [
        "",
        r#","typ":"JWT""#,
        r#","typ":"jwt""#,
        r#","typ":"at+jwt""#,
        r#","typ":"application/AT+JWT""#,
    ] {
        let header = format!(r#"{{"alg":"ES256","kid":"ES256"{kind},"x5t":"abc","x-own":1}}"#);
        let token = signer.signed(header.as_bytes(), CLAIMS.as_bytes());
        assert!(verified(&token).is_ok(), "{kind}");
    }
}

/// RFC 7519, section 4.1: the clocks may differ by the leeway, and by no second more.
#[test]
fn times_have_their_leeway() {
    let signer = signer("ES256");
    for (name, times, expected) in [
        ("expires now and 60 s ago less one", NOW - 59, Ok(())),
        ("expired 60 s ago", NOW - 60, Err(Refused::Expired)),
    ]
    .map(|(name, exp, expected)| (name, format!(r#""exp":{exp}"#), expected))
    .into_iter()
    .chain([
        (
            "begins in 60 s",
            format!(r#""exp":{},"nbf":{}"#, NOW + 99, NOW + 60),
            Ok(()),
        ),
        (
            "begins in 61 s",
            format!(r#""exp":{},"nbf":{}"#, NOW + 99, NOW + 61),
            Err(Refused::Early("nbf")),
        ),
        (
            "issued in 60 s",
            format!(r#""exp":{},"iat":{}"#, NOW + 99, NOW + 60),
            Ok(()),
        ),
        (
            "issued in 61 s",
            format!(r#""exp":{},"iat":{}"#, NOW + 99, NOW + 61),
            Err(Refused::Early("iat")),
        ),
        ("with a fraction", format!(r#""exp":{}.5"#, NOW + 99), Ok(())),
    ]) {
        let token = signer.token(&format!(r#"{{"iss":"{ISSUER}","aud":"shop",{times}}}"#));
        assert_eq!(verified(&token).map(drop), expected, "{name}");
    }
}

#[test]
fn audiences_are_one_or_several_or_the_client() {
    let signer = signer("ES256");
    for (audience, expected) in [
        (r#""aud":"shop""#, Ok(())),
        (r#""aud":["else","shop"]"#, Ok(())),
        (r#""client_id":"shop""#, Ok(())),
        (r#""aud":"else","client_id":"shop""#, Err(Refused::Audience)),
        (r#""aud":"shop ""#, Err(Refused::Audience)),
        (r#""aud":[]"#, Err(Refused::Audience)),
        (r#""sub":"shop""#, Err(Refused::Audience)),
    ] {
        let token = signer.token(&format!(r#"{{"iss":"{ISSUER}","exp":1767229200,{audience}}}"#));
        assert_eq!(verified(&token).map(drop), expected, "{audience}");
    }
}

/// `scp` of Microsoft's tokens is a text, of Okta's a list.
#[test]
fn scopes_are_texts_or_lists() {
    for (claim, expected) in [
        (r#""scope":"a b  c""#, &["a", "b", "c"][..]),
        (r#""scp":["a","b"]"#, &["a", "b"]),
        (r#""scp":"a b""#, &["a", "b"]),
        (r#""scope":"a","scp":["b"]"#, &["a", "b"]),
        (r#""scope":7"#, &[]),
        (r#""scope":["a",7]"#, &[]),
        (r#""sub":"a""#, &[]),
    ] {
        let claims = Claims::parse(&sign::encode(format!("{{{claim}}}").as_bytes())).expect("claims");
        assert_eq!(claims.scopes().collect::<Vec<_>>(), expected, "{claim}");
    }
}
