//! Resources over a real store. Words and forms were recorded from the service unless a row says that they are ours.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use support::{Control, replace};

const ABSENT: (&str, &str) = ("NotFoundException", "Invalid Resource identifier specified");

#[tokio::test]
async fn lives_from_create_to_delete() {
    let control = Control::new().await;
    let (api, root) = control.api().await;
    let base = format!("/restapis/{api}/resources");
    let created = control
        .call("POST", &format!("{base}/{root}"), json!({"pathPart": "pets"}))
        .await;
    let pets = created.text("id");
    assert_eq!(created.status, 201);
    let expected = json!({"id": pets, "parentId": root, "pathPart": "pets", "path": "/pets"});
    assert_eq!(created.body, expected);
    let below = control.resource(&api, &pets, "{id}").await;
    let of_below = |path: &str| json!({"id": below, "parentId": pets, "pathPart": "{id}", "path": path});
    let target = format!("{base}/{below}");
    assert_eq!(
        control.ok("GET", &target, Value::Null).await,
        of_below("/pets/{id}")
    );

    let moved = control
        .patch(&format!("{base}/{pets}"), replace("/pathPart", "dogs"))
        .await;
    assert_eq!((moved.status, moved.text("path").as_str()), (200, "/dogs"));
    assert_eq!(
        control.ok("GET", &target, Value::Null).await,
        of_below("/dogs/{id}")
    );

    let moved = control.patch(&target, replace("/parentId", &root)).await;
    assert_eq!(
        moved.body,
        json!({"id": below, "parentId": root, "pathPart": "{id}", "path": "/{id}"})
    );
    control.patch(&target, replace("/parentId", &pets)).await;

    let deleted = control
        .call("DELETE", &format!("{base}/{pets}"), Value::Null)
        .await;
    assert_eq!(deleted.status, 202);
    let all = control.ok("GET", &base, Value::Null).await;
    assert_eq!(all, json!({"item": [{"id": root, "path": "/"}]}));
    assert_eq!(control.call("GET", &target, Value::Null).await.status, 404);
}

#[tokio::test]
async fn shows_methods_where_they_are_asked_for() {
    let control = Control::new().await;
    let (api, root) = control.api().await;
    let target = format!("/restapis/{api}/resources/{root}");
    let method = control
        .ok(
            "PUT",
            &format!("{target}/methods/GET"),
            json!({"authorizationType": "NONE"}),
        )
        .await;
    let plain = control.ok("GET", &target, Value::Null).await;
    assert_eq!(plain["resourceMethods"], json!({"GET": {}}));
    let whole = control
        .ok("GET", &format!("{target}?embed=methods"), Value::Null)
        .await;
    assert_eq!(whole["resourceMethods"], json!({"GET": method}));
    let list = format!("/restapis/{api}/resources?embed=methods&limit=500");
    let list = control.ok("GET", &list, Value::Null).await;
    assert_eq!(list["item"][0], whole);
    control
        .ok("DELETE", &format!("{target}/methods/GET"), Value::Null)
        .await;
    assert_eq!(
        control.ok("GET", &target, Value::Null).await,
        json!({"id": root, "path": "/"})
    );
}

#[tokio::test]
async fn refuses_bad_ones() {
    let control = Control::new().await;
    let (api, root) = control.api().await;
    let pets = control.resource(&api, &root, "pets").await;
    let greedy = control.resource(&api, &root, "{proxy+}").await;
    let create = |parent: &str, part: &str| {
        let target = format!("/restapis/{api}/resources/{parent}");
        ("POST", target, json!({"pathPart": part}))
    };
    let words = "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.";
    let bad = "BadRequestException";
    let mut rows = vec![
        ("no parent", create("nope", "x"), ABSENT),
        (
            "the same name",
            create(&root, "pets"),
            (
                "ConflictException",
                "Another resource with the same parent already has this name: pets",
            ),
        ),
        (
            "a second variable",
            create(&root, "{dog}"),
            (
                bad,
                "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed",
            ),
        ),
        (
            "below a greedy one",
            create(&greedy, "x"),
            (
                bad,
                "Cannot create a child of a resource with a greedy path variable: {proxy+}",
            ),
        ),
        (
            "no API",
            ("GET", "/restapis/nope/resources".to_owned(), Value::Null),
            (
                "NotFoundException",
                "Invalid API identifier specified 123456789012:nope",
            ),
        ),
        (
            "no resource",
            ("GET", format!("/restapis/{api}/resources/nope"), Value::Null),
            ABSENT,
        ),
        (
            "of another API",
            ("GET", format!("/restapis/other/resources/{pets}"), Value::Null),
            ABSENT,
        ),
        (
            "with slashes",
            (
                "DELETE",
                format!("/restapis/{api}/resources/a%2Fb%2Fc"),
                Value::Null,
            ),
            ABSENT,
        ),
        (
            "the root (ours)",
            ("DELETE", format!("/restapis/{api}/resources/{root}"), Value::Null),
            (bad, "Root resource cannot be deleted"),
        ),
    ];
    for part in [
        "", "a b", "a/b", "{", "{}", "{+}", "a{b}", "{a}b", "{a++}", "é", "{a/b}",
    ] {
        rows.push(("a part", create(&pets, part), (bad, words)));
    }
    control.refuses(rows).await;
    control.resource(&api, &pets, "a.b_c-d:e").await;
    let long = "x".repeat(5_000);
    let (method, target, body) = create(&pets, &long);
    assert_eq!(control.call(method, &target, body).await.status, 400);
}

#[tokio::test]
async fn refuses_bad_moves_and_changes_nothing() {
    let control = Control::new().await;
    let (api, root) = control.api().await;
    let pets = control.resource(&api, &root, "pets").await;
    let sub = control.resource(&api, &pets, "sub").await;
    let deep = control.resource(&api, &sub, "pets").await;
    let base = format!("/restapis/{api}/resources");
    let all = control.ok("GET", &base, Value::Null).await;
    let bad = "BadRequestException";
    let sibling = "Another resource with the same parent already has this name: pets";
    for (id, op, path, value, (kind, message)) in [
        ("nope", "replace", "/pathPart", "x", ABSENT),
        (
            &sub,
            "replace",
            "/invalid",
            "x",
            (
                bad,
                "Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
            ),
        ),
        (&sub, "replace", "/parentId", "nope", ABSENT),
        (
            &deep,
            "replace",
            "/parentId",
            &root,
            ("ConflictException", sibling),
        ),
        (
            &sub,
            "replace",
            "/parentId",
            &deep,
            (bad, "Resources cannot be cyclical."),
        ),
        (
            &pets,
            "replace",
            "/parentId",
            &pets,
            (bad, "Resources cannot be cyclical."),
        ),
        (
            &sub,
            "replace",
            "/pathPart",
            "{all+}",
            (
                bad,
                "Cannot create a child of a resource with a greedy path variable: {all+}",
            ),
        ),
        (
            &sub,
            "remove",
            "/pathPart",
            "",
            (
                bad,
                "Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations",
            ),
        ),
        (
            &sub,
            "add",
            "/pathPart",
            "x",
            (
                bad,
                "Invalid patch path  '/pathPart' specified for op 'add'. Please choose supported operations",
            ),
        ),
        (
            &root,
            "replace",
            "/pathPart",
            "x",
            (bad, "Root resource cannot update its pathPart."),
        ),
        (
            &root,
            "replace",
            "/parentId",
            &pets,
            (bad, "Root resource cannot update its parentId."),
        ),
    ] as [(&str, &str, &str, &str, (&str, &str)); 11]
    {
        let operations = json!([{"op": op, "path": path, "value": value}]);
        let answer = control.patch(&format!("{base}/{id}"), operations).await;
        assert_eq!(
            (answer.kind.as_str(), answer.message()),
            (kind, message),
            "{op} {path} {value}"
        );
    }
    assert_eq!(control.ok("GET", &base, Value::Null).await, all);
}
