//! What must hold of the check of records, whatever a line holds.

use cdp_batch::Options;
use cdp_batch::record::scan::scan;
use cdp_batch::record::{Checker, Scratch};
use serde_json::Value;

/// A text is JSON exactly if a strict parser reads it, also as a value inside a record, also where white space keeps the
/// quick way from being taken; and a record is judged the same whatever was judged before it.
pub fn records(text: &[u8]) {
    let agrees = |text: &[u8]| {
        let is_json = scan(text, |_| ()).is_ok();
        match serde_json::from_slice::<Value>(text) {
            Ok(_) => assert!(is_json),
            // The one exception: such a number is JSON.
            Err(reason) => assert!(!is_json || reason.to_string().starts_with("number out of range"), "{reason}"),
        }
        is_json
    };
    agrees(text);
    let head = br#"{"ref":"1e20d1e1-07f0-4863-92f1-4d2e15c86a59","schema":"guest","mode":"upsert","value":"#;
    let line = [head.as_slice(), text, b"}"].concat();
    let is_json = agrees(&line);
    if let [open @ (b'{' | b'['), rest @ ..] = text {
        let spaced = [head.as_slice(), &[*open, b' '], rest, b"}"].concat();
        assert_eq!(agrees(&spaced), is_json);
    }
    let Ok(checker) = Checker::new(&Options::default()) else { return };
    let good = [head.as_slice(), b"{}}"].concat();
    let (mut fresh, mut used) = (Scratch::default(), Scratch::default());
    checker.check(&good, &mut used);
    for line in [&line, text] {
        assert_eq!(checker.check(line, &mut used), checker.check(line, &mut fresh));
        assert_eq!(used.findings, fresh.findings);
        assert_eq!(used.replacement, fresh.replacement);
        checker.check(&good, &mut used);
        fresh = Scratch::default();
    }
}
