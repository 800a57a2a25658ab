//! Encoding and decoding together.

use std::io::Write;

use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::{Compression, write::DeflateEncoder};
use proptest::prelude::*;

use super::{Coding, DecodeError, Encoder, bounded::Bounded, decode};

const MIB: usize = 1 << 20;

fn encoded(coding: Coding, body: &[u8]) -> Bytes {
    let mut encoder = Encoder::new(coding);
    let mut bytes = encoder.write(body).to_vec();
    bytes.extend(encoder.finish());
    bytes.into()
}

fn corrupt(coding: Coding) -> Result<Bytes, DecodeError> {
    Err(DecodeError::Corrupt {
        coding: coding.name(),
    })
}

/// JSON, which is what most bodies are, of a length that takes every decoder several rounds.
fn json() -> Vec<u8> {
    (0..20_000)
        .flat_map(|number| format!("{{\"number\": {number}}},").into_bytes())
        .collect()
}

#[test]
fn a_truncated_body_is_corrupt() {
    let body = json();
    for coding in Coding::ALL {
        let encoded = encoded(coding, &body);
        assert!(encoded.len() < body.len() / 4, "{coding:?}");
        assert_eq!(
            decode(coding.name(), encoded.clone(), MIB).as_deref(),
            Ok(&*body),
            "{coding:?}"
        );
        for length in (1..40)
            .chain([encoded.len() / 2])
            .chain(encoded.len() - 12..encoded.len())
        {
            assert_eq!(
                decode(coding.name(), encoded.slice(..length), MIB),
                corrupt(coding),
                "{coding:?} {length}"
            );
        }
    }
}

#[test]
fn more_after_the_end_is_corrupt() {
    for coding in Coding::ALL {
        let mut encoded = encoded(coding, b"abc").to_vec();
        encoded.extend(b"more");
        assert_eq!(
            decode(coding.name(), encoded.into(), MIB),
            corrupt(coding),
            "{coding:?}"
        );
    }
}

#[test]
fn what_is_not_encoded_is_corrupt() {
    for coding in Coding::ALL {
        let body = Bytes::from_static(br#"{"type": "dog", "price": 249.99}"#);
        assert_eq!(decode(coding.name(), body, MIB), corrupt(coding), "{coding:?}");
    }
}

#[test]
fn gzip_may_have_several_members() {
    let mut body = encoded(Coding::Gzip, b"first, ").to_vec();
    body.extend(encoded(Coding::Gzip, b""));
    body.extend(encoded(Coding::Gzip, b"second"));
    assert_eq!(
        decode("gzip", body.into(), MIB).as_deref(),
        Ok(b"first, second".as_slice())
    );
}

#[test]
fn deflate_may_lack_the_header_of_zlib() {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(b"bare").expect("memory");
    assert_eq!(
        decode("deflate", encoder.finish().expect("memory").into(), MIB).as_deref(),
        Ok(b"bare".as_slice())
    );
    // A stored block that is not the last begins as zlib's header may: 08 1d.
    let block: &[u8] = &[0x08, 0x1d, 0x00, 0xe2, 0xff];
    let bare = [block, &[b'x'; 29], &[0x01, 0x00, 0x00, 0xff, 0xff]].concat();
    assert_eq!(
        decode("deflate", bare.into(), MIB).as_deref(),
        Ok([b'x'; 29].as_slice())
    );
}

#[test]
fn codings_are_undone_from_the_last() {
    let body = Bytes::from_static(b"abc");
    let once = encoded(Coding::Gzip, &body);
    let twice = encoded(Coding::Brotli, &once);
    let thrice = encoded(Coding::Deflate, &twice);
    let cases = [
        ("", body.clone()),
        ("identity", body.clone()),
        (" , ", body.clone()),
        ("X-GZIP", once.clone()),
        ("identity, gzip,", once),
        ("gzip,br", twice),
        ("gzip , BR\t, deflate", thrice.clone()),
    ];
    for (codings, encoded) in cases {
        assert_eq!(decode(codings, encoded, MIB), Ok(body.clone()), "{codings:?}");
    }
    assert_eq!(
        decode(
            "br, gzip",
            encoded(Coding::Brotli, &encoded(Coding::Gzip, b"a")),
            MIB
        ),
        corrupt(Coding::Gzip)
    );
    for codings in [
        "compress",
        "gzip, zstd",
        "gzip, br, deflate, gzip",
        "gzip;q=1",
        "*",
    ] {
        let unsupported = DecodeError::Unsupported {
            codings: codings.into(),
        };
        assert_eq!(
            decode(codings, thrice.clone(), MIB),
            Err(unsupported),
            "{codings:?}"
        );
    }
}

#[test]
fn an_empty_body_stays_empty() {
    for coding in Coding::ALL {
        assert_eq!(
            decode(coding.name(), Bytes::new(), 0),
            Ok(Bytes::new()),
            "{coding:?}"
        );
        assert_eq!(
            decode(coding.name(), encoded(coding, b""), 64),
            Ok(Bytes::new()),
            "{coding:?}"
        );
    }
}

#[test]
fn a_bomb_is_given_up() {
    let zeros = vec![0; 10 * MIB];
    for coding in Coding::ALL {
        let bomb = encoded(coding, &zeros);
        assert!(bomb.len() < 64 * 1024, "{coding:?} {}", bomb.len());
        let too_large = |max| Err(DecodeError::TooLarge { max });
        assert_eq!(
            decode(coding.name(), bomb.clone(), MIB),
            too_large(MIB),
            "{coding:?}"
        );
        assert_eq!(
            decode(coding.name(), bomb.clone(), 10 * MIB - 1),
            too_large(10 * MIB - 1),
            "{coding:?}"
        );
        assert_eq!(
            decode(coding.name(), bomb, 10 * MIB).map(|body| body.len()),
            Ok(10 * MIB),
            "{coding:?}"
        );
        // What is in between counts too.
        let nested = encoded(coding, &encoded(coding, &zeros));
        let twice = format!("{0}, {0}", coding.name());
        assert_eq!(decode(&twice, nested, MIB), too_large(MIB), "{coding:?}");
    }
    assert_eq!(
        decode("", Bytes::from_static(b"abc"), 2),
        Err(DecodeError::TooLarge { max: 2 })
    );
}

/// The decoder's extension for windows of up to 1 GiB would let a client take as much memory; its `Read` adapter has it.
#[test]
fn br_has_no_large_window() {
    let parameters = BrotliEncoderParams {
        large_window: true,
        lgwin: 26,
        quality: 1,
        ..Default::default()
    };
    let mut large = Vec::new();
    brotli::BrotliCompress(&mut b"abc".as_slice(), &mut large, &parameters).expect("memory");
    assert_eq!(beginning(Coding::Brotli, &large), b"abc");
    assert_eq!(decode("br", large.into(), MIB), corrupt(Coding::Brotli));
}

#[test]
fn the_buffer_does_not_outgrow_its_bound() {
    let mut decoded = Bounded::new(100_000);
    while decoded.push(&[0; 777]).is_ok() {
        assert!(decoded.capacity() <= 100_000);
    }
    assert!(decoded.capacity() <= 100_000);
    assert_eq!(decoded.into_bytes().len(), 100_000 / 777 * 777);
}

/// After a flush the client has all that was written.
#[test]
fn a_flush_gives_all() {
    for coding in Coding::ALL {
        let mut encoder = Encoder::new(coding);
        let mut sent = encoder.write(b"data: 1\n\n").to_vec();
        let before = sent.len();
        sent.extend(encoder.flush());
        assert!(sent.len() > before, "{coding:?}");
        // Cut off there it is no whole body, but its beginning is what was written.
        let mut whole = sent.clone();
        whole.extend(encoder.write(b"data: 2\n\n"));
        whole.extend(encoder.finish());
        assert_eq!(
            decode(coding.name(), whole.into(), MIB).as_deref(),
            Ok(b"data: 1\n\ndata: 2\n\n".as_slice())
        );
        assert_eq!(beginning(coding, &sent), b"data: 1\n\n", "{coding:?}");
    }
}

/// What a client can decode of a body that has not ended.
fn beginning(coding: Coding, sent: &[u8]) -> Vec<u8> {
    use std::io::Read;
    let mut found = Vec::new();
    // They end in an error, for there is no end.
    let _ = match coding {
        Coding::Gzip => flate2::read::GzDecoder::new(sent).read_to_end(&mut found),
        Coding::Deflate => flate2::read::ZlibDecoder::new(sent).read_to_end(&mut found),
        Coding::Brotli => brotli::Decompressor::new(sent, 4096).read_to_end(&mut found),
    };
    found
}

fn coding() -> impl Strategy<Value = Coding> {
    prop::sample::select(Coding::ALL.to_vec())
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(
        coding in coding(),
        pieces in prop::collection::vec((prop::collection::vec(prop_oneof![Just(b'a'), any::<u8>()], 0..3_000), any::<bool>()), 0..8),
    ) {
        let mut encoder = Encoder::new(coding);
        let mut sent = Vec::new();
        for (piece, is_flushed) in &pieces {
            sent.extend(encoder.write(piece));
            if *is_flushed {
                sent.extend(encoder.flush());
            }
        }
        sent.extend(encoder.finish());
        let body: Vec<u8> = pieces.into_iter().flat_map(|(piece, _)| piece).collect();
        let max = body.len().max(sent.len());
        prop_assert_eq!(decode(coding.name(), sent.into(), max), Ok(body.into()));
    }

    #[test]
    fn nothing_panics(coding in coding(), body in prop::collection::vec(any::<u8>(), 0..200), header in "\\PC{0,40}") {
        let _ = decode(coding.name(), body.clone().into(), 1_000);
        let _ = decode(&header, body.into(), 1_000);
        let _ = super::negotiate(Some(&header));
    }

    #[test]
    fn a_changed_byte_does_no_harm(coding in coding(), at in 0_usize..60, byte in any::<u8>()) {
        let mut body = encoded(coding, b"some text, some more text, some more text and its end").to_vec();
        let at = at % body.len();
        body[at] = byte;
        if let Ok(decoded) = decode(coding.name(), body.into(), 1_000) {
            prop_assert!(decoded.len() <= 1_000);
        }
    }
}
