//! The new process's side.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};

use super::Sockets;
use super::channel::{Addition, Channel, Message};

/// The variable of the environment by which a process knows that it is to take over.
pub const MARK: &str = "PORTCULLIS_TAKES_OVER";

/// The process whose place this one takes.
#[derive(Debug)]
pub struct Predecessor {
    channel: Channel,
}

/// What it says once this process serves.
#[derive(Debug)]
pub enum Told {
    /// Whoever supervises knows this process.
    Known,
    /// Calls that it has counted.
    Counted(Vec<Addition>),
}

impl Predecessor {
    /// Listens to it: it is at the other end of the standard input. With the sockets that it passes on. It blocks.
    pub fn meet() -> io::Result<(Self, Sockets)> {
        let channel = Channel::of(io::stdin().as_fd().try_clone_to_owned()?)?;
        let sockets = Sockets::default();
        loop {
            match channel.receive(None)? {
                Some((Message::Socket(name), Some(socket))) => sockets.put(Some(name), socket),
                Some((Message::Begin, _)) => return Ok((Self { channel }, sockets)),
                told => return Err(unexpected(told.map(|(message, _)| message).as_ref())),
            }
        }
    }

    /// Says that all is done that can be done beside it, and waits until the store is free. With the store's lock, where it
    /// has one. It blocks.
    pub fn turn(&self) -> io::Result<Option<OwnedFd>> {
        self.channel.send(&Message::Prepared, None)?;
        match self.channel.receive(None)? {
            Some((Message::Turn, lock)) => Ok(lock),
            told => Err(unexpected(told.map(|(message, _)| message).as_ref())),
        }
    }

    /// Says that this process serves.
    pub fn serving(&self) -> io::Result<()> {
        self.channel.send(&Message::Serving, None)
    }

    /// What it says next; nothing when it has ended. It blocks.
    pub fn told(&self) -> io::Result<Option<Told>> {
        match self.channel.receive(None)? {
            None => Ok(None),
            Some((Message::Known, _)) => Ok(Some(Told::Known)),
            Some((Message::Counted(additions), _)) => Ok(Some(Told::Counted(additions))),
            Some((message, _)) => Err(unexpected(Some(&message))),
        }
    }
}

fn unexpected(told: Option<&Message>) -> io::Error {
    io::Error::other(match told {
        None => "the process that started this one ended before it had handed over".to_owned(),
        Some(message) => format!("the process that started this one said {message:?} out of turn"),
    })
}
