//! APIs for property tests: anything that a document can say, from a seed.

use std::collections::BTreeMap;

use crate::{
    ApiKeySource, Authorization, Authorizer, AuthorizerKind, AwsTarget, CacheRules, Connection,
    ContentHandling, Cors, Documentation, DocumentationLocation, DocumentationPart, EndpointConfiguration,
    Extensions, GatewayResponse, HttpTarget, IdentitySource, Integration, IntegrationResponse, Method,
    MethodResponse, Model, PassthroughBehavior, PayloadFormat, RequestValidator, Resource, ResponseType,
    RestApi, Target,
};

/// The API of a seed: valid, with references that lead somewhere, in the order in which an export reads it again.
pub fn generated(seed: u64) -> RestApi {
    Generator(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1).api()
}

const TYPES: [&str; 3] = ["application/json", "text/plain", "application/vnd.x+json"];
const NAMES: [&str; 5] = ["a", "Pet", "x-y.z", "with space", "naïve/π~%"];
const HEADERS: [&str; 3] = ["X-A", "Accept", "x-b"];
const PATHS: [&str; 6] = [
    "/",
    "/pets",
    "/pets/{id}",
    "/pets/{id}/toys",
    "/files/{proxy+}",
    "/a-b_c.d",
];
const VERBS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const TEXTS: [&str; 6] = ["x", "two\nlines", "\"quoted\" 'text'", "yes", "0.10", "#{}: é"];

/// xorshift64*
struct Generator(u64);

impl Generator {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let random = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(random).unwrap_or_default() % bound.max(1)
    }

    fn chance(&mut self) -> bool {
        self.below(3) == 0
    }

    fn some<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance().then(|| make(self))
    }

    fn of<T: Clone + Default>(&mut self, values: &[T]) -> T {
        let index = self.below(values.len());
        values.get(index).cloned().unwrap_or_default()
    }

    /// Some of the values, in their order.
    fn among<T: Clone>(&mut self, values: &[T]) -> Vec<T> {
        values.iter().filter(|_| self.chance()).cloned().collect()
    }

    fn text(&mut self) -> String {
        self.of(&TEXTS).to_owned()
    }

    fn map<V>(&mut self, keys: &[&str], mut make: impl FnMut(&mut Self) -> V) -> BTreeMap<String, V> {
        self.among(keys)
            .into_iter()
            .map(|key| (key.to_owned(), make(self)))
            .collect()
    }

    fn extensions(&mut self) -> Extensions {
        self.map(&["x-one", "x-Two"], |generator| {
            generator
                .of(&["1", "null", "\"y\"", "{\"a\":[true,{\"b\":\"no\"}]}"])
                .to_owned()
        })
    }

    fn api(&mut self) -> RestApi {
        let authorizers = self.authorizers();
        let models = self.models();
        let validators = self.map(&NAMES, |generator| RequestValidator {
            validate_request_body: generator.chance(),
            validate_request_parameters: generator.chance(),
            ..RequestValidator::default()
        });
        let resources = self.resources(&authorizers, &models, &validators);
        RestApi {
            id: "abcdef1234".to_owned(),
            name: self.text(),
            description: self.some(Self::text),
            version: self.some(Self::text),
            api_key_source: self.some(|generator| match generator.chance() {
                true => ApiKeySource::Header,
                false => ApiKeySource::Authorizer,
            }),
            endpoint: EndpointConfiguration {
                types: self.among(&["REGIONAL".to_owned()]),
                ip_address_type: self.some(|_| "dualstack".to_owned()),
                vpc_endpoint_ids: self.among(&["vpce-1".to_owned(), "vpce-2".to_owned()]),
                disable_execute_api_endpoint: self.some(Self::chance),
            },
            security_policy: self.some(|_| "TLS_1_2".to_owned()),
            endpoint_access_mode: self.some(|_| "STRICT".to_owned()),
            policy: self.some(|_| {
                let statement = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"execute-api:/*"}"#;
                format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
            }),
            tags: self.map(&NAMES, Self::text),
            documentation: self.documentation(),
            security_schemes: self.map(&["oauth", "x-other"], |generator| {
                generator
                    .of(&[
                        r#"{"flows":{},"type":"oauth2"}"#,
                        r#"{"flows":{"authorizationCode":{"authorizationUrl":"u","scopes":{"a":"b"},"tokenUrl":"t"}},"type":"oauth2"}"#,
                        r#"{"scheme":"basic","type":"http","x-one":1}"#,
                        r#"{"scheme":"bearer","type":"http"}"#,
                    ])
                    .to_owned()
            }),
            extensions: self.extensions(),
            resources,
            authorizers,
            models,
            request_validators: validators,
            gateway_responses: self.gateway_responses(),
            binary_media_types: self.among(&["image/png".to_owned(), "*/*".to_owned()]),
            minimum_compression_size: self.some(|generator| u32::from(generator.chance())),
            cors: self.some(|_| Cors {
                allow_origins: vec!["https://example.com".to_owned()],
                allow_methods: vec!["GET".to_owned()],
                allow_credentials: true,
                max_age: Some(5),
                ..Cors::default()
            }),
        }
    }

    fn authorizers(&mut self) -> BTreeMap<String, Authorizer> {
        self.map(&["token", "api_key", "who else"], |generator| {
            let kind = generator.of(&[
                Some(AuthorizerKind::Token),
                Some(AuthorizerKind::Request),
                Some(AuthorizerKind::Cognito),
            ]);
            let kind = kind.unwrap_or_default();
            let header = |name: &str| IdentitySource::Header(name.to_owned());
            let asked = kind != AuthorizerKind::Cognito;
            let uri = generator.some(|_| "arn:aws:lambda:us-east-1:1:function:check/invocations".to_owned());
            Authorizer {
                kind,
                // As an import finds it.
                plugin: match &uri {
                    Some(_) if asked => Some("check".to_owned()),
                    None if asked => generator.some(|_| "own".to_owned()),
                    _ => None,
                },
                uri: uri.filter(|_| asked),
                credentials: generator.some(|_| "arn:aws:iam::1:role/x".to_owned()),
                auth_type: generator.some(|_| "oauth2".to_owned()),
                provider_arns: match asked {
                    true => Vec::new(),
                    false => vec!["arn:aws:cognito-idp:us-east-1:1:userpool/x".to_owned()],
                },
                identity_sources: match kind {
                    AuthorizerKind::Request => generator.among(&[
                        header("A"),
                        IdentitySource::QueryString("q".to_owned()),
                        IdentitySource::StageVariable("s".to_owned()),
                        IdentitySource::Context("c".to_owned()),
                    ]),
                    _ => vec![header("Authorization")],
                },
                identity_validation_expression: match kind {
                    AuthorizerKind::Token => generator.some(|_| "^x-[a-z]+$".to_owned()),
                    _ => None,
                },
                result_ttl_in_seconds: generator.some(|_| 60),
                payload_format: match kind {
                    AuthorizerKind::Request => generator.of(&[PayloadFormat::V1, PayloadFormat::V2]),
                    _ => PayloadFormat::V1,
                },
                extensions: generator.extensions(),
                ..Authorizer::default()
            }
        })
    }

    fn models(&mut self) -> BTreeMap<String, Model> {
        self.map(&NAMES, |generator| Model {
            description: generator.some(Self::text),
            content_type: generator.of(&TYPES).to_owned(),
            schema: generator
                .of(&[
                    r#"{"type":"object","properties":{"$ref":{"type":"string"}}}"#,
                    r#"{"type":"array","items":{"$ref":"https://apigateway.amazonaws.com/restapis/abcdef1234/models/a"}}"#,
                    r#"{"$ref":"https://apigateway.amazonaws.com/restapis/abcdef1234/models/a#/properties/x"}"#,
                    r#"{"$schema":"http://json-schema.org/draft-04/schema#","enum":[1,2.5,null]}"#,
                    "no schema at all",
                ])
                .to_owned(),
            ..Model::default()
        })
        // What they refer to is there.
        .into_iter()
        .chain([("a".to_owned(), Model {
            content_type: TYPES.first().copied().unwrap_or_default().to_owned(),
            schema: r#"{"properties":{"x":{}}}"#.to_owned(),
            ..Model::default()
        })])
        .collect()
    }

    fn gateway_responses(&mut self) -> BTreeMap<ResponseType, GatewayResponse> {
        self.among(&ResponseType::ALL)
            .into_iter()
            .map(|kind| {
                let response = GatewayResponse {
                    status_code: self.some(|_| "418".to_owned()),
                    response_parameters: self.map(&["gatewayresponse.header.A"], |_| "'b'".to_owned()),
                    response_templates: self.templates(),
                    ..GatewayResponse::default()
                };
                (kind, response)
            })
            .collect()
    }

    fn templates(&mut self) -> Vec<(String, String)> {
        let mut types = self.among(&TYPES);
        if self.chance() {
            types.reverse();
        }
        types.into_iter().map(|of| (of.to_owned(), self.text())).collect()
    }

    fn documentation(&mut self) -> Documentation {
        let at = |kind: &str, path: Option<&str>, method: Option<&str>| DocumentationLocation {
            kind: kind.to_owned(),
            path: path.map(str::to_owned),
            method: method.map(str::to_owned),
            ..DocumentationLocation::default()
        };
        let locations = [
            at("API", None, None),
            at("RESOURCE", None, None),
            at("RESOURCE", Some("/pets"), None),
            at("METHOD", None, Some("GET")),
            at("METHOD", Some("/pets/{id}"), None),
            at("REQUEST_BODY", Some("/pets"), Some("POST")),
            DocumentationLocation {
                status_code: Some("200".to_owned()),
                ..at("RESPONSE", None, None)
            },
            DocumentationLocation {
                name: Some("X-A".to_owned()),
                ..at("REQUEST_HEADER", Some("/"), None)
            },
        ];
        let parts = self
            .among(&locations)
            .into_iter()
            .map(|location| DocumentationPart {
                location,
                properties: self
                    .of(&[
                        r#"{"description":"said","x-one":"of the part","foo":true}"#,
                        r#"{"summary":"s","tags":["t"],"info":{"contact":{"name":"n"},"x-i":1}}"#,
                        "{}",
                    ])
                    .to_owned(),
            });
        Documentation {
            parts: parts.collect(),
            version: self.some(|_| "1.0".to_owned()),
        }
    }

    fn resources(
        &mut self,
        authorizers: &BTreeMap<String, Authorizer>,
        models: &BTreeMap<String, Model>,
        validators: &BTreeMap<String, RequestValidator>,
    ) -> Vec<Resource> {
        let models: Vec<String> = models.keys().cloned().collect();
        let validators: Vec<String> = validators.keys().cloned().collect();
        let paths = self.among(&PATHS);
        let resources = paths.into_iter().map(|path| Resource {
            path: path.to_owned(),
            methods: self.map(&VERBS, |generator| {
                let method = generator.method(path, &models, &validators);
                generator.guarded(method, authorizers)
            }),
            extensions: self.extensions(),
            ..Resource::default()
        });
        resources.collect()
    }

    fn guarded(&mut self, method: Method, authorizers: &BTreeMap<String, Authorizer>) -> Method {
        let names: Vec<&String> = authorizers.keys().collect();
        let named = names.get(self.below(names.len())).copied().cloned();
        let authorization = match (self.below(5), named) {
            (0, _) => Authorization::Iam,
            (1, _) => Authorization::Unknown {
                security: self
                    .of(&[r#"[{"oauth":["a"]},{}]"#, r#"[{"sigv4":[]}]"#])
                    .to_owned(),
            },
            (2 | 3, Some(authorizer)) => match authorizers.get(&authorizer).map(|found| found.kind) {
                Some(AuthorizerKind::Cognito) => Authorization::Cognito { authorizer },
                _ => Authorization::Custom { authorizer },
            },
            _ => Authorization::None,
        };
        let unknown = matches!(authorization, Authorization::Unknown { .. });
        Method {
            authorization_scopes: match &authorization {
                Authorization::Cognito { .. } => self.among(&["read".to_owned(), "write".to_owned()]),
                _ => Vec::new(),
            },
            api_key_required: !unknown && self.chance(),
            authorization,
            ..method
        }
    }

    fn method(&mut self, path: &str, models: &[String], validators: &[String]) -> Method {
        let mut parameters = self.map(
            &["method.request.querystring.q", "method.request.header.X-A"],
            Self::chance,
        );
        if path.contains("{id}") && self.chance() {
            parameters.insert("method.request.path.id".to_owned(), true);
        }
        Method {
            operation_name: self.some(Self::text),
            request_parameters: parameters,
            request_models: self.map(&TYPES, |generator| generator.of(models)),
            request_validator: self
                .some(|generator| generator.of(validators))
                .filter(|name| !name.is_empty()),
            responses: self.map(&["200", "404"], |generator| MethodResponse {
                response_parameters: generator
                    .among(&HEADERS)
                    .into_iter()
                    .map(|name| (format!("method.response.header.{name}"), generator.chance()))
                    .collect(),
                response_models: generator.map(&TYPES, |generator| generator.of(models)),
                extensions: generator.extensions(),
                ..MethodResponse::default()
            }),
            integration: self.some(|generator| generator.integration(path)),
            extensions: self.extensions(),
            ..Method::default()
        }
    }

    fn connection(&mut self) -> Connection {
        match self.chance() {
            true => Connection::VpcLink {
                id: "${stageVariables.link}".to_owned(),
            },
            false => Connection::Internet,
        }
    }

    fn target(&mut self) -> Target {
        let http = HttpTarget {
            uri: "https://example.com/${stageVariables.x}/y".to_owned(),
            http_method: self.some(|_| "POST".to_owned()),
            connection: self.connection(),
            insecure_skip_verification: self.chance(),
            trust_bundle: self.some(|_| "own".to_owned()),
        };
        let aws = AwsTarget {
            uri: "arn:aws:apigateway:us-east-1:s3:path/{bucket}".to_owned(),
            http_method: self.some(|_| "PUT".to_owned()),
            connection: Connection::Internet,
            insecure_skip_verification: self.chance(),
        };
        match self.below(6) {
            0 => Target::Mock,
            1 => Target::Http(http),
            2 => Target::HttpProxy(http),
            3 => Target::Aws(aws),
            4 => Target::AwsProxy(aws),
            _ => Target::Plugin {
                plugin: "echo".to_owned(),
            },
        }
    }

    fn integration(&mut self, path: &str) -> Integration {
        let target = self.target();
        let timeout_in_millis = self.some(|_| 5_000);
        if let Target::Plugin { .. } = target {
            return Integration {
                timeout_in_millis,
                ..Integration::of("", target)
            };
        }
        let keys = match path.contains("{id}") {
            true => vec!["method.request.path.id".to_owned()],
            false => vec!["method.request.querystring.q".to_owned()],
        };
        Integration {
            timeout_in_millis,
            request_parameters: self.map(
                &[
                    "integration.request.header.A",
                    "integration.request.querystring.b",
                ],
                |generator| {
                    generator
                        .of(&["'static'", "method.request.header.X-A", "context.requestId"])
                        .to_owned()
                },
            ),
            request_templates: self.templates(),
            template_engine: self.some(|_| "vtl".to_owned()),
            passthrough_behavior: match self.below(3) {
                0 => PassthroughBehavior::WhenNoMatch,
                1 => PassthroughBehavior::WhenNoTemplates,
                _ => PassthroughBehavior::Never,
            },
            content_handling: self.handling(),
            cache_namespace: self.some(|_| "shared".to_owned()),
            cache_key_parameters: self.among(&keys),
            cache_rules: CacheRules {
                stale_while_revalidate: if self.below(2) == 0 { 0 } else { 60 },
                stale_if_error: if self.below(2) == 0 {
                    0
                } else {
                    CacheRules::LONGEST
                },
                respect_cache_control: self.below(2) == 0,
            },
            responses: self.integration_responses(),
            credentials: self.some(|_| "arn:aws:iam::*:user/*".to_owned()),
            integration_target: self.some(|_| "arn:aws:elasticloadbalancing:x".to_owned()),
            response_transfer_mode: self.some(|_| "STREAM".to_owned()),
            payload_format: match matches!(target, Target::AwsProxy(_)) && self.chance() {
                true => PayloadFormat::V2,
                false => PayloadFormat::V1,
            },
            extensions: self.extensions(),
            ..Integration::of("", target)
        }
    }

    fn handling(&mut self) -> Option<ContentHandling> {
        self.some(|generator| match generator.chance() {
            true => ContentHandling::ConvertToBinary,
            false => ContentHandling::ConvertToText,
        })
    }

    fn integration_responses(&mut self) -> Vec<IntegrationResponse> {
        let patterns = [
            (None, "200"),
            (Some("4\\d{2}"), "400"),
            (Some(".*[Ee]rror.*"), "500"),
        ];
        self.among(&patterns)
            .into_iter()
            .map(|(pattern, status)| IntegrationResponse {
                status_code: status.to_owned(),
                selection_pattern: pattern.map(str::to_owned),
                response_parameters: self.map(&["method.response.header.X-A"], |_| {
                    "integration.response.header.B".to_owned()
                }),
                response_templates: self.templates(),
                content_handling: self.handling(),
                ..IntegrationResponse::default()
            })
            .collect()
    }
}
