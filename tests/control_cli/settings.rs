//! Settings of a stage, and its cache.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_stages_cache_is_set_and_flushed() {
    let plane = Plane::start().await;
    plane.cli(&["deploy", "shop", "--stage", "dev"]).await;
    let settings = [
        "cache-cluster=true",
        "cache-size=1.6",
        "cache=true",
        "cache-encrypted=true",
    ];
    let arguments = [&["stage", "set", "shop", "dev", "--json"][..], &settings].concat();
    let set = plane.cli(&arguments).await;
    assert_eq!((set.status, set.stderr.as_str()), (0, ""));
    let shown: Value = serde_json::from_str(&set.stdout).expect("JSON");
    assert_eq!(shown["cacheClusterSize"], "1.6");
    assert_eq!(shown["methodSettings"]["*/*"]["cacheDataEncrypted"], true);
    let flushed = plane.cli(&["stage", "flush", "shop", "dev"]).await;
    assert_eq!(flushed, says("the stage dev has forgotten its responses\n"));
    let flushed = plane
        .cli(&["stage", "flush", "shop", "dev", "--authorizers"])
        .await;
    assert_eq!(
        flushed,
        says("the stage dev has forgotten its decisions of authorizers\n")
    );
    assert_eq!(plane.cli(&["stage", "flush", "shop", "nope"]).await.status, 1);
    plane.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_stage_are_set_by_names_for_people() {
    let plane = Plane::start().await;
    plane
        .cli(&["deploy", "shop", "--stage", "dev", "--variable", "a=1"])
        .await;
    let (deployment, _) = plane.deployments("dev").await;
    let arguments = [
        "stage",
        "set",
        "shop",
        "dev",
        "variables.b=x=y",
        "metrics=true",
        "/GET.logging=ERROR",
        "description=for tests",
        "--remove",
        "variables.a",
    ];
    let set = plane.cli(&arguments).await;
    let lines: Vec<String> = set
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!((set.status, set.stderr.as_str()), (0, ""));
    for line in [
        "stageName dev",
        &format!("deploymentId {deployment}"),
        "variables.b x=y",
        "methodSettings.*/*.metricsEnabled true",
        "methodSettings.~1/GET.loggingLevel ERROR",
        "description for tests",
        "createdDate 0000-00-00T00:00:00Z",
    ] {
        assert!(
            lines.iter().any(|found| found == line),
            "no `{line}` in {lines:#?}"
        );
    }
    assert!(!set.stdout.contains("variables.a"), "{}", set.stdout);
    assert_eq!(
        plane.cli(&["stage", "show", "shop", "dev"]).await.stdout,
        set.stdout
    );
    let refused = plane
        .cli(&["stage", "set", "shop", "dev", "variables.c=1", "logging=LOUD"])
        .await;
    assert_eq!((refused.status, refused.stdout.as_str()), (1, ""));
    assert!(
        refused.stderr.contains("400 BadRequestException"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        plane.cli(&["stage", "show", "shop", "dev"]).await.stdout,
        set.stdout,
        "a refused patch changes nothing"
    );
    assert_eq!(
        plane.cli(&["stage", "set", "shop", "dev", "loging=INFO"]).await,
        fails(
            2,
            "error: there is no setting `loging`\n  hint: the settings are variables.NAME, description, deployment, \
             access-log.destination, access-log.format, client-certificate, documentation-version, tracing, \
             cache-cluster, cache-size, logging, data-trace, metrics, rate-limit, burst-limit, cache, cache-ttl, \
             cache-encrypted\n"
        )
    );
    assert_eq!(
        plane.cli(&["stage", "delete", "shop", "dev"]).await,
        says("deleted the stage dev\n")
    );
    let gone = fails(
        1,
        format!(
            "error: GET /restapis/{}/stages/dev: 404 NotFoundException: Invalid stage identifier specified\n",
            plane.api
        ),
    );
    assert_eq!(plane.cli(&["stage", "show", "shop", "dev"]).await, gone);
    let history = plane.cli(&["history", "--limit", "2"]).await;
    let lines: Vec<&str> = history.stdout.lines().collect();
    let (heading, newest) = (lines[0], lines[1]);
    assert_eq!(
        heading.split_whitespace().collect::<Vec<_>>(),
        ["REVISION", "AT", "WHO", "WHAT", "CHANGED"]
    );
    let expected = format!(
        "0000-00-00T00:00:00Z  anonymous  DeleteStage  -stage {}/dev",
        plane.api
    );
    assert!(newest.ends_with(&expected), "{newest}");
    assert_eq!(lines.len(), 3);
    plane.gateway.stop().await;
}
