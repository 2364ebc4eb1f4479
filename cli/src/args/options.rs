//! Arguments as the options of a client, by the names that every language has.

use serde_json::{Map, Value, json};

use super::{Packing, Reading, Resume, Upload};

impl Reading {
    /// The options these arguments set.
    pub(crate) fn options(&self) -> Map<String, Value> {
        let mut options = set(json!({
            "schema": self.schema, "mode": self.mode, "ref_field": self.ref_field, "check": self.check,
        }));
        insert_pairs(&mut options, &self.set);
        options
    }
}

impl Resume {
    /// The options these arguments set.
    pub(crate) fn options(&self) -> Map<String, Value> {
        let mut options = set(json!({
            "state_dir": self.state.state_dir, "max_in_flight": self.max_in_flight, "raise_on": "never",
        }));
        insert_pairs(&mut options, &self.set);
        options
    }
}

/// Puts what `--set` gives into the options.
fn insert_pairs(options: &mut Map<String, Value>, pairs: &[String]) {
    for pair in pairs {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        insert(options, name, value);
    }
}

impl Packing {
    /// The options these arguments set.
    pub(crate) fn options(&self) -> Map<String, Value> {
        set(json!({
            "on_invalid": self.on_invalid,
            "max_batch_bytes": self.max_batch_bytes,
            "max_batch_records": self.max_batch_records,
            "level": self.level,
            "threads": self.threads,
        }))
    }
}

impl Upload {
    /// The options these arguments set.
    pub(crate) fn options(&self) -> Map<String, Value> {
        let own = set(json!({
            "run_id": self.run_id,
            "state_dir": self.state_dir,
            "max_in_flight": self.max_in_flight,
            "max_reject_rate": self.max_reject_rate,
            // The command prints the report and says the rest with its exit code.
            "raise_on": "never",
        }));
        own.into_iter().chain(self.packing.options()).chain(self.reading.options()).collect()
    }
}

/// The entries that are not null.
fn set(options: Value) -> Map<String, Value> {
    match options {
        Value::Object(options) => options.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    }
}

/// Puts `wait.max_ms` into the map of `wait`.
fn insert(options: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('.') {
        None => {
            options.insert(name.to_string(), value);
        }
        Some((outer, inner)) => {
            let nested = options.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(nested) = nested {
                insert(nested, inner, value);
            }
        }
    }
}
