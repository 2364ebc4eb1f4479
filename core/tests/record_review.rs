//! The walk through a value: whatever it holds, the check stays in its place.
#![expect(clippy::unwrap_used, reason = "tests")]

use cdp_batch::Options;
use cdp_batch::options::Check;
use cdp_batch::record::envelope::PAIRS;
use cdp_batch::record::{Checker, Finding, Scratch, Severity};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};

const REF: &str = "17AC5C03-F7A1-461F-A3B1-C96F43143522";

/// Any JSON, nested up to three levels.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z\"\\\\\u{e9}@:,T-]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("id|name|key|provider|[a-c\"\\\\]{0,3}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        rng_seed: RngSeed::Fixed(2),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// What comes last is still seen in its place, so nothing before it was read too far or not far enough; and without
    /// warnings the errors are the same.
    #[test]
    fn any_value_at_any_attribute_is_read_to_its_end(
        rows in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 1..4),
        pair in 0..PAIRS.len(),
        spaced in any::<bool>(),
    ) {
        let pair = &PAIRS[pair];
        let names: Vec<&str> = pair.entity.rows().map(|(_, _, row)| row.name).collect();
        let mut value: Map<String, Value> =
            rows.into_iter().map(|(index, value)| (index.get(&names).to_string(), value)).collect();
        value.insert("~last".into(), json!([{}]));
        let value = match spaced {
            true => serde_json::to_string_pretty(&value).unwrap(),
            false => serde_json::to_string(&value).unwrap(),
        };
        let (schema, mode) = (pair.schema, pair.mode);
        let line = format!(r#"{{"ref":"{REF}","schema":"{schema}","mode":"{mode}","value":{value}}}"#);
        let checker = Checker::new(&Options { check: Check::Model, ..Options::default() }).unwrap();
        let mut scratch = Scratch::default();
        let verdict = checker.check(line.as_bytes(), &mut scratch);
        let mut errors = Scratch::of_errors();
        prop_assert_eq!(checker.check(line.as_bytes(), &mut errors), verdict);
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        prop_assert!(scratch.findings.iter().filter(is_error).eq(errors.findings.iter().filter(is_error)));
        prop_assert!(scratch.findings.iter().any(|finding| finding.path == "$.value.~last"), "{line}\n{:#?}", scratch.findings);
    }
}
