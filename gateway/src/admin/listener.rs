//! The control listener's socket, its connections, and the thread that serves them.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use http::HeaderValue;
use http::header::CONNECTION;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::{Protocol, State, answer};
use crate::lifecycle::Tasks;
use crate::observe::text::LoadedPlugins;
use crate::proxy::Gateway;

const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the end waits for what is written last.
const LAST_WRITE: Duration = Duration::from_secs(10);
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long a connection may take to end when there is no call on it.
const GOODBYE: Duration = Duration::from_millis(250);
/// Connections at once: probes and scrapers are few.
const MAX_CONNECTIONS: usize = 64;

/// A control listener that is open.
#[derive(Debug)]
pub struct Control {
    address: SocketAddr,
    socket: std::net::TcpListener,
    draining: Arc<AtomicBool>,
    accepting: watch::Sender<bool>,
    /// Its connections.
    tasks: Tasks,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Control {
    /// Opens it on a socket that listens.
    pub fn start(
        socket: std::net::TcpListener,
        gateway: Arc<Gateway>,
        plugins: LoadedPlugins,
        protocol: Option<Protocol>,
    ) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let draining = Arc::new(AtomicBool::new(false));
        let stop = CancellationToken::new();
        let tasks = Tasks::default();
        let (accepting, accepts) = watch::channel(true);
        let state = State {
            gateway,
            plugins,
            draining: draining.clone(),
            protocol,
        };
        // One thread would do. The other is for while it waits for the disk, which one writer at a time does.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("portcullis-control")
            .enable_all()
            .build()?;
        let copy = socket.try_clone()?;
        let serving = serve(socket, state, accepts, tasks.clone(), stop.clone());
        let thread = std::thread::Builder::new()
            .name("portcullis-control".to_owned())
            .spawn(move || {
                if let Err(error) = runtime.block_on(serving) {
                    tracing::error!("the control listener ended: {error}");
                }
            })?;
        Ok(Self {
            address,
            socket: copy,
            draining,
            accepting,
            tasks,
            stop,
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The socket, for another process.
    pub fn socket(&self) -> io::Result<OwnedFd> {
        self.socket.try_clone().map(OwnedFd::from)
    }

    /// From now on the node says that it is not ready, so that a balancer sends nothing more.
    pub fn draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Accepts nothing more, and waits for the calls that are under way, for `limit` at the most. True: all have ended. What
    /// connects meanwhile waits in the socket's queue, for this process or another.
    pub async fn pause(&self, limit: Duration) -> bool {
        self.accepting.send_replace(false);
        self.tasks.drained(limit).await
    }

    /// Accepts again.
    pub fn resume(&self) {
        self.accepting.send_replace(true);
    }

    /// Closes it.
    pub fn stop(mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // A panic there has been logged by the panic hook.
            let _ = thread.join();
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn serve(
    socket: std::net::TcpListener,
    state: State,
    mut accepts: watch::Receiver<bool>,
    tasks: Tasks,
    stop: CancellationToken,
) -> io::Result<()> {
    let socket = TcpListener::from_std(socket)?;
    let places = Arc::new(tokio::sync::Semaphore::new(MAX_CONNECTIONS));
    let keeping = Tasks::default();
    if let Some(usage) = state
        .protocol
        .as_ref()
        .and_then(|protocol| protocol.plane.usage())
    {
        keeping.spawn(usage.run(stop.clone()));
    }
    loop {
        let place = places.clone().acquire_owned().await.ok();
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accepted(&socket, &mut accepts, &tasks) => accepted,
        };
        let Ok((stream, token)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let serving = connection(stream, state.clone(), accepts.clone());
        tasks.spawn(async move {
            serving.await;
            drop((place, token));
        });
    }
    // It ends with what was counted last.
    keeping.drained(LAST_WRITE).await;
    Ok(())
}

/// The next connection. It counts as a task of those that a pause waits for, from before it is accepted.
async fn accepted(
    socket: &TcpListener,
    accepts: &mut watch::Receiver<bool>,
    tasks: &Tasks,
) -> io::Result<(TcpStream, TaskTrackerToken)> {
    loop {
        until(accepts, true).await;
        let token = tasks.token();
        tokio::select! {
            // First: a pause may have begun since, and not have seen the token.
            biased;
            () = until(accepts, false) => {}
            accepted = socket.accept() => return Ok((accepted?.0, token)),
        }
    }
}

/// Waits until it is so: for ever where whoever says so is gone.
async fn until(accepts: &mut watch::Receiver<bool>, so: bool) {
    if accepts.wait_for(|accepts| *accepts == so).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Serves a connection until it ends, or nothing is accepted any more: then to the end of the call that it is in, or of the one
/// that is on its way. A graceful shutdown of hyper's would close a connection of which it has not read anything yet.
async fn connection(stream: TcpStream, state: State, mut accepts: watch::Receiver<bool>) {
    let calls = AtomicUsize::new(0);
    let accepting = accepts.clone();
    let service = service_fn(|request| {
        let (state, calls, accepting) = (state.clone(), &calls, &accepting);
        async move {
            calls.fetch_add(1, Ordering::Relaxed);
            let mut answer = answer(&state, request).await;
            calls.fetch_sub(1, Ordering::Relaxed);
            if !*accepting.borrow() {
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let serving = pin!(http.serve_connection(TokioIo::new(stream), service));
    let given_up = async {
        until(&mut accepts, false).await;
        without_call(&calls).await;
    };
    let served = tokio::select! {
        // First: what has arrived is read before anything is given up.
        biased;
        served = serving => served,
        () = given_up => Ok(()),
    };
    if let Err(error) = served {
        tracing::debug!("a connection to the control listener ended: {error}");
    }
}

/// Ends when there has been no call for a moment, in which an answer could be written.
async fn without_call(calls: &AtomicUsize) {
    let mut idle = 0;
    while idle < 2 {
        tokio::time::sleep(GOODBYE).await;
        idle = match calls.load(Ordering::Relaxed) {
            0 => idle + 1,
            _ => 0,
        };
    }
}
