//! How often an issuer is asked for its keys, and what counts where it does not answer.

use std::time::Duration;

use portcullis_tests::gateways::{UNAUTHORIZED, assert_refused};

use super::issuer::{Issuer, started};
use super::sign::Signer;
use super::{Algorithm, NO_KEYS, NOW, get, status};

const MINUTE: Duration = Duration::from_secs(60);

/// Tokens that name keys which there are not, as an attacker makes them.
#[tokio::test]
async fn a_flood_of_unknown_keys_makes_six_fetches_a_minute() {
    let issuer = Issuer::new().await;
    let (gateway, clock) = started(&issuer.toml()).await;
    let mallory = |id: usize| Signer::new(Algorithm::ES256, &format!("made-up-{id}"));
    let claims = issuer.claims("");
    let mut fetched = Vec::new();
    // Three minutes, second by second.
    for second in 0..180 {
        for id in 0..3 {
            let token = mallory(second * 3 + id).token(&claims);
            assert_refused(&get(&gateway, "/dev/open", &token).await, UNAUTHORIZED, "a flood");
        }
        fetched.push(issuer.asked());
        clock.advance(Duration::from_secs(1));
    }
    for (start, before) in std::iter::once(&0).chain(&fetched).enumerate().take(120) {
        let within = fetched[start + 59] - before;
        assert!(within <= 6, "{within} fetches in the minute from second {start}");
    }
    // Meanwhile good tokens count, and a new key is found.
    assert_eq!(status(&gateway, "/dev/open", &issuer.token()).await, 200);
    let next = Signer::new(Algorithm::ES256, "two");
    issuer.publish(&[&issuer.signer, &next]);
    clock.advance(Duration::from_secs(20));
    assert_eq!(status(&gateway, "/dev/open", &next.token(&claims)).await, 200);
    let metrics = gateway.metrics().await;
    let count = |outcome| metrics.sum("portcullis_issuer_fetches_total", &[("outcome", outcome)]);
    assert!(count("withheld") > 500.0, "{}", count("withheld"));
    assert_eq!(count("failed"), 0.0);
    assert_eq!(
        metrics.sum("portcullis_issuer_keys", &[("issuer", &issuer.url())]),
        2.0
    );
}

/// All who need the first keys wait for one discovery and one key set.
#[tokio::test]
async fn many_at_once_make_one_fetch() {
    let issuer = Issuer::new().await;
    let (gateway, _) = started(&issuer.toml()).await;
    let token = issuer.token();
    let answers = (0..50).map(|_| status(&gateway, "/dev/open", &token));
    let mut set = Vec::new();
    for answer in answers {
        set.push(Box::pin(answer));
    }
    let all = join_all(set).await;
    assert_eq!(all, vec![200; 50]);
    assert_eq!(issuer.asked(), 2);
}

async fn join_all<F: Future<Output = u16> + Unpin>(mut futures: Vec<F>) -> Vec<u16> {
    let mut done = vec![None; futures.len()];
    std::future::poll_fn(|context| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(status) = std::pin::Pin::new(future).poll(context)
            {
                *done = Some(status);
            }
        }
        match done.iter().all(Option::is_some) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn a_new_key_is_found_and_an_old_one_forgotten() {
    let issuer = Issuer::new().await;
    let (gateway, clock) = started(&issuer.toml()).await;
    let (old, claims) = (issuer.token(), issuer.claims(""));
    assert_eq!(status(&gateway, "/dev/open", &old).await, 200);
    let next = Signer::new(Algorithm::ES256, "two");
    issuer.publish(&[&issuer.signer, &next]);
    // At once: a key that is not known is looked for.
    assert_eq!(status(&gateway, "/dev/open", &next.token(&claims)).await, 200);
    assert_eq!(issuer.asked(), 3, "what discovery said still counts");
    issuer.publish(&[&next]);
    assert_eq!(status(&gateway, "/dev/open", &old).await, 200, "kept for an hour");
    clock.advance(66 * MINUTE);
    let claims = claims.replace(&(NOW + 3_600).to_string(), &(NOW + 9_000).to_string());
    assert_eq!(
        status(&gateway, "/dev/open", &issuer.signer.token(&claims)).await,
        401
    );
    assert_eq!(status(&gateway, "/dev/open", &next.token(&claims)).await, 200);
}

/// `Cache-Control` says for how long keys are fresh; then they are fetched beside the request.
#[tokio::test]
async fn keys_are_fetched_anew_when_they_are_old() {
    let issuer = Issuer::new().await;
    issuer.cache("public, max-age=1800");
    let (gateway, clock) = started(&issuer.toml()).await;
    let token = issuer.token();
    assert_eq!(status(&gateway, "/dev/open", &token).await, 200);
    clock.advance(29 * MINUTE);
    assert_eq!(status(&gateway, "/dev/open", &token).await, 200);
    assert_eq!(issuer.asked(), 2);
    clock.advance(2 * MINUTE);
    assert_eq!(status(&gateway, "/dev/open", &token).await, 200);
    while issuer.asked() < 3 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_unreachable_issuer_keeps_its_last_keys_for_a_day() {
    let issuer = Issuer::new().await;
    let (gateway, clock) = started(&issuer.toml()).await;
    let claims = issuer
        .claims("")
        .replace(&(NOW + 3_600).to_string(), &(NOW + 900_000).to_string());
    let token = issuer.signer.token(&claims);
    assert_eq!(status(&gateway, "/dev/open", &token).await, 200);
    issuer.answer(503);
    for _ in 0..24 {
        clock.advance(60 * MINUTE);
        assert_eq!(status(&gateway, "/dev/open", &token).await, 200);
    }
    clock.advance(61 * MINUTE);
    assert_refused(&get(&gateway, "/dev/open", &token).await, NO_KEYS, "after a day");
    issuer.answer(200);
    clock.advance(MINUTE);
    assert_eq!(status(&gateway, "/dev/open", &token).await, 200);
    let metrics = gateway.metrics().await;
    assert!(metrics.sum("portcullis_issuer_fetches_total", &[("outcome", "failed")]) > 1.0);
}

/// Keys, and what is left of the minute's fetches, outlive a reload.
#[tokio::test]
async fn keys_outlive_reloads() {
    let issuer = Issuer::new().await;
    let (mut gateway, _) = started(&issuer.toml()).await;
    let token = issuer.token();
    assert_eq!(status(&gateway, "/dev/open", &token).await, 200);
    for name in ["a", "b", "c"] {
        let changed = format!("{}[apis.api.stages.{name}]\n", issuer.toml());
        let outcome = gateway.rewrite(&changed).await;
        assert!(!outcome.has_errors(), "{:?}", outcome.problems);
        assert_eq!(status(&gateway, &format!("/{name}/open"), &token).await, 200);
    }
    assert_eq!(issuer.asked(), 2);
}
