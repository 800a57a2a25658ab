//! Each kind over a real store: created, got, listed, patched, deleted, and refused in the service's words.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]

mod common;

use common::{Control, NOW};
use serde_json::{Value, json};

fn id(document: &Value, name: &str) -> String {
    document[name].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn authorizers_live_and_are_checked() {
    let control = Control::new().await;
    let unknown = control
        .call("POST", "/restapis/nope/authorizers", token("a"))
        .await;
    // Recorded from the service.
    assert_eq!(
        unknown.refusal(),
        (
            409,
            "Unable to complete operation due to concurrent modification. Please try again later."
        )
    );
    let at = format!("/restapis/{}/authorizers", control.api().await);
    let made = control.call("POST", &at, token("a")).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    assert_eq!(made["authType"], "custom");
    assert_eq!(made["authorizerResultTtlInSeconds"], 300);
    let twin = control.call("POST", &at, token("a")).await;
    assert_eq!(
        twin.refusal().1,
        "Authorizer name must be unique. Authorizer a already exists in this RestApi."
    );
    let one = format!("{at}/{}", id(&made, "id"));
    assert_eq!(control.call("GET", &one, Value::Null).await.ok(), made);
    let changed = control
        .patch(
            &one,
            &[
                ("replace", "/authorizerResultTtlInSeconds", "0"),
                ("replace", "/name", "b"),
            ],
        )
        .await
        .ok();
    assert_eq!(changed["name"], "b");
    assert_eq!(changed["authorizerResultTtlInSeconds"], 0);
    let refused = control
        .patch(
            &one,
            &[
                ("replace", "/name", "c"),
                ("replace", "/authorizerResultTtlInSeconds", "4000"),
            ],
        )
        .await;
    assert_eq!(refused.status, 400);
    assert_eq!(control.call("GET", &one, Value::Null).await.ok(), changed);
    for body in [
        json!({"name": "x", "type": "TOKEN", "authorizerUri": "nonsense"}),
        json!({"name": "x", "type": "REQUEST", "authorizerUri": "arn:aws:apigateway:r:lambda:path/x"}),
        json!({"name": "x", "type": "COGNITO_USER_POOLS"}),
        json!({"name": "x", "type": "OTHER"}),
        json!({"name": "x", "type": "TOKEN", "authorizerUri": "arn:x:y:::z", "identityValidationExpression": "("}),
    ] {
        assert_eq!(
            control.call("POST", &at, body.clone()).await.status,
            400,
            "{body}"
        );
    }
    assert_eq!(control.call("DELETE", &one, Value::Null).await.status, 202);
    let gone = control.call("GET", &one, Value::Null).await;
    assert_eq!(gone.refusal(), (404, "Invalid Authorizer identifier specified"));
}

fn token(name: &str) -> Value {
    json!({
        "name": name,
        "type": "TOKEN",
        "authorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations",
        "identitySource": "method.request.header.Authorization",
    })
}

/// Words recorded from the service.
#[tokio::test]
async fn models_are_schemas() {
    let control = Control::new().await;
    let at = format!("/restapis/{}/models", control.api().await);
    let model =
        |name: &str, schema: &str| json!({"name": name, "contentType": "application/json", "schema": schema});
    let pet = model(
        "Pet",
        r#"{"type":"object","properties":{"id":{"type":"integer"}}}"#,
    );
    assert_eq!(control.call("POST", &at, pet.clone()).await.status, 201);
    for (body, expected) in [
        (pet, (409, "Model name already exists for this REST API")),
        (model("", "{}"), (400, "Model name must be non-empty")),
        (model("a-b", "{}"), (400, "Model name must be alphanumeric: a-b")),
        (
            model("Other", ""),
            (
                400,
                "Model schema must have at least 1 property or array items defined",
            ),
        ),
    ] {
        assert_eq!(control.call("POST", &at, body).await.refusal(), expected);
    }
    let wrong = control
        .call("POST", &at, model("W", r#"{"type":"nonsense"}"#))
        .await;
    assert_eq!(wrong.status, 400);
    let words =
        "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified";
    assert!(wrong.refusal().1.starts_with(words), "{wrong:?}");
    let pets =
        r#"{"type":"array","items":{"$ref":"https://apigateway.amazonaws.com/restapis/x/models/Pet"}}"#;
    control.call("POST", &at, model("Pets", pets)).await.ok();
    let flat = control
        .call("GET", &format!("{at}/Pets?flatten=true"), Value::Null)
        .await
        .ok();
    assert!(
        flat["schema"].as_str().unwrap().contains("#/definitions/Pet"),
        "{flat}"
    );
    let template = control
        .call("GET", &format!("{at}/Pet/default_template"), Value::Null)
        .await
        .ok();
    assert_eq!(
        template["value"],
        "#set($inputRoot = $input.path('$'))\n{\n  \"id\" : 42\n}"
    );
    let used = control.call("DELETE", &format!("{at}/Pet"), Value::Null).await;
    assert_eq!(
        used.refusal(),
        (409, "Cannot delete model 'Pet', is referenced in model: Pets")
    );
    for (operation, expected) in [
        (
            ("add", "/wrong-path", "x"),
            "Invalid patch path  '/wrong-path' specified for op 'add'. Please choose supported operations",
        ),
        (
            ("replace", "/name", "x"),
            "Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]",
        ),
        (
            ("replace", "/schema", ""),
            "Model schema must have at least 1 property or array items defined",
        ),
    ] {
        let refused = control.patch(&format!("{at}/Pet"), &[operation]).await;
        assert_eq!(refused.refusal(), (400, expected));
    }
    let gone = control
        .call("DELETE", &format!("{at}/MySchema"), Value::Null)
        .await;
    assert_eq!(gone.refusal(), (404, "Invalid model name specified: MySchema"));
    assert_eq!(
        control
            .call("DELETE", &format!("{at}/Pets"), Value::Null)
            .await
            .status,
        202
    );
    assert_eq!(
        control
            .call("DELETE", &format!("{at}/Pet"), Value::Null)
            .await
            .status,
        202
    );
}

/// Answers and words recorded from the service.
#[tokio::test]
async fn gateway_responses_have_defaults() {
    let control = Control::new().await;
    let at = format!("/restapis/{}/gatewayresponses", control.api().await);
    let default = json!({
        "responseType": "MISSING_AUTHENTICATION_TOKEN",
        "statusCode": "403",
        "responseParameters": {},
        "responseTemplates": {"application/json": "{\"message\":$context.error.messageString}"},
        "defaultResponse": true,
    });
    let one = format!("{at}/MISSING_AUTHENTICATION_TOKEN");
    assert_eq!(control.call("GET", &one, Value::Null).await.ok(), default);
    let all = control.call("GET", &at, Value::Null).await.ok();
    assert_eq!(all["item"].as_array().unwrap().len(), 21);
    let unset = control.call("DELETE", &one, Value::Null).await;
    assert_eq!(unset.refusal(), (404, "Gateway response type not defined on api"));
    let put = json!({"statusCode": "404", "responseParameters": {"gatewayresponse.header.X": "'a'"}});
    let made = control.call("PUT", &one, put).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.ok()["defaultResponse"], false);
    for (operation, expected) in [
        (
            ("add", "/statusCode", "444"),
            (400, "Invalid patch path /statusCode"),
        ),
        (
            ("remove", "/statusCode", ""),
            (400, "Invalid patch path /statusCode"),
        ),
        (("add", "/wrongPath", "x"), (400, "Invalid patch path /wrongPath")),
        (
            ("replace", "/responseParameters/gatewayresponse.header.Y", "'x'"),
            (404, "Invalid parameter name specified"),
        ),
        (
            ("replace", "/responseTemplates/application~1json", ""),
            (400, "Invalid null or empty value in responseTemplates"),
        ),
        (
            ("add", "/responseParameters/gatewayresponse.header.Y", ""),
            (400, "Invalid null or empty value in responseParameters"),
        ),
    ] {
        assert_eq!(
            control.patch(&one, &[operation]).await.refusal(),
            expected,
            "{operation:?}"
        );
    }
    let first = control
        .patch(&format!("{at}/DEFAULT_4XX"), &[("replace", "/statusCode", "444")])
        .await
        .ok();
    assert_eq!(first["defaultResponse"], false);
    assert_eq!(first["statusCode"], "444");
    let fake = control.call("GET", &format!("{at}/FAKE"), Value::Null).await;
    assert_eq!(fake.kind, "ValidationException");
    assert!(
        fake.refusal()
            .1
            .starts_with("1 validation error detected: Value 'FAKE' at 'responseType'")
    );
    assert_eq!(control.call("DELETE", &one, Value::Null).await.status, 202);
    assert_eq!(control.call("GET", &one, Value::Null).await.ok(), default);
    // Pages follow the order of the types.
    let page = control
        .call("GET", &format!("{at}?limit=20"), Value::Null)
        .await
        .ok();
    let next = format!("{at}?limit=20&position={}", page["position"].as_str().unwrap());
    let rest = control.call("GET", &next, Value::Null).await.ok();
    assert_eq!(rest["item"][0]["responseType"], "WAF_FILTERED");
    assert_eq!(rest.get("position"), None);
}

#[tokio::test]
async fn documentation_is_kept() {
    let control = Control::new().await;
    let api = control.api().await;
    let at = format!("/restapis/{api}/documentation/parts");
    let part = |location: Value| json!({"location": location, "properties": "{\"description\":\"d\"}"});
    let made = control.call("POST", &at, part(json!({"type": "API"}))).await.ok();
    let twin = control.call("POST", &at, part(json!({"type": "API"}))).await;
    assert_eq!(
        twin.refusal(),
        (
            409,
            "Documentation part already exists for the specified location: type 'API'."
        )
    );
    control
        .call(
            "POST",
            &at,
            part(json!({"type": "METHOD", "path": "/pets", "method": "GET"})),
        )
        .await
        .ok();
    control
        .call("POST", &at, part(json!({"type": "MODEL", "name": "Pet"})))
        .await
        .ok();
    for (query, count) in [
        ("", 3),
        ("?type=METHOD", 1),
        ("?path=/pets", 1),
        ("?name=Pe", 1),
        ("?locationStatus=DOCUMENTED", 3),
        ("?locationStatus=UNDOCUMENTED", 0),
    ] {
        let found = control
            .call("GET", &format!("{at}{query}"), Value::Null)
            .await
            .ok();
        assert_eq!(found["item"].as_array().unwrap().len(), count, "{query}");
    }
    let one = format!("{at}/{}", id(&made, "id"));
    // Recorded from the service.
    for (operation, expected) in [
        (
            ("replace", "/invalidPath", "x"),
            "Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: [/properties]",
        ),
        (
            ("replace", "/properties", ""),
            "Documentation part properties must be non-empty",
        ),
    ] {
        assert_eq!(control.patch(&one, &[operation]).await.refusal(), (400, expected));
    }
    let versions = format!("/restapis/{api}/documentation/versions");
    let version = control
        .call(
            "POST",
            &versions,
            json!({"documentationVersion": "1.0", "description": "d"}),
        )
        .await;
    assert_eq!(version.status, 201);
    let shown = json!({"version": "1.0", "createdDate": NOW, "description": "d"});
    assert_eq!(version.ok(), shown);
    assert_eq!(
        control
            .call("GET", &format!("{versions}/1.0"), Value::Null)
            .await
            .ok(),
        shown
    );
    assert_eq!(
        control.call("GET", &versions, Value::Null).await.ok(),
        json!({"item": [shown]})
    );
    assert_eq!(control.call("DELETE", &one, Value::Null).await.status, 202);
    let gone = control.call("GET", &one, Value::Null).await;
    assert_eq!(
        gone.refusal(),
        (404, "Invalid Documentation part identifier specified")
    );
}

#[tokio::test]
async fn keys_hide_their_values() {
    let control = Control::new().await;
    let made = control
        .call(
            "POST",
            "/apikeys",
            json!({"name": "one", "customerId": "c", "enabled": true}),
        )
        .await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    let one = format!("/apikeys/{}", id(&made, "id"));
    assert_eq!(
        control.call("GET", &one, Value::Null).await.ok().get("value"),
        None
    );
    let whole = control
        .call("GET", &format!("{one}?includeValue=true"), Value::Null)
        .await
        .ok();
    assert_eq!(whole, made);
    let short = control.call("POST", "/apikeys", json!({"value": "short"})).await;
    assert_eq!(
        short.refusal(),
        (400, "API Key value should be at least 20 characters")
    );
    let twin = control
        .call("POST", "/apikeys", json!({"value": made["value"]}))
        .await;
    assert_eq!(twin.refusal(), (409, "API Key already exists"));
    let changed = control
        .patch(&one, &[("replace", "/enabled", "false")])
        .await
        .ok();
    assert_eq!(changed["enabled"], false);
    for (query, count) in [
        ("?name=on", 1),
        ("?name=two", 0),
        ("?customerId=c", 1),
        ("?customerId=x", 0),
    ] {
        let found = control
            .call("GET", &format!("/apikeys{query}"), Value::Null)
            .await
            .ok();
        assert_eq!(found["item"].as_array().unwrap().len(), count, "{query}");
    }
    let file =
        "Name,key,description,Enabled,usageplanIds\nA,aaaaaaaaaaaaaaaaaaaaaaaa,,true,nope\nB,short,,,\n";
    let strict = control
        .send(
            "POST",
            "/apikeys?mode=import&format=csv&failonwarnings=true",
            file,
        )
        .await;
    assert_eq!(strict.status, 400);
    let imported = control
        .send("POST", "/apikeys?mode=import&format=csv", file)
        .await;
    assert_eq!(imported.status, 201);
    let imported = imported.ok();
    assert_eq!(imported["ids"].as_array().unwrap().len(), 1);
    assert_eq!(
        imported["warnings"],
        json!([
            "line 2: unknown usage plans: nope",
            "line 3: API Key value should be at least 20 characters"
        ])
    );
    assert_eq!(control.call("DELETE", &one, Value::Null).await.status, 202);
    let gone = control.call("GET", &one, Value::Null).await;
    assert_eq!(gone.refusal(), (404, "Invalid API Key identifier specified"));
    // The value is free again.
    let again = control
        .call("POST", "/apikeys", json!({"value": made["value"]}))
        .await;
    assert_eq!(again.status, 201);
}

#[tokio::test]
async fn plans_have_keys_and_counters() {
    let control = Control::new().await;
    let unknown = control.call("GET", "/usageplans/nope", Value::Null).await;
    assert_eq!(unknown.refusal(), (404, "Invalid Usage Plan ID specified"));
    let body = json!({
        "name": "p",
        "throttle": {"burstLimit": 5, "rateLimit": 1.5},
        "quota": {"limit": 100, "period": "DAY"},
    });
    let plan = control.call("POST", "/usageplans", body).await.ok();
    assert_eq!(plan["apiStages"], json!([]));
    assert_eq!(plan["quota"], json!({"limit": 100, "period": "DAY", "offset": 0}));
    let one = format!("/usageplans/{}", id(&plan, "id"));
    let key = control.call("POST", "/apikeys", json!({"name": "k"})).await.ok();
    let attach = json!({"keyId": key["id"], "keyType": "API_KEY"});
    let attached = control.call("POST", &format!("{one}/keys"), attach.clone()).await;
    assert_eq!(attached.status, 201);
    assert_eq!(
        attached.ok(),
        json!({"id": key["id"], "type": "API_KEY", "value": key["value"], "name": "k"})
    );
    assert_eq!(
        control.call("POST", &format!("{one}/keys"), attach).await.status,
        409
    );
    let listed = control
        .call("GET", &format!("{one}/keys?name=k"), Value::Null)
        .await
        .ok();
    assert_eq!(listed["item"].as_array().unwrap().len(), 1);
    let of_key = format!("/usageplans?keyId={}", id(&key, "id"));
    let of_key = control.call("GET", &of_key, Value::Null).await.ok();
    assert_eq!(of_key["item"].as_array().unwrap().len(), 1);

    let usage = format!("{one}/usage?startDate=2026-01-01&endDate=2026-01-02");
    let usage = control.call("GET", &usage, Value::Null).await.ok();
    assert_eq!(usage["values"][id(&key, "id")], json!([[0, 100], [0, 100]]));
    let remaining = format!("{one}/keys/{}/usage", id(&key, "id"));
    let granted = control
        .patch(&remaining, &[("replace", "/remaining", "7")])
        .await
        .ok();
    assert_eq!(granted["values"][id(&key, "id")], json!([[0, 7]]));

    let stage = control.patch(&one, &[("add", "/apiStages", "a:b")]).await;
    assert_eq!(stage.refusal(), (404, "API Stage not found: a:b"));
    let changed = control
        .patch(
            &one,
            &[
                ("replace", "/quota/limit", "9"),
                ("replace", "/throttle/rateLimit", "2"),
                ("remove", "/throttle/burstLimit", ""),
            ],
        )
        .await
        .ok();
    assert_eq!(changed["quota"]["limit"], 9);
    assert_eq!(changed["throttle"], json!({"rateLimit": 2.0}));
    let bad = control.patch(&one, &[("replace", "/quota/period", "YEAR")]).await;
    assert_eq!(bad.status, 400);
    // A key that goes, goes out of its plans.
    let gone = format!("/apikeys/{}", id(&key, "id"));
    assert_eq!(control.call("DELETE", &gone, Value::Null).await.status, 202);
    let left = control
        .call("GET", &format!("{one}/keys"), Value::Null)
        .await
        .ok();
    assert_eq!(left["item"], json!([]));
    assert_eq!(control.call("DELETE", &one, Value::Null).await.status, 202);
}

#[tokio::test]
async fn domain_names_map_paths() {
    let control = Control::new().await;
    let unknown = control
        .call("GET", "/domainnames/x.example.com", Value::Null)
        .await;
    assert_eq!(
        unknown.refusal(),
        (404, "Invalid domain name identifier specified")
    );
    let arn = "arn:aws:acm:us-east-1:123456789012:certificate/x";
    let body = json!({
        "domainName": "api.example.com",
        "regionalCertificateArn": arn,
        "endpointConfiguration": {"types": ["REGIONAL"]},
    });
    let made = control.call("POST", "/domainnames", body.clone()).await.ok();
    assert_eq!(made["domainNameStatus"], "AVAILABLE");
    assert!(
        made["regionalDomainName"]
            .as_str()
            .unwrap()
            .ends_with(".execute-api.us-east-1.amazonaws.com")
    );
    let twin = control.call("POST", "/domainnames", body).await;
    assert_eq!(
        twin.refusal(),
        (400, "The domain name you provided already exists.")
    );
    let secret = json!({"domainName": "b.example.com", "certificatePrivateKey": "x"});
    let secret = control.call("POST", "/domainnames", secret).await;
    assert!(
        secret
            .refusal()
            .1
            .starts_with("certificatePrivateKey is not supported")
    );
    let one = "/domainnames/api.example.com";
    let changed = control
        .patch(
            one,
            &[
                ("replace", "/securityPolicy", "TLS_1_0"),
                (
                    "replace",
                    "/mutualTlsAuthentication/truststoreUri",
                    "s3://b/k.pem",
                ),
            ],
        )
        .await
        .ok();
    assert_eq!(
        changed["mutualTlsAuthentication"],
        json!({"truststoreUri": "s3://b/k.pem"})
    );
    let none = control
        .patch(one, &[("replace", "/mutualTlsAuthentication", "")])
        .await
        .ok();
    assert_eq!(none.get("mutualTlsAuthentication"), None);
    let edge = control
        .patch(one, &[("replace", "/endpointConfiguration/types/0", "EDGE")])
        .await
        .ok();
    assert!(
        edge["distributionDomainName"]
            .as_str()
            .unwrap()
            .ends_with(".cloudfront.net")
    );

    let api = control.api().await;
    let maps = format!("{one}/basepathmappings");
    let root = control.call("POST", &maps, json!({"restApiId": api})).await.ok();
    assert_eq!(root, json!({"restApiId": api, "basePath": "(none)"}));
    for (body, expected) in [
        (
            json!({"restApiId": api}),
            (409, "Base path already exists for this domain name"),
        ),
        (
            json!({"restApiId": "nope", "basePath": "x"}),
            (400, "Invalid REST API identifier specified"),
        ),
        (
            json!({"restApiId": api, "basePath": "x", "stage": "nope"}),
            (400, "Invalid stage identifier specified"),
        ),
    ] {
        assert_eq!(control.call("POST", &maps, body).await.refusal(), expected);
    }
    let moved = control
        .patch(&format!("{maps}/(none)"), &[("replace", "/basePath", "v1")])
        .await
        .ok();
    assert_eq!(moved["basePath"], "v1");
    let before = control
        .call("GET", &format!("{maps}/%28none%29"), Value::Null)
        .await;
    assert_eq!(
        before.refusal(),
        (404, "Invalid base path mapping identifier specified")
    );
    assert_eq!(
        control.call("GET", &format!("{maps}/v1"), Value::Null).await.ok(),
        moved
    );
    assert_eq!(control.call("DELETE", one, Value::Null).await.status, 202);
}

#[tokio::test]
async fn private_names_are_told_apart_by_id() {
    let control = Control::new().await;
    let body = json!({"domainName": "p.example.com", "endpointConfiguration": {"types": ["PRIVATE"]}});
    let first = control.call("POST", "/domainnames", body.clone()).await.ok();
    let second = control.call("POST", "/domainnames", body).await.ok();
    assert_ne!(first["domainNameId"], second["domainNameId"]);
    assert_eq!(
        control
            .call("GET", "/domainnames/p.example.com", Value::Null)
            .await
            .status,
        404
    );
    let one = format!(
        "/domainnames/p.example.com?domainNameId={}",
        id(&first, "domainNameId")
    );
    assert_eq!(control.call("GET", &one, Value::Null).await.ok(), first);
    let body = json!({
        "domainNameArn": first["domainNameArn"],
        "accessAssociationSourceType": "VPCE",
        "accessAssociationSource": "vpce-1a",
        "tags": {"a": "b"},
    });
    let made = control
        .call("POST", "/domainnameaccessassociations", body)
        .await
        .ok();
    let all = control
        .call(
            "GET",
            "/domainnameaccessassociations?resourceOwner=SELF",
            Value::Null,
        )
        .await
        .ok();
    assert_eq!(all["item"], json!([made]));
    let used = control.call("DELETE", &one, Value::Null).await;
    assert_eq!(used.status, 400);
    let arn = id(&made, "domainNameAccessAssociationArn");
    let reject = format!(
        "/rejectdomainnameaccessassociations?domainNameAccessAssociationArn={arn}&domainNameArn={}",
        id(&first, "domainNameArn").replace('+', "%2B")
    );
    assert_eq!(control.call("POST", &reject, Value::Null).await.status, 202);
    let path = format!("/domainnameaccessassociations/{}", arn.replace('/', "%2F"));
    assert_eq!(control.call("DELETE", &path, Value::Null).await.status, 404);
    assert_eq!(control.call("DELETE", &one, Value::Null).await.status, 202);
}

/// Answers and words of links are recorded from the service.
#[tokio::test]
async fn links_certificates_and_the_account_are_kept() {
    let control = Control::new().await;
    let arn = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/n/1";
    let link = control
        .call("POST", "/vpclinks", json!({"name": "l", "targetArns": [arn]}))
        .await;
    assert_eq!((link.status, &link.body["status"]), (202, &json!("PENDING")));
    let one = format!("/vpclinks/{}", id(&link.body, "id"));
    let got = control.call("GET", &one, Value::Null).await.ok();
    assert_eq!(got["status"], "AVAILABLE");
    assert_eq!(got["tags"], json!({}));
    for (body, expected) in [
        (
            json!({"name": "l", "targetArns": ["invalid-arn"]}),
            "Invalid ARN. ARN is not well formed invalid-arn",
        ),
        (json!({"name": "", "targetArns": [arn]}), "Name cannot be empty"),
    ] {
        assert_eq!(
            control.call("POST", "/vpclinks", body).await.refusal(),
            (400, expected)
        );
    }
    let gone = control.call("GET", "/vpclinks/nope", Value::Null).await;
    assert_eq!(gone.refusal(), (404, "Invalid Vpc Link identifier specified"));

    let made = control
        .call("POST", "/clientcertificates", json!({"description": "d"}))
        .await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    let pem = id(&made, "pemEncodedCertificate");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
    assert_eq!(made["createdDate"], NOW);
    assert_eq!(made["expirationDate"], NOW + 365 * 86_400);
    let one = format!("/clientcertificates/{}", id(&made, "clientCertificateId"));
    for shown in [
        made.clone(),
        control.call("GET", &one, Value::Null).await.ok(),
        control.call("GET", "/clientcertificates", Value::Null).await.ok(),
        control
            .patch(&one, &[("replace", "/description", "e")])
            .await
            .ok(),
    ] {
        assert!(!shown.to_string().contains("rivate"), "{shown}");
    }
    let mut read = control.service.store().read().await.unwrap();
    let key = portcullis_store::Key::new("clientcertificate", "", id(&made, "clientCertificateId"));
    let row = read.get(&key).await.unwrap().unwrap();
    assert!(
        row.document["$privateKey"]
            .as_str()
            .unwrap()
            .starts_with("sealed ")
    );
    drop(read);

    let account = control.call("GET", "/account", Value::Null).await.ok();
    assert_eq!(
        account,
        json!({
            "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
            "features": ["UsagePlans"],
            "apiKeyVersion": "4",
        })
    );
    let role = "arn:aws:iam::123456789012:role/logs";
    let changed = control
        .patch("/account", &[("replace", "/cloudwatchRoleArn", role)])
        .await
        .ok();
    assert_eq!(changed["cloudwatchRoleArn"], role);
    assert_eq!(control.call("GET", "/account", Value::Null).await.ok(), changed);
}

#[tokio::test]
async fn tags_are_put_on_what_has_an_arn() {
    let control = Control::new().await;
    let api = control.api().await;
    let at = format!("/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2F{api}");
    assert_eq!(
        control
            .call("PUT", &at, json!({"tags": {"a": "1", "b": "2"}}))
            .await
            .status,
        204
    );
    assert_eq!(
        control
            .call("DELETE", &format!("{at}?tagKeys=a"), Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(
        control.call("GET", &at, Value::Null).await.ok(),
        json!({"tags": {"b": "2"}})
    );
    for (arn, status) in [
        ("arn:aws:apigateway:us-east-1::%2Frestapis%2Fnope", 404),
        ("arn:aws:apigateway:us-east-1::%2Fusageplans%2Fnope", 404),
        ("arn:aws:apigateway:us-east-1::%2Fnothing%2Fnope", 400),
        ("nonsense", 400),
    ] {
        let refused = control.call("GET", &format!("/tags/{arn}"), Value::Null).await;
        assert_eq!(refused.status, status, "{arn}: {refused:?}");
    }
    let reserved = control.call("PUT", &at, json!({"tags": {"aws:x": "1"}})).await;
    assert_eq!(reserved.status, 400);
}

/// An API with a method that needs nothing, live on a stage.
async fn deployed(control: &Control) -> String {
    let made = control
        .call("POST", "/restapis", json!({"name": "live"}))
        .await
        .ok();
    let api = id(&made, "id");
    let method = format!(
        "/restapis/{api}/resources/{}/methods/GET",
        id(&made, "rootResourceId")
    );
    control
        .call("PUT", &method, json!({"authorizationType": "NONE"}))
        .await
        .ok();
    control
        .call("PUT", &format!("{method}/integration"), json!({"type": "MOCK"}))
        .await
        .ok();
    control
        .call(
            "POST",
            &format!("/restapis/{api}/deployments"),
            json!({"stageName": "prod"}),
        )
        .await
        .ok();
    api
}

#[tokio::test]
async fn plans_throttle_methods_of_stages() {
    let control = Control::new().await;
    let api = deployed(&control).await;
    let stage = json!({"apiId": api, "stage": "prod", "throttle": {"/pets/GET": {"burstLimit": 1, "rateLimit": 2.0}}});
    let body = json!({"name": "p", "apiStages": [stage]});
    let plan = control.call("POST", "/usageplans", body).await.ok();
    assert_eq!(plan["apiStages"], json!([stage]));
    let one = format!("/usageplans/{}", id(&plan, "id"));
    let at = format!("/apiStages/{api}:prod/throttle");
    let changed = control
        .patch(
            &one,
            &[
                ("replace", &format!("{at}/~1pets~1GET/rateLimit"), "5"),
                ("add", &format!("{at}/~1dogs~1GET/burstLimit"), "7"),
            ],
        )
        .await
        .ok();
    assert_eq!(
        changed["apiStages"][0]["throttle"],
        json!({"/pets/GET": {"burstLimit": 1, "rateLimit": 5.0}, "/dogs/GET": {"burstLimit": 7}})
    );
    let fewer = control
        .patch(&one, &[("remove", &format!("{at}/~1pets~1GET"), "")])
        .await
        .ok();
    assert_eq!(
        fewer["apiStages"][0]["throttle"],
        json!({"/dogs/GET": {"burstLimit": 7}})
    );
    let whole = control
        .patch(&one, &[("replace", &at, r#"{"/a/GET": {"rateLimit": 1}}"#)])
        .await
        .ok();
    assert_eq!(
        whole["apiStages"][0]["throttle"],
        json!({"/a/GET": {"rateLimit": 1}})
    );
    for (operation, path, value) in [
        ("replace", "/apiStages/nope:prod/throttle/~1a~1GET/rateLimit", "1"),
        ("remove", "/apiStages", "nope:prod"),
        ("add", "/apiStages", "nonsense"),
        ("replace", &format!("{at}/~1a~1GET/rateLimit"), "fast"),
        ("replace", &format!("{at}/~1a~1GET/burstLimit"), "-1"),
        ("replace", &at, "[]"),
        ("replace", &at, r#"{"/a/GET": {"limit": 1}}"#),
    ] {
        let refused = control.patch(&one, &[(operation, path, value)]).await;
        assert!((400..500).contains(&refused.status), "{path}: {refused:?}");
    }
    assert_eq!(control.call("GET", &one, Value::Null).await.ok(), whole);
    // A plan goes when no stage is in it.
    assert_eq!(control.call("DELETE", &one, Value::Null).await.status, 400);
    let stage = format!("{api}:prod");
    control
        .patch(&one, &[("remove", "/apiStages", &stage)])
        .await
        .ok();
    assert_eq!(control.call("DELETE", &one, Value::Null).await.status, 202);
}

#[tokio::test]
async fn a_key_is_in_one_plan_of_a_stage() {
    let control = Control::new().await;
    let api = deployed(&control).await;
    let plan = json!({"name": "p", "apiStages": [{"apiId": api, "stage": "prod"}]});
    let first = control.call("POST", "/usageplans", plan.clone()).await.ok();
    let second = control.call("POST", "/usageplans", plan).await.ok();
    let stages = json!([{"restApiId": api, "stageName": "prod"}]);
    let key = control
        .call("POST", "/apikeys", json!({"name": "k", "stageKeys": stages}))
        .await
        .ok();
    assert_eq!(key["stageKeys"], json!([format!("{api}/prod")]));
    let attach = json!({"keyId": key["id"], "keyType": "API_KEY"});
    let keys = |plan: &Value| format!("/usageplans/{}/keys", id(plan, "id"));
    assert_eq!(
        control.call("POST", &keys(&first), attach.clone()).await.status,
        201
    );
    assert_eq!(control.call("POST", &keys(&second), attach).await.status, 409);
}

#[tokio::test]
async fn stages_have_tags_documentation_and_mappings() {
    let control = Control::new().await;
    let api = deployed(&control).await;
    let tags = format!("/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2F{api}%2Fstages%2Fprod");
    assert_eq!(
        control
            .call("PUT", &tags, json!({"tags": {"a": "1"}}))
            .await
            .status,
        204
    );
    let versions = format!("/restapis/{api}/documentation/versions");
    let body = json!({"documentationVersion": "v1", "stageName": "prod"});
    control.call("POST", &versions, body).await.ok();
    let unknown = json!({"documentationVersion": "v2", "stageName": "nope"});
    assert_eq!(control.call("POST", &versions, unknown).await.status, 404);
    assert_eq!(
        control
            .call("GET", &format!("{versions}/v2"), Value::Null)
            .await
            .status,
        404
    );
    let stage = control
        .call("GET", &format!("/restapis/{api}/stages/prod"), Value::Null)
        .await
        .ok();
    assert_eq!(stage["tags"], json!({"a": "1"}));
    assert_eq!(stage["documentationVersion"], "v1");
    control
        .call("POST", "/domainnames", json!({"domainName": "api.example.com"}))
        .await
        .ok();
    let body = json!({"restApiId": api, "stage": "prod", "basePath": "v1"});
    let mapping = control
        .call(
            "POST",
            "/domainnames/api.example.com/basepathmappings",
            body.clone(),
        )
        .await
        .ok();
    assert_eq!(mapping, body);
}
