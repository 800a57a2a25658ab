use crate::{Fault, Plugin, Request};

/// A plugin that says who may call: TOKEN and REQUEST authorizers.
pub trait Authorizer: Plugin {
    /// Decides about a call.
    ///
    /// `method_arn` names what is called: `arn:aws:execute-api:region:account:api/stage/METHOD/path`. `token` is the
    /// value of a TOKEN authorizer's header as it was sent, with its scheme; none for a REQUEST authorizer.
    ///
    /// # Errors
    ///
    /// A fault if it cannot decide, which refuses the call with a 500.
    fn authorize(
        &mut self,
        method_arn: &str,
        token: Option<&str>,
        request: Request,
    ) -> Result<Decision, Fault>;
}

/// What an [`Authorizer`] decided.
///
/// ```
/// use portcullis_plugin::{Decision, Grant};
///
/// let plain = Decision::allow("alice");
/// let detailed = Decision::allow(Grant::new("alice").with_context("role", "admin").with_ttl(0));
/// # assert_ne!(plain, detailed);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The call goes on.
    Allow(Grant),
    /// The caller is known, and may not do this: 403.
    Deny(Grant),
    /// The caller is not known: 401.
    Unauthorized,
}

impl Decision {
    /// Allows the call: to a principal by its name, or with a whole [`Grant`].
    pub fn allow(grant: impl Into<Grant>) -> Self {
        Self::Allow(grant.into())
    }

    /// Refuses the call to a caller who is known: 403.
    pub fn deny(grant: impl Into<Grant>) -> Self {
        Self::Deny(grant.into())
    }
}

/// Who calls, and what comes with that.
///
/// ```
/// use portcullis_plugin::Grant;
///
/// let grant = Grant::new("alice").with_context("role", "admin").with_context("level", 3).with_context("beta", true);
/// assert_eq!(grant.context_json, r#"{"role":"admin","level":3,"beta":true}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grant {
    /// `$context.authorizer.principalId`.
    pub principal_id: String,
    /// A flat JSON object of strings, numbers and booleans, for `$context.authorizer.*`; empty for none.
    pub context_json: String,
    /// None: the decision is about this verb and path. Else an IAM policy document, which says what of the stage is allowed.
    pub policy_json: Option<String>,
    /// The key for the usage plan, where the API takes it from the authorizer.
    pub usage_key: Option<String>,
    /// For how many seconds the decision is kept, at most as the authorizer's setting says. None: as it says; 0: not at all.
    pub ttl_seconds: Option<u32>,
}

impl Grant {
    /// A grant to this principal, with nothing else.
    pub fn new(principal_id: impl Into<String>) -> Self {
        Self {
            principal_id: principal_id.into(),
            ..Self::default()
        }
    }

    /// Adds an entry to the context.
    #[must_use]
    pub fn with_context(mut self, name: &str, value: impl ContextValue) -> Self {
        // Reopens the object: it ends with its brace.
        match self.context_json.pop() {
            Some(_) if self.context_json.len() > 1 => self.context_json.push(','),
            _ => self.context_json = "{".into(),
        }
        self.context_json.push_str(&quoted(name));
        self.context_json.push(':');
        self.context_json.push_str(&value.into_json());
        self.context_json.push('}');
        self
    }

    /// Sets an IAM policy document, in JSON.
    #[must_use]
    pub fn with_policy(mut self, policy_json: impl Into<String>) -> Self {
        self.policy_json = Some(policy_json.into());
        self
    }

    /// Sets the key for the usage plan.
    #[must_use]
    pub fn with_usage_key(mut self, key: impl Into<String>) -> Self {
        self.usage_key = Some(key.into());
        self
    }

    /// Sets for how many seconds the decision is kept at the most; 0: not at all.
    #[must_use]
    pub fn with_ttl(mut self, seconds: u32) -> Self {
        self.ttl_seconds = Some(seconds);
        self
    }
}

impl From<&str> for Grant {
    fn from(principal_id: &str) -> Self {
        Self::new(principal_id)
    }
}

impl From<String> for Grant {
    fn from(principal_id: String) -> Self {
        Self::new(principal_id)
    }
}

mod sealed {
    pub trait Sealed {}
}

/// What an authorizer's context may hold: text, whole numbers, `f64` and `bool`.
pub trait ContextValue: sealed::Sealed {
    /// The value in JSON.
    #[doc(hidden)]
    fn into_json(self) -> String;
}

macro_rules! context_values {
    ($($type:ty),* => $json:expr) => {$(
        impl sealed::Sealed for $type {}

        impl ContextValue for $type {
            fn into_json(self) -> String {
                $json(self)
            }
        }
    )*};
}

context_values!(bool, i8, i16, i32, i64, u8, u16, u32, u64, usize => |value| format!("{value}"));
context_values!(&str, &String, String => |value| quoted(AsRef::<str>::as_ref(&value)));
context_values!(f64 => number);
context_values!(serde_json::Number => |value: serde_json::Number| value.to_string());

/// Text, where there is no such number in JSON.
fn number(value: f64) -> String {
    let text = format!("{value:?}");
    if value.is_finite() { text } else { quoted(&text) }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_context_that_reads_back() {
        let grant = Grant::new("a")
            .with_context("quote\"d", "line\nbreak")
            .with_context("text", String::from("ü"))
            .with_context("min", i64::MIN)
            .with_context("third", 1.0 / 3.0)
            .with_context("huge", 1e300)
            .with_context("none", f64::NAN)
            .with_context("no", false);
        let expected = serde_json::json!({
            "quote\"d": "line\nbreak",
            "text": "ü",
            "min": i64::MIN,
            "third": 1.0 / 3.0,
            "huge": 1e300,
            "none": "NaN",
            "no": false,
        });
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&grant.context_json).unwrap(),
            expected
        );
    }

    #[test]
    fn adds_to_context_given_as_json() {
        for (given, expected) in [
            ("", r#"{"b":2}"#),
            ("{}", r#"{"b":2}"#),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#),
        ] {
            let grant = Grant {
                context_json: given.into(),
                ..Grant::default()
            };
            assert_eq!(grant.with_context("b", 2).context_json, expected, "{given}");
        }
    }
}
