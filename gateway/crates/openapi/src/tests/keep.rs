//! APIs that are kept: everything that API Gateway has is read.
#![allow(clippy::indexing_slicing)]

use portcullis_document::{Document, Format};
use portcullis_model::{ApiKeySource, Authorization, AuthorizerKind, Connection, Method, RestApi, Target};

use super::round_trip::{comes_back, kept};
use crate::{BasePath, ImportOptions, Imported, import, import_documentation};

fn api(text: &str) -> RestApi {
    let imported = kept(text, "shop");
    assert_eq!(imported.problems, [], "{text}");
    comes_back(text);
    imported.api
}

/// What is told of a document: severity and message.
fn told(text: &str) -> Vec<String> {
    comes_back(text);
    let problems = kept(text, "shop").problems;
    let told = problems
        .iter()
        .map(|problem| format!("{}: {}", problem.severity.as_str(), problem.message));
    told.collect()
}

fn get(api: &RestApi) -> &Method {
    &api.resources[0].methods["GET"]
}

#[test]
fn reads_the_settings_of_an_api() {
    let text = r#"
openapi: 3.0.1
info: {title: Shop, description: Sells., version: '2025-01-02T03:04:05Z', contact: {name: n}}
servers:
  - url: https://x/{basePath}
    variables: {basePath: {default: prod}}
    x-amazon-apigateway-endpoint-configuration:
      {disableExecuteApiEndpoint: true, vpcEndpointIds: [vpce-1], types: [PRIVATE], ipAddressType: dualstack}
tags: [{name: Owner, x-amazon-apigateway-tag-value: me}, {name: plain, description: d}]
paths: {}
x-amazon-apigateway-api-key-source: AUTHORIZER
x-amazon-apigateway-policy: {Version: '2012-10-17', Statement: []}
x-amazon-apigateway-security-policy: SecurityPolicy_TLS13_1_3_2025_09
x-amazon-apigateway-endpoint-access-mode: STRICT
x-amazon-apigateway-importexport-version: '1.0'
x-amazon-apigateway-vpc-link: own
x-own: {a: [1, null]}
x-amazon-apigateway-documentation:
  version: 1.0.3
  documentationParts:
    - {location: {type: METHOD, path: /a, method: GET}, properties: {summary: s}}
"#;
    let api = api(text);
    assert_eq!((api.name.as_str(), api.id.as_str()), ("Shop", "shop"));
    assert_eq!(api.description.as_deref(), Some("Sells."));
    assert_eq!(api.version.as_deref(), Some("2025-01-02T03:04:05Z"));
    assert_eq!(api.api_key_source, Some(ApiKeySource::Authorizer));
    assert_eq!(
        api.policy.as_deref(),
        Some(r#"{"Version":"2012-10-17","Statement":[]}"#)
    );
    assert_eq!(
        api.security_policy.as_deref(),
        Some("SecurityPolicy_TLS13_1_3_2025_09")
    );
    assert_eq!(api.endpoint_access_mode.as_deref(), Some("STRICT"));
    assert_eq!(api.endpoint.disable_execute_api_endpoint, Some(true));
    assert_eq!(api.endpoint.vpc_endpoint_ids, ["vpce-1"]);
    assert_eq!(api.endpoint.types, ["PRIVATE"]);
    assert_eq!(api.endpoint.ip_address_type.as_deref(), Some("dualstack"));
    assert_eq!(api.tags["Owner"], "me");
    assert_eq!(api.tags.len(), 1);
    let extensions: Vec<&str> = api.extensions.keys().map(String::as_str).collect();
    assert_eq!(
        extensions,
        [
            "x-amazon-apigateway-importexport-version",
            "x-amazon-apigateway-vpc-link",
            "x-own"
        ]
    );
    assert_eq!(api.extensions["x-own"], r#"{"a":[1,null]}"#);
    assert_eq!(api.documentation.version.as_deref(), Some("1.0.3"));
    let parts: Vec<(&str, &str)> = api
        .documentation
        .parts
        .iter()
        .map(|part| (part.location.kind.as_str(), part.properties.as_str()))
        .collect();
    assert_eq!(
        parts,
        [
            ("METHOD", r#"{"summary":"s"}"#),
            (
                "API",
                r#"{"info":{"contact":{"name":"n"}},"tags":[{"name":"plain","description":"d"}]}"#
            )
        ]
    );
}

#[test]
fn reads_integrations_of_every_type() {
    let with = |integration: &str| {
        let text = format!(
            "swagger: '2.0'\npaths:\n  /{{id}}:\n    get:\n      x-amazon-apigateway-integration: {integration}\n"
        );
        get(&api(&text)).integration.clone().expect("an integration")
    };
    let aws = with(
        "{type: aws, httpMethod: POST, uri: 'arn:aws:apigateway:us-east-1:s3:path/{b}', credentials: 'arn:aws:iam::1:role/r', requestParameters: {integration.request.path.b: method.request.path.id}, requestTemplates: {a/b: t}, responses: {'4..': {statusCode: '400'}}}",
    );
    let Target::Aws(target) = &aws.target else {
        panic!("{aws:?}")
    };
    assert_eq!(target.uri, "arn:aws:apigateway:us-east-1:s3:path/{b}");
    assert_eq!(target.http_method.as_deref(), Some("POST"));
    assert_eq!(aws.credentials.as_deref(), Some("arn:aws:iam::1:role/r"));
    assert_eq!(aws.request_templates, [("a/b".to_owned(), "t".to_owned())]);
    assert_eq!(aws.responses[0].selection_pattern.as_deref(), Some("4.."));
    let proxy = with(
        "{type: AWS_PROXY, uri: 'arn:x', responseTransferMode: stream, connectionType: VPC_LINK, connectionId: l, integrationTarget: t, tlsConfig: {insecureSkipVerification: true}, x-own: 1}",
    );
    let Target::AwsProxy(target) = &proxy.target else {
        panic!("{proxy:?}")
    };
    assert!(target.insecure_skip_verification);
    assert_eq!(target.connection, Connection::VpcLink { id: "l".to_owned() });
    assert_eq!(proxy.response_transfer_mode.as_deref(), Some("STREAM"));
    assert_eq!(proxy.integration_target.as_deref(), Some("t"));
    assert_eq!(proxy.extensions["x-own"], "1");
    let http = with(
        "{type: http_proxy, uri: 'http://h', requestTemplates: {a/b: t}, responses: {default: {statusCode: 200}}}",
    );
    assert!(matches!(http.target, Target::HttpProxy(_)));
    assert_eq!((http.request_templates.len(), http.responses.len()), (1, 1));
    let mock = with("{type: mock, requestParameters: {integration.request.header.a: \"'b'\"}}");
    assert_eq!(mock.request_parameters.len(), 1);
    // A method may have none yet.
    assert_eq!(
        get(&api("swagger: '2.0'\npaths: {/a: {get: {}}}")).integration,
        None
    );
}

const SCHEMES: &str = "
  key: {type: apiKey, name: X-Api-Key, in: header}
  sig: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
  token: {type: apiKey, name: T, in: header, x-amazon-apigateway-authtype: oauth2, x-amazon-apigateway-authorizer: {type: token, authorizerUri: 'arn:aws:lambda:us-east-1:1:function:check:live/invocations', authorizerCredentials: 'arn:r', authorizerResultTtlInSeconds: '60'}}
  query: {type: apiKey, name: q, in: query, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {type: request, identitySource: method.request.querystring.q, authorizerUri: 'https://x'}}
  pools: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: cognito_user_pools, x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: [arn:p]}}
  oauth: {type: oauth2, flow: implicit, authorizationUrl: 'https://x', scopes: {}}
";

fn with_security(operation: &str) -> String {
    format!("swagger: '2.0'\nsecurityDefinitions:{SCHEMES}\npaths: {{/a: {{get: {{{operation}}}}}}}\n")
}

#[test]
fn reads_who_may_call() {
    let custom = |name: &str| Authorization::Custom {
        authorizer: name.to_owned(),
    };
    let pools = || Authorization::Cognito {
        authorizer: "pools".to_owned(),
    };
    let none: &[&str] = &[];
    let rows = [
        ("", Authorization::None, none, false),
        ("security: []", Authorization::None, none, false),
        ("security: [{key: []}]", Authorization::None, none, true),
        ("security: [{sig: []}]", Authorization::Iam, none, false),
        ("security: [{token: []}, {key: []}]", custom("token"), none, true),
        ("security: [{query: [], key: []}]", custom("query"), none, true),
        (
            "security: [{pools: [a/read, w]}]",
            pools(),
            &["a/read", "w"],
            false,
        ),
        (
            "x-amazon-apigateway-auth: {type: aws_iam}",
            Authorization::Iam,
            none,
            false,
        ),
        (
            "security: [{token: []}, {key: []}], x-amazon-apigateway-auth: {type: NONE}",
            Authorization::None,
            none,
            true,
        ),
    ];
    for (operation, authorization, scopes, key) in rows {
        let api = api(&with_security(operation));
        let method = get(&api);
        assert_eq!(method.authorization, authorization, "{operation}");
        assert_eq!(method.authorization_scopes, scopes, "{operation}");
        assert_eq!(method.api_key_required, key, "{operation}");
    }
}

#[test]
fn what_api_gateway_does_not_have_lets_nobody_in() {
    let rows = [
        ("[{oauth: [r]}]", r#"[{"oauth":["r"]}]"#),
        ("[{key: []}, {oauth: []}]", r#"[{"key":[]},{"oauth":[]}]"#),
        ("[{token: []}, {pools: []}]", r#"[{"token":[]},{"pools":[]}]"#),
        ("[{sig: [], token: []}]", r#"[{"sig":[],"token":[]}]"#),
        ("[{}, {token: []}]", r#"[{},{"token":[]}]"#),
        ("[{gone: []}]", r#"[{"gone":[]}]"#),
    ];
    for (security, expected) in rows {
        let text = with_security(&format!("security: {security}"));
        let imported = kept(&text, "shop");
        assert_eq!(imported.problems.len(), 1, "{text}");
        assert!(
            imported.problems[0].message.ends_with("nobody is let in"),
            "{text}"
        );
        let authorization = Authorization::Unknown {
            security: expected.to_owned(),
        };
        assert_eq!(get(&imported.api).authorization, authorization, "{text}");
        assert_eq!(
            imported.api.security_schemes["oauth"],
            r#"{"flows":{"implicit":{"authorizationUrl":"https://x","scopes":{}}},"type":"oauth2"}"#
        );
        comes_back(&text);
    }
}

#[test]
fn reads_every_type_of_authorizer() {
    let api = api(&with_security(""));
    let token = &api.authorizers["token"];
    assert_eq!(token.kind, AuthorizerKind::Token);
    assert_eq!(token.plugin.as_deref(), Some("check"));
    assert_eq!(token.auth_type.as_deref(), Some("oauth2"));
    assert_eq!(token.credentials.as_deref(), Some("arn:r"));
    assert_eq!(token.result_ttl_in_seconds, Some(60));
    assert_eq!(token.identity_sources[0].to_string(), "method.request.header.T");
    let query = &api.authorizers["query"];
    assert_eq!(
        (query.kind, query.plugin.as_deref()),
        (AuthorizerKind::Request, None)
    );
    assert_eq!(query.uri.as_deref(), Some("https://x"));
    let pools = &api.authorizers["pools"];
    assert_eq!(
        (pools.kind, pools.plugin.as_deref()),
        (AuthorizerKind::Cognito, None)
    );
    assert_eq!(pools.provider_arns, ["arn:p"]);
}

#[test]
fn the_base_path_stands_before_paths_where_it_is_asked_for() {
    let documents = [
        "swagger: '2.0'\nbasePath: /a/b/c\npaths: {/e: {get: {}}, /: {get: {}}}",
        "openapi: 3.0.1\nservers: [{url: x}, {url: 'https://x/{basePath}', variables: {basePath: {default: a/b/c/}}}]\npaths: {/e: {get: {}}, /: {get: {}}}",
    ];
    let rows = [
        (BasePath::Ignore, ["/e", "/"]),
        (BasePath::Prepend, ["/a/b/c/e", "/a/b/c"]),
        (BasePath::Split, ["/b/c/e", "/b/c"]),
    ];
    for text in documents {
        let document = Document::parse("api", text, Format::detect(text)).expect("a right text");
        for (base_path, expected) in rows {
            let options = ImportOptions {
                base_path,
                ..ImportOptions::keep("shop")
            };
            let imported = import(&document, &options);
            assert_eq!(imported.problems, []);
            let paths: Vec<&str> = imported
                .api
                .resources
                .iter()
                .map(|resource| resource.path.as_str())
                .collect();
            assert_eq!(paths, expected, "{base_path:?} {text}");
        }
    }
}

#[test]
fn warnings_fail_an_import_that_wants_it() {
    let text = "swagger: '2.0'\npaths: {}\nnonsense: 1";
    let document = Document::parse("api", text, Format::Yaml).expect("a right text");
    let fails = |fail_on_warnings| {
        let options = ImportOptions {
            fail_on_warnings,
            ..ImportOptions::keep("shop")
        };
        import(&document, &options).has_errors()
    };
    assert_eq!((fails(false), fails(true)), (false, true));
}

#[test]
fn what_openapi_says_for_people_is_documentation() {
    let text = r"
openapi: 3.0.1
paths:
  /a/{id}:
    summary: A
    x-path: 1
    parameters: [{name: id, in: path, required: true, description: which}]
    get:
      summary: s
      tags: [t]
      deprecated: true
      requestBody: {description: b, content: {}}
      responses:
        200: {description: 200 response, headers: {H: {description: h}}}
        404: {description: gone}
";
    let api = api(text);
    let parts: Vec<String> = api
        .documentation
        .parts
        .iter()
        .map(|part| {
            let location = &part.location;
            let of = |value: &Option<String>| value.clone().unwrap_or_default();
            format!(
                "{} {} {} {} {}: {}",
                location.kind,
                of(&location.path),
                of(&location.method),
                of(&location.status_code),
                of(&location.name),
                part.properties
            )
        })
        .collect();
    assert_eq!(
        parts,
        [
            r#"METHOD /a/{id} GET  : {"tags":["t"],"summary":"s","deprecated":true}"#,
            r#"PATH_PARAMETER /a/{id} GET  id: {"description":"which"}"#,
            r#"REQUEST_BODY /a/{id} GET  : {"description":"b"}"#,
            r#"RESPONSE_HEADER /a/{id} GET 200 H: {"description":"h"}"#,
            r#"RESPONSE /a/{id} GET 404 : {"description":"gone"}"#,
            r#"RESOURCE /a/{id}   : {"summary":"A"}"#,
        ]
    );
    assert_eq!(api.resources[0].extensions["x-path"], "1");
}

#[test]
fn the_extension_wins_over_what_openapi_says() {
    let text = r"
swagger: '2.0'
paths: {/a: {get: {description: other, summary: own}}}
x-amazon-apigateway-documentation:
  documentationParts:
    - {location: {type: METHOD, path: /a, method: GET}, properties: {description: said}}
";
    assert_eq!(
        told(text),
        ["warning: \"description\" is not what \"x-amazon-apigateway-documentation\" says, which counts"]
    );
    let parts = kept(text, "shop").api.documentation.parts;
    assert_eq!(parts[0].properties, r#"{"description":"said","summary":"own"}"#);
}

#[test]
fn only_the_extension_is_a_documentation_to_import() {
    let text = r#"{"swagger": "2.0", "info": {"description": "d"}, "paths": {"/": {"get": {"summary": "s"}}},
        "x-amazon-apigateway-documentation": {"version": "1", "documentationParts": [
            {"location": {"type": "API"}, "properties": "{\"a\": 1}"}, {"location": {}}, {"location": {"type": "API"}}]}}"#;
    let document = Document::parse("api", text, Format::Json).expect("a right text");
    let imported = import_documentation(&document);
    assert_eq!(imported.documentation.parts.len(), 1);
    assert_eq!(imported.documentation.parts[0].properties, "{\"a\": 1}");
    let messages: Vec<&str> = imported
        .problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(
        messages,
        ["missing required key \"type\"", "this part is documented twice"]
    );
}

#[test]
fn what_can_be_put_right_later_is_a_warning() {
    let with = |integration: &str| {
        format!("swagger: '2.0'\npaths: {{/a: {{get: {{x-amazon-apigateway-integration: {integration}}}}}}}")
    };
    let rows = [
        (
            with("{type: http, uri: 'http://h/{x}'}"),
            "warning: the uri has \"{x}\", which is no variable of the path and is not mapped",
        ),
        (
            with("{type: mock, requestTemplate: {}}"),
            "warning: unknown key \"requestTemplate\"",
        ),
        (
            with("{type: mock, requestParameters: {integration.request.header.a: nonsense}}"),
            "warning: \"nonsense\" is not a source for an integration request",
        ),
        (
            with("{type: mock, payloadFormatVersion: '2.0'}"),
            "warning: payloads of HTTP APIs are not REST APIs', nothing uses it",
        ),
        (
            with("{type: mock, responses: {a: {statusCode: 200}, b: {statusCode: 200}}}"),
            "warning: there is another response of the status 200; API Gateway has one for each",
        ),
        (
            "swagger: '2.0'\npaths: {/a: {trace: {}}}".to_owned(),
            "warning: the verb \"trace\" is not one that API Gateway has",
        ),
        (
            "swagger: '2.0'\npaths: {}\nx-amazon-apigateway-any-method: {}".to_owned(),
            "warning: \"x-amazon-apigateway-any-method\" does not belong here, but in a path; nothing uses it",
        ),
        (
            "swagger: '2.0'\npaths: {}\nx-amazon-apigateway-api-key-source: BODY".to_owned(),
            "error: unknown source of API keys \"BODY\", expected \"HEADER\" or \"AUTHORIZER\"",
        ),
        (
            "openapi: 3.1.0\npaths: {}\ncomponents: {schemas: {A: {const: 1, properties: {const: {const: 2}}}}}".to_owned(),
            "warning: \"const\" is of a later JSON Schema than draft 4, which models are: it is kept, and nothing checks it",
        ),
        (
            "openapi: 3.1.0\npaths: {/a: {get: {x-portcullis-request-models: {a/b: Gone}}}}".to_owned(),
            "warning: there is no model \"Gone\"",
        ),
        (
            "swagger: '2.0'\npaths: {}\ndefinitions: {A: {items: {$ref: '#/definitions/Gone'}}}".to_owned(),
            "warning: the $ref \"#/definitions/Gone\" leads to nothing",
        ),
        (
            "swagger: '2.0'\npaths: {}\ndefinitions: {A: {items: {$ref: 'https://x/y.json'}}}".to_owned(),
            "error: the $ref \"https://x/y.json\" leads out of the document, which is not supported",
        ),
        (
            "swagger: '2.0'\npaths: {}\nparameters: {p: {$ref: '#/parameters/p'}}".to_owned(),
            "error: the $ref \"#/parameters/p\" leads in a circle",
        ),
        (
            with_security("x-amazon-apigateway-auth: {type: CUSTOM}"),
            "error: unknown authorization type \"CUSTOM\", expected \"NONE\" or \"AWS_IAM\"",
        ),
        // An export would not have what it leads to.
        (
            "swagger: '2.0'\npaths: {}\ndefinitions: {A: {items: {$ref: '#/paths'}}}".to_owned(),
            "error: the $ref \"#/paths\" of a schema leads to no model",
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(told(&text), [expected], "{text}");
    }
}

#[test]
fn every_key_that_is_not_kept_is_listed() {
    let text = r#"{
  "openapi": "3.1.0",
  "info": {"title": "t", "nonsense": 1},
  "servers": [],
  "webhooks": {},
  "paths": {
    "/a": {
      "servers": [],
      "parameters": [{"name": "q", "in": "query", "schema": {"type": "integer"}, "example": 1}, {"name": "c", "in": "cookie"}],
      "get": {
        "callbacks": {},
        "requestBody": {"required": false, "content": {"a/b": {"schema": {}, "examples": {}}}},
        "responses": {
          "200": {"description": "d", "links": {}, "headers": {"H": {"schema": {"type": "string"}, "style": "simple"}}},
          "default": {"description": "d"}
        }
      }
    }
  },
  "components": {"examples": {}, "parameters": {"p": {"name": "h", "in": "header", "schema": {"type": "string"}, "explode": true}}}
}"#;
    let imported = kept(text, "shop");
    let skipped: Vec<String> = imported
        .skipped
        .iter()
        .map(|skipped| format!("{} {}", skipped.pointer, skipped.position))
        .collect();
    assert_eq!(
        skipped,
        [
            "/info/nonsense 3:26",
            "/servers 4:3",
            "/webhooks 5:3",
            "/paths/~1a/servers 8:7",
            "/paths/~1a/parameters/0/schema 9:51",
            "/paths/~1a/parameters/0/example 9:82",
            "/paths/~1a/parameters/1 9:97",
            "/paths/~1a/get/callbacks 11:9",
            "/paths/~1a/get/requestBody/required 12:25",
            "/paths/~1a/get/requestBody/content/a~1b/examples 12:78",
            "/paths/~1a/get/responses/200/links 14:39",
            "/paths/~1a/get/responses/200/headers/H/style 14:100",
            "/paths/~1a/get/responses/default 15:11",
            "/components/examples 20:18",
            "/components/parameters/p/explode 20:114",
        ]
    );
    assert_eq!(super::read(text).skipped, []);
}

/// What an export writes is kept whole, so that nothing of it is listed.
#[test]
fn nothing_of_an_export_is_skipped() {
    for seed in 0..50 {
        let api = portcullis_model::generated(seed);
        for version in [crate::ExportVersion::Oas30, crate::ExportVersion::Swagger] {
            let document = crate::export(&api, &crate::ExportOptions::whole(version)).to_string();
            let Imported { skipped, .. } = kept(&document, &api.id);
            assert_eq!(skipped, [], "{document}");
        }
    }
}

#[test]
fn a_schema_may_refer_into_one_that_becomes_a_model() {
    let text = r"
openapi: 3.0.1
paths:
  /a:
    get: {requestBody: {content: {a/b: {schema: {properties: {x: {type: string}}}}}}}
components:
  schemas:
    A: {items: {$ref: '#/paths/~1a/get/requestBody/content/a~1b/schema/properties/x'}}
";
    let api = api(text);
    assert_eq!(
        api.models["A"].schema,
        r#"{"items":{"$ref":"https://apigateway.amazonaws.com/restapis/shop/models/AGetRequest#/properties/x"}}"#
    );
    assert_eq!(
        told(
            "openapi: 3.0.1\npaths: {}\ncomponents: {parameters: {p: {schema: {}}}, schemas: {A: {items: {$ref: '#/components/parameters/p/schema'}}}}"
        ),
        ["error: the $ref \"#/components/parameters/p/schema\" of a schema leads to no model"]
    );
}

/// The page has every extension, and every key of OpenAPI that is read or skipped.
#[test]
fn the_page_says_what_becomes_of_each_key() {
    let page = include_str!("../../../../../docs/openapi.md");
    let kept = page.split("## APIs that are kept").nth(1).expect("the section");
    let extensions = crate::key::KEPT_ROOT_EXTENSIONS
        .into_iter()
        .chain(crate::key::ROOT_EXTENSIONS);
    let extensions = extensions.chain(crate::extension::read());
    // One row has two that differ at their ends.
    let missing = extensions.filter(|name| !kept.contains(name.trim_end_matches("-validators")));
    assert_eq!(missing.collect::<Vec<_>>(), [""; 0]);
    let of_root = |version| crate::key::of_root(version).iter().copied();
    let keys = of_root(crate::version::Version::Two).chain(of_root(crate::version::Version::Three));
    let keys = keys.chain(crate::key::OF_OPERATION).chain(crate::key::OF_PATH);
    let missing = keys.filter(|name| !kept.contains(&format!("`{name}")));
    assert_eq!(missing.collect::<Vec<_>>(), [""; 0]);
}
