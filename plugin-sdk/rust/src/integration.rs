use crate::{Fault, Plugin, Request, Response};

/// A plugin that answers requests itself: a custom integration, with whole bodies.
///
/// ```
/// use portcullis_plugin::testing::Instance;
/// use portcullis_plugin::{Fault, Integration, Interest, NoConfig, Plugin, Problem, Request, Response};
///
/// struct Echo;
///
/// impl Plugin for Echo {
///     type Config = NoConfig;
///
///     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
///         Ok(Self)
///     }
///
///     fn interest(&self) -> Interest {
///         Interest::none().body()
///     }
/// }
///
/// impl Integration for Echo {
///     fn handle(&mut self, request: Request) -> Result<Response, Fault> {
///         Ok(Response::new(200).with_body(request.body.unwrap_or_default()))
///     }
/// }
///
/// portcullis_plugin::export_integration!(Echo);
///
/// let mut echo = Instance::<Echo>::new(serde_json::json!({})).unwrap();
/// let response = echo.handle(Request::builder().body("hello").build()).unwrap();
/// assert_eq!(response.body, b"hello");
/// ```
pub trait Integration: Plugin {
    /// Answers a request. Whatever its status, the response is sent as it is.
    ///
    /// # Errors
    ///
    /// A fault if there is no answer, which is a 500.
    fn handle(&mut self, request: Request) -> Result<Response, Fault>;
}
