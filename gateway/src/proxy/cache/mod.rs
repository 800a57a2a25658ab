//! Station 7: the response cache
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html>).
//!
//! What is kept is the method's response, as station 10 made it. A hit runs no mapping but those of the key's parameters.

mod flight;
mod freshness;
mod key;
mod look;
mod renewal;
mod response;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use portcullis_cache::{Epoch, Found, Key, Record, Times};

use super::call::{Call, Head, Reply};
use super::exchange::Exchange;
use super::refusal::Refusal;
use crate::caches::StageCache;
use crate::plan::{CachePlan, StageLive};

use flight::Flight;
pub use flight::Flights;
use freshness::Freshness;
use look::Look;
use renewal::Asked;

/// What API Gateway tells a client whose `Cache-Control` counted for nothing.
const IGNORED: HeaderValue =
    HeaderValue::from_static("199 Cache-control headers were ignored because the caller was unauthorized.");

/// What the cache had to say to a request: `$context.cache.*`.
#[derive(Debug)]
pub struct Cached {
    /// `HIT`, `MISS`, `STALE` or `RENEWED`.
    pub status: &'static str,
    /// How old the response was.
    pub age: Option<Duration>,
    /// What the backend says of keeping its response, where it is asked.
    freshness: Option<Freshness>,
}

/// What came of looking for a response.
#[derive(Debug)]
pub enum Lookup {
    /// It is there.
    Hit(Reply),
    /// It is there and past its time; a new one is to be fetched while it is sent.
    Stale(Reply, Box<Refresh>),
    /// It must be asked for.
    Miss(Miss),
}

/// A request whose response may be kept.
#[derive(Debug)]
pub struct Miss {
    key: Key,
    kept: Arc<StageCache>,
    began: Duration,
    epoch: Epoch,
    /// Others wait for it.
    flight: Option<Flight>,
    /// What can be answered where the backend fails.
    stale: Option<Found>,
    /// Whether the client is told that it may not have its response made anew.
    warns: bool,
}

/// A response that is fetched while nobody waits for it.
#[derive(Debug)]
pub struct Refresh {
    /// The request, once more.
    pub exchange: Exchange,
    /// The same.
    pub call: Call,
    /// Where its response goes.
    pub miss: Miss,
}

/// Whether the responses to a request are kept.
pub fn keeps(exchange: &Exchange, head: &Head) -> bool {
    let plan = exchange.method().and_then(|method| method.cache.as_ref());
    plan.is_some_and(|plan| plan.keeps(&head.method))
}

/// Looks for a response; waits while another request asks for the same.
pub async fn lookup(exchange: &mut Exchange, call: &mut Call) -> Result<Lookup, Refusal> {
    let Some(stage) = exchange.stage.clone() else {
        return Err(Refusal::unknown_stage());
    };
    let Some(plan) = plan_of(exchange, &stage) else {
        return Err(Refusal::unknown_method());
    };
    let asked = renewal::asked(exchange, plan, &call.head)?;
    let key = key::of(exchange, plan, call).await?;
    let mut look = Look {
        key,
        plan,
        warns: asked == Asked::InVain,
        stale: None,
    };
    if asked == Asked::Renewed {
        exchange
            .log()
            .info(|| "The response is made anew, as the client may ask".to_owned());
        asks(exchange, "RENEWED");
        return Ok(Lookup::Miss(look.miss(exchange, None)));
    }
    let lookup = look.response(exchange, call).await;
    if !matches!(lookup, Lookup::Miss(_)) {
        return Ok(lookup);
    }
    exchange.log().info(|| "No response in the cache".to_owned());
    asks(exchange, "MISS");
    Ok(lookup)
}

fn plan_of<'s>(exchange: &Exchange, stage: &'s StageLive) -> Option<&'s CachePlan> {
    exchange.method_of(stage)?.cache.as_deref()
}

/// It counts as a miss, whether it is looked for or not.
fn asks(exchange: &mut Exchange, status: &'static str) {
    counted(exchange, false);
    exchange.cached = Some(Box::new(Cached {
        status,
        age: None,
        freshness: None,
    }));
}

fn counted(exchange: &Exchange, hit: bool) {
    if let Some(stage) = &exchange.stage {
        stage.metrics.cache.asked(hit);
    }
    let of_method = exchange
        .method()
        .and_then(|method| method.observed.metrics.as_ref());
    if let Some(metrics) = of_method {
        metrics.cache.asked(hit);
    }
}

/// What the backend says of keeping its response, before mappings make another of it.
pub fn observe(exchange: &mut Exchange, backend: &HeaderMap) {
    if exchange.cached.is_none() {
        return;
    }
    let respects = exchange
        .method()
        .and_then(|method| method.cache.as_ref())
        .is_some_and(|plan| plan.rules.respect_cache_control);
    if let Some(cached) = exchange.cached.as_mut().filter(|_| respects) {
        cached.freshness = freshness::of(backend);
    }
}

/// The response is there, or will not come: it is kept where it can be, and those who wait are told.
pub async fn land(
    exchange: &mut Exchange,
    head: &Head,
    miss: Miss,
    outcome: Result<Reply, Refusal>,
) -> Result<Reply, Refusal> {
    let mut miss = miss;
    let outcome = landed(exchange, head, &miss, outcome).await;
    if let Some(flight) = miss.flight.take() {
        flight.land(None);
    }
    outcome
}

async fn landed(
    exchange: &mut Exchange,
    head: &Head,
    miss: &Miss,
    outcome: Result<Reply, Refusal>,
) -> Result<Reply, Refusal> {
    let Some(stage) = exchange.stage.clone() else {
        return outcome;
    };
    let Some(plan) = plan_of(exchange, &stage) else {
        return outcome;
    };
    if let Some(reply) = miss.instead(exchange, plan, head, &outcome) {
        return Ok(reply);
    }
    let mut reply = outcome?;
    if response::can_be_kept(plan, &reply) {
        reply = keep(exchange, plan, head, miss, reply).await?;
    }
    if miss.warns {
        reply.headers.append(header::WARNING, IGNORED);
    }
    Ok(reply)
}

async fn keep(
    exchange: &Exchange,
    plan: &CachePlan,
    head: &Head,
    miss: &Miss,
    reply: Reply,
) -> Result<Reply, Refusal> {
    let freshness = exchange.cached.as_ref().and_then(|cached| cached.freshness);
    let Some(ttl) = freshness::ttl(freshness, plan.ttl) else {
        return Ok(reply);
    };
    let (reply, record) = response::record(exchange, head, reply).await?;
    if let Some(record) = record {
        miss.put(exchange, plan, ttl, record);
    }
    Ok(reply)
}

impl Miss {
    fn put(&self, exchange: &Exchange, plan: &CachePlan, ttl: Duration, record: Record) {
        let now = exchange.gateway.clock.monotonic();
        let times = Times {
            made: now,
            fresh: now + ttl,
            usable: now + ttl + plan.stale(),
        };
        let responses = &self.kept.responses;
        // Somebody had it made anew while this one was asked for: that is the newer one, for those who wait, too.
        let newer = responses.get(&self.key, now);
        let told = match newer.filter(|found| found.times.made > self.began) {
            Some(found) => Some((found.record, found.times)),
            None => responses
                .put(&self.key, &record, times, plan.encrypted, self.epoch)
                .then_some((record, times)),
        };
        if let Some((flight, (record, times))) = self.flight.as_ref().zip(told) {
            flight.tell(record, times);
        }
    }

    /// What was kept, where the backend failed and it may be used for so long.
    fn instead(
        &self,
        exchange: &mut Exchange,
        plan: &CachePlan,
        head: &Head,
        outcome: &Result<Reply, Refusal>,
    ) -> Option<Reply> {
        let status = match outcome {
            Ok(reply) => reply.status,
            Err(refusal) => refusal.status,
        };
        // What RFC 5861 calls an error (<https://www.rfc-editor.org/rfc/rfc5861#section-4>).
        if !matches!(status.as_u16(), 500 | 502 | 503 | 504) {
            return None;
        }
        let found = self.stale.as_ref()?;
        let now = exchange.gateway.clock.monotonic();
        let longest = Duration::from_secs(plan.rules.stale_if_error.into());
        if now >= found.times.fresh + longest {
            return None;
        }
        let mut reply = response::reply(exchange, head, &found.record)?;
        if let Some(flight) = &self.flight {
            flight.tell(found.record.clone(), found.times);
        }
        if let Some(cached) = &mut exchange.cached {
            cached.status = "STALE";
            cached.age = Some(now.saturating_sub(found.times.made));
        }
        exchange
            .log()
            .info(|| format!("The backend failed with {status}; an older response is sent instead"));
        if self.warns {
            reply.headers.append(header::WARNING, IGNORED);
        }
        Some(reply)
    }
}
