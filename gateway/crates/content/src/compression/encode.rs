//! Bodies encoded piece by piece.

use std::{fmt, io::Write, mem};

use brotli::CompressorWriter;
use bytes::Bytes;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};

use super::Coding;

/// Nearly as small as the default of 6, in less time.
const LEVEL: Compression = Compression::new(5);

/// The quality from which br is smaller than gzip in about the same time.
const QUALITY: u32 = 4;

/// A window of 256 KiB; an encoder takes a small multiple of it.
const WINDOW_BITS: u32 = 18;

const BUFFER: usize = 4 * 1024;

/// Encodes one body. Each call gives what is ready to be sent, which may be nothing.
pub struct Encoder(Inner);

enum Inner {
    Gzip(GzEncoder<Vec<u8>>),
    Deflate(ZlibEncoder<Vec<u8>>),
    Brotli(Box<CompressorWriter<Vec<u8>>>),
}

impl Encoder {
    /// An encoder for a coding.
    pub fn new(coding: Coding) -> Self {
        Self(match coding {
            Coding::Gzip => Inner::Gzip(GzEncoder::new(Vec::new(), LEVEL)),
            Coding::Deflate => Inner::Deflate(ZlibEncoder::new(Vec::new(), LEVEL)),
            Coding::Brotli => Inner::Brotli(Box::new(CompressorWriter::new(
                Vec::new(),
                BUFFER,
                QUALITY,
                WINDOW_BITS,
            ))),
        })
    }

    /// Which coding it is.
    pub const fn coding(&self) -> Coding {
        match self.0 {
            Inner::Gzip(_) => Coding::Gzip,
            Inner::Deflate(_) => Coding::Deflate,
            Inner::Brotli(_) => Coding::Brotli,
        }
    }

    /// Takes a piece of the body. What it gives is at most a little longer than what was taken and not given yet.
    pub fn write(&mut self, piece: &[u8]) -> Bytes {
        // Nothing is written but to memory, which does not fail.
        let _ = match &mut self.0 {
            Inner::Gzip(encoder) => encoder.write_all(piece),
            Inner::Deflate(encoder) => encoder.write_all(piece),
            Inner::Brotli(encoder) => encoder.write_all(piece),
        };
        self.ready()
    }

    /// Gives all that was taken, so that the client can decode it: for streams whose next piece may be long in coming.
    pub fn flush(&mut self) -> Bytes {
        let _ = match &mut self.0 {
            Inner::Gzip(encoder) => encoder.flush(),
            Inner::Deflate(encoder) => encoder.flush(),
            Inner::Brotli(encoder) => encoder.flush(),
        };
        self.ready()
    }

    /// Gives the rest and the end. A body that is not finished is not valid.
    pub fn finish(self) -> Bytes {
        let rest = match self.0 {
            Inner::Gzip(encoder) => encoder.finish().unwrap_or_default(),
            Inner::Deflate(encoder) => encoder.finish().unwrap_or_default(),
            Inner::Brotli(encoder) => encoder.into_inner(),
        };
        rest.into()
    }

    fn ready(&mut self) -> Bytes {
        let output = match &mut self.0 {
            Inner::Gzip(encoder) => encoder.get_mut(),
            Inner::Deflate(encoder) => encoder.get_mut(),
            Inner::Brotli(encoder) => encoder.get_mut(),
        };
        mem::take(output).into()
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Encoder").field(&self.coding()).finish()
    }
}
