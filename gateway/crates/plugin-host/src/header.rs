//! Looks at a file's outer form before the compiler does, so that the errors name what people really get wrong.

use crate::LoadError;

const MAGIC: &[u8; 4] = b"\0asm";
const CORE: [u8; 4] = [1, 0, 0, 0];
const COMPONENT: [u8; 4] = [0x0d, 0, 1, 0];

/// Accepts what looks like a whole component: its preamble and the lengths of its sections. The compiler checks the rest.
pub(crate) fn check(bytes: &[u8]) -> Result<(), LoadError> {
    let length = bytes.len();
    let Some((magic, rest)) = bytes.split_first_chunk::<4>() else {
        return Err(if MAGIC.starts_with(bytes) && length > 0 {
            truncated(length, "the preamble has 8 bytes")
        } else {
            not_wasm(bytes)
        });
    };
    if magic != MAGIC {
        return Err(not_wasm(bytes));
    }
    let Some((version, sections)) = rest.split_first_chunk::<4>() else {
        return Err(truncated(length, "the preamble has 8 bytes"));
    };
    match *version {
        COMPONENT => {}
        CORE => return Err(LoadError::CoreModule),
        other => {
            return Err(LoadError::Invalid(format!(
                "unknown WebAssembly version {other:02x?}"
            )));
        }
    }
    if sections.is_empty() {
        return Err(truncated(length, "there is nothing after the preamble"));
    }
    check_sections(sections, length)
}

fn check_sections(mut rest: &[u8], length: usize) -> Result<(), LoadError> {
    while let Some((_, after_id)) = rest.split_first() {
        let start = length - rest.len();
        let Some((size, body)) = read_size(after_id) else {
            return Err(truncated(length, &format!("a section starts at byte {start}")));
        };
        let Some(next) = body.get(size..) else {
            let missing = size - body.len();
            return Err(truncated(
                length,
                &format!("the section at byte {start} has {size} bytes, of which {missing} are missing"),
            ));
        };
        rest = next;
    }
    Ok(())
}

/// An unsigned LEB128 number of 32 bits at most, and what follows it.
fn read_size(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut size = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        size |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(size).ok()?, bytes.get(index + 1..)?));
        }
    }
    None
}

fn truncated(length: usize, expected: &str) -> LoadError {
    LoadError::Truncated {
        length,
        expected: expected.to_owned(),
    }
}

fn not_wasm(bytes: &[u8]) -> LoadError {
    let found = match bytes {
        [] => "it is empty".to_owned(),
        [b'\x7f', b'E', b'L', b'F', ..] => "it is an ELF file".to_owned(),
        bytes => match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'(') => "it is WebAssembly text".to_owned(),
            _ => {
                let start: Vec<_> = bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
                format!("it starts with bytes {}", start.join(" "))
            }
        },
    };
    LoadError::NotWasm { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_is_wrong_with_a_file() {
        let cases: [(&str, &[u8], &str); 8] = [
            ("empty", b"", "not a WebAssembly file: it is empty"),
            (
                "text",
                b" (component)",
                "not a WebAssembly file: it is WebAssembly text",
            ),
            (
                "html",
                b"<html>",
                "not a WebAssembly file: it starts with bytes 3c 68 74 6d",
            ),
            (
                "half a magic",
                b"\0as",
                "truncated after 3 bytes: the preamble has 8 bytes",
            ),
            (
                "half a preamble",
                b"\0asm\x0d\0",
                "truncated after 6 bytes: the preamble has 8 bytes",
            ),
            (
                "core",
                b"\0asm\x01\0\0\0",
                "a core WebAssembly module, not a component",
            ),
            (
                "nothing",
                b"\0asm\x0d\0\x01\0",
                "truncated after 8 bytes: there is nothing after the preamble",
            ),
            (
                "half a section",
                b"\0asm\x0d\0\x01\0\x00\x85\x01ab",
                "truncated after 13 bytes: the section at byte 8 has 133 bytes, of which 131 are missing",
            ),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(check(bytes).unwrap_err().to_string(), expected, "{name}");
        }
    }
}
