//! Indexes and slices of lists.

use super::Step;
use super::cursor::Fault;

/// `[from:to]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slice {
    From(i32),
    To(i32),
    Between(i32, i32),
}

impl Slice {
    /// The indexes that it takes of a list; negative ones count from its end.
    pub(super) fn indexes(self, length: usize) -> std::ops::Range<i64> {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let from_end = |index: i32| {
            if index < 0 {
                length + i64::from(index)
            } else {
                i64::from(index)
            }
        };
        match self {
            Self::From(from) => from_end(from).max(0)..length,
            Self::To(to) => 0..from_end(to).min(length),
            // As in Jayway, bounds on both sides count from the beginning alone, the indexes between them do not.
            Self::Between(from, to) if length > 0 => i64::from(from)..i64::from(to).min(length),
            Self::Between(..) => 0..0,
        }
    }
}

/// Reads what stands between the brackets.
pub(super) fn parse(text: &str) -> Result<Step, Fault> {
    if text.contains(':') {
        slice(text).map(Step::Slice)
    } else {
        indexes(text)
    }
}

fn slice(text: &str) -> Result<Slice, Fault> {
    if !text
        .chars()
        .all(|character| character.is_ascii_digit() || character == '-' || character == ':')
    {
        return Err(Fault::Invalid);
    }
    let mut parts = text.split(':');
    let mut next = || match parts.next() {
        None | Some("") => Ok(None),
        Some(part) => part.parse::<i32>().map(Some).map_err(|_| Fault::Invalid),
    };
    match (next()?, next()?) {
        (Some(from), Some(to)) => Ok(Slice::Between(from, to)),
        (Some(from), None) => Ok(Slice::From(from)),
        (None, Some(to)) => Ok(Slice::To(to)),
        (None, None) => Err(Fault::Invalid),
    }
}

fn indexes(text: &str) -> Result<Step, Fault> {
    let index = |part: &str| part.trim().parse::<i32>().map_err(|_| Fault::Invalid);
    if text.contains('+') {
        return Err(Fault::Invalid);
    }
    if text.contains(',') {
        return text
            .split(',')
            .map(index)
            .collect::<Result<_, _>>()
            .map(Step::Indexes);
    }
    index(text).map(Step::Index)
}
