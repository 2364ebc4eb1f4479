//! Orders, their persons, items and flight segments (protocol.md sections 4.6 to 4.11).

use super::extension::Limits;
use super::guest::{GENDERS, IDENTIFIER, TITLES, person};
use super::index::Index;
use super::model::{Entity, Group, Need, Needs, attributes};
use super::shape::ANY_NUMBER;
use super::shape::Finest::{Fractions, Seconds};
use super::shape::Shape::{
    DateTime, Email, Extensions, Letters, Like, Number, Object, Objects, OneOf, Text, TextUpTo, Texts,
};

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
const STATUSES: &[&str] = &["PURCHASED", "PAYMENT_PENDING", "CONFIRMED", "CANCELLED", "REFUNDED"];
const PAYMENTS: &[&str] = &["Card", "Paypal", "Voucher", "ATM", "Cash", "Other"];
const CARDS: &[&str] = &["Mastercard", "Visa", "Diners", "American Express"];
const CARD_TYPE: Needs = Needs { insert: Need::RequiredIf("paymentType", "Card"), ..Needs::OPTIONAL };

/// Orders (protocol.md section 7): up to this many items of each are stored.
const MOST_ITEMS: usize = 100;

/// An order to insert or upsert.
pub static ORDER: Entity = Entity {
    name: "order",
    groups: &[
        Group {
            section: "protocol 4.6",
            certain: true,
            attributes: attributes!("order":
                "referenceId": Text, Needs::REQUIRED;
                // The next two are not in the samples of the 2.0 model.
                "channel": OneOf(CHANNELS), Needs::EXPECTED;
                "pointOfSale": Text, Needs::EXPECTED;
                "status": OneOf(STATUSES), Needs::TO_INSERT;
                "orderedAt": DateTime(Fractions), Needs::REQUIRED;
                "currencyCode": Letters(3), Needs::TO_INSERT;
                "price": Number, Needs::TO_INSERT;
                "paymentType": Like(PAYMENTS), Needs::TO_INSERT;
                "cardType": Like(CARDS), CARD_TYPE;
                "contact": Object(&CONTACT), Needs::REQUIRED;
                // One page requires them to upsert, another one supports no attribute of theirs then.
                "orderItems": Objects(&ITEM, MOST_ITEMS), Needs { upsert: Need::Disputed, ..Needs::REQUIRED };
            ),
        },
        Group {
            section: "protocol 4.6",
            certain: false,
            attributes: attributes!("order":
                "consumers": Objects(&CONSUMER, ANY_NUMBER), Needs::OPTIONAL;
            ),
        },
        Group {
            section: "protocol 4.8",
            certain: true,
            attributes: attributes!("order": "extensions": Extensions(&ORDER_EXTENSIONS), Needs::OPTIONAL;),
        },
    ],
    identity: None,
    index: Index::new(),
};

/// Who ordered.
static CONTACT: Entity = Entity {
    name: "contact",
    groups: &[
        Group { section: "protocol 4.7", certain: false, attributes: person!("contact") },
        Group {
            section: "protocol 4.7",
            certain: false,
            attributes: attributes!("contact":
                "identifiers": Objects(&IDENTIFIER, ANY_NUMBER), Needs::OPTIONAL;
                "emails": Texts, Needs::OPTIONAL;
                "nationality": Text, Needs::OPTIONAL;
                "country": Letters(2), Needs::OPTIONAL;
                "passportNumber": Text, Needs::OPTIONAL;
                "passportExpiry": DateTime(Fractions), Needs::OPTIONAL;
            ),
        },
    ],
    identity: None,
    index: Index::new(),
};

/// Who uses what was ordered: of the 2.0 model.
static CONSUMER: Entity = Entity {
    name: "consumer",
    groups: &[
        Group { section: "protocol 4.6", certain: false, attributes: person!("consumer") },
        Group {
            section: "protocol 4.6",
            certain: false,
            attributes: attributes!("consumer":
                "identifiers": Objects(&IDENTIFIER, ANY_NUMBER), Needs::OPTIONAL;
                "nationality": Text, Needs::OPTIONAL;
                "country": Letters(2), Needs::OPTIONAL;
                "passportNumber": Text, Needs::OPTIONAL;
                "passportExpiry": DateTime(Fractions), Needs::OPTIONAL;
                "orderItems": Objects(&ITEM_LINK, ANY_NUMBER), Needs::OPTIONAL;
            ),
        },
    ],
    identity: None,
    index: Index::new(),
};

/// The item that a consumer uses.
static ITEM_LINK: Entity = Entity {
    name: "item_link",
    groups: &[Group {
        section: "protocol 4.6",
        certain: false,
        attributes: attributes!("item_link": "referenceId": Text, Needs::REQUIRED;),
    }],
    identity: None,
    index: Index::new(),
};

/// What was ordered.
static ITEM: Entity = Entity {
    name: "item",
    groups: &[
        Group {
            section: "protocol 4.9",
            certain: true,
            attributes: attributes!("item":
                "type": Text, Needs::TO_INSERT;
                "productId": Text, Needs::TO_INSERT;
                "name": TextUpTo(128), Needs::TO_INSERT;
                "description": Text, Needs::TO_INSERT;
                "vendor": Text, Needs::TO_INSERT;
                "orderedAt": DateTime(Fractions), Needs::OPTIONAL;
                "quantity": Number, Needs::OPTIONAL;
                "price": Number, Needs::TO_INSERT;
                "currencyCode": Letters(3), Needs::TO_INSERT;
                "originalPrice": Number, Needs::OPTIONAL;
            ),
        },
        Group {
            section: "protocol 4.9",
            certain: false,
            attributes: attributes!("item":
                "originalCurrencyCode": Letters(3), Needs::OPTIONAL;
                "referenceId": Text, Needs::OPTIONAL;
                "status": Text, Needs::OPTIONAL;
                "consumerTypeCode": Text, Needs::OPTIONAL;
            ),
        },
        Group {
            section: "protocol 4.8",
            certain: true,
            attributes: attributes!("item": "extensions": Extensions(&ORDER_EXTENSIONS), Needs::OPTIONAL;),
        },
        Group {
            section: "protocol 4.10",
            certain: true,
            attributes: attributes!("item": "flightSegments": Objects(&SEGMENT, ANY_NUMBER), Needs::OPTIONAL;),
        },
    ],
    identity: None,
    index: Index::new(),
};

/// A leg of a flight. Its times are local, but written with a `Z`.
static SEGMENT: Entity = Entity {
    name: "segment",
    groups: &[
        Group {
            section: "protocol 4.10",
            certain: true,
            attributes: attributes!("segment":
                "id": Text, Needs::TO_INSERT;
                "origin": Letters(3), Needs::TO_INSERT;
                "destination": Letters(3), Needs::TO_INSERT;
                "departureDateTime": DateTime(Fractions), Needs::TO_INSERT;
                "arrivalDateTime": DateTime(Fractions), Needs::TO_INSERT;
                "flightNumber": Text, Needs::TO_INSERT;
                "fareClass": Text, Needs::TO_INSERT;
                "fareFamily": Text, Needs::OPTIONAL;
                "carrier": Text, Needs::TO_INSERT;
            ),
        },
        Group {
            section: "protocol 4.10",
            certain: false,
            attributes: attributes!("segment":
                "bookingClass": Text, Needs::OPTIONAL;
                "equipmentType": Text, Needs::OPTIONAL;
                "originDestination": Text, Needs::OPTIONAL;
            ),
        },
    ],
    identity: None,
    index: Index::new(),
};

static ORDER_EXTENSIONS: Limits = Limits { names: &["ext"], most_attributes: 50 };

/// An order to delete.
pub static ORDER_DELETE: Entity = Entity {
    name: "order_delete",
    groups: &[
        Group {
            section: "protocol 4.11",
            certain: true,
            attributes: attributes!("order_delete":
                "referenceId": Text, Needs::REQUIRED;
                "orderedAt": DateTime(Fractions), Needs::OPTIONAL;
            ),
        },
        Group {
            section: "protocol 4.11",
            certain: false,
            attributes: attributes!("order_delete": "orderRef": Text, Needs::OPTIONAL;),
        },
    ],
    identity: None,
    index: Index::new(),
};
