//! Versions and cipher suites: what security policies let in, and what none does.

use std::process::Stdio;

use portcullis_testkit::Running;
use portcullis_tests::https::Https;
use portcullis_tests::tls::Authority;
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::{SHOWN, started, toml, write};

/// What `openssl s_client` agrees upon, or nothing.
async fn openssl(gateway: &Running, host: &str, options: &[&str]) -> Option<String> {
    let mut command = Command::new("openssl");
    let ran = command
        .args(["s_client", "-brief", "-servername", host, "-connect"])
        .arg(gateway.address().to_string())
        .args(options)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("openssl");
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    let suite = told.lines().find_map(|line| line.strip_prefix("Ciphersuite: "));
    suite
        .filter(|_| told.contains("CONNECTION ESTABLISHED"))
        .map(str::to_owned)
}

#[tokio::test]
async fn old_versions_and_weak_suites_are_refused() {
    let authority = Authority::new("ours");
    let gateway = started(SHOWN, "", &authority, None).await;
    assert!(
        openssl(&gateway, "localhost", &[]).await.is_some(),
        "openssl is let in"
    );
    for weak in [
        &["-tls1", "-cipher", "ALL:@SECLEVEL=0"][..],
        &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "kRSA:@SECLEVEL=0"],
        &[
            "-tls1_2",
            "-cipher",
            "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0",
        ],
        &["-tls1_2", "-cipher", "DHE:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "aNULL:eNULL:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"],
        &["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"],
    ] {
        assert_eq!(openssl(&gateway, "localhost", weak).await, None, "{weak:?}");
    }
}

/// A ClientHello of one version with one cipher suite and no extension, as a record.
fn hello(version: [u8; 2], suite: [u8; 2]) -> Vec<u8> {
    let mut body = Vec::from(version);
    body.extend([7; 32]);
    body.push(0);
    body.extend([0, 2]);
    body.extend(suite);
    body.extend([1, 0]);
    let mut message = vec![1, 0, 0];
    message.push(u8::try_from(body.len()).expect("short"));
    message.extend(body);
    let mut record = vec![22, 3, 1, 0];
    record.push(u8::try_from(message.len()).expect("short"));
    record.extend(message);
    record
}

#[tokio::test]
async fn hellos_of_other_times_get_an_alert_and_no_more() {
    let authority = Authority::new("ours");
    let gateway = started(SHOWN, "", &authority, None).await;
    for (name, bytes) in [
        ("SSL 3.0, RC4", hello([3, 0], [0, 5])),
        ("TLS 1.0, AES-CBC", hello([3, 1], [0, 0x2f])),
        ("TLS 1.1, AES-CBC", hello([3, 2], [0, 0x2f])),
        ("TLS 1.2, 3DES", hello([3, 3], [0, 0x0a])),
        ("TLS 1.2, RSA with GCM", hello([3, 3], [0, 0x9c])),
        (
            "SSL 2.0",
            vec![0x80, 0x2e, 1, 0, 2, 0, 5, 0, 0, 0, 0x10, 1, 0, 0x80],
        ),
        ("no TLS", vec![0; 64]),
        ("an empty record", vec![22, 3, 1, 0, 0]),
        ("a record too long", vec![22, 3, 1, 0xff, 0xff]),
    ] {
        let mut stream = TcpStream::connect(gateway.address()).await.expect("a connection");
        stream.write_all(&bytes).await.expect("sent");
        stream.shutdown().await.expect("an end");
        let mut answered = Vec::new();
        // An end by a reset is one too.
        let _ = stream.read_to_end(&mut answered).await;
        // An alert (21) that is fatal (2), if anything.
        let is_alert = answered.first() == Some(&21) && answered.get(5) == Some(&2);
        assert!(answered.is_empty() || is_alert, "{name}: {answered:?}");
    }
}

#[tokio::test]
async fn a_policy_is_a_listeners_or_a_names() {
    let authority = Authority::new("ours");
    let files = portcullis_tests::gateways::guests();
    for (file, host) in [("server", "localhost"), ("own", "own.example.com")] {
        write(&files, file, &authority.issue(host));
    }
    let of = |listener: &str, name: &str| {
        let policy = |policy: &str| match policy {
            "" => String::new(),
            policy => format!("security_policy = \"{policy}\"\n"),
        };
        toml(
            &format!("{SHOWN}{}", policy(listener)),
            &format!(
                "[domains.\"own.example.com\"]\nmappings.\"\" = \"api/dev\"\ncertificate = \"own.pem\"\n\
                 key = \"own.key\"\n{}",
                policy(name)
            ),
        )
    };
    let mut gateway = Running::start(&of("", ""), files).await;
    const ONLY13: &str = "SecurityPolicy_TLS13_1_3_2025_09";
    for (listener, name, in_listener, in_name) in [
        ("", "", true, true),
        (ONLY13, "", false, false),
        (ONLY13, "TLS_1_2", false, true),
        ("TLS_1_2", ONLY13, true, false),
        ("", "SecurityPolicy_TLS13_2025_EDGE", true, false),
    ] {
        let outcome = gateway.rewrite(&of(listener, name)).await;
        assert!(!outcome.has_errors(), "{:?}", outcome.problems);
        let (new, old) = (Https::of(&authority, &[&TLS13]), Https::of(&authority, &[&TLS12]));
        for (host, path, expected) in [
            ("localhost", "/dev/echo", in_listener),
            ("own.example.com", "/echo", in_name),
        ] {
            let told = format!("{listener} {name} {host}");
            new.naming(host)
                .get(gateway.address(), path, &[])
                .await
                .expect(&told);
            let old = old.naming(host).get(gateway.address(), path, &[]).await;
            assert_eq!(old.is_ok(), expected, "{told}: {old:?}");
        }
    }
}

#[tokio::test]
async fn suites_and_groups_are_those_of_the_policy() {
    let authority = Authority::new("ours");
    let mut gateway = started(SHOWN, "", &authority, None).await;
    const CHACHA: &[&str] = &["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"];
    const GCM: &[&str] = &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"];
    for (policy, chacha, gcm, hybrid) in [
        ("TLS_1_2", false, true, true),
        ("SecurityPolicy_TLS13_1_3_2025_09", false, false, false),
        ("SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09", false, true, true),
        ("SecurityPolicy_TLS13_1_2_PQ_2025_09", false, true, true),
        ("SecurityPolicy_TLS13_1_2_2021_06", false, true, false),
        ("SecurityPolicy_TLS13_2025_EDGE", false, false, true),
        ("SecurityPolicy_TLS12_PFS_2025_EDGE", true, true, true),
    ] {
        let said = toml(&format!("{SHOWN}security_policy = \"{policy}\"\n"), "");
        assert!(!gateway.rewrite(&said).await.has_errors(), "{policy}");
        assert_eq!(
            openssl(&gateway, "localhost", CHACHA).await.is_some(),
            chacha,
            "{policy}"
        );
        assert_eq!(
            openssl(&gateway, "localhost", GCM).await.is_some(),
            gcm,
            "{policy}"
        );
        let client = Https::of(&authority, &[&TLS13]);
        let hybrid_only = client.exchanging(&[rustls::crypto::aws_lc_rs::kx_group::X25519MLKEM768]);
        let answered = hybrid_only.get(gateway.address(), "/dev/echo", &[]).await;
        assert_eq!(answered.is_ok(), hybrid, "{policy}: {answered:?}");
    }
}
