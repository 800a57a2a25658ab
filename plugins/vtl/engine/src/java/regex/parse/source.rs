use super::super::Error;

/// Characters of a pattern: a longer one is refused.
const LENGTH: usize = 1 << 16;

/// The characters of a pattern, where `\Q…\E` is taken off and its characters are marked as quoted.
pub(super) struct Source<'a> {
    pattern: &'a str,
    chars: Vec<(char, bool)>,
    position: usize,
}

impl<'a> Source<'a> {
    pub(super) fn new(pattern: &'a str) -> Result<Self, Error> {
        let mut chars = Vec::with_capacity(pattern.len().min(LENGTH));
        let mut rest = pattern;
        let mut quoted = false;
        while let Some(c) = rest.chars().next() {
            if quoted && let Some(after) = rest.strip_prefix("\\E") {
                (rest, quoted) = (after, false);
                continue;
            }
            if !quoted && let Some(after) = rest.strip_prefix("\\Q") {
                (rest, quoted) = (after, true);
                continue;
            }
            rest = rest.get(c.len_utf8()..).unwrap_or("");
            chars.push((c, quoted));
            // What a backslash protects is no start of a quotation.
            if !quoted
                && c == '\\'
                && let Some(next) = rest.chars().next()
            {
                chars.push((next, false));
                rest = rest.get(next.len_utf8()..).unwrap_or("");
            }
            if chars.len() > LENGTH {
                return Err(Error::new("Pattern is too long", 0, ""));
            }
        }
        Ok(Self {
            pattern,
            chars,
            position: 0,
        })
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.ahead(0)
    }

    pub(super) fn ahead(&self, count: usize) -> Option<char> {
        self.chars.get(self.position + count).map(|(c, _)| *c)
    }

    /// Whether the next character stands in `\Q…\E`.
    pub(super) fn quoted(&self) -> bool {
        self.chars.get(self.position).is_some_and(|(_, quoted)| *quoted)
    }

    pub(super) fn advance(&mut self) {
        self.position += 1;
    }

    pub(super) fn back(&mut self) {
        self.position = self.position.saturating_sub(1);
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.position += 1;
        next
    }

    /// Steps over white space and `# …` up to the end of the line.
    pub(super) fn skip_comments(&mut self, unix: bool) {
        while !self.quoted() {
            match self.peek() {
                Some(' ' | '\t'..='\r') => self.position += 1,
                Some('#') => {
                    let ends = |c: char| {
                        c == '\n' || !unix && matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
                    };
                    while self.peek().is_some_and(|c| !ends(c)) {
                        self.position += 1;
                    }
                }
                _ => return,
            }
        }
    }

    pub(super) fn error(&self, description: &str) -> Error {
        self.error_at_next(description, 0)
    }

    /// `later` characters after the place that Java tells of otherwise, which is the last one that it read.
    pub(super) fn error_at_next(&self, description: &str, later: usize) -> Error {
        let index = (self.position + later).saturating_sub(1);
        Error::new(description, index, self.pattern)
    }
}
