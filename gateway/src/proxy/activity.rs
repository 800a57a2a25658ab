//! What happens on a connection, for the one who watches it: one timer a connection looks now and then, where timers of each
//! request would cost every request.

use std::sync::OnceLock;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};

use parking_lot::Mutex;

use super::listen::Meter;

/// Counts of a connection. Whoever watches it and whoever serves it are one task: nobody waits for another here.
#[derive(Debug, Default)]
pub struct Activity {
    in_flight: AtomicU32,
    requests: AtomicU32,
    taken: AtomicU32,
    answered: AtomicU32,
    read: AtomicU64,
    written: AtomicU64,
    is_blocked: AtomicBool,
    http2: OnceLock<Box<Mutex<Meter>>>,
}

/// The counts at one time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests whose response has not left.
    pub in_flight: u32,
    /// Requests that have begun; it wraps around.
    pub requests: u32,
    /// Bytes that the client sent.
    pub read: u64,
    /// Bytes that it, or its socket, took.
    pub written: u64,
    /// Whether there are bytes that it does not take.
    pub is_blocked: bool,
}

impl Activity {
    /// A request begins; it ends with [`ended`](Self::ended).
    pub fn begun(&self) {
        self.in_flight.fetch_add(1, Relaxed);
        self.requests.fetch_add(1, Relaxed);
    }

    /// A request has ended.
    pub fn ended(&self) {
        self.in_flight.fetch_sub(1, Relaxed);
    }

    /// hyper has passed a request on.
    pub fn taken_one(&self) {
        self.taken.fetch_add(1, Relaxed);
    }

    /// How many requests hyper has passed on.
    pub fn taken(&self) -> u32 {
        self.taken.load(Relaxed)
    }

    /// hyper has a response to its last byte.
    pub fn answered_one(&self) {
        self.answered.fetch_add(1, Relaxed);
    }

    /// How many responses hyper has had.
    pub fn answered(&self) -> u32 {
        self.answered.load(Relaxed)
    }

    /// The client sent bytes.
    pub fn read(&self, bytes: usize) {
        self.read.fetch_add(bytes as u64, Relaxed);
    }

    /// The client took bytes.
    pub fn written(&self, bytes: usize) {
        self.written.fetch_add(bytes as u64, Relaxed);
    }

    /// Whether there are bytes that the client does not take.
    pub fn set_blocked(&self, blocked: bool) {
        self.is_blocked.store(blocked, Relaxed);
    }

    /// The counts now.
    pub fn counts(&self) -> Counts {
        Counts {
            in_flight: self.in_flight.load(Relaxed),
            requests: self.requests.load(Relaxed),
            read: self.read.load(Relaxed),
            written: self.written.load(Relaxed),
            is_blocked: self.is_blocked.load(Relaxed),
        }
    }

    /// The connection turned out to be one of HTTP/2.
    pub fn speaks_http2(&self, meter: Meter) -> &Mutex<Meter> {
        self.http2.get_or_init(|| Box::new(Mutex::new(meter)))
    }

    /// What its frames tell, where it is one of HTTP/2.
    pub fn http2(&self) -> Option<&Mutex<Meter>> {
        self.http2.get().map(|meter| &**meter)
    }
}
