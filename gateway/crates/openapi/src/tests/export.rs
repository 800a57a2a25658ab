//! What an export looks like.

use portcullis_model::RestApi;
use serde_json::{Value, json};

use super::round_trip::kept;
use crate::{ExportExtensions, ExportOptions, ExportServer, ExportVersion, export, yaml};

const DOCUMENT: &str = r##"
openapi: 3.0.1
info: {title: MyS3, version: '1'}
paths:
  /pets/{id}:
    get:
      operationId: getPet
      summary: One pet
      parameters: [{name: id, in: path, required: true, description: which}, {name: X-A, in: header}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses:
        200:
          description: 200 response
          headers: {H: {required: true}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
        404: {description: gone}
      security: [{auth: []}, {key: []}]
      x-amazon-apigateway-request-validator: all
      x-amazon-apigateway-integration:
        type: aws
        uri: arn:aws:apigateway:us-east-1:s3:path/{b}
        httpMethod: GET
        credentials: arn:aws:iam::1:role/r
        requestParameters: {integration.request.path.b: method.request.path.id}
        responses: {default: {statusCode: 200}}
    x-amazon-apigateway-any-method: {}
components:
  schemas: {Pet: {type: object}}
  securitySchemes:
    key: {type: apiKey, name: x-api-key, in: header}
    auth: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {type: token, authorizerUri: 'arn:u'}}
x-amazon-apigateway-request-validators: {all: {validateRequestBody: true, validateRequestParameters: true}}
x-amazon-apigateway-gateway-responses: {THROTTLED: {statusCode: 430}}
x-own: 1
"##;

fn api() -> RestApi {
    kept(DOCUMENT, "shop").api
}

fn options(version: ExportVersion, extensions: &str) -> ExportOptions {
    ExportOptions {
        version,
        extensions: ExportExtensions::parse(extensions).expect("known names"),
        info_version: Some("2016-10-13T23:04:43Z".to_owned()),
        server: Some(ExportServer {
            scheme: "https".to_owned(),
            host: "a1b2.execute-api.us-east-1.amazonaws.com".to_owned(),
            base_path: "prod".to_owned(),
        }),
        documentation_created: None,
    }
}

#[test]
fn writes_openapi_3() {
    let document = export(&api(), &options(ExportVersion::Oas30, "integrations,authorizers"));
    let expected = json!({
        "openapi": "3.0.1",
        "info": {"title": "MyS3", "version": "2016-10-13T23:04:43Z"},
        "servers": [{
            "url": "https://a1b2.execute-api.us-east-1.amazonaws.com/{basePath}",
            "variables": {"basePath": {"default": "prod"}},
        }],
        "paths": {"/pets/{id}": {
            "x-amazon-apigateway-any-method": {"responses": {}},
            "get": {
                "operationId": "getPet",
                "parameters": [
                    {"name": "X-A", "in": "header", "schema": {"type": "string"}},
                    {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                    "required": true,
                },
                "responses": {
                    "200": {
                        "description": "200 response",
                        "headers": {"H": {"required": true, "schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                    },
                    "404": {"description": "404 response", "content": {}},
                },
                "security": [{"auth": []}, {"api_key": []}],
                "x-amazon-apigateway-request-validator": "all",
                "x-amazon-apigateway-integration": {
                    "uri": "arn:aws:apigateway:us-east-1:s3:path/{b}",
                    "httpMethod": "GET",
                    "credentials": "arn:aws:iam::1:role/r",
                    "responses": {"default": {"statusCode": "200"}},
                    "requestParameters": {"integration.request.path.b": "method.request.path.id"},
                    "passthroughBehavior": "when_no_match",
                    "type": "aws",
                },
            },
        }},
        "components": {
            "schemas": {"Pet": {"type": "object"}},
            "securitySchemes": {
                "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
                "auth": {
                    "type": "apiKey", "name": "Authorization", "in": "header",
                    "x-amazon-apigateway-authtype": "custom",
                    "x-amazon-apigateway-authorizer": {
                        "type": "token", "authorizerUri": "arn:u",
                        "identitySource": "method.request.header.Authorization",
                    },
                },
            },
        },
        "x-amazon-apigateway-request-validators": {
            "all": {"validateRequestBody": true, "validateRequestParameters": true},
        },
        "x-amazon-apigateway-gateway-responses": {"THROTTLED": {"statusCode": 430}},
        "x-own": 1,
    });
    assert_eq!(document, expected, "{document:#}");
}

#[test]
fn writes_openapi_2() {
    let document = export(&api(), &options(ExportVersion::Swagger, "documentation"));
    let pet = json!({"$ref": "#/definitions/Pet"});
    let get = &document["paths"]["/pets/{id}"]["get"];
    let expected = json!({
        "summary": "One pet",
        "operationId": "getPet",
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "parameters": [
            {"name": "X-A", "in": "header", "type": "string"},
            {"name": "id", "in": "path", "description": "which", "required": true, "type": "string"},
            {"in": "body", "name": "Pet", "required": true, "schema": pet},
        ],
        "responses": {
            "200": {
                "description": "200 response",
                "schema": pet,
                "headers": {"H": {"type": "string", "x-portcullis-required": true}},
            },
            "404": {"description": "gone"},
        },
        "security": [{"auth": []}, {"api_key": []}],
    });
    assert_eq!(*get, expected, "{document:#}");
    assert_eq!(document["host"], "a1b2.execute-api.us-east-1.amazonaws.com");
    assert_eq!(document["basePath"], "/prod");
    assert_eq!(document["schemes"], json!(["https"]));
    assert_eq!(document["definitions"], json!({"Pet": {"type": "object"}}));
    let scheme = &document["securityDefinitions"]["auth"];
    assert_eq!(scheme["x-amazon-apigateway-authorizer"], Value::Null);
    assert_eq!(document["x-amazon-apigateway-request-validators"], Value::Null);
    assert!(document["x-amazon-apigateway-documentation"]["documentationParts"].is_array());
}

#[test]
fn extensions_are_those_that_are_asked_for() {
    let has = |extensions: &str| {
        let document = export(&api(), &options(ExportVersion::Oas30, extensions)).to_string();
        ["-integration\"", "-authorizer\"", "-documentation\""].map(|name| document.contains(name))
    };
    assert_eq!(has("integrations"), [true, false, false]);
    assert_eq!(has("apigateway"), [true, false, false]);
    assert_eq!(has("authorizers"), [false, true, false]);
    assert_eq!(has("documentation, postman"), [false, false, true]);
    assert_eq!(ExportExtensions::parse("integrations,nonsense"), Err("nonsense"));
    assert!(ExportExtensions::default().documentation);
}

#[test]
fn yaml_reads_as_what_was_written() {
    let document = json!({"a": ["yes", "1.0", "~", "", "x\ny\n", "#", "'", "2001-01-01", 1, 1.5, null, true, {}, []], "": {"<<": "é"}});
    let text = yaml(&document).expect("YAML");
    let read =
        portcullis_document::Document::parse("y", &text, portcullis_document::Format::Yaml).expect("YAML");
    assert_eq!(read.to_json(), document, "{text}");
}
