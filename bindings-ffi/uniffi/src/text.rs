//! What crosses the border as text.

use serde::Serialize;

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> String {
    // Only a map whose keys are no text could fail, and none of ours has any.
    serde_json::to_string(value).unwrap_or_default()
}
