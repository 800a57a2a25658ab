use std::fmt::Write as _;

use portcullis_document::{Document, Format};
use proptest::prelude::*;

use super::read;
use crate::import;

#[test]
fn ten_thousand_routes_are_read_in_linear_time() {
    let mut text = "openapi: 3.0.1\npaths:\n".to_owned();
    for index in 0..10_000 {
        writeln!(
            text,
            "  /r{index}/{{id}}:\n    get: {{security: [], x-amazon-apigateway-integration: {{type: http_proxy, uri: 'http://h/{{id}}', timeoutInMillis: 1}}}}"
        )
        .expect("a string");
    }
    let imported = read(&text);
    assert_eq!(imported.problems.len(), 10_000);
    assert_eq!(imported.api.resources.len(), 10_000);
}

/// Documents whose keys and values are right, but not where they are.
fn anything() -> impl Strategy<Value = serde_json::Value> {
    const KEYS: &[&str] = &[
        "openapi",
        "swagger",
        "paths",
        "/",
        "/a",
        "/{x}",
        "get",
        "put",
        "$ref",
        "security",
        "securityDefinitions",
        "components",
        "securitySchemes",
        "auth",
        "type",
        "in",
        "name",
        "uri",
        "x-amazon-apigateway-integration",
        "x-portcullis-integration",
        "x-amazon-apigateway-authorizer",
        "x-amazon-apigateway-authtype",
        "plugin",
        "requestParameters",
        "responses",
        "default",
        "statusCode",
        "requestTemplates",
        "application/json",
        "identitySource",
        "x-portcullis-plugin",
        "properties",
        "integration.request.path.x",
        "timeoutInMillis",
        "basePath",
    ];
    const TEXTS: &[&str] = &[
        "2.0",
        "3.0.1",
        "#/paths/~1a",
        "#",
        "#/",
        "#/%zz",
        "#/paths",
        "mock",
        "http_proxy",
        "http://h/{x}",
        "${stageVariables.x}/{",
        "token",
        "request",
        "apiKey",
        "header",
        "custom",
        "method.request.path.x",
        "{statusCode: 2}",
        "method.request.header.A",
    ];
    let leaf = prop_oneof![
        prop::sample::select(TEXTS).prop_map(serde_json::Value::from),
        any::<i32>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(7, 80, 8, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(serde_json::Value::from),
            4 => prop::collection::vec((prop::sample::select(KEYS).prop_map(str::to_owned), inner), 0..8)
                .prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn never_panics_and_opens_nothing_that_has_security(paths in anything(), schemes in anything(), security in anything()) {
        let value = serde_json::json!({
            "swagger": "2.0", "security": [{"auth": security}], "securityDefinitions": {"auth": schemes},
            "paths": {"/a": {"get": paths, "put": {"x-amazon-apigateway-integration": {"type": "mock"}}}},
        });
        let document = Document::parse("f", &value.to_string(), Format::Json).expect("right");
        let imported = import(&document, "a");
        let put = imported.api.resources.iter().find_map(|resource| resource.methods.get("PUT"));
        if let Some(put) = put {
            prop_assert!(put.authorization != portcullis_model::Authorization::None);
        }
        for problem in &imported.problems {
            prop_assert!(problem.position.is_some());
        }
    }

    #[test]
    fn never_panics_on_any_tree(value in anything()) {
        let document = Document::parse("f", &value.to_string(), Format::Json).expect("right");
        import(&document, "a");
    }
}
