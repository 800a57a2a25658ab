//! Test invocations: a call that comes by no connection, on a plan that is not live, told step by step.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use parking_lot::Mutex;
use portcullis_model::IdentitySource;
use serde_json::{Map, Value};

use super::call::{Call, Connection, Listener, Reply};
use super::exchange::{Exchange, ExchangeBody, Matched};
use super::mapping::response::unreadable;
use super::refusal::{Blame, Refusal};
use super::{Gateway, authorize, pipeline};
use crate::clock::{Clock, log_time};
use crate::plan::{Captures, IntegrationPlan, StageLive, Verb, Verbosity};

/// Bytes of a response that are given back: it is read whole, and by people.
pub const RESPONSE_LIMIT: usize = 1024 * 1024;
/// Bytes of the log, and of all that templates rendered to, that are kept.
const TOLD_LIMIT: usize = 256 * 1024;

/// What is told of one call, at full verbosity, whatever a stage says.
#[derive(Debug)]
pub struct Trial {
    clock: Arc<dyn Clock>,
    /// Where the method's authorizer, which is not asked, would find who calls.
    pub secrets: Vec<IdentitySource>,
    /// `$context` variables that count over the call's own.
    pub context: BTreeMap<String, String>,
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    lines: Vec<(Duration, String)>,
    stations: Vec<Station>,
    bytes: usize,
    /// When the last of `stations` began; none when it has ended.
    began: Option<Duration>,
    policy: Option<String>,
}

/// What one station did.
#[derive(Debug, Default)]
pub struct Station {
    /// Its name.
    pub name: &'static str,
    /// How long it took.
    pub took: Duration,
    /// Its lines of the execution log.
    pub lines: Vec<String>,
    /// What its templates rendered to.
    pub rendered: Vec<String>,
}

/// How a method answered.
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// To its last byte.
    pub took: Duration,
    /// The execution log.
    pub log: String,
}

/// What an authorizer decided.
#[derive(Debug)]
pub struct Decided {
    /// What the client is told instead of an answer; nothing where it may call.
    pub refused: Option<StatusCode>,
    /// Who calls.
    pub principal: Option<String>,
    /// What is said of who calls.
    pub context: Map<String, Value>,
    /// The policy, where there is one.
    pub policy: Option<String>,
    /// To its answer.
    pub took: Duration,
    /// The execution log.
    pub log: String,
}

/// The response is larger than what is given back.
#[derive(Debug, thiserror::Error)]
#[error(
    "the method's response has more than {RESPONSE_LIMIT} bytes, which are the most that a test invocation gives back; \
     deploy the API and call a stage to get it"
)]
pub struct TooLarge;

impl Trial {
    /// Nothing is told yet.
    pub fn new(
        clock: Arc<dyn Clock>,
        secrets: Vec<IdentitySource>,
        context: BTreeMap<String, String>,
    ) -> Arc<Self> {
        Arc::new(Self {
            clock,
            secrets,
            context,
            told: Mutex::default(),
        })
    }

    /// A station begins; the one before it ends.
    pub fn begin(&self, name: &'static str) {
        let now = self.clock.monotonic();
        let mut told = self.told.lock();
        told.end(now);
        told.began = Some(now);
        told.stations.push(Station {
            name,
            ..Station::default()
        });
    }

    /// A line of the execution log.
    pub fn tell(&self, line: &str) {
        let now = self.clock.wall();
        let mut told = self.told.lock();
        let Some(line) = told.kept(line) else { return };
        if let Some(station) = told.stations.last_mut() {
            station.lines.push(line.clone());
        }
        told.lines.push((now, line));
    }

    /// What a template rendered to.
    pub fn rendered(&self, text: &str) {
        let mut told = self.told.lock();
        if let Some(text) = told.kept(text)
            && let Some(station) = told.stations.last_mut()
        {
            station.rendered.push(text);
        }
    }

    /// The policy that an authorizer gave.
    pub fn policy(&self, policy: &str) {
        self.told.lock().policy = Some(policy.to_owned());
    }

    /// The log so far, as API Gateway's console shows it.
    pub fn log(&self, id: &str) -> String {
        let told = self.told.lock();
        let lines = told.lines.iter();
        let lines = lines.map(|(at, line)| format!("{} : {line}\n", log_time(*at)));
        std::iter::once(format!("Execution log for request {id}\n"))
            .chain(lines)
            .collect()
    }

    /// The stations so far.
    pub fn stations(&self) -> Vec<Station> {
        let now = self.clock.monotonic();
        let mut told = self.told.lock();
        told.end(now);
        std::mem::take(&mut told.stations)
    }
}

impl Told {
    fn end(&mut self, now: Duration) {
        if let (Some(began), Some(station)) = (self.began.take(), self.stations.last_mut()) {
            station.took = now.saturating_sub(began);
        }
    }

    /// A text as far as there is room for it.
    fn kept(&mut self, text: &str) -> Option<String> {
        let room = TOLD_LIMIT.saturating_sub(self.bytes);
        if room == 0 {
            return None;
        }
        let kept = text.get(..text.floor_char_boundary(room)).unwrap_or_default();
        self.bytes += kept.len().max(1);
        match kept.len() == text.len() {
            true => Some(kept.to_owned()),
            false => {
                self.bytes = TOLD_LIMIT;
                Some(format!("{kept} [TRUNCATED]"))
            }
        }
    }
}

/// Whether a call finds a method of a plan.
pub fn finds(plan: &StageLive, call: &Call) -> bool {
    let verb = Verb::parse(call.head.method.as_str());
    verb.is_some_and(|verb| plan.base.router.find(call.head.path(), verb).is_some())
}

/// Runs the method that a call finds in a plan.
pub async fn method(
    gateway: &Arc<Gateway>,
    plan: StageLive,
    mut call: Call,
    trial: &Arc<Trial>,
) -> Result<Answered, TooLarge> {
    let mut exchange = begun(gateway, plan, &mut call, trial);
    let (id, is_head) = (exchange.id, call.head.method == Method::HEAD);
    let Reply {
        status,
        headers,
        body,
    } = pipeline::tried(&mut exchange, &mut call, trial).await;
    let (clock, started) = (gateway.clock.clone(), exchange.started);
    // It tells that all is done when it is dropped.
    let body = ExchangeBody::new(Box::new(exchange), status, &headers, body);
    let body = Limited::new(body, RESPONSE_LIMIT).collect().await;
    let mut body = body.map_err(|_| TooLarge)?.to_bytes();
    if is_head {
        // No client would see it.
        body.clear();
    }
    Ok(Answered {
        status,
        headers,
        body,
        took: clock.monotonic().saturating_sub(started),
        log: trial.log(id.as_str()),
    })
}

/// Asks the authorizer of a plan's first method, whatever the call's path is.
pub async fn authorizer(
    gateway: &Arc<Gateway>,
    plan: StageLive,
    mut call: Call,
    trial: &Arc<Trial>,
) -> Decided {
    let mut exchange = begun(gateway, plan, &mut call, trial);
    exchange.matched = Some(Matched {
        method: 0,
        captures: Captures::new(),
    });
    exchange.verbosity = Verbosity::ALL;
    trial.begin("authorize");
    let outcome = authorize::caller(&mut exchange, &mut call).await;
    if let Err(refusal) = &outcome {
        exchange.log().refused(refusal);
    }
    let caller = exchange.caller.take();
    let (principal, context) = caller
        .map(|caller| (caller.principal.clone(), caller.context.clone()))
        .unzip();
    let policy = trial.told.lock().policy.take();
    Decided {
        refused: outcome.err().map(|refusal| refusal.status),
        principal,
        context: context.unwrap_or_default(),
        policy,
        took: gateway.clock.monotonic().saturating_sub(exchange.started),
        log: trial.log(exchange.id.as_str()),
    }
}

/// An exchange as the resolve station leaves it. It comes from the gateway's own machine.
fn begun(gateway: &Arc<Gateway>, plan: StageLive, call: &mut Call, trial: &Arc<Trial>) -> Exchange {
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let connection = Connection::new(here, here, Arc::new(Listener::default()));
    let mut exchange = Exchange::begin(gateway, &Arc::new(connection));
    call.body.limit(plan.settings.max_request_body);
    exchange.stage = Some(Arc::new(plan));
    exchange.trial = Some(trial.clone());
    exchange
}

/// Reads what an integration answered whole, as API Gateway does, within the integration's time-out.
pub async fn whole(exchange: &Exchange, reply: Reply) -> Result<Reply, Refusal> {
    let reading = reply.body.held(&exchange.gateway.buffered);
    let read = match time_out(exchange) {
        Some(limit) => tokio::time::timeout(limit, reading).await,
        None => Ok(reading.await),
    };
    let body = read.map_err(|_| Refusal::timed_out(Blame::Upstream))?;
    let body = body.map_err(|error| unreadable(exchange, &error))?;
    Ok(Reply {
        body: body.into(),
        ..reply
    })
}

fn time_out(exchange: &Exchange) -> Option<Duration> {
    match &exchange.method()?.integration {
        IntegrationPlan::HttpProxy(plan) => Some(plan.timeout),
        IntegrationPlan::Http(plan) => Some(plan.http.timeout),
        IntegrationPlan::LambdaProxy(plan) => Some(plan.timeout),
        IntegrationPlan::Lambda(plan) => Some(plan.timeout),
        IntegrationPlan::FunctionUrl(plan) => Some(plan.timeout),
        IntegrationPlan::Handler { timeout, .. } | IntegrationPlan::Plugin { timeout, .. } => Some(*timeout),
        IntegrationPlan::Mock(_) | IntegrationPlan::Misconfigured { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn trial() -> (Arc<ManualClock>, Arc<Trial>) {
        let clock = Arc::new(ManualClock::default());
        (clock.clone(), Trial::new(clock, Vec::new(), BTreeMap::new()))
    }

    #[test]
    fn stations_have_their_times_lines_and_texts() {
        let (clock, trial) = trial();
        trial.tell("before");
        trial.begin("one");
        trial.tell("a");
        clock.advance(Duration::from_millis(3));
        trial.begin("two");
        trial.rendered("text");
        clock.advance(Duration::from_millis(5));
        trial.tell("b");
        let expected = "Execution log for request ID\nThu Jan 01 00:00:00 UTC 2026 : before\n\
                        Thu Jan 01 00:00:00 UTC 2026 : a\nThu Jan 01 00:00:00 UTC 2026 : b\n";
        assert_eq!(trial.log("ID"), expected);
        let stations = trial.stations();
        let told: Vec<_> = stations
            .iter()
            .map(|station| {
                (
                    station.name,
                    station.took.as_millis(),
                    station.lines.join(","),
                    station.rendered.len(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [("one", 3, "a".to_owned(), 0), ("two", 5, "b".to_owned(), 1)]
        );
    }

    #[test]
    fn what_is_told_is_bounded() {
        let (_, trial) = trial();
        trial.begin("one");
        let most = "é".repeat(TOLD_LIMIT / 2 - 1);
        trial.rendered(&most);
        trial.tell("long");
        trial.tell("lost");
        trial.rendered("lost");
        let [station] = &trial.stations()[..] else {
            panic!("one station");
        };
        assert_eq!(station.rendered, [most]);
        assert_eq!(station.lines, ["lo [TRUNCATED]"]);
    }
}
