//! The shortest way through the gateway.

use portcullis_testkit::{Origin, Running};

#[tokio::test]
async fn serves_mock_proxy_and_plugin() {
    let origin = Origin::echo().await;
    let toml = r#"
        {listener shop}
        [plugins.greeter]
        builtin = "hello"
        [apis.shop.stages.dev]
        [[apis.shop.routes]]
        path = "/mock"
        integration = { type = "mock", status = 204 }
        [[apis.shop.routes]]
        path = "/hello/{name}"
        integration = { type = "plugin", plugin = "greeter" }
        [[apis.shop.routes]]
        path = "/{proxy+}"
        integration = { type = "http_proxy", uri = "http://ORIGIN/base/{proxy}" }
    "#;
    let gateway = Running::of(&toml.replace("ORIGIN", &origin.authority())).await;
    assert_eq!(gateway.get("/dev/mock", &[]).await.status, 204);
    assert_eq!(
        gateway.get("/dev/hello/ann", &[]).await.json()["message"],
        "Hello, ann!"
    );
    let answer = gateway.get("/dev/a/b?c=1", &[("x-test", "1")]).await;
    assert_eq!(answer.json()["target"], "/base/a/b?c=1");
    assert!(gateway.stop().await);
}
