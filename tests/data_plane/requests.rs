//! What a plugin or a backend gets of a request.

use portcullis_testkit::{Origin, Running};
use portcullis_tests::gateways::*;
use serde_json::json;

#[tokio::test]
async fn a_plugin_gets_the_whole_request() {
    let gateway = echoing("").await;
    let headers = [("x-a", "1"), ("x-b", "2"), ("x-a", "3"), ("user-agent", "tests")];
    let answer = gateway
        .send("PUT", "/dev/one/7?q=1&q=2&p", &headers, b"a body")
        .await;
    let told = answer.json();
    assert_eq!(told["id"], answer.header("x-amzn-requestid"));
    for (name, expected) in [
        ("method", json!("PUT")),
        ("path", json!("/one/7")),
        ("query", json!([["q", "1"], ["q", "2"], ["p", ""]])),
        ("pathParameters", json!([["id", "7"]])),
        ("stageVariables", json!([["colour", "blue"], ["with-dash", "1"]])),
        ("body", json!("a body")),
    ] {
        assert_eq!(told[name], expected, "{name}");
    }
    let seen = told["headers"].as_array().expect("a list");
    let repeated: Vec<_> = seen
        .iter()
        .filter(|field| field[0] == "x-a")
        .map(|field| &field[1])
        .collect();
    assert_eq!(repeated, ["1", "3"], "repeated headers keep their order");
    // api-gateway-mapping-template-reference.html
    for (name, expected) in [
        ("apiId", "api"),
        ("domainName", gateway.address().to_string().as_str()),
        ("httpMethod", "PUT"),
        ("identity.sourceIp", "127.0.0.1"),
        ("identity.userAgent", "tests"),
        ("path", "/dev/one/7"),
        ("protocol", "HTTP/1.1"),
        ("requestId", answer.header("x-amzn-requestid")),
        ("resourcePath", "/one/{id}"),
        ("stage", "dev"),
    ] {
        assert_eq!(context(&told)[name], expected, "{name}");
    }
    assert_ids(&answer, "a plugin's answer");
}

#[tokio::test]
async fn decodes_what_api_gateway_decodes() {
    let gateway = echoing("").await;
    // behaviours, "Lambda proxy": query parameters are decoded once (`+` is a space), path and pathParameters keep
    // `%2B` as sent, a trailing slash is absent from `proxy`, an inner `//` stays, one after the stage collapses.
    for (name, path, parameter, query) in [
        ("plain", "/one/a?q=b", ["id", "a"], json!([["q", "b"]])),
        (
            "path as sent",
            "/one/a%2Bb+c%20d",
            ["id", "a%2Bb+c%20d"],
            json!([]),
        ),
        ("slash in a part", "/one/a%2Fb", ["id", "a%2Fb"], json!([])),
        (
            "query decoded once",
            "/x?q=a%2Bb+c%2520",
            ["proxy", "x"],
            json!([["q", "a+b c%20"]]),
        ),
        (
            "no escape",
            "/x?q=100%&r=%zz",
            ["proxy", "x"],
            json!([["q", "100%"], ["r", "%zz"]]),
        ),
        (
            "UTF-8",
            "/one/%C3%A9?q=%C3%A9",
            ["id", "%C3%A9"],
            json!([["q", "é"]]),
        ),
        (
            "encoded name",
            "/x?a%5B0%5D=1&a%5B0%5D=2",
            ["proxy", "x"],
            json!([["a[0]", "1"], ["a[0]", "2"]]),
        ),
        ("greedy", "//a//b/", ["proxy", "a//b"], json!([])),
    ] {
        let answer = gateway.get(&format!("/dev{path}"), &[]).await;
        assert_eq!(answer.status, 200, "{name}");
        let told = answer.json();
        assert_eq!(told["pathParameters"], json!([parameter]), "{name}");
        assert_eq!(told["query"], query, "{name}");
    }
}

#[tokio::test]
async fn repeated_headers_and_query_values_reach_a_backend_in_order() {
    let origin = Origin::echo().await;
    let toml = r#"
        {listener api}
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/{proxy+}"
        integration = { type = "http_proxy", uri = "http://ORIGIN/{proxy}" }
    "#;
    let gateway = Running::of(&toml.replace("ORIGIN", &origin.authority())).await;
    let headers = [("x-a", "1"), ("x-b", "x"), ("x-a", "2, 3"), ("x-a", "1")];
    let told = gateway.get("/dev/x?b=2&a=1&b=%31&b", &headers).await.json();
    assert_eq!(told["target"], "/x?b=2&a=1&b=%31&b");
    assert_eq!(told["headers"]["x-a"], json!(["1", "2, 3", "1"]));
}
