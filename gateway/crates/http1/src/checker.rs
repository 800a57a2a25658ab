//! The messages of a connection, one after the other.

use crate::Reason;
use crate::chunks::Chunks;
use crate::fields::{Fields, Kind};
use crate::framing::Payload;
use crate::input::{Input, Step};
use crate::limits::{Limits, TRAILER_FIELDS, TRAILERS};
use crate::request_line::RequestLine;

/// Follows the messages of one connection.
///
/// ```
/// use portcullis_http1::{Checker, Limits, Reason};
///
/// let mut checker = Checker::new(Limits::default());
/// assert_eq!(checker.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT"), Ok(()));
/// let breach = checker.feed(b"TP/1.1\nHost: a\r\n\r\n").unwrap_err();
/// assert_eq!((breach.reason, breach.kept), (Reason::BareLf, 0));
/// assert_eq!(checker.heads(), 1);
/// ```
#[derive(Debug)]
pub struct Checker {
    state: State,
    limits: Limits,
    /// Bytes of the section that is being read: a head, or trailers.
    section: u32,
    heads: u32,
    seen: u64,
}

/// What a request is refused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breach {
    /// Why.
    pub reason: Reason,
    /// Whether its head had passed, so that somebody may be reading its body.
    pub in_body: bool,
    /// How many bytes of the piece may still be read by others: those of the requests before, or of the body so far.
    pub kept: usize,
    /// How many bytes of the connection were there before the one that is wrong.
    pub offset: u64,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Before a request, maybe behind a blank line or its CR.
    Start {
        blank: Blank,
    },
    Line(RequestLine),
    Head(Fields),
    Body(u64),
    Chunks(Chunks),
    Trailers(Fields),
    Broken {
        reason: Reason,
        in_body: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blank {
    No,
    Cr,
    Line,
}

const START: State = State::Start { blank: Blank::No };

impl Checker {
    /// For a connection from its first byte.
    pub fn new(limits: Limits) -> Self {
        Self {
            state: START,
            limits,
            section: 0,
            heads: 0,
            seen: 0,
        }
    }

    /// How many heads have passed whole.
    pub fn heads(&self) -> u32 {
        self.heads
    }

    /// Reads the bytes that came.
    ///
    /// # Errors
    ///
    /// A request is to be refused. So is all that comes after it.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Breach> {
        let mut input = Input::new(bytes);
        // Where in this piece the request begins that is being read.
        let mut begin = 0;
        while !input.is_empty() {
            let was_under_way = self.is_under_way();
            if let Err(reason) = self.part(&mut input) {
                return Err(self.broken(reason, bytes.len() - input.left().len(), begin));
            }
            if was_under_way && matches!(self.state, State::Start { blank: Blank::No }) {
                begin = bytes.len() - input.left().len();
            }
        }
        self.seen += bytes.len() as u64;
        Ok(())
    }

    /// Whether a message is under way.
    fn is_under_way(&self) -> bool {
        !matches!(self.state, State::Start { .. })
    }

    /// Whether the next byte is of a body's data.
    #[cfg(test)]
    pub(crate) fn is_in_data(&self) -> bool {
        match self.state {
            State::Body(_) => true,
            State::Chunks(chunks) => chunks.is_in_data(),
            _ => false,
        }
    }

    /// Whether there is more to come of a body.
    #[cfg(test)]
    pub(crate) fn is_in_body(&self) -> bool {
        matches!(self.state, State::Body(_) | State::Chunks(_) | State::Trailers(_))
    }

    fn broken(&mut self, reason: Reason, read: usize, begin: usize) -> Breach {
        let in_body = match self.state {
            State::Body(_) | State::Chunks(_) | State::Trailers(_) => true,
            State::Broken { in_body, .. } => in_body,
            State::Start { .. } | State::Line(_) | State::Head(_) => false,
        };
        let was_broken = matches!(self.state, State::Broken { .. });
        self.state = State::Broken { reason, in_body };
        let at = read.saturating_sub(1);
        let kept = match (was_broken, in_body) {
            (true, _) => 0,
            (false, true) => at,
            (false, false) => begin,
        };
        let offset = self.seen + at as u64;
        Breach {
            reason,
            in_body,
            kept,
            offset,
        }
    }

    /// Reads on in one part of a message.
    fn part(&mut self, input: &mut Input<'_>) -> Result<(), Reason> {
        match self.state {
            State::Start { blank } => self.start(blank, input),
            State::Line(mut line) => {
                let step = self.in_section(input, self.limits.head, Reason::LargeHead, |input, limits| {
                    line.step(input, limits)
                })?;
                self.state = match step {
                    Step::More => State::Line(line),
                    Step::Done(minor) => State::Head(Fields::new(Kind::Head { minor })),
                };
                Ok(())
            }
            State::Head(mut fields) => {
                let step = self.in_section(input, self.limits.head, Reason::LargeHead, |input, limits| {
                    fields.step(input, limits.fields)
                })?;
                self.state = match step {
                    Step::More => State::Head(fields),
                    Step::Done(framing) => self.payload(framing.payload()),
                };
                Ok(())
            }
            State::Body(left) => {
                let taken = input.take(usize::try_from(left).unwrap_or(usize::MAX)).len();
                let left = left.saturating_sub(taken as u64);
                self.state = if left == 0 { START } else { State::Body(left) };
                Ok(())
            }
            State::Chunks(mut chunks) => {
                self.state = match chunks.step(input)? {
                    Step::More => State::Chunks(chunks),
                    Step::Done(()) => {
                        self.section = 0;
                        State::Trailers(Fields::new(Kind::Trailers))
                    }
                };
                Ok(())
            }
            State::Trailers(mut fields) => {
                let step = self.in_section(input, TRAILERS, Reason::Trailer, |input, _| {
                    fields.step(input, TRAILER_FIELDS)
                })?;
                self.state = match step {
                    Step::More => State::Trailers(fields),
                    Step::Done(_) => START,
                };
                Ok(())
            }
            State::Broken { reason, .. } => Err(reason),
        }
    }

    /// One blank line may come before a request (RFC 9112 section 2.2).
    fn start(&mut self, blank: Blank, input: &mut Input<'_>) -> Result<(), Reason> {
        let Some(byte) = input.peek() else { return Ok(()) };
        let blank = match (blank, byte) {
            (Blank::No, b'\r') => Blank::Cr,
            (Blank::Cr, b'\n') => Blank::Line,
            (Blank::Line, b'\r' | b'\n') => return Err(read(input, Reason::BlankLines)),
            (Blank::No, b'\n') => return Err(read(input, Reason::BareLf)),
            (Blank::Cr, _) => return Err(read(input, Reason::BareCr)),
            (Blank::No | Blank::Line, _) => {
                self.section = 0;
                self.state = State::Line(RequestLine::new());
                return Ok(());
            }
        };
        input.next();
        self.state = State::Start { blank };
        Ok(())
    }

    fn payload(&mut self, payload: Payload) -> State {
        self.heads = self.heads.wrapping_add(1);
        match payload {
            Payload::Empty => START,
            Payload::Length(length) => State::Body(length),
            Payload::Chunked => State::Chunks(Chunks::new()),
        }
    }

    /// Reads within what is left of a section's limit, so that the same byte is the one too many however they come.
    fn in_section<T>(
        &mut self,
        input: &mut Input<'_>,
        limit: u32,
        over: Reason,
        read_on: impl FnOnce(&mut Input<'_>, &Limits) -> Result<Step<T>, Reason>,
    ) -> Result<Step<T>, Reason> {
        let room = usize::try_from(limit.saturating_sub(self.section)).unwrap_or(usize::MAX);
        let mut window = Input::new(input.left().get(..room).unwrap_or(input.left()));
        let step = read_on(&mut window, &self.limits);
        let taken = input.left().len().min(room) - window.left().len();
        input.take(taken);
        self.section = self
            .section
            .saturating_add(u32::try_from(taken).unwrap_or(u32::MAX));
        match step? {
            Step::More if !input.is_empty() => Err(read(input, over)),
            step => Ok(step),
        }
    }
}

/// The byte that is wrong counts as read.
fn read(input: &mut Input<'_>, reason: Reason) -> Reason {
    input.next();
    reason
}
