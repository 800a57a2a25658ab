//! Literals: strings, with what is interpolated in them, and numbers.

use num_bigint::BigInt;

use super::SyntaxError;
use super::parser::Parser;
use super::token::Kind;
use super::tree::{Expression, Interpolated};
use crate::value::{Text, Value};

impl Parser<'_, '_, '_> {
    /// A string, a number, `true` or `false`: its value and its token.
    pub(super) fn plain_value(&mut self) -> Result<(Expression, usize), SyntaxError> {
        let token = self.take()?;
        let image = self.image(token);
        let value = match self.kind(token) {
            Kind::String => return Ok((self.string(token)?, token)),
            Kind::Integer => integer(image).ok_or_else(|| self.no_number(token))?,
            Kind::Float => Value::Double(image.parse().map_err(|_| self.no_number(token))?),
            kind => Value::Bool(kind == Kind::True),
        };
        Ok((Expression::Constant(value), token))
    }

    fn string(&mut self, token: usize) -> Result<Expression, SyntaxError> {
        let image = self.image(token);
        let quoted = image.get(1..image.len().saturating_sub(1)).unwrap_or_default();
        let text = if image.starts_with('"') {
            let text = unescape(quoted).ok_or_else(|| {
                self.error_at(token, "`\\u` must be followed by four hexadecimal digits")
                    .with_hint("put the string in single quotes for a plain backslash")
            })?;
            text.replace("\"\"", "\"")
        } else {
            quoted.replace("''", "'")
        };
        if image.starts_with('"') && image.contains(['$', '#']) {
            return self.interpolated(&text, token);
        }
        Ok(Expression::Constant(Value::Text(Text::from(text))))
    }

    fn interpolated(&mut self, text: &str, token: usize) -> Result<Expression, SyntaxError> {
        let padded = !text.contains("##");
        let source = if padded {
            format!("{text} ")
        } else {
            text.to_owned()
        };
        let place = self.place(token);
        let body = self.nest(|outer| {
            let inner = Parser::new(&source, outer.unit, true, Some(place));
            inner.template().map_err(|mut error| {
                let (line, column) = super::position(outer.source, outer.token_start(token));
                (error.line, error.column) = (line, column);
                error
            })
        })?;
        Ok(Expression::Interpolated(Box::new(Interpolated { body, padded })))
    }

    /// A `#` before digits is read as part of them.
    fn no_number(&self, token: usize) -> SyntaxError {
        self.error_at(token, format!("`{}` is no number", self.image(token)))
    }

    pub(super) fn token_start(&self, token: usize) -> usize {
        self.tokens.get(token).map_or(0, |token| token.start)
    }
}

/// The most digits of a number.
const DIGITS: usize = 10_000;

fn integer(image: &str) -> Option<Value> {
    if let Ok(int) = image.parse() {
        return Some(Value::Int(int));
    }
    if let Ok(long) = image.parse() {
        return Some(Value::Long(long));
    }
    // Reading takes time in the square of the length.
    if image.len() > DIGITS {
        return None;
    }
    image.parse::<BigInt>().ok().map(|big| Value::Big(big.into()))
}

/// Replaces `\uXXXX`, which is all that a string knows of escapes.
fn unescape(text: &str) -> Option<String> {
    if !text.contains("\\u") {
        return Some(text.to_owned());
    }
    let mut units = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        units.extend(rest.get(..at)?.encode_utf16());
        let digits = rest.get(at + 2..at + 6)?;
        let code = i32::from_str_radix(digits, 16).ok()?;
        // A cast to Java's char, which a sign can make overflow.
        units.push(u16::try_from(code & 0xffff).ok()?);
        rest = rest.get(at + 6..)?;
    }
    units.extend(rest.encode_utf16());
    Some(
        char::decode_utf16(units)
            .map(|unit| unit.unwrap_or('?'))
            .collect(),
    )
}
