//! `equals` and `hashCode`.

use crate::bounds::{Bounds, Exceeded, Failure};
use crate::value::{List, ListKind, Map, Value};

use super::character::Character;
use super::views::{Entry, View};

/// Nesting past which values are no longer compared or hashed.
const DEPTH: usize = 100;
/// How many values are compared or hashed where no bounds are at hand.
const FUEL: usize = 100_000;

/// Counts the values that a comparison visits: shared lists could make it exponential.
trait Meter {
    fn take(&mut self, count: usize) -> Result<(), Exceeded>;
}

impl Meter for Bounds {
    fn take(&mut self, count: usize) -> Result<(), Exceeded> {
        self.steps(count)
    }
}

impl Meter for usize {
    fn take(&mut self, count: usize) -> Result<(), Exceeded> {
        *self = self.checked_sub(count).ok_or(Exceeded::Steps)?;
        Ok(())
    }
}

/// `Object.equals`: `Integer` 1 is not `Long` 1. Values too large or nested too deep to compare differ.
#[must_use]
pub fn equals(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Int(left), Value::Int(right)) => left == right,
        _ => equal(left, right, &mut FUEL.clone(), 0).unwrap_or(false),
    }
}

/// [`equals`] within the bounds of a rendering.
///
/// # Errors
///
/// A limit.
pub fn same_value(left: &Value, right: &Value, bounds: &mut Bounds) -> Result<bool, Failure> {
    Ok(equal(left, right, bounds, 0)?)
}

/// `Object.hashCode`. What has no value of its own, such as an array, has an address in its place.
#[must_use]
pub fn hash_code(value: &Value) -> i32 {
    match value {
        Value::Text(text) => hash_text(text),
        value => hash(value, &mut FUEL.clone(), 0).unwrap_or(0),
    }
}

/// [`hash_code`] within the bounds of a rendering.
///
/// # Errors
///
/// A limit.
pub fn hash_within(value: &Value, bounds: &mut Bounds) -> Result<i32, Failure> {
    if let Value::Decimal(text) = value {
        bounds.steps(text.len().saturating_mul(text.len()) / 4096)?;
    }
    match hash(value, bounds, 0) {
        Err(Exceeded::Depth) => Ok(0),
        hash => Ok(hash?),
    }
}

/// How many values a comparison with `value` visits at most.
pub(super) fn weight(value: &Value, bounds: &mut Bounds) -> Result<usize, Failure> {
    let mut fuel = FUEL;
    // Where it is too much, comparisons give up as well.
    let _ = hash(value, &mut fuel, 0);
    let weight = 1 + FUEL - fuel;
    bounds.steps(weight)?;
    Ok(weight)
}

/// `Double.doubleToLongBits`.
pub(crate) fn double_bits(value: f64) -> u64 {
    if value.is_nan() {
        0x7ff8_0000_0000_0000
    } else {
        value.to_bits()
    }
}

fn equal(left: &Value, right: &Value, meter: &mut impl Meter, depth: usize) -> Result<bool, Exceeded> {
    meter.take(1)?;
    Ok(match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Int(left), Value::Int(right)) => left == right,
        (Value::Long(left), Value::Long(right)) => left == right,
        (Value::Big(left), Value::Big(right)) => left == right,
        (Value::Double(left), Value::Double(right)) => double_bits(*left) == double_bits(*right),
        // Equal in scale too, so their texts are.
        (Value::Decimal(left), Value::Decimal(right)) => equal_texts(left, right, meter)?,
        (Value::Text(left), Value::Text(right)) => equal_texts(left, right, meter)?,
        (Value::List(left), Value::List(right)) => equal_lists(left, right, meter, depth)?,
        (Value::Map(left), Value::Map(right)) => equal_maps(left, right, meter, depth)?,
        (Value::Object(left), Value::Object(right)) => {
            if std::ptr::addr_eq(std::rc::Rc::as_ptr(left), std::rc::Rc::as_ptr(right)) {
                return Ok(true);
            }
            let (left, right) = (left.as_any(), right.as_any());
            if let (Some(left), Some(right)) = (left.downcast_ref::<Character>(), right.downcast_ref()) {
                return Ok(left == right);
            }
            if let (Some(left), Some(right)) = (left.downcast_ref::<Entry>(), right.downcast_ref::<Entry>()) {
                let depth = deeper(depth)?;
                return Ok(equal(&left.key(), &right.key(), meter, depth)?
                    && equal(&left.value(), &right.value(), meter, depth)?);
            }
            if let (Some(left), Some(right)) = (left.downcast_ref::<View>(), right.downcast_ref::<View>()) {
                return equal_views(left, right, meter, depth);
            }
            false
        }
        _ => false,
    })
}

fn deeper(depth: usize) -> Result<usize, Exceeded> {
    if depth >= DEPTH {
        Err(Exceeded::Depth)
    } else {
        Ok(depth + 1)
    }
}

fn equal_texts(left: &str, right: &str, meter: &mut impl Meter) -> Result<bool, Exceeded> {
    if left.len() == right.len() {
        meter.take(left.len() / 128)?;
    }
    Ok(left == right)
}

fn equal_lists(left: &List, right: &List, meter: &mut impl Meter, depth: usize) -> Result<bool, Exceeded> {
    if left.same(right) {
        return Ok(true);
    }
    let array = |list: &List| matches!(list.kind(), ListKind::Array(_));
    if array(left) || array(right) || left.len() != right.len() {
        return Ok(false);
    }
    let depth = deeper(depth)?;
    for (left, right) in left.items().iter().zip(right.items().iter()) {
        if !equal(left, right, meter, depth)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equal_maps(left: &Map, right: &Map, meter: &mut impl Meter, depth: usize) -> Result<bool, Exceeded> {
    if left.same(right) {
        return Ok(true);
    }
    if left.len() != right.len() {
        return Ok(false);
    }
    let depth = deeper(depth)?;
    let mut equals = true;
    left.visit(|key, value| {
        if equals {
            equals = match value_under(right, key, meter, depth)? {
                Some(other) => equal(value, &other, meter, depth)?,
                None => false,
            };
        }
        Ok::<(), Exceeded>(())
    })?;
    Ok(equals)
}

/// The value under a key. A map's own search begins a new comparison, whose nesting would count from nothing again: what
/// nests is searched for here.
fn value_under(
    map: &Map,
    key: &Value,
    meter: &mut impl Meter,
    depth: usize,
) -> Result<Option<Value>, Exceeded> {
    if !matches!(key, Value::List(_) | Value::Map(_) | Value::Object(_)) {
        return Ok(map.get_value(key));
    }
    let mut found = None;
    map.visit(|other, value| {
        if found.is_none() && equal(key, other, meter, depth)? {
            found = Some(value.clone());
        }
        Ok::<(), Exceeded>(())
    })?;
    Ok(found)
}

/// Key sets and entry sets are equal as sets; a `values()` is equal to itself only.
fn equal_views(left: &View, right: &View, meter: &mut impl Meter, depth: usize) -> Result<bool, Exceeded> {
    meter.take(left.map().len())?;
    let (left, right) = match (left.set_items(), right.set_items()) {
        (Some(left), Some(right)) if left.len() == right.len() => (left, right),
        _ => return Ok(false),
    };
    let depth = deeper(depth)?;
    for item in &left {
        let mut found = false;
        for other in &right {
            if equal(item, other, meter, depth)? {
                found = true;
                break;
            }
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

fn hash(value: &Value, meter: &mut impl Meter, depth: usize) -> Result<i32, Exceeded> {
    meter.take(1)?;
    Ok(match value {
        Value::Null => 0,
        Value::Bool(true) => 1231,
        Value::Bool(false) => 1237,
        Value::Int(value) => *value,
        Value::Long(value) => fold(value.cast_unsigned()),
        Value::Big(value) => hash_big(value),
        Value::Double(value) => fold(double_bits(*value)),
        Value::Decimal(text) => super::numeric::hash_decimal(text),
        Value::Text(text) => {
            meter.take(text.len() / 16)?;
            hash_text(text)
        }
        Value::List(list) => match list.kind() {
            ListKind::Array(_) => fold(list.address() as u64) & i32::MAX,
            ListKind::Java | ListKind::Json => {
                let depth = deeper(depth)?;
                let mut code = 1_i32;
                for item in list.items().iter() {
                    code = code.wrapping_mul(31).wrapping_add(hash(item, meter, depth)?);
                }
                code
            }
        },
        Value::Map(map) => {
            let depth = deeper(depth)?;
            let mut code = 0_i32;
            map.visit(|key, value| {
                code = code.wrapping_add(hash(key, meter, depth)? ^ hash(value, meter, depth)?);
                Ok::<(), Exceeded>(())
            })?;
            code
        }
        Value::Object(object) => {
            let any = object.as_any();
            if let Some(character) = any.downcast_ref::<Character>() {
                return Ok(i32::from(character.unit()));
            }
            let depth = deeper(depth)?;
            if let Some(entry) = any.downcast_ref::<Entry>() {
                return Ok(hash(&entry.key(), meter, depth)? ^ hash(&entry.value(), meter, depth)?);
            }
            if let Some(items) = any.downcast_ref::<View>().and_then(View::set_items) {
                let mut code = 0_i32;
                for item in &items {
                    code = code.wrapping_add(hash(item, meter, depth)?);
                }
                return Ok(code);
            }
            fold(std::rc::Rc::as_ptr(object).cast::<u8>() as usize as u64) & i32::MAX
        }
    })
}

fn fold(bits: u64) -> i32 {
    let low = u32::try_from(bits & 0xffff_ffff).unwrap_or(0);
    let high = u32::try_from(bits >> 32).unwrap_or(0);
    (low ^ high).cast_signed()
}

fn hash_text(text: &str) -> i32 {
    let next = |code: i32, unit: u16| code.wrapping_mul(31).wrapping_add(i32::from(unit));
    if text.is_ascii() {
        text.bytes().fold(0, |code, byte| next(code, u16::from(byte)))
    } else {
        text.encode_utf16().fold(0, next)
    }
}

pub(super) fn hash_big(value: &num_bigint::BigInt) -> i32 {
    let (sign, digits) = value.to_u32_digits();
    let magnitude = digits
        .iter()
        .rev()
        .fold(0_u32, |code, digit| code.wrapping_mul(31).wrapping_add(*digit))
        .cast_signed();
    if sign == num_bigint::Sign::Minus {
        magnitude.wrapping_neg()
    } else {
        magnitude
    }
}
