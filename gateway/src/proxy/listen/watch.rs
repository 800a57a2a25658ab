//! Which protocol a connection's bytes are of, and so what looks at them before hyper does.

/// The beginning of every HTTP/2 connection (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What looks at the bytes of a connection.
#[derive(Debug)]
pub(super) enum Watch {
    /// As many bytes as these are those of HTTP/2's preface.
    Undecided(u8),
    /// Messages of HTTP/1.
    Http1,
    /// Frames of HTTP/2.
    Http2,
}

impl Default for Watch {
    fn default() -> Self {
        Self::Undecided(0)
    }
}

impl Watch {
    /// Sees the bytes that came, in order, before hyper does.
    pub(super) fn see(&mut self, bytes: &[u8]) {
        let Self::Undecided(matched) = *self else { return };
        let left = PREFACE.get(usize::from(matched)..).unwrap_or_default();
        let same = left
            .iter()
            .zip(bytes)
            .take_while(|(one, other)| one == other)
            .count();
        *self = if same == left.len() {
            Self::Http2
        } else if same == bytes.len() {
            // A preface is shorter than 256 bytes.
            Self::Undecided(matched.saturating_add(u8::try_from(same).unwrap_or(u8::MAX)))
        } else {
            Self::Http1
        };
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn tells_protocols_apart_however_the_bytes_come() {
        for (bytes, http2) in [
            (PREFACE, true),
            (b"PRI * HTTP/1.1\r\n", false),
            (b"GET / HTTP/1.1\r\n", false),
        ] {
            for at in 0..bytes.len() {
                let mut watch = Watch::default();
                watch.see(&bytes[..at]);
                watch.see(&bytes[at..]);
                assert_eq!(matches!(watch, Watch::Http2), http2, "at {at}");
                assert_eq!(matches!(watch, Watch::Http1), !http2, "at {at}");
            }
        }
    }
}
