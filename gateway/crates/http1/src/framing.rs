//! The fields that say where a message ends (RFC 9112 section 6).

use crate::Reason;

/// What is known of a message's end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Framing {
    length: Option<u64>,
    is_chunked: bool,
}

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payload {
    Empty,
    Length(u64),
    Chunked,
}

/// A value that is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value {
    Length(Length),
    Coding(Coding),
}

/// The value of a `Content-Length`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Length {
    value: u64,
    digits: u8,
    has_ended: bool,
}

/// The value of a `Transfer-Encoding`: how much of `chunked` it is so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Coding {
    matched: u8,
    has_ended: bool,
}

/// More digits could be more than 64 bits have.
const DIGITS: u8 = 19;
const CHUNKED: &[u8; 7] = b"chunked";

impl Framing {
    /// A `Content-Length` begins.
    pub(crate) fn length_begins(&self) -> Result<Value, Reason> {
        if self.is_chunked {
            return Err(Reason::LengthAndCoding);
        }
        if self.length.is_some() {
            return Err(Reason::ContentLength);
        }
        Ok(Value::Length(Length::default()))
    }

    /// A `Transfer-Encoding` begins.
    pub(crate) fn coding_begins(&self, minor: u8) -> Result<Value, Reason> {
        if self.length.is_some() {
            return Err(Reason::LengthAndCoding);
        }
        if self.is_chunked || minor == 0 {
            return Err(Reason::TransferEncoding);
        }
        Ok(Value::Coding(Coding::default()))
    }

    /// The value has ended.
    pub(crate) fn ends(&mut self, value: Value) -> Result<(), Reason> {
        match value {
            Value::Length(length) if length.digits > 0 => self.length = Some(length.value),
            Value::Length(_) => return Err(Reason::ContentLength),
            Value::Coding(coding) if usize::from(coding.matched) == CHUNKED.len() => self.is_chunked = true,
            Value::Coding(_) => return Err(Reason::TransferEncoding),
        }
        Ok(())
    }

    pub(crate) fn payload(self) -> Payload {
        match self.length {
            _ if self.is_chunked => Payload::Chunked,
            None | Some(0) => Payload::Empty,
            Some(length) => Payload::Length(length),
        }
    }
}

impl Value {
    /// Reads a byte that is no control character but a tab.
    pub(crate) fn byte(&mut self, byte: u8) -> Result<(), Reason> {
        match self {
            Self::Length(length) => length.byte(byte),
            Self::Coding(coding) => coding.byte(byte),
        }
    }
}

impl Length {
    fn byte(&mut self, byte: u8) -> Result<(), Reason> {
        match byte {
            b' ' | b'\t' => self.has_ended = self.digits > 0,
            b'0'..=b'9' if !self.has_ended && self.digits < DIGITS => {
                self.digits += 1;
                self.value = self.value * 10 + u64::from(byte - b'0');
            }
            _ => return Err(Reason::ContentLength),
        }
        Ok(())
    }
}

impl Coding {
    fn byte(&mut self, byte: u8) -> Result<(), Reason> {
        let expected = CHUNKED.get(usize::from(self.matched));
        match byte {
            b' ' | b'\t' => self.has_ended = self.matched > 0,
            byte if !self.has_ended
                && expected.is_some_and(|expected| byte.eq_ignore_ascii_case(expected)) =>
            {
                self.matched += 1;
            }
            _ => return Err(Reason::TransferEncoding),
        }
        Ok(())
    }
}
