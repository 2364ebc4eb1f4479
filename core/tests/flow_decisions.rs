//! The pure decisions: try again, ask again, what next.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use cdp_batch::api::batch::Status;
use cdp_batch::flow::poll::Poll;
use cdp_batch::flow::retry::{Budget, pause};
use cdp_batch::flow::step::{Doubt, Next, Observed, in_doubt, next};
use cdp_batch::options::{Retry, Wait};
use cdp_batch::{Error, Kind};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn ms(duration: Duration) -> u128 {
    duration.as_millis()
}

fn pause_ms(tries: u32, error: &Error, random: f64) -> Option<u128> {
    pause(&Retry::default(), tries, error, random, &Budget::default()).map(|(pause, _)| ms(pause))
}

#[test]
fn what_can_succeed_is_tried_again_and_nothing_else() {
    for kind in Kind::ALL {
        let again = pause_ms(1, &Error::new(*kind, "x"), 1.0).is_some();
        assert_eq!(again, kind.retryable() && *kind != Kind::UploadExpired, "{kind}");
    }
}

#[test]
fn the_ceiling_of_the_pause_doubles_up_to_its_limit() {
    let error = Error::new(Kind::Unavailable, "x");
    let ceilings: Vec<Option<u128>> = (1..=6).map(|tries| pause_ms(tries, &error, 1.0)).collect();
    assert_eq!(ceilings, [Some(500), Some(1_000), Some(2_000), Some(4_000), Some(8_000), None]);
    assert_eq!(pause_ms(3, &error, 0.0), Some(0));
    let patient = Retry { attempts: 100, base_ms: u64::MAX, max_ms: 30_000 };
    assert_eq!(pause(&patient, 99, &error, 1.0, &Budget::default()).map(|(pause, _)| ms(pause)), Some(30_000));
}

#[test]
fn retry_after_is_honoured_up_to_two_minutes() {
    let asked = |ms| Error::new(Kind::RateLimited, "x").with_retry_after_ms(ms);
    assert_eq!(pause_ms(1, &asked(7_000), 0.5), Some(7_000));
    assert_eq!(pause_ms(1, &asked(100), 1.0), Some(500));
    assert_eq!(pause_ms(1, &asked(u64::MAX), 1.0), Some(120_000));
}

#[test]
fn the_budget_ends_retries_and_successes_refill_it() {
    let budget = Budget::default();
    let options = Retry { attempts: 1_000, ..Retry::default() };
    let spend = |kind| pause(&options, 1, &Error::new(kind, "x"), 1.0, &budget).map(|(_, spent)| spent);
    let last = spend(Kind::Timeout);
    assert_eq!(budget.left(), Budget::FULL - 10);
    (0..98).for_each(|_| assert!(spend(Kind::Unavailable).is_some()));
    assert_eq!((budget.left(), spend(Kind::Unavailable)), (0, None));
    budget.refund(None);
    assert_eq!(budget.left(), 1);
    budget.refund(last);
    assert_eq!(budget.left(), 11);
    (0..1_000).for_each(|_| budget.refund(None));
    assert_eq!(budget.left(), Budget::FULL);
}

#[test]
fn polling_slows_down_and_quickens_at_news() {
    let mut poll = Poll::new(&Wait::default());
    let mut pauses =
        |count: usize| -> Vec<u128> { (0..count).map(|_| ms(poll.next(Duration::ZERO, 0.5).unwrap())).collect() };
    assert_eq!(pauses(4), [2_000, 3_000, 4_500, 6_750]);
    assert_eq!(pauses(8)[4..], [51_257, 60_000, 60_000, 60_000]);
    poll.changed();
    assert_eq!(poll.next(Duration::ZERO, 0.5).map(ms), Some(2_000));
}

#[test]
fn the_deadline_is_for_standing_still() {
    let mut poll = Poll::new(&Wait { timeout_ms: 10_000, min_ms: 2_000, max_ms: 60_000 });
    let at = Duration::from_millis;
    assert_eq!(poll.next(at(9_000), 0.5).map(ms), Some(1_000));
    poll.changed();
    assert_eq!(poll.next(at(10_000), 0.5), None);
    poll.finished(at(9_500));
    assert_eq!(poll.next(at(10_000), 0.5).map(ms), Some(2_000));
    assert_eq!(poll.next(at(19_499), 0.5).map(ms), Some(1));
    assert_eq!(poll.next(at(19_500), 0.5), None);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_pause_is_never_longer_than_its_limits(
        tries in 1..99_u32, random in 0.0..1.0_f64, base_ms: u64, max_ms: u64, asked: Option<u64>,
    ) {
        let options = Retry { attempts: 100, base_ms, max_ms };
        let mut error = Error::new(Kind::Unavailable, "x");
        if let Some(asked) = asked {
            error = error.with_retry_after_ms(asked);
        }
        let (pause, _) = pause(&options, tries, &error, random, &Budget::default()).unwrap();
        prop_assert!(pause <= Duration::from_millis(max_ms).max(Duration::from_secs(120)));
    }

    #[test]
    fn a_poll_never_waits_past_its_deadline(
        timeout_ms in 1..100_000_u64, min_ms in 1..10_000_u64, more in 0..100_000_u64, random in 0.0..1.0_f64,
    ) {
        let mut poll = Poll::new(&Wait { timeout_ms, min_ms, max_ms: min_ms + more });
        let mut now = Duration::ZERO;
        let mut asked = 0;
        while let Some(pause) = poll.next(now, random) {
            now += pause;
            asked += 1;
            prop_assert!(now <= Duration::from_millis(timeout_ms));
            prop_assert!(asked < 1_000_000);
        }
        prop_assert_eq!(now, Duration::from_millis(timeout_ms));
    }
}

/// Each row: what was observed, then the next step for a lost allocate, a lost upload and a refused reallocate; the
/// last two before and after the answer has settled.
#[test]
fn every_row_of_the_step_table() {
    use Next::{Allocate, AllocateFresh, AskAgain, Finished, Send, Watch};
    for (observed, allocate_lost, upload_lost, refused) in [
        (Observed::NotFound, Allocate, [AskAgain, Allocate], [AskAgain, AllocateFresh]),
        (Observed::Uploading, Send, [AskAgain, Send], [AskAgain, Send]),
        (Observed::UploadingNowhere, Allocate, [AskAgain, Allocate], [AskAgain, AllocateFresh]),
        (Observed::FileUploaded, Watch, [Watch; 2], [Watch; 2]),
        (Observed::Processing, Watch, [Watch; 2], [Watch; 2]),
        (Observed::Unknown, Watch, [Watch; 2], [Watch; 2]),
        (Observed::Success, Finished, [Finished; 2], [Finished; 2]),
        (Observed::Error, Finished, [Finished; 2], [Finished; 2]),
        (Observed::Corrupted, AllocateFresh, [AllocateFresh; 2], [AllocateFresh; 2]),
    ] {
        for settled in [false, true] {
            let row = usize::from(settled);
            assert_eq!(next(Doubt::AllocateLost, observed, settled), allocate_lost, "{observed:?}");
            assert_eq!(next(Doubt::UploadLost, observed, settled), upload_lost[row], "{observed:?} {settled}");
            assert_eq!(next(Doubt::ReallocateRefused, observed, settled), refused[row], "{observed:?} {settled}");
        }
    }
}

#[test]
fn a_status_is_observed_together_with_the_location_at_hand() {
    assert_eq!(Observed::of(&Status::Uploading, true), Observed::Uploading);
    assert_eq!(Observed::of(&Status::Uploading, false), Observed::UploadingNowhere);
    assert_eq!(Observed::of(&Status::from("fileprocessing"), true), Observed::Processing);
    assert_eq!(Observed::of(&Status::from("quarantined"), true), Observed::Unknown);
}

#[test]
fn an_outcome_is_in_doubt_unless_the_answer_rules_the_effect_out() {
    for (kind, status, expected) in [
        (Kind::Timeout, None, true),
        (Kind::Unavailable, None, true),
        (Kind::Unavailable, Some(500), true),
        (Kind::Unavailable, Some(503), true),
        (Kind::Integrity, Some(200), true),
        (Kind::Protocol, Some(200), true),
        (Kind::Integrity, Some(400), false),
        (Kind::RateLimited, Some(429), false),
        (Kind::Rejected, Some(400), false),
        (Kind::Tls, None, false),
        (Kind::Cancelled, None, false),
    ] {
        let mut error = Error::new(kind, "x");
        if let Some(status) = status {
            error = error.with_http_status(status);
        }
        assert_eq!(in_doubt(&error), expected, "{kind} {status:?}");
    }
}
