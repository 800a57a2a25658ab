//! Renderings on one thread: a template of 1 KiB over a body of 1 KiB, compiled before. Targets: 100,000 a second in the
//! engine alone, 50,000 through the component, with the call and its data; and time that grows with the body.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Instant;

use portcullis_plugin_host::{
    Field, Grants, Host, HostSettings, Isolation, Limits, MappingTemplate, Plugin, PluginSpec, TemplateInput,
    TemplateSource,
};
use portcullis_vtl as vtl;

use crate::figures;

const TEMPLATE: &str = include_str!("templates/order.vtl");
const BODY: &str = include_str!("templates/order.json");
const ROUNDS: usize = 11;
const RENDERINGS: usize = 20_000;

pub(crate) fn run() {
    println!(
        "template of {} bytes, body of {} bytes",
        TEMPLATE.len(),
        BODY.len()
    );
    let text = native(TEMPLATE, BODY, 1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let engine = runtime.block_on(engine());
    let source = TemplateSource::new(TEMPLATE, Vec::new());
    assert_eq!(
        runtime.block_on(through(&engine, &source, 1)),
        text,
        "both render the same"
    );

    let per_second = |start: Instant| RENDERINGS as f64 / start.elapsed().as_secs_f64() / 1000.0;
    let rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            native(TEMPLATE, BODY, RENDERINGS);
            let alone = per_second(start);
            let start = Instant::now();
            runtime.block_on(through(&engine, &source, RENDERINGS));
            (alone, per_second(start))
        })
        .collect();
    let column = |of: fn(&(f64, f64)) -> f64| rounds.iter().map(of).collect::<Vec<_>>();
    figures::print("engine alone (target 100)", "thousand/s", column(|round| round.0));
    figures::print(
        "through the component (target 50)",
        "thousand/s",
        column(|round| round.1),
    );
    growth();
}

/// A template that walks its body once, over a body and one a hundred times as large.
fn growth() {
    const WALK: &str = "#foreach($item in $input.path('$.items'))$item.name;#end";
    let body = |count: usize| {
        let items: Vec<String> = (0..count)
            .map(|index| format!(r#"{{"name":"item {index}","n":{index}}}"#))
            .collect();
        format!(r#"{{"items":[{}]}}"#, items.join(","))
    };
    let (small, large) = (body(10), body(1000));
    let factor = large.len() as f64 / small.len() as f64;
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        native(WALK, &small, 1000);
        let one = start.elapsed().as_secs_f64() / 1000.0;
        let start = Instant::now();
        native(WALK, &large, 10);
        start.elapsed().as_secs_f64() / 10.0 / one / factor
    });
    figures::print(
        &format!("time of a body {factor:.0} times as large, over that factor (target 1.1)"),
        "",
        rounds.collect(),
    );
}

fn native(template: &str, body: &str, renderings: usize) -> String {
    let template = vtl::Template::compile(template, &vtl::Options::default()).expect("a good template");
    let mut text = String::new();
    for _ in 0..renderings {
        // As the component gets it: strings of its own for each rendering.
        let request = vtl::aws::Request {
            body: black_box(body).into(),
            headers: vec![("x-channel".to_owned(), "web".to_owned())],
            query: Vec::new(),
            path: Vec::new(),
            stage_variables: vec![("table".to_owned(), "orders".to_owned())],
            context: r#"{"requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef"}"#.into(),
        };
        text = template.render(Rc::new(request)).expect("a text").text;
    }
    black_box(text)
}

async fn engine() -> std::sync::Arc<MappingTemplate> {
    let host = Host::new(HostSettings::default()).expect("a host");
    // Another build of the component, to compare it with the one that is built in.
    let component: bytes::Bytes = match std::env::var("PORTCULLIS_BENCH_VTL") {
        Ok(file) => std::fs::read(file).expect("a component").into(),
        Err(_) => portcullis::builtin::component("vtl")
            .expect("it is built in")
            .into(),
    };
    let spec = PluginSpec {
        name: "vtl".to_owned(),
        component,
        config_json: "{}".to_owned(),
        grants: Grants::default(),
        limits: Limits::default(),
        isolation: Some(Isolation::Reused),
    };
    match host.load(spec).await.expect("it loads") {
        Plugin::MappingTemplate(engine) => engine,
        other => panic!("of world {}", other.world()),
    }
}

async fn through(engine: &MappingTemplate, source: &TemplateSource, renderings: usize) -> String {
    let mut text = String::new();
    for _ in 0..renderings {
        let headers = [Field {
            name: "x-channel",
            value: "web",
        }];
        let input = TemplateInput {
            body: Some(black_box(BODY)),
            headers: &headers,
            query: &[],
            path_parameters: &[],
            stage_variables: &[("table", "orders")],
            context_json: r#"{"requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef"}"#,
        };
        let rendered = engine
            .render("bench", source, input)
            .await
            .expect("the plugin answers");
        text = rendered.expect("a text").text;
    }
    black_box(text)
}
