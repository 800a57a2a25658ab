//! The fields of a head or a trailer section (RFC 9112 section 5).

use crate::Reason;
use crate::byte::{is_token, plain, token};
use crate::framing::{Framing, Value};
use crate::input::{Input, Step};

/// How far a section of fields has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    at: At,
    kind: Kind,
    framing: Framing,
    /// Fields so far.
    count: u16,
    hosts: u8,
}

/// Whose fields they are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Of a request of that minor version.
    Head {
        minor: u8,
    },
    Trailers,
}

#[derive(Debug, Clone, Copy)]
enum At {
    LineStart,
    /// Behind the CR of the blank line.
    End,
    Name(Name),
    /// A value that says nothing of framing.
    Value,
    /// One that does.
    Framing(Value),
    Lf,
}

/// The beginning of a field's name that comes in pieces: long enough to know those that matter.
#[derive(Debug, Clone, Copy)]
struct Name {
    start: [u8; 19],
    length: u8,
}

impl Fields {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            at: At::LineStart,
            kind,
            framing: Framing::default(),
            count: 0,
            hosts: 0,
        }
    }

    /// Reads on.
    pub(crate) fn step(&mut self, input: &mut Input<'_>, limit: u16) -> Result<Step<Framing>, Reason> {
        while let Some(byte) = input.peek() {
            self.at = match self.at {
                At::LineStart => {
                    if self.usual_lines(input, limit) {
                        At::LineStart
                    } else if is_token(byte) {
                        self.begin(input, limit)?
                    } else {
                        input.next();
                        self.not_a_name(byte)?
                    }
                }
                At::Name(name) => self.name(name, input)?,
                At::Value => {
                    input.take(plain(input.left()));
                    match input.next() {
                        Some(byte) => after_value(byte)?,
                        None => At::Value,
                    }
                }
                At::Framing(value) => {
                    input.next();
                    self.framing_value(value, byte)?
                }
                At::Lf | At::End if byte != b'\n' => {
                    input.next();
                    return Err(Reason::BareCr);
                }
                At::Lf => {
                    input.next();
                    At::LineStart
                }
                At::End => {
                    input.next();
                    return self.end().map(Step::Done);
                }
            };
        }
        Ok(Step::More)
    }

    /// Passes whole lines that say nothing of framing, as nearly all do; false: there is none.
    fn usual_lines(&mut self, input: &mut Input<'_>, limit: u16) -> bool {
        if !matches!(self.kind, Kind::Head { .. }) {
            return false;
        }
        let before = self.count;
        let mut left = input.left();
        while self.count < limit
            && let Some(rest) = behind_usual_line(left)
        {
            left = rest;
            self.count += 1;
        }
        input.take(input.left().len() - left.len());
        self.count > before
    }

    /// Reads a name from its first byte. One that is there whole, as most are, is looked at in its place.
    fn begin(&mut self, input: &mut Input<'_>, limit: u16) -> Result<At, Reason> {
        if self.count >= limit {
            input.next();
            return Err(match self.kind {
                Kind::Head { .. } => Reason::ManyFields,
                Kind::Trailers => Reason::Trailer,
            });
        }
        self.count += 1;
        let whole = input.take_while(is_token);
        match input.next() {
            None => {
                let mut name = Name::new();
                name.push(whole);
                Ok(At::Name(name))
            }
            Some(b':') => self.value_of(whole),
            Some(_) => Err(self.bad_name()),
        }
    }

    fn not_a_name(&self, byte: u8) -> Result<At, Reason> {
        match byte {
            b'\r' => Ok(At::End),
            b'\n' => Err(Reason::BareLf),
            b' ' | b'\t' => Err(Reason::ObsFold),
            _ => Err(self.bad_name()),
        }
    }

    fn bad_name(&self) -> Reason {
        match self.kind {
            Kind::Head { .. } => Reason::FieldName,
            Kind::Trailers => Reason::Trailer,
        }
    }

    fn name(&mut self, mut name: Name, input: &mut Input<'_>) -> Result<At, Reason> {
        name.push(input.take_while(is_token));
        match input.next() {
            None => Ok(At::Name(name)),
            Some(b':') => self.value_of(name.known()),
            Some(_) => Err(self.bad_name()),
        }
    }

    fn value_of(&mut self, name: &[u8]) -> Result<At, Reason> {
        let Kind::Head { minor } = self.kind else {
            return if is_no_trailer(name) {
                Err(Reason::Trailer)
            } else {
                Ok(At::Value)
            };
        };
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        match name.len() {
            4 if is(b"host") => {
                self.hosts = self.hosts.saturating_add(1);
                if self.hosts > 1 {
                    Err(Reason::Host)
                } else {
                    Ok(At::Value)
                }
            }
            14 if is(b"content-length") => self.framing.length_begins().map(At::Framing),
            17 if is(b"transfer-encoding") => self.framing.coding_begins(minor).map(At::Framing),
            _ => Ok(At::Value),
        }
    }

    fn framing_value(&mut self, mut value: Value, byte: u8) -> Result<At, Reason> {
        if byte != b'\t' && (byte < b' ' || byte == 0x7f) {
            let next = after_value(byte)?;
            self.framing.ends(value)?;
            return Ok(next);
        }
        value.byte(byte)?;
        Ok(At::Framing(value))
    }

    /// The blank line is there: so must be a host in HTTP/1.1 (RFC 9112 section 3.2).
    fn end(&self) -> Result<Framing, Reason> {
        match self.kind {
            Kind::Head { minor: 1.. } if self.hosts == 0 => Err(Reason::Host),
            _ => Ok(self.framing),
        }
    }
}

/// What may follow the plain bytes of a value.
fn after_value(byte: u8) -> Result<At, Reason> {
    match byte {
        b'\t' => Ok(At::Value),
        b'\r' => Ok(At::Lf),
        b'\n' => Err(Reason::BareLf),
        _ => Err(Reason::ControlCharacter),
    }
}

/// Fields that say how a message is framed, routed, read or let in: never behind it (RFC 9110 section 6.5.1).
const NO_TRAILERS: [&str; 26] = [
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "max-forwards",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-api-key",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// What follows the first line, if it is there whole and says nothing of framing.
fn behind_usual_line(bytes: &[u8]) -> Option<&[u8]> {
    let (name, rest) = bytes.split_at_checked(token(bytes))?;
    let value = rest.strip_prefix(b":")?;
    let matters = match name.len() {
        0 => true,
        4 => name.eq_ignore_ascii_case(b"host"),
        14 => name.eq_ignore_ascii_case(b"content-length"),
        17 => name.eq_ignore_ascii_case(b"transfer-encoding"),
        _ => false,
    };
    if matters {
        return None;
    }
    value.get(plain(value)..)?.strip_prefix(b"\r\n")
}

fn is_no_trailer(name: &[u8]) -> bool {
    NO_TRAILERS
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

impl Name {
    const fn new() -> Self {
        Self {
            start: [0; 19],
            length: 0,
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let places = self.start.iter_mut().skip(usize::from(self.length));
        for (place, byte) in places.zip(bytes) {
            *place = *byte;
        }
        let more = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        self.length = self.length.saturating_add(more);
    }

    /// The whole name; nothing where it is longer than all that matter.
    fn known(&self) -> &[u8] {
        self.start.get(..usize::from(self.length)).unwrap_or_default()
    }
}
