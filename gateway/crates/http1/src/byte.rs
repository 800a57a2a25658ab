//! What bytes may stand where.

const TOKEN: u8 = 1;
const TARGET: u8 = 2;
const HOST: u8 = 4;

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

fn is(byte: u8, class: u8) -> bool {
    CLASSES
        .get(usize::from(byte))
        .is_some_and(|classes| classes & class != 0)
}

/// Of a method or a field's name.
pub(crate) fn is_token(byte: u8) -> bool {
    is(byte, TOKEN)
}

/// Of a path or a query.
pub(crate) fn is_target(byte: u8) -> bool {
    is(byte, TARGET)
}

/// Of a host and its port.
pub(crate) fn is_host(byte: u8) -> bool {
    is(byte, HOST)
}

/// How many bytes at the beginning are neither control characters nor tabs.
pub(crate) fn plain(bytes: &[u8]) -> usize {
    const WIDTH: usize = 16;
    let is_control = |byte: &u8| *byte < b' ' || *byte == 0x7f;
    // Without a branch for each byte, so that the compiler takes them together.
    let any = |chunk: &[u8]| chunk.iter().fold(false, |any, byte| any | is_control(byte));
    let clean = bytes.chunks_exact(WIDTH).take_while(|chunk| !any(chunk)).count() * WIDTH;
    let rest = bytes.get(clean..).unwrap_or_default();
    clean + rest.iter().position(is_control).unwrap_or(rest.len())
}
