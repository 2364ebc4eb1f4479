use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::*;
use crate::kind::Kind;

fn quick(attempts: u32) -> Retrier {
    Retrier::new(Retry { attempts, base_ms: 0, max_ms: 0 })
}

/// What came of it, and how often it was called. `outcomes` holds the failure of each try; `None` is success.
async fn run(retrier: &Retrier, scope: &Scope, outcomes: &[Option<Kind>]) -> (Result<u32>, u32) {
    let calls = AtomicU32::new(0);
    let attempt = |attempt: u32| {
        calls.fetch_add(1, Ordering::Relaxed);
        let outcome = outcomes[attempt as usize - 1];
        async move { outcome.map_or(Ok(attempt), |kind| Err(Error::new(kind, "it failed"))) }
    };
    let result = retrier.run(scope, Stage::Status, Some(Uuid::nil()), attempt).await;
    (result, calls.into_inner())
}

#[tokio::test]
async fn a_failure_that_passes_is_tried_again_and_told() {
    let scope = Scope::default();
    let (result, calls) = run(&quick(6), &scope, &[Some(Kind::Unavailable), Some(Kind::Timeout), None]).await;
    assert_eq!((result.unwrap(), calls), (3, 3));
    for (attempt, code) in [(1, Kind::Unavailable), (2, Kind::Timeout)] {
        let expected = Event::Retry { stage: Stage::Status, batch: Some(Uuid::nil()), attempt, delay_ms: 0, code };
        assert_eq!(scope.events.next(Duration::ZERO), Some(expected));
    }
    assert_eq!(scope.events.next(Duration::ZERO), None);
}

#[tokio::test]
async fn the_last_error_says_how_often_where_and_about_what() {
    let (result, calls) = run(&quick(3), &Scope::default(), &[Some(Kind::Unavailable); 3]).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), calls), (Kind::Unavailable, 3, 3));
    assert_eq!((error.stage(), error.refs()), (Some(Stage::Status), &[Uuid::nil()][..]));
}

#[tokio::test]
async fn what_cannot_succeed_is_tried_once() {
    for kind in [Kind::Unauthorized, Kind::UploadExpired, Kind::Protocol] {
        let (result, calls) = run(&quick(6), &Scope::default(), &[Some(kind)]).await;
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), calls), (kind, 1, 1));
    }
}

#[tokio::test]
async fn clones_share_the_budget() {
    let retrier = quick(100);
    let outage = [Some(Kind::Unavailable); 100];
    assert_eq!(run(&retrier, &Scope::default(), &outage).await.1, 100);
    assert_eq!(run(&retrier.clone(), &Scope::default(), &outage).await.1, 2);
}

#[tokio::test]
async fn a_cancelled_call_sends_nothing() {
    let scope = Scope::default();
    scope.cancel.cancel();
    let sent = AtomicU32::new(0);
    let attempt = |_| async {
        sent.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };
    let error = quick(6).run(&scope, Stage::Upload, None, attempt).await.unwrap_err();
    assert_eq!((error.kind(), sent.into_inner()), (Kind::Cancelled, 0));
}

#[tokio::test]
async fn cancelling_ends_a_request_under_way() {
    let scope = Scope::default();
    let attempt = |_| async {
        scope.cancel.cancel();
        pending::<Result<()>>().await
    };
    let error = quick(6).run(&scope, Stage::Upload, None, attempt).await.unwrap_err();
    assert_eq!((error.kind(), error.stage(), error.attempts()), (Kind::Cancelled, Some(Stage::Upload), 1));
}

#[tokio::test]
async fn cancelling_ends_a_pause_that_the_service_asked_for() {
    let (retrier, scope) = (quick(6), Scope::default());
    let attempt = |_| async { Err::<(), _>(Error::new(Kind::RateLimited, "slow down").with_retry_after_ms(100_000)) };
    let paused = retrier.run(&scope, Stage::List, None, attempt);
    let stop = async {
        while scope.events.next(Duration::ZERO).is_none() {
            tokio::task::yield_now().await;
        }
        scope.cancel.cancel();
    };
    let (result, ()) = tokio::join!(paused, stop);
    assert_eq!(result.unwrap_err().kind(), Kind::Cancelled);
}

#[tokio::test]
async fn a_retried_request_can_run_on_a_task_of_its_own() {
    let retrier = quick(2);
    let shared = Arc::new(7);
    let task = tokio::spawn(async move {
        let attempt = |_| {
            let shared = shared.clone();
            async move { Ok(*shared) }
        };
        retrier.run(&Scope::default(), Stage::List, None, attempt).await
    });
    assert_eq!(task.await.unwrap().unwrap(), 7);
}
