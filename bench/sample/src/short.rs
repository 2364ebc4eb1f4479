//! Short updates: an identifier and one changed attribute, about 220 bytes.

use fastrand::Rng;

use crate::Corpus;
use crate::attributes::{OF_A_SHORT, put_extension};
use crate::draw::{fill, reference};
use crate::json::Json;

/// Guests to upsert of whom only one attribute changes, as a nightly job sends them.
pub struct Shorts {
    rng: Rng,
}

impl Shorts {
    /// The updates of this seed.
    pub fn new(seed: u64) -> Self {
        Shorts { rng: Rng::with_seed(seed) }
    }
}

impl Corpus for Shorts {
    fn append(&mut self, line: &mut Vec<u8>) {
        let (rng, json) = (&mut self.rng, &mut Json(line));
        json.open(b'{');
        json.key("ref").text(reference(rng));
        json.key("schema").text("guest");
        json.key("mode").text("upsert");
        json.key("value").open(b'{');
        json.key("identifiers").open(b'[');
        json.open(b'{');
        json.key("provider").text("CRM_SYSTEM");
        json.key("id").text(fill(rng, "CRM-########"));
        json.close(b'}');
        json.close(b']');
        put_extension(json, rng, OF_A_SHORT, 1);
        json.close(b'}');
        json.close(b'}');
    }
}
