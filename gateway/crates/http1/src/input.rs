//! Bytes that are read once, in order.

/// The bytes that are left of a piece.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    left: &'a [u8],
}

/// What a part of the machine came to with the bytes that there were.
#[derive(Debug)]
pub(crate) enum Step<T> {
    /// All are read, and it goes on.
    More,
    /// It has ended; bytes may be left.
    Done(T),
}

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    pub(crate) fn left(&self) -> &'a [u8] {
        self.left
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// Reads one byte.
    pub(crate) fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.left.split_first()?;
        self.left = rest;
        Some(*first)
    }

    /// Looks at the byte that would be read.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.left.first().copied()
    }

    /// Reads that many bytes, or all that there are.
    pub(crate) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.left.split_at_checked(count).unwrap_or((self.left, &[]));
        self.left = rest;
        taken
    }

    /// Reads the bytes at the beginning that are such.
    pub(crate) fn take_while(&mut self, is_such: impl Fn(u8) -> bool) -> &'a [u8] {
        let count = self.left.iter().position(|byte| !is_such(*byte));
        self.take(count.unwrap_or(self.left.len()))
    }
}
