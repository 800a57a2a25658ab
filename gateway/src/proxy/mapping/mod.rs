//! Stations 8 and 10: the integration request and the integration response.

mod aws;
pub mod body;
pub mod request;
pub mod response;
pub mod source;
mod target;
pub mod template;
