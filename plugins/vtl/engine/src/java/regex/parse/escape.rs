use super::super::class::Set;
use super::super::node::{Assertion, Node, One};
use super::super::property::Property;
use super::{Error, Parser, set};

const UNSUPPORTED: &str = "Illegal/unsupported escape sequence";

/// What a backslash and what follows it mean.
pub(super) enum Escape {
    Char(char),
    Set(Set),
    Node(Node),
}

impl Parser<'_> {
    /// An escape outside a class, whose backslash was read.
    pub(super) fn escape(&mut self) -> Result<Node, Error> {
        Ok(match self.escaped(false, false)? {
            Escape::Char(c) => self.literal(c),
            Escape::Set(found) => set(found),
            Escape::Node(node) => node,
        })
    }

    /// `range`: it is an end of a range, where `\v` is one character.
    pub(super) fn escaped(&mut self, in_class: bool, range: bool) -> Result<Escape, Error> {
        let Some(c) = self.source.next() else {
            return Err(self.error(if in_class {
                "Unclosed character class"
            } else {
                "Unexpected internal error"
            }));
        };
        if !in_class && let Some(node) = self.outside_class(c)? {
            return Ok(Escape::Node(node));
        }
        Ok(Escape::Char(match c {
            '0' => self.octal()?,
            'a' => '\u{7}',
            'c' => self.control()?,
            'e' => '\u{1b}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' if range => '\u{b}',
            'u' => self.utf16()?,
            'x' => self.hexadecimal()?,
            'N' => return Err(self.unknown_name()),
            'p' => return self.family(false).map(Escape::Set),
            'P' => return self.family(true).map(Escape::Set),
            _ => match self.predefined(c) {
                Some(set) => return Ok(Escape::Set(set)),
                None if c.is_ascii_alphanumeric() => return Err(self.error(UNSUPPORTED)),
                None => c,
            },
        }))
    }

    fn predefined(&self, c: char) -> Option<Set> {
        let unicode = self.flags.unicode;
        let property = match c.to_ascii_lowercase() {
            'd' if unicode => Property::DecimalDigit,
            'd' => Property::Digit,
            's' if unicode => Property::WhiteSpace,
            's' => Property::Space,
            'w' if unicode => Property::UnicodeWord,
            'w' => Property::Word,
            'h' => Property::Horizontal,
            'v' => Property::Vertical,
            _ => return None,
        };
        let set = Set::Property(property);
        Some(if c.is_ascii_uppercase() { set.not() } else { set })
    }

    fn outside_class(&mut self, c: char) -> Result<Option<Node>, Error> {
        Ok(Some(match c {
            '1'..='9' => self.back_reference(c),
            'k' => self.named_reference()?,
            'A' => Node::Assert(Assertion::Start),
            'B' => Node::Assert(Assertion::NotWord),
            'b' => Node::Assert(Assertion::Word),
            'G' => Node::Assert(Assertion::LastMatch),
            'Z' => Node::Assert(Assertion::LastEnd {
                unix: self.flags.unix,
            }),
            'z' => Node::Assert(Assertion::End),
            'R' => line_break(),
            'X' => grapheme(),
            _ => return Ok(None),
        }))
    }

    /// As many digits as make the number of a group so far.
    fn back_reference(&mut self, first: char) -> Node {
        let mut number = first.to_digit(10).map_or(0, |digit| digit as usize);
        while let Some(digit) = self.peek_meta().and_then(|c| c.to_digit(10)) {
            let longer = number * 10 + digit as usize;
            if longer >= self.groups {
                break;
            }
            number = longer;
            self.source.advance();
        }
        Node::BackReference(number, self.flags.folding())
    }

    fn named_reference(&mut self) -> Result<Node, Error> {
        if self.source.next() != Some('<') {
            return Err(self.error("\\k is not followed by '<' for named capturing group"));
        }
        let name = self.group_name()?;
        let found = self
            .names
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, number)| *number);
        let number =
            found.ok_or_else(|| self.error(&format!("named capturing group <{name}> does not exist")))?;
        Ok(Node::BackReference(number, self.flags.folding()))
    }

    /// `\0n`, `\0nn` or `\0mnn` up to 0377.
    fn octal(&mut self) -> Result<char, Error> {
        let mut value = None;
        for place in 0..3 {
            let Some(digit) = self.source.peek().and_then(|c| c.to_digit(8)) else {
                break;
            };
            let grown = value.unwrap_or(0) * 8 + digit;
            if place == 2 && grown > 0o377 {
                break;
            }
            value = Some(grown);
            self.source.advance();
        }
        value
            .and_then(char::from_u32)
            .ok_or_else(|| self.error("Illegal octal escape sequence"))
    }

    fn control(&mut self) -> Result<char, Error> {
        let c = self
            .source
            .next()
            .ok_or_else(|| self.error("Illegal control escape sequence"))?;
        Ok(char::from_u32(u32::from(c) ^ 64).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hexadecimal(&mut self) -> Result<char, Error> {
        if self.source.peek() != Some('{') {
            return self
                .digits(2)
                .and_then(char::from_u32)
                .ok_or_else(|| self.error("Illegal hexadecimal escape sequence"));
        }
        self.source.advance();
        let mut value = 0_u32;
        let mut any = false;
        while let Some(digit) = self.source.peek().and_then(|c| c.to_digit(16)) {
            self.source.advance();
            any = true;
            value = value << 4 | digit;
            if value > 0x10_ffff {
                return Err(self.error("Hexadecimal codepoint is too big"));
            }
        }
        if self.source.next() != Some('}') {
            return Err(self.error("Unclosed hexadecimal escape sequence"));
        }
        char::from_u32(value)
            .filter(|_| any)
            .ok_or_else(|| self.error("Illegal hexadecimal escape sequence"))
    }

    /// `\uhhhh`, and a second one that makes a pair with it. A lone surrogate matches nothing here, as no text has one.
    fn utf16(&mut self) -> Result<char, Error> {
        let illegal = "Illegal Unicode escape sequence";
        let high = self.digits(4).ok_or_else(|| self.error(illegal))?;
        if let Some(c) = char::from_u32(high) {
            return Ok(c);
        }
        if self.source.peek() == Some('\\') && self.source.ahead(1) == Some('u') {
            self.source.advance();
            self.source.advance();
            let low = self.digits(4).ok_or_else(|| self.error(illegal))?;
            let pair = [high, low].map(|unit| u16::try_from(unit).unwrap_or_default());
            return Ok(char::decode_utf16(pair)
                .next()
                .and_then(Result::ok)
                .unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// `\N{…}`, whose names are not known here.
    fn unknown_name(&mut self) -> Error {
        if self.source.next() != Some('{') {
            return self.error("Illegal character name escape sequence");
        }
        let mut name = String::new();
        while let Some(c) = self.source.next() {
            if c == '}' {
                return self.error(&format!("Unknown character name [{name}]"));
            }
            name.push(c);
        }
        self.error("Unclosed character name escape sequence")
    }

    fn digits(&mut self, count: usize) -> Option<u32> {
        (0..count).try_fold(0, |value, _| {
            let digit = self.source.next()?.to_digit(16)?;
            Some(value << 4 | digit)
        })
    }

    /// `\pL` or `\p{…}`, whose letter was read.
    fn family(&mut self, complement: bool) -> Result<Set, Error> {
        let mut name = String::new();
        match self.source.next() {
            Some('{') => loop {
                match self.source.next() {
                    Some('}') => break,
                    Some(c) => name.push(c),
                    None => return Err(self.error("Unclosed character family")),
                }
            },
            Some(c) => name.push(c),
            None => return Err(self.error("Unknown character property name {}")),
        }
        if name.is_empty() {
            return Err(self.error("Empty character family"));
        }
        let found = Property::named(&name, self.flags.fold, self.flags.unicode);
        let property = found.ok_or_else(|| self.error(&unknown(&name)))?;
        let set = Set::Property(property);
        Ok(if complement { set.not() } else { set })
    }
}

fn unknown(name: &str) -> String {
    match name.split_once('=') {
        Some((name, value)) => {
            format!(
                "Unknown Unicode property {{name=<{}>, value=<{value}>}}",
                name.to_ascii_lowercase()
            )
        }
        None => format!("Unknown character property name {{{name}}}"),
    }
}

/// `\R`, which may give back the `\n` of `\r\n`.
fn line_break() -> Node {
    let pair = Node::Concat(vec![Node::One(One::Char('\r')), Node::One(One::Char('\n'))]);
    Node::Alternate(vec![pair, set(Set::Property(Property::Vertical))])
}

/// `\X`, roughly: a character with its marks.
fn grapheme() -> Node {
    let pair = Node::Concat(vec![Node::One(One::Char('\r')), Node::One(One::Char('\n'))]);
    let marks = Node::Repeat {
        node: Box::new(set(Set::Property(Property::Mark))),
        min: 0,
        max: Some(1_000),
        greed: super::Greed::Greedy,
    };
    Node::Atomic(Box::new(Node::Alternate(vec![
        pair,
        Node::Concat(vec![Node::One(One::Any), marks]),
    ])))
}
