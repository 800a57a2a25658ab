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
        while let size @ 1.. = chunk_size(wire).await? {
            let chunk = wire.bytes(size + 2).await;
            body.extend(chunk.strip_suffix(b"\r\n")?);
        }
        // The trailer section, which a proxy may pass on: it ends with a blank line.
        while !line(wire).await?.is_empty() {}
    } else if let Some(length) = lower.split("\ncontent-length: ").nth(1) {
        let length = length.split("\r\n").next()?.parse().ok()?;
        body = wire.bytes(length).await;
        if body.len() < length {
            return None;
        }
    }
    Some(String::from_utf8_lossy(&body).into_owned())
}

async fn chunk_size(wire: &mut Wire) -> Option<usize> {
    let line = line(wire).await?;
    usize::from_str_radix(line.split(';').next()?, 16).ok()
}

/// A line without its end; nothing where it did not come whole.
async fn line(wire: &mut Wire) -> Option<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(*wire.bytes(1).await.first()?);
    }
    line.truncate(line.len() - 2);
    Some(String::from_utf8_lossy(&line).into_owned())
}
