//! Short texts.

/// The parts before and behind the first `separator`, which is an ASCII character. The standard library's search is made for
/// longer texts than the parts of hosts and paths are.
pub fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    debug_assert!(separator.is_ascii());
    let place = text.bytes().position(|byte| byte == separator)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_as_the_standard_librarys() {
        for text in ["", "/", "a", "a/", "/b", "a/b/c", "é/ß", "//"] {
            assert_eq!(split_once(text, b'/'), text.split_once('/'), "{text}");
        }
    }
}
