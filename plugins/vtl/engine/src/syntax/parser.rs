//! The parser: tokens to the tree, production by production as the grammar of Velocity 1.7 has them.

use std::collections::{HashMap, HashSet};

use super::SyntaxError;
use super::lexer::Lexer;
use super::token::{Kind, Token};
use super::tree::{Code, Conditional, Names, Node, Span};
use crate::template::Profile;

/// What is known before a source is compiled.
#[derive(Debug)]
pub(crate) struct Known<'k> {
    pub(crate) profile: Profile,
    /// The deepest nesting.
    pub(crate) depth: usize,
    pub(crate) names: &'k mut Names,
    /// The macros defined so far.
    pub(crate) macros: HashSet<String>,
}

/// Compiles `source`.
pub(crate) fn compile(source: &str, known: Known<'_>) -> Result<Code, SyntaxError> {
    let mut unit = Unit {
        known,
        code: Code::default(),
        level: 0,
    };
    // Macros are registered when a template is done with, but for the strings within it.
    let nested = !unit.known.macros.is_empty();
    let body = Parser::new(source, &mut unit, nested, None).template()?;
    let mut code = unit.code;
    code.body = body;
    Ok(code)
}

/// What the parsers of a source and of the strings within it share.
#[derive(Debug)]
pub(super) struct Unit<'k> {
    pub(super) known: Known<'k>,
    pub(super) code: Code,
    pub(super) level: usize,
}

impl Unit<'_> {
    pub(super) fn text(&mut self, text: &str) -> Span {
        let start = self.code.pool.len();
        self.code.pool.push_str(text);
        Span {
            start,
            end: self.code.pool.len(),
        }
    }

    pub(super) fn aws(&self) -> bool {
        self.known.profile == Profile::Aws
    }
}

#[derive(Debug)]
pub(super) struct Parser<'s, 'u, 'k> {
    pub(super) source: &'s str,
    lexer: Lexer<'s>,
    pub(super) tokens: Vec<Token>,
    /// The next token.
    pub(super) at: usize,
    pub(super) unit: &'u mut Unit<'k>,
    /// Whether the macros that are known can be called from here.
    pub(super) nested: bool,
    /// Macros defined in this very source.
    pub(super) own_macros: HashSet<String>,
    /// What the string that is parsed is in: its place, and for messages its source.
    pub(super) outer: Option<usize>,
    /// Where a parameter ends that was scanned ahead from some token, if it is one.
    pub(super) scanned: HashMap<usize, Option<usize>>,
}

impl<'s, 'u, 'k> Parser<'s, 'u, 'k> {
    pub(super) fn new(source: &'s str, unit: &'u mut Unit<'k>, nested: bool, outer: Option<usize>) -> Self {
        let escapes_set = !unit.aws();
        Self {
            source,
            lexer: Lexer::new(source, escapes_set),
            tokens: Vec::new(),
            at: 0,
            unit,
            nested,
            own_macros: HashSet::new(),
            outer,
            scanned: HashMap::new(),
        }
    }

    pub(super) fn template(mut self) -> Result<Vec<Node>, SyntaxError> {
        let body = self.block()?;
        match self.peek(0)? {
            Kind::End => Ok(body),
            Kind::EndDirective => Err(self.here("this `#end` ends nothing")),
            Kind::Else | Kind::ElseIf => Err(self.here("this belongs to no `#if`")),
            _ => Err(self.here("this cannot stand here")),
        }
    }

    /// Statements, up to what is none.
    pub(super) fn block(&mut self) -> Result<Vec<Node>, SyntaxError> {
        let mut nodes = Vec::new();
        while self.peek(0)?.starts_statement() {
            self.statement(&mut nodes)?;
        }
        Ok(nodes)
    }

    fn statement(&mut self, nodes: &mut Vec<Node>) -> Result<(), SyntaxError> {
        match self.peek(0)? {
            Kind::If => {
                let node = self.nest(Self::conditional)?;
                nodes.push(node);
            }
            Kind::Identifier => self.printed_reference(nodes)?,
            Kind::FormalOpen if self.peek(1)? == Kind::Identifier => self.printed_reference(nodes)?,
            Kind::LineComment | Kind::Comment | Kind::FormalComment => self.comment(nodes)?,
            Kind::TextBlock => self.text_block(nodes)?,
            Kind::Set => {
                let node = self.assignment()?;
                nodes.push(node);
            }
            Kind::EscapedDirective => self.escaped_directive(nodes)?,
            Kind::DoubleEscape => self.escapes(nodes)?,
            Kind::Word | Kind::BracedWord => {
                if let Some(node) = self.nest(Self::directive)? {
                    nodes.push(node);
                }
            }
            _ => {
                let token = self.take()?;
                let text = self.literal(token, token);
                self.print(nodes, &text);
            }
        }
        Ok(())
    }

    fn conditional(&mut self) -> Result<Node, SyntaxError> {
        let start = self.take()?;
        let mut branches = vec![self.branch()?];
        while self.peek(0)? == Kind::ElseIf {
            self.take()?;
            branches.push(self.branch()?);
        }
        let mut otherwise = Vec::new();
        if self.peek(0)? == Kind::Else {
            self.take()?;
            otherwise = self.block()?;
        }
        self.end_of(start, "#if")?;
        Ok(Node::If(Box::new(Conditional { branches, otherwise })))
    }

    fn branch(&mut self) -> Result<(super::tree::Expression, Vec<Node>), SyntaxError> {
        self.skip(Kind::Space)?;
        self.expect(Kind::ParenOpen, "after `#if`")?;
        let condition = self.expression()?;
        self.expect(Kind::ParenClose, "after the condition")?;
        Ok((condition, self.block()?))
    }

    /// The `#end` of the directive that began at the token `start`.
    pub(super) fn end_of(&mut self, start: usize, name: &str) -> Result<(), SyntaxError> {
        match self.peek(0)? {
            Kind::EndDirective => self.take().map(drop),
            Kind::End => Err(self
                .error_at(start, format!("this `{name}` has no `#end`"))
                .with_hint("add an `#end` where it is to end")),
            Kind::Else | Kind::ElseIf if name != "#if" => Err(self
                .here(format!("`{name}` has no `#else`"))
                .with_hint("put an `#if` round it")),
            Kind::Else => Err(self.here("there is an `#else` before")),
            Kind::ElseIf => Err(self.here("`#elseif` stands after `#else`")),
            _ => Err(self.here("this cannot stand here")),
        }
    }

    fn comment(&mut self, nodes: &mut Vec<Node>) -> Result<(), SyntaxError> {
        let token = self.take()?;
        let image = self.image(token);
        let before = image
            .find("##")
            .or_else(|| image.find("#*"))
            .and_then(|hash| image.get(..hash));
        let before = before.unwrap_or_default();
        self.print(nodes, before);
        if self.kind(token) == Kind::LineComment {
            self.skip(Kind::LineCommentEnd)?;
        }
        Ok(())
    }

    fn text_block(&mut self, nodes: &mut Vec<Node>) -> Result<(), SyntaxError> {
        let token = self.take()?;
        let image = self.image(token);
        let inner = image.get(3..image.len().saturating_sub(3)).unwrap_or_default();
        self.print(nodes, inner);
        Ok(())
    }

    fn escaped_directive(&mut self, nodes: &mut Vec<Node>) -> Result<(), SyntaxError> {
        let token = self.take()?;
        let image = self.image(token);
        let hash = image.find('#').unwrap_or_default();
        let name = image.get(hash + 1..).unwrap_or_default();
        let name = name
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
            .unwrap_or(name);
        let grammar = ["if", "end", "set", "else", "elseif"].contains(&name);
        if grammar || self.is_directive(name) || self.is_macro(name) {
            // Of the backslashes half are printed: the one before the directive escapes it.
            let dropped = hash - (hash - 1) / 2;
            if let Some(token) = self.tokens.get_mut(token) {
                token.start += dropped;
            }
        }
        let image = self.image(token);
        self.print(nodes, image);
        Ok(())
    }

    /// Pairs of backslashes: each prints one before a directive, both elsewhere.
    fn escapes(&mut self, nodes: &mut Vec<Node>) -> Result<(), SyntaxError> {
        let mut count = 0;
        while self.peek(0)? == Kind::DoubleEscape {
            self.take()?;
            count += 1;
        }
        let next = self.peek(0)?;
        let control = matches!(next, Kind::EndDirective | Kind::If | Kind::ElseIf | Kind::Else);
        let image = self.image(self.at);
        let mut characters = image.chars();
        characters.next();
        let name = characters.as_str();
        let control = control || self.is_directive(name) || self.is_macro(name);
        let text = if control { "\\" } else { "\\\\" }.repeat(count);
        self.print(nodes, &text);
        Ok(())
    }

    pub(super) fn is_directive(&self, name: &str) -> bool {
        match name {
            "foreach" | "macro" | "literal" | "break" | "define" | "stop" => true,
            "include" | "parse" | "evaluate" => !self.unit.aws(),
            _ => false,
        }
    }

    pub(super) fn is_macro(&self, name: &str) -> bool {
        self.own_macros.contains(name) || (self.nested && self.unit.known.macros.contains(name))
    }

    /// Prints `text`, which joins a text before it.
    pub(super) fn print(&mut self, nodes: &mut Vec<Node>, text: &str) {
        if text.is_empty() {
            return;
        }
        let span = self.unit.text(text);
        if let Some(Node::Text(before)) = nodes.last_mut()
            && before.end == span.start
        {
            before.end = span.end;
            return;
        }
        nodes.push(Node::Text(span));
    }

    /// Parses what nests by one level more.
    pub(super) fn nest<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        if self.unit.level >= self.unit.known.depth {
            return Err(self.too_deep());
        }
        self.unit.level += 1;
        let result = parse(self);
        self.unit.level -= 1;
        result
    }

    pub(super) fn too_deep(&self) -> SyntaxError {
        self.here(format!("this nests deeper than {} levels", self.unit.known.depth))
            .with_hint("split it up by `#set`")
    }

    /// The kind of the token `ahead` of the next one.
    pub(super) fn peek(&mut self, ahead: usize) -> Result<Kind, SyntaxError> {
        self.token(self.at + ahead)
    }

    /// The kind of a token, which is read if it was not yet.
    pub(super) fn token(&mut self, index: usize) -> Result<Kind, SyntaxError> {
        while self.tokens.len() <= index {
            let token = self.lexer.next().map_err(|error| self.within(error))?;
            self.tokens.push(token);
        }
        Ok(self.kind(index))
    }

    pub(super) fn kind(&self, index: usize) -> Kind {
        self.tokens.get(index).map_or(Kind::End, |token| token.kind)
    }

    pub(super) fn image(&self, index: usize) -> &'s str {
        let source = self.source;
        self.tokens
            .get(index)
            .and_then(|token| source.get(token.start..token.end))
            .unwrap_or_default()
    }

    /// Takes the next token: its index.
    pub(super) fn take(&mut self) -> Result<usize, SyntaxError> {
        self.peek(0)?;
        self.at += 1;
        Ok(self.at - 1)
    }

    pub(super) fn skip(&mut self, kind: Kind) -> Result<(), SyntaxError> {
        if self.peek(0)? == kind {
            self.at += 1;
        }
        Ok(())
    }

    pub(super) fn expect(&mut self, kind: Kind, whereabouts: &str) -> Result<usize, SyntaxError> {
        if self.peek(0)? == kind {
            return self.take();
        }
        Err(self.unexpected(kind.name(), whereabouts))
    }

    pub(super) fn unexpected(&self, wanted: &str, whereabouts: &str) -> SyntaxError {
        let found = match self.kind(self.at) {
            Kind::End => "the template ends".to_owned(),
            Kind::Space => "a blank stands".to_owned(),
            _ => format!("`{}` stands", self.image(self.at).trim_end()),
        };
        let error = self.here(format!("{found} {whereabouts}, where {wanted} is needed"));
        match self.kind(self.at) {
            Kind::Integer | Kind::Float if self.image(self.at).starts_with('-') => {
                error.with_hint("a minus sign before digits is part of the number: put a blank after it")
            }
            Kind::Minus => error.with_hint("there is no negation: write `0 - $x`"),
            _ => error,
        }
    }

    pub(super) fn lexer(&mut self) -> &mut Lexer<'s> {
        &mut self.lexer
    }

    /// The tokens `first` to `last` as a reference without a value prints them.
    pub(super) fn literal(&self, first: usize, last: usize) -> String {
        let mut text = String::new();
        for index in first..=last {
            let Some(token) = self.tokens.get(index) else {
                break;
            };
            if token.kind == Kind::Comment {
                continue;
            }
            for (start, end) in &token.skipped {
                skipped_text(self.source.get(*start..*end).unwrap_or_default(), &mut text);
            }
            text.push_str(self.image(index));
        }
        text
    }

    pub(super) fn place(&self, token: usize) -> usize {
        let here = self
            .tokens
            .get(token)
            .map_or(self.source.len(), |token| token.start);
        self.outer.unwrap_or(here)
    }

    pub(super) fn here(&self, message: impl Into<String>) -> SyntaxError {
        self.error_at(self.at, message)
    }

    pub(super) fn error_at(&self, token: usize, message: impl Into<String>) -> SyntaxError {
        let start = self
            .tokens
            .get(token)
            .map_or(self.source.len(), |token| token.start);
        let error = SyntaxError::at(self.source, start, message);
        self.within(error)
    }

    /// An error within a string is told by its place in that string.
    fn within(&self, mut error: SyntaxError) -> SyntaxError {
        if self.outer.is_some() && !error.message.starts_with(IN_STRING) {
            error.message = format!(
                "{IN_STRING}, at {}:{}: {}",
                error.line, error.column, error.message
            );
        }
        error
    }
}

pub(super) const IN_STRING: &str = "in this string";

/// What was skipped still prints its `$` and `#`, and the backslashes before a `$`.
fn skipped_text(skipped: &str, out: &mut String) {
    let mut rest = skipped;
    while let Some(character) = rest.chars().next() {
        match character {
            '$' | '#' => out.push(character),
            '\\' => {
                let after = rest.trim_start_matches('\\');
                if after.starts_with('$') {
                    let length = rest.len() - after.len() + 1;
                    out.push_str(rest.get(..length).unwrap_or_default());
                    // The grammar's loop steps over one character more.
                    rest = rest.get(length..).unwrap_or_default();
                }
            }
            _ => {}
        }
        let mut characters = rest.chars();
        characters.next();
        rest = characters.as_str();
    }
}
