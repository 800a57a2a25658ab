//! Patterns of paths.

/// A pattern of a path: `*` is anything in a segment, `**` any number of segments.
#[derive(Debug)]
pub(crate) struct Glob(Vec<Segment>);

#[derive(Debug)]
enum Segment {
    AnyNumber,
    One(Vec<u8>),
}

impl Glob {
    pub(crate) fn parse(pattern: &str, case_sensitive: bool) -> Result<Self, String> {
        let rest = pattern
            .strip_prefix('/')
            .ok_or_else(|| format!("{pattern:?} does not begin with a slash"))?;
        let segments = rest
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| match segment {
                "**" => Segment::AnyNumber,
                one if case_sensitive => Segment::One(one.into()),
                one => Segment::One(one.to_ascii_lowercase().into()),
            });
        Ok(Self(segments.collect()))
    }

    /// Whether it is this path, of segments without slashes.
    pub(crate) fn matches(&self, path: &[&[u8]]) -> bool {
        wildcard(
            &self.0,
            path,
            |segment| matches!(segment, Segment::AnyNumber),
            |segment, text| match segment {
                Segment::AnyNumber => true,
                Segment::One(pattern) => {
                    wildcard(pattern, text, |byte| *byte == b'*', |byte, other| byte == other)
                }
            },
        )
    }
}

/// Matches a pattern whose wildcards stand for any number of items. It goes back to the last wildcard only: what an
/// earlier one could take in addition, the last one can as well.
fn wildcard<P, T>(
    pattern: &[P],
    text: &[T],
    is_wildcard: impl Fn(&P) -> bool,
    is: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut at, mut item) = (0, 0);
    let mut last = None;
    while let Some(next) = text.get(item) {
        match pattern.get(at) {
            Some(part) if is_wildcard(part) => {
                last = Some((at, item));
                at += 1;
            }
            Some(part) if is(part, next) => {
                at += 1;
                item += 1;
            }
            _ => {
                let Some((wildcard, taken)) = last else {
                    return false;
                };
                last = Some((wildcard, taken + 1));
                at = wildcard + 1;
                item = taken + 1;
            }
        }
    }
    pattern.iter().skip(at).all(is_wildcard)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_paths() {
        for (pattern, path, matches) in [
            ("/", "", true),
            ("/", "a", false),
            ("/a/b", "a/b", true),
            ("/a/b", "a/b/c", false),
            ("/a/*", "a/b", true),
            ("/a/*", "a", false),
            ("/a/*", "a/b/c", false),
            ("/a*c/d", "abbc/d", true),
            ("/a*b*c", "a-bb-cc", true),
            ("/a*b*c", "a-c-b", false),
            ("/**", "", true),
            ("/**", "a/b", true),
            ("/a/**", "a", true),
            ("/a/**/z", "a/z", true),
            ("/a/**/z", "a/b/z/c/z", true),
            ("/a/**/z", "a/b/zz", false),
            ("/**/b/*/d/**", "a/b/c/b/x/d", true),
            ("/A", "a", false),
        ] {
            let glob = Glob::parse(pattern, true).unwrap();
            let segments: Vec<&[u8]> = path
                .split('/')
                .filter(|s| !s.is_empty())
                .map(str::as_bytes)
                .collect();
            assert_eq!(glob.matches(&segments), matches, "{pattern} {path}");
        }
    }
}
