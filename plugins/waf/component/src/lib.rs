//! The filter `waf`: the rules of `portcullis-waf` behind the world `filter`.

use portcullis_plugin::{Fault, Filter, Interest, Plugin, Problem, Request, Verdict, counter, log};
use portcullis_waf::Engine;
use portcullis_waf::config::Config;

#[derive(Debug)]
pub struct Waf(Engine);

impl Plugin for Waf {
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        Engine::new(&config).map(Self)
    }

    fn interest(&self) -> Interest {
        self.0.interest()
    }
}

impl Filter for Waf {
    fn on_request(&mut self, request: Request) -> Result<Verdict, Fault> {
        let mut count = |key: &str, seconds: u32| Ok(counter::increment(key, 1, seconds)?);
        let outcome = self.0.check(&request, &mut count)?;
        for rule in outcome.counted {
            log::info(format!("counted: {rule}"));
        }
        Ok(outcome.block.map_or(Verdict::Next, Verdict::Block))
    }
}

portcullis_plugin::export_filter!(Waf);

#[cfg(test)]
mod tests {
    use portcullis_plugin::log::Level;
    use portcullis_plugin::testing::{Instance, advance, logged};
    use serde_json::{Value, json};

    use super::*;

    fn waf(rule: &Value) -> Instance<Waf> {
        Instance::new(json!({ "groups": [{ "name": "g", "rules": [rule] }] })).unwrap()
    }

    fn from(address: &str) -> Request {
        Request::builder().context("identity.sourceIp", address).build()
    }

    #[test]
    fn blocks_and_counts() {
        let request = || Request::builder().query("q", "<script>").build();
        let reason = "g/r: an element that runs or loads a script in the query parameter q";
        let mut blocks = waf(&json!({ "type": "cross_site_scripting", "name": "r" }));
        assert_eq!(blocks.on_request(request()), Ok(Verdict::block(reason)));
        assert_eq!(blocks.on_request(Request::default()), Ok(Verdict::Next));
        let mut counts = waf(&json!({ "type": "cross_site_scripting", "name": "r", "action": "count" }));
        let _ = logged();
        assert_eq!(counts.on_request(request()), Ok(Verdict::Next));
        assert_eq!(logged(), [(Level::Info, format!("counted: {reason}"))]);
    }

    #[test]
    fn counts_callers_over_a_time() {
        let mut waf = waf(&json!({ "type": "rate", "name": "r", "limit": 2, "seconds": 10 }));
        let mut passes = |address: &str| waf.on_request(from(address)) == Ok(Verdict::Next);
        assert!(passes("10.0.0.1") && passes("10.0.0.1"));
        assert!(!passes("10.0.0.1"));
        assert!(passes("10.0.0.2"));
        advance(10);
        assert!(passes("10.0.0.1"));
    }

    #[test]
    fn mistakes_have_places() {
        for (config, pointer) in [
            (json!({}), ""),
            (
                json!({ "groups": [{ "name": "g", "rules": [{ "type": "ip", "name": "r", "addresses": ["x"] }] }] }),
                "/groups/0/rules/0/addresses/0",
            ),
            (
                json!({ "groups": [{ "name": "g", "rules": [{ "type": "rat", "name": "r" }] }] }),
                "/groups/0/rules/0",
            ),
            (
                json!({ "groups": [{ "name": "g", "rules": [{ "type": "rate", "name": "r", "limit": 1, "x": 1 }] }] }),
                "/groups/0/rules/0",
            ),
            (
                json!({ "groups": [{ "name": "g", "action": "deny", "rules": [] }] }),
                "/groups/0/action",
            ),
        ] {
            let problems = Instance::<Waf>::new(config.clone()).err().unwrap();
            assert!(problems[0].pointer.starts_with(pointer), "{config} {problems:?}");
        }
    }
}
