//! Runs a plugin in its own tests, without Wasm and without a gateway.

use std::fmt;

use crate::{
    Authorizer, Decision, Fault, Filter, Function, FunctionError, Integration, Interest, Invocation,
    MappingTemplate, Plugin, Problem, RenderError, Rendered, Request, Response, ResponseEdit, ResponseHead,
    SyntaxError, TemplateInput, Verdict, config,
};

/// The `method_arn` that [`Instance::authorize`] passes.
pub const METHOD_ARN: &str = "arn:aws:execute-api:us-east-1:000000000000:test/test/GET/";

/// An instance of a plugin, which sees what the gateway would show it.
///
/// The configuration goes through JSON, and requests are limited to the plugin's [`Interest`]: a plugin that forgot to
/// ask for a header finds none in its tests either.
///
/// ```
/// # use portcullis_plugin::{Fault, Integration, Interest, NoConfig, Plugin, Problem, Request, Response};
/// # struct Tenant;
/// # impl Plugin for Tenant {
/// #     type Config = NoConfig;
/// #     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> { Ok(Self) }
/// #     fn interest(&self) -> Interest { Interest::none().header("x-tenant") }
/// # }
/// # impl Integration for Tenant {
/// #     fn handle(&mut self, request: Request) -> Result<Response, Fault> {
/// #         Ok(Response::text(200, format!("{:?} {:?}", request.header("x-tenant"), request.header("accept"))))
/// #     }
/// # }
/// use portcullis_plugin::testing::Instance;
/// use serde_json::json;
///
/// // `Tenant` asks for the header `x-tenant` only, and answers with both.
/// let mut tenant = Instance::<Tenant>::new(json!({})).unwrap();
/// let request = Request::builder().header("X-Tenant", "acme").header("Accept", "*/*").build();
/// assert_eq!(tenant.handle(request).unwrap().body, br#"Some("acme") None"#);
/// ```
pub struct Instance<P> {
    plugin: P,
    interest: Interest,
}

impl<P: Plugin> Instance<P> {
    /// Makes an instance with this configuration.
    ///
    /// # Errors
    ///
    /// What the gateway would report about the configuration.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`new(json!({ … }))` reads best in a test"
    )]
    pub fn new(config: serde_json::Value) -> Result<Self, Vec<Problem>> {
        let plugin: P = config::load(&config.to_string())?;
        Ok(Self {
            interest: plugin.interest(),
            plugin,
        })
    }

    /// What the plugin asked to see.
    pub fn interest(&self) -> &Interest {
        &self.interest
    }

    /// The plugin itself.
    pub fn plugin(&mut self) -> &mut P {
        &mut self.plugin
    }
}

impl<P: Function> Instance<P> {
    /// Calls [`Function::invoke`].
    ///
    /// # Errors
    ///
    /// The function's own error.
    ///
    /// # Panics
    ///
    /// The answer is no JSON.
    #[expect(clippy::expect_used, reason = "in a test")]
    pub fn invoke(&mut self, event: &serde_json::Value) -> Result<serde_json::Value, FunctionError> {
        let answer = self.plugin.invoke(&event.to_string(), &Invocation::default())?;
        Ok(serde_json::from_str(&answer).expect("the answer of a function is JSON"))
    }
}

impl<P: Authorizer> Instance<P> {
    /// Calls [`Authorizer::authorize`] for [`METHOD_ARN`].
    ///
    /// # Errors
    ///
    /// The plugin's fault.
    pub fn authorize(&mut self, token: Option<&str>, request: Request) -> Result<Decision, Fault> {
        self.plugin
            .authorize(METHOD_ARN, token, self.interest.limit(request))
    }
}

impl<P: MappingTemplate> Instance<P> {
    /// Compiles a template and renders it. The input is not cut down to what the template reads.
    ///
    /// # Errors
    ///
    /// The template's mistake, or why it has no text.
    pub fn render(
        &self,
        source: &str,
        options: &[(&str, &str)],
        input: TemplateInput,
    ) -> Result<Rendered, TemplateError> {
        let options: Vec<_> = options
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        let (template, _) = self
            .plugin
            .compile(source, &options)
            .map_err(TemplateError::Syntax)?;
        self.plugin
            .render(&template, input)
            .map_err(TemplateError::Render)
    }
}

/// Why a template has no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateError {
    /// It does not compile.
    Syntax(SyntaxError),
    /// It does not render.
    Render(RenderError),
}

impl<P: Integration> Instance<P> {
    /// Calls [`Integration::handle`].
    ///
    /// # Errors
    ///
    /// The plugin's fault.
    pub fn handle(&mut self, request: Request) -> Result<Response, Fault> {
        self.plugin.handle(self.interest.limit(request))
    }
}

impl<P: Filter> Instance<P> {
    /// Calls [`Filter::on_request`].
    ///
    /// # Errors
    ///
    /// The plugin's fault.
    pub fn on_request(&mut self, request: Request) -> Result<Verdict, Fault> {
        self.plugin.on_request(self.interest.limit(request))
    }

    /// Calls [`Filter::on_response`], if the plugin asked for responses.
    ///
    /// # Errors
    ///
    /// The plugin's fault.
    pub fn on_response(&mut self, head: ResponseHead) -> Result<Option<ResponseEdit>, Fault> {
        if !self.interest.responses {
            return Ok(None);
        }
        self.plugin.on_response(self.interest.limit_head(head))
    }
}

impl<P> fmt::Debug for Instance<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("interest", &self.interest)
            .finish_non_exhaustive()
    }
}

#[cfg(all(feature = "log", not(target_family = "wasm")))]
mod capture {
    use std::cell::RefCell;

    use crate::log::Level;

    thread_local! {
        static LOGGED: RefCell<Vec<(Level, String)>> = const { RefCell::new(Vec::new()) };
    }

    #[expect(clippy::print_stderr, reason = "there is no other log in a test")]
    pub(crate) fn log(level: Level, message: &str) {
        eprintln!("{level:?}: {message}");
        LOGGED.with_borrow_mut(|lines| lines.push((level, message.to_owned())));
    }

    /// Takes the lines that this thread logged through [`log`](crate::log) since the last call.
    ///
    /// ```
    /// use portcullis_plugin::log::{self, Level};
    /// use portcullis_plugin::testing::logged;
    ///
    /// log::info("hello");
    /// assert_eq!(logged(), [(Level::Info, "hello".into())]);
    /// assert_eq!(logged(), []);
    /// ```
    pub fn logged() -> Vec<(Level, String)> {
        LOGGED.take()
    }
}

#[cfg(all(feature = "log", not(target_family = "wasm")))]
pub(crate) use capture::log;
#[cfg(all(feature = "log", not(target_family = "wasm")))]
pub use capture::logged;

#[cfg(all(feature = "counter", not(target_family = "wasm")))]
mod counts {
    use std::cell::RefCell;
    use std::collections::HashMap;

    #[derive(Default)]
    struct Counts {
        seconds: u64,
        /// By key: the count, and when it ends.
        known: HashMap<String, (u64, u64)>,
    }

    thread_local! {
        static COUNTS: RefCell<Counts> = RefCell::default();
    }

    pub(crate) fn increment(key: &str, by: u32, ttl_seconds: u32) -> u64 {
        COUNTS.with_borrow_mut(|counts| {
            let now = counts.seconds;
            let entry = counts.known.entry(key.to_owned()).or_default();
            if entry.1 <= now {
                *entry = (0, now.saturating_add(ttl_seconds.into()));
            }
            entry.0 = entry.0.saturating_add(by.into());
            entry.0
        })
    }

    /// Lets so many seconds pass for the counts of this thread.
    ///
    /// ```
    /// use portcullis_plugin::counter::increment;
    /// use portcullis_plugin::testing::advance;
    ///
    /// assert_eq!(increment("a", 1, 10), Ok(1));
    /// advance(10);
    /// assert_eq!(increment("a", 1, 10), Ok(1));
    /// ```
    pub fn advance(seconds: u64) {
        COUNTS.with_borrow_mut(|counts| counts.seconds = counts.seconds.saturating_add(seconds));
    }
}

#[cfg(all(feature = "counter", not(target_family = "wasm")))]
pub use counts::advance;
#[cfg(all(feature = "counter", not(target_family = "wasm")))]
pub(crate) use counts::increment;
