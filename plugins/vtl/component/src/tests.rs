#![allow(clippy::unwrap_used, reason = "tests")]

use portcullis_plugin::testing::{Instance, TemplateError};
use portcullis_plugin::{RenderError, TemplateInput};
use serde_json::json;

use super::Vtl;

fn render(
    config: serde_json::Value,
    template: &str,
    options: &[(&str, &str)],
) -> Result<String, TemplateError> {
    let instance = Instance::<Vtl>::new(config).unwrap();
    let input = TemplateInput {
        body: Some(r#"{"n": 3}"#.into()),
        ..TemplateInput::default()
    };
    Ok(instance.render(template, options, input)?.text)
}

#[test]
fn options_of_a_use_come_before_the_configuration() {
    let template = "#macro(m)in#end#m()";
    assert_eq!(render(json!({}), template, &[]).unwrap(), "#m()");
    assert_eq!(
        render(json!({"profile": "velocity"}), template, &[]).unwrap(),
        "in"
    );
    assert_eq!(
        render(json!({"profile": "velocity"}), template, &[("profile", "aws")]).unwrap(),
        "#m()"
    );
    assert!(render(json!({}), template, &[("profile", "none")]).is_err());
}

#[test]
fn each_limit_is_kept() {
    for (limit, value, template) in [
        ("steps", 20, "#foreach($i in [1..50])x#end"),
        ("output_bytes", 5, "123456"),
        ("string_bytes", 5, "#set($s = 'abc')#set($s = $s.concat($s))$s"),
        ("items", 5, "#set($l = [1..50])$l"),
        ("depth", 3, "#if(1)#if(1)#if(1)#if(1)#if(1)x#end#end#end#end#end"),
    ] {
        assert!(render(json!({}), template, &[]).is_ok(), "{limit}");
        let limits = json!({ "limits": { limit: value } });
        let error = render(limits, template, &[]).unwrap_err();
        let is_limit = matches!(
            error,
            TemplateError::Render(RenderError::Limit(_)) | TemplateError::Syntax(_)
        );
        assert!(is_limit, "{limit}: {error:?}");
    }
    let rounds = render(
        json!({"limits": {"rounds": 2}}),
        "#foreach($i in [1..5])$i#end",
        &[],
    );
    assert_eq!(rounds.unwrap(), "12");
}

#[test]
fn wrong_configurations_are_told_by_their_place() {
    for (config, pointer) in [
        (json!({"profile": "v2"}), "/profile"),
        (json!({"limits": {"depth": 100_000}}), "/limits/depth"),
        (json!({"limits": {"stepz": 1}}), "/limits/stepz"),
    ] {
        let problems = Instance::<Vtl>::new(config).unwrap_err();
        assert_eq!(problems[0].pointer, pointer);
    }
}

#[test]
fn overrides_are_told_apart() {
    let instance = Instance::<Vtl>::new(json!({})).unwrap();
    let template = "#set($context.requestOverride.header.a = 'h')#set($context.requestOverride.querystring.b = 'q')\
        #set($context.requestOverride.path.c = 'p')#set($context.responseOverride.status = 404)\
        #set($context.responseOverride.header.d = 'r')";
    let rendered = instance.render(template, &[], TemplateInput::default()).unwrap();
    let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    assert_eq!(rendered.request.headers, pair("a", "h"));
    assert_eq!(rendered.request.query, pair("b", "q"));
    assert_eq!(rendered.request.path, pair("c", "p"));
    assert_eq!(rendered.response.status, Some(404));
    assert_eq!(rendered.response.headers, pair("d", "r"));
}
