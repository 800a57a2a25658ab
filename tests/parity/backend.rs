//! A case's backend: it records what it gets and answers as the case says, byte for byte.

use std::sync::Arc;

use parking_lot::Mutex;
use portcullis_testkit::RawOrigin;
use portcullis_tests::tls::Closed;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::case::{Fault, Reply};

/// A backend, and a port where nobody is.
#[derive(Debug)]
pub(crate) struct Backend {
    origin: RawOrigin,
    /// Bound, so that nobody else takes the port, and never listening.
    refuses: Closed,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    reply: Mutex<Reply>,
    got: Mutex<Vec<Received>>,
}

/// A request that a backend got.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Names in lower case and values, in order.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// The values of a header, in order.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

impl Backend {
    /// Starts one.
    pub(crate) async fn start() -> Self {
        let state = Arc::<State>::default();
        let shared = state.clone();
        let origin = RawOrigin::start(move |stream, _| {
            let state = shared.clone();
            async move {
                // A gateway that goes away in the middle is what some cases are about.
                let _ = serve(stream, &state).await;
            }
        })
        .await;
        Self {
            origin,
            refuses: Closed::new(),
            state,
        }
    }

    /// What the text of a case may name.
    pub(crate) fn places(&self) -> [(&'static str, String); 2] {
        [
            ("{backend}", self.origin.authority()),
            ("{refused}", self.refuses.address().to_string()),
        ]
    }

    /// Answers so from now on.
    pub(crate) fn answer(&self, reply: Reply) {
        *self.state.reply.lock() = reply;
    }

    /// What it got since this was last asked.
    pub(crate) fn taken(&self) -> Vec<Received> {
        std::mem::take(&mut *self.state.got.lock())
    }
}

async fn serve(stream: TcpStream, state: &State) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await? {
        let method = request.method.clone();
        state.got.lock().push(request);
        let reply = state.reply.lock().clone();
        if !respond(&mut stream, &method, &reply).await? {
            return stream.get_mut().shutdown().await;
        }
    }
    Ok(())
}

/// The next request of a connection; none at its end.
async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Received>> {
    let mut request = Received::default();
    let first = line(stream).await?;
    let mut words = first.split(' ').map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    (request.method, request.target) = (method, target);
    loop {
        let line = line(stream).await?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        request
            .headers
            .push((name.to_lowercase(), value.trim().to_owned()));
    }
    if request.values("transfer-encoding") == ["chunked"] {
        loop {
            let size = usize::from_str_radix(&line(stream).await?, 16).map_err(std::io::Error::other)?;
            let mut chunk = vec![0; size];
            stream.read_exact(&mut chunk).await?;
            request.body.extend(chunk);
            line(stream).await?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = request.values("content-length").first() {
        request.body = vec![0; length.parse().map_err(std::io::Error::other)?];
        stream.read_exact(&mut request.body).await?;
    }
    Ok(Some(request))
}

async fn line(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

/// Answers, and tells whether the connection goes on.
async fn respond(stream: &mut BufReader<TcpStream>, method: &str, reply: &Reply) -> std::io::Result<bool> {
    let stream = stream.get_mut();
    match (&reply.raw, reply.fault) {
        (Some(raw), _) => {
            stream.write_all(raw.as_bytes()).await?;
            Ok(false)
        }
        (_, Some(Fault::Close)) => Ok(false),
        (_, Some(Fault::Hang)) => {
            stream.read_to_end(&mut Vec::new()).await?;
            Ok(false)
        }
        (_, fault) => {
            let cut = fault == Some(Fault::Cut);
            stream.write_all(&bytes_of(method, reply, cut)).await?;
            Ok(!cut)
        }
    }
}

fn bytes_of(method: &str, reply: &Reply, cut: bool) -> Vec<u8> {
    let body = reply.body();
    let json = || vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let headers = reply.headers.clone().unwrap_or_else(json);
    let mut head = format!("HTTP/1.1 {} Some Reason\r\n", reply.status.unwrap_or(200));
    for (name, value) in &headers {
        head += &format!("{name}: {value}\r\n");
    }
    let framed = |name: &str| name.eq_ignore_ascii_case("content-length");
    if !headers.iter().any(|(name, _)| framed(name)) {
        let missing = if cut { 10 } else { 0 };
        head += &format!("Content-Length: {}\r\n", body.len() + missing);
    }
    head += "\r\n";
    let body = if method == "HEAD" { &[] } else { &body[..] };
    [head.as_bytes(), body].concat()
}
