//! Extension attributes: names and types as a tenant would define them. A name keeps its type in every record, because
//! the service refuses a value of another type (protocol.md section 4.2).

use fastrand::Rng;

use crate::draw::{fill, moments, pick};
use crate::json::{Cents, Json};

/// How an attribute's value is drawn.
enum Draw {
    Flag,
    Count(u32),
    /// An amount up to this many cents, with two decimals.
    Amount(u64),
    Moment,
    /// `#` is a digit, `@` an upper-case letter.
    Code(&'static str),
    Choice(&'static [&'static str]),
}

use Draw::{Amount, Choice, Code, Count, Flag, Moment};

pub(crate) struct Attribute {
    name: &'static str,
    draw: Draw,
}

const fn a(name: &'static str, draw: Draw) -> Attribute {
    Attribute { name, draw }
}

const CHANNELS: &[&str] = &["email", "sms", "push", "post", "none"];
const TIERS: &[&str] = &["Bronze", "Silver", "Gold", "Platinum"];
const STORES: &[&str] = &["Dublin Airport T2", "London Oxford Street", "Lyon Part-Dieu", "Berlin Mitte", "Online only"];
const CATEGORIES: &[&str] =
    &["City breaks", "Beach holidays", "Winter sports", "Business travel", "Family & kids", "Spa"];
const SOURCES: &[&str] = &["web_checkout", "mobile_app_ios", "mobile_app_android", "call_center", "partner_import"];

pub(crate) const OF_A_GUEST: &[Attribute] = &[
    a("loyaltyNumber", Code("LY########")),
    a("loyaltyTier", Choice(TIERS)),
    a("loyaltyPoints", Count(250_000)),
    a("loyaltyJoinedAt", Moment),
    a("lifetimeValue", Amount(2_500_000)),
    a("averageOrderValue", Amount(90_000)),
    a("ordersLastYear", Count(40)),
    a("daysSinceLastOrder", Count(720)),
    a("churnScore", Amount(100)),
    a("preferredChannel", Choice(CHANNELS)),
    a("preferredStore", Choice(STORES)),
    a("preferredCategory", Choice(CATEGORIES)),
    a("preferredLanguage", Choice(&["en-GB", "en-IE", "fr-FR", "de-DE", "es-ES", "pl-PL"])),
    a("consentEmail", Flag),
    a("consentSms", Flag),
    a("consentPush", Flag),
    a("consentProfiling", Flag),
    a("consentUpdatedAt", Moment),
    a("newsletterTopics", Choice(&["offers", "offers;news", "news", "events;news;offers", "none"])),
    a("newsletterOpens", Count(400)),
    a("acquisitionSource", Choice(SOURCES)),
    a("acquisitionCampaign", Code("CMP-20##-Q#-@@@")),
    a("firstOrderChannel", Choice(SOURCES)),
    a("householdSize", Count(7)),
    a("hasChildren", Flag),
    a("petOwner", Flag),
    a("homeAirport", Choice(&["DUB", "LHR", "CDG", "FRA", "MAD", "JFK", "WAW", "ORK"])),
    a("seatPreference", Choice(&["window", "aisle", "no preference"])),
    a("mealPreference", Choice(&["standard", "vegetarian", "vegan", "halal", "gluten free"])),
    a("creditLimit", Amount(500_000)),
    a("openBalance", Amount(60_000)),
    a("supportTickets", Count(12)),
    a("lastSupportTicket", Code("TCK-#######")),
    a("npsScore", Count(11)),
    a("crmSegment", Choice(&["High value", "Growing", "At risk", "Dormant", "New"])),
    a("crmOwner", Code("agent-####")),
    a("sapCustomerId", Code("00########")),
    a("webSessionsLastMonth", Count(90)),
    a("lastCampaign", Code("CMP-20##-Q#-@@@")),
    a("cookieId", Code("@#@@#@##@@#@#@@#")),
    a("appVersion", Choice(&["7.14.2", "7.14.3", "7.15.0", "8.0.0", "8.0.1"])),
    a("appInstalledAt", Moment),
    a("giftCardBalance", Amount(25_000)),
    a("isEmployee", Flag),
];

pub(crate) const OF_AN_ORDER: &[Attribute] = &[
    a("deliveryMethod", Choice(&["home delivery", "click and collect", "locker", "e-ticket"])),
    a("deliveryCost", Amount(2_000)),
    a("voucherCode", Code("SAVE##-@@@@")),
    a("discountTotal", Amount(9_000)),
    a("agentId", Code("agent-####")),
    a("isGift", Flag),
    a("warehouse", Choice(&["DUB-01", "LHR-03", "LYS-02", "BER-01"])),
    a("promisedAt", Moment),
    a("invoiceNumber", Code("INV-20##-#######")),
    a("loyaltyPointsEarned", Count(4_000)),
];

pub(crate) const OF_A_SHORT: &[Attribute] = &[
    a("loyaltyPoints", Count(250_000)),
    a("consentEmail", Flag),
    a("loyaltyTier", Choice(TIERS)),
    a("lifetimeValue", Amount(2_500_000)),
    a("crmOwner", Code("agent-####")),
];

/// Writes the `extensions` of a value: one group with `count` attributes of `table`, in the table's order.
pub(crate) fn put_extension(json: &mut Json<'_>, rng: &mut Rng, table: &[Attribute], count: usize) {
    json.key("extensions").open(b'[');
    json.open(b'{');
    json.key("name").text("ext");
    json.key("key").text("default");
    let mut wanted = count;
    for (i, attribute) in table.iter().enumerate() {
        // Every subset of this size is as likely as any other.
        if rng.usize(0..table.len() - i) < wanted {
            wanted -= 1;
            attribute.put(json, rng);
        }
    }
    json.close(b'}');
    json.close(b']');
}

impl Attribute {
    fn put(&self, json: &mut Json<'_>, rng: &mut Rng) {
        let json = json.key(self.name);
        match self.draw {
            Flag => json.literal(rng.bool()),
            Count(end) => json.literal(rng.u32(0..end)),
            Amount(cents) => json.literal(Cents(rng.u64(0..=cents))),
            Moment => json.text(moments(rng).1),
            Code(pattern) => json.text(fill(rng, pattern)),
            Choice(table) => json.text(pick(rng, table)),
        }
    }
}
