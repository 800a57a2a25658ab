//! What the filter `waf` adds to a request with 30 headers, a query of three parameters and two cookies. There is no target.

use crate::server::Server;
use crate::{figures, load};

const REQUESTS: usize = 30_000;
const ROUNDS: usize = 11;

const PATTERNS: &str = r#"
    { type = "sql_injection", name = "sql" },
    { type = "cross_site_scripting", name = "xss" },
"#;
const ALL: &str = r#"
    { type = "ip", name = "ip", addresses = ["203.0.113.0/24", "2001:db8::/32"] },
    { type = "rate", name = "rate", limit = 1000000000 },
    { type = "size", name = "size", path = 2048, query = 2048, header_count = 64, header_bytes = 16384, cookies = 4096 },
    { type = "sql_injection", name = "sql", headers = ["user-agent", "referer"] },
    { type = "cross_site_scripting", name = "xss", headers = ["user-agent", "referer"] },
"#;

pub(crate) fn run() {
    for (name, rules) in [
        (
            "an address",
            r#"{ type = "ip", name = "ip", addresses = ["203.0.113.0/24"] }"#,
        ),
        (
            "a rate",
            r#"{ type = "rate", name = "rate", limit = 1000000000 }"#,
        ),
        ("patterns in path, query and cookies", PATTERNS),
        ("everything, with all headers", ALL),
    ] {
        let server = Server::gateway(&toml(rules), &[], &[]);
        let mut headers = load::headers(27);
        for (header, value) in [
            (
                "user-agent",
                "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
            ),
            ("referer", "https://shop.example/search?q=red+shoes&page=2"),
            ("cookie", "session=0123456789abcdef0123456789abcdef; theme=dark"),
        ] {
            headers.push((header.to_owned(), value.to_owned()));
        }
        let query = "search?q=red+shoes&sort=price%20asc&page=2";
        let open = load::request(&format!("/open/{query}"), &headers);
        let guarded = load::request(&format!("/guarded/{query}"), &headers);
        let cost =
            |request: &[u8]| server.cost(REQUESTS, || load::run(server.address, request, 4, REQUESTS, 200));
        cost(&open);
        cost(&guarded);
        let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (cost(&open), cost(&guarded))).collect();
        figures::added(name, "the filter adds", &rounds);
    }
}

fn toml(rules: &str) -> String {
    format!(
        r#"
        [plugins.waf]
        builtin = "waf"
        grants = {{ log = true, counter = true }}
        [[plugins.waf.config.groups]]
        name = "g"
        rules = [{rules}]
        [web_acls.main]
        filters = ["waf"]
        [apis.bench.stages.open]
        [apis.bench.stages.guarded]
        web_acl = "main"
        [[apis.bench.routes]]
        path = "/search"
        integration = {{ type = "mock" }}
        "#
    )
}
