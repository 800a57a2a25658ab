//! The whole document.

use portcullis_model::{ApiKeySource, Cors, DocumentationLocation, Resource};
use serde_json::{Map, Value, json};

use super::Writer;
use super::object::{Object, parsed};
use super::schema::schema;
use crate::key;
use crate::notes::{Place, part};

impl Writer<'_> {
    pub(super) fn root(&self) -> Map<String, Value> {
        let version = match self.is_swagger() {
            true => Object::default().with("swagger", "2.0"),
            false => Object::default().with("openapi", "3.0.1"),
        };
        let mut object = version.with("info", self.info());
        object = object.members(&self.noted_api().finish());
        object = self.servers(object);
        object = object.with("paths", self.paths());
        let (schemas, schemes) = (self.schemas(), self.security_schemes());
        object = match self.is_swagger() {
            true => object
                .object("securityDefinitions", schemes)
                .object("definitions", schemas),
            false => object.object(
                "components",
                Object::default()
                    .object("schemas", schemas)
                    .object("securitySchemes", schemes)
                    .finish(),
            ),
        };
        if self.integrations() {
            object = self.settings(object);
        }
        object = object
            .some(key::DOCUMENTATION, self.documentation())
            .json_texts(&self.api.extensions)
            .members(self.noted_extensions(&part("API")));
        object.finish()
    }

    /// Where the API is reached.
    fn servers(&self, object: Object) -> Object {
        let Some(server) = &self.options.server else {
            return object;
        };
        let base_path = server.base_path.trim_matches('/');
        if self.is_swagger() {
            return object
                .with("host", server.host.as_str())
                .with("basePath", format!("/{base_path}"))
                .with("schemes", json!([server.scheme]));
        }
        let entry = Object::default()
            .with("url", format!("{}://{}/{{basePath}}", server.scheme, server.host))
            .with("variables", json!({"basePath": {"default": base_path}}))
            .object(key::ENDPOINT_CONFIGURATION, self.endpoint_configuration());
        object.with("servers", vec![Value::from(entry)])
    }

    fn endpoint_configuration(&self) -> Map<String, Value> {
        if !self.integrations() {
            return Map::new();
        }
        let endpoint = &self.api.endpoint;
        let object = Object::default()
            .some("disableExecuteApiEndpoint", endpoint.disable_execute_api_endpoint)
            .texts("vpcEndpointIds", &endpoint.vpc_endpoint_ids)
            .texts("types", &endpoint.types)
            .text("ipAddressType", endpoint.ip_address_type.as_ref());
        object.finish()
    }

    fn paths(&self) -> Map<String, Value> {
        let resources = self.api.resources.iter();
        let resources = resources.map(|resource| (resource.path.clone(), self.path(resource).into()));
        resources.collect()
    }

    fn path(&self, resource: &Resource) -> Object {
        let mut object = Object::default();
        for (verb, method) in &resource.methods {
            let place = Place {
                path: &resource.path,
                verb,
            };
            let name = match verb.as_str() {
                "ANY" => key::ANY_METHOD.to_owned(),
                verb => verb.to_ascii_lowercase(),
            };
            object = object.with(&name, self.operation(place, method));
        }
        let location = DocumentationLocation {
            path: Some(resource.path.clone()),
            ..part("RESOURCE")
        };
        object
            .json_texts(&resource.extensions)
            .members(self.noted_extensions(&location))
    }

    fn schemas(&self) -> Map<String, Value> {
        let home = self.schema_home();
        let models = self.api.models.iter();
        let schemas = models.map(|(name, model)| (name.clone(), schema(model, home, self.integrations())));
        schemas.collect()
    }

    /// Where schemas are, with a slash at its end.
    pub(super) fn schema_home(&self) -> &'static str {
        match self.is_swagger() {
            true => "#/definitions/",
            false => "#/components/schemas/",
        }
    }

    /// The settings of the API that OpenAPI has no word for.
    fn settings(&self, object: Object) -> Object {
        let api = self.api;
        let endpoint = match (self.is_swagger(), &self.options.server) {
            (false, Some(_)) => Map::new(),
            _ => self.endpoint_configuration(),
        };
        object
            .some(key::API_KEY_SOURCE, api.api_key_source.map(ApiKeySource::name))
            .object(key::ENDPOINT_CONFIGURATION, endpoint)
            .text(key::SECURITY_POLICY, api.security_policy.as_ref())
            .text(key::ENDPOINT_ACCESS_MODE, api.endpoint_access_mode.as_ref())
            .some(key::POLICY, api.policy.as_ref().map(|policy| parsed(policy)))
            .object(key::REQUEST_VALIDATORS, self.validators())
            .object(key::GATEWAY_RESPONSES, self.gateway_responses())
            .texts(key::BINARY_MEDIA_TYPES, &api.binary_media_types)
            .some(key::MINIMUM_COMPRESSION_SIZE, api.minimum_compression_size)
            .some(key::CORS, api.cors.as_ref().map(cors))
    }

    fn validators(&self) -> Map<String, Value> {
        let validators = self.api.request_validators.iter();
        let validators = validators.map(|(name, validator)| {
            let object = Object::default()
                .with("validateRequestParameters", validator.validate_request_parameters)
                .with("validateRequestBody", validator.validate_request_body);
            (name.clone(), object.into())
        });
        validators.collect()
    }

    fn gateway_responses(&self) -> Map<String, Value> {
        let responses = self.api.gateway_responses.iter();
        let responses = responses.map(|(kind, response)| {
            let object = Object::default()
                .some("statusCode", response.status_code.as_deref().map(status))
                .map("responseParameters", &response.response_parameters)
                .map(
                    "responseTemplates",
                    response.response_templates.iter().map(|(of, text)| (of, text)),
                );
            (kind.name().to_owned(), object.into())
        });
        responses.collect()
    }
}

/// A status as a number, where it is one.
fn status(text: &str) -> Value {
    text.parse::<u16>()
        .map_or_else(|_| Value::from(text), Value::from)
}

fn cors(cors: &Cors) -> Object {
    Object::default()
        .texts("allowOrigins", &cors.allow_origins)
        .texts("allowMethods", &cors.allow_methods)
        .texts("allowHeaders", &cors.allow_headers)
        .texts("exposeHeaders", &cors.expose_headers)
        .some("allowCredentials", cors.allow_credentials.then_some(true))
        .some("maxAge", cors.max_age)
}
