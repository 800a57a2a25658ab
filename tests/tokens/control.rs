//! Authorizers of the control plane: made, used by methods with scopes, and tried.

use portcullis_testkit::Running;
use portcullis_tests::control::{self, CONTROLLED, answer, api, call, deploy, text};
use serde_json::{Value, json};

use super::decided::POOL;
use super::issuer::{Issuer, started};
use super::sign::Signer;
use super::{Algorithm, NOW};

async fn called(gateway: &Running, api: &str, token: &str) -> u16 {
    let host = format!("{api}.execute-api.localhost");
    let headers = [("host", host.as_str()), ("authorization", token)];
    gateway.get("/dev/", &headers).await.status.as_u16()
}

/// Lets an authorizer guard `GET /`, and deploys it.
async fn guarded(gateway: &Running, api: &str, authorizer: &Value, scopes: &[&str]) {
    control::guard(gateway, api, authorizer, &text(authorizer, "type"), scopes).await;
    deploy(gateway, api, json!({"stageName": "dev"})).await;
}

#[tokio::test]
async fn a_jwt_authorizer_guards_methods_and_can_be_tried() {
    let issuer = Issuer::new().await;
    let (gateway, _) = started(CONTROLLED).await;
    let api = api(&gateway, control::mock()).await;
    let authorizer = json!({
        "name": "people", "type": "JWT", "identitySource": "method.request.header.Authorization",
        "jwtConfiguration": {
            "issuers": [{
                "issuer": issuer.url(), "audiences": ["shop"],
                "additionalClaims": [{"claimName": "tenant", "format": "SINGLE_STRING", "expectedValues": ["blue"]}],
            }],
            "defaultAlgorithms": ["ES256"],
        },
    });
    let authorizer = control::authorizer(&gateway, &api, authorizer).await;
    guarded(&gateway, &api, &authorizer, &[]).await;
    let token = issuer.token();
    assert_eq!(called(&gateway, &api, &token).await, 200);
    assert_eq!(
        called(&gateway, &api, &issuer.token_with(r#","tenant":"blue""#)).await,
        200
    );
    assert_eq!(
        called(&gateway, &api, &issuer.token_with(r#","tenant":"red""#)).await,
        401
    );
    assert_eq!(called(&gateway, &api, "").await, 401);
    guarded(&gateway, &api, &authorizer, &["shop/read"]).await;
    assert_eq!(called(&gateway, &api, &token).await, 403);
    assert_eq!(
        called(&gateway, &api, &issuer.token_with(r#","scope":"shop/read""#)).await,
        200
    );
    let tried = format!("/restapis/{api}/authorizers/{}", text(&authorizer, "id"));
    let body = json!({"headers": {"Authorization": format!("Bearer {token}")}});
    let tried = call(&gateway, "POST", &tried, body).await;
    assert_eq!(tried["clientStatus"], 0, "{tried}");
    assert_eq!(tried["principalId"], "alice");
    assert_eq!(tried["claims"]["sub"], "alice");
    assert_eq!(tried["claims"]["exp"], (NOW + 3_600).to_string());
    assert_eq!(tried["authorization"], json!({}));
}

#[tokio::test]
async fn a_user_pool_guards_methods_and_can_be_tried() {
    let issuer = Issuer::new().await;
    let signer = Signer::new(Algorithm::RS256, "rsa");
    issuer.publish(&[&signer]);
    let jwks = format!("http://{}/pool/.well-known/jwks.json", issuer.origin.authority());
    let (gateway, _) = started(&format!("{CONTROLLED}[issuers.\"{POOL}\"]\njwks = \"{jwks}\"\n")).await;
    let api = api(&gateway, control::mock()).await;
    let authorizer = json!({
        "name": "pool", "type": "COGNITO_USER_POOLS", "identitySource": "method.request.header.Authorization",
        "providerARNs": ["arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_AbC"],
    });
    let authorizer = control::authorizer(&gateway, &api, authorizer).await;
    guarded(&gateway, &api, &authorizer, &[]).await;
    let exp = NOW + 3_600;
    let claims = format!(r#"{{"iss":"{POOL}","sub":"alice","exp":{exp},"aud":"client","token_use":"id"}}"#);
    let token = signer.token(&claims);
    assert_eq!(called(&gateway, &api, &token).await, 200);
    assert_eq!(called(&gateway, &api, &format!("Bearer {token}")).await, 200);
    assert_eq!(called(&gateway, &api, &format!("{token}x")).await, 401);
    guarded(&gateway, &api, &authorizer, &["shop/read"]).await;
    assert_eq!(
        called(&gateway, &api, &token).await,
        401,
        "an access token is wanted"
    );
    let tried = format!("/restapis/{api}/authorizers/{}", text(&authorizer, "id"));
    let good = call(
        &gateway,
        "POST",
        &tried,
        json!({"headers": {"Authorization": token}}),
    )
    .await;
    assert_eq!(
        (&good["clientStatus"], &good["claims"]["aud"]),
        (&json!(0), &json!("client"))
    );
    let other = claims.replace("\"id\"", "\"access\"");
    let bad = call(
        &gateway,
        "POST",
        &tried,
        json!({"headers": {"Authorization": signer.token(&other)}}),
    )
    .await;
    assert_eq!(
        (&bad["clientStatus"], &bad["claims"]),
        (&json!(401), &Value::Null)
    );
    let log = text(&bad, "log");
    assert!(
        log.contains("Unauthorized by authorizer pool: the token is refused: the method wants one for `id`"),
        "{log}"
    );
}

/// What could not be asked is refused when it is deployed, not when it is called.
#[tokio::test]
async fn an_issuer_that_cannot_be_asked_is_refused_at_deployment() {
    let (gateway, _) = started(CONTROLLED).await;
    let api = api(&gateway, control::mock()).await;
    let authorizer = json!({
        "name": "people", "type": "JWT", "identitySource": "method.request.header.Authorization",
        "jwtConfiguration": {
            "issuers": [{"issuer": "http://192.0.2.1", "audiences": ["shop"]}],
            "defaultAlgorithms": ["RS256"],
        },
    });
    let authorizer = control::authorizer(&gateway, &api, authorizer).await;
    let root = text(
        &call(&gateway, "GET", &format!("/restapis/{api}"), json!({})).await,
        "rootResourceId",
    );
    let operations = json!({"patchOperations": [
        {"op": "replace", "path": "/authorizationType", "value": "JWT"},
        {"op": "replace", "path": "/authorizerId", "value": text(&authorizer, "id")},
    ]});
    call(
        &gateway,
        "PATCH",
        &format!("/restapis/{api}/resources/{root}/methods/GET"),
        operations,
    )
    .await;
    let refused = answer(
        &gateway,
        "POST",
        &format!("/restapis/{api}/deployments"),
        json!({"stageName": "dev"}),
    )
    .await;
    assert_eq!(refused.status, 400, "{refused:?}");
    assert!(refused.text().contains("is without TLS"), "{}", refused.text());
}

/// apigateway-authorization-flow.html: who is known by a token of a user pool may call what the API's resource policy allows.
#[tokio::test]
async fn the_apis_resource_policy_counts_beside_a_token() {
    let issuer = Issuer::new().await;
    let (gateway, _) = started(CONTROLLED).await;
    let integration = control::mock();
    let api = api(&gateway, integration).await;
    let authorizer = json!({
        "name": "people", "type": "JWT", "identitySource": "method.request.header.Authorization",
        "jwtConfiguration": {
            "issuers": [{"issuer": issuer.url(), "audiences": ["shop"]}],
            "defaultAlgorithms": ["ES256"],
        },
    });
    let authorizer = control::authorizer(&gateway, &api, authorizer).await;
    for (effect, expected) in [("Allow", 200), ("Deny", 403)] {
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
        }]});
        let operation = json!({"op": "replace", "path": "/policy", "value": policy.to_string()});
        let body = json!({"patchOperations": [operation]});
        call(&gateway, "PATCH", &format!("/restapis/{api}"), body).await;
        guarded(&gateway, &api, &authorizer, &[]).await;
        assert_eq!(
            called(&gateway, &api, &issuer.token()).await,
            expected,
            "{effect}"
        );
        assert_eq!(called(&gateway, &api, "").await, 401, "{effect}");
    }
}
