//! A buffer that does not grow beyond its bound.

use bytes::Bytes;

use super::DecodeError;

/// What is decoded so far.
pub(super) struct Bounded {
    bytes: Vec<u8>,
    max: usize,
}

impl Bounded {
    pub(super) fn new(max: usize) -> Self {
        Self {
            bytes: Vec::new(),
            max,
        }
    }

    /// Appends a piece, and grows at most to the bound, not to twice what is there.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), DecodeError> {
        let length = self.bytes.len() + piece.len();
        if length > self.max {
            return Err(DecodeError::TooLarge { max: self.max });
        }
        if length > self.bytes.capacity() {
            let capacity = length.max(self.bytes.capacity().saturating_mul(2)).min(self.max);
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}
