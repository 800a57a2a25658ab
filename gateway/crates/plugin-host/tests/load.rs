//! What is loaded, and what is refused with which words.

mod support;

use portcullis_plugin_host::{CallError, LoadError, Plugin, Selection, Verdict, World};
use support::{COUNTER, Guest, LOG, authorizer_spec, component, host, host_with, load_error, request, spec};

#[tokio::test]
async fn refuses_a_core_module() {
    let error = load_error(spec(wat::parse_str("(module)").unwrap())).await;
    assert!(matches!(error, LoadError::CoreModule), "{error}");
    assert!(error.hint().unwrap().contains("wasm-tools component new"));
}

#[tokio::test]
async fn refuses_half_a_file_wherever_it_is_cut() {
    let host = host();
    let whole = component(World::Authorizer, &Guest::default());
    for length in (0..whole.len()).step_by(97) {
        let error = host.load(spec(whole[..length].to_vec())).await.unwrap_err();
        match error {
            LoadError::Truncated { .. } => {}
            LoadError::NotWasm { .. } if length == 0 => {}
            // Cut between two sections: well-formed, but less than a component of a world.
            LoadError::NoWorld { .. } | LoadError::Invalid(_) => {}
            error => panic!("cut after {length}: {error:?}"),
        }
    }
}

#[tokio::test]
async fn refuses_an_unknown_import_by_name() {
    let imports = "(import \"example:thing/other@1.0.0\" (instance (export \"f\" (func))))";
    let error = load_error(spec(component(
        World::Authorizer,
        &Guest {
            imports,
            ..Guest::default()
        },
    )))
    .await;
    assert_eq!(
        error.to_string(),
        "imports `example:thing/other@1.0.0`, which this gateway does not offer"
    );
}

#[tokio::test]
async fn offers_no_sockets() {
    let imports = "(import \"wasi:sockets/instance-network@0.2.0\" (instance (export \"f\" (func))))";
    let error = load_error(spec(component(
        World::Authorizer,
        &Guest {
            imports,
            ..Guest::default()
        },
    )))
    .await;
    assert!(
        matches!(&error, LoadError::ImportUnknown { import } if import.starts_with("wasi:sockets/")),
        "{error}"
    );
    assert_eq!(error.hint().as_deref(), Some("plugins have no network"));
}

#[tokio::test]
async fn offers_log_only_where_granted() {
    let mut spec = spec(component(
        World::Authorizer,
        &Guest {
            imports: LOG,
            ..Guest::default()
        },
    ));
    let error = load_error(spec.clone()).await;
    assert_eq!(
        error.to_string(),
        "imports `portcullis:plugin/log@0.1.0`, which is not granted"
    );
    assert!(error.hint().unwrap().contains("`log = true`"));
    spec.grants.log = true;
    host().load(spec).await.unwrap();
}

#[tokio::test]
async fn offers_counter_only_where_granted() {
    let mut spec = spec(component(
        World::Filter,
        &Guest {
            imports: COUNTER,
            ..Guest::default()
        },
    ));
    spec.grants.log = true;
    let error = load_error(spec.clone()).await;
    assert_eq!(
        error.to_string(),
        "imports `portcullis:plugin/counter@0.1.0`, which is not granted"
    );
    assert!(error.hint().unwrap().contains("`counter = true`"));
    spec.grants.counter = true;
    host().load(spec).await.unwrap();
}

#[tokio::test]
async fn refuses_a_function_of_another_type() {
    let imports = "(import \"wasi:random/insecure-seed@0.2.0\" (instance (export \"insecure-seed\" (func))))";
    let error = load_error(spec(component(
        World::Authorizer,
        &Guest {
            imports,
            ..Guest::default()
        },
    )))
    .await;
    assert!(
        matches!(&error, LoadError::Mismatch(text) if text.contains("insecure-seed")),
        "{error}"
    );
}

#[tokio::test]
async fn names_what_is_exported_where_it_is_no_world() {
    let bytes =
        wat::parse_str("(component (instance $i) (export \"example:thing/other@1.0.0\" (instance $i)))")
            .unwrap();
    let error = load_error(spec(bytes)).await;
    assert_eq!(
        error.to_string(),
        "exports no world of portcullis:plugin (it exports example:thing/other@1.0.0)"
    );
}

#[tokio::test]
async fn refuses_another_version_of_the_contract() {
    let guest = Guest {
        version: Some("0.2.0"),
        ..Guest::default()
    };
    let error = load_error(spec(component(World::Authorizer, &guest))).await;
    assert!(
        matches!(&error, LoadError::WrongVersion { found } if found.ends_with("@0.2.0")),
        "{error}"
    );
}

#[tokio::test]
async fn finds_each_world() {
    let host = host();
    for world in [World::Authorizer, World::Integration, World::Filter] {
        let bytes = component(world, &Guest::default());
        let inspection = host.inspect(&bytes).unwrap();
        assert_eq!(inspection.world, Some(world));
        assert_eq!(inspection.imports, ["portcullis:plugin/types@0.1.0"]);
        assert_eq!(inspection.exports.len(), 2);

        let plugin = host.load(spec(bytes)).await.unwrap();
        assert_eq!((plugin.world(), plugin.name()), (world, "guest"));
        assert_eq!(plugin.interest().headers, Selection::None);
        match plugin {
            Plugin::Authorizer(plugin) => {
                plugin.authorize("arn", None, &request("1")).await.unwrap();
            }
            Plugin::MappingTemplate(_) | Plugin::Function(_) | Plugin::Handler(_) => {
                unreachable!("none of these is one")
            }
            Plugin::Integration(plugin) => {
                let response = plugin.handle(&request("1")).await.unwrap();
                assert_eq!((response.status, response.body.len()), (200, 1));
            }
            Plugin::Filter(plugin) => {
                assert_eq!(plugin.on_request(&request("1")).await.unwrap(), Verdict::Next);
                assert_eq!(plugin.on_response("1", 200, &[]).await.unwrap(), None);
            }
        }
    }
}

#[tokio::test]
async fn reports_the_problems_of_a_configuration() {
    // err([{pointer: "/x", message: "no", hint: some("yes")}])
    let init = r#"
        (i32.store8 (i32.const 512) (i32.const 1))
        (i32.store (i32.const 516) (i32.const 600)) (i32.store (i32.const 520) (i32.const 1))
        (i64.store (i32.const 700) (i64.const 0x736579_6f6e_782f))
        (i32.store (i32.const 600) (i32.const 700)) (i32.store (i32.const 604) (i32.const 2))
        (i32.store (i32.const 608) (i32.const 702)) (i32.store (i32.const 612) (i32.const 2))
        (i32.store8 (i32.const 616) (i32.const 1))
        (i32.store (i32.const 620) (i32.const 704)) (i32.store (i32.const 624) (i32.const 3))"#;
    let error = load_error(spec(component(
        World::Authorizer,
        &Guest {
            init,
            ..Guest::default()
        },
    )))
    .await;
    assert_eq!(error.to_string(), "the plugin refused its configuration: /x: no");
    assert_eq!(error.hint().as_deref(), Some("yes"));
}

#[tokio::test]
async fn reports_a_guest_that_cannot_start() {
    let error = load_error(spec(component(
        World::Authorizer,
        &Guest {
            init: "unreachable",
            ..Guest::default()
        },
    )))
    .await;
    assert!(
        matches!(&error, LoadError::StartFailed(CallError::Instantiate { .. })),
        "{error}"
    );

    let mut endless = spec(component(
        World::Authorizer,
        &Guest {
            init: "(loop br 0)",
            ..Guest::default()
        },
    ));
    endless.limits.cpu = std::time::Duration::from_millis(2);
    let error = load_error(endless).await;
    assert!(
        matches!(&error, LoadError::StartFailed(CallError::Cpu { .. })),
        "{error}"
    );

    let mut large = spec(component(
        World::Authorizer,
        &Guest {
            pages: 32,
            ..Guest::default()
        },
    ));
    large.limits.memory_bytes = 1 << 20;
    let error = load_error(large).await;
    assert!(
        matches!(&error, LoadError::StartFailed(CallError::Memory { .. })),
        "{error}"
    );
}

#[tokio::test]
async fn refuses_what_no_pool_can_hold() {
    let guest = Guest {
        further_memories: 4,
        ..Guest::default()
    };
    let bytes = component(World::Authorizer, &guest);
    let error = host_with(4).load(spec(bytes.clone())).await.unwrap_err();
    assert!(matches!(error, LoadError::TooLarge(_)), "{error}");
    host_with(5).load(spec(bytes)).await.unwrap();
}

#[tokio::test]
async fn keys_tell_plugins_apart() {
    let spec = authorizer_spec();
    let key = spec.key();
    assert_eq!(key, spec.clone().key());
    let mut others = vec![spec.clone(); 7];
    others[0].name.push('x');
    others[1].config_json.push(' ');
    others[2].grants.log = true;
    others[3]
        .grants
        .environment
        .insert("a".to_owned(), "b".to_owned());
    others[4].limits.queue += 1;
    others[5].isolation = Some(portcullis_plugin_host::Isolation::Fresh);
    others[6].grants.counter = true;
    for other in others {
        assert_ne!(key, other.key(), "{other:?}");
    }
}

#[tokio::test]
async fn works_without_a_pool() {
    // 500,000 slots reserve more than an address space has.
    let host = host_with(500_000);
    let Plugin::Authorizer(plugin) = host.load(authorizer_spec()).await.unwrap() else {
        panic!("not an authorizer")
    };
    plugin.authorize("arn", None, &request("1")).await.unwrap();
}
