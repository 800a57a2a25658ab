//! Forwarded headers: only those of load balancers that are named say who the client is.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use portcullis_testkit::{Origin, Running};

fn toml(listener: &str, origin: &str) -> String {
    format!(
        r#"
        [[listeners]]
        address = "127.0.0.1:0"
        default_api = "api"
        {listener}
        [networks.balancers]
        cidrs = ["127.0.0.0/8", "10.0.0.0/8"]
        [networks.elsewhere]
        cidrs = ["192.0.2.0/24"]
        [apis.api]
        policy.Statement = [
            {{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*" }},
            {{ Effect = "Deny", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*/GET/secure", Condition.Bool."aws:SecureTransport" = "false" }},
            {{ Effect = "Deny", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*", Condition.IpAddress."aws:SourceIp" = "198.51.100.0/24" }},
        ]
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/source"
        integration = {{ type = "mock", headers = {{ x-source = "context.identity.sourceIp" }} }}
        [[apis.api.routes]]
        path = "/secure"
        integration = {{ type = "mock" }}
        [[apis.api.routes]]
        path = "/echo"
        integration = {{ type = "http_proxy", uri = "http://{origin}/echo" }}
        "#
    )
}

const TRUST: &str = "trust_forwarded = [\"balancers\"]";

async fn source(gateway: &Running, headers: &[(&str, &str)]) -> String {
    gateway
        .get("/dev/source", headers)
        .await
        .header("x-source")
        .to_owned()
}

#[tokio::test]
async fn others_change_nothing() {
    for listener in ["", "trust_forwarded = [\"elsewhere\"]"] {
        let gateway = Running::of(&toml(listener, "127.0.0.1:1")).await;
        for header in [
            ("x-forwarded-for", "192.0.2.1"),
            ("forwarded", "for=192.0.2.1"),
            ("x-real-ip", "192.0.2.1"),
            ("true-client-ip", "192.0.2.1"),
        ] {
            assert_eq!(
                source(&gateway, &[header]).await,
                "127.0.0.1",
                "{listener} {header:?}"
            );
        }
        let secure = gateway
            .get("/dev/secure", &[("x-forwarded-proto", "https")])
            .await;
        assert_eq!(secure.status, 403, "{listener}");
    }
}

#[tokio::test]
async fn a_balancer_names_the_client_and_a_client_cannot() {
    let gateway = Running::of(&toml(TRUST, "127.0.0.1:1")).await;
    for (chain, expected) in [
        ("192.0.2.1", "192.0.2.1"),
        ("6.6.6.6, 192.0.2.1", "192.0.2.1"),
        ("6.6.6.6, 192.0.2.1, 10.0.0.7", "192.0.2.1"),
        ("6.6.6.6, garbage, 10.0.0.7", "10.0.0.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("garbage", "127.0.0.1"),
        ("", "127.0.0.1"),
    ] {
        assert_eq!(
            source(&gateway, &[("x-forwarded-for", chain)]).await,
            expected,
            "{chain}"
        );
    }
    // The balancer writes the other header, so that this one is the client's.
    assert_eq!(
        source(&gateway, &[("forwarded", "for=192.0.2.1")]).await,
        "127.0.0.1"
    );
    let denied = gateway
        .get("/dev/source", &[("x-forwarded-for", "198.51.100.1")])
        .await;
    assert_eq!(denied.status, 403, "policies see it");
}

#[tokio::test]
async fn the_header_can_be_that_of_rfc_7239() {
    let listener = format!("{TRUST}\nforwarded_header = \"forwarded\"");
    let gateway = Running::of(&toml(&listener, "127.0.0.1:1")).await;
    for (value, expected) in [
        ("for=192.0.2.1", "192.0.2.1"),
        ("for=6.6.6.6, for=\"[2001:db8::1]:80\";proto=https", "2001:db8::1"),
        ("for=192.0.2.1, for=10.0.0.1", "192.0.2.1"),
        ("for=_hidden", "127.0.0.1"),
    ] {
        assert_eq!(
            source(&gateway, &[("forwarded", value)]).await,
            expected,
            "{value}"
        );
    }
    assert_eq!(
        source(&gateway, &[("x-forwarded-for", "192.0.2.1")]).await,
        "127.0.0.1"
    );
    let proto = ("forwarded", "for=192.0.2.1;proto=https");
    assert_eq!(gateway.get("/dev/secure", &[proto]).await.status, 200);
}

#[tokio::test]
async fn backends_are_told_protocol_port_and_the_whole_chain() {
    let origin = Origin::echo().await;
    let mut gateway = Running::of(&toml(TRUST, &origin.authority())).await;
    let headers = [
        ("x-forwarded-for", "6.6.6.6, 192.0.2.1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "443"),
    ];
    for (listener, proto, port) in [(TRUST, "https", Some("443")), ("", "http", None)] {
        gateway.rewrite(&toml(listener, &origin.authority())).await;
        assert_eq!(gateway.get("/dev/echo", &headers).await.status, 200);
        let got = origin.recorded().pop().expect("a request").headers;
        assert_eq!(
            got["x-forwarded-for"], "6.6.6.6, 192.0.2.1, 127.0.0.1",
            "{listener}"
        );
        assert_eq!(got["x-forwarded-proto"], proto, "{listener}");
        let own = gateway.address().port().to_string();
        assert_eq!(got["x-forwarded-port"], port.unwrap_or(&own), "{listener}");
    }
    // A policy that wants TLS has it from the balancer's word, and from nobody else's.
    assert_eq!(gateway.get("/dev/secure", &headers).await.status, 403);
    gateway.rewrite(&toml(TRUST, &origin.authority())).await;
    assert_eq!(gateway.get("/dev/secure", &headers).await.status, 200);
}
