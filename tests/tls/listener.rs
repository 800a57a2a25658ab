//! What a listener with TLS speaks, and shows.

use std::time::Duration;

use http::Version;
use portcullis_testkit::{Origin, Running, Wire, curl};
use portcullis_tests::gateways::*;
use portcullis_tests::https::Https;
use portcullis_tests::lambda::{Answers, Lambda};
use portcullis_tests::tls::Authority;
use rustls::version::{TLS12, TLS13};
use serde_json::json;
use tokio::time::timeout;

use super::{SHOWN, failed_handshakes, started, toml, write};

#[tokio::test]
async fn it_speaks_tls_and_both_versions_of_http() {
    let authority = Authority::new("ours");
    let gateway = started(SHOWN, "", &authority, None).await;
    // api-gateway-variables-for-access-logging.html: tlsVersion, and cipherSuite in IANA's form.
    for (versions, offered, tls, http, cipher) in [
        (
            &TLS12,
            &["http/1.1"][..],
            "TLSv1.2",
            Version::HTTP_11,
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        ),
        (
            &TLS13,
            &["http/1.1"],
            "TLSv1.3",
            Version::HTTP_11,
            "TLS_AES_256_GCM_SHA384",
        ),
        (&TLS13, &[], "TLSv1.3", Version::HTTP_11, "TLS_AES_256_GCM_SHA384"),
        (
            &TLS12,
            &["h2"],
            "TLSv1.2",
            Version::HTTP_2,
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        ),
        (
            &TLS13,
            &["other", "h2", "http/1.1"],
            "TLSv1.3",
            Version::HTTP_2,
            "TLS_AES_256_GCM_SHA384",
        ),
    ] {
        let client = Https::of(&authority, &[versions]).offering(offered);
        let answer = client
            .get(gateway.address(), "/dev/echo", &[])
            .await
            .expect("an answer");
        assert_eq!(
            (answer.status.as_u16(), answer.version),
            (200, http),
            "{tls} {offered:?}"
        );
        let context = context(&answer.json());
        assert_eq!(
            (&context["tlsVersion"], &context["cipherSuite"]),
            (&json!(tls), &json!(cipher))
        );
        let protocol = if http == Version::HTTP_2 {
            "HTTP/2.0"
        } else {
            "HTTP/1.1"
        };
        assert_eq!(context["protocol"], protocol);
        assert_eq!(context.get("identity.clientCert.subjectDN"), None);
    }
}

#[tokio::test]
async fn what_nobody_speaks_here_is_refused() {
    let authority = Authority::new("ours");
    let gateway = started(SHOWN, "", &authority, None).await;
    let client = Https::trusting(&authority);
    let refused = client
        .offering(&["spdy/3"])
        .get(gateway.address(), "/dev/echo", &[])
        .await;
    let refused = refused.expect_err("no such protocol");
    assert!(refused.contains("NoApplicationProtocol"), "{refused}");
    // Clear text where TLS is spoken is answered with an alert, if at all, and closed.
    let mut wire = gateway.wire().await;
    wire.send("GET /dev/echo HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    let rest = timeout(Duration::from_secs(5), wire.rest())
        .await
        .expect("an end");
    assert!(!rest.starts_with(b"HTTP"), "{rest:?}");
    failed_handshakes(&gateway, 2.0).await;
    assert_eq!(calls(&gateway, "echo").await, 0.0);
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_not_waited_for() {
    let authority = Authority::new("ours");
    let gateway = started(SHOWN, "", &authority, None).await;
    let mut silent = Wire::connect(gateway.address()).await;
    let ended = timeout(Duration::from_secs(25), silent.bytes(1))
        .await
        .expect("an end");
    assert_eq!(ended, b"");
    // A drain does not wait for one either.
    let _silent = Wire::connect(gateway.address()).await;
    assert!(
        timeout(Duration::from_secs(8), gateway.stop())
            .await
            .expect("an end")
    );
}

#[tokio::test]
async fn the_certificate_is_the_named_hosts() {
    let authority = Authority::new("ours");
    let files = guests();
    let hosts = [
        ("one", "one.example"),
        ("two", "*.two.example"),
        ("three", "three.example"),
    ];
    let mut shown = Vec::new();
    for (file, host) in hosts {
        write(&files, file, &authority.issue(host));
        shown.push(format!(
            "{{ certificate = \"{file}.pem\", key = \"{file}.key\" }}"
        ));
    }
    let gateway = Running::start(
        &toml(&format!("certificates = [{}]", shown.join(", ")), ""),
        files,
    )
    .await;
    let client = Https::trusting(&authority);
    for host in ["one.example", "a.two.example", "three.example", "THREE.example"] {
        let answer = client.naming(host).get(gateway.address(), "/dev/echo", &[]).await;
        assert_eq!(answer.expect(host).status, 200);
    }
    // The first is shown, and the client refuses it.
    for host in ["four.example", "a.b.two.example"] {
        let refused = client.naming(host).get(gateway.address(), "/dev/echo", &[]).await;
        assert!(refused.expect_err(host).contains("not valid for name"), "{host}");
    }
}

#[tokio::test]
async fn backends_and_policies_know_that_it_is_tls() {
    let origin = Origin::echo().await;
    let lambda = Lambda::start(|_| {
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "true"}},
        }]});
        Answers::Text(json!({"principalId": "a", "policyDocument": policy}).to_string())
    })
    .await;
    let more = format!(
        r#"
        [lambda]
        endpoint = "{}"
        [apis.api.authorizers.guard]
        type = "request"
        function = "check"
        [[apis.api.routes]]
        path = "/proxied"
        authorizer = "guard"
        integration = {{ type = "http_proxy", uri = "http://{}/" }}
        "#,
        lambda.endpoint(),
        origin.authority()
    );
    let authority = Authority::new("ours");
    let mut gateway = started(SHOWN, &more, &authority, None).await;
    let answer = Https::trusting(&authority)
        .get(gateway.address(), "/dev/proxied", &[])
        .await;
    let told = answer.expect("an answer").json();
    assert_eq!(told["headers"]["x-forwarded-proto"], json!(["https"]));
    // The same API in clear text.
    let plain = toml(SHOWN, &more)
        .replace("[listeners.tls]", "")
        .replace(SHOWN.trim_end(), "");
    assert!(!gateway.rewrite(&plain).await.has_errors());
    let answer = gateway.get("/dev/proxied", &[]).await;
    assert_refused(&answer, NOT_ALLOWED, "clear text");
}

#[tokio::test]
async fn curl_is_served() {
    let authority = Authority::new("ours");
    let gateway = started(SHOWN, "", &authority, None).await;
    gateway.files.write("ca.pem", &authority.pem);
    let (ca, port) = (gateway.files.path("ca.pem"), gateway.address().port());
    let url = format!("https://localhost:{port}/dev/echo");
    let ca = ca.display().to_string();
    let told = tokio::task::spawn_blocking(move || {
        curl(&[
            "--silent",
            "--cacert",
            &ca,
            "--resolve",
            &format!("localhost:{port}:127.0.0.1"),
            &url,
        ])
    });
    let told: serde_json::Value = serde_json::from_str(&told.await.expect("curl")).expect("JSON");
    assert_eq!(told["path"], "/echo");
}
