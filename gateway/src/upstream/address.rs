//! Where connections are opened to.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use http::uri::Authority;

/// What the path of a socket comes behind.
pub const UNIX: &str = "unix:";

/// Where connections are opened to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A host, and its port where the scheme's own is not meant.
    Host(Authority),
    /// A Unix socket, by its absolute path.
    Unix(Arc<Path>),
}

impl Address {
    /// Reads `host:port` or `unix:/path`; none of what is neither.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix(UNIX) {
            return is_socket_path(path).then(|| Self::Unix(Path::new(path).into()));
        }
        let authority: Authority = text.parse().ok()?;
        let good = !authority.host().is_empty()
            && !text.contains('@')
            && authority.port_u16().is_some_and(|port| port != 0);
        good.then_some(Self::Host(authority))
    }
}

/// Whether a socket can have that path: absolute, and within the 107 bytes that `sockaddr_un` holds (unix(7)).
pub fn is_socket_path(path: &str) -> bool {
    path.starts_with('/') && !path.ends_with('/') && path.len() <= 107 && !path.contains('\0')
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(authority) => authority.fmt(formatter),
            Self::Unix(path) => write!(formatter, "{UNIX}{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        for good in ["10.0.0.7:80", "[::1]:80", "app.internal:1", "unix:/run/app.sock"] {
            let address = Address::parse(good).map(|address| address.to_string());
            assert_eq!(address.as_deref(), Some(good));
        }
        let long = format!("unix:/{}", "x".repeat(107));
        for bad in [
            "",
            "h",
            "h:0",
            "u@h:1",
            "unix:",
            "unix:app.sock",
            "unix:/run/",
            &long,
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }
}
