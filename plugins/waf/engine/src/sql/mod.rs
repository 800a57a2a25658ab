//! Whether a value would change the statement that it is put into.
//!
//! A value is read as SQL's tokens three times: as it stands, and as what stands in a string of either quote. Then it is
//! looked at in two ways. What follows its first operand is what an attack goes on with (`tail`): an operator with a
//! condition, another statement, a comment over the rest. And some things are nowhere in a harmless value (`sign`), such as
//! `union select 1`. Both walk along the tokens with a bounded look ahead.

mod sign;
mod statement;
mod tail;
mod token;
mod word;

use token::{Place, tokens};

/// What of the text is SQL that was put into a value, in words; the text is in lower case, as [`crate::reading`] gives it.
pub fn find(text: &str) -> Option<&'static str> {
    if !may_be(text) {
        return None;
    }
    let quotes = [b'\'', b'"']
        .into_iter()
        .filter(|quote| text.as_bytes().contains(quote))
        .map(Place::In);
    std::iter::once(Place::Bare).chain(quotes).find_map(|place| {
        let tokens = tokens(text, place);
        tail::find(&tokens, place).or_else(|| sign::find(&tokens, place))
    })
}

/// One word or number is no attack.
fn may_be(text: &str) -> bool {
    text.bytes().any(|byte| {
        !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'/' | b'@' | b'~' | 0x80..))
    }) || text.contains("@@")
}
