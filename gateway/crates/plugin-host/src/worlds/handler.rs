//! The world `wasi:http`: standard components, which export `wasi:http/incoming-handler` and know nothing of this gateway.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;
use wasmtime::{
    Store,
    component::{Instance, InstancePre, Linker},
};
use wasmtime_wasi_http::{
    WasiHttpView as _,
    p2::{
        add_only_http_to_linker_async,
        bindings::{
            exports::wasi::http::incoming_handler as wit,
            http::types::{ErrorCode, Scheme},
        },
        body::HyperOutgoingBody,
    },
};

use super::common::Exports;
use crate::{
    CallError, FaultKind, HttpBody, HttpError, Isolation,
    instance::{self, GuestState},
    plugin::{Core, handle},
};

/// A component that answers requests as `wasi:http` has it, both bodies streaming.
#[derive(Debug)]
pub struct Handler(Core<wit::Guest>);

handle!(Handler, wit::Guest);

type Guest = Pin<Box<dyn Future<Output = Result<(), CallError>> + Send>>;
type Given = Result<http::Response<HyperOutgoingBody>, ErrorCode>;

impl Handler {
    /// Has the component answer a request, within its limits: its time is that of the whole call, to the last byte of the
    /// response. `id` is the request's, for logs.
    ///
    /// The guest goes on while the response's body is read, and ends with it.
    ///
    /// # Errors
    ///
    /// There is no response.
    pub async fn handle(
        &self,
        id: &str,
        secure: bool,
        request: http::Request<HttpBody>,
    ) -> Result<http::Response<HandlerBody>, CallError> {
        let (sender, mut receiver) = oneshot::channel::<Given>();
        let mut guest = Some(self.run(id, secure, request, sender));
        let given = poll_fn(|cx| {
            if let Some(running) = &mut guest
                && let Poll::Ready(ended) = running.as_mut().poll(cx)
            {
                guest = None;
                if let Err(error) = ended {
                    return Poll::Ready(Err(error));
                }
            }
            match Pin::new(&mut receiver).poll(cx) {
                Poll::Ready(Ok(Ok(response))) => Poll::Ready(Ok(response)),
                Poll::Ready(Ok(Err(code))) => Poll::Ready(Err(self.fault(format!("it answers {code:?}")))),
                Poll::Ready(Err(_)) => Poll::Ready(Err(self.fault("it ended without a response".to_owned()))),
                Poll::Pending => Poll::Pending,
            }
        });
        let response = given.await?;
        let limit = self.0.pool.shared.limits.output_bytes as u64;
        Ok(response.map(|body| HandlerBody {
            body,
            guest,
            limit,
            left: limit,
        }))
    }

    fn run(
        &self,
        id: &str,
        secure: bool,
        request: http::Request<HttpBody>,
        sender: oneshot::Sender<Given>,
    ) -> Guest {
        let (pool, id) = (self.0.pool.clone(), id.to_owned());
        let scheme = if secure { Scheme::Https } else { Scheme::Http };
        Box::pin(async move {
            let call = |mut instance: Box<instance::Instance<wit::Guest>>| async move {
                let instance::Instance { store, exports, .. } = &mut *instance;
                let answer = handled(store, exports, scheme, request, sender).await;
                (instance, answer.map(Ok))
            };
            pool.call(&id, call, |()| 0).await
        })
    }

    fn fault(&self, text: String) -> CallError {
        CallError::Fault {
            plugin: self.0.pool.shared.name.clone(),
            kind: FaultKind::Internal,
            text,
        }
    }
}

async fn handled(
    store: &mut Store<GuestState>,
    exports: &wit::Guest,
    scheme: Scheme,
    request: http::Request<HttpBody>,
    sender: oneshot::Sender<Given>,
) -> wasmtime::Result<()> {
    let mut http = store.data_mut().http();
    let request = http.new_incoming_request(scheme, request)?;
    let response = http.new_response_outparam(sender)?;
    exports.call_handle(store, request, response).await
}

/// The body of a component's response. Reading it lets the component go on.
pub struct HandlerBody {
    body: HyperOutgoingBody,
    guest: Option<Guest>,
    limit: u64,
    left: u64,
}

impl fmt::Debug for HandlerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerBody").finish_non_exhaustive()
    }
}

impl Body for HandlerBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let this = self.get_mut();
        if let Some(guest) = &mut this.guest
            && let Poll::Ready(ended) = guest.as_mut().poll(cx)
        {
            this.guest = None;
            if let Err(error) = ended {
                return Poll::Ready(Some(Err(HttpError::Failed(error.to_string()))));
            }
        }
        let frame = match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => frame,
            Poll::Ready(Some(Err(error))) => {
                return Poll::Ready(Some(Err(HttpError::Failed(format!("{error:?}")))));
            }
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => return Poll::Pending,
        };
        if let Some(data) = frame.data_ref() {
            match this.left.checked_sub(data.len() as u64) {
                Some(left) => this.left = left,
                None => return Poll::Ready(Some(Err(HttpError::TooLarge(this.limit)))),
            }
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.guest.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Exports for wit::Guest {
    /// It knows of no configuration.
    const HAS_LIFECYCLE: bool = false;
    const ISOLATION: Isolation = Isolation::Fresh;

    type Indices = wit::GuestIndices;

    fn link(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
        add_only_http_to_linker_async(linker)
    }

    fn indices(pre: &InstancePre<GuestState>) -> wasmtime::Result<Self::Indices> {
        wit::GuestIndices::new(pre)
    }

    fn load(
        indices: &Self::Indices,
        store: &mut Store<GuestState>,
        instance: &Instance,
    ) -> wasmtime::Result<Self> {
        indices.load(store, instance)
    }
}
