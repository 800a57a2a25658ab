//! Private domain names: for whoever comes by an endpoint that is associated with them.

use portcullis_testkit::{Answer, Running};
use portcullis_tests::control::{api, call, deploy, mock, patch, text};
use portcullis_tests::gateways::{FORBIDDEN, assert_refused, by_listener};
use serde_json::{Value, json};

const NAME: &str = "private.example.com";

/// A public listener, and two that are endpoints.
fn listeners() -> String {
    let listener = |vpce: &str| format!("[[listeners]]\naddress = \"127.0.0.1:0\"\n{vpce}\n");
    let all = ["", "vpce = \"vpce-1a\"", "vpce = \"vpce-2b\""];
    all.map(listener).concat()
}

fn file(domain: &str) -> String {
    let policy = "{ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Principal = \"*\", Action = \"execute-api:Invoke\", Resource = \"execute-api:/*\" }] }";
    format!(
        "{}{domain}\n[apis.shop]\nendpoint_type = \"private\"\npolicy = {policy}\n[apis.shop.stages.prod]\n[[apis.shop.routes]]\npath = \"/{{proxy+}}\"\nintegration = {{ type = \"mock\" }}\n\
         [apis.open.stages.prod]\n[[apis.open.routes]]\npath = \"/{{proxy+}}\"\nintegration = {{ type = \"mock\" }}\n",
        listeners()
    )
}

async fn by(gateway: &Running, listener: usize, path: &str) -> Answer {
    by_listener(gateway, listener, (NAME, path), &[]).await
}

#[tokio::test]
async fn a_private_name_is_for_its_endpoints_alone() {
    let domain = "[domains.\"private.example.com\"]\nmappings = { \"\" = \"shop/prod\", open = \"open/prod\" }\nprivate.vpces = [\"vpce-1a\"]";
    let mut gateway = Running::of(&file(domain)).await;
    assert_eq!(by(&gateway, 1, "/x").await.status, 200);
    for listener in [0, 2] {
        assert_refused(&by(&gateway, listener, "/x").await, FORBIDDEN, "not its endpoint");
    }
    assert_refused(&by(&gateway, 1, "/open/x").await, FORBIDDEN, "a public API");
    // A public name does not lead to a private API.
    gateway
        .rewrite(&file(&domain.replace("private.vpces = [\"vpce-1a\"]", "")))
        .await;
    assert_refused(&by(&gateway, 1, "/x").await, FORBIDDEN, "a private API");
    assert_eq!(by(&gateway, 0, "/open/x").await.status, 200);
    gateway.stop().await;
}

#[tokio::test]
async fn the_names_policy_is_asked_first() {
    let domain = |resource: &str, effect: &str| {
        format!(
            "[domains.\"private.example.com\"]\nmappings.\"\" = \"shop/prod\"\n[domains.\"private.example.com\".private]\nvpces = [\"vpce-1a\", \"vpce-2b\"]\n\
             policy = {{ Version = \"2012-10-17\", Statement = [\n\
             {{ Effect = \"Allow\", Principal = \"*\", Action = \"execute-api:Invoke\", Resource = \"{resource}\" }},\n\
             {{ Effect = \"{effect}\", Principal = \"*\", Action = \"execute-api:Invoke\", Resource = \"{resource}\", Condition.StringNotEquals.\"aws:SourceVpce\" = \"vpce-1a\" }}] }}"
        )
    };
    let mut gateway = Running::of(&file(&domain("execute-api:/*", "Deny"))).await;
    let arn = "arn:aws:execute-api:us-east-1:********0000:/domainnames/private.example.com/prod/GET/x";
    let told = |end: &str| {
        format!("User: anonymous is not authorized to perform: execute-api:Invoke on resource: {arn}{end}")
    };
    assert_eq!(by(&gateway, 1, "/x").await.status, 200);
    let denied = by(&gateway, 2, "/x").await;
    assert_eq!(
        (denied.status.as_u16(), denied.json()["Message"].as_str()),
        (403, Some(told(" with an explicit deny").as_str()))
    );
    let whole = "arn:aws:execute-api:us-east-1:000000000000:/domainnames/private.example.com";
    gateway.rewrite(&file(&domain(whole, "Deny"))).await;
    assert_eq!(
        (
            by(&gateway, 1, "/x").await.status.as_u16(),
            by(&gateway, 2, "/x").await.status.as_u16()
        ),
        (200, 403)
    );
    gateway
        .rewrite(&file(&domain(
            "arn:aws:execute-api:us-east-1:000000000000:/domainnames/other.example.com",
            "Allow",
        )))
        .await;
    let denied = by(&gateway, 1, "/x").await;
    assert_eq!(
        (denied.status.as_u16(), denied.json()["Message"].as_str()),
        (403, Some(told("").as_str()))
    );
    gateway.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_private_name_is_told_with_its_place() {
    let mut gateway = Running::of(&file("")).await;
    for (private, at, message) in [
        ("{ vpces = [] }", "", "without an endpoint"),
        (
            "{ vpces = [\"vpce-9\"] }",
            "/vpces",
            "no listener and no network is the endpoint",
        ),
        (
            "{ vpces = [\"vpce-1a\"], policy = { Version = \"2012-10-17\" } }",
            "/policy",
            "Statement",
        ),
    ] {
        let outcome = gateway
            .rewrite(&file(&format!("[domains.\"a.b\"]\nprivate = {private}")))
            .await;
        let at = format!("/domains/a.b/private{at}");
        let mut problems = outcome.problems.iter();
        let hit =
            problems.any(|problem| problem.pointer.starts_with(&at) && problem.message.contains(message));
        assert!(outcome.has_errors() && hit, "{private}: {:?}", outcome.problems);
    }
    gateway.stop().await;
}

/// Associations are made, deleted and rejected; each acts at once.
#[tokio::test(flavor = "multi_thread")]
async fn associations_say_who_comes_by() {
    let control =
        "[control]\naddress = \"127.0.0.1:0\"\ndata = \"data\"\naccess = \"anonymous-on-loopback\"\n";
    let gateway = Running::of(&format!("{}{control}", listeners())).await;
    let id = api(&gateway, mock()).await;
    let target = format!("/restapis/{id}");
    patch(
        &gateway,
        &target,
        "replace",
        "/endpointConfiguration/types/0",
        "PRIVATE",
    )
    .await;
    let allow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}"#;
    patch(&gateway, &target, "replace", "/policy", allow).await;
    deploy(&gateway, &id, json!({"stageName": "prod"})).await;
    let body = json!({"domainName": NAME, "endpointConfiguration": {"types": ["PRIVATE"]}, "policy": allow});
    let made = call(&gateway, "POST", "/domainnames", body).await;
    let (arn, of_id) = (
        text(&made, "domainNameArn"),
        format!("?domainNameId={}", text(&made, "domainNameId")),
    );
    let mappings = format!("/domainnames/{NAME}/basepathmappings{of_id}");
    call(
        &gateway,
        "POST",
        &mappings,
        json!({"restApiId": id, "stage": "prod"}),
    )
    .await;
    assert_refused(&by(&gateway, 1, "/").await, FORBIDDEN, "no association");
    let associated = async |vpce: &str| {
        let body = json!({"domainNameArn": arn, "accessAssociationSourceType": "VPCE", "accessAssociationSource": vpce});
        let made = call(&gateway, "POST", "/domainnameaccessassociations", body).await;
        text(&made, "domainNameAccessAssociationArn")
    };
    let first = associated("vpce-1a").await;
    assert_eq!(by(&gateway, 1, "/").await.status, 200);
    for listener in [0, 2] {
        assert_refused(&by(&gateway, listener, "/").await, FORBIDDEN, "another endpoint");
    }
    let second = associated("vpce-2b").await;
    assert_eq!(by(&gateway, 2, "/").await.status, 200);
    let escaped = |arn: &str| arn.replace(':', "%3A").replace('/', "%2F").replace('+', "%2B");
    call(
        &gateway,
        "DELETE",
        &format!("/domainnameaccessassociations/{}", escaped(&first)),
        Value::Null,
    )
    .await;
    assert_refused(&by(&gateway, 1, "/").await, FORBIDDEN, "deleted");
    // Its policy goes before the API's, and without one nobody may.
    let of = format!("/domainnames/{NAME}{of_id}");
    patch(&gateway, &of, "replace", "/policy", "").await;
    assert_eq!(by(&gateway, 2, "/").await.status.as_u16(), 403);
    patch(&gateway, &of, "replace", "/policy", allow).await;
    assert_eq!(by(&gateway, 2, "/").await.status, 200);
    let reject = format!(
        "/rejectdomainnameaccessassociations?domainNameAccessAssociationArn={}&domainNameArn={}",
        escaped(&second),
        escaped(&arn)
    );
    call(&gateway, "POST", &reject, Value::Null).await;
    assert_refused(&by(&gateway, 2, "/").await, FORBIDDEN, "rejected");
    gateway.stop().await;
}
