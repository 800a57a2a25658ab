use crate::field::{first, header};
use crate::{Fault, Field, Plugin, Request, Response};

/// A plugin that looks at every request, and at every response if it asks to: a firewall, a policy for headers.
///
/// ```
/// use portcullis_plugin::testing::Instance;
/// use portcullis_plugin::{Edit, Fault, Filter, Interest, NoConfig, Plugin, Problem, Request, ResponseEdit};
/// use portcullis_plugin::{ResponseHead, Verdict};
///
/// struct Headers;
///
/// impl Plugin for Headers {
///     type Config = NoConfig;
///
///     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
///         Ok(Self)
///     }
///
///     fn interest(&self) -> Interest {
///         Interest::none().header("x-internal").responses()
///     }
/// }
///
/// impl Filter for Headers {
///     fn on_request(&mut self, request: Request) -> Result<Verdict, Fault> {
///         if request.header("x-internal").is_some() {
///             return Ok(Verdict::block("x-internal from outside"));
///         }
///         Ok(Edit::new().set("X-Gateway", "portcullis").into())
///     }
///
///     fn on_response(&mut self, _: ResponseHead) -> Result<Option<ResponseEdit>, Fault> {
///         Ok(Some(ResponseEdit::new().remove("server")))
///     }
/// }
///
/// portcullis_plugin::export_filter!(Headers);
///
/// let mut filter = Instance::<Headers>::new(serde_json::json!({})).unwrap();
/// let request = Request::builder().header("X-Internal", "1").build();
/// assert_eq!(filter.on_request(request), Ok(Verdict::block("x-internal from outside")));
/// ```
pub trait Filter: Plugin {
    /// Judges a request, before it is routed. By default it goes on as it is.
    ///
    /// # Errors
    ///
    /// A fault if it cannot judge, which refuses the request with a 500.
    fn on_request(&mut self, request: Request) -> Result<Verdict, Fault> {
        let _ = request;
        Ok(Verdict::Next)
    }

    /// Changes the head of a response, or nothing, as by default. Called only if the plugin's
    /// [`Interest`](crate::Interest) has `responses`, and perhaps on another instance than the request was.
    ///
    /// # Errors
    ///
    /// A fault, which replaces the response by a 500.
    fn on_response(&mut self, head: ResponseHead) -> Result<Option<ResponseEdit>, Fault> {
        let _ = head;
        Ok(None)
    }
}

/// What a [`Filter`] made of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on as it is.
    Next,
    /// It goes on, changed.
    Edit(Edit),
    /// It is refused: 403. The text is logged, never sent.
    Block(String),
    /// It is answered at once.
    Respond(Response),
}

impl Verdict {
    /// Refuses the request, with a reason for the log.
    pub fn block(reason: impl Into<String>) -> Self {
        Self::Block(reason.into())
    }
}

impl From<Edit> for Verdict {
    fn from(edit: Edit) -> Self {
        Self::Edit(edit)
    }
}

impl From<Response> for Verdict {
    fn from(response: Response) -> Self {
        Self::Respond(response)
    }
}

/// Changes to a request. What it does not name stays as it is.
///
/// ```
/// use portcullis_plugin::Edit;
///
/// let edit = Edit::new().set("X-Tenant", "acme").remove("Cookie").path("/v2/pets");
/// assert_eq!(edit.set[0].name, "x-tenant");
/// assert_eq!(edit.remove, ["cookie"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edit {
    /// Headers that replace all of their name.
    pub set: Vec<Field>,
    /// Names of headers to remove.
    pub remove: Vec<String>,
    /// Another path, percent-encoded.
    pub path: Option<String>,
    /// Another query, decoded.
    pub query: Option<Vec<Field>>,
    /// Another body.
    pub body: Option<Vec<u8>>,
}

impl Edit {
    /// No change, to which the other methods add.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a header: all of its name that the request has are replaced. Set it twice to send two.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set.push(header(name, value));
        self
    }

    /// Removes all headers of this name.
    #[must_use]
    pub fn remove(mut self, name: &str) -> Self {
        self.remove.push(name.to_ascii_lowercase());
        self
    }

    /// Replaces the path, percent-encoded.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Replaces the whole query, decoded.
    #[must_use]
    pub fn query(mut self, query: Vec<Field>) -> Self {
        self.query = Some(query);
        self
    }

    /// Replaces the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }
}

/// The head of a response; its body streams past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// `$context.requestId`: the id that the request had.
    pub id: String,
    /// The status.
    pub status: u16,
    /// The headers, as far as the plugin asked to see them.
    pub headers: Vec<Field>,
}

impl ResponseHead {
    /// A head without headers, for a test.
    pub fn new(status: u16) -> Self {
        Self {
            id: "test".into(),
            status,
            headers: Vec::new(),
        }
    }

    /// Adds a header, for a test.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push(header(name, value));
        self
    }

    /// The first header of this name, which must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

/// Changes to the head of a response. What it does not name stays as it is.
///
/// ```
/// use portcullis_plugin::ResponseEdit;
///
/// let edit = ResponseEdit::new().status(200).set("Cache-Control", "no-store").remove("Server");
/// assert_eq!(edit.status, Some(200));
/// assert_eq!(edit.set[0].name, "cache-control");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResponseEdit {
    /// Another status.
    pub status: Option<u16>,
    /// Headers that replace all of their name.
    pub set: Vec<Field>,
    /// Names of headers to remove.
    pub remove: Vec<String>,
}

impl ResponseEdit {
    /// No change, to which the other methods add.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets a header: all of its name that the response has are replaced. Set it twice to send two.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set.push(header(name, value));
        self
    }

    /// Removes all headers of this name.
    #[must_use]
    pub fn remove(mut self, name: &str) -> Self {
        self.remove.push(name.to_ascii_lowercase());
        self
    }
}
