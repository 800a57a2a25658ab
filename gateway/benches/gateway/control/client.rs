//! Signed calls of the protocol.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use serde_json::{Value, json};

use crate::load;
use crate::server::Server;

/// An API as [`Client::api`] makes it.
pub(crate) struct Api {
    pub(crate) id: String,
    /// One of its resources, with a GET.
    pub(crate) resource: String,
}

/// The administrator.
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    credentials: Credentials,
}

impl Client {
    /// With the key that the first start of a gateway leaves.
    pub(crate) fn signed(server: &Server) -> Self {
        let file = server.directory().join("data/administrator.credentials");
        let text = std::fs::read_to_string(file).expect("the first key");
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.expect("a key").trim_start_matches(" = ").to_owned()
        };
        let (id, secret) = (value("aws_access_key_id"), value("aws_secret_access_key"));
        Self {
            address: server.control.expect("a control listener"),
            credentials: Credentials::new(id, secret, None, None, "bench"),
        }
    }

    /// A signed request, good for some minutes.
    pub(crate) fn request(&self, verb: &str, path: &str, body: &str) -> Vec<u8> {
        self.request_of("apigateway", verb, path, body)
    }

    /// The same for another service.
    pub(crate) fn request_of(&self, service: &str, verb: &str, path: &str, body: &str) -> Vec<u8> {
        let uri = format!("http://bench{path}");
        let headers = [("host", "bench")].into_iter();
        let signable = SignableRequest::new(verb, &uri, headers, SignableBody::Bytes(body.as_bytes()));
        let identity = self.credentials.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build();
        let parameters = parameters.expect("parameters").into();
        let signed = sign(signable.expect("a request"), &parameters).expect("a signature");
        let (instructions, _) = signed.into_parts();
        let (headers, _) = instructions.into_parts();
        let headers = headers
            .iter()
            .map(|header| (header.name().to_owned(), header.value().to_owned()));
        load::with_body(verb, path, &headers.collect::<Vec<_>>(), body)
    }

    /// One call on a connection of its own; panics unless it succeeds.
    pub(crate) fn call(&self, verb: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut request = self.request(verb, path, &body);
        // The head's last line is empty.
        let end = request
            .windows(4)
            .position(|bytes| bytes == b"\r\n\r\n")
            .expect("a head");
        request.splice(end..end, *b"\r\nconnection: close");
        let mut stream = TcpStream::connect(self.address).expect("the server accepts");
        stream.write_all(&request).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 20"), "{verb} {path}: {answer}");
        serde_json::from_str(body).unwrap_or_default()
    }

    /// An API whose `resources` resources have a GET each, which answers with a stage variable, and with stages s0, s1, …:
    /// one at least.
    pub(crate) fn api(&self, resources: usize, more_stages: usize) -> Api {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let api = self.call("POST", "/restapis", &json!({"name": "bench"}));
        let (id, root) = (text(&api["id"]), text(&api["rootResourceId"]));
        let mut resource = String::new();
        for number in 0..resources {
            let path = format!("/restapis/{id}/resources/{root}");
            resource = text(&self.call("POST", &path, &json!({"pathPart": format!("r{number}")}))["id"]);
            self.method(&format!("/restapis/{id}/resources/{resource}/methods/GET"));
        }
        let deployments = format!("/restapis/{id}/deployments");
        let variables = json!({"color": "grey"});
        let deployment = self.call(
            "POST",
            &deployments,
            &json!({"stageName": "s0", "variables": variables}),
        );
        let deployment = text(&deployment["id"]);
        for number in 1..=more_stages {
            let stage = json!({"stageName": format!("s{number}"), "deploymentId": deployment, "variables": variables});
            self.call("POST", &format!("/restapis/{id}/stages"), &stage);
        }
        Api { id, resource }
    }

    fn method(&self, method: &str) {
        self.call("PUT", method, &json!({"authorizationType": "NONE"}));
        let status = json!({"application/json": "{\"statusCode\": 200}"});
        let integration = json!({"type": "MOCK", "requestTemplates": status});
        self.call("PUT", &format!("{method}/integration"), &integration);
        self.call("PUT", &format!("{method}/responses/200"), &json!({}));
        let template = json!({"application/json": "$stageVariables.color"});
        let response = json!({"responseTemplates": template});
        self.call("PUT", &format!("{method}/integration/responses/200"), &response);
    }
}
