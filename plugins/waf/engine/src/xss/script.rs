//! Scripts: as addresses, and where a value breaks out of a string of one.

/// Functions and objects that attacks use, and what they are followed by.
const SINKS: [&str; 25] = [
    "alert",
    "confirm",
    "prompt",
    "eval",
    "settimeout",
    "setinterval",
    "function",
    "fetch",
    "import",
    "atob",
    "document.write",
    "document.cookie",
    "document.domain",
    "document.location",
    "window.location",
    "location.href",
    "location.replace",
    "location.assign",
    "string.fromcharcode",
    "xmlhttprequest",
    "constructor",
    "navigator.sendbeacon",
    "console.log",
    "print",
    "location",
];

pub(super) fn find(text: &str) -> Option<&'static str> {
    if begins_with_uri(text) {
        return Some("a script as an address");
    }
    if text.contains("+adw-script") || text.contains("+adw-img") {
        return Some("a tag in UTF-7");
    }
    if breaks_out(text) {
        return Some("a script behind a string");
    }
    in_template(text)
}

/// Whether an attribute's value is a script: blanks within its scheme do not count.
pub(super) fn is_uri(value: &str) -> bool {
    let scheme: String = value
        .chars()
        .filter(|char| !matches!(char, ' ' | '\n' | '"' | '\''))
        .take(64)
        .collect();
    let schemes = ["javascript:", "vbscript:", "livescript:", "mocha:", "jscript:"];
    // `1;url=javascript:…` of a meta element, and lists of an animation.
    let scheme = scheme.rsplit_once("url=").map_or(scheme.as_str(), |(_, url)| url);
    schemes
        .iter()
        .any(|wanted| scheme.starts_with(wanted) || scheme.contains(&format!(";{wanted}")))
        || scheme.strip_prefix("data:").is_some_and(is_active_data)
}

fn is_active_data(data: &str) -> bool {
    [
        "text/html",
        "image/svg+xml",
        "text/xml",
        "application/xml",
        "application/xhtml",
        "text/javascript",
        "application/javascript",
        ",",
        ";base64",
    ]
    .iter()
    .any(|kind| data.starts_with(kind))
}

/// A value that is an address itself. Prose goes on with a word after the colon: "JavaScript: the good parts".
fn begins_with_uri(text: &str) -> bool {
    const LONGEST: usize = 48;
    let letters: String = text
        .chars()
        .take(LONGEST)
        .filter(|char| !matches!(char, ' ' | '\n' | '"' | '\'' | '\u{1}'..='\u{1f}'))
        .collect();
    if letters.starts_with("data:text/html") || letters.starts_with("data:image/svg+xml") {
        return true;
    }
    let is_script = letters.starts_with("javascript:") || letters.starts_with("vbscript:");
    is_script
        && text.split_once(':').is_some_and(|(_, code)| {
            let code = code.trim_start_matches([' ', '\n']);
            if code.starts_with("//")
                || code.starts_with("/*")
                || code.starts_with(['(', '[', '"', '\'', '`', '!', '\\', '{', '-', '+'])
            {
                return true;
            }
            let name = code
                .bytes()
                .take_while(|byte| {
                    byte.is_ascii_alphanumeric()
                        || matches!(
                            byte,
                            b'_' | b'$' | b'.' | b'\\' | b'[' | b']' | b'"' | b'\'' | b'&' | b'#'
                        )
                })
                .count();
            code.get(name..)
                .is_some_and(|behind| name > 0 && behind.starts_with(['(', '`', '=', ';', '?', '+', '/']))
        })
}

/// `';alert(1)//`, `"-alert(1)-"`, `</script>` aside: an operator behind a quote and then a call.
fn breaks_out(text: &str) -> bool {
    let bytes = text.as_bytes();
    let quotes = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| matches!(byte, b'\'' | b'"' | b'`'));
    quotes.into_iter().any(|(at, _)| {
        let behind = text.get(at + 1..).unwrap_or_default();
        let signs = behind
            .bytes()
            .take(32)
            .take_while(|byte| {
                matches!(
                    byte,
                    b' ' | b'\n'
                        | b';'
                        | b'-'
                        | b'+'
                        | b'*'
                        | b'/'
                        | b'^'
                        | b'|'
                        | b'&'
                        | b','
                        | b')'
                        | b'}'
                        | b']'
                        | b'?'
                        | b':'
                        | b'!'
                        | b'~'
                        | b'='
                )
            })
            .count();
        let has_operator = behind
            .bytes()
            .take(signs)
            .any(|byte| !matches!(byte, b' ' | b'\n' | b',' | b':' | b')' | b'=' | b'}' | b']'));
        has_operator && behind.get(signs..).is_some_and(is_sink)
    })
}

/// `${alert(1)}`, `{{constructor.constructor('…')()}}`
fn in_template(text: &str) -> Option<&'static str> {
    const REACH: usize = 256;
    ["${", "{{", "#{"].into_iter().find_map(|opens| {
        let mut rest = text;
        while let Some((_, inside)) = rest.split_once(opens) {
            let reach = inside
                .get(..inside.floor_char_boundary(REACH))
                .unwrap_or_default();
            let inside_end = reach.find('}').unwrap_or(reach.len());
            let expression = inside.get(..inside_end).unwrap_or_default();
            let names =
                expression.split(|char: char| !(char.is_ascii_alphanumeric() || char == '.' || char == '('));
            if names.into_iter().any(is_sink) || expression.contains("constructor(") {
                return Some("a script in a template");
            }
            rest = inside.get(inside_end..).unwrap_or_default();
        }
        None
    })
}

/// A call or an assignment.
fn is_sink(code: &str) -> bool {
    let code = [
        "window.",
        "self.",
        "top.",
        "parent.",
        "globalthis.",
        "new ",
        "void ",
        "typeof ",
        "throw ",
        "(",
        "window[",
        "self[",
        "top[",
    ]
    .iter()
    .fold(code, |code, before| code.strip_prefix(before).unwrap_or(code));
    let code = code.trim_start_matches(['"', '\'', '`']);
    SINKS.iter().any(|sink| {
        code.strip_prefix(sink).is_some_and(|behind| {
            let behind = behind.trim_start_matches([' ', '\n', ')', ']', '"', '\'']);
            behind.starts_with(['(', '`', '=', '.', '?']) || sink.contains('.')
        })
    })
}
