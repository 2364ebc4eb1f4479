//! Which trials there are: scenes with every way to be disturbed, and random ones that a seed decides.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cdp_batch_emulator::{FaultPlan, Reallocate};
use serde_json::{Value, json};

use crate::Result;
use crate::trial::{Blow, Seen, Trial};

/// Runs that go different ways, so that every place there is gets passed.
pub(crate) fn scenes() -> Result<Vec<Trial>> {
    let first = |on: &str, what: Value| json!({"on": on, "match": {"ref_index": 0, "try": [1]}, "do": what});
    let lost = |on: &str| first(on, json!({"type": "drop_after"}));
    let scene = |name: &str, reallocate, rules: Vec<Value>| -> Result<Trial> {
        let faults = plan(json!({ "rules": rules }))?;
        Ok(Trial { name: name.to_string(), faults, reallocate, ..Trial::undisturbed() })
    };
    Ok(vec![
        scene("plain", Reallocate::SameRef, vec![])?,
        scene("allocate and upload unanswered", Reallocate::SameRef, vec![lost("allocate"), lost("upload")])?,
        scene("URL expired", Reallocate::SameRef, vec![first("upload", json!({"type": "expire_url"}))])?,
        scene(
            "URL expired and no second allocate",
            Reallocate::Conflict,
            vec![first("upload", json!({"type": "expire_url"}))],
        )?,
        scene("arrived corrupted", Reallocate::SameRef, vec![first("upload", json!({"type": "corrupted"}))])?,
        scene(
            "log gone and failing",
            Reallocate::SameRef,
            vec![
                json!({"on": "log", "match": {"try": [1]}, "do": {"type": "expire_url"}}),
                json!({"on": "log", "match": {"try": [2]}, "do": {"type": "cut_body", "after": 40}}),
            ],
        )?,
    ])
}

/// A scene disturbed at places that an undisturbed run of it has passed: at each (in the short form at the first and
/// the last pass of each, and of a scene that is not the first, at the first).
pub(crate) fn at_places(scene: &Trial, seen: &Seen, is_first: bool, is_long: bool) -> Vec<Trial> {
    let mut times: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, count) in seen.places.iter().filter_map(|place| place.rsplit_once(':')) {
        times.insert(name, count.parse().unwrap_or(1));
    }
    let mut trials = Vec::new();
    for (name, last) in times {
        let passes: BTreeSet<u64> = match (is_long, is_first) {
            (true, _) => (1..=last).collect(),
            (false, true) => BTreeSet::from([1, last]),
            (false, false) => BTreeSet::from([1]),
        };
        for place in passes.into_iter().map(|pass| format!("{name}:{pass}")) {
            trials.push(scene.with(&format!("killed at {place}"), vec![Blow::Abort(place.clone())]));
            if is_first {
                trials.push(scene.with(&format!("panic at {place}"), vec![Blow::Panic(place)]));
            }
        }
    }
    trials
}

/// A scene in which the N-th operation on the disk fails, for every N until none is left; then the same with what goes
/// on after a kill (in the short form for some N).
pub(crate) fn at_operations(scene: &Trial, seen: &Seen, is_long: bool) -> Vec<Trial> {
    let operations = seen.operations.len() as u64;
    let fail = |number: u64, before: Vec<Blow>| {
        let what = format!("disk operation {number} fails{}", if before.is_empty() { "" } else { " after a kill" });
        scene.with(&what, before.into_iter().chain([Blow::Fail(number)]).collect())
    };
    let killed = || vec![Blow::Abort("journal sending, after:2".to_string())];
    let step = if is_long { 1 } else { 7 };
    let first = (1..=operations + 3).map(|number| fail(number, Vec::new()));
    let second = (1..=operations).step_by(step).map(|number| fail(number, killed()));
    // The real thing, of which a run of the plain scene needs about 300 blocks.
    let full = (0..if cfg!(unix) { 400 } else { 0 }).step_by(if is_long { 8 } else { 80 });
    let full = full.map(|blocks| scene.with(&format!("disk full at {blocks}"), vec![Blow::Full { blocks }]));
    first.chain(second).chain(full).collect()
}

/// A random trial: what goes wrong on the way, what happens to the processes, how many parts are in flight.
pub(crate) fn random(seed: u64, seen: &Seen) -> Result<Trial> {
    let mut random = fastrand::Rng::with_seed(seed);
    let blows: Vec<Blow> = (0..random.usize(0..4)).map(|_| blow(&mut random, &seen.places)).collect();
    let reallocate = if random.bool() { Reallocate::SameRef } else { Reallocate::Conflict };
    Ok(Trial {
        name: format!("seed {seed}"),
        faults: faults(seed, &mut random, &blows)?,
        reallocate,
        in_flight: random.u32(1..=4),
        blows,
        is_looked_at: seed.is_multiple_of(4),
    })
}

fn blow(random: &mut fastrand::Rng, places: &[String]) -> Blow {
    let after = random.usize(1..places.len().max(2));
    match random.u8(0..10) {
        0..4 => Blow::Abort(random.choice(places).cloned().unwrap_or_default()),
        4..7 => Blow::Kill { after, pause: Duration::from_micros(random.u64(0..4_000)) },
        7 => Blow::Interrupt { after },
        8 => Blow::Restart { after },
        _ => Blow::Expire { after },
    }
}

/// Everything that may go wrong on the way, now and then; one of the first refs arrives corrupted. Not so in a service
/// that is started anew: it counts refs anew, and a part that arrives corrupted twice is rightly given up.
fn faults(seed: u64, random: &mut fastrand::Rng, blows: &[Blow]) -> Result<FaultPlan> {
    let probability = random.f64() * 0.07;
    let now_and_then = |on: &str, what: Value| json!({"on": on, "match": {"probability": probability}, "do": what});
    let corrupted = random.usize(0..4);
    let corrupted = if blows.iter().any(|blow| matches!(blow, Blow::Restart { .. })) { usize::MAX } else { corrupted };
    plan(json!({"seed": seed, "rules": [
        {"on": "upload", "match": {"ref_index": corrupted}, "do": {"type": "corrupted"}},
        now_and_then("any", json!({"type": "drop_before"})),
        now_and_then("any", json!({"type": "drop_after"})),
        now_and_then("any", json!({"type": "status", "status": 500})),
        now_and_then("any", json!({"type": "status_after", "status": 500})),
        now_and_then("any", json!({"type": "status", "status": 429, "headers": {"retry-after": "0"}})),
        now_and_then("any", json!({"type": "slow_drip", "bytes": 512, "every_ms": 1})),
        now_and_then("any", json!({"type": "cut_body", "after": 100})),
        now_and_then("allocate", json!({"type": "expire_url"})),
        now_and_then("upload", json!({"type": "expire_url"})),
        now_and_then("log", json!({"type": "expire_url"})),
        now_and_then("inspect", json!({"type": "not_found_flicker"})),
        now_and_then("status", json!({"type": "not_found_flicker"})),
    ]}))
}

/// The list shows the state of a while ago; otherwise all is well.
pub(crate) fn lagging() -> Result<FaultPlan> {
    plan(json!({"rules": [{"on": "list", "do": {"type": "lag", "seconds": 30}}]}))
}

fn plan(plan: Value) -> Result<FaultPlan> {
    serde_json::from_value(plan).map_err(|error| format!("fault plan: {error}"))
}
