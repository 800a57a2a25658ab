use std::collections::BTreeMap;

use portcullis_model::Target;

use super::{messages, problems, read, with_operation};

fn with_amazon(integration: &str) -> String {
    with_operation(&format!("{{x-amazon-apigateway-integration: {integration}}}"))
}

/// The integration's target, where there is no problem.
fn target(text: &str) -> Target {
    let imported = read(text);
    assert_eq!(imported.problems, [], "{text}");
    let method = imported.api.resources[0].methods["GET"].clone();
    method.integration.expect("an integration").target
}

#[test]
fn reads_http_proxies() {
    let none: &[(&str, &str)] = &[];
    let rows = [
        ("{type: http_proxy, uri: 'http://h'}", "http://h", None, none),
        (
            "{type: HTTP_PROXY, uri: 'http://h:81/a/{id}?q=1', httpMethod: post}",
            "http://h:81/a/{id}?q=1",
            Some("POST"),
            none,
        ),
        (
            "{type: http_proxy, uri: 'http://h/{proxy}', httpMethod: ANY, requestParameters: {integration.request.path.proxy: method.request.path.rest}}",
            "http://h/{proxy}",
            Some("ANY"),
            &[("proxy", "rest")],
        ),
        (
            "{type: http_proxy, uri: 'http://${stageVariables.host}:${stageVariables.port}/${stageVariables.a_1}/{rest}'}",
            "http://${stageVariables.host}:${stageVariables.port}/${stageVariables.a_1}/{rest}",
            None,
            none,
        ),
        (
            "{type: http_proxy, uri: '${stageVariables.base}/{id}'}",
            "${stageVariables.base}/{id}",
            None,
            none,
        ),
        (
            "{type: http_proxy, uri: 'http://[::1]:80/'}",
            "http://[::1]:80/",
            None,
            none,
        ),
        (
            "{type: http_proxy, uri: 'http://h', responses: {default: {statusCode: '200'}}, passthroughBehavior: WHEN_NO_TEMPLATES, connectionType: INTERNET, cacheKeyParameters: [], requestParameters: {}}",
            "http://h",
            None,
            none,
        ),
    ];
    for (integration, uri, method, mapped) in rows {
        let path_parameters: BTreeMap<String, String> = mapped
            .iter()
            .map(|(to, from)| ((*to).to_owned(), (*from).to_owned()))
            .collect();
        let expected = Target::HttpProxy {
            uri: uri.to_owned(),
            http_method: method.map(str::to_owned),
            path_parameters,
        };
        assert_eq!(target(&with_amazon(integration)), expected, "{integration}");
    }
}

#[test]
fn reads_mocks() {
    let rows = [
        ("{type: mock}", 200),
        (
            "{type: MOCK, passthroughBehavior: when_no_match, httpMethod: OPTIONS}",
            200,
        ),
        (
            "{type: mock, requestTemplates: {application/json: '{\"statusCode\": 204}'}}",
            204,
        ),
        (
            "{type: mock, requestTemplates: {application/json: ' { statusCode : 404 } '}}",
            404,
        ),
        (
            "{type: mock, requestTemplates: {application/json: '{statusCode: 200}'}, responses: {default: {statusCode: 201}}}",
            201,
        ),
        (
            "{type: mock, requestTemplates: {application/json: '{statusCode: 404}'}, responses: {default: {statusCode: 500}, '404': {statusCode: '410', responseTemplates: {}}}}",
            410,
        ),
        ("{type: mock, responses: {}}", 200),
    ];
    for (integration, status) in rows {
        assert_eq!(
            target(&with_amazon(integration)),
            Target::Mock { status },
            "{integration}"
        );
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
    let http = |rest: &str| format!("{{type: http_proxy, uri: 'http://h', {rest}}}");
    let rows: Vec<(String, &[&str])> = vec![
        (
            "{type: aws_proxy, uri: x}".to_owned(),
            &["the integration type \"aws_proxy\" is not supported yet"],
        ),
        (
            "{type: HTTP}".to_owned(),
            &["the integration type \"HTTP\" is not supported yet"],
        ),
        (
            "{type: htp_proxy}".to_owned(),
            &["unknown integration type \"htp_proxy\", expected \"http_proxy\" or \"mock\""],
        ),
        ("{uri: 'http://h'}".to_owned(), &["missing required key \"type\""]),
        ("3".to_owned(), &["expected an object, found the number 3"]),
        (
            http("timeoutInMillis: 10"),
            &[
                "expected a timeoutInMillis from 50 to 300000 (API Gateway's own limit is 29000 by default), found the number 10",
            ],
        ),
        (
            http("timeoutInMillis: '100'"),
            &[
                "expected a timeoutInMillis from 50 to 300000 (API Gateway's own limit is 29000 by default), found the string \"100\"",
            ],
        ),
        (
            http("connectionType: VPC_LINK, connectionId: x"),
            &[
                "the connectionType \"VPC_LINK\" is not supported yet",
                "\"connectionId\" of an integration is not supported yet",
            ],
        ),
        (
            http(
                "credentials: a, contentHandling: b, tlsConfig: {insecureSkipVerification: true}, cacheKeyParameters: [a]",
            ),
            &[
                "\"credentials\" of an integration is not supported yet",
                "\"contentHandling\" of an integration is not supported yet",
                "\"tlsConfig\" of an integration is not supported yet",
                "\"cacheKeyParameters\" of an integration is not supported yet",
            ],
        ),
        (http("timeoutInMilis: 100"), &["unknown key \"timeoutInMilis\""]),
        (http("httpMethod: FETCH"), &["unknown httpMethod \"FETCH\""]),
        (http("httpMethod: TRACE"), &["unknown httpMethod \"TRACE\""]),
        (
            http("passthroughBehavior: sometimes"),
            &[
                "unknown passthroughBehavior \"sometimes\", expected one of when_no_match, when_no_templates, never",
            ],
        ),
        (
            http("requestTemplates: {application/json: x}"),
            &["\"requestTemplates\" have no effect on an \"http_proxy\" integration"],
        ),
        (
            http("responses: {default: {statusCode: 200, responseParameters: {a: b}}}"),
            &["\"responseParameters\" has no effect on the responses of an \"http_proxy\" integration"],
        ),
        (
            http(
                "requestParameters: {integration.request.header.A: method.request.header.B, integration.request.path.x: \"'1'\", foo: bar}",
            ),
            &[
                "the mapping of \"integration.request.header.A\" from \"method.request.header.B\" is not supported yet",
                "the mapping of \"integration.request.path.x\" from \"'1'\" is not supported yet",
                "\"foo\" is not a place in an integration request",
            ],
        ),
        (
            http("requestParameters: {integration.request.path.x: method.request.path.idd}"),
            &["\"method.request.path.idd\" names no variable of the path"],
        ),
        (
            http("requestParameters: {integration.request.path.x: method.request.path.id}"),
            &["\"integration.request.path.x\" fills \"{x}\", which the uri does not have"],
        ),
        (
            mock("uri: x"),
            &["a \"mock\" integration has no backend, nothing uses its \"uri\""],
        ),
        (
            mock("passthroughBehavior: never"),
            &["the passthroughBehavior \"never\" of a \"mock\" integration is not supported yet"],
        ),
        (
            mock("requestTemplates: {application/json: '#set($x = 1){\"statusCode\": 200}'}"),
            &["a request template with expressions (VTL) is not supported yet"],
        ),
        (
            mock("requestTemplates: {application/json: '{\"statusCode\": 200, \"a\": 1}'}"),
            &["expected a status from 200 to 599, found \"200,\\\"a\\\":1\""],
        ),
        (
            mock("requestTemplates: {application/json: '{}'}"),
            &["expected the request template {\"statusCode\": 200}, found the string \"{}\""],
        ),
        (
            mock("requestTemplates: {text/xml: x}"),
            &["a request template for \"text/xml\" is not supported yet"],
        ),
        (
            mock("requestTemplates: {application/json: '{statusCode: 99}'}"),
            &["expected a status from 200 to 599, found \"99\""],
        ),
        (
            mock("responses: {'2\\d{2}': {statusCode: 200}}"),
            &["the pattern \"2\\d{2}\" for a response is not supported yet"],
        ),
        (
            mock("responses: {default: {statusCode: 200, responseTemplates: {application/json: x}}}"),
            &["\"responseTemplates\" of a response of a \"mock\" integration is not supported yet"],
        ),
        (
            mock("responses: {default: {}}"),
            &["missing required key \"statusCode\""],
        ),
        (
            mock("requestParameters: {integration.request.path.x: method.request.path.id}"),
            &["\"requestParameters\" of a \"mock\" integration is not supported yet"],
        ),
    ];
    for (integration, expected) in rows {
        let imported = read(&with_amazon(&integration));
        let found: Vec<&str> = imported
            .problems
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        assert_eq!(found, expected, "{integration}");
        if imported.has_errors() && !integration.contains("Milis") && !integration.contains("credentials") {
            assert!(imported.api.resources[0].methods.is_empty(), "{integration}");
        }
    }
}

#[test]
fn checks_uris() {
    let rows = [
        (
            "https://h/x",
            "https backends are not supported yet: \"https://h/x\"",
        ),
        ("ftp://h", "the uri \"ftp://h\" does not begin with \"http://\""),
        ("h/x", "the uri \"h/x\" does not begin with \"http://\""),
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
