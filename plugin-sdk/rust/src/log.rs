//! Lines in the gateway's log, under the plugin's name, with the id of the request that is being handled.
//!
//! With the feature `log`. A plugin that calls these imports the capability `portcullis:plugin/log`, which its
//! configuration must grant. Without a gateway, as in tests, the lines go to standard error and to [`testing::logged`].
//!
//! ```
//! portcullis_plugin::log::warn("the key is about to expire");
//! ```
//!
//! [`testing::logged`]: crate::testing::logged

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For the plugin's author.
    Debug,
    /// Worth knowing.
    Info,
    /// Something may be wrong.
    Warn,
    /// Something is wrong.
    Error,
}

/// A line for the plugin's author.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message.as_ref());
}

/// A line worth knowing.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message.as_ref());
}

/// A line about what may be wrong.
pub fn warn(message: impl AsRef<str>) {
    write(Level::Warn, message.as_ref());
}

/// A line about what is wrong.
pub fn error(message: impl AsRef<str>) {
    write(Level::Error, message.as_ref());
}

#[cfg(target_family = "wasm")]
fn write(level: Level, message: &str) {
    crate::bindings::log(level, message);
}

#[cfg(not(target_family = "wasm"))]
fn write(level: Level, message: &str) {
    crate::testing::log(level, message);
}
