//! The canonical headers.

use crate::RequestParts;

/// Appends a line for each signed header, in the order of the list.
///
/// The list is part of what is signed, so its order and its case are the client's: a list that is not sorted or not in
/// lower case verifies only if it was signed so. A header that did not come counts as empty.
pub(crate) fn push_canonical(parts: &RequestParts<'_>, signed: &str, to: &mut Vec<u8>) {
    for name in signed.split(';') {
        to.extend_from_slice(name.as_bytes());
        to.push(b':');
        for (index, value) in parts.values(name).enumerate() {
            if index > 0 {
                to.push(b',');
            }
            push_collapsed(value, to);
        }
        to.push(b'\n');
    }
}

/// Appends a value without blanks at its ends, and with one blank for several.
fn push_collapsed(value: &[u8], to: &mut Vec<u8>) {
    let words = value
        .split(|byte| byte.is_ascii_whitespace())
        .filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            to.push(b' ');
        }
        to.extend_from_slice(word);
    }
}

/// Whether the list of signed headers has this name.
pub(crate) fn is_signed(signed: &str, name: &str) -> bool {
    signed.split(';').any(|other| other.eq_ignore_ascii_case(name))
}
