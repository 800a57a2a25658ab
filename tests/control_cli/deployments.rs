//! APIs, deployments and canaries.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_api_is_deployed_edited_compared_and_rolled_back() {
    let plane = Plane::start().await;
    let api = plane.api.as_str();
    assert_eq!(
        plane.cli(&["api", "list"]).await,
        says(format!(
            "ID          NAME  CREATED               DESCRIPTION\n{api}  shop  0000-00-00T00:00:00Z\n"
        ))
    );
    assert_eq!(
        plane.cli(&["deployments", "shop"]).await,
        Finished {
            stderr: "no deployments\n".to_owned(),
            ..says("")
        }
    );
    let deployed = plane
        .cli(&["deploy", "shop", "--stage", "prod", "--description", "the first"])
        .await;
    let (first, _) = plane.deployments("prod").await;
    assert_eq!(
        deployed,
        says(format!("deployed {api} as {first} to stage prod\n"))
    );
    assert_eq!(plane.served("prod").await, "one");
    assert_eq!(
        plane.cli(&["diff", "shop", "prod"]).await,
        Finished {
            stderr: "stage prod serves the API as it is edited\n".to_owned(),
            ..says("")
        }
    );

    plane.edit("two").await;
    assert_eq!(plane.served("prod").await, "one", "an edit is not live");
    let pointer = "/resources/~1/resourceMethods/GET/methodIntegration/integrationResponses/200/responseParameters/\
                   method.response.header.x-version";
    assert_eq!(
        plane.cli(&["diff", api, "prod"]).await,
        Finished {
            status: 1,
            stdout: format!("~ {pointer}: \"'one'\" → \"'two'\"\n"),
            stderr: "1 difference between what stage prod serves and the edited API\n".to_owned(),
        }
    );
    let differences = plane.cli(&["diff", api, "prod", "--json"]).await;
    assert_eq!(
        serde_json::from_str::<Value>(&differences.stdout).expect("JSON"),
        json!([{"path": pointer, "served": "'one'", "edited": "'two'"}])
    );

    // Of deployments of one second the order is not known: those of the first one's second are taken back.
    let place = format!("/restapis/{api}/deployments");
    let created = plane.call("GET", &format!("{place}/{first}"), &Value::Null).await["createdDate"].clone();
    let second = loop {
        let made = plane.call("POST", &place, &json!({"stageName": "prod"})).await;
        let second = text(&made, "id");
        if made["createdDate"] != created {
            break second;
        }
        assert_eq!(plane.cli(&["rollback", "shop", "prod", &first]).await.status, 0);
        plane
            .call("DELETE", &format!("{place}/{second}"), &Value::Null)
            .await;
    };
    assert_eq!(plane.served("prod").await, "two");
    assert_eq!(
        plane.cli(&["deployments", "shop"]).await,
        says(format!(
            "ID      CREATED               STAGES  DESCRIPTION\n{second}  0000-00-00T00:00:00Z  prod\n\
             {first}  0000-00-00T00:00:00Z          the first\n"
        ))
    );
    assert_eq!(
        plane.cli(&["rollback", "shop", "prod"]).await,
        says(format!(
            "stage prod runs {first} (0000-00-00T00:00:00Z, the first); before it ran {second}\n"
        ))
    );
    assert_eq!(plane.served("prod").await, "one");
    assert_eq!(
        plane.cli(&["rollback", "shop", "prod"]).await,
        fails(
            1,
            format!(
                "error: no deployment was made before the present one, {first}\n  hint: `portcullis deployments API` \
                 lists what there is\n"
            )
        )
    );
    assert_eq!(
        plane.cli(&["rollback", "shop", "prod", &second]).await,
        says(format!(
            "stage prod runs {second} (0000-00-00T00:00:00Z); before it ran {first}\n"
        ))
    );
    assert_eq!(
        plane.cli(&["api", "delete", "shop"]).await,
        says(format!("deleted the API {api}\n"))
    );
    assert_eq!(
        plane.cli(&["api", "show", "shop"]).await,
        fails(
            1,
            "error: there is no API with the id or the name `shop`\n  hint: `portcullis api list` shows the APIs of this \
             control plane\n"
        )
    );
    plane.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_is_started_moved_stopped_and_promoted() {
    let plane = Plane::start().await;
    let api = plane.api.as_str();
    let canary = async |arguments: &[&str]| {
        let arguments: Vec<&str> = ["canary", "shop", "prod"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        plane.cli(&arguments).await
    };
    plane.cli(&["deploy", "shop", "--stage", "prod"]).await;
    let (first, _) = plane.deployments("prod").await;
    assert_eq!(
        canary(&["set", "50"]).await,
        fails(
            1,
            "error: stage prod has no canary\n  hint: `portcullis canary API STAGE start PERCENT` starts one\n"
        )
    );
    plane.edit("two").await;
    let started = canary(&["start", "100", "--variable", "color=blue"]).await;
    let (_, second) = plane.deployments("prod").await;
    assert_eq!(
        started,
        says(format!(
            "stage prod runs {first}, and for 100 % its canary {second}\n"
        ))
    );
    assert_eq!(plane.served("prod").await, "two");
    assert_eq!(
        canary(&["start", "5"]).await,
        fails(
            1,
            format!(
                "error: stage prod has a canary already, which runs {second}\n  hint: `set` changes it, `promote` or \
                 `stop` ends it\n"
            )
        )
    );
    assert_eq!(
        canary(&["set", "0"]).await,
        says(format!(
            "stage prod runs {first}, and for 0 % its canary {second}\n"
        ))
    );
    assert_eq!(plane.served("prod").await, "one");
    assert_eq!(
        plane.cli(&["stage", "list", "shop"]).await,
        says(format!(
            "STAGE  DEPLOYMENT  CANARY        CHANGED               DESCRIPTION\n\
             prod   {first}      {second} (0 %)  0000-00-00T00:00:00Z\n"
        ))
    );
    assert_eq!(
        canary(&["set", "101"]).await,
        fails(
            1,
            format!(
                "error: PATCH /restapis/{api}/stages/prod: 400 BadRequestException: Invalid canary percentTraffic 101. \
                 Must be between 0.0 and 100.0\n"
            )
        )
    );
    assert_eq!(
        canary(&["stop"]).await,
        says(format!("stage prod runs {first} alone\n"))
    );
    let resumed = canary(&[
        "start",
        "12.5",
        "--deployment",
        &second,
        "--variable",
        "color=red",
    ])
    .await;
    assert_eq!(
        resumed,
        says(format!(
            "stage prod runs {first}, and for 12.5 % its canary {second}\n"
        ))
    );
    assert_eq!(
        canary(&["promote"]).await,
        says(format!("stage prod runs {second}, which was its canary's\n"))
    );
    assert_eq!(plane.served("prod").await, "two");
    let shown = plane.cli(&["stage", "show", "shop", "prod", "--json"]).await;
    let shown: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(shown["variables"], json!({"color": "red"}));
    assert_eq!(shown.get("canarySettings"), None);
    plane.gateway.stop().await;
}
