//! What answers in the place of the stations, where a node is a point of presence.

use std::fmt::{Debug, Error};
use std::pin::Pin;

use http::Response;
use prometheus_client::encoding::DescriptorEncoder;

use super::call::Call;
use super::exchange::{Exchange, ExchangeBody};

/// A point of presence: it has no stages, and forwards what its listeners read.
pub trait Presence: Debug + Send + Sync {
    /// Answers a request.
    fn answer(
        &self,
        exchange: Box<Exchange>,
        call: Call,
    ) -> Pin<Box<dyn Future<Output = Response<ExchangeBody>> + Send + '_>>;

    /// Whether there is somebody to forward to.
    fn is_ready(&self) -> bool;

    /// Writes its metrics.
    ///
    /// # Errors
    ///
    /// They cannot be written.
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error>;
}
