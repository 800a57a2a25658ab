use super::{Error, Flags, Node, Parser};

impl Parser<'_> {
    /// A group, with its quantifier yet to come; `None` for flags that hold for what follows.
    pub(super) fn group(&mut self) -> Result<Option<Node>, Error> {
        self.source.advance();
        let saved = self.flags;
        let node = if self.eat('?') {
            match self.special_group()? {
                Some(node) => node,
                None => return Ok(None),
            }
        } else {
            self.capturing(None)?
        };
        self.flags = saved;
        Ok(Some(node))
    }

    fn special_group(&mut self) -> Result<Option<Node>, Error> {
        Ok(Some(match self.source.next() {
            Some(':') => Node::Group(None, self.body()?),
            Some('>') => Node::Atomic(self.body()?),
            Some('=') => Node::Ahead {
                node: self.body()?,
                negative: false,
            },
            Some('!') => Node::Ahead {
                node: self.body()?,
                negative: true,
            },
            Some('<') => self.behind_or_named()?,
            Some('$' | '@') => return Err(self.error("Unknown group type")),
            _ => {
                self.source.back();
                self.read_flags();
                match self.source.next() {
                    Some(')') => return Ok(None),
                    Some(':') => Node::Group(None, self.body()?),
                    _ => return Err(self.error("Unknown inline modifier")),
                }
            }
        }))
    }

    fn behind_or_named(&mut self) -> Result<Node, Error> {
        let negative = match self.source.peek() {
            Some('=') => false,
            Some('!') => true,
            _ => {
                let name = self.group_name()?;
                if self.names.iter().any(|(known, _)| *known == name) {
                    return Err(self.error(&format!("Named capturing group <{name}> is already defined")));
                }
                return self.capturing(Some(name));
            }
        };
        self.source.advance();
        let node = self.body()?;
        let width = node.width();
        let unknown = "Look-behind group does not have an obvious maximum length";
        let max = width.max.ok_or_else(|| self.error(unknown))?;
        let reach = width.reach(max);
        Ok(Node::Behind {
            node,
            negative,
            min: width.min,
            max: reach,
        })
    }

    /// A name up to `>`.
    pub(super) fn group_name(&mut self) -> Result<String, Error> {
        let mut name = String::new();
        while let Some(c) = self.source.next() {
            if name.is_empty() && !c.is_ascii_alphabetic() {
                break;
            }
            if c == '>' {
                return Ok(name);
            }
            if !c.is_ascii_alphanumeric() {
                return Err(self.error("named capturing group is missing trailing '>'"));
            }
            name.push(c);
        }
        Err(self.error(if name.is_empty() {
            "capturing group name does not start with a Latin letter"
        } else {
            "named capturing group is missing trailing '>'"
        }))
    }

    fn capturing(&mut self, name: Option<String>) -> Result<Node, Error> {
        let number = self.groups;
        self.groups += 1;
        self.names.extend(name.map(|name| (name, number)));
        Ok(Node::Group(Some(number), self.body()?))
    }

    /// What the parentheses hold, with the closing one.
    fn body(&mut self) -> Result<Box<Node>, Error> {
        let node = self.alternation()?;
        if !self.eat(')') {
            self.source.advance();
            return Err(self.error("Unclosed group"));
        }
        Ok(Box::new(node))
    }

    fn read_flags(&mut self) {
        let mut on = true;
        loop {
            let flags = &mut self.flags;
            match self.source.peek() {
                Some('-') if on => on = false,
                Some('i') => flags.fold = on,
                Some('d') => flags.unix = on,
                Some('m') => flags.lines = on,
                Some('s') => flags.dot_all = on,
                Some('u') => flags.unicode_fold = on,
                Some('x') => flags.comments = on,
                Some('c') => {}
                Some('U') => {
                    *flags = Flags {
                        unicode: on,
                        unicode_fold: on,
                        ..*flags
                    }
                }
                _ => return,
            }
            self.source.advance();
        }
    }
}
