//! Private APIs: reached by listeners that are VPC endpoints, and by whom their policies let.
//!
//! "invoke" is apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use portcullis_testkit::{Answer, Files, Running};
use portcullis_tests::control::{api, call, deploy, mock, patch};
use portcullis_tests::gateways::{FORBIDDEN, assert_refused, by_listener};
use serde_json::json;

const ALLOW: &str = r#"{ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*" }] }"#;

/// A public listener and one that is an endpoint; `api` says what the API is.
fn toml(api: &str) -> String {
    format!(
        "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"shop\"\n\
         [[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"shop\"\nvpce = \"vpce-1a\"\n\
         [apis.open.stages.dev]\n[[apis.open.routes]]\npath = \"/{{proxy+}}\"\nintegration = {{ type = \"mock\" }}\n\
         [apis.shop]\n{api}\n[apis.shop.stages.dev]\n[[apis.shop.routes]]\npath = \"/{{proxy+}}\"\nintegration = {{ type = \"mock\" }}\n"
    )
}

async fn by(gateway: &Running, listener: usize, host: &str, path: &str) -> Answer {
    by_listener(gateway, listener, (host, path), &[]).await
}

const ADDRESSES: [(&str, &str); 4] = [
    ("localhost", "/dev/x"),
    ("shop.execute-api.localhost", "/dev/x"),
    ("localhost", "/_aws/execute-api/shop/dev/x"),
    ("localhost", "/restapis/shop/dev/_user_request_/x"),
];

#[tokio::test]
async fn endpoints_alone_lead_to_a_private_api() {
    let mut gateway = Running::of(&toml(&format!("endpoint_type = \"private\"\npolicy = {ALLOW}"))).await;
    for (host, path) in ADDRESSES {
        assert_eq!(by(&gateway, 1, host, path).await.status, 200, "{host} {path}");
        // What AWS answers to calls of its public address.
        assert_refused(&by(&gateway, 0, host, path).await, FORBIDDEN, path);
    }
    for kind in ["regional", "edge"] {
        gateway
            .rewrite(&toml(&format!("endpoint_type = \"{kind}\"")))
            .await;
        for (host, path) in ADDRESSES {
            for listener in [0, 1] {
                assert_eq!(
                    by(&gateway, listener, host, path).await.status,
                    200,
                    "{kind} {host} {path}"
                );
            }
        }
    }
    gateway.stop().await;
}

#[tokio::test]
async fn without_a_policy_it_is_nobodys() {
    let mut gateway = Running::of(&toml("endpoint_type = \"private\"")).await;
    for (host, path) in ADDRESSES {
        assert_refused(&by(&gateway, 1, host, path).await, FORBIDDEN, path);
    }
    let outcome = gateway
        .rewrite(&toml("endpoint_type = \"private\"\nmax_request_body = 1000"))
        .await;
    let told = outcome
        .problems
        .iter()
        .any(|problem| problem.code == "private-api");
    assert!(told && !outcome.has_errors(), "{:?}", outcome.problems);
    gateway.stop().await;
}

#[tokio::test]
async fn its_policy_knows_the_endpoint() {
    let policy = ALLOW.replace("] }", ", { Effect = \"Deny\", Principal = \"*\", Action = \"execute-api:Invoke\", Resource = \"execute-api:/*\", Condition.StringNotEquals.\"aws:SourceVpce\" = \"vpce-2b\" }] }");
    let gateway = Running::of(&toml(&format!("endpoint_type = \"private\"\npolicy = {policy}"))).await;
    let denied = by(&gateway, 1, "localhost", "/dev/x").await;
    let told = "User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:shop/dev/GET/x with an explicit deny";
    assert_eq!(
        (denied.status.as_u16(), denied.json()["Message"].as_str()),
        (403, Some(told))
    );
    gateway.stop().await;
}

/// invoke: "{rest-api-id}-{vpce-id}.execute-api…", for endpoints that are associated with the API.
#[tokio::test]
async fn an_associated_endpoint_has_a_host_for_it() {
    let api =
        |ids: &str| format!("endpoint_type = \"private\"\nvpc_endpoint_ids = [{ids}]\npolicy = {ALLOW}");
    let mut gateway = Running::of(&toml(&api("\"vpce-1a\", \"vpce-2b\""))).await;
    let host = "shop-vpce-1a.execute-api.us-east-1.amazonaws.com";
    assert_eq!(by(&gateway, 1, host, "/dev/x").await.status, 200);
    assert_refused(&by(&gateway, 0, host, "/dev/x").await, FORBIDDEN, "public");
    for host in [
        "shop-vpce-2b.execute-api.localhost",
        "shop-vpce-3c.execute-api.localhost",
        "open-vpce-1a.execute-api.localhost",
    ] {
        assert_refused(&by(&gateway, 1, host, "/dev/x").await, FORBIDDEN, host);
    }
    gateway.rewrite(&toml(&api("\"vpce-2b\""))).await;
    assert_refused(
        &by(&gateway, 1, host, "/dev/x").await,
        FORBIDDEN,
        "no longer associated",
    );
    let wrong = gateway.rewrite(&toml("vpc_endpoint_ids = [\"vpce-1a\"]")).await;
    let mut problems = wrong.problems.iter();
    assert!(
        problems.any(|problem| problem.pointer == "/apis/shop/vpc_endpoint_ids"),
        "{:?}",
        wrong.problems
    );
    gateway.stop().await;
}

/// invoke: "-H 'x-apigw-api-id:{api-id}'", with the endpoint's own host.
#[tokio::test]
async fn a_header_names_the_api_at_an_endpoint() {
    let gateway = Running::of(&toml(&format!("endpoint_type = \"private\"\npolicy = {ALLOW}"))).await;
    let host = "vpce-1a-abcd.execute-api.us-east-1.vpce.amazonaws.com";
    let named = async |listener: usize, api: &str| {
        by_listener(&gateway, listener, (host, "/dev/x"), &[("x-apigw-api-id", api)]).await
    };
    assert_eq!(named(1, "shop").await.status, 200);
    assert_refused(&named(1, "open").await, FORBIDDEN, "a public API");
    assert_refused(&named(1, "nothing").await, FORBIDDEN, "no API");
    assert_refused(&named(0, "shop").await, FORBIDDEN, "a public listener");
    assert_refused(&by(&gateway, 1, host, "/dev/x").await, FORBIDDEN, "no header");
    gateway.stop().await;
}

/// The document says what the API is, and gateway.toml does not say it again.
#[tokio::test]
async fn a_document_makes_an_api_private() {
    let document = r#"
openapi: 3.0.1
info: {title: shop, version: "1"}
servers:
  - url: https://shop
    x-amazon-apigateway-endpoint-configuration: {types: [PRIVATE], vpcEndpointIds: [vpce-1a]}
x-amazon-apigateway-policy:
  Version: "2012-10-17"
  Statement: [{Effect: Allow, Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*"}]
paths:
  /x:
    get:
      x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: "200"}}}
      responses: {"200": {description: ok}}
"#;
    let head = "[[listeners]]\naddress = \"127.0.0.1:0\"\n[[listeners]]\naddress = \"127.0.0.1:0\"\nvpce = \"vpce-1a\"\n";
    let toml =
        |more: &str| format!("{head}[apis.shop]\nopenapi = \"shop.yaml\"\n{more}\n[apis.shop.stages.dev]\n");
    let files = Files::default();
    files.write("shop.yaml", document);
    let mut gateway = Running::start(&toml(""), files).await;
    for host in ["shop.execute-api.localhost", "shop-vpce-1a.execute-api.localhost"] {
        assert_eq!(by(&gateway, 1, host, "/dev/x").await.status, 200, "{host}");
        assert_refused(&by(&gateway, 0, host, "/dev/x").await, FORBIDDEN, host);
    }
    let wrong = gateway.rewrite(&toml("endpoint_type = \"regional\"")).await;
    let mut problems = wrong.problems.iter();
    assert!(
        problems.any(|problem| problem.pointer == "/apis/shop/endpoint_type"),
        "{:?}",
        wrong.problems
    );
    gateway.stop().await;
}

/// Clients of a network may come by an endpoint, whatever the listener.
#[tokio::test]
async fn a_network_may_be_private() {
    let toml = |network: &str| {
        let api = format!("endpoint_type = \"private\"\npolicy = {ALLOW}");
        format!(
            "{}[networks.here]\ncidrs = [\"127.0.0.0/8\"]\nvpc = \"vpc-1\"\n{network}\n",
            toml(&api)
        )
    };
    let mut gateway = Running::of(&toml("")).await;
    assert_refused(
        &by(&gateway, 0, "localhost", "/dev/x").await,
        FORBIDDEN,
        "a network alone",
    );
    gateway.rewrite(&toml("vpce = \"vpce-2b\"")).await;
    assert_eq!(by(&gateway, 0, "localhost", "/dev/x").await.status, 200);
    let host = "vpce-2b.execute-api.localhost";
    let named = by_listener(&gateway, 0, (host, "/dev/x"), &[("x-apigw-api-id", "shop")]).await;
    assert_eq!(named.status, 200);
    let wrong = gateway.rewrite(&toml("vpce = \"2b\"")).await;
    let mut problems = wrong.problems.iter();
    assert!(
        problems.any(|problem| problem.pointer == "/networks/here/vpce"),
        "{:?}",
        wrong.problems
    );
    gateway.stop().await;
}

/// Of the control plane it is so with the next deployment, of a canary as well.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_deployed_is_private() {
    let head = "[[listeners]]\naddress = \"127.0.0.1:0\"\n[[listeners]]\naddress = \"127.0.0.1:0\"\nvpce = \"vpce-1a\"\n";
    let control =
        "[control]\naddress = \"127.0.0.1:0\"\ndata = \"data\"\naccess = \"anonymous-on-loopback\"\n";
    let gateway = Running::of(&format!("{head}{control}")).await;
    let id = api(&gateway, mock()).await;
    deploy(&gateway, &id, json!({"stageName": "prod"})).await;
    let target = format!("/restapis/{id}");
    patch(
        &gateway,
        &target,
        "replace",
        "/endpointConfiguration/types/0",
        "PRIVATE",
    )
    .await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}"#;
    patch(&gateway, &target, "replace", "/policy", policy).await;
    patch(
        &gateway,
        &target,
        "add",
        "/endpointConfiguration/vpcEndpointIds",
        "vpce-1a",
    )
    .await;
    let host = format!("{id}.execute-api.localhost");
    assert_eq!(
        by(&gateway, 0, &host, "/prod/").await.status,
        200,
        "not deployed yet"
    );
    let canary = json!({"stageName": "prod", "canarySettings": {"percentTraffic": 100.0}});
    deploy(&gateway, &id, canary).await;
    assert_refused(
        &by(&gateway, 0, &host, "/prod/").await,
        FORBIDDEN,
        "the canary is private",
    );
    assert_eq!(by(&gateway, 1, &host, "/prod/").await.status, 200);
    let promoted = json!({"patchOperations": [{"op": "remove", "path": "/canarySettings"}]});
    call(&gateway, "PATCH", &format!("{target}/stages/prod"), promoted).await;
    deploy(&gateway, &id, json!({"stageName": "prod"})).await;
    let associated = format!("{id}-vpce-1a.execute-api.localhost");
    for host in [&host, &associated] {
        assert_refused(&by(&gateway, 0, host, "/prod/").await, FORBIDDEN, host);
        assert_eq!(by(&gateway, 1, host, "/prod/").await.status, 200, "{host}");
    }
    gateway.stop().await;
}
