//! Access keys: who may do what.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn keys_say_who_may_do_what() {
    let gateway = Running::of(SIGNED).await;
    let endpoint = endpoint(&gateway);
    let administrator = gateway.files.path("data/administrator.credentials");
    let with = async |file: &Path, arguments: &[&str]| {
        let file = file.to_str().expect("UTF-8");
        let common = ["--endpoint", &endpoint, "--credentials", file];
        run(&arguments.iter().chain(&common).copied().collect::<Vec<_>>(), &[]).await
    };
    assert_eq!(
        run(&["api", "list", "--endpoint", &endpoint], &[]).await,
        fails(
            1,
            "error: GET /restapis: 403 MissingAuthenticationTokenException: Missing Authentication Token\n  hint: this \
             control plane wants signed requests: name a key by --credentials FILE; the first start of a gateway leaves \
             administrator.credentials in its data directory\n"
        )
    );
    let none = Finished {
        stderr: "no APIs\n".to_owned(),
        ..says("")
    };
    assert_eq!(with(&administrator, &["api", "list"]).await, none);

    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "apigateway:GET", "Resource": "*"}],
    });
    let file = gateway.files.write("policy.json", policy.to_string());
    let file = file.to_str().expect("UTF-8");
    let made = with(&administrator, &["keys", "create", "reader", "--policy", file]).await;
    assert_eq!(
        (made.status, made.stderr.as_str()),
        (
            0,
            "note: nothing shows this secret again; keep it in a file that its owner alone can read\n"
        )
    );
    let reader = gateway.files.write("reader.credentials", &made.stdout);
    let (id, secret) = credentials(&made.stdout);
    assert_eq!(with(&reader, &["api", "list"]).await, none);
    let denied = with(&reader, &["keys", "create", "mine"]).await;
    assert_eq!(
        denied,
        fails(
            1,
            "error: POST /_portcullis/keys: 403 AccessDeniedException: User: arn:aws:iam::000000000000:user/reader is not \
             authorized to perform: apigateway:POST on resource: arn:aws:apigateway:us-east-1::/_portcullis/keys because \
             no identity-based policy allows the action\n  hint: use a key whose policy allows this, or make one by \
             `portcullis keys create`\n"
        )
    );
    // The names that the aws CLI has for it, too.
    let variables = [
        ("AWS_ACCESS_KEY_ID", OsStr::new(&id)),
        ("AWS_SECRET_ACCESS_KEY", OsStr::new(&secret)),
        ("PORTCULLIS_ENDPOINT", OsStr::new(&endpoint)),
    ];
    assert_eq!(run(&["api", "list"], &variables).await, none);
    let variables = [
        ("AWS_SHARED_CREDENTIALS_FILE", reader.as_os_str()),
        ("PORTCULLIS_ENDPOINT", OsStr::new(&endpoint)),
    ];
    assert_eq!(run(&["api", "list"], &variables).await, none);

    assert_eq!(
        with(&administrator, &["keys", "disable", &id]).await,
        says(format!("the key {id} is disabled\n"))
    );
    let refused = with(&reader, &["api", "list"]).await;
    assert_eq!((refused.status, refused.stdout.as_str()), (1, ""));
    let start = "error: GET /restapis: 403 UnrecognizedClientException: ";
    assert!(refused.stderr.starts_with(start), "{}", refused.stderr);
    let listed = with(&administrator, &["keys", "list"]).await;
    let line = listed
        .stdout
        .lines()
        .find(|line| line.starts_with(&id))
        .expect("the key");
    assert_eq!(line, format!("{id}  reader         disabled  {policy}"));
    assert!(!listed.stdout.contains(&secret), "secrets are shown once");
    assert_eq!(
        with(&administrator, &["keys", "enable", &id]).await,
        says(format!("the key {id} is enabled\n"))
    );
    assert_eq!(with(&reader, &["api", "list"]).await, none);
    let unknown = with(&administrator, &["keys", "enable", "PKNOPE"]).await;
    assert_eq!(
        unknown,
        fails(
            1,
            "error: PATCH /_portcullis/keys/PKNOPE: 404 NotFoundException: there is no access key PKNOPE\n"
        )
    );
    let history = with(&administrator, &["history", "--limit", "1", "--json"]).await;
    let history: Value = serde_json::from_str(&history.stdout).expect("JSON");
    assert_eq!(text(&history[0], "action"), "EnableAccessKey");
    assert!(
        text(&history[0], "who").starts_with("administrator (PK"),
        "{history}"
    );
    gateway.stop().await;
}

/// Id and secret of a credentials file.
fn credentials(text: &str) -> (String, String) {
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines.len()), ("[default]", 3), "{text}");
    let value = |line: &str, name: &str| {
        let value = line.strip_prefix(name).expect("a credential");
        value.to_owned()
    };
    (
        value(lines[1], "aws_access_key_id = "),
        value(lines[2], "aws_secret_access_key = "),
    )
}
