//! Routing rules of domain names: what their parts may be
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html>,
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigatewayv2-routingrule-matchheadervalue.html>).

/// Rules that a domain name has at the most: a bound of our own.
pub const MOST_RULES: usize = 200;
/// Header conditions of one rule.
pub const MOST_HEADERS: usize = 2;
/// Alternatives of one condition: a bound of our own.
pub const MOST_ALTERNATIVES: usize = 20;
/// The lowest priority, and the highest.
pub const PRIORITIES: (u32, u32) = (1, 1_000_000);

const NAME: usize = 40;
const VALUE: usize = 128;

/// Whether a condition may be about a header of this name.
pub fn is_matched_header(name: &str) -> bool {
    (1..=NAME).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte != b'*' && byte != b'?' && is_of_glob(byte))
}

/// Whether it may be the value: with asterisks at its ends alone.
pub fn is_header_glob(value: &str) -> bool {
    let inside = value.strip_prefix('*').unwrap_or(value);
    let inside = inside.strip_suffix('*').unwrap_or(inside);
    (1..=VALUE).contains(&value.len()) && value.bytes().all(is_of_glob) && !inside.contains('*')
}

fn is_of_glob(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"*?-!#$%&'.^_`|~".contains(&byte)
}

/// Whether a text is a base path, of several parts or none
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html>).
pub fn is_base_path(path: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"$-_.+!*'()".contains(&byte))
    };
    path.is_empty() || (path.len() <= 300 && path.split('/').all(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_conditions() {
        for (name, expected) in [
            ("x-version", true),
            ("", false),
            ("x y", false),
            ("x*", false),
            ("a:b", false),
        ] {
            assert_eq!(is_matched_header(name), expected, "{name}");
        }
        assert!(is_matched_header(&"x".repeat(40)) && !is_matched_header(&"x".repeat(41)));
        for (value, expected) in [
            ("beta", true),
            ("beta*", true),
            ("*", true),
            ("*beta*", true),
            ("be*ta", false),
            ("", false),
            ("a b", false),
        ] {
            assert_eq!(is_header_glob(value), expected, "{value}");
        }
        assert!(is_header_glob(&"x".repeat(128)) && !is_header_glob(&"x".repeat(129)));
        for (path, expected) in [
            ("", true),
            ("a/b", true),
            ("/a", false),
            ("a//b", false),
            ("a b", false),
        ] {
            assert_eq!(is_base_path(path), expected, "{path}");
        }
    }
}
