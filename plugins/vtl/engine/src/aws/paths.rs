//! Compiled JSONPaths.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::bounds::{Bounds, Failure};
use crate::jsonpath::Path;
use crate::value::Text;

/// How many paths are kept.
const MOST: usize = 64;
/// The longest path that is kept: a longer one is hardly the template's own.
const LONGEST: usize = 256;

/// The compiled JSONPaths of a template: the last 64 that were not too long.
#[derive(Debug, Default)]
pub struct PathCache {
    paths: RefCell<Vec<(Text, Rc<Path>)>>,
    /// Which of them gives way next.
    next: Cell<usize>,
}

impl PathCache {
    /// The path of this text.
    ///
    /// # Errors
    ///
    /// Where the text is no path, or a limit.
    pub fn get(&self, text: &Text, bounds: &mut Bounds) -> Result<Rc<Path>, Failure> {
        let known = |paths: &[(Text, Rc<Path>)]| {
            paths
                .iter()
                .find(|(other, _)| other.same(text) || other == text)
                .map(|(_, path)| path.clone())
        };
        if let Some(path) = known(&self.paths.borrow()) {
            return Ok(path);
        }
        bounds.steps(1 + text.len())?;
        let path = Rc::new(Path::compile(text)?);
        if text.len() > LONGEST {
            return Ok(path);
        }
        // The paths outlive the payload that this one may be a part of.
        let text = text.alone();
        let mut paths = self.paths.borrow_mut();
        let next = self.next.get();
        self.next.set((next + 1) % MOST);
        match paths.get_mut(next) {
            Some(old) => *old = (text, path.clone()),
            None => paths.push((text, path.clone())),
        }
        Ok(path)
    }
}
