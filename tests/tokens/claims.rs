//! Claims as `$context.authorizer.claims.*`: in integrations, access logs and gateway responses.

use portcullis_tests::gateways::context;

use super::decided::{POOL, pool};
use super::issuer::{Issuer, started};
use super::sign::Signer;
use super::{Algorithm, NOW, get};

/// Events of functions behind the service have them so: `"exp": "Mon Jun 15 05:56:21 UTC 2026"`,
/// `"email_verified": "true"`, `"auth_time": "1781499381"`.
#[tokio::test]
async fn claims_of_a_user_pool_are_texts_as_the_service_writes_them() {
    let issuer = Issuer::new().await;
    let (gateway, _) = started(&pool(&issuer, "")).await;
    let signer = Signer::new(Algorithm::RS256, "rsa");
    issuer.publish(&[&signer]);
    let exp = NOW + 3_600;
    let token = signer.token(&format!(
        r#"{{"iss":"{POOL}","sub":"alice","exp":{exp},"token_use":"id","email_verified":true,"auth_time":{NOW},
            "cognito:groups":["Admin","User"],"cognito:username":"al"}}"#
    ));
    let answer = get(&gateway, "/dev/open", &token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let context = context(&answer.json());
    for (name, expected) in [
        ("authorizer.principalId", "alice"),
        ("authorizer.claims.sub", "alice"),
        ("authorizer.claims.exp", "Thu Jan 01 01:00:00 UTC 2026"),
        ("authorizer.claims.auth_time", "1767225600"),
        ("authorizer.claims.email_verified", "true"),
        ("authorizer.claims.cognito:groups", "Admin,User"),
        ("authorizer.claims.cognito:username", "al"),
    ] {
        assert_eq!(context[name], expected, "{name}");
    }
}

#[tokio::test]
async fn claims_are_in_access_logs_and_gateway_responses() {
    let issuer = Issuer::new().await;
    let settings = r#"
        [apis.api.stages.dev.access_log]
        destination = "access.log"
        format = "$context.requestId $context.status $context.authorizer.claims.sub $context.authorizer.claims.tier $context.authorizer.principalId $context.authorizer.claims.nope"
        [apis.api.gateway_responses.ACCESS_DENIED]
        status = 418
        templates = { "application/json" = '{"who": "$context.authorizer.claims.sub"}' }
    "#;
    let (gateway, _) = started(&format!("{}{settings}", issuer.toml())).await;
    let token = issuer.token_with(r#","tier":7"#);
    assert_eq!(get(&gateway, "/dev/open", &token).await.status, 200);
    let denied = get(&gateway, "/dev/read", &token).await;
    assert_eq!(
        (denied.status.as_u16(), denied.text()),
        (418, r#"{"who": "alice"}"#)
    );
    let log = gateway.files.path("access.log");
    let text = loop {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        if text.lines().count() == 2 {
            break text;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    let lines: Vec<&str> = text
        .lines()
        .filter_map(|line| Some(line.split_once(' ')?.1))
        .collect();
    assert_eq!(lines, ["200 alice 7 alice -", "418 alice 7 alice -"]);
}
