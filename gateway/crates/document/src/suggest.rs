//! "Did you mean …?"

/// The candidate that a person who wrote `unknown` most likely meant; `None` where none is close.
pub fn suggest<I>(unknown: &str, candidates: I) -> Option<String>
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    const LONGEST: usize = 100;
    let length = unknown.chars().count();
    if length > LONGEST {
        return None;
    }
    let typed = unknown.to_lowercase();
    let mut best: Option<(usize, String)> = None;
    for candidate in candidates {
        let candidate = candidate.as_ref();
        let distance = distance(&typed, candidate);
        if best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, candidate.to_owned()));
        }
    }
    best.filter(|(distance, _)| *distance <= tolerance(length))
        .map(|(_, candidate)| candidate)
}

/// Edits between the two, not counting case, `-` and `_`.
fn distance(typed: &str, candidate: &str) -> usize {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_'], "");
    strsim::damerau_levenshtein(&plain(typed), &plain(candidate))
}

/// One edit in short words, a third of the letters in longer ones, never more than three.
fn tolerance(length: usize) -> usize {
    (length / 3).clamp(1, 3)
}
