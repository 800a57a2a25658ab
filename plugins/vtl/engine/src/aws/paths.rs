//! Compiled JSONPaths.

use std::cell::RefCell;
use std::rc::Rc;

use crate::bounds::{Bounds, Failure};
use crate::jsonpath::Path;
use crate::value::Text;

/// How many paths are kept.
const MOST: usize = 64;

/// The compiled JSONPaths of a template, at most 64 of them: others are compiled whenever they are used.
#[derive(Debug, Default)]
pub struct PathCache {
    paths: RefCell<Vec<(Text, Rc<Path>)>>,
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
                .find(|(other, _)| Rc::ptr_eq(other, text) || other == text)
                .map(|(_, path)| path.clone())
        };
        if let Some(path) = known(&self.paths.borrow()) {
            return Ok(path);
        }
        bounds.steps(1 + text.len())?;
        let path = Rc::new(Path::compile(text)?);
        let mut paths = self.paths.borrow_mut();
        if paths.len() < MOST {
            paths.push((text.clone(), path.clone()));
        }
        Ok(path)
    }
}
