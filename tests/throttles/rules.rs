//! What is no limit.

use portcullis_testkit::Running;

const API: &str = "{listener api}\n[apis.api.stages.dev]\n[[apis.api.routes]]\npath = \"/a\"\nintegration = { type = \"mock\" }\n";

#[tokio::test]
async fn what_is_no_limit_is_told_with_its_place() {
    let mut gateway = Running::of(API).await;
    for (text, at, told) in [
        ("[throttle]\nrate = -1", "/throttle/rate", "-1"),
        ("[throttle]\nrate = nan", "/throttle/rate", "not finite"),
        ("[throttle]\nrate = inf", "/throttle/rate", "not finite"),
        ("[throttle]\nburst = -1", "/throttle/burst", "-1"),
        ("[throttle]\nburst = 2147483648", "/throttle/burst", "2147483648"),
        ("[throttle]\nlimit = 1", "/throttle/limit", "burst, rate"),
        (
            "[usage_plans.p]\nthrottle = { rate = -0.5 }",
            "/usage_plans/p/throttle/rate",
            "-0.5",
        ),
        (
            "[usage_plans.p]\nquota = { limit = 5 }",
            "/usage_plans/p/quota",
            "period",
        ),
        (
            "[usage_plans.p]\nquota = { limit = 0, period = \"day\" }",
            "/usage_plans/p/quota/limit",
            "0",
        ),
        (
            "[usage_plans.p]\nquota = { limit = 5, period = \"year\" }",
            "/usage_plans/p/quota/period",
            "year",
        ),
        (
            "[usage_plans.p]\nquota = { limit = 5, period = \"day\", offset = 1 }",
            "/usage_plans/p/quota/offset",
            "0",
        ),
        (
            "[usage_plans.p]\nquota = { limit = 5, period = \"week\", offset = 7 }",
            "/usage_plans/p/quota/offset",
            "6",
        ),
        (
            "[usage_plans.p]\nstages = [\"api/dev\"]\nmethods.'api/deev'.'/a/GET' = {}",
            "/usage_plans/p/methods/api~1deev",
            "did you mean \"api/dev\"",
        ),
        (
            "[usage_plans.p]\nstages = [\"api/dev\"]\nmethods.'api/dev'.'a' = {}",
            "/usage_plans/p/methods/api~1dev/a",
            "names no method",
        ),
        (
            "[usage_plans.p]\nstages = [\"api/dev\"]\nmethods.'api/dev'.'/a/GET'.rate = -1",
            "/usage_plans/p/methods/api~1dev/~1a~1GET/rate",
            "-1",
        ),
    ] {
        let outcome = gateway.rewrite(&format!("{API}{text}\n")).await;
        let found: Vec<String> = outcome
            .problems
            .iter()
            .map(|problem| format!("{} {problem}", problem.pointer))
            .collect();
        let hit = found
            .iter()
            .any(|problem| problem.starts_with(&format!("{at} ")) && problem.contains(told));
        assert!(outcome.has_errors() && hit, "{text}: {found:#?}");
    }
    let stage = API.replace("stages.dev]", "stages.dev]\nmethods.'*/*'.throttle.rate = -3");
    assert!(gateway.rewrite(&stage).await.has_errors());
    let outcome = gateway
        .rewrite(&format!(
            "{API}[usage_plans.p]\nquota = {{ limit = 1, period = \"day\" }}\n"
        ))
        .await;
    assert!(!outcome.has_errors());
    let warned = outcome
        .problems
        .iter()
        .any(|problem| problem.code == "quota-not-kept");
    assert!(warned, "{:?}", outcome.problems);
    gateway.stop().await;
}
