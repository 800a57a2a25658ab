//! How fast templates render, and that the time grows with the payload and no faster.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program that prints figures"
)]

use std::fmt::Write as _;
use std::rc::Rc;
use std::time::{Duration, Instant};

use portcullis_vtl::aws::Request;
use portcullis_vtl::{Options, Template};

/// A mapping of 1 KiB, as a REST API in front of DynamoDB has it.
const TEMPLATE: &str = r##"#set($inputRoot = $input.path('$'))
#set($tenant = $input.params('tenant'))
{
  "TableName": "$stageVariables.table",
  "Item": {
    "pk": {"S": "TENANT#$tenant"},
    "sk": {"S": "ORDER#$inputRoot.orderId"},
    "customer": {"S": "$util.escapeJavaScript($inputRoot.customer.name)"},
    "email": {"S": "$util.escapeJavaScript($inputRoot.customer.email)"},
#if($inputRoot.priority && $inputRoot.priority > 3)
    "express": {"BOOL": true},
#else
    "express": {"BOOL": false},
#end
#if($input.params('note') != "")
    "note": {"S": "$util.escapeJavaScript($input.params('note'))"},
#end
    "lines": {"L": [
#foreach($line in $inputRoot.lines)
      {"M": {"sku": {"S": "$line.sku"}, "quantity": {"N": "$line.quantity"}, "title": {"S": "$util.escapeJavaScript($line.title)"}}}#if($foreach.hasNext),#end

#end
    ]},
    "address": {"S": "$util.escapeJavaScript($input.json('$.customer.address'))"},
    "source": {"S": "$context.identity.sourceIp"},
    "requestId": {"S": "$context.requestId"}
  },
  "ReturnConsumedCapacity": "TOTAL"
}
"##;

/// An order of `lines` lines; eight make 1 KiB.
fn order(lines: usize) -> String {
    let mut body = String::from(
        r#"{"orderId":"o-48151623","priority":5,"customer":{"name":"Ada \"the first\" Lovelace","email":"ada@example.org","address":{"street":"12 St James's Square","city":"London","postcode":"SW1Y 4JH","country":"GB"}},"lines":["#,
    );
    for line in 0..lines {
        let comma = if line == 0 { "" } else { "," };
        let quantity = line % 9 + 1;
        let _ = write!(
            body,
            r#"{comma}{{"sku":"sku-{line:06}","quantity":{quantity},"price":19.95,"title":"Analytical engine part {line:06}, brass, \"exact\""}}"#
        );
    }
    body.push_str("]}");
    body
}

fn request(body: String) -> Rc<Request> {
    let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    Rc::new(Request {
        body: body.into(),
        headers: pair("Content-Type", "application/json"),
        query: pair("note", "ring \"twice\""),
        path: pair("tenant", "t-7"),
        stage_variables: pair("table", "orders-prod"),
        context: r#"{"requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","stage":"prod","identity":{"sourceIp":"192.0.2.1","userAgent":"curl/8"}}"#.into(),
    })
}

/// The shortest mean time of one call among several runs.
fn time(rounds: u32, mut call: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..rounds {
            call();
        }
        best = best.min(start.elapsed() / rounds);
    }
    best
}

fn rendering(template: &Template, body: String, rounds: u32) -> Duration {
    let request = request(body);
    time(rounds, || {
        let rendered = template
            .render(Rc::clone(&request))
            .expect("the template renders");
        assert!(!rendered.text.is_empty(), "it prints something");
    })
}

fn main() {
    let options = Options::default();
    let template = Template::compile(TEMPLATE, &options).expect("the template is well-formed");
    let body = order(8);
    let sizes = (TEMPLATE.len(), body.len());
    let once = rendering(&template, body, 20_000);
    let compiling = time(1_000, || {
        let _ = Template::compile(TEMPLATE, &options).expect("the template is well-formed");
    });
    println!("template of {} bytes, payload of {} bytes", sizes.0, sizes.1);
    println!("  render  {once:?}, {:.0} a second", 1.0 / once.as_secs_f64());
    println!("  compile {compiling:?}");

    let walk = "#foreach($line in $input.path('$.lines'))$line.sku,#end";
    let walk = Template::compile(walk, &options).expect("the template is well-formed");
    let (small, large) = (order(8), order(800));
    let grown = large.len() as f64 / small.len() as f64;
    let small = rendering(&walk, small, 10_000);
    let large = rendering(&walk, large, 100);
    let slower = large.as_secs_f64() / small.as_secs_f64();
    println!(
        "one walk: {small:?} and {large:?}: a payload {grown:.1} times as large takes {slower:.1} times as long"
    );
}
