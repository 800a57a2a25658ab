//! What the text of a `$ref` names.

/// Models of an API under the address that API Gateway gives them; it is a name, never a place to fetch from.
const MODELS_OF_AN_API: &str = "https://apigateway.amazonaws.com/restapis/";

/// Where other models may be named as if they were the schema's own definitions.
const DEFINITIONS: [&str; 2] = ["/definitions/", "/components/schemas/"];

/// A `$ref`, read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// A place in the schema itself, as a JSON pointer.
    Here(String),
    /// A place in another model.
    Model {
        /// The model's name.
        name: String,
        /// A JSON pointer into its schema.
        pointer: String,
    },
    /// Anything else.
    Unknown,
}

impl Reference {
    /// Reads `text`, as found in a schema with this `id`.
    pub(crate) fn read(text: &str, own_id: Option<&str>) -> Self {
        if let Some(rest) = text.strip_prefix(MODELS_OF_AN_API) {
            return Self::by_address(rest);
        }
        let own_id = own_id
            .map(|id| id.trim_end_matches('#'))
            .filter(|id| !id.is_empty());
        let text = own_id.and_then(|id| text.strip_prefix(id)).unwrap_or(text);
        match text.strip_prefix('#').map(decode) {
            Some(Some(pointer)) if pointer.is_empty() || pointer.starts_with('/') => Self::Here(pointer),
            None if text.is_empty() => Self::Here(String::new()),
            _ => Self::Unknown,
        }
    }

    /// `{id}/models/{name}`, with or without a fragment.
    fn by_address(rest: &str) -> Self {
        let (path, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let mut parts = path.split('/');
        let (Some(id), Some("models"), Some(name), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Self::Unknown;
        };
        match decode(fragment) {
            Some(pointer)
                if !id.is_empty() && !name.is_empty() && (pointer.is_empty() || pointer.starts_with('/')) =>
            {
                Self::Model {
                    name: name.into(),
                    pointer,
                }
            }
            _ => Self::Unknown,
        }
    }
}

/// What a pointer into a schema names in another model, where the schema has no such definition of its own: the
/// model's name and the rest of the pointer.
pub(crate) fn definition(pointer: &str) -> Option<(String, &str)> {
    let rest = DEFINITIONS
        .iter()
        .find_map(|prefix| pointer.strip_prefix(prefix))?;
    let (name, rest) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    Some((unescape(name), rest))
}

/// The `$ref` to a place in a model, within the document that holds all of them.
pub(crate) fn linked(model: &str, pointer: &str) -> String {
    let mut text = String::from("#");
    for byte in address(model, pointer).bytes() {
        match byte {
            b'/' | b'~' | b'-' | b'.' | b'_' => text.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// The JSON pointer to a place in a model, within the document that holds all of them.
pub(crate) fn address(model: &str, pointer: &str) -> String {
    format!("/definitions/{}{pointer}", escape(model))
}

/// The JSON pointer that a linked `$ref` holds.
pub(crate) fn target(linked: &str) -> Option<String> {
    decode(linked.strip_prefix('#')?)
}

/// One token of a JSON pointer (RFC 6901).
pub(crate) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// Percent-decoding; nothing where it is broken.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
