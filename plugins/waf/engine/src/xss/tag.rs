//! Tags, as browsers find them.

use super::{event, script};

pub(super) fn find(text: &str) -> Option<&'static str> {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        let (found, read) = after_sign(rest);
        if found.is_some() {
            return found;
        }
        rest = rest.get(read..).unwrap_or_default();
    }
    None
}

/// What stands behind a `<`, and how far it was read.
fn after_sign(rest: &str) -> (Option<&'static str>, usize) {
    match rest.as_bytes() {
        [b'!', ..] => (declaration(rest), 1),
        [b'?', ..] => (rest.starts_with("?xml-stylesheet").then_some("a style sheet"), 1),
        [b'/' | b'a'..=b'z', ..] => tag(rest),
        // Some remove blanks and control characters before they show a page.
        [b' ' | b'\n' | b'%', ..] => {
            let name = rest.trim_start_matches([' ', '\n', '%', '/']);
            let is_script = ["script", "iframe"].iter().any(|wanted| {
                name.strip_prefix(wanted)
                    .is_some_and(|behind| behind.starts_with('>'))
            });
            (is_script.then_some("a script"), 0)
        }
        _ => (None, 0),
    }
}

fn declaration(rest: &str) -> Option<&'static str> {
    (rest.starts_with("!entity") || rest.starts_with("!element") || rest.starts_with("!attlist"))
        .then_some("a declaration of an entity")
}

fn tag(rest: &str) -> (Option<&'static str>, usize) {
    let closes = rest.starts_with('/');
    let name_at = usize::from(closes);
    let name = rest.get(name_at..).unwrap_or_default();
    let length = name.find([' ', '\n', '/', '>', '<']).unwrap_or(name.len());
    let name = name.get(..length).unwrap_or_default();
    let mut attributes = Attributes {
        rest: rest.get(name_at + length..).unwrap_or_default(),
    };
    if let Some(found) = of_name(name, attributes.rest) {
        return (Some(found), 0);
    }
    // Another begins within it.
    if attributes.rest.starts_with('<') {
        return (None, name_at + length);
    }
    let before = attributes.rest.len();
    let mut any = false;
    let mut found = None;
    for (attribute, value) in attributes.by_ref() {
        any |= value.is_some();
        found = of_attribute(name, attribute, value.unwrap_or_default());
        if found.is_some() {
            break;
        }
    }
    let found =
        found.or_else(|| (any && loads_with_attributes(name)).then_some("an element that loads something"));
    let read = name_at + length + before - attributes.rest.len();
    (found, read)
}

/// Elements that no text has, whatever their attributes.
fn of_name(name: &str, behind: &str) -> Option<&'static str> {
    // `x:script` too.
    let local = name.rsplit(':').next().unwrap_or_default();
    let is = match local {
        "script" | "iframe" | "frame" | "frameset" | "isindex" | "xss" | "foreignobject" | "animate"
        | "animatetransform" | "animatemotion" | "noembed" | "plaintext" | "portal" | "fencedframe" => true,
        "svg" | "math" | "style" | "noscript" | "template" | "xml" | "layer" | "ilayer" | "bgsound" => {
            !behind.is_empty()
        }
        _ => false,
    };
    is.then_some("an element that runs or loads a script")
}

/// Elements that load something by an attribute.
fn loads_with_attributes(name: &str) -> bool {
    matches!(
        name,
        "object"
            | "embed"
            | "applet"
            | "link"
            | "meta"
            | "base"
            | "form"
            | "set"
            | "import"
            | "param"
            | "handler"
            | "listener"
    )
}

fn of_attribute(name: &str, attribute: &str, value: &str) -> Option<&'static str> {
    if event::is_handler(attribute) {
        return Some("a handler of events");
    }
    // It may stand in an attribute of the page, which it ends.
    if ["<script", "<svg", "<iframe"]
        .iter()
        .any(|tag| value.contains(tag))
    {
        return Some("an element that runs or loads a script");
    }
    let local = attribute.rsplit(':').next().unwrap_or_default();
    match local {
        "srcdoc" => Some("a document in an attribute"),
        "style" => {
            let is_code = [
                "expression",
                "javascript:",
                "-moz-binding",
                "behavior:",
                "behaviour:",
                "@import",
            ];
            let plain: String = value
                .chars()
                .filter(|char| !matches!(char, ' ' | '\n' | '\\'))
                .collect();
            let plain = without_comments(&plain);
            is_code
                .iter()
                .any(|code| plain.contains(code))
                .then_some("a script in a style")
        }
        "href" | "src" | "action" | "formaction" | "data" | "background" | "poster" | "from" | "to"
        | "values" | "dynsrc" | "lowsrc" | "code" | "codebase" | "cite" | "ping" | "content" | "lang"
        | "url" | "manifest" | "folder" => script::is_uri(value).then_some("a script as an address"),
        "attributename" if name == "set" || name.starts_with("animate") => Some("an animated attribute"),
        _ => None,
    }
}

fn without_comments(style: &str) -> String {
    let mut plain = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, comment)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, behind)| behind);
    }
    plain.push_str(rest);
    plain
}

/// A value that ends with a blank or its tag, and what is behind it.
fn unquoted(value: &str) -> Option<(&str, &str)> {
    value.split_at_checked(value.find([' ', '\n', '>']).unwrap_or(value.len()))
}

/// The attributes of a tag, to its end or to that of the text.
struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, Option<&'a str>);

    fn next(&mut self) -> Option<Self::Item> {
        const BLANKS: [char; 2] = [' ', '\n'];
        // Quotes that belong to no value are taken for blanks: they may belong to the page.
        self.rest = self.rest.trim_start_matches([' ', '\n', '/', '"', '\'', '`']);
        if self.rest.is_empty() || self.rest.starts_with(['>', '<']) {
            return None;
        }
        let length = self
            .rest
            .find([' ', '\n', '/', '>', '<', '='])
            .unwrap_or(self.rest.len());
        // A name may begin with an equals sign.
        let length = if length == 0 { 1 } else { length };
        let (name, behind) = self.rest.split_at_checked(length)?;
        self.rest = behind;
        let Some(value) = behind.trim_start_matches(BLANKS).strip_prefix('=') else {
            return Some((name, None));
        };
        let value = value.trim_start_matches(BLANKS);
        let quote = value
            .chars()
            .next()
            .filter(|char| matches!(char, '"' | '\'' | '`'));
        let (value, behind) = match quote {
            // A quote that nothing closes is looked for in vain once: there is no other behind it.
            Some(quote) => match value.get(1..).and_then(|inside| inside.split_once(quote)) {
                Some(quoted) => quoted,
                None => unquoted(value)?,
            },
            None => unquoted(value)?,
        };
        self.rest = behind;
        Some((name, Some(value)))
    }
}
