//! The trie that finds a method by verb and path.
//!
//! Priorities are API Gateway's: a literal part before `{param}` before `{proxy+}`, an exact verb before `ANY`. A
//! resource that lacks the verb falls through to the next candidate, so that a greedy sibling that has it answers.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use smallvec::SmallVec;

use crate::proxy::percent;
use crate::text;

/// A verb that a method can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `DELETE`
    Delete,
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
    /// `PATCH`
    Patch,
    /// `POST`
    Post,
    /// `PUT`
    Put,
}

impl Verb {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Delete,
        Self::Get,
        Self::Head,
        Self::Options,
        Self::Patch,
        Self::Post,
        Self::Put,
    ];

    /// Its name in upper case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }

    /// The verb of that name, in upper case; none for a verb that API Gateway does not have.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "DELETE" => Self::Delete,
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "OPTIONS" => Self::Options,
            "PATCH" => Self::Patch,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            _ => return None,
        })
    }
}

/// The methods of one resource, as indices into a table of the caller's.
#[derive(Debug, Default, Clone)]
struct Methods {
    exact: [Option<u32>; 7],
    any: Option<u32>,
}

impl Methods {
    fn get(&self, verb: Verb) -> Option<u32> {
        self.exact.get(verb as usize).copied().flatten().or(self.any)
    }

    /// The place for a verb; `None` stands for `ANY`.
    fn place(&mut self, verb: Option<Verb>) -> &mut Option<u32> {
        match verb.and_then(|verb| self.exact.get_mut(verb as usize)) {
            Some(place) => place,
            None => &mut self.any,
        }
    }
}

#[derive(Debug, Default)]
struct Node {
    /// Keys are the configuration's, and requests only look up: no client can make them collide.
    literals: HashMap<Box<str>, u32, foldhash::fast::FixedState>,
    param: Option<u32>,
    greedy: Methods,
    methods: Methods,
}

/// Finds what answers a path and a verb.
#[derive(Debug)]
pub struct Router {
    nodes: Vec<Node>,
    /// The methods of `ANY`.
    any: HashSet<u32, foldhash::fast::FixedState>,
}

/// What [`Router::find`] found.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The index that the method was added with.
    pub method: u32,
    /// Where in the path the values of its path parameters are, in the order of their names in the resource's path.
    pub captures: Captures,
}

/// Places in a path. A request allocates nothing for as many as most paths have.
pub type Captures = SmallVec<[Range<usize>; 3]>;

/// A method that is there already.
#[derive(Debug, PartialEq, Eq)]
pub struct Duplicate;

impl Default for Router {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
            any: HashSet::default(),
        }
    }
}

impl Router {
    /// Adds a method: `verb` is `None` for `ANY`, `path` a resource's path whose syntax has been checked.
    pub fn add(&mut self, path: &str, verb: Option<Verb>, method: u32) -> Result<(), Duplicate> {
        let mut at = 0;
        let mut greedy = false;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if part.starts_with('{') && part.ends_with("+}") {
                greedy = true;
            } else if part.starts_with('{') {
                at = self.param_child(at);
            } else {
                at = self.literal_child(at, &percent::decode(part));
            }
        }
        let Some(node) = self.nodes.get_mut(at as usize) else {
            return Ok(());
        };
        let methods = if greedy {
            &mut node.greedy
        } else {
            &mut node.methods
        };
        let place = methods.place(verb);
        if place.is_some() {
            return Err(Duplicate);
        }
        *place = Some(method);
        if verb.is_none() {
            self.any.insert(method);
        }
        Ok(())
    }

    /// Finds the method for a path as sent (percent-encoded, below the stage).
    ///
    /// Slashes at the start and the end do not count. Literal parts are compared after percent-decoding; captured
    /// values stay as sent.
    pub fn find(&self, path: &str, verb: Verb) -> Option<Found> {
        let segments = Segments::of(path);
        let mut captures = Captures::new();
        let method = self.walk(0, segments, verb, &mut captures)?;
        Some(Found { method, captures })
    }

    /// The verbs that a path answers; `None` among them stands for `ANY`.
    pub fn verbs(&self, path: &str) -> Vec<Option<Verb>> {
        let found = Verb::ALL.into_iter().filter_map(|verb| {
            let method = self.find(path, verb)?.method;
            Some((!self.any.contains(&method)).then_some(verb))
        });
        found.collect()
    }

    fn walk(&self, at: u32, segments: Segments<'_>, verb: Verb, captures: &mut Captures) -> Option<u32> {
        let node = self.nodes.get(at as usize)?;
        let Some((segment, range, rest)) = segments.split() else {
            return node.methods.get(verb);
        };
        let literal = match percent::decode(segment) {
            Cow::Borrowed(segment) => node.literals.get(segment),
            Cow::Owned(segment) => node.literals.get(segment.as_str()),
        };
        if let Some(found) = literal.and_then(|&child| self.walk(child, rest, verb, captures)) {
            return Some(found);
        }
        if let Some(child) = node.param.filter(|_| !segment.is_empty()) {
            captures.push(range);
            if let Some(found) = self.walk(child, rest, verb, captures) {
                return Some(found);
            }
            captures.pop();
        }
        let found = node.greedy.get(verb)?;
        captures.push(segments.whole());
        Some(found)
    }

    fn literal_child(&mut self, at: u32, part: &str) -> u32 {
        let next = self.next_index();
        let Some(node) = self.nodes.get_mut(at as usize) else {
            return at;
        };
        let child = *node.literals.entry(part.into()).or_insert(next);
        self.ensure(child, next)
    }

    fn param_child(&mut self, at: u32) -> u32 {
        let next = self.next_index();
        let Some(node) = self.nodes.get_mut(at as usize) else {
            return at;
        };
        let child = *node.param.get_or_insert(next);
        self.ensure(child, next)
    }

    fn ensure(&mut self, child: u32, next: u32) -> u32 {
        if child == next {
            self.nodes.push(Node::default());
        }
        child
    }

    fn next_index(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }
}

/// The rest of a path, without slashes at its ends.
#[derive(Debug, Clone, Copy)]
struct Segments<'a> {
    path: &'a str,
    offset: usize,
    ended: bool,
}

impl<'a> Segments<'a> {
    fn of(path: &'a str) -> Self {
        let start = path.len() - path.trim_start_matches('/').len();
        let inner = path.trim_matches('/');
        Self {
            path: inner,
            offset: start,
            ended: inner.is_empty(),
        }
    }

    /// The first segment, where it stands, and what follows it.
    fn split(self) -> Option<(&'a str, Range<usize>, Self)> {
        if self.ended {
            return None;
        }
        let (segment, rest, ended) = match text::split_once(self.path, b'/') {
            Some((segment, rest)) => (segment, rest, false),
            None => (self.path, "", true),
        };
        let range = self.offset..self.offset + segment.len();
        let offset = if ended { range.end } else { range.end + 1 };
        Some((
            segment,
            range,
            Self {
                path: rest,
                offset,
                ended,
            },
        ))
    }

    fn whole(self) -> Range<usize> {
        self.offset..self.offset + self.path.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(routes: &[(&str, &str)]) -> Router {
        let mut router = Router::default();
        for (index, (verb, path)) in routes.iter().enumerate() {
            router
                .add(path, Verb::parse(verb), index as u32)
                .expect("no duplicate");
        }
        router
    }

    const ROUTES: &[(&str, &str)] = &[
        ("GET", "/"),
        ("GET", "/pets"),
        ("ANY", "/pets/{id}"),
        ("GET", "/pets/best"),
        ("GET", "/pets/{id}/toys/{toy}"),
        ("POST", "/pets/{proxy+}"),
        ("GET", "/files/{proxy+}"),
        ("ANY", "/a%20b"),
        ("DELETE", "/{proxy+}"),
    ];

    /// A name, a verb, a path, and the method and values that are found.
    type Case = (
        &'static str,
        &'static str,
        &'static str,
        Option<(u32, &'static [&'static str])>,
    );

    /// Sources: the API Gateway developer guide on ANY methods and proxy resources; recorded answers of the service (greedy sibling,
    /// double slash after the stage).
    const CASES: &[Case] = &[
        ("root", "GET", "/", Some((0, &[]))),
        ("empty path is the root", "GET", "", Some((0, &[]))),
        ("literal", "GET", "/pets", Some((1, &[]))),
        (
            "a slash at the end does not count",
            "GET",
            "/pets/",
            Some((1, &[])),
        ),
        (
            "slashes right after the stage collapse",
            "GET",
            "//pets",
            Some((1, &[])),
        ),
        ("param", "GET", "/pets/7", Some((2, &["7"]))),
        ("literal before param", "GET", "/pets/best", Some((3, &[]))),
        (
            "a literal that lacks the verb falls to ANY of the param",
            "PUT",
            "/pets/best",
            Some((2, &["best"])),
        ),
        (
            "two params",
            "GET",
            "/pets/7/toys/ball",
            Some((4, &["7", "ball"])),
        ),
        (
            "falls back to greedy",
            "POST",
            "/pets/7/toys/ball",
            Some((5, &["7/toys/ball"])),
        ),
        ("greedy above", "DELETE", "/pets", Some((8, &["pets"]))),
        (
            "greedy keeps inner double slashes",
            "GET",
            "/files/a//b/",
            Some((6, &["a//b"])),
        ),
        ("greedy needs a part", "GET", "/files/", None),
        ("no such verb", "PUT", "/pets", None),
        ("an empty part fills no param", "GET", "/pets//toys/x", None),
        ("literals are compared decoded", "GET", "/%70ets", Some((1, &[]))),
        ("a decoded blank", "GET", "/a%20b", Some((7, &[]))),
        ("values stay as sent", "GET", "/pets/a%2Fb", Some((2, &["a%2Fb"]))),
        ("an encoded slash is no separator", "GET", "/pets%2F7", None),
        ("case matters", "GET", "/Pets", None),
    ];

    #[test]
    fn finds_by_api_gateways_priorities() {
        let router = router(ROUTES);
        for (name, verb, path, expected) in CASES {
            let found = router.find(path, Verb::parse(verb).expect("a verb"));
            let found = found.map(|found| {
                (
                    found.method,
                    found
                        .captures
                        .into_iter()
                        .map(|range| &path[range])
                        .collect::<Vec<_>>(),
                )
            });
            let expected = expected.map(|(method, captures)| (method, captures.to_vec()));
            assert_eq!(found, expected, "{name}: {verb} {path}");
        }
    }

    #[test]
    fn tells_the_verbs_of_a_path() {
        let router = router(ROUTES);
        let greedy_and_own = [Some(Verb::Delete), Some(Verb::Get)];
        assert_eq!(
            router.verbs("/pets"),
            greedy_and_own,
            "GET is its own, DELETE that of /{{proxy+}}"
        );
        assert_eq!(router.verbs("/a%20b"), [None; 7], "ANY");
        assert_eq!(
            router.verbs("/Pets"),
            [Some(Verb::Delete)],
            "DELETE of /{{proxy+}} alone"
        );
        assert!(Router::default().verbs("/").is_empty());
    }

    #[test]
    fn refuses_a_second_method_of_one_verb() {
        let mut router = router(&[("GET", "/a/{x}")]);
        assert_eq!(router.add("/a/{y}", Some(Verb::Get), 9), Err(Duplicate));
        assert_eq!(router.add("/a/{y}", None, 9), Ok(()));
    }
}
