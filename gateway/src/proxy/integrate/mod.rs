//! Station 9: what answers a method.

pub mod function_url;
pub mod handler;
pub mod http;
pub mod lambda;
pub mod plugin;

use ::http::{HeaderMap, StatusCode};

use super::body::Body;
use super::call::{Call, Reply};
use super::exchange::Exchange;
use super::mapping::request::Outgoing;
use super::refusal::{Blame, Refusal};
use crate::plan::{HttpPlan, IntegrationPlan};

/// Calls the method's integration.
pub async fn answer(exchange: &mut Exchange, call: &mut Call, outgoing: Outgoing) -> Result<Reply, Refusal> {
    exchange.integration_begins();
    let mut answer = called(exchange, call, outgoing).await;
    exchange.integration_ends(&answer);
    exchange.log().endpoint_response(&mut answer);
    answer
}

async fn called(exchange: &Exchange, call: &mut Call, outgoing: Outgoing) -> Result<Reply, Refusal> {
    let Some(method) = exchange.method() else {
        return Err(Refusal::unknown_method());
    };
    match (outgoing, &method.integration) {
        (Outgoing::Mock(status), _) => Ok(mocked(status)),
        (Outgoing::Http(request), IntegrationPlan::FunctionUrl(plan)) => {
            Box::pin(function_url::answer(exchange, plan, request)).await
        }
        (Outgoing::Http(request), IntegrationPlan::Handler { plugin, timeout }) => {
            Box::pin(handler::answer(exchange, plugin, *timeout, request)).await
        }
        (Outgoing::Event(event), IntegrationPlan::LambdaProxy(plan)) => {
            let how = (plan.timeout, plan.streams);
            Box::pin(lambda::answer(exchange, &plan.function, how, *event)).await
        }
        (Outgoing::Event(event), IntegrationPlan::Lambda(plan)) => {
            let how = (plan.timeout, false);
            Box::pin(lambda::answer(exchange, &plan.function, how, *event)).await
        }
        (Outgoing::Event(_), _) => Err(Refusal::configuration(Blame::Gateway)),
        (Outgoing::Http(request), integration) => match endpoint(integration) {
            Some(plan) => http::answer(exchange, plan, request).await,
            None => Err(Refusal::configuration(Blame::Gateway)),
        },
        // Boxed: it is large, and other integrations never poll it.
        (Outgoing::Call, IntegrationPlan::Plugin { plugin, timeout }) => {
            Box::pin(plugin::answer(exchange, plugin, *timeout, call)).await
        }
        (Outgoing::Call, _) => Err(Refusal::configuration(Blame::Gateway)),
    }
}

fn endpoint(integration: &IntegrationPlan) -> Option<&HttpPlan> {
    match integration {
        IntegrationPlan::HttpProxy(plan) => Some(plan),
        IntegrationPlan::Http(plan) => Some(&plan.http),
        _ => None,
    }
}

/// What a MOCK answers before its mapping: a status, and nothing else.
fn mocked(status: u16) -> Reply {
    Reply {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::OK),
        headers: HeaderMap::new(),
        body: Body::Empty,
    }
}
