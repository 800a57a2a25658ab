//! Sets of characters.

use std::sync::Arc;

use super::node::Fold;
use super::property::Property;

/// A set as a pattern builds it.
#[derive(Debug, Clone)]
pub(super) enum Set {
    Range(char, char),
    /// The characters whose other case is in a range, too.
    FoldedRange(char, char, Fold),
    Property(Property),
    Not(Arc<Set>),
    Union(Vec<Set>),
    And(Arc<Set>, Arc<Set>),
}

impl Set {
    /// One character, with its other case if `fold` says so.
    pub(super) fn single(c: char, fold: Fold) -> Self {
        Self::range(c, c, fold)
    }

    pub(super) fn range(from: char, to: char, fold: Fold) -> Self {
        if fold == Fold::None {
            Self::Range(from, to)
        } else {
            Self::FoldedRange(from, to, fold)
        }
    }

    pub(super) fn not(self) -> Self {
        Self::Not(Arc::new(self))
    }

    pub(super) fn union(self, other: Self) -> Self {
        match self {
            Self::Union(mut sets) => {
                sets.push(other);
                Self::Union(sets)
            }
            one => Self::Union(vec![one, other]),
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self::And(Arc::new(self), Arc::new(other))
    }

    fn contains(&self, c: char) -> bool {
        match self {
            Self::Range(from, to) => (*from..=*to).contains(&c),
            Self::FoldedRange(from, to, fold) => {
                let range = *from..=*to;
                range.contains(&c) || variants(c, *fold).iter().any(|variant| range.contains(variant))
            }
            Self::Property(property) => property.contains(c),
            Self::Not(set) => !set.contains(c),
            Self::Union(sets) => sets.iter().any(|set| set.contains(c)),
            Self::And(left, right) => left.contains(c) && right.contains(c),
        }
    }
}

fn variants(c: char, fold: Fold) -> [char; 2] {
    match fold {
        Fold::None => [c, c],
        Fold::Ascii => [c.to_ascii_uppercase(), c.to_ascii_lowercase()],
        Fold::Unicode => [upper(c), folded(c)],
    }
}

/// `Character.toUpperCase`: characters with several letters for their upper case stay as they are.
fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(only), None) => only,
        _ => c,
    }
}

/// `Character.toLowerCase(Character.toUpperCase(c))`
pub(super) fn folded(c: char) -> char {
    let upper = upper(c);
    upper.to_lowercase().next().unwrap_or(upper)
}

/// A set made ready: its ASCII part is a bit map.
#[derive(Debug, Clone)]
pub(super) struct CharSet {
    ascii: u128,
    set: Set,
}

impl CharSet {
    pub(super) fn new(set: Set) -> Self {
        let ascii = (0..128_u8)
            .filter(|byte| set.contains(char::from(*byte)))
            .fold(0, |bits, byte| bits | 1 << byte);
        Self { ascii, set }
    }

    #[inline]
    pub(super) fn contains(&self, c: char) -> bool {
        if c.is_ascii() {
            self.ascii >> u32::from(c) & 1 == 1
        } else {
            self.set.contains(c)
        }
    }

    pub(super) fn ascii(&self) -> u128 {
        self.ascii
    }
}
