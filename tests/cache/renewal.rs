//! `Cache-Control: max-age=0`, and who may.
//!
//! Source: the guide, "Invalidate a method cache"; the value of `Warning` is the service's.

use portcullis_testkit::{Origin, Running};

use crate::support::{ITEM, get, plain, started, toml, with};

const RENEW: (&str, &str) = ("cache-control", "max-age=0");
const IGNORED: &str = "199 Cache-control headers were ignored because the caller was unauthorized.";

async fn of(origin: &Origin, settings: &str, more: &str) -> Running {
    let stage = format!("methods.\"*/*\" = {{ caching = true{settings} }}");
    started(&toml(origin, &stage, &format!("{ITEM}{more}"))).await.0
}

#[tokio::test]
async fn everybody_may_where_no_permission_is_asked_for() {
    let origin = plain().await;
    let gateway = of(&origin, ", require_authorization_for_cache_control = false", "").await;
    let first = get(&gateway, "/dev/item").await;
    let renewed = with(&gateway, "/dev/item", &[RENEW]).await;
    assert_ne!(renewed.text(), first);
    assert_eq!(
        get(&gateway, "/dev/item").await,
        renewed.text(),
        "it replaces what was kept"
    );
    let asked = with(&gateway, "/dev/item", &[("cache-control", "no-cache")]).await;
    assert_eq!(asked.text(), renewed.text(), "no-cache asks nothing");
    assert!(!asked.headers.contains_key("warning"));
}

#[tokio::test]
async fn those_who_may_not_are_treated_as_the_settings_say() {
    let origin = plain().await;
    for (settings, status, warning) in [
        ("", 200, IGNORED),
        (
            ", unauthorized_cache_control = \"succeed_with_response_header\"",
            200,
            IGNORED,
        ),
        (
            ", unauthorized_cache_control = \"succeed_without_response_header\"",
            200,
            "",
        ),
        (", unauthorized_cache_control = \"fail_with_403\"", 403, ""),
    ] {
        let gateway = of(&origin, settings, "").await;
        let first = get(&gateway, "/dev/item").await;
        for _ in 0..2 {
            let answer = with(&gateway, "/dev/item", &[RENEW]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("warning")),
                (status, warning),
                "{settings}"
            );
            if status == 200 {
                assert_eq!(answer.text(), first, "{settings}");
            } else {
                assert_eq!(answer.header("x-amzn-errortype"), "AccessDeniedException");
                assert!(
                    answer.text().contains("execute-api:InvalidateCache"),
                    "{answer:?}"
                );
            }
        }
        assert_eq!(
            get(&gateway, "/dev/item").await,
            first,
            "{settings}: it is still there"
        );
        let miss = with(&gateway, "/dev/item?q=new", &[RENEW]).await;
        assert_eq!(
            miss.header("warning"),
            warning,
            "{settings}: a response that is not kept yet"
        );
        let later = with(&gateway, "/dev/item?q=new", &[]).await;
        assert!(
            !later.headers.contains_key("warning"),
            "{settings}: it is the one request's"
        );
    }
}

#[tokio::test]
async fn a_resource_policy_gives_the_permission() {
    let origin = plain().await;
    let policy = |action: &str| {
        format!(
            r#"
            [apis.shop.policy]
            Version = "2012-10-17"
            [[apis.shop.policy.Statement]]
            Effect = "Allow"
            Principal = "*"
            Action = {action}
            Resource = "execute-api:/dev/GET/item"
            "#
        )
    };
    for (action, may) in [
        (r#"["execute-api:Invoke", "execute-api:InvalidateCache"]"#, true),
        (r#""execute-api:*""#, true),
        (r#""execute-api:Invoke""#, false),
    ] {
        let gateway = of(&origin, "", &policy(action)).await;
        let first = get(&gateway, "/dev/item").await;
        assert_eq!(
            with(&gateway, "/dev/item", &[RENEW]).await.text() != first,
            may,
            "{action}"
        );
    }
}
