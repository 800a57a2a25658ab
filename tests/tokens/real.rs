//! Two real issuers from registries: user pools of moto's server (PyPI), and an OpenID provider (npm).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use portcullis::clock::{Clock, SystemClock};
use portcullis::node::Options;
use portcullis_testkit::{Client, Running};
use portcullis_tests::gateways::{NOT_ALLOWED, UNAUTHORIZED, assert_refused, context, guests};
use portcullis_tests::ready::{Ready, here, python_of_moto};
use serde_json::Value;

use super::issuer::toml;
use super::{EXPIRED, get};

/// The machine's clock, which can be set forward.
#[derive(Debug)]
struct Shifted {
    clock: Arc<dyn Clock>,
    by: AtomicU64,
}

impl Clock for Shifted {
    fn monotonic(&self) -> Duration {
        self.clock.monotonic() + Duration::from_secs(self.by.load(Ordering::SeqCst))
    }

    fn wall(&self) -> Duration {
        self.clock.wall() + Duration::from_secs(self.by.load(Ordering::SeqCst))
    }
}

async fn started(toml: &str) -> (Running, Arc<Shifted>) {
    let clock = Arc::new(Shifted {
        clock: SystemClock::shared(),
        by: AtomicU64::new(0),
    });
    let options = Options {
        clock: Some(clock.clone()),
        ..Options::default()
    };
    (Running::start_with(toml, guests(), options).await, clock)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect("a text")
}

/// Asks a server for what it may have to make first: a gateway does not wait for that as long as a test does.
async fn warm(url: &str) {
    let answer = Client::default().send("GET", url, &[], b"").await;
    assert_eq!(answer.expect("an answer").status, 200, "{url}");
}

#[tokio::test]
async fn a_user_pool_of_moto() {
    let script = here("tokens/pools.py");
    let moto = Ready::start(&python_of_moto(), &["-Bu".into(), script]).await;
    let told: Value = serde_json::from_str(&moto.told).expect("JSON");
    let [one, two] = [0, 1].map(|index| &told["pools"][index]);
    let pool = |pool: &Value| text(pool, "pool").to_owned();
    let issuer = format!("https://cognito-idp.us-east-1.amazonaws.com/{}", pool(one));
    let authorizer = format!(
        "type = \"cognito_user_pools\"\nprovider_arns = [\"arn:aws:cognito-idp:us-east-1:123456789012:userpool/{}\"]",
        pool(one)
    );
    let jwks = format!("{}/{}/.well-known/jwks.json", text(&told, "moto"), pool(one));
    warm(&jwks).await;
    let toml = toml(&authorizer).replace("shop/all", "aws.cognito.signin.user.admin");
    let (gateway, clock) = started(&format!("{toml}[issuers.\"{issuer}\"]\njwks = \"{jwks}\"\n")).await;
    let (id, access) = (text(one, "id"), text(one, "access"));
    let answer = get(&gateway, "/dev/open", id).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let context = context(&answer.json());
    for (name, expected) in [
        ("authorizer.claims.cognito:username", "alice"),
        ("authorizer.claims.aud", text(one, "client")),
        ("authorizer.claims.iss", &issuer),
    ] {
        assert_eq!(context[name], expected, "{name}");
    }
    // In whatever order it writes them.
    let groups = text(&context, "authorizer.claims.cognito:groups");
    assert!(["Admin,User", "User,Admin"].contains(&groups), "{groups}");
    let answer = get(&gateway, "/dev/read", &format!("Bearer {access}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let tampered = id.replacen("eyJ", "eyK", 2);
    for (name, path, token, expected) in [
        (
            "the access token without scopes",
            "/dev/open",
            access,
            UNAUTHORIZED,
        ),
        ("the ID token with scopes", "/dev/read", id, UNAUTHORIZED),
        ("another pool's token", "/dev/open", text(two, "id"), UNAUTHORIZED),
        ("a changed one", "/dev/open", &tampered, UNAUTHORIZED),
    ] {
        assert_refused(&get(&gateway, path, token).await, expected, name);
    }
    clock.by.store(3_600 + 60, Ordering::SeqCst);
    assert_refused(&get(&gateway, "/dev/open", id).await, EXPIRED, "after an hour");
    assert_refused(
        &get(&gateway, "/dev/read", access).await,
        EXPIRED,
        "after an hour",
    );
}

/// Access tokens of RFC 9068 for one resource, by client credentials.
async fn token(issuer: &str, resource: &str, scope: &str) -> String {
    let body = format!("grant_type=client_credentials&scope={scope}&resource={resource}");
    let headers = [
        ("authorization", "Basic bWFjaGluZTpzZWNyZXQ="),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer = Client::default()
        .send("POST", &format!("{issuer}/token"), &headers, body.as_bytes())
        .await;
    let answer = answer.expect("an answer").json();
    text(&answer, "access_token").to_owned()
}

#[tokio::test]
async fn an_openid_provider() {
    let package = here("../target/oidc-provider");
    let script = here("tokens/provider.mjs");
    let Ready {
        child: mut provider,
        told: issuer,
        ..
    } = Ready::start(Path::new("node"), &[script, package]).await;
    warm(&format!("{issuer}/.well-known/openid-configuration")).await;
    warm(&format!("{issuer}/jwks")).await;
    let authorizer = format!(
        "type = \"jwt\"\nissuers = [{{ issuer = \"{issuer}\", audiences = [\"https://shop.example.com\"] }}]"
    );
    let (gateway, clock) = started(&toml(&authorizer)).await;
    let read = token(&issuer, "https://shop.example.com", "shop/read").await;
    let write = token(&issuer, "https://shop.example.com", "shop/write").await;
    let other = token(&issuer, "https://bank.example.com", "shop/read").await;
    for path in ["/dev/open", "/dev/read"] {
        let answer = get(&gateway, path, &format!("Bearer {read}")).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let context = context(&answer.json());
        assert_eq!(context["authorizer.claims.client_id"], "machine");
        assert_eq!(context["authorizer.claims.scope"], "shop/read");
    }
    assert_refused(
        &get(&gateway, "/dev/read", &write).await,
        NOT_ALLOWED,
        "another scope",
    );
    assert_refused(
        &get(&gateway, "/dev/open", &other).await,
        UNAUTHORIZED,
        "another resource",
    );
    // Its last keys count when it has gone.
    provider.kill().await.expect("it ends");
    assert_eq!(get(&gateway, "/dev/open", &write).await.status, 200);
    clock.by.store(600 + 60, Ordering::SeqCst);
    assert_refused(
        &get(&gateway, "/dev/open", &read).await,
        UNAUTHORIZED,
        "after ten minutes",
    );
}
