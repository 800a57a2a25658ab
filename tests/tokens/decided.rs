//! Who is let in, and what the others are told.

use portcullis_tests::gateways::{NOT_ALLOWED, UNAUTHORIZED, assert_refused};

use super::issuer::{Issuer, started, toml};
use super::sign::Signer;
use super::{Algorithm, EXPIRED, NO_KEYS, NOW, get, status};

#[tokio::test]
async fn a_token_of_a_trusted_issuer_lets_in() {
    let issuer = Issuer::new().await;
    let (gateway, _) = started(&issuer.toml()).await;
    let token = issuer.token_with(r#","scope":"x shop/read""#);
    for path in ["/dev/open", "/dev/read"] {
        for text in [
            token.clone(),
            format!("Bearer {token}"),
            format!("bearer  {token}"),
        ] {
            let answer = get(&gateway, path, &text).await;
            assert_eq!(answer.status, 200, "{path} {text}: {answer:?}");
        }
    }
    let list = issuer.token_with(r#","scp":["shop/all"]"#);
    assert_eq!(status(&gateway, "/dev/read", &list).await, 200);
}

/// behaviours: no identity is a 401. A token's scopes: ACCESS_DENIED, "when access is denied by a custom or Amazon Cognito
/// authorizer" (supported-gateway-response-types.html).
#[tokio::test]
async fn others_are_told_nothing_of_why() {
    let issuer = Issuer::new().await;
    let (gateway, _) = started(&issuer.toml()).await;
    let mallory = Signer::new(Algorithm::ES256, "one");
    let good = issuer.token();
    let longer = format!("{good}x");
    let claims = issuer.claims("");
    let late = claims.replace(&(NOW + 3_600).to_string(), &(NOW - 61).to_string());
    for (name, token, expected) in [
        ("another's key", mallory.token(&claims), UNAUTHORIZED),
        ("no token", "nonsense".to_owned(), UNAUTHORIZED),
        ("an empty header", String::new(), UNAUTHORIZED),
        ("Bearer alone", "Bearer ".to_owned(), UNAUTHORIZED),
        ("another scheme", format!("Basic {good}"), UNAUTHORIZED),
        ("a letter more", longer, UNAUTHORIZED),
        ("expired", issuer.signer.token(&late), UNAUTHORIZED),
        (
            "for others",
            issuer.signer.token(&claims.replace("shop", "bank")),
            UNAUTHORIZED,
        ),
        (
            "another issuer's",
            issuer.signer.token(&claims.replace("/realm", "/other")),
            UNAUTHORIZED,
        ),
    ] {
        for path in ["/dev/open", "/dev/read"] {
            assert_refused(&get(&gateway, path, &token).await, expected, name);
        }
    }
    assert_refused(&gateway.get("/dev/open", &[]).await, UNAUTHORIZED, "no header");
    let twice = [("authorization", good.as_str()), ("authorization", good.as_str())];
    assert_refused(
        &gateway.get("/dev/open", &twice).await,
        UNAUTHORIZED,
        "two headers",
    );
    assert_refused(&get(&gateway, "/dev/read", &good).await, NOT_ALLOWED, "no scope");
    let other = issuer.token_with(r#","scope":"shop/reads""#);
    assert_refused(
        &get(&gateway, "/dev/read", &other).await,
        NOT_ALLOWED,
        "another scope",
    );
    let metrics = gateway.metrics().await;
    let count = |outcome| {
        metrics.sum(
            "portcullis_authorizer_tokens_total",
            &[("authorizer", "people"), ("outcome", outcome)],
        )
    };
    assert_eq!(
        ["accepted", "refused", "expired", "scope", "failed"].map(count),
        [0.0, 18.0, 2.0, 2.0, 0.0]
    );
}

/// apigateway-enable-cognito-user-pool.html: without scopes an ID token is wanted, with scopes an access token.
#[tokio::test]
async fn a_user_pool_has_tokens_of_two_uses() {
    let issuer = Issuer::new().await;
    let (gateway, clock) = started(&pool(&issuer, "")).await;
    let signer = Signer::new(Algorithm::RS256, "rsa");
    issuer.publish(&[&signer]);
    let token = |more: &str| {
        let exp = NOW + 3_600;
        signer.token(&format!(r#"{{"iss":"{POOL}","sub":"alice","exp":{exp}{more}}}"#))
    };
    let id = token(r#","aud":"client","token_use":"id""#);
    let access = token(r#","client_id":"client","token_use":"access","scope":"shop/all""#);
    let other = token(r#","client_id":"client","token_use":"access","scope":"x""#);
    for (name, path, token, expected) in [
        ("the ID token", "/dev/open", &id, 200),
        ("an access token", "/dev/open", &access, 401),
        ("the ID token with scopes", "/dev/read", &id, 401),
        ("an access token with a scope", "/dev/read", &access, 200),
        ("an access token with another", "/dev/read", &other, 403),
        (
            "a token of no use",
            "/dev/open",
            &token(r#","aud":"client""#),
            401,
        ),
    ] {
        assert_eq!(status(&gateway, path, token).await, expected, "{name}");
    }
    clock.advance(std::time::Duration::from_secs(3_600 + 60));
    assert_refused(&get(&gateway, "/dev/open", &id).await, EXPIRED, "expired");
    // Cognito signs by RS256 alone.
    issuer.publish(&[&signer, &issuer.signer]);
    clock.advance(std::time::Duration::from_secs(3_600));
    let now = NOW + 7_200 + 60;
    let claims = format!(
        r#"{{"iss":"{POOL}","sub":"a","exp":{},"token_use":"id"}}"#,
        now + 60
    );
    assert_eq!(status(&gateway, "/dev/open", &signer.token(&claims)).await, 200);
    assert_eq!(
        status(&gateway, "/dev/open", &issuer.signer.token(&claims)).await,
        401
    );
}

pub const POOL: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC";

/// An authorizer of a user pool whose keys are this issuer's.
pub fn pool(issuer: &Issuer, more: &str) -> String {
    let authorizer = format!(
        r#"type = "cognito_user_pools"
        provider_arns = ["arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_AbC"]
        {more}"#
    );
    let jwks = format!("http://{}/pool/.well-known/jwks.json", issuer.origin.authority());
    format!("{}[issuers.\"{POOL}\"]\njwks = \"{jwks}\"\n", toml(&authorizer))
}

/// supported-gateway-response-types.html: AUTHORIZER_CONFIGURATION_ERROR, "for failing to connect to a custom or Amazon
/// Cognito authorizer".
#[tokio::test]
async fn nobody_is_let_in_before_the_keys_are_known() {
    let issuer = Issuer::new().await;
    let (gateway, clock) = started(&issuer.toml()).await;
    let token = issuer.token();
    for (name, status, text) in [
        ("a fault", 500, None),
        ("moved", 302, None),
        ("no key set", 200, Some("<html>")),
        ("an empty key set", 200, Some(r#"{"keys":[]}"#)),
        (
            "secrets alone",
            200,
            Some(r#"{"keys":[{"kid":"one","kty":"oct","k":"AAAA"}]}"#),
        ),
    ] {
        issuer.answer(status);
        if let Some(text) = text {
            issuer.publish_text(text);
        }
        assert_refused(&get(&gateway, "/dev/open", &token).await, NO_KEYS, name);
        clock.advance(std::time::Duration::from_secs(60));
    }
    let own = issuer.url();
    issuer.publish(&[&issuer.signer]);
    for (name, iss, jwks_uri) in [
        ("another's discovery document", Some("http://other"), None),
        ("a slash more", Some(&*format!("{own}/")), None),
        ("keys that come without TLS", None, Some("http://192.0.2.1/keys")),
        ("keys of a file", None, Some("file:///etc/passwd")),
    ] {
        issuer.discovery(iss, jwks_uri);
        assert_refused(&get(&gateway, "/dev/open", &token).await, NO_KEYS, name);
        clock.advance(std::time::Duration::from_secs(60));
    }
    // Who shows no token is a client's doing, not the issuer's.
    assert_refused(&gateway.get("/dev/open", &[]).await, UNAUTHORIZED, "no token");
    issuer.discovery(None, None);
    assert_eq!(status(&gateway, "/dev/open", &token).await, 200);
}
