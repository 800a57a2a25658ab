//! Connections to HTTP backends: pooled, kept alive, bounded in time.

mod backend;
mod connection;
mod error;
mod response;

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use http::uri::Authority;
use hyper_util::client::legacy::connect::HttpConnector;
use parking_lot::Mutex;

pub use backend::Backend;
pub use error::SendError;
pub use response::ResponseBody;

/// The HTTP backends of all plans. A plan takes its backends from here when it is compiled, so that connections outlive
/// reloads, and a request looks nothing up.
#[derive(Debug)]
pub struct Upstream {
    connector: HttpConnector,
    backends: Mutex<HashMap<Authority, Weak<Backend>>>,
}

impl Upstream {
    /// No backends.
    pub fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(connection::CONNECT_TIMEOUT));
        Self {
            connector,
            backends: Mutex::default(),
        }
    }

    /// The backend at `http://{authority}`; one and the same for all who name it, as long as one of them keeps it.
    pub fn backend(&self, authority: &Authority) -> Arc<Backend> {
        let mut backends = self.backends.lock();
        if let Some(backend) = backends.get(authority).and_then(Weak::upgrade) {
            return backend;
        }
        backends.retain(|_, backend| backend.strong_count() > 0);
        let backend = Backend::new(authority, self.connector.clone());
        backends.insert(authority.clone(), Arc::downgrade(&backend));
        backend
    }
}

impl Default for Upstream {
    fn default() -> Self {
        Self::new()
    }
}
