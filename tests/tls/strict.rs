//! What APIs say of TLS for the names that they have of their own, and the endpoint access mode `STRICT`.
//!
//! "access-mode" is
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html#apigateway-security-policies-endpoint-access-mode>:
//! requests come by the type of endpoint that the resource has, and the host that the handshake names is theirs.

use portcullis_testkit::{Files, Running};
use portcullis_tests::control::*;
use portcullis_tests::gateways::guests;
use portcullis_tests::https::Https;
use portcullis_tests::tls::Authority;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};

use super::{SHOWN, toml, write};

const ONLY13: &str = "SecurityPolicy_TLS13_1_3_2025_09";
const OTHER: &str = "other.example.com";

/// A request that is answered, or the handshake that was refused.
async fn get(client: &Https, gateway: &Running, path: &str) -> Result<u16, String> {
    let answered = client.get(gateway.address(), path, &[]).await;
    answered.map(|answered| answered.status.as_u16())
}

/// A control plane, and a listener with two certificates.
fn controlled() -> String {
    let tls = "[listeners.tls]\ncertificates = [{ certificate = \"own.pem\", key = \"own.key\" }, { certificate = \"other.pem\", \
               key = \"other.key\" }]\n";
    CONTROLLED.replace("{listener}\n", &format!("{{listener}}\n{tls}"))
}

/// A gateway with a control plane, an API with the stage `prod`, and certificates for its own host and for `OTHER`.
async fn started(authority: &Authority) -> (Running, String, String) {
    let files = Files::default();
    write(&files, "own", &authority.issue("localhost"));
    write(&files, "other", &authority.issue(OTHER));
    let gateway = Running::start(&controlled(), files).await;
    let id = api(&gateway, mock()).await;
    deploy(&gateway, &id, json!({"stageName": "prod"})).await;
    let own = format!("{id}.execute-api.us-east-1.example.com");
    write(&gateway.files, "own", &authority.issue(&own));
    let mut gateway = gateway;
    assert!(!gateway.node.reload().await.has_errors());
    (gateway, id, own)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apis_policy_is_for_its_own_names_and_counts_at_once() {
    let authority = Authority::new("ours");
    let (gateway, id, own) = started(&authority).await;
    let (old, new) = (Https::of(&authority, &[&TLS12]), Https::of(&authority, &[&TLS13]));
    let api = format!("/restapis/{id}");
    assert_eq!(get(&old.naming(&own), &gateway, "/prod/").await, Ok(200));
    patch(&gateway, &api, "replace", "/securityPolicy", ONLY13).await;
    get(&old.naming(&own), &gateway, "/prod/")
        .await
        .expect_err("1.3 alone");
    assert_eq!(get(&new.naming(&own), &gateway, "/prod/").await, Ok(200));
    let elsewhere = format!("/_aws/execute-api/{id}/prod/");
    assert_eq!(get(&old.naming(OTHER), &gateway, &elsewhere).await, Ok(200));
    patch(&gateway, &api, "replace", "/securityPolicy", "TLS_1_2").await;
    assert_eq!(get(&old.naming(&own), &gateway, "/prod/").await, Ok(200));
    // What cannot be kept to is refused by its name, of a new one too.
    let body = json!({"name": "x", "securityPolicy": "TLS_1_0"});
    let refused = answer(&gateway, "POST", "/restapis", body).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.text().contains("TLS_1_0 is not supported"),
        "{}",
        refused.text()
    );
    // It goes with its API.
    patch(&gateway, &api, "replace", "/securityPolicy", ONLY13).await;
    call(&gateway, "DELETE", &api, Value::Null).await;
    assert_eq!(get(&old.naming(&own), &gateway, "/prod/").await, Ok(403));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_an_api_counts_after_a_restart() {
    let authority = Authority::new("ours");
    let (gateway, id, own) = started(&authority).await;
    patch(
        &gateway,
        &format!("/restapis/{id}"),
        "replace",
        "/securityPolicy",
        ONLY13,
    )
    .await;
    let Running { files, node, .. } = gateway;
    assert!(
        node.shutdown(std::time::Duration::from_secs(10)).await,
        "it drains"
    );
    let gateway = Running::start(&controlled(), files).await;
    let old = Https::of(&authority, &[&TLS12]).naming(&own);
    get(&old, &gateway, "/prod/").await.expect_err("1.3 alone");
}

/// The store has what files said once: it says nothing of TLS, neither at a start nor for an API that has become a file's.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_no_longer_says_is_forgotten_at_a_start() {
    const OWN: &str = "shop.execute-api.example.org";
    let authority = Authority::new("ours");
    let files = Files::default();
    write(&files, "own", &authority.issue(OWN));
    write(&files, "other", &authority.issue(OTHER));
    let with = |said: &str| {
        let mock = "[[apis.shop.routes]]\npath = \"/x\"\nintegration = { type = \"mock\", status = 200 }";
        format!(
            "{}[apis.shop]\n{said}\n[apis.shop.stages.dev]\n{mock}\n",
            controlled()
        )
    };
    let (old, new) = (Https::of(&authority, &[&TLS12]), Https::of(&authority, &[&TLS13]));
    let said = format!("endpoint_access_mode = \"STRICT\"\nsecurity_policy = \"{ONLY13}\"");
    let gateway = Running::start(&with(&said), files).await;
    assert_eq!(
        get(&new.naming(OTHER).asking(OWN), &gateway, "/dev/x").await,
        Ok(421)
    );
    get(&old.naming(OWN), &gateway, "/dev/x")
        .await
        .expect_err("1.3 alone");
    let Running { files, node, .. } = gateway;
    assert!(
        node.shutdown(std::time::Duration::from_secs(10)).await,
        "it drains"
    );
    let gateway = Running::start(&with(""), files).await;
    assert_eq!(
        get(&new.naming(OTHER).asking(OWN), &gateway, "/dev/x").await,
        Ok(200)
    );
    assert_eq!(get(&old.naming(OWN), &gateway, "/dev/x").await, Ok(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_api_is_reached_by_its_own_name_alone() {
    let authority = Authority::new("ours");
    let (gateway, id, own) = started(&authority).await;
    let client = Https::trusting(&authority);
    let api = format!("/restapis/{id}");
    let by_path = format!("/_aws/execute-api/{id}/prod/");
    let ways = async || {
        [
            get(&client.naming(&own), &gateway, "/prod/").await,
            get(&client.naming(&own), &gateway, &by_path).await,
            // access-mode: "SNI host matching".
            get(&client.naming(OTHER).asking(&own), &gateway, "/prod/").await,
            get(&client.naming(OTHER), &gateway, &by_path).await,
        ]
        .map(|status| status.expect("an answer"))
    };
    assert_eq!(ways().await, [200; 4]);
    patch(&gateway, &api, "replace", "/endpointAccessMode", "STRICT").await;
    // access-mode: it is edge-optimised, as every new one, and no request comes through a point of presence.
    assert_eq!(ways().await, [421; 4]);
    patch(
        &gateway,
        &api,
        "replace",
        "/endpointConfiguration/types/EDGE",
        "REGIONAL",
    )
    .await;
    assert_eq!(ways().await, [200, 200, 421, 421]);
    patch(&gateway, &api, "replace", "/endpointAccessMode", "BASIC").await;
    assert_eq!(ways().await, [200; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_name_is_for_those_whose_handshake_named_it() {
    const NAME: &str = "shop.example.net";
    let authority = Authority::new("ours");
    let (gateway, id, _) = started(&authority).await;
    let own = authority.issue(NAME);
    let body = json!({"domainName": NAME, "endpointConfiguration": {"types": ["REGIONAL"]}, "endpointAccessMode": "STRICT",
        "certificateName": "own", "certificateBody": own.certificate, "certificatePrivateKey": own.key});
    let made = call(&gateway, "POST", "/domainnames", body).await;
    assert_eq!(made["endpointAccessMode"], "STRICT");
    let mapping = json!({"restApiId": id, "stage": "prod"});
    call(
        &gateway,
        "POST",
        &format!("/domainnames/{NAME}/basepathmappings"),
        mapping,
    )
    .await;
    let client = Https::trusting(&authority);
    let fronted = client.naming(OTHER).asking(NAME);
    assert_eq!(get(&client.naming(NAME), &gateway, "/").await, Ok(200));
    assert_eq!(get(&fronted, &gateway, "/").await, Ok(421));
    let name = format!("/domainnames/{NAME}");
    patch(&gateway, &name, "replace", "/endpointAccessMode", "BASIC").await;
    assert_eq!(get(&fronted, &gateway, "/").await, Ok(200));
}

/// In gateway.toml.
#[tokio::test]
async fn files_have_both() {
    const NAME: &str = "shop.example.net";
    const OWN: &str = "api.execute-api.example.org";
    let authority = Authority::new("ours");
    let files = guests();
    write(&files, "server", &authority.issue("localhost"));
    write(&files, "name", &authority.issue(NAME));
    let shown = SHOWN.replace(" }]", " }, { certificate = \"name.pem\", key = \"name.key\" }, { certificate = \"own.pem\", key = \"own.key\" }]");
    write(&files, "own", &authority.issue(OWN));
    let with = |name: &str, api: &str| {
        let domain = format!("[domains.\"{NAME}\"]\nmappings.\"\" = \"api/dev\"\n{name}\n");
        toml(&shown, &domain).replace(
            "[apis.api.stages.dev]",
            &format!("[apis.api]\n{api}\n[apis.api.stages.dev]"),
        )
    };
    let mut gateway = Running::start(&with("", ""), files).await;
    let (old, new) = (Https::of(&authority, &[&TLS12]), Https::of(&authority, &[&TLS13]));
    const STRICT: &str = "endpoint_access_mode = \"STRICT\"";
    let policy = format!("security_policy = \"{ONLY13}\"");
    for (of_name, of_api, fronted_name, fronted_api, old_api, default_api) in [
        ("", "", 200, 200, true, 200),
        (STRICT, "", 421, 200, true, 200),
        ("", STRICT, 200, 421, true, 421),
        ("", &policy, 200, 200, false, 200),
    ] {
        let outcome = gateway.rewrite(&with(of_name, of_api)).await;
        assert!(!outcome.has_errors(), "{:?}", outcome.problems);
        let told = format!("{of_name} {of_api}");
        assert_eq!(get(&new.naming(NAME), &gateway, "/echo").await, Ok(200), "{told}");
        assert_eq!(
            get(&new.naming(OWN), &gateway, "/dev/echo").await,
            Ok(200),
            "{told}"
        );
        assert_eq!(
            get(&new.asking(NAME), &gateway, "/echo").await,
            Ok(fronted_name),
            "{told}"
        );
        assert_eq!(
            get(&new.asking(OWN), &gateway, "/dev/echo").await,
            Ok(fronted_api),
            "{told}"
        );
        assert_eq!(
            get(&old.naming(OWN), &gateway, "/dev/echo").await.is_ok(),
            old_api,
            "{told}"
        );
        // The listener's default API has a host that says nothing of it.
        assert_eq!(get(&new, &gateway, "/dev/echo").await, Ok(default_api), "{told}");
    }
    let wrong = with("", "security_policy = \"TLS_1_0\"");
    let outcome = gateway.rewrite(&wrong).await;
    let told: String = outcome.problems.iter().map(ToString::to_string).collect();
    assert!(
        told.contains("the security policy TLS_1_0 is not supported"),
        "{told}"
    );
    assert!(told.contains("gateway.toml:"), "{told}");
}

/// Certificates of a name and of another one, and how a listener shows both.
fn shown_beside_another(name: &str) -> (Authority, Files, String) {
    let authority = Authority::new("ours");
    let files = guests();
    write(&files, "server", &authority.issue(name));
    write(&files, "other", &authority.issue(OTHER));
    let shown = SHOWN.replace(" }]", " }, { certificate = \"other.pem\", key = \"other.key\" }]");
    (authority, files, shown)
}

/// In a document; one that cannot be read leaves what there was.
#[tokio::test]
async fn documents_have_both() {
    const OWN: &str = "doc.execute-api.example.org";
    let (authority, files, shown) = shown_beside_another(OWN);
    let document = |more: &str| {
        format!(
            "openapi: 3.0.1\ninfo: {{title: doc, version: '1'}}\n{more}\npaths:\n  /x:\n    get:\n      responses: {{'200': {{description: ok}}}}\n      \
             x-amazon-apigateway-integration: {{type: mock, requestTemplates: {{application/json: '{{\"statusCode\": 200}}'}}, responses: {{default: \
             {{statusCode: '200'}}}}}}\n"
        )
    };
    files.write("doc.yaml", document(""));
    let toml = toml(
        &shown,
        "[apis.doc]\nopenapi = \"doc.yaml\"\n[apis.doc.stages.dev]\n",
    );
    let mut gateway = Running::start(&toml, files).await;
    let (old, new) = (Https::of(&authority, &[&TLS12]), Https::of(&authority, &[&TLS13]));
    let (old, fronted) = (old.naming(OWN), new.naming(OTHER).asking(OWN));
    let strict = "x-amazon-apigateway-endpoint-access-mode: STRICT";
    let policy = format!("x-amazon-apigateway-security-policy: {ONLY13}");
    for (more, is_read, old_is_served, fronted_status) in [
        ("", true, true, 200),
        (&*policy, true, false, 200),
        (strict, true, true, 421),
        // What there was.
        ("wrong: [", false, true, 421),
        ("x-amazon-apigateway-security-policy: TLS_1_0", false, true, 421),
        ("", true, true, 200),
    ] {
        gateway.files.write("doc.yaml", document(more));
        let outcome = gateway.node.reload().await;
        assert_eq!(!outcome.has_errors(), is_read, "{more}: {:?}", outcome.problems);
        assert_eq!(
            get(&old, &gateway, "/dev/x").await.is_ok(),
            old_is_served,
            "{more}"
        );
        assert_eq!(
            get(&fronted, &gateway, "/dev/x").await,
            Ok(fronted_status),
            "{more}"
        );
    }
}

/// A private one by the names of its endpoints; a header that names it on another host is no way around its policy.
#[tokio::test]
async fn a_strict_private_api_is_not_reached_by_a_header() {
    const OWN: &str = "api-vpce-1a.execute-api.example.org";
    let (authority, files, shown) = shown_beside_another(OWN);
    let policy = "{ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Principal = \"*\", Action = \
                  \"execute-api:Invoke\", Resource = \"execute-api:/*\" }] }";
    let with = |mode: &str| {
        let api = format!(
            "[apis.api]\nendpoint_type = \"private\"\nvpc_endpoint_ids = [\"vpce-1a\"]\npolicy = {policy}\nendpoint_access_mode = \"{mode}\"\n[apis.api.stages.dev]"
        );
        let toml = toml(&shown, "").replace("[apis.api.stages.dev]", &api);
        toml.replace("[listeners.tls]", "vpce = \"vpce-1a\"\n[listeners.tls]")
    };
    let mut gateway = Running::start(&with("BASIC"), files).await;
    let client = Https::trusting(&authority);
    for (mode, by_header) in [("BASIC", 200), ("STRICT", 421)] {
        let outcome = gateway.rewrite(&with(mode)).await;
        assert!(!outcome.has_errors(), "{:?}", outcome.problems);
        assert_eq!(
            get(&client.naming(OWN), &gateway, "/dev/echo").await,
            Ok(200),
            "{mode}"
        );
        let named = [("x-apigw-api-id", "api")];
        let answer = client
            .naming(OTHER)
            .get(gateway.address(), "/dev/echo", &named)
            .await;
        assert_eq!(answer.expect("an answer").status, by_header, "{mode}");
    }
}

/// There is no handshake in clear text, so nobody is named.
#[tokio::test]
async fn in_clear_text_nothing_strict_is_reached() {
    let toml = "{listener api}\n[apis.api]\nendpoint_access_mode = \"STRICT\"\n[apis.api.stages.dev]\n[[apis.api.routes]]\n\
                path = \"/mock\"\nintegration = { type = \"mock\", status = 200 }\n";
    let gateway = Running::start(toml, Files::default()).await;
    let host = [("host", "api.execute-api.localhost")];
    let url = format!("http://{}/dev/mock", gateway.address());
    let answer = gateway.client().send("GET", &url, &host, b"").await;
    assert_eq!(answer.expect("an answer").status, 421);
}
