//! The parameters of functions: paths and JSON.

use super::Path;
use super::compile;
use super::cursor::{Cursor, Fault};
use crate::value::Text;

#[derive(Debug)]
pub(super) enum Parameter {
    Path(Path),
    /// JSON text, read anew for each call.
    Json(Text),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Path,
}

/// What is open while parameters are read.
struct Reader {
    parentheses: usize,
    brackets: usize,
    braces: usize,
    quotes: usize,
    kind: Option<Kind>,
    text: Vec<char>,
    parameters: Vec<Parameter>,
    depth: usize,
}

/// Reads from behind the opening parenthesis to behind the closing one.
pub(super) fn read(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<Parameter>, Fault> {
    let mut reader = Reader {
        parentheses: 1,
        brackets: 0,
        braces: 0,
        quotes: 0,
        kind: None,
        text: Vec::new(),
        parameters: Vec::new(),
        depth,
    };
    let mut prior = '\0';
    while cursor.in_bounds() {
        let character = cursor.current()?;
        cursor.advance(1);
        if reader.kind.is_none() {
            match character {
                ' ' | '\t' | '\n' | '\r' => continue,
                '{' | '"' | '-' | '0'..='9' => reader.kind = Some(Kind::Json),
                '$' | '@' => reader.kind = Some(Kind::Path),
                _ => {}
            }
        }
        reader.count(character, prior)?;
        if matches!(character, ')' | ',') && reader.ends(character)? {
            break;
        }
        if reader.kind.is_some() && !(character == ',' && reader.between()) {
            reader.text.push(character);
        }
        prior = character;
    }
    if reader.braces != 0 || reader.parentheses != 0 || reader.brackets != 0 {
        return Err(Fault::Invalid);
    }
    Ok(reader.parameters)
}

impl Reader {
    fn count(&mut self, character: char, prior: char) -> Result<(), Fault> {
        match character {
            '"' if prior != '\\' && self.quotes > 0 => self.quotes -= 1,
            '"' => self.quotes += 1,
            '(' => self.parentheses += 1,
            '{' => self.braces += 1,
            '[' => self.brackets += 1,
            '}' => self.braces = self.braces.checked_sub(1).ok_or(Fault::Invalid)?,
            ']' => self.brackets = self.brackets.checked_sub(1).ok_or(Fault::Invalid)?,
            ')' => {
                self.parentheses = self.parentheses.checked_sub(1).ok_or(Fault::Invalid)?;
                if prior == '(' {
                    self.text.push(character);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn between(&self) -> bool {
        self.braces == 0 && self.brackets == 0 && self.parentheses == 1
    }

    /// Takes the parameter that a parenthesis or comma ends, if it does; whether it was the last one.
    fn ends(&mut self, character: char) -> Result<bool, Fault> {
        let closed = self.parentheses == 0 && character == ')';
        if self.quotes != 0 || self.braces != 0 || self.brackets != 0 || !(closed || self.parentheses == 1) {
            return Ok(false);
        }
        match self.kind.take() {
            None => {}
            Some(Kind::Json) => {
                let text: String = self.text.iter().collect();
                self.parameters.push(Parameter::Json(Text::from(text)));
            }
            Some(Kind::Path) => {
                if self.depth >= compile::DEEPEST {
                    return Err(Fault::Invalid);
                }
                let path = compile::compile_from(Cursor::new(&self.text), self.depth + 1)?;
                self.parameters.push(Parameter::Path(path));
            }
        }
        self.text.clear();
        Ok(self.parentheses == 0)
    }
}
