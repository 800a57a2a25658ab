use portcullis_model::{Authorization, Target};

use super::{messages, problems, read};

const MOCK: &str = "{x-amazon-apigateway-integration: {type: mock}}";

#[test]
fn reads_both_versions_in_json_and_yaml() {
    let yaml = "
openapi: 3.0.1
info: {title: Shop, version: '1'}
servers: [{url: 'https://x/y'}]
paths:
  /pets/:
    summary: s
    parameters: []
    get: {responses: {}, x-amazon-apigateway-integration: {type: http_proxy, uri: 'http://h/pets', httpMethod: get}}
    x-amazon-apigateway-any-method: {x-portcullis-integration: {plugin: p}}
  /:
    patch: {x-amazon-apigateway-integration: {type: MOCK}}
components: {schemas: {Pet: {}}}
x-amazon-apigateway-importexport-version: '1.0'
";
    let json = r#"{"swagger":"2.0","info":{"title":"Shop"},"host":"h","basePath":"/","schemes":["https"],"paths":{
        "/pets":{"get":{"produces":[],"x-amazon-apigateway-integration":{"type":"HTTP_PROXY","uri":"http://h/pets","httpMethod":"GET"}},
                 "x-amazon-apigateway-any-method":{"x-portcullis-integration":{"plugin":"p"}}},
        "/":{"patch":{"x-amazon-apigateway-integration":{"type":"mock"}}}},
        "definitions":{"Pet":{}}}"#;
    for text in [yaml, json] {
        let imported = read(text);
        assert_eq!(imported.problems, []);
        let api = imported.api;
        assert_eq!((api.id.as_str(), api.name.as_str()), ("shop", "Shop"));
        let paths: Vec<&str> = api
            .resources
            .iter()
            .map(|resource| resource.path.as_str())
            .collect();
        assert_eq!(paths, ["/pets", "/"]);
        let verbs: Vec<&String> = api
            .resources
            .iter()
            .flat_map(|resource| resource.methods.keys())
            .collect();
        assert_eq!(verbs, ["ANY", "GET", "PATCH"]);
        let get = &api.resources[0].methods["GET"];
        assert_eq!(get.authorization, Authorization::None);
        let Some(Target::HttpProxy(target)) = get.integration.as_ref().map(|i| &i.target) else {
            panic!("no proxy: {get:?}");
        };
        assert_eq!(
            (target.uri.as_str(), target.http_method.as_deref()),
            ("http://h/pets", Some("GET"))
        );
    }
}

#[test]
fn says_which_versions_there_are() {
    let rows = [
        ("swagger: 2.0\npaths: {}", None),
        ("swagger: '2.0'\npaths: {}", None),
        ("openapi: 3.1.0\npaths: {}", None),
        ("openapi: 3.0.3\npaths: {}", None),
        (
            "swagger: '1.2'\npaths: {}",
            Some("error: OpenAPI version \"1.2\" is not supported | 2.0, 3.0 and 3.1 are"),
        ),
        (
            "openapi: 3.2.0\npaths: {}",
            Some("error: OpenAPI version \"3.2.0\" is not supported | 2.0, 3.0 and 3.1 are"),
        ),
        (
            "openapi: 3.01.0\npaths: {}",
            Some("error: OpenAPI version \"3.01.0\" is not supported | 2.0, 3.0 and 3.1 are"),
        ),
        (
            "openapi: [3]\npaths: {}",
            Some("error: expected a version such as \"2.0\" or \"3.0.1\", found an array"),
        ),
        (
            "paths: {}",
            Some(
                "error: the document does not say its OpenAPI version | an OpenAPI document says swagger: \"2.0\", or openapi: \"3.0.1\"",
            ),
        ),
        (
            "swagger: '2.0'\nopenapi: 3.0.0\npaths: {}",
            Some("error: a document has either \"swagger\" or \"openapi\", not both"),
        ),
        ("[]", Some("error: expected an object, found an array")),
    ];
    for (text, expected) in rows {
        let expected: Vec<&str> = expected.into_iter().collect();
        assert_eq!(messages(text), expected, "{text}");
    }
}

#[test]
fn reports_keys_that_it_does_not_use() {
    let rows: [(&str, &str, &[&str]); 16] = [
        (
            "slip",
            "swagger: '2.0'\npath: {}\npaths: {}",
            &["error: unknown key \"path\" | did you mean \"paths\"?"],
        ),
        (
            "no paths",
            "swagger: '2.0'",
            &["error: missing required key \"paths\""],
        ),
        (
            "unknown",
            "swagger: '2.0'\nsomething: {}\npaths: {}",
            &["warning: unknown key \"something\"; nothing uses it"],
        ),
        (
            "vendor",
            "swagger: '2.0'\nx-logo: {}\npaths: {x-note: 1}",
            &[
                "warning: nothing uses the extension \"x-logo\"",
                "warning: nothing uses the extension \"x-note\"",
            ],
        ),
        (
            "api gateway",
            "swagger: '2.0'\nx-amazon-apigateway-vpc-link: x\npaths: {}",
            &[
                "error: \"x-amazon-apigateway-vpc-link\" is not supported yet | remove it, or leave this API where it is until it is supported",
            ],
        ),
        (
            "TLS that is not had",
            "swagger: '2.0'\nx-amazon-apigateway-security-policy: TLS_1_3\nx-amazon-apigateway-endpoint-access-mode: STRIKT\npaths: {}",
            &[
                "error: there is no security policy \"TLS_1_3\" | did you mean \"TLS_1_2\"?",
                "error: unknown endpoint access mode \"STRIKT\", expected \"BASIC\" or \"STRICT\" | did you mean \"STRICT\"?",
            ],
        ),
        (
            "slip in an extension",
            "swagger: '2.0'\npaths: {/: {get: {x-amazon-apigateway-integratoin: {}, x-portcullis-integration: {plugin: p}}}}",
            &[
                "error: unknown extension \"x-amazon-apigateway-integratoin\" | did you mean \"x-amazon-apigateway-integration\"?",
            ],
        ),
        (
            "misplaced",
            "swagger: '2.0'\nx-amazon-apigateway-integration: {}\npaths: {}",
            &["error: \"x-amazon-apigateway-integration\" does not belong here, but in an operation"],
        ),
        (
            "in an operation what is the document's",
            "openapi: 3.0.0\npaths: {/: {get: {consumes: [], x-portcullis-cors: {}, x-amazon-apigateway-integration: {type: mock}}}}",
            &[
                "error: \"consumes\" is a key of OpenAPI 2.0, not of this document's version",
                "error: \"x-portcullis-cors\" does not belong here, but in the document itself",
            ],
        ),
        (
            "of HTTP APIs",
            "openapi: 3.0.0\nx-amazon-apigateway-cors: {allowOrigins: ['*']}\npaths: {}",
            &[
                "error: \"x-amazon-apigateway-cors\" is for HTTP APIs, which this is not | write the rules as \"x-portcullis-cors\" in the document itself",
            ],
        ),
        (
            "other version",
            "openapi: 3.0.0\nsecurityDefinitions: {}\npaths: {}",
            &["error: \"securityDefinitions\" is a key of OpenAPI 2.0, not of this document's version"],
        ),
        (
            "components",
            "openapi: 3.0.0\ncomponents: {securityScheme: {}, x-y: 1}\npaths: {}",
            &[
                "error: unknown key \"securityScheme\" | did you mean \"securitySchemes\"?",
                "warning: nothing uses the extension \"x-y\"",
            ],
        ),
        (
            "base path",
            "swagger: '2.0'\nbasePath: /v1\npaths: {}",
            &["warning: the basePath \"/v1\" is ignored, as API Gateway does with basepath=ignore"],
        ),
        (
            "verbs",
            "swagger: '2.0'\npaths: {/: {trace: {}, GET: {}, foo: {}}}",
            &[
                "error: the verb \"trace\" is not one that API Gateway has | remove it",
                "error: unknown key \"GET\" | did you mean \"get\"?",
                "warning: unknown key \"foo\"; nothing uses it",
            ],
        ),
        (
            "operation",
            "swagger: '2.0'\npaths: {/: {get: {parameter: [], requestBody: {}, x-amazon-apigateway-tag-value: a, x-amazon-apigateway-integration: {type: mock}}}}",
            &[
                "error: unknown key \"parameter\" | did you mean \"parameters\"?",
                "error: \"requestBody\" is a key of OpenAPI 3, not of this document's version",
                "error: \"x-amazon-apigateway-tag-value\" is not supported yet | remove it, or leave this API where it is until it is supported",
            ],
        ),
        (
            "wrong types",
            "swagger: '2.0'\nbasePath: 1\nsecurity: {}\nsecurityDefinitions: 1\npaths: {/: 1, /a: {get: []}}",
            &[
                "error: expected a string, found the number 1",
                "error: expected an array, found an object",
                "error: expected an object, found the number 1",
                "error: expected an object, found the number 1",
                "error: expected an object, found an array",
            ],
        ),
    ];
    for (name, text, expected) in rows {
        assert_eq!(messages(text), expected, "{name}");
    }
}

#[test]
fn checks_paths() {
    let rows: [(&[&str], &[&str]); 20] = [
        (
            &["/", "/a", "/a/{x}", "/a/{x}/b", "/a/{p+}", "/{p+}", "/a.b/~c"],
            &[],
        ),
        (&["/a/{x}", "/b/{y}"], &[]),
        (&["a"], &["the path \"a\" does not begin with \"/\""]),
        (&["/a//b"], &["the path \"/a//b\" has an empty segment"]),
        (&["//"], &[]),
        (&["///"], &["the path \"///\" has an empty segment"]),
        (
            &["/a/x{b}"],
            &["the path \"/a/x{b}\" has a variable that does not fill its whole segment: \"x{b}\""],
        ),
        (
            &["/a/{b}{c}"],
            &[
                "the path \"/a/{b}{c}\" has a variable \"{b}{c}\" whose name is not letters, digits and \"._-:\"",
            ],
        ),
        (
            &["/{}"],
            &["the path \"/{}\" has a variable \"{}\" whose name is not letters, digits and \"._-:\""],
        ),
        (
            &["/{+}"],
            &["the path \"/{+}\" has a variable \"{+}\" whose name is not letters, digits and \"._-:\""],
        ),
        (
            &["/{a+}/b"],
            &["the path \"/{a+}/b\" goes on behind a \"{name+}\", which must be last"],
        ),
        (&["/{a+}/"], &[]),
        (
            &["/{a}/{a}"],
            &["the path \"/{a}/{a}\" has the variable \"a\" twice"],
        ),
        (
            &["/a b"],
            &["the path \"/a b\" has the character ' ', which must be written percent-encoded"],
        ),
        (
            &["/a?b"],
            &["the path \"/a?b\" has the character '?', which must be written percent-encoded"],
        ),
        (
            &["/a", "/a/"],
            &["the path \"/a/\" is there twice, also as \"/a\""],
        ),
        (
            &["/a/{x}", "/a/{y}/b"],
            &["the path \"/a/{y}/b\" calls \"y\" what the path \"/a/{x}\" calls \"x\""],
        ),
        (
            &["/{x}/b", "/{y}/c", "/{z}"],
            &[
                "the path \"/{y}/c\" calls \"y\" what the path \"/{x}/b\" calls \"x\"",
                "the path \"/{z}\" calls \"z\" what the path \"/{x}/b\" calls \"x\"",
            ],
        ),
        (
            &["/a/{p+}", "/a/{q+}"],
            &["the path \"/a/{q+}\" calls \"q\" what the path \"/a/{p+}\" calls \"p\""],
        ),
        (
            &["/é"],
            &["the path \"/é\" has the character 'é', which must be written percent-encoded"],
        ),
    ];
    for (paths, expected) in rows {
        let items: String = paths
            .iter()
            .map(|path| format!("  '{path}': {{get: {MOCK}}}\n"))
            .collect();
        let imported = read(&format!("swagger: '2.0'\npaths:\n{items}"));
        let found: Vec<&str> = imported
            .problems
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        assert_eq!(found, expected, "{paths:?}");
        assert_eq!(
            imported.api.resources.len(),
            paths.len() - expected.len(),
            "{paths:?}"
        );
    }
}

#[test]
fn follows_references_and_reports_wrong_ones() {
    let text = "
openapi: 3.1.0
paths:
  /a: {$ref: '#/components/pathItems/A'}
  /b: {$ref: '#/paths/~1a'}
  /c%7B: {$ref: '#/paths/~1c%257B'}
  /d: {$ref: 'other.yaml#/x'}
  /e: {$ref: '#/nothing'}
  /f: {$ref: '#/components/pathItems/B', get: {}}
  /g: {$ref: pets}
components:
  x-amazon-apigateway-integrations:
    one: {type: mock}
  pathItems:
    A: {get: {x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/one'}}}
    B: {$ref: '#/components/pathItems/C'}
    C: {$ref: '#/components/pathItems/B'}
  schemas:
    Tree: {properties: {$ref: {type: string}, example: {$ref: '#/components/schemas/Non'}, left: {$ref: '#/components/schemas/Tree'}}}
    Data: {example: {$ref: nothing}}
";
    let imported = read(text);
    let found = problems(text);
    let expected = [
        "/paths/~1c%7B/$ref 6:11: error: the $ref \"#/paths/~1c%257B\" leads in a circle",
        "/paths/~1d/$ref 7:8: error: the $ref \"other.yaml#/x\" leads out of the document, which is not supported",
        "/paths/~1e/$ref 8:8: error: the $ref \"#/nothing\" leads to nothing",
        "/paths/~1f/$ref 9:8: error: the $ref \"#/components/pathItems/B\" leads in a circle",
        "/paths/~1g/$ref 10:8: error: the $ref \"pets\" leads out of the document, which is not supported",
        "/components/pathItems/B/$ref 16:9: error: the $ref \"#/components/pathItems/C\" leads in a circle",
        "/components/pathItems/C/$ref 17:9: error: the $ref \"#/components/pathItems/B\" leads in a circle",
        "/components/schemas/Tree/properties/example/$ref 19:57: error: the $ref \"#/components/schemas/Non\" leads to nothing",
    ];
    assert_eq!(found, expected);
    let verbs: Vec<usize> = imported
        .api
        .resources
        .iter()
        .map(|resource| resource.methods.len())
        .collect();
    assert_eq!(verbs, [1, 1, 0, 0, 0, 0, 0]);
}

#[test]
fn keys_beside_a_reference_are_not_dropped_in_silence() {
    let text = "swagger: '2.0'\npaths:\n  /a: {get: {x-portcullis-integration: {plugin: p}}}\n  /b: {$ref: '#/paths/~1a', put: {}}\n";
    assert_eq!(
        problems(text),
        ["/paths/~1b/put 4:29: error: \"put\" has no effect beside a $ref"]
    );
}

#[test]
fn a_model_may_be_called_like_an_extension() {
    let text = "swagger: '2.0'\npaths: {}\ndefinitions: {x-a: {$ref: '#/definitions/gone'}, $ref: {}}";
    assert_eq!(
        super::messages(text),
        ["error: the $ref \"#/definitions/gone\" leads to nothing"]
    );
}
