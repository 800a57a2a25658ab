use crate::{Field, Request, ResponseHead};

/// Which entries of a kind a plugin wants to see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// None of them.
    #[default]
    None,
    /// All of them.
    All,
    /// Those of these names.
    Only(Vec<String>),
}

impl Selection {
    /// Adds a name; it changes nothing where all are wanted already.
    fn add(&mut self, name: String) {
        match self {
            Self::None => *self = Self::Only(vec![name]),
            Self::Only(names) => names.push(name),
            Self::All => (),
        }
    }

    fn includes(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(names) => names.iter().any(|wanted| wanted == name),
        }
    }
}

/// What a plugin wants to see. Nothing else is passed to it, since everything that is passed costs time.
///
/// The id, the method and the path of a request are always there.
///
/// ```
/// use portcullis_plugin::{Interest, Selection};
///
/// let interest = Interest::none().header("X-Tenant").all_query().context("identity.sourceIp");
/// assert_eq!(interest.headers, Selection::Only(vec!["x-tenant".into()]));
/// assert_eq!(interest.query, Selection::All);
/// assert!(!interest.body);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interest {
    /// The headers.
    pub headers: Selection,
    /// The parameters of the query.
    pub query: Selection,
    /// The parameters in the path.
    pub path_parameters: Selection,
    /// The stage's variables.
    pub stage_variables: Selection,
    /// `$context`, by dotted names.
    pub context: Selection,
    /// Whether the request's body is read whole and passed. Asking for it ends streaming.
    pub body: bool,
    /// Whether [`Filter::on_response`](crate::Filter::on_response) is called.
    pub responses: bool,
}

impl Interest {
    /// Nothing, to which the other methods add.
    pub fn none() -> Self {
        Self::default()
    }

    /// The header of this name, in any case.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>) -> Self {
        let mut name = name.into();
        name.make_ascii_lowercase();
        self.headers.add(name);
        self
    }

    /// The parameter of the query of this name.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>) -> Self {
        self.query.add(name.into());
        self
    }

    /// The parameter in the path of this name.
    #[must_use]
    pub fn path_parameter(mut self, name: impl Into<String>) -> Self {
        self.path_parameters.add(name.into());
        self
    }

    /// The stage's variable of this name.
    #[must_use]
    pub fn stage_variable(mut self, name: impl Into<String>) -> Self {
        self.stage_variables.add(name.into());
        self
    }

    /// `$context.name`: pass `identity.sourceIp` for `$context.identity.sourceIp`.
    #[must_use]
    pub fn context(mut self, name: impl Into<String>) -> Self {
        self.context.add(name.into());
        self
    }

    /// Every header.
    #[must_use]
    pub fn all_headers(mut self) -> Self {
        self.headers = Selection::All;
        self
    }

    /// Every parameter of the query.
    #[must_use]
    pub fn all_query(mut self) -> Self {
        self.query = Selection::All;
        self
    }

    /// Every parameter in the path.
    #[must_use]
    pub fn all_path_parameters(mut self) -> Self {
        self.path_parameters = Selection::All;
        self
    }

    /// Every variable of the stage.
    #[must_use]
    pub fn all_stage_variables(mut self) -> Self {
        self.stage_variables = Selection::All;
        self
    }

    /// The whole of `$context`.
    #[must_use]
    pub fn all_context(mut self) -> Self {
        self.context = Selection::All;
        self
    }

    /// The body of the request. It is read whole first, so asking for it ends streaming.
    #[must_use]
    pub fn body(mut self) -> Self {
        self.body = true;
        self
    }

    /// The heads of responses, for [`Filter::on_response`](crate::Filter::on_response).
    #[must_use]
    pub fn responses(mut self) -> Self {
        self.responses = true;
        self
    }

    /// The request as the gateway passes it to a plugin with this interest.
    pub(crate) fn limit(&self, mut request: Request) -> Request {
        let fields =
            |fields: &mut Vec<Field>, wanted: &Selection| fields.retain(|field| wanted.includes(&field.name));
        let pairs = |pairs: &mut Vec<(String, String)>, wanted: &Selection| {
            pairs.retain(|(name, _)| wanted.includes(name))
        };
        fields(&mut request.headers, &self.headers);
        fields(&mut request.query, &self.query);
        pairs(&mut request.path_parameters, &self.path_parameters);
        pairs(&mut request.stage_variables, &self.stage_variables);
        pairs(&mut request.context, &self.context);
        request.body = if self.body {
            Some(request.body.unwrap_or_default())
        } else {
            None
        };
        request
    }

    /// The head of a response, likewise.
    pub(crate) fn limit_head(&self, mut head: ResponseHead) -> ResponseHead {
        head.headers.retain(|field| self.headers.includes(&field.name));
        head
    }
}
