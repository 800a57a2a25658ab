//! br, decoded.

use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, enc::StandardAlloc};

use super::{Coding, DecodeError, bounded::Bounded, decode::PIECE};

/// Decodes one stream. Its window is what RFC 7932 allows, at most 16 MiB: the decoder's extension for windows of up to
/// 1 GiB, which its `Read` and `Write` adapters allow, is off.
pub(super) fn decode(body: &[u8], decoded: &mut Bounded) -> Result<(), DecodeError> {
    let alloc = StandardAlloc::default;
    let mut state = Box::new(BrotliState::new_strict(alloc(), alloc(), alloc()));
    let mut piece = vec![0; PIECE];
    let (mut available_in, mut taken, mut total_out) = (body.len(), 0, 0);
    loop {
        let (mut available_out, mut made) = (piece.len(), 0);
        let result = BrotliDecompressStream(
            &mut available_in,
            &mut taken,
            body,
            &mut available_out,
            &mut made,
            &mut piece,
            &mut total_out,
            &mut state,
        );
        decoded.push(piece.get(..made).unwrap_or_default())?;
        match result {
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::ResultSuccess if available_in == 0 => return Ok(()),
            _ => {
                return Err(DecodeError::Corrupt {
                    coding: Coding::Brotli.name(),
                });
            }
        }
    }
}
