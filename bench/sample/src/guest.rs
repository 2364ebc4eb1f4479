//! Guests: a full profile with 10 to 30 extension attributes, about 1.3 KB.

use fastrand::Rng;

use crate::attributes::{OF_A_GUEST, put_extension};
use crate::draw::{moments, reference};
use crate::json::Json;
use crate::person::Person;
use crate::{Corpus, Defect};

/// Guests to upsert, each with its own identifiers. Without defects, every one is what the service accepts.
pub struct Guests {
    rng: Rng,
    serial: u64,
    defect_every: Option<u64>,
    defective: u64,
}

impl Guests {
    /// The guests of this seed.
    pub fn new(seed: u64) -> Self {
        Guests { rng: Rng::with_seed(seed), serial: 0, defect_every: None, defective: 0 }
    }

    /// The same guests, but one in `records` is defective, each [`Defect`] in turn; 0 is never.
    pub fn with_defect_every(mut self, records: u64) -> Self {
        self.defect_every = (records > 0).then_some(records);
        self
    }

    /// Defective guests so far.
    pub fn defective(&self) -> u64 {
        self.defective
    }

    fn next_defect(&mut self) -> Option<Defect> {
        let is_due = self.defect_every.is_some_and(|every| self.serial.is_multiple_of(every));
        let turn = self.defective as usize % Defect::ALL.len();
        self.defective += u64::from(is_due);
        is_due.then(|| Defect::ALL[turn])
    }
}

impl Corpus for Guests {
    fn append(&mut self, line: &mut Vec<u8>) {
        self.serial += 1;
        let defect = self.next_defect();
        let start = line.len();
        put_record(line, &mut self.rng, self.serial, defect);
        if defect == Some(Defect::CutLine) {
            line.truncate(start + (line.len() - start) / 2);
        }
    }
}

fn put_record(line: &mut Vec<u8>, rng: &mut Rng, serial: u64, defect: Option<Defect>) {
    let json = &mut Json(line);
    json.open(b'{');
    match defect {
        Some(Defect::RefNotUuid) => json.key("ref").text(format_args!("guest-{serial}")),
        _ => json.key("ref").text(reference(rng)),
    }
    json.key("schema").text(if defect == Some(Defect::UnknownSchema) { "gest" } else { "guest" });
    json.key("mode").text(if defect == Some(Defect::Insert) { "insert" } else { "upsert" });
    match defect {
        Some(Defect::ValueNotObject) => json.key("value").text("see attachment"),
        _ => put_value(json, rng, serial, defect),
    }
    json.close(b'}');
}

fn put_value(json: &mut Json<'_>, rng: &mut Rng, serial: u64, defect: Option<Defect>) {
    let person = Person::draw(rng, serial);
    let (first_seen, last_seen) = moments(rng);
    json.key("value").open(b'{');
    json.key("guestType").text(if defect == Some(Defect::GuestType) { "visitor" } else { "customer" });
    json.key("firstSeen").text(first_seen);
    json.key("lastSeen").text(last_seen);
    person.put_names(json, rng);
    json.key("language").text(person.country.language);
    person.put_address(json, rng);
    if defect != Some(Defect::NoIdentity) {
        person.put_identifiers(json);
    }
    match defect {
        Some(Defect::NestedAttribute) => put_nested_attribute(json),
        _ => {
            let count = rng.usize(10..=30);
            put_extension(json, rng, OF_A_GUEST, count);
        }
    }
    json.close(b'}');
}

fn put_nested_attribute(json: &mut Json<'_>) {
    json.key("extensions").open(b'[');
    json.open(b'{');
    json.key("name").text("ext");
    json.key("key").text("default");
    json.key("loyaltyPoints").open(b'{');
    json.key("balance").literal(120);
    json.close(b'}');
    json.close(b'}');
    json.close(b']');
}
