//! gzip and deflate, decoded.

use std::io::Read;

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status, bufread::MultiGzDecoder};

use super::{Coding, DecodeError, bounded::Bounded, decode::PIECE};

const fn corrupt(coding: Coding) -> DecodeError {
    DecodeError::Corrupt {
        coding: coding.name(),
    }
}

/// One gzip member after another (RFC 1952 §2.2).
pub(super) fn gzip(body: &[u8], decoded: &mut Bounded) -> Result<(), DecodeError> {
    let mut decoder = MultiGzDecoder::new(body);
    let mut piece = vec![0; PIECE];
    loop {
        let length = decoder.read(&mut piece).map_err(|_| corrupt(Coding::Gzip))?;
        if length == 0 {
            return Ok(());
        }
        decoded.push(piece.get(..length).unwrap_or_default())?;
    }
}

/// zlib's format as the standard says, or the bare one, which some clients send (RFC 9110 §8.4.1.2).
pub(super) fn deflate(body: &[u8], max: usize) -> Result<Bytes, DecodeError> {
    if has_zlib_header(body) {
        match stream(body, true, max) {
            // Bare data may begin as zlib's header does.
            Err(DecodeError::Corrupt { .. }) => {}
            found => return found,
        }
    }
    stream(body, false, max)
}

/// RFC 1950 §2.2: the method is 8, and the first two bytes are a multiple of 31.
fn has_zlib_header(body: &[u8]) -> bool {
    matches!(body, [first, second, ..] if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0)
}

fn stream(body: &[u8], has_header: bool, max: usize) -> Result<Bytes, DecodeError> {
    let mut decoder = Decompress::new(has_header);
    let mut decoded = Bounded::new(max);
    let mut piece = vec![0; PIECE];
    let mut rest = body;
    loop {
        let (before_in, before_out) = (decoder.total_in(), decoder.total_out());
        let status = decoder.decompress(rest, &mut piece, FlushDecompress::None);
        let status = status.map_err(|_| corrupt(Coding::Deflate))?;
        let taken = difference(decoder.total_in(), before_in);
        let made = difference(decoder.total_out(), before_out);
        rest = rest.get(taken..).unwrap_or_default();
        decoded.push(piece.get(..made).unwrap_or_default())?;
        match status {
            Status::StreamEnd if rest.is_empty() => return Ok(decoded.into_bytes()),
            // More after the end, or an end that does not come.
            Status::StreamEnd => return Err(corrupt(Coding::Deflate)),
            Status::Ok | Status::BufError if taken == 0 && made == 0 => return Err(corrupt(Coding::Deflate)),
            Status::Ok | Status::BufError => {}
        }
    }
}

fn difference(after: u64, before: u64) -> usize {
    usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX)
}
