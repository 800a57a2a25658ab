//! Parts of the whole API.

use std::collections::BTreeMap;

use portcullis_model::{Cors, GatewayResponse, RequestValidator, ResponseType};

use super::{messages, read};

fn with(root: &str) -> String {
    format!("openapi: 3.0.1\n{root}\npaths: {{}}\n")
}

/// The problem lines of a table's rows.
fn check(rows: &[(&str, &[&str])]) {
    for (root, expected) in rows {
        assert_eq!(messages(&with(root)), *expected, "{root}");
    }
}

const VALIDATORS: &str = "x-amazon-apigateway-request-validators: {body: {validateRequestBody: true}, all: {validateRequestBody: true, validateRequestParameters: true}, none: {}}";

fn with_validator(root: &str, operation: &str) -> String {
    format!(
        "openapi: 3.0.1\n{VALIDATORS}\n{root}\npaths: {{/a: {{get: {{{operation} x-amazon-apigateway-integration: {{type: mock}}}}}}}}\n"
    )
}

#[test]
fn reads_request_validators() {
    let imported = read(&with(VALIDATORS));
    assert_eq!(imported.problems, []);
    let validator = |name: &str, body, parameters| {
        let validator = RequestValidator {
            pointer: format!("/x-amazon-apigateway-request-validators/{name}"),
            validate_request_body: body,
            validate_request_parameters: parameters,
        };
        (name.to_owned(), validator)
    };
    let expected = [
        validator("all", true, true),
        validator("body", true, false),
        validator("none", false, false),
    ];
    assert_eq!(imported.api.request_validators, BTreeMap::from(expected));
}

#[test]
fn a_documents_validator_holds_unless_an_operation_says_otherwise() {
    let rows = [
        ("", "", None),
        ("x-amazon-apigateway-request-validator: all", "", Some("all")),
        ("", "x-amazon-apigateway-request-validator: body,", Some("body")),
        (
            "x-amazon-apigateway-request-validator: all",
            "x-amazon-apigateway-request-validator: none,",
            Some("none"),
        ),
    ];
    for (root, operation, expected) in rows {
        let imported = read(&with_validator(root, operation));
        assert_eq!(imported.problems, [], "{root} {operation}");
        let method = &imported.api.resources[0].methods["GET"];
        assert_eq!(
            method.request_validator.as_deref(),
            expected,
            "{root} {operation}"
        );
    }
}

#[test]
fn refuses_wrong_validators() {
    for (root, operation) in [
        ("x-amazon-apigateway-request-validator: al", ""),
        ("", "x-amazon-apigateway-request-validator: al,"),
    ] {
        let text = with_validator(root, operation);
        assert_eq!(
            messages(&text),
            ["error: unknown request validator \"al\" | did you mean \"all\"?"]
        );
        assert!(
            read(&text).api.resources[0].methods.is_empty(),
            "unchecked: {text}"
        );
    }
    check(&[
        (
            "x-amazon-apigateway-request-validators: []",
            &["error: expected an object, found an array"],
        ),
        (
            "x-amazon-apigateway-request-validators: {a: {validateRequestBody: 1, validateBody: true}}\nx-amazon-apigateway-request-validator: a",
            &[
                "error: expected true or false, found the number 1",
                "error: unknown key \"validateBody\"",
            ],
        ),
        (
            "x-amazon-apigateway-request-validator: [a]",
            &["error: expected a string, found an array"],
        ),
        (
            "x-amazon-apigateway-request-validator: a",
            &["error: unknown request validator \"a\""],
        ),
    ]);
}

/// The form is that of
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html>.
#[test]
fn reads_gateway_responses() {
    let imported = read(&with(
        "x-amazon-apigateway-gateway-responses: {DEFAULT_4XX: {responseParameters: {gatewayresponse.header.A: \"'*'\"}, responseTemplates: {b/b: two, a/a: $context.error.message}}, INVALID_API_KEY: {statusCode: '429'}, THROTTLED: {statusCode: 503}, UNAUTHORIZED: {}}",
    ));
    assert_eq!(imported.problems, []);
    let response = |kind: &str, status: Option<&str>| GatewayResponse {
        pointer: format!("/x-amazon-apigateway-gateway-responses/{kind}"),
        status_code: status.map(str::to_owned),
        ..GatewayResponse::default()
    };
    let text = |text: &str| text.to_owned();
    let expected = BTreeMap::from([
        (
            ResponseType::Default4xx,
            GatewayResponse {
                response_parameters: BTreeMap::from([(text("gatewayresponse.header.A"), text("'*'"))]),
                response_templates: vec![
                    (text("b/b"), text("two")),
                    (text("a/a"), text("$context.error.message")),
                ],
                ..response("DEFAULT_4XX", None)
            },
        ),
        (
            ResponseType::InvalidApiKey,
            response("INVALID_API_KEY", Some("429")),
        ),
        (ResponseType::Throttled, response("THROTTLED", Some("503"))),
        (ResponseType::Unauthorized, response("UNAUTHORIZED", None)),
    ]);
    assert_eq!(imported.api.gateway_responses, expected);
    for kind in ResponseType::ALL {
        let text = with(&format!(
            "x-amazon-apigateway-gateway-responses: {{{}: {{}}}}",
            kind.name()
        ));
        assert!(read(&text).api.gateway_responses.contains_key(&kind), "{text}");
    }
}

#[test]
fn refuses_wrong_gateway_responses() {
    let of = |response: &str| format!("x-amazon-apigateway-gateway-responses: {{THROTTLED: {response}}}");
    check(&[
        (
            "x-amazon-apigateway-gateway-responses: 1",
            &["error: expected an object, found the number 1"],
        ),
        (
            "x-amazon-apigateway-gateway-responses: {THROTLED: {}, OTHER: {}}",
            &[
                "error: unknown gateway response type \"THROTLED\" | did you mean \"THROTTLED\"?",
                "error: unknown gateway response type \"OTHER\"",
            ],
        ),
        (&of("[]"), &["error: expected an object, found an array"]),
        (
            &of("{statusCode: 600}"),
            &["error: expected a status from 200 to 599, found the number 600"],
        ),
        (
            &of("{statusCode: [1]}"),
            &["error: expected a status such as \"200\", found an array"],
        ),
        (
            &of("{responseTemplate: {}}"),
            &["error: unknown key \"responseTemplate\" | did you mean \"responseTemplates\"?"],
        ),
        (
            &of("{responseTemplates: {application/json: {message: a}}}"),
            &["error: expected a string, found an object"],
        ),
    ]);
}

#[test]
fn reads_binary_media_types_and_compression() {
    let api = read(&with(
        "x-amazon-apigateway-binary-media-types: [image/png, '*/*']\nx-amazon-apigateway-minimum-compression-size: 10485760",
    ));
    assert_eq!(api.problems, []);
    assert_eq!(api.api.binary_media_types, ["image/png", "*/*"]);
    assert_eq!(api.api.minimum_compression_size, Some(10_485_760));
    let nothing = read(&with("x-amazon-apigateway-minimum-compression-size: ~"));
    assert_eq!(
        (nothing.problems, nothing.api.minimum_compression_size),
        (Vec::new(), None)
    );
    check(&[
        ("x-amazon-apigateway-minimum-compression-size: 0", &[]),
        (
            "x-amazon-apigateway-minimum-compression-size: 10485761",
            &["error: expected a minimum compression size from 0 to 10485760, found the number 10485761"],
        ),
        (
            "x-amazon-apigateway-minimum-compression-size: '5'",
            &["error: expected a minimum compression size from 0 to 10485760, found the string \"5\""],
        ),
        (
            "x-amazon-apigateway-binary-media-types: image/png",
            &["error: expected an array, found the string \"image/png\""],
        ),
        (
            "x-amazon-apigateway-binary-media-types: [png, 1, 'image/png; q=1', image~1png]",
            &[
                "error: \"png\" is not a media type such as \"image/png\", \"image/*\" or \"*/*\"",
                "error: expected a string, found the number 1",
                "error: \"image/png; q=1\" is not a media type such as \"image/png\", \"image/*\" or \"*/*\"",
                "error: \"image~1png\" is not a media type such as \"image/png\", \"image/*\" or \"*/*\"",
            ],
        ),
    ]);
}

#[test]
fn reads_cors() {
    let all = read(&with(
        "x-portcullis-cors: {allowOrigins: ['https://example.com', 'http://localhost:3000'], allowMethods: [get, POST], allowHeaders: [X-A, '*'], exposeHeaders: [X-B], allowCredentials: true, maxAge: 86400}",
    ));
    assert_eq!(all.problems, []);
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let expected = Cors {
        pointer: "/x-portcullis-cors".to_owned(),
        allow_origins: texts(&["https://example.com", "http://localhost:3000"]),
        allow_methods: texts(&["GET", "POST"]),
        allow_headers: texts(&["X-A", "*"]),
        expose_headers: texts(&["X-B"]),
        allow_credentials: true,
        max_age: Some(86_400),
    };
    assert_eq!(all.api.cors, Some(expected));
    let least = read(&with("x-portcullis-cors: {allowOrigins: ['*']}"));
    let expected = Cors {
        pointer: "/x-portcullis-cors".to_owned(),
        allow_origins: texts(&["*"]),
        ..Cors::default()
    };
    assert_eq!((least.problems, least.api.cors), (Vec::new(), Some(expected)));
}

#[test]
fn refuses_wrong_cors() {
    let origin = |text: &str| {
        format!("error: \"{text}\" is not an origin, expected one such as \"https://example.com\", or \"*\"")
    };
    let rows = [
        ("1", vec!["error: expected an object, found the number 1".to_owned()]),
        (
            "{}",
            vec![
                "error: \"allowOrigins\" names no origin | name the origins whose pages may call this API, or \"*\" for all"
                    .to_owned(),
            ],
        ),
        (
            "{allowOrigins: [example.com, 'https://a/', 'https://*.a', 'null', '://a', 'https://']}",
            ["example.com", "https://a/", "https://*.a", "null", "://a", "https://"].map(origin).to_vec(),
        ),
        (
            "{allowOrigins: ['*'], allowCredentials: true}",
            vec!["error: \"allowCredentials\" with the origin \"*\", which browsers refuse | name the origins".to_owned()],
        ),
        (
            "{allowOrigins: ['*'], allowMethods: ['*', 1], allowHeaders: ['a b'], maxAge: 86401, alowHeaders: []}",
            vec![
                "error: unknown verb \"*\", leave \"allowMethods\" away for those of each path".to_owned(),
                "error: expected a string, found the number 1".to_owned(),
                "error: \"a b\" does not name a header".to_owned(),
                "error: expected maxAge from 0 to 86400, found the number 86401".to_owned(),
                "error: unknown key \"alowHeaders\" | did you mean \"allowHeaders\"?".to_owned(),
            ],
        ),
    ];
    for (cors, expected) in rows {
        let text = with(&format!("x-portcullis-cors: {cors}"));
        assert_eq!(messages(&text), expected, "{cors}");
        assert_eq!(read(&text).api.cors, None, "{cors}");
    }
}
