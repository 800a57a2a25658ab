//! Counts that all instances of the plugin share, in the memory of the gateway's process.
//!
//! With the feature `counter`. A plugin that calls this imports the capability `portcullis:plugin/counter`, which its
//! configuration must grant. Without a gateway, as in tests, each thread has counts of its own, and a clock that stands
//! still until [`testing::advance`] moves it.
//!
//! ```
//! use portcullis_plugin::counter;
//!
//! // At most two requests a minute of one caller.
//! let calls = |caller: &str| counter::increment(caller, 1, 60);
//! assert_eq!(calls("10.0.0.1"), Ok(1));
//! assert_eq!(calls("10.0.0.1"), Ok(2));
//! assert_eq!(calls("10.0.0.2"), Ok(1));
//! ```
//!
//! [`testing::advance`]: crate::testing::advance

use std::fmt;

/// Why nothing was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterError {
    /// The key is longer than 256 bytes.
    KeyTooLong,
    /// 0 seconds, or more than a day.
    BadTimeToLive,
}

impl fmt::Display for CounterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyTooLong => "the key is longer than 256 bytes",
            Self::BadTimeToLive => "a count is kept for 1 to 86,400 seconds",
        })
    }
}

impl std::error::Error for CounterError {}

/// Adds to a key's count, and says what it is then. A key that is new, or whose time is over, begins at 0 and counts for so
/// many seconds from now; later calls do not lengthen that time.
///
/// Counts are bounded: at most 65,536 keys and 8 MiB of them, and where there are more the oldest are forgotten.
///
/// # Errors
///
/// A key that is too long, a time that is none.
pub fn increment(key: &str, by: u32, ttl_seconds: u32) -> Result<u64, CounterError> {
    if key.len() > 256 {
        return Err(CounterError::KeyTooLong);
    }
    if ttl_seconds == 0 || ttl_seconds > 86_400 {
        return Err(CounterError::BadTimeToLive);
    }
    counted(key, by, ttl_seconds)
}

#[cfg(target_family = "wasm")]
fn counted(key: &str, by: u32, ttl_seconds: u32) -> Result<u64, CounterError> {
    crate::bindings::increment(key, by, ttl_seconds)
}

#[cfg(not(target_family = "wasm"))]
#[allow(clippy::unnecessary_wraps, reason = "a gateway may refuse")]
fn counted(key: &str, by: u32, ttl_seconds: u32) -> Result<u64, CounterError> {
    Ok(crate::testing::increment(key, by, ttl_seconds))
}
