//! `java.lang.Class`, which `getClass()` gives: its names, and through it the static methods of the class.

use std::any::Any;
use std::rc::Rc;

use crate::bounds::{Bounds, Failure};
use crate::value::{ListKind, Object, Order, Text, Value};

use super::character::Character;
use super::iteration::Iterator;
use super::views::{Entry, View};
use super::{printing, property};

/// The class of a value.
pub(super) fn of(value: &Value) -> Value {
    let sample = match value {
        Value::Text(_) => Value::text(""),
        Value::Int(_) => Value::Int(0),
        Value::Long(_) => Value::Long(0),
        Value::Double(_) => Value::Double(0.0),
        Value::Bool(_) => Value::Bool(false),
        Value::Object(object) if object.as_any().is::<Character>() => Character::value(0),
        _ => Value::Null,
    };
    Value::Object(Rc::new(Class {
        name: name(value),
        sample,
    }))
}

fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "java.lang.Boolean",
        Value::Int(_) => "java.lang.Integer",
        Value::Long(_) => "java.lang.Long",
        Value::Big(_) => "java.math.BigInteger",
        Value::Double(_) => "java.lang.Double",
        Value::Decimal(_) => "java.math.BigDecimal",
        Value::Text(_) => "java.lang.String",
        Value::List(list) => match list.kind() {
            ListKind::Java => "java.util.ArrayList",
            ListKind::Json => "net.minidev.json.JSONArray",
            ListKind::Array(element) => printing::array_class(element),
        },
        Value::Map(map) => match map.order() {
            Order::Insertion => "java.util.LinkedHashMap",
            Order::Hash => "java.util.HashMap",
        },
        Value::Object(object) => {
            let any = object.as_any();
            if any.is::<Character>() {
                "java.lang.Character"
            } else if let Some(entry) = any.downcast_ref::<Entry>() {
                entry.class()
            } else if let Some(view) = any.downcast_ref::<View>() {
                view.class()
            } else if any.is::<Iterator>() {
                "java.util.ArrayList$Itr"
            } else if any.is::<Class>() {
                "java.lang.Class"
            } else {
                "java.lang.Object"
            }
        }
    }
}

#[derive(Debug)]
struct Class {
    name: &'static str,
    /// Any value of the class, to call its static methods on.
    sample: Value,
}

impl Class {
    fn simple_name(&self) -> &'static str {
        match self.name {
            "[Ljava.lang.String;" => "String[]",
            "[Ljava.lang.Object;" => "Object[]",
            "[C" => "char[]",
            "[B" => "byte[]",
            name => name.rsplit(['.', '$']).next().unwrap_or(name),
        }
    }

    fn package(&self) -> &'static str {
        if self.is_array() {
            "java.lang"
        } else {
            self.name.rsplit_once('.').map_or("", |(package, _)| package)
        }
    }

    fn is_array(&self) -> bool {
        self.name.starts_with('[')
    }
}

impl Object for Class {
    fn call(&self, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        Ok(match (method, arguments) {
            ("getName", []) => Some(Value::text(self.name)),
            ("getSimpleName", []) => Some(Value::text(self.simple_name())),
            ("getTypeName" | "getCanonicalName", []) if !self.is_array() => Some(Value::text(self.name)),
            ("getPackageName", []) => Some(Value::text(self.package())),
            ("isArray", []) => Some(Value::Bool(self.is_array())),
            ("isInterface" | "isPrimitive" | "isEnum" | "isAnnotation" | "isSynthetic", []) => {
                Some(Value::Bool(false))
            }
            ("isInstance", [value]) => Some(Value::Bool(name(value) == self.name)),
            ("equals", [Value::Object(other)]) => {
                let same = other
                    .as_any()
                    .downcast_ref::<Self>()
                    .is_some_and(|other| other.name == self.name);
                Some(Value::Bool(same))
            }
            (
                "valueOf" | "format" | "join" | "copyValueOf" | "parseInt" | "parseLong" | "parseDouble"
                | "parseBoolean" | "toHexString" | "toBinaryString" | "toOctalString" | "max" | "min" | "sum"
                | "signum" | "decode" | "compare" | "isDigit" | "isLetter" | "isLetterOrDigit"
                | "isUpperCase" | "isLowerCase" | "isWhitespace",
                arguments,
            ) => super::call(&self.sample, method, arguments, bounds)?,
            ("toString", arguments @ [_, ..]) => super::call(&self.sample, method, arguments, bounds)?,
            _ => None,
        })
    }

    fn property(&self, name: &str, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        for (property, method) in [
            ("Name", "getName"),
            ("SimpleName", "getSimpleName"),
            ("TypeName", "getTypeName"),
            ("CanonicalName", "getCanonicalName"),
            ("PackageName", "getPackageName"),
            ("Array", "isArray"),
            ("Interface", "isInterface"),
            ("Primitive", "isPrimitive"),
            ("Enum", "isEnum"),
        ] {
            if property::is(name, property) {
                return self.call(method, &[], bounds);
            }
        }
        Ok(None)
    }

    fn to_text(&self, _bounds: &mut Bounds) -> Result<Text, Failure> {
        Ok(["class ", self.name].concat().into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
