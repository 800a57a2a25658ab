//! A policy as it is evaluated.

use crate::condition::Condition;
use crate::pattern::{Pattern, Unresolved, sections_match};
use crate::principal::{Principal, Principals};
use crate::{Context, Request};

/// A policy document, ready to be evaluated. [`Policy::parse`] makes it.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) id: Option<String>,
    pub(crate) statements: Vec<Statement>,
}

impl Policy {
    /// The policy's `Id`.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether it looks at a request's [`Context`]: it has a condition, or a variable. Where it does not, an empty one will
    /// do.
    pub fn reads_context(&self) -> bool {
        self.statements.iter().any(Statement::reads_context)
    }
}

/// What a statement does where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    /// `None` in identity-based policies, which apply to whom they are attached to.
    pub(crate) principals: Option<Either<Principals>>,
    pub(crate) actions: Either<Vec<Pattern>>,
    pub(crate) resources: Either<Vec<Resource>>,
    pub(crate) conditions: Vec<Condition>,
}

/// An element, or its `Not…`.
#[derive(Debug, Clone)]
pub(crate) enum Either<T> {
    Is(T),
    Not(T),
}

/// A pattern of an ARN, section by section: a star does not reach beyond a colon, but in the last section. So a path that
/// looks like another ARN's end cannot pass for it.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) sections: Vec<Pattern>,
}

impl Resource {
    fn matches(&self, resource: &str, context: &Context) -> Result<bool, Unresolved> {
        sections_match(&self.sections, resource, context)
    }
}

impl Statement {
    fn reads_context(&self) -> bool {
        let (Either::Is(resources) | Either::Not(resources)) = &self.resources;
        let mut sections = resources.iter().flat_map(|resource| &resource.sections);
        !self.conditions.is_empty() || sections.any(Pattern::has_variables)
    }

    pub(crate) fn applies(&self, request: &Request<'_>) -> bool {
        self.principals
            .as_ref()
            .is_none_or(|principals| includes(principals, &request.principal, self.effect))
            && self.includes_action(request)
            && self.includes_resource(request)
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(request.context, self.effect))
    }

    fn includes_action(&self, request: &Request<'_>) -> bool {
        // Actions have no variables, and no case: "The prefix and the action name are case insensitive" ("Action").
        let any = |patterns: &[Pattern]| {
            patterns
                .iter()
                .any(|pattern| pattern.matches(request.action, request.context, true) == Ok(true))
        };
        match &self.actions {
            Either::Is(patterns) => any(patterns),
            Either::Not(patterns) => !any(patterns),
        }
    }

    fn includes_resource(&self, request: &Request<'_>) -> bool {
        let matches = |resource: &Resource| resource.matches(request.resource, request.context);
        match &self.resources {
            Either::Is(resources) => resources.iter().any(|resource| matches(resource) == Ok(true)),
            Either::Not(resources) => none(resources.iter().map(matches), self.effect),
        }
    }
}

/// Whether nothing matches. What cannot be resolved must not widen what is allowed nor narrow what is denied.
pub(crate) fn none(mut matches: impl Iterator<Item = Result<bool, Unresolved>>, effect: Effect) -> bool {
    !matches.any(|found| found.unwrap_or(effect == Effect::Allow))
}

fn includes(principals: &Either<Principals>, principal: &Principal<'_>, effect: Effect) -> bool {
    match (principals, effect) {
        (Either::Is(principals), _) => principals.include(principal),
        (Either::Not(principals), Effect::Allow) => !principals.include(principal),
        (Either::Not(principals), Effect::Deny) => !principals.exempt(principal),
    }
}
