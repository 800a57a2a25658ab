//! A gateway in this process, on port 0.

use std::net::SocketAddr;
use std::time::Duration;

use portcullis::node::{Node, Options};
use portcullis::reconcile::Outcome;

use crate::{Answer, Client, Files, Wire};

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
        Self::start_with(toml, files, Options::default()).await
    }

    /// The same, with options of the node, such as a clock of the test's.
    pub async fn start_with(toml: &str, files: Files, options: Options) -> Self {
        files.write("gateway.toml", expand(toml));
        let path = files.path("gateway.toml");
        let started = Node::start(path, options).await;
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

    /// The client that the methods here use; a copy shares its connections.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The metrics; the text must have a `[control]` on port 0.
    pub async fn metrics(&self) -> Metrics {
        let control = self.node.control_address().expect("a control listener");
        let url = format!("http://{control}/_portcullis/metrics");
        let answer = self.client.send("GET", &url, &[], b"").await.expect("metrics");
        Metrics(answer.text().to_owned())
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

    /// A connection to its first listener, at the level of bytes.
    pub async fn wire(&self) -> Wire {
        Wire::connect(self.address()).await
    }

    /// GETs a path of the control listener.
    pub async fn control(&self, path: &str) -> Answer {
        let address = self.node.control_address().expect("a control listener");
        let url = format!("http://{address}{path}");
        self.client
            .send("GET", &url, &[], b"")
            .await
            .expect("an answer of the control listener")
    }

    /// The value of a metric, such as `portcullis_requests_total{api="a",stage="b",status="2xx"}`; 0 where it is absent.
    pub async fn metric(&self, name: &str) -> f64 {
        let metrics = self.control("/_portcullis/metrics").await;
        let value = metrics.text().lines().find_map(|line| line.strip_prefix(name));
        let value = value.map(|value| value.trim().parse().expect("a number"));
        value.unwrap_or_default()
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

/// Metrics as they were once.
#[derive(Debug, Clone)]
pub struct Metrics(String);

impl Metrics {
    /// The sum of the series of that name whose labels contain each of these, such as `("plugin", "guard")`.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let wanted: Vec<String> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{value}\""))
            .collect();
        let series = self.0.lines().filter_map(|line| line.rsplit_once(' '));
        let of_name = series.filter(|(series, _)| series.split('{').next() == Some(name));
        of_name
            .filter(|(series, _)| wanted.iter().all(|label| series.contains(label)))
            .map(|(_, value)| value.parse::<f64>().expect("a number"))
            .sum()
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
