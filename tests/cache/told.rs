//! What is told of the cache: warnings, logs, `$context`, metrics.

use portcullis::reconcile::Outcome;

use crate::support::{ALL, ITEM, get, plain, started, toml};

async fn warnings(text: &str) -> Vec<String> {
    let (mut gateway, _) = started("{listener}\n[control]\naddress = \"127.0.0.1:0\"\n").await;
    let outcome: Outcome = gateway.rewrite(text).await;
    let told = outcome
        .problems
        .iter()
        .filter(|problem| problem.code.starts_with("cache"));
    told.map(|problem| format!("{}: {}", problem.code, problem.message))
        .collect()
}

#[tokio::test]
async fn what_is_doubtful_is_told_when_it_is_deployed() {
    let origin = plain().await;
    let iam = |key: &str| {
        let more = format!("authorization = \"AWS_IAM\"\ncache.key_parameters = [{key}]");
        ITEM.replace("cache.key_parameters = [\"method.request.querystring.q\"]", &more)
    };
    let of_path = |key: &str| {
        ITEM.replace("\"/item\"", "\"/item/{id}\"")
            .replace("querystring.q", key)
    };
    for (name, routes, expected) in [
        ("nothing doubtful", ITEM.to_owned(), 0),
        ("callers are not told apart", iam(""), 1),
        ("by another header", iam("\"method.request.header.X-A\""), 1),
        (
            "by their signature",
            iam("\"method.request.header.Authorization\""),
            0,
        ),
        ("paths are not told apart", of_path("querystring.q"), 1),
        ("paths are", of_path("path.id"), 0),
    ] {
        let told = warnings(&toml(&origin, ALL, &routes)).await;
        assert_eq!(told.len(), expected, "{name}: {told:?}");
        assert!(
            told.iter()
                .all(|line| line.starts_with("cache-shared: ANY /item")),
            "{told:?}"
        );
        assert!(
            warnings(&toml(&origin, "", &routes)).await.is_empty(),
            "{name}, not cached"
        );
    }
}

#[tokio::test]
async fn a_cache_that_is_larger_than_what_there_is_is_told() {
    let origin = plain().await;
    let text = toml(&origin, ALL, ITEM);
    assert!(warnings(&text).await.is_empty());
    let told = warnings(&format!("{text}\n[cache]\nmemory_mib = 63\n")).await;
    let expected = "cache-capacity: the stage dev has a cache of 64 MiB, and this gateway has 63 MiB for all caches: it gets no more";
    assert_eq!(told, [expected]);
    let disk = "\n[cache]\nmemory_mib = 63\ndirectory = \"kept\"\ndisk_mib = 1\n";
    assert!(warnings(&format!("{text}{disk}")).await.is_empty());
}

#[tokio::test]
async fn a_changed_directory_takes_effect_at_a_restart() {
    let origin = plain().await;
    let text = toml(&origin, ALL, ITEM);
    let with = |directory: &str| format!("{text}\n[cache]\ndirectory = \"{directory}\"\n");
    let (mut gateway, _) = started(&with("one")).await;
    let first = get(&gateway, "/dev/item").await;
    for (directory, told) in [("one", false), ("two", true), ("one", false)] {
        let outcome = gateway.rewrite(&with(directory)).await;
        let restart = outcome
            .problems
            .iter()
            .any(|problem| problem.code == "needs-restart");
        assert_eq!(restart, told, "{directory}: {:?}", outcome.problems);
        assert_eq!(get(&gateway, "/dev/item").await, first, "{directory}");
    }
}

#[tokio::test]
async fn bad_input_is_refused_with_its_place() {
    let origin = plain().await;
    for (name, text, expected) in [
        (
            "a time that is too long",
            toml(&origin, "methods.\"*/*\" = { cache_ttl_seconds = 3601 }", ITEM),
            "3601",
        ),
        (
            "no size",
            toml(&origin, ALL, ITEM).replace("= 64 }", "= 0 }"),
            "at least 1",
        ),
        (
            "more than 237 GB",
            toml(&origin, ALL, ITEM).replace("= 64 }", "= 242689 }"),
            "242689",
        ),
        (
            "no such key",
            toml(
                &origin,
                ALL,
                &ITEM.replace("method.request.querystring.q", "integration.request.header.X"),
            ),
            "`integration.request.header.X` is no cache key",
        ),
        (
            "no such place",
            toml(&origin, ALL, &ITEM.replace("querystring.q", "cookie.q")),
            "`method.request.cookie.q` cannot be mapped",
        ),
    ] {
        let (mut gateway, _) = started("{listener}\n").await;
        let outcome = gateway.rewrite(&text).await;
        let told: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
        assert!(
            outcome.has_errors() && told.concat().contains(expected),
            "{name}: {told:?}"
        );
    }
}

#[tokio::test]
async fn logs_and_metrics_tell_what_the_cache_said() {
    let origin = plain().await;
    let format = "$context.requestId $context.cache.status $context.cache.age $context.integration.status";
    let stage = format!(
        "access_log = {{ destination = \"access.log\", format = \"{format}\" }}\nmethods.\"*/*\" = {{ caching = true, metrics = true }}"
    );
    let (gateway, clock) = started(&toml(&origin, &stage, ITEM)).await;
    get(&gateway, "/dev/item").await;
    clock.advance(std::time::Duration::from_secs(7));
    get(&gateway, "/dev/item").await;
    for (result, count) in [("hit", 1.0), ("miss", 1.0)] {
        let name =
            format!("portcullis_cache_requests_total{{api=\"shop\",stage=\"dev\",result=\"{result}\"}}");
        assert_eq!(gateway.metric(&name).await, count, "{result}");
    }
    let of_method = "apigateway_CacheHitCount";
    assert!(gateway.metrics().await.sum(&format!("{of_method}_total"), &[]) >= 1.0);
    let file = gateway.files.path("access.log");
    let log = loop {
        let log = std::fs::read_to_string(&file).unwrap_or_default();
        if log.lines().count() == 2 {
            break log;
        }
        tokio::task::yield_now().await;
    };
    let told: Vec<&str> = log
        .lines()
        .filter_map(|line| Some(line.split_once(' ')?.1))
        .collect();
    assert_eq!(told, ["MISS - 200", "HIT 7 -"]);
}
