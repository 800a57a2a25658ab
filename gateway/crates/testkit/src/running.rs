//! A gateway in this process, on port 0.

use std::net::SocketAddr;
use std::time::Duration;

use portcullis::node::{Node, Options};
use portcullis::reconcile::Outcome;

use crate::{Answer, Client, Files};

/// A gateway that serves a `gateway.toml` of the test's.
#[derive(Debug)]
pub struct Running {
    /// The files it reads; `gateway.toml` among them.
    pub files: Files,
    /// The node.
    pub node: Node,
    client: Client,
}

impl Running {
    /// Starts one. `{listener}` in the text becomes a listener on port 0 (`[[listeners]]`, address and, if the text
    /// says `{listener NAME}`, a default API).
    pub async fn start(toml: &str, files: Files) -> Self {
        files.write("gateway.toml", expand(toml));
        let path = files.path("gateway.toml");
        let started = Node::start(path, Options::default()).await;
        let (node, _) = started.unwrap_or_else(|problems| {
            let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!("the gateway does not start:\n{}", told.join("\n"))
        });
        Self {
            files,
            node,
            client: Client::default(),
        }
    }

    /// The same, without other files.
    pub async fn of(toml: &str) -> Self {
        Self::start(toml, Files::default()).await
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        *self.node.addresses().first().expect("a listener")
    }

    /// A URL on its first listener.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// GETs a path, with headers.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.client
            .send("GET", &self.url(path), headers, b"")
            .await
            .expect("an answer")
    }

    /// Sends any request.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.client
            .send(method, &self.url(path), headers, body)
            .await
            .expect("an answer")
    }

    /// Writes `gateway.toml` anew and reloads.
    pub async fn rewrite(&mut self, toml: &str) -> Outcome {
        self.files.write("gateway.toml", expand(toml));
        self.node.reload().await
    }

    /// Ends it; true where everything under way finished.
    pub async fn stop(self) -> bool {
        self.node.shutdown(Duration::from_secs(10)).await
    }
}

fn expand(toml: &str) -> String {
    let mut text = toml.to_owned();
    while let Some(start) = text.find("{listener") {
        let end = start + text[start..].find('}').expect("a closing brace");
        let api = text[start + "{listener".len()..end].trim().to_owned();
        let default = if api.is_empty() {
            String::new()
        } else {
            format!("default_api = \"{api}\"\n")
        };
        text.replace_range(
            start..=end,
            &format!("[[listeners]]\naddress = \"127.0.0.1:0\"\n{default}"),
        );
    }
    text
}
