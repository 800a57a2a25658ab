//! A JWT authorizer with its keys warm. Targets: at most 35 microseconds for RS256 with 2048 bits.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use portcullis_jwt::Algorithm;

use crate::server::Server;
use crate::sign::{self, Signer};
use crate::{figures, load};

const REQUESTS: usize = 30_000;
const ROUNDS: usize = 11;

pub(crate) fn run() {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    for (algorithm, limit) in [(Algorithm::RS256, "target 35"), (Algorithm::ES256, "no target")] {
        let signer = Signer::new(algorithm, "key");
        let issuer = issuer(sign::set(&[&signer]));
        let claims = format!(
            r#"{{"iss":"{issuer}","aud":"shop","exp":{},"iat":{now},"sub":"{}","scope":"read write"}}"#,
            now + 3_600,
            "a".repeat(36)
        );
        let server = Server::gateway(&toml(&issuer, algorithm), &[], &[]);
        let mut headers = load::headers(29);
        headers.push((
            "authorization".to_owned(),
            format!("Bearer {}", signer.token(&claims)),
        ));
        let open = load::request("/dev/open", &headers);
        let closed = load::request("/dev/closed", &headers);
        let cost =
            |request: &[u8]| server.cost(REQUESTS, || load::run(server.address, request, 4, REQUESTS, 200));
        cost(&open);
        cost(&closed);
        let added = (0..ROUNDS).map(|_| {
            let open = cost(&open);
            cost(&closed) - open
        });
        let name = algorithm.name();
        figures::print(
            &format!("{name}: the authorizer adds ({limit})"),
            "us of CPU",
            added.collect(),
        );
    }
}

/// An issuer that answers every request with its key set; gives its name.
fn issuer(keys: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 4096]);
            let length = keys.len();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(format!("{head}{keys}").as_bytes());
        }
    });
    format!("http://{address}")
}

fn toml(issuer: &str, algorithm: Algorithm) -> String {
    let algorithm = algorithm.name();
    format!(
        r#"
        [issuers."{issuer}"]
        jwks = "{issuer}/keys"
        [apis.bench.stages.dev]
        [apis.bench.authorizers.people]
        type = "jwt"
        algorithms = ["{algorithm}"]
        issuers = [{{ issuer = "{issuer}", audiences = ["shop"] }}]
        [[apis.bench.routes]]
        path = "/open"
        integration = {{ type = "mock" }}
        [[apis.bench.routes]]
        path = "/closed"
        authorizer = "people"
        integration = {{ type = "mock" }}
        "#
    )
}
