//! API keys and usage plans.

use serde_json::{Value, json};

use crate::common::Control;
use crate::{deployed, id};

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
