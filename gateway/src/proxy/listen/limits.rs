//! What a listener allows its clients, ready to be looked at.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::config::ListenerLimitsConfig;
use crate::proxy::patience::Pace;

/// The longest time between two looks at a connection.
const LOOK: Duration = Duration::from_secs(5);
/// Looks in the shortest of the limits.
const LOOKS: u32 = 4;

/// The limits of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest time for the head of a request.
    pub head: Duration,
    /// The longest time without a request.
    pub idle: Duration,
    /// How slowly the body of a request may come.
    pub body: Pace,
    /// How slowly a response may be taken.
    pub write: Pace,
    /// The longest life.
    pub age: Option<Duration>,
    /// Requests of a connection.
    pub requests: Option<NonZeroU32>,
    /// Connections of one address.
    pub of_address: u32,
    /// Requests at once on a connection of HTTP/2.
    pub streams: u32,
}

impl Limits {
    /// Those that a listener's table has.
    pub fn of(config: &ListenerLimitsConfig) -> Self {
        let rate = NonZeroU32::new(config.min_rate);
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let pace = |most| Pace {
            most: seconds(most),
            rate,
        };
        Self {
            head: seconds(config.header_timeout_s),
            idle: seconds(config.idle_timeout_s),
            body: pace(config.body_timeout_s),
            write: pace(config.write_timeout_s),
            age: NonZeroU32::new(config.max_connection_age_s).map(|age| seconds(age.get())),
            requests: config.max_requests_per_connection.and_then(NonZeroU32::new),
            of_address: config.max_connections_per_address,
            streams: config.max_streams,
        }
    }

    /// How often a connection is looked at. What has taken longer than its limit is seen one such time later at the most, two
    /// where it must be seen to begin.
    pub fn look(&self) -> Duration {
        let shortest = self.head.min(self.idle).min(self.write.most);
        (shortest / LOOKS).min(LOOK)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(&ListenerLimitsConfig::default())
    }
}
