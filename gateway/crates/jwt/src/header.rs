//! The header of a token (RFC 7515, section 4): what is not understood is refused.

use serde_json::{Map, Value};

use crate::{Algorithm, MOST_HEADER, MOST_KEY_ID, Part, Refused, base64url, json};

/// What a header says.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: String,
}

/// Keys, and where keys would be, that a token brings itself (RFC 8725, section 3.10).
const OWN_KEYS: [&str; 4] = ["jwk", "jku", "x5u", "x5c"];
/// What changes how a token is read.
const NOT_UNDERSTOOD: [&str; 3] = ["crit", "b64", "zip"];
/// What `typ` may be, in any case and with `application/` or without: RFC 7519, section 5.1, and RFC 9068, section 2.1.
const TYPES: [&str; 2] = ["jwt", "at+jwt"];

impl Header {
    pub(crate) fn parse(encoded: &str) -> Result<Self, Refused> {
        if encoded.len() > MOST_HEADER / 3 * 4 {
            return Err(Refused::LargeHeader);
        }
        let bytes = base64url::decode(encoded).ok_or(Refused::Encoding(Part::Header))?;
        let members = json::object(&bytes).map_err(|why| Refused::Json(Part::Header, why))?;
        if members.contains_key("enc") {
            return Err(Refused::Encrypted);
        }
        let algorithm = algorithm(&members)?;
        understood(&members)?;
        Ok(Self {
            algorithm,
            key_id: key_id(&members)?,
        })
    }
}

fn algorithm(members: &Map<String, Value>) -> Result<Algorithm, Refused> {
    let name = text(members, "alg")?.ok_or(Refused::Header("alg"))?;
    if name.eq_ignore_ascii_case("none") {
        return Err(Refused::Unsigned);
    }
    if name
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("hs"))
    {
        return Err(Refused::Symmetric);
    }
    Algorithm::parse(name).ok_or(Refused::UnknownAlgorithm)
}

fn understood(members: &Map<String, Value>) -> Result<(), Refused> {
    let has = |name: &&&str| members.contains_key(**name);
    if let Some(name) = OWN_KEYS.iter().find(has) {
        return Err(Refused::EmbeddedKey(name));
    }
    if let Some(name) = NOT_UNDERSTOOD.iter().find(has) {
        return Err(Refused::NotUnderstood(name));
    }
    if let Some(kind) = text(members, "typ")?
        && !TYPES.iter().any(|known| short(kind).eq_ignore_ascii_case(known))
    {
        return Err(Refused::Type);
    }
    match text(members, "cty")? {
        Some(kind) if short(kind).eq_ignore_ascii_case("jwt") => Err(Refused::Nested),
        _ => Ok(()),
    }
}

/// API Gateway wants a `kid` that is one of the key set's
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>), even where there is but one
/// key.
fn key_id(members: &Map<String, Value>) -> Result<String, Refused> {
    let id = text(members, "kid")?.filter(|id| !id.is_empty());
    let id = id.ok_or(Refused::NoKeyId)?;
    match id.len() <= MOST_KEY_ID {
        true => Ok(id.to_owned()),
        false => Err(Refused::Header("kid")),
    }
}

fn text<'m>(members: &'m Map<String, Value>, name: &'static str) -> Result<Option<&'m str>, Refused> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refused::Header(name)),
    }
}

/// A media type without the `application/` that may be left out (RFC 7515, section 4.1.9).
fn short(kind: &str) -> &str {
    let (start, rest) = kind.split_at_checked("application/".len()).unwrap_or(("", kind));
    if start.eq_ignore_ascii_case("application/") {
        rest
    } else {
        kind
    }
}
