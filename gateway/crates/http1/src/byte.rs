//! What bytes may stand where.

const TOKEN: u8 = 1;
const TARGET: u8 = 2;
const HOST: u8 = 4;
/// May not stand in a path as it is.
const ODD: u8 = 8;
const ESCAPE: u8 = 16;
const DOT: u8 = 32;

/// The classes of each byte.
static CLASSES: [u8; 256] = classes();

#[allow(
    clippy::indexing_slicing,
    reason = "a byte is below 256; it is done at compile time"
)]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    loop {
        let mut class = 0;
        // RFC 9110 section 5.6.2.
        if byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'-'
                    | b'.'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'|'
                    | b'~'
            )
        {
            class |= TOKEN;
        }
        // RFC 3986, and what browsers send unencoded in queries
        // (<https://url.spec.whatwg.org/#query-percent-encode-set>). `#` begins a fragment, which is not sent.
        if matches!(byte, 0x21 | 0x24..=0x3b | 0x3d | 0x3f..=0x7e) {
            class |= TARGET;
        }
        if class & TARGET == 0 || matches!(byte, b'\\' | b'^' | b'`' | b'{' | b'}') {
            class |= ODD;
        }
        if byte == b'%' {
            class |= ESCAPE;
        }
        if byte == b'.' {
            class |= DOT;
        }
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b'[' | b']') {
            class |= HOST;
        }
        classes[byte as usize] = class;
        if byte == u8::MAX {
            return classes;
        }
        byte += 1;
    }
}

fn classes_of(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

fn is(byte: u8, class: u8) -> bool {
    classes_of(byte) & class != 0
}

/// Of a method or a field's name.
pub(crate) fn is_token(byte: u8) -> bool {
    is(byte, TOKEN)
}

/// Of a path or a query.
pub(crate) fn is_target(byte: u8) -> bool {
    is(byte, TARGET)
}

/// What may not stand in a path as it is.
pub(crate) fn is_odd(byte: u8) -> bool {
    is(byte, ODD)
}

/// Of a host and its port.
pub(crate) fn is_host(byte: u8) -> bool {
    is(byte, HOST)
}

/// Of a host's name, or of its address of IPv4.
pub(crate) fn is_name(byte: u8) -> bool {
    is_host(byte) && !matches!(byte, b':' | b'[' | b']')
}

/// How many bytes at the beginning are of a method or a field's name.
pub(crate) fn token(bytes: &[u8]) -> usize {
    let (words, _) = bytes.as_chunks::<8>();
    let mut passed = 0;
    for word in words {
        let others = not_usual(u64::from_le_bytes(*word));
        if others != 0 {
            passed += (others.trailing_zeros() / 8) as usize;
            break;
        }
        passed += 8;
    }
    let rest = bytes.get(passed..).unwrap_or_default();
    let end = rest.iter().position(|byte| !is_token(*byte));
    passed + end.unwrap_or(rest.len())
}

/// Of eight bytes, those that are neither letters, digits nor hyphens have their highest bit set here.
const fn not_usual(word: u64) -> u64 {
    let low = word & (EACH * 0x7f);
    let (letter, hyphen) = (low | (EACH * 0x20), low ^ (EACH * 0x2d));
    // No sum leaves its byte: both sides are below 0x80.
    let is_letter = (letter + EACH * (0x80 - 0x61)) & !(letter + EACH * (0x80 - 0x7b));
    let is_digit = (low + EACH * (0x80 - 0x30)) & !(low + EACH * (0x80 - 0x3a));
    let is_hyphen = !(hyphen + EACH * 0x7f);
    (word | !(is_letter | is_digit | is_hyphen)) & (EACH * 0x80)
}

const EACH: u64 = u64::MAX / 255;

/// How many bytes at the beginning are neither control characters nor tabs.
#[inline]
pub(crate) fn plain(bytes: &[u8]) -> usize {
    let is_control = |byte: &u8| *byte < b' ' || *byte == 0x7f;
    // Without a branch for each byte, so that the compiler takes sixteen together.
    let (chunks, _) = bytes.as_chunks::<16>();
    let is_clean = |chunk: &&[u8; 16]| !chunk.iter().fold(false, |any, byte| any | is_control(byte));
    let clean = chunks.iter().take_while(is_clean).count() * 16;
    let bytes = bytes.get(clean..).unwrap_or_default();
    let (words, rest) = bytes.as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        let found = controls(u64::from_le_bytes(*word));
        if found != 0 {
            return clean + place * 8 + (found.trailing_zeros() / 8) as usize;
        }
    }
    let end = rest.iter().position(is_control).unwrap_or(rest.len());
    clean + words.len() * 8 + end
}

/// The first byte of eight that is a control character has its highest bit set here, if one is; what is set above it says
/// nothing (<https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord>).
const fn controls(word: u64) -> u64 {
    let below_blank = word.wrapping_sub(EACH * 0x20) & !word;
    let not_delete = word ^ (EACH * 0x7f);
    let delete = not_delete.wrapping_sub(EACH) & !not_delete;
    (below_blank | delete) & (EACH * 0x80)
}

/// What is found among the bytes of a path.
pub(crate) struct PathBytes(u8);

impl PathBytes {
    pub(crate) fn of(path: &str) -> Self {
        Self(path.bytes().fold(0, |found, byte| found | classes_of(byte)))
    }

    /// Whether there is one that may not stand there as it is.
    pub(crate) fn has_odd(&self) -> bool {
        self.0 & ODD != 0
    }

    pub(crate) fn has_escape(&self) -> bool {
        self.0 & ESCAPE != 0
    }

    pub(crate) fn has_dot(&self) -> bool {
        self.0 & DOT != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_end_of_a_token_wherever_it_is() {
        for length in 0..24 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut bytes = vec![b'a'; length];
                    // What is before are usual and unusual ones, what follows may be anything.
                    for (place, before) in bytes
                        .iter_mut()
                        .take(at)
                        .zip(b"Zz09-aA!".iter().cycle().skip(at % 3))
                    {
                        *place = *before;
                    }
                    for (place, after) in bytes
                        .iter_mut()
                        .skip(at + 1)
                        .zip([0x00, b'a', 0xff, b':'].into_iter().cycle())
                    {
                        *place = after;
                    }
                    if let Some(place) = bytes.get_mut(at) {
                        *place = byte;
                    }
                    let expected = bytes.iter().position(|byte| !is_token(*byte)).unwrap_or(length);
                    assert_eq!(token(&bytes), expected, "{bytes:?}");
                }
            }
        }
    }

    #[test]
    fn finds_the_first_control_character_wherever_it_is() {
        for length in 0..40 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut bytes = vec![b'a'; length];
                    // What follows may be anything.
                    for (place, after) in bytes
                        .iter_mut()
                        .skip(at + 1)
                        .zip([0x7f, 0x80, 0x00, 0xff].into_iter().cycle())
                    {
                        *place = after;
                    }
                    if let Some(place) = bytes.get_mut(at) {
                        *place = byte;
                    }
                    let is_control = |byte: &u8| byte.is_ascii_control();
                    let expected = bytes.iter().position(is_control).unwrap_or(length);
                    assert_eq!(plain(&bytes), expected, "{bytes:?}");
                }
            }
        }
    }
}
