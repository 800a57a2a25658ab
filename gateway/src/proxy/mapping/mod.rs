//! Stations 8 and 10: the integration request and the integration response.

mod answered;
mod as_sent;
mod aws;
pub mod body;
mod contract;
pub mod event;
mod prelude;
pub mod request;
pub mod response;
pub mod source;
mod target;
pub mod template;
