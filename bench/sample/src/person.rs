//! A person: drawn once, then written as a guest or as the contact of an order.

use std::fmt::Write;

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::draw::{ascii, fill, pick};
use crate::json::Json;
use crate::places::{COUNTRIES, Country, MAIL_HOSTS, MENS_TITLES, WOMENS_TITLES};

pub(crate) struct Person {
    pub(crate) country: &'static Country,
    pub(crate) city: (&'static str, &'static str),
    is_woman: bool,
    first_name: &'static str,
    last_name: &'static str,
    birth: Date,
    pub(crate) email: String,
    phones: Vec<String>,
    /// The number under which the source system knows the person; unique within a corpus.
    pub(crate) crm_id: String,
}

impl Person {
    pub(crate) fn draw(rng: &mut Rng, serial: u64) -> Self {
        let country = &COUNTRIES[rng.usize(0..COUNTRIES.len())];
        let is_woman = rng.bool();
        let first_name = pick(rng, if is_woman { country.women } else { country.men });
        let last_name = pick(rng, country.surnames);
        let mut email = ascii(first_name) + pick(rng, &[".", "_", ""]) + &ascii(last_name);
        let _ = write!(email, "{}@{}", rng.u32(1..10_000), pick(rng, MAIL_HOSTS));
        let phones = (0..rng.usize(1..3)).map(|_| fill(rng, country.phone)).collect();
        Person {
            country,
            city: pick(rng, country.cities),
            is_woman,
            first_name,
            last_name,
            birth: Date::constant(1940, 1, 1).saturating_add(rng.i32(0..24_000).days()),
            email,
            phones,
            crm_id: format!("CRM-{:05}-{serial:08}", rng.u32(0..100_000)),
        }
    }

    /// Writes the attributes that a guest and a contact share (protocol.md sections 4.1 and 4.7).
    pub(crate) fn put_names(&self, json: &mut Json<'_>, rng: &mut Rng) {
        let titles = if self.is_woman { WOMENS_TITLES } else { MENS_TITLES };
        json.key("title").text(pick(rng, titles));
        json.key("firstName").text(self.first_name);
        json.key("lastName").text(self.last_name);
        json.key("gender").text(if self.is_woman { "female" } else { "male" });
        json.key("dateOfBirth").text(format_args!("{}T00:00Z", self.birth));
        json.key("email").text(&self.email);
        json.key("phoneNumbers").texts(&self.phones);
    }

    /// Writes what a tenant's identity rules match on (protocol.md section 4.3).
    pub(crate) fn put_identifiers(&self, json: &mut Json<'_>) {
        json.key("identifiers").open(b'[');
        for (provider, id) in [("CRM_SYSTEM", &self.crm_id), ("email", &self.email)] {
            json.open(b'{');
            json.key("provider").text(provider);
            json.key("id").text(id);
            json.close(b'}');
        }
        json.close(b']');
    }

    pub(crate) fn put_address(&self, json: &mut Json<'_>, rng: &mut Rng) {
        json.key("nationality").text(self.country.nationality);
        let street = pick(rng, self.country.streets);
        let house = format!("{} {street}", rng.u32(1..250));
        let flat = (rng.u32(0..3) == 0).then(|| format!("Apartment {}", rng.u32(1..60)));
        json.key("street").texts(flat.into_iter().chain([house]));
        json.key("city").text(self.city.0);
        json.key("state").text(self.city.1);
        json.key("postCode").text(fill(rng, self.country.post_code));
        json.key("country").text(self.country.code);
    }
}
