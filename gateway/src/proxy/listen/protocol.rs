//! Which protocol a connection's bytes are of, and so what looks at them before hyper does.

use portcullis_http1::{Breach, Checker, Limits};

/// The beginning of every HTTP/2 connection (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What looks at the bytes of a connection. What was agreed upon by ALPN does not count: hyper goes by the bytes, too.
#[derive(Debug)]
pub(super) enum Protocol {
    /// As many bytes as these are those of HTTP/2's preface.
    Undecided(u8),
    /// Messages of HTTP/1.
    Http1(Checker),
    /// Frames of HTTP/2.
    Http2,
}

impl Default for Protocol {
    fn default() -> Self {
        Self::Undecided(0)
    }
}

impl Protocol {
    /// Sees the bytes that came, in order, before hyper does.
    pub(super) fn see(&mut self, bytes: &[u8]) -> Result<(), Breach> {
        match self {
            Self::Undecided(matched) => {
                let matched = *matched;
                self.decide(matched, bytes)
            }
            Self::Http1(checker) => checker.feed(bytes),
            Self::Http2 => Ok(()),
        }
    }

    /// How many heads of HTTP/1 have passed.
    pub(super) fn heads(&self) -> u32 {
        match self {
            Self::Http1(checker) => checker.heads(),
            Self::Undecided(_) | Self::Http2 => 0,
        }
    }

    fn decide(&mut self, matched: u8, bytes: &[u8]) -> Result<(), Breach> {
        let (before, left) = PREFACE.split_at_checked(usize::from(matched)).unwrap_or_default();
        let same = left
            .iter()
            .zip(bytes)
            .take_while(|(one, other)| one == other)
            .count();
        if same == left.len() {
            *self = Self::Http2;
            return Ok(());
        }
        if same == bytes.len() {
            // A preface is shorter than 256 bytes.
            *self = Self::Undecided(matched.saturating_add(u8::try_from(same).unwrap_or(u8::MAX)));
            return Ok(());
        }
        let mut checker = Checker::new(Limits::default());
        // hyper has what came before, and waits for more of it as this does.
        let earlier = checker
            .feed(before)
            .map_err(|breach| Breach { kept: 0, ..breach });
        let seen = earlier.and_then(|()| checker.feed(bytes));
        *self = Self::Http1(checker);
        seen
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    /// What passes, and as which protocol, with the bytes cut at each place.
    fn verdicts(bytes: &[u8]) -> Vec<(bool, bool)> {
        let cut = |at: usize| {
            let mut watch = Protocol::default();
            let passes = watch.see(&bytes[..at]).is_ok() && watch.see(&bytes[at..]).is_ok();
            (passes, matches!(watch, Protocol::Http2))
        };
        (0..bytes.len()).map(cut).collect()
    }

    #[test]
    fn tells_protocols_apart_however_the_bytes_come() {
        for (bytes, passes, http2) in [
            (PREFACE, true, true),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0", true, true),
            (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true, false),
            (b"PR / HTTP/1.1\r\nHost: a\r\n\r\n", true, false),
            (b"PRI * HTTP/1.1\r\nHost: a\r\n\r\n", false, false),
            (b"PRI * HTTP/2.0\r\n\r\nGET / HTTP/1.1\r\n\r\n", false, false),
        ] {
            for (at, verdict) in verdicts(bytes).into_iter().enumerate() {
                assert_eq!(
                    verdict,
                    (passes, http2),
                    "{:?} at {at}",
                    String::from_utf8_lossy(bytes)
                );
            }
        }
    }
}
