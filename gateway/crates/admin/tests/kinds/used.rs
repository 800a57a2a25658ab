//! What stages use: links and certificates that cannot be deleted meanwhile.

use serde_json::{Value, json};

use crate::common::Control;
use crate::id;

const ARN: &str = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer";

async fn link(control: &Control, target: &str) -> String {
    let body = json!({"name": "l", "targetArns": [target]});
    id(&control.call("POST", "/vpclinks", body).await.ok(), "id")
}

/// An API whose root asks a link, deployed to a stage; with the id of its root.
async fn deployed(control: &Control, connection: &str, stage: Value) -> (String, String) {
    let api = control.call("POST", "/restapis", json!({"name": "a"})).await.ok();
    let (api, root) = (id(&api, "id"), id(&api, "rootResourceId"));
    let method = format!("/restapis/{api}/resources/{root}/methods/GET");
    let none = json!({"authorizationType": "NONE"});
    control.call("PUT", &method, none).await.ok();
    let integration = json!({
        "type": "HTTP_PROXY", "httpMethod": "GET", "uri": "http://orders.internal/",
        "connectionType": "VPC_LINK", "connectionId": connection,
    });
    let target = format!("{method}/integration");
    control.call("PUT", &target, integration).await.ok();
    let target = format!("/restapis/{api}/deployments");
    control.call("POST", &target, stage).await.ok();
    (api, root)
}

/// The words for what is malformed are reported in <https://github.com/hashicorp/terraform-provider-aws/issues/30910>.
#[tokio::test]
async fn a_link_is_as_good_as_what_its_target_names() {
    let control = Control::new().await;
    let missing = "There is no private upstream 'm'. Add [vpc_links.m] with its targets to gateway.toml, and reload it.";
    for (target, status, message) in [
        (
            format!("{ARN}/net/n/1"),
            "AVAILABLE",
            "Your vpc link is ready for use",
        ),
        (format!("{ARN}/net/m/1"), "FAILED", missing),
        (format!("{ARN}/app/n/1"), "FAILED", "NLB ARN is malformed"),
        (format!("{ARN}/net/n"), "FAILED", "NLB ARN is malformed"),
        (format!("{ARN}/net/a b/1"), "FAILED", "NLB ARN is malformed"),
        ("arn:aws:s3:::n".to_owned(), "FAILED", "NLB ARN is malformed"),
    ] {
        let id = link(&control, &target).await;
        let one = format!("/vpclinks/{id}");
        let got = control.call("GET", &one, Value::Null).await.ok();
        let all = control.call("GET", "/vpclinks", Value::Null).await.ok();
        let listed = all["item"].as_array().expect("a list");
        let listed = listed.iter().find(|link| link["id"] == id).expect("it");
        let patched = control.patch(&one, &[("replace", "/name", "k")]).await.ok();
        for shown in [&got, listed, &patched] {
            assert_eq!(
                (&shown["status"], &shown["statusMessage"]),
                (&json!(status), &json!(message)),
                "{target}"
            );
        }
    }
    // https://github.com/hashicorp/terraform-provider-aws/pull/2512
    let two = json!({"name": "l", "targetArns": [format!("{ARN}/net/n/1"), format!("{ARN}/net/m/1")]});
    assert_eq!(
        control.call("POST", "/vpclinks", two).await.refusal(),
        (400, "More than one target arn specified for vpc link.")
    );
}

/// The words are reported in <https://github.com/klothoplatform/klotho/issues/202>.
#[tokio::test]
async fn a_link_that_a_stage_calls_stays() {
    let control = Control::new().await;
    let target = format!("{ARN}/net/n/1");
    let (plain, variable, canary) = (
        link(&control, &target).await,
        link(&control, &target).await,
        link(&control, &target).await,
    );
    let (api, root) = deployed(&control, &plain, json!({"stageName": "one"})).await;
    let named = json!({"stageName": "two", "variables": {"link": variable}});
    let (other, other_root) = deployed(&control, "${stageVariables.link}", named).await;
    let settings = json!({
        "stageName": "two",
        "canarySettings": {"percentTraffic": 5.0, "stageVariableOverrides": {"link": canary}},
    });
    let deployments = format!("/restapis/{other}/deployments");
    control.call("POST", &deployments, settings).await.ok();

    for (link, place) in [
        (&plain, format!("{api}:GET:{root}:one")),
        (&variable, format!("{other}:GET:{other_root}:two")),
        (&canary, format!("{other}:GET:{other_root}:two")),
    ] {
        let refused = control
            .call("DELETE", &format!("/vpclinks/{link}"), Value::Null)
            .await;
        let expected = format!(
            "Cannot delete vpc link. Vpc link '{link}', is referenced in [{place}] in format of [RESTApiId:Method:Resource:Stage]."
        );
        assert_eq!(refused.refusal(), (400, expected.as_str()));
        assert_eq!(refused.kind, "BadRequestException");
    }
    let stage = format!("/restapis/{api}/stages/one");
    assert_eq!(control.call("DELETE", &stage, Value::Null).await.status, 202);
    let gone = control
        .call("DELETE", &format!("/vpclinks/{plain}"), Value::Null)
        .await;
    assert_eq!(gone.status, 202, "its deployment is no stage's any more");
}

#[tokio::test]
async fn a_certificate_that_a_stage_shows_stays() {
    let control = Control::new().await;
    let made = control.call("POST", "/clientcertificates", json!({})).await.ok();
    let certificate = id(&made, "clientCertificateId");
    let link = link(&control, &format!("{ARN}/net/n/1")).await;
    let (api, _) = deployed(&control, &link, json!({"stageName": "one"})).await;
    let stage = format!("/restapis/{api}/stages/one");
    for (name, expected) in [
        ("nope", Some("Invalid Client Certificate identifier specified")),
        ("of-the-file", None),
        (&*certificate, None),
    ] {
        let answer = control
            .patch(&stage, &[("replace", "/clientCertificateId", name)])
            .await;
        match expected {
            Some(words) => assert_eq!(answer.refusal(), (404, words)),
            None => assert_eq!(answer.ok()["clientCertificateId"], name),
        }
    }
    let one = format!("/clientcertificates/{certificate}");
    let expected = format!(
        "Cannot delete client certificate. Client certificate '{certificate}', is referenced in [{api}:one] in format of [RESTApiId:Stage]."
    );
    let refused = control.call("DELETE", &one, Value::Null).await;
    assert_eq!(refused.refusal(), (400, expected.as_str()));
    control
        .patch(&stage, &[("replace", "/clientCertificateId", "")])
        .await
        .ok();
    assert_eq!(control.call("DELETE", &one, Value::Null).await.status, 202);
    assert_eq!(control.call("DELETE", &one, Value::Null).await.status, 404);
}
