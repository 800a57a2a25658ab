//! Paths that rules leave alone.

/// Whether a path is one of these, or below one: `/docs` is the beginning of `/docs/a`, and not of `/docs2`. A path with
/// anything encoded, or with `..`, could be another to the backend, and is below nothing.
pub(crate) fn is_below(path: &str, beginnings: &[String]) -> bool {
    if beginnings.is_empty() || path.contains(['%', '\\', ';']) || path.contains("..") || path.contains("//")
    {
        return false;
    }
    beginnings.iter().any(|beginning| {
        let below = path.strip_prefix(beginning.trim_end_matches('/'));
        below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_below() {
        for (path, expected) in [
            ("/docs", true),
            ("/docs/a/b", true),
            ("/docs2", false),
            ("/Docs", false),
            ("/", false),
            ("/docs/../pets", false),
            ("/docs/%2e%2e/pets", false),
            ("/docs//x", false),
            ("/docs/..;/pets", false),
        ] {
            assert_eq!(is_below(path, &["/docs/".to_owned()]), expected, "{path}");
        }
        assert!(is_below("/anything", &["/".to_owned()]));
        assert!(!is_below("/anything", &[]));
    }
}
