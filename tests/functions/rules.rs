//! What is refused before a request is served.

use portcullis::node::{Node, Options};
use portcullis_testkit::Files;

/// The problems of a configuration.
async fn problems(lambda: &str, authorizer: &str) -> String {
    let files = Files::default();
    let toml = format!(
        "[[listeners]]\naddress = \"127.0.0.1:0\"\n{lambda}\n[apis.api.stages.dev]\n[apis.api.authorizers.guard]\n\
         {authorizer}\n[[apis.api.routes]]\npath = \"/\"\nauthorizer = \"guard\"\nintegration = {{ type = \"mock\" }}\n"
    );
    files.write("gateway.toml", toml);
    files.write("empty", "");
    match Node::start(files.path("gateway.toml"), Options::default()).await {
        Ok(_) => String::new(),
        Err(problems) => problems.iter().map(|problem| format!("{problem}\n")).collect(),
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_by_name() {
    const FUNCTION: &str = "type = \"token\"\nfunction = \"check\"";
    const SERVER: &str = "[lambda]\nendpoint = \"http://127.0.0.1:1\"";
    for (lambda, authorizer, expected) in [
        (
            "",
            FUNCTION,
            "nothing runs the function `check`: there is neither a plugin of that name nor a server",
        ),
        ("[lambda]", FUNCTION, "nothing runs the function `check`"),
        (
            "[lambda.functions.other]\nendpoint = \"http://127.0.0.1:1\"",
            FUNCTION,
            "nothing runs the function `check`",
        ),
        (
            SERVER,
            "type = \"token\"",
            "the authorizer `guard` needs exactly one of plugin and function",
        ),
        (
            SERVER,
            "type = \"request\"\nfunction = \"check\"\nplugin = \"p\"",
            "the authorizer `guard` needs exactly one of plugin and function",
        ),
        (
            SERVER,
            "type = \"token\"\nfunction = \"a b\"",
            "`a b` names no Lambda function",
        ),
        (
            SERVER,
            "type = \"request\"\nfunction = \"check\"\nsimple_responses = true",
            "simple responses are those of payload_format_version = \"2.0\"",
        ),
        (
            SERVER,
            "type = \"request\"\nplugin = \"p\"\npayload_format_version = \"2.0\"",
            "a payload format is for functions",
        ),
        (
            SERVER,
            "type = \"request\"\nfunction = \"check\"\npayload_format_version = \"3.0\"",
            "expected \"1.0\" or \"2.0\"",
        ),
        (
            "[lambda]\nendpoint = \"127.0.0.1:1\"",
            FUNCTION,
            "is not an http:// or https:// URL of a server",
        ),
        (
            "[lambda]\nendpoint = \"ftp://h\"",
            FUNCTION,
            "is not an http:// or https:// URL of a server",
        ),
        (
            "[lambda.functions.\"a:b\"]\nendpoint = \"http://h\"",
            FUNCTION,
            "`a:b` is not the name of a function",
        ),
        (
            "[lambda]\nendpoint = \"https://h\"\ntrust_bundle = \"nothere\"",
            FUNCTION,
            "there is no trust bundle `nothere`",
        ),
        (
            "[lambda.credentials]\nfile = \"nothere\"",
            FUNCTION,
            "cannot read ",
        ),
        (
            "[lambda.credentials]\nfile = \"empty\"",
            FUNCTION,
            "in a section [default]",
        ),
    ] {
        let told = problems(lambda, authorizer).await;
        assert!(told.contains(expected), "{lambda} {authorizer}: {told}");
    }
    assert_eq!(problems(SERVER, FUNCTION).await, "");
}
