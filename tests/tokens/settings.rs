//! Each setting does what it says, and what cannot be is told with its place.

use portcullis::node::{Node, Options};
use portcullis_testkit::Files;
use portcullis_tests::gateways::guests;
use portcullis_tests::tls::Authority;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

use super::decided::{POOL, pool};
use super::issuer::{Issuer, started, started_with, toml};
use super::sign::{self, Signer};
use super::{Algorithm, NOW, status};

#[tokio::test]
async fn leeway_is_what_the_issuer_has() {
    let issuer = Issuer::new().await;
    let claims = issuer
        .claims("")
        .replace(&(NOW + 3_600).to_string(), &(NOW - 10).to_string());
    let token = issuer.signer.token(&claims);
    for (more, expected) in [
        ("", 200),
        ("leeway_seconds = 11", 200),
        ("leeway_seconds = 10", 401),
        ("leeway_seconds = 0", 401),
    ] {
        let toml = format!("{}[issuers.\"{}\"]\n{more}\n", issuer.toml(), issuer.url());
        let (gateway, _) = started(&toml).await;
        assert_eq!(status(&gateway, "/dev/open", &token).await, expected, "{more}");
    }
}

/// A reload that changes an issuer's settings changes the stages that use it.
#[tokio::test]
async fn settings_of_an_issuer_can_be_changed() {
    let issuer = Issuer::new().await;
    let claims = issuer
        .claims("")
        .replace(&(NOW + 3_600).to_string(), &(NOW - 10).to_string());
    let token = issuer.signer.token(&claims);
    let with = |seconds| {
        format!(
            "{}[issuers.\"{}\"]\nleeway_seconds = {seconds}\n",
            issuer.toml(),
            issuer.url()
        )
    };
    let (mut gateway, _) = started(&with(30)).await;
    assert_eq!(status(&gateway, "/dev/open", &token).await, 200);
    gateway.rewrite(&with(5)).await;
    assert_eq!(status(&gateway, "/dev/open", &token).await, 401);
}

#[tokio::test]
async fn algorithms_audiences_claims_and_headers_are_those_of_the_authorizer() {
    let issuer = Issuer::new().await;
    let token = issuer.token_with(r#","tenant":"blue","level":3"#);
    let jwt = |issuers: &str, more: &str| {
        toml(&format!(
            "type = \"jwt\"\nissuers = [{{ issuer = \"{}\", {issuers} }}]\n{more}",
            issuer.url()
        ))
    };
    let es256 = r#"algorithms = ["RS256", "ES256"]"#;
    for (issuers, more, expected) in [
        (r#"audiences = ["shop"]"#, es256, 200),
        (r#"audiences = ["bank", "shop"]"#, es256, 200),
        (r#"audiences = ["bank"]"#, es256, 401),
        (r#"audiences = ["shop"]"#, "", 401),
        (r#"audiences = ["shop"]"#, r#"algorithms = ["ES384"]"#, 401),
        (
            r#"audiences = ["shop"], claims = { tenant = ["red", "blue"] }"#,
            es256,
            200,
        ),
        (r#"audiences = ["shop"], claims = { tenant = [] }"#, es256, 200),
        (
            r#"audiences = ["shop"], claims = { tenant = ["red"] }"#,
            es256,
            401,
        ),
        (r#"audiences = ["shop"], claims = { region = [] }"#, es256, 401),
        (r#"audiences = ["shop"], claims = { level = [] }"#, es256, 401),
    ] {
        let (gateway, _) = started(&jwt(issuers, more)).await;
        assert_eq!(
            status(&gateway, "/dev/open", &token).await,
            expected,
            "{issuers} {more}"
        );
    }
    let header = format!("{es256}\nheader = \"X-Token\"");
    let (gateway, _) = started(&jwt(r#"audiences = ["shop"]"#, &header)).await;
    assert_eq!(status(&gateway, "/dev/open", &token).await, 401);
    assert_eq!(gateway.get("/dev/open", &[("x-token", &token)]).await.status, 200);
}

/// API_CreateAuthorizer.html: "API Gateway will match the aud field of the incoming token from the client against the
/// specified regular expression".
#[tokio::test]
async fn a_user_pools_audience_matches_as_a_whole() {
    let issuer = Issuer::new().await;
    let signer = Signer::new(Algorithm::RS256, "rsa");
    issuer.publish(&[&signer]);
    let (gateway, _) = started(&pool(&issuer, "audience_pattern = \"client-[0-9]+\"")).await;
    let token = |client: &str| {
        let exp = NOW + 3_600;
        signer.token(&format!(
            r#"{{"iss":"{POOL}","exp":{exp},"token_use":"id",{client}}}"#
        ))
    };
    for (client, expected) in [
        (r#""aud":"client-1""#, 200),
        (r#""aud":"client-1x""#, 401),
        (r#""aud":"xclient-1""#, 401),
        (r#""sub":"client-1""#, 401),
    ] {
        assert_eq!(
            status(&gateway, "/dev/open", &token(client)).await,
            expected,
            "{client}"
        );
    }
}

/// An emulator that writes its own address as `iss`.
#[tokio::test]
async fn an_issuer_may_write_another_name() {
    let issuer = Issuer::new().await;
    let signer = Signer::new(Algorithm::RS256, "rsa");
    issuer.publish(&[&signer]);
    let toml = format!("{}iss = \"http://emulator\"\n", pool(&issuer, ""));
    let (gateway, _) = started(&toml).await;
    let token = |iss: &str| {
        let exp = NOW + 3_600;
        signer.token(&format!(r#"{{"iss":"{iss}","exp":{exp},"token_use":"id"}}"#))
    };
    assert_eq!(
        status(&gateway, "/dev/open", &token("http://emulator")).await,
        200
    );
    assert_eq!(status(&gateway, "/dev/open", &token(POOL)).await, 401);
}

#[tokio::test]
async fn keys_come_by_tls_that_is_trusted() {
    let signer = Signer::new(Algorithm::ES256, "one");
    let authority = Authority::new("issuers");
    let keys = sign::set(&[&signer]);
    let port = key_set_by_tls(authority.issue("localhost").server(), keys).await;
    let name = "https://issuer.example.com";
    let jwks = format!("https://localhost:{port}/keys");
    let exp = NOW + 3_600;
    let token = signer.token(&format!(r#"{{"iss":"{name}","aud":"shop","exp":{exp}}}"#));
    let authorizer = format!(
        "type = \"jwt\"\nalgorithms = [\"ES256\"]\nissuers = [{{ issuer = \"{name}\", audiences = [\"shop\"] }}]"
    );
    for (more, expected) in [("trust_bundle = \"own\"", 200), ("", 500)] {
        let files = guests();
        files.write("own.pem", &authority.pem);
        let toml = format!(
            "{}[trust_bundles.own]\nfile = \"own.pem\"\n[issuers.\"{name}\"]\njwks = \"{jwks}\"\n{more}\n",
            toml(&authorizer)
        );
        let (gateway, _) = started_with(&toml, files).await;
        assert_eq!(status(&gateway, "/dev/open", &token).await, expected, "{more}");
    }
}

/// A server that answers every connection with a key set; gives its port.
async fn key_set_by_tls(tls: rustls::ServerConfig, keys: String) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let acceptor = TlsAcceptor::from(std::sync::Arc::new(tls));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let _ = stream.read(&mut [0; 4096]).await;
            let length = keys.len();
            let answer =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{keys}");
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

async fn problems(toml: &str) -> Vec<String> {
    let files: Files = guests();
    let text = toml.replace(
        "{listener api}",
        "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"api\"\n",
    );
    files.write("gateway.toml", text);
    let started = Node::start(files.path("gateway.toml"), Options::default()).await;
    let problems = started.map(drop).expect_err("it does not start");
    let told = problems.iter().map(|problem| {
        let hint = problem.hint.as_ref().map(|hint| format!(" | {hint}"));
        format!("{}{}", problem.message, hint.unwrap_or_default())
    });
    told.collect()
}

#[tokio::test]
async fn what_cannot_be_is_told() {
    let jwt = |issuers: &str| toml(&format!("type = \"jwt\"\nissuers = [{issuers}]"));
    let https = r#"{ issuer = "https://a.example.com", audiences = ["x"] }"#;
    let allow = "take https, or say allow_http = true in its [issuers.\"…\"] in gateway.toml if the network between is your own";
    for (toml, expected) in [
        (
            jwt(r#"{ issuer = "http://10.0.0.7/realm", audiences = ["x"] }"#),
            format!(
                "the issuer's keys cannot be fetched: `http://10.0.0.7/realm/.well-known/openid-configuration` is without TLS, \
                 so whoever is between could exchange the keys | {allow}"
            ),
        ),
        (
            jwt(r#"{ issuer = "nonsense", audiences = ["x"] }"#),
            "the issuer's keys cannot be fetched: `nonsense/.well-known/openid-configuration` is no absolute http:// or \
             https:// URL without user, query and fragment | such as https://issuer.example.com/realm"
                .to_owned(),
        ),
        (
            jwt(r#"{ issuer = "https://a.example.com", audiences = [] }"#),
            "the issuer `https://a.example.com` needs audiences, and none is empty | without them every token of the issuer \
             would do, whomever it is for"
                .to_owned(),
        ),
        (
            jwt(&format!("{https}, {https}")),
            "two issuers of the authorizer `people` are `https://a.example.com`".to_owned(),
        ),
        (jwt(""), "the authorizer `people` trusts 0 issuers; it needs 1 to 32".to_owned()),
        (
            jwt(r#"{ issuer = "https://a.example.com", audiences = ["x"], claims = { exp = [] } }"#),
            "`exp` cannot be an additional claim".to_owned(),
        ),
        (
            jwt(https).replace("issuers = [", "algorithms = [\"HS256\"]\nissuers = ["),
            "`HS256` is no algorithm that tokens may be signed by | there are RS256, RS384, RS512, PS256, PS384, PS512, \
             ES256, ES384, ES512, EdDSA"
                .to_owned(),
        ),
        (
            toml("type = \"cognito_user_pools\"\nprovider_arns = [\"arn:x\"]"),
            "`arn:x` is no user pool | such as arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AbCdEfGhI"
                .to_owned(),
        ),
        (
            format!("{}[issuers.\"https://a.example.com\"]\njwks = \"http://10.0.0.7/keys\"\n", jwt(https)),
            format!("`http://10.0.0.7/keys` is without TLS, so whoever is between could exchange the keys | {allow}"),
        ),
        (
            format!("{}[issuers.\"https://a.example.com\"]\ntrust_bundle = \"x\"\n", jwt(https)),
            "there is no trust bundle `x`".to_owned(),
        ),
        (
            jwt(https).replace("authorizer = \"people\"\n        scopes", "scopes"),
            "scopes are looked for in a token, and the route's authorizer verifies none | let it have an authorizer of type \
             jwt or cognito_user_pools"
                .to_owned(),
        ),
    ] {
        assert_eq!(problems(&toml).await, [expected], "{toml}");
    }
}

/// What the configuration says may come without TLS does.
#[tokio::test]
async fn http_from_elsewhere_is_for_the_configuration_to_allow() {
    let name = "http://issuer.invalid/realm";
    let authorizer = format!("type = \"jwt\"\nissuers = [{{ issuer = \"{name}\", audiences = [\"x\"] }}]");
    let toml = format!("{}[issuers.\"{name}\"]\nallow_http = true\n", toml(&authorizer));
    let (gateway, _) = started(&toml).await;
    assert_eq!(status(&gateway, "/dev/open", "a.b.c").await, 401);
}
