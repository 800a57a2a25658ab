//! Backends over TLS, private upstreams, client certificates.
//!
//! "tls-config" is <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integration-tls-config.html>,
//! "ssl-error" is <https://repost.aws/knowledge-center/api-gateway-ssl-error>, "behaviours" is the project's list of facts
//! about API Gateway.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::net::SocketAddr;
use std::sync::Arc;

use portcullis::node::{Node, Options};
use portcullis_testkit::{Answer, Client, Files, Process, RawOrigin, Running};
use portcullis_tests::tls::{Authority, Closed, Identity, Server};
use rcgen::date_time_ymd;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

type Refused = (u16, &'static str, &'static str);

/// ssl-error: "Execution failed due to configuration error", whose status is 500.
const NO_TLS: Refused = (
    500,
    "InternalServerErrorException",
    r#"{"message": "Internal server error"}"#,
);
/// behaviours: a backend that cannot be connected to; no live target of a private upstream.
const UNREACHABLE: Refused = (
    503,
    "ServiceUnavailableException",
    r#"{"message": "Service Unavailable"}"#,
);

/// One route `/{proxy+}` to `URI/{proxy}`, with more of its integration, its stage and the file.
fn toml(uri: &str, integration: &str, stage: &str, more: &str) -> String {
    format!(
        r#"
        {{listener api}}
        [apis.api.stages.dev]
        {stage}
        [[apis.api.routes]]
        path = "/{{proxy+}}"
        integration = {{ type = "http_proxy", uri = "{uri}/{{proxy}}"{integration} }}
        {more}
        "#
    )
}

/// Writes it where a node or the binary will read it.
fn write_toml(files: &Files, text: &str) -> String {
    let listener = "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"api\"\n";
    let path = files.write("gateway.toml", text.replace("{listener api}", listener));
    path.display().to_string()
}

const BUNDLE: &str = "[trust_bundles.ours]\nfile = \"ca.pem\"";
const TRUSTING: &str = ", trust_bundle = \"ours\"";

/// A gateway that trusts an authority beside the system's.
async fn trusting(authority: &Authority, uri: &str) -> Running {
    let files = Files::default();
    files.write("ca.pem", &authority.pem);
    Running::start(&toml(uri, TRUSTING, "", BUNDLE), files).await
}

fn link(targets: &[SocketAddr]) -> String {
    let targets: Vec<String> = targets.iter().map(|target| format!("\"{target}\"")).collect();
    format!("[vpc_links.inside]\ntargets = [{}]", targets.join(", "))
}

async fn get(gateway: &Running) -> u16 {
    gateway.get("/dev/x", &[]).await.status.as_u16()
}

fn assert_refused(answer: &Answer, refused: Refused, name: &str) {
    assert_eq!(answer.refusal(), refused, "{name}");
}

#[tokio::test]
async fn a_bundle_s_authority_is_trusted() {
    let authority = Authority::new("ours");
    let server = Server::start(Some(authority.issue("localhost").server()));
    let gateway = trusting(&authority, &format!("https://localhost:{}/at", server.port())).await;
    assert_eq!(get(&gateway).await, 200);
    let asked = server.last();
    assert_eq!(asked.name.as_deref(), Some("localhost"));
    assert_eq!(asked.protocol.as_deref(), Some("http/1.1"));
    assert_eq!(asked.host, format!("localhost:{}", server.port()));
    assert_eq!(asked.target, "/at/x");
    assert_eq!(asked.client, None, "nothing to show");
}

#[tokio::test]
async fn an_address_may_have_a_certificate() {
    let authority = Authority::new("ours");
    let server = Server::start(Some(authority.issue("127.0.0.1").server()));
    let gateway = trusting(&authority, &format!("https://127.0.0.1:{}", server.port())).await;
    assert_eq!(get(&gateway).await, 200);
    assert_eq!(
        server.last().name,
        None,
        "RFC 6066, section 3: no SNI for an address"
    );
}

#[tokio::test]
async fn bodies_pass_whole_over_tls_1_2_and_1_3() {
    let authority = Authority::new("ours");
    let identity = authority.issue("localhost");
    let body = vec![b'x'; 3 * 1024 * 1024];
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = Server::start(Some(identity.server_of(&[version], None)));
        let gateway = trusting(&authority, &format!("https://localhost:{}", server.port())).await;
        let answer = gateway.send("POST", "/dev/x", &[], &body).await;
        assert_eq!(answer.status, 200, "{version:?}");
        assert!(answer.body == body, "{version:?}");
    }
}

/// tls-config: by default a certificate must be of a known authority; with insecureSkipVerification it need not be, but
/// "checking the certificate's expiration date, hostname" stays.
#[tokio::test]
async fn certificates_are_verified() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let expired = |authority: &Authority| {
        authority.issue_with("localhost", |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        })
    };
    let early = ours.issue_with("localhost", |params| {
        params.not_before = date_time_ymd(4000, 1, 1);
        params.not_after = date_time_ymd(4001, 1, 1);
    });
    let insecure = ", insecure_skip_verification = true";
    let both = ", trust_bundle = \"ours\", insecure_skip_verification = true";
    for (name, identity, integration, good) in [
        (
            "nobody is trusted but the system's",
            ours.issue("localhost"),
            "",
            false,
        ),
        ("another authority", other.issue("localhost"), TRUSTING, false),
        ("another host", ours.issue("other.example"), TRUSTING, false),
        ("expired", expired(&ours), TRUSTING, false),
        ("not yet valid", early, TRUSTING, false),
        ("insecure", other.issue("localhost"), insecure, true),
        ("insecure beside a bundle", other.issue("localhost"), both, true),
        (
            "insecure, another host",
            other.issue("other.example"),
            insecure,
            false,
        ),
        ("insecure, expired", expired(&other), insecure, false),
    ] {
        let server = Server::start(Some(identity.server()));
        let files = Files::default();
        files.write("ca.pem", &ours.pem);
        let uri = format!("https://localhost:{}", server.port());
        let gateway = Running::start(&toml(&uri, integration, "", BUNDLE), files).await;
        let answer = gateway.get("/dev/x", &[]).await;
        if good {
            assert_eq!(answer.status, 200, "{name}");
        } else {
            assert_refused(&answer, NO_TLS, name);
            assert_eq!(server.asked(), [], "{name}: nothing was sent");
        }
    }
}

#[tokio::test]
async fn what_speaks_no_tls_is_refused() {
    let clear = Server::start(None);
    let insecure = ", insecure_skip_verification = true";
    let uri = |port| format!("https://localhost:{port}");
    let gateway = Running::of(&toml(&uri(clear.port()), insecure, "", "")).await;
    assert_refused(&gateway.get("/dev/x", &[]).await, NO_TLS, "clear text");
    // A connection that ends during the handshake is none.
    let closing = RawOrigin::start(|mut stream, _| async move {
        let _ = stream.read(&mut [0; 1]).await;
    })
    .await;
    let closing = format!("https://{}", closing.authority());
    let gateway = Running::of(&toml(&closing, insecure, "", "")).await;
    assert_refused(&gateway.get("/dev/x", &[]).await, UNREACHABLE, "closed");
    let closed = Closed::new();
    let gateway = Running::of(&toml(&uri(closed.address().port()), insecure, "", "")).await;
    assert_refused(&gateway.get("/dev/x", &[]).await, UNREACHABLE, "refused");
}

const CLIENT: &str = r#"
    [client_certificates.me]
    certificate = "me.pem"
    key = "me.key"
"#;

fn write_identity(files: &Files, identity: &Identity) {
    files.write("me.pem", &identity.certificate);
    files.write("me.key", &identity.key);
}

#[tokio::test]
async fn the_stage_s_client_certificate_is_shown_to_a_backend_that_asks() {
    let authority = Authority::new("ours");
    let (identity, me) = (authority.issue("localhost"), authority.issue("me"));
    let stranger = Authority::new("strangers").issue("me");
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = Server::start(Some(identity.server_of(&[version], Some(&authority.pem))));
        for (name, shown, good) in [
            ("shown", Some(&me), true),
            ("none", None, false),
            ("one that the backend does not trust", Some(&stranger), false),
        ] {
            let files = Files::default();
            files.write("ca.pem", &authority.pem);
            write_identity(&files, shown.unwrap_or(&me));
            let stage = shown.map_or("", |_| "client_certificate = \"me\"");
            let uri = format!("https://localhost:{}", server.port());
            let text = toml(&uri, TRUSTING, stage, &format!("{BUNDLE}\n{CLIENT}"));
            let gateway = Running::start(&text, files).await;
            let answer = gateway.get("/dev/x", &[]).await;
            if good {
                assert_eq!(answer.status, 200, "{name} {version:?}");
                assert_eq!(server.last().client, Some(me.der()), "{name} {version:?}");
            } else {
                assert_refused(&answer, NO_TLS, &format!("{name} {version:?}"));
            }
        }
        assert_eq!(server.asked().len(), 1, "{version:?}");
    }
}

#[tokio::test]
async fn a_renewed_bundle_takes_effect_by_a_reload() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let server = Server::start(Some(new.issue("localhost").server()));
    let mut gateway = trusting(&old, &format!("https://localhost:{}", server.port())).await;
    assert_refused(&gateway.get("/dev/x", &[]).await, NO_TLS, "the old authority");
    gateway.files.write("ca.pem", format!("{}{}", old.pem, new.pem));
    let outcome = gateway.node.reload().await;
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    assert_eq!(outcome.swapped.len(), 1);
    assert_eq!(get(&gateway).await, 200);
    // One that cannot be used takes nothing away.
    gateway.files.write("ca.pem", "");
    let outcome = gateway.node.reload().await;
    let problem = outcome.problems[0].to_string();
    assert_eq!(outcome.problems.len(), 1, "{:?}", outcome.problems);
    assert!(problem.contains("ca.pem: it has no certificate"), "{problem}");
    assert_eq!((outcome.swapped.len(), outcome.unchanged), (0, 1));
    assert_eq!(get(&gateway).await, 200);
    assert_eq!(server.connections(), 2, "the second of them is kept");
    gateway.files.write("ca.pem", &old.pem);
    assert_eq!(gateway.node.reload().await.swapped.len(), 1);
    assert_refused(
        &gateway.get("/dev/x", &[]).await,
        NO_TLS,
        "old connections are not used",
    );
}

#[tokio::test]
async fn a_renewed_client_certificate_takes_effect_by_a_reload() {
    let authority = Authority::new("ours");
    let identity = authority.issue("localhost");
    let server = Server::start(Some(
        identity.server_of(rustls::ALL_VERSIONS, Some(&authority.pem)),
    ));
    let files = Files::default();
    files.write("ca.pem", &authority.pem);
    let (old, new) = (authority.issue("me"), authority.issue("me"));
    write_identity(&files, &old);
    let uri = format!("https://localhost:{}", server.port());
    let stage = "client_certificate = \"me\"";
    let text = toml(&uri, TRUSTING, stage, &format!("{BUNDLE}\n{CLIENT}"));
    let mut gateway = Running::start(&text, files).await;
    assert_eq!(get(&gateway).await, 200);
    assert_eq!(server.last().client, Some(old.der()));
    write_identity(&gateway.files, &new);
    assert_eq!(gateway.node.reload().await.swapped.len(), 1);
    assert_eq!(get(&gateway).await, 200);
    assert_eq!(server.last().client, Some(new.der()));
    // Half of a renewal, the new certificate with the old key, is refused and takes nothing away.
    gateway.files.write("me.key", &old.key);
    let outcome = gateway.node.reload().await;
    assert_eq!((outcome.problems.len(), outcome.swapped.len()), (1, 0));
    assert_eq!(get(&gateway).await, 200);
}

#[tokio::test]
async fn the_directories_of_certificates_are_watched() {
    let authority = Authority::new("ours");
    let files = Files::default();
    let me = authority.issue("me");
    for (directory, name, content) in [
        ("a", "ca.pem", &authority.pem),
        ("b", "me.pem", &me.certificate),
        ("c", "me.key", &me.key),
    ] {
        std::fs::create_dir(files.path(directory)).expect("a directory");
        std::fs::write(files.path(directory).join(name), content).expect("a file");
    }
    let more = r#"
        [trust_bundles.ours]
        file = "a/ca.pem"
        [client_certificates.me]
        certificate = "b/me.pem"
        key = "c/me.key"
    "#;
    let mut gateway = Running::start(&toml("http://localhost:1", "", "", more), files).await;
    let outcome = gateway.node.reload().await;
    for directory in ["a", "b", "c"] {
        let path = gateway.files.path(directory);
        assert!(outcome.directories.contains(&path), "{:?}", outcome.directories);
    }
}

#[tokio::test]
async fn connections_are_kept_over_requests_and_reloads() {
    let authority = Authority::new("ours");
    let server = Server::start(Some(authority.issue("localhost").server()));
    let uri = format!("https://localhost:{}", server.port());
    let mut gateway = trusting(&authority, &uri).await;
    for _ in 0..3 {
        assert_eq!(get(&gateway).await, 200);
    }
    let text = toml(&uri, TRUSTING, "variables = { a = \"b\" }", BUNDLE);
    assert_eq!(gateway.rewrite(&text).await.swapped.len(), 1);
    assert_eq!(get(&gateway).await, 200);
    assert_eq!((server.asked().len(), server.connections()), (4, 1));
}

#[tokio::test]
async fn a_request_is_sent_once_more_over_tls_too() {
    let authority = Authority::new("ours");
    let acceptor = TlsAcceptor::from(Arc::new(authority.issue("localhost").server()));
    let origin = RawOrigin::start(move |stream, number| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let _ = stream.read(&mut [0; 4096]).await;
            if number > 0 {
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        }
    })
    .await;
    let uri = origin.authority().replace("127.0.0.1", "https://localhost");
    let gateway = trusting(&authority, &uri).await;
    let answer = gateway.get("/dev/x", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "ok"));
    assert_eq!(origin.connections(), 2);
}

#[tokio::test]
async fn a_private_upstream_s_targets_are_asked_in_turn() {
    let servers = [Server::start(None), Server::start(None), Server::start(None)];
    let targets = link(&[servers[0].address(), servers[1].address(), servers[2].address()]);
    let through = ", vpc_link = \"inside\"";
    let text = toml("http://orders.internal/at", through, "", &targets);
    let mut gateway = Running::of(&text).await;
    for _ in 0..9 {
        assert_eq!(get(&gateway).await, 200);
    }
    let count = |servers: &[Server]| -> Vec<(usize, usize)> {
        let counts = servers.iter();
        counts
            .map(|server| (server.asked().len(), server.connections()))
            .collect()
    };
    assert_eq!(
        count(&servers),
        [(3, 1), (3, 1), (3, 1)],
        "each has its own connections"
    );
    assert_eq!(servers[0].last().host, "orders.internal");
    assert_eq!(servers[0].last().target, "/at/x");
    // With one target less, the others keep theirs.
    let fewer = text.replace(&format!(", \"{}\"", servers[2].address()), "");
    assert_eq!(gateway.rewrite(&fewer).await.swapped.len(), 1);
    for _ in 0..4 {
        assert_eq!(get(&gateway).await, 200);
    }
    assert_eq!(count(&servers), [(5, 1), (5, 1), (3, 1)]);
}

#[tokio::test]
async fn a_private_upstream_speaks_tls_as_the_uri_says() {
    let authority = Authority::new("ours");
    let server = Server::start(Some(authority.issue("orders.internal").server()));
    let files = Files::default();
    files.write("ca.pem", &authority.pem);
    // By a stage variable, as `connectionId` may have one.
    let integration = ", trust_bundle = \"ours\", vpc_link = \"${stageVariables.link}\"";
    let stage = "variables = { link = \"inside\" }";
    let more = format!("{BUNDLE}\n{}", link(&[server.address()]));
    let text = toml("https://orders.internal:443", integration, stage, &more);
    let gateway = Running::start(&text, files).await;
    assert_eq!(get(&gateway).await, 200);
    let asked = server.last();
    assert_eq!(asked.name.as_deref(), Some("orders.internal"));
    assert_eq!(asked.host, "orders.internal", "without the port of https");
}

#[tokio::test]
async fn a_target_that_is_down_is_passed_over() {
    let (closed, up) = (Closed::new(), Server::start(None));
    let targets = link(&[closed.address(), up.address()]);
    let text = toml("http://orders.internal", ", vpc_link = \"inside\"", "", &targets);
    let mut gateway = Running::of(&text).await;
    // A request that is not idempotent is passed on too: nothing of it was sent.
    for _ in 0..4 {
        let answer = gateway.send("POST", "/dev/x", &[], b"body").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "body"));
    }
    // What is known of it outlives a plan: it gets no request, though it is up again.
    let down = closed.open(None);
    let outcome = gateway
        .rewrite(&text.replace(
            "[apis.api.stages.dev]",
            "[apis.api.stages.dev]\nvariables = { a = \"b\" }",
        ))
        .await;
    assert_eq!(outcome.swapped.len(), 1);
    for _ in 0..4 {
        assert_eq!(get(&gateway).await, 200);
    }
    assert_eq!((down.asked().len(), up.asked().len()), (0, 8));
}

#[tokio::test]
async fn a_kept_connection_to_a_target_that_is_gone_is_passed_over() {
    let (first, second) = (Server::start(None), Server::start(None));
    let targets = link(&[first.address(), second.address()]);
    let text = toml("http://orders.internal", ", vpc_link = \"inside\"", "", &targets);
    let gateway = Running::of(&text).await;
    for _ in 0..2 {
        assert_eq!(get(&gateway).await, 200);
    }
    drop(first);
    for _ in 0..4 {
        assert_eq!(get(&gateway).await, 200);
    }
    assert_eq!(second.asked().len(), 5);
}

#[tokio::test]
async fn without_a_live_target_it_is_503_until_one_is_back() {
    let (first, second) = (Closed::new(), Closed::new());
    let targets = link(&[first.address(), second.address()]);
    let text = toml("http://orders.internal", ", vpc_link = \"inside\"", "", &targets);
    let gateway = Running::of(&text).await;
    for _ in 0..3 {
        assert_refused(&gateway.get("/dev/x", &[]).await, UNREACHABLE, "both closed");
    }
    // Both are marked, and tried all the same.
    let back = second.open(None);
    for _ in 0..4 {
        assert_eq!(get(&gateway).await, 200);
    }
    assert_eq!(back.asked().len(), 4);
}

/// What is wrong with a configuration, without the directory.
async fn problems(files: &Files, text: &str) -> Vec<String> {
    let path = write_toml(files, text);
    let started = Node::start(path, Options::default()).await;
    let problems = started.err().unwrap_or_default();
    let directory = format!("{}/", files.directory().display());
    problems
        .iter()
        .map(|problem| problem.to_string().replace(&directory, ""))
        .collect()
}

#[tokio::test]
async fn each_mistake_is_told_with_its_place() {
    let authority = Authority::new("ours");
    let (me, other) = (authority.issue("me"), authority.issue("me"));
    let files = Files::default();
    files.write("ca.pem", &authority.pem);
    files.write("empty.pem", "# Nothing.\n");
    write_identity(&files, &me);
    files.write("other.key", &other.key);
    let https = |integration: &str, stage: &str, more: &str| toml("https://h", integration, stage, more);
    let integration = "gateway.toml:10:9: error: ";
    let key = "gateway.toml:10:73: error: ";
    let more = "gateway.toml:12:";
    let certificates = "certificates in PEM begin with -----BEGIN CERTIFICATE-----";
    for (name, text, expected) in [
        (
            "an unknown bundle",
            https(", trust_bundle = \"our\"", "", BUNDLE),
            format!("{key}there is no trust bundle `our`\n  hint: did you mean \"ours\"?"),
        ),
        (
            "no bundles at all",
            https(", trust_bundle = \"ours\"", "", ""),
            format!("{key}there is no trust bundle `ours`\n  hint: add [trust_bundles.ours] to gateway.toml"),
        ),
        (
            "a bundle without a file",
            https("", "", "[trust_bundles.ours]\n file = \"nope.pem\""),
            format!(
                "{more}2: error: cannot read nope.pem: No such file or directory (os error 2)\n  hint: paths are relative to this file"
            ),
        ),
        (
            "a bundle without certificates, used",
            https(TRUSTING, "", "[trust_bundles.ours]\n file = \"empty.pem\""),
            format!("{more}2: error: cannot use empty.pem: it has no certificate\n  hint: {certificates}"),
        ),
        (
            "an unknown client certificate",
            https("", "client_certificate = \"mee\"", CLIENT),
            "gateway.toml:7:9: error: there is no client certificate `mee`\n  hint: did you mean \"me\"?"
                .to_owned(),
        ),
        (
            "another's key",
            https(
                "",
                "client_certificate = \"me\"",
                "[client_certificates.me]\n key = \"other.key\"\n certificate = \"me.pem\"",
            ),
            format!(
                "{more}2: error: cannot use other.key: the private key is not that of the certificate\n  hint: the first certificate of the file must be that of the key; its chain comes behind it"
            ),
        ),
        (
            "a key that is none",
            https(
                "",
                "",
                "[client_certificates.me]\n key = \"me.pem\"\n certificate = \"me.pem\"",
            ),
            format!(
                "{more}2: error: cannot use me.pem: it has no private key\n  hint: RSA, ECDSA (P-256, P-384, P-521) or Ed25519, as PKCS #8, PKCS #1 or SEC 1, not encrypted"
            ),
        ),
        (
            "a certificate that is none",
            https(
                "",
                "",
                "[client_certificates.me]\n certificate = \"me.key\"\n key = \"me.key\"",
            ),
            format!("{more}2: error: cannot use me.key: it has no certificate\n  hint: {certificates}"),
        ),
        (
            "an unknown link",
            https(
                ", vpc_link = \"insde\"",
                "",
                "[vpc_links.inside]\ntargets = [\"h:1\"]",
            ),
            format!("{key}there is no VPC link `insde`\n  hint: did you mean \"inside\"?"),
        ),
        (
            "a link by a variable that is not there",
            https(", vpc_link = \"${stageVariables.link}\"", "", ""),
            format!(
                "{key}the stage dev has no variable `link`, which names the VPC link\n  hint: add it under the stage's variables"
            ),
        ),
        (
            "a link without targets",
            https("", "", "[vpc_links.inside]\n targets = []"),
            format!("{more}2: error: the VPC link `inside` has 0 targets; it needs 1 to 64"),
        ),
        (
            "a target without a port",
            https("", "", "[vpc_links.inside]\n targets = [\"h\"]"),
            format!(
                "{more}13: error: `h` is neither a host with a port nor a Unix socket\n  hint: such as 10.0.0.7:8080, app.internal:8080, [::1]:8080 or unix:/run/app.sock"
            ),
        ),
        (
            "a target twice",
            https("", "", "[vpc_links.inside]\n targets = [\"h:1\", \"h:1\"]"),
            format!("{more}20: error: the target h:1 stands twice"),
        ),
        (
            "a host that no certificate can be for",
            toml("https://a..b", "", "", ""),
            format!(
                "{integration}`a..b` is neither a host name nor an IP address, so no certificate can be for it"
            ),
        ),
    ] {
        let told = problems(&files, &text).await;
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        assert_eq!(told[0], expected, "{name}");
    }
}

#[tokio::test]
async fn tls_settings_of_clear_text_are_warned_of() {
    let files = Files::default();
    let mut gateway = Running::start(
        &toml("http://h", ", insecure_skip_verification = true", "", ""),
        files,
    )
    .await;
    let outcome = gateway
        .rewrite(&toml("http://i", ", insecure_skip_verification = true", "", ""))
        .await;
    let told: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    let expected = "warning: what is said of certificates has no effect: the uri is not an https:// one";
    assert!(told[0].contains(expected), "{told:?}");
}

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");

#[tokio::test]
async fn a_bundle_is_beside_the_system_s_authorities_and_is_followed() {
    let (system, ours) = (Authority::new("system"), Authority::new("ours"));
    let files = Files::default();
    let roots = files.path("roots");
    std::fs::create_dir(&roots).expect("a directory");
    let roots = roots.join("ca.pem");
    std::fs::write(&roots, &system.pem).expect("a file");
    files.write("ca.pem", &Authority::new("another").pem);
    let of_system = Server::start(Some(system.issue("localhost").server()));
    let of_ours = Server::start(Some(ours.issue("localhost").server()));
    let ours_too = format!(
        "[[apis.api.routes]]\npath = \"/ours\"\nintegration = {{ type = \"http_proxy\", uri = \"https://localhost:{}\"{TRUSTING} }}",
        of_ours.port()
    );
    let uri = format!("https://localhost:{}", of_system.port());
    let config = write_toml(
        &files,
        &toml(&uri, TRUSTING, "", &format!("{ours_too}\n{BUNDLE}")),
    );
    let with = [("SSL_CERT_FILE", roots.as_os_str())];
    let gateway = Process::start_in(BINARY, &["run", &config], &["SSL_CERT_DIR"], &with);
    let address = gateway.address().await;
    let client = Client::default();
    let get = async |path: &str| {
        let url = format!("http://{address}/dev/{path}");
        client.send("GET", &url, &[], b"").await.expect("an answer")
    };
    assert_eq!(get("x").await.status, 200, "of the system's authority");
    assert_refused(&get("ours").await, NO_TLS, "of nobody's");
    gateway
        .line("no TLS with the backend: invalid peer certificate: UnknownIssuer")
        .await;
    files.write("ca.pem", &ours.pem);
    gateway.line("reloaded").await;
    assert_eq!(get("ours").await.status, 200, "of the new bundle's");
    assert_eq!(get("x").await.status, 200, "of the system's still");
}

#[tokio::test]
async fn a_system_without_authorities_is_warned_of() {
    let files = Files::default();
    let empty = files.write("roots.pem", "");
    for (name, integration, warned) in [
        ("https", "", true),
        ("insecure", ", insecure_skip_verification = true", false),
    ] {
        let config = write_toml(&files, &toml("https://h", integration, "", ""));
        let with = [("SSL_CERT_FILE", empty.as_os_str())];
        let mut check = Process::start_in(BINARY, &["check", &config], &["SSL_CERT_DIR"], &with);
        assert!(check.ended().await.success(), "{name}: {}", check.output());
        let told = check.output().contains(
            "gateway.toml:10:9: warning: no certificate will be trusted: the system has no certificate authorities",
        );
        assert_eq!(told, warned, "{name}: {}", check.output());
    }
}
