//! A meter of HTTP/2: it sees the heads of all frames of a connection, of both directions, before h2 does. What h2 allows
//! without end it ends (RFC 9113, section 10.5), and it knows which streams wait for their client.
//!
//! h2 itself bounds streams, the size of headers and of frames, streams that were reset before they were looked at, and small
//! `DATA` frames.

mod budget;
mod frames;
#[cfg(test)]
mod tests;
mod together;

use std::collections::BTreeMap;
use std::time::Duration;

pub(super) use self::together::together;

use self::budget::Budget;
use self::frames::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, Frames, HEADERS, Head, PING, PRIORITY, PUSH_PROMISE,
    RST_STREAM, SETTINGS, Seen, WINDOW_UPDATE,
};
use crate::proxy::listen::Abuse;
use crate::proxy::patience::{Pace, Patience};

/// What a connection of HTTP/2 begins with (RFC 9113, section 3.4).
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// `CONTINUATION` frames of one block of headers, which may have 32 KiB after all.
const CONTINUATIONS: u32 = 32;
/// Bytes of one block of headers, as they are sent.
const BLOCK_LIMIT: u32 = 256 * 1024;
/// Streams at once, those among them that are refused before the client has heard of the limit.
const STREAMS: usize = 1_024;
/// Windows before anything is said of them (RFC 9113, section 6.9.2).
const WINDOW: i64 = 65_535;
const SETTINGS_INITIAL_WINDOW_SIZE: [u8; 2] = [0, 4];

/// The meter of a connection.
#[derive(Debug)]
pub struct Meter {
    from_client: Frames,
    to_client: Frames,
    sums: Sums,
    looked: Looked,
}

/// What is known of the connection by its frames.
#[derive(Debug)]
struct Sums {
    budget: Budget,
    /// The block of headers that has begun and not ended: its frames after the first, and its bytes.
    block: Option<(u32, u32)>,
    frames: u64,
    /// Ordered: there are few, and no client can choose them badly.
    streams: BTreeMap<u32, Stream>,
    /// Streams that have begun or ended.
    turns: u64,
    last: u32,
    window: i64,
    initial_window: i64,
    pace: Pace,
}

/// A stream whose response has not ended.
#[derive(Debug)]
struct Stream {
    window: i64,
    /// Whether the head of its response has left.
    is_answered: bool,
    taken: u64,
    patience: Patience,
}

/// What there was at the last look.
#[derive(Debug, Default)]
struct Looked {
    frames: u64,
    unfinished: Duration,
}

/// What a look tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// For how long the client has not ended the frame, or the block of headers, that it began. (`DATA` is a body's matter.)
    pub unfinished: Duration,
    /// Whether a response waits for its window and patience is over.
    pub is_stalled: bool,
    /// Streams whose responses have not ended.
    pub streams: usize,
    /// Another number as soon as a stream begins or ends.
    pub turns: u64,
}

impl Meter {
    /// A connection whose preface has come; of its clients `pace` says how slowly they may take responses.
    pub fn new(pace: Pace) -> Self {
        Self {
            from_client: Frames::default(),
            to_client: Frames::default(),
            sums: Sums {
                budget: Budget::new(),
                block: None,
                frames: 0,
                streams: BTreeMap::new(),
                turns: 0,
                last: 0,
                window: WINDOW,
                initial_window: WINDOW,
                pace,
            },
            looked: Looked::default(),
        }
    }

    /// The client's next bytes.
    ///
    /// # Errors
    ///
    /// They are too much of something: the connection is to be cut.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), Abuse> {
        let sums = &mut self.sums;
        self.from_client.pass(bytes, |seen| sums.read(seen))
    }

    /// The next bytes to the client.
    ///
    /// # Errors
    ///
    /// The client has had too many streams refused.
    pub fn written(&mut self, bytes: &[u8]) -> Result<(), Abuse> {
        let sums = &mut self.sums;
        self.to_client.pass(bytes, |seen| sums.written(seen))
    }

    /// A `GOAWAY` that tells why (RFC 9113, section 6.8), where one can stand now: behind a frame.
    pub fn goodbye(&self, why: Abuse) -> Option<[u8; 17]> {
        let [l3, l2, l1, l0] = self.sums.last.to_be_bytes();
        let free = self.to_client.unfinished().is_none();
        free.then_some([0, 0, 8, 7, 0, 0, 0, 0, 0, l3, l2, l1, l0, 0, 0, 0, why.code()])
    }

    /// Time has passed since the last look.
    pub fn look(&mut self, passed: Duration) -> Look {
        let sums = &mut self.sums;
        sums.budget.passed(passed);
        let mut is_stalled = false;
        for stream in sums.streams.values_mut() {
            let waits = stream.is_answered && (stream.window <= 0 || sums.window <= 0);
            let waited = if waits { passed } else { Duration::ZERO };
            stream.patience.passed(waited, std::mem::take(&mut stream.taken));
            is_stalled |= waits && stream.patience.is_over();
        }
        let begun = self.from_client.unfinished();
        let unfinished = sums.block.is_some() || begun.is_some_and(|kind| kind != Some(DATA));
        self.looked.unfinished = match unfinished && self.looked.frames == sums.frames {
            true => self.looked.unfinished + passed,
            // A block of headers is one thing, however many frames it has.
            false if sums.block.is_some() => self.looked.unfinished + passed,
            false => Duration::ZERO,
        };
        self.looked.frames = sums.frames;
        Look {
            unfinished: self.looked.unfinished,
            is_stalled,
            streams: sums.streams.len(),
            turns: sums.turns,
        }
    }
}

impl Sums {
    fn read(&mut self, seen: Seen) -> Result<(), Abuse> {
        match seen {
            Seen::Frame(head) => {
                if self.frames == 0 && (head.kind != SETTINGS || head.has(ACK)) {
                    return Err(Abuse::NoSettings);
                }
                self.frames += 1;
                self.frame(head)
            }
            Seen::Entry(head, entry) => {
                self.entry(head, entry);
                Ok(())
            }
        }
    }

    fn frame(&mut self, head: Head) -> Result<(), Abuse> {
        let empty = head.length == 0;
        match head.kind {
            DATA if empty && !head.has(END_STREAM) => self.budget.spend(Abuse::EmptyData),
            DATA => Ok(()),
            HEADERS => self.headers(head),
            CONTINUATION => self.continuation(head),
            PRIORITY => self.budget.spend(Abuse::Priority),
            RST_STREAM => {
                self.end(head.stream);
                self.budget.spend(Abuse::Reset)
            }
            SETTINGS => self.budget.spend(Abuse::Settings),
            // What answers a ping of ours is h2's matter, and it asks seldom: too many are as bad as pings.
            PING => self.budget.spend(Abuse::Ping),
            WINDOW_UPDATE => self.budget.spend(Abuse::WindowUpdate),
            // h2 ends the connection.
            PUSH_PROMISE => Ok(()),
            _ => self.budget.spend(Abuse::Unknown),
        }
    }

    fn headers(&mut self, head: Head) -> Result<(), Abuse> {
        if !head.has(END_HEADERS) {
            self.block = Some((0, head.length));
            if head.length == 0 {
                self.budget.spend(Abuse::EmptyHeaders)?;
            }
        }
        // Trailers begin no stream.
        if head.stream <= self.last {
            return Ok(());
        }
        self.last = head.stream;
        self.turns += 1;
        for (abuse, frames) in [
            (Abuse::Priority, 2),
            (Abuse::WindowUpdate, 2),
            (Abuse::Unknown, 1),
        ] {
            self.budget.earn(abuse, frames);
        }
        let stream = Stream {
            window: self.initial_window,
            is_answered: false,
            taken: 0,
            patience: Patience::new(self.pace),
        };
        self.streams.insert(head.stream, stream);
        match self.streams.len() > STREAMS {
            true => Err(Abuse::Streams),
            false => Ok(()),
        }
    }

    fn continuation(&mut self, head: Head) -> Result<(), Abuse> {
        // h2 ends the connection where there is no block.
        let Some((frames, bytes)) = &mut self.block else {
            return Ok(());
        };
        *frames += 1;
        *bytes = bytes.saturating_add(head.length);
        if *frames > CONTINUATIONS || *bytes > BLOCK_LIMIT {
            return Err(Abuse::Continuation);
        }
        if head.has(END_HEADERS) {
            self.block = None;
        } else if head.length == 0 {
            return self.budget.spend(Abuse::EmptyHeaders);
        }
        Ok(())
    }

    fn entry(&mut self, head: Head, entry: [u8; 6]) {
        let [a, b, c, d, e, f] = entry;
        match head.kind {
            SETTINGS if [a, b] == SETTINGS_INITIAL_WINDOW_SIZE && !head.has(ACK) => {
                let window = i64::from(u32::from_be_bytes([c, d, e, f]));
                for stream in self.streams.values_mut() {
                    stream.window += window - self.initial_window;
                }
                self.initial_window = window;
            }
            WINDOW_UPDATE => {
                let more = i64::from(u32::from_be_bytes([a & 0x7f, b, c, d]));
                match self.streams.get_mut(&head.stream) {
                    Some(stream) => stream.window += more,
                    None if head.stream == 0 => self.window += more,
                    None => {}
                }
            }
            _ => {}
        }
    }

    fn written(&mut self, seen: Seen) -> Result<(), Abuse> {
        match seen {
            Seen::Frame(head) => {
                match head.kind {
                    DATA => self.sent(head),
                    HEADERS => {
                        if let Some(stream) = self.streams.get_mut(&head.stream) {
                            stream.is_answered = true;
                        }
                    }
                    _ => {}
                }
                if matches!(head.kind, DATA | HEADERS) && head.has(END_STREAM) {
                    self.end(head.stream);
                    self.budget.earn(Abuse::Reset, 1);
                    self.budget.earn(Abuse::LocalReset, 1);
                }
                Ok(())
            }
            Seen::Entry(head, [a, b, c, d, ..]) if head.kind == RST_STREAM => {
                self.end(head.stream);
                match is_fault(u32::from_be_bytes([a, b, c, d])) {
                    true => self.budget.spend(Abuse::LocalReset),
                    false => Ok(()),
                }
            }
            Seen::Entry(..) => Ok(()),
        }
    }

    fn sent(&mut self, head: Head) {
        let bytes = i64::from(head.length);
        self.window -= bytes;
        if let Some(stream) = self.streams.get_mut(&head.stream) {
            stream.window -= bytes;
            stream.taken += u64::from(head.length);
        }
        // gRPC's clients ping while data comes, and every piece may give two windows back.
        self.budget.earn(Abuse::Ping, 1);
        self.budget.earn(Abuse::WindowUpdate, 2);
    }

    fn end(&mut self, stream: u32) {
        if self.streams.remove(&stream).is_some() {
            self.turns += 1;
        }
    }
}

/// Whether a stream was reset for what its client did (CVE-2025-8671, "made you reset"): not for no error, an error of ours, or
/// since it is of no use any more (RFC 9113, section 7).
fn is_fault(code: u32) -> bool {
    const NO_ERROR: u32 = 0;
    const INTERNAL_ERROR: u32 = 2;
    const CANCEL: u32 = 8;
    !matches!(code, NO_ERROR | INTERNAL_ERROR | CANCEL)
}
