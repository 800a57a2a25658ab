//! Tags, of stages too, beside what else the protocol keeps of a stage.

use serde_json::{Value, json};

use crate::common::Control;
use crate::deployed;

#[tokio::test]
async fn tags_are_put_on_what_has_an_arn() {
    let control = Control::new().await;
    let api = control.api().await;
    let at = format!("/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2F{api}");
    assert_eq!(
        control
            .call("PUT", &at, json!({"tags": {"a": "1", "b": "2"}}))
            .await
            .status,
        204
    );
    assert_eq!(
        control
            .call("DELETE", &format!("{at}?tagKeys=a"), Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(
        control.call("GET", &at, Value::Null).await.ok(),
        json!({"tags": {"b": "2"}})
    );
    for (arn, status) in [
        ("arn:aws:apigateway:us-east-1::%2Frestapis%2Fnope", 404),
        ("arn:aws:apigateway:us-east-1::%2Fusageplans%2Fnope", 404),
        ("arn:aws:apigateway:us-east-1::%2Fnothing%2Fnope", 400),
        ("nonsense", 400),
    ] {
        let refused = control.call("GET", &format!("/tags/{arn}"), Value::Null).await;
        assert_eq!(refused.status, status, "{arn}: {refused:?}");
    }
    let reserved = control.call("PUT", &at, json!({"tags": {"aws:x": "1"}})).await;
    assert_eq!(reserved.status, 400);
}

#[tokio::test]
async fn stages_have_tags_documentation_and_mappings() {
    let control = Control::new().await;
    let api = deployed(&control).await;
    let tags = format!("/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2F{api}%2Fstages%2Fprod");
    assert_eq!(
        control
            .call("PUT", &tags, json!({"tags": {"a": "1"}}))
            .await
            .status,
        204
    );
    let versions = format!("/restapis/{api}/documentation/versions");
    let body = json!({"documentationVersion": "v1", "stageName": "prod"});
    control.call("POST", &versions, body).await.ok();
    let unknown = json!({"documentationVersion": "v2", "stageName": "nope"});
    assert_eq!(control.call("POST", &versions, unknown).await.status, 404);
    assert_eq!(
        control
            .call("GET", &format!("{versions}/v2"), Value::Null)
            .await
            .status,
        404
    );
    let stage = control
        .call("GET", &format!("/restapis/{api}/stages/prod"), Value::Null)
        .await
        .ok();
    assert_eq!(stage["tags"], json!({"a": "1"}));
    assert_eq!(stage["documentationVersion"], "v1");
    control
        .call("POST", "/domainnames", json!({"domainName": "api.example.com"}))
        .await
        .ok();
    let body = json!({"restApiId": api, "stage": "prod", "basePath": "v1"});
    let mapping = control
        .call(
            "POST",
            "/domainnames/api.example.com/basepathmappings",
            body.clone(),
        )
        .await
        .ok();
    assert_eq!(mapping, body);
}
