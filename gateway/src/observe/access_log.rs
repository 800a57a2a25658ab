//! Access logs: a format string is compiled when a stage is, and makes one line of each finished request.

use std::fmt::Write as _;
use std::sync::Arc;

use super::sink::Sink;
use crate::proxy::context::{self, End, OfHead};
use crate::proxy::exchange::Exchange;

/// Bytes that a format may have: API Gateway's quota for an access log template
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>).
pub const FORMAT_LIMIT: usize = 3 * 1024;
/// Bytes of a value that are written; the rest is cut off.
pub const VALUE_LIMIT: usize = 4 * 1024;

/// The formats that API Gateway's console offers
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-access-logging.html>).
const PRESETS: [(&str, &str); 4] = [
    (
        "clf",
        concat!(
            r#"$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] "#,
            r#""$context.httpMethod $context.resourcePath $context.protocol" $context.status "#,
            "$context.responseLength $context.requestId $context.extendedRequestId",
        ),
    ),
    (
        "csv",
        concat!(
            "$context.identity.sourceIp,$context.identity.caller,$context.identity.user,$context.requestTime,",
            "$context.httpMethod,$context.resourcePath,$context.protocol,$context.status,$context.responseLength,",
            "$context.requestId,$context.extendedRequestId",
        ),
    ),
    (
        "json",
        concat!(
            r#"{"requestId":"$context.requestId","extendedRequestId":"$context.extendedRequestId","#,
            r#""ip":"$context.identity.sourceIp","caller":"$context.identity.caller","#,
            r#""user":"$context.identity.user","requestTime":"$context.requestTime","#,
            r#""httpMethod":"$context.httpMethod","resourcePath":"$context.resourcePath","#,
            r#""status":"$context.status","protocol":"$context.protocol","#,
            r#""responseLength":"$context.responseLength"}"#,
        ),
    ),
    (
        "xml",
        concat!(
            r#"<request id="$context.requestId"><extendedRequestId>$context.extendedRequestId</extendedRequestId>"#,
            "<ip>$context.identity.sourceIp</ip><caller>$context.identity.caller</caller>",
            "<user>$context.identity.user</user><requestTime>$context.requestTime</requestTime>",
            "<httpMethod>$context.httpMethod</httpMethod><resourcePath>$context.resourcePath</resourcePath>",
            "<status>$context.status</status><protocol>$context.protocol</protocol>",
            "<responseLength>$context.responseLength</responseLength></request>",
        ),
    ),
];

/// A stage's access log.
#[derive(Debug)]
pub struct AccessLog {
    format: Format,
    sink: Arc<Sink>,
}

impl AccessLog {
    /// Lines of a format, to a place.
    pub fn new(format: Format, sink: Arc<Sink>) -> Self {
        Self { format, sink }
    }

    /// What must be kept of a request's head.
    pub fn of_head(&self) -> &[OfHead] {
        &self.format.of_head
    }

    /// Whether a line has this variable.
    pub fn has(&self, name: &str) -> bool {
        self.format.has(name)
    }

    /// Writes the line of a finished request.
    pub fn write(&self, exchange: &Exchange, end: &End) {
        let line = self.format.line(|name| context::at_end(exchange, end, name));
        self.sink.write(line);
    }
}

/// A format, compiled.
#[derive(Debug, PartialEq, Eq)]
pub struct Format {
    parts: Vec<Part>,
    escaping: Escaping,
    of_head: Vec<OfHead>,
    unknown: Vec<String>,
    capacity: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

/// How a value is kept inside its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escaping {
    /// As in a JSON string, for every format but XML.
    Json,
    Xml,
}

impl Format {
    /// Compiles a format, or one of the presets by its name. What follows `$context.` is the longest name that there is;
    /// where there is none, a `-` is printed, as API Gateway does.
    pub fn compile(format: &str) -> Self {
        let preset = PRESETS.iter().find(|(name, _)| *name == format);
        let format = preset.map_or(format, |(_, preset)| preset);
        let mut compiled = Self {
            parts: Vec::new(),
            escaping: match format.trim_start().starts_with('<') {
                true => Escaping::Xml,
                false => Escaping::Json,
            },
            of_head: Vec::new(),
            unknown: Vec::new(),
            capacity: format.len() + 128,
        };
        let format = one_line(format);
        let mut rest = &*format;
        while let Some((text, after)) = rest.split_once("$context.") {
            let length = name_length(after);
            let (name, after) = after.split_at_checked(length).unwrap_or((after, ""));
            compiled.text(text);
            match name {
                // No name at all.
                "" => compiled.text("$context."),
                name => compiled.variable(name),
            }
            rest = after;
        }
        compiled.text(rest);
        compiled.text("\n");
        compiled
    }

    fn text(&mut self, text: &str) {
        match self.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Text(before)) => before.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }

    fn variable(&mut self, name: &str) {
        if !context::is_known(name) {
            self.unknown.push(name.to_owned());
        }
        if let Some(of_head) = OfHead::of(name).filter(|of_head| !self.of_head.contains(of_head)) {
            self.of_head.push(of_head);
        }
        self.parts.push(Part::Variable(name.to_owned()));
    }

    /// Names that no variable has.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Whether a line has this variable.
    pub fn has(&self, name: &str) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Variable(known) if known == name))
    }

    /// Whether a line can be told from every other, as API Gateway demands.
    pub fn identifies(&self) -> bool {
        self.has("requestId") || self.has("extendedRequestId")
    }

    fn line<'a>(&self, value: impl Fn(&str) -> Option<std::borrow::Cow<'a, str>>) -> String {
        let mut line = String::with_capacity(self.capacity);
        for part in &self.parts {
            match part {
                Part::Text(text) => line.push_str(text),
                Part::Variable(name) => match value(name).filter(|value| !value.is_empty()) {
                    Some(value) => self.value(name, &value, &mut line),
                    None => line.push('-'),
                },
            }
        }
        line
    }

    fn value(&self, name: &str, value: &str, line: &mut String) {
        // It has its quotes, and quotes and backslashes in them are escaped already.
        if name == "error.messageString" && self.escaping == Escaping::Json {
            value.chars().for_each(|c| escape_break(c, line));
            return;
        }
        let value = value
            .get(..value.floor_char_boundary(VALUE_LIMIT))
            .unwrap_or(value);
        match self.escaping {
            Escaping::Json => escape_json(value, line),
            Escaping::Xml => escape_xml(value, line),
        }
    }
}

/// A line break, with the white space around it, is one blank: a request is one line.
fn one_line(format: &str) -> String {
    let lines = format.split(['\n', '\r']).map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    match lines.as_slice() {
        // Blanks at its ends are the format's own.
        [_] if !format.contains(['\n', '\r']) => format.to_owned(),
        lines => lines.join(" "),
    }
}

/// The length of the longest name that there is at the beginning of `text`, or of all that could be one.
fn name_length(text: &str) -> usize {
    let longest = could_be_name(text);
    let mut length = longest;
    while let Some(name) = text.get(..length).filter(|name| !name.is_empty()) {
        if context::is_known(name) && (!name.contains('-') || context::is_of_family(name)) {
            return length;
        }
        length = name.rfind(['.', '-']).unwrap_or(0);
    }
    // Nothing known: the whole of it, but for a dash, which stands between two variables more often.
    let name = text.get(..longest).unwrap_or_default();
    name.find('-').unwrap_or(longest)
}

/// Letters, digits and `_`, with single dots and dashes between them.
fn could_be_name(text: &str) -> usize {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut length = 0;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        let joins =
            matches!(byte, b'.' | b'-') && at > 0 && bytes.peek().is_some_and(|(_, next)| is_word(next));
        if !is_word(&byte) && !joins {
            break;
        }
        length = at + 1;
    }
    length
}

fn escape_json(value: &str, into: &mut String) {
    for c in value.chars() {
        match c {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            c => escape_break(c, into),
        }
    }
}

fn escape_break(c: char, into: &mut String) {
    if is_break(c) {
        // Writing to a string cannot fail.
        let _ = write!(into, "\\u{:04x}", u32::from(c));
    } else {
        into.push(c);
    }
}

fn escape_xml(value: &str, into: &mut String) {
    for c in value.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&apos;"),
            // No other control character can be in a document at all.
            '\n' | '\r' | '\t' => {
                let _ = write!(into, "&#{};", u32::from(c));
            }
            c if is_break(c) => into.push(char::REPLACEMENT_CHARACTER),
            c => into.push(c),
        }
    }
}

/// What could end a line or change how one is shown.
pub(super) fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn variable(name: &str) -> Part {
        Part::Variable(name.to_owned())
    }

    #[test]
    fn a_name_is_the_longest_that_there_is() {
        for (format, expected) in [
            ("$context.requestId", vec![variable("requestId"), text("\n")]),
            (
                "$context.requestId.log",
                vec![variable("requestId"), text(".log\n")],
            ),
            (
                "$context.requestId-$context.stage.",
                vec![variable("requestId"), text("-"), variable("stage"), text(".\n")],
            ),
            ("$context.stage-x", vec![variable("stage"), text("-x\n")]),
            (
                "$context.integration.latency$context.integrationLatency",
                vec![
                    variable("integration.latency"),
                    variable("integrationLatency"),
                    text("\n"),
                ],
            ),
            (
                "$context.requestTimeEpoch $context.requestTime",
                vec![
                    variable("requestTimeEpoch"),
                    text(" "),
                    variable("requestTime"),
                    text("\n"),
                ],
            ),
            (
                "$context.authorizer.my-key,",
                vec![variable("authorizer.my-key"), text(",\n")],
            ),
            (
                "$context.authorizer.claims.sub",
                vec![variable("authorizer.claims.sub"), text("\n")],
            ),
            ("$context.nope.x-1", vec![variable("nope.x"), text("-1\n")]),
            ("$context.identity", vec![variable("identity"), text("\n")]),
            (
                "a $context. b $contextual",
                vec![text("a $context. b $contextual\n")],
            ),
            ("{\n  \"a\": 1\r\n}\n", vec![text("{ \"a\": 1 }\n")]),
            ("a\tb ", vec![text("a\tb \n")]),
            ("$context.é", vec![text("$context.é\n")]),
        ] {
            assert_eq!(Format::compile(format).parts, expected, "{format:?}");
        }
    }

    #[test]
    fn knows_what_it_needs_and_what_it_does_not_know() {
        let format = Format::compile("$context.domainPrefix $context.domainName $context.path $context.nope");
        assert_eq!(format.of_head, [OfHead::DomainName, OfHead::Path]);
        assert_eq!(format.unknown(), ["nope"]);
        assert!(!format.identifies());
        for (name, preset) in PRESETS {
            assert_eq!(Format::compile(name), Format::compile(preset));
            let format = Format::compile(name);
            assert!(format.identifies() && format.unknown().is_empty(), "{name}");
            assert!(preset.len() < FORMAT_LIMIT, "{name}");
        }
    }

    #[test]
    fn a_value_stays_in_its_place() {
        let evil = "a\"}\n{\\\t\u{1b}[0m\u{2028}é<&'>\u{7f}";
        let value = |name: &str| match name {
            "path" => Some(Cow::Borrowed(evil)),
            "error.messageString" => Some(Cow::Borrowed("\"a \\\"b\\\"\"")),
            "stage" => Some(Cow::Borrowed("")),
            "identity.userAgent" => Some(Cow::Owned("é".repeat(VALUE_LIMIT))),
            _ => None,
        };
        for (format, expected) in [
            (
                "\"$context.path\"",
                "\"a\\\"}\\n{\\\\\\t\\u001b[0m\\u2028é<&'>\\u007f\"\n",
            ),
            (
                " <p>$context.path</p>",
                " <p>a&quot;}&#10;{\\&#9;\u{fffd}[0m\u{fffd}é&lt;&amp;&apos;&gt;\u{fffd}</p>\n",
            ),
            ("$context.error.messageString", "\"a \\\"b\\\"\"\n"),
            ("$context.stage $context.nope $context.status", "- - -\n"),
        ] {
            assert_eq!(Format::compile(format).line(value), expected, "{format}");
        }
        let line = Format::compile("$context.identity.userAgent").line(value);
        assert_eq!(line.len(), VALUE_LIMIT + 1);
        let json = Format::compile("{\"a\":\"$context.path\"}").line(value);
        let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(read["a"], evil);
    }
}
