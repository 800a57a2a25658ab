//! Directives that are called by name: `#foreach`, `#define`, `#macro` and the calls of macros.

use super::SyntaxError;
use super::parser::Parser;
use super::token::Kind;
use super::tree::{Argument, Block, Call, Expression, Loop, Macro, Node, Place, Refused, Span};
use crate::value::{Text, Value};

/// How often the block of `#define` may stand in itself.
const DEFINE_DEPTH: usize = 2;
/// How deep macros may call each other.
pub(crate) const MACRO_DEPTH: usize = 20;

/// A directive as it is written.
#[derive(Debug)]
struct Written {
    name: Text,
    first: usize,
    place: Place,
    arguments: Vec<Given>,
}

#[derive(Debug)]
struct Given {
    value: Expression,
    first: usize,
    last: usize,
    word: bool,
    by_name: bool,
}

impl Parser<'_, '_, '_> {
    pub(super) fn directive(&mut self) -> Result<Option<Node>, SyntaxError> {
        let first = self.take()?;
        let image = self.image(first);
        let name = match self.kind(first) {
            Kind::BracedWord => image.get(2..image.len().saturating_sub(1)),
            _ => image.get(1..),
        };
        let name = Text::from(name.unwrap_or_default());
        let place = self.place(first);
        if !self.lexer().enter_directive() {
            return self.without_arguments(&name, first, place).map(Some);
        }
        let arguments = self.directive_arguments(&name, first)?;
        let written = Written {
            name,
            first,
            place,
            arguments,
        };
        match &*written.name {
            "foreach" => self.foreach(written).map(Some),
            "define" => self.define(&written).map(Some),
            "literal" => self.plain(&written).map(Some),
            "macro" => self.macro_definition(&written),
            "break" => self.jump(written, |place, value| {
                Node::Break(value.map(|value| Box::new((place, value))))
            }),
            "stop" => self.jump(written, |_, value| Node::Stop(value.map(Box::new))),
            "evaluate" if !self.unit.aws() => self.evaluate(written).map(Some),
            "include" | "parse" if !self.unit.aws() => Ok(Some(refused(written))),
            _ => self.call(written).map(Some),
        }
    }

    fn without_arguments(&mut self, name: &Text, first: usize, place: Place) -> Result<Node, SyntaxError> {
        let aws = self.unit.aws();
        let missing = |wanted: &str, like: &str| {
            Err(self
                .error_at(first, format!("`#{name}` needs {wanted} in parentheses"))
                .with_hint(format!("write it like `{like}`")))
        };
        match &**name {
            "macro" => missing("a name", "#macro(name $argument)"),
            "foreach" => missing("an element and its list", "#foreach($item in $list)"),
            "define" => missing("a variable", "#define($block)"),
            "literal" => missing("nothing", "#literal()"),
            "evaluate" if !aws => missing("a string", "#evaluate($text)"),
            "break" => Ok(Node::Break(None)),
            "stop" => Ok(Node::Stop(None)),
            "include" if !aws => Ok(Node::Text(Span::default())),
            "parse" if !aws => Ok(Node::Refused(Box::new(Refused {
                place,
                arguments: Vec::new(),
                message: "`#parse` needs a name",
            }))),
            _ if name.starts_with('@') => Ok(Node::Text(self.unit.text(&format!("#{name}")))),
            _ => {
                let literal = self.unit.text(self.image(first));
                let arguments = [].into();
                let name = name.clone();
                let call = Call {
                    place,
                    name,
                    arguments,
                    body: None,
                    literal,
                    bad_argument: false,
                };
                Ok(Node::Call(Box::new(call)))
            }
        }
    }

    fn directive_arguments(&mut self, name: &str, first: usize) -> Result<Vec<Given>, SyntaxError> {
        self.skip(Kind::Space)?;
        self.expect(Kind::ParenOpen, "after a directive")?;
        let mut arguments = Vec::new();
        while self.argument_follows()? {
            self.skip(Kind::Space)?;
            if self.peek(0)? == Kind::Comma {
                self.take()?;
                self.skip(Kind::Space)?;
            }
            let argument = self.directive_argument()?;
            self.check_argument(name, first, arguments.len(), argument.word)?;
            arguments.push(argument);
        }
        self.skip(Kind::Space)?;
        self.expect(Kind::ParenClose, "among the arguments of a directive")?;
        Ok(arguments)
    }

    fn argument_follows(&mut self) -> Result<bool, SyntaxError> {
        let argument = |kind: Kind| kind.starts_parameter() || matches!(kind, Kind::Word | Kind::Comma);
        Ok(match self.peek(0)? {
            Kind::Space => argument(self.peek(1)?),
            kind => argument(kind),
        })
    }

    fn directive_argument(&mut self) -> Result<Given, SyntaxError> {
        let first = self.at;
        if self.peek(0)? == Kind::Word {
            self.take()?;
            let value = Expression::Constant(Value::Null);
            return Ok(Given {
                value,
                first,
                last: first,
                word: true,
                by_name: false,
            });
        }
        let string = self.peek(0)? == Kind::String;
        let (value, first, last) = self.value("among the arguments of a directive")?;
        let by_name = string || !matches!(value, Expression::Constant(_));
        Ok(Given {
            value,
            first,
            last,
            word: false,
            by_name,
        })
    }

    fn check_argument(&self, name: &str, first: usize, index: usize, word: bool) -> Result<(), SyntaxError> {
        if name == "macro" && index == 0 {
            if word {
                return Ok(());
            }
            return Err(self
                .error_at(first, "the first argument of `#macro` must be its name")
                .with_hint("write it without quotes, like `#macro(name $argument)`"));
        }
        let keyword = name == "foreach" && index == 1;
        let known = self.is_directive(name) || (self.nested && self.is_macro(name));
        if word && known && !keyword {
            return Err(self
                .error_at(
                    first,
                    format!("argument {} of `#{name}` is a bare word", index + 1),
                )
                .with_hint("put it in quotes, or a `$` before it"));
        }
        Ok(())
    }

    fn foreach(&mut self, written: Written) -> Result<Node, SyntaxError> {
        let block = self.at;
        let body = self.block()?;
        self.end_of(written.first, "#foreach")?;
        let place = written.place;
        let element = written.arguments.first().map_or(block, |argument| argument.first);
        let name = self.element_name(element).to_owned();
        let element = self.unit.known.names.slot(&name);
        let given = written.arguments.len();
        let mut arguments = written.arguments.into_iter().skip(2);
        let Some(items) = arguments.next() else {
            // Without a list the block is taken for one, which has no value; it must be the third of all.
            if given == 2 {
                return Ok(Node::Text(Span::default()));
            }
            let message = "`#foreach` needs an element, `in` and a list";
            return Ok(Node::Refused(Box::new(Refused {
                place,
                arguments: Vec::new(),
                message,
            })));
        };
        // A further argument stands where the block would.
        let body = match arguments.next() {
            None => body,
            Some(extra) => self.extra_body(extra),
        };
        Ok(Node::Foreach(Box::new(Loop {
            place,
            element,
            items: items.value,
            body,
        })))
    }

    /// What an argument in the place of a block prints.
    fn extra_body(&mut self, extra: Given) -> Vec<Node> {
        let Expression::Reference(reference) = extra.value else {
            return Vec::new();
        };
        let literal = self.literal(extra.first, extra.last);
        let quiet = literal.starts_with("$!");
        let fallback = if quiet {
            Span::default()
        } else {
            self.unit.text(&literal)
        };
        vec![Node::Reference(Box::new(super::tree::Printed {
            reference: *reference,
            escapes: Span::default(),
            prefix: Span::default(),
            fallback,
            escaped: false,
            plain: extra.first == extra.last && !quiet,
        }))]
    }

    fn element_name(&self, token: usize) -> &str {
        let image = self.image(token);
        if image == "${" || image == "$!{" {
            return self.image(token + 1);
        }
        image
            .strip_prefix("$!")
            .unwrap_or_else(|| image.get(1..).unwrap_or_default())
    }

    fn define(&mut self, written: &Written) -> Result<Node, SyntaxError> {
        let body = self.block()?;
        self.end_of(written.first, "#define")?;
        let [name] = written.arguments.as_slice() else {
            return Err(self
                .error_at(written.first, "`#define` takes one variable")
                .with_hint("write it like `#define($block)`"));
        };
        let name = self.image(name.first).get(1..).unwrap_or_default();
        let slot = self.unit.known.names.slot(name);
        let block = self.add_block(body, DEFINE_DEPTH);
        Ok(Node::Define { slot, block })
    }

    fn add_block(&mut self, body: Vec<Node>, depth: usize) -> usize {
        self.unit.code.blocks.push(Block { body, depth });
        self.unit.code.blocks.len() - 1
    }

    /// `#literal`, which prints what it holds as it is written.
    fn plain(&mut self, written: &Written) -> Result<Node, SyntaxError> {
        let first = self.at;
        self.block()?;
        let last = self.at - 1;
        self.end_of(written.first, "#literal")?;
        let literal = match written.arguments.first() {
            Some(argument) => self.literal(argument.first, argument.last),
            None if last < first => {
                return Err(self
                    .error_at(written.first, "this `#literal` is empty")
                    .with_hint("put something between it and its `#end`"));
            }
            None => self.literal(first, last),
        };
        Ok(Node::Text(self.unit.text(&literal)))
    }

    fn macro_definition(&mut self, written: &Written) -> Result<Option<Node>, SyntaxError> {
        let body = self.block()?;
        self.end_of(written.first, "#macro")?;
        let mut arguments = written.arguments.iter();
        let Some(name) = arguments.next() else {
            return Err(self
                .error_at(written.first, "`#macro` needs a name")
                .with_hint("write it like `#macro(name $argument)`"));
        };
        let name = self.image(name.first);
        self.own_macros.insert(name.to_owned());
        if self.unit.aws() {
            return Ok(None);
        }
        let mut parameters = Vec::new();
        for argument in arguments {
            let image = self.image(argument.first);
            parameters.push(
                self.unit
                    .known
                    .names
                    .slot(image.strip_prefix('$').unwrap_or(image)),
            );
        }
        if self.unit.known.macros.insert(name.to_owned()) {
            self.unit.code.macros.push(Macro {
                name: Text::from(name),
                parameters,
                body,
            });
        }
        Ok(None)
    }

    fn jump(
        &mut self,
        written: Written,
        node: impl FnOnce(Place, Option<Expression>) -> Node,
    ) -> Result<Option<Node>, SyntaxError> {
        let place = written.place;
        if written.arguments.len() > 1 {
            let message = format!("`#{}` takes no more than one argument", written.name);
            return Err(self.error_at(written.first, message));
        }
        let argument = written
            .arguments
            .into_iter()
            .next()
            .map(|argument| argument.value);
        Ok(Some(node(place, argument)))
    }

    fn evaluate(&mut self, written: Written) -> Result<Node, SyntaxError> {
        let count = written.arguments.len();
        let mut arguments = written.arguments.into_iter();
        let argument = arguments.next().filter(|argument| {
            let string = self.kind(argument.first) == Kind::String;
            count == 1 && (string || matches!(argument.value, Expression::Reference(_)))
        });
        match argument {
            Some(argument) => Ok(Node::Evaluate(Box::new((written.place, argument.value)))),
            None => Err(self
                .error_at(written.first, "`#evaluate` takes one string or reference")
                .with_hint("write it like `#evaluate($text)`")),
        }
    }

    /// The call of a macro, or what would be one.
    fn call(&mut self, written: Written) -> Result<Node, SyntaxError> {
        let mut body = None;
        let mut name = written.name.clone();
        if let Some(called) = written.name.strip_prefix('@') {
            name = Text::from(called);
            let block = self.block()?;
            self.end_of(written.first, &format!("#{}", written.name))?;
            body = Some(self.add_block(block, MACRO_DEPTH));
        }
        let literal: String = (written.first..self.at).map(|token| self.image(token)).collect();
        let literal = self.unit.text(&literal);
        let bad_argument = written.arguments.iter().any(|argument| argument.word);
        let mut arguments = Vec::new();
        if !self.unit.aws() {
            for given in written.arguments {
                let literal = self.literal(given.first, given.last);
                let literal = self.unit.text(&literal);
                arguments.push(Argument {
                    value: given.value,
                    literal,
                    by_name: given.by_name,
                });
            }
        }
        let place = written.place;
        let arguments = arguments.into();
        Ok(Node::Call(Box::new(Call {
            place,
            name,
            arguments,
            body,
            literal,
            bad_argument,
        })))
    }
}

fn refused(written: Written) -> Node {
    let include = &*written.name == "include";
    let message = match (include, written.arguments.is_empty()) {
        (true, true) => return Node::Text(Span::default()),
        (true, false) => "there is nothing that `#include` could find",
        (false, true) => "`#parse` needs a name",
        (false, false) => "there is nothing that `#parse` could find",
    };
    let arguments = written
        .arguments
        .into_iter()
        .map(|argument| argument.value)
        .collect();
    Node::Refused(Box::new(Refused {
        place: written.place,
        arguments,
        message,
    }))
}
