//! Request filters as a web ACL: the plugin `waf`, what it blocks, and what is told of it.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod acl;
mod rules;
mod told;

use portcullis_testkit::{Files, Origin, Running};

/// A web ACL of the plugin `waf` with these rules, before an API whose every path leads to a backend.
fn guarded(origin: &Origin, rules: &str) -> String {
    format!(
        r#"
        {{listener api}}
        [plugins.waf]
        builtin = "waf"
        grants = {{ log = true, counter = true }}
        [[plugins.waf.config.groups]]
        name = "g"
        rules = [{rules}]
        [web_acls.main]
        filters = ["waf"]
        [apis.api.stages.dev]
        web_acl = "main"
        access_log = {{ destination = "access.log", format = "$context.requestId $context.wafResponseCode $context.waf.status $context.webaclArn $context.waf.error" }}
        [apis.api.stages.open]
        [[apis.api.routes]]
        path = "/{{proxy+}}"
        integration = {{ type = "http_proxy", uri = "http://{}/{{proxy}}" }}
        "#,
        origin.authority()
    )
}

async fn started(rules: &str) -> (Running, Origin) {
    let origin = Origin::echo().await;
    let gateway = Running::of(&guarded(&origin, rules)).await;
    (gateway, origin)
}

/// Ends a gateway, which writes its logs, and gives the lines of its access log without the ids that they begin with.
async fn logged(mut gateway: Running) -> Vec<String> {
    let files: Files = std::mem::take(&mut gateway.files);
    assert!(gateway.stop().await, "everything finished");
    let text = std::fs::read_to_string(files.path("access.log")).expect("a log");
    let rest = |line: &str| line.split_once(' ').expect("an id").1.to_owned();
    text.lines().map(rest).collect()
}
