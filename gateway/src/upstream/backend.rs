//! One backend, and how a request gets an answer of it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Authority;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use tokio::time::Instant;
use tokio_util::sync::DropGuard;

use super::address::Address;
use super::again::Again;
use super::error::{SendError, is_untouched};
use super::health::{Health, LinkState, Places, next};
use super::lease::Lease;
use super::pool::Pool;
use super::response::ResponseBody;
use super::tied::tie;
use crate::proxy::body::Body;
use crate::proxy::integrate::http::is_idempotent;
use crate::proxy::timers::SpareTimers;

/// A backend.
#[derive(Debug)]
pub struct Backend {
    /// `Host` of its requests.
    host: HeaderValue,
    route: Route,
    multiplexes: bool,
}

/// Where the requests of a backend go.
#[derive(Debug)]
pub(super) enum Route {
    /// To the address that the URI names.
    Direct(Arc<Pool>),
    /// To the targets of a private upstream.
    Link(Link),
}

/// A private upstream.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) name: Arc<str>,
    pub(super) state: Arc<LinkState>,
    pub(super) targets: Vec<Target>,
}

/// A server of a private upstream.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) address: Address,
    pub(super) pool: Arc<Pool>,
    pub(super) health: Arc<Health>,
}

impl Backend {
    pub(super) fn new(authority: &Authority, default_port: u16, route: Route) -> Arc<Self> {
        let multiplexes = match &route {
            Route::Direct(pool) => pool.may_multiplex(),
            Route::Link(link) => link.targets.iter().any(|target| target.pool.may_multiplex()),
        };
        Arc::new(Self {
            host: host(authority, default_port),
            route,
            multiplexes,
        })
    }

    /// The `Host` that requests to it have: its port is left out where it is the scheme's own.
    pub fn host(&self) -> &HeaderValue {
        &self.host
    }

    /// Whether HTTP/2 may be spoken with it.
    pub fn may_multiplex(&self) -> bool {
        self.multiplexes
    }

    /// Sends a request, whose URI is a path, and waits for the head of its response, for `timeout` at the most, a retry
    /// included.
    ///
    /// A request that is idempotent and has no body is sent once more where the connection was lost and no byte of a
    /// response was seen; so is any whose body is at hand where an HTTP/2 backend says that it did nothing of it. (A request
    /// of which nothing was sent, since its kept connection turned out to be closed or its target could not be connected to,
    /// goes to another connection; that is no retry.)
    ///
    /// # Errors
    ///
    /// Why there is no response.
    pub async fn send(
        &self,
        request: Box<Request<Body>>,
        timeout: Duration,
        timers: &SpareTimers,
    ) -> Result<Response<ResponseBody>, SendError> {
        let attempts = pin!(self.attempts(request));
        let sent = timers.timeout(timeout, attempts).await;
        sent.unwrap_or(Err(SendError::TimedOut(timeout)))
    }

    /// The same, never sent again once something of it was sent.
    ///
    /// # Errors
    ///
    /// Why there is no response.
    pub async fn send_once(
        &self,
        request: Box<Request<Body>>,
        timeout: Duration,
        timers: &SpareTimers,
    ) -> Result<Response<ResponseBody>, SendError> {
        let attempt = pin!(self.attempt(request, false));
        match timers.timeout(timeout, attempt).await {
            Some(sent) => sent.map_err(|failed| failed.error),
            None => Err(SendError::TimedOut(timeout)),
        }
    }

    async fn attempts(&self, request: Box<Request<Body>>) -> Result<Response<ResponseBody>, SendError> {
        let replayable = is_idempotent(request.method()) && request.body().is_replayable();
        // Over HTTP/1.1 the head that was sent is at hand.
        let again = self.may_multiplex().then(|| Again::of(&request)).flatten();
        let mut failed = match self.attempt(request, replayable && again.is_none()).await {
            Ok(response) => return Ok(response),
            Err(failed) => failed,
        };
        let may_again = failed.untouched || (replayable && failed.is_unseen());
        let again = again.or_else(|| failed.head.take().map(Again::of_head));
        match again.filter(|_| may_again).and_then(Again::request) {
            Some(again) => {
                tracing::debug!("sending once more: {}", failed.error);
                // Boxed: hardly any request polls it.
                let sent = Box::pin(self.attempt(Box::new(again), false)).await;
                sent.map_err(|failed| failed.error)
            }
            None => Err(failed.error),
        }
    }

    async fn attempt(
        &self,
        mut request: Box<Request<Body>>,
        wants_head: bool,
    ) -> Result<Response<ResponseBody>, Failed> {
        let mut round = Round::default();
        let mut failed = None;
        let body = match self.may_multiplex() {
            true => tie(&mut request),
            false => None,
        };
        while let Some(next) = self.next(&mut round) {
            while let Some(mut lease) = next.pool().take() {
                let scheme = next.pool().scheme();
                lease
                    .prepare(&mut request, scheme)
                    .map_err(Failed::before_sending)?;
                match lease.send(request, wants_head).await {
                    Ok(response) => return Ok(answered(response, lease, body)),
                    Err(mut error) => match error.take_message() {
                        // Nothing was sent: the connection had just closed.
                        Some(unsent) => request = Box::new(unsent),
                        None => return Err(Failed::of(error.into_error(), &lease)),
                    },
                }
            }
            // Boxed: it is large, and most requests never poll it.
            let mut lease = match Box::pin(next.connect()).await {
                Ok(lease) => lease,
                Err(error) => {
                    failed = Some(Failed::before_sending(error));
                    continue;
                }
            };
            let scheme = next.pool().scheme();
            lease
                .prepare(&mut request, scheme)
                .map_err(Failed::before_sending)?;
            return match lease.send(request, wants_head).await {
                Ok(response) => Ok(answered(response, lease, body)),
                Err(error) => Err(Failed::of(error.into_error(), &lease)),
            };
        }
        Err(failed
            .unwrap_or_else(|| Failed::before_sending(SendError::Unreachable("it has no targets".into()))))
    }

    /// Whom to ask, after those that the round has asked already.
    fn next(&self, round: &mut Round) -> Option<Next<'_>> {
        match &self.route {
            Route::Direct(pool) => {
                let first = round.turn.is_none();
                round.turn = Some(0);
                first.then_some(Next::Direct(pool))
            }
            Route::Link(link) => {
                let turn = *round.turn.get_or_insert_with(|| link.state.turn());
                let target = link.next(round.tried, turn)?;
                round.tried.add(target);
                Some(Next::Target(link, link.targets.get(target)?))
            }
        }
    }
}

fn answered(
    response: Response<Incoming>,
    mut lease: Lease,
    body: Option<DropGuard>,
) -> Response<ResponseBody> {
    lease.hold(body);
    response.map(|incoming| ResponseBody::new(incoming, lease))
}

/// Whom one attempt has asked.
#[derive(Debug, Default)]
struct Round {
    turn: Option<usize>,
    tried: Places,
}

/// Whom to ask next.
enum Next<'a> {
    Direct(&'a Arc<Pool>),
    Target(&'a Link, &'a Target),
}

impl Next<'_> {
    fn pool(&self) -> &Arc<Pool> {
        match self {
            Self::Direct(pool) => pool,
            Self::Target(_, target) => &target.pool,
        }
    }

    async fn connect(&self) -> Result<Lease, SendError> {
        match self {
            Self::Direct(pool) => pool.connect().await,
            Self::Target(link, target) => target.connect(&link.name).await,
        }
    }
}

impl Link {
    /// The place of the target to ask next.
    fn next(&self, tried: Places, turn: usize) -> Option<usize> {
        let now = Instant::now();
        let places = self.targets.iter().enumerate();
        let down = places.filter(|(_, target)| target.health.is_down(now));
        let down = Places::of(down.map(|(place, _)| place));
        next(Places::of(0..self.targets.len()), down, tried, turn)
    }
}

impl Target {
    async fn connect(&self, link: &str) -> Result<Lease, SendError> {
        let attempt = self.health.attempt();
        let connected = self.pool.connect().await;
        let news = attempt.end(connected.is_ok());
        if let (Err(error), true) = (&connected, news) {
            tracing::warn!(vpc_link = link, target = %self.address, "passed over for a while: {error}");
        }
        connected
    }
}

/// An attempt without a response.
struct Failed {
    error: SendError,
    /// Whether a byte of a response was seen.
    begun: bool,
    /// Whether the backend says that it did nothing of it.
    untouched: bool,
    /// The head that was sent, if it was wanted.
    head: Option<Vec<u8>>,
}

impl Failed {
    fn of(error: hyper::Error, lease: &Lease) -> Self {
        Self {
            untouched: is_untouched(&error),
            error: SendError::of_exchange(error),
            begun: lease.has_begun(),
            head: lease.sent_head(),
        }
    }

    fn before_sending(error: SendError) -> Self {
        Self {
            error,
            begun: false,
            untouched: false,
            head: None,
        }
    }

    /// Whether the connection was lost without a byte of a response.
    fn is_unseen(&self) -> bool {
        !self.begun && matches!(self.error, SendError::Lost(_))
    }
}

fn host(authority: &Authority, default_port: u16) -> HeaderValue {
    let text = match authority.port_u16() {
        Some(port) if port == default_port => authority.host(),
        _ => authority.as_str(),
    };
    // An authority has no characters that a header may not have.
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9110, section 7.2: the port is left out where it is the default of the scheme.
    #[test]
    fn the_port_of_the_scheme_is_left_out_of_the_host() {
        for (authority, default_port, expected) in [
            ("h", 80, "h"),
            ("h:80", 80, "h"),
            ("h:443", 80, "h:443"),
            ("h:443", 443, "h"),
            ("h:80", 443, "h:80"),
            ("[::1]:443", 443, "[::1]"),
            ("10.0.0.7:8443", 443, "10.0.0.7:8443"),
        ] {
            let parsed: Authority = authority.parse().expect(authority);
            assert_eq!(
                host(&parsed, default_port),
                expected,
                "{authority} {default_port}"
            );
        }
    }
}
