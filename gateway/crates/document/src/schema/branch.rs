//! Which branch of `anyOf` or `oneOf` a value means: by its type, then by its tag, then by its keys.

use serde_json::{Map, Value as Json};

use super::check::Check;
use super::keyword::{allowed, is_of, literal, or, type_word, types};
use crate::node::{Node, Object, quote};

/// How often a `$ref` may lead to another.
const MAX_REFS: usize = 32;

impl<'s> Check<'_, 's> {
    /// The branch to check `node` against; reports and gives `None` where there is none.
    pub(super) fn branch(&mut self, branches: &'s [Json], node: &Node) -> Option<&'s Json> {
        let fitting: Vec<&'s Json> = branches
            .iter()
            .filter(|branch| self.fits_type(branch, node, 0))
            .collect();
        match fitting.as_slice() {
            [] => {
                self.report_type(branches, node);
                None
            }
            [only] => Some(only),
            several => match node.as_object() {
                Some(object) => self.object_branch(several, object, node),
                None => self.value_branch(several, node),
            },
        }
    }

    /// A schema as an object, with what its `$ref` leads to where it has nothing else to say.
    pub(super) fn resolved(&self, schema: &'s Json) -> Option<&'s Map<String, Json>> {
        let mut map = schema.as_object()?;
        for _ in 0..MAX_REFS {
            match map
                .get("$ref")
                .and_then(Json::as_str)
                .and_then(|name| self.definition(name))
            {
                Some(next) if !map.contains_key("properties") => map = next.as_object()?,
                _ => break,
            }
        }
        Some(map)
    }

    fn fits_type(&self, schema: &'s Json, node: &Node, depth: usize) -> bool {
        if depth > MAX_REFS {
            return true;
        }
        let Some(map) = self.resolved(schema) else {
            return schema != &Json::Bool(false);
        };
        if let Some(names) = types(map) {
            return names.iter().any(|name| is_of(node, name));
        }
        let nested = |keyword: &str| map.get(keyword).and_then(Json::as_array);
        match (nested("anyOf").or(nested("oneOf")), nested("allOf")) {
            (Some(any), _) => any.iter().any(|schema| self.fits_type(schema, node, depth + 1)),
            (None, Some(all)) => all.iter().all(|schema| self.fits_type(schema, node, depth + 1)),
            (None, None) => true,
        }
    }

    fn report_type(&mut self, branches: &'s [Json], node: &Node) {
        let mut words = Vec::new();
        for branch in branches {
            self.type_words(branch, &mut words, 0);
        }
        let expected = or(&words);
        self.mismatch(&expected, node);
    }

    fn type_words(&self, schema: &'s Json, words: &mut Vec<String>, depth: usize) {
        let Some(map) = self.resolved(schema) else { return };
        let nested = map
            .get("anyOf")
            .or_else(|| map.get("oneOf"))
            .and_then(Json::as_array);
        if let (Some(nested), true) = (nested, depth < MAX_REFS) {
            nested
                .iter()
                .for_each(|schema| self.type_words(schema, words, depth + 1));
        }
        for name in types(map).unwrap_or_default() {
            let word = type_word(name, self.object_word).to_owned();
            // Nobody writes null to leave an optional value out.
            if name != "null" && !words.contains(&word) {
                words.push(word);
            }
        }
    }

    /// Among branches that are all objects: by a tag that they share, otherwise by the keys that they require.
    fn object_branch(&mut self, branches: &[&'s Json], object: &Object, node: &Node) -> Option<&'s Json> {
        match self.shared_tag(branches) {
            Some(tag) => self.tagged_branch(branches, tag, object, node),
            None => self.keyed_branch(branches, object, node),
        }
    }

    fn shared_tag(&self, branches: &[&'s Json]) -> Option<&'s str> {
        let (first, rest) = branches.split_first()?;
        let mut tags = self
            .properties(first)?
            .iter()
            .filter(|(_, schema)| tag_values(schema).is_some());
        tags.find(|(tag, _)| rest.iter().all(|branch| self.tag_of(branch, tag).is_some()))
            .map(|(tag, _)| tag.as_str())
    }

    fn properties(&self, branch: &'s Json) -> Option<&'s Map<String, Json>> {
        self.resolved(branch)?.get("properties")?.as_object()
    }

    /// The values of `tag` that mean this branch.
    fn tag_of(&self, branch: &'s Json, tag: &str) -> Option<Vec<&'s Json>> {
        tag_values(self.properties(branch)?.get(tag)?)
    }

    fn tagged_branch(
        &mut self,
        branches: &[&'s Json],
        tag: &str,
        object: &Object,
        node: &Node,
    ) -> Option<&'s Json> {
        let values: Vec<&Json> = branches
            .iter()
            .filter_map(|branch| self.tag_of(branch, tag))
            .flatten()
            .collect();
        let Some(member) = object.member(tag) else {
            let choices: Vec<String> = values.iter().map(|value| literal(value)).collect();
            let message = format!("missing required key {}, which is {}", quote(tag), or(&choices));
            self.report("missing-key", node.position, message);
            return None;
        };
        let said = member.node.to_json();
        let meant = branches
            .iter()
            .find(|branch| self.tag_of(branch, tag).is_some_and(|all| all.contains(&&said)));
        if meant.is_none() {
            self.enter(tag);
            self.not_allowed(&values, &member.node);
            self.leave();
        }
        meant.copied()
    }

    /// The branch whose required keys are all there, such as the one key of a serde enum's variant.
    fn keyed_branch(&mut self, branches: &[&'s Json], object: &Object, node: &Node) -> Option<&'s Json> {
        let required = |branch: &'s Json| -> Vec<&'s str> {
            let keys = self
                .resolved(branch)
                .and_then(|map| map.get("required"))
                .and_then(Json::as_array);
            keys.into_iter().flatten().filter_map(Json::as_str).collect()
        };
        let has_all = |branch: &&&'s Json| required(branch).iter().all(|key| object.get(key).is_some());
        let complete: Vec<&'s Json> = branches.iter().filter(has_all).copied().collect();
        let partly = |branch: &&&'s Json| required(branch).iter().any(|key| object.get(key).is_some());
        match (complete.as_slice(), branches.iter().find(partly)) {
            ([only], _) => Some(only),
            ([], Some(partly)) => Some(partly),
            ([], None) => {
                let mut keys: Vec<String> = branches.iter().flat_map(|b| required(b)).map(quote).collect();
                keys.dedup();
                let message = format!("expected one of the keys {}", or(&keys));
                self.report("missing-key", node.position, message);
                None
            }
            (several, _) => self.value_branch(several, node),
        }
    }

    /// Tries every branch, and takes the one with the fewest problems. A plain choice of values is one list.
    fn value_branch(&mut self, branches: &[&'s Json], node: &Node) -> Option<&'s Json> {
        let lists: Option<Vec<Vec<&Json>>> = branches.iter().map(|b| allowed(self.resolved(b)?)).collect();
        if let Some(lists) = lists {
            let values: Vec<&Json> = lists.into_iter().flatten().collect();
            self.one_of(&values, node);
            return None;
        }
        branches
            .iter()
            .min_by_key(|branch| self.trial(branch, node))
            .copied()
    }
}

/// The values that a property allows, where they are single strings: what makes a property a tag.
fn tag_values(schema: &Json) -> Option<Vec<&Json>> {
    allowed(schema.as_object()?).filter(|values| values.iter().all(|value| value.is_string()))
}
