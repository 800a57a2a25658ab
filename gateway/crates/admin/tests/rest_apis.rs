//! APIs over a real store. Words and forms were recorded from the service unless a row says that they are ours.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod support;

use portcullis_admin::Change;
use serde_json::{Value, json};
use support::{Control, NOW, replace};

/// Every member of CreateRestApi but `cloneFrom`.
fn everything() -> Value {
    json!({
        "name": "all",
        "description": "everything",
        "version": "v1",
        "binaryMediaTypes": ["image/png", "*/*"],
        "minimumCompressionSize": 10,
        "apiKeySource": "AUTHORIZER",
        "endpointConfiguration": {
            "types": ["PRIVATE"],
            "ipAddressType": "dualstack",
            "vpcEndpointIds": ["vpce-1"],
        },
        "policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"execute-api:Invoke\",\"Resource\":\"execute-api:/a/b\"}]}",
        "tags": {"a": "b"},
        "disableExecuteApiEndpoint": true,
        "securityPolicy": "TLS_1_2",
        "endpointAccessMode": "STRICT",
    })
}

const OTHER_POLICY: &str =
    r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}"#;

#[tokio::test]
async fn has_the_services_defaults() {
    let control = Control::new().await;
    let api = control.ok("POST", "/restapis", json!({"name": "x"})).await;
    let expected = json!({
        "id": api["id"],
        "name": "x",
        "createdDate": NOW,
        "apiKeySource": "HEADER",
        "disableExecuteApiEndpoint": false,
        "endpointConfiguration": {"types": ["EDGE"], "ipAddressType": "ipv4"},
        "rootResourceId": api["rootResourceId"],
        "apiStatus": "AVAILABLE",
    });
    assert_eq!(api, expected);
    assert_eq!(api["id"].as_str().map(str::len), Some(10));
    let target = format!("/restapis/{}/resources", api["id"].as_str().expect("an id"));
    let resources = control.ok("GET", &target, Value::Null).await;
    assert_eq!(
        resources,
        json!({"item": [{"id": api["rootResourceId"], "path": "/"}]})
    );
    let private = json!({"name": "x", "endpointConfiguration": {"types": ["PRIVATE"]}});
    let private = control.ok("POST", "/restapis", private).await;
    assert_eq!(private["endpointConfiguration"]["ipAddressType"], "dualstack");
}

#[tokio::test]
async fn every_member_comes_back() {
    let control = Control::new().await;
    let created = control.ok("POST", "/restapis", everything()).await;
    let mut expected = everything();
    // The service answers policies escaped once more, and compact.
    let escaped = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"execute-api:Invoke\",\"Resource\":\"execute-api:\/a\/b\"}]}"#;
    expected["policy"] = json!(escaped);
    expected["id"] = created["id"].clone();
    expected["rootResourceId"] = created["rootResourceId"].clone();
    expected["createdDate"] = json!(NOW);
    expected["apiStatus"] = json!("AVAILABLE");
    assert_eq!(created, expected);
    let target = format!("/restapis/{}", created["id"].as_str().expect("an id"));
    assert_eq!(control.ok("GET", &target, Value::Null).await, expected);

    let operations = json!([
        {"op": "replace", "path": "/name", "value": "new"},
        {"op": "replace", "path": "/description", "value": "other"},
        {"op": "replace", "path": "/version", "value": "v2"},
        {"op": "add", "path": "/binaryMediaTypes/image~1gif"},
        {"op": "remove", "path": "/binaryMediaTypes/*~1*"},
        {"op": "replace", "path": "/binaryMediaTypes/image~1png", "value": "image/jpeg"},
        {"op": "replace", "path": "/minimumCompressionSize", "value": "0"},
        {"op": "replace", "path": "/apiKeySource", "value": "HEADER"},
        {"op": "add", "path": "/endpointConfiguration/vpcEndpointIds", "value": "vpce-2"},
        {"op": "remove", "path": "/endpointConfiguration/vpcEndpointIds", "value": "vpce-1"},
        {"op": "replace", "path": "/policy", "value": OTHER_POLICY},
        {"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "false"},
        {"op": "replace", "path": "/securityPolicy", "value": "SecurityPolicy_TLS13_1_3_2025_09"},
        {"op": "replace", "path": "/endpointAccessMode", "value": "BASIC"},
    ]);
    let updated = control.patch(&target, operations).await;
    assert_eq!(updated.status, 200, "{updated:?}");
    for (name, value) in [
        ("name", json!("new")),
        ("description", json!("other")),
        ("version", json!("v2")),
        ("binaryMediaTypes", json!(["image/gif", "image/jpeg"])),
        ("minimumCompressionSize", json!(0)),
        ("apiKeySource", json!("HEADER")),
        ("policy", json!(OTHER_POLICY.replace("\"", "\\\""))),
        ("disableExecuteApiEndpoint", json!(false)),
        ("securityPolicy", json!("SecurityPolicy_TLS13_1_3_2025_09")),
        ("endpointAccessMode", json!("BASIC")),
    ] {
        expected[name] = value;
    }
    expected["endpointConfiguration"]["vpcEndpointIds"] = json!(["vpce-2"]);
    assert_eq!(updated.body, expected);
    assert_eq!(control.ok("GET", &target, Value::Null).await, expected);
}

#[tokio::test]
async fn patches_that_take_out() {
    let control = Control::new().await;
    let body = json!({"name": "x", "description": "d", "version": "1", "minimumCompressionSize": 5,
        "policy": OTHER_POLICY, "binaryMediaTypes": ["a/b"]});
    let created = control.ok("POST", "/restapis", body).await;
    let target = format!("/restapis/{}", created["id"].as_str().expect("an id"));
    let operations = json!([
        {"op": "remove", "path": "/description"},
        {"op": "replace", "path": "/version", "value": ""},
        {"op": "replace", "path": "/minimumCompressionSize"},
        {"op": "replace", "path": "/policy", "value": ""},
        {"op": "remove", "path": "/binaryMediaTypes/a~1b"},
        {"op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": "REGIONAL"},
    ]);
    let updated = control.patch(&target, operations).await;
    assert_eq!(updated.body["tags"], json!({}));
    let after = control.ok("GET", &target, Value::Null).await;
    for gone in [
        "description",
        "version",
        "minimumCompressionSize",
        "policy",
        "binaryMediaTypes",
        "tags",
    ] {
        assert_eq!(after[gone], Value::Null, "{gone}");
    }
    assert_eq!(after["endpointConfiguration"]["types"], json!(["REGIONAL"]));
    let private = replace("/endpointConfiguration/types/0", "PRIVATE");
    let updated = control.patch(&target, private).await;
    assert_eq!(
        updated.body["endpointConfiguration"],
        json!({"types": ["PRIVATE"], "ipAddressType": "dualstack"})
    );
    // <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-api-migration.html>
    let edge = control
        .patch(&target, replace("/endpointConfiguration/types/0", "EDGE"))
        .await;
    assert_eq!(edge.status, 400, "{edge:?}");
    let regional = control
        .patch(&target, replace("/endpointConfiguration/types/0", "REGIONAL"))
        .await;
    assert_eq!(
        regional.body["endpointConfiguration"]["types"],
        json!(["REGIONAL"])
    );
}

#[tokio::test]
async fn refuses_bad_ones() {
    let control = Control::new().await;
    let create = |body: Value| ("POST", "/restapis".to_owned(), body);
    let validation = "ValidationException";
    let bad = "BadRequestException";
    control
        .refuses(vec![
            (
                "no description",
                create(json!({"name": "x", "description": ""})),
                (bad, "Description cannot be an empty string"),
            ),
            (
                "a description before a wrong endpoint",
                create(json!({"name": "x", "description": "",
                    "endpointConfiguration": {"types": ["PRIVATE"], "ipAddressType": "ipv4"}})),
                (bad, "Description cannot be an empty string"),
            ),
            (
                "compression",
                create(json!({"name": "x", "minimumCompressionSize": -1})),
                (bad, "Invalid minimum compression size, must be between 0 and 10485760"),
            ),
            (
                "no types",
                create(json!({"name": "x", "endpointConfiguration": {"types": []}})),
                (bad, "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED."),
            ),
            (
                "two types",
                create(json!({"name": "x", "endpointConfiguration": {"types": ["EDGE", "REGIONAL"]}})),
                (bad, "Cannot create an api with multiple Endpoint Types."),
            ),
            (
                "private by ipv4",
                create(json!({"name": "x", "endpointConfiguration": {"types": ["PRIVATE"], "ipAddressType": "ipv4"}})),
                (bad, "Only dualstack ipAddressType is supported for Private APIs."),
            ),
            (
                "two enumerations",
                create(json!({"name": "x", "endpointConfiguration": {"types": ["wrong"], "ipAddressType": "wrong"}})),
                (
                    validation,
                    "2 validation errors detected: Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]; Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]",
                ),
            ),
            (
                "policy",
                create(json!({"name": "x", "policy": "{"})),
                (
                    bad,
                    "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
                ),
            ),
            (
                "a policy without a principal (ours, after the service's)",
                create(json!({"name": "x", "policy": OTHER_POLICY.replace("Principal", "Prinzipal")})),
                (
                    bad,
                    "Invalid policy document. Please check the policy syntax and ensure that Principals are valid. /Statement/0/Prinzipal: no such element",
                ),
            ),
            ("a member (ours)", create(json!({"name": "x", "nmae": "y"})), (bad, "Unknown member: nmae")),
            ("no name (ours)", create(json!({})), (bad, "Missing required member: name")),
            ("a blank name (ours)", create(json!({"name": " "})), (bad, "API name cannot be blank")),
            (
                "unknown",
                ("GET", "/restapis/nope".to_owned(), Value::Null),
                ("NotFoundException", "Invalid API identifier specified 123456789012:nope"),
            ),
            (
                "unknown, deleted",
                ("DELETE", "/restapis/a%2Fb".to_owned(), Value::Null),
                ("NotFoundException", "Invalid API identifier specified 123456789012:a/b"),
            ),
        ])
        .await;
    let list = control.ok("GET", "/restapis", Value::Null).await;
    assert_eq!(list, json!({"item": []}));
}

#[tokio::test]
async fn refuses_bad_patches_and_changes_nothing() {
    let control = Control::new().await;
    let (api, _) = control.api().await;
    let target = format!("/restapis/{api}");
    let before = control.ok("GET", &target, Value::Null).await;
    let types = "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE";
    let size = "Invalid minimum compression size, must be between 0 and 10485760";
    let only_replace = "Invalid patch operation specified. Must be one of: [replace]";
    for (op, path, value, message) in [
        (
            "add",
            "/binaryMediaTypes",
            "a/b",
            "Invalid patch path /binaryMediaTypes",
        ),
        (
            "replace",
            "/binaryMediaTypes",
            "a/b",
            "Invalid patch path /binaryMediaTypes",
        ),
        (
            "remove",
            "/binaryMediaTypes",
            "a/b",
            "Invalid patch path /binaryMediaTypes",
        ),
        ("replace", "/minimumCompressionSize", "-1", size),
        ("replace", "/minimumCompressionSize", "x", size),
        ("add", "/minimumCompressionSize", "1", only_replace),
        (
            "add",
            "/endpointConfiguration/ipAddressType",
            "ipv4",
            only_replace,
        ),
        (
            "replace",
            "/endpointConfiguration/ipAddressType",
            "wrong",
            "ipAddressType must be either ipv4 or dualstack.",
        ),
        ("replace", "/endpointConfiguration/types/EDGE", "wrong", types),
        (
            "copy",
            "/endpointConfiguration/types/EDGE",
            "EDGE",
            "Invalid patch operation specified. Must be 'add'|'remove'|'replace'",
        ),
        ("replace", "/id", "x", "Invalid patch path /id"),
        ("replace", "/name", "", "API name cannot be blank"),
    ] {
        let operations = json!([
            {"op": "replace", "path": "/description", "value": "kept out"},
            {"op": op, "path": path, "value": value},
        ]);
        let answer = control.patch(&target, operations).await;
        assert_eq!((answer.status, answer.message()), (400, message), "{op} {path}");
    }
    assert_eq!(control.ok("GET", &target, Value::Null).await, before);
}

#[tokio::test]
async fn lists_by_pages_and_deletes_with_everything_below() {
    let control = Control::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(control.api().await.0);
    }
    ids.sort();
    let mut seen = Vec::new();
    let mut target = "/restapis?limit=2".to_owned();
    loop {
        let page = control.ok("GET", &target, Value::Null).await;
        let items = page["item"].as_array().expect("items");
        assert!(items.len() <= 2);
        seen.extend(
            items
                .iter()
                .map(|item| item["id"].as_str().expect("an id").to_owned()),
        );
        match page["position"].as_str() {
            Some(position) => target = format!("/restapis?limit=2&position={position}"),
            None => break,
        }
    }
    assert_eq!(seen, ids);

    let api = ids.pop().expect("one");
    let deleted = control
        .call("DELETE", &format!("/restapis/{api}"), Value::Null)
        .await;
    assert_eq!((deleted.status, deleted.body), (202, Value::Null));
    assert_eq!(control.published(), vec![Change::Api { api: api.clone() }]);
    let gone = control
        .call("GET", &format!("/restapis/{api}/resources"), Value::Null)
        .await;
    assert_eq!(gone.status, 404);
    let mut read = control.service.store().read().await.expect("a read");
    assert!(read.below(&api).await.expect("rows").is_empty());
}

#[tokio::test]
async fn clones_with_new_identifiers() {
    let control = Control::new().await;
    let source = control.ok("POST", "/restapis", everything()).await;
    let api = source["id"].as_str().expect("an id").to_owned();
    let root = source["rootResourceId"].as_str().expect("an id").to_owned();
    let pets = control.resource(&api, &root, "pets").await;
    control.resource(&api, &pets, "{id}").await;
    let validator = json!({"name": "v", "validateRequestBody": true});
    let validator = control
        .ok("POST", &format!("/restapis/{api}/requestvalidators"), validator)
        .await;
    let method = format!("/restapis/{api}/resources/{pets}/methods/GET");
    let body = json!({"authorizationType": "NONE", "requestValidatorId": validator["id"],
        "requestModels": {"application/json": "Error"}});
    control.ok("PUT", &method, body).await;
    control
        .ok("PUT", &format!("{method}/integration"), json!({"type": "MOCK"}))
        .await;

    let copy = json!({"name": "copy", "cloneFrom": api, "description": "mine"});
    let copy = control.ok("POST", "/restapis", copy).await;
    assert_eq!(copy["name"], "copy");
    assert_eq!(copy["description"], "mine");
    assert_eq!(copy["policy"], source["policy"]);
    assert_eq!(copy["binaryMediaTypes"], source["binaryMediaTypes"]);
    assert_ne!(copy["rootResourceId"], source["rootResourceId"]);
    let target = format!("/restapis/{}", copy["id"].as_str().expect("an id"));
    let resources = format!("{target}/resources?embed=methods");
    let resources = control.ok("GET", &resources, Value::Null).await;
    let mut items = resources["item"].as_array().expect("items").clone();
    items.sort_by_key(|item| item["path"].as_str().expect("a path").to_owned());
    let paths: Vec<&str> = items.iter().filter_map(|item| item["path"].as_str()).collect();
    assert_eq!(paths, ["/", "/pets", "/pets/{id}"]);
    assert_eq!(items[1]["parentId"], copy["rootResourceId"]);
    assert_ne!(items[1]["id"], json!(pets));
    let method = &items[1]["resourceMethods"]["GET"];
    assert_eq!(method["methodIntegration"]["cacheNamespace"], items[1]["id"]);
    let validators = control
        .ok("GET", &format!("{target}/requestvalidators"), Value::Null)
        .await;
    assert_eq!(validators["item"][0]["id"], method["requestValidatorId"]);
    assert_ne!(method["requestValidatorId"], validator["id"]);

    let unknown = json!({"name": "copy", "cloneFrom": "nope"});
    let unknown = control.call("POST", "/restapis", unknown).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn bad_input_is_never_a_fault_of_the_service() {
    let control = Control::new().await;
    let (api, root) = control.api().await;
    let deep = |depth: usize| {
        format!(
            "{}{}",
            "{\"name\":".repeat(depth),
            "1".to_owned() + &"}".repeat(depth)
        )
    };
    let large = json!({"name": "x", "description": "y".repeat(10_000_000)}).to_string();
    let name = "z".repeat(5_000);
    for (what, method, target, body) in [
        ("no JSON", "POST", "/restapis".to_owned(), "{".to_owned()),
        ("no object", "POST", "/restapis".to_owned(), "[1]".to_owned()),
        ("deep", "POST", "/restapis".to_owned(), deep(10_000)),
        ("rather deep", "POST", "/restapis".to_owned(), deep(100)),
        ("large", "POST", "/restapis".to_owned(), large),
        ("a long id", "GET", format!("/restapis/{name}"), String::new()),
        (
            "a long id below",
            "PATCH",
            format!("/restapis/{api}/resources/{name}"),
            String::new(),
        ),
        ("NUL", "GET", "/restapis/%00".to_owned(), String::new()),
        ("no text", "GET", "/restapis/%ff%fe".to_owned(), String::new()),
        (
            "a long verb",
            "PUT",
            format!("/restapis/{api}/resources/{root}/methods/{name}"),
            "{\"authorizationType\": \"NONE\"}".to_owned(),
        ),
        (
            "a list of no operations",
            "PATCH",
            format!("/restapis/{api}"),
            "{\"patchOperations\": [1, null, {}]}".to_owned(),
        ),
    ] {
        let answer = control.send(method, &target, body).await;
        assert!((400..500).contains(&answer.status), "{what}: {}", answer.status);
        assert!(!answer.kind.is_empty(), "{what}");
    }
    let list = control.ok("GET", "/restapis", Value::Null).await;
    assert_eq!(list["item"].as_array().map(Vec::len), Some(1));
}
