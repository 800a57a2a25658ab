//! Components written by hand, so that these tests need no toolchain for guests.
// Not every test uses everything, and a helper that fails is a failed test.
#![allow(dead_code, clippy::unwrap_used)]

use std::{collections::BTreeMap, time::Duration};

use portcullis_plugin_host::{
    Authorizer, Grants, Host, HostSettings, Isolation, Limits, LoadError, Plugin, PluginSpec, Request, World,
};

/// What a component is made of, beyond what every guest has.
#[derive(Default)]
pub(crate) struct Guest {
    /// Further imports, as component text.
    pub(crate) imports: &'static str,
    /// What `init` does before it accepts its configuration.
    pub(crate) init: &'static str,
    /// Pages of 64 KiB; 8 where 0.
    pub(crate) pages: u32,
    /// Further memories, each in a core module of its own.
    pub(crate) further_memories: usize,
    /// Another version in all names.
    pub(crate) version: Option<&'static str>,
}

/// A component of a world. Its function looks at the first byte of the method ARN (an authorizer) or of the request's
/// id (the others), and does one of:
///
/// `l` loops for ever, `w` works for some milliseconds, `t` traps, `m` allocates without end and traps when refused,
/// `g` grows by 10 MiB, `b` gives back 2,000 bytes and `B` 200,000, `u` is unauthorized, `f` reports a fault, anything
/// else counts: its answer is as long as the number of such calls that this instance has served.
pub(crate) fn component(world: World, guest: &Guest) -> Vec<u8> {
    let version = guest.version.unwrap_or("0.1.0");
    let (interface, functions) = match world {
        World::Authorizer => (
            "authorization",
            vec![(
                "authorize",
                "(param \"method-arn\" string) (param \"token\" (option string)) (param \"request\" $request) \
                 (result (result $decision (error $fault)))",
            )],
        ),
        World::Integration => (
            "handling",
            vec![(
                "handle",
                "(param \"request\" $request) (result (result $response (error $fault)))",
            )],
        ),
        World::MappingTemplate | World::Function | World::Handler => {
            unreachable!("it is not worth writing by hand: real ones are tested")
        }
        World::Filter => (
            "filtering",
            vec![
                (
                    "on-request",
                    "(param \"request\" $request) (result (result $verdict (error $fault)))",
                ),
                (
                    "on-response",
                    "(param \"head\" $response-head) (result (result (option $response-edit) (error $fault)))",
                ),
            ],
        ),
    };
    let mut lifts = String::new();
    let mut exports = String::new();
    for (name, ty) in functions {
        lifts += &format!(
            "(func ${name} {ty} (canon lift (core func $i \"{name}\") (memory (core memory $i \"memory\")) \
             (realloc (core func $i \"realloc\"))))\n"
        );
        exports += &format!("(export \"{name}\" (func ${name}))");
    }
    let further: String = (0..guest.further_memories)
        .map(|_| "(core instance (instantiate $more))".to_owned())
        .collect();
    let text = format!(
        r#"(component
            {types}
            {imports}
            (core module $more (memory 1))
            {further}
            {core}
            (core instance $i (instantiate $m))
            (func $init (param "config-json" string) (result (result $interest (error (list $problem))))
                (canon lift (core func $i "init") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            {lifts}
            (instance $lifecycle (export "init" (func $init)))
            (export "portcullis:plugin/lifecycle@{version}" (instance $lifecycle))
            (instance $world {exports})
            (export "portcullis:plugin/{interface}@{version}" (instance $world))
        )"#,
        types = types(version),
        imports = guest.imports,
        core = core(guest),
    );
    wat::parse_str(text).unwrap()
}

/// All named types come in with the types, which the host need not define.
fn types(version: &str) -> String {
    let mut inside = String::new();
    let mut aliases = String::new();
    for (name, ty) in [
        (
            "field",
            "(record (field \"name\" string) (field \"value\" string))",
        ),
        (
            "selection",
            "(variant (case \"none\") (case \"all\") (case \"only\" (list string)))",
        ),
        (
            "interest",
            "(record (field \"headers\" $selection) (field \"query\" $selection) (field \"path-parameters\" $selection) \
             (field \"stage-variables\" $selection) (field \"context\" $selection) (field \"body\" bool) \
             (field \"responses\" bool))",
        ),
        (
            "request",
            "(record (field \"id\" string) (field \"method\" string) (field \"path\" string) \
             (field \"query\" (list $field)) (field \"headers\" (list $field)) \
             (field \"path-parameters\" (list (tuple string string))) \
             (field \"stage-variables\" (list (tuple string string))) \
             (field \"context\" (list (tuple string string))) (field \"body\" (option (list u8))))",
        ),
        (
            "response",
            "(record (field \"status\" u16) (field \"headers\" (list $field)) (field \"body\" (list u8)))",
        ),
        (
            "problem",
            "(record (field \"pointer\" string) (field \"message\" string) (field \"hint\" (option string)))",
        ),
        (
            "fault",
            "(variant (case \"configuration\" string) (case \"dependency\" string) (case \"internal\" string))",
        ),
        (
            "grant",
            "(record (field \"principal-id\" string) (field \"context-json\" string) \
             (field \"policy-json\" (option string)) (field \"usage-key\" (option string)) \
             (field \"ttl-seconds\" (option u32)))",
        ),
        (
            "decision",
            "(variant (case \"allow\" $grant) (case \"deny\" $grant) (case \"unauthorized\"))",
        ),
        (
            "edit",
            "(record (field \"set\" (list $field)) (field \"remove\" (list string)) (field \"path\" (option string)) \
             (field \"query\" (option (list $field))) (field \"body\" (option (list u8))))",
        ),
        (
            "verdict",
            "(variant (case \"next\") (case \"edit\" $edit) (case \"block\" string) (case \"respond\" $response))",
        ),
        (
            "response-head",
            "(record (field \"id\" string) (field \"status\" u16) (field \"headers\" (list $field)))",
        ),
        (
            "response-edit",
            "(record (field \"status\" (option u16)) (field \"set\" (list $field)) (field \"remove\" (list string)))",
        ),
    ] {
        inside += &format!("(type $raw-{name} {ty}) (export \"{name}\" (type ${name} (eq $raw-{name})))\n");
        aliases += &format!("(alias export $types \"{name}\" (type ${name}))\n");
    }
    format!("(import \"portcullis:plugin/types@{version}\" (instance $types {inside}))\n{aliases}")
}

/// Answers are written at 1024, `init`'s at 512; texts of any length start at 4096; arguments from 65536 on.
fn core(guest: &Guest) -> String {
    let pages = if guest.pages == 0 { 8 } else { guest.pages };
    let init = guest.init;
    format!(
        r#"(core module $m
            (memory (export "memory") {pages})
            (global $next (mut i32) (i32.const 65536))
            (global $count (mut i32) (i32.const 0))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                (global.set $next (i32.add (local.get $at) (local.get 3)))
                (local.get $at))
            (func (export "init") (param i32 i32) (result i32)
                {init}
                (global.set $next (i32.const 65536))
                (i32.const 512))

            ;; Writes ok(allow(grant with a principal of so many bytes)).
            (func $allow (param $length i32)
                (i32.store8 (i32.const 1024) (i32.const 0))
                (i32.store8 (i32.const 1028) (i32.const 0))
                (i32.store (i32.const 1032) (i32.const 4096))
                (i32.store (i32.const 1036) (local.get $length)))
            (func $grow (loop $more
                (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))
                (br $more)))
            (func $work (param $left i32) (loop $more
                (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                (br_if $more (local.get $left))))
            (func $behave (param $what i32)
                (if (i32.eq (local.get $what) (i32.const 0x6c)) (then (loop br 0)))
                (if (i32.eq (local.get $what) (i32.const 0x77)) (then (call $work (i32.const 20000000))))
                (if (i32.eq (local.get $what) (i32.const 0x74)) (then unreachable))
                (if (i32.eq (local.get $what) (i32.const 0x6d)) (then (call $grow)))
                (if (i32.eq (local.get $what) (i32.const 0x67)) (then (drop (memory.grow (i32.const 160)))))
                (global.set $next (i32.const 65536)))

            (func (export "authorize") (param $arguments i32) (result i32)
                (local $what i32)
                (local.set $what (i32.load8_u (i32.load (local.get $arguments))))
                (call $behave (local.get $what))
                (if (i32.eq (local.get $what) (i32.const 0x62)) (then
                    (call $allow (i32.const 2000)) (return (i32.const 1024))))
                (if (i32.eq (local.get $what) (i32.const 0x42)) (then
                    (call $allow (i32.const 200000)) (return (i32.const 1024))))
                (if (i32.eq (local.get $what) (i32.const 0x75)) (then
                    (i32.store8 (i32.const 1024) (i32.const 0))
                    (i32.store8 (i32.const 1028) (i32.const 2))
                    (return (i32.const 1024))))
                (if (i32.eq (local.get $what) (i32.const 0x66)) (then
                    (i32.store8 (i32.const 1024) (i32.const 1))
                    (i32.store8 (i32.const 1028) (i32.const 1))
                    (i32.store (i32.const 1032) (i32.const 4096))
                    (i32.store (i32.const 1036) (i32.const 3))
                    (return (i32.const 1024))))
                (global.set $count (i32.add (global.get $count) (i32.const 1)))
                (call $allow (global.get $count))
                (i32.const 1024))

            ;; Answers status 200 with a body that counts.
            (func (export "handle") (param $arguments i32) (result i32)
                (call $behave (i32.load8_u (i32.load (local.get $arguments))))
                (global.set $count (i32.add (global.get $count) (i32.const 1)))
                (i32.store8 (i32.const 1024) (i32.const 0))
                (i32.store16 (i32.const 1028) (i32.const 200))
                (i32.store (i32.const 1040) (i32.const 4096))
                (i32.store (i32.const 1044) (global.get $count))
                (i32.const 1024))
            ;; Answers `next`.
            (func (export "on-request") (param $arguments i32) (result i32)
                (call $behave (i32.load8_u (i32.load (local.get $arguments))))
                (i64.store (i32.const 1024) (i64.const 0))
                (i32.const 1024))
            ;; Answers with no edit.
            (func (export "on-response") (param i32 i32 i32 i32 i32) (result i32)
                (call $behave (i32.load8_u (local.get 0)))
                (i64.store (i32.const 1024) (i64.const 0))
                (i32.const 1024))
        )"#
    )
}

pub(crate) const LOG: &str = r#"(import "portcullis:plugin/log@0.1.0" (instance
    (type $level' (enum "debug" "info" "warn" "error"))
    (export "level" (type $level (eq $level')))
    (export "log" (func (param "level" $level) (param "message" string)))))"#;

pub(crate) const COUNTER: &str = r#"(import "portcullis:plugin/counter@0.1.0" (instance
    (type $error' (enum "key-too-long" "bad-time-to-live"))
    (export "error" (type $error (eq $error')))
    (export "increment" (func (param "key" string) (param "by" u32) (param "ttl-seconds" u32)
        (result (result u64 (error $error)))))))"#;

pub(crate) fn spec(component: Vec<u8>) -> PluginSpec {
    PluginSpec {
        name: "guest".to_owned(),
        component: component.into(),
        config_json: "{}".to_owned(),
        grants: Grants {
            log: false,
            counter: false,
            http: Vec::new(),
            environment: BTreeMap::new(),
        },
        // Far beyond what any test takes: a test that wants a limit sets it.
        limits: Limits {
            cpu: Duration::from_secs(600),
            wall: Duration::from_secs(600),
            ..Limits::default()
        },
        isolation: Some(Isolation::Reused),
    }
}

pub(crate) fn authorizer_spec() -> PluginSpec {
    spec(component(World::Authorizer, &Guest::default()))
}

/// Few slots, so that many hosts fit into one address space.
pub(crate) fn host() -> Host {
    host_with(20)
}

pub(crate) fn host_with(slots: u32) -> Host {
    Host::new(HostSettings {
        instance_slots: slots,
        ..HostSettings::default()
    })
    .unwrap()
}

pub(crate) async fn load_error(spec: PluginSpec) -> LoadError {
    host().load(spec).await.unwrap_err()
}

pub(crate) async fn authorizer(host: &Host, spec: PluginSpec) -> std::sync::Arc<Authorizer> {
    match host.load(spec).await.unwrap() {
        Plugin::Authorizer(authorizer) => authorizer,
        other => panic!("not an authorizer: {other:?}"),
    }
}

pub(crate) fn request(id: &str) -> Request<'_> {
    Request {
        id,
        method: "GET",
        path: "/pets",
        query: &[],
        headers: &[],
        path_parameters: &[],
        stage_variables: &[],
        context: &[],
        body: None,
    }
}
