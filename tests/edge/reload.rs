//! Files that change, and what is wrong with them.

use std::path::Path;
use std::time::Duration;

use http::Response;
use portcullis_testkit::{Delayed, Files};
use portcullis_tests::https::Https;

use super::support::*;

#[tokio::test]
async fn regions_and_certificates_follow_the_files() {
    let authorities = Authorities::new();
    let named = |name: &'static str| {
        Mock::start(
            &authorities,
            move |_| async move { Ok(Response::new(whole(name))) },
        )
    };
    let (one, two) = (named("one").await, named("two").await);
    let to_one = Delayed::start(one.address, Duration::ZERO).await;
    let files = authorities.files();
    write(&files, "server", &authorities.regions.issue("localhost"));
    let tls = |more: &str| {
        toml(more).replace(
            r#""127.0.0.1:0" }]"#,
            r#""127.0.0.1:0", tls = { certificates = [{ certificate = "server.pem", key = "server.key" }] } }]"#,
        )
    };
    let mut edge = Edge::start(&tls(&region("one", to_one.address())), files).await;
    let client = Https::trusting(&authorities.regions);
    let get = async |address| client.get(address, "/x", &[]).await.expect("an answer").body;
    let address = edge.address();
    assert_eq!(get(address).await, "one");

    let problems = edge.node.reload().await.problems;
    assert!(problems.is_empty(), "{problems:?}");
    eventually("both connections are up", async || to_one.connections() == 2).await;
    assert_eq!(
        to_one.connections(),
        2,
        "what did not change keeps its connections"
    );

    edge.files.write("edge.toml", "name = \"fra1\"\nregions = 1\n");
    let reading = edge.node.reload().await;
    assert!(
        reading
            .problems
            .iter()
            .any(portcullis_document::Problem::is_error)
    );
    assert!(!reading.directories.is_empty(), "it is still watched");
    assert_eq!(get(address).await, "one", "what has errors changes nothing");

    edge.files.write("edge.toml", tls(&region("two", two.address)));
    write(&edge.files, "server", &authorities.edges.issue("localhost"));
    let problems = edge.node.reload().await.problems;
    assert!(problems.is_empty(), "{problems:?}");
    edge.ready().await;
    client
        .get(address, "/x", &[])
        .await
        .expect_err("another authority's certificate is shown");
    let client = Https::trusting(&authorities.edges);
    assert_eq!(
        client.get(address, "/x", &[]).await.expect("an answer").body,
        "two"
    );
    assert_eq!(edge.address(), address);
}

#[tokio::test]
async fn requests_under_way_end_at_the_region_that_is_gone_from_the_file() {
    let authorities = Authorities::new();
    let (go, wait) = tokio::sync::watch::channel(false);
    let mock = Mock::start(&authorities, move |_| {
        let mut wait = wait.clone();
        async move {
            let _ = wait.wait_for(|go| *go).await;
            Ok(Response::new(whole("the old one")))
        }
    })
    .await;
    let other = Mock::start(&authorities, |_| async {
        Ok(Response::new(whole("the new one")))
    })
    .await;
    let mut edge = Edge::start(&toml(&region("old", mock.address)), authorities.files()).await;
    let client = portcullis_testkit::Client::default();
    let url = format!("http://{}/x", edge.address());
    let waiting = tokio::spawn({
        let (client, url) = (client.clone(), url.clone());
        async move {
            client
                .send("POST", &url, &[], b"")
                .await
                .expect("an answer")
                .text()
                .to_owned()
        }
    });
    eventually("it is at the old one", async || mock.seen().len() == 1).await;
    edge.files.write("edge.toml", toml(&region("new", other.address)));
    edge.node.reload().await;
    edge.ready().await;
    assert_eq!(edge.get("/x", &[]).await.text(), "the new one");
    go.send_replace(true);
    assert_eq!(waiting.await.expect("it ends"), "the old one");
}

#[tokio::test]
async fn a_drain_lets_requests_end() {
    let authorities = Authorities::new();
    let (go, wait) = tokio::sync::watch::channel(false);
    let mock = Mock::start(&authorities, move |_| {
        let mut wait = wait.clone();
        async move {
            let _ = wait.wait_for(|go| *go).await;
            Ok(Response::new(whole("done")))
        }
    })
    .await;
    let edge = Edge::start(&toml(&region("eu", mock.address)), authorities.files()).await;
    let url = format!("http://{}/x", edge.address());
    let address = edge.address();
    let waiting = tokio::spawn(async move {
        let client = portcullis_testkit::Client::default();
        client
            .send("POST", &url, &[], b"")
            .await
            .expect("an answer")
            .text()
            .to_owned()
    });
    eventually("it is at the region", async || mock.seen().len() == 1).await;
    let down = tokio::spawn(edge.node.shutdown(Duration::from_secs(60)));
    eventually("nobody is let in", async || {
        tokio::net::TcpStream::connect(address).await.is_err()
    })
    .await;
    go.send_replace(true);
    assert_eq!(waiting.await.expect("it ends"), "done");
    assert!(down.await.expect("it ends"), "all of it finished");
}

/// What is said of bad files, with the lines.
#[test]
fn problems_name_their_places() {
    let authorities = Authorities::new();
    for (name, toml, expected) in [
        (
            "rules",
            "name = \"a b\"\nlisteners = [{ address = \"x\" }]\nregions = []\ncountries.Germany = [\"10\"]\ncontrol.address = \"y\"\n",
            "edge.toml:1:1: error: `a b` cannot be a name here\n  hint: A-Z, a-z, 0-9, -, _ and ., 64 at most\n\
             edge.toml:2:16: error: `x` is not an IP address with a port\n  hint: such as 127.0.0.1:8080, 0.0.0.0:8080 or [::]:8080\n\
             edge.toml:5:9: error: `y` is not an IP address with a port\n  hint: such as 127.0.0.1:8080, 0.0.0.0:8080 or [::]:8080\n\
             edge.toml:3:1: error: there are 0 regions; there must be 1 to 32\n\
             edge.toml:4:11: error: `Germany` is no country of ISO 3166-1\n  hint: two letters, such as DE or US\n\
             edge.toml:4:22: error: `10` is no range of addresses\n  hint: such as 10.0.0.0/8, 2001:db8::/32 or 10.0.0.7",
        ),
        (
            "an unknown key",
            "name = \"a\"\nlisteners = []\nregions = []\ncach = {}\n",
            "edge.toml:4:1: error: unknown key \"cach\"\n  hint: did you mean \"cache\"?",
        ),
        (
            "files",
            "name = \"a\"\n[[listeners]]\naddress = \"127.0.0.1:0\"\n[[regions]]\nname = \"eu\"\naddress = \"eu.example:1\"\ntrust = \"no.pem\"\ncertificate = \"edge.pem\"\nkey = \"edge.pem\"\n",
            "edge.toml:7:1: error: cannot read no.pem: No such file or directory (os error 2)\n  hint: paths are relative to this file\n\
             edge.toml:9:1: error: cannot use edge.pem: it has no private key\n  \
             hint: RSA, ECDSA (P-256, P-384, P-521) or Ed25519, as PKCS #8, PKCS #1 or SEC 1, not encrypted",
        ),
        (
            "clients' certificates",
            "name = \"a\"\n[[listeners]]\naddress = \"127.0.0.1:0\"\ntls = { certificates = [{ certificate = \"edge.pem\", key = \"edge.key\" }], client_trust = \"edge.pem\", security_policy = \"TLS_1_3\" }\n[[regions]]\nname = \"eu\"\naddress = \"eu.example\"\nserver_name = \"no name\"\ntrust = \"regions.pem\"\ncertificate = \"edge.pem\"\nkey = \"edge.key\"\n",
            "edge.toml:4:101: error: there is no security policy `TLS_1_3`\n  hint: did you mean \"TLS_1_2\"?\n\
             edge.toml:4:1: error: regions see no certificate of a client that comes by a point of presence\n  \
             hint: leave out client_trust and edge_trust; they are for listeners of gateway.toml\n\
             edge.toml:7:1: error: `eu.example` is not a host with a port\n  hint: such as eu.example.com:8443, 10.0.0.7:8443 or [::1]:8443\n\
             edge.toml:8:1: error: `no name` is neither a host name nor an IP address, so no certificate can be for it",
        ),
    ] {
        let files: Files = authorities.files();
        files.write("edge.toml", toml);
        let (problems, _) = portcullis::edge::load(&files.path("edge.toml")).expect_err(name);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let here = format!("{}/", files.directory().display());
        assert_eq!(told.join("\n").replace(&here, ""), expected, "{name}");
        assert!(Path::new(&here).is_dir());
    }
}
