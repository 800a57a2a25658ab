//! Which token comes next: the longest match of all that a lexical state knows, the first in the grammar among equals.

use super::lexer::{More, State};
use super::token::Kind;

/// What was matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    Token(Kind),
    More(More),
    /// A character of a comment.
    Skip,
    /// A character that ends a `$` or `#` which is none.
    Terminator,
}

#[derive(Debug, Default)]
struct Best(Option<(Match, usize)>);

impl Best {
    fn offer(&mut self, what: Match, length: usize) {
        if length > self.0.map_or(0, |(_, longest)| longest) {
            self.0 = Some((what, length));
        }
    }

    fn token(&mut self, kind: Kind, length: usize) {
        self.offer(Match::Token(kind), length);
    }
}

#[derive(Debug)]
pub(super) struct Scan<'s> {
    source: &'s [u8],
    /// Whether a backslash keeps a `#set(` from being run.
    escapes_set: bool,
    /// The run of backslashes that was looked at last: so that a long one is walked once.
    run: (usize, usize),
}

impl<'s> Scan<'s> {
    pub(super) fn new(source: &'s str, escapes_set: bool) -> Self {
        Self {
            source: source.as_bytes(),
            escapes_set,
            run: (0, 0),
        }
    }

    pub(super) fn longest(&mut self, state: State, at: usize) -> Option<(Match, usize)> {
        let mut best = Best::default();
        match state {
            State::Default => self.default(at, &mut best),
            State::Reference => self.reference(at, &mut best),
            State::Modifier => self.modifier(at, &mut best),
            State::Arguments => self.arguments(at, &mut best),
            State::Index => self.index(at, &mut best),
            State::Directive => self.directive(at, &mut best),
            State::PreDirective => self.pre_directive(at, &mut best),
            State::TextBlock => {
                self.more(at, &mut best);
                best.token(Kind::TextBlock, self.literal(at, b"]]#"));
                best.offer(Match::More(More::Any), self.character(at));
            }
            State::Comment => {
                self.more(at, &mut best);
                best.token(Kind::Comment, self.literal(at, b"*#"));
                best.offer(Match::Skip, self.character(at));
            }
            State::FormalComment => {
                self.more(at, &mut best);
                best.token(Kind::FormalComment, self.literal(at, b"*#"));
                best.offer(Match::Skip, self.character(at));
            }
            State::LineComment => {
                self.more(at, &mut best);
                best.token(Kind::LineCommentEnd, self.newline(at));
                best.offer(Match::Skip, self.character(at));
            }
        }
        best.0
    }

    fn default(&mut self, at: usize, best: &mut Best) {
        best.token(Kind::EscapedDirective, self.escaped_directive(at));
        best.token(Kind::Set, self.set(at));
        self.anywhere(at, best);
        best.token(Kind::DoubleEscape, self.literal(at, b"\\\\"));
        best.token(Kind::Escape, self.literal(at, b"\\"));
        best.token(
            Kind::Text,
            self.run(at, |byte| !matches!(byte, b'$' | b'#' | b'\\')),
        );
        best.token(Kind::EmptyIndex, self.empty_index(at));
    }

    fn reference(&mut self, at: usize, best: &mut Best) {
        best.token(Kind::IndexOpen, self.literal(at, b"["));
        best.token(Kind::Set, self.set(at));
        self.anywhere(at, best);
        self.booleans(at, best);
        best.token(Kind::Identifier, self.identifier(at));
        best.token(Kind::Dot, self.dot(at));
        best.token(Kind::FormalOpen, self.literal(at, b"{"));
        best.token(Kind::FormalClose, self.literal(at, b"}"));
        best.offer(Match::Terminator, self.character(at));
        best.token(Kind::EmptyIndex, self.empty_index(at));
    }

    fn modifier(&mut self, at: usize, best: &mut Best) {
        best.token(Kind::IndexOpen, self.literal(at, b"["));
        best.token(Kind::ParenOpen, self.literal(at, b"("));
        best.token(Kind::Set, self.set(at));
        self.more(at, best);
        self.booleans(at, best);
        best.token(Kind::Identifier, self.identifier(at));
        best.token(Kind::Dot, self.dot(at));
        best.token(Kind::FormalOpen, self.literal(at, b"{"));
        best.token(Kind::FormalClose, self.literal(at, b"}"));
        best.offer(Match::Terminator, self.character(at));
    }

    fn arguments(&mut self, at: usize, best: &mut Best) {
        self.punctuation(at, best);
        best.token(Kind::MethodClose, self.literal(at, b")"));
        best.token(Kind::Set, self.set(at));
        self.more(at, best);
        best.token(Kind::Space, self.run(at, is_space));
        best.token(Kind::String, self.string(at));
        self.booleans(at, best);
        self.numbers(at, best);
        best.token(Kind::Identifier, self.identifier(at));
        best.token(Kind::Dot, self.dot(at));
    }

    fn index(&mut self, at: usize, best: &mut Best) {
        best.token(Kind::IndexClose, self.literal(at, b"]"));
        self.more(at, best);
        best.token(Kind::Space, self.run(at, is_space));
        best.token(Kind::String, self.string(at));
        self.booleans(at, best);
        self.numbers(at, best);
    }

    fn directive(&mut self, at: usize, best: &mut Best) {
        self.punctuation(at, best);
        best.token(Kind::ParenOpen, self.literal(at, b"("));
        let close = self.literal(at, b")");
        best.token(Kind::ParenClose, self.with_newline(at, close));
        self.anywhere(at, best);
        best.token(Kind::Space, self.run(at, is_space));
        best.token(Kind::String, self.string(at));
        self.booleans(at, best);
        self.operators(at, best);
        self.numbers(at, best);
        self.words(at, best);
    }

    fn pre_directive(&mut self, at: usize, best: &mut Best) {
        self.anywhere(at, best);
        let end = self.literal(at, b"end").max(self.literal(at, b"{end}"));
        best.token(Kind::EndDirective, self.with_newline(at, end));
        best.token(Kind::If, self.literal(at, b"if").max(self.literal(at, b"{if}")));
        best.token(
            Kind::ElseIf,
            self.literal(at, b"elseif").max(self.literal(at, b"{elseif}")),
        );
        let otherwise = self.literal(at, b"else").max(self.literal(at, b"{else}"));
        best.token(Kind::Else, self.with_newline(at, otherwise));
        self.numbers(at, best);
        self.words(at, best);
        best.offer(Match::Terminator, self.character(at));
    }

    /// What most states know; within comments, methods and indices `##` is two times `#`.
    fn anywhere(&mut self, at: usize, best: &mut Best) {
        self.more(at, best);
        best.token(Kind::LineComment, self.literal(at, b"##"));
    }

    /// What every state knows.
    fn more(&mut self, at: usize, best: &mut Best) {
        match self.byte(at) {
            Some(b'#') => self.hash(at, best),
            Some(b'$' | b'\\') => self.dollar(at, best),
            _ => {}
        }
    }

    fn dollar(&mut self, at: usize, best: &mut Best) {
        let dollar = self.backslashes(at);
        if self.byte(dollar) != Some(b'$') {
            return;
        }
        best.offer(Match::More(More::Reference), dollar + 1 - at);
        let bang = self.backslashes(dollar + 1);
        if self.byte(bang) == Some(b'!') {
            best.offer(Match::More(More::Reference), bang + 1 - at);
        }
    }

    fn hash(&mut self, at: usize, best: &mut Best) {
        best.offer(Match::More(More::TextBlock), self.literal(at, b"#[["));
        if self.literal(at, b"#**") > 0 && !matches!(self.byte(at + 3), None | Some(b'#')) {
            best.offer(Match::More(More::FormalComment), 3 + self.character(at + 3));
        }
        best.offer(Match::More(More::Comment), self.literal(at, b"#*"));
        best.offer(Match::More(More::Directive), 1);
    }

    fn punctuation(&self, at: usize, best: &mut Best) {
        let Some(byte) = self.byte(at) else { return };
        match byte {
            b'[' => best.token(Kind::BracketOpen, 1),
            b']' => best.token(Kind::BracketClose, 1),
            b',' => best.token(Kind::Comma, 1),
            b'.' => best.token(Kind::DoubleDot, self.literal(at, b"..")),
            b':' => best.token(Kind::Colon, 1),
            b'{' => best.token(Kind::BraceOpen, 1),
            b'}' => best.token(Kind::BraceClose, 1),
            _ => {}
        }
    }

    fn operators(&self, at: usize, best: &mut Best) {
        const OPERATORS: [(&[u8], Kind); 23] = [
            (b"-", Kind::Minus),
            (b"+", Kind::Plus),
            (b"*", Kind::Multiply),
            (b"/", Kind::Divide),
            (b"%", Kind::Modulo),
            (b"&&", Kind::And),
            (b"and", Kind::And),
            (b"||", Kind::Or),
            (b"or", Kind::Or),
            (b"<", Kind::Less),
            (b"lt", Kind::Less),
            (b"<=", Kind::LessOrEqual),
            (b"le", Kind::LessOrEqual),
            (b">", Kind::Greater),
            (b"gt", Kind::Greater),
            (b">=", Kind::GreaterOrEqual),
            (b"ge", Kind::GreaterOrEqual),
            (b"==", Kind::Equal),
            (b"eq", Kind::Equal),
            (b"!=", Kind::NotEqual),
            (b"ne", Kind::NotEqual),
            (b"!", Kind::Not),
            (b"not", Kind::Not),
        ];
        for (image, kind) in OPERATORS {
            best.token(kind, self.literal(at, image));
        }
        best.token(Kind::Assign, self.literal(at, b"="));
    }

    fn booleans(&self, at: usize, best: &mut Best) {
        best.token(Kind::True, self.literal(at, b"true"));
        best.token(Kind::False, self.literal(at, b"false"));
    }

    fn numbers(&self, at: usize, best: &mut Best) {
        let sign = self.literal(at, b"-");
        let digits = self.run(at + sign, |byte| byte.is_ascii_digit());
        let whole = sign + digits;
        if digits > 0 {
            best.token(Kind::Integer, whole + self.literal(at + whole, b".."));
        }
        if self.byte(at + whole) == Some(b'.') {
            let fraction = self.run(at + whole + 1, |byte| byte.is_ascii_digit());
            if digits > 0 || fraction > 0 {
                let length = whole + 1 + fraction;
                best.token(Kind::Float, length + self.exponent(at + length));
            }
        } else if digits > 0 {
            let exponent = self.exponent(at + whole);
            best.token(Kind::Float, if exponent > 0 { whole + exponent } else { 0 });
        }
    }

    fn exponent(&self, at: usize) -> usize {
        if !matches!(self.byte(at), Some(b'e' | b'E')) {
            return 0;
        }
        let sign = usize::from(matches!(self.byte(at + 1), Some(b'+' | b'-')));
        match self.run(at + 1 + sign, |byte| byte.is_ascii_digit()) {
            0 => 0,
            digits => 1 + sign + digits,
        }
    }

    fn words(&self, at: usize, best: &mut Best) {
        best.token(Kind::Word, self.word(at));
        best.token(Kind::BracedWord, self.braced_word(at));
    }

    fn word(&self, at: usize) -> usize {
        match self.byte(at) {
            Some(b'_' | b'@') => self.run(at, is_word),
            Some(byte) if byte.is_ascii_alphabetic() => self.run(at, is_word),
            _ => 0,
        }
    }

    fn braced_word(&self, at: usize) -> usize {
        if self.byte(at) != Some(b'{') || self.byte(at + 1) == Some(b'@') {
            return 0;
        }
        match self.word(at + 1) {
            0 => 0,
            length if self.byte(at + 1 + length) == Some(b'}') => length + 2,
            _ => 0,
        }
    }

    fn identifier(&self, at: usize) -> usize {
        match self.byte(at) {
            Some(byte) if byte == b'_' || byte.is_ascii_alphabetic() => self.run(at, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
            }),
            _ => 0,
        }
    }

    fn dot(&self, at: usize) -> usize {
        if self.byte(at) == Some(b'.') && self.byte(at + 1).is_some_and(|byte| byte.is_ascii_alphabetic()) {
            return 2;
        }
        0
    }

    fn empty_index(&self, at: usize) -> usize {
        let images: [&[u8]; 4] = [b"$[", b"$![", b"$\\![", b"$."];
        images
            .iter()
            .map(|image| self.literal(at, image))
            .max()
            .unwrap_or(0)
    }

    fn set(&self, at: usize) -> usize {
        let blanks = match self.byte(at) {
            Some(b' ' | b'\t') => self.run(at, |byte| matches!(byte, b' ' | b'\t')),
            Some(b'#') => 0,
            _ => return 0,
        };
        let name = self
            .literal(at + blanks, b"#set")
            .max(self.literal(at + blanks, b"#{set}"));
        if name == 0 {
            return 0;
        }
        let spaces = self.run(at + blanks + name, |byte| byte == b' ');
        match self.byte(at + blanks + name + spaces) {
            Some(b'(') => blanks + name + spaces + 1,
            _ => 0,
        }
    }

    /// Backslashes, an odd number of them, and a directive's name.
    fn escaped_directive(&mut self, at: usize) -> usize {
        let hash = self.backslashes(at);
        if (hash - at).is_multiple_of(2) || self.byte(hash) != Some(b'#') {
            return 0;
        }
        if !self.escapes_set && self.runs_set(hash) {
            return 0;
        }
        match self.word(hash + 1).max(self.braced_word(hash + 1)) {
            0 => 0,
            name => hash + 1 + name - at,
        }
    }

    fn runs_set(&self, hash: usize) -> bool {
        let name = self.literal(hash, b"#set").max(self.literal(hash, b"#{set}"));
        let blanks = self.run(hash + name, |byte| matches!(byte, b' ' | b'\t'));
        name > 0 && self.byte(hash + name + blanks) == Some(b'(')
    }

    /// A string in quotes; a doubled quote stands for one.
    fn string(&self, at: usize) -> usize {
        let Some(quote @ (b'"' | b'\'')) = self.byte(at) else {
            return 0;
        };
        let mut position = at + 1;
        let mut closed = 0;
        loop {
            position += self.run(position, |byte| byte != quote);
            if self.byte(position).is_none() {
                return closed;
            }
            position += 1;
            closed = position - at;
            if self.byte(position) != Some(quote) {
                return closed;
            }
            position += 1;
        }
    }

    fn with_newline(&self, at: usize, length: usize) -> usize {
        if length == 0 {
            return 0;
        }
        let blanks = self.run(at + length, |byte| matches!(byte, b' ' | b'\t'));
        match self.newline(at + length + blanks) {
            0 => length,
            newline => length + blanks + newline,
        }
    }

    fn newline(&self, at: usize) -> usize {
        match self.byte(at) {
            Some(b'\n') => 1,
            Some(b'\r') => 1 + self.literal(at + 1, b"\n"),
            _ => 0,
        }
    }

    /// Where the backslashes from `at` on end.
    fn backslashes(&mut self, at: usize) -> usize {
        if self.byte(at) != Some(b'\\') {
            return at;
        }
        let (start, end) = self.run;
        if !(start..end).contains(&at) {
            self.run = (at, at + self.run(at, |byte| byte == b'\\'));
        }
        self.run.1
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.source.get(at).copied()
    }

    fn literal(&self, at: usize, image: &[u8]) -> usize {
        let there = self.source.get(at..).is_some_and(|rest| rest.starts_with(image));
        if there { image.len() } else { 0 }
    }

    fn run(&self, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.source.get(at..).unwrap_or_default();
        rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len())
    }

    /// The bytes of one character.
    fn character(&self, at: usize) -> usize {
        match self.byte(at) {
            None => 0,
            Some(0..=0x7f) => 1,
            Some(0..=0xdf) => 2,
            Some(0..=0xef) => 3,
            Some(_) => 4,
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@')
}
