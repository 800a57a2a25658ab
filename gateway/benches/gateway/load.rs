//! Load over kept HTTP/1.1 connections, one thread each, one request at a time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A request without a body as bytes.
pub(crate) fn request(path: &str, headers: &[(String, String)]) -> Vec<u8> {
    format!("{}\r\n", head("GET", path, headers)).into_bytes()
}

/// A request with a body as bytes.
pub(crate) fn post(path: &str, headers: &[(String, String)], body: &str) -> Vec<u8> {
    with_body("POST", path, headers, body)
}

/// The same of another verb.
pub(crate) fn with_body(verb: &str, path: &str, headers: &[(String, String)], body: &str) -> Vec<u8> {
    let head = head(verb, path, headers);
    format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn head(verb: &str, path: &str, headers: &[(String, String)]) -> String {
    let mut text = format!("{verb} {path} HTTP/1.1\r\nhost: bench\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text
}

/// Headers as a browser sends them: `count` of them, some 40 bytes each.
pub(crate) fn headers(count: usize) -> Vec<(String, String)> {
    (0..count)
        .map(|index| {
            (
                format!("x-header-{index}"),
                format!("value {index} of a length that is usual"),
            )
        })
        .collect()
}

/// One kept connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_nodelay(true).expect("a socket");
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .expect("a socket");
        Self {
            stream,
            buffer: vec![0; 64 * 1024],
        }
    }

    /// One for responses of so many bytes.
    pub(crate) fn with_room(address: SocketAddr, bytes: usize) -> Self {
        Self {
            buffer: vec![0; bytes],
            ..Self::open(address)
        }
    }

    /// Sends a request and reads its response; gives the status.
    pub(crate) fn call(&mut self, request: &[u8]) -> u16 {
        self.exchange(request).0
    }

    /// The same, with the body.
    pub(crate) fn answer(&mut self, request: &[u8]) -> (u16, String) {
        let (status, end) = self.exchange(request);
        let answer = String::from_utf8_lossy(&self.buffer[..end]);
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, body.to_owned())
    }

    /// The status, and where the response ends in the buffer.
    fn exchange(&mut self, request: &[u8]) -> (u16, usize) {
        self.stream.write_all(request).expect("the server reads");
        let mut filled = 0;
        loop {
            let read = self
                .stream
                .read(&mut self.buffer[filled..])
                .expect("the server answers");
            assert!(read > 0, "the server closed the connection");
            filled += read;
            if let Some(end) = complete(&self.buffer[..filled]) {
                assert_eq!(end, filled, "one response at a time");
                let status = std::str::from_utf8(&self.buffer[9..12]).expect("a status");
                return (status.parse().expect("a status"), end);
            }
        }
    }
}

/// Where the response ends, if all of it is there.
fn complete(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).expect("an ASCII head");
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse::<usize>().expect("a length"));
    (bytes.len() >= head + length).then_some(head + length)
}

/// `count` requests over `connections`, and the status that all of them had.
pub(crate) fn run(address: SocketAddr, request: &[u8], connections: usize, count: usize, expected: u16) {
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut connection = Connection::open(address);
                for _ in 0..count / connections {
                    assert_eq!(connection.call(request), expected);
                }
            });
        }
    });
}

/// Requests over `connections` until stopped, with each one's latency in microseconds, and how many were not `expected`.
pub(crate) struct Background {
    stop: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<(Vec<u32>, usize)>>,
}

impl Background {
    /// Starts; `pause` between two requests of a connection.
    pub(crate) fn start(
        address: SocketAddr,
        request: &[u8],
        connections: usize,
        expected: &'static [u16],
        pause: Duration,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = (0..connections).map(|_| {
            let (stop, request) = (stop.clone(), request.to_vec());
            std::thread::spawn(move || {
                let mut connection = Connection::open(address);
                let (mut latencies, mut failed) = (Vec::new(), 0);
                while !stop.load(Ordering::Relaxed) {
                    let start = Instant::now();
                    failed += usize::from(!expected.contains(&connection.call(&request)));
                    latencies.push(start.elapsed().as_micros() as u32);
                    std::thread::sleep(pause);
                }
                (latencies, failed)
            })
        });
        Self {
            threads: threads.collect(),
            stop,
        }
    }

    /// Ends; latencies and how many failed.
    pub(crate) fn end(self) -> (Vec<u32>, usize) {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = (Vec::new(), 0);
        for thread in self.threads {
            let (latencies, failed) = thread.join().expect("a load thread");
            all.0.extend(latencies);
            all.1 += failed;
        }
        all
    }
}
