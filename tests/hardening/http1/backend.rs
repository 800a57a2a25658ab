//! A backend that keeps a record of whole requests, byte by byte as they come.

use std::sync::Arc;

use parking_lot::Mutex;
use portcullis_testkit::Wire;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// It answers each request with 200, and reads on as long as the connection lives: what was smuggled would be a request.
pub(super) struct Backend {
    authority: String,
    seen: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Backend {
    pub(super) async fn start(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let authority = listener.local_addr().expect("an address").to_string();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let record = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(Wire::of(stream), record.clone()));
            }
        });
        Self {
            authority,
            seen,
            task,
        }
    }

    pub(super) fn authority(&self) -> String {
        self.authority.clone()
    }

    /// What came since the last time.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock())
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut wire: Wire, seen: Arc<Mutex<Vec<String>>>) {
    loop {
        let head = wire.head().await;
        if head.is_empty() {
            return;
        }
        let Some(body) = body(&mut wire, &head).await else {
            return;
        };
        let mut words = head.split([' ', '\r']);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        seen.lock().push(format!("{method} {target} {body}"));
        assert!(!head.to_lowercase().contains("\nupgrade:"), "{head}");
        let length = if method == "HEAD" { "" } else { "ok" };
        wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{length}"))
            .await;
    }
}

/// The body of a request; nothing where it did not come whole.
async fn body(wire: &mut Wire, head: &str) -> Option<String> {
    let lower = head.to_lowercase();
    let mut body = Vec::new();
    if lower.contains("\ntransfer-encoding: chunked") {
        loop {
            // Without trailers: the gateway sends none.
            match wire.chunk().await? {
                chunk if chunk.is_empty() => break,
                chunk => body.extend(chunk),
            }
        }
    } else if let Some(length) = lower.split("\ncontent-length: ").nth(1) {
        let length = length.split("\r\n").next()?.parse().ok()?;
        body = wire.bytes(length).await;
        if body.len() < length {
            return None;
        }
    }
    Some(String::from_utf8_lossy(&body).into_owned())
}
