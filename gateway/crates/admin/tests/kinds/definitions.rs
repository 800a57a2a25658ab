//! What belongs to an API: authorizers, models, gateway responses, documentation.

use serde_json::{Value, json};

use crate::common::{Control, NOW};
use crate::id;

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
async fn a_private_one_is_deployed_with_a_policy_alone() {
    let control = Control::new().await;
    let made = control
        .call(
            "POST",
            "/restapis",
            json!({"name": "x", "endpointConfiguration": {"types": ["PRIVATE"]}}),
        )
        .await
        .ok();
    let target = format!("/restapis/{}", made["id"].as_str().expect("an id"));
    let root = made["rootResourceId"].as_str().expect("a root");
    let method = format!("{target}/resources/{root}/methods/GET");
    control
        .call("PUT", &method, json!({"authorizationType": "NONE"}))
        .await
        .ok();
    let mock = json!({"type": "MOCK"});
    control
        .call("PUT", &format!("{method}/integration"), mock)
        .await
        .ok();
    let deployments = format!("{target}/deployments");
    let refused = control.call("POST", &deployments, json!({})).await;
    assert_eq!(
        refused.refusal(),
        (
            400,
            "Private REST API doesn't have a resource policy attached to it"
        )
    );
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}"#;
    control
        .patch(&target, &[("replace", "/policy", policy)])
        .await
        .ok();
    let deployed = control.call("POST", &deployments, json!({})).await;
    assert_eq!(deployed.status, 201, "{deployed:?}");
}
