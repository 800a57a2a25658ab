//! Listeners of `gateway.toml`: where clients connect.

use std::net::SocketAddr;

use portcullis_document::{Document, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ForwardedHeader, ListenerTlsConfig};
use crate::upstream::{UNIX, is_socket_path};

/// A socket that clients connect to: HTTP/1.1 and HTTP/2, by TLS or in clear text (then HTTP/2 with prior knowledge).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListenerConfig {
    /// IP address and port, such as `127.0.0.1:8080` or `[::]:8080`, which is for IPv4 as well; port 0 takes a free one. Or
    /// a Unix socket, such as `unix:/run/portcullis.sock`.
    pub address: String,
    /// Whether an IPv6 address is for IPv6 alone. A change takes effect at a restart.
    #[serde(default)]
    pub ipv6_only: bool,
    /// Who may connect to a Unix socket: the mode of its file, in octal digits. Absent: `660`. A change takes effect at a
    /// restart.
    #[serde(default)]
    pub socket_mode: Option<String>,
    /// Networks, by name, whose load balancers begin every connection with a header of the PROXY protocol (version 1 or 2);
    /// `unix` stands for processes of this machine at a Unix socket. Connections of others, and those without a good header,
    /// are closed. Empty: the protocol is not spoken.
    #[serde(default)]
    pub proxy_protocol: Vec<String>,
    /// Networks, by name, whose load balancers are believed who their clients are, by a header of each request; `unix`
    /// likewise. Empty: nobody is.
    #[serde(default)]
    pub trust_forwarded: Vec<String>,
    /// The header that they name their clients by: the other one may be a client's invention, and says nothing.
    #[serde(default)]
    pub forwarded_header: ForwardedHeader,
    /// The API that `http://host/{stage}/{path}` means here. Absent: only addresses that name an API are answered.
    #[serde(default)]
    pub default_api: Option<String>,
    /// The VPC endpoint that resource policies take this listener for (`aws:SourceVpce`), such as `vpce-0a1b2c3d`. Absent:
    /// none.
    #[serde(default)]
    pub vpce: Option<String>,
    /// Connections open at once; more wait to be accepted. A change takes effect at a restart.
    #[serde(default = "default_max_connections")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_connections: u32,
    /// TLS. Absent: clear text.
    #[serde(default)]
    pub tls: Option<ListenerTlsConfig>,
}

impl ListenerConfig {
    /// What its URLs begin with.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The path of a Unix socket.
    pub fn socket_path(&self) -> Option<&str> {
        self.address.strip_prefix(UNIX)
    }

    /// The mode of its file.
    pub fn mode(&self) -> u32 {
        self.socket_mode.as_deref().and_then(mode).unwrap_or(0o660)
    }
}

fn default_max_connections() -> u32 {
    10_000
}

fn mode(text: &str) -> Option<u32> {
    let octal = (3..=4).contains(&text.len()) && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    let mode = u32::from_str_radix(text, 8).ok().filter(|_| octal);
    mode.filter(|mode| *mode <= 0o777)
}

/// What breaks the rules of addresses. True: the address is one that cannot be had twice.
pub(super) fn check(
    document: &Document,
    at: &str,
    listener: &ListenerConfig,
    problems: &mut Vec<Problem>,
) -> bool {
    let mut error = |code, member: &str, message: String, hint: &str| {
        problems.push(
            document
                .error(code, &format!("{at}/{member}"), message)
                .hint(hint),
        );
    };
    let address: Option<SocketAddr> = listener.address.parse().ok();
    let good = match listener.socket_path() {
        Some(path) => is_socket_path(path),
        None => address.is_some(),
    };
    if !good {
        let message = format!(
            "`{}` is not an IP address with a port, nor a Unix socket",
            listener.address
        );
        let hint = "such as 127.0.0.1:8080, 0.0.0.0:8080, [::]:8080 or unix:/run/portcullis.sock";
        error("bad-address", "address", message, hint);
    }
    if listener.ipv6_only && !address.is_some_and(|address| address.is_ipv6()) {
        let message = format!(
            "`{}` is no IPv6 address, so it cannot be for IPv6 alone",
            listener.address
        );
        error(
            "unused-option",
            "ipv6_only",
            message,
            "leave it out, or take an address such as [::]:8080",
        );
    }
    if let Some(text) = &listener.socket_mode {
        if listener.socket_path().is_none() {
            let message = "only the file of a Unix socket has a mode".to_owned();
            error("unused-option", "socket_mode", message, "leave it out");
        } else if mode(text).is_none() {
            let message = format!("`{text}` is no mode of a file");
            error(
                "bad-mode",
                "socket_mode",
                message,
                "three octal digits, such as 660",
            );
        }
    }
    match address {
        Some(address) => address.port() != 0,
        None => good,
    }
}
