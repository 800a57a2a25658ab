//! Custom domain names: hosts of one's own, the stages below their paths, and APIs that are served by nothing else.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod private;
mod rules;

use std::time::Duration;

use portcullis_testkit::{Answer, Files, Running};
use portcullis_tests::control::{CONTROLLED, answer, api, call, deploy, mock, patch, root_method};
use portcullis_tests::gateways::{FORBIDDEN, assert_refused};
use serde_json::{Value, json};

/// Tells API, stage, and where it thinks that it is.
const ECHO: &str = "$context.apiId $context.stage $context.resourcePath $context.path $context.domainName $context.domainPrefix";

fn two_apis(head: &str) -> String {
    let route = |api: &str| {
        format!(
            "[[apis.{api}.routes]]\npath = \"/{{proxy+}}\"\nintegration = {{ type = \"mock\", template = \"{ECHO}\" }}\n\
             [[apis.{api}.routes]]\npath = \"/\"\nintegration = {{ type = \"mock\", template = \"{ECHO}\" }}\n"
        )
    };
    format!(
        "{{listener shop}}\n{head}\n[apis.shop.stages.prod]\n[apis.shop.stages.dev]\n{}[apis.orders.stages.v1]\n{}",
        route("shop"),
        route("orders")
    )
}

async fn at(gateway: &Running, host: &str, path: &str) -> Answer {
    gateway.get(path, &[("host", host)]).await
}

async fn told(gateway: &Running, host: &str, path: &str) -> String {
    let answer = at(gateway, host, path).await;
    assert_eq!(answer.status, 200, "{host}{path}: {answer:?}");
    answer.text().to_owned()
}

#[tokio::test]
async fn a_host_and_a_base_path_lead_to_a_stage() {
    let head = "[domains.\"api.example.com\"]\nmappings = { \"\" = \"shop/prod\", \"orders\" = \"orders/v1\", \"orders/next\" = \"shop/dev\", \"any\" = \"shop\" }\n\
                [domains.\"*.example.com\"]\nmappings = { \"\" = \"orders/v1\" }";
    let mut gateway = Running::of(&two_apis(head)).await;
    let host = "api.example.com";
    for (path, expected) in [
        ("/", "shop prod / /"),
        ("/pets/1", "shop prod /{proxy+} /pets/1"),
        ("/orders", "orders v1 / /orders"),
        ("/orders/7?x=1", "orders v1 /{proxy+} /orders/7"),
        ("/orders/next/7", "shop dev /{proxy+} /orders/next/7"),
        ("/ordersx", "shop prod /{proxy+} /ordersx"),
        ("/any/dev/a", "shop dev /{proxy+} /any/dev/a"),
        ("/prod/a", "shop prod /{proxy+} /prod/a"),
        // It is all the name's own: there are no other addresses on it.
        (
            "/_aws/execute-api/orders/v1/x",
            "shop prod /{proxy+} /_aws/execute-api/orders/v1/x",
        ),
    ] {
        assert_eq!(
            told(&gateway, host, path).await,
            format!("{expected} {host} api"),
            "{path}"
        );
    }
    assert_eq!(
        told(&gateway, "eu.example.com:8443", "/x").await,
        "orders v1 /{proxy+} /x eu.example.com:8443 eu"
    );
    assert_refused(&at(&gateway, host, "/any").await, FORBIDDEN, "no stage is named");
    assert_refused(
        &at(&gateway, host, "/any/none/x").await,
        FORBIDDEN,
        "no such stage",
    );
    // Other hosts are as before.
    assert!(
        told(&gateway, "example.com", "/dev/x")
            .await
            .starts_with("shop dev /{proxy+} /dev/x")
    );
    gateway.rewrite(&two_apis("[domains.\"api.example.com\"]")).await;
    assert_refused(&at(&gateway, host, "/").await, FORBIDDEN, "nothing is mapped");
    gateway.rewrite(&two_apis("")).await;
    assert!(
        told(&gateway, host, "/dev/x").await.starts_with("shop dev"),
        "the default API's"
    );
    gateway.stop().await;
}

#[tokio::test]
async fn an_api_without_its_own_addresses_is_served_by_domain_names_alone() {
    let closed = two_apis("[domains.\"api.example.com\"]\nmappings = { \"\" = \"shop/prod\" }").replace(
        "[apis.shop.stages.prod]",
        "[apis.shop]\ndisable_execute_api_endpoint = true\n[apis.shop.stages.prod]",
    );
    let gateway = Running::of(&closed).await;
    assert!(
        told(&gateway, "api.example.com", "/x")
            .await
            .starts_with("shop prod")
    );
    for (host, path) in [
        ("shop.execute-api.localhost", "/prod/x"),
        ("localhost", "/_aws/execute-api/shop/prod/x"),
        ("localhost", "/restapis/shop/prod/_user_request_/x"),
        ("localhost", "/prod/x"),
    ] {
        assert_refused(&at(&gateway, host, path).await, FORBIDDEN, path);
    }
    assert_eq!(
        at(&gateway, "orders.execute-api.localhost", "/v1/x").await.status,
        200
    );
    gateway.stop().await;
}

#[tokio::test]
async fn what_is_no_domain_name_is_told_with_its_place() {
    let mut gateway = Running::of(&two_apis("")).await;
    for (head, at, message) in [
        ("[domains.localhost]", "/domains/localhost", "is no domain name"),
        (
            "[domains.\"a.example.com:80\"]",
            "/domains/a.example.com:80",
            "is no domain name",
        ),
        ("[domains.\"a.*.com\"]", "/domains/a.*.com", "is no domain name"),
        (
            "[domains.\"a.b\"]\nmappings.\"/x\" = \"shop/prod\"",
            "/domains/a.b/mappings/~1x",
            "is no base path",
        ),
        (
            "[domains.\"a.b\"]\nmappings.\"x//y\" = \"shop/prod\"",
            "/domains/a.b/mappings/x~1~1y",
            "is no base path",
        ),
        (
            "[domains.\"a.b\"]\nmappings.x = \"shop/\"",
            "/domains/a.b/mappings/x",
            "names no stage",
        ),
        (
            "[domains.\"a.b\"]\nmappings.x = \"shop/prodd\"",
            "/domains/a.b/mappings/x",
            "has no stage",
        ),
        (
            "[domains.\"a.b\"]\nmapping.x = \"shop/prod\"",
            "/domains/a.b/mapping",
            "unknown key",
        ),
    ] {
        let outcome = gateway.rewrite(&two_apis(head)).await;
        let hit = outcome
            .problems
            .iter()
            .any(|problem| problem.pointer == at && problem.message.contains(message));
        assert!(outcome.has_errors() && hit, "{head}: {:?}", outcome.problems);
    }
    gateway.stop().await;
}

/// Made, changed and deleted by calls, each at once; there after a restart.
#[tokio::test(flavor = "multi_thread")]
async fn names_of_the_control_plane_act_at_once() {
    let gateway = Running::of(CONTROLLED).await;
    let id = api(&gateway, mock()).await;
    deploy(&gateway, &id, json!({"stageName": "prod"})).await;
    let name = "api.example.com";
    let regional = json!({"domainName": "API.example.com", "endpointConfiguration": {"types": ["REGIONAL"]}});
    call(&gateway, "POST", "/domainnames", regional).await;
    assert_refused(&at(&gateway, name, "/").await, FORBIDDEN, "nothing is mapped");
    let mappings = format!("/domainnames/{name}/basepathmappings");
    let body = json!({"restApiId": id, "stage": "prod", "basePath": "v1"});
    call(&gateway, "POST", &mappings, body).await;
    assert_eq!(at(&gateway, name, "/v1").await.status, 200);
    assert_refused(&at(&gateway, name, "/").await, FORBIDDEN, "another path");
    call(&gateway, "POST", &mappings, json!({"restApiId": id})).await;
    assert_eq!(
        at(&gateway, name, "/prod/").await.status,
        200,
        "the path names the stage"
    );
    patch(&gateway, &format!("{mappings}/v1"), "replace", "/basePath", "v2").await;
    assert_refused(&at(&gateway, name, "/v1").await, FORBIDDEN, "moved");
    assert_eq!(at(&gateway, name, "/v2").await.status, 200);

    // Without its own addresses, with the next deployment, as on AWS.
    let own = format!("{id}.execute-api.localhost");
    assert_eq!(at(&gateway, &own, "/prod/").await.status, 200);
    patch(
        &gateway,
        &format!("/restapis/{id}"),
        "replace",
        "/disableExecuteApiEndpoint",
        "true",
    )
    .await;
    assert_eq!(at(&gateway, &own, "/prod/").await.status, 200);
    deploy(&gateway, &id, json!({"stageName": "prod"})).await;
    assert_refused(&at(&gateway, &own, "/prod/").await, FORBIDDEN, "closed");
    assert_eq!(at(&gateway, name, "/v2").await.status, 200);

    let Running { files, node, .. } = gateway;
    assert!(node.shutdown(Duration::from_secs(10)).await, "it drains");
    let gateway = Running::start(CONTROLLED, files).await;
    assert_eq!(at(&gateway, name, "/v2").await.status, 200, "after a restart");
    call(&gateway, "DELETE", &format!("{mappings}/v2"), Value::Null).await;
    assert_refused(&at(&gateway, name, "/v2").await, FORBIDDEN, "the mapping is gone");
    call(&gateway, "DELETE", &format!("/domainnames/{name}"), Value::Null).await;
    assert_refused(&at(&gateway, name, "/prod/").await, FORBIDDEN, "the name is gone");
    gateway.stop().await;
}

/// A name of the file is the file's alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_the_file_is_not_the_control_planes() {
    let toml = format!("{CONTROLLED}\n[domains.\"file.example.com\"]\nmappings.\"\" = \"nothing/there\"\n");
    let gateway = Running::start(&toml, Files::default()).await;
    let id = api(&gateway, mock()).await;
    deploy(&gateway, &id, json!({"stageName": "prod"})).await;
    assert!(root_method(&gateway, &id).await.contains(&id));
    let body = json!({"domainName": "file.example.com", "endpointConfiguration": {"types": ["REGIONAL"]}});
    call(&gateway, "POST", "/domainnames", body).await;
    let path = "/domainnames/file.example.com/basepathmappings";
    let mapped = answer(&gateway, "POST", path, json!({"restApiId": id, "stage": "prod"})).await;
    assert_eq!(mapped.status, 201, "{mapped:?}");
    assert_refused(
        &at(&gateway, "file.example.com", "/").await,
        FORBIDDEN,
        "the file's",
    );
    gateway.stop().await;
}
