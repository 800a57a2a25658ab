//! Access logs: formats, destinations, and what a client cannot do to them.

use std::os::unix::fs::PermissionsExt as _;

use portcullis_testkit::{Client, Files, Running};

use super::{fields, get, ids, lines, lines_of, logged, run, sorted};

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
    gateway.get("/dev/pets/%22%7D", &[("user-agent", agent)]).await;
    let lines = lines_of(gateway, "access.log").await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = fields(&lines[0]);
    assert_eq!(line["agent"], agent);
    assert_eq!(line["path"], "/dev/pets/%22%7D");

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
