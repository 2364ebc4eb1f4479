//! `check = model`: values against the tables of the documents.
#![expect(clippy::unwrap_used, reason = "tests")]

use cdp_batch::Options;
use cdp_batch::record::Severity::{Error, Warning};
use cdp_batch::record::{Checker, Finding, Keep, Scratch, Severity};
use serde_json::{Value, json};

const REF: &str = "17AC5C03-F7A1-461F-A3B1-C96F43143522";

fn findings_of(line: &str) -> Vec<Finding> {
    let options = Options::from_map(json!({"check": "model"}).as_object().unwrap()).unwrap();
    let mut scratch = Scratch::default();
    let verdict = Checker::new(&options).unwrap().check(line.as_bytes(), &mut scratch);
    let refused = scratch.findings.iter().any(|finding| finding.severity == Error);
    assert_eq!(verdict.keep, if refused { Keep::Refused } else { Keep::AsIs });
    scratch.findings
}

fn review(schema: &str, mode: &str, value: &Value) -> Vec<Finding> {
    findings_of(&json!({"ref": REF, "schema": schema, "mode": mode, "value": value}).to_string())
}

fn guest() -> Value {
    json!({
        "firstSeen": "2025-03-07T16:15:11.000Z", "lastSeen": "2025-08-23T16:17:16.000Z", "guestType": "customer",
        "title": "Ms", "firstName": "Jane", "lastName": "Doe", "gender": "female", "dateOfBirth": "1985-12-24T00:00Z",
        "email": "jane.doe@example.com", "phoneNumbers": ["+353161123345", "+353861123311"], "language": "EN",
        "nationality": "Irish", "passportNumber": "PZ4A9526", "passportExpiry": "2020-12-24T00:00Z",
        "street": ["Apartment 15", "West Drive Avenue"], "city": "Dublin", "country": "IE", "postCode": "D2",
        "state": "Dublin",
        "identifiers": [{"provider": "CRM_SYSTEM", "id": "123", "expiryDate": "2025-08-23T16:17:16.000Z"}],
        "extensions": [{"name": "ext", "key": "default", "loyaltyNumber": "1234", "vip": true, "age": 9, "score": 99.9}]
    })
}

fn order() -> Value {
    json!({
        "referenceId": "B94TXY-1", "channel": "WEB", "pointOfSale": "myretailsite.com", "status": "PURCHASED",
        "orderedAt": "2025-03-07T16:15:11.000Z", "currencyCode": "EUR", "price": 30.6, "paymentType": "Card",
        "cardType": "Visa",
        "contact": {"title": "Mr", "firstName": "John", "lastName": "Does", "gender": "male", "email": "j@example.com",
                    "dateOfBirth": "1985-12-24T00:00Z", "phoneNumbers": ["+353161123345"],
                    "identifiers": [{"provider": "EMAIL", "id": "j@example.com"}]},
        "extensions": [{"name": "ext", "key": "default", "giftWrapped": false}],
        "orderItems": [{
            "type": "FLIGHT", "productId": "DUB-LAS", "name": "flight", "description": "individualSegments",
            "vendor": "Company ABC", "orderedAt": "2025-03-07T16:15:11.000Z", "quantity": 2, "price": -45,
            "currencyCode": "EUR", "originalPrice": 100, "originalCurrencyCode": "EUR", "referenceId": "B94TXY-1",
            "status": "PURCHASED", "consumerTypeCode": "ADT",
            "extensions": [{"name": "ext", "key": "default", "seat": "12A"}],
            "flightSegments": [{"id": "1234", "origin": "DUB", "destination": "LHR", "carrier": "FR",
                "departureDateTime": "2025-08-23T16:17Z", "arrivalDateTime": "2025-08-23T18:17Z",
                "flightNumber": "12345", "fareClass": "Economy", "fareFamily": "Plus", "originDestination": "DUB-LHR"}]
        }]
    })
}

fn migration() -> Value {
    json!({"migrateFrom": {"identifiers": [{"provider": "IDENTITY_SYSTEM", "id": "BX_201504"}]},
           "migrateTo": {"identifiers": [{"provider": "IDENTITY_SYSTEM", "id": "BX_201505"}]}})
}

#[test]
fn the_records_of_the_documents_pass_without_a_finding() {
    let lines = [
        r#"{"ref":"ace73c06-b361-11ed-afa1-0242ac120002","schema":"guest","mode":"upsert","value":{"guestType":"customer","identifiers":[{"provider":"email","id":"a@example.com"}],"extensions":[{"name":"ext","key":"default","loyaltyNumber":"1234"}]}}"#,
        r#"{"ref":"888E80C5-370E-4EE8-80D7-3A89DC064509","schema":"migration","mode":"guest","value":{"migrateFrom":{"identifiers":[{"provider":"IDENTITY_SYSTEM","id":"BX_201504"}]},"migrateTo":{"identifiers":[{"provider":"IDENTITY_SYSTEM","id":"BX_201505"}]}}}"#,
    ];
    for line in lines {
        assert_eq!(findings_of(line), []);
    }
    for (schema, mode, value) in [
        ("guest", "upsert", guest()),
        ("guest", "delete", json!({"identifiers": [{"provider": "CRM_SYSTEM", "id": "123"}]})),
        ("guest", "gdpr_delete", json!({"identifiers": [{"provider": "CRM_SYSTEM", "id": "123"}]})),
        ("order", "insert", order()),
        ("order", "delete", json!({"referenceId": "B94TXY-1"})),
        (
            "order",
            "delete",
            json!({"referenceId": "B94TXY-1", "orderedAt": "2025-03-07T16:15:11.000Z", "orderRef": "x"}),
        ),
        ("migration", "guest", migration()),
    ] {
        assert_eq!(review(schema, mode, &value), [], "{schema} {mode}");
    }
}

#[test]
fn an_order_of_the_older_model_passes_with_warnings_only() {
    let consumer = r#"[{"firstName":"Ann","passportNumber":"PZ4A9526","orderItems":[{"referenceId":"B94TXY-1"}]}]"#;
    let older = changed(&changed(&order(), "channel", "-"), "pointOfSale", "-");
    assert_eq!(
        rules(&review("order", "insert", &changed(&older, "consumers", consumer))),
        [("$.value.channel", "order.channel", Warning), ("$.value.pointOfSale", "order.pointOfSale", Warning)]
    );
}

fn rules(findings: &[Finding]) -> Vec<(&str, &str, Severity)> {
    findings.iter().map(|finding| (finding.path.as_str(), finding.rule, finding.severity)).collect()
}

/// `base` with the value at this path replaced, or removed by `-`.
fn changed(base: &Value, path: &str, json: &str) -> Value {
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut value = base.clone();
    match value.pointer_mut(parent).unwrap() {
        Value::Array(elements) => elements[name.parse::<usize>().unwrap()] = serde_json::from_str(json).unwrap(),
        object if json == "-" => drop(object.as_object_mut().unwrap().remove(name)),
        object => drop(object.as_object_mut().unwrap().insert(name.into(), serde_json::from_str(json).unwrap())),
    }
    value
}

/// Each row of the table: a path below `value`, what to put there, and the severity and rule of the one finding there.
fn assert_each(schema: &str, mode: &str, base: &Value, table: &str) {
    for row in table.lines().filter(|row| !row.is_empty()) {
        let [path, severity, rule, json] = row.splitn(4, ' ').collect::<Vec<_>>().try_into().unwrap();
        let severity = if severity == "error" { Error } else { Warning };
        let findings = review(schema, mode, &changed(base, path, json));
        assert_eq!(rules(&findings), [(format!("$.value.{path}").as_str(), rule, severity)], "{row}: {findings:#?}");
    }
}

#[test]
fn each_rule_of_a_guest_is_held() {
    let table = r#"
guestType error guest.guestType "visitor"
guestType warning guest.guestType -
gender error guest.gender "Male"
title warning guest.title "Mx"
title error guest.title 1
firstName error guest.firstName 5
firstSeen error guest.firstSeen "yesterday"
firstSeen error guest.firstSeen "2025-02-30T00:00:00Z"
firstSeen warning guest.firstSeen "2025-03-07T16:15:11"
firstSeen warning guest.firstSeen "2025-03-07T16:15:11+01:00"
firstSeen warning guest.firstSeen "2025-03-07 16:15:11Z"
lastSeen error guest.lastSeen 1741364111000
dateOfBirth warning guest.dateOfBirth "1985-12-24T00:00:00.000Z"
dateOfBirth warning guest.dateOfBirth "1985-12-24"
dateOfBirth error guest.dateOfBirth "24/12/1985"
passportExpiry warning guest.passportExpiry "2020-12-24T00:00:00Z"
email warning guest.email "a@example.com,b@example.com"
email warning guest.email "a@example.com b@example.com"
email warning guest.email "nobody"
email warning guest.email null
phoneNumbers error guest.phoneNumbers "+353161123345"
phoneNumbers[1] error guest.phoneNumbers 353
street error guest.street "West Drive Avenue"
language error guest.language "English"
country warning guest.country "IRL"
postCode warning guest.postCode 2
postcode warning model.unknown "D2"
subscriptions warning guest.subscriptions {}
identifiers warning guest.identifiers -
identifiers error guest.identifiers {}
identifiers[0] error guest.identifiers "123"
identifiers[0].provider error identifier.provider -
identifiers[0].id error identifier.id ""
identifiers[0].id error identifier.id 123
identifiers[0].expiryDate error identifier.expiryDate "never"
identifiers[0].Id warning model.unknown "123"
"#;
    assert_each("guest", "upsert", &guest(), table);
}

/// A group of this many attributes.
fn group(attributes: usize) -> Value {
    let attributes = (0..attributes).map(|number| (format!("a{number}"), json!(number)));
    Value::Object(attributes.chain([("name".into(), json!("ext")), ("key".into(), json!("default"))]).collect())
}

#[test]
fn each_rule_of_a_data_extension_is_held() {
    let table = r#"
extensions error guest.extensions {}
extensions[0] error guest.extensions 1
extensions[0].name error extension.name "ext6"
extensions[0].name error extension.name -
extensions[0].key error extension.key "other"
extensions[0].loyalty_number error extension.attribute 1
extensions[0].größe error extension.attribute 1
extensions[0].optIn warning extension.boolean "True"
extensions[0].tags warning extension.value ["a"]
extensions[0].balance warning extension.value {}
extensions[0].vip warning extension.value null
"#;
    assert_each("guest", "upsert", &guest(), table);
    assert_each("order", "insert", &order(), "extensions[0].name error extension.name \"ext1\"");
    for (schema, mode, base, path, most) in [
        ("guest", "upsert", guest(), "extensions[0]", 100),
        ("order", "insert", order(), "extensions[0]", 50),
        ("order", "insert", order(), "orderItems[0].extensions[0]", 50),
    ] {
        assert_eq!(review(schema, mode, &changed(&base, path, &group(most).to_string())), []);
        assert_each(schema, mode, &base, &format!("{path} error extension.attributes {}", group(most + 1)));
    }
}

#[test]
fn an_extension_attribute_in_two_groups_is_a_warning() {
    let groups = r#"[{"name":"ext","key":"default","tier":1},{"name":"ext1","key":"default","tier":2}]"#;
    let findings = review("guest", "upsert", &changed(&guest(), "extensions", groups));
    let place = "$.value.extensions";
    assert_eq!(rules(&findings), [(place, "extension.groups", Warning), (place, "extension.repeated", Warning)]);
    assert_eq!(findings[0].section, "protocol 4.2");
}

#[test]
fn each_rule_of_an_order_is_held() {
    let table = r#"
referenceId error order.referenceId -
referenceId error order.referenceId 94
referenceId error order.referenceId ""
referenceId error order.referenceId null
channel error order.channel "SHOP"
status error order.status -
status error order.status "purchased"
orderedAt error order.orderedAt -
currencyCode error order.currencyCode "Euro"
price error order.price "30.6"
price error order.price -
paymentType warning order.paymentType "Bitcoin"
cardType error order.cardType -
cardType warning order.cardType "Maestro"
contact error order.contact -
contact error order.contact []
contact error order.contact {}
orderItems error order.orderItems -
orderItems error order.orderItems []
orderContact warning model.unknown {}
contact.gender warning contact.gender "Male"
contact.identifiers[0].id warning identifier.id -
orderItems[0].type error item.type -
orderItems[0].quantity error item.quantity "2"
orderItems[0].originalCurrencyCode warning item.originalCurrencyCode "Euro"
orderItems[0].flightSegments[0].origin error segment.origin "Dublin"
orderItems[0].flightSegments[0].carrier error segment.carrier -
orderItems[0].flightSegments[0].departureDateTime error segment.departureDateTime "16:17"
orderItems[0].flightSegments[0].bookingClass warning segment.bookingClass 1
"#;
    assert_each("order", "insert", &order(), table);
}

#[test]
fn the_limits_of_an_order_are_held() {
    for (length, expected) in [(128, vec![]), (129, vec![("$.value.orderItems[0].name", "item.name", Error)])] {
        let name = json!("é".repeat(length)).to_string();
        assert_eq!(rules(&review("order", "insert", &changed(&order(), "orderItems[0].name", &name))), expected);
    }
    for (count, expected) in [(100, vec![]), (101, vec![("$.value.orderItems", "order.orderItems", Warning)])] {
        let items = json!(vec![order()["orderItems"][0].clone(); count]).to_string();
        assert_eq!(rules(&review("order", "insert", &changed(&order(), "orderItems", &items))), expected);
    }
    let cash = changed(&changed(&order(), "paymentType", "\"Cash\""), "cardType", "-");
    assert_eq!(review("order", "insert", &cash), []);
}

#[test]
fn an_order_to_upsert_needs_less_and_its_items_are_disputed() {
    let less = json!({"referenceId": "B94TXY-1", "channel": "WEB", "pointOfSale": "x", "orderedAt": "2025-03-07T16:15:11.000Z",
                      "contact": {"email": "j@example.com"}});
    let disputed = [("$.value.orderItems", "order.orderItems", Warning)];
    assert_eq!(rules(&review("order", "upsert", &less)), disputed);
    let items = changed(&less, "orderItems", r#"[{"referenceId":"B94TXY-1"}]"#);
    assert_eq!(rules(&review("order", "upsert", &items)), disputed);
    let without = changed(&less, "referenceId", "-");
    assert!(rules(&review("order", "upsert", &without)).contains(&("$.value.referenceId", "order.referenceId", Error)));
}

#[test]
fn each_rule_of_deletes_and_migrations_is_held() {
    let identified = json!({"identifiers": [{"provider": "CRM_SYSTEM", "id": "123"}], "email": "a@example.com"});
    let table = "
identifiers[0].provider error identifier.provider -
identifiers warning guest.identifiers -
";
    assert_each("guest", "delete", &identified, table);
    let table = r#"
referenceId error order_delete.referenceId -
orderedAt error order_delete.orderedAt "May"
orderRef warning order_delete.orderRef 7
"#;
    assert_each("order", "delete", &json!({"referenceId": "B94TXY-1"}), table);
    let table = r#"
migrateFrom error migration.migrateFrom -
migrateTo error migration.migrateTo "BX_201505"
migrateTo.identifiers error party.identifiers []
migrateTo.identifiers[0].id error identifier.id -
"#;
    assert_each("migration", "guest", &migration(), table);
}

#[test]
fn tracking_is_checked_but_never_refused() {
    let value = json!({"serviceIdentifier": 1, "occurredAt": "now", "channel": "EMAIL", "type": "SENT",
                       "utms": {"utm_medium": "email"}, "feedback": []});
    let findings = review("tracking", "insert", &value);
    assert!(findings.iter().all(|finding| finding.severity == Warning), "{findings:#?}");
    let expected = ["envelope.pair", "tracking.feedback", "tracking.occurredAt", "tracking.serviceIdentifier"];
    assert_eq!(findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), expected);
}

#[test]
fn names_alone_do_not_identify_a_guest() {
    for mode in ["upsert", "delete", "gdpr_delete"] {
        for value in
            [json!({}), json!({"firstName": "Jane", "lastName": "Doe"}), json!({"identifiers": [], "email": ""})]
        {
            let findings = review("guest", mode, &value);
            let identity = findings.iter().find(|finding| finding.rule == "guest.identity").unwrap();
            assert_eq!((identity.path.as_str(), identity.severity), ("$.value", Error), "{mode} {value}");
        }
    }
}

#[test]
fn a_message_names_the_attribute_the_rule_and_the_value() {
    let message = |path: &str, json: &str| review("guest", "upsert", &changed(&guest(), path, json)).remove(0).message;
    assert_eq!(message("gender", "\"Male\""), "gender must be male, female or unknown, but is \"Male\"");
    assert_eq!(message("postCode", "2"), "postCode must be a string, but is 2 (no current page confirms it)");
    assert_eq!(message("postcode", "2"), "no page knows the attribute postcode (did you mean postCode?)");
    assert_eq!(
        message("dateOfBirth", "\"24/12/1985\""),
        "dateOfBirth must be an ISO 8601 date-time in UTC such as 1985-12-24T00:00Z, but is \"24/12/1985\""
    );
    assert_eq!(
        message("dateOfBirth", "\"1985-12-24T00:00:00.000Z\""),
        "dateOfBirth should have no milliseconds, as in 1985-12-24T00:00Z, but is \"1985-12-24T00:00:00.000Z\""
    );
    assert_eq!(message("identifiers[0].id", "-"), "id is missing");
    assert_eq!(message("email", "null"), "email is null: no page says what that does, so leave it out");
    let long = message("email", &json!(["x".repeat(100)]).to_string());
    assert_eq!(long, format!("email must be a string, but is [\"{}...", "x".repeat(38)));
}

#[test]
fn a_name_that_is_there_twice_or_escaped_is_still_seen() {
    let findings = |members: &str| {
        let known = r#""guestType":"customer","identifiers":[{"provider":"a","id":"b"}]"#;
        findings_of(&format!(r#"{{"ref":"{REF}","schema":"guest","mode":"upsert","value":{{{known},{members}}}}}"#))
    };
    assert_eq!(rules(&findings(r#""city":"Cork","city":"Dublin""#)), [("$.value.city", "guest.city", Warning)]);
    assert_eq!(rules(&findings(r#""\u0065mail":5"#)), [("$.value.email", "guest.email", Error)]);
}

#[test]
fn a_bare_value_is_held_against_the_same_tables() {
    let options = json!({"check": "model", "schema": "guest", "mode": "upsert"});
    let checker = Checker::new(&Options::from_map(options.as_object().unwrap()).unwrap()).unwrap();
    let mut scratch = Scratch::default();
    assert_eq!(checker.check(guest().to_string().as_bytes(), &mut scratch).keep, Keep::Replaced);
    let bad = changed(&guest(), "gender", "\"Male\"");
    assert_eq!(checker.check(bad.to_string().as_bytes(), &mut scratch).keep, Keep::Refused);
    assert_eq!(rules(&scratch.findings), [("$.value.gender", "guest.gender", Error)]);
}

#[test]
fn a_hostile_record_has_a_bounded_number_of_findings_and_is_still_refused() {
    let value = json!({"identifiers": guest()["identifiers"], "zz": 1, "phoneNumbers": vec![1; 10_000], "guestType": "customer"});
    assert_eq!(review("guest", "upsert", &value).len(), 100);
    let mut members: Vec<String> = (0..5_000).map(|number| format!("\"unknown{number}\":1")).collect();
    members.push("\"gender\":\"Male\"".into());
    let line = format!(r#"{{"ref":"{REF}","schema":"guest","mode":"upsert","value":{{{}}}}}"#, members.join(","));
    let findings = findings_of(&line);
    assert_eq!((findings.len(), findings[100].rule, findings[100].severity), (101, "guest.gender", Error));
}
