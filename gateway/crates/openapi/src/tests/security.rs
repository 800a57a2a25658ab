use portcullis_model::{Authorization, AuthorizerKind, IdentitySource, PayloadFormat};

use super::{messages, read};

const MOCK: &str = "x-amazon-apigateway-integration: {type: mock}";

/// OpenAPI 2.0 with one scheme, and one operation that asks for it.
fn with_scheme(scheme: &str) -> String {
    format!(
        "swagger: '2.0'\nsecurityDefinitions:\n  auth: {scheme}\npaths:\n  /a:\n    get: {{security: [{{auth: []}}], {MOCK}}}\n"
    )
}

fn with_authorizer(authorizer: &str) -> String {
    with_scheme(&format!(
        "{{type: apiKey, in: header, name: X-Token, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {authorizer}}}"
    ))
}

#[test]
fn reads_signatures() {
    let scheme = "{type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}";
    for text in [
        with_scheme(scheme),
        format!(
            "swagger: '2.0'\npaths:\n  /a:\n    get: {{x-amazon-apigateway-auth: {{type: aws_iam}}, {MOCK}}}\n"
        ),
    ] {
        let imported = read(&text);
        assert_eq!(imported.problems, [], "{text}");
        let method = &imported.api.resources[0].methods["GET"];
        assert_eq!(method.authorization, Authorization::Iam, "{text}");
    }
    let scopes = with_scheme(scheme).replace("auth: []", "auth: [a]");
    assert_eq!(
        messages(&scopes),
        ["error: scopes for the signature \"auth\" is not supported yet"]
    );
}

#[test]
fn reads_the_resource_policy() {
    for policy in [
        "{Version: '2012-10-17', Statement: []}",
        r#"'{"Version":"2012-10-17","Statement":[]}'"#,
    ] {
        let imported = read(&format!(
            "swagger: '2.0'\nx-amazon-apigateway-policy: {policy}\npaths: {{}}\n"
        ));
        assert_eq!(imported.problems, [], "{policy}");
        let expected = r#"{"Version":"2012-10-17","Statement":[]}"#;
        assert_eq!(imported.api.policy.as_deref(), Some(expected));
    }
}

#[test]
fn reads_authorizers() {
    let header = |name: &str| IdentitySource::Header(name.to_owned());
    let rows = [
        (
            "{type: token, x-portcullis-plugin: p}",
            AuthorizerKind::Token,
            vec![header("X-Token")],
            None,
        ),
        (
            "{type: TOKEN, x-portcullis-plugin: p, identitySource: method.request.header.A, identityValidationExpression: '^B .*$', authorizerResultTtlInSeconds: 0}",
            AuthorizerKind::Token,
            vec![header("A")],
            Some("^B .*$"),
        ),
        (
            "{type: request, x-portcullis-plugin: p}",
            AuthorizerKind::Request,
            vec![],
            None,
        ),
        (
            "{type: request, x-portcullis-plugin: p, authorizerUri: 'arn:x', authorizerCredentials: y, identitySource: 'method.request.header.A, method.request.querystring.b,stageVariables.c , context.d'}",
            AuthorizerKind::Request,
            vec![
                header("A"),
                IdentitySource::QueryString("b".to_owned()),
                IdentitySource::StageVariable("c".to_owned()),
                IdentitySource::Context("d".to_owned()),
            ],
            None,
        ),
    ];
    for (text, kind, sources, expression) in rows {
        let imported = read(&with_authorizer(text));
        assert_eq!(imported.problems, [], "{text}");
        let authorizer = &imported.api.authorizers["auth"];
        assert_eq!(
            (authorizer.kind, authorizer.plugin.as_deref()),
            (kind, Some("p")),
            "{text}"
        );
        assert_eq!(authorizer.identity_sources, sources, "{text}");
        assert_eq!(
            authorizer.identity_validation_expression.as_deref(),
            expression,
            "{text}"
        );
        let expected = Authorization::Custom {
            authorizer: "auth".to_owned(),
        };
        assert_eq!(
            imported.api.resources[0].methods["GET"].authorization, expected,
            "{text}"
        );
    }
}

/// Of user pools and of any issuer; with scopes, and in the schemes that HTTP APIs have.
#[test]
fn reads_authorizers_that_verify_tokens() {
    let pool = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_x";
    let schemes = [
        (
            format!("{{type: apiKey, in: header, name: X-Token, x-amazon-apigateway-authtype: cognito_user_pools, x-amazon-apigateway-authorizer: {{type: cognito_user_pools, providerARNs: ['{pool}']}}}}"),
            AuthorizerKind::Cognito,
            Some("X-Token"),
        ),
        (
            "{type: apiKey, in: header, name: X-Token, x-amazon-apigateway-authorizer: {type: jwt, jwtConfiguration: {issuer: 'https://a', audience: [b]}}}".to_owned(),
            AuthorizerKind::Jwt,
            Some("X-Token"),
        ),
        (
            "{type: oauth2, flows: {}, x-amazon-apigateway-authorizer: {type: jwt, identitySource: $request.header.Authorization, jwtConfiguration: {issuer: 'https://a', audience: [b]}}}".to_owned(),
            AuthorizerKind::Jwt,
            Some("Authorization"),
        ),
        (
            "{type: openIdConnect, openIdConnectUrl: 'https://a', x-amazon-apigateway-authorizer: {type: jwt, jwtConfiguration: {issuer: 'https://a', audience: [b]}}}".to_owned(),
            AuthorizerKind::Jwt,
            None,
        ),
    ];
    for (scheme, kind, header) in schemes {
        let text = format!(
            "openapi: 3.0.1\ninfo: {{title: t, version: '1'}}\ncomponents: {{securitySchemes: {{auth: {scheme}}}}}\n\
             paths: {{/: {{get: {{responses: {{}}, security: [{{auth: [read, write]}}], x-amazon-apigateway-integration: {{type: mock}}}}}}}}\n"
        );
        let imported = read(&text);
        assert_eq!(imported.problems, [], "{scheme}");
        let authorizer = &imported.api.authorizers["auth"];
        assert_eq!((authorizer.kind, &authorizer.plugin), (kind, &None), "{scheme}");
        let sources: Vec<_> = header
            .map(|name| IdentitySource::Header(name.to_owned()))
            .into_iter()
            .collect();
        assert_eq!(authorizer.identity_sources, sources, "{scheme}");
        let method = &imported.api.resources[0].methods["GET"];
        assert_eq!(method.authorization_scopes, ["read", "write"], "{scheme}");
        let authorizer = "auth".to_owned();
        let expected = match kind {
            AuthorizerKind::Cognito => Authorization::Cognito { authorizer },
            _ => Authorization::Custom { authorizer },
        };
        assert_eq!(method.authorization, expected, "{scheme}");
    }
}

#[test]
fn refuses_authorizers_and_never_opens_a_method() {
    let rows = [
        (
            "{type: token, authorizerUri: 'arn:x'}",
            "error: \"arn:x\" names no function that could decide | it is the ARN of a Lambda function, or of its invocation; or name a plugin as \"x-portcullis-plugin\"",
        ),
        (
            "{type: request, authorizerUri: 'check', authorizerPayloadFormatVersion: '3.0'}",
            "error: expected \"authorizerPayloadFormatVersion\" 1.0 or 2.0, found the string \"3.0\"",
        ),
        (
            "{type: token, authorizerUri: 'check', authorizerPayloadFormatVersion: '2.0'}",
            "error: \"authorizerPayloadFormatVersion\" 2.0 is for \"request\" authorizers",
        ),
        (
            "{type: request, authorizerUri: 'check', enableSimpleResponses: true}",
            "error: \"enableSimpleResponses\" is for \"request\" authorizers with \"authorizerPayloadFormatVersion: '2.0'\"",
        ),
        (
            "{type: token}",
            "error: missing required key \"x-portcullis-plugin\"",
        ),
        ("{x-portcullis-plugin: p}", "error: missing required key \"type\""),
        (
            "{type: cognito_user_pools, x-portcullis-plugin: p}",
            "error: it verifies tokens itself, and asks no plugin",
        ),
        (
            "{type: cognito_user_pools}",
            "error: missing required key \"providerARNs\"",
        ),
        ("{type: jwt}", "error: missing required key \"jwtConfiguration\""),
        (
            "{type: jwt, jwtConfiguration: {}, identitySource: method.request.querystring.a}",
            "error: a \"jwt\" authorizer has exactly one identity source, a header",
        ),
        (
            "{type: tokn, x-portcullis-plugin: p}",
            "error: unknown authorizer type \"tokn\", expected \"token\", \"request\", \"cognito_user_pools\" or \"jwt\" | did you mean \"token\"?",
        ),
        (
            "{type: token, x-portcullis-plugin: p, identitySource: 'method.request.header.A, method.request.header.B'}",
            "error: a \"token\" authorizer has exactly one identity source, a header",
        ),
        (
            "{type: token, x-portcullis-plugin: p, identitySource: method.request.querystring.a}",
            "error: a \"token\" authorizer has exactly one identity source, a header",
        ),
        (
            "{type: request, x-portcullis-plugin: p, identitySource: 'method.request.body'}",
            "error: \"method.request.body\" is not an identity source | it is method.request.header.NAME, method.request.querystring.NAME, stageVariables.NAME or context.NAME",
        ),
        (
            "{type: request, x-portcullis-plugin: p, identityValidationExpression: x}",
            "error: an \"identityValidationExpression\" is for \"token\" authorizers only",
        ),
        (
            "{type: token, x-portcullis-plugin: p, authorizerResultTtlInSeconds: 3601}",
            "error: expected authorizerResultTtlInSeconds from 0 to 3600, found the number 3601",
        ),
    ];
    for (text, expected) in rows {
        let text = with_authorizer(text);
        assert_eq!(messages(&text), [expected], "{text}");
        let api = read(&text).api;
        assert!(api.resources[0].methods.is_empty(), "open or half read: {text}");
        assert!(api.authorizers.is_empty(), "{text}");
    }
}

#[test]
fn reads_functions_and_what_they_are_passed() {
    const ARN: &str = "arn:aws:lambda:us-east-1:1:function:check:live";
    let rows = [
        (
            format!("{{type: token, authorizerUri: '{ARN}'}}"),
            Some("check"),
            PayloadFormat::V1,
            false,
        ),
        (
            "{type: request, authorizerUri: check}".to_owned(),
            None,
            PayloadFormat::V1,
            false,
        ),
        (
            "{type: request, authorizerUri: check, authorizerPayloadFormatVersion: 2.0}".to_owned(),
            None,
            PayloadFormat::V2,
            false,
        ),
        (
            format!(
                "{{type: request, authorizerUri: '{ARN}', authorizerPayloadFormatVersion: '2.0', \
                 enableSimpleResponses: true}}"
            ),
            Some("check"),
            PayloadFormat::V2,
            true,
        ),
    ];
    for (text, plugin, format, simple) in rows {
        let api = read(&with_authorizer(&text)).api;
        let authorizer = &api.authorizers["auth"];
        assert_eq!(authorizer.plugin.as_deref(), plugin, "{text}");
        assert!(authorizer.function().is_some(), "{text}");
        assert_eq!(
            (authorizer.payload_format, authorizer.simple_responses),
            (format, simple),
            "{text}"
        );
    }
}

#[test]
fn refuses_schemes_that_it_cannot_keep() {
    let custom = "x-amazon-apigateway-authorizer: {type: token, x-portcullis-plugin: p}";
    let rows = [
        (
            "{type: apiKey, in: header, name: x-key}".to_owned(),
            "error: the security scheme \"auth\" is of the type \"apiKey\" without a custom authorizer, which is not supported yet",
        ),
        (
            "{type: apiKey, in: header, name: A, x-amazon-apigateway-authtype: custom}".to_owned(),
            "error: the security scheme \"auth\" is of the authtype \"custom\" without an \"x-amazon-apigateway-authorizer\", which is not supported yet",
        ),
        (
            "{type: oauth2, flow: implicit}".to_owned(),
            "error: the security scheme \"auth\" is of the type \"oauth2\" without a custom authorizer, which is not supported yet",
        ),
        (
            format!("{{type: apiKey, in: query, name: A, x-amazon-apigateway-authtype: custom, {custom}}}"),
            "error: a custom authorizer needs a scheme of \"type: apiKey\" and \"in: header\"",
        ),
        (
            format!("{{type: apiKey, in: header, name: A, {custom}}}"),
            "error: a custom authorizer needs \"x-amazon-apigateway-authtype: custom\" in its scheme",
        ),
        (
            format!("{{type: apiKey, in: header, name: A, x-amazon-apigateway-authtype: oauth2, {custom}}}"),
            "error: the authtype \"oauth2\" is not supported yet",
        ),
        (
            format!("{{type: apiKey, in: header, x-amazon-apigateway-authtype: custom, {custom}}}"),
            "error: missing required key \"name\"",
        ),
        ("{in: header}".to_owned(), "error: missing required key \"type\""),
    ];
    for (scheme, expected) in rows {
        let text = with_scheme(&scheme);
        assert_eq!(messages(&text), [expected], "{scheme}");
        assert!(read(&text).api.resources[0].methods.is_empty(), "open: {scheme}");
    }
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-setup-api-key-with-restapi.html>
#[test]
fn api_keys_are_asked_for_beside_what_else_decides() {
    let with = |security: &str| {
        format!(
            "openapi: 3.0.1\ninfo: {{title: t, version: '1'}}\nx-amazon-apigateway-api-key-source: AUTHORIZER\n\
             components:\n  securitySchemes:\n    key: {{type: apiKey, in: header, name: X-API-Key}}\n    \
             signed: {{type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}}\n    \
             auth: {{type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: custom, \
             x-amazon-apigateway-authorizer: {{type: token, x-portcullis-plugin: p}}}}\n\
             paths: {{/: {{get: {{responses: {{}}, security: {security}, x-amazon-apigateway-integration: {{type: mock}}}}}}}}\n"
        )
    };
    let custom = Authorization::Custom {
        authorizer: "auth".to_owned(),
    };
    for (security, authorization, key) in [
        ("[]", Authorization::None, false),
        ("[{key: []}]", Authorization::None, true),
        ("[{auth: []}]", custom.clone(), false),
        ("[{auth: [], key: []}]", custom.clone(), true),
        // As exports of API Gateway have it.
        ("[{auth: []}, {key: []}]", custom, true),
        ("[{signed: []}, {key: []}]", Authorization::Iam, true),
    ] {
        let imported = read(&with(security));
        assert_eq!(imported.problems, [], "{security}");
        let method = &imported.api.resources[0].methods["GET"];
        assert_eq!(
            (&method.authorization, method.api_key_required),
            (&authorization, key),
            "{security}"
        );
        assert_eq!(
            imported.api.api_key_source,
            Some(portcullis_model::ApiKeySource::Authorizer)
        );
    }
    for (security, expected) in [
        (
            "[{key: [read]}]",
            "error: scopes for the API key \"key\" is not supported yet",
        ),
        (
            "[{auth: []}, {signed: []}, {key: []}]",
            "error: a choice between several security requirements (auth, signed) is not supported yet",
        ),
        (
            "[{}, {key: []}]",
            "error: an empty security requirement, which would let everybody in | write \"security: []\" for an open operation",
        ),
    ] {
        let text = with(security);
        assert_eq!(messages(&text), [expected], "{security}");
        assert!(
            read(&text).api.resources[0].methods.is_empty(),
            "open: {security}"
        );
    }
}

#[test]
fn unused_settings_of_schemes_are_reported() {
    let with = |more: &str| with_authorizer(&format!("{{type: token, x-portcullis-plugin: p, {more}}}"));
    let rows = [
        (
            with("providerARNs: [x]"),
            "error: \"providerARNs\" is for authorizers of type COGNITO_USER_POOLS alone",
        ),
        (
            with("identitySources: x"),
            "error: unknown key \"identitySources\" | did you mean \"identitySource\"?",
        ),
        (
            with("x-portcullis-plugins: x"),
            "error: unknown key \"x-portcullis-plugins\" | did you mean \"x-portcullis-plugin\"?",
        ),
        (
            with("x-note: x"),
            "warning: nothing uses the extension \"x-note\"",
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(messages(&text), [expected], "{text}");
    }
}

/// OpenAPI 3 with two custom authorizers, a security of the document and one operation.
fn with_security(root: &str, operation: &str) -> String {
    let scheme = "{type: apiKey, in: header, name: A, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {type: token, x-portcullis-plugin: p}}";
    format!(
        "openapi: 3.0.1\n{root}\npaths:\n  /a:\n    get: {{{operation} {MOCK}}}\ncomponents:\n  securitySchemes:\n    one: {scheme}\n    two: {{$ref: '#/components/securitySchemes/one'}}\n    key: {{type: apiKey, in: header, name: x-api-key}}\n"
    )
}

#[test]
fn the_documents_security_holds_unless_an_operation_says_otherwise() {
    let custom = |name: &str| Authorization::Custom {
        authorizer: name.to_owned(),
    };
    let rows = [
        ("", "", Authorization::None),
        ("security: [{one: []}]", "", custom("one")),
        ("security: [{one: []}]", "security: [{two: []}],", custom("two")),
        ("security: [{one: []}]", "security: [],", Authorization::None),
        ("security: []", "", Authorization::None),
        ("", "security: [{one: []}],", custom("one")),
    ];
    for (root, operation, expected) in rows {
        let imported = read(&with_security(root, operation));
        assert_eq!(imported.problems, [], "{root} {operation}");
        assert_eq!(
            imported.api.resources[0].methods["GET"].authorization, expected,
            "{root} {operation}"
        );
        assert_eq!(imported.api.authorizers.len(), 2);
    }
}

#[test]
fn security_that_cannot_be_kept_is_an_error_and_never_open() {
    let rows = [
        (
            "security: [{on: []}]",
            "error: unknown security scheme \"on\" | did you mean \"one\"?",
        ),
        (
            "security: [{one: []}, {two: []}]",
            "error: a choice between several security requirements (one, two) is not supported yet",
        ),
        (
            "security: [{one: []}, {}]",
            "error: a choice between several security requirements (one) is not supported yet",
        ),
        (
            "security: [{one: [], two: [], key: []}]",
            "error: more than one security scheme at once (one, two) is not supported yet",
        ),
        (
            "security: [{}]",
            "error: an empty security requirement, which would let everybody in | write \"security: []\" for an open operation",
        ),
        (
            "security: [{one: [read]}]",
            "error: scopes for the custom authorizer \"one\" is not supported yet",
        ),
        (
            "security: [{one: x}]",
            "error: expected an array, found the string \"x\"",
        ),
        ("security: {one: []}", "error: expected an array, found an object"),
        (
            "security: [one]",
            "error: expected an object, found the string \"one\"",
        ),
        ("security: ~", "error: expected an array, found null"),
    ];
    for (security, expected) in rows {
        for text in [
            with_security(security, ""),
            with_security("", &format!("{security},")),
        ] {
            assert_eq!(messages(&text), [expected], "{text}");
            assert!(read(&text).api.resources[0].methods.is_empty(), "open: {text}");
        }
    }
}
