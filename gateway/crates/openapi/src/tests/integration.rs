use std::collections::BTreeMap;

use portcullis_model::{
    Connection, ContentHandling, HttpTarget, Integration, IntegrationResponse, PassthroughBehavior, Target,
};

use super::{messages, problems, read, with_operation};

const AT: &str = "/paths/~1pets~1{id}~1{rest+}/get/x-amazon-apigateway-integration";

fn with_amazon(integration: &str) -> String {
    with_operation(&format!("{{x-amazon-apigateway-integration: {integration}}}"))
}

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

#[test]
fn refuses_integrations_by_name() {
    let mock = |rest: &str| format!("{{type: mock, {rest}}}");
    let http = |rest: &str| format!("{{type: http, uri: 'http://h', {rest}}}");
    let rows: Vec<(String, &[&str])> = vec![
        (
            "{type: aws_proxy, uri: x}".to_owned(),
            &["error: the integration type \"aws_proxy\" is not supported yet"],
        ),
        (
            "{type: AWS}".to_owned(),
            &["error: the integration type \"AWS\" is not supported yet"],
        ),
        (
            "{type: htp_proxy}".to_owned(),
            &[
                "error: unknown integration type \"htp_proxy\", expected \"http\", \"http_proxy\" or \"mock\" | did you mean \"http_proxy\"?",
            ],
        ),
        (
            "{uri: 'http://h'}".to_owned(),
            &["error: missing required key \"type\""],
        ),
        (
            "{type: http}".to_owned(),
            &["error: missing required key \"uri\""],
        ),
        ("3".to_owned(), &["error: expected an object, found the number 3"]),
        (
            http("timeoutInMillis: 10"),
            &[
                "error: expected a timeoutInMillis from 50 to 300000 (API Gateway's own limit is 29000 by default), found the number 10",
            ],
        ),
        (
            http("timeoutInMillis: '100'"),
            &[
                "error: expected a timeoutInMillis from 50 to 300000 (API Gateway's own limit is 29000 by default), found the string \"100\"",
            ],
        ),
        (
            http("connectionType: VPC_LINK"),
            &["error: missing required key \"connectionId\""],
        ),
        (
            http("connectionType: VPC_LINK, connectionId: '${x}'"),
            &["error: the connectionId \"${x}\" has \"${x}\", where only \"${stageVariables.name}\" may be"],
        ),
        (
            http("connectionType: VPCLINK"),
            &[
                "error: unknown connectionType \"VPCLINK\", expected \"INTERNET\" or \"VPC_LINK\" | did you mean \"VPC_LINK\"?",
            ],
        ),
        (
            http("tlsConfig: {insecureSkipVerification: yes, insecureSkipVerify: true}"),
            &[
                "error: expected true or false, found the string \"yes\"",
                "error: unknown key \"insecureSkipVerify\"",
            ],
        ),
        (
            http("x-portcullis-trust-bundle: ''"),
            &["error: \"x-portcullis-trust-bundle\" is empty"],
        ),
        (
            http("x-portcullis-template-engine: '${vtl'"),
            &["error: the plugin name \"${vtl\" has a \"${\" without its \"}\""],
        ),
        (
            http("contentHandling: CONVERT"),
            &[
                "error: unknown contentHandling \"CONVERT\", expected one of convert_to_binary, convert_to_text",
            ],
        ),
        (
            http("cacheNamespace: '', cacheKeyParameters: [method.request.path.x, method.request.body, 3]"),
            &[
                "error: \"cacheNamespace\" is empty",
                "error: \"method.request.path.x\" names no variable of the path",
                "error: \"method.request.body\" is not a parameter of a request, such as method.request.header.NAME",
                "error: expected a string, found the number 3",
            ],
        ),
        (
            http("httpMethod: FETCH"),
            &["error: unknown httpMethod \"FETCH\""],
        ),
        (
            http("httpMethod: TRACE"),
            &["error: unknown httpMethod \"TRACE\""],
        ),
        (
            http("passthroughBehavior: when_no_template"),
            &[
                "error: unknown passthroughBehavior \"when_no_template\", expected one of when_no_match, when_no_templates, never | did you mean \"when_no_templates\"?",
            ],
        ),
        (
            http("requestTemplates: {application/json: 1}"),
            &["error: expected a string, found the number 1"],
        ),
        (mock("requestTemplates: []"), &[]),
        (
            mock("requestTemplates: [x]"),
            &["error: expected an object, found an array"],
        ),
        (
            mock("responses: {default: {}}"),
            &["error: missing required key \"statusCode\""],
        ),
        (
            mock("responses: {default: {statusCode: 99}, a: {statusCode: 2e2}, b: {statusCode: '+200'}}"),
            &[
                "error: expected a status from 200 to 599, found the number 99",
                "error: expected a status from 200 to 599, found the number 200.0",
                "error: expected a status from 200 to 599, found the string \"+200\"",
            ],
        ),
        (
            mock("responses: {default: {statusCode: 200}, '': {statusCode: 201}}"),
            &["error: there are two default responses, \"default\" and one with an empty pattern"],
        ),
        (
            mock("responses: {default: {statusCode: 200, contentHandling: x, responseTemplates: {a: {}}}}"),
            &[
                "error: unknown contentHandling \"x\", expected one of convert_to_binary, convert_to_text",
                "error: expected a string, found an object",
            ],
        ),
    ];
    for (integration, expected) in rows {
        let text = with_amazon(&integration);
        assert_eq!(messages(&text), expected, "{integration}");
        let methods = &read(&text).api.resources[0].methods;
        assert_eq!(
            methods.is_empty(),
            !expected.is_empty(),
            "half read: {integration}"
        );
    }
}

#[test]
fn refuses_settings_by_name() {
    let rows: [(&str, &[&str]); 5] = [
        (
            "{type: http, uri: 'http://h', tlsConfig: {serverNameToVerify: a}}",
            &["error: \"serverNameToVerify\" of an integration is not supported yet"],
        ),
        (
            "{type: mock, credentials: a, payloadFormatVersion: '2.0', responseTransferMode: STREAM, integrationTarget: a}",
            &[
                "error: \"credentials\" of an integration is not supported yet",
                "error: \"payloadFormatVersion\" of an integration is not supported yet",
                "error: \"responseTransferMode\" of an integration is not supported yet",
                "error: \"integrationTarget\" of an integration is not supported yet",
            ],
        ),
        (
            "{type: mock, requestTemplate: {}, x-portcullis-template-engin: a, x-note: 1}",
            &[
                "error: unknown key \"requestTemplate\" | did you mean \"requestTemplates\"?",
                "error: unknown extension \"x-portcullis-template-engin\" | did you mean \"x-portcullis-template-engine\"?",
                "warning: nothing uses the extension \"x-note\"",
            ],
        ),
        (
            "{type: mock, responses: {default: {statusCode: 200, responseParameter: {}}}}",
            &["error: unknown key \"responseParameter\" | did you mean \"responseParameters\"?"],
        ),
        (
            "{type: http_proxy, uri: 'http://h', responses: {default: {responseParameter: {}}, a: 1}}",
            &[
                "error: unknown key \"responseParameter\" | did you mean \"responseParameters\"?",
                "error: expected an object, found the number 1",
            ],
        ),
    ];
    for (integration, expected) in rows {
        assert_eq!(messages(&with_amazon(integration)), expected, "{integration}");
    }
}

#[test]
fn a_template_has_300_kib_at_most() {
    let with = |length: usize| {
        with_amazon(&format!(
            "{{type: mock, requestTemplates: {{a/b: {}}}}}",
            "x".repeat(length)
        ))
    };
    assert_eq!(messages(&with(300 * 1024)), Vec::<String>::new());
    assert_eq!(
        messages(&with(300 * 1024 + 1)),
        ["error: the template has 307201 bytes, more than 307200"]
    );
}

#[test]
fn checks_uris() {
    let rows = [
        (
            "ftp://h",
            "the uri \"ftp://h\" does not begin with \"http://\" or \"https://\"",
        ),
        (
            "h/x",
            "the uri \"h/x\" does not begin with \"http://\" or \"https://\"",
        ),
        (
            "http://${stageVariables.a}.{id}",
            "the uri \"http://${stageVariables.a}.{id}\" has a placeholder in its host, where only the path may have one",
        ),
        ("http:///x", "the uri \"http:///x\" has no host that could be one"),
        (
            "http://u:p@h/",
            "the uri \"http://u:p@h/\" has a user in its host, which is not supported",
        ),
        ("http://h:0/", "the uri \"http://h:0/\" has a port that is none"),
        ("http://h:x/", "the uri \"http://h:x/\" has a port that is none"),
        (
            "http://{id}/",
            "the uri \"http://{id}/\" has a placeholder in its host, where only the path may have one",
        ),
        (
            "http://h/?a={id}",
            "the uri \"http://h/?a={id}\" has a placeholder behind its \"?\", where only the path may have one",
        ),
        ("http://h/#a", "the uri \"http://h/#a\" has a fragment"),
        (
            "http://h/{rest+}",
            "the uri \"http://h/{rest+}\" has \"{rest+}\"; in a uri it is \"{rest}\"",
        ),
        (
            "http://h/{id",
            "the uri \"http://h/{id\" has a brace without its other",
        ),
        (
            "http://h/id}",
            "the uri \"http://h/id}\" has a brace without its other",
        ),
        (
            "http://h/{}",
            "the uri \"http://h/{}\" has a placeholder without a name",
        ),
        (
            "http://h/{ids}",
            "the uri has \"{ids}\", which is no variable of the path and is not mapped",
        ),
        (
            "http://h/${context.x}",
            "the uri \"http://h/${context.x}\" has \"${context.x}\", where only \"${stageVariables.name}\" may be",
        ),
        (
            "http://h/${stageVariables.x",
            "the uri \"http://h/${stageVariables.x\" has a \"${\" without its \"}\"",
        ),
        (
            "http://h/a b",
            "the uri \"http://h/a b\" has a space or a control character",
        ),
        ("", "\"uri\" is empty"),
    ];
    for (uri, expected) in rows {
        let imported = read(&with_amazon(&format!("{{type: http_proxy, uri: \"{uri}\"}}")));
        let found: Vec<&str> = imported
            .problems
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        assert_eq!(found, [expected], "{uri}");
    }
}

#[test]
fn an_operation_has_exactly_one_integration() {
    let none = messages(&with_operation("{}"));
    assert_eq!(
        none,
        [
            "error: the operation has no integration | give it an \"x-amazon-apigateway-integration\" or an \"x-portcullis-integration\""
        ]
    );
    let both = messages(&with_operation(
        "{x-amazon-apigateway-integration: {type: mock}, x-portcullis-integration: {plugin: p}}",
    ));
    assert_eq!(
        both,
        [
            "error: the operation has both \"x-amazon-apigateway-integration\" and \"x-portcullis-integration\" | remove one of them"
        ]
    );
    let plugin = messages(&with_operation("{x-portcullis-integration: {plugins: p}}"));
    assert_eq!(
        plugin,
        [
            "error: missing required key \"plugin\"",
            "error: unknown key \"plugins\" | did you mean \"plugin\"?"
        ]
    );
    let variable = messages(&with_operation(
        "{x-portcullis-integration: {plugin: '${context.a}'}}",
    ));
    assert_eq!(
        variable,
        [
            "error: the plugin name \"${context.a}\" has \"${context.a}\", where only \"${stageVariables.name}\" may be"
        ]
    );
}

#[test]
fn problems_say_where_they_are() {
    let text = r#"{
  "swagger": "2.0",
  "paths": {
    "/a": {
      "get": {
        "x-amazon-apigateway-integration": {
          "type": "aws",
          "timeoutInMillis": 1
        }
      },
      "put": {}
    }
  }
}"#;
    let found: Vec<String> = problems(text)
        .iter()
        .map(|line| line.split(": ").next().unwrap_or_default().to_owned())
        .collect();
    let expected = [
        "/paths/~1a/get/x-amazon-apigateway-integration/type 7:11",
        "/paths/~1a/get/x-amazon-apigateway-integration/timeoutInMillis 8:11",
        "/paths/~1a/put 11:7",
    ];
    assert_eq!(found, expected);
}
