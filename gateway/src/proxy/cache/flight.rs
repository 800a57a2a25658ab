//! One request a key asks its backend, and those that want the same wait for it.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use portcullis_cache::{Key, Record, Times};
use tokio::sync::watch;

use crate::caches::StageCache;

/// What a stage's requests are asking for.
#[derive(Debug, Default)]
pub struct Flights {
    flying: Mutex<HashMap<Key, watch::Receiver<State>>>,
}

#[derive(Debug)]
enum State {
    Flying,
    Landed(Record, Times),
    NotKept,
}

/// What a request does that found nothing.
#[derive(Debug)]
pub(super) enum Boarding {
    /// It asks; others wait.
    Flies(Flight),
    /// Another one asks.
    Waits(Wait),
}

/// A request that asks, while others wait for what it is told. Dropped, they are told that there is nothing to wait for.
#[derive(Debug)]
pub(super) struct Flight {
    kept: Arc<StageCache>,
    key: Key,
    told: watch::Sender<State>,
    /// Whether the backend has been asked to the end.
    landed: bool,
}

/// Waits for another request.
#[derive(Debug)]
pub(super) struct Wait(watch::Receiver<State>);

/// What came of another request.
#[derive(Debug)]
pub(super) enum Landing {
    /// A response.
    Kept(Record, Times),
    /// Nothing that could be shared.
    NotKept,
    /// Its client has left: somebody else has to ask.
    GivenUp,
}

impl Flights {
    /// Asks, or waits for who does.
    pub(super) fn board(&self, kept: Arc<StageCache>, key: Key) -> Boarding {
        let mut flying = self.flying.lock();
        if let Some(flight) = flying.get(&key) {
            return Boarding::Waits(Wait(flight.clone()));
        }
        let (told, flight) = watch::channel(State::Flying);
        flying.insert(key, flight);
        Boarding::Flies(Flight {
            kept,
            key,
            told,
            landed: false,
        })
    }
}

impl Wait {
    pub(super) async fn wait(mut self) -> Landing {
        let landed = self.0.wait_for(|state| !matches!(state, State::Flying)).await;
        match landed.as_deref() {
            Ok(State::Landed(record, times)) => Landing::Kept(record.clone(), *times),
            Ok(_) => Landing::NotKept,
            Err(_) => Landing::GivenUp,
        }
    }
}

impl Flight {
    /// Tells those who wait what there is.
    pub(super) fn tell(&self, record: Record, times: Times) {
        self.told.send_replace(State::Landed(record, times));
    }

    /// It has what it wanted, or will not get it.
    pub(super) fn land(mut self, response: Option<(Record, Times)>) {
        self.landed = true;
        if let Some((record, times)) = response {
            self.tell(record, times);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.kept.flights.flying.lock().remove(&self.key);
        let landed = self.landed;
        self.told.send_if_modified(|state| {
            let nothing = landed && matches!(state, State::Flying);
            if nothing {
                *state = State::NotKept;
            }
            nothing
        });
    }
}
