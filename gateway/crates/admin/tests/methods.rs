//! Methods and their responses over a real store. Words and forms were recorded from the service unless a row says that
//! they are ours.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod support;

use portcullis_store::Key;
use serde_json::{Value, json};
use support::{Control, replace};

const BAD: &str = "BadRequestException";
const AUTHORIZER: &str = "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.";
const NO_RESOURCE: (&str, &str) = ("NotFoundException", "Invalid Resource identifier specified");
const NO_METHOD: (&str, &str) = ("NotFoundException", "Invalid Method identifier specified");
const NO_STATUS: (&str, &str) = ("NotFoundException", "Invalid Response status code specified");

/// An API with an authorizer of each sort, a validator and the models that it has from its beginning.
async fn prepared(control: &Control) -> (String, String, String) {
    let (api, root) = control.api().await;
    let mut write = control
        .service
        .store()
        .write("tester", "prepare")
        .await
        .expect("a write");
    for (id, kind) in [
        ("custom", "REQUEST"),
        ("pools", "COGNITO_USER_POOLS"),
        ("more", "COGNITO_USER_POOLS"),
        ("tokens", "JWT"),
    ] {
        let document = json!({"id": id, "name": id, "type": kind});
        let key = Key::new("authorizer", api.as_str(), id);
        write.insert(&key, &document).await.expect("an authorizer");
    }
    write.commit().await.expect("a commit");
    let validators = format!("/restapis/{api}/requestvalidators");
    let validator = control.ok("POST", &validators, json!({"name": "v"})).await;
    let validator = validator["id"].as_str().expect("an id").to_owned();
    (api, root, validator)
}

#[tokio::test]
async fn every_member_comes_back() {
    let control = Control::new().await;
    let (api, root, validator) = prepared(&control).await;
    let target = format!("/restapis/{api}/resources/{root}/methods/ANY");
    let body = json!({
        "authorizationType": "COGNITO_USER_POOLS",
        "authorizerId": "pools",
        "apiKeyRequired": true,
        "operationName": "list",
        "requestParameters": {"method.request.header.h": true, "method.request.querystring.q": null},
        "requestModels": {"application/json": "Error"},
        "requestValidatorId": validator,
        "authorizationScopes": ["a/b"],
    });
    let created = control.call("PUT", &target, body.clone()).await;
    let mut expected = body;
    expected["httpMethod"] = json!("ANY");
    expected["requestParameters"]["method.request.querystring.q"] = json!(false);
    assert_eq!((created.status, &created.body), (201, &expected));
    assert_eq!(control.ok("GET", &target, Value::Null).await, expected);

    let operations = json!([
        {"op": "replace", "path": "/authorizerId", "value": "more"},
        {"op": "replace", "path": "/apiKeyRequired", "value": "whatever"},
        {"op": "replace", "path": "/operationName", "value": "other"},
        {"op": "add", "path": "/requestParameters/method.request.path.p", "value": "true"},
        {"op": "remove", "path": "/requestParameters/method.request.header.h"},
        {"op": "replace", "path": "/requestParameters/method.request.querystring.q", "value": "true"},
        {"op": "replace", "path": "/requestModels/application~1json", "value": "Empty"},
        {"op": "add", "path": "/requestModels/text~1plain", "value": "Empty"},
        {"op": "replace", "path": "/requestValidatorId", "value": ""},
        {"op": "add", "path": "/authorizationScopes", "value": "c"},
        {"op": "remove", "path": "/authorizationScopes", "value": "a/b"},
    ]);
    let updated = control.patch(&target, operations).await;
    let expected = json!({
        "httpMethod": "ANY",
        "authorizationType": "COGNITO_USER_POOLS",
        "authorizerId": "more",
        "apiKeyRequired": false,
        "operationName": "other",
        "requestParameters": {"method.request.path.p": true, "method.request.querystring.q": true},
        "requestModels": {"application/json": "Empty", "text/plain": "Empty"},
        "authorizationScopes": ["c"],
    });
    assert_eq!((updated.status, &updated.body), (200, &expected));
    assert_eq!(control.ok("GET", &target, Value::Null).await, expected);

    // What is empty goes; an authorizer without a type that has one is ignored.
    let operations = json!([
        {"op": "replace", "path": "/authorizationType", "value": "NONE"},
        {"op": "replace", "path": "/authorizerId", "value": "abc123"},
        {"op": "remove", "path": "/requestParameters/method.request.path.p"},
        {"op": "remove", "path": "/requestParameters/method.request.querystring.q"},
        {"op": "remove", "path": "/requestModels/application~1json", "value": "Empty"},
        {"op": "remove", "path": "/requestModels/text~1plain"},
        {"op": "remove", "path": "/authorizationScopes", "value": "c"},
        {"op": "replace", "path": "/operationName", "value": ""},
    ]);
    let updated = control.patch(&target, operations).await;
    let expected = json!({"httpMethod": "ANY", "authorizationType": "NONE", "apiKeyRequired": false});
    assert_eq!(updated.body, expected);
    let custom = json!([
        {"op": "replace", "path": "/authorizerId", "value": "custom"},
        {"op": "replace", "path": "/authorizationType", "value": "CUSTOM"},
    ]);
    let updated = control.patch(&target, custom).await;
    assert_eq!(updated.text("authorizerId"), "custom");
    let deleted = control.call("DELETE", &target, Value::Null).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(
        control.call("DELETE", &target, Value::Null).await.message(),
        NO_METHOD.1
    );
}

#[tokio::test]
async fn refuses_bad_ones() {
    let control = Control::new().await;
    let (api, root, _) = prepared(&control).await;
    let none = || json!({"authorizationType": "NONE"});
    let at = |verb: &str| format!("/restapis/{api}/resources/{root}/methods/{verb}");
    control.ok("PUT", &at("POST"), none()).await;
    let put = |body: Value| ("PUT", at("GET"), body);
    let parameter = |name: &str| put(json!({"authorizationType": "NONE", "requestParameters": {name: true}}));
    let conflict = "ConflictException";
    let mapping = |name: &str| format!("Invalid mapping expression parameter specified: {name}");
    let (no_name, no_place) = (mapping("method.request.header."), mapping("x"));
    control
        .refuses(vec![
            ("no API", ("PUT", format!("/restapis/nope/resources/{root}/methods/GET"), none()), NO_RESOURCE),
            ("no resource", ("PUT", format!("/restapis/{api}/resources/nope/methods/GET"), none()), NO_RESOURCE),
            (
                "no verb",
                ("PUT", at("WRONG"), none()),
                (BAD, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"),
            ),
            ("there already", ("PUT", at("POST"), none()), (conflict, "Method already exists for this resource")),
            ("no authorizer", put(json!({"authorizationType": "CUSTOM"})), (BAD, AUTHORIZER)),
            (
                "an unknown authorizer",
                put(json!({"authorizationType": "CUSTOM", "authorizerId": "nope"})),
                (BAD, AUTHORIZER),
            ),
            (
                "an authorizer of another sort",
                put(json!({"authorizationType": "CUSTOM", "authorizerId": "pools"})),
                (BAD, AUTHORIZER),
            ),
            (
                "a custom authorizer for JWT",
                put(json!({"authorizationType": "JWT", "authorizerId": "custom"})),
                (BAD, AUTHORIZER),
            ),
            (
                "a JWT authorizer for CUSTOM",
                put(json!({"authorizationType": "CUSTOM", "authorizerId": "tokens"})),
                (BAD, AUTHORIZER),
            ),
            (
                "a type (ours)",
                put(json!({"authorizationType": "none"})),
                (BAD, "Invalid authorization type specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS,JWT"),
            ),
            (
                "scopes",
                put(json!({"authorizationType": "NONE", "authorizationScopes": ["a"]})),
                (BAD, "Authorization Scopes are only valid for COGNITO_USER_POOLS and JWT authorization types"),
            ),
            (
                "a validator",
                put(json!({"authorizationType": "NONE", "requestValidatorId": "nope"})),
                (BAD, "Invalid Request Validator identifier specified"),
            ),
            (
                "a model",
                put(json!({"authorizationType": "NONE", "requestModels": {"application/json": "petModel"}})),
                (BAD, "Invalid model identifier specified: petModel"),
            ),
            (
                "a name in two places",
                put(json!({"authorizationType": "NONE", "requestParameters":
                    {"method.request.header.x": true, "method.request.querystring.x": true}})),
                (BAD, "Parameter names must be unique across querystring, header and path"),
            ),
            ("no place", parameter("x"), (BAD, no_place.as_str())),
            ("no name", parameter("method.request.header."), (BAD, no_name.as_str())),
            ("no type (ours)", put(json!({})), (BAD, "Missing required member: authorizationType")),
            ("not there", ("GET", at("GET"), Value::Null), NO_METHOD),
            ("patched, not there", ("PATCH", at("GET"), json!({})), NO_METHOD),
        ])
        .await;
    assert_eq!(control.call("GET", &at("GET"), Value::Null).await.status, 404);
}

#[tokio::test]
async fn refuses_bad_patches_and_changes_nothing() {
    let control = Control::new().await;
    let (api, root, _) = prepared(&control).await;
    let target = format!("/restapis/{api}/resources/{root}/methods/ANY");
    let before = control
        .ok("PUT", &target, json!({"authorizationType": "NONE"}))
        .await;
    let only_replace = "Invalid patch operation specified. Must be one of: [replace]";
    let validator = "Invalid Request Validator identifier specified";
    for (op, path, value, (status, message)) in [
        ("add", "/operationName", "x", (400, only_replace)),
        ("add", "/requestValidatorId", "x", (400, only_replace)),
        (
            "add",
            "/httpMethod",
            "PUT",
            (400, "Invalid patch path /httpMethod"),
        ),
        (
            "replace",
            "/requestParameters",
            "x",
            (400, "Invalid patch path /requestParameters"),
        ),
        (
            "add",
            "/requestModels/application/json",
            "Empty",
            (400, "Invalid patch path /requestModels/application/json"),
        ),
        ("replace", "/authorizationType", "CUSTOM", (400, AUTHORIZER)),
        ("replace", "/requestValidatorId", "fake-id", (400, validator)),
        (
            "remove",
            "/requestModels/a~1b",
            "",
            (404, "Content-Type specified was not found"),
        ),
        (
            "remove",
            "/requestParameters/method.request.header.x",
            "",
            (404, "Invalid parameter name specified"),
        ),
    ] {
        let operations = json!([
            {"op": "replace", "path": "/operationName", "value": "kept out"},
            {"op": op, "path": path, "value": value},
        ]);
        let answer = control.patch(&target, operations).await;
        assert_eq!(
            (answer.status, answer.message()),
            (status, message),
            "{op} {path}"
        );
    }
    assert_eq!(control.ok("GET", &target, Value::Null).await, before);
}

#[tokio::test]
async fn responses_come_back_and_go() {
    let control = Control::new().await;
    let (api, root, _) = prepared(&control).await;
    let method = format!("/restapis/{api}/resources/{root}/methods/GET");
    control
        .ok("PUT", &method, json!({"authorizationType": "NONE"}))
        .await;
    let target = format!("{method}/responses/200");
    let body = json!({"responseParameters": {"method.response.header.a": null}, "responseModels": {"application/json": "Empty"}});
    let created = control.call("PUT", &target, body).await;
    let mut expected = json!({"statusCode": "200", "responseParameters": {"method.response.header.a": false},
        "responseModels": {"application/json": "Empty"}});
    assert_eq!((created.status, &created.body), (201, &expected));
    assert_eq!(control.ok("GET", &target, Value::Null).await, expected);

    let operations = json!([
        {"op": "replace", "path": "/responseParameters/method.response.header.a", "value": "true"},
        {"op": "add", "path": "/responseModels/text~1html", "value": "Error"},
    ]);
    let updated = control.patch(&target, operations).await;
    expected["responseParameters"]["method.response.header.a"] = json!(true);
    expected["responseModels"]["text/html"] = json!("Error");
    assert_eq!((updated.status, &updated.body), (201, &expected));
    let shown = control.ok("GET", &method, Value::Null).await;
    assert_eq!(shown["methodResponses"], json!({"200": expected}));

    let operations = json!([
        {"op": "remove", "path": "/responseParameters/method.response.header.a"},
        {"op": "remove", "path": "/responseModels/application~1json"},
        {"op": "remove", "path": "/responseModels/text~1html"},
    ]);
    let updated = control.patch(&target, operations).await;
    assert_eq!(updated.body, json!({"statusCode": "200"}));
    let deleted = control.call("DELETE", &target, Value::Null).await;
    assert_eq!(deleted.status, 204);
    let shown = control.ok("GET", &method, Value::Null).await;
    assert_eq!(shown["methodResponses"], Value::Null);
    let empty = json!({"responseParameters": {}, "responseModels": {}});
    let created = control.ok("PUT", &target, empty).await;
    assert_eq!(
        created,
        json!({"statusCode": "200", "responseParameters": {}, "responseModels": {}})
    );
}

#[tokio::test]
async fn refuses_bad_responses() {
    let control = Control::new().await;
    let (api, root, _) = prepared(&control).await;
    let method = format!("/restapis/{api}/resources/{root}/methods/GET");
    control
        .ok("PUT", &method, json!({"authorizationType": "NONE"}))
        .await;
    let at = |status: &str| format!("{method}/responses/{status}");
    control.ok("PUT", &at("200"), json!({})).await;
    let pattern = "1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d";
    let patch = |op: &str, path: &str| json!({"patchOperations": [{"op": op, "path": path, "value": "x"}]});
    control
        .refuses(vec![
            ("a status", ("GET", at("wrong"), Value::Null), ("ValidationException", pattern)),
            ("a status, patched", ("PATCH", at("wrong"), json!({})), ("ValidationException", pattern)),
            (
                "an operation",
                ("PATCH", at("200"), patch("wrong_op", "/responseModels/a~1b")),
                (
                    "ValidationException",
                    "1 validation error detected: Value 'wrong_op' at 'updateMethodResponseInput.patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]",
                ),
            ),
            ("not there", ("GET", at("201"), Value::Null), NO_STATUS),
            ("patched, not there", ("PATCH", at("201"), json!({})), NO_STATUS),
            ("deleted, not there", ("DELETE", at("201"), Value::Null), NO_STATUS),
            (
                "there already",
                ("PUT", at("200"), json!({})),
                ("ConflictException", "Response already exists for this resource"),
            ),
            (
                "of no method",
                ("PUT", format!("/restapis/{api}/resources/{root}/methods/PUT/responses/200"), json!({})),
                NO_METHOD,
            ),
            (
                "of no resource",
                ("PUT", format!("/restapis/{api}/resources/nope/methods/GET/responses/200"), json!({})),
                NO_RESOURCE,
            ),
            (
                "a parameter that is not there",
                ("PATCH", at("200"), patch("remove", "/responseParameters/method.response.header.a")),
                ("NotFoundException", "Invalid parameter name specified"),
            ),
            (
                "a model that is not there",
                ("PATCH", at("200"), patch("remove", "/responseModels/application~1json")),
                ("NotFoundException", "Content-Type specified was not found"),
            ),
            (
                "a path",
                ("PATCH", at("200"), patch("add", "/wrong/method.response.header.a")),
                (BAD, "Invalid patch path /wrong/method.response.header.a"),
            ),
            (
                "no header",
                ("PUT", at("202"), json!({"responseParameters": {"method.response.body.a": true}})),
                (
                    BAD,
                    "Invalid mapping expression parameter specified: method.response.body.a",
                ),
            ),
            (
                "a model",
                ("PUT", at("202"), json!({"responseModels": {"application/json": "nope"}})),
                (BAD, "Invalid model identifier specified: nope"),
            ),
        ])
        .await;
    assert_eq!(control.patch(&at("200"), replace("/x", "y")).await.status, 400);
}
