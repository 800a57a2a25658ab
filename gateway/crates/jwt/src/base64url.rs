//! Base64 as tokens have it (RFC 7515, section 2): of URLs, without padding, and in its one canonical form. With a second
//! form of the same bytes a token that was refused, or is counted, could come again under another spelling.

/// The bytes; `None` where the text is not what encoding them gives.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let mut chunks = text.as_bytes().chunks_exact(4);
    for chunk in &mut chunks {
        let [a, b, c, d] = chunk else { return None };
        let bits = digit(*a)? << 18 | digit(*b)? << 12 | digit(*c)? << 6 | digit(*d)?;
        let [_, one, two, three] = bits.to_be_bytes();
        bytes.extend([one, two, three]);
    }
    match chunks.remainder() {
        [] => {}
        [a, b] => {
            let bits = digit(*a)? << 6 | digit(*b)?;
            // The last four say nothing.
            (bits & 0xf == 0).then_some(())?;
            bytes.push(u8::try_from(bits >> 4).ok()?);
        }
        [a, b, c] => {
            let bits = digit(*a)? << 12 | digit(*b)? << 6 | digit(*c)?;
            (bits & 0x3 == 0).then_some(())?;
            let [_, _, one, two] = (bits >> 2).to_be_bytes();
            bytes.extend([one, two]);
        }
        _ => return None,
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u32> {
    match DIGITS.get(usize::from(byte)) {
        Some(digit) if *digit < 64 => Some(u32::from(*digit)),
        _ => None,
    }
}

/// What each byte stands for; 64 where it is no digit.
#[allow(clippy::indexing_slicing, reason = "by constants, when it is compiled")]
const DIGITS: [u8; 256] = {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut digits = [64; 256];
    let mut value = 0;
    while value < 64 {
        digits[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    digits
};
