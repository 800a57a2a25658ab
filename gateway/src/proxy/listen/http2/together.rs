//! Responses that are ready at the same time leave together.
//!
//! h2 writes each `DATA` frame by itself, and what answers a stream wakes its connection, which tokio then runs next: with as many
//! streams as clients have, each response would be a write of its own. Here what h2 writes is kept until the connection has been
//! polled, and before it leaves the other tasks that are ready have one turn. It costs no timer, and nothing waits for anything
//! that is not there.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BytesMut};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::proxy::activity::Activity;

/// Bytes that leave at once, and how many are kept at the most.
const ENOUGH: usize = 32 * 1024;
/// What is at least as long is not kept: copying it would cost more than a write.
const LONG: usize = 8 * 1024;
/// How many requests must be under way for others to be waited for.
const ALONE: u32 = 1;
/// `GOAWAY` that refuses no stream yet (RFC 9113, section 6.8).
const NOTICE: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// The connection as h2 has it.
#[derive(Debug)]
pub(in crate::proxy::listen) struct Together<T>(Arc<Mutex<Shared<T>>>);

/// The same as whoever polls h2 has it: it is polled after h2.
#[derive(Debug)]
pub(in crate::proxy::listen) struct Leaving<T> {
    shared: Arc<Mutex<Shared<T>>>,
    activity: Arc<Activity>,
    /// Whether the others have had their turn.
    has_waited: bool,
}

#[derive(Debug)]
struct Shared<T> {
    stream: T,
    kept: BytesMut,
    /// Whether something was written and not flushed.
    is_dirty: bool,
    /// Whether what h2 has written ends with a frame's end, its settings among them.
    is_whole: bool,
    /// Whether the client is to be told that the connection is about to end.
    has_notice: bool,
    /// What writing failed with; h2 is told when it asks.
    failed: Option<io::ErrorKind>,
}

/// A connection of HTTP/2 whose requests are counted there.
pub(in crate::proxy::listen) fn together<T>(stream: T, activity: Arc<Activity>) -> (Together<T>, Leaving<T>) {
    let shared = Arc::new(Mutex::new(Shared {
        stream,
        kept: BytesMut::new(),
        is_dirty: false,
        is_whole: false,
        has_notice: false,
        failed: None,
    }));
    let leaving = Leaving {
        shared: shared.clone(),
        activity,
        has_waited: false,
    };
    (Together(shared), leaving)
}

impl<T: AsyncWrite + Unpin> Leaving<T> {
    /// Tells the client at the next poll that the connection is about to end, while every stream that it opens is still served.
    pub(in crate::proxy::listen) fn give_notice(&mut self) {
        self.shared.lock().has_notice = true;
    }

    /// h2 says itself which stream is the last: nothing that allows more may follow.
    pub(in crate::proxy::listen) fn withdraw_notice(&mut self) {
        self.shared.lock().has_notice = false;
    }

    /// Lets leave what h2 has written, now or after one turn of the others.
    pub(in crate::proxy::listen) fn poll(&mut self, cx: &mut Context<'_>) {
        let mut shared = self.shared.lock();
        if shared.has_notice && shared.is_whole {
            shared.has_notice = false;
            shared.kept.extend_from_slice(&NOTICE);
        }
        if shared.kept.is_empty() && !shared.is_dirty {
            return;
        }
        let may_wait = !self.has_waited && (1..ENOUGH).contains(&shared.kept.len());
        if may_wait && self.activity.counts().in_flight > ALONE {
            self.has_waited = true;
            // Of a task that runs this puts it behind those that are ready.
            cx.waker().wake_by_ref();
            return;
        }
        match shared.poll_flush(cx) {
            Poll::Pending => {}
            Poll::Ready(Ok(())) => self.has_waited = false,
            Poll::Ready(Err(error)) => {
                shared.failed = Some(error.kind());
                cx.waker().wake_by_ref();
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> Shared<T> {
    /// Writes what is kept.
    fn poll_empty(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.kept.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.kept))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.kept.advance(written);
            self.is_dirty = true;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_empty(cx))?;
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.is_dirty = false;
        Poll::Ready(Ok(()))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, buffers: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.check()?;
        let length = buffers.iter().map(|buffer| buffer.len()).sum();
        self.is_whole = false;
        if length >= LONG {
            ready!(self.poll_empty(cx))?;
            self.is_dirty = true;
            return Pin::new(&mut self.stream).poll_write_vectored(cx, buffers);
        }
        if self.kept.len() + length > ENOUGH {
            ready!(self.poll_empty(cx))?;
        }
        for buffer in buffers {
            self.kept.extend_from_slice(buffer);
        }
        Poll::Ready(Ok(length))
    }

    fn check(&self) -> io::Result<()> {
        self.failed.map_or(Ok(()), |kind| Err(kind.into()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Together<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut shared = self.0.lock();
        shared.check()?;
        Pin::new(&mut shared.stream).poll_read(cx, into)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Together<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.lock().poll_write(cx, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.lock().poll_write(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// h2 flushes after each frame of some length; what is kept leaves when it has been polled. It has nothing left to write then.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut shared = self.0.lock();
        shared.is_whole = true;
        Poll::Ready(shared.check())
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut shared = self.0.lock();
        // h2 has said its last.
        shared.has_notice = false;
        ready!(shared.poll_flush(cx))?;
        Pin::new(&mut shared.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::io::{AsyncReadExt as _, DuplexStream, duplex};

    use super::*;

    /// A connection with so many requests under way, whose socket takes so many bytes, and its client.
    fn connection(
        requests: u32,
        room: usize,
    ) -> (Together<DuplexStream>, Leaving<DuplexStream>, DuplexStream) {
        let activity = Arc::<Activity>::default();
        for _ in 0..requests {
            activity.begun();
        }
        let (client, server) = duplex(room);
        let (written, leaving) = together(server, activity);
        (written, leaving, client)
    }

    fn write(together: &mut Together<DuplexStream>, bytes: &[u8]) -> Poll<usize> {
        let mut cx = Context::from_waker(Waker::noop());
        let written = Pin::new(together).poll_write(&mut cx, bytes);
        written.map(|written| written.expect("it is open"))
    }

    fn leave(leaving: &mut Leaving<DuplexStream>) {
        leaving.poll(&mut Context::from_waker(Waker::noop()));
    }

    async fn read(client: &mut DuplexStream) -> String {
        let mut piece = [0; 64];
        let length = client.read(&mut piece).await.expect("bytes");
        String::from_utf8_lossy(piece.get(..length).unwrap_or_default()).into_owned()
    }

    /// What there is to read, if there is anything.
    async fn ready(client: &mut DuplexStream) -> Option<String> {
        tokio::select! {
            biased;
            text = read(client) => Some(text),
            () = std::future::ready(()) => None,
        }
    }

    #[tokio::test]
    async fn others_have_one_turn_and_what_they_add_leaves_with_it() {
        let (mut together, mut leaving, mut client) = connection(2, 64);
        assert_eq!(write(&mut together, b"a"), Poll::Ready(1));
        leave(&mut leaving);
        assert_eq!(ready(&mut client).await, None, "the others have their turn");
        assert_eq!(write(&mut together, b"b"), Poll::Ready(1));
        leave(&mut leaving);
        assert_eq!(ready(&mut client).await.as_deref(), Some("ab"));
        assert_eq!(write(&mut together, b"c"), Poll::Ready(1));
        leave(&mut leaving);
        leave(&mut leaving);
        assert_eq!(
            ready(&mut client).await.as_deref(),
            Some("c"),
            "nobody added anything"
        );
    }

    #[tokio::test]
    async fn what_has_no_company_leaves_at_once() {
        let (mut together, mut leaving, mut client) = connection(1, 64);
        assert_eq!(write(&mut together, b"a"), Poll::Ready(1));
        leave(&mut leaving);
        assert_eq!(ready(&mut client).await.as_deref(), Some("a"));
    }

    #[tokio::test]
    async fn no_more_is_kept_than_is_enough() {
        let (mut together, mut leaving, mut client) = connection(2, 64);
        let piece = [b'x'; 1024];
        let kept = (0..100)
            .take_while(|_| write(&mut together, &piece).is_ready())
            .count();
        assert_eq!(kept * piece.len(), ENOUGH);
        // It is full: what leaves makes room.
        while write(&mut together, &piece).is_pending() {
            leave(&mut leaving);
            read(&mut client).await;
        }
    }

    #[tokio::test]
    async fn what_is_long_is_not_kept() {
        let (mut together, _leaving, mut client) = connection(2, 2 * LONG);
        assert_eq!(write(&mut together, b"before "), Poll::Ready(7));
        assert_eq!(write(&mut together, &[b'x'; LONG]), Poll::Ready(LONG));
        assert!(read(&mut client).await.starts_with("before xx"));
    }

    #[tokio::test]
    async fn a_notice_waits_for_the_end_of_a_frame() {
        let (mut together, mut leaving, mut client) = connection(1, 64);
        leaving.give_notice();
        leave(&mut leaving);
        assert_eq!(ready(&mut client).await, None, "settings come first");
        assert_eq!(write(&mut together, b"half"), Poll::Ready(4));
        leave(&mut leaving);
        assert_eq!(ready(&mut client).await.as_deref(), Some("half"));
        assert_eq!(write(&mut together, b"rest"), Poll::Ready(4));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut together).poll_flush(&mut cx).is_ready());
        leave(&mut leaving);
        let mut told = [0; 4 + NOTICE.len()];
        client.read_exact(&mut told).await.expect("bytes");
        assert_eq!(told[..], [b"rest", &NOTICE[..]].concat());
        leave(&mut leaving);
        assert_eq!(ready(&mut client).await, None, "once");

        leaving.give_notice();
        leaving.withdraw_notice();
        leave(&mut leaving);
        assert_eq!(ready(&mut client).await, None);
        leaving.give_notice();
        assert!(Pin::new(&mut together).poll_shutdown(&mut cx).is_ready());
        leave(&mut leaving);
        assert_eq!(read(&mut client).await, "", "its end");
    }

    #[tokio::test]
    async fn the_end_takes_all_with_it() {
        let (mut together, _leaving, mut client) = connection(2, 64);
        assert_eq!(write(&mut together, b"last"), Poll::Ready(4));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut together).poll_shutdown(&mut cx).is_ready());
        assert_eq!(read(&mut client).await, "last");
        assert_eq!(read(&mut client).await, "", "its end");
    }

    #[test]
    fn what_fails_is_told_at_the_next_question() {
        let (mut together, mut leaving, client) = connection(1, 64);
        drop(client);
        assert_eq!(write(&mut together, b"a"), Poll::Ready(1));
        leave(&mut leaving);
        let mut cx = Context::from_waker(Waker::noop());
        let written = Pin::new(&mut together).poll_write(&mut cx, b"b");
        assert!(matches!(written, Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe));
    }
}
