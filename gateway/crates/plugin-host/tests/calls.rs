//! What a call gives, and what happens to the instance and to the other calls when it goes wrong.

// The tests are the ones who wait for their tasks.
#![allow(clippy::disallowed_methods)]

mod support;

use std::{sync::Arc, time::Duration};

use portcullis_plugin_host::{Authorizer, CallError, Decision, FaultKind, Host, HostSettings, Isolation};
use support::{Guest, authorizer, authorizer_spec, component, host, host_with, request, spec};
use tokio::task::{JoinHandle, yield_now};

/// The count that the guest gives back as the length of its principal.
async fn count(plugin: &Authorizer, what: &str) -> Result<usize, CallError> {
    match plugin.authorize(what, None, &request("id")).await? {
        Decision::Allow(grant) => Ok(grant.principal_id.len()),
        other => panic!("{other:?}"),
    }
}

fn start(plugin: &Arc<Authorizer>, what: &'static str) -> JoinHandle<Result<usize, CallError>> {
    let plugin = plugin.clone();
    tokio::spawn(async move { count(&plugin, what).await })
}

/// Starts a call that never ends, and waits until its guest runs.
async fn start_loop(plugin: &Arc<Authorizer>) -> JoinHandle<Result<usize, CallError>> {
    // On a busy machine a quick call may have seen a tick too.
    let before = plugin.stats().cpu_ticks();
    let task = start(plugin, "l");
    until(|| plugin.stats().cpu_ticks() > before).await;
    task
}

async fn until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        yield_now().await;
    }
}

#[tokio::test]
async fn reused_instances_keep_their_state_and_fresh_ones_have_none() {
    let host = host();
    let reused = authorizer(&host, authorizer_spec()).await;
    for expected in 1..=3 {
        assert_eq!(count(&reused, "arn").await.unwrap(), expected);
    }
    assert_eq!(reused.stats().instances_created(), 1);

    let mut spec = authorizer_spec();
    spec.isolation = Some(Isolation::Fresh);
    let fresh = authorizer(&host, spec).await;
    for _ in 0..3 {
        assert_eq!(count(&fresh, "arn").await.unwrap(), 1);
    }
    assert_eq!(fresh.stats().instances_live(), 0);
}

#[tokio::test]
async fn passes_decisions_and_faults() {
    let plugin = authorizer(&host(), authorizer_spec()).await;
    assert_eq!(
        plugin
            .authorize("u", Some("token"), &request("id"))
            .await
            .unwrap(),
        Decision::Unauthorized
    );
    match plugin.authorize("f", None, &request("id")).await.unwrap_err() {
        CallError::Fault {
            kind: FaultKind::Dependency,
            text,
            ..
        } => assert_eq!(text.len(), 3),
        other => panic!("{other}"),
    }
    // A fault is an answer like any other: the instance stays.
    assert_eq!(plugin.stats().instances_discarded(), 0);
    assert_eq!(plugin.stats().calls_with("fault"), 1);
}

#[tokio::test]
async fn a_trap_costs_its_instance_and_nothing_else() {
    let plugin = authorizer(&host(), authorizer_spec()).await;
    assert_eq!(count(&plugin, "arn").await.unwrap(), 1);
    let error = count(&plugin, "t").await.unwrap_err();
    assert_eq!((error.outcome(), error.plugin()), ("trap", "guest"));
    assert!(error.to_string().contains("unreachable"), "{error}");
    assert_eq!(plugin.stats().instances_discarded(), 1);
    assert_eq!(count(&plugin, "arn").await.unwrap(), 1);
}

#[tokio::test]
async fn a_guest_that_allocates_without_end_fails_at_its_memory_limit() {
    let plugin = authorizer(&host(), authorizer_spec()).await;
    let error = count(&plugin, "m").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "plugin guest failed at its memory limit of 67108864 bytes"
    );
    assert_eq!(count(&plugin, "arn").await.unwrap(), 1);
    // The refusal is forgotten with its call.
    assert_eq!(count(&plugin, "t").await.unwrap_err().outcome(), "trap");
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_an_error_however_large() {
    let mut spec = authorizer_spec();
    spec.limits.output_bytes = 1000;
    let plugin = authorizer(&host(), spec).await;
    for what in ["b", "B"] {
        let error = count(&plugin, what).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "plugin guest exceeded its output limit of 1000 bytes",
            "{what}"
        );
    }
    assert_eq!(count(&plugin, "arn").await.unwrap(), 1);
}

#[tokio::test]
async fn an_instance_is_replaced_after_its_calls_and_when_it_grew() {
    let mut spec = authorizer_spec();
    spec.limits.calls_per_instance = 2;
    let plugin = authorizer(&host(), spec).await;
    for expected in [1, 2, 1, 2, 1] {
        assert_eq!(count(&plugin, "arn").await.unwrap(), expected);
    }

    let plugin = authorizer(&host(), authorizer_spec()).await;
    assert_eq!(count(&plugin, "arn").await.unwrap(), 1);
    assert_eq!(count(&plugin, "g").await.unwrap(), 2);
    assert_eq!(count(&plugin, "arn").await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looping_guests_end_at_their_cpu_limit_and_others_are_answered_meanwhile() {
    let host = host_with(40);
    let mut spec = authorizer_spec();
    spec.limits.cpu = Duration::from_millis(20);
    let looping = authorizer(&host, spec).await;
    let quick = authorizer(&host, authorizer_spec()).await;
    let loops: Vec<_> = (0..16).map(|_| start(&looping, "l")).collect();
    let mut answered = 0;
    while !loops.iter().all(JoinHandle::is_finished) {
        count(&quick, "arn").await.unwrap();
        answered += 1;
        yield_now().await;
    }
    assert!(answered > 100, "{answered}");
    for task in loops {
        let error = task.await.unwrap().unwrap_err();
        assert_eq!(error.to_string(), "plugin guest used up its CPU limit of 20ms");
    }
    assert_eq!(looping.stats().calls_with("cpu"), 16);
    assert!(
        looping.stats().cpu_ticks() >= 16 * 20,
        "{}",
        looping.stats().cpu_ticks()
    );
    assert_eq!(looping.stats().instances_live(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_that_works_for_long_is_answered_beside_looping_ones() {
    let settings = HostSettings {
        instance_slots: 20,
        heavy_guests: 1,
        ..HostSettings::default()
    };
    let host = Host::new(settings).unwrap();
    let looping = authorizer(&host, authorizer_spec()).await;
    let working = authorizer(&host, authorizer_spec()).await;
    let loops: Vec<_> = (0..8).map(|_| start(&looping, "l")).collect();
    until(|| looping.stats().cpu_ticks() > 8).await;
    // It takes many ticks, and stands in line for each with one of the loops, not with all of them.
    assert_eq!(count(&working, "w").await.unwrap(), 1);
    for task in &loops {
        task.abort();
    }
    for task in loops {
        assert!(task.await.unwrap_err().is_cancelled());
    }
    assert_eq!(looping.stats().instances_live(), 0);
    assert_eq!(count(&looping, "arn").await.unwrap(), 1);
}

#[tokio::test]
async fn the_wall_limit_covers_waiting_for_a_turn() {
    let mut spec = authorizer_spec();
    spec.limits.concurrency = 1;
    spec.limits.wall = Duration::from_secs(1);
    spec.limits.cpu = Duration::from_secs(60);
    let plugin = authorizer(&host(), spec).await;
    let (one, other) = (start(&plugin, "l"), start(&plugin, "l"));
    for task in [one, other] {
        let error = task.await.unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            "plugin guest did not answer within its wall-clock limit of 1s"
        );
    }
    assert_eq!(plugin.stats().waiting(), 0);
    assert_eq!(count(&plugin, "arn").await.unwrap(), 1);
}

#[tokio::test]
async fn a_cancelled_call_discards_its_instance() {
    let plugin = authorizer(&host(), authorizer_spec()).await;
    assert_eq!(count(&plugin, "arn").await.unwrap(), 1);
    let task = start_loop(&plugin).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(plugin.stats().instances_discarded(), 1);
    assert_eq!(count(&plugin, "arn").await.unwrap(), 1);
}

#[tokio::test]
async fn beyond_concurrency_calls_wait_and_beyond_the_queue_they_are_refused() {
    let mut spec = authorizer_spec();
    spec.limits.concurrency = 1;
    spec.limits.queue = 1;
    let plugin = authorizer(&host(), spec).await;
    let running = start_loop(&plugin).await;
    let waiting = start(&plugin, "arn");
    until(|| plugin.stats().waiting() == 1).await;
    let error = count(&plugin, "arn").await.unwrap_err();
    assert_eq!(error.to_string(), "plugin guest is busy: 1 calls wait already");
    running.abort();
    assert_eq!(waiting.await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn idle_instances_give_way_to_other_plugins() {
    let host = host_with(2);
    let one = authorizer(&host, authorizer_spec()).await;
    let mut spec = authorizer_spec();
    spec.config_json = "1".to_owned();
    let two = authorizer(&host, spec.clone()).await;
    assert_eq!(count(&one, "arn").await.unwrap(), 1);
    assert_eq!(count(&two, "arn").await.unwrap(), 1);
    assert_eq!(count(&one, "arn").await.unwrap(), 2);
    spec.config_json = "2".to_owned();
    let three = authorizer(&host, spec).await;
    // The second was called longest ago.
    assert_eq!(
        (one.stats().instances_live(), two.stats().instances_live()),
        (1, 0)
    );
    assert_eq!(count(&three, "arn").await.unwrap(), 1);
    assert_eq!(count(&two, "arn").await.unwrap(), 1);
    assert_eq!(one.stats().instances_live(), 0);
}

#[tokio::test]
async fn callers_wait_for_slots_that_are_in_use() {
    let host = host_with(1);
    let one = authorizer(&host, authorizer_spec()).await;
    let running = start_loop(&one).await;
    let loading = {
        let (host, mut spec) = (host.clone(), authorizer_spec());
        spec.config_json = "1".to_owned();
        tokio::spawn(async move { authorizer(&host, spec).await })
    };
    yield_now().await;
    running.abort();
    let two = loading.await.unwrap();
    assert_eq!(count(&two, "arn").await.unwrap(), 1);
}

#[tokio::test]
async fn ten_plugins_share_few_slots_under_load() {
    let host = host_with(3);
    let mut plugins = Vec::new();
    for number in 0..10 {
        let mut spec = authorizer_spec();
        spec.config_json = number.to_string();
        plugins.push(authorizer(&host, spec).await);
    }
    let tasks: Vec<_> = plugins
        .iter()
        .cycle()
        .take(200)
        .map(|plugin| start(plugin, "arn"))
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let live: u64 = plugins.iter().map(|plugin| plugin.stats().instances_live()).sum();
    assert!(live <= 3, "{live}");
}

#[tokio::test]
async fn a_component_of_several_memories_takes_several_slots() {
    let guest = Guest {
        further_memories: 2,
        ..Guest::default()
    };
    let host = host_with(3);
    let plugin = authorizer(
        &host,
        spec(component(portcullis_plugin_host::World::Authorizer, &guest)),
    )
    .await;
    assert_eq!(count(&plugin, "arn").await.unwrap(), 1);
    let other = authorizer(&host, authorizer_spec()).await;
    assert_eq!(plugin.stats().instances_live(), 0);
    assert_eq!(count(&other, "arn").await.unwrap(), 1);
}
