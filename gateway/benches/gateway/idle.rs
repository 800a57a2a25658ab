//! Memory of idle connections: kept ones of HTTP/1.1 in clear text that have made one request each. Targets: at most 1.2 times
//! those of a bare hyper server in the same run; 8 KiB each is the aim.

use std::time::Duration;

use crate::figures;
use crate::load::{Connection, request};
use crate::server::Server;

/// What a process may have open is 20,000 on many machines.
const CONNECTIONS: usize = 10_000;
const ROUNDS: usize = 3;
/// Until the gateway has seen that nothing is under way: two looks, and some.
const REST: Duration = Duration::from_secs(12);

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
        let bare = each(&Server::start(&["kept"]));
        let ours = each(&Server::gateway(TOML, &[], &[]));
        rounds.push((bare, ours));
    }
    for (when, rested) in [("at once", 0), ("at rest", 1)] {
        let of = |which: &dyn Fn(&(Sizes, Sizes)) -> f64| rounds.iter().map(which).collect::<Vec<_>>();
        let title = |what| format!("{when}: a connection of {what}");
        figures::print(&title("a bare hyper server"), "KiB", of(&|round| round.0[rested]));
        figures::print(&title("the gateway"), "KiB", of(&|round| round.1[rested]));
        let ratio = of(&|round| round.1[rested] / round.0[rested]);
        figures::print(&title("the gateway, of the bare server's"), "x", ratio);
    }
}

/// Of a connection, right after its request and when nothing has happened for a while.
type Sizes = [f64; 2];

/// KiB that a connection takes of a server's memory.
fn each(server: &Server) -> Sizes {
    let request = request("/dev/mock", &[]);
    let mut open = Vec::with_capacity(CONNECTIONS);
    let ask = |open: &mut Vec<Connection>, count: usize| {
        for _ in 0..count {
            let mut connection = Connection::with_room(server.address, 2_048);
            assert_eq!(connection.call(&request), 200);
            open.push(connection);
        }
    };
    // What a server takes for the first ones stays.
    ask(&mut open, 100);
    let before = server.resident();
    ask(&mut open, CONNECTIONS - 100);
    let more = || server.resident().saturating_sub(before) as f64 / 1024.0 / (CONNECTIONS - 100) as f64;
    let at_once = more();
    std::thread::sleep(REST);
    [at_once, more()]
}
