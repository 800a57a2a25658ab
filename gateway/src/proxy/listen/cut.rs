//! Why connections are ended by this side.

/// What clients of HTTP/2 must not do: frames of which there were too many, mostly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Abuse {
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
    /// No settings behind the preface (RFC 9113, section 3.4).
    NoSettings,
}

impl Abuse {
    /// How many there are.
    pub const COUNT: usize = 12;
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
        Self::NoSettings,
    ];

    /// What the client is told it is: `PROTOCOL_ERROR` or `ENHANCE_YOUR_CALM` (RFC 9113, section 7).
    pub(super) fn code(self) -> u8 {
        match self {
            Self::NoSettings => 1,
            _ => 11,
        }
    }

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
            Self::NoSettings => "no_settings",
        }
    }
}

impl std::fmt::Display for Abuse {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "HTTP/2 is abused: {}", self.name())
    }
}

impl std::error::Error for Abuse {}

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
    /// It does not begin with the header of the PROXY protocol, or comes from elsewhere.
    Proxied,
    /// HTTP/2 was abused.
    Abuse(Abuse),
}

impl Cut {
    /// How many reasons there are.
    pub const COUNT: usize = 7 + Abuse::COUNT;

    /// All reasons, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [
            Self::Idle,
            Self::Head,
            Self::Write,
            Self::Age,
            Self::Requests,
            Self::Address,
            Self::Proxied,
        ];
        plain.into_iter().chain(Abuse::ALL.map(Self::Abuse))
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
            Self::Proxied => 6,
            Self::Abuse(abuse) => 7 + abuse as usize,
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
            Self::Proxied => "proxy_protocol",
            Self::Abuse(abuse) => abuse.name(),
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
