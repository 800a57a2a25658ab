//! `portcullis import`, `export` and `diff --file`: the binary as a process, against a gateway that runs.

#![allow(clippy::expect_used, reason = "tests")]

use portcullis_testkit::{Files, Running};
use portcullis_tests::command::{self, Finished, fails, says};
use portcullis_tests::control::CONTROLLED;

/// A document whose GET answers a text.
fn document(text: &str) -> String {
    format!(
        r#"openapi: 3.0.1
info: {{ title: The shop, version: "1" }}
paths:
  /pets:
    get:
      responses: {{ "200": {{ description: pets }} }}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {{ application/json: '{{"statusCode": 200}}' }}
        responses:
          default: {{ statusCode: "200", responseTemplates: {{ application/json: {text} }} }}
"#
    )
}

struct Shop {
    gateway: Running,
    files: Files,
}

impl Shop {
    async fn start() -> Self {
        Self {
            gateway: Running::of(CONTROLLED).await,
            files: Files::default(),
        }
    }

    async fn run(&self, arguments: &[&str]) -> Finished {
        let control = self.gateway.node.control_address().expect("a control listener");
        let endpoint = format!("http://{control}");
        let arguments = [arguments, &["--endpoint", &endpoint]].concat();
        let binary = env!("CARGO_BIN_EXE_portcullis-under-test");
        command::run(binary, &arguments, &[]).await
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.files.write(name, content);
        path.to_str().expect("a path").to_owned()
    }

    /// Imports a document as a new API, and gives its id.
    async fn imported(&self, file: &str) -> String {
        let told = self.run(&["import", file]).await;
        // Where an export is reached is no part of an API.
        let said = |line: &str| line.starts_with("not kept: /");
        assert!(told.status == 0 && told.stderr.lines().all(said), "{told:?}");
        let id = told.stdout.trim().strip_prefix("imported The shop as ");
        id.expect("an id").to_owned()
    }

    async fn served(&self, api: &str) -> String {
        let path = format!("/_aws/execute-api/{api}/prod/pets");
        self.gateway.get(&path, &[]).await.text().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_comes_in_is_compared_and_goes_out() {
    let shop = Shop::start().await;
    let (one, two) = (
        shop.file("one.yaml", &document("one")),
        shop.file("two.yaml", &document("two")),
    );
    let api = shop.imported(&one).await;
    assert_eq!(shop.run(&["deploy", &api, "--stage", "prod"]).await.status, 0);
    assert_eq!(shop.served(&api).await, "one");

    let same = shop.run(&["diff", &api, "prod", "--file", &one]).await;
    assert_eq!(same, fails(0, format!("stage prod serves what {one} says\n")));
    let other = shop.run(&["diff", &api, "prod", "--file", &two]).await;
    let path = "/resources/~1pets/resourceMethods/GET/methodIntegration/integrationResponses/200/responseTemplates/application~1json";
    let expected = format!("~ {path}: \"one\" → \"two\"\n");
    assert_eq!((other.status, other.stdout), (1, expected));

    let changed = shop
        .run(&["import", &two, "--api", "The shop", "--mode", "overwrite"])
        .await;
    assert_eq!(changed, says(format!("changed {api} (The shop)\n")));
    assert_eq!(shop.served(&api).await, "one", "until it is deployed");
    assert_eq!(shop.run(&["deploy", &api, "--stage", "prod"]).await.status, 0);
    assert_eq!(shop.served(&api).await, "two");

    for (kind, format) in [
        ("oas30", "json"),
        ("oas30", "yaml"),
        ("swagger", "json"),
        ("swagger", "yaml"),
    ] {
        let file = shop.files.path(&format!("{kind}.{format}"));
        let file = file.to_str().expect("a path");
        let export = ["export", &api, "prod", "--type", kind, "--format", format];
        let told = shop.run(&[&export[..], &["--output", file]].concat()).await;
        assert_eq!(told, fails(0, format!("wrote {file}\n")));
        let printed = shop.run(&export).await;
        assert_eq!(printed.status, 0);
        let written = std::fs::read_to_string(file).expect("a file");
        assert_eq!(
            printed.stdout.trim_end(),
            command::without_dates(written.trim_end())
        );
        assert_eq!(
            printed.stdout.starts_with('{'),
            format == "json",
            "{}",
            printed.stdout
        );
        let again = shop.imported(file).await;
        assert_eq!(shop.run(&["deploy", &again, "--stage", "prod"]).await.status, 0);
        assert_eq!(shop.served(&again).await, "two", "{kind} {format}");
    }
    let bare = shop.run(&["export", &api, "prod", "--extensions", ""]).await;
    assert!(
        !bare.stdout.contains("x-amazon-apigateway-integration"),
        "{bare:?}"
    );
    assert!(shop.gateway.stop().await, "it drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_with_its_place() {
    let shop = Shop::start().await;
    let wrong = shop.file("wrong.yaml", &document("one").replace("type: mock", "type: mokc"));
    let told = shop.run(&["import", &wrong]).await;
    assert_eq!((told.status, told.stdout.as_str()), (1, ""));
    let place = "/paths/~1pets/get/x-amazon-apigateway-integration/type (line 8, column 9)";
    assert!(told.stderr.contains(place), "{told:?}");
    let told = shop.run(&["diff", "x", "prod", "--file", &wrong]).await;
    assert_eq!(told.status, 1);

    let beside = shop.file("beside.yaml", &(document("one") + "nonsense: 1\n"));
    let told = shop.run(&["import", &beside]).await;
    assert_eq!(told.status, 0);
    assert!(told.stderr.starts_with("warning: /nonsense"), "{told:?}");
    let server = shop.file(
        "server.yaml",
        &(document("one") + "servers: [{url: 'https://example.com'}]\n"),
    );
    let told = shop.run(&["import", &server, "--fail-on-warnings"]).await;
    assert_eq!(
        (told.status, told.stderr.as_str()),
        (0, "not kept: /servers (line 12, column 1)\n"),
        "{told:?}"
    );
    let told = shop.run(&["import", &beside, "--fail-on-warnings"]).await;
    assert_eq!((told.status, told.stdout.as_str()), (1, ""));

    let told = shop.run(&["import", "no/such/file"]).await;
    assert!(
        told.status == 1 && told.stderr.contains("cannot read no/such/file"),
        "{told:?}"
    );
    let told = shop.run(&["import", &beside, "--mode", "overwrite"]).await;
    assert!(told.status == 2 && told.stderr.contains("--api"), "{told:?}");
    let told = shop.run(&["export", "nosuch", "prod"]).await;
    assert!(told.status == 1 && told.stderr.contains("nosuch"), "{told:?}");
    assert!(shop.gateway.stop().await, "it drains");
}
