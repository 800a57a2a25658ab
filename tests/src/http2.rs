//! A client of HTTP/2 that writes its frames itself, right or wrong ones (RFC 9113, RFC 7541).

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH_PROMISE: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 0x1;
pub const ACK: u8 = 0x1;
pub const END_HEADERS: u8 = 0x4;
pub const PADDED: u8 = 0x8;
pub const PRIORITISED: u8 = 0x20;

/// The longest that something is waited for that will come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A frame with the length that it has.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a length");
    [head(length, kind, flags, stream), payload.to_vec()].concat()
}

/// The head of a frame of any length.
pub fn head(length: u32, kind: u8, flags: u8, stream: u32) -> Vec<u8> {
    let [_, a, b, c] = length.to_be_bytes();
    let mut bytes = vec![a, b, c, kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes
}

/// Fields, none of them indexed and none by Huffman's code (RFC 7541, section 6.2.2).
pub fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            length(&mut block, text.len());
            block.extend(text.as_bytes());
        }
    }
    block
}

/// An integer with a prefix of seven bits (RFC 7541, section 5.1).
fn length(block: &mut Vec<u8>, length: usize) {
    if length < 127 {
        block.push(u8::try_from(length).expect("a byte"));
        return;
    }
    block.push(127);
    let mut left = length - 127;
    while left >= 128 {
        block.push(u8::try_from(left % 128).expect("a byte") | 128);
        left /= 128;
    }
    block.push(u8::try_from(left).expect("a byte"));
}

/// The fields of a request, and some more.
pub fn request(method: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let pseudo = [
        (":method", method),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
    ];
    fields(&[&pseudo[..], more].concat())
}

/// `GET` of the path that is always answered, as one frame.
pub fn get(stream: u32) -> Vec<u8> {
    let block = request("GET", "/dev/ok", &[]);
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &block)
}

/// The head of a `POST` whose body is sent back, as one frame.
pub fn post(stream: u32, more: &[(&str, &str)]) -> Vec<u8> {
    let block = request("POST", "/dev/echo", more);
    frame(HEADERS, END_HEADERS, stream, &block)
}

/// What the other side does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Status(u32, u16),
    Data(u32, usize),
    Reset(u32, u32),
    GoAway(u32),
    Settings(Vec<(u16, u32)>),
    /// It is to be answered with the same.
    Ping([u8; 8]),
    Pong,
    Closed,
}

/// A connection.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
}

impl Peer {
    /// Connects and says nothing.
    pub async fn silent(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Self { stream }
    }

    /// Connects, with the preface and these settings.
    pub async fn with(address: SocketAddr, settings: &[u8]) -> Self {
        let mut peer = Self::silent(address).await;
        let hello = [PREFACE, &frame(SETTINGS, 0, 0, settings)].concat();
        assert!(peer.send(&hello).await, "a connection");
        peer
    }

    /// The same, without any.
    pub async fn greeted(address: SocketAddr) -> Self {
        Self::with(address, &[]).await
    }

    /// Sends bytes; false where the other side does not take them any more.
    pub async fn send(&mut self, bytes: &[u8]) -> bool {
        let sent = timeout(PATIENCE, self.stream.write_all(bytes)).await;
        sent.expect("the bytes are taken, or refused").is_ok()
    }

    /// The next thing that the other side does.
    pub async fn next(&mut self) -> Event {
        timeout(PATIENCE, self.read()).await.expect("something happens")
    }

    /// Both halves, to send and to read at once.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    async fn read(&mut self) -> Event {
        loop {
            let Some((head, payload)) = self.frame().await else {
                return Event::Closed;
            };
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            let word = |at: usize| {
                let bytes = payload.get(at..at + 4).expect("a word");
                u32::from_be_bytes(bytes.try_into().expect("four bytes"))
            };
            match head[3] {
                HEADERS => {
                    if let Some(status) = status(&payload) {
                        return Event::Status(stream, status);
                    }
                }
                DATA => return Event::Data(stream, payload.len()),
                RST_STREAM => return Event::Reset(stream, word(0)),
                GOAWAY => return Event::GoAway(word(4)),
                PING if head[4] & ACK == ACK => return Event::Pong,
                PING => return Event::Ping(payload.try_into().expect("eight bytes")),
                SETTINGS if head[4] & ACK == 0 => {
                    let entries = payload.chunks(6).map(|entry| {
                        let name = u16::from_be_bytes([entry[0], entry[1]]);
                        (name, u32::from_be_bytes([entry[2], entry[3], entry[4], entry[5]]))
                    });
                    return Event::Settings(entries.collect());
                }
                _ => {}
            }
        }
    }

    async fn frame(&mut self) -> Option<([u8; 9], Vec<u8>)> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).await.ok()?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        self.stream.read_exact(&mut payload).await.ok()?;
        Some((head, payload))
    }
}

/// The status, which is the first field of a response.
fn status(block: &[u8]) -> Option<u16> {
    // A change of the table's size may stand before it (RFC 7541, section 6.3).
    let block = match block.first()? & 0xe0 {
        0x20 => block.get(1..)?,
        _ => block,
    };
    // RFC 7541, appendix A.
    match *block.first()? {
        0x88 => Some(200),
        0x89 => Some(204),
        0x8a => Some(206),
        0x8b => Some(304),
        0x8c => Some(400),
        0x8d => Some(404),
        0x8e => Some(500),
        0x48 | 0x08 => {
            let length = block.get(1)?;
            let value = block.get(2..2 + usize::from(length & 0x7f))?;
            let text = match length & 0x80 {
                0 => String::from_utf8(value.to_vec()).ok()?,
                _ => digits(value),
            };
            text.parse().ok()
        }
        _ => None,
    }
}

/// Three digits in Huffman's code (RFC 7541, appendix B): 0 to 2 have five bits, the others six.
fn digits(bytes: &[u8]) -> String {
    let bits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    let mut at = 0;
    let mut take = |count: usize| {
        let value = bits[at..at + count].iter().fold(0, |value, bit| value << 1 | bit);
        at += count;
        value
    };
    let mut text = String::new();
    for _ in 0..3 {
        let five = take(5);
        let digit = if five < 3 {
            five
        } else {
            (five << 1 | take(1)) - 0b011_001 + 3
        };
        text.push(char::from(b'0' + digit));
    }
    text
}
