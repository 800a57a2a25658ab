//! Usage plans of `gateway.toml`.

use std::time::Duration;

use portcullis_testkit::Files;
use portcullis_tests::gateways::assert_refused;

use super::{EXCEEDED, TOO_MANY, pass, started};

const ONE: &[(&str, &str)] = &[("x-api-key", "one-0123456789-0123456789")];
const TWO: &[(&str, &str)] = &[("x-api-key", "two-0123456789-0123456789")];

fn planned(head: &str, plan: &str) -> String {
    format!(
        r#"
{head}
{{listener api}}
[control]
address = "127.0.0.1:0"
[apis.api.stages.dev]
[apis.api.stages.prod]
[[apis.api.routes]]
path = "/a"
method = "GET"
api_key_required = true
integration = {{ type = "mock" }}
[[apis.api.routes]]
path = "/b"
api_key_required = true
integration = {{ type = "mock" }}
[[apis.api.routes]]
path = "/open"
integration = {{ type = "mock" }}
[api_keys.one]
value = "one-0123456789-0123456789"
[api_keys.two]
value = "two-0123456789-0123456789"
[usage_plans.paid]
stages = ["api/dev", "api/prod"]
keys = ["one", "two"]
{plan}
"#
    )
}

#[tokio::test]
async fn each_key_has_the_plans_bucket_for_all_stages() {
    let toml = planned("", "throttle = { rate = 1, burst = 3 }");
    let (gateway, clock) = started(&toml, Files::default()).await;
    assert_eq!(pass(&gateway, "/dev/a", ONE, 2).await, 2);
    assert_eq!(pass(&gateway, "/prod/b", ONE, 9).await, 1);
    assert_refused(&gateway.get("/dev/b", ONE).await, TOO_MANY, "the plan");
    assert_eq!(pass(&gateway, "/dev/a", TWO, 9).await, 3);
    assert_eq!(
        pass(&gateway, "/dev/open", ONE, 9).await,
        9,
        "no key is asked for"
    );
    clock.advance(Duration::from_secs(1));
    assert_eq!(pass(&gateway, "/dev/a", ONE, 9).await, 1);
    gateway.stop().await;
}

#[tokio::test]
async fn a_method_of_a_plan_has_a_limit_of_its_own() {
    let plan = "throttle = { rate = 1, burst = 5 }\n[usage_plans.paid.methods.'api/dev']\n'/a/GET' = { rate = 1, burst = 2 }";
    let (gateway, _clock) = started(&planned("", plan), Files::default()).await;
    assert_eq!(pass(&gateway, "/dev/a", ONE, 9).await, 2);
    assert_eq!(
        pass(&gateway, "/prod/a", ONE, 9).await,
        3,
        "what is left of the plan's, in another stage"
    );
    assert_eq!(pass(&gateway, "/dev/a", TWO, 9).await, 2);
    assert_eq!(pass(&gateway, "/dev/b", TWO, 9).await, 3);
    let metrics = gateway.metrics().await;
    let refused = |scope| metrics.sum("portcullis_throttled_total", &[("scope", scope)]);
    assert_eq!((refused("plan_method"), refused("plan")), (14.0, 12.0));
    gateway.stop().await;
}

#[tokio::test]
async fn a_quota_lasts_for_its_period() {
    for (quota, days) in [
        ("{ limit = 4, period = \"day\" }", 1),
        // 2026-01-01 is a Thursday; the week begins with the Sunday after it.
        ("{ limit = 4, period = \"week\" }", 3),
        ("{ limit = 4, period = \"week\", offset = 5 }", 1),
        ("{ limit = 4, period = \"month\" }", 31),
        ("{ limit = 4, period = \"month\", offset = 2 }", 2),
    ] {
        let (gateway, clock) = started(&planned("", &format!("quota = {quota}")), Files::default()).await;
        assert_eq!(pass(&gateway, "/dev/a", ONE, 3).await, 3);
        assert_eq!(pass(&gateway, "/prod/b", ONE, 9).await, 1);
        assert_refused(&gateway.get("/dev/b", ONE).await, EXCEEDED, quota);
        assert_eq!(pass(&gateway, "/dev/a", TWO, 1).await, 1);
        clock.advance(Duration::from_secs(days * 86_400 - 1));
        assert_eq!(pass(&gateway, "/dev/a", ONE, 1).await, 0, "{quota}");
        clock.advance(Duration::from_secs(1));
        assert_eq!(pass(&gateway, "/dev/a", ONE, 9).await, 4, "{quota}");
        gateway.stop().await;
    }
}

/// From all of them or from none.
#[tokio::test]
async fn what_another_limit_refuses_is_not_used() {
    let plan = "throttle = { rate = 1, burst = 10 }\nquota = { limit = 10, period = \"day\" }";
    let toml = |account: &str| planned(&format!("throttle = {account}"), plan);
    let (mut gateway, _clock) = started(&toml("{ rate = 1, burst = 2 }"), Files::default()).await;
    assert_eq!(pass(&gateway, "/dev/a", ONE, 50).await, 2);
    // Two more pass the early look at once, of which one finds nothing to take: the next test has that.
    gateway.rewrite(&toml("{}")).await;
    assert_eq!(
        pass(&gateway, "/dev/a", ONE, 50).await,
        8,
        "the plan's other eight"
    );
    gateway.stop().await;
}

/// The quota and the buckets of a plan of two methods, one of which is held to less by its stage: many at once pass the early
/// look, and those that then find nothing have used nothing of their plan.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_use_only_what_passes() {
    let toml = planned("", "quota = { limit = 1000, period = \"day\" }").replace(
        "[apis.api.stages.dev]",
        "[apis.api.stages.dev]\nmethods.'/a/GET'.throttle = { rate = 1, burst = 50 }",
    );
    let (gateway, _clock) = started(&toml, Files::default()).await;
    let url = gateway.url("/dev/a");
    let clients: Vec<_> = (0..16)
        .map(|_| {
            let (client, url) = (portcullis_testkit::Client::default(), url.clone());
            tokio::spawn(async move {
                let mut passed = 0;
                for _ in 0..10 {
                    let answer = client.send("GET", &url, ONE, b"").await.expect("an answer");
                    passed += usize::from(answer.status == 200);
                }
                passed
            })
        })
        .collect();
    let mut passed = 0;
    for client in clients {
        passed += client.await.expect("a client");
    }
    assert_eq!(passed, 50);
    assert_eq!(pass(&gateway, "/dev/b", ONE, 1_000).await, 950);
    gateway.stop().await;
}

#[tokio::test]
async fn the_refusal_of_a_quota_is_a_gateway_response() {
    let toml = format!(
        "{}\n[apis.api.gateway_responses.QUOTA_EXCEEDED]\nstatus = 402\n",
        planned("", "quota = { limit = 1, period = \"day\" }")
    );
    let (gateway, _clock) = started(&toml, Files::default()).await;
    assert_eq!(gateway.get("/dev/a", ONE).await.status, 200);
    assert_eq!(gateway.get("/dev/a", ONE).await.status, 402);
    gateway.stop().await;
}
