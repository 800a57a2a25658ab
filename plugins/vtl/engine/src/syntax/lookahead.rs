//! Looking ahead without limit, which the grammar does to tell a range from a list.

use super::SyntaxError;
use super::parser::Parser;
use super::token::Kind;

/// The token after what was scanned, if it was there.
type Scanned = Result<Option<usize>, SyntaxError>;

macro_rules! wanted {
    ($scanned:expr) => {
        match $scanned? {
            Some(at) => at,
            None => return Ok(None),
        }
    };
}

impl Parser<'_, '_, '_> {
    /// Whether a range follows: `[`, a number or reference, `..`.
    pub(super) fn range_follows(&mut self) -> Result<bool, SyntaxError> {
        Ok(self.scan_range_start(self.at)?.is_some())
    }

    fn scan_range_start(&mut self, at: usize) -> Scanned {
        let at = wanted!(self.scan(at, Kind::BracketOpen));
        let at = self.scan_space(at)?;
        let at = wanted!(self.scan_bound(at));
        let at = self.scan_space(at)?;
        self.scan(at, Kind::DoubleDot)
    }

    fn scan_range(&mut self, at: usize) -> Scanned {
        let at = wanted!(self.scan_range_start(at));
        let at = self.scan_space(at)?;
        let at = wanted!(self.scan_bound(at));
        let at = self.scan_space(at)?;
        self.scan(at, Kind::BracketClose)
    }

    fn scan_bound(&mut self, at: usize) -> Scanned {
        match self.token(at)? {
            Kind::Integer => Ok(Some(at + 1)),
            _ => self.scan_reference(at),
        }
    }

    fn scan_reference(&mut self, at: usize) -> Scanned {
        match self.token(at)? {
            Kind::Identifier => self.scan_steps(at + 1).map(Some),
            Kind::FormalOpen => {
                let at = wanted!(self.scan(at + 1, Kind::Identifier));
                let at = self.scan_steps(at)?;
                self.scan(at, Kind::FormalClose)
            }
            _ => Ok(None),
        }
    }

    fn scan_steps(&mut self, at: usize) -> Result<usize, SyntaxError> {
        let mut at = self.scan_indices(at)?;
        loop {
            if self.token(at)? != Kind::Dot || self.token(at + 1)? != Kind::Identifier {
                return Ok(at);
            }
            let named = match self.scan_method(at + 1)? {
                Some(after) => after,
                None => at + 2,
            };
            at = self.scan_indices(named)?;
        }
    }

    fn scan_indices(&mut self, mut at: usize) -> Result<usize, SyntaxError> {
        while self.token(at)? == Kind::IndexOpen {
            let Some(after) = self.nest(|parser| parser.scan_index(at + 1))? else {
                break;
            };
            at = after;
        }
        Ok(at)
    }

    fn scan_index(&mut self, at: usize) -> Scanned {
        let at = self.scan_space(at)?;
        let at = match self.token(at)? {
            Kind::String | Kind::Integer | Kind::True | Kind::False => at + 1,
            _ => wanted!(self.scan_reference(at)),
        };
        let at = self.scan_space(at)?;
        self.scan(at, Kind::IndexClose)
    }

    fn scan_method(&mut self, at: usize) -> Scanned {
        let at = wanted!(self.scan(at, Kind::Identifier));
        let at = wanted!(self.scan(at, Kind::ParenOpen));
        let at = self.scan_parameters(at)?;
        self.scan(at, Kind::MethodClose)
    }

    /// Parameters with commas between, or none.
    fn scan_parameters(&mut self, at: usize) -> Result<usize, SyntaxError> {
        let Some(mut at) = self.scan_parameter(at)? else {
            return Ok(at);
        };
        while self.token(at)? == Kind::Comma {
            let Some(after) = self.scan_parameter(at + 1)? else {
                break;
            };
            at = after;
        }
        Ok(at)
    }

    /// A parameter; remembered, since what nests is scanned again and again.
    fn scan_parameter(&mut self, at: usize) -> Scanned {
        if let Some(end) = self.scanned.get(&at) {
            return Ok(*end);
        }
        let end = self.nest(|parser| parser.scan_new_parameter(at))?;
        self.scanned.insert(at, end);
        Ok(end)
    }

    fn scan_new_parameter(&mut self, at: usize) -> Scanned {
        let at = self.scan_space(at)?;
        let at = match self.token(at)? {
            Kind::String | Kind::Integer | Kind::True | Kind::False | Kind::Float => at + 1,
            Kind::BracketOpen => match self.scan_range(at)? {
                Some(after) => after,
                None => {
                    let after = self.scan_parameters(at + 1)?;
                    wanted!(self.scan(after, Kind::BracketClose))
                }
            },
            Kind::BraceOpen => wanted!(self.scan_map(at + 1)),
            _ => wanted!(self.scan_reference(at)),
        };
        self.scan_space(at).map(Some)
    }

    fn scan_map(&mut self, at: usize) -> Scanned {
        let mut end = match self.scan_entry(at)? {
            Some(end) => end,
            None => self.scan_space(at)?,
        };
        while self.token(end)? == Kind::Comma {
            let Some(after) = self.scan_entry(end + 1)? else {
                break;
            };
            end = after;
        }
        match self.token(end)? {
            Kind::BraceClose | Kind::FormalClose => Ok(Some(end + 1)),
            _ => Ok(None),
        }
    }

    fn scan_entry(&mut self, at: usize) -> Scanned {
        let at = wanted!(self.scan_parameter(at));
        let at = wanted!(self.scan(at, Kind::Colon));
        self.scan_parameter(at)
    }

    fn scan_space(&mut self, at: usize) -> Result<usize, SyntaxError> {
        Ok(if self.token(at)? == Kind::Space {
            at + 1
        } else {
            at
        })
    }

    fn scan(&mut self, at: usize, kind: Kind) -> Scanned {
        Ok((self.token(at)? == kind).then_some(at + 1))
    }
}
