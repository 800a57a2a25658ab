//! Which method answers, and what a MOCK does.

use portcullis_testkit::Running;
use portcullis_tests::gateways::*;

use super::MOCKS;

#[tokio::test]
async fn mock_answers_with_its_status_and_nothing_else() {
    let gateway = Running::of(MOCKS).await;
    for (method, path, status) in [
        ("GET", "/dev/any", 200),
        ("POST", "/dev/any", 200),
        ("DELETE", "/dev/any", 200),
        ("HEAD", "/dev/gone", 410),
        ("GET", "/dev/gone", 410),
        ("GET", "/dev/empty", 204),
    ] {
        let answer = gateway
            .send(method, path, &[("x-amzn-trace-id", "Root=1-2-3")], b"")
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (status, ""),
            "{method} {path}"
        );
        // behaviours: MOCK responses never carry x-amzn-trace-id.
        assert_eq!(answer.header("x-amzn-trace-id"), "", "{path}");
        assert_eq!(answer.header("x-amzn-errortype"), "", "{path}");
        assert_ids(&answer, path);
    }
}

#[tokio::test]
async fn routes_by_api_gateways_priorities() {
    let routes = [
        ("GET", "/", 201),
        ("GET", "/pets", 202),
        ("ANY", "/pets/{id}", 203),
        ("GET", "/pets/{id}", 213),
        ("GET", "/pets/best", 214),
        ("GET", "/pets/{id}/toys/{toy}", 205),
        ("POST", "/pets/{proxy+}", 206),
        ("GET", "/files/{proxy+}", 207),
        ("ANY", "/a b", 208),
        ("ANY", "/c%20d", 210),
        ("DELETE", "/{proxy+}", 209),
    ];
    let mut toml = "{listener shop}\n[apis.shop.stages.dev]\n".to_owned();
    for (method, path, status) in routes {
        toml += &format!(
            "[[apis.shop.routes]]\npath = \"{path}\"\nmethod = \"{method}\"\n\
             integration = {{ type = \"mock\", status = {status} }}\n"
        );
    }
    let gateway = Running::of(&toml).await;
    // api-gateway-method-settings-method-request.html (ANY, greedy path variables); behaviours (a static resource that
    // lacks the verb falls through to a greedy sibling; `/stage//x` matches `/x`).
    for (name, method, path, expected) in [
        ("root", "GET", "", 201),
        ("root with a slash", "GET", "/", 201),
        ("literal", "GET", "/pets", 202),
        ("slash at the end", "GET", "/pets/", 202),
        ("double slash after the stage", "GET", "//pets", 202),
        ("exact verb before ANY", "GET", "/pets/7", 213),
        ("ANY for other verbs", "PATCH", "/pets/7", 203),
        ("literal before parameter", "GET", "/pets/best", 214),
        (
            "verb not at the literal falls to the parameter",
            "PUT",
            "/pets/best",
            203,
        ),
        ("two parameters", "GET", "/pets/7/toys/ball", 205),
        ("falls through to greedy", "POST", "/pets/7/toys/ball", 206),
        (
            "greedy above a literal that lacks the verb",
            "DELETE",
            "/pets",
            209,
        ),
        ("greedy", "GET", "/files/a/b//c/", 207),
        ("greedy needs a part", "GET", "/files/", 403),
        ("encoded literal", "GET", "/%70ets", 202),
        ("encoded blank", "GET", "/a%20b", 208),
        ("encoded in the definition too", "GET", "/%63%20d", 210),
        ("encoded slash is no separator", "GET", "/pets%2F7", 403),
        ("case matters", "GET", "/PETS", 403),
        ("query does not count", "GET", "/pets?x=/best", 202),
    ] {
        let answer = gateway.send(method, &format!("/dev{path}"), &[], b"").await;
        assert_eq!(answer.status, expected, "{name}: {method} {path}");
    }
}
