//! Patterns: JSON that an answer must fit. A plain value must be equal, an object holds the members that must be there,
//! an array its elements in order, and an object whose keys start with `$` is a matcher (see [`MATCHERS`]).

use std::collections::BTreeMap;

use serde_json::Value;

/// Values kept under a name: for later patterns, and for later requests.
pub(crate) type Saved = BTreeMap<String, Value>;

/// One way to look at a value: its argument, the value, the path for messages, what is saved.
type Matcher = fn(&Value, &Value, &str, &mut Saved) -> Vec<String>;

/// Every matcher. Several in one object must all hold.
const MATCHERS: &[(&str, Matcher)] = &[
    ("$any", |_, _, _, _| Vec::new()),
    ("$absent", |_, actual, path, _| verdict(actual.is_null(), path, "nothing", actual)),
    ("$contains", |wanted, actual, path, _| {
        let text = text(actual);
        texts(wanted)
            .filter(|part| !text.contains(*part))
            .map(|part| told(path, &format!("…{part}…"), actual))
            .collect()
    }),
    ("$lacks", |unwanted, actual, path, _| {
        let text = text(actual);
        texts(unwanted)
            .filter(|part| text.contains(*part))
            .map(|part| told(path, &format!("no {part}"), actual))
            .collect()
    }),
    ("$min", |bound, actual, path, _| {
        verdict(number(actual) >= number(bound), path, &format!("at least {bound}"), actual)
    }),
    ("$max", |bound, actual, path, _| {
        verdict(number(actual) <= number(bound), path, &format!("at most {bound}"), actual)
    }),
    ("$length", |wanted, actual, path, saved| {
        let length = actual.as_array().map(Vec::len).or_else(|| actual.as_str().map(str::len));
        mismatches(wanted, &length.map_or(Value::Null, Value::from), &format!("{path}.length"), saved)
    }),
    ("$form", |form, actual, path, _| verdict(has_form(form, actual), path, &format!("the form of {form}"), actual)),
    ("$one_of", |all, actual, path, _| {
        verdict(all.as_array().is_some_and(|all| all.contains(actual)), path, &format!("one of {all}"), actual)
    }),
    ("$some", |pattern, actual, path, saved| {
        let fits = |element: &Value| mismatches(pattern, element, path, &mut saved.clone()).is_empty();
        verdict(elements(actual).any(fits), path, &format!("some element like {pattern}"), actual)
    }),
    ("$none", |pattern, actual, path, saved| {
        let fits = |element: &Value| mismatches(pattern, element, path, &mut saved.clone()).is_empty();
        verdict(!elements(actual).any(fits), path, &format!("no element like {pattern}"), actual)
    }),
    ("$each", |pattern, actual, path, saved| {
        let one = |(index, element)| mismatches(pattern, element, &format!("{path}[{index}]"), saved);
        elements(actual).enumerate().flat_map(one).collect()
    }),
    ("$save", |name, actual, _, saved| {
        saved.insert(text(name), actual.clone());
        Vec::new()
    }),
    ("$saved", |name, actual, path, saved| {
        let wanted = saved.get(&text(name)).cloned().unwrap_or(Value::Null);
        verdict(&wanted == actual, path, &format!("what was saved as {name}: {wanted}"), actual)
    }),
    ("$not_saved", |name, actual, path, saved| {
        verdict(saved.get(&text(name)) != Some(actual), path, &format!("other than what was saved as {name}"), actual)
    }),
];

/// Where `actual` does not fit the pattern; empty when it does. `path` names the value in the messages.
pub(crate) fn mismatches(pattern: &Value, actual: &Value, path: &str, saved: &mut Saved) -> Vec<String> {
    match (pattern, actual) {
        (Value::Object(wanted), _) if wanted.keys().any(|key| key.starts_with('$')) => {
            let one = |(name, argument): (&String, &Value)| match MATCHERS.iter().find(|(known, _)| known == name) {
                Some((_, matcher)) => matcher(argument, actual, path, saved),
                None => vec![format!("{path}: there is no matcher {name}")],
            };
            wanted.iter().flat_map(one).collect()
        }
        (Value::Object(wanted), Value::Object(members)) => {
            let member = |(name, pattern): (&String, &Value)| {
                mismatches(pattern, members.get(name).unwrap_or(&Value::Null), &format!("{path}.{name}"), saved)
            };
            wanted.iter().flat_map(member).collect()
        }
        (Value::Array(wanted), Value::Array(elements)) if wanted.len() == elements.len() => {
            let pairs = wanted.iter().zip(elements).enumerate();
            pairs
                .flat_map(|(index, (one, element))| mismatches(one, element, &format!("{path}[{index}]"), saved))
                .collect()
        }
        _ => verdict(pattern == actual, path, &pattern.to_string(), actual),
    }
}

fn verdict(holds: bool, path: &str, wanted: &str, actual: &Value) -> Vec<String> {
    if holds { Vec::new() } else { vec![told(path, wanted, actual)] }
}

fn told(path: &str, wanted: &str, actual: &Value) -> String {
    const SHOWN: usize = 600;
    let got = actual.to_string();
    let end = got.char_indices().nth(SHOWN).map_or(got.len(), |(end, _)| end);
    format!("{path}: expected {wanted}, got {}{}", &got[..end], if end < got.len() { "…" } else { "" })
}

/// A text as it is, anything else as JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let many = value.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str);
    value.as_str().into_iter().chain(many)
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn has_form(form: &Value, actual: &Value) -> bool {
    let Some(actual) = actual.as_str() else { return false };
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
    let uuid = actual.len() == 36 && actual.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && actual.split('-').all(hex);
    match form.as_str() {
        Some("uuid5") => uuid && actual.as_bytes()[14] == b'5',
        Some("uuid7") => uuid && actual.as_bytes()[14] == b'7',
        Some("md5") => actual.len() == 32 && hex(actual),
        Some("time") => actual.len() == 24 && actual.as_bytes()[10] == b'T' && actual.ends_with('Z'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fits(pattern: Value, actual: Value) -> bool {
        mismatches(&pattern, &actual, "it", &mut Saved::new()).is_empty()
    }

    #[test]
    fn objects_may_hold_more_and_arrays_may_not() {
        assert!(fits(json!({"a": 1}), json!({"a": 1, "b": 2})));
        assert!(!fits(json!({"a": 1}), json!({"b": 2})));
        assert!(!fits(json!([1]), json!([1, 2])));
    }

    #[test]
    fn matchers_hold_and_fail() {
        for (pattern, good, bad) in [
            (json!({"$contains": ["a", "b"]}), json!("ab"), json!("a")),
            (json!({"$lacks": "secret"}), json!("fine"), json!("a secret")),
            (json!({"$min": 2, "$max": 3}), json!(3), json!(4)),
            (json!({"$length": 2}), json!([1, 2]), json!([1])),
            (json!({"$length": {"$min": 2}}), json!([1, 2, 3]), json!([1])),
            (json!({"$some": {"a": 1}}), json!([{"a": 2}, {"a": 1}]), json!([{"a": 2}])),
            (json!({"$none": {"a": 1}}), json!([{"a": 2}]), json!([{"a": 1}])),
            (json!({"$each": {"a": 1}}), json!([{"a": 1}]), json!([{"a": 1}, {"a": 2}])),
            (json!({"$absent": true}), json!(null), json!(0)),
            (json!({"$form": "uuid5"}), json!("2ed6657d-e927-568b-95e1-2665a8aea6a2"), json!("2ed6657d")),
            (json!({"$one_of": [1, 2]}), json!(2), json!(3)),
        ] {
            assert!(fits(pattern.clone(), good), "{pattern}");
            assert!(!fits(pattern.clone(), bad), "{pattern}");
        }
        assert!(!fits(json!({"$no_such": 1}), json!(1)));
    }

    #[test]
    fn a_saved_value_is_compared_later() {
        let mut saved = Saved::new();
        assert_eq!(mismatches(&json!({"$save": "refs"}), &json!([1]), "it", &mut saved), [""; 0]);
        assert_eq!(mismatches(&json!({"$saved": "refs"}), &json!([1]), "it", &mut saved), [""; 0]);
        assert_eq!(mismatches(&json!({"$saved": "refs"}), &json!([2]), "it", &mut saved).len(), 1);
        assert_eq!(mismatches(&json!({"$not_saved": "refs"}), &json!([1]), "it", &mut saved).len(), 1);
    }
}
