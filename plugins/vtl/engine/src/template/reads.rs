//! What of a request a template can read, told by looking at its references.

use std::collections::BTreeSet;

use crate::syntax::tree::{Argument, Code, Expression, Names, Node, Reference, Step};
use crate::value::Value;

/// Some of the values of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    #[default]
    None,
    All,
    /// Those of these names, in order.
    Only(Vec<String>),
}

/// What of a request a template can read at most; a rendering never reads more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reads {
    pub body: bool,
    pub headers: Selection,
    pub query: Selection,
    pub path: Selection,
    pub stage_variables: Selection,
    /// Names with dots between, such as `identity.sourceIp`; a name stands for all that is in it.
    pub context: Selection,
}

impl Reads {
    pub(crate) fn of(code: &Code, names: &Names) -> Self {
        let mut walk = Walk {
            names,
            found: Found::default(),
        };
        walk.nodes(&code.body);
        for block in &code.blocks {
            walk.nodes(&block.body);
        }
        for definition in &code.macros {
            walk.nodes(&definition.body);
        }
        let found = walk.found;
        Self {
            body: found.body,
            headers: found.headers.into(),
            query: found.query.into(),
            path: found.path.into(),
            stage_variables: found.stage_variables.into(),
            context: found.context.into(),
        }
    }
}

#[derive(Debug, Default)]
struct Chosen {
    all: bool,
    names: BTreeSet<String>,
}

impl Chosen {
    fn add(&mut self, name: Option<&str>) {
        match name {
            Some(name) => {
                self.names.insert(name.to_owned());
            }
            None => self.all = true,
        }
    }
}

impl From<Chosen> for Selection {
    fn from(names: Chosen) -> Self {
        if names.all {
            Self::All
        } else if names.names.is_empty() {
            Self::None
        } else {
            Self::Only(names.names.into_iter().collect())
        }
    }
}

#[derive(Debug, Default)]
struct Found {
    body: bool,
    headers: Chosen,
    query: Chosen,
    path: Chosen,
    stage_variables: Chosen,
    context: Chosen,
}

impl Found {
    fn parameter(&mut self, name: Option<&str>) {
        for names in [&mut self.headers, &mut self.query, &mut self.path] {
            names.add(name);
        }
    }

    fn everything(&mut self) {
        self.body = true;
        self.parameter(None);
        self.stage_variables.add(None);
        self.context.add(None);
    }

    fn input(&mut self, steps: &[Step]) {
        match steps {
            [Step::Property(name), ..] if matches!(&**name, "body" | "Body") => self.body = true,
            [Step::Method(name, _), ..] if matches!(&**name, "json" | "path" | "getBody") => self.body = true,
            [Step::Property(name), rest @ ..] if matches!(&**name, "params" | "Params") => self.params(rest),
            [Step::Method(name, arguments), rest @ ..] if matches!(&**name, "params" | "getParams") => {
                match arguments.as_slice() {
                    [] => self.params(rest),
                    [Expression::Constant(Value::Text(name))] => self.parameter(Some(name)),
                    _ => self.parameter(None),
                }
            }
            _ => {
                self.body = true;
                self.parameter(None);
            }
        }
    }

    /// `$input.params()` and what follows.
    fn params(&mut self, steps: &[Step]) {
        let Some((first, rest)) = steps.split_first() else {
            return self.parameter(None);
        };
        let names = match key(first) {
            Some("header") => &mut self.headers,
            Some("querystring") => &mut self.query,
            Some("path") => &mut self.path,
            _ => return self.parameter(None),
        };
        names.add(rest.first().and_then(key));
    }

    fn context(&mut self, steps: &[Step]) {
        let mut name = String::new();
        for step in steps {
            let Step::Property(part) = step else { break };
            if matches!(&**part, "empty" | "Empty" | "class" | "Class") {
                break;
            }
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(part);
        }
        self.context
            .add(Some(name.as_str()).filter(|name| !name.is_empty()));
    }
}

/// The entry of a map that a step reads, if it reads only one.
fn key(step: &Step) -> Option<&str> {
    match step {
        Step::Property(name) if !matches!(&**name, "empty" | "Empty" | "class" | "Class") => Some(name),
        Step::Index(Expression::Constant(Value::Text(name))) => Some(name),
        Step::Method(method, arguments) if &**method == "get" => match arguments.as_slice() {
            [Expression::Constant(Value::Text(name))] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

#[derive(Debug)]
struct Walk<'c> {
    names: &'c Names,
    found: Found,
}

impl Walk<'_> {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Text(_) | Node::Define { .. } | Node::Break(None) | Node::Stop(None) => {}
            Node::Reference(printed) => self.reference(&printed.reference),
            Node::Set(assignment) => {
                if !assignment.left.steps.is_empty() {
                    self.reference(&assignment.left);
                }
                self.expression(&assignment.right);
            }
            Node::If(conditional) => {
                for (condition, body) in &conditional.branches {
                    self.expression(condition);
                    self.nodes(body);
                }
                self.nodes(&conditional.otherwise);
            }
            Node::Foreach(foreach) => {
                self.expression(&foreach.items);
                self.nodes(&foreach.body);
            }
            Node::Call(call) => self.arguments(&call.arguments),
            Node::Evaluate(_) => self.found.everything(),
            Node::Break(Some(target)) => self.expression(&target.1),
            Node::Stop(Some(message)) => self.expression(message),
            Node::Refused(refused) => self.expressions(&refused.arguments),
        }
    }

    fn arguments(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            self.expression(&argument.value);
        }
    }

    fn expressions(&mut self, expressions: &[Expression]) {
        for expression in expressions {
            self.expression(expression);
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Constant(_) => {}
            Expression::Interpolated(interpolated) => self.nodes(&interpolated.body),
            Expression::Reference(reference) => self.reference(reference),
            Expression::List(items) | Expression::And(items) | Expression::Or(items) => {
                self.expressions(items)
            }
            Expression::Map(entries) => {
                for (key, value) in entries {
                    self.expression(key);
                    self.expression(value);
                }
            }
            Expression::Range(bounds) => {
                self.expression(&bounds.0);
                self.expression(&bounds.1);
            }
            Expression::Not { operand, .. } => self.expression(operand),
            Expression::Chain(chain) => {
                self.expression(&chain.first);
                for link in &chain.rest {
                    self.expression(&link.operand);
                }
            }
        }
    }

    fn reference(&mut self, reference: &Reference) {
        for step in &reference.steps {
            match step {
                Step::Property(_) => {}
                Step::Method(_, arguments) => self.expressions(arguments),
                Step::Index(index) => self.expression(index),
            }
        }
        let steps = reference.steps.as_slice();
        match reference.root.map(|slot| self.names.name(slot)) {
            Some("input") => self.found.input(steps),
            Some("context") => self.found.context(steps),
            Some("stageVariables") => self.found.stage_variables.add(steps.first().and_then(key)),
            _ => {}
        }
    }
}
