//! Integrations that are wrong, or that cannot be had yet.

use super::{messages, problems, read, with_amazon, with_operation};

#[test]
fn refuses_integrations_by_name() {
    let mock = |rest: &str| format!("{{type: mock, {rest}}}");
    let http = |rest: &str| format!("{{type: http, uri: 'http://h', {rest}}}");
    let rows: Vec<(String, &[&str])> = vec![
        (
            "{type: aws_proxy, uri: 'arn:aws:apigateway:us-east-1:firehose:action/PutRecord'}".to_owned(),
            &[
                "error: the integration type \"aws_proxy\" for what is no Lambda function is not supported yet",
            ],
        ),
        ("{type: AWS}".to_owned(), &["error: missing required key \"uri\""]),
        ("{type: AWS}".to_owned(), &["error: missing required key \"uri\""]),
        (
            "{type: aws, uri: 'https://sqs'}".to_owned(),
            &[
                "error: the uri \"https://sqs\" names no action and no path of an AWS service | it has the form arn:aws:apigateway:REGION:SERVICE:action/NAME, or :path/PATH at its end",
            ],
        ),
        (
            "{type: aws, uri: 'arn:aws:apigateway:${context.a}:sqs:action/SendMessage'}".to_owned(),
            &[
                "error: the uri \"arn:aws:apigateway:${context.a}:sqs:action/SendMessage\" has \"${context.a}\", where only \"${stageVariables.name}\" may be",
            ],
        ),
        (
            "{type: aws, uri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions'}".to_owned(),
            &[
                "error: the integration type \"aws\" with what is no invocation of a Lambda function is not supported yet",
            ],
        ),
        (
            "{type: htp_proxy}".to_owned(),
            &[
                "error: unknown integration type \"htp_proxy\", expected \"http\", \"http_proxy\", \"mock\" or \"aws\" | did you mean \"http_proxy\"?",
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
            http(
                "x-portcullis-cache: {staleIfError: 86401, staleWhileRevalidate: soon, respectCacheControls: true}",
            ),
            &[
                "error: expected seconds from 0 to 86400, found the number 86401",
                "error: expected seconds from 0 to 86400, found the string \"soon\"",
                "error: unknown key \"respectCacheControls\" | did you mean \"respectCacheControl\"?",
            ],
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
          "type": "aws_proxy",
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
        "/paths/~1a/get/x-amazon-apigateway-integration 6:9",
        "/paths/~1a/get/x-amazon-apigateway-integration/timeoutInMillis 8:11",
        "/paths/~1a/put 11:7",
    ];
    assert_eq!(found, expected);
}
