//! What the two processes tell each other: one message a packet, some with a file descriptor.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::cmsg_space;
use rustix::io::retry_on_intr;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use serde::{Deserialize, Serialize};

/// Bytes of one message: a packet takes no more.
const LIMIT: usize = 64 * 1024;
/// How long one process waits until the other takes a message.
const SEND_LIMIT: Duration = Duration::from_secs(10);

/// One end of what connects the two processes. Its calls block.
#[derive(Debug)]
pub struct Channel {
    socket: OwnedFd,
}

/// Calls of an API key by a usage plan: the plan as the store names it, the key, and how many, less than none where some were
/// taken back.
pub type Addition = (String, String, i64);

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Message {
    /// With a listening socket, by the name that the node has for it.
    Socket(String),
    /// There are no more sockets.
    Begin,
    /// All that can be done beside the old process is done.
    Prepared,
    /// The store is the new process's; with its lock, where there is one.
    Turn,
    /// Connections are accepted.
    Serving,
    /// Whoever supervises knows the new process.
    Known,
    /// Calls that the old process counted.
    Counted(Vec<Addition>),
}

impl Channel {
    /// Two ends. None is inherited by a process that does not get it on purpose.
    pub(super) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        Ok((Self::of(ours)?, theirs))
    }

    /// An end that another process gave.
    pub(super) fn of(socket: OwnedFd) -> io::Result<Self> {
        set_socket_timeout(&socket, Timeout::Send, Some(SEND_LIMIT))?;
        Ok(Self { socket })
    }

    /// Sends a message.
    pub(super) fn send(&self, message: &Message, with: Option<BorrowedFd<'_>>) -> io::Result<()> {
        let bytes = serde_json::to_vec(message)?;
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let rights: Vec<BorrowedFd<'_>> = with.into_iter().collect();
        if !rights.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&rights)) {
            return Err(io::Error::other("a file descriptor has no room in a message"));
        }
        let packet = [IoSlice::new(&bytes)];
        retry_on_intr(|| sendmsg(self.socket.as_fd(), &packet, &mut control, SendFlags::NOSIGNAL))?;
        Ok(())
    }

    /// Receives a message, within a limit where there is one. Nothing: the other process has ended.
    pub(super) fn receive(&self, limit: Option<Duration>) -> io::Result<Option<(Message, Option<OwnedFd>)>> {
        set_socket_timeout(&self.socket, Timeout::Recv, limit)?;
        let mut bytes = vec![0; LIMIT];
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received = retry_on_intr(|| {
            let mut packet = [IoSliceMut::new(&mut bytes)];
            let flags = RecvFlags::CMSG_CLOEXEC;
            recvmsg(self.socket.as_fd(), &mut packet, &mut control, flags)
        });
        let received = match received {
            Err(rustix::io::Errno::CONNRESET) => return Ok(None),
            received => received?,
        };
        if received.bytes == 0 {
            return Ok(None);
        }
        if received.flags.contains(ReturnFlags::TRUNC) {
            return Err(io::Error::other("a message is too long"));
        }
        let message = serde_json::from_slice(bytes.get(..received.bytes).unwrap_or_default())?;
        let with = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut rights) => rights.next(),
            _ => None,
        });
        Ok(Some((message, with)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn messages_and_file_descriptors_arrive_in_order_and_then_the_end() {
        let (old, new) = Channel::pair().unwrap();
        let new = Channel::of(new).unwrap();
        let (mut reader, writer) = io::pipe().unwrap();
        let named = Message::Socket("127.0.0.1:0#1".to_owned());
        old.send(&named, Some(writer.as_fd())).unwrap();
        let counted = Message::Counted(vec![("plan".to_owned(), "key".to_owned(), -3)]);
        old.send(&counted, None).unwrap();
        drop((old, writer));
        let (message, with) = new.receive(None).unwrap().unwrap();
        assert_eq!(message, named);
        std::fs::File::from(with.unwrap()).write_all(b"passed").unwrap();
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "passed");
        let (message, with) = new.receive(None).unwrap().unwrap();
        assert_eq!((message, with.is_none()), (counted, true));
        assert!(new.receive(None).unwrap().is_none());
    }

    #[test]
    fn a_limit_ends_the_wait() {
        let (old, _new) = Channel::pair().unwrap();
        let error = old.receive(Some(Duration::from_millis(10))).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }
}
