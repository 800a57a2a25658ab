//! The ARN of what is called, which policies are evaluated against.

use crate::proxy::call::Head;
use crate::proxy::exchange::{Exchange, hex_digits};
use crate::proxy::percent;

/// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{verb}/{path}`.
///
/// The path is written as routes read it, so that a policy cannot be evaded by another spelling: without slashes at its ends,
/// and percent-decoded. What would mean something else stays escaped, or is: a slash, for `a%2Fb` is one part of a path; the
/// percent sign itself, and bytes that are no UTF-8; and, of an authorizer that answers with a policy for this very ARN,
/// wildcards, variables and whatever ends a JSON text.
pub(super) fn of(exchange: &Exchange, head: &Head) -> String {
    let prefix = exchange.stage.as_ref().map_or("", |stage| &stage.settings.arn);
    let path = head.path();
    let mut arn = String::with_capacity(prefix.len() + 8 + path.len());
    for part in [prefix, head.method.as_str(), "/"] {
        arn.push_str(part);
    }
    write(path.trim_matches('/'), &mut arn);
    arn
}

/// The same below the ARN of a domain name: `{arn}/{stage}/{verb}/{path}`.
pub(super) fn of_domain(arn: &str, exchange: &Exchange, head: &Head) -> String {
    let stage = exchange.stage.as_ref().map_or("", |stage| &stage.settings.name);
    let mut arn = format!("{arn}/{stage}/{}/", head.method);
    write(head.path().trim_matches('/'), &mut arn);
    arn
}

fn write(path: &str, into: &mut String) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!&'()+,;=:@".contains(&byte);
    if path.bytes().all(plain) {
        into.push_str(path);
        return;
    }
    for (index, part) in path.split('/').enumerate() {
        if index > 0 {
            into.push('/');
        }
        for chunk in percent::decode_bytes(part).utf8_chunks() {
            for char in chunk.valid().chars() {
                if char.is_control() || r#"/%*?$"\"#.contains(char) {
                    escape(char.encode_utf8(&mut [0; 4]).as_bytes(), into);
                } else {
                    into.push(char);
                }
            }
            escape(chunk.invalid(), into);
        }
    }
}

fn escape(bytes: &[u8], into: &mut String) {
    for byte in bytes {
        into.push('%');
        into.extend(hex_digits(*byte).map(|digit| char::from(digit).to_ascii_uppercase()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        for (sent, expected) in [
            ("", ""),
            ("pets/1", "pets/1"),
            ("%70ets/%31", "pets/1"),
            ("a//b", "a//b"),
            ("caf%C3%A9", "café"),
            ("a%2Fb", "a%2Fb"),
            ("a%2fb", "a%2Fb"),
            ("a%252Fb", "a%252Fb"),
            ("100%", "100%25"),
            ("*", "%2A"),
            ("%2a", "%2A"),
            ("%3F", "%3F"),
            ("a%22,%5C", "a%22,%5C"),
            ("a\"b", "a%22b"),
            ("%0a%c2%85", "%0A%C2%85"),
            ("a%ffb%fe", "a%FFb%FE"),
            ("a%20b", "a b"),
            ("${aws:username}", "%24{aws:username}"),
            ("%24%7Baws:username%7D", "%24{aws:username}"),
        ] {
            let mut written = String::new();
            write(sent, &mut written);
            assert_eq!(written, expected, "{sent}");
        }
    }
}
