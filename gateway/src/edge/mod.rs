//! A point of presence: it answers near the client, and keeps warm connections to the regions that have the APIs.
//!
//! It is a [`Gateway`](crate::proxy::Gateway) without stages, so that its listeners are those of every node, with all that
//! guards them. What answers in the place of the stations is [`Edge`].

mod cache;
mod choice;
mod config;
mod connection;
mod country;
mod device;
mod forward;
mod headers;
mod listeners;
mod load;
mod metrics;
mod node;
mod refusal;
mod region;
mod settings;

pub use config::{EdgeCacheConfig, EdgeConfig, EdgeControlConfig, EdgeListenerConfig, RegionConfig, schema};
pub use load::{Loaded, load};
pub use node::{EdgeNode, Reading};

use std::fmt::Error;
use std::pin::Pin;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::Response;
use prometheus_client::encoding::DescriptorEncoder;

use crate::proxy::presence::Presence;
use crate::proxy::{Call, Exchange, exchange::ExchangeBody};
use metrics::EdgeMetrics;
use settings::Settings;

/// What answers the requests of a point of presence.
#[derive(Debug)]
pub(crate) struct Edge {
    settings: ArcSwap<Settings>,
    metrics: EdgeMetrics,
}

impl Presence for Edge {
    fn answer(
        &self,
        exchange: Box<Exchange>,
        call: Call,
    ) -> Pin<Box<dyn Future<Output = Response<ExchangeBody>> + Send + '_>> {
        Box::pin(forward::answer(self, exchange, call))
    }

    fn is_ready(&self) -> bool {
        self.settings.load().regions.is_any_up()
    }

    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let settings: Arc<Settings> = self.settings.load_full();
        self.metrics.encode(encoder, &settings)
    }
}
