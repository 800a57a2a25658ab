//! The chunked transfer coding (RFC 9112 section 7.1), up to its trailer section.

use crate::Reason;
use crate::input::{Input, Step};
use crate::limits::EXTENSIONS;

/// How far a chunked body has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunks {
    at: At,
    /// Bytes of extensions so far.
    extensions: u32,
}

#[derive(Debug, Clone, Copy)]
enum At {
    Size { size: u64, digits: u8 },
    Extension { size: u64 },
    SizeLf { size: u64 },
    Data(u64),
    DataCr,
    DataLf,
}

/// More digits are more than 64 bits, or leading zeros that nobody needs.
const DIGITS: u8 = 15;

const START: At = At::Size { size: 0, digits: 0 };

impl Chunks {
    pub(crate) const fn new() -> Self {
        Self {
            at: START,
            extensions: 0,
        }
    }

    /// Reads on, to the end of the last chunk's line.
    pub(crate) fn step(&mut self, input: &mut Input<'_>) -> Result<Step<()>, Reason> {
        while !input.is_empty() {
            if let At::Data(left) = self.at {
                let taken = input.take(usize::try_from(left).unwrap_or(usize::MAX)).len();
                let left = left.saturating_sub(taken as u64);
                self.at = if left == 0 { At::DataCr } else { At::Data(left) };
                continue;
            }
            let Some(byte) = input.next() else { break };
            self.at = match (self.at, byte) {
                (At::SizeLf { size: 0 }, b'\n') => return Ok(Step::Done(())),
                (At::SizeLf { size }, b'\n') => At::Data(size),
                (At::SizeLf { .. }, _) => return Err(Reason::BareCr),
                (At::Size { size, digits }, byte) => size_byte(size, digits, byte)?,
                (At::Extension { size }, byte) => self.extension(size, byte)?,
                (At::DataCr, b'\r') => At::DataLf,
                (At::DataLf, b'\n') => START,
                (At::DataCr | At::DataLf | At::Data(_), _) => return Err(Reason::ChunkEnd),
            };
        }
        Ok(Step::More)
    }

    #[cfg(test)]
    pub(crate) fn is_in_data(&self) -> bool {
        matches!(self.at, At::Data(_))
    }

    fn extension(&mut self, size: u64, byte: u8) -> Result<At, Reason> {
        self.extensions += 1;
        match byte {
            b'\r' => Ok(At::SizeLf { size }),
            b'\n' => Err(Reason::BareLf),
            b'\t' | 0x20..=0x7e if self.extensions <= EXTENSIONS => Ok(At::Extension { size }),
            _ => Err(Reason::ChunkExtension),
        }
    }
}

fn size_byte(size: u64, digits: u8, byte: u8) -> Result<At, Reason> {
    if let Some(digit) = char::from(byte).to_digit(16) {
        if digits == DIGITS {
            return Err(Reason::ChunkSize);
        }
        return Ok(At::Size {
            size: size << 4 | u64::from(digit),
            digits: digits + 1,
        });
    }
    match byte {
        b'\n' => Err(Reason::BareLf),
        b'\r' if digits > 0 => Ok(At::SizeLf { size }),
        b';' if digits > 0 => Ok(At::Extension { size }),
        _ => Err(Reason::ChunkSize),
    }
}
