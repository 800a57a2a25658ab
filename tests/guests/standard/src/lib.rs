//! A standard component of `wasi:http`: it knows nothing of this gateway. The path says what it does.

use std::sync::atomic::{AtomicU32, Ordering};

use wstd::http::{Body, Client, Error, Request, Response, StatusCode};

/// Calls of this instance: its memory tells whether it is used again.
static CALLS: AtomicU32 = AtomicU32::new(0);

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    match request.uri().path() {
        "/echo" => Ok(Response::new(request.into_body())),
        "/told" => Ok(told(&request)),
        "/calls" => Ok(Response::new(calls.to_string().into())),
        "/fetch" => fetch(&request).await,
        "/variable" => Ok(Response::new(colour().into())),
        "/big" => Ok(Response::new(vec![b'x'; 100_000_000].into())),
        "/loop" => loop {
            std::hint::spin_loop();
        },
        "/trap" => std::process::abort(),
        "/fail" => Err(Error::msg("no response")),
        _ => Ok(with_status(StatusCode::NOT_FOUND, String::new())),
    }
}

/// What the configuration grants.
fn colour() -> String {
    let variables = std::env::vars();
    let found = variables.into_iter().find(|(name, _)| name == "COLOUR");
    found.map(|(_, value)| value).unwrap_or_default()
}

/// What it was passed of the head.
fn told(request: &Request<Body>) -> Response<Body> {
    let headers = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap_or("?")));
    let head = format!("{} {}\n", request.method(), request.uri());
    let mut response = Response::new(std::iter::once(head).chain(headers).collect::<String>().into());
    response
        .headers_mut()
        .insert("x-told", wstd::http::HeaderValue::from_static("yes"));
    response
}

/// The response of the server that the query names; 502 where there is none.
async fn fetch(request: &Request<Body>) -> Result<Response<Body>, Error> {
    let url = request.uri().query().unwrap_or_default();
    let asked = Request::get(url).header("x-asked", "yes").body(Body::empty())?;
    match Client::new().send(asked).await {
        Ok(response) => Ok(response),
        Err(error) => Ok(with_status(StatusCode::BAD_GATEWAY, format!("{error:?}"))),
    }
}

fn with_status(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response
}
