//! `$util`

use std::any::Any;

use crate::bounds::{Bounds, Failure};
use crate::json;
use crate::value::{Object, Text, Value};

use super::encoding;

/// Its methods take one string each: other classes find no method, and null is an error but for `escapeJavaScript`.
#[derive(Debug)]
pub(super) struct Util;

impl Object for Util {
    fn call(&self, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        let text = match (method, arguments) {
            ("escapeJavaScript", [Value::Null]) => return Ok(Some(Value::Null)),
            (_, [Value::Text(text)]) => text,
            ("parseJson" | "urlEncode" | "urlDecode" | "base64Encode" | "base64Decode", [Value::Null]) => {
                return Err(Failure::Thrown(format!("$util.{method} of null")));
            }
            _ => return Ok(None),
        };
        let made = match method {
            "escapeJavaScript" => encoding::escape_java_script(text, bounds)?,
            "urlEncode" => encoding::url_encode(text, bounds)?,
            "urlDecode" => encoding::url_decode(text, bounds)?,
            "base64Encode" => encoding::base64_encode(text, bounds)?,
            "base64Decode" => encoding::base64_decode(text, bounds)?,
            "parseJson" => return Ok(Some(json::parse(text, bounds)?)),
            _ => return Ok(None),
        };
        Ok(Some(Value::from(made)))
    }

    fn to_text(&self, _: &mut Bounds) -> Result<Text, Failure> {
        Ok(Text::from("$util"))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
