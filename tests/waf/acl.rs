//! Web ACLs in `gateway.toml`.

use portcullis::node::{Node, Options};
use portcullis_testkit::{Files, Origin, Running};
use portcullis_tests::gateways::{FORBIDDEN, assert_refused};
use portcullis_tests::guest;

use super::guarded;

const RULES: &str = r#"{ type = "size", name = "r", query = 4 }"#;

/// What keeps a gateway from starting.
async fn problems(toml: &str) -> String {
    let files = Files::default();
    let toml = toml.replace(
        "{listener api}",
        "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"api\"\n",
    );
    let path = files.write("gateway.toml", toml);
    let problems = Node::start(path, Options::default()).await.expect_err("problems");
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[tokio::test]
async fn what_is_wrong_with_one_is_told_at_the_start() {
    let origin = Origin::echo().await;
    let good = guarded(&origin, RULES);
    for (from, to, expected) in [
        (
            "web_acl = \"main\"",
            "web_acl = \"mian\"",
            "there is no web ACL `mian`",
        ),
        ("filters = [\"waf\"]", "filters = []", "has no filter"),
        (
            "filters = [\"waf\"]",
            "filters = [\"wfa\"]",
            "there is no plugin `wfa`",
        ),
        (
            "[web_acls.main]",
            "[web_acls.\"a b\"]\nfilters = [\"waf\"]\n[web_acls.main]",
            "cannot be the name of a web ACL",
        ),
        (
            "grants = { log = true, counter = true }",
            "grants = { log = true }",
            "grant it with `counter = true`",
        ),
        (
            "grants = { log = true, counter = true }",
            "grants = { counter = true }",
            "grant it with `log = true`",
        ),
        (
            "query = 4",
            "query = 4, adresses = []",
            "unknown field `adresses`",
        ),
        (
            "type = \"size\", name = \"r\", query = 4",
            "type = \"ip\", name = \"r\", addresses = [\"x\"]",
            "no address and no range",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        let told = problems(&good.replace(from, to)).await;
        assert!(told.contains(expected), "{expected}:\n{told}");
        assert!(told.contains("gateway.toml:"), "a place: {told}");
    }
}

#[tokio::test]
async fn its_filters_go_before_those_of_the_stage_and_change_with_it() {
    let origin = Origin::echo().await;
    let files = Files::default();
    files.write("filter.wasm", guest("faults-filter"));
    let toml = guarded(&origin, RULES)
        .replace("web_acl = \"main\"", "web_acl = \"main\"\nfilters = [\"sieve\"]")
        .replace(
            "[web_acls.main]",
            "[plugins.sieve]\nfile = \"filter.wasm\"\nconfig.mode = \"respond\"\n[web_acls.main]",
        );
    let mut gateway = Running::start(&toml, files).await;
    assert_eq!(gateway.get("/dev/a", &[]).await.status, 418);
    assert_refused(
        &gateway.get("/dev/a?q=12345", &[]).await,
        FORBIDDEN,
        "the web ACL goes first",
    );
    let changed = toml.replace("filters = [\"waf\"]", "filters = [\"sieve\", \"waf\"]");
    assert!(!gateway.rewrite(&changed).await.has_errors());
    assert_eq!(gateway.get("/dev/a?q=12345", &[]).await.status, 418);
    let without = toml.replace("web_acl = \"main\"\n", "");
    assert!(!gateway.rewrite(&without).await.has_errors());
    assert_eq!(gateway.get("/dev/a?q=12345", &[]).await.status, 418);
}
