//! An authority that issues certificates by ACME: Pebble, which Let's Encrypt tests clients with, as Debian has it, and a
//! server of names that leads every host to this machine.

#![allow(clippy::disallowed_methods, reason = "tests")]

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use portcullis_testkit::Files;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::https::Https;
use crate::ports;
use crate::tls::Authority;

/// Where an authority will be.
#[derive(Debug)]
pub struct Place {
    authority: Authority,
    files: Files,
    ports: [u16; 4],
}

/// One that runs. Dropped, it ends.
#[derive(Debug)]
pub struct Pebble {
    place: Place,
    _authority: Child,
    _names: Child,
}

impl Place {
    /// Some free ports of this machine.
    pub fn new() -> Self {
        let listeners = [(); 4].map(|()| ports::free());
        Self {
            authority: Authority::new("pebble"),
            files: Files::default(),
            ports: listeners.map(|listener| listener.local_addr().expect("an address").port()),
        }
    }

    /// Where its directory is.
    pub fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.ports[0])
    }

    /// Who issued the certificate that it shows itself.
    pub fn trust(&self) -> &str {
        &self.authority.pem
    }

    /// Starts it; it makes sure of names on these ports.
    pub async fn start(self, http: u16, tls: u16) -> Pebble {
        let [acme, management, names, control] = self.ports;
        let identity = self.authority.issue("localhost");
        let settings = json!({"pebble": {
            "listenAddress": format!("127.0.0.1:{acme}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": self.files.write("cert.pem", &identity.certificate),
            "privateKey": self.files.write("key.pem", &identity.key),
            "httpPort": http, "tlsPort": tls,
        }});
        let settings = self.files.write("pebble.json", settings.to_string());
        let (names, control) = (format!("127.0.0.1:{names}"), format!("127.0.0.1:{control}"));
        let of_names = spawned(Command::new("pebble-challtestsrv").args([
            "-defaultIPv6",
            "",
            "-defaultIPv4",
            "127.0.0.1",
            "-dns01",
            &names,
            "-management",
            &control,
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
        ]));
        let authority = spawned(
            Command::new("pebble")
                .args(["-dnsserver", &names, "-config"])
                .arg(settings)
                .env("PEBBLE_VA_NOSLEEP", "1")
                .env("PEBBLE_WFE_NONCEREJECT", "2"),
        );
        let pebble = Pebble {
            place: self,
            _authority: authority,
            _names: of_names,
        };
        for port in pebble.place.ports {
            reachable(port).await;
        }
        pebble
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

impl Pebble {
    /// The certificate of the authority that stands behind those it issues.
    pub async fn root(&self) -> String {
        let management = SocketAddr::from(([127, 0, 0, 1], self.place.ports[1]));
        let client = Https::trusting(&self.place.authority);
        let answered = client.get(management, "/roots/0", &[]).await.expect("an answer");
        String::from_utf8(answered.body.to_vec()).expect("a certificate")
    }
}

fn spawned(command: &mut Command) -> Child {
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
        .spawn()
        .expect("this suite needs Debian's package pebble; `cargo xtask test` installs it")
}

async fn reachable(port: u16) {
    for _ in 0..9_000 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nothing answers on port {port}");
}
