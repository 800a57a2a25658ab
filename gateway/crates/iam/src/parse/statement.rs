//! Statements.

use super::node::Node;
use super::{Kind, Reader, condition, member, principal};
use crate::Effect;
use crate::pattern::{Pattern, SECTIONS, Syntax};
use crate::policy::{Either, Resource, Statement};

/// The members of a statement, each as it was found.
#[derive(Default)]
struct Found {
    sid: Option<String>,
    effect: Option<Effect>,
    principals: Option<Either<crate::principal::Principals>>,
    actions: Option<Either<Vec<Pattern>>>,
    resources: Option<Either<Vec<Resource>>>,
    conditions: Vec<crate::condition::Condition>,
}

/// Reads a statement; `None` where something is missing, with a problem.
pub(super) fn read(reader: &mut Reader, node: &Node, pointer: &str) -> Option<Statement> {
    let Node::Map(members) = node else {
        reader.problem(
            pointer,
            format!("is {}, not a statement", node.kind()),
            "a statement is an object",
        );
        return None;
    };
    let mut found = Found::default();
    for (name, node) in members {
        read_member(reader, &mut found, name, node, &member(pointer, name));
    }
    for (name, other) in [
        ("Action", "NotAction"),
        ("Resource", "NotResource"),
        ("Principal", "NotPrincipal"),
    ] {
        let has = |name| members.iter().any(|(member, _)| member == name);
        match (has(name), has(other)) {
            (true, true) => reader.problem(pointer, format!("has {name} and {other}"), "keep one of them"),
            (false, false) if name != "Principal" || reader.kind == Kind::Resource => {
                reader.problem(pointer, format!("has neither {name} nor {other}"), "");
            }
            _ => {}
        }
    }
    if !members.iter().any(|(name, _)| name == "Effect") {
        reader.problem(pointer, "has no Effect", r#""Allow" or "Deny""#);
    }
    Some(Statement {
        sid: found.sid,
        effect: found.effect?,
        principals: found.principals,
        actions: found.actions?,
        resources: found.resources?,
        conditions: found.conditions,
    })
}

fn read_member(reader: &mut Reader, found: &mut Found, name: &str, node: &Node, pointer: &str) {
    match name {
        "Sid" => found.sid = reader.text(node, pointer).map(str::to_owned),
        "Effect" => found.effect = effect(reader, node, pointer),
        "Principal" => found.principals = principal::read(reader, node, pointer).map(Either::Is),
        "NotPrincipal" => found.principals = principal::read(reader, node, pointer).map(Either::Not),
        "Action" => found.actions = Some(Either::Is(actions(reader, node, pointer))),
        "NotAction" => found.actions = Some(Either::Not(actions(reader, node, pointer))),
        "Resource" => found.resources = Some(Either::Is(resources(reader, node, pointer))),
        "NotResource" => found.resources = Some(Either::Not(resources(reader, node, pointer))),
        "Condition" => found.conditions = condition::read(reader, node, pointer),
        _ => reader.problem(
            pointer,
            "no such element",
            "a statement has Sid, Effect, Principal, Action, Resource and Condition, or the Not… of the middle three",
        ),
    }
}

fn effect(reader: &mut Reader, node: &Node, pointer: &str) -> Option<Effect> {
    match reader.text(node, pointer)? {
        "Allow" => Some(Effect::Allow),
        "Deny" => Some(Effect::Deny),
        other => {
            reader.problem(
                pointer,
                format!("no such effect: {other:?}"),
                r#""Allow" or "Deny", in this case"#,
            );
            None
        }
    }
}

fn actions(reader: &mut Reader, node: &Node, pointer: &str) -> Vec<Pattern> {
    let mut actions = Vec::new();
    for (pointer, text) in reader.texts(node, pointer) {
        if text != "*" && !text.contains(':') {
            reader.problem(
                &pointer,
                format!("{text:?} names no service"),
                "an action is service:Name, like execute-api:Invoke",
            );
        }
        actions.push(Pattern::new(
            text,
            Syntax {
                wildcards: true,
                variables: false,
            },
        ));
    }
    actions
}

fn resources(reader: &mut Reader, node: &Node, pointer: &str) -> Vec<Resource> {
    let mut resources = Vec::new();
    for (pointer, text) in reader.texts(node, pointer) {
        if !text.contains([':', '*']) {
            reader.problem(
                &pointer,
                format!("{text:?} is no ARN"),
                "a resource is an ARN; * stands for all",
            );
        }
        let syntax = Syntax {
            wildcards: true,
            variables: reader.variables,
        };
        let sections = Pattern::new(text, syntax).sections(SECTIONS);
        // "You can't use a variable to replace parts of the ARN before the fifth colon."
        if sections.iter().take(5).any(Pattern::has_variables) {
            reader.problem(
                &pointer,
                format!("{text:?} has a variable before its fifth colon"),
                "variables may stand in an ARN's last part alone",
            );
        }
        resources.push(Resource { sections });
    }
    resources
}
