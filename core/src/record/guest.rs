//! Guests and persons (protocol.md sections 4.1 to 4.3, 4.5 and 4.7).

use super::extension::Limits;
use super::finding::Severity;
use super::index::Index;
use super::model::{Entity, Group, Identity, Need, Needs, Rule, attributes};
use super::shape::ANY_NUMBER;
use super::shape::Finest::{Fractions, Minutes, Seconds};
use super::shape::Shape::{DateTime, Email, Extensions, Letters, Like, Objects, OneOf, Text, Texts};

pub(super) const TITLES: &[&str] = &[
    "Br",
    "Brigadier",
    "Capt",
    "Colonel",
    "Dame",
    "Dr",
    "Elder",
    "Fr",
    "General",
    "Hon",
    "Judge",
    "Lord",
    "Master",
    "Miss",
    "Mr",
    "Mrs",
    "Ms",
    "Mstr",
    "Prof",
    "Rabbi",
    "Rev",
    "Shaikha",
    "Sheikh",
    "Sir",
    "Sister",
    "Sr",
];
pub(super) const GENDERS: &[&str] = &["male", "female", "unknown"];

/// The attributes that a guest shares with the persons of an order.
macro_rules! person {
    ($entity:literal) => {
        $crate::record::model::attributes!($entity:
            "title": Like(TITLES), Needs::OPTIONAL;
            "firstName": Text, Needs::OPTIONAL;
            "lastName": Text, Needs::OPTIONAL;
            "gender": OneOf(GENDERS), Needs::OPTIONAL;
            // That it must be past is not checked: there is no clock here.
            "dateOfBirth": DateTime(Seconds), Needs::OPTIONAL;
            "email": Email, Needs::OPTIONAL;
            "phoneNumbers": Texts, Needs::OPTIONAL;
        )
    };
}
pub(super) use person;

/// A guest to upsert or delete.
pub static GUEST: Entity = Entity {
    name: "guest",
    groups: &[
        Group { section: "protocol 4.1", certain: true, attributes: person!("guest") },
        Group {
            section: "protocol 4.1",
            certain: true,
            attributes: attributes!("guest":
                // The text requires it, the table does not.
                "guestType": OneOf(&["customer"]), Needs { delete: Need::Optional, ..Needs::EXPECTED };
                "firstSeen": DateTime(Fractions), Needs::OPTIONAL;
                "lastSeen": DateTime(Fractions), Needs::OPTIONAL;
                "language": Letters(2), Needs::OPTIONAL;
                "nationality": Text, Needs::OPTIONAL;
                "passportNumber": Text, Needs::OPTIONAL;
                "passportExpiry": DateTime(Minutes), Needs::OPTIONAL;
                "street": Texts, Needs::OPTIONAL;
                "city": Text, Needs::OPTIONAL;
            ),
        },
        Group {
            section: "protocol 4.1",
            certain: false,
            attributes: attributes!("guest":
                "country": Letters(2), Needs::OPTIONAL;
                "postCode": Text, Needs::OPTIONAL;
                "state": Text, Needs::OPTIONAL;
                "emails": Texts, Needs::OPTIONAL;
                "subscriptions": Objects(&SUBSCRIPTION, ANY_NUMBER), Needs::OPTIONAL;
            ),
        },
        Group {
            section: "protocol 4.3",
            certain: true,
            attributes: attributes!("guest":
                // Only tenants of the 2.0 model recognise guests by their attributes.
                "identifiers": Objects(&IDENTIFIER, ANY_NUMBER), Needs::EXPECTED;
            ),
        },
        Group {
            section: "protocol 4.2",
            certain: true,
            attributes: attributes!("guest":
                "extensions": Extensions(&GUEST_EXTENSIONS), Needs::OPTIONAL;
            ),
        },
    ],
    identity: Some(Identity {
        names: &[
            "identifiers",
            "email",
            "emails",
            "phoneNumbers",
            "dateOfBirth",
            "passportNumber",
            "street",
            "city",
            "postCode",
        ],
        rule: Rule { id: "guest.identity", section: "protocol 4.5", worst: Severity::Error },
        message: "nothing identifies the guest: names alone are not enough, so send identifiers",
    }),
    index: Index::new(),
};

/// How a source system knows a guest.
pub static IDENTIFIER: Entity = Entity {
    name: "identifier",
    groups: &[Group {
        section: "protocol 4.3",
        certain: true,
        attributes: attributes!("identifier":
            "provider": Text, Needs::REQUIRED;
            "id": Text, Needs::REQUIRED;
            "expiryDate": DateTime(Fractions), Needs::OPTIONAL;
        ),
    }],
    identity: None,
    index: Index::new(),
};

/// A subscription: of the 2.0 model only.
static SUBSCRIPTION: Entity = Entity {
    name: "subscription",
    groups: &[Group {
        section: "protocol 4.1",
        certain: false,
        attributes: attributes!("subscription":
            "name": Text, Needs::OPTIONAL;
            "pointOfSale": Text, Needs::OPTIONAL;
            "channel": Text, Needs::OPTIONAL;
            "status": OneOf(&["PENDING", "SUBSCRIBED", "UNSUBSCRIBED", "UNKNOWN"]), Needs::OPTIONAL;
            "effectiveDate": DateTime(Fractions), Needs::OPTIONAL;
        ),
    }],
    identity: None,
    index: Index::new(),
};

static GUEST_EXTENSIONS: Limits =
    Limits { names: &["ext", "ext1", "ext2", "ext3", "ext4", "ext5"], most_attributes: 100 };
