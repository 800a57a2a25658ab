//! Backends of `gateway.toml`: what there is to say of a server beside its address.

use std::collections::BTreeMap;

use http::uri::Authority;
use portcullis_document::{Document, Problem, pointer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A server that URIs of integrations name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackendConfig {
    /// What HTTP is spoken with it.
    #[serde(default)]
    pub protocol: BackendProtocol,
}

/// What HTTP is spoken with a backend.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BackendProtocol {
    /// HTTP/1.1, as API Gateway speaks: a connection for each request that is under way.
    #[default]
    Http1,
    /// HTTP/2: by ALPN with `https`, with prior knowledge in clear text. gRPC needs it.
    Http2,
    /// With `https` HTTP/2 where the server takes it (ALPN), else HTTP/1.1; in clear text HTTP/1.1.
    Auto,
}

/// What the authority of a URI is spoken to by. A table with a port goes before one without, which is for all ports.
pub fn protocol_of(
    backends: &BTreeMap<String, BackendConfig>,
    authority: &Authority,
    default_port: u16,
) -> BackendProtocol {
    if backends.is_empty() {
        return BackendProtocol::default();
    }
    let host = authority.host().to_ascii_lowercase();
    let port = authority.port_u16().unwrap_or(default_port);
    let of_port = backends.get(&format!("{host}:{port}"));
    let found = of_port.or_else(|| backends.get(&host));
    found.map(|backend| backend.protocol).unwrap_or_default()
}

/// Every name is a host, or a host with its port, in the one spelling that is looked for.
pub(super) fn check(
    document: &Document,
    backends: &BTreeMap<String, BackendConfig>,
    problems: &mut Vec<Problem>,
) {
    for name in backends.keys() {
        if !is_name(name) {
            let message = format!("`{name}` is no host that a URI could name");
            let problem = document.error("bad-backend", &pointer(["backends", name]), message);
            problems
                .push(problem.hint("in lower case, such as app.internal:50051, app.internal or [::1]:8443"));
        }
    }
}

fn is_name(name: &str) -> bool {
    let Ok(authority) = name.parse::<Authority>() else {
        return false;
    };
    let spelled = match authority.port_u16() {
        Some(port) => format!("{}:{port}", authority.host()),
        None => authority.host().to_owned(),
    };
    !authority.host().is_empty() && spelled.to_ascii_lowercase() == name && authority.port_u16() != Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_goes_before_all_ports() {
        let table = |protocol| BackendConfig { protocol };
        let backends = BTreeMap::from([
            ("h".to_owned(), table(BackendProtocol::Auto)),
            ("h:443".to_owned(), table(BackendProtocol::Http2)),
            ("[::1]:80".to_owned(), table(BackendProtocol::Http2)),
        ]);
        for (authority, port, expected) in [
            ("h", 443, BackendProtocol::Http2),
            ("H:443", 80, BackendProtocol::Http2),
            ("h", 80, BackendProtocol::Auto),
            ("h:81", 80, BackendProtocol::Auto),
            ("[::1]", 80, BackendProtocol::Http2),
            ("[::1]:81", 80, BackendProtocol::Http1),
            ("i", 443, BackendProtocol::Http1),
        ] {
            let parsed = authority.parse().expect(authority);
            assert_eq!(
                protocol_of(&backends, &parsed, port),
                expected,
                "{authority} {port}"
            );
        }
    }

    #[test]
    fn names_have_one_spelling() {
        for (name, good) in [
            ("h", true),
            ("h:1", true),
            ("[::1]:8443", true),
            ("10.0.0.7", true),
            ("H", false),
            ("h:0", false),
            ("h:080", false),
            ("u@h", false),
            ("http://h", false),
            ("", false),
        ] {
            assert_eq!(is_name(name), good, "{name}");
        }
    }
}
