//! What is shared, and what is not.

use super::*;

fn authority(text: &str) -> Authority {
    text.parse().expect(text)
}

fn address(text: &str) -> Address {
    Address::parse(text).expect(text)
}

fn tls(upstream: &Upstream, any_issuer: bool) -> Arc<TlsSettings> {
    let options = TlsOptions {
        any_issuer,
        ..TlsOptions::default()
    };
    upstream.tls(&options).expect("settings")
}

#[test]
fn the_same_settings_are_one() {
    let upstream = Upstream::new();
    let first = tls(&upstream, true);
    assert!(Arc::ptr_eq(&first, &tls(&upstream, true)));
    assert!(!Arc::ptr_eq(&first, &tls(&upstream, false)));
    assert_ne!(first.id(), tls(&upstream, false).id());
}

#[test]
fn the_same_backend_is_one() {
    let upstream = Upstream::new();
    let (strict, lenient) = (tls(&upstream, false), tls(&upstream, true));
    let (one, two) = ([address("a:1")], [address("a:1"), address("b:1")]);
    let host = authority("h");
    let endpoint = Endpoint {
        authority: &host,
        tls: None,
        link: None,
        protocol: BackendProtocol::Http1,
    };
    let all = [
        endpoint,
        Endpoint {
            tls: Some(&strict),
            ..endpoint
        },
        Endpoint {
            tls: Some(&lenient),
            ..endpoint
        },
        Endpoint {
            protocol: BackendProtocol::Http2,
            ..endpoint
        },
        Endpoint {
            link: Some(("l", &one)),
            ..endpoint
        },
        Endpoint {
            link: Some(("l", &two)),
            ..endpoint
        },
        Endpoint {
            link: Some(("m", &two)),
            ..endpoint
        },
        Endpoint {
            link: Some(("m", &two)),
            tls: Some(&strict),
            ..endpoint
        },
    ];
    let backends = all.map(|endpoint| upstream.backend(endpoint).expect("a backend"));
    for (index, backend) in backends.iter().enumerate() {
        for (other, endpoint) in all.into_iter().enumerate() {
            let again = upstream.backend(endpoint).expect("a backend");
            assert_eq!(Arc::ptr_eq(backend, &again), index == other, "{index} {other}");
        }
    }
    // `a` of `l` keeps its connections when `b` comes.
    let known = upstream.known.lock();
    assert_eq!(known.pools.0.len(), 10);
    assert_eq!(known.links.0.len(), 2);
}

#[test]
fn a_backend_that_nobody_holds_is_forgotten() {
    let upstream = Upstream::new();
    let (first, second) = (authority("h:1"), authority("h:2"));
    let endpoint = |authority| Endpoint {
        authority,
        tls: None,
        link: None,
        protocol: BackendProtocol::Http1,
    };
    drop(upstream.backend(endpoint(&first)).expect("a backend"));
    let _held = upstream.backend(endpoint(&second)).expect("a backend");
    let known = upstream.known.lock();
    assert_eq!((known.backends.0.len(), known.pools.0.len()), (1, 1));
}

#[test]
fn knows_whose_certificate_it_must_be() {
    for (text, expected) in [
        ("h.example:8443", Some("h.example")),
        ("my_service", Some("my_service")),
        ("10.0.0.7:443", Some("10.0.0.7")),
        ("[::1]:443", Some("::1")),
        ("a..b", None),
        ("300.0.0.1", None),
    ] {
        let name = server_name(&authority(text)).ok();
        assert_eq!(
            name.as_ref().map(|name| name.to_str()).as_deref(),
            expected,
            "{text}"
        );
    }
}
