//! Why connections are ended by this side.

/// Frames of HTTP/2 of which there were too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Flood {
    Settings,
    Ping,
    /// Streams that the client reset (CVE-2023-44487, "rapid reset").
    Reset,
    /// Streams that had to be reset for what the client did (CVE-2025-8671, "made you reset").
    LocalReset,
    EmptyData,
    EmptyHeaders,
    Priority,
    WindowUpdate,
    /// Frames of kinds that nobody knows.
    Unknown,
    /// Of one block of headers.
    Continuation,
    /// At once.
    Streams,
}

impl Flood {
    /// How many there are.
    pub const COUNT: usize = 11;
    /// All of them, in their order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Settings,
        Self::Ping,
        Self::Reset,
        Self::LocalReset,
        Self::EmptyData,
        Self::EmptyHeaders,
        Self::Priority,
        Self::WindowUpdate,
        Self::Unknown,
        Self::Continuation,
        Self::Streams,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Ping => "ping",
            Self::Reset => "reset",
            Self::LocalReset => "local_reset",
            Self::EmptyData => "empty_data",
            Self::EmptyHeaders => "empty_headers",
            Self::Priority => "priority",
            Self::WindowUpdate => "window_update",
            Self::Unknown => "unknown_frame",
            Self::Continuation => "continuation",
            Self::Streams => "streams",
        }
    }
}

impl std::fmt::Display for Flood {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "too much of HTTP/2's frames: {}", self.name())
    }
}

impl std::error::Error for Flood {}

/// Why a connection is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Nothing was asked for too long.
    Idle,
    /// The head of a request took too long.
    Head,
    /// The client takes its responses too slowly.
    Write,
    /// It is old enough.
    Age,
    /// It has had its requests.
    Requests,
    /// Its address has too many.
    Address,
    /// A flood.
    Flood(Flood),
}

impl Cut {
    /// How many reasons there are.
    pub const COUNT: usize = 6 + Flood::COUNT;

    /// All reasons, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [
            Self::Idle,
            Self::Head,
            Self::Write,
            Self::Age,
            Self::Requests,
            Self::Address,
        ];
        plain.into_iter().chain(Flood::ALL.map(Self::Flood))
    }

    /// Its place in [`all`](Self::all).
    pub fn place(self) -> usize {
        match self {
            Self::Idle => 0,
            Self::Head => 1,
            Self::Write => 2,
            Self::Age => 3,
            Self::Requests => 4,
            Self::Address => 5,
            Self::Flood(flood) => 6 + flood as usize,
        }
    }

    /// What metrics and logs call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Head => "head",
            Self::Write => "slow_read",
            Self::Age => "age",
            Self::Requests => "requests",
            Self::Address => "address",
            Self::Flood(flood) => flood.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_place() {
        let places: Vec<usize> = Cut::all().map(Cut::place).collect();
        assert_eq!(places, (0..Cut::COUNT).collect::<Vec<_>>());
    }
}
