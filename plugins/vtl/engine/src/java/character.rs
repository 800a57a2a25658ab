//! `java.lang.Character`, which `charAt` gives.

use std::any::Any;
use std::rc::Rc;

use crate::bounds::{Bounds, Failure};
use crate::value::{Object, Text, Value};

use super::{arguments, thrown, utf16};

/// One UTF-16 code unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Character(u16);

impl Character {
    #[must_use]
    pub fn new(unit: u16) -> Self {
        Self(unit)
    }

    #[must_use]
    pub fn unit(&self) -> u16 {
        self.0
    }

    /// This as a value.
    #[must_use]
    pub fn value(unit: u16) -> Value {
        Value::Object(Rc::new(Self(unit)))
    }
}

impl Object for Character {
    fn call(&self, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        if let Some(value) = own(self.0, method, arguments)? {
            return Ok(Some(value));
        }
        if let [Value::Int(point)] = arguments {
            if *point < 0 && matches!(method, "toUpperCase" | "toLowerCase") {
                return Ok(Some(Value::Int(*point)));
            }
            return classify(u32::try_from(*point).ok(), false, method, bounds);
        }
        match arguments {
            [argument] => match arguments::char_unit(argument) {
                Some(unit) => classify(Some(u32::from(unit)), true, method, bounds),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn to_text(&self, _bounds: &mut Bounds) -> Result<Text, Failure> {
        Ok(Text::from(utf16::unit_text(self.0).as_str()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn own(unit: u16, method: &str, arguments: &[Value]) -> Result<Option<Value>, Failure> {
    Ok(match (method, arguments) {
        ("charValue", []) => Some(Character::value(unit)),
        ("compareTo", [Value::Null]) => return thrown::null_pointer(),
        ("compareTo", [other]) => match arguments::char_unit(other) {
            Some(other) => Some(Value::Int(i32::from(unit) - i32::from(other))),
            None => return thrown::class_cast(),
        },
        ("compare", [left, right]) => match (arguments::char_unit(left), arguments::char_unit(right)) {
            (Some(left), Some(right)) => Some(Value::Int(i32::from(left) - i32::from(right))),
            _ => None,
        },
        ("digit", [digit, Value::Int(radix)]) => match (arguments::char_unit(digit), digit) {
            (Some(unit), _) => Some(Value::Int(digit_of(u32::from(unit), *radix))),
            (None, Value::Int(point)) => Some(Value::Int(
                u32::try_from(*point).map_or(-1, |point| digit_of(point, *radix)),
            )),
            _ => None,
        },
        ("forDigit", [Value::Int(digit), Value::Int(radix)]) => {
            let digit = match (u32::try_from(*digit), u32::try_from(*radix)) {
                (Ok(digit), Ok(radix)) if (2..=36).contains(&radix) => char::from_digit(digit, radix),
                _ => None,
            };
            Some(Character::value(digit.map_or(0, |c| c as u16)))
        }
        _ => None,
    })
}

fn digit_of(point: u32, radix: i32) -> i32 {
    match (char::from_u32(point), u32::try_from(radix)) {
        (Some(c), Ok(radix)) if (2..=36).contains(&radix) => c
            .to_digit(radix)
            .and_then(|digit| i32::try_from(digit).ok())
            .unwrap_or(-1),
        _ => -1,
    }
}

/// The static methods that take a `char`, and mostly a code point as well.
fn classify(
    point: Option<u32>,
    is_char: bool,
    method: &str,
    _bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    let c = point.and_then(char::from_u32);
    let is = |test: fn(char) -> bool| Some(Value::Bool(c.is_some_and(test)));
    Ok(match method {
        "isLetter" | "isAlphabetic" if method == "isLetter" || !is_char => is(char::is_alphabetic),
        "isDigit" => is(|c| c.is_ascii_digit()),
        "isLetterOrDigit" => is(char::is_alphanumeric),
        "isUpperCase" => is(char::is_uppercase),
        "isLowerCase" => is(char::is_lowercase),
        "isWhitespace" => is(utf16::is_white),
        "isSpaceChar" => is(|c| c.is_whitespace() && !c.is_control()),
        "isISOControl" => is(char::is_control),
        "getNumericValue" => Some(Value::Int(point.map_or(-1, |point| digit_of(point, 36)))),
        "toUpperCase" => Some(cased(point, is_char, utf16::upper)),
        "toLowerCase" => Some(cased(point, is_char, utf16::lower)),
        "hashCode" if is_char => point.and_then(|point| i32::try_from(point).ok()).map(Value::Int),
        "valueOf" if is_char => point
            .and_then(|point| u16::try_from(point).ok())
            .map(Character::value),
        "toString" => match c {
            Some(c) => Some(Value::from(c.to_string())),
            None if is_char => Some(Value::text("?")),
            None => return thrown::illegal_argument("Not a valid Unicode code point"),
        },
        _ => None,
    })
}

fn cased(point: Option<u32>, is_char: bool, change: fn(char) -> char) -> Value {
    let point = point.unwrap_or(0);
    let changed = char::from_u32(point).map_or(point, |c| change(c) as u32);
    if is_char {
        Character::value(u16::try_from(changed).unwrap_or(0))
    } else {
        Value::Int(i32::try_from(changed).unwrap_or(0))
    }
}
