//! Test invocations: what the data plane is given to run, and what of its answer is told.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what fails here fails the test"
)]

mod common;

use common::Control;
use serde_json::{Value, json};

/// An API whose root has a guarded GET, and `/pets/{id}` an ANY that wants a key; other parts of it are broken.
struct Api {
    control: Control,
    id: String,
    root: String,
    pets: String,
    authorizers: [String; 2],
}

impl Api {
    async fn new() -> Self {
        let control = Control::new().await;
        let id = control.api().await;
        let resources = control
            .call("GET", &format!("/restapis/{id}/resources"), Value::Null)
            .await
            .ok();
        let root = resources["item"][0]["id"].as_str().expect("the root").to_owned();
        let made = |answer: common::Answer| answer.ok()["id"].as_str().expect("an id").to_owned();
        let below = |at: &str| format!("/restapis/{id}/{at}");
        let child = json!({"pathPart": "pets"});
        let pets = made(
            control
                .call("POST", &below(&format!("resources/{root}")), child)
                .await,
        );
        let child = json!({"pathPart": "{id}"});
        let pets = made(
            control
                .call("POST", &below(&format!("resources/{pets}")), child)
                .await,
        );
        let guard = json!({
            "name": "guard", "type": "TOKEN", "authorizerUri": "portcullis:plugin:tokens",
            "identitySource": "method.request.header.X-Token",
        });
        let guard = made(control.call("POST", &below("authorizers"), guard).await);
        let pool = json!({
            "name": "pool", "type": "COGNITO_USER_POOLS", "identitySource": "method.request.header.Authorization",
            "providerARNs": ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_x"],
        });
        let pool = made(control.call("POST", &below("authorizers"), pool).await);
        for (resource, verb, method) in [
            (
                &root,
                "GET",
                json!({"authorizationType": "CUSTOM", "authorizerId": guard}),
            ),
            (
                &pets,
                "ANY",
                json!({"authorizationType": "NONE", "apiKeyRequired": true}),
            ),
            (
                &root,
                "PUT",
                json!({"authorizationType": "COGNITO_USER_POOLS", "authorizerId": pool}),
            ),
        ] {
            let at = below(&format!("resources/{resource}/methods/{verb}"));
            control.call("PUT", &at, method).await.ok();
        }
        Self {
            control,
            id,
            root,
            pets,
            authorizers: [guard, pool],
        }
    }

    async fn method(&self, resource: &str, verb: &str, body: Value) -> common::Answer {
        let at = format!("/restapis/{}/resources/{resource}/methods/{verb}", self.id);
        self.control.call("POST", &at, body).await
    }

    async fn authorizer(&self, id: &str, body: Value) -> common::Answer {
        let at = format!("/restapis/{}/authorizers/{id}", self.id);
        self.control.call("POST", &at, body).await
    }
}

#[tokio::test]
async fn a_method_is_run_alone_and_nobody_guards_it() {
    let api = Api::new().await;
    let everything = json!({
        "pathWithQueryString": "/?x=1", "body": "b", "stageVariables": {"v": "1"},
        "headers": {"A": "1", "B": "2"}, "multiValueHeaders": {"a": ["3", "4"], "C": []},
    });
    let answer = api.method(&api.root, "GET", everything).await.ok();
    assert_eq!(
        answer["body"],
        "GET /?x=1 \"b\" {\"v\": \"1\"} [] [\"GET / None\"] [Header(\"X-Token\")] None {}"
    );
    assert_eq!((&answer["status"], &answer["latency"]), (&json!(418), &json!(2)));
    assert_eq!(answer["log"], "Execution log for request x\n");
    assert_eq!(answer["headers"], json!({"B": "2", "a": "4", "x-plane": "yes"}));
    let several = json!({"B": ["2"], "a": ["3", "4"], "x-plane": ["yes"]});
    assert_eq!(answer["multiValueHeaders"], several);
    let stations = json!([{"name": "validate", "microseconds": 7, "lines": ["a line"], "rendered": []}]);
    assert_eq!(answer["portcullis:stations"], stations);

    let answer = api
        .method(&api.pets, "POST", json!({"pathWithQueryString": "?x=1"}))
        .await
        .ok();
    assert_eq!(
        answer["body"],
        "POST /pets/{id}?x=1 \"\" {} [] [\"ANY /pets/{id} None\"] [] None {}"
    );
    let answer = api.method(&api.root, "PUT", Value::Null).await.ok();
    assert_eq!(
        answer["body"],
        "PUT / \"\" {} [] [\"PUT / None\"] [Header(\"Authorization\")] None {}"
    );
}

#[tokio::test]
async fn a_client_certificate_is_one_of_the_account() {
    let api = Api::new().await;
    let made = api
        .control
        .call("POST", "/clientcertificates", json!({}))
        .await
        .ok();
    let id = made["clientCertificateId"].as_str().expect("an id");
    let answer = api
        .method(&api.root, "GET", json!({"clientCertificateId": id}))
        .await
        .ok();
    let body = answer["body"].as_str().expect("a body");
    assert!(body.ends_with(&format!("Some({id:?}) {{}}")), "{body}");
    let refused = api
        .method(&api.root, "GET", json!({"clientCertificateId": "nothere"}))
        .await;
    assert_eq!(
        refused.refusal(),
        (404, "Invalid Client Certificate identifier specified")
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_is_wrong_is_named() {
    let api = Api::new().await;
    let lists = "Invalid value for multiValueHeaders: expected an object of lists of texts";
    let any = "Invalid HttpMethod specified. The method is ANY: name the verb that is sent, one of \
               GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD";
    for (resource, verb, body, expected) in [
        (
            "nothere",
            "GET",
            json!({}),
            (404, "Invalid Resource identifier specified"),
        ),
        (
            &*api.root,
            "POST",
            json!({}),
            (404, "Invalid Method identifier specified"),
        ),
        (
            &*api.root,
            "ANY",
            json!({}),
            (404, "Invalid Method identifier specified"),
        ),
        (&*api.pets, "ANY", json!({}), (400, any)),
        (&*api.pets, "BREW", json!({}), (400, any)),
        (
            &*api.root,
            "GET",
            json!({"multiValueHeaders": {"a": "b"}}),
            (400, lists),
        ),
        (
            &*api.root,
            "GET",
            json!({"additionalContext": {}}),
            (400, "Unknown member: additionalContext"),
        ),
        (
            &*api.root,
            "GET",
            json!({"pathWithQueryString": "bad"}),
            (400, "bad is no path"),
        ),
    ] {
        let answer = api.method(resource, verb, body).await;
        assert_eq!(answer.refusal(), expected, "{verb}");
    }
    let refused = api.authorizer("nothere", json!({})).await;
    assert_eq!(
        refused.refusal(),
        (404, "Invalid Authorizer identifier specified")
    );
}

#[tokio::test]
async fn an_authorizer_is_asked_alone() {
    let api = Api::new().await;
    let [guard, pool] = &api.authorizers;
    let everything = json!({
        "headers": {"X-Token": "t"}, "pathWithQueryString": "/p?q=1", "body": "b",
        "stageVariables": {"v": "1"}, "additionalContext": {"c": "2"},
    });
    let answer = api.authorizer(guard, everything).await.ok();
    assert_eq!(
        (&answer["clientStatus"], &answer["principalId"]),
        (&json!(0), &json!("alice"))
    );
    let asked = "GET /p?q=1 \"b\" {\"v\": \"1\"} [\"guard\"] [\"GET / Custom { authorizer: \\\"guard\\\" }\"] [] None \
                 {\"c\": \"2\"}";
    assert_eq!(answer["authorization"], json!({"n": ["1"], "asked": [asked]}));
    assert_eq!(answer.get("policy"), None);
    let denied = api
        .authorizer(guard, json!({"pathWithQueryString": "/denied"}))
        .await
        .ok();
    assert_eq!(denied["clientStatus"], 403);
    // One that verifies tokens guards its method by its own type.
    let answer = api.authorizer(pool, json!({})).await.ok();
    let asked = answer["authorization"]["asked"][0].as_str().expect("a text");
    assert!(
        asked.contains(r#"["GET / Cognito { authorizer: \"pool\" }"]"#),
        "{asked}"
    );
}
