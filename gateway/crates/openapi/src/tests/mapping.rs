//! Sources and targets:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping-sources.html>.

use std::collections::BTreeMap;

use super::{messages, problems, read, with_operation};

const REQUEST_SOURCES: &str = "it is method.request.path.NAME, method.request.querystring.NAME, \
    method.request.multivaluequerystring.NAME, method.request.header.NAME, method.request.multivalueheader.NAME, \
    method.request.body.JSONPATH, context.NAME, stageVariables.NAME, or a static value in single quotes";

fn of_request(target: &str, source: &str) -> String {
    with_operation(&format!(
        "{{x-amazon-apigateway-integration: {{type: http, uri: 'http://h/{{id}}', requestParameters: {{{target}: {source}}}}}}}"
    ))
}

fn of_response(target: &str, source: &str) -> String {
    with_operation(&format!(
        "{{x-amazon-apigateway-integration: {{type: mock, responses: {{default: {{statusCode: 200, responseParameters: {{{target}: {source}}}}}}}}}}}"
    ))
}

fn of_gateway(target: &str, source: &str) -> String {
    format!(
        "swagger: '2.0'\nx-amazon-apigateway-gateway-responses: {{THROTTLED: {{responseParameters: {{{target}: {source}}}}}}}\npaths: {{}}\n"
    )
}

fn one(target: &str, source: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(target.to_owned(), source.to_owned())])
}

#[test]
fn takes_every_source_of_a_request() {
    let sources = [
        "method.request.path.id",
        "method.request.querystring.a[b]",
        "method.request.multivaluequerystring.a",
        "method.request.header.X-A",
        "method.request.multivalueheader.X-A",
        "method.request.body",
        "method.request.body.a.b[0]['c d']",
        // As in the third example of
        // <https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html>.
        "method.request.body[0].price",
        "context.requestId",
        "context.authorizer.claims.cognito:username",
        "stageVariables.a_1",
        "'a static value'",
        "'it''s'",
        "''",
    ];
    for target in [
        "integration.request.path.id",
        "integration.request.querystring.q",
        "integration.request.header.X-B",
    ] {
        for source in sources {
            let text = of_request(target, &format!("\"{source}\""));
            let imported = read(&text);
            assert_eq!(imported.problems, [], "{text}");
            let integration = imported.api.resources[0].methods["GET"]
                .integration
                .clone()
                .expect("one");
            assert_eq!(integration.request_parameters, one(target, source));
        }
    }
}

#[test]
fn takes_every_source_of_a_response() {
    for source in [
        "integration.response.header.Location",
        "integration.response.multivalueheader.Set-Cookie",
        "integration.response.body",
        "integration.response.body.redirect.url",
        "integration.response.body[0]",
        "context.requestId",
        "stageVariables.x",
        "'*'",
    ] {
        let target = "method.response.header.Location";
        let imported = read(&of_response(target, &format!("\"{source}\"")));
        assert_eq!(imported.problems, [], "{source}");
        let integration = imported.api.resources[0].methods["GET"]
            .integration
            .clone()
            .expect("one");
        assert_eq!(integration.responses[0].response_parameters, one(target, source));
    }
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.responseParameters.html>
#[test]
fn takes_every_source_of_a_gateway_response() {
    for source in [
        "method.request.path.petId",
        "method.request.querystring.qname",
        "method.request.multivaluequerystring.qname",
        "method.request.header.Accept",
        "method.request.multivalueheader.Accept",
        "context.requestId",
        "stageVariables.x",
        "'*.example.domain'",
    ] {
        let target = "gatewayresponse.header.from-request";
        let imported = read(&of_gateway(target, &format!("\"{source}\"")));
        assert_eq!(imported.problems, [], "{source}");
        let (_, response) = imported.api.gateway_responses.first_key_value().expect("one");
        assert_eq!(response.response_parameters, one(target, source));
    }
}

#[test]
fn refuses_wrong_targets() {
    let request_targets = "write it as integration.request.path.NAME, integration.request.querystring.NAME, integration.request.header.NAME";
    let rows = [
        (
            of_request("foo", "\"'a'\""),
            format!("error: \"foo\" is not a place in an integration request | {request_targets}"),
        ),
        (
            of_request("integration.request.multivalueheader.a", "\"'a'\""),
            format!(
                "error: \"integration.request.multivalueheader.a\" is not a place in an integration request | {request_targets}"
            ),
        ),
        (
            of_request("integration.request.header.a:b", "\"'a'\""),
            "error: \"integration.request.header.a:b\" does not name a header".to_owned(),
        ),
        (
            of_request("'integration.request.querystring.'", "\"'a'\""),
            "error: \"integration.request.querystring.\" does not name a parameter".to_owned(),
        ),
        (
            of_request("integration.request.path.x", "\"'a'\""),
            "error: \"integration.request.path.x\" fills \"{x}\", which the uri does not have".to_owned(),
        ),
        (
            of_response("method.response.body", "\"'a'\""),
            "error: \"method.response.body\" is not a place in a method response | write it as method.response.header.NAME"
                .to_owned(),
        ),
        (
            of_gateway("gatewayresponse.headers.a", "\"'a'\""),
            "error: \"gatewayresponse.headers.a\" is not a place in a gateway response | write it as gatewayresponse.header.NAME"
                .to_owned(),
        ),
        (
            of_gateway("gatewayresponse.querystring.a", "\"'a'\""),
            "warning: \"gatewayresponse.querystring.a\" has no effect, a response has only headers".to_owned(),
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(messages(&text), [expected], "{text}");
    }
}

#[test]
fn refuses_wrong_sources() {
    let header = "integration.request.header.a";
    let rows = [
        ("foo", format!("\"foo\" is not a source for an integration request | {REQUEST_SOURCES}")),
        (
            "integration.response.header.a",
            format!("\"integration.response.header.a\" is not a source for an integration request | {REQUEST_SOURCES}"),
        ),
        (
            "$context.requestId",
            "\"$context.requestId\" is not a source for an integration request | write it as context.requestId".to_owned(),
        ),
        ("method.request.path.idd", "\"method.request.path.idd\" names no variable of the path | did you mean \"id\"?".to_owned()),
        ("method.request.header.a b", "\"method.request.header.a b\" does not name a header".to_owned()),
        ("method.request.querystring.", "\"method.request.querystring.\" does not name a parameter".to_owned()),
        ("method.request.body.", "\"method.request.body.\" has no JSONPath behind its body".to_owned()),
        (
            "method.request.bodyguard",
            format!("\"method.request.bodyguard\" is not a source for an integration request | {REQUEST_SOURCES}"),
        ),
        (
            "method.request.body[\\t0]",
            "\"method.request.body[\t0]\" has no JSONPath behind its body".to_owned(),
        ),
        ("context.a..b", "\"context.a..b\" does not name a context variable".to_owned()),
        ("stageVariables.a-b", "\"stageVariables.a-b\" does not name a stage variable".to_owned()),
        ("'a", "the static value 'a has no single quote at its end".to_owned()),
        ("'", "the static value ' has no single quote at its end".to_owned()),
        ("'a\\r\\nSet-Cookie: b'", "the static value has the control character '\\r'".to_owned()),
    ];
    for (source, expected) in rows {
        let text = of_request(header, &format!("\"{source}\""));
        assert_eq!(messages(&text), [format!("error: {expected}")], "{source}");
        assert!(read(&text).api.resources[0].methods.is_empty(), "{source}");
    }
    assert_eq!(
        messages(&of_response(
            "method.response.header.a",
            "method.request.header.a"
        )),
        [
            "error: \"method.request.header.a\" is not a source for a method response | it is integration.response.header.NAME, integration.response.multivalueheader.NAME, integration.response.body.JSONPATH, context.NAME, stageVariables.NAME, or a static value in single quotes"
        ]
    );
    // The gateway answers before it has read a body.
    assert_eq!(
        messages(&of_gateway("gatewayresponse.header.a", "method.request.body")),
        [
            "error: \"method.request.body\" is not a source for a gateway response | it is method.request.path.NAME, method.request.querystring.NAME, method.request.multivaluequerystring.NAME, method.request.header.NAME, method.request.multivalueheader.NAME, context.NAME, stageVariables.NAME, or a static value in single quotes"
        ]
    );
}

#[test]
fn problems_are_where_the_mapping_is() {
    let text = "swagger: '2.0'
paths:
  /a:
    get:
      x-amazon-apigateway-integration:
        type: http
        uri: http://h/
        requestParameters:
          integration.request.header.a/b: \"'a'\"
          integration.request.header.c: 1
        responses:
          default:
            statusCode: 200
            responseParameters:
              method.response.header.d: d
";
    let at = "/paths/~1a/get/x-amazon-apigateway-integration";
    let found: Vec<String> = problems(text)
        .iter()
        .map(|line| line.split(": ").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        found,
        [
            format!("{at}/requestParameters/integration.request.header.a~1b 9:11"),
            format!("{at}/requestParameters/integration.request.header.c 10:11"),
            format!("{at}/responses/default/responseParameters/method.response.header.d 15:15"),
        ]
    );
}
