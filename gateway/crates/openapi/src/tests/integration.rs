use std::collections::BTreeMap;

use portcullis_model::{
    CacheRules, Connection, ContentHandling, HttpTarget, Integration, IntegrationResponse,
    PassthroughBehavior, Target,
};

use super::{read, with_amazon, with_operation};

const AT: &str = "/paths/~1pets~1{id}~1{rest+}/get/x-amazon-apigateway-integration";

/// The integration, where there is no problem.
fn integration(text: &str) -> Integration {
    let imported = read(text);
    assert_eq!(imported.problems, [], "{text}");
    let method = imported.api.resources[0].methods["GET"].clone();
    method.integration.expect("an integration")
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn http(uri: &str) -> HttpTarget {
    HttpTarget {
        uri: uri.to_owned(),
        ..HttpTarget::default()
    }
}

#[test]
fn reads_http_backends() {
    let verb = |uri: &str, verb: &str| HttpTarget {
        http_method: Some(verb.to_owned()),
        ..http(uri)
    };
    let rows = [
        ("uri: 'http://h'", http("http://h")),
        ("uri: 'HTTPS://h:8443/a'", http("HTTPS://h:8443/a")),
        (
            "uri: 'http://h:81/a/{id}?q=1', httpMethod: post",
            verb("http://h:81/a/{id}?q=1", "POST"),
        ),
        (
            "uri: 'http://h/{rest}', httpMethod: ANY",
            verb("http://h/{rest}", "ANY"),
        ),
        (
            "uri: 'http://${stageVariables.host}:${stageVariables.port}/${stageVariables.a_1}/{rest}'",
            http("http://${stageVariables.host}:${stageVariables.port}/${stageVariables.a_1}/{rest}"),
        ),
        (
            "uri: '${stageVariables.base}/{id}'",
            http("${stageVariables.base}/{id}"),
        ),
        (
            "uri: '${stageVariables.base}{id}'",
            http("${stageVariables.base}{id}"),
        ),
        (
            "uri: 'https://${stageVariables.host}{id}/{rest}'",
            http("https://${stageVariables.host}{id}/{rest}"),
        ),
        ("uri: 'http://[::1]:80/'", http("http://[::1]:80/")),
        (
            "uri: 'http://h', connectionType: INTERNET, connectionId: ~, tlsConfig: {}, x-portcullis-trust-bundle: corp",
            HttpTarget {
                trust_bundle: Some("corp".to_owned()),
                ..http("http://h")
            },
        ),
        (
            "uri: 'https://h', connectionType: vpc_link, connectionId: '${stageVariables.link}', tlsConfig: {insecureSkipVerification: true}",
            HttpTarget {
                connection: Connection::VpcLink {
                    id: "${stageVariables.link}".to_owned(),
                },
                insecure_skip_verification: true,
                ..http("https://h")
            },
        ),
    ];
    for (settings, expected) in rows {
        let of = |kind: &str| integration(&with_amazon(&format!("{{type: {kind}, {settings}}}"))).target;
        assert_eq!(
            of("http_proxy"),
            Target::HttpProxy(expected.clone()),
            "{settings}"
        );
        assert_eq!(of("HTTP"), Target::Http(expected), "{settings}");
    }
}

#[test]
fn reads_all_that_an_integration_may_say() {
    let common = "
          timeoutInMillis: 5000
          passthroughBehavior: WHEN_NO_TEMPLATES
          contentHandling: convert_to_text
          cacheNamespace: pets
          cacheKeyParameters: [method.request.path.id, integration.request.header.X-A]
          x-portcullis-cache: {staleWhileRevalidate: 30, staleIfError: 86400, respectCacheControl: true}
          requestTemplates: {text/xml: '<x/>', application/json: \"#set($a = 1)\"}
          x-portcullis-template-engine: '${stageVariables.engine}'
          payloadFormatVersion: '1.0'
          responseTransferMode: BUFFERED
          credentials: ~
          responses:
            '2\\d{2}': {statusCode: 200, responseParameters: {method.response.header.A: integration.response.header.B}}
            default: {statusCode: '502', responseTemplates: {b/b: two, a/a: one}, contentHandling: CONVERT_TO_BINARY}
";
    let document = |kind: &str| {
        format!(
            "swagger: '2.0'\npaths:\n  /pets/{{id}}/{{rest+}}:\n    get:\n      x-amazon-apigateway-integration:\n          type: {kind}{common}"
        )
    };
    let texts = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    let expected = |target: Target| Integration {
        timeout_in_millis: Some(5000),
        request_templates: texts(&[("text/xml", "<x/>"), ("application/json", "#set($a = 1)")]),
        template_engine: Some("${stageVariables.engine}".to_owned()),
        passthrough_behavior: PassthroughBehavior::WhenNoTemplates,
        content_handling: Some(ContentHandling::ConvertToText),
        cache_namespace: Some("pets".to_owned()),
        cache_key_parameters: vec![
            "method.request.path.id".to_owned(),
            "integration.request.header.X-A".to_owned(),
        ],
        cache_rules: CacheRules {
            stale_while_revalidate: 30,
            stale_if_error: 86_400,
            respect_cache_control: true,
        },
        responses: vec![
            IntegrationResponse {
                pointer: format!("{AT}/responses/2\\d{{2}}"),
                status_code: "200".to_owned(),
                selection_pattern: Some("2\\d{2}".to_owned()),
                response_parameters: pairs(&[("method.response.header.A", "integration.response.header.B")]),
                ..IntegrationResponse::default()
            },
            IntegrationResponse {
                pointer: format!("{AT}/responses/default"),
                status_code: "502".to_owned(),
                response_templates: texts(&[("b/b", "two"), ("a/a", "one")]),
                content_handling: Some(ContentHandling::ConvertToBinary),
                ..IntegrationResponse::default()
            },
        ],
        ..Integration::of(AT, target)
    };
    assert_eq!(integration(&document("mock")), expected(Target::Mock));
    let with_uri = document("http\n          uri: 'http://h'");
    assert_eq!(integration(&with_uri), expected(Target::Http(http("http://h"))));
}

#[test]
fn reads_mocks() {
    let plain = Integration::of(AT, Target::Mock);
    let response = |key: &str, pattern: Option<&str>, status: &str| IntegrationResponse {
        pointer: format!("{AT}/responses/{key}"),
        status_code: status.to_owned(),
        selection_pattern: pattern.map(str::to_owned),
        ..IntegrationResponse::default()
    };
    let rows = [
        ("{type: mock}", plain.clone()),
        (
            "{type: MOCK, passthroughBehavior: never, httpMethod: OPTIONS, connectionType: INTERNET, responses: {}}",
            Integration {
                passthrough_behavior: PassthroughBehavior::Never,
                ..plain.clone()
            },
        ),
        (
            "{type: mock, requestTemplates: {application/json: ' { statusCode : 404 } '}}",
            Integration {
                request_templates: vec![("application/json".to_owned(), " { statusCode : 404 } ".to_owned())],
                ..plain.clone()
            },
        ),
        (
            "{type: mock, responses: {'404': {statusCode: '410', responseTemplates: {}}, default: {statusCode: 500}}}",
            Integration {
                responses: vec![
                    response("404", Some("404"), "410"),
                    response("default", None, "500"),
                ],
                ..plain.clone()
            },
        ),
        (
            "{type: mock, responses: {'': {statusCode: 200}}}",
            Integration {
                responses: vec![response("", None, "200")],
                ..plain
            },
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(integration(&with_amazon(text)), expected, "{text}");
    }
}

/// AWS takes them and does nothing with them
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html>).
#[test]
fn reads_services_of_aws() {
    const URI: &str = "arn:aws:apigateway:${stageVariables.region}:s3:path/{id}/{rest}";
    let text = format!(
        "{{type: AWS, httpMethod: put, uri: '{URI}', credentials: 'arn:aws:iam::*:user/*', \
         requestParameters: {{integration.request.header.x-amz-acl: \"'private'\"}}, requestTemplates: {{a/b: t}}, \
         responses: {{default: {{statusCode: 200}}}}}}"
    );
    let found = integration(&with_amazon(&text));
    let Target::Aws(target) = &found.target else {
        panic!("{found:?}")
    };
    assert_eq!((&*target.uri, target.http_method.as_deref()), (URI, Some("PUT")));
    assert_eq!(found.credentials.as_deref(), Some("arn:aws:iam::*:user/*"));
    assert_eq!(
        found.request_parameters,
        pairs(&[("integration.request.header.x-amz-acl", "'private'")])
    );
    assert_eq!((found.request_templates.len(), found.responses.len()), (1, 1));
    let unused = "{type: aws, uri: 'arn:aws:apigateway:us-east-1:sqs:action/SendMessage', \
                  tlsConfig: {insecureSkipVerification: true}, x-portcullis-trust-bundle: b, \
                  responses: {default: {statusCode: 200}}}";
    assert_eq!(
        super::messages(&with_amazon(unused)),
        [
            "warning: \"tlsConfig\" has no effect on an \"aws\" integration",
            "warning: \"x-portcullis-trust-bundle\" has no effect on an \"aws\" integration",
        ]
    );
}

#[test]
fn says_what_has_no_effect() {
    let proxy = |rest: &str| format!("{{type: http_proxy, uri: 'http://h', {rest}}}");
    let rows = [
        (
            proxy("requestTemplates: {application/json: x}, passthroughBehavior: never"),
            "/requestTemplates",
            "\"requestTemplates\" has no effect on an \"http_proxy\" integration, which passes a body as it is",
        ),
        (
            proxy("x-portcullis-template-engine: mine"),
            "/x-portcullis-template-engine",
            "\"x-portcullis-template-engine\" has no effect on an \"http_proxy\" integration, which passes a body as it is",
        ),
        (
            proxy(
                "responses: {default: {statusCode: 200, responseParameters: {a: b}, responseTemplates: {}}}",
            ),
            "/responses/default/responseParameters",
            "\"responseParameters\" has no effect on the responses of an \"http_proxy\" integration",
        ),
        (
            proxy("connectionId: x"),
            "/connectionId",
            "\"connectionId\" has no effect without \"connectionType: VPC_LINK\"",
        ),
        (
            "{type: mock, uri: x}".to_owned(),
            "/uri",
            "a \"mock\" integration has no backend, nothing uses its \"uri\"",
        ),
        (
            "{type: mock, requestParameters: {integration.request.path.x: method.request.path.id}}"
                .to_owned(),
            "/requestParameters",
            "a \"mock\" integration has no backend, nothing uses its \"requestParameters\"",
        ),
        (
            "{type: mock, tlsConfig: {insecureSkipVerification: true}}".to_owned(),
            "/tlsConfig",
            "a \"mock\" integration has no backend, nothing uses its \"tlsConfig\"",
        ),
        (
            "{type: mock, x-portcullis-trust-bundle: a}".to_owned(),
            "/x-portcullis-trust-bundle",
            "a \"mock\" integration has no backend, nothing uses its \"x-portcullis-trust-bundle\"",
        ),
        (
            "{type: mock, requestTemplates: {application/json: ~}}".to_owned(),
            "/requestTemplates/application~1json",
            "the template for \"application/json\" is null, which is none",
        ),
    ];
    for (text, pointer, message) in rows {
        let imported = read(&with_amazon(&text));
        let found: Vec<(&str, &str)> = imported
            .problems
            .iter()
            .map(|problem| (problem.pointer.as_str(), problem.message.as_str()))
            .collect();
        assert_eq!(found, [(format!("{AT}{pointer}").as_str(), message)], "{text}");
        assert!(!imported.has_errors(), "{text}");
        let integration = imported.api.resources[0].methods["GET"]
            .integration
            .clone()
            .expect("an integration");
        let plain = Integration::of(AT, integration.target.clone());
        assert_eq!(integration, plain, "used: {text}");
    }
}

#[test]
fn reads_plugins_and_timeouts() {
    let imported = read(&with_operation(
        "{x-portcullis-integration: {plugin: hello, timeoutInMillis: 300000}}",
    ));
    assert_eq!(imported.problems, []);
    let integration = imported.api.resources[0].methods["GET"]
        .integration
        .clone()
        .expect("an integration");
    assert_eq!(
        integration.target,
        Target::Plugin {
            plugin: "hello".to_owned()
        }
    );
    assert_eq!(integration.timeout_in_millis, Some(300_000));
    assert_eq!(
        integration.pointer,
        "/paths/~1pets~1{id}~1{rest+}/get/x-portcullis-integration"
    );
}

/// Source: the developer guide on proxy integrations, their stream, and those with templates
/// (set-up-lambda-proxy-integrations.html, response-transfer-mode-lambda.html, set-up-lambda-custom-integrations.html).
#[test]
fn a_function_answers() {
    const URI: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations";
    let proxy = integration(&with_amazon(&format!(
        "{{type: aws_proxy, httpMethod: POST, uri: '{URI}', payloadFormatVersion: 2.0, responseTransferMode: stream, \
         timeoutInMillis: 900000, requestParameters: {{integration.request.header.X-Amz-Invocation-Type: \"'Event'\"}}}}"
    )));
    assert_eq!(proxy.payload_format, portcullis_model::PayloadFormat::V2);
    assert_eq!(proxy.response_transfer_mode.as_deref(), Some("STREAM"));
    assert_eq!(proxy.request_parameters.len(), 1);
    let Target::AwsProxy(target) = &proxy.target else {
        panic!("{proxy:?}")
    };
    assert_eq!(
        (target.uri.as_str(), target.http_method.as_deref()),
        (URI, Some("POST"))
    );
    let custom = integration(&with_amazon(&format!(
        "{{type: AWS, httpMethod: POST, uri: '{URI}', requestTemplates: {{application/json: t}}, \
         responses: {{'.*oops.*': {{statusCode: 400}}, default: {{statusCode: 200}}}}}}"
    )));
    assert!(matches!(custom.target, Target::Aws(_)), "{custom:?}");
    assert_eq!((custom.request_templates.len(), custom.responses.len()), (1, 2));
}
