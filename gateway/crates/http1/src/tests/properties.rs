//! What holds for all bytes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::verdict;
use crate::{Checker, Limits};

/// Pieces of which messages, good and bad, are made.
const WORDS: &[&str] = &[
    "GET / HTTP/1.1\r\n",
    "POST /a/b?c=d HTTP/1.1\r\n",
    "GET http://a/ HTTP/1.1\r\n",
    "OPTIONS * HTTP/1.0\r\n",
    "Host: a\r\n",
    "host:b:80\r\n",
    "Content-Length: 5\r\n",
    "content-length:0\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Connection: keep-alive\r\n",
    "Expect: 100-continue\r\n",
    "X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\tb\r\n",
    "\r\n",
    "hello",
    "5\r\nhello\r\n",
    "3;a=\"b\"\r\nabc\r\n",
    "0\r\n\r\n",
    "0\r\nX-T: 1\r\n\r\n",
    "0",
    "5",
    " ",
    "\t",
    "\n",
    "\r",
    ":",
    ";",
    "\0",
    "\u{e9}",
    "HTTP/1.1",
    "chunked",
];

/// Good messages.
const WHOLE: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\nGET /x?y HTTP/1.1\r\nHost: a:80\r\nA: b\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: u\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nhello, world",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n0123456789abcdefghijklmnopqrstu\r\n00C\r\nhello\r\nworld\r\n0\r\n\r\n",
    "PUT http://a/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0A\r\n0123456789\r\n0\r\n\r\n",
];

#[derive(Debug, Clone)]
enum Edit {
    Insert(u8),
    Replace(u8),
    Remove,
    Word(&'static str),
}

fn edit() -> impl Strategy<Value = Edit> {
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(b"\r\n\t :;,0123456789abcdefx+-\0".to_vec())
    ];
    prop_oneof![
        byte.clone().prop_map(Edit::Insert),
        byte.prop_map(Edit::Replace),
        Just(Edit::Remove),
        prop::sample::select(WORDS).prop_map(Edit::Word),
    ]
}

fn edited(mut bytes: Vec<u8>, edits: Vec<(prop::sample::Index, Edit)>) -> Vec<u8> {
    for (at, edit) in edits {
        if bytes.is_empty() {
            return bytes;
        }
        let at = at.index(bytes.len());
        match edit {
            Edit::Insert(byte) => bytes.insert(at, byte),
            Edit::Replace(byte) => bytes[at] = byte,
            Edit::Remove => {
                bytes.remove(at);
            }
            Edit::Word(word) => {
                bytes.splice(at..at, word.bytes());
            }
        }
    }
    bytes
}

/// Bytes that are nearly messages.
pub(super) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let words = vec(prop::sample::select(WORDS), 0..24);
    let whole = vec(prop::sample::select(WHOLE), 1..4);
    let edits = || vec((any::<prop::sample::Index>(), edit()), 0..4);
    prop_oneof![
        1 => words.prop_map(|words| words.concat().into_bytes()),
        4 => (whole, edits()).prop_map(|(whole, edits)| edited(whole.concat().into_bytes(), edits)),
    ]
}

/// What comes of bytes in pieces that end at these places.
fn in_pieces(bytes: &[u8], ends: &[usize]) -> (Option<(crate::Reason, u64, usize)>, u32) {
    let mut checker = Checker::new(Limits::default());
    let mut from = 0;
    for end in ends.iter().copied().chain([bytes.len()]) {
        if let Err(breach) = checker.feed(&bytes[from..end]) {
            return (
                Some((breach.reason, breach.offset, from + breach.kept)),
                checker.heads(),
            );
        }
        from = end;
    }
    (None, checker.heads())
}

/// Else the properties would hold for want of anything that passes.
#[test]
fn good_messages_pass() {
    for message in WHOLE {
        assert_eq!(verdict(message.as_bytes()), (Ok(()), 1), "{message:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..300)) {
        let _ = verdict(&bytes);
    }

    #[test]
    fn the_verdict_is_the_same_however_the_bytes_are_cut(bytes in bytes()) {
        let (whole, heads) = in_pieces(&bytes, &[]);
        let each: Vec<usize> = (0..bytes.len()).collect();
        let cuts = (0..=bytes.len()).map(|at| vec![at]).chain([each]);
        for cut in cuts {
            let (cut_verdict, cut_heads) = in_pieces(&bytes, &cut);
            prop_assert_eq!(cut_heads, heads, "{:?}", cut);
            prop_assert_eq!(cut_verdict.map(|it| (it.0, it.1)), whole.map(|it| (it.0, it.1)), "{:?}", cut);
            // Never more than what came before the breach in one piece's terms.
            if let (Some(cut_verdict), Some(whole)) = (cut_verdict, whole) {
                prop_assert!(cut_verdict.2 <= usize::try_from(whole.1).unwrap());
                prop_assert!(cut_verdict.2 >= whole.2);
            }
        }
    }
}
