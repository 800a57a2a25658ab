use super::super::class::Set;
use super::escape::Escape;
use super::{Error, Parser};

impl Parser<'_> {
    /// A class whose `[` was read; without `consume` the right side of `&&`, which leaves the closing bracket.
    pub(super) fn class(&mut self, consume: bool) -> Result<Set, Error> {
        self.enter()?;
        let negative = consume && self.eat('^');
        let mut whole: Option<Set> = None;
        // Java keeps single characters apart and adds them where the class or its left side ends.
        let mut singles: Option<Set> = None;
        let mut current: Option<Set> = None;
        loop {
            match self.peek() {
                None => {
                    self.source.advance();
                    return Err(self.source.error("Unclosed character class"));
                }
                Some('[') if !self.source.quoted() => {
                    self.source.advance();
                    let nested = self.class(true)?;
                    current = Some(nested.clone());
                    whole = join(whole, Some(nested));
                }
                Some('&') if !self.source.quoted() && self.source.ahead(1) == Some('&') => {
                    self.source.advance();
                    self.source.advance();
                    let right = self.intersected()?;
                    if whole.is_none() && singles.is_some() {
                        current.clone_from(&singles);
                    }
                    whole = join(whole, singles.take());
                    current = right.clone().or(current);
                    whole = Some(match (whole, right, current.clone()) {
                        (None, None, _) => return Err(self.error("Bad class syntax")),
                        (None, Some(right), _) => right,
                        (Some(_), _, None) => return Err(self.error("Bad intersection syntax")),
                        (Some(left), _, Some(right)) => left.and(right),
                    });
                }
                Some(']') if !self.source.quoted() && (whole.is_some() || singles.is_some()) => {
                    if consume {
                        self.source.advance();
                    }
                    self.depth -= 1;
                    let set = join(whole, singles).unwrap_or(Set::Union(Vec::new()));
                    return Ok(if negative { set.not() } else { set });
                }
                Some(_) => match self.range()? {
                    (set, true) => {
                        singles = join(singles, Some(set));
                        current = None;
                    }
                    (set, false) => {
                        current = Some(set.clone());
                        whole = join(whole, Some(set));
                    }
                },
            }
        }
    }

    /// What stands on the right of `&&`.
    fn intersected(&mut self) -> Result<Option<Set>, Error> {
        let mut right = None;
        loop {
            let quoted = self.peek().is_some() && self.source.quoted();
            match self.peek() {
                Some(']' | '&') if !quoted => return Ok(right),
                Some('[') if !quoted => {
                    self.source.advance();
                    right = join(right, Some(self.class(true)?));
                }
                _ => right = join(right, Some(self.class(false)?)),
            }
        }
    }

    /// A character, a range or a named set; whether it is a single character.
    fn range(&mut self) -> Result<(Set, bool), Error> {
        let fold = self.flags.folding();
        let from = match self.class_char(false)? {
            Escape::Char(c) => c,
            Escape::Set(set) => return Ok((set, false)),
            Escape::Node(_) => return Err(self.error("Illegal/unsupported escape sequence")),
        };
        let single = (Set::single(from, fold), true);
        if self.peek_meta() != Some('-') || matches!(self.source.ahead(1), Some('[' | ']') | None) {
            return Ok(single);
        }
        self.source.advance();
        let Escape::Char(to) = self.class_char(true)? else {
            return Err(self.error("Illegal character range"));
        };
        if to < from {
            return Err(self.error("Illegal character range"));
        }
        Ok((Set::range(from, to, fold), false))
    }

    fn class_char(&mut self, end: bool) -> Result<Escape, Error> {
        let next = self.peek();
        let quoted = self.source.quoted();
        self.source.advance();
        match next {
            Some('\\') if !quoted => {
                let ranges = end || self.source.ahead(1) == Some('-');
                self.escaped(true, ranges)
            }
            Some(c) => Ok(Escape::Char(c)),
            None => Err(self.error("Unclosed character class")),
        }
    }
}

fn join(left: Option<Set>, right: Option<Set>) -> Option<Set> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.union(right)),
        (left, right) => left.or(right),
    }
}
