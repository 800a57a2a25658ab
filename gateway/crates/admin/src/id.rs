//! Identifiers as the service makes them: lower-case letters and digits.

/// A random identifier of so many characters.
pub(crate) fn random(length: usize) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let letter = |_| char::from(ALPHABET.get(fastrand::usize(..36)).copied().unwrap_or(b'a'));
    (0..length).map(letter).collect()
}

/// Of REST APIs, API keys, domain names.
pub(crate) fn long() -> String {
    random(10)
}

/// Of resources, deployments, authorizers, validators, models.
pub(crate) fn short() -> String {
    random(6)
}
