//! Keys, plans, and what is used of them.

use portcullis_limit::{Limit, Period, Quota};

use super::*;
use crate::live::StageId;

const NOW: Duration = Duration::ZERO;

fn plan(id: &str, stages: &[(&str, &str)]) -> PlanSpec {
    let stage = |(api, stage): &(&str, &str)| PlanStage {
        id: StageId {
            api: (*api).into(),
            stage: (*stage).into(),
        },
        methods: Vec::new(),
    };
    PlanSpec {
        id: id.into(),
        stages: stages.iter().map(stage).collect(),
        throttle: None,
        quota: None,
    }
}

fn set_plan(keys: &ApiKeys, origin: Origin, id: &str, stages: &[(&str, &str)]) {
    keys.set_plan(origin, &plan(id, stages), Duration::ZERO);
}

fn spec(id: &str, value: &str, plans: &[&str]) -> KeySpec {
    KeySpec {
        id: id.into(),
        value: Hash::of(value.as_bytes()),
        enabled: true,
        plans: plans.iter().map(|plan| Arc::from(*plan)).collect(),
    }
}

fn found(keys: &ApiKeys, value: &str) -> Option<String> {
    keys.find(value, "pets", "prod")
        .map(|found| found.key.id.to_string())
}

#[test]
fn a_key_calls_the_stages_of_its_plans_and_no_others() {
    let keys = ApiKeys::default();
    keys.set(Origin::Calls, &spec("a", "secret", &["gold"]))
        .expect("set");
    assert_eq!(found(&keys, "secret"), None, "its plan has no stage yet");
    set_plan(&keys, Origin::Calls, "gold", &[("pets", "prod"), ("shop", "x")]);
    assert_eq!(found(&keys, "secret").as_deref(), Some("a"));
    assert_eq!(found(&keys, "secrets"), None);
    assert!(
        keys.find("secret", "pets", "x").is_none(),
        "of another API's stage"
    );
    assert!(keys.find("secret", "shop", "x").is_some());
    set_plan(&keys, Origin::File, "gold", &[]);
    assert!(found(&keys, "secret").is_some(), "the file's plan is another one");
    set_plan(&keys, Origin::Calls, "gold", &[]);
    assert_eq!(found(&keys, "secret"), None, "at once");
}

#[test]
fn a_key_that_is_disabled_changed_or_gone_lets_nobody_in() {
    let keys = ApiKeys::default();
    set_plan(&keys, Origin::Calls, "gold", &[("pets", "prod")]);
    keys.set(Origin::Calls, &spec("a", "one", &["gold"]))
        .expect("set");
    let mut disabled = spec("a", "one", &["gold"]);
    disabled.enabled = false;
    keys.set(Origin::Calls, &disabled).expect("set");
    assert_eq!(found(&keys, "one"), None);
    keys.set(Origin::Calls, &spec("a", "two", &["gold"]))
        .expect("set");
    assert_eq!(found(&keys, "one"), None);
    assert!(found(&keys, "two").is_some());
    keys.set(Origin::Calls, &spec("a", "two", &[])).expect("set");
    assert_eq!(found(&keys, "two"), None, "out of its plan");
    keys.remove(Origin::Calls, "a");
    assert!(keys.by_value.pin().is_empty());
}

#[test]
fn two_keys_of_one_value_are_told() {
    let keys = ApiKeys::default();
    set_plan(&keys, Origin::File, "gold", &[("pets", "prod")]);
    keys.set(Origin::Calls, &spec("a", "one", &[])).expect("set");
    keys.set(Origin::File, &spec("b", "two", &["gold"])).expect("set");
    let refused = keys.set(Origin::File, &spec("b", "one", &["gold"]));
    let told = "the API key `b` has the value of the API key `a`, so it cannot be used";
    assert_eq!(refused.map_err(|error| error.to_string()), Err(told.to_owned()));
    assert_eq!(found(&keys, "two"), None, "it has that value no more");
    assert_eq!(found(&keys, "one"), None);
}

#[test]
fn a_file_read_anew_says_all_of_its_keys() {
    let keys = ApiKeys::default();
    let gold = [plan("gold", &[("pets", "prod")])];
    set_plan(&keys, Origin::Calls, "gold", &[("pets", "prod")]);
    keys.set(Origin::Calls, &spec("a", "kept", &["gold"]))
        .expect("set");
    let both = [spec("a", "one", &["gold"]), spec("b", "two", &["gold"])];
    assert_eq!(keys.replace(Origin::File, &gold, &both, NOW), []);
    assert!(found(&keys, "one").is_some() && found(&keys, "two").is_some());
    assert_eq!(keys.replace(Origin::File, &gold, &both[1..], NOW), []);
    assert_eq!(found(&keys, "one"), None);
    assert_eq!(keys.replace(Origin::File, &[], &both[1..], NOW), []);
    assert_eq!(found(&keys, "two"), None, "its plan is gone");
    assert!(found(&keys, "kept").is_some(), "the control plane's stay");
}

const CALLED: Called<'static> = Called {
    api: "pets",
    stage: "prod",
    path: "/a",
    verb: "GET",
};

fn at(seconds: u64) -> Now {
    Now {
        monotonic: Duration::from_secs(seconds),
        wall: Duration::from_secs(seconds),
    }
}

fn limited(rate: f64, burst: u64) -> Option<Limit> {
    Some(Limit::new(rate, burst).expect("a limit"))
}

fn daily(limit: u64) -> Option<Quota> {
    Some(Quota::new(limit, Period::Day, 0).expect("a quota"))
}

/// How many of so many calls pass, and why others do not.
fn pass(keys: &ApiKeys, value: &str, calls: usize, now: Now) -> (usize, Option<Full>) {
    let entitled = keys.find(value, "pets", "prod").expect("a key");
    let taken: Vec<_> = (0..calls).map(|_| keys.take(&entitled, CALLED, now)).collect();
    let refused = taken.iter().find_map(|taken| taken.as_ref().err().copied());
    (taken.iter().filter(|taken| taken.is_ok()).count(), refused)
}

fn gold(throttle: Option<Limit>, quota: Option<Quota>) -> PlanSpec {
    let mut spec = plan("gold", &[("pets", "prod"), ("shop", "prod")]);
    (spec.throttle, spec.quota) = (throttle, quota);
    spec
}

fn two_keys(origin: Origin, spec: &PlanSpec) -> ApiKeys {
    let keys = ApiKeys::default();
    let both = [
        self::spec("a", "one", &["gold"]),
        self::spec("b", "two", &["gold"]),
    ];
    assert_eq!(keys.replace(origin, std::slice::from_ref(spec), &both, NOW), []);
    keys
}

#[test]
fn each_key_has_a_bucket_and_a_quota_of_its_own() {
    let keys = two_keys(Origin::Calls, &gold(limited(1.0, 5), daily(8)));
    assert_eq!(pass(&keys, "one", 7, at(0)), (5, Some(Full::Plan)));
    assert_eq!(pass(&keys, "two", 5, at(0)), (5, None));
    assert_eq!(pass(&keys, "one", 9, at(5)), (3, Some(Full::Quota)));
    assert_eq!(pass(&keys, "two", 1, at(5)), (1, None));
    assert_eq!(pass(&keys, "one", 1, at(86_400)), (1, None), "the next day");
}

#[test]
fn a_method_of_a_plan_has_a_bucket_and_takes_nothing_where_it_refuses() {
    let mut spec = gold(limited(1.0, 5), daily(100));
    let method = ("/a".into(), "GET".into(), Limit::new(1.0, 2).expect("a limit"));
    spec.stages[0].methods.push(method);
    let keys = two_keys(Origin::Calls, &spec);
    assert_eq!(pass(&keys, "one", 9, at(0)), (2, Some(Full::PlanMethod)));
    let entitled = keys.find("one", "shop", "prod").expect("a key");
    let other = Called {
        api: "shop",
        ..CALLED
    };
    let others = (0..9).filter(|_| keys.take(&entitled, other, at(0)).is_ok());
    assert_eq!(others.count(), 3, "what the method refused is there");
    assert_eq!(keys.due(10)[0].rows().next().map(|row| row.count), Some(5));
}

#[test]
fn what_another_refused_is_given_back() {
    let keys = two_keys(Origin::Calls, &gold(limited(1.0, 1), daily(1)));
    let entitled = keys.find("one", "pets", "prod").expect("a key");
    for _ in 0..3 {
        let permit = keys
            .take(&entitled, CALLED, at(0))
            .expect("room")
            .expect("a plan");
        assert_eq!(keys.take(&entitled, CALLED, at(0)).err(), Some(Full::Quota));
        keys.give_back(&entitled, &permit, at(0));
    }
    assert_eq!(keys.due(10)[0].rows().next().map(|row| row.count), Some(0));
}

#[test]
fn a_change_of_a_plan_or_a_key_refills_nothing() {
    let keys = two_keys(Origin::File, &gold(limited(1.0, 5), daily(8)));
    assert_eq!(pass(&keys, "one", 5, at(10)), (5, None));
    let both = [spec("a", "three", &["gold"]), spec("b", "two", &["gold"])];
    let more = gold(limited(1.0, 50), daily(8));
    assert_eq!(keys.replace(Origin::File, &[more], &both, at(10).monotonic), []);
    assert_eq!(
        pass(&keys, "three", 1, at(10)),
        (0, Some(Full::Plan)),
        "another value"
    );
    // Out of the plan and in again, as by two edits of a file.
    assert_eq!(keys.replace(Origin::File, &[], &[], NOW), []);
    let more = gold(None, daily(8));
    assert_eq!(keys.replace(Origin::File, &[more], &both, at(10).monotonic), []);
    assert_eq!(pass(&keys, "three", 9, at(10)), (3, Some(Full::Quota)));
}

#[test]
fn what_is_kept_goes_on_and_what_cannot_be_kept_waits() {
    for origin in [Origin::File, Origin::Calls] {
        let spec = gold(None, daily(8));
        let keys = two_keys(origin, &spec);
        pass(&keys, "one", 3, at(0));
        pass(&keys, "one", 2, at(86_400));
        let due = keys.due(10);
        assert_eq!(due.len(), 1);
        assert!(keys.due(10).is_empty());
        keys.not_kept(due);
        let rows: Vec<_> = keys.due(10).iter().flat_map(Due::rows).collect();
        let told = rows.iter().map(|row| (row.day, row.count, row.used));
        assert_eq!(told.collect::<Vec<_>>(), [(0, 3, 3), (1, 2, 2)]);

        let restarted = two_keys(origin, &spec);
        restarted.resume(rows[1..].to_vec());
        assert_eq!(pass(&restarted, "one", 9, at(86_400)), (6, Some(Full::Quota)));
        let restarted = ApiKeys::default();
        restarted.resume(rows[1..].to_vec());
        let key = self::spec("a", "one", &["gold"]);
        assert_eq!(restarted.replace(origin, &[spec], &[key], NOW), []);
        let passed = match origin {
            Origin::File => 6,
            // There was no such key: what is made later is another one.
            Origin::Calls => 8,
        };
        assert_eq!(pass(&restarted, "one", 9, at(86_400)).0, passed);
    }
}

#[test]
fn a_key_that_leaves_a_plan_of_the_control_plane_is_forgotten() {
    let keys = two_keys(Origin::Calls, &gold(None, daily(8)));
    pass(&keys, "one", 8, at(0));
    keys.set(Origin::Calls, &spec("a", "one", &[])).expect("set");
    assert_eq!(keys.forgotten(), [("gold".to_owned(), "a".into())]);
    assert_eq!(keys.due(10).iter().flat_map(Due::rows).count(), 0, "nor kept");
    keys.set(Origin::Calls, &spec("a", "one", &["gold"]))
        .expect("set");
    assert_eq!(pass(&keys, "one", 1, at(0)), (1, None));
}

#[test]
fn a_rest_can_be_granted() {
    let keys = two_keys(Origin::Calls, &gold(None, daily(8)));
    assert!(keys.grant("gold", "a", 2, at(0)));
    assert_eq!(pass(&keys, "one", 9, at(0)), (2, Some(Full::Quota)));
    assert!(keys.grant("gold", "a", 100, at(0)));
    assert_eq!(pass(&keys, "one", 99, at(0)), (99, None));
    assert!(!keys.grant("gold", "c", 2, at(0)) && !keys.grant("silver", "a", 2, at(0)));
    keys.set_plan(Origin::Calls, &gold(None, None), NOW);
    assert!(!keys.grant("gold", "a", 2, at(0)), "no quota");
}
