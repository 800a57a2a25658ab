#![allow(clippy::indexing_slicing, clippy::needless_pass_by_value)]

use portcullis_model::{
    Authorization, AuthorizerKind, AwsTarget, Connection, ContentHandling, HttpTarget, IdentitySource,
    PassthroughBehavior, ResponseType, Target,
};
use serde_json::{Value, json};

use super::*;

fn of(snapshot: &Value) -> RestApi {
    rest_api(snapshot.as_object().expect("an object"))
}

/// A snapshot with one method.
fn of_method(method: Value) -> RestApi {
    of(&json!({
        "restApi": {"id": "abc", "name": "n"},
        "resources": [{"path": "/x", "resourceMethods": {"GET": method}}],
        "authorizers": [
            {"id": "a1", "name": "token", "type": "TOKEN", "authorizerUri": "portcullis:plugin:check"},
            {"id": "a2", "name": "pools", "type": "COGNITO_USER_POOLS"},
            {"id": "a3", "name": "other", "type": "REQUEST", "authorizerUri": "https://example.com"},
        ],
    }))
}

fn target(integration: Value) -> Target {
    let api = of_method(json!({"authorizationType": "NONE", "methodIntegration": integration}));
    let integration = api.resources[0].methods["GET"].integration.clone();
    integration.expect("an integration").target
}

#[test]
fn has_every_part_of_an_api() {
    let api = of(&json!({
        "restApi": {"id": "abc", "name": "n", "binaryMediaTypes": ["image/png"], "minimumCompressionSize": 0},
        "resources": [{"id": "r", "path": "/"}],
        "authorizers": [{
            "id": "a1", "name": "who", "type": "REQUEST", "authorizerResultTtlInSeconds": 60,
            "authorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:check:live/invocations",
            "identitySource": "method.request.header.H, method.request.querystring.q,stageVariables.v,context.c",
        }],
        "requestValidators": [{"id": "v1", "name": "v", "validateRequestBody": true, "validateRequestParameters": false}],
        "models": [{"id": "m", "name": "Pet", "contentType": "application/json", "schema": "{}"}],
        "gatewayResponses": [{"responseType": "THROTTLED", "statusCode": "430", "defaultResponse": false,
            "responseParameters": {"gatewayresponse.header.a": "'b'"}, "responseTemplates": {"application/json": "t"}}],
    }));
    assert_eq!((api.id.as_str(), api.name.as_str()), ("abc", "n"));
    assert_eq!(api.binary_media_types, ["image/png"]);
    assert_eq!(api.minimum_compression_size, Some(0));
    assert_eq!(api.resources[0].pointer, "/resources/0");
    let authorizer = &api.authorizers["who"];
    assert_eq!(authorizer.kind, AuthorizerKind::Request);
    assert_eq!(authorizer.plugin.as_deref(), Some("check"));
    assert_eq!(authorizer.result_ttl_in_seconds, Some(60));
    assert_eq!(
        authorizer.identity_sources,
        [
            IdentitySource::Header("H".to_owned()),
            IdentitySource::QueryString("q".to_owned()),
            IdentitySource::StageVariable("v".to_owned()),
            IdentitySource::Context("c".to_owned()),
        ]
    );
    assert!(api.request_validators["v"].validate_request_body);
    assert_eq!(api.models["Pet"].schema, "{}");
    let throttled = &api.gateway_responses[&ResponseType::Throttled];
    assert_eq!(throttled.status_code.as_deref(), Some("430"));
    assert_eq!(throttled.response_parameters["gatewayresponse.header.a"], "'b'");
    assert_eq!(throttled.response_templates[0].1, "t");
}

#[test]
fn has_every_part_of_a_method() {
    let api = of_method(json!({
        "authorizationType": "CUSTOM",
        "authorizerId": "a1",
        "requestParameters": {"method.request.header.h": true},
        "requestModels": {"application/json": "Pet"},
        "requestValidatorId": "v1",
        "methodResponses": {"200": {"statusCode": "200", "responseParameters": {"method.response.header.h": false},
            "responseModels": {"application/json": "Empty"}}},
        "methodIntegration": {
            "type": "HTTP", "httpMethod": "POST", "uri": "http://h", "timeoutInMillis": 77,
            "connectionType": "VPC_LINK", "connectionId": "link", "tlsConfig": {"insecureSkipVerification": true},
            "requestParameters": {"integration.request.header.a": "'b'"},
            "requestTemplates": {"z/z": "t", "a/a": null, "b/b": "u"},
            "passthroughBehavior": "NEVER", "contentHandling": "CONVERT_TO_BINARY",
            "cacheNamespace": "c", "cacheKeyParameters": ["method.request.header.h"],
            "integrationResponses": {"201": {"statusCode": "201", "selectionPattern": "2..",
                "responseParameters": {"method.response.header.h": "'x'"}, "responseTemplates": {"a/b": "t"},
                "contentHandling": "CONVERT_TO_TEXT"}, "200": {"statusCode": "200", "selectionPattern": ""}},
        },
    }));
    let method = &api.resources[0].methods["GET"];
    assert_eq!(method.pointer, "/resources/0/resourceMethods/GET");
    assert_eq!(
        method.authorization,
        Authorization::Custom {
            authorizer: "token".to_owned()
        }
    );
    assert!(method.request_parameters["method.request.header.h"]);
    assert_eq!(method.request_models["application/json"], "Pet");
    assert_eq!(method.request_validator.as_deref(), Some("v1"));
    assert_eq!(
        method.responses["200"].response_models["application/json"],
        "Empty"
    );
    let integration = method.integration.as_ref().expect("an integration");
    assert_eq!(
        integration.target,
        Target::Http(HttpTarget {
            uri: "http://h".to_owned(),
            http_method: Some("POST".to_owned()),
            connection: Connection::VpcLink {
                id: "link".to_owned()
            },
            insecure_skip_verification: true,
            trust_bundle: None,
        })
    );
    assert_eq!(integration.timeout_in_millis, Some(77));
    let templates: Vec<&str> = integration
        .request_templates
        .iter()
        .map(|(key, _)| key.as_str())
        .collect();
    assert_eq!(templates, ["z/z", "b/b"]);
    assert_eq!(integration.passthrough_behavior, PassthroughBehavior::Never);
    assert_eq!(
        integration.content_handling,
        Some(ContentHandling::ConvertToBinary)
    );
    assert_eq!(integration.cache_namespace.as_deref(), Some("c"));
    assert_eq!(integration.cache_key_parameters, ["method.request.header.h"]);
    let [first, second] = integration.responses.as_slice() else {
        panic!("two responses");
    };
    assert_eq!(first.selection_pattern.as_deref(), Some("2.."));
    assert_eq!(first.content_handling, Some(ContentHandling::ConvertToText));
    assert_eq!(second.selection_pattern, None);
}

#[test]
fn has_every_type_of_integration() {
    assert_eq!(target(json!({"type": "MOCK"})), Target::Mock);
    assert_eq!(
        target(json!({"type": "HTTP_PROXY", "uri": "portcullis:plugin:echo"})),
        Target::Plugin {
            plugin: "echo".to_owned()
        }
    );
    let aws = AwsTarget {
        uri: "arn:x".to_owned(),
        ..AwsTarget::default()
    };
    assert_eq!(
        target(json!({"type": "AWS", "uri": "arn:x"})),
        Target::Aws(aws.clone())
    );
    assert_eq!(
        target(json!({"type": "AWS_PROXY", "uri": "arn:x"})),
        Target::AwsProxy(aws)
    );
    let what = "an integration of type X with arn:x".to_owned();
    assert_eq!(
        target(json!({"type": "X", "uri": "arn:x"})),
        Target::Unsupported { what }
    );
}

#[test]
fn what_decides_is_named_and_nothing_else_opens_a_method() {
    let named = |authorizer: &str| authorizer.to_owned();
    let unknown = |name: &str| Authorization::Unknown {
        security: format!(r#"[{{"{name}":[]}}]"#),
    };
    let rows = [
        (json!({"authorizationType": "NONE"}), Authorization::None),
        (json!({"authorizationType": "AWS_IAM"}), Authorization::Iam),
        (
            json!({"authorizationType": "COGNITO_USER_POOLS", "authorizerId": "a2"}),
            Authorization::Cognito {
                authorizer: named("pools"),
            },
        ),
        (
            json!({"authorizationType": "CUSTOM", "authorizerId": "a3"}),
            Authorization::Custom {
                authorizer: named("other"),
            },
        ),
        (
            json!({"authorizationType": "CUSTOM", "authorizerId": "gone"}),
            unknown("gone"),
        ),
        (json!({"authorizationType": "CUSTOM"}), unknown("CUSTOM")),
        (json!({"authorizationType": "NEW"}), unknown("NEW")),
    ];
    for (method, expected) in rows {
        let api = of_method(method);
        assert_eq!(api.resources[0].methods["GET"].authorization, expected);
        assert_eq!(api.authorizers["other"].plugin, None);
        assert_eq!(api.authorizers["pools"].kind, AuthorizerKind::Cognito);
    }
    assert!(of_method(json!({"apiKeyRequired": true})).resources[0].methods["GET"].api_key_required);
}

#[test]
fn bytes_do_not_depend_on_the_order_of_members() {
    let bytes = |text: &str| {
        let snapshot: Value = serde_json::from_str(text).expect("JSON");
        bytes(snapshot.as_object().expect("an object"))
    };
    assert_eq!(
        bytes(r#"{"b": {"y": 1, "x": [{"d": 1, "c": 2}]}, "a": 1}"#),
        bytes(r#"{"a": 1, "b": {"x": [{"c": 2, "d": 1}], "y": 1}}"#)
    );
    assert_ne!(
        bytes(r#"{"requestTemplates": {"b": "1", "a": "2"}}"#),
        bytes(r#"{"requestTemplates": {"a": "2", "b": "1"}}"#)
    );
}

proptest::proptest! {
    #[test]
    fn documents_and_the_model_say_the_same(seed in proptest::prelude::any::<u64>()) {
        let api = portcullis_model::generated(seed);
        let written = documents(&api);
        let model = rest_api(&written);
        proptest::prop_assert_eq!(Value::Object(documents(&model)), Value::Object(written));
        // All but what says the same without words: a resource that only leads to others, and the order of the others.
        let plain = |mut api: RestApi| {
            api.resources.retain(|resource| !resource.methods.is_empty() || !resource.extensions.is_empty());
            api.resources.sort_by(|one, other| one.path.cmp(&other.path));
            for method in api.resources.iter_mut().flat_map(|resource| resource.methods.values_mut()) {
                if let Some(integration) = &mut method.integration {
                    integration.responses.sort_by(|one, other| one.status_code.cmp(&other.status_code));
                }
            }
            api.without_places()
        };
        proptest::prop_assert_eq!(plain(model), plain(api));
    }
}

#[test]
fn documents_are_those_of_the_wire() {
    let api = RestApi {
        id: "abc".to_owned(),
        name: "n".to_owned(),
        resources: vec![portcullis_model::Resource {
            path: "/pets/{id}".to_owned(),
            methods: [(
                "GET".to_owned(),
                portcullis_model::Method {
                    authorization: Authorization::Custom {
                        authorizer: "who".to_owned(),
                    },
                    request_validator: Some("all".to_owned()),
                    integration: Some(portcullis_model::Integration::of("", Target::Mock)),
                    ..portcullis_model::Method::default()
                },
            )]
            .into(),
            ..portcullis_model::Resource::default()
        }],
        authorizers: [(
            "who".to_owned(),
            portcullis_model::Authorizer {
                plugin: Some("check".to_owned()),
                identity_sources: vec![
                    IdentitySource::Header("A".to_owned()),
                    IdentitySource::QueryString("b".to_owned()),
                ],
                ..portcullis_model::Authorizer::default()
            },
        )]
        .into(),
        request_validators: [("all".to_owned(), portcullis_model::RequestValidator::default())].into(),
        ..RestApi::default()
    };
    let written = Value::Object(documents(&api));
    let resources = written["resources"].as_array().expect("a list");
    let paths: Vec<&str> = resources
        .iter()
        .filter_map(|resource| resource["path"].as_str())
        .collect();
    assert_eq!(paths, ["/", "/pets", "/pets/{id}"]);
    assert_eq!(resources[0], json!({"id": resources[0]["id"], "path": "/"}));
    assert_eq!(written["restApi"]["rootResourceId"], resources[0]["id"]);
    assert_eq!(resources[1]["parentId"], resources[0]["id"]);
    assert_eq!(resources[2]["parentId"], resources[1]["id"]);
    assert_eq!(resources[2]["pathPart"], "{id}");
    let authorizer = &written["authorizers"][0];
    assert_eq!(
        *authorizer,
        json!({
            "id": authorizer["id"], "name": "who", "type": "TOKEN", "authType": "custom",
            "authorizerUri": "portcullis:plugin:check",
            "identitySource": "method.request.header.A,method.request.querystring.b",
        })
    );
    assert_eq!(
        resources[2]["resourceMethods"]["GET"],
        json!({
            "httpMethod": "GET", "authorizationType": "CUSTOM", "authorizerId": authorizer["id"],
            "apiKeyRequired": false, "requestValidatorId": written["requestValidators"][0]["id"],
            "methodIntegration": {"type": "MOCK", "passthroughBehavior": "WHEN_NO_MATCH"},
        })
    );
}
