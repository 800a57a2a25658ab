//! Looking for a response: in memory, on disk, or with whoever asks for the same.

use std::time::Duration;

use http::header;
use portcullis_cache::{Found, Key};

use super::flight::{Boarding, Flight, Landing};
use super::{Cached, IGNORED, Lookup, Miss, Refresh, counted, key, response};
use crate::plan::CachePlan;
use crate::proxy::call::{Call, Reply};
use crate::proxy::exchange::Exchange;

/// For so many requests in a row, whose clients left before they were answered, others wait.
const PATIENCE: usize = 8;

/// One request that looks for its response.
pub(super) struct Look<'p> {
    pub(super) key: Key,
    pub(super) plan: &'p CachePlan,
    pub(super) warns: bool,
    pub(super) stale: Option<Found>,
}

impl Look<'_> {
    pub(super) async fn response(&mut self, exchange: &mut Exchange, call: &mut Call) -> Lookup {
        // Who waited for an answer that is not to be shared does not wait again, so that nobody stands in a line; and nobody
        // waits for ever for those who leave.
        let mut given_up = 0;
        loop {
            if let Some(lookup) = self.in_memory(exchange, call) {
                return lookup;
            }
            match self.plan.kept.flights.board(self.plan.kept.clone(), self.key) {
                Boarding::Flies(flight) => return self.flies(exchange, call, flight).await,
                Boarding::Waits(_) if given_up >= PATIENCE => return Lookup::Miss(self.miss(exchange, None)),
                Boarding::Waits(landing) => match landing.wait().await {
                    Landing::Kept(record, times) => {
                        if let Some(reply) = self.hit(exchange, call, &Found { record, times }) {
                            return Lookup::Hit(reply);
                        }
                        return Lookup::Miss(self.miss(exchange, None));
                    }
                    Landing::NotKept => return Lookup::Miss(self.miss(exchange, None)),
                    Landing::GivenUp => given_up += 1,
                },
            }
        }
    }

    /// What memory has: fresh, or stale and good enough.
    fn in_memory(&mut self, exchange: &mut Exchange, call: &mut Call) -> Option<Lookup> {
        let now = exchange.gateway.clock.monotonic();
        let found = self.plan.kept.responses.get(&self.key, now)?;
        if now < found.times.fresh {
            return Some(Lookup::Hit(self.hit(exchange, call, &found)?));
        }
        self.past(exchange, call, found)
    }

    /// A response past its time: it answers where a new one can be fetched meanwhile.
    fn past(&mut self, exchange: &mut Exchange, call: &mut Call, found: Found) -> Option<Lookup> {
        let now = exchange.gateway.clock.monotonic();
        let longest = Duration::from_secs(self.plan.rules.stale_while_revalidate.into());
        if now >= found.times.fresh + longest {
            self.stale = Some(found);
            return None;
        }
        let Some(call_again) = key::again(call) else {
            self.stale = Some(found);
            return None;
        };
        let again = match self.plan.kept.flights.board(self.plan.kept.clone(), self.key) {
            Boarding::Flies(flight) => Some((call_again, flight)),
            Boarding::Waits(_) => None,
        };
        let reply = self.hit(exchange, call, &found)?;
        let Some((call, flight)) = again else {
            return Some(Lookup::Hit(reply));
        };
        let mut once_more = exchange.again();
        once_more.cached = Some(Box::new(Cached {
            status: "MISS",
            age: None,
            freshness: None,
        }));
        let mut miss = self.miss(exchange, Some(flight));
        miss.warns = false;
        let refresh = Refresh {
            exchange: once_more,
            call,
            miss,
        };
        Some(Lookup::Stale(reply, Box::new(refresh)))
    }

    /// Nobody else asks: what came meanwhile, or is on disk, or must be asked for.
    async fn flies(&mut self, exchange: &mut Exchange, call: &mut Call, flight: Flight) -> Lookup {
        let now = exchange.gateway.clock.monotonic();
        let mut found = self.plan.kept.responses.get(&self.key, now);
        if found.is_none() && self.plan.kept.responses.is_on_disk(&self.key) {
            found = self.on_disk(now).await;
        }
        match found {
            Some(found) if now < found.times.fresh => {
                if let Some(reply) = self.hit(exchange, call, &found) {
                    flight.land(Some((found.record, found.times)));
                    return Lookup::Hit(reply);
                }
            }
            Some(found) => self.stale = Some(found),
            None => {}
        }
        Lookup::Miss(self.miss(exchange, Some(flight)))
    }

    async fn on_disk(&self, now: Duration) -> Option<Found> {
        let (kept, key) = (self.plan.kept.clone(), self.key);
        let read = tokio::task::spawn_blocking(move || kept.responses.read(&key, now));
        read.await.ok().flatten()
    }

    /// The reply that a response is; none where what was kept cannot be read.
    fn hit(&self, exchange: &mut Exchange, call: &Call, found: &Found) -> Option<Reply> {
        let mut reply = response::reply(exchange, &call.head, &found.record)?;
        let now = exchange.gateway.clock.monotonic();
        let age = now.saturating_sub(found.times.made);
        counted(exchange, true);
        exchange
            .log()
            .info(|| format!("Response from the cache, {} s old", age.as_secs()));
        exchange.cached = Some(Box::new(Cached {
            status: if now < found.times.fresh { "HIT" } else { "STALE" },
            age: Some(age),
            freshness: None,
        }));
        self.warn(&mut reply);
        Some(reply)
    }

    fn warn(&self, reply: &mut Reply) {
        if self.warns {
            reply.headers.append(header::WARNING, IGNORED);
        }
    }

    pub(super) fn miss(&mut self, exchange: &Exchange, flight: Option<Flight>) -> Miss {
        Miss {
            key: self.key,
            kept: self.plan.kept.clone(),
            began: exchange.gateway.clock.monotonic(),
            epoch: self.plan.kept.responses.epoch(),
            flight,
            stale: self.stale.take(),
            warns: self.warns,
        }
    }
}
