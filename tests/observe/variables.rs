//! The variables of an access log: each has its value or a dash, and a line on its page.

use std::path::Path;

use bytes::Bytes;
use http::Response;
use portcullis_testkit::{Origin, Running};
use portcullis_tests::gateways::{ECHO, guests};
use serde_json::{Value, json};

use super::{fields, ids, lines_of};

/// A gateway of every kind of answer, whose access log has the variables that `format` names.
async fn of_every_kind(variables: &[&str], origin: &str) -> Running {
    // It has quotes of its own, where it has a value.
    let is_bare = |name: &&&str| **name == "error.messageString";
    let pair = |name: &&str| format!("\\\"{name}\\\":\\\"$context.{name}\\\"");
    let format: Vec<String> = variables.iter().filter(|name| !is_bare(name)).map(pair).collect();
    let format = format!("{{{}}}", format.join(","));
    let toml = format!(
        r#"
        {{listener api}}
        {ECHO}
        [plugins.guard]
        file = "authorizer.wasm"
        config.mode = "echo"
        [plugins.deny]
        file = "authorizer.wasm"
        config.mode = "deny"
        [apis.api.authorizers.guard]
        type = "token"
        plugin = "guard"
        [apis.api.authorizers.deny]
        type = "token"
        plugin = "deny"
        [apis.api.stages.dev]
        access_log = {{ destination = "access.log", format = "{format}" }}
        [[apis.api.routes]]
        path = "/mock/{{id}}"
        integration = {{ type = "mock", status = 201 }}
        [[apis.api.routes]]
        path = "/proxy"
        integration = {{ type = "http_proxy", uri = "http://{origin}/" }}
        [[apis.api.routes]]
        path = "/offline"
        integration = {{ type = "http_proxy", uri = "http://127.0.0.1:1/" }}
        [[apis.api.routes]]
        path = "/guarded"
        authorizer = "guard"
        integration = {{ type = "mock", status = 200 }}
        [[apis.api.routes]]
        path = "/denied"
        authorizer = "deny"
        integration = {{ type = "mock", status = 200 }}
        "#
    );
    Running::start(&toml, guests()).await
}

fn assert_fields(line: &Value, expected: &[(&str, &str)], name: &str) {
    for (field, value) in expected {
        assert_eq!(line[*field], *value, "{name}: {field} in {line}");
    }
}

#[tokio::test]
async fn every_variable_has_its_value_or_a_dash() {
    let origin = Origin::start(|_| {
        let response = Response::builder()
            .status(404)
            .header("x-amzn-requestid", "theirs");
        response.body(Bytes::from("gone")).expect("a response")
    })
    .await;
    let names = portcullis::proxy::context::NAMES;
    let (first, second) = names.split_at(names.len() / 2);
    let mut second = second.to_vec();
    second.push("authorizer.path");
    // A format has a limit of 3 KB: two halves.
    let mut halves = Vec::new();
    for half in [first, &second] {
        let mut variables = half.to_vec();
        variables.push("requestId");
        variables.dedup();
        let gateway = of_every_kind(&variables, &origin.authority()).await;
        let trace = ("x-amzn-trace-id", "Root=1-67891233-abcdef012345678912345678");
        let agent = ("user-agent", "tests/1");
        let mut told = Vec::new();
        for (path, headers) in [
            ("/dev/mock/7?q=1", &[trace, agent][..]),
            ("/dev/proxy", &[agent]),
            ("/dev/offline", &[]),
            ("/dev/guarded", &[("authorization", "t")]),
            ("/dev/denied", &[("authorization", "t")]),
            ("/dev/nothing", &[]),
        ] {
            let answer = gateway.get(path, headers).await;
            let (id, extended) = ids(&answer);
            told.push((id.to_owned(), extended.to_owned(), answer.body.len().to_string()));
        }
        let address = gateway.address().to_string();
        let lines: Vec<Value> = lines_of(gateway, "access.log")
            .await
            .iter()
            .map(|line| fields(line))
            .collect();
        let lines: Vec<Value> = told
            .iter()
            .map(|(id, ..)| {
                lines
                    .iter()
                    .find(|line| line["requestId"] == **id)
                    .expect("its line")
                    .clone()
            })
            .collect();
        halves.push((address, told, lines));
    }
    let merged = |at: usize| {
        let mut line = serde_json::Map::new();
        for (_, told, lines) in &halves {
            for (name, value) in lines[at].as_object().expect("an object") {
                // Both halves are gateways of their own: what differs is checked in each.
                let value = match name.as_str() {
                    "requestId" => json!(if *value == told[at].0 { "ID" } else { "another" }),
                    "extendedRequestId" => json!(if *value == told[at].1 {
                        "EXTENDED"
                    } else {
                        "another"
                    }),
                    "responseLength" => json!(if *value == told[at].2 { "LENGTH" } else { "another" }),
                    "domainName" => json!(value.as_str().expect("text").replace(&halves[0].0, "HOST")),
                    _ => value.clone(),
                };
                line.insert(name.clone(), value);
            }
        }
        Value::Object(line)
    };
    let mock = merged(0);
    let known = [
        ("accountId", "000000000000"),
        ("apiId", "api"),
        ("domainName", "HOST"),
        ("domainPrefix", "127"),
        ("extendedRequestId", "EXTENDED"),
        ("httpMethod", "GET"),
        ("identity.sourceIp", "127.0.0.1"),
        ("identity.userAgent", "tests/1"),
        ("path", "/dev/mock/7"),
        ("protocol", "HTTP/1.1"),
        ("requestId", "ID"),
        ("resourcePath", "/mock/{id}"),
        ("responseLength", "LENGTH"),
        ("stage", "dev"),
        ("status", "201"),
        ("xrayTraceId", "1-67891233-abcdef012345678912345678"),
    ];
    assert_fields(&mock, &known, "mock");
    let varying = [
        "dataProcessed",
        "deploymentId",
        "requestTime",
        "requestTimeEpoch",
        "resourceId",
        "responseLatency",
    ];
    for (name, value) in mock.as_object().expect("an object") {
        let has_value = known.iter().any(|(known, _)| known == name) || varying.contains(&name.as_str());
        assert_eq!(value != "-", has_value, "{name} is {value}");
    }
    for id in ["deploymentId", "resourceId"] {
        assert_eq!(mock[id].as_str().map(str::len), Some(10), "{id}");
    }
    assert!(
        mock["requestTimeEpoch"]
            .as_str()
            .is_some_and(|epoch| epoch.len() == 13),
        "{mock}"
    );
    let proxy = merged(1);
    let expected = [
        ("status", "404"),
        ("integration.status", "404"),
        ("integration.integrationStatus", "404"),
        ("integrationStatus", "404"),
        ("integration.requestId", "theirs"),
        ("awsEndpointRequestId", "theirs"),
        ("integration.error", "-"),
        ("error.message", "-"),
    ];
    assert_fields(&proxy, &expected, "proxy");
    for name in ["integration.latency", "integrationLatency"] {
        assert!(
            proxy[name].as_str().expect("text").parse::<u64>().is_ok(),
            "{name}: {proxy}"
        );
    }
    assert_ne!(proxy["resourceId"], mock["resourceId"]);
    assert_eq!(proxy["deploymentId"], mock["deploymentId"]);
    // The trace that was made for the backend is the one in the log.
    let recorded = origin.recorded();
    let sent: Vec<String> = recorded
        .iter()
        .map(|request| {
            request.headers["x-amzn-trace-id"]
                .to_str()
                .expect("text")
                .to_owned()
        })
        .collect();
    let logged = format!("Root={}", proxy["xrayTraceId"].as_str().expect("text"));
    assert!(sent.contains(&logged), "{logged} is none of {sent:?}");
    let expected = [
        ("status", "503"),
        ("error.message", "Service Unavailable"),
        ("error.responseType", "INTEGRATION_FAILURE"),
        ("integration.error", "Service Unavailable"),
        ("integrationErrorMessage", "Service Unavailable"),
        ("integration.status", "-"),
    ];
    let offline = merged(2);
    assert_fields(&offline, &expected, "offline");
    let expected = [
        ("status", "200"),
        ("authorizer.status", "200"),
        ("authorizer.integrationStatus", "200"),
        ("authorizer.principalId", "caller"),
        ("authorizer.path", "/guarded"),
        ("authorizer.error", "-"),
        ("authorize.status", "200"),
    ];
    assert_fields(&merged(3), &expected, "guarded");
    let expected = [
        ("status", "403"),
        ("authorizer.status", "403"),
        ("authorize.status", "403"),
        ("error.responseType", "ACCESS_DENIED"),
        ("resourcePath", "/denied"),
    ];
    assert_fields(&merged(4), &expected, "denied");
    let expected = [
        ("status", "403"),
        ("error.message", "Missing Authentication Token"),
        ("error.responseType", "MISSING_AUTHENTICATION_TOKEN"),
        ("resourcePath", "-"),
        ("resourceId", "-"),
    ];
    assert_fields(&merged(5), &expected, "nothing");
}

#[test]
fn the_page_of_variables_has_each_of_them() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/context.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let families = portcullis::proxy::context::FAMILIES
        .iter()
        .map(|family| format!("{family}NAME"));
    let names = portcullis::proxy::context::NAMES
        .iter()
        .map(|name| (*name).to_owned());
    for name in names.chain(families) {
        assert!(
            page.contains(&format!("| `$context.{name}` |")),
            "docs/context.md: {name}"
        );
    }
}
