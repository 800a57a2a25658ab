use std::fmt::Write as _;

use proptest::prelude::*;

use super::read;
use super::round_trip::kept;

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

/// What many references lead to is copied for each of them, so that a small document could become a huge API.
#[test]
fn what_references_copy_is_bounded() {
    let template = "x".repeat(300 * 1024);
    let with = |paths: usize| {
        let mut text = "openapi: 3.0.1\npaths:\n".to_owned();
        for index in 0..paths {
            writeln!(
                text,
                "  /r{index}: {{get: {{x-amazon-apigateway-integration: {{$ref: '#/components/x-amazon-apigateway-integrations/one'}}}}}}"
            )
            .expect("a string");
        }
        writeln!(
            text,
            "components: {{x-amazon-apigateway-integrations: {{one: {{type: mock, requestTemplates: {{a/a: {template}}}}}}}}}"
        )
        .expect("a string");
        text
    };
    assert_eq!(read(&with(200)).problems, []);
    let imported = read(&with(2000));
    let found: Vec<&str> = imported
        .problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(
        found,
        ["what is used many times in the document makes more than 67108864 bytes"]
    );
    let methods: usize = imported
        .api
        .resources
        .iter()
        .map(|resource| resource.methods.len())
        .sum();
    assert!((200..300).contains(&methods), "{methods}");
}

/// The same for what operations inherit from the document.
#[test]
fn what_operations_inherit_is_bounded() {
    let mut text = "swagger: '2.0'\nconsumes: [".to_owned();
    for index in 0..20_000 {
        write!(text, "a/{index}, ").expect("a string");
    }
    text.push_str("b/b]\npaths:\n");
    for index in 0..200 {
        writeln!(
            text,
            "  /r{index}: {{get: {{parameters: [{{name: b, in: body, schema: {{}}}}], x-portcullis-integration: {{plugin: p}}}}}}"
        )
        .expect("a string");
    }
    let imported = read(&text);
    assert_eq!(imported.problems.len(), 1);
    assert!(imported.has_errors());
}

/// Every part of an API keeps the way to where it is written.
#[test]
fn the_way_to_a_part_is_bounded() {
    let with = |length: usize| {
        format!(
            "swagger: '2.0'\npaths: {{/{}: {{get: {{x-portcullis-integration: {{plugin: p}}}}}}}}\n",
            "a".repeat(length)
        )
    };
    assert_eq!(read(&with(4000)).problems, []);
    let imported = read(&with(5000));
    let found: Vec<&str> = imported
        .problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(
        found,
        ["the keys down to here have more than 4096 bytes together"]
    );
    assert!(imported.api.resources.is_empty());
}

/// With a search for each of them these would take minutes.
#[test]
fn many_of_a_kind_are_read() {
    const MANY: usize = 10_000;
    let list = |each: &dyn Fn(usize) -> String| (0..MANY).map(each).collect::<Vec<_>>().join(", ");
    let operation = |parts: &str| format!("openapi: 3.0.1\npaths: {{/a: {{get: {{{parts}}}}}}}\n");
    let plugin = "x-portcullis-integration: {plugin: p}";
    let api = |text: &str| {
        let imported = read(text);
        assert_eq!(imported.problems.first(), None);
        imported.api
    };

    let places: String = (0..MANY).map(|index| format!("{{p{index}}}")).collect();
    let mappings = list(&|index| format!("integration.request.path.p{index}: \"'a'\""));
    let mapped = api(&operation(&format!(
        "x-amazon-apigateway-integration: {{type: http, uri: 'http://h/{places}', requestParameters: {{{mappings}}}}}"
    )));
    let integration = mapped.resources[0].methods["GET"]
        .integration
        .as_ref()
        .expect("one");
    assert_eq!(integration.request_parameters.len(), MANY);

    let parameters = list(&|index| format!("{{name: q{index}, in: query}}"));
    let method = api(&operation(&format!("{plugin}, parameters: [{parameters}]")));
    assert_eq!(method.resources[0].methods["GET"].request_parameters.len(), MANY);

    // Paths of dots and dashes, which all want the same name for their model.
    let same = list(&|index| {
        let marks = format!("{index:015b}").replace('0', ".").replace('1', "-");
        format!("/{marks}: {{get: {{requestBody: {{content: {{a/a: {{schema: {{}}}}}}}}, {plugin}}}}}")
    });
    assert_eq!(
        api(&format!("openapi: 3.0.1\npaths: {{{same}}}\n")).models.len(),
        MANY
    );

    let validators = list(&|index| format!("v{index}: {{}}"));
    let paths = list(&|index| {
        format!("/a{index}: {{get: {{x-amazon-apigateway-request-validator: v{index}, {plugin}}}}}")
    });
    let validated = api(&format!(
        "openapi: 3.0.1\nx-amazon-apigateway-request-validators: {{{validators}}}\npaths: {{{paths}}}\n"
    ));
    assert_eq!(validated.request_validators.len(), MANY);
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
        "parameters",
        "required",
        "schema",
        "content",
        "requestBody",
        "headers",
        "schemas",
        "definitions",
        "consumes",
        "200",
        "responseParameters",
        "method.response.header.A",
        "integration.request.header.A",
        "responseTemplates",
        "connectionType",
        "connectionId",
        "tlsConfig",
        "cacheKeyParameters",
        "x-amazon-apigateway-request-validators",
        "x-amazon-apigateway-request-validator",
        "x-amazon-apigateway-gateway-responses",
        "x-amazon-apigateway-binary-media-types",
        "x-amazon-apigateway-minimum-compression-size",
        "x-portcullis-cors",
        "allowOrigins",
        "x-amazon-apigateway-documentation",
        "documentationParts",
        "location",
        "description",
        "x-amazon-apigateway-endpoint-configuration",
        "x-amazon-apigateway-policy",
        "x-amazon-apigateway-auth",
        "x-portcullis-request-models",
        "x-portcullis-model",
        "x-own",
        "tags",
        "THROTTLED",
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
        "method.request.body.a",
        "'",
        "'a'",
        "http",
        "query",
        "body",
        "*",
        "VPC_LINK",
        "#/definitions/a",
        "#/components/schemas/auth",
        "https://apigateway.amazonaws.com/restapis/a/models/auth",
        "${stageVariables.x}{x}",
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

/// Whether everything that is named in an API without errors is there, and every schema is one.
fn hangs_together(imported: &crate::Imported) -> bool {
    let api = &imported.api;
    let methods = api
        .resources
        .iter()
        .flat_map(|resource| resource.methods.values());
    imported.has_errors()
        || methods.into_iter().all(|method| {
            let answers = method
                .responses
                .values()
                .flat_map(|response| response.response_models.values());
            let validator = &method.request_validator;
            answers
                .chain(method.request_models.values())
                .all(|name| api.models.contains_key(name))
                && validator
                    .as_ref()
                    .is_none_or(|name| api.request_validators.contains_key(name))
        }) && api
            .models
            .values()
            .all(|model| serde_json::from_str::<serde_json::Value>(&model.schema).is_ok())
}

proptest! {
    #[test]
    fn never_panics_and_opens_nothing_that_has_security(paths in anything(), schemes in anything(), security in anything()) {
        let value = serde_json::json!({
            "swagger": "2.0", "security": [{"auth": security}], "securityDefinitions": {"auth": schemes},
            "paths": {"/a": {"get": paths, "put": {"x-amazon-apigateway-integration": {"type": "mock"}}}},
        });
        let imported = read(&value.to_string());
        for api in [&imported.api, &kept(&value.to_string(), "a").api] {
            if let Some(put) = api.resources.iter().find_map(|resource| resource.methods.get("PUT")) {
                prop_assert!(put.authorization != portcullis_model::Authorization::None || put.api_key_required);
            }
        }
        prop_assert!(hangs_together(&imported));
        for problem in &imported.problems {
            prop_assert!(problem.position.is_some());
        }
    }

    #[test]
    fn never_panics_on_any_tree(value in anything()) {
        let imported = read(&value.to_string());
        prop_assert!(hangs_together(&imported));
    }

    #[test]
    fn never_panics_in_the_parts_of_a_method(parts in anything(), root in anything(), schemas in anything()) {
        let value = serde_json::json!({
            "swagger": "2.0", "definitions": {"a": schemas}, "x-amazon-apigateway-gateway-responses": root,
            "x-portcullis-cors": root, "x-amazon-apigateway-request-validators": root,
            "paths": {"/{x}": {"parameters": parts, "get": {
                "parameters": [parts, {"name": "b", "in": "body", "schema": schemas}],
                "responses": {"200": {"schema": schemas, "headers": parts}},
                "x-amazon-apigateway-integration": {
                    "type": "http", "uri": "http://h/{x}", "requestParameters": parts, "requestTemplates": root,
                    "responses": {"default": {"statusCode": 200, "responseParameters": parts}},
                },
            }, "put": {
                "parameters": [{"name": "b", "in": "body", "schema": schemas}],
                "responses": {"200": {"schema": schemas}},
                "x-portcullis-integration": {"plugin": "p"},
            }}},
        });
        let imported = read(&value.to_string());
        prop_assert!(hangs_together(&imported));
    }
}
