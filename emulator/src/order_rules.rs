//! Orders (protocol.md sections 4.6 to 4.11).

use crate::clock::Moment;
use crate::guest_rules::{IDENTIFIER, identity};
use crate::rules::{ACCEPTED, INVALID, NO_IDENTITY, Verdict};
use crate::shape::{Attribute, Kind, Object};
use crate::world::World;

const DELETED: Verdict = Verdict::new("200", "Order and associated entities deleted");
const NOT_FOUND: Verdict = Verdict::new("404", "No order found for the provided referenceId and orderedAt attributes");
const AMBIGUOUS: Verdict = Verdict::new(
    "400",
    "More than one order exists with that referenceId, please supply the orderedAt date for the order you wish to delete",
);

const CHANNELS: &[&str] = &[
    "AIRPORT_KIOSK",
    "BRANCH",
    "CALL_CENTER",
    "GDS",
    "KIOSK",
    "MOBILE_APP",
    "MOBILE_WEB",
    "OFFLINE",
    "OTA",
    "OTHER",
    "WEB",
];

const EXTENSIONS: Attribute = Attribute { name: "extensions", kind: Kind::Extensions { groups: &["ext"], most: 50 } };

const CONTACT: &[Attribute] = &[
    Attribute { name: "title", kind: Kind::Text },
    Attribute { name: "firstName", kind: Kind::Text },
    Attribute { name: "lastName", kind: Kind::Text },
    Attribute { name: "dateOfBirth", kind: Kind::DateTime },
    Attribute { name: "email", kind: Kind::Text },
    Attribute { name: "phoneNumbers", kind: Kind::Texts },
    Attribute { name: "identifiers", kind: Kind::Objects(IDENTIFIER) },
];

const ITEM: &[Attribute] = &[
    Attribute { name: "type", kind: Kind::Text },
    Attribute { name: "productId", kind: Kind::Text },
    Attribute { name: "name", kind: Kind::Text },
    Attribute { name: "description", kind: Kind::Text },
    Attribute { name: "vendor", kind: Kind::Text },
    Attribute { name: "orderedAt", kind: Kind::DateTime },
    Attribute { name: "quantity", kind: Kind::Number },
    Attribute { name: "price", kind: Kind::Number },
    Attribute { name: "currencyCode", kind: Kind::Text },
    Attribute { name: "originalPrice", kind: Kind::Number },
    EXTENSIONS,
];

const ORDER: &[Attribute] = &[
    Attribute { name: "referenceId", kind: Kind::Text },
    Attribute { name: "channel", kind: Kind::OneOf(CHANNELS) },
    Attribute { name: "pointOfSale", kind: Kind::Text },
    Attribute { name: "status", kind: Kind::Text },
    Attribute { name: "orderedAt", kind: Kind::DateTime },
    Attribute { name: "currencyCode", kind: Kind::Text },
    Attribute { name: "price", kind: Kind::Number },
    Attribute { name: "paymentType", kind: Kind::Text },
    Attribute { name: "cardType", kind: Kind::Text },
    Attribute { name: "contact", kind: Kind::Object(CONTACT) },
    Attribute { name: "orderItems", kind: Kind::Objects(ITEM) },
    EXTENSIONS,
];

const REQUIRED_TO_UPSERT: &[&str] = &["referenceId", "channel", "pointOfSale", "orderedAt", "contact"];
const REQUIRED_TO_INSERT: &[&str] = &["status", "currencyCode", "price", "paymentType", "orderItems"];

pub(crate) fn insert(order: &Object<'_>, world: &mut World) -> Verdict {
    let by_card = order.text("paymentType").is_some_and(|paid_by| paid_by == "Card");
    if !order.has_all(REQUIRED_TO_INSERT) || (by_card && order.get("cardType").is_none()) {
        return INVALID;
    }
    upsert(order, world)
}

/// Items are not asked for: the documents contradict each other on items in an upsert (protocol.md section 8).
pub(crate) fn upsert(order: &Object<'_>, world: &mut World) -> Verdict {
    if !order.has_all(REQUIRED_TO_UPSERT) || !order.conforms(ORDER) {
        return INVALID;
    }
    let contact = order.object("contact");
    if contact.is_none_or(|contact| identity(&contact).is_none() && contact.get("email").is_none()) {
        return NO_IDENTITY;
    }
    if let (Some(reference_id), Some(at)) = (order.text("referenceId"), ordered_at(order)) {
        world.upsert_order(&reference_id, at);
    }
    ACCEPTED
}

pub(crate) fn delete(order: &Object<'_>, world: &mut World) -> Verdict {
    let Some(reference_id) = order.text("referenceId") else { return INVALID };
    match world.remove_order(&reference_id, ordered_at(order)) {
        0 => NOT_FOUND,
        1 => DELETED,
        _ => AMBIGUOUS,
    }
}

fn ordered_at(order: &Object<'_>) -> Option<Moment> {
    Moment::from_rfc3339(&order.text("orderedAt")?)
}
