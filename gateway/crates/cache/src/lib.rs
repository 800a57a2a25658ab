//! Responses that are kept for their time to live: in memory first, on disk behind it.
//!
//! A [`Cache`] is one stage's: it has its own secret for keys, its own key for what is encrypted, and its own share of the
//! memory and of the [`Directory`] of a node. It knows neither HTTP nor a clock: whoever asks says what time it is.
//!
//! What memory has no room for any more goes to files that have no name: what a process leaves behind is nothing, so that
//! whoever starts finds no response of an earlier life.

#![deny(missing_docs)]

mod cache;
mod directory;
mod disk;
mod entry;
mod key;
mod memory;
mod record;
mod seal;
mod segment;
mod stats;

pub use cache::{Cache, Epoch, Found, LARGEST, Share};
pub use directory::{Directory, DirectoryError};
pub use entry::Times;
pub use key::{Key, KeyWriter};
pub use record::Record;
pub use stats::Stats;
