//! What is told of clients, and of whom it is believed.

use portcullis_tests::gateways::*;
use portcullis_tests::https::Https;

use super::support::*;

#[tokio::test]
async fn a_region_sees_the_client_behind_a_point_of_presence() {
    let authorities = Authorities::new();
    let gateway = authorities.region("", "").await;
    let more = format!(
        "countries = {{ DE = [\"127.0.0.0/8\"], FR = [\"127.0.0.3\"] }}\n{}",
        region("eu", gateway.address())
    );
    let edge = Edge::start(&toml(&more), authorities.files()).await;
    let spoofed = [
        ("cloudfront-viewer-address", "192.0.2.1:1"),
        ("cloudfront-viewer-country", "US"),
        ("cloudfront-viewer-city", "Springfield"),
        ("x-amz-cf-id", "mine"),
        ("user-agent", "Mozilla/5.0 (iPhone) Mobile"),
        ("x-hop", "1"),
        ("connection", "x-hop"),
    ];
    let (from, echo) = get_from("127.0.0.3", edge.address(), "/dev/echo?a=%20b", &spoofed).await;
    let context = context(&echo);
    assert_eq!(context["identity.sourceIp"], "127.0.0.3");
    assert_eq!(context.get("tlsVersion"), None, "the client came in clear text");
    assert_eq!(context.get("identity.clientCert.subjectDN"), None);
    for (name, expected) in [
        // headers: "IP address of the viewer and the source port".
        ("cloudfront-viewer-address", &[from.to_string().as_str()][..]),
        ("cloudfront-viewer-country", &["FR"]),
        ("cloudfront-viewer-city", &[]),
        ("cloudfront-viewer-http-version", &["1.1"]),
        ("cloudfront-viewer-tls", &[]),
        ("cloudfront-forwarded-proto", &["http"]),
        ("cloudfront-is-mobile-viewer", &["true"]),
        ("cloudfront-is-ios-viewer", &["true"]),
        ("cloudfront-is-android-viewer", &["false"]),
        ("cloudfront-is-tablet-viewer", &["false"]),
        ("cloudfront-is-desktop-viewer", &["false"]),
        ("cloudfront-is-smarttv-viewer", &["false"]),
        ("via", &["1.1 fra1 (portcullis)"]),
        ("x-hop", &[]),
    ] {
        assert_eq!(told(&echo, name), expected, "{name}");
    }
    let id = told(&echo, "x-amz-cf-id");
    assert!(id.len() == 1 && id[0].len() == 56, "{id:?}");
}

#[tokio::test]
async fn tls_of_the_client_is_what_the_region_tells() {
    let authorities = Authorities::new();
    let gateway = authorities.region("", "").await;
    let files = authorities.files();
    write(&files, "server", &authorities.regions.issue("localhost"));
    let toml = toml(&region("eu", gateway.address())).replace(
        r#""127.0.0.1:0" }]"#,
        r#""127.0.0.1:0", tls = { certificates = [{ certificate = "server.pem", key = "server.key" }] } }]"#,
    );
    let edge = Edge::start(&toml, files).await;
    for (offered, version) in [("http/1.1", "1.1"), ("h2", "2.0")] {
        let client = Https::of(&authorities.regions, &[&rustls::version::TLS12]).offering(&[offered]);
        let answer = client
            .get(edge.address(), "/dev/echo", &[])
            .await
            .expect("an answer");
        let echo = answer.json();
        let context = context(&echo);
        assert_eq!(context["tlsVersion"], "TLSv1.2", "{offered}");
        let cipher = context["cipherSuite"].as_str().expect("a cipher suite");
        let expected = format!("TLSv1.2:{cipher}:fullHandshake");
        assert_eq!(told(&echo, "cloudfront-viewer-tls"), [expected], "{offered}");
        assert_eq!(told(&echo, "cloudfront-forwarded-proto"), ["https"], "{offered}");
        assert_eq!(
            told(&echo, "cloudfront-viewer-http-version"),
            [version],
            "{offered}"
        );
        assert_eq!(answer.headers["x-cache"], "Miss from portcullis", "{offered}");
        assert_eq!(answer.headers["via"], "1.1 fra1 (portcullis)", "{offered}");
        assert_eq!(
            told(&echo, "x-amz-cf-id"),
            [answer.headers["x-amz-cf-id"].to_str().expect("text")]
        );
    }
}

/// "access-mode" in tests/tls/strict.rs: an edge-optimised API takes requests through points of presence alone, whose clients named its host
/// in their handshake; a regional one takes none of them.
#[tokio::test]
async fn what_is_strict_knows_the_way_that_requests_come() {
    const HOST: &str = "api.execute-api.example.com";
    let authorities = Authorities::new();
    let strict = |kind: &str| {
        format!(
            "[apis.{kind}]\nendpoint_type = \"{kind}\"\nendpoint_access_mode = \"STRICT\"\n[apis.{kind}.stages.dev]\n[[apis.{kind}.routes]]\npath = \"/echo\"\nintegration = {{ type = \"plugin\", plugin = \"echo\" }}\n"
        )
    };
    let more = format!("{}{}", strict("edge"), strict("regional"));
    let more = more.replacen(
        "[apis.edge]\n",
        "[apis.edge]\nsecurity_policy = \"SecurityPolicy_TLS13_1_3_2025_09\"\n",
        1,
    );
    let gateway = authorities.region("client_auth = \"optional\"", &more).await;
    let host_of = |api: &str| HOST.replacen("api", api, 1);
    for api in ["edge", "regional"] {
        write(&gateway.files, api, &authorities.regions.issue(&host_of(api)));
    }
    let certificates = r#"certificates = [{ certificate = "server.pem", key = "server.key" }, { certificate = "edge.pem", key = "edge.key" }, { certificate = "regional.pem", key = "regional.key" }]"#;
    let mut gateway = gateway;
    let file = std::fs::read_to_string(gateway.files.path("gateway.toml")).expect("a file");
    let with = file.replace(
        r#"certificates = [{ certificate = "server.pem", key = "server.key" }]"#,
        certificates,
    );
    gateway.files.write("gateway.toml", with);
    assert!(!gateway.node.reload().await.has_errors());
    let files = authorities.files();
    for (name, host) in [
        ("server", "localhost".to_owned()),
        ("of-edge", host_of("edge")),
        ("regional", host_of("regional")),
    ] {
        write(&files, name, &authorities.regions.issue(&host));
    }
    let more = format!("cache.memory_mib = 1\n{}", region("eu", gateway.address()));
    let toml = toml(&more).replace(
        r#""127.0.0.1:0" }]"#,
        &format!(
            r#""127.0.0.1:0", tls = {{ {} }} }}]"#,
            certificates.replace("edge.", "of-edge.")
        ),
    );
    let edge = Edge::start(&toml, files).await;
    let client = Https::trusting(&authorities.regions);
    // The handshake that counts for a policy was not the region's.
    let old = Https::of(&authorities.regions, &[&rustls::version::TLS12]).naming(&host_of("edge"));
    let answer = old.get(edge.address(), "/dev/echo", &[]).await;
    assert_eq!(answer.expect("an answer").status, 421);
    for (api, through, direct) in [("edge", 200, 421), ("regional", 421, 200)] {
        let host = host_of(api);
        let named = client.naming(&host);
        let fronted = client.asking(&host);
        let answer = named
            .get(edge.address(), "/dev/echo", &[])
            .await
            .expect("an answer");
        assert_eq!(answer.status, through, "{api}");
        if through == 200 {
            assert_eq!(told(&answer.json(), "x-portcullis-viewer-server-name"), [""; 0]);
        }
        for (client, address, expected) in [
            (&fronted, edge.address(), 421),
            (&named, gateway.address(), direct),
            (&fronted, gateway.address(), 421),
        ] {
            let answer = client.get(address, "/dev/echo", &[]).await.expect("an answer");
            assert_eq!(answer.status, expected, "{api}");
        }
    }
}

#[tokio::test]
async fn of_others_nothing_is_believed() {
    let authorities = Authorities::new();
    let gateway = authorities.region("client_auth = \"optional\"", "").await;
    let client = Https::trusting(&authorities.regions);
    let spoofed = [
        ("cloudfront-viewer-address", "192.0.2.1:1"),
        ("cloudfront-forwarded-proto", "http"),
        ("cloudfront-viewer-country", "US"),
        ("x-amz-cf-id", "mine"),
    ];
    let echo = client
        .get(gateway.address(), "/dev/echo", &spoofed)
        .await
        .expect("an answer")
        .json();
    assert_eq!(context(&echo)["identity.sourceIp"], "127.0.0.1");
    assert_eq!(context(&echo)["tlsVersion"], "TLSv1.3");
    for (name, _) in spoofed {
        assert_eq!(told(&echo, name), [""; 0], "{name}");
    }
    // With the certificate of one the same counts.
    let showing = client.showing(&authorities.edges.issue("edge.example"));
    let echo = showing
        .get(gateway.address(), "/dev/echo", &spoofed)
        .await
        .expect("an answer")
        .json();
    assert_eq!(context(&echo)["identity.sourceIp"], "192.0.2.1");
    assert_eq!(context(&echo).get("identity.clientCert.subjectDN"), None);
    let silent = showing
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect("an answer");
    assert_eq!(
        silent.status, 400,
        "a point of presence says for whom it forwards"
    );
}

#[tokio::test]
async fn clients_and_points_of_presence_may_share_a_listener() {
    let authorities = Authorities::new();
    let clients = portcullis_tests::tls::Authority::new("clients");
    let files = guests();
    write(&files, "server", &authorities.regions.issue("localhost"));
    files.write("edges.pem", &authorities.edges.pem);
    files.write("clients.pem", &clients.pem);
    let toml = format!(
        r#"
        {{listener api}}
        [listeners.tls]
        certificates = [{{ certificate = "server.pem", key = "server.key" }}]
        client_trust = "clients.pem"
        edge_trust = "edges.pem"
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/echo"
        integration = {{ type = "plugin", plugin = "echo" }}
        {ECHO}"#
    );
    let gateway = portcullis_testkit::Running::start(&toml, files).await;
    let client = Https::trusting(&authorities.regions).showing(&clients.issue("client"));
    let spoofed = [
        ("cloudfront-viewer-address", "192.0.2.1:1"),
        ("cloudfront-forwarded-proto", "http"),
    ];
    let echo = client
        .get(gateway.address(), "/dev/echo", &spoofed)
        .await
        .expect("an answer")
        .json();
    assert_eq!(context(&echo)["identity.sourceIp"], "127.0.0.1");
    assert_eq!(context(&echo)["identity.clientCert.issuerDN"], "CN=clients");
    let edge = Edge::start(&toml_of(&gateway), authorities.files()).await;
    let (_, echo) = get_from("127.0.0.4", edge.address(), "/dev/echo", &[]).await;
    assert_eq!(context(&echo)["identity.sourceIp"], "127.0.0.4");
}

fn toml_of(gateway: &portcullis_testkit::Running) -> String {
    toml(&region("eu", gateway.address()))
}

#[tokio::test]
async fn loops_and_upgrades_are_refused() {
    let authorities = Authorities::new();
    let gateway = authorities.region("", "").await;
    let edge = Edge::start(&toml_of(&gateway), authorities.files()).await;
    for (name, headers, status) in [
        ("been here", &[("via", "1.1 x, 1.1 fra1 (portcullis)")][..], 508),
        ("been at another", &[("via", "1.1 fra2 (portcullis)")], 200),
        ("another's comment", &[("via", "1.1 fra1 (squid)")], 200),
        ("a host that is none", &[("host", "a b")], 400),
        (
            "an upgrade",
            &[("connection", "upgrade"), ("upgrade", "websocket")],
            501,
        ),
    ] {
        let answer = edge.get("/dev/echo", headers).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
        if status > 500 {
            assert_eq!(answer.header("x-cache"), "Error from portcullis", "{name}");
            assert_eq!(answer.header("content-type"), "application/json", "{name}");
            answer.json();
        }
    }
}
