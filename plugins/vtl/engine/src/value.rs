//! The values of a template: Java's objects, as far as a template can tell.
//!
//! They are shared and mutable, as Java's are: a clone of a list or map is the same list or map.

mod list;
mod map;
mod release;
mod text;

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use num_bigint::BigInt;

use crate::bounds::{Bounds, Failure};

pub use list::{Element, List, ListKind};
pub(crate) use map::Slot;
pub use map::{Map, Order};
pub(crate) use text::Source;
pub use text::Text;

#[derive(Debug, Clone, Default)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    /// `java.lang.Integer`
    Int(i32),
    /// `java.lang.Long`
    Long(i64),
    /// `java.math.BigInteger`
    Big(Rc<BigInt>),
    /// `java.lang.Double`
    Double(f64),
    /// `java.math.BigDecimal`, which only a document's long number makes: kept as its text in Java's form.
    Decimal(Rc<str>),
    Text(Text),
    List(List),
    Map(Map),
    /// One of the variables that the host of the template defines, or a view such as a map's entry.
    Object(Rc<dyn Object>),
}

impl Value {
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(Text::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Text::from(text))
    }
}

/// An object with methods and properties of its own: a variable of the host, `$foreach`, a map's entry.
///
/// `Ok(None)` everywhere says that there is no such thing, which makes the reference invalid; `Ok(Some(Value::Null))` is
/// Java's null.
pub trait Object: fmt::Debug + Any {
    /// Calls a method.
    ///
    /// # Errors
    ///
    /// What the Java method throws, or a limit.
    fn call(&self, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        let _ = (method, arguments, bounds);
        Ok(None)
    }

    /// Reads a property, as in `$context.stage`.
    ///
    /// # Errors
    ///
    /// What the Java getter throws, or a limit.
    fn property(&self, name: &str, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        let _ = (name, bounds);
        Ok(None)
    }

    /// Writes a property; whether there is such a one.
    ///
    /// # Errors
    ///
    /// What the Java setter throws, or a limit.
    fn set_property(&self, name: &str, value: Value, bounds: &mut Bounds) -> Result<bool, Failure> {
        let _ = (name, value, bounds);
        Ok(false)
    }

    /// What `#foreach` walks, if it can.
    fn items(&self) -> Option<Vec<Value>> {
        None
    }

    /// What `toString()` gives.
    ///
    /// # Errors
    ///
    /// A limit.
    fn to_text(&self, bounds: &mut Bounds) -> Result<Text, Failure>;

    fn as_any(&self) -> &dyn Any;
}

/// Values are moved all the time.
const _: () = assert!(size_of::<Value>() <= 24 && size_of::<Option<Value>>() == size_of::<Value>());
