//! Orders: a contact, an extension and one to four items, about 1.6 KB.

use fastrand::Rng;

use crate::Corpus;
use crate::attributes::{OF_AN_ORDER, put_extension};
use crate::draw::{Moment, fill, moments, pick, reference};
use crate::json::{Cents, Json};
use crate::person::Person;

/// Orders to insert, each what the service accepts (protocol.md sections 4.6 to 4.9).
pub struct Orders {
    rng: Rng,
    serial: u64,
}

/// Type, product (a pattern), name, description, vendor.
const PRODUCTS: &[[&str; 5]] = &[
    ["FLIGHT", "DUB-LAS-####", "Dublin to Las Vegas", "Return flight, economy", "Emerald Air"],
    ["FLIGHT", "LHR-CDG-####", "London to Paris", "One way, business", "Channel Airways"],
    ["HOTEL", "HTL-LYS-####", "Hôtel du Parc Lyon", "Two nights, breakfast included", "Parc Hotels"],
    ["HOTEL", "HTL-MAD-####", "Gran Vía Suites", "Three nights, room only", "Sol Group"],
    ["INSURANCE", "INS-STD-##@@", "Travel insurance standard", "Cover for 14 days", "SafeTrip"],
    ["CAR", "CAR-##@-####", "Compact car", "Five days, unlimited distance", "Autovia"],
    ["BAG", "BAG-23-###@", "Checked bag 23 kg", "One bag each way", "Emerald Air"],
    ["SEAT", "SEAT-XL-##@", "Extra legroom seat", "Row 12 window", "Emerald Air"],
    ["MEAL", "MEAL-VGML-##", "Vegan meal", "Hot meal, pre-ordered", "SkyKitchen"],
    ["TRANSFER", "TRF-DUB-####", "Airport transfer", "Coach to the city centre", "Liffey Coaches"],
];
const CHANNELS: &[&str] = &["WEB", "MOBILE_APP", "MOBILE_WEB", "CALL_CENTER", "BRANCH", "OTA"];
const STATUSES: &[&str] = &["PURCHASED", "CONFIRMED", "PAYMENT_PENDING", "REFUNDED"];
const CARDS: &[&str] = &["Visa", "Mastercard", "American Express", "Diners"];

impl Orders {
    /// The orders of this seed.
    pub fn new(seed: u64) -> Self {
        Orders { rng: Rng::with_seed(seed), serial: 0 }
    }
}

impl Corpus for Orders {
    fn append(&mut self, line: &mut Vec<u8>) {
        self.serial += 1;
        let (rng, json) = (&mut self.rng, &mut Json(line));
        json.open(b'{');
        json.key("ref").text(reference(rng));
        json.key("schema").text("order");
        json.key("mode").text("insert");
        json.key("value").open(b'{');
        put_order(json, rng, self.serial);
        json.close(b'}');
        json.close(b'}');
    }
}

fn put_order(json: &mut Json<'_>, rng: &mut Rng, serial: u64) {
    let person = Person::draw(rng, serial);
    let (_, ordered_at) = moments(rng);
    let items: Vec<Item> = (0..rng.usize(1..=4)).map(|_| Item::draw(rng)).collect();
    let status = pick(rng, STATUSES);
    json.key("referenceId").text(format_args!("B{serial:07}"));
    json.key("channel").text(pick(rng, CHANNELS));
    json.key("pointOfSale").text(pick(rng, &["myretailsite.com", "travel.example.com", "shop.example.org"]));
    json.key("status").text(status);
    json.key("orderedAt").text(ordered_at);
    json.key("currencyCode").text(person.country.currency);
    json.key("price").literal(Cents(items.iter().map(|item| item.cents * item.quantity).sum()));
    if rng.u32(0..4) == 0 {
        json.key("paymentType").text(pick(rng, &["Paypal", "Voucher", "Cash"]));
    } else {
        json.key("paymentType").text("Card");
        json.key("cardType").text(pick(rng, CARDS));
    }
    json.key("contact").open(b'{');
    person.put_names(json, rng);
    person.put_identifiers(json);
    json.close(b'}');
    let attributes = rng.usize(3..=8);
    put_extension(json, rng, OF_AN_ORDER, attributes);
    json.key("orderItems").open(b'[');
    for (number, item) in (1..).zip(&items) {
        item.put(json, &format!("B{serial:07}-{number}"), ordered_at, person.country.currency, status);
    }
    json.close(b']');
}

struct Item {
    product: [&'static str; 5],
    product_id: String,
    cents: u64,
    cents_before_discount: u64,
    quantity: u64,
}

impl Item {
    fn draw(rng: &mut Rng) -> Self {
        let product = pick(rng, PRODUCTS);
        let cents_before_discount = rng.u64(500..120_000);
        Item {
            product,
            product_id: fill(rng, product[1]),
            cents: cents_before_discount - rng.u64(0..cents_before_discount / 4),
            cents_before_discount,
            quantity: rng.u64(1..4),
        }
    }

    fn put(&self, json: &mut Json<'_>, reference_id: &str, ordered_at: Moment, currency: &str, status: &str) {
        json.open(b'{');
        let [kind, _, name, description, vendor] = self.product;
        json.key("type").text(kind);
        json.key("productId").text(&self.product_id);
        json.key("name").text(name);
        json.key("description").text(description);
        json.key("vendor").text(vendor);
        json.key("referenceId").text(reference_id);
        json.key("orderedAt").text(ordered_at);
        json.key("quantity").literal(self.quantity);
        json.key("price").literal(Cents(self.cents));
        json.key("currencyCode").text(currency);
        json.key("originalPrice").literal(Cents(self.cents_before_discount));
        json.key("originalCurrencyCode").text(currency);
        json.key("status").text(status);
        json.close(b'}');
    }
}
