//! A request at a point of presence: its answer is kept here, or a region's.

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use http_body::Body as _;
use hyper::client::conn::TrySendError;
use tokio::time::timeout;

use super::cache::{Asked, Looked};
use super::connection::host_of;
use super::headers::{self, From};
use super::refusal::Refused;
use super::region::Region;
use super::settings::Settings;
use super::{Edge, cache};
use crate::proxy::body::{STREAM_IDLE_TIMEOUT, STREAM_LIMIT};
use crate::proxy::exchange::ExchangeBody;
use crate::proxy::strict::is_named;
use crate::proxy::{Body, Call, Exchange, Head, Reply};
use crate::upstream::is_untouched;

/// How often a request is tried at the most, on whichever connections.
const MOST_TRIES: usize = 4;

/// Answers a request.
pub(super) async fn answer(edge: &Edge, exchange: Box<Exchange>, call: Call) -> Response<ExchangeBody> {
    let settings = edge.settings.load_full();
    let id = headers::new_id();
    let answered = answered(edge, &settings, &exchange, &id, call).await;
    let (from, mut reply) = answered.unwrap_or_else(|refused| (From::Error, refused.reply()));
    headers::to_client(&settings, &id, from, &mut reply.headers);
    edge.metrics.answered(reply.status, from);
    let body = ExchangeBody::new(exchange, reply.status, &reply.headers, reply.body);
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

async fn answered(
    edge: &Edge,
    settings: &Settings,
    exchange: &Exchange,
    id: &HeaderValue,
    mut call: Call,
) -> Result<(From, Reply), Refused> {
    if headers::is_upgrade(&call.head.headers) {
        return Err(Refused::Upgrade);
    }
    if headers::is_loop(settings, &call.head.headers) {
        return Err(Refused::Loop);
    }
    let (connection, version) = (&exchange.connection, call.head.version);
    headers::to_region(settings, connection, version, id, &mut call.head.headers);
    let host = call.head.host.as_deref().unwrap_or_default();
    // A region may refuse a host that the handshake did not name.
    let may_keep = connection.tls.as_ref().is_none_or(|tls| is_named(host, tls));
    let Some(cache) = &settings.cache else {
        let reply = to_a_region(edge, settings, call).await?;
        return Ok((From::Miss, reply));
    };
    let now = || exchange.gateway.clock.monotonic();
    let asked = Asked::of(&call, connection.tls.is_some());
    if !may_keep && !asked.is_unsafe() {
        let reply = to_a_region(edge, settings, call).await?;
        return Ok((From::Miss, reply));
    }
    match cache.look(&asked, now()) {
        Looked::Fresh(reply) => Ok((From::Hit, reply)),
        Looked::OnlyIfCached => Err(Refused::NotKept),
        Looked::Stale(stale) => {
            stale.make_conditional(&mut call.head.headers);
            let reply = to_a_region(edge, settings, call).await?;
            if reply.status == StatusCode::NOT_MODIFIED {
                let renewed = cache.renew(&asked, stale, &reply.headers, now());
                return Ok((From::RefreshHit, renewed));
            }
            Ok((From::Miss, cache::keep(cache, asked, reply, now())))
        }
        Looked::Absent => {
            let reply = to_a_region(edge, settings, call).await?;
            Ok((From::Miss, cache::keep(cache, asked, reply, now())))
        }
    }
}

/// A request, as it can be made again.
struct Again {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl Again {
    fn request(&self, body: Body) -> Request<Body> {
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.version_mut() = Version::HTTP_2;
        *request.headers_mut() = self.headers.clone();
        request
    }
}

/// What a region answers: the nearest, or another one where that cannot be asked.
async fn to_a_region(edge: &Edge, settings: &Settings, call: Call) -> Result<Reply, Refused> {
    match timeout(settings.timeout, tried(edge, settings, call)).await {
        Ok(answered) => answered,
        Err(_) => {
            edge.metrics.timed_out();
            Err(Refused::TimedOut)
        }
    }
}

async fn tried(edge: &Edge, settings: &Settings, call: Call) -> Result<Reply, Refused> {
    let Call { head, body } = call;
    let is_bodyless = body.is_end_stream();
    let again = Again {
        method: head.method.clone(),
        uri: Uri::default(),
        headers: HeaderMap::new(),
    };
    let mut waiting = Waiting {
        again,
        head: Some(head),
        body: Some(body),
    };
    let connections = settings.regions.in_order();
    let connections = connections.flat_map(|region| region.senders().map(move |sender| (region, sender)));
    let mut was_sent = false;
    for (index, (region, mut sender)) in connections.take(MOST_TRIES).enumerate() {
        if index > 0 {
            edge.metrics.retried();
        }
        let Some(request) = waiting.request(region) else {
            return Err(Refused::BadHost);
        };
        let error = match sender.try_send_request(request).await {
            Ok(response) => return Ok(reply(response)),
            Err(error) => error,
        };
        edge.metrics.failed(region.name());
        match next(error, &waiting.again.method, is_bodyless) {
            Next::Unsent(body) => waiting.body = Some(body),
            Next::Repeat => waiting.body = Some(Body::Empty),
            Next::GiveUp => return Err(Refused::Failed),
        }
        was_sent |= is_bodyless;
    }
    // All that were asked failed, or there was none to ask.
    Err(match was_sent && settings.regions.is_any_up() {
        true => Refused::Failed,
        false => Refused::NoRegion,
    })
}

/// A request that waits for a connection. Its URI is made for the first region that is asked.
struct Waiting {
    again: Again,
    head: Option<Head>,
    body: Option<Body>,
}

impl Waiting {
    fn request(&mut self, region: &Region) -> Option<Request<Body>> {
        if let Some(head) = self.head.take() {
            self.again.uri = uri(region, head.host.as_deref(), &head.target)?;
            self.again.headers = head.headers;
        }
        Some(self.again.request(self.body.take()?))
    }
}

fn uri(region: &Region, host: Option<&str>, target: &PathAndQuery) -> Option<Uri> {
    let authority = match host {
        Some(host) => host.parse::<Authority>().ok()?,
        None => host_of(&region.target.authority).parse().ok()?,
    };
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(Scheme::HTTPS);
    parts.authority = Some(authority);
    parts.path_and_query = Some(target.clone());
    Uri::from_parts(parts).ok()
}

/// What follows from a failure.
enum Next {
    /// Nothing of it was sent: it is tried again as it is.
    Unsent(Body),
    /// It can do no harm a second time.
    Repeat,
    /// It may have been acted on.
    GiveUp,
}

fn next(mut error: TrySendError<Request<Body>>, method: &Method, is_bodyless: bool) -> Next {
    if let Some(request) = error.take_message() {
        return Next::Unsent(request.into_body());
    }
    let error = error.into_error();
    tracing::debug!("a request to a region failed: {error}");
    // RFC 9110, section 9.2.2.
    match is_bodyless && (method.is_idempotent() || is_untouched(&error)) {
        true => Next::Repeat,
        false => Next::GiveUp,
    }
}

fn reply(response: Response<hyper::body::Incoming>) -> Reply {
    let (parts, body) = response.into_parts();
    Reply {
        status: parts.status,
        headers: parts.headers,
        body: Body::bounded(body, STREAM_LIMIT, STREAM_IDLE_TIMEOUT),
    }
}

#[cfg(test)]
mod tests {
    use hyper::client::conn::http2::handshake;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

    use super::*;

    /// RFC 9113, sections 6.5, 6.4 and 6.8: a head of nine bytes, and what is in it.
    const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
    const REFUSED: &[u8] = b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x07";
    const BROKEN: &[u8] = b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x02";
    const GOES_AWAY: &[u8] = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0";

    /// Says a frame once there is a request, and nothing else.
    async fn region(mut stream: DuplexStream, says: &'static [u8]) -> std::io::Result<()> {
        let mut preface = [0; 24];
        stream.read_exact(&mut preface).await?;
        stream.write_all(SETTINGS).await?;
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            stream.read_exact(&mut vec![0; length as usize]).await?;
            if head[3] == 1 {
                stream.write_all(says).await?;
            }
        }
    }

    async fn error_of(method: Method, says: &'static [u8]) -> TrySendError<Request<Body>> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let begun = handshake(TokioExecutor::new(), TokioIo::new(ours)).await;
        let (mut sender, connection) = begun.unwrap();
        let request = Request::builder().method(method).uri("https://api.example/");
        let request = request.body(Body::Empty).unwrap();
        // The connection ends with its last sender.
        let asked = async move { sender.try_send_request(request).await };
        let (answered, _, _) = tokio::join!(asked, connection, region(theirs, says));
        answered.unwrap_err()
    }

    #[tokio::test]
    async fn what_a_region_has_not_touched_is_sent_again_and_nothing_else() {
        for (method, says, is_bodyless, repeats) in [
            (Method::POST, REFUSED, true, true),
            (Method::POST, GOES_AWAY, true, true),
            (Method::POST, BROKEN, true, false),
            (Method::PUT, BROKEN, true, true),
            // Its body may have been sent.
            (Method::POST, REFUSED, false, false),
            (Method::POST, GOES_AWAY, false, false),
            (Method::PUT, BROKEN, false, false),
        ] {
            let error = error_of(method.clone(), says).await;
            match next(error, &method, is_bodyless) {
                Next::Repeat => assert!(repeats, "{method} {says:?}"),
                Next::GiveUp => assert!(!repeats, "{method} {says:?}"),
                Next::Unsent(_) => panic!("{method} {says:?}: it was sent"),
            }
        }
    }
}
