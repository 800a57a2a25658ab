//! Test invocations on this node: compiled as a deployment would be, run where requests run, never live.

use std::fmt::Display;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, StatusCode, header};
use portcullis_admin::invoke::{AuthorizerInvoked, Invocation, MethodInvoked, NotInvoked, Station, Told};
use portcullis_document::Problem;
use portcullis_model::Stage;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use super::plane::NodePlane;
use crate::kept::KeptStage;
use crate::plan::StageLive;
use crate::proxy::exchange::RequestId;
use crate::proxy::host::Host;
use crate::proxy::trial::{self, Trial};
use crate::proxy::view;
use crate::proxy::{Body, Call, Gateway, Head};

/// The name of the stage and the host, as the service has them
/// (seen in what Lambda functions are passed by test invocations).
const STAGE: &str = "test-invoke-stage";
const HOST: &str = "testPrefix.testDomainName";
/// As many as a listener takes.
const MOST_HEADERS: usize = 100;

/// Runs test invocations.
#[derive(Debug)]
pub(super) struct Invoker {
    gateway: Arc<Gateway>,
    runtime: Handle,
}

impl Invoker {
    /// One that runs them on a runtime: connections to backends belong to it.
    pub(super) fn new(gateway: Arc<Gateway>, runtime: Handle) -> Self {
        Self { gateway, runtime }
    }

    /// Runs a method.
    pub(super) async fn method(
        &self,
        plane: &NodePlane,
        mut invocation: Invocation,
    ) -> Result<MethodInvoked, NotInvoked> {
        let call = call(&invocation)?;
        let (verb, path) = (invocation.verb.clone(), route(&invocation).to_owned());
        let trial = self.trial(&mut invocation);
        let plan = match compiled(plane, invocation).await {
            Ok(plan) => plan,
            Err(problems) => {
                let head = format!("HTTP Method: {verb}, Resource Path: {path}");
                let told = self.uncompiled(&trial, &problems, Some(&head));
                return Ok(unanswered(told));
            }
        };
        if !trial::finds(&plan, &call) {
            return Err(NotInvoked::Request(format!(
                "Invalid path specified: {} is none of {path}; pathWithQueryString is a path below the stage that the \
                 resource has, such as /pets/3?x=1 of /pets/{{id}}",
                call.head.target
            )));
        }
        let (gateway, teller) = (self.gateway.clone(), trial.clone());
        let run = self.run(async move { trial::method(&gateway, plan, call, &teller).await });
        let answered = run
            .await?
            .map_err(|error| NotInvoked::Request(error.to_string()))?;
        let headers = answered.headers.iter();
        let headers =
            headers.map(|(name, value)| (name.as_str().to_owned(), view::latin1(value).into_owned()));
        Ok(MethodInvoked {
            status: answered.status.as_u16(),
            headers: headers.collect(),
            body: answered.body,
            told: told(&trial, answered.log, answered.took),
        })
    }

    /// Asks an authorizer.
    pub(super) async fn authorizer(
        &self,
        plane: &NodePlane,
        mut invocation: Invocation,
    ) -> Result<AuthorizerInvoked, NotInvoked> {
        let call = call(&invocation)?;
        let trial = self.trial(&mut invocation);
        let plan = match compiled(plane, invocation).await {
            Ok(plan) => plan,
            Err(problems) => {
                return Ok(AuthorizerInvoked {
                    refused: Some(StatusCode::INTERNAL_SERVER_ERROR.as_u16()),
                    principal: None,
                    policy: None,
                    context: serde_json::Map::new(),
                    told: self.uncompiled(&trial, &problems, None),
                });
            }
        };
        let (gateway, teller) = (self.gateway.clone(), trial.clone());
        let run = self.run(async move { trial::authorizer(&gateway, plan, call, &teller).await });
        let decided = run.await?;
        Ok(AuthorizerInvoked {
            refused: decided.refused.map(|status| status.as_u16()),
            principal: decided.principal,
            policy: decided.policy,
            context: decided.context,
            told: told(&trial, decided.log, decided.took),
        })
    }

    fn trial(&self, invocation: &mut Invocation) -> Arc<Trial> {
        let secrets = std::mem::take(&mut invocation.secrets);
        let context = std::mem::take(&mut invocation.context);
        Trial::new(self.gateway.clock.clone(), secrets, context)
    }

    /// Runs where requests run; ends with whoever waits for it.
    async fn run<T: Send + 'static>(
        &self,
        running: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, NotInvoked> {
        let task = AbortOnDropHandle::new(self.runtime.spawn(running));
        task.await
            .map_err(|error| NotInvoked::Plane(format!("The test invocation did not end: {error}")))
    }

    /// What cannot be compiled could not be deployed; its method would answer 500.
    fn uncompiled(&self, trial: &Trial, problems: &[Problem], head: Option<&str>) -> Told {
        let id = RequestId::random();
        trial.begin("compile");
        trial.tell(&format!("Starting execution for request: {id}"));
        if let Some(line) = head {
            trial.tell(line);
        }
        for problem in problems {
            trial.tell(&format!("Execution failed due to configuration error: {problem}"));
        }
        trial.tell("Method completed with status: 500");
        told(trial, trial.log(id.as_str()), Duration::ZERO)
    }
}

/// A plan of the invocation's API, with its stage variables; or what is wrong with it.
async fn compiled(plane: &NodePlane, invocation: Invocation) -> Result<StageLive, Vec<Problem>> {
    let stage = Stage {
        name: STAGE.to_owned(),
        variables: invocation.variables,
        client_certificate: invocation.client_certificate,
        ..Stage::default()
    };
    let id = invocation.api.id.clone();
    let stage = KeptStage::new(&id, &stage, (Arc::new(invocation.api), [0; 32]), None);
    plane.tried(stage).await
}

fn route(invocation: &Invocation) -> &str {
    let first = invocation.api.resources.first();
    first.map_or("/", |resource| &resource.path)
}

/// The call that a client would make.
fn call(invocation: &Invocation) -> Result<Call, NotInvoked> {
    let wrong = |what: &str, which: &str, why: &dyn Display| {
        let which = which.get(..which.floor_char_boundary(200)).unwrap_or_default();
        NotInvoked::Request(format!(
            "Invalid {what} specified: {}: {why}",
            which.escape_debug()
        ))
    };
    let target = PathAndQuery::from_str(&invocation.target);
    let target = target.map_err(|error| wrong("path", &invocation.target, &error))?;
    if !target.path().starts_with('/') {
        return Err(wrong("path", &invocation.target, &"it begins with no slash"));
    }
    let method = invocation.verb.parse();
    let method =
        method.map_err(|error: http::method::InvalidMethod| wrong("HttpMethod", &invocation.verb, &error))?;
    if invocation.headers.len() > MOST_HEADERS {
        let why = format!(
            "there are {}, and {MOST_HEADERS} are the most",
            invocation.headers.len()
        );
        return Err(NotInvoked::Request(format!("Invalid headers specified: {why}")));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &invocation.headers {
        let parsed: Option<HeaderName> = name.parse().ok();
        let parsed = parsed.ok_or_else(|| wrong("header", name, &"no header has such a name"))?;
        let value = view::header_value(value);
        let value = value.ok_or_else(|| wrong("header", name, &"no header has such a value"))?;
        headers.append(parsed, value);
    }
    // The body is as long as it is, whatever they say.
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    let host = headers.get(header::HOST).and_then(Host::of_field);
    let host = host.unwrap_or_else(|| Host::from_static(HOST));
    Ok(Call {
        head: Head {
            method,
            target,
            below_stage: 0,
            host: Some(host),
            version: http::Version::HTTP_11,
            headers,
        },
        body: Body::from(Bytes::from(invocation.body.clone())),
    })
}

fn unanswered(told: Told) -> MethodInvoked {
    MethodInvoked {
        status: StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Bytes::from_static(br#"{"message": "Internal server error"}"#),
        told,
    }
}

fn told(trial: &Trial, log: String, latency: Duration) -> Told {
    let stations = trial.stations().into_iter().map(|station| Station {
        name: station.name,
        took: station.took,
        lines: station.lines,
        rendered: station.rendered,
    });
    Told {
        log,
        latency,
        stations: stations.collect(),
    }
}
