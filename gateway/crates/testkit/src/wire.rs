//! One end of a connection at the level of bytes: for requests and responses that no HTTP library would send.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::process::PATIENCE;

/// A connection whose bytes the test writes and reads itself.
#[derive(Debug)]
pub struct Wire {
    stream: BufReader<TcpStream>,
}

/// A response read from a [`Wire`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAnswer {
    /// Its status.
    pub status: u16,
    /// Names in lower case and values, in order.
    pub headers: Vec<(String, String)>,
    /// What came of its body.
    pub body: Vec<u8>,
    /// Whether all of its body came, as its framing says.
    pub complete: bool,
}

impl RawAnswer {
    /// The values of a header, in order.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Wire {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Self {
        Self::of(TcpStream::connect(address).await.expect("a connection"))
    }

    /// Takes a connection, such as one of a [`crate::RawOrigin`].
    pub fn of(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("a connected socket");
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Writes bytes. That the other side is gone is seen when reading.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let sent = self.stream.get_mut().write_all(bytes.as_ref());
        let _ = patiently("the bytes to be taken", sent).await;
    }

    /// Writes one chunk of a chunked body; an empty one ends it.
    pub async fn send_chunk(&mut self, bytes: &[u8]) {
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
        self.send(chunk).await;
    }

    /// Reads a head, of a request or a response; what came of it where the connection ended before.
    pub async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match patiently("a head", self.stream.read_until(b'\n', &mut head)).await {
                Ok(1..) => {}
                _ => break,
            }
        }
        String::from_utf8_lossy(&head).into_owned()
    }

    /// Reads that many bytes; fewer where the connection ended before.
    pub async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        let mut read = 0;
        while read < count {
            match patiently("bytes", self.stream.read(&mut bytes[read..])).await {
                Ok(more @ 1..) => read += more,
                _ => break,
            }
        }
        bytes.truncate(read);
        bytes
    }

    /// Reads one chunk of a chunked body: empty at its end, nothing where the connection ended.
    pub async fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let _ = patiently("a chunk", self.stream.read_until(b'\n', &mut line)).await;
        let size = std::str::from_utf8(&line).ok()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        let mut chunk = self.bytes(size + 2).await;
        (chunk.len() == size + 2).then(|| {
            chunk.truncate(size);
            chunk
        })
    }

    /// Reads until the other side closes or resets the connection.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = patiently("the end", self.stream.read_to_end(&mut rest)).await;
        rest
    }

    /// Reads a response, its body by its framing.
    pub async fn answer(&mut self) -> RawAnswer {
        self.answer_to("GET").await
    }

    /// Reads the response to a request of that method: one to HEAD has no body.
    pub async fn answer_to(&mut self, method: &str) -> RawAnswer {
        let head = self.head().await;
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no head of a response: {head:?}"));
        let fields = lines.filter_map(|line| line.split_once(':'));
        let headers: Vec<(String, String)> = fields
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let mut answer = RawAnswer {
            status,
            headers,
            body: Vec::new(),
            complete: true,
        };
        if method == "HEAD" || matches!(status, 100..=199 | 204 | 304) {
            return answer;
        }
        if answer.values("transfer-encoding") == ["chunked"] {
            loop {
                match self.chunk().await {
                    Some(chunk) if chunk.is_empty() => break,
                    Some(chunk) => answer.body.extend(chunk),
                    None => {
                        answer.complete = false;
                        break;
                    }
                }
            }
        } else if let Some(length) = answer.values("content-length").first() {
            let length = length.parse().expect("a length");
            answer.body = self.bytes(length).await;
            answer.complete = answer.body.len() == length;
        } else {
            answer.body = self.rest().await;
        }
        answer
    }

    /// Sends a request and reads its response.
    pub async fn exchange(&mut self, request: &str) -> RawAnswer {
        self.send(request).await;
        let method = request.split(' ').next().unwrap_or_default();
        self.answer_to(method).await
    }
}

async fn patiently<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited too long for {what}"),
    }
}
