//! The compiler of paths: what Jayway's `PathCompiler` accepts, with its quirks.

use crate::value::Text;

use super::brackets;
use super::cursor::{Cursor, Fault};
use super::function::Function;
use super::parameters::{self, Parameter};
use super::{LONGEST, Path, Step};

/// How deep filters and functions may nest paths.
pub(super) const DEEPEST: usize = 32;

pub(super) fn compile(text: &str, depth: usize) -> Result<Path, Fault> {
    if depth > DEEPEST || text.is_empty() {
        return Err(Fault::Invalid);
    }
    let mut characters: Vec<char> = text.trim_matches(' ').chars().take(LONGEST + 1).collect();
    if characters.len() > LONGEST {
        return Err(Fault::Invalid);
    }
    if !matches!(characters.first(), Some('$' | '@')) {
        characters.splice(..0, ['$', '.']);
    }
    let mut cursor = Cursor::new(&characters);
    cursor.trim();
    if cursor.last_is('.') {
        return Err(Fault::Invalid);
    }
    compile_from(cursor, depth)
}

/// Compiles what the cursor is at the beginning of.
pub(super) fn compile_from(mut cursor: Cursor<'_>, depth: usize) -> Result<Path, Fault> {
    while cursor.in_bounds() && matches!(cursor.current()?, ' ' | '\t' | '\n' | '\r') {
        cursor.advance(1);
    }
    let context = cursor.current()?;
    if context != '$' && context != '@' {
        return Err(Fault::Invalid);
    }
    let mut compiler = Compiler {
        cursor,
        steps: Vec::new(),
        depth,
    };
    if !compiler.cursor.is_tail() {
        compiler.cursor.advance(1);
        if !matches!(compiler.cursor.current()?, '.' | '[') {
            return Err(Fault::Invalid);
        }
        while compiler.step()? {}
    }
    Ok(invert(Path {
        steps: compiler.steps,
        root: context == '$',
    }))
}

pub(super) struct Compiler<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) steps: Vec<Step>,
    pub(super) depth: usize,
}

impl Compiler<'_> {
    /// Reads one step; whether more follow.
    fn step(&mut self) -> Result<bool, Fault> {
        match self.cursor.current()? {
            '[' => brackets::read(self)?,
            '.' => return self.dot(),
            '*' => {
                self.cursor.advance(1);
                self.steps.push(Step::Wildcard);
            }
            _ => self.name()?,
        }
        Ok(!self.cursor.is_tail())
    }

    /// `.` or `..`, which some other step must follow.
    fn dot(&mut self) -> Result<bool, Fault> {
        let next = self.cursor.position() + 1;
        if !self.cursor.within(next) {
            return Err(Fault::Invalid);
        }
        if self.cursor.character(next)? == '.' {
            self.steps.push(Step::Scan);
            self.cursor.advance(2);
        } else {
            self.cursor.advance(1);
        }
        if self.cursor.current_is('.')? {
            return Err(Fault::Invalid);
        }
        Ok(true)
    }

    /// A property or a call of a function.
    fn name(&mut self) -> Result<(), Fault> {
        let start = self.cursor.position();
        let mut at = start;
        while self.cursor.within(at) {
            match self.cursor.character(at)? {
                ' ' => return Err(Fault::Invalid),
                '(' => return self.function(start, at),
                '.' | '[' => break,
                _ => at += 1,
            }
        }
        let name = self.cursor.text(start, at)?;
        self.cursor.set(at);
        self.steps.push(Step::Property(Text::from(name)));
        Ok(())
    }

    fn function(&mut self, start: usize, open: usize) -> Result<(), Fault> {
        let name = self.cursor.text(start, open)?;
        self.must_close(open)?;
        let mut parameters = Vec::new();
        if self.cursor.character(open + 1)? == ')' {
            // Jayway stays at the parenthesis, which is a property where more follows.
            self.cursor.set(open + 1);
        } else {
            self.cursor.set(open + 1);
            parameters = parameters::read(&mut self.cursor, self.depth)?;
        }
        self.steps.push(Step::Function(Function::new(&name, parameters)));
        Ok(())
    }

    fn must_close(&self, open: usize) -> Result<(), Fault> {
        let mut opened = 1_usize;
        for character in self.cursor.slice(open + 1, self.cursor.end())? {
            match character {
                ')' => opened -= 1,
                '(' => opened += 1,
                _ => {}
            }
            if opened == 0 {
                return Ok(());
            }
        }
        Err(Fault::Invalid)
    }
}

/// Turns `$..path.function()` into `$.function($..path)`.
fn invert(mut path: Path) -> Path {
    if !path.is_function() || !matches!(path.steps.first(), Some(Step::Scan)) {
        return path;
    }
    let Some(at) = path
        .steps
        .iter()
        .position(|step| matches!(step, Step::Function(_)))
    else {
        return path;
    };
    let mut functions = path.steps.split_off(at);
    let scanned = Path {
        steps: path.steps,
        root: path.root,
    };
    if let Some(Step::Function(function)) = functions.first_mut() {
        function.take(Parameter::Path(scanned));
    }
    Path {
        steps: functions,
        root: true,
    }
}
