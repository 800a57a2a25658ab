//! Lines and columns, and finding them from byte offsets.

use std::fmt;

use serde::Serialize;

/// A place in a text. Both numbers begin at 1; a column is a character, not a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

impl Position {
    /// Where every text begins.
    pub const START: Position = Position { line: 1, column: 1 };

    fn after(self, byte: u8) -> Position {
        match byte {
            b'\n' => Position {
                line: self.line.saturating_add(1),
                column: 1,
            },
            // The continuation of a character that has been counted.
            0x80..=0xBF => self,
            _ => Position {
                line: self.line,
                column: self.column.saturating_add(1),
            },
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.line, self.column)
    }
}

/// How many bytes lie between two remembered places: the most that one look-up reads.
const STEP: usize = 128;

/// The places of a text by byte offset, each found without reading the text from its start.
#[derive(Debug)]
pub(crate) struct Places<'t> {
    text: &'t [u8],
    /// The place of every byte whose offset is a multiple of [`STEP`].
    steps: Vec<Position>,
}

impl<'t> Places<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let mut position = Position::START;
        let mut steps = Vec::with_capacity(text.len() / STEP + 1);
        for (offset, byte) in text.bytes().enumerate() {
            if offset.is_multiple_of(STEP) {
                steps.push(position);
            }
            position = position.after(byte);
        }
        if text.len().is_multiple_of(STEP) {
            steps.push(position);
        }
        Self {
            text: text.as_bytes(),
            steps,
        }
    }

    /// The place of the character at `offset`; an offset behind the text is the place after its last character.
    pub(crate) fn at(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let step = offset / STEP;
        let start = self.steps.get(step).copied().unwrap_or(Position::START);
        let rest = self.text.get(step * STEP..offset).unwrap_or_default();
        rest.iter().fold(start, |position, byte| position.after(*byte))
    }
}
