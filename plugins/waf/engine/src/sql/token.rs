//! Text as SQL's tokens, in one pass, whatever it is.

use super::word::{self, Class};

/// Where a value stands in a statement: what quote it would have to close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// As a number does.
    Bare,
    /// In a string with this quote.
    In(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    /// A string; one that is not closed would be by the quote of the statement around it.
    Text {
        closed: bool,
    },
    Variable,
    Word(Class),
    /// `or`, `and`, `xor`, `||`, `&&`
    Logic,
    /// `=`, `<`, `<>` and the like
    Compare,
    Arithmetic,
    /// `!`, `~`
    Not,
    Open,
    Close,
    Comma,
    Semicolon,
    Dot,
    /// One that what stands behind it could not end.
    Comment,
    Other,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Nothing stands between it and the token before it.
    pub(super) adjoins: bool,
}

/// The tokens of a text in lower case. Comments between them are nothing, as in a database.
pub(super) fn tokens(text: &str, place: Place) -> Vec<Token<'_>> {
    let mut lexer = Lexer {
        text,
        at: 0,
        last_line: text.rfind('\n').map_or(0, |newline| newline + 1),
        adjoins: false,
        tokens: Vec::with_capacity(text.len() / 4 + 1),
    };
    if let Place::In(quote) = place {
        lexer.string(quote, 0);
    }
    while let Some(byte) = lexer.peek(0) {
        lexer.next(byte);
    }
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Where it begins, so that no comment has to look for its end in vain.
    last_line: usize,
    adjoins: bool,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
        self.adjoins = false;
    }

    fn push(&mut self, kind: Kind, bytes: usize) {
        let end = (self.at + bytes).min(self.text.len());
        let text = self.text.get(self.at..end).unwrap_or_default();
        self.tokens.push(Token {
            kind,
            text,
            adjoins: self.adjoins,
        });
        self.at = end;
        self.adjoins = true;
    }

    fn next(&mut self, byte: u8) {
        match byte {
            b' ' | b'\n' => self.skip(1),
            b'\'' | b'"' => {
                self.at += 1;
                self.string(byte, 1);
            }
            b'`' => self.quoted_name(b'`'),
            b'[' => self.quoted_name(b']'),
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => self.number(),
            b'a'..=b'z' | b'_' | b'$' | 0x80.. => self.word(),
            b'@' => self.variable(),
            // `\N` is MySQL's null.
            b'\\' if self.peek(1) == Some(b'n') => self.push(Kind::Number, 2),
            // An encoded sign: the next layer shows which.
            b'%' if self.is_encoded() => self.skip(3),
            b'/' if self.rest().starts_with("/*") => self.block_comment(),
            // The end of a comment that MySQL does not take for one.
            b'*' if self.peek(1) == Some(b'/') && self.peek(2) != Some(b'*') => self.skip(2),
            b'#' => self.line_comment(1, true),
            b'-' if self.peek(1) == Some(b'-') => {
                // MySQL wants a blank behind it, others do not.
                let blank = self.peek(2).is_none_or(|next| next == b' ' || next == b'\n');
                self.line_comment(2, !blank);
            }
            _ => self.symbol(byte),
        }
    }

    /// From behind its quote, of which `before` bytes were read already.
    fn string(&mut self, quote: u8, before: usize) {
        let bytes = self.rest().as_bytes();
        let mut end = 0;
        let mut closed = false;
        while let Some(byte) = bytes.get(end) {
            match *byte {
                b'\\' => end += 2,
                byte if byte == quote && bytes.get(end + 1) == Some(&quote) => end += 2,
                byte if byte == quote => {
                    closed = true;
                    break;
                }
                _ => end += 1,
            }
        }
        // A backslash may stand before a character of several bytes.
        let end = self.text.ceil_char_boundary((self.at + end).min(self.text.len())) - self.at;
        self.at -= before;
        self.push(Kind::Text { closed }, before + end + usize::from(closed));
    }

    /// `` `name` `` or `[name]`, where it is one.
    fn quoted_name(&mut self, quote: u8) {
        const LONGEST: usize = 128;
        let inner = self.rest().bytes().skip(1).take(LONGEST);
        let length = inner
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' ' | b'$'))
            .count();
        if length > 0 && self.peek(1 + length) == Some(quote) {
            self.push(Kind::Word(Class::Bare), length + 2);
        } else {
            self.push(Kind::Other, 1);
        }
    }

    fn number(&mut self) {
        let rest = self.rest().as_bytes();
        let digits =
            |from: usize, is: fn(&u8) -> bool| rest.iter().skip(from).take_while(|byte| is(byte)).count();
        let length = match rest {
            [b'0', b'x', ..] if digits(2, u8::is_ascii_hexdigit) > 0 => 2 + digits(2, u8::is_ascii_hexdigit),
            [b'0', b'b', b'0' | b'1', ..] => 2 + digits(2, |byte| matches!(byte, b'0' | b'1')),
            _ => {
                let mut length = digits(0, u8::is_ascii_digit);
                if rest.get(length) == Some(&b'.') {
                    length += 1 + digits(length + 1, u8::is_ascii_digit);
                }
                if rest.get(length) == Some(&b'e') {
                    let sign = usize::from(matches!(rest.get(length + 1), Some(b'+' | b'-')));
                    let exponent = digits(length + 1 + sign, u8::is_ascii_digit);
                    if exponent > 0 {
                        length += 1 + sign + exponent;
                    }
                }
                length
            }
        };
        self.push(Kind::Number, length.max(1));
    }

    fn word(&mut self) {
        let length = word_length(self.rest());
        let word = self.rest().get(..length).unwrap_or_default();
        let quote = self.peek(length);
        if let Some(quote @ (b'\'' | b'"')) = quote
            && word::is_prefix_of_strings(word)
        {
            self.at += length + 1;
            self.string(quote, length + 1);
            return;
        }
        self.push(word::kind(word), length);
    }

    fn is_encoded(&self) -> bool {
        let is_digit = |ahead| self.peek(ahead).is_some_and(|byte| byte.is_ascii_hexdigit());
        is_digit(1) && is_digit(2)
    }

    fn variable(&mut self) {
        let signs = if self.peek(1) == Some(b'@') { 2 } else { 1 };
        let name = word_length(self.rest().get(signs..).unwrap_or_default());
        if name == 0 {
            self.push(Kind::Other, 1);
        } else {
            self.push(Kind::Variable, signs + name);
        }
    }

    fn block_comment(&mut self) {
        let rest = self.rest();
        // `/*!50000select*/` is code for MySQL, and `/*M!…*/` for MariaDB.
        for mark in ["/*!", "/*m!"] {
            if let Some(code) = rest.strip_prefix(mark) {
                let version = code.bytes().take(6).take_while(u8::is_ascii_digit).count();
                self.skip(mark.len() + version);
                return;
            }
        }
        match rest.get(2..).and_then(|inside| inside.find("*/")) {
            Some(length) => self.skip(length + 4),
            None => self.push(Kind::Comment, rest.len()),
        }
    }

    /// To the end of its line. In the last line it is a token, and `goes_on` where not every database takes it for a comment.
    fn line_comment(&mut self, mark: usize, goes_on: bool) {
        let ends = (self.at < self.last_line).then(|| self.rest().find('\n'));
        match ends.flatten() {
            Some(length) => self.skip(length + 1),
            None if goes_on => self.push(Kind::Comment, mark),
            None => self.push(Kind::Comment, self.rest().len()),
        }
    }

    fn symbol(&mut self, byte: u8) {
        const LONG: [(&str, Kind); 15] = [
            ("<=>", Kind::Compare),
            ("<>", Kind::Compare),
            ("<=", Kind::Compare),
            (">=", Kind::Compare),
            ("!=", Kind::Compare),
            ("^=", Kind::Compare),
            ("==", Kind::Compare),
            ("!<", Kind::Compare),
            ("!>", Kind::Compare),
            (":=", Kind::Compare),
            ("||", Kind::Logic),
            ("&&", Kind::Logic),
            ("<<", Kind::Arithmetic),
            (">>", Kind::Arithmetic),
            ("::", Kind::Other),
        ];
        let rest = self.rest();
        if let Some((symbol, kind)) = LONG.iter().find(|(symbol, _)| rest.starts_with(symbol)) {
            self.push(*kind, symbol.len());
            return;
        }
        let kind = match byte {
            b'=' | b'<' | b'>' => Kind::Compare,
            b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' => Kind::Arithmetic,
            b'!' | b'~' => Kind::Not,
            b'(' | b'{' => Kind::Open,
            b')' | b'}' => Kind::Close,
            b',' => Kind::Comma,
            b';' => Kind::Semicolon,
            b'.' => Kind::Dot,
            _ => Kind::Other,
        };
        self.push(kind, 1);
    }
}

fn word_length(text: &str) -> usize {
    text.bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..))
        .count()
}
