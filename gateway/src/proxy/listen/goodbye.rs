//! How a connection ends whose client sent what is refused: the responses before, one of ours, then a close that lets the
//! client read them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// How long the client may take to read the response, while what it still sends is thrown away: bytes that nobody has read
/// when a socket is closed reset the connection, and a response on its way is lost (RFC 9112 section 9.6).
const LINGER: Duration = Duration::from_secs(5);
/// Bytes that are thrown away meanwhile.
const LINGER_BYTES: usize = 1024 * 1024;
/// Bytes that are thrown away at once.
const PIECE: usize = 4 * 1024;

/// The end of a connection.
#[derive(Debug)]
pub(super) struct Goodbye {
    /// What is still to be written.
    response: Vec<u8>,
    written: usize,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// For the responses before it.
    Waiting(Option<Waker>),
    Writing,
    Shutting,
    Lingering {
        timer: Pin<Box<Sleep>>,
        left: usize,
    },
    Over,
}

impl Goodbye {
    /// Ends with this response of ours.
    pub(super) fn with(response: Vec<u8>) -> Self {
        Self {
            response,
            written: 0,
            stage: Stage::Waiting(None),
        }
    }

    /// Ends with the response that the stations give to the request whose body is broken.
    pub(super) fn without() -> Self {
        Self {
            response: Vec::new(),
            written: 0,
            stage: Stage::Shutting,
        }
    }

    /// A response has left: it may have been the last one before this.
    pub(super) fn wake(&mut self) {
        if let Stage::Waiting(waker) = &mut self.stage
            && let Some(waker) = waker.take()
        {
            waker.wake();
        }
    }

    /// Goes on; `is_turn` says whether all responses before have left.
    pub(super) fn poll<S>(
        &mut self,
        stream: &mut S,
        is_turn: bool,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        loop {
            match &mut self.stage {
                Stage::Waiting(waker) if !is_turn => {
                    *waker = Some(cx.waker().clone());
                    return Poll::Pending;
                }
                Stage::Waiting(_) => self.stage = Stage::Writing,
                Stage::Writing => {
                    let left = self.response.get(self.written..).unwrap_or_default();
                    if left.is_empty() {
                        ready!(Pin::new(&mut *stream).poll_flush(cx))?;
                        self.stage = Stage::Shutting;
                    } else {
                        match ready!(Pin::new(&mut *stream).poll_write(cx, left))? {
                            0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                            written => self.written += written,
                        }
                    }
                }
                Stage::Shutting => {
                    ready!(Pin::new(&mut *stream).poll_shutdown(cx))?;
                    self.stage = Stage::Lingering {
                        timer: Box::pin(tokio::time::sleep(LINGER)),
                        left: LINGER_BYTES,
                    };
                }
                Stage::Lingering { timer, left } => {
                    if timer.as_mut().poll(cx).is_pending() {
                        let read = ready!(discard(stream, cx))?;
                        *left = left.saturating_sub(read);
                        if read > 0 && *left > 0 {
                            continue;
                        }
                    }
                    self.stage = Stage::Over;
                }
                Stage::Over => return Poll::Ready(Ok(())),
            }
        }
    }
}

/// Reads bytes that nobody wants; 0 at the end.
fn discard<S: AsyncRead + Unpin>(stream: &mut S, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
    let mut piece = [0; PIECE];
    let mut into = ReadBuf::new(&mut piece);
    ready!(Pin::new(stream).poll_read(cx, &mut into))?;
    Poll::Ready(Ok(into.filled().len()))
}
