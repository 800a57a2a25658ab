//! The variables that API Gateway gives a template: `$input`, `$util`, `$context`, `$stageVariables`.

mod context;
mod encoding;
mod input;
mod overrides;
mod paths;
mod util;

#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::rc::Rc;

use crate::bounds::{Bounds, Failure};
use crate::value::{Map, Order, Text, Value};

use context::Context;
use input::Input;
use util::Util;

pub use overrides::{Overrides, RequestOverrides, ResponseOverrides};
pub use paths::PathCache;

/// What a template may ask about a request, or about the response to one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The text of the payload; an empty one reads as `{}`.
    pub body: Text,
    /// Of a name that comes twice the last value counts, here and below.
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub path: Vec<(String, String)>,
    pub stage_variables: Vec<(String, String)>,
    /// The text of a JSON object, or nothing.
    pub context: Text,
}

/// The variables of one rendering. Each is made when the template first asks for it, the payload and the context are
/// read at most once.
#[derive(Debug)]
pub struct Variables {
    request: Rc<Request>,
    paths: Rc<PathCache>,
    input: OnceCell<Value>,
    util: OnceCell<Value>,
    context: OnceCell<Rc<Context>>,
    stage_variables: OnceCell<Value>,
}

impl Variables {
    #[must_use]
    pub fn new(request: Rc<Request>) -> Self {
        Self::with_paths(request, Rc::new(PathCache::default()))
    }

    /// Variables that take compiled JSONPaths from `paths`, which the renderings of one template may share.
    #[must_use]
    pub fn with_paths(request: Rc<Request>, paths: Rc<PathCache>) -> Self {
        let (input, util, context, stage_variables) = Default::default();
        Self {
            request,
            paths,
            input,
            util,
            context,
            stage_variables,
        }
    }

    /// The variable of this name, without its `$`.
    ///
    /// # Errors
    ///
    /// A context that is no JSON object, or a limit.
    pub fn get(&self, name: &str, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        Ok(match name {
            "input" => Some(self.input.get_or_init(|| self.make_input()).clone()),
            "util" => Some(self.util.get_or_init(|| Value::Object(Rc::new(Util))).clone()),
            "context" => Some(Value::Object(self.context(bounds)?)),
            "stageVariables" => {
                let make = || Value::Map(map_of(&self.request.stage_variables));
                Some(self.stage_variables.get_or_init(make).clone())
            }
            _ => None,
        })
    }

    /// What the template has written to `$context.requestOverride` and `$context.responseOverride`.
    ///
    /// # Errors
    ///
    /// A limit, where a value has too long a text.
    pub fn overrides(&self, bounds: &mut Bounds) -> Result<Overrides, Failure> {
        match self.context.get() {
            Some(context) => overrides::read(context, bounds),
            None => Ok(Overrides::default()),
        }
    }

    fn make_input(&self) -> Value {
        Value::Object(Rc::new(Input::new(self.request.clone(), self.paths.clone())))
    }

    fn context(&self, bounds: &mut Bounds) -> Result<Rc<Context>, Failure> {
        if let Some(context) = self.context.get() {
            return Ok(context.clone());
        }
        let context = Rc::new(Context::parse(&self.request.context, bounds)?);
        Ok(self.context.get_or_init(|| context).clone())
    }
}

/// A map of texts, in their order.
fn map_of(pairs: &[(String, String)]) -> Map {
    let map = Map::new(Order::Insertion);
    for (name, value) in pairs {
        map.put_text(Text::from(name.as_str()), Value::text(value));
    }
    map
}
