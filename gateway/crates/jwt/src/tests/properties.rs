//! No bit of a token may be another one, and nothing that is made of one is a panic.

use proptest::prelude::*;

use super::*;
use crate::base64url::decode;

/// Every bit of every character, of a token of each kind of key.
#[test]
fn no_bit_may_be_another() {
    for name in ["ES256", "EdDSA"] {
        let token = signer(name).token(CLAIMS).into_bytes();
        for place in 0..token.len() {
            for bit in 0..8 {
                let mut flipped = token.clone();
                flipped[place] ^= 1 << bit;
                // Whatever is no text is no header's value.
                if let Ok(text) = std::str::from_utf8(&flipped) {
                    assert!(verified(text).is_err(), "{name}: {place}.{bit}: {text}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_bit_of_any_algorithm_may_be_another(which in 0..10_usize, place in any::<prop::sample::Index>(), bit in 0..7_u32) {
        let mut token = SIGNERS[which].token(CLAIMS).into_bytes();
        let place = place.index(token.len());
        token[place] ^= 1 << bit;
        let text = String::from_utf8(token).expect("ASCII");
        prop_assert!(verified(&text).is_err(), "{}", text);
    }

    /// Decoding takes what encoding gives, and nothing else.
    #[test]
    fn base64url_has_one_form(text in "[A-Za-z0-9_=+/ -]{0,24}") {
        if let Some(bytes) = decode(&text) {
            prop_assert_eq!(sign::encode(&bytes), text);
        }
    }

    #[test]
    fn base64url_gives_back_what_was_encoded(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assert_eq!(decode(&sign::encode(&bytes)), Some(bytes));
    }

    /// Pieces are cut out, doubled, and exchanged: only the token itself is one.
    #[test]
    fn what_is_made_of_a_token_is_none(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8, any::<char>()), 1..4),
        algorithm in 0..10_usize,
    ) {
        let token = SIGNERS[algorithm].token(CLAIMS);
        let mut text: Vec<char> = token.chars().collect();
        for (one, two, kind, char) in edits {
            if text.is_empty() {
                break;
            }
            let (one, two) = (one.index(text.len()), two.index(text.len()));
            let (start, end) = (one.min(two), one.max(two));
            match kind {
                0 => drop(text.drain(start..end)),
                1 => {
                    let piece = text[start..end].to_vec();
                    text.splice(start..start, piece);
                }
                2 => text.swap(start, end),
                _ => text[start] = char,
            }
        }
        let made: String = text.into_iter().collect();
        prop_assert!(made == token || verified(&made).is_err(), "{}", made);
    }

    /// Headers, claims and key sets of any text are read or refused.
    #[test]
    fn nothing_panics(header in ".{0,64}", claims in ".{0,64}", set in prop::collection::vec(any::<u8>(), 0..128)) {
        let signer = signer("EdDSA");
        let _ = verified(&signer.signed(header.as_bytes(), claims.as_bytes()));
        let _ = verified(&signer.signed(signer.header().as_bytes(), claims.as_bytes()));
        let _ = verified(&header);
        let _ = KeySet::parse(&set);
    }
}
