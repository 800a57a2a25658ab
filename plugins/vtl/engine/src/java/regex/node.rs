//! What a pattern says, as a tree. It nests as deep as the parser allows, so that walking it may recurse.

use std::sync::Arc;

use super::class::CharSet;

/// What matches one character.
#[derive(Debug, Clone)]
pub(super) enum One {
    Any,
    Char(char),
    Set(Arc<CharSet>),
}

impl One {
    #[inline]
    pub(super) fn matches(&self, c: char) -> bool {
        match self {
            Self::Any => true,
            Self::Char(own) => *own == c,
            Self::Set(set) => set.contains(c),
        }
    }
}

/// How a comparison overlooks case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    None,
    Ascii,
    Unicode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Greed {
    Greedy,
    Lazy,
    Possessive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assertion {
    Start,
    LineStart { unix: bool },
    End,
    LastEnd { unix: bool },
    LineEnd { unix: bool },
    LastMatch,
    Word,
    NotWord,
}

#[derive(Debug)]
pub(super) enum Node {
    Empty,
    One(One),
    Assert(Assertion),
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
    /// A group in parentheses, which captures if it has a number.
    Group(Option<usize>, Box<Node>),
    Repeat {
        node: Box<Node>,
        min: u32,
        max: Option<u32>,
        greed: Greed,
    },
    BackReference(usize, Fold),
    Atomic(Box<Node>),
    Ahead {
        node: Box<Node>,
        negative: bool,
    },
    /// With the least and the most characters that it goes back; `None` where it never matches.
    Behind {
        node: Box<Node>,
        negative: bool,
        min: usize,
        max: Option<usize>,
    },
}

/// How many characters a node can match, and whether Java takes its way for determined.
#[derive(Debug, Clone, Copy)]
pub(super) struct Width {
    pub(super) min: usize,
    /// `None` where there is no obvious maximum. It overflows as Java's does, which has a meaning in look-behinds.
    pub(super) max: Option<i32>,
    pub(super) determined: bool,
}

impl Width {
    const fn exactly(count: u8) -> Self {
        Self {
            min: count as usize,
            max: Some(count as i32),
            determined: true,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            min: self.min.saturating_add(other.min),
            max: self.max.zip(other.max).map(|(a, b)| a.wrapping_add(b)),
            determined: self.determined && other.determined,
        }
    }

    /// The most characters that a look-behind goes back, as Java reckons: after an overflow it goes back without a limit
    /// or, where that came about twice, finds nothing, which `None` says.
    pub(super) fn reach(self, max: i32) -> Option<usize> {
        match usize::try_from(max) {
            Ok(max) => Some(max.max(self.min)),
            Err(_) if max < -(1 << 30) => Some(usize::MAX),
            Err(_) => None,
        }
    }
}

impl Node {
    pub(super) fn width(&self) -> Width {
        self.study(Width::exactly(0))
    }

    /// The width of what stands before this node together with it: whether a sum overflows depends on both.
    fn study(&self, before: Width) -> Width {
        match self {
            Self::One(_) => before.plus(Width::exactly(1)),
            Self::Empty | Self::Assert(_) | Self::Ahead { .. } | Self::Behind { .. } => before,
            Self::Concat(nodes) => nodes.iter().fold(before, |before, node| node.study(before)),
            Self::Alternate(nodes) => before.plus(Width {
                min: nodes.iter().map(|node| node.width().min).min().unwrap_or(0),
                max: nodes
                    .iter()
                    .try_fold(0, |most, node| Some(node.width().max?.max(most))),
                determined: false,
            }),
            Self::Group(_, node) => node.study(before),
            Self::Atomic(node) => Width {
                determined: false,
                ..node.study(before)
            },
            Self::Repeat {
                node,
                min: 0,
                max: Some(1),
                ..
            } => Width {
                min: before.min,
                determined: false,
                ..node.study(before)
            },
            Self::Repeat {
                node,
                min,
                max,
                greed,
            } => node.repeated(*min, *max, *greed, before),
            Self::BackReference(..) => Width { max: None, ..before },
        }
    }

    fn repeated(&self, min: u32, max: Option<u32>, greed: Greed, before: Width) -> Width {
        let width = self.width();
        let least = usize::try_from(min)
            .unwrap_or(usize::MAX)
            .saturating_mul(width.min);
        let determined = width.determined && max == Some(min);
        if max.is_none() && greed == Greed::Greedy && matches!(self, Self::One(_)) {
            return before.plus(Width {
                min: least,
                max: Some(i32::MAX),
                determined,
            });
        }
        // Java looks no further where a group that it must try in several ways repeats.
        let unclear = !width.determined && greed != Greed::Possessive && matches!(self, Self::Group(..));
        let times = max.and_then(|max| i32::try_from(max).ok()).unwrap_or(i32::MAX);
        let most = width
            .max
            .zip(before.max)
            .filter(|_| !unclear)
            .and_then(|(width, before)| {
                let sum = width.wrapping_mul(times).wrapping_add(before);
                (sum >= before).then_some(sum)
            });
        Width {
            min: before.min.saturating_add(least),
            max: most,
            determined: before.determined && determined,
        }
    }
}
