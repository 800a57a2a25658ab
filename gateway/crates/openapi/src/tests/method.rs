use std::collections::BTreeMap;

use portcullis_model::Method;

use super::{messages, read};

const MOCK: &str = "x-amazon-apigateway-integration: {type: mock}";

/// A document of both versions around `get /pets/{id}`, with what is said of the path and of the operation.
fn both(of_path: &str, of_operation: &str) -> [String; 2] {
    ["swagger: '2.0'", "openapi: 3.0.1"].map(|version| {
        format!("{version}\npaths:\n  /pets/{{id}}:\n    {of_path}\n    get: {{{of_operation} {MOCK}}}\n")
    })
}

fn get(text: &str) -> Method {
    let imported = read(text);
    assert_eq!(imported.problems, [], "{text}");
    imported.api.resources[0].methods["GET"].clone()
}

fn flags(pairs: &[(&str, bool)]) -> BTreeMap<String, bool> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), *value))
        .collect()
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn reads_parameters() {
    type Flags = &'static [(&'static str, bool)];
    let rows: [(&str, &str, &str, Flags); 6] = [
        ("none", "", "", &[]),
        (
            "all places",
            "",
            "parameters: [{name: id, in: path, required: true}, {name: q, in: query}, {name: X-A, in: header, required: true}],",
            &[
                ("method.request.header.X-A", true),
                ("method.request.path.id", true),
                ("method.request.querystring.q", false),
            ],
        ),
        (
            "a path is always there",
            "",
            "parameters: [{name: id, in: path}],",
            &[("method.request.path.id", true)],
        ),
        (
            "of the path",
            "parameters: [{name: q, in: query, required: true}, {name: X-A, in: header, required: true}]",
            "parameters: [{name: r, in: query}],",
            &[
                ("method.request.header.X-A", true),
                ("method.request.querystring.q", true),
                ("method.request.querystring.r", false),
            ],
        ),
        (
            "an operation's win",
            "parameters: [{name: q, in: query, required: true}, {name: X-A, in: header, required: true}]",
            "parameters: [{name: x-a, in: header}, {name: q, in: query, required: false}],",
            &[
                ("method.request.header.x-a", false),
                ("method.request.querystring.q", false),
            ],
        ),
        (
            "one name in two places",
            "parameters: [{name: q, in: query, required: true}]",
            "parameters: [{name: q, in: header}],",
            &[
                ("method.request.header.q", false),
                ("method.request.querystring.q", true),
            ],
        ),
    ];
    for (name, of_path, of_operation, expected) in rows {
        for text in both(of_path, of_operation) {
            assert_eq!(get(&text).request_parameters, flags(expected), "{name}: {text}");
        }
    }
}

#[test]
fn refuses_wrong_parameters() {
    let rows: [(&str, &[&str]); 9] = [
        ("{}", &["error: expected an array, found an object"]),
        ("[1]", &["error: expected an object, found the number 1"]),
        ("[{in: query}]", &["error: missing required key \"name\""]),
        ("[{name: a}]", &["error: missing required key \"in\""]),
        (
            "[{name: a, in: query, required: 'yes'}]",
            &["error: expected true or false, found the string \"yes\""],
        ),
        (
            "[{name: a, in: query}, {name: a, in: query}, {name: A, in: header}, {name: a, in: header}]",
            &[
                "error: the parameter \"a\" is there twice",
                "error: the parameter \"a\" is there twice",
            ],
        ),
        (
            "[{name: 'a b', in: header}, {name: 'a b', in: query}]",
            &[
                "error: the parameter \"a b\" has a name that no request can have there",
                "error: the parameter \"a b\" has a name that no request can have there",
            ],
        ),
        (
            "[{$ref: '#/parameters/no'}]",
            &["error: the $ref \"#/parameters/no\" leads to nothing"],
        ),
        (
            "[{name: a, in: querry}]",
            &[
                "error: unknown place \"querry\" of a parameter, expected one of path, query, header, body, formData | did you mean \"query\"?",
            ],
        ),
    ];
    for (parameters, expected) in rows {
        for (of_path, of_operation) in [
            (format!("parameters: {parameters}"), String::new()),
            (String::new(), format!("parameters: {parameters},")),
        ] {
            let [two, _] = both(&of_path, &of_operation);
            assert_eq!(messages(&two), expected, "{two}");
            assert!(read(&two).api.resources[0].methods.is_empty(), "half read: {two}");
        }
    }
}

#[test]
fn says_which_parameters_nothing_uses() {
    let rows = [
        (
            "swagger: '2.0'",
            "{name: a, in: formData, required: true}",
            "warning: form fields are not looked at, nothing uses the parameter",
        ),
        (
            "openapi: 3.0.0",
            "{name: a, in: cookie}",
            "warning: cookies are not looked at, nothing uses the parameter",
        ),
        (
            "openapi: 3.0.0",
            "{name: i, in: path}",
            "warning: the parameter \"i\" is no variable of the path, nothing uses it | did you mean \"id\"?",
        ),
        (
            "swagger: '2.0'",
            "{name: a, in: body}",
            "warning: a \"body\" parameter without a \"schema\" has no model, nothing is checked",
        ),
    ];
    for (version, parameter, expected) in rows {
        let text =
            format!("{version}\npaths:\n  /pets/{{id}}: {{get: {{parameters: [{parameter}], {MOCK}}}}}\n");
        assert_eq!(messages(&text), [expected], "{text}");
        let method = &read(&text).api.resources[0].methods["GET"];
        assert!(
            method.request_parameters.is_empty() && method.request_models.is_empty(),
            "{text}"
        );
    }
    let other = "openapi: 3.0.0\npaths:\n  /a: {get: {parameters: [{name: a, in: body}], x-portcullis-integration: {plugin: p}}}\n";
    assert_eq!(
        messages(other),
        ["error: unknown place \"body\" of a parameter, expected one of path, query, header, cookie"]
    );
}

#[test]
fn follows_references_to_parameters_bodies_responses_and_headers() {
    let text = "
openapi: 3.1.0
paths:
  /pets:
    parameters: [{$ref: '#/components/parameters/Page', description: d}]
    post:
      parameters: [{$ref: '#/components/parameters/Trace'}]
      requestBody: {$ref: '#/components/requestBodies/Pet'}
      responses:
        '201': {$ref: '#/components/responses/Made'}
      x-amazon-apigateway-integration: {type: mock}
components:
  parameters:
    Page: {name: page, in: query, required: true}
    Trace: {$ref: '#/components/parameters/Other'}
    Other: {name: X-Trace, in: header}
  requestBodies:
    Pet: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
  responses:
    Made: {description: d, headers: {Location: {$ref: '#/components/headers/Location'}}, content: {a/b: {schema: {$ref: '#/components/schemas/Pet'}}}}
  headers:
    Location: {required: true}
  schemas:
    Pet: {type: object}
";
    let imported = read(text);
    assert_eq!(imported.problems, []);
    let method = &imported.api.resources[0].methods["POST"];
    assert_eq!(
        method.request_parameters,
        flags(&[
            ("method.request.header.X-Trace", false),
            ("method.request.querystring.page", true)
        ])
    );
    assert_eq!(method.request_models, texts(&[("application/json", "Pet")]));
    let response = &method.responses["201"];
    assert_eq!(response.pointer, "/components/responses/Made");
    assert_eq!(
        response.response_parameters,
        flags(&[("method.response.header.Location", true)])
    );
    assert_eq!(response.response_models, texts(&[("a/b", "Pet")]));
}

#[test]
fn references_that_cannot_be_followed_are_errors_where_they_are() {
    let text = "
openapi: 3.1.0
paths:
  /pets:
    post:
      parameters: [{$ref: '#/components/parameters/A'}, {$ref: '#/components/parameters/C', required: true}]
      requestBody: {$ref: '#/components/requestBodies/Pets'}
      responses: {'200': {$ref: '#/components/responses/R'}, '201': {headers: {A: {$ref: 'x.yaml'}}}}
      x-amazon-apigateway-integration: {type: mock}
components:
  parameters:
    A: {$ref: '#/components/parameters/B'}
    B: {$ref: '#/components/parameters/A'}
    C: {name: c, in: query}
  requestBodies: {Pet: {}}
  responses: {R: {$ref: '#/components/responses/R'}}
";
    let post = "/paths/~1pets/post";
    let expected = [
        (
            format!("{post}/parameters/0/$ref"),
            "the $ref \"#/components/parameters/A\" leads in a circle",
        ),
        (
            format!("{post}/parameters/1/required"),
            "\"required\" has no effect beside a $ref",
        ),
        (
            format!("{post}/requestBody/$ref"),
            "the $ref \"#/components/requestBodies/Pets\" leads to nothing",
        ),
        (
            format!("{post}/responses/200/$ref"),
            "the $ref \"#/components/responses/R\" leads in a circle",
        ),
        (
            format!("{post}/responses/201/headers/A/$ref"),
            "the $ref \"x.yaml\" leads out of the document, which is not supported",
        ),
        (
            "/components/parameters/A/$ref".to_owned(),
            "the $ref \"#/components/parameters/B\" leads in a circle",
        ),
        (
            "/components/parameters/B/$ref".to_owned(),
            "the $ref \"#/components/parameters/A\" leads in a circle",
        ),
        (
            "/components/responses/R/$ref".to_owned(),
            "the $ref \"#/components/responses/R\" leads in a circle",
        ),
    ];
    let imported = read(text);
    let found: Vec<(String, &str)> = imported
        .problems
        .iter()
        .map(|problem| (problem.pointer.clone(), problem.message.as_str()))
        .collect();
    assert_eq!(found, expected);
    assert!(imported.api.resources[0].methods.is_empty());
}

#[test]
fn nothing_is_dropped_beside_a_reference() {
    let text = "
openapi: 3.1.0
paths:
  /pets:
    post:
      parameters: [{$ref: '#/components/parameters/C', description: d, required: true}]
      requestBody: {$ref: '#/components/requestBodies/B', content: {}}
      responses: {'200': {$ref: '#/components/responses/R', summary: s, headers: {}}, '201': {headers: {A: {$ref: '#/components/headers/H', required: true}}}}
      x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/I', uri: x}
components:
  parameters: {C: {name: c, in: query}}
  requestBodies: {B: {}}
  responses: {R: {}}
  headers: {H: {}}
  x-amazon-apigateway-integrations: {I: {type: mock}}
";
    let expected = ["required", "content", "headers", "required", "uri"]
        .map(|key| format!("error: \"{key}\" has no effect beside a $ref"));
    assert_eq!(messages(text), expected);
}

#[test]
fn an_operation_has_one_body() {
    let body = "{name: a, in: body, schema: {}}, {name: b, in: body, schema: {}}";
    let [two, _] = both("", &format!("parameters: [{body}],"));
    assert_eq!(messages(&two), ["error: there is a second \"body\" parameter"]);
    let [two, _] = both(
        "parameters: [{name: a, in: body, schema: {title: path}}]",
        "parameters: [{name: b, in: body, schema: {title: own}}],",
    );
    let api = read(&two).api;
    let schemas: Vec<&str> = api.models.values().map(|model| model.schema.as_str()).collect();
    assert_eq!(schemas, [r#"{"title":"own"}"#]);
}

#[test]
fn reads_responses() {
    let two = "
swagger: '2.0'
produces: [application/json, text/xml]
paths:
  /a:
    get:
      responses:
        200: {description: d, schema: {$ref: '#/definitions/Pet'}, headers: {X-A: {type: string}}}
        '404': {description: d}
        default: {description: d, schema: {$ref: '#/definitions/Pet'}}
        x-note: 1
      x-amazon-apigateway-integration: {type: mock}
    put:
      produces: [a/b]
      responses: {'200': {schema: {$ref: '#/definitions/Pet'}}}
      x-amazon-apigateway-integration: {type: mock}
definitions: {Pet: {}}
";
    let imported = read(two);
    assert_eq!(messages(two), ["warning: nothing uses the extension \"x-note\""]);
    let methods = &imported.api.resources[0].methods;
    let responses = &methods["GET"].responses;
    assert_eq!(responses.keys().collect::<Vec<_>>(), ["200", "404"]);
    assert_eq!(responses["200"].pointer, "/paths/~1a/get/responses/200");
    assert_eq!(
        responses["200"].response_parameters,
        flags(&[("method.response.header.X-A", false)])
    );
    assert_eq!(
        responses["200"].response_models,
        texts(&[("application/json", "Pet"), ("text/xml", "Pet")])
    );
    assert!(responses["404"].response_models.is_empty());
    assert_eq!(
        methods["PUT"].responses["200"].response_models,
        texts(&[("a/b", "Pet")])
    );
}

#[test]
fn refuses_wrong_responses() {
    let rows: [(&str, &[&str]); 6] = [
        ("[]", &["error: expected an object, found an array"]),
        ("{'200': 1}", &["error: expected an object, found the number 1"]),
        (
            "{ok: {}, '2000': {}, '099': {}}",
            &[
                "error: \"ok\" is no status | it is three digits, such as 200, or \"default\"",
                "error: \"2000\" is no status | it is three digits, such as 200, or \"default\"",
                "error: \"099\" is no status | it is three digits, such as 200, or \"default\"",
            ],
        ),
        (
            "{'200': {headers: {'a b': {}}}}",
            &["error: \"a b\" does not name a header"],
        ),
        (
            "{'200': {headers: {a: 1}}}",
            &["error: expected an object, found the number 1"],
        ),
        (
            "{'4XX': {}}",
            &["warning: a method has responses for single statuses, nothing uses \"4XX\""],
        ),
    ];
    for (responses, expected) in rows {
        for text in both("", &format!("responses: {responses},")) {
            assert_eq!(messages(&text), expected, "{text}");
            let errors = expected[0].starts_with("error");
            assert_eq!(read(&text).api.resources[0].methods.is_empty(), errors, "{text}");
        }
    }
}
