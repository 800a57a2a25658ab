//! The tree from the events of the YAML parser.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};

use super::scalar::resolve;
use crate::node::{Member, Node, Value, quote};
use crate::position::Position;
use crate::reader::{MAX_DEPTH, Members, Reader, Stop, cost, depth};

pub(crate) fn read<'t>(reader: &mut Reader<'t>, text: &'t str) -> Result<Node, Stop> {
    printable(reader, text)?;
    let mut yaml = Yaml {
        reader,
        events: Parser::new_from_str(text),
        anchors: HashMap::new(),
        depth: 0,
    };
    yaml.document()
}

/// Refuses what YAML does not allow in a text. The parser would take U+0000 for the end and drop the rest.
fn printable(reader: &mut Reader<'_>, text: &str) -> Result<(), Stop> {
    let allowed = |c: char| {
        !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{80}'..='\u{84}')
            && !matches!(c, '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
    };
    match text.char_indices().find(|(_, c)| !allowed(*c)) {
        None => Ok(()),
        Some((offset, c)) => {
            let position = reader.places.at(offset);
            let message = format!("the character U+{:04X} is not allowed in YAML", u32::from(c));
            Err(reader.stop("syntax", position, message))
        }
    }
}

/// What an alias stands for.
struct Anchored {
    node: Node,
    cost: usize,
    depth: usize,
}

struct Yaml<'r, 't> {
    reader: &'r mut Reader<'t>,
    events: Parser<'t, StrInput<'t>>,
    /// By the parser's number of the anchor; absent while the anchored value is being read.
    anchors: HashMap<usize, Anchored>,
    /// How many arrays and objects are open.
    depth: usize,
}

fn place(marker: &Marker) -> Position {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).max(1);
    Position {
        line: number(marker.line()),
        column: number(marker.col().saturating_add(1)),
    }
}

impl<'t> Yaml<'_, 't> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Stop> {
        match self.events.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let position = place(error.marker());
                Err(self.reader.stop("syntax", position, error.info().to_owned()))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn document(&mut self) -> Result<Node, Stop> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
                Event::DocumentStart(_) if root.is_some() => {
                    let position = place(&span.start);
                    return Err(self
                        .reader
                        .stop("syntax", position, "more than one document in one file"));
                }
                Event::DocumentStart(_) => {
                    let (event, span) = self.next()?;
                    root = Some(self.node(event, span)?);
                }
                _ => {
                    return Err(self.reader.stop(
                        "syntax",
                        place(&span.start),
                        "a value outside of the document",
                    ));
                }
            }
        }
        Ok(root.unwrap_or(Node {
            position: Position::START,
            value: Value::Null,
        }))
    }

    fn node(&mut self, event: Event<'t>, span: Span) -> Result<Node, Stop> {
        let position = place(&span.start);
        self.reader.count(position)?;
        let (anchor, value) = match event {
            Event::Alias(anchor) => return self.alias(anchor, position),
            Event::Scalar(text, style, anchor, tag) => {
                (anchor, self.scalar(text, style, tag.as_deref(), position))
            }
            Event::SequenceStart(anchor, tag) => {
                self.collection_tag(tag.as_deref(), "seq", position);
                (anchor, self.sequence(position)?)
            }
            Event::MappingStart(anchor, tag) => {
                self.collection_tag(tag.as_deref(), "map", position);
                (anchor, self.mapping(position)?)
            }
            _ => return Err(self.reader.stop("syntax", position, "expected a value")),
        };
        let node = Node { position, value };
        self.keep(anchor, &node)?;
        Ok(node)
    }

    /// Remembers an anchored value. The copy counts like an alias's.
    fn keep(&mut self, anchor: usize, node: &Node) -> Result<(), Stop> {
        if anchor == 0 {
            return Ok(());
        }
        let anchored = Anchored {
            node: node.clone(),
            cost: cost(node),
            depth: depth(node),
        };
        self.reader.count_copy(anchored.cost, node.position)?;
        self.anchors.insert(anchor, anchored);
        Ok(())
    }

    fn alias(&mut self, anchor: usize, position: Position) -> Result<Node, Stop> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(self.reader.stop(
                "syntax",
                position,
                "an alias inside of the value that it stands for",
            ));
        };
        if self.depth + anchored.depth > MAX_DEPTH {
            let message = format!("arrays and objects are nested deeper than {MAX_DEPTH}");
            return Err(self.reader.stop("too-deep", position, message));
        }
        self.reader.count_copy(anchored.cost, position)?;
        Ok(Node {
            position,
            value: anchored.node.value.clone(),
        })
    }

    fn scalar(
        &mut self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        position: Position,
    ) -> Value {
        if style != ScalarStyle::Plain && tag.is_none() {
            return Value::String(text.into_owned());
        }
        match tag.map(core_tag) {
            None => self.plain(&text, position),
            Some(Some("str" | "!")) => Value::String(text.into_owned()),
            Some(Some(kind @ ("null" | "bool" | "int" | "float"))) => self.typed(&text, kind, position),
            Some(_) => {
                self.refuse_tag(tag, position);
                Value::Null
            }
        }
    }

    fn plain(&mut self, text: &str, position: Position) -> Value {
        resolve(text).unwrap_or_else(|| {
            let message = format!("the number {text} is not one that JSON could hold");
            self.reader
                .error_with_hint("syntax", position, message, "quote it if it is text");
            Value::Null
        })
    }

    /// The value of a scalar with a tag of the core schema, which it must fit.
    fn typed(&mut self, text: &str, kind: &str, position: Position) -> Value {
        let value = self.plain(text, position);
        let fits = match (&value, kind) {
            (Value::Null, "null") | (Value::Bool(_), "bool") | (Value::Number(_), "float") => true,
            (Value::Number(number), "int") => !number.is_f64(),
            _ => false,
        };
        if !fits {
            self.reader.error(
                "syntax",
                position,
                format!("{} does not fit the tag !!{kind}", quote(text)),
            );
        }
        value
    }

    fn collection_tag(&mut self, tag: Option<&Tag>, kind: &str, position: Position) {
        if tag.is_some_and(|tag| !matches!(core_tag(tag), Some(name) if name == kind || name == "!")) {
            self.refuse_tag(tag, position);
        }
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, position: Position) {
        let name = tag.map(tag_name).unwrap_or_default();
        self.reader.error_with_hint(
            "syntax",
            position,
            format!("the tag {name} is not supported"),
            "only the tags of YAML's core schema are, such as !!str; write the value that the tag stands for",
        );
    }

    fn open(&mut self, position: Position) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("arrays and objects are nested deeper than {MAX_DEPTH}");
            return Err(self.reader.stop("too-deep", position, message));
        }
        Ok(())
    }

    fn sequence(&mut self, position: Position) -> Result<Value, Stop> {
        self.open(position)?;
        let mut nodes = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                break;
            }
            self.reader.enter(nodes.len().to_string(), place(&span.start))?;
            nodes.push(self.node(event, span)?);
            self.reader.leave();
        }
        self.depth -= 1;
        Ok(Value::Array(nodes))
    }

    fn mapping(&mut self, position: Position) -> Result<Value, Stop> {
        self.open(position)?;
        let mut members = Members::default();
        let mut merges = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                break;
            }
            self.pair(event, span, &mut members, &mut merges)?;
        }
        self.depth -= 1;
        for merged in merges {
            self.merge(&mut members, &merged)?;
        }
        Ok(Value::Object(members.into_object()))
    }

    fn pair(
        &mut self,
        event: Event<'t>,
        span: Span,
        members: &mut Members,
        merges: &mut Vec<Node>,
    ) -> Result<(), Stop> {
        let merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
        let key_position = place(&span.start);
        let key = self.key(event, key_position)?;
        self.reader.enter(key.as_str(), key_position)?;
        let first = members.claim(self.reader, &key, key_position);
        let (event, span) = self.next()?;
        let node = self.node(event, span)?;
        self.reader.leave();
        if merge {
            merges.push(node);
        } else if first {
            members.push(Member {
                key,
                key_position,
                node,
            });
        }
        Ok(())
    }

    /// A key as text. A number, a truth value or null as a key is its text, so that `200:` is the key "200".
    fn key(&mut self, event: Event<'t>, position: Position) -> Result<String, Stop> {
        let refuse = |this: &mut Self, message: &str| Err(this.reader.stop("syntax", position, message));
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if tag
                    .as_deref()
                    .is_some_and(|tag| !matches!(core_tag(tag), Some("str" | "!" | "int")))
                {
                    self.refuse_tag(tag.as_deref(), position);
                }
                if text.is_empty() && style == ScalarStyle::Plain {
                    return refuse(self, "a key is missing before `:`");
                }
                let key = text.into_owned();
                self.keep(
                    anchor,
                    &Node {
                        position,
                        value: Value::String(key.clone()),
                    },
                )?;
                Ok(key)
            }
            Event::Alias(anchor) => match self.alias(anchor, position)?.value {
                Value::String(text) => Ok(text),
                _ => refuse(self, "an alias that is a key must stand for a string"),
            },
            _ => refuse(self, "a key must be a string, not an array or an object"),
        }
    }

    /// Brings the members of a merge key's value, which is a mapping or an array of mappings.
    fn merge(&mut self, members: &mut Members, merged: &Node) -> Result<(), Stop> {
        let sources = match &merged.value {
            Value::Array(nodes) => nodes.as_slice(),
            _ => std::slice::from_ref(merged),
        };
        for source in sources {
            let Some(object) = source.as_object() else {
                let message = format!("expected objects to merge, found {}", source.describe());
                return Err(self.reader.stop("syntax", source.position, message));
            };
            for member in object {
                members.merge(member);
            }
        }
        Ok(())
    }
}

/// The name of a tag of the core schema, `!` for the tag that makes a scalar a string.
fn core_tag(tag: &Tag) -> Option<&str> {
    if tag.is_yaml_core_schema() {
        Some(tag.suffix.as_str())
    } else if tag.suffix.is_empty() && tag.handle == "!" || tag.handle.is_empty() && tag.suffix == "!" {
        Some("!")
    } else {
        tag.suffix
            .strip_prefix("tag:yaml.org,2002:")
            .filter(|_| tag.handle.is_empty())
    }
}

fn tag_name(tag: &Tag) -> String {
    if tag.is_yaml_core_schema() {
        return format!("!!{}", tag.suffix);
    }
    format!("{}{}", tag.handle, tag.suffix)
}
