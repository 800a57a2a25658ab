//! What a guest prints and logs: line by line into the gateway's log, under the plugin's name, and never without bound.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::io::AsyncWrite;
use tracing::Level;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamResult},
};

/// A longer line is cut.
const LINE_BYTES: usize = 2048;
/// What one call may write, its streams and its log together. The rest is counted and dropped.
const CALL_BYTES: usize = 32 << 10;

/// The streams and the log of one instance.
#[derive(Debug)]
pub(crate) struct Output {
    plugin: Arc<str>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    request: String,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    written: usize,
    dropped: usize,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

impl Output {
    pub(crate) fn new(plugin: Arc<str>) -> Self {
        Self {
            plugin,
            state: Mutex::default(),
        }
    }

    pub(crate) fn begin_call(&self, request: &str) {
        let mut state = self.state.lock();
        state.request.clear();
        state.request.push_str(request);
        state.written = 0;
    }

    /// Writes out unfinished lines, and says how much was dropped.
    pub(crate) fn end_call(&self) {
        let mut state = self.state.lock();
        for stream in [Stream::Stdout, Stream::Stderr] {
            let line = std::mem::take(state.buffer(stream));
            if !line.is_empty() {
                self.print(&state.request, stream, &line);
            }
        }
        let dropped = std::mem::take(&mut state.dropped);
        if dropped > 0 {
            let (plugin, request_id) = (&*self.plugin, state.request.as_str());
            tracing::warn!(
                plugin,
                request_id,
                dropped_bytes = dropped,
                "the plugin wrote too much in one call"
            );
        }
    }

    /// One line of the `log` capability.
    pub(crate) fn log(&self, level: Level, message: &str) {
        let mut state = self.state.lock();
        if state.admit(message.len()) < message.len() {
            return;
        }
        let message = clean(message.as_bytes());
        let (plugin, request_id) = (&*self.plugin, state.request.as_str());
        match level {
            Level::ERROR => tracing::error!(plugin, request_id, "{message}"),
            Level::WARN => tracing::warn!(plugin, request_id, "{message}"),
            Level::INFO => tracing::info!(plugin, request_id, "{message}"),
            _ => tracing::debug!(plugin, request_id, "{message}"),
        }
    }

    fn write(&self, stream: Stream, bytes: &[u8]) {
        let mut state = self.state.lock();
        let admitted = state.admit(bytes.len());
        for part in bytes
            .get(..admitted)
            .unwrap_or_default()
            .split_inclusive(|byte| *byte == b'\n')
        {
            let buffer = state.buffer(stream);
            let room = LINE_BYTES.saturating_sub(buffer.len());
            buffer.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            if part.ends_with(b"\n") {
                let line = std::mem::take(buffer);
                self.print(&state.request, stream, &line);
            }
        }
    }

    fn print(&self, request_id: &str, stream: Stream, line: &[u8]) {
        let (plugin, line) = (&*self.plugin, clean(line));
        if line.is_empty() {
            return;
        }
        match stream {
            Stream::Stdout => tracing::info!(plugin, request_id, stream = "stdout", "{line}"),
            Stream::Stderr => tracing::warn!(plugin, request_id, stream = "stderr", "{line}"),
        }
    }
}

impl State {
    fn buffer(&mut self, stream: Stream) -> &mut Vec<u8> {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    /// How many of so many bytes the call may still write; the others count as dropped.
    fn admit(&mut self, bytes: usize) -> usize {
        let admitted = bytes.min(CALL_BYTES.saturating_sub(self.written));
        self.written += admitted;
        self.dropped += bytes - admitted;
        admitted
    }
}

/// As text of one line: no control characters, which could forge lines or drive a terminal.
fn clean(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line.get(..line.len().min(LINE_BYTES)).unwrap_or_default());
    text.trim_end()
        .chars()
        .map(|c| {
            if c.is_control() && c != '\t' {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// One of the two standard streams, as WASI wants it.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    pub(crate) output: Arc<Output>,
    pub(crate) stream: Stream,
}

impl IsTerminal for Printer {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Printer {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        // Only WASI 0.3 asks for it, which no plugin can import.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Printer {
    async fn ready(&mut self) {}
}

impl OutputStream for Printer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.output.write(self.stream, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CALL_BYTES)
    }
}

#[cfg(test)]
mod tests;
