//! Keys that come twice in an object.

use super::Error;
use crate::bounds::Bounds;
use crate::value::{Map, Order, Slot, Text, Value};

/// The keys of up to this many entries are told apart at no cost.
const FEW: usize = 16;

/// What was seen of an object's keys: length and two characters of each, by which most keys are told apart.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Two words of bits: a wide integer is slow to shift in WebAssembly.
    seen: [u64; 2],
    repeated: bool,
}

impl Marks {
    #[inline]
    pub(super) fn add(&mut self, key: &Text) {
        let bytes = key.as_bytes();
        let end = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
        let mix = bytes.len() * 31 + end(bytes.first()) * 7 + end(bytes.last());
        let bit = 1_u64 << (mix % 64);
        let [even, odd] = &mut self.seen;
        let seen = if mix & 64 == 0 { even } else { odd };
        self.repeated |= *seen & bit != 0;
        *seen |= bit;
    }
}

/// Makes the keys of `entries`, of which `marks` tell, distinct: the first place, the last value.
pub(super) fn unify(entries: &mut Vec<Slot>, marks: &Marks, bounds: &mut Bounds) -> Result<(), Error> {
    if !has_twins(entries, marks, bounds)? {
        return Ok(());
    }
    let unified = Map::new(Order::Insertion);
    for (key, value) in entries.drain(..).flatten() {
        if let Value::Text(key) = key {
            unified.put_text(key, value);
        }
    }
    *entries = unified.entries().into_iter().map(Some).collect();
    Ok(())
}

fn has_twins(entries: &[Slot], marks: &Marks, bounds: &mut Bounds) -> Result<bool, Error> {
    if entries.len() > FEW {
        bounds.steps(entries.len())?;
    }
    if !marks.repeated {
        return Ok(false);
    }
    let mut keys: Vec<&str> = entries.iter().flatten().map(|(key, _)| text_of(key)).collect();
    keys.sort_unstable();
    Ok(keys.windows(2).any(|pair| pair.first() == pair.last()))
}

fn text_of(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        _ => "",
    }
}
