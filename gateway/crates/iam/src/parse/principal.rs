//! Principals.

use super::node::Node;
use super::{Kind, Reader, member};
use crate::principal::{Aws, Principals};

pub(super) fn read(reader: &mut Reader, node: &Node, pointer: &str) -> Option<Principals> {
    if reader.kind == Kind::Identity {
        reader.problem(
            pointer,
            "an identity's policy has no principal",
            "it is about whom it is attached to; remove it",
        );
        return None;
    }
    let mut principals = Principals::default();
    match node {
        Node::Text(text) if text == "*" => principals.everyone = true,
        Node::Map(members) if !members.is_empty() => {
            for (name, node) in members {
                read_member(reader, &mut principals, name, node, &member(pointer, name));
            }
        }
        _ => reader.problem(
            pointer,
            format!("is {}, which names nobody", node.kind()),
            r#""*", or an object like {"AWS": "arn:aws:iam::123456789012:user/ann"}"#,
        ),
    }
    Some(principals)
}

fn read_member(reader: &mut Reader, principals: &mut Principals, name: &str, node: &Node, pointer: &str) {
    for (pointer, text) in reader.texts(node, pointer) {
        match (name, text) {
            // `{"AWS": "*"}` "and "*" are equivalent": "AWS JSON policy elements: Principal".
            ("AWS", "*") => principals.everyone = true,
            ("AWS", _) => match Aws::parse(text) {
                Some(aws) => principals.aws.push(aws),
                None => reader.problem(
                    &pointer,
                    format!("{text:?} is no principal"),
                    "12 digits of an account, an ARN without wildcards, or * alone",
                ),
            },
            ("Service" | "Federated", _) if text.contains(['*', '?']) => {
                reader.problem(&pointer, format!("{text:?} has a wildcard"), "name it in full");
            }
            ("Service", _) => principals.services.push(text.to_owned()),
            ("Federated", _) => principals.federated.push(text.to_owned()),
            ("CanonicalUser", _) => {
                reader.problem(
                    &pointer,
                    "canonical users are not supported",
                    "they are S3's; name the account or its user",
                );
            }
            _ => reader.problem(&pointer, "no such kind of principal", "AWS, Service or Federated"),
        }
    }
    if !matches!(name, "AWS" | "Service" | "Federated" | "CanonicalUser")
        && matches!(node, Node::List(nodes) if nodes.is_empty())
    {
        reader.problem(pointer, "no such kind of principal", "AWS, Service or Federated");
    }
}
