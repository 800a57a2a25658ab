//! The first line of a request (RFC 9112 section 3).

use crate::Reason;
use crate::byte::{is_host, is_target, is_token};
use crate::input::{Input, Step};
use crate::limits::{Limits, METHOD};

/// How far a request line has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestLine {
    at: At,
    is_options: bool,
    is_connect: bool,
    /// Bytes of the target so far.
    target: u32,
}

#[derive(Debug, Clone, Copy)]
enum At {
    /// That many bytes of the method.
    Method(u8),
    TargetStart,
    /// That many bytes of `http://`, or of `https://` where that is what it is.
    Scheme {
        matched: u8,
        is_https: bool,
    },
    /// The authority of an absolute form, which must not be empty.
    Authority {
        is_empty: bool,
    },
    /// A path and a query.
    Path,
    /// Behind the asterisk.
    Asterisk,
    /// That many bytes of the version.
    Version(u8),
    End {
        minor: u8,
    },
    Lf {
        minor: u8,
    },
}

const USUAL_END: &[u8] = b"HTTP/1.1\r\n";
const USUAL_BEGINNINGS: [&[u8]; 4] = [b"GET /", b"POST /", b"PUT /", b"DELETE /"];

/// The minor version.
pub(crate) type Minor = u8;

impl RequestLine {
    pub(crate) const fn new() -> Self {
        Self {
            at: At::Method(0),
            is_options: true,
            is_connect: true,
            target: 0,
        }
    }

    /// Reads on.
    pub(crate) fn step(&mut self, input: &mut Input<'_>, limits: &Limits) -> Result<Step<Minor>, Reason> {
        while !input.is_empty() {
            self.at = match self.at {
                At::Method(0) if let Some(length) = usual_beginning(input.left()) => {
                    input.take(length);
                    (self.is_options, self.is_connect) = (false, false);
                    self.count(1, limits)?;
                    At::Path
                }
                At::Method(length) => self.method(length, input)?,
                At::Path => self.path(input, limits)?,
                // What nearly all requests end with, at once where it is there whole.
                At::Version(0) if input.left().starts_with(USUAL_END) => {
                    input.take(USUAL_END.len());
                    return Ok(Step::Done(1));
                }
                at => {
                    let Some(byte) = input.next() else { break };
                    match at {
                        At::Lf { minor } if byte == b'\n' => return Ok(Step::Done(minor)),
                        _ => self.byte(at, byte, limits)?,
                    }
                }
            };
        }
        Ok(Step::More)
    }

    fn method(&mut self, length: u8, input: &mut Input<'_>) -> Result<At, Reason> {
        // One byte more than may be: it is the one that is refused.
        let room = usize::from(METHOD - length) + 1;
        let window = input.left().get(..room).unwrap_or(input.left());
        let taken = window
            .iter()
            .position(|byte| !is_token(*byte))
            .unwrap_or(window.len());
        let mut length = length;
        for byte in input.take(taken) {
            let expected = |name: &[u8; 7]| name.get(usize::from(length)) == Some(byte);
            self.is_options &= expected(b"OPTIONS");
            self.is_connect &= expected(b"CONNECT");
            length += 1;
        }
        if length > METHOD {
            return Err(Reason::LongMethod);
        }
        match input.next() {
            None => Ok(At::Method(length)),
            Some(b' ') if length > 0 => {
                self.is_options &= length == 7;
                if self.is_connect && length == 7 {
                    return Err(Reason::Connect);
                }
                Ok(At::TargetStart)
            }
            Some(b' ' | b'\t' | b'\r' | b'\n') => Err(Reason::RequestLine),
            Some(_) => Err(Reason::Method),
        }
    }

    /// Counts a byte of the target.
    fn count(&mut self, bytes: usize, limits: &Limits) -> Result<(), Reason> {
        self.target = self
            .target
            .saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        if self.target > limits.target {
            return Err(Reason::LongTarget);
        }
        Ok(())
    }

    fn path(&mut self, input: &mut Input<'_>, limits: &Limits) -> Result<At, Reason> {
        let room = limits.target.saturating_sub(self.target).saturating_add(1);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let window = input.left().get(..room).unwrap_or(input.left());
        let taken = window
            .iter()
            .position(|byte| !is_target(*byte))
            .unwrap_or(window.len());
        input.take(taken);
        self.count(taken, limits)?;
        match input.next() {
            None => Ok(At::Path),
            Some(byte) => after_target(byte),
        }
    }

    fn byte(&mut self, at: At, byte: u8, limits: &Limits) -> Result<At, Reason> {
        match at {
            At::Method(_) | At::Path => Ok(at),
            At::TargetStart => {
                self.count(1, limits)?;
                match byte {
                    b'/' => Ok(At::Path),
                    // Of OPTIONS alone (RFC 9112 section 3.2.4).
                    b'*' if self.is_options => Ok(At::Asterisk),
                    b'h' | b'H' => Ok(At::Scheme {
                        matched: 1,
                        is_https: false,
                    }),
                    b' ' | b'\t' | b'\r' | b'\n' => Err(Reason::RequestLine),
                    _ => Err(Reason::Target),
                }
            }
            At::Scheme { matched, is_https } => {
                self.count(1, limits)?;
                scheme(matched, is_https, byte)
            }
            At::Authority { is_empty } => match byte {
                b'/' | b'?' if !is_empty => {
                    self.count(1, limits)?;
                    Ok(At::Path)
                }
                byte if is_host(byte) => {
                    self.count(1, limits)?;
                    Ok(At::Authority { is_empty: false })
                }
                byte if !is_empty => after_target(byte),
                _ => Err(Reason::Target),
            },
            At::Asterisk => after_target(byte),
            At::Version(matched) => version(matched, byte),
            At::End { minor } => match byte {
                b'\r' => Ok(At::Lf { minor }),
                b'\n' => Err(Reason::BareLf),
                b'0'..=b'9' => Err(Reason::Version),
                b' ' | b'\t' => Err(Reason::RequestLine),
                _ => Err(Reason::Version),
            },
            At::Lf { .. } => Err(Reason::BareCr),
        }
    }
}

/// How long what most requests begin with is, where it is there whole.
fn usual_beginning(bytes: &[u8]) -> Option<usize> {
    let begins = USUAL_BEGINNINGS
        .into_iter()
        .find(|usual| bytes.starts_with(usual));
    begins.map(<[u8]>::len)
}

fn scheme(matched: u8, is_https: bool, byte: u8) -> Result<At, Reason> {
    if matched == 4 && byte.eq_ignore_ascii_case(&b's') && !is_https {
        return Ok(At::Scheme {
            matched,
            is_https: true,
        });
    }
    if b"http://"
        .get(usize::from(matched))
        .is_some_and(|expected| byte.eq_ignore_ascii_case(expected))
    {
        return Ok(match matched {
            6 => At::Authority { is_empty: true },
            _ => At::Scheme {
                matched: matched + 1,
                is_https,
            },
        });
    }
    Err(Reason::Target)
}

/// What ends a target.
fn after_target(byte: u8) -> Result<At, Reason> {
    match byte {
        b' ' => Ok(At::Version(0)),
        b'\t' => Err(Reason::RequestLine),
        // HTTP/0.9.
        b'\r' | b'\n' => Err(Reason::Version),
        _ => Err(Reason::Target),
    }
}

fn version(matched: u8, byte: u8) -> Result<At, Reason> {
    match (matched, byte) {
        (0, b' ' | b'\t') => Err(Reason::RequestLine),
        (0..=4, byte) if b"HTTP/".get(usize::from(matched)) == Some(&byte) => Ok(At::Version(matched + 1)),
        (5, b'1') | (6, b'.') => Ok(At::Version(matched + 1)),
        (5, b'0'..=b'9') | (7, b'2'..=b'9') => Err(Reason::OtherVersion),
        (7, b'0' | b'1') => Ok(At::End { minor: byte - b'0' }),
        _ => Err(Reason::Version),
    }
}
