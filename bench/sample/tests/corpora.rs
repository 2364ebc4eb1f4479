//! What every corpus promises: valid records, the stated size, the same bytes for the same seed.
#![expect(clippy::unwrap_used, reason = "tests")]

use cdp_batch_sample::{Amount, Corpus, Defect, Guests, Orders, Shorts, write};
use serde_json::Value;

fn lines(mut corpus: impl Corpus, records: u64) -> Vec<String> {
    let mut out = Vec::new();
    let written = write(&mut out, &mut corpus, Amount::Records(records)).unwrap();
    assert_eq!((written.records, written.bytes), (records, out.len() as u64));
    String::from_utf8(out).unwrap().lines().map(String::from).collect()
}

fn mean_size(lines: &[String]) -> usize {
    lines.iter().map(|line| line.len() + 1).sum::<usize>() / lines.len()
}

#[test]
fn records_have_the_size_that_is_documented() {
    for (lines, low, high) in [
        (lines(Guests::new(1), 2_000), 1_200, 1_400),
        (lines(Orders::new(1), 2_000), 1_550, 1_750),
        (lines(Shorts::new(1), 2_000), 210, 230),
    ] {
        assert!((low..high).contains(&mean_size(&lines)), "{} bytes a record", mean_size(&lines));
    }
}

#[test]
fn every_record_is_one_json_object_with_a_ref_of_its_own() {
    for lines in [lines(Guests::new(2), 500), lines(Orders::new(2), 500), lines(Shorts::new(2), 500)] {
        let refs = lines.iter().map(|line| {
            let record: Value = serde_json::from_str(line).unwrap();
            assert!(record["value"].is_object());
            record["ref"].as_str().unwrap().to_owned()
        });
        assert_eq!(refs.collect::<std::collections::HashSet<_>>().len(), 500);
    }
}

#[test]
fn guests_have_between_ten_and_thirty_attributes_and_identifiers_of_their_own() {
    let mut ids = std::collections::HashSet::new();
    for line in lines(Guests::new(3), 500) {
        let value = serde_json::from_str::<Value>(&line).unwrap()["value"].take();
        let attributes = value["extensions"][0].as_object().unwrap().len() - 2;
        assert!((10..=30).contains(&attributes));
        assert!(ids.insert(value["identifiers"][0]["id"].to_string()));
        assert!(value["firstSeen"].as_str() <= value["lastSeen"].as_str());
    }
}

#[test]
fn an_orders_price_is_the_sum_of_its_items() {
    for line in lines(Orders::new(4), 200) {
        let order = serde_json::from_str::<Value>(&line).unwrap()["value"].take();
        let items = order["orderItems"].as_array().unwrap().iter();
        let sum: f64 = items.map(|item| item["price"].as_f64().unwrap() * item["quantity"].as_f64().unwrap()).sum();
        assert!((sum - order["price"].as_f64().unwrap()).abs() < 0.001);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    assert_eq!(lines(Guests::new(5), 50), lines(Guests::new(5), 50));
    assert_ne!(lines(Guests::new(5), 50), lines(Guests::new(6), 50));
}

#[test]
fn each_defect_comes_in_turn_and_leaves_the_line_count_alone() {
    let lines = lines(Guests::new(7).with_defect_every(10), 80);
    assert_eq!(lines.len(), 80);
    for (defect, line) in Defect::ALL.iter().zip(lines.iter().skip(9).step_by(10)) {
        let record: Option<Value> = serde_json::from_str(line).ok();
        let is_defective = match (defect, &record) {
            (Defect::CutLine, record) => record.is_none(),
            (Defect::RefNotUuid, Some(record)) => record["ref"] == "guest-30",
            (Defect::UnknownSchema, Some(record)) => record["schema"] == "gest",
            (Defect::ValueNotObject, Some(record)) => record["value"].is_string(),
            (Defect::NoIdentity, Some(record)) => record["value"]["identifiers"].is_null(),
            (Defect::NestedAttribute, Some(record)) => record["value"]["extensions"][0]["loyaltyPoints"].is_object(),
            (Defect::GuestType, Some(record)) => record["value"]["guestType"] == "visitor",
            (Defect::Insert, Some(record)) => record["mode"] == "insert",
            (_, None) => false,
        };
        assert!(is_defective, "{defect:?}: {line}");
    }
}

#[test]
fn an_amount_in_bytes_is_reached_by_the_fewest_records() {
    let mut out = Vec::new();
    let written = write(&mut out, &mut Shorts::new(8), Amount::Bytes(1_000_000)).unwrap();
    let last = out[..out.len() - 1].rsplit(|byte| *byte == b'\n').next().unwrap().len() + 1;
    assert!(written.bytes >= 1_000_000 && written.bytes - (last as u64) < 1_000_000);
}
