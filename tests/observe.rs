//! What people see of requests: access logs, execution logs, metrics under CloudWatch's names, and traces.
//!
//! Sources are pages of the API Gateway developer guide: `set-up-access-logging`, `api-gateway-variables-for-access-logging`,
//! `set-up-logging`, `api-gateway-metrics-and-dimensions`.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use http::Response;
use portcullis_testkit::{Answer, Client, Files, Origin, Process, Running};
use portcullis_tests::gateways::{ECHO, calls, guests};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");

/// A stage `dev` with an access log, for the settings of an access log.
fn logged(access_log: &str) -> String {
    format!(
        r#"
        {{listener api}}
        [control]
        address = "127.0.0.1:0"
        [apis.api.stages.dev]
        access_log = {{ {access_log} }}
        [[apis.api.routes]]
        path = "/pets/{{id}}"
        integration = {{ type = "mock", status = 201 }}
        "#
    )
}

/// Ends a gateway, which writes its logs, and gives the lines of one of its files.
async fn lines_of(mut gateway: Running, name: &str) -> Vec<String> {
    let files = std::mem::take(&mut gateway.files);
    assert!(gateway.stop().await, "everything finished");
    lines(&files, name)
}

/// Requests on two connections may end in any order.
fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

fn lines(files: &Files, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(files.path(name)).expect("a log");
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    text.lines().map(str::to_owned).collect()
}

fn ids(answer: &Answer) -> (&str, &str) {
    (answer.header("x-amzn-requestid"), answer.header("x-amz-apigw-id"))
}

/// A line without its time, which is checked to be one: `dd/MMM/yyyy:HH:mm:ss +0000`.
fn without_time(line: &str) -> String {
    let end = line.find(" +0000").expect("a time") + " +0000".len();
    let time = &line[end - "01/Jan/2026:00:00:00 +0000".len()..end];
    let shape: String = time
        .chars()
        .map(|c| match c {
            '0'..='9' => '9',
            'A'..='Z' => 'A',
            'a'..='z' => 'a',
            c => c,
        })
        .collect();
    assert_eq!(shape, "99/Aaa/9999:99:99:99 +9999", "{line}");
    line.replacen(time, "TIME", 1)
}

#[tokio::test]
async fn each_preset_is_the_format_of_api_gateways_console() {
    for (format, expected) in [
        (
            r#"destination = "access.log""#,
            concat!(
                r#"{"requestId":"ID","extendedRequestId":"EXTENDED","ip":"127.0.0.1","caller":"-","user":"-","#,
                r#""requestTime":"TIME","httpMethod":"GET","resourcePath":"/pets/{id}","status":"201","#,
                r#""protocol":"HTTP/1.1","responseLength":"0"}"#
            ),
        ),
        (
            r#"destination = "access.log", format = "clf""#,
            r#"127.0.0.1 - - [TIME] "GET /pets/{id} HTTP/1.1" 201 0 ID EXTENDED"#,
        ),
        (
            r#"destination = "access.log", format = "csv""#,
            "127.0.0.1,-,-,TIME,GET,/pets/{id},HTTP/1.1,201,0,ID,EXTENDED",
        ),
        (
            r#"destination = "access.log", format = "xml""#,
            concat!(
                r#"<request id="ID"><extendedRequestId>EXTENDED</extendedRequestId><ip>127.0.0.1</ip>"#,
                "<caller>-</caller><user>-</user><requestTime>TIME</requestTime><httpMethod>GET</httpMethod>",
                "<resourcePath>/pets/{id}</resourcePath><status>201</status><protocol>HTTP/1.1</protocol>",
                "<responseLength>0</responseLength></request>"
            ),
        ),
    ] {
        let gateway = Running::of(&logged(format)).await;
        let answer = gateway.get("/dev/pets/7", &[]).await;
        let (id, extended) = ids(&answer);
        let expected = expected.replace("ID", id).replace("EXTENDED", extended);
        let expected = expected.replace(&format!("{id}\"> "), "");
        let lines = lines_of(gateway, "access.log").await;
        let lines: Vec<String> = lines.iter().map(|line| without_time(line)).collect();
        assert_eq!(lines, [expected], "{format}");
    }
}

/// A gateway of every kind of answer, whose access log has the variables that `format` names.
async fn of_every_kind(variables: &[&str], origin: &str) -> Running {
    // It has quotes of its own, where it has a value.
    let is_bare = |name: &&&str| **name == "error.messageString";
    let pair = |name: &&str| format!("\\\"{name}\\\":\\\"$context.{name}\\\"");
    let format: Vec<String> = variables.iter().filter(|name| !is_bare(name)).map(pair).collect();
    let format = format!("{{{}}}", format.join(","));
    let toml = format!(
        r#"
        {{listener api}}
        {ECHO}
        [plugins.guard]
        file = "authorizer.wasm"
        config.mode = "echo"
        [plugins.deny]
        file = "authorizer.wasm"
        config.mode = "deny"
        [apis.api.authorizers.guard]
        type = "token"
        plugin = "guard"
        [apis.api.authorizers.deny]
        type = "token"
        plugin = "deny"
        [apis.api.stages.dev]
        access_log = {{ destination = "access.log", format = "{format}" }}
        [[apis.api.routes]]
        path = "/mock/{{id}}"
        integration = {{ type = "mock", status = 201 }}
        [[apis.api.routes]]
        path = "/proxy"
        integration = {{ type = "http_proxy", uri = "http://{origin}/" }}
        [[apis.api.routes]]
        path = "/offline"
        integration = {{ type = "http_proxy", uri = "http://127.0.0.1:1/" }}
        [[apis.api.routes]]
        path = "/guarded"
        authorizer = "guard"
        integration = {{ type = "mock", status = 200 }}
        [[apis.api.routes]]
        path = "/denied"
        authorizer = "deny"
        integration = {{ type = "mock", status = 200 }}
        "#
    );
    Running::start(&toml, guests()).await
}

/// The fields of a line of JSON.
fn fields(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn assert_fields(line: &Value, expected: &[(&str, &str)], name: &str) {
    for (field, value) in expected {
        assert_eq!(line[*field], *value, "{name}: {field} in {line}");
    }
}

#[tokio::test]
async fn every_variable_has_its_value_or_a_dash() {
    let origin = Origin::start(|_| {
        let response = Response::builder()
            .status(404)
            .header("x-amzn-requestid", "theirs");
        response.body(Bytes::from("gone")).expect("a response")
    })
    .await;
    let names = portcullis::proxy::context::NAMES;
    let (first, second) = names.split_at(names.len() / 2);
    let mut second = second.to_vec();
    second.push("authorizer.path");
    // A format has a limit of 3 KB: two halves.
    let mut halves = Vec::new();
    for half in [first, &second] {
        let mut variables = half.to_vec();
        variables.push("requestId");
        variables.dedup();
        let gateway = of_every_kind(&variables, &origin.authority()).await;
        let trace = ("x-amzn-trace-id", "Root=1-67891233-abcdef012345678912345678");
        let agent = ("user-agent", "tests/1");
        let mut told = Vec::new();
        for (path, headers) in [
            ("/dev/mock/7?q=1", &[trace, agent][..]),
            ("/dev/proxy", &[agent]),
            ("/dev/offline", &[]),
            ("/dev/guarded", &[("authorization", "t")]),
            ("/dev/denied", &[("authorization", "t")]),
            ("/dev/nothing", &[]),
        ] {
            let answer = gateway.get(path, headers).await;
            let (id, extended) = ids(&answer);
            told.push((id.to_owned(), extended.to_owned(), answer.body.len().to_string()));
        }
        let address = gateway.address().to_string();
        let lines: Vec<Value> = lines_of(gateway, "access.log")
            .await
            .iter()
            .map(|line| fields(line))
            .collect();
        let lines: Vec<Value> = told
            .iter()
            .map(|(id, ..)| {
                lines
                    .iter()
                    .find(|line| line["requestId"] == **id)
                    .expect("its line")
                    .clone()
            })
            .collect();
        halves.push((address, told, lines));
    }
    let merged = |at: usize| {
        let mut line = serde_json::Map::new();
        for (_, told, lines) in &halves {
            for (name, value) in lines[at].as_object().expect("an object") {
                // Both halves are gateways of their own: what differs is checked in each.
                let value = match name.as_str() {
                    "requestId" => json!(if *value == told[at].0 { "ID" } else { "another" }),
                    "extendedRequestId" => json!(if *value == told[at].1 {
                        "EXTENDED"
                    } else {
                        "another"
                    }),
                    "responseLength" => json!(if *value == told[at].2 { "LENGTH" } else { "another" }),
                    "domainName" => json!(value.as_str().expect("text").replace(&halves[0].0, "HOST")),
                    _ => value.clone(),
                };
                line.insert(name.clone(), value);
            }
        }
        Value::Object(line)
    };
    let mock = merged(0);
    let known = [
        ("accountId", "000000000000"),
        ("apiId", "api"),
        ("domainName", "HOST"),
        ("domainPrefix", "127"),
        ("extendedRequestId", "EXTENDED"),
        ("httpMethod", "GET"),
        ("identity.sourceIp", "127.0.0.1"),
        ("identity.userAgent", "tests/1"),
        ("path", "/dev/mock/7"),
        ("protocol", "HTTP/1.1"),
        ("requestId", "ID"),
        ("resourcePath", "/mock/{id}"),
        ("responseLength", "LENGTH"),
        ("stage", "dev"),
        ("status", "201"),
        ("xrayTraceId", "1-67891233-abcdef012345678912345678"),
    ];
    assert_fields(&mock, &known, "mock");
    let varying = [
        "dataProcessed",
        "deploymentId",
        "requestTime",
        "requestTimeEpoch",
        "resourceId",
        "responseLatency",
    ];
    for (name, value) in mock.as_object().expect("an object") {
        let has_value = known.iter().any(|(known, _)| known == name) || varying.contains(&name.as_str());
        assert_eq!(value != "-", has_value, "{name} is {value}");
    }
    for id in ["deploymentId", "resourceId"] {
        assert_eq!(mock[id].as_str().map(str::len), Some(10), "{id}");
    }
    assert!(
        mock["requestTimeEpoch"]
            .as_str()
            .is_some_and(|epoch| epoch.len() == 13),
        "{mock}"
    );
    let proxy = merged(1);
    let expected = [
        ("status", "404"),
        ("integration.status", "404"),
        ("integration.integrationStatus", "404"),
        ("integrationStatus", "404"),
        ("integration.requestId", "theirs"),
        ("awsEndpointRequestId", "theirs"),
        ("integration.error", "-"),
        ("error.message", "-"),
    ];
    assert_fields(&proxy, &expected, "proxy");
    for name in ["integration.latency", "integrationLatency"] {
        assert!(
            proxy[name].as_str().expect("text").parse::<u64>().is_ok(),
            "{name}: {proxy}"
        );
    }
    assert_ne!(proxy["resourceId"], mock["resourceId"]);
    assert_eq!(proxy["deploymentId"], mock["deploymentId"]);
    // The trace that was made for the backend is the one in the log.
    let recorded = origin.recorded();
    let sent: Vec<String> = recorded
        .iter()
        .map(|request| {
            request.headers["x-amzn-trace-id"]
                .to_str()
                .expect("text")
                .to_owned()
        })
        .collect();
    let logged = format!("Root={}", proxy["xrayTraceId"].as_str().expect("text"));
    assert!(sent.contains(&logged), "{logged} is none of {sent:?}");
    let expected = [
        ("status", "503"),
        ("error.message", "Service Unavailable"),
        ("error.responseType", "INTEGRATION_FAILURE"),
        ("integration.error", "Service Unavailable"),
        ("integrationErrorMessage", "Service Unavailable"),
        ("integration.status", "-"),
    ];
    let offline = merged(2);
    assert_fields(&offline, &expected, "offline");
    let expected = [
        ("status", "200"),
        ("authorizer.status", "200"),
        ("authorizer.integrationStatus", "200"),
        ("authorizer.principalId", "caller"),
        ("authorizer.path", "/guarded"),
        ("authorizer.error", "-"),
        ("authorize.status", "200"),
    ];
    assert_fields(&merged(3), &expected, "guarded");
    let expected = [
        ("status", "403"),
        ("authorizer.status", "403"),
        ("authorize.status", "403"),
        ("error.responseType", "ACCESS_DENIED"),
        ("resourcePath", "/denied"),
    ];
    assert_fields(&merged(4), &expected, "denied");
    let expected = [
        ("status", "403"),
        ("error.message", "Missing Authentication Token"),
        ("error.responseType", "MISSING_AUTHENTICATION_TOKEN"),
        ("resourcePath", "-"),
        ("resourceId", "-"),
    ];
    assert_fields(&merged(5), &expected, "nothing");
}

#[test]
fn the_page_of_variables_has_each_of_them() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/context.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let families = portcullis::proxy::context::FAMILIES
        .iter()
        .map(|family| format!("{family}NAME"));
    let names = portcullis::proxy::context::NAMES
        .iter()
        .map(|name| (*name).to_owned());
    for name in names.chain(families) {
        assert!(
            page.contains(&format!("| `$context.{name}` |")),
            "docs/context.md: {name}"
        );
    }
}

#[tokio::test]
async fn a_message_string_has_its_quotes() {
    let format = "$context.requestId $context.error.messageString";
    let gateway = Running::of(&logged(&format!(
        r#"destination = "access.log", format = "{format}""#
    )))
    .await;
    let good = gateway.get("/dev/pets/7", &[]).await;
    let bad = gateway.get("/dev/nothing", &[]).await;
    let expected = vec![
        format!("{} -", ids(&good).0),
        format!("{} \"Missing Authentication Token\"", ids(&bad).0),
    ];
    assert_eq!(sorted(lines_of(gateway, "access.log").await), sorted(expected));
}

#[tokio::test]
async fn a_client_forges_no_lines() {
    let format = r#"{\"id\":\"$context.requestId\",\"agent\":\"$context.identity.userAgent\",\"path\":\"$context.path\",\"host\":\"$context.domainName\"}"#;
    let gateway = Running::of(&logged(&format!(
        r#"destination = "access.log", format = "{format}""#
    )))
    .await;
    let agent = "a\"}\t{\\\"id\\\":\\n\"";
    gateway.get("/dev/pets/%0a%22%7D", &[("user-agent", agent)]).await;
    let lines = lines_of(gateway, "access.log").await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = fields(&lines[0]);
    assert_eq!(line["agent"], agent);
    assert_eq!(line["path"], "/dev/pets/%0a%22%7D");

    let format = "<r id='$context.requestId'>$context.identity.userAgent</r>";
    let gateway = Running::of(&logged(&format!(
        r#"destination = "access.log", format = "{format}""#
    )))
    .await;
    let answer = gateway.get("/dev/pets/7", &[("user-agent", "</r><r>&")]).await;
    let expected = format!("<r id='{}'>&lt;/r&gt;&lt;r&gt;&amp;</r>", ids(&answer).0);
    assert_eq!(lines_of(gateway, "access.log").await, [expected]);
}

#[tokio::test]
async fn stages_share_a_file_and_those_without_a_log_have_none() {
    let toml = logged(r#"destination = "access.log", format = "$context.stage $context.requestId""#);
    let toml = toml.replace(
        "[[apis.api.routes]]",
        r#"[apis.api.stages.test]
        access_log = { destination = "./access.log", format = "$context.stage $context.extendedRequestId" }
        [apis.api.stages.quiet]
        [[apis.api.routes]]"#,
    );
    let gateway = Running::of(&toml).await;
    let mode = std::fs::metadata(gateway.files.path("access.log"))
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o137, 0, "{mode:o}: readable by its group, by nobody else");
    let dev = gateway.get("/dev/pets/7", &[]).await;
    let test = gateway.get("/test/pets/7", &[]).await;
    gateway.get("/quiet/pets/7", &[]).await;
    let lines = sorted(lines_of(gateway, "access.log").await);
    let expected = [format!("dev {}", ids(&dev).0), format!("test {}", ids(&test).1)];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_reload_changes_format_and_destination() {
    let format = |file: &str, text: &str| {
        logged(&format!(
            r#"destination = "{file}", format = "{text} $context.requestId""#
        ))
    };
    let mut gateway = Running::of(&format("a.log", "one")).await;
    let one = gateway.get("/dev/pets/7", &[]).await;
    assert!(!gateway.rewrite(&format("b.log", "two")).await.has_errors());
    let two = gateway.get("/dev/pets/7", &[]).await;
    // One that cannot be written leaves what was.
    let outcome = gateway.rewrite(&format("no/such/b.log", "three")).await;
    assert!(outcome.has_errors());
    let three = gateway.get("/dev/pets/7", &[]).await;
    let files = std::mem::take(&mut gateway.files);
    assert!(gateway.stop().await);
    assert_eq!(lines(&files, "a.log"), [format!("one {}", ids(&one).0)]);
    let expected = [format!("two {}", ids(&two).0), format!("two {}", ids(&three).0)];
    assert_eq!(sorted(lines(&files, "b.log")), sorted(expected.to_vec()));
}

/// Writes a `gateway.toml`.
fn write(files: &Files, toml: &str) -> String {
    let toml = toml.replace(
        "{listener api}",
        "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"api\"\n",
    );
    files
        .write("gateway.toml", toml)
        .to_str()
        .expect("a path of text")
        .to_owned()
}

/// Runs the binary on a `gateway.toml`.
fn run(files: &Files, toml: &str, more: &[&str]) -> Process {
    let path = write(files, toml);
    let mut arguments = vec!["run", &path, "--no-cache"];
    arguments.extend(more);
    Process::start(BINARY, &arguments)
}

async fn get(process: &Process, path: &str, headers: &[(&str, &str)]) -> Answer {
    let url = format!("http://{}{path}", process.address().await);
    Client::default()
        .send("GET", &url, headers, b"")
        .await
        .expect("an answer")
}

#[tokio::test]
async fn lines_go_to_standard_output() {
    let files = Files::default();
    let mut process = run(
        &files,
        &logged(r#"destination = "stdout", format = "said $context.requestId""#),
        &[],
    );
    let answer = get(&process, "/dev/pets/7", &[]).await;
    let line = format!("said {}", ids(&answer).0);
    assert_eq!(process.line("said ").await, line);
    assert!(!process.errors().contains("said "));
    process.signal(libc::SIGTERM);
    assert!(process.ended().await.success());
    assert!(!files.path("stdout").exists());
}

#[tokio::test]
async fn a_file_that_was_moved_away_is_opened_anew_at_sighup() {
    let files = Files::default();
    let toml = logged(r#"destination = "access.log", format = "$context.requestId""#);
    let mut process = run(&files, &toml, &[]);
    let before = get(&process, "/dev/pets/7", &[]).await;
    let moved = files.path("access.log.1");
    // The line may come after the file was moved: it goes to the file that is open.
    std::fs::rename(files.path("access.log"), &moved).expect("moves");
    process.signal(libc::SIGHUP);
    process.line("reloaded ").await;
    let after = get(&process, "/dev/pets/7", &[]).await;
    process.signal(libc::SIGTERM);
    assert!(process.ended().await.success());
    let (old, new) = (lines(&files, "access.log.1"), lines(&files, "access.log"));
    assert!(new.iter().any(|line| line == ids(&after).0), "{new:?}");
    // The first one's line is written when its response has ended, which may be after the signal.
    let expected = [ids(&before).0, ids(&after).0].map(str::to_owned);
    assert_eq!(sorted([old, new].concat()), sorted(expected.to_vec()));
}

#[tokio::test]
async fn a_log_beside_the_configuration_does_not_have_it_read_again() {
    let files = Files::default();
    let process = run(&files, &logged(r#"destination = "access.log""#), &[]);
    process.address().await;
    // After a reload the directory is watched.
    process.signal(libc::SIGHUP);
    process.line("reloaded ").await;
    let reloads = async || {
        let url = format!("http://{}/_portcullis/metrics", process.control().await);
        let metrics = Client::default()
            .send("GET", &url, &[], b"")
            .await
            .expect("metrics");
        let line = metrics
            .text()
            .lines()
            .find(|line| line.starts_with("portcullis_reloads_total "));
        line.expect("a counter").to_owned()
    };
    let before = reloads().await;
    for _ in 0..5 {
        get(&process, "/dev/pets/7", &[]).await;
        // Longer than the quiet that ends a change.
        process.grown().await;
        process.grown().await;
    }
    while lines(&files, "access.log").len() < 5 {
        process.grown().await;
    }
    assert_eq!(reloads().await, before);
}

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

/// A stage whose methods log as `methods` says.
fn executed(origin: &str, methods: &str) -> String {
    format!(
        r#"
        {{listener api}}
        {ECHO}
        [plugins.guard]
        file = "authorizer.wasm"
        config.mode = "echo"
        [apis.api.authorizers.guard]
        type = "token"
        plugin = "guard"
        header = "X-Token"
        [apis.api.stages.dev]
        {methods}
        [[apis.api.routes]]
        path = "/pets/{{id}}"
        method = "POST"
        integration = {{ type = "http_proxy", uri = "http://{origin}/{{id}}?fixed=1" }}
        [[apis.api.routes]]
        path = "/offline"
        integration = {{ type = "http_proxy", uri = "http://127.0.0.1:1/" }}
        [[apis.api.routes]]
        path = "/guarded"
        authorizer = "guard"
        integration = {{ type = "mock", status = 200 }}
        "#
    )
}

/// The execution log's lines of one request, without their ids.
fn execution(output: &str, answer: &Answer) -> Vec<String> {
    let (id, extended) = ids(answer);
    let start = format!("({id}) ");
    let told = output.lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        if line["target"] != "portcullis::execution" {
            return None;
        }
        let message = line["message"].as_str()?.strip_prefix(&start)?;
        assert_eq!(
            (&line["api"], &line["stage"]),
            (&json!("api"), &json!("dev")),
            "{line}"
        );
        assert_eq!(line["requestId"], id, "{line}");
        Some(format!("{} {message}", line["level"].as_str()?))
    });
    told.map(|line| line.replace(id, "ID").replace(extended, "EXTENDED"))
        .collect()
}

/// Sends one request of each kind to a binary with these settings, and gives what it logged of each.
async fn told_of_each(origin: &Origin, methods: &str) -> [Vec<String>; 4] {
    let files = guests();
    let mut process = run(
        &files,
        &executed(&origin.authority(), methods),
        &["--log-format", "json"],
    );
    let url = format!(
        "http://{}/dev/pets/7?q=a%20b&X-Amz-Signature=0123456789abcdef",
        process.address().await
    );
    let headers = [
        ("authorization", "Bearer 0123456789abcdef0123456789"),
        ("cookie", "session=secret"),
        ("x-api-key", "key-secret"),
        ("x-token", "not-its-authorizers"),
    ];
    let post = Client::default()
        .send("POST", &url, &headers, b"{\"a\":\n1}")
        .await
        .expect("an answer");
    let offline = get(&process, "/dev/offline", &[]).await;
    let guarded = get(&process, "/dev/guarded", &[("x-token", "token-secret")]).await;
    let refused = get(&process, "/dev/guarded", &[]).await;
    process.signal(libc::SIGTERM);
    assert!(process.ended().await.success());
    let output = process.errors();
    [post, offline, guarded, refused].map(|answer| execution(&output, &answer))
}

async fn pets() -> Origin {
    Origin::start(|_| {
        let response = Response::builder()
            .header("set-cookie", "id=secret")
            .header("x-b", "2");
        response.body(Bytes::from("rex")).expect("a response")
    })
    .await
}

#[tokio::test]
async fn execution_logs_tell_by_level() {
    let origin = pets().await;
    let off = told_of_each(&origin, "").await;
    assert_eq!(off, [const { Vec::<String>::new() }; 4]);
    let off = told_of_each(
        &origin,
        r#"methods."*/*" = { logging = "OFF", data_trace = true }"#,
    )
    .await;
    assert_eq!(off, [const { Vec::<String>::new() }; 4]);

    let [post, offline, guarded, refused] = told_of_each(
        &origin,
        r#"methods."*/*" = { logging = "ERROR", data_trace = true }"#,
    )
    .await;
    assert_eq!((post, guarded, refused), (vec![], vec![], vec![]));
    let failed = "ERROR Execution failed due to configuration error: INTEGRATION_FAILURE 503 \
                  {\"message\": \"Service Unavailable\"}";
    assert_eq!(offline, [failed]);

    let [post, offline, guarded, refused] =
        told_of_each(&origin, r#"methods."*/*" = { logging = "INFO" }"#).await;
    let to = format!(
        "INFO Sending request to http://{}/7?fixed=1&q=a%20b&X-Amz-Signature=************cdef",
        origin.authority()
    );
    let received = post.get(4).expect("five lines");
    assert!(
        received.starts_with("INFO Received response. Status: 200, Integration latency: "),
        "{received}"
    );
    assert!(received.ends_with(" ms"), "{received}");
    let expected = [
        "INFO Extended Request Id: EXTENDED",
        "INFO Starting execution for request: ID",
        "INFO HTTP Method: POST, Resource Path: /pets/{id}",
        &to,
        received,
        "INFO Successfully completed execution",
        "INFO Method completed with status: 200",
    ];
    assert_eq!(post, expected);
    let expected = [
        "INFO Extended Request Id: EXTENDED",
        "INFO Starting execution for request: ID",
        "INFO HTTP Method: GET, Resource Path: /offline",
        "INFO Sending request to http://127.0.0.1:1/",
        failed,
        "INFO Method completed with status: 503",
    ];
    assert_eq!(offline, expected);
    let expected = [
        "INFO Extended Request Id: EXTENDED",
        "INFO Starting execution for request: ID",
        "INFO HTTP Method: GET, Resource Path: /guarded",
        "INFO Starting authorizer: guard for request: ID",
        "INFO Successfully completed authorizer execution",
        "INFO Successfully completed execution",
        "INFO Method completed with status: 200",
    ];
    assert_eq!(guarded, expected);
    let expected = [
        "INFO Extended Request Id: EXTENDED",
        "INFO Starting execution for request: ID",
        "INFO HTTP Method: GET, Resource Path: /guarded",
        "INFO Starting authorizer: guard for request: ID",
        "INFO Unauthorized request: ID",
        "INFO Method completed with status: 401",
    ];
    assert_eq!(refused, expected);
}

#[tokio::test]
async fn data_trace_tells_headers_and_bodies_without_secrets() {
    let origin = pets().await;
    // What a method says of its own wins, field by field.
    let methods = r#"
        methods."*/*" = { logging = "INFO", data_trace = false }
        methods."/pets/{id}/POST" = { data_trace = true }
        methods."/guarded/ANY" = { data_trace = true }
        methods."/offline/ANY" = { logging = "OFF" }
    "#;
    let [post, offline, guarded, _] = told_of_each(&origin, methods).await;
    assert!(offline.is_empty(), "{offline:?}");
    let starts = |line: &str| {
        post.iter()
            .find_map(|told| told.strip_prefix(line))
            .unwrap_or_else(|| panic!("no {line} in {post:#?}"))
    };
    assert_eq!(starts("INFO Method request path: "), "{id=7}");
    assert_eq!(
        starts("INFO Method request query string: "),
        "{q=a b, X-Amz-Signature=************cdef}"
    );
    let headers = starts("INFO Method request headers: ");
    for told in [
        "authorization=***************************456789",
        "cookie=**************",
        "x-api-key=**********",
        "x-token=not-its-authorizers",
    ] {
        assert!(headers.contains(told), "no {told} in {headers}");
    }
    assert_eq!(
        starts("INFO Method request body before transformations: "),
        "{\"a\":\\n1}"
    );
    let uri = format!(
        "http://{}/7?fixed=1&q=a%20b&X-Amz-Signature=************cdef",
        origin.authority()
    );
    assert_eq!(starts("INFO Endpoint request URI: "), uri);
    assert!(starts("INFO Endpoint request headers: ").contains("x-amzn-apigateway-api-id=api"));
    assert_eq!(
        starts("INFO Endpoint request body after transformations: "),
        "{\"a\":\\n1}"
    );
    assert!(starts("INFO Endpoint response headers: ").contains("set-cookie=*********, x-b=2"));
    assert_eq!(
        starts("INFO Endpoint response body before transformations: "),
        "rex"
    );
    assert_eq!(starts("INFO Method response body after transformations: "), "rex");
    assert!(starts("INFO Method response headers: ").contains("set-cookie=*********"));
    assert_eq!(
        post.last().map(String::as_str),
        Some("INFO Method completed with status: 200")
    );
    // The header in which this method's authorizer finds who calls.
    let headers = guarded
        .iter()
        .find(|line| line.starts_with("INFO Method request headers: "));
    assert!(
        headers.is_some_and(|line| line.contains("x-token=************")),
        "{guarded:#?}"
    );
    for line in post.iter().chain(&guarded) {
        assert!(!line.contains("secret") && !line.contains("Bearer"), "{line}");
    }
}

fn counted(settings: &str) -> String {
    let toml = executed("127.0.0.1:1", settings);
    let toml = toml.replace(
        "{listener api}",
        "{listener api}\n[control]\naddress = \"127.0.0.1:0\"",
    );
    toml.replace("path = \"/guarded\"", "path = \"/{proxy+}\"\nintegration = { type = \"plugin\", plugin = \"echo\" }\n[[apis.api.routes]]\npath = \"/guarded\"")
}

#[tokio::test]
async fn metrics_have_cloudwatchs_names() {
    let mut gateway = Running::start(&counted(""), guests()).await;
    for (path, status) in [
        ("/dev/echo", 200),
        ("/dev/guarded", 401),
        ("/dev/offline", 503),
        ("/dev/offline", 503),
    ] {
        assert_eq!(gateway.get(path, &[]).await.status, status, "{path}");
    }
    let stage = r#"{api="api",stage="dev"}"#;
    let expected = [
        ("Count_total", 4.0),
        ("4XXError_total", 1.0),
        ("5XXError_total", 2.0),
        ("CacheHitCount_total", 0.0),
        ("CacheMissCount_total", 0.0),
        ("Latency_milliseconds_count", 4.0),
        // The 401 came to no integration.
        ("IntegrationLatency_milliseconds_count", 3.0),
    ];
    settled(&gateway, &format!("apigateway_Count_total{stage}"), 4.0).await;
    for (name, value) in expected {
        assert_eq!(
            gateway.metric(&format!("apigateway_{name}{stage}")).await,
            value,
            "{name}"
        );
    }
    let text = gateway.control("/_portcullis/metrics").await;
    assert!(
        text.text()
            .contains("apigateway_Count_total{api=\"api\",stage=\"dev\"} 4"),
        "{}",
        text.text()
    );
    assert!(
        !text.text().contains("resource=\""),
        "by method only where the setting is on"
    );
    let sum = gateway
        .metric(&format!("apigateway_Latency_milliseconds_sum{stage}"))
        .await;
    assert!(sum > 0.0 && sum < 60_000.0, "{sum} ms");

    // By method, for the one that says so; and the counts go on over reloads.
    let on = r#"methods."/offline/ANY" = { metrics = true }"#;
    assert!(!gateway.rewrite(&counted(on)).await.has_errors());
    let method = r#"{api="api",stage="dev",resource="/offline",method="ANY"}"#;
    gateway.get("/dev/offline", &[]).await;
    gateway.get("/dev/echo", &[]).await;
    settled(&gateway, &format!("apigateway_Count_total{stage}"), 6.0).await;
    let variables = r#"methods."/offline/ANY" = { metrics = true }
        variables = { a = "b" }"#;
    assert!(!gateway.rewrite(&counted(variables)).await.has_errors());
    gateway.get("/dev/offline", &[]).await;
    settled(&gateway, &format!("apigateway_Count_total{stage}"), 7.0).await;
    for (name, value) in [
        ("Count_total", 2.0),
        ("4XXError_total", 0.0),
        ("5XXError_total", 2.0),
        ("Latency_milliseconds_count", 2.0),
        ("IntegrationLatency_milliseconds_count", 2.0),
    ] {
        assert_eq!(
            gateway.metric(&format!("apigateway_{name}{method}")).await,
            value,
            "{name} of the method"
        );
    }
    let text = gateway.control("/_portcullis/metrics").await;
    assert!(!text.text().contains("resource=\"/{proxy+}\""), "{}", text.text());
    assert!(!gateway.rewrite(&counted("")).await.has_errors());
    let text = gateway.control("/_portcullis/metrics").await;
    assert!(!text.text().contains("resource=\""), "{}", text.text());
}

/// Waits until a metric has a value: a request is counted when its last byte has left, which its client may see sooner.
async fn settled(gateway: &Running, name: &str, value: f64) {
    let counted = async {
        while gateway.metric(name).await < value {
            tokio::task::yield_now().await;
        }
    };
    let counted = tokio::time::timeout(std::time::Duration::from_secs(30), counted).await;
    counted.unwrap_or_else(|_| panic!("{name} does not become {value}"));
}

#[tokio::test]
async fn lines_that_are_lost_are_counted() {
    let gateway = Running::of(&logged(r#"destination = "/dev/full""#)).await;
    assert_eq!(gateway.metric("portcullis_access_log_dropped_total").await, 0.0);
    assert_eq!(gateway.get("/dev/pets/7", &[]).await.status, 201);
    settled(&gateway, "portcullis_access_log_dropped_total", 1.0).await;
}

#[tokio::test]
async fn one_trace_has_one_name_here_and_at_the_backend() {
    let origin = Origin::echo().await;
    let toml = format!(
        r#"
        {{listener api}}
        [apis.api.stages.dev]
        access_log = {{ destination = "a.log", format = "$context.requestId $context.xrayTraceId $context.traceparent" }}
        [[apis.api.routes]]
        path = "/x"
        integration = {{ type = "http_proxy", uri = "http://{}/" }}
        "#,
        origin.authority()
    );
    let gateway = Running::of(&toml).await;
    let w3c = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let mut told = Vec::new();
    for (headers, amazon, parent, root) in [
        (
            &[("traceparent", w3c), ("tracestate", "a=1")][..],
            Some("Root=1-4bf92f35-77b34da6a3ce929d0e0e4736"),
            w3c,
            "1-4bf92f35-77b34da6a3ce929d0e0e4736",
        ),
        (
            &[
                (
                    "x-amzn-trace-id",
                    "Root=1-67891233-abcdef012345678912345678;Sampled=1",
                ),
                ("traceparent", w3c),
            ],
            Some("Root=1-67891233-abcdef012345678912345678;Sampled=1"),
            w3c,
            "1-67891233-abcdef012345678912345678",
        ),
        (&[], None, "-", ""),
    ] {
        let answer = gateway.get("/dev/x", headers).await;
        let sent = answer.json()["headers"].clone();
        let passed = sent["x-amzn-trace-id"][0]
            .as_str()
            .expect("a trace id")
            .to_owned();
        if let Some(amazon) = amazon {
            assert_eq!(passed, amazon);
        }
        assert_eq!(sent["traceparent"][0].as_str().unwrap_or("-"), parent);
        assert_eq!(
            sent["tracestate"].is_array(),
            headers.iter().any(|(name, _)| *name == "tracestate")
        );
        let root = if root.is_empty() {
            passed.trim_start_matches("Root=")
        } else {
            root
        };
        told.push(format!("{} {root} {parent}", ids(&answer).0));
    }
    assert_eq!(sorted(lines_of(gateway, "a.log").await), sorted(told));
}

#[tokio::test]
async fn plugins_see_what_is_known_of_a_request() {
    let toml = counted("");
    let gateway = Running::start(&toml, guests()).await;
    let answer = gateway
        .get(
            "/dev/some/path",
            &[(
                "traceparent",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            )],
        )
        .await;
    let context = portcullis_tests::gateways::context(&answer.json());
    for (name, expected) in [
        ("accountId", "000000000000"),
        ("extendedRequestId", ids(&answer).1),
        ("xrayTraceId", "1-4bf92f35-77b34da6a3ce929d0e0e4736"),
        (
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
        ("domainPrefix", "127"),
    ] {
        assert_eq!(context[name], expected, "{name}");
    }
    for absent in [
        "status",
        "responseLength",
        "identity.user",
        "error.message",
        "integration.status",
    ] {
        assert_eq!(context.get(absent), None, "{absent}");
    }
    assert_eq!(calls(&gateway, "echo").await, 1.0);
    assert!(!Path::new("access.log").exists());
}
