//! The keys of a TOML text in order, before they mean anything: how deep they lead, and where a key that is
//! defined twice was defined first.

use std::collections::HashMap;

use toml_parser::parser::{Event, EventKind, RecursionGuard, parse_document};
use toml_parser::{ParseError, Source};

/// As deep as the parser lets values be nested; it reports those that are deeper.
const MAX_NESTED_VALUES: u32 = 80;

/// What a TOML text says, in order. What is wrong with it is left to the parser proper.
pub(super) fn events(source: Source<'_>) -> Vec<Event> {
    let tokens = source.lex().into_vec();
    let mut events = Vec::with_capacity(tokens.len());
    let mut ignored = |_: ParseError| {};
    let mut guard = RecursionGuard::new(&mut events, MAX_NESTED_VALUES);
    parse_document(&tokens, &mut guard, &mut ignored);
    events
}

/// Where a table would be nested deeper than `deepest`. The parser must not see such a text, since the tables that
/// dotted keys imply have no limit there.
pub(super) fn too_deep(events: &[Event], deepest: usize) -> Option<usize> {
    let mut header = 0;
    let mut key = 0;
    let mut values: Vec<usize> = Vec::new();
    let mut nested = 0;
    let mut dotted = false;
    for event in events {
        match event.kind() {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                (header, key, nested) = (0, 0, 0);
                values.clear();
            }
            EventKind::StdTableClose => header = key,
            EventKind::ArrayTableClose => header = key + 1,
            EventKind::SimpleKey => key = if dotted { key + 1 } else { 1 },
            EventKind::InlineTableOpen | EventKind::ArrayOpen => {
                let levels = key.max(1);
                values.push(levels);
                nested += levels;
                key = 0;
            }
            EventKind::InlineTableClose | EventKind::ArrayClose => {
                nested -= values.pop().unwrap_or(0).min(nested);
                key = 0;
            }
            _ => {}
        }
        if !matches!(event.kind(), EventKind::Whitespace) {
            dotted = event.kind() == EventKind::KeySep;
        }
        if header + nested + key > deepest {
            return Some(event.span().start());
        }
    }
    None
}

/// Where keys are defined, by what they define.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// Where a path is defined first, even as a part of a longer one.
    first: HashMap<Vec<String>, usize>,
    /// What the key at an offset defines.
    paths: HashMap<usize, Vec<String>>,
}

impl Definitions {
    pub(super) fn of(source: Source<'_>, events: &[Event]) -> Self {
        let mut walk = Walk::new(source);
        for event in events {
            walk.event(event);
        }
        walk.definitions
    }

    /// What the key at `offset` defines, and where it was defined before.
    pub(super) fn before(&self, offset: usize) -> Option<(&[String], usize)> {
        let path = self.paths.get(&offset)?;
        let first = self.first.get(path).copied().filter(|first| *first < offset)?;
        Some((path, first))
    }
}

/// What the keys that come now are members of.
#[derive(Debug, Default)]
struct Frame {
    path: Vec<String>,
    /// The number of the element, in an array.
    element: Option<usize>,
}

impl Frame {
    fn prefix(&self) -> Vec<String> {
        let element = self.element.map(|element| element.to_string());
        self.path.iter().cloned().chain(element).collect()
    }
}

struct Walk<'t> {
    source: Source<'t>,
    definitions: Definitions,
    /// The table of the last header, then every value that is open.
    frames: Vec<Frame>,
    /// How many elements the arrays of tables have.
    tables: HashMap<Vec<String>, usize>,
    /// The path of the key that was read last.
    key: Vec<String>,
    dotted: bool,
    in_header: bool,
}

impl<'t> Walk<'t> {
    fn new(source: Source<'t>) -> Self {
        Self {
            source,
            definitions: Definitions::default(),
            frames: vec![Frame::default()],
            tables: HashMap::new(),
            key: Vec::new(),
            dotted: false,
            in_header: false,
        }
    }

    fn event(&mut self, event: &Event) {
        match event.kind() {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                self.frames = vec![Frame::default()];
                self.in_header = true;
            }
            EventKind::StdTableClose => self.header(false),
            EventKind::ArrayTableClose => self.header(true),
            EventKind::SimpleKey => self.simple_key(event),
            EventKind::InlineTableOpen => self.open(None),
            EventKind::ArrayOpen => self.open(Some(0)),
            EventKind::InlineTableClose | EventKind::ArrayClose => {
                self.frames.pop();
            }
            EventKind::ValueSep => self.next_element(),
            _ => {}
        }
        if event.kind() != EventKind::Whitespace {
            self.dotted = event.kind() == EventKind::KeySep;
        }
    }

    fn simple_key(&mut self, event: &Event) {
        let mut text = String::new();
        if let Some(raw) = self.source.get(event) {
            raw.decode_key(&mut text, &mut |_: ParseError| {});
        }
        if !self.dotted {
            self.key = self.frames.last().map(Frame::prefix).unwrap_or_default();
        } else if self.in_header {
            self.descend_into_last_table();
        }
        self.key.push(text);
        let offset = event.span().start();
        self.definitions.paths.insert(offset, self.key.clone());
        self.definitions.first.entry(self.key.clone()).or_insert(offset);
    }

    /// In a header, `a.b` means the last element of `a` where `a` is an array of tables.
    fn descend_into_last_table(&mut self) {
        if let Some(count) = self.tables.get(&self.key) {
            self.key.push(count.saturating_sub(1).to_string());
        }
    }

    fn header(&mut self, array: bool) {
        self.in_header = false;
        if array {
            let count = self.tables.entry(self.key.clone()).or_insert(0);
            *count += 1;
            self.descend_into_last_table();
        }
        self.frames = vec![Frame {
            path: std::mem::take(&mut self.key),
            element: None,
        }];
    }

    fn open(&mut self, element: Option<usize>) {
        let path = match self.frames.last() {
            Some(frame) if frame.element.is_some() => frame.prefix(),
            _ => self.key.clone(),
        };
        self.frames.push(Frame { path, element });
    }

    fn next_element(&mut self) {
        if let Some(element) = self.frames.last_mut().and_then(|frame| frame.element.as_mut()) {
            *element += 1;
        }
    }
}
