//! A response as bytes: one allocation for all of it, and the same form in memory, encrypted and on disk.

use bytes::{BufMut as _, Bytes, BytesMut};

/// A response's status, headers and body.
///
/// `status: u16, headers: u16, (name: u16, value: u32, bytes of both)…, body`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    bytes: Bytes,
}

/// Bytes before the headers.
const HEAD: usize = 4;
/// Bytes before the name and the value of a header.
const HEADER: usize = 6;

impl Record {
    /// The record of a response. `None`: a header is longer than can be written, or there are too many.
    pub fn new(status: u16, headers: &[(&[u8], &[u8])], body: &[u8]) -> Option<Self> {
        let size: usize = headers
            .iter()
            .map(|(name, value)| HEADER + name.len() + value.len())
            .sum();
        let count = u16::try_from(headers.len()).ok()?;
        let mut bytes = BytesMut::with_capacity(HEAD + size + body.len());
        bytes.put_u16(status);
        bytes.put_u16(count);
        for (name, value) in headers {
            bytes.put_u16(u16::try_from(name.len()).ok()?);
            bytes.put_u32(u32::try_from(value.len()).ok()?);
            bytes.put_slice(name);
            bytes.put_slice(value);
        }
        bytes.put_slice(body);
        Some(Self {
            bytes: bytes.freeze(),
        })
    }

    /// What [`bytes`](Self::bytes) gave.
    pub(crate) fn of(bytes: Bytes) -> Self {
        Self { bytes }
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The status; 0 of bytes that are no record.
    pub fn status(&self) -> u16 {
        number(&self.bytes, 0, 2)
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(0)
    }

    /// How many headers there are.
    pub fn len(&self) -> usize {
        number(&self.bytes, 2, 2).unwrap_or(0)
    }

    /// Whether there are no headers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes it apart: `header` is shown each name and value, and the body comes back. `None`: these bytes are no record.
    pub fn read(&self, mut header: impl FnMut(&[u8], Bytes)) -> Option<Bytes> {
        let mut at = HEAD;
        for _ in 0..self.len() {
            let name_end = at + HEADER + number(&self.bytes, at, 2)?;
            let value_end = name_end + number(&self.bytes, at + 2, 4)?;
            let name = self.bytes.get(at + HEADER..name_end)?;
            self.bytes.get(name_end..value_end)?;
            header(name, self.bytes.slice(name_end..value_end));
            at = value_end;
        }
        self.bytes.get(at..)?;
        Some(self.bytes.slice(at..))
    }
}

/// A number of so many bytes.
fn number(bytes: &Bytes, at: usize, length: usize) -> Option<usize> {
    let digits = bytes.get(at..at + length)?;
    Some(
        digits
            .iter()
            .fold(0, |number, byte| (number << 8) | usize::from(*byte)),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Headers = Vec<(Vec<u8>, Vec<u8>)>;

    fn headers() -> impl Strategy<Value = Headers> {
        let text = || prop::collection::vec(any::<u8>(), 0..40);
        prop::collection::vec((text(), text()), 0..12)
    }

    fn read(record: &Record) -> Option<(Headers, Bytes)> {
        let mut headers = Vec::new();
        let body = record.read(|name, value| headers.push((name.to_vec(), value.to_vec())))?;
        Some((headers, body))
    }

    proptest! {
        #[test]
        fn reads_what_was_written(status: u16, headers in headers(), body in prop::collection::vec(any::<u8>(), 0..300)) {
            let pairs: Vec<_> = headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
            let record = Record::new(status, &pairs, &body).expect("a record");
            prop_assert_eq!(record.status(), status);
            let again = Record::of(record.bytes().clone());
            prop_assert_eq!(read(&again), Some((headers, Bytes::from(body))));
        }

        #[test]
        fn what_is_no_record_is_none(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let record = Record::of(Bytes::from(bytes));
            let _ = (record.status(), record.len(), read(&record));
        }
    }

    #[test]
    fn what_cannot_be_written_is_no_record() {
        let long = vec![b'a'; 70_000];
        assert!(Record::new(200, &[(&long[..], &b""[..])], b"").is_none());
        let many = vec![(&b"a"[..], &b"b"[..]); 70_000];
        assert!(Record::new(200, &many, b"").is_none());
    }
}
