//! Memory of idle connections: kept ones of HTTP/1.1 in clear text that have made one request each. Targets: at most 1.2 times
//! those of a bare hyper server in the same run; 8 KiB each is the aim.

use crate::load::{Connection, request};
use crate::server::Server;

/// What a process may have open is 20,000 on many machines.
const CONNECTIONS: usize = 10_000;
const ROUNDS: usize = 5;

const TOML: &str = r#"
    max_connections = 20_000
    [listeners.limits]
    idle_timeout_s = 3_600
    max_connections_per_address = 20_000
    [apis.bench.stages.dev]
    [[apis.bench.routes]]
    path = "/mock"
    integration = { type = "mock", status = 200 }
"#;

pub(crate) fn run() {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let bare = each(Server::start(&["kept"]));
        let ours = each(Server::gateway(TOML, &[], &[]));
        rounds.push((bare, ours));
    }
    let of = |which: fn(&(f64, f64)) -> f64| rounds.iter().map(which).collect::<Vec<_>>();
    crate::figures::print("a connection of a bare hyper server", "KiB", of(|round| round.0));
    crate::figures::print("a connection of the gateway", "KiB", of(|round| round.1));
    crate::figures::print(
        "the gateway's, of the bare server's",
        "x",
        of(|round| round.1 / round.0),
    );
}

/// KiB that a connection takes of a server's memory.
fn each(server: Server) -> f64 {
    let request = request("/dev/mock", &[]);
    let mut open = Vec::with_capacity(CONNECTIONS);
    // What a server takes for the first ones stays.
    let ask = |open: &mut Vec<Connection>, count: usize| {
        for _ in 0..count {
            let mut connection = Connection::with_room(server.address, 2_048);
            assert_eq!(connection.call(&request), 200);
            open.push(connection);
        }
    };
    ask(&mut open, 100);
    let before = server.resident();
    ask(&mut open, CONNECTIONS - 100);
    let after = server.resident();
    (after - before) as f64 / 1024.0 / (CONNECTIONS - 100) as f64
}
