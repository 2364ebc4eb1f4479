//! One line, one verdict.

use super::*;

/// Judges the lines as one batch; gives "code message" each.
fn judge(lines: &[&str]) -> Vec<String> {
    let mut world = World::default();
    let mut judge = Judge::new(&mut world);
    let verdict = |line: &&str| {
        let (_, verdict) = judge.judge(line.as_bytes(), None);
        format!("{} {}", verdict.code, verdict.message)
    };
    lines.iter().map(verdict).collect()
}

fn record(n: u32, schema: &str, mode: &str, value: &str) -> String {
    format!(r#"{{"ref":"ace73c06-b361-11ed-afa1-{n:012}","schema":"{schema}","mode":"{mode}","value":{value}}}"#)
}

/// The verdict on a single record.
fn one(schema: &str, mode: &str, value: &str) -> String {
    judge(&[&record(1, schema, mode, value)]).remove(0)
}

const ID: &str = r#""identifiers":[{"provider":"CRM","id":"1"}]"#;

fn guest(attributes: &str) -> String {
    one("guest", "upsert", &format!("{{{ID}{attributes}}}"))
}

#[test]
fn lines_that_are_no_record_fail_to_parse() {
    for line in ["", "[]", "{", "null", "{\"ref\":1}x", "\u{feff}{}"] {
        assert_eq!(judge(&[line]), ["400 Failed to parse import line"], "{line:?}");
    }
    let mut world = World::default();
    assert_eq!(Judge::new(&mut world).judge(b"{\"ref\":\"\xff\"}", None), (None, NOT_A_RECORD));
}

#[test]
fn the_envelope_needs_a_uuid_once_a_known_schema_and_an_object() {
    assert_eq!(judge(&["{}"]), ["400 Validation error"]);
    assert_eq!(judge(&[r#"{"ref":"17","schema":"guest","mode":"upsert","value":{}}"#]), ["400 Validation error"]);
    assert_eq!(one("product", "upsert", "{}"), "400 Validation error");
    assert_eq!(one("guest", "upsert", "[]"), "400 Validation error");
    let good = record(1, "guest", "upsert", &format!("{{{ID}}}"));
    assert_eq!(judge(&[&good, &good]), ["200 OK", "400 Validation error"]);
    assert_eq!(judge(&[&good, &good.replace("ace73c06", "ACE73C06")])[1], "400 Validation error");
}

#[test]
fn modes_are_those_of_the_documents() {
    for (schema, mode) in [("guest", "insert"), ("guest", "replace"), ("order", "gdpr_delete"), ("migration", "upsert")]
    {
        assert_eq!(one(schema, mode, "{}"), "402 Unsupported mode", "{schema} {mode}");
    }
    assert_eq!(one("tracking", "insert", "{}"), "200 OK");
}

#[test]
fn a_guest_needs_a_complete_identifier() {
    for identifiers in
        ["", r#""identifiers":[]"#, r#""identifiers":[{"provider":"CRM"}]"#, r#""email":"a@example.com""#]
    {
        let verdict = one("guest", "upsert", &format!("{{{identifiers}}}"));
        assert_eq!(verdict, "400 Not enough identifying information", "{identifiers}");
    }
    assert_eq!(one("guest", "delete", "{}"), "400 Not Enough Identifying Info");
    assert_eq!(
        one("migration", "guest", &format!(r#"{{"migrateFrom":{{{ID}}}}}"#)),
        "400 Identity information missing"
    );
}

#[test]
fn guest_attributes_have_their_documented_types() {
    for good in [
        r#","guestType":"customer","gender":"female","dateOfBirth":"1985-12-24T00:00Z""#,
        r#","phoneNumbers":["+353"],"street":["a","b"],"city":null,"lastSeen":"2025-08-23T16:17:16.000Z""#,
        r#","extensions":[{"name":"ext","key":"default","a":"x","b":true,"c":9,"d":1e400}]"#,
        r#","extensions":[{"name":"ext5","key":"default"}],"somethingNew":{"a":[]}"#,
    ] {
        assert_eq!(guest(good), "200 OK", "{good}");
    }
    for bad in [
        r#","guestType":"visitor""#,
        r#","firstName":7"#,
        r#","dateOfBirth":"24.12.1985""#,
        r#","phoneNumbers":"+353""#,
        r#","extensions":{"name":"ext","key":"default"}"#,
        r#","extensions":[{"name":"ext6","key":"default"}]"#,
        r#","extensions":[{"name":"ext","key":"other"}]"#,
        r#","extensions":[{"name":"ext","key":"default","a":null}]"#,
        r#","extensions":[{"name":"ext","key":"default","a":[1]}]"#,
        r#","extensions":[{"name":"ext","key":"default","a_b":1}]"#,
    ] {
        assert_eq!(guest(bad), "400 Validation error", "{bad}");
    }
}

#[test]
fn nesting_of_any_depth_is_survived() {
    let deep = format!(",\"somethingNew\":{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(guest(&deep), "200 OK");
    assert_eq!(guest(&deep.replace("somethingNew", "extensions")), "400 Validation error");
}

#[test]
fn an_extension_group_has_at_most_100_attributes() {
    let group = |count: usize| {
        let attributes: String = (0..count).map(|n| format!(",\"a{n}\":1")).collect();
        guest(&format!(r#","extensions":[{{"name":"ext","key":"default"{attributes}}}]"#))
    };
    assert_eq!((group(100), group(101)), ("200 OK".into(), "400 Validation error".into()));
}

#[test]
fn deleting_finds_only_guests_that_exist() {
    let other = ID.replace("\"1\"", "\"2\"");
    let both = r#"{"identifiers":[{"provider":"CRM","id":"1"},{"provider":"CRM","id":"2"}]}"#;
    let lines = [
        record(1, "guest", "delete", &format!("{{{ID}}}")),
        record(2, "guest", "upsert", &format!("{{{ID}}}")),
        record(3, "guest", "create", &format!("{{{ID}}}")),
        record(4, "guest", "upsert", &format!("{{{other}}}")),
        record(5, "guest", "gdpr_delete", both),
        record(6, "guest", "delete", both),
        record(7, "guest", "delete", both),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(
        judge(&lines),
        [
            "404 Guest not found",
            "200 OK",
            "409 Identity already exists",
            "200 OK",
            "200 2 matches found for this guest, 1st match deleted",
            "200 Guest and associated entities deleted",
            "404 Guest not found",
        ]
    );
}

#[test]
fn a_migrated_guest_is_gone_under_the_old_identifier() {
    let other = ID.replace("\"1\"", "\"2\"");
    let lines = [
        record(1, "guest", "upsert", &format!("{{{ID}}}")),
        record(2, "migration", "guest", &format!(r#"{{"migrateFrom":{{{ID}}},"migrateTo":{{{other}}}}}"#)),
        record(3, "guest", "delete", &format!("{{{ID}}}")),
        record(4, "guest", "delete", &format!("{{{other}}}")),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(judge(&lines)[2..], ["404 Guest not found", "200 Guest and associated entities deleted"]);
}

#[test]
fn orders_need_what_the_documents_require_and_are_deleted_by_reference_and_date() {
    let order = |at: &str| {
        format!(
            r#"{{"referenceId":"B1","channel":"WEB","pointOfSale":"shop","orderedAt":"{at}","contact":{{{ID}}},
            "status":"PURCHASED","currencyCode":"EUR","price":9.50,"paymentType":"Cash","orderItems":[]}}"#
        )
    };
    let (first, second) = (order("2025-03-07T16:15:11.000Z"), order("2025-04-07T16:15:11.000Z"));
    let lines = [
        record(1, "order", "insert", &first),
        record(2, "order", "upsert", &second),
        record(3, "order", "delete", r#"{"referenceId":"B1"}"#),
        record(4, "order", "delete", r#"{"referenceId":"B1","orderedAt":"2025-03-07T20:00:00.000Z"}"#),
        record(5, "order", "delete", r#"{"referenceId":"B1"}"#),
        record(6, "order", "delete", r#"{"referenceId":"B1"}"#),
        record(7, "order", "insert", &first.replace("Cash", "Card")),
        record(8, "order", "insert", &first.replace("9.50", "\"9.50\"")),
        record(9, "order", "upsert", &first.replace("identifiers", "nothing")),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let verdicts = judge(&lines);
    assert_eq!(verdicts[..2], ["200 OK", "200 OK"]);
    assert!(verdicts[2].starts_with("400 More than one order exists"));
    assert_eq!(verdicts[3], "200 Order and associated entities deleted");
    assert_eq!(verdicts[4], "200 Order and associated entities deleted");
    assert!(verdicts[5].starts_with("404 No order found"));
    assert_eq!(verdicts[6], "400 Validation error");
    assert_eq!(verdicts[7], "400 Validation error");
    assert_eq!(verdicts[8], "400 Not enough identifying information");
}
