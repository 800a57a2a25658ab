//! Bytes of bodies that are held whole, all requests together: bounded, whatever arrives.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;

use super::body::BodyError;
use crate::config::OverloadConfig;

/// Bytes of a body that do not count: the number of requests bounds those.
const FREE: u64 = 16 * 1024;

/// How much is held, and how much may be.
#[derive(Debug)]
pub struct Buffered {
    held: AtomicU64,
    most: AtomicU64,
}

impl Default for Buffered {
    fn default() -> Self {
        Self {
            held: AtomicU64::new(0),
            most: AtomicU64::new(OverloadConfig::default().max_buffered_bytes),
        }
    }
}

impl Buffered {
    /// Follows the configuration.
    pub fn set(&self, config: &OverloadConfig) {
        self.most.store(config.max_buffered_bytes, Relaxed);
    }

    /// Bytes held now.
    pub fn held(&self) -> u64 {
        self.held.load(Relaxed)
    }

    /// Begins to hold a body.
    pub fn hold(self: &Arc<Self>) -> Holding {
        Holding {
            of: self.clone(),
            bytes: 0,
            counted: 0,
        }
    }
}

/// A body that is held.
#[derive(Debug)]
pub struct Holding {
    of: Arc<Buffered>,
    bytes: u64,
    counted: u64,
}

impl Holding {
    /// More of it has come.
    ///
    /// # Errors
    ///
    /// It is more than may be held now.
    pub fn grow(&mut self, bytes: usize) -> Result<(), BodyError> {
        self.bytes += bytes as u64;
        if self.bytes <= FREE {
            return Ok(());
        }
        let more = self.bytes - self.counted;
        self.counted = self.bytes;
        let held = self.of.held.fetch_add(more, Relaxed) + more;
        match held <= self.of.most.load(Relaxed) {
            true => Ok(()),
            false => Err(BodyError::Overloaded),
        }
    }

    /// The body, which is held until the last part of it is dropped.
    pub fn keep(self, body: Bytes) -> Bytes {
        match self.counted {
            0 => body,
            _ => Bytes::from_owner(Held { body, _holding: self }),
        }
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        if self.counted > 0 {
            self.of.held.fetch_sub(self.counted, Relaxed);
        }
    }
}

struct Held {
    body: Bytes,
    _holding: Holding,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_counts_until_its_last_part_is_dropped() {
        let buffered = Arc::new(Buffered::default());
        let mut holding = buffered.hold();
        for _ in 0..4 {
            holding.grow(10_000).expect("room");
        }
        let body = holding.keep(Bytes::from(vec![7; 40_000]));
        assert_eq!(buffered.held(), 40_000);
        let part = body.slice(5..10);
        drop(body);
        assert_eq!((buffered.held(), &part[..]), (40_000, &[7; 5][..]));
        drop(part);
        assert_eq!(buffered.held(), 0);
    }

    #[test]
    fn what_is_small_does_not_count_and_what_is_too_much_is_refused() {
        let buffered = Arc::new(Buffered::default());
        buffered.set(&OverloadConfig {
            max_buffered_bytes: 50_000,
            ..OverloadConfig::default()
        });
        let mut small = buffered.hold();
        small.grow(16 * 1024).expect("room");
        assert_eq!(buffered.held(), 0);
        let (mut one, mut two) = (buffered.hold(), buffered.hold());
        one.grow(40_000).expect("room");
        assert!(matches!(two.grow(20_000), Err(BodyError::Overloaded)));
        drop(two);
        assert_eq!(buffered.held(), 40_000);
        drop(one);
        assert_eq!(buffered.held(), 0);
    }
}
