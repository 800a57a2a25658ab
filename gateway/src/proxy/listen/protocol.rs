//! Which protocol a connection's bytes are of, and so what looks at them before hyper does.

use portcullis_http1::{Breach, Checker, Limits, Reason};

use super::http2::PREFACE;

/// What looks at the bytes of a connection.
#[derive(Debug)]
pub(super) enum Protocol {
    /// As many bytes as these are those of HTTP/2's preface.
    Undecided {
        matched: u8,
        /// Whether the rest of it must come.
        agreed: bool,
    },
    /// Messages of HTTP/1.
    Http1(Checker),
    /// Frames of HTTP/2.
    Http2,
}

impl Default for Protocol {
    fn default() -> Self {
        Self::Undecided {
            matched: 0,
            agreed: false,
        }
    }
}

impl Protocol {
    /// What was agreed upon by ALPN: a client that speaks another version then is refused, and one that agreed on nothing
    /// speaks HTTP/1.1 (RFC 9113, section 3.3).
    pub(super) fn agreed(is_http2: bool) -> Self {
        if is_http2 {
            Self::Undecided {
                matched: 0,
                agreed: true,
            }
        } else {
            Self::Http1(Checker::new(Limits::default()))
        }
    }

    /// Sees the bytes that came, in order, before hyper does.
    pub(super) fn see(&mut self, bytes: &[u8]) -> Result<(), Breach> {
        match self {
            Self::Undecided { matched, agreed } => {
                let (matched, agreed) = (*matched, *agreed);
                self.decide(matched, agreed, bytes)
            }
            Self::Http1(checker) => checker.feed(bytes),
            Self::Http2 => Ok(()),
        }
    }

    /// How many heads of HTTP/1 have passed.
    pub(super) fn heads(&self) -> u32 {
        match self {
            Self::Http1(checker) => checker.heads(),
            Self::Undecided { .. } | Self::Http2 => 0,
        }
    }

    fn decide(&mut self, matched: u8, agreed: bool, bytes: &[u8]) -> Result<(), Breach> {
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
            let matched = matched.saturating_add(u8::try_from(same).unwrap_or(u8::MAX));
            *self = Self::Undecided { matched, agreed };
            return Ok(());
        }
        if agreed {
            return Err(Breach {
                reason: Reason::OtherVersion,
                kept: 0,
                in_body: false,
                offset: u64::from(matched),
            });
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
    fn what_was_agreed_upon_is_spoken() {
        let hello = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        for (is_http2, bytes, passes) in [
            (true, &PREFACE[..], true),
            (true, &hello[..], false),
            (false, &PREFACE[..], false),
            (false, &hello[..], true),
        ] {
            let mut protocol = Protocol::agreed(is_http2);
            let seen = bytes.chunks(1).try_for_each(|piece| protocol.see(piece));
            assert_eq!(
                seen.is_ok(),
                passes,
                "{is_http2} {}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn tells_protocols_apart_however_the_bytes_come() {
        for (bytes, passes, http2) in [
            (&PREFACE[..], true, true),
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
