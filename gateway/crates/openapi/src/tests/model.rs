use std::collections::BTreeMap;

use portcullis_model::RestApi;

use super::{messages, read};

const MOCK: &str = "x-amazon-apigateway-integration: {type: mock}";

fn api(text: &str) -> RestApi {
    let imported = read(text);
    assert_eq!(imported.problems, [], "{text}");
    imported.api
}

fn models_of(api: &RestApi, resource: usize, verb: &str) -> BTreeMap<String, String> {
    api.resources[resource].methods[verb].request_models.clone()
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn reads_schemas_as_they_are_written() {
    let schemas = r#"{"Pet":{"type":"object","required":["name"],"properties":{"name":{"type":"string","nullable":true},"age":{"maximum":1.50,"x-y":[1,{}]},"$ref":{"type":"null"}}},"Tree":{"properties":{"left":{"$ref":"HOME/Tree"},"pet":{"$ref":"https://apigateway.amazonaws.com/restapis/abc123/models/Pet"},"name":{"$ref":"HOME/Pet/properties/name"}}}}"#;
    let two = schemas.replace("HOME", "#/definitions");
    let three = schemas.replace("HOME", "#/components/schemas");
    let rows = [
        (
            format!(r#"{{"swagger":"2.0","paths":{{}},"definitions":{two}}}"#),
            two,
            "/definitions",
        ),
        (
            format!(r#"{{"openapi":"3.0.0","paths":{{}},"components":{{"schemas":{three}}}}}"#),
            three,
            "/components/schemas",
        ),
    ];
    for (text, schemas, home) in rows {
        let api = api(&text);
        let written: serde_json::Value = serde_json::from_str(&schemas).expect("right");
        assert_eq!(api.models.keys().collect::<Vec<_>>(), ["Pet", "Tree"]);
        for (name, model) in &api.models {
            assert_eq!(model.content_type, "application/json");
            assert_eq!(model.pointer, format!("{home}/{name}"));
            assert_eq!(model.schema, written[name].to_string());
        }
    }
}

#[test]
fn a_body_parameter_has_a_model_for_all_that_is_consumed() {
    let rows: [(&str, &str, &[&str]); 5] = [
        ("", "", &["application/json"]),
        ("consumes: [a/a, b/b]", "", &["a/a", "b/b"]),
        ("consumes: [a/a]", "consumes: [c/c],", &["c/c"]),
        ("consumes: [a/a]", "consumes: [],", &["application/json"]),
        ("", "consumes: [$default],", &["$default"]),
    ];
    for (root, operation, expected) in rows {
        let text = format!(
            "swagger: '2.0'\n{root}\npaths:\n  /pets:\n    post: {{{operation} parameters: [{{name: x, in: body, schema: {{$ref: '#/definitions/Pet'}}}}], {MOCK}}}\ndefinitions: {{Pet: {{}}}}\n"
        );
        let expected: Vec<(&str, &str)> = expected
            .iter()
            .map(|content_type| (*content_type, "Pet"))
            .collect();
        assert_eq!(models_of(&api(&text), 0, "POST"), texts(&expected), "{text}");
    }
    let wrong = "swagger: '2.0'\nconsumes: a/a\nproduces: [1]\npaths:\n  /pets:\n    post: {x-portcullis-integration: {plugin: p}}\n";
    assert_eq!(
        messages(wrong),
        [
            "error: expected an array, found the string \"a/a\"",
            "error: expected a string, found the number 1"
        ]
    );
}

#[test]
fn inline_schemas_are_models_with_names_of_their_own() {
    let text = format!(
        "
openapi: 3.0.0
paths:
  /pets/{{id}}:
    post:
      requestBody: {{content: {{a/a: {{schema: {{title: one}}}}, b/b: {{schema: {{title: two}}}}, c/c: {{}}}}}}
      responses: {{'200': {{content: {{a/a: {{schema: {{title: answer}}}}}}}}}}
      {MOCK}
    x-amazon-apigateway-any-method: {{requestBody: {{$ref: '#/components/requestBodies/Shared'}}, {MOCK}}}
  /:
    put: {{requestBody: {{$ref: '#/components/requestBodies/Shared'}}, {MOCK}}}
    get: {{requestBody: {{content: {{a/a: {{schema: {{title: root}}}}}}}}, {MOCK}}}
  /a: {{get: {{requestBody: {{content: {{a/a: {{schema: {{$ref: '#/components/schemas/Alias'}}}}, b/b: {{schema: {{$ref: '#/components/schemas/Pet/properties/name'}}}}}}}}, {MOCK}}}}}
components:
  requestBodies:
    Shared: {{content: {{a/a: {{schema: {{title: shared}}}}}}}}
  schemas:
    PetsIdPostRequest2: {{title: taken}}
    Alias: {{$ref: '#/components/schemas/Pet'}}
    Pet: {{properties: {{name: {{title: name}}}}}}
"
    );
    let api = api(&text);
    let titles: BTreeMap<&str, &str> = api
        .models
        .iter()
        .map(|(name, model)| (name.as_str(), model.schema.as_str()))
        .collect();
    let expected = BTreeMap::from([
        ("AGetRequest", r#"{"title":"name"}"#),
        ("Alias", r##"{"$ref":"#/components/schemas/Pet"}"##),
        ("Pet", r#"{"properties":{"name":{"title":"name"}}}"#),
        ("PetsIdAnyRequest", r#"{"title":"shared"}"#),
        ("PetsIdPost200Response", r#"{"title":"answer"}"#),
        ("PetsIdPostRequest", r#"{"title":"one"}"#),
        ("PetsIdPostRequest2", r#"{"title":"taken"}"#),
        ("PetsIdPostRequest3", r#"{"title":"two"}"#),
        ("RootGetRequest", r#"{"title":"root"}"#),
    ]);
    assert_eq!(titles, expected);
    type Texts = &'static [(&'static str, &'static str)];
    let rows: [(usize, &str, Texts); 5] = [
        (
            0,
            "POST",
            &[("a/a", "PetsIdPostRequest"), ("b/b", "PetsIdPostRequest3")],
        ),
        (0, "ANY", &[("a/a", "PetsIdAnyRequest")]),
        (1, "PUT", &[("a/a", "PetsIdAnyRequest")]),
        (1, "GET", &[("a/a", "RootGetRequest")]),
        (2, "GET", &[("a/a", "Alias"), ("b/b", "AGetRequest")]),
    ];
    for (resource, verb, expected) in rows {
        assert_eq!(
            models_of(&api, resource, verb),
            texts(expected),
            "{resource} {verb}"
        );
    }
    assert_eq!(
        api.resources[0].methods["POST"].responses["200"].response_models,
        texts(&[("a/a", "PetsIdPost200Response")])
    );
    assert_eq!(api, self::api(&text), "the same each time");
}

#[test]
fn refuses_schemas_that_cannot_be_models() {
    let body = |schema: &str| {
        format!(
            "openapi: 3.0.0\npaths:\n  /a: {{post: {{requestBody: {{content: {{a/a: {{schema: {schema}}}}}}}, {MOCK}}}}}\ncomponents: {{schemas: {{Pet: {{}}}}}}\n"
        )
    };
    let named =
        |schema: &str| format!("swagger: '2.0'\npaths: {{}}\ndefinitions: {{Pet: {{}}, A: {schema}}}\n");
    let rows = [
        (body("true"), "error: expected an object, found true"),
        (named("1"), "error: expected an object, found the number 1"),
        (
            body("{$ref: '#/components/schemas/Pt'}"),
            "error: the $ref \"#/components/schemas/Pt\" leads to nothing | did you mean \"#/components/schemas/Pet\"?",
        ),
        (
            named("{items: {$ref: 'https://apigateway.amazonaws.com/restapis/a/models/Pt'}}"),
            "error: the $ref \"https://apigateway.amazonaws.com/restapis/a/models/Pt\" leads to nothing | did you mean \"#/definitions/Pet\"?",
        ),
        (
            named("{items: {$ref: 'https://example.com/pet.json'}}"),
            "error: the $ref \"https://example.com/pet.json\" leads out of the document, which is not supported",
        ),
        (
            named("{items: {$ref: '#/paths'}}"),
            "error: the $ref \"#/paths\" of a schema leads to no model | a schema may refer to what is in \"#/definitions\"",
        ),
        (
            body("{items: {$ref: '#/paths'}}"),
            "error: the $ref \"#/paths\" of a schema leads to no model | a schema may refer to what is in \"#/components/schemas\"",
        ),
        (
            named("{$ref: '#/definitions/A'}"),
            "error: the $ref \"#/definitions/A\" leads in a circle",
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(messages(&text), [expected], "{text}");
        let methods = read(&text)
            .api
            .resources
            .first()
            .map(|resource| resource.methods.len());
        assert_ne!(methods, Some(1), "half read: {text}");
    }
}
