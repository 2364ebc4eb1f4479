//! What is sent for a line: the envelope rules, and the records made of bare values.
#![expect(clippy::unwrap_used, reason = "tests")]

use cdp_batch::Options;
use cdp_batch::record::wrap::NAMESPACE;
use cdp_batch::record::{Checker, Finding, Keep, Scratch, Severity, Verdict, record_ref};
use serde_json::{Value, json};
use uuid::Uuid;

const REF: &str = "1e20d1e1-07f0-4863-92f1-4d2e15c86a59";
const GUEST: &str = r#"{"ref":"1e20d1e1-07f0-4863-92f1-4d2e15c86a59","schema":"guest","mode":"upsert","value":{}}"#;

struct Outcome {
    verdict: Verdict,
    sent: String,
    findings: Vec<Finding>,
}

fn check(options: Value, line: &str) -> Outcome {
    let checker = Checker::new(&Options::from_map(options.as_object().unwrap()).unwrap()).unwrap();
    let mut scratch = Scratch::default();
    let verdict = checker.check(line.as_bytes(), &mut scratch);
    let sent = match verdict.keep {
        Keep::AsIs => line.into(),
        Keep::Replaced => String::from_utf8(scratch.replacement).unwrap(),
        Keep::Refused => {
            assert!(scratch.findings.iter().any(|finding| finding.severity == Severity::Error));
            String::new()
        }
    };
    Outcome { verdict, sent, findings: scratch.findings }
}

fn envelope(line: &str) -> Outcome {
    check(json!({}), line)
}

fn wrapped(line: &str) -> Outcome {
    check(json!({"schema": "guest", "mode": "upsert"}), line)
}

fn rules(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn a_good_record_is_sent_as_it_is() {
    let outcome = envelope(GUEST);
    assert_eq!(outcome.verdict, Verdict { record_ref: Some(REF.parse().unwrap()), keep: Keep::AsIs });
    assert_eq!(outcome.findings, []);
}

#[test]
fn a_ref_may_be_a_uuid_of_any_version_and_case() {
    for version in [
        "ace73c06-b361-11ed-afa1-0242ac120002",
        "888E80C5-370E-4EE8-80D7-3A89DC064509",
        "3ee694e5-0b77-2d1e-8a0c-0123456789ab",
        "21c1ff48-e039-5fd5-be8d-65f0fee545d4",
        "0190163d-8694-739b-aea5-966c26f8ad91",
    ] {
        let outcome = envelope(&GUEST.replace(REF, version));
        assert_eq!((outcome.verdict.keep, outcome.verdict.record_ref), (Keep::AsIs, version.parse().ok()));
    }
}

#[test]
fn each_fault_of_an_envelope_is_refused_by_its_rule() {
    for (line, rule) in [
        ("[1]", "envelope.object"),
        ("\"text\"", "envelope.object"),
        ("{}", "envelope.value"),
        (&GUEST.replace(REF, "12345"), "envelope.ref"),
        (&GUEST.replace(REF, "1e20d1e107f0486392f14d2e15c86a59"), "envelope.ref"),
        (&GUEST.replace(REF, "{1e20d1e1-07f0-4863-92f1-4d2e15c86a59}"), "envelope.ref"),
        (&GUEST.replace(&format!("\"{REF}\""), "null"), "envelope.ref"),
        (&GUEST.replace("guest", "gest"), "envelope.schema"),
        (&GUEST.replace("\"guest\"", "7"), "envelope.schema"),
        (&GUEST.replace("upsert", "Upsert"), "envelope.mode"),
        (&GUEST.replace("\"mode\"", "\"Mode\""), "envelope.mode"),
        (&GUEST.replace("guest", "order").replace("upsert", "gdpr_delete"), "envelope.pair"),
        (&GUEST.replace("{}", "[]"), "envelope.value"),
        (&GUEST.replace("\"value\"", "\"values\""), "envelope.value"),
        (&GUEST.replace("{}", "{},\"mode\":\"delete\""), "envelope.repeated"),
        (&GUEST.replace("{}", "{},\"m\\u006fde\":\"delete\""), "envelope.repeated"),
        (&GUEST[1..], "json.syntax"),
        (&format!("\u{feff}{GUEST}"), "json.bom"),
        (&GUEST.replace("{}", "{\"a\":NaN}"), "json.not_finite"),
        (&GUEST.replace("{}", &"[".repeat(100_000)), "json.depth"),
    ] {
        let outcome = envelope(line);
        assert_eq!(outcome.verdict.keep, Keep::Refused, "{line}");
        assert!(rules(&outcome).contains(&rule), "{line}: {:?}", outcome.findings);
    }
}

#[test]
fn a_finding_says_what_is_wrong_and_what_is_expected() {
    let message = |line: &str| envelope(line).findings.remove(0).message;
    assert_eq!(message(&GUEST.replace(REF, "12345")), "ref must be a UUID with hyphens, but is \"12345\"");
    assert_eq!(
        message(&GUEST.replace("guest", "gest")),
        "schema must be guest, order or migration, but is gest (did you mean guest?)"
    );
    assert_eq!(
        message(&GUEST.replace("guest", "order").replace("upsert", "gdpr_delete")),
        "schema order has no mode gdpr_delete: it has insert, upsert, delete"
    );
    assert_eq!(message(&GUEST.replace("{}", "null")), "value must be an object, but is null");
    assert_eq!(message(&GUEST[..40]), "the record ends in the middle of a value, at byte 41");
}

#[test]
fn what_the_documents_disagree_about_is_only_a_warning() {
    for (schema, mode) in [
        ("guest", "insert"),
        ("guest", "create"),
        ("guest", "merge"),
        ("order", "merge"),
        ("migration", "migration"),
        ("tracking", "insert"),
    ] {
        let outcome = envelope(&GUEST.replace("guest", schema).replace("upsert", mode));
        assert_eq!(outcome.verdict.keep, Keep::AsIs);
        assert_eq!(rules(&outcome), ["envelope.pair"]);
    }
    let outcome = envelope(&GUEST.replace("{}", "{},\"comment\":1"));
    assert_eq!((outcome.verdict.keep, rules(&outcome)), (Keep::AsIs, vec!["envelope.unknown"]));
}

#[test]
fn a_finding_is_the_same_object_in_every_language() {
    let finding = &envelope(&GUEST.replace(REF, "12345")).findings[0];
    assert_eq!(
        serde_json::to_value(finding).unwrap(),
        json!({"path": "$.ref", "rule": "envelope.ref", "severity": "error", "section": "protocol 3.2",
               "message": "ref must be a UUID with hyphens, but is \"12345\""})
    );
}

#[test]
fn a_record_without_a_ref_gets_one_and_is_otherwise_untouched() {
    let line = r#" {"schema" : "guest","mode":"upsert","value":{"a":1.50,"a":1E2}} "#;
    let members = r#""schema" : "guest","mode":"upsert","value":{"a":1.50,"a":1E2}"#;
    let expected = Uuid::new_v5(&NAMESPACE, members.as_bytes());
    let outcome = envelope(line);
    assert_eq!(outcome.sent, format!("{{\"ref\":\"{expected}\",{members}}}"));
    assert_eq!(outcome.verdict, Verdict { record_ref: Some(expected), keep: Keep::Replaced });
}

#[test]
fn a_bare_value_becomes_a_record_around_its_own_bytes() {
    let value = r#"{"email" : "a@example.com", "points":1.50, "big":12345678901234567890123, "n":"\u00e9"}"#;
    let outcome = wrapped(&format!("  {value}\t"));
    let reference = outcome.verdict.record_ref.unwrap();
    assert_eq!(outcome.sent, format!(r#"{{"ref":"{reference}","schema":"guest","mode":"upsert","value":{value}}}"#));
    assert_eq!(outcome.verdict.keep, Keep::Replaced);
    assert_eq!(envelope(&outcome.sent).verdict, Verdict { record_ref: Some(reference), keep: Keep::AsIs });
}

#[test]
fn a_record_has_the_same_ref_whether_it_came_whole_or_bare() {
    let bare = wrapped(r#"{"email":"a@example.com"}"#);
    let whole = envelope(r#"{"schema":"guest","mode":"upsert","value":{"email":"a@example.com"}}"#);
    assert_eq!(bare.sent, whole.sent);
    assert_ne!(bare.sent, wrapped(r#"{"email":"b@example.com"}"#).sent);
}

#[test]
fn the_namespace_of_refs_never_changes() {
    assert_eq!(NAMESPACE, Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"record.cdp-batch"));
}

#[test]
fn a_record_among_bare_values_is_not_wrapped_again() {
    assert_eq!(wrapped(GUEST).sent, GUEST);
    let order = GUEST.replace("guest", "order");
    assert_eq!(wrapped(&order).sent, order);
}

#[test]
fn a_faulty_record_among_bare_values_is_refused_and_not_wrapped() {
    for line in [
        r#"{"schema":"guest","mode":"upsert"}"#,
        r#"{"ref":"x","schema":"guest","mode":"upsert","value":{}}"#,
        r#"{"value":{}}"#,
    ] {
        assert_eq!(wrapped(line).verdict.keep, Keep::Refused, "{line}");
    }
}

#[test]
fn a_bare_value_may_have_a_column_called_ref_or_value() {
    for line in [r#"{"ref":"CRM-1"}"#, r#"{"value":30}"#, r#"{"mode":"car","ref":1}"#, "{}"] {
        assert_eq!(wrapped(line).verdict.keep, Keep::Replaced, "{line}");
    }
}

#[test]
fn the_ref_comes_from_the_field_that_is_named() {
    let options = json!({"schema": "guest", "mode": "upsert", "ref_field": "crm id"});
    let expected = Some(Uuid::new_v5(&NAMESPACE, b"0042"));
    for line in [
        r#"{"crm id":"0042","a":1}"#,
        r#"{"a":{"crm id":1},"crm id":0042}"#.replace("0042", "\"\\u0030042\"").as_str(),
        r#"{"schema":"guest","mode":"upsert","value":{"crm id":"0042"}}"#,
    ] {
        assert_eq!(check(options.clone(), line).verdict, Verdict { record_ref: expected, keep: Keep::Replaced });
    }
    let number = check(options.clone(), r#"{"crm id":12345678901234567890123.50}"#);
    assert_eq!(number.verdict.record_ref, Some(Uuid::new_v5(&NAMESPACE, b"12345678901234567890123.50")));
    for line in [r#"{"a":1}"#, r#"{"crm id":null}"#, r#"{"crm id":""}"#, r#"{"crm id":[1]}"#] {
        let outcome = check(options.clone(), line);
        assert_eq!((outcome.verdict.keep, rules(&outcome)), (Keep::Refused, vec!["wrap.ref_field"]), "{line}");
    }
}

#[test]
fn without_a_check_any_line_goes_through_untouched() {
    for line in [GUEST, "not json", "", "{}", "\u{0}"] {
        let outcome = check(json!({"check": "none"}), line);
        assert_eq!(outcome.verdict, Verdict { record_ref: None, keep: Keep::AsIs });
        assert_eq!(outcome.findings, []);
    }
}

#[test]
fn without_a_check_bare_values_are_still_wrapped_and_must_be_json_objects() {
    let none = |line: &str| check(json!({"check": "none", "schema": "guest", "mode": "insert"}), line);
    let outcome = none(r#"{"a":1}"#);
    assert_eq!((outcome.verdict.keep, rules(&outcome)), (Keep::Replaced, vec![]));
    assert_eq!(none(&GUEST.replace(REF, "12345")).verdict, Verdict { record_ref: None, keep: Keep::AsIs });
    assert_eq!(rules(&none("not json")), ["json.syntax"]);
    assert_eq!(rules(&none("[1]")), ["envelope.object"]);
}

#[test]
fn a_schema_or_mode_that_no_page_knows_is_an_invalid_option() {
    let error = |schema: &str, mode: &str| {
        let options = json!({"schema": schema, "mode": mode});
        Checker::new(&Options::from_map(options.as_object().unwrap()).unwrap()).unwrap_err()
    };
    let misspelt = error("guests", "upsert");
    assert_eq!(misspelt.kind(), cdp_batch::Kind::InvalidOptions);
    assert_eq!(misspelt.message(), "schema must be guest, order or migration, but is guests (did you mean guest?)");
    assert_eq!(error("order", "gdpr_delete").kind(), cdp_batch::Kind::InvalidOptions);
}

#[test]
fn a_scratch_is_emptied_by_each_check() {
    let checker = Checker::new(&Options::default()).unwrap();
    let mut scratch = Scratch::default();
    assert_eq!(checker.check(b"{}", &mut scratch).keep, Keep::Refused);
    assert_eq!(checker.check(GUEST.as_bytes(), &mut scratch).keep, Keep::AsIs);
    assert_eq!((scratch.findings.len(), scratch.replacement.len()), (0, 0));
}

#[test]
fn the_ref_of_a_kept_line_is_read_again_wherever_it_stands() {
    let reference = REF.parse().ok();
    assert_eq!(record_ref(GUEST.as_bytes()), reference);
    assert_eq!(record_ref(format!(r#" {{"value":{{"ref":"x"}},"r\u0065f":"{REF}"}}"#).as_bytes()), reference);
    for line in ["", "not json", "{}", "[1]", r#"{"value":{"ref":1}}"#, r#"{"ref":null}"#, r#"{"a":,"#] {
        assert_eq!(record_ref(line.as_bytes()), None, "{line}");
    }
}
