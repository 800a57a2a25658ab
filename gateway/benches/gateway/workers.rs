//! One multi-threaded runtime against one current-thread runtime per core, each with its own accepting socket.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use portcullis::clock::SystemClock;
use portcullis::lifecycle::Tasks;
use portcullis::proxy::call::Listener;
use portcullis::proxy::{Gateway, listen};
use portcullis::reconcile::Reconciler;
use portcullis_plugin_host::{Host, HostSettings};
use tokio_util::sync::CancellationToken;

use crate::server::Server;
use crate::{figures, load, proxy};

const REQUESTS: usize = 20_000;
const ROUNDS: usize = 9;

pub(crate) fn run() {
    let origin = Server::start(&["origin"]);
    let cores = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .to_string();
    let toml = proxy::toml(&origin.address.to_string());
    let multi = Server::gateway(&toml, &[], &["--workers", &cores]);
    let config = multi.directory().join("gateway.toml");
    let single = Server::start(&["per-core", &config.display().to_string(), &cores]);
    for (name, path) in [("MOCK", "/dev/open"), ("HTTP_PROXY", "/dev/files/a")] {
        let request = load::request(path, &load::headers(10));
        let measure = |server: &Server| {
            let start = Instant::now();
            let cpu = server.cost(REQUESTS, || load::run(server.address, &request, 8, REQUESTS, 200));
            (cpu, REQUESTS as f64 / start.elapsed().as_secs_f64())
        };
        measure(&multi);
        measure(&single);
        let rounds: Vec<_> = (0..ROUNDS).map(|_| (measure(&multi), measure(&single))).collect();
        for (title, of) in [("multi-threaded", 0), ("one per core", 1)] {
            let pick = |round: &((f64, f64), (f64, f64))| if of == 0 { round.0 } else { round.1 };
            figures::print(
                &format!("{name}, {title}"),
                "us of CPU",
                rounds.iter().map(|round| pick(round).0).collect(),
            );
            figures::print(
                &format!("{name}, {title}"),
                "requests/s",
                rounds.iter().map(|round| pick(round).1).collect(),
            );
        }
    }
}

/// The child: a gateway on `cores` current-thread runtimes.
pub(crate) fn per_core(config: &Path, cores: usize) {
    let first = runtime();
    let gateway = Gateway::new(SystemClock::shared());
    let host = Host::new(HostSettings::default()).expect("a plugin host");
    let outcome = first.block_on(Reconciler::new(gateway.clone(), host, config).start());
    assert!(!outcome.has_errors(), "{:?}", outcome.problems);
    let address = "127.0.0.1:0".parse().expect("an address");
    let socket = bind(address);
    let address = socket.local_addr().expect("an address");
    let mut threads = vec![serve(socket, gateway.clone())];
    threads.extend((1..cores).map(|_| serve(bind(address), gateway.clone())));
    println!("listening on http://{address}");
    for thread in threads {
        thread.join().expect("a worker");
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn bind(address: std::net::SocketAddr) -> std::net::TcpListener {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    socket.set_reuse_port(true).expect("a socket");
    socket.set_nonblocking(true).expect("a socket");
    socket.bind(&address.into()).expect("a free port");
    socket.listen(1024).expect("a socket");
    socket.into()
}

fn serve(socket: std::net::TcpListener, gateway: Arc<Gateway>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        runtime().block_on(async {
            let socket = tokio::net::TcpListener::from_std(socket).expect("a socket");
            let socket = listen::Listening::Tcp(socket);
            let listener = Arc::new(Listener::default());
            listener.set_default_api(Some("bench"));
            let stop = CancellationToken::new();
            listen::serve(socket, listener, 10_000, gateway, Tasks::default(), stop).await;
        });
    })
}
