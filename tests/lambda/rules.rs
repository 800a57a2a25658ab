//! What is refused before a request is served, with its place.

use portcullis::node::{Node, Options};
use portcullis_testkit::Files;

/// The problems of a configuration with this and a route of that integration.
async fn problems(more: &str, integration: &str) -> String {
    let files = Files::default();
    let toml = format!(
        "[[listeners]]\naddress = \"127.0.0.1:0\"\n{more}\n[apis.api.stages.dev]\n[[apis.api.routes]]\npath = \"/\"\n\
         integration = {{ {integration} }}\n"
    );
    files.write("gateway.toml", toml);
    match Node::start(files.path("gateway.toml"), Options::default()).await {
        Ok(_) => String::new(),
        Err(problems) => problems.iter().map(|problem| format!("{problem}\n")).collect(),
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_by_name() {
    const FUNCTION: &str = "type = \"lambda\", function = \"f\"";
    for (more, integration, expected) in [
        (
            "",
            FUNCTION,
            "nothing runs the function `f`: there is neither a plugin of that name nor a server",
        ),
        // A plugin of another world only has the name.
        (
            "[plugins.f]\nbuiltin = \"hello\"",
            FUNCTION,
            "nothing runs the function `f`",
        ),
        (
            "[plugins.p]\nbuiltin = \"hello\"\n[lambda.functions.f]\nplugin = \"p\"",
            FUNCTION,
            "the plugin `p` is of world integration; here one of world function is needed",
        ),
        (
            "[lambda.functions.f]\nplugin = \"p\"",
            FUNCTION,
            "there is no plugin `p`",
        ),
        (
            "[lambda.functions.f]\nplugin = \"p\"\nurl = \"http://127.0.0.1:1\"",
            FUNCTION,
            "`f` has both `plugin` and `url`: it runs in one place",
        ),
        (
            "[lambda.functions.f]\nurl = \"127.0.0.1\"",
            FUNCTION,
            "is not an http:// or https:// URL of a server",
        ),
        (
            "[lambda.functions.f]\nurl = \"http://127.0.0.1:1/path\"",
            FUNCTION,
            "a function URL has no path, and this one has `/path`",
        ),
        (
            "",
            "type = \"lambda\", function = \"a b\"",
            "`a b` names no Lambda function",
        ),
        (
            "",
            "type = \"lambda\", function = \"f\", timeout_ms = 300001",
            "a response that does not stream begins within 300000 ms",
        ),
        (
            "",
            "type = \"lambda\", function = \"f\", payload_format_version = \"3.0\"",
            "3.0",
        ),
        (
            "[plugins.p]\nbuiltin = \"hello-function\"",
            "type = \"plugin\", plugin = \"p\"",
            "the plugin `p` is of world function; here one of world integration is needed",
        ),
    ] {
        let told = problems(more, integration).await;
        assert!(told.contains(expected), "{more} {integration}: {told}");
        assert!(told.contains("gateway.toml:"), "{told}");
    }
    let good = problems("[plugins.f]\nbuiltin = \"hello-function\"", FUNCTION).await;
    assert_eq!(good, "");
}
