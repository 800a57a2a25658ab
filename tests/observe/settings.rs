//! Settings that are wrong, told with their place.

use std::process::Command;

use portcullis_testkit::Files;

use super::{BINARY, logged, write};

/// What `check` says of a `gateway.toml`.
fn checked(files: &Files, toml: &str) -> (i32, String) {
    write(files, toml);
    let output = Command::new(BINARY)
        .args(["check", "gateway.toml"])
        .current_dir(files.directory())
        .output();
    let output = output.expect("the binary runs");
    let told = String::from_utf8(output.stderr).expect("text");
    (output.status.code().expect("a status"), told)
}

#[test]
fn bad_settings_are_told_with_their_place() {
    let long = format!("$context.requestId{}", "x".repeat(3_072));
    for (access_log, methods, told) in [
        (
            r#"destination = "no/such/access.log""#.to_owned(),
            "",
            "error: the access log no/such/access.log cannot be written: No such file or directory",
        ),
        (
            r#"destination = ".""#.to_owned(),
            "",
            "error: the access log . cannot be written: it is not a regular file",
        ),
        (
            r#"destination = "./gateway.toml""#.to_owned(),
            "",
            "error: the access log ./gateway.toml cannot be written: it is a file of the configuration",
        ),
        (
            r#"destination = """#.to_owned(),
            "",
            "error: the access log has no destination",
        ),
        (
            r#"destination = "stdout", format = "$context.status""#.to_owned(),
            "",
            "error: the format has neither $context.requestId nor $context.extendedRequestId",
        ),
        (
            format!(r#"destination = "stdout", format = "{long}""#),
            "",
            "error: the format has 3090 bytes; 3072 is the limit",
        ),
        (
            r#"destination = "stdout", format = "$context.requestId $context.statuss""#.to_owned(),
            "",
            "warning: there is no variable `$context.statuss`; a - is written in its place\n  hint: did you mean \"status\"?",
        ),
        (
            r#"destination = "stdout""#.to_owned(),
            r#"methods."/pets/{ids}/ANY" = { logging = "INFO" }"#,
            "error: no method of the API is named `/pets/{ids}/ANY`\n  hint: did you mean \"/pets/{id}/ANY\"?",
        ),
        (
            r#"destination = "stdout""#.to_owned(),
            r#"methods."/pets/{id}/GET" = { logging = "INFO" }"#,
            "error: no method of the API is named `/pets/{id}/GET`",
        ),
        (
            r#"destination = "stdout""#.to_owned(),
            r#"methods."/pets/{id}" = { metrics = true }"#,
            "error: `/pets/{id}` names no method\n  hint: a path and a verb, such as /pets/{id}/GET, or */* for all",
        ),
    ] {
        let files = Files::default();
        let toml =
            logged(&access_log).replace("[[apis.api.routes]]", &format!("{methods}\n[[apis.api.routes]]"));
        let (status, said) = checked(&files, &toml);
        assert!(said.contains(told), "{access_log} {methods}:\n{said}");
        assert_eq!(status, i32::from(told.starts_with("error")), "{said}");
        let line = said.lines().find(|line| line.contains(": ")).expect("a problem");
        let place = line.strip_prefix("gateway.toml:").expect("a place");
        assert!(place.starts_with(|c: char| c.is_ascii_digit()), "{line}");
    }
}

#[test]
fn a_check_makes_no_log() {
    let files = Files::default();
    let (status, said) = checked(&files, &logged(r#"destination = "access.log""#));
    assert_eq!((status, files.path("access.log").exists()), (0, false), "{said}");
}
