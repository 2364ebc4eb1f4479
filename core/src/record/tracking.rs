//! Tracking events: in the pages of the 2.0 model, gone from the current ones (protocol.md section 4.12).

use super::index::Index;
use super::model::{Entity, Group, Needs, attributes};
use super::shape::Finest::Fractions;
use super::shape::Shape::{DateTime, Object, Text};

/// An event, such as a mail that was sent.
pub static TRACKING: Entity = Entity {
    name: "tracking",
    groups: &[Group {
        section: "protocol 4.12",
        certain: false,
        attributes: attributes!("tracking":
            "serviceIdentifier": Text, Needs::OPTIONAL;
            "occurredAt": DateTime(Fractions), Needs::OPTIONAL;
            "channel": Text, Needs::OPTIONAL;
            "type": Text, Needs::OPTIONAL;
            "uotr": Text, Needs::OPTIONAL;
            "utms": Object(&UTMS), Needs::OPTIONAL;
            "feedback": Object(&FEEDBACK), Needs::OPTIONAL;
        ),
    }],
    identity: None,
    index: Index::new(),
};

/// Where the event came from.
static UTMS: Entity = Entity {
    name: "utms",
    groups: &[Group {
        section: "protocol 4.12",
        certain: false,
        attributes: attributes!("utms":
            "utm_medium": Text, Needs::OPTIONAL;
            "utm_source": Text, Needs::OPTIONAL;
            "utm_term": Text, Needs::OPTIONAL;
        ),
    }],
    identity: None,
    index: Index::new(),
};

/// What the receiving server answered.
static FEEDBACK: Entity = Entity {
    name: "feedback",
    groups: &[Group {
        section: "protocol 4.12",
        certain: false,
        attributes: attributes!("feedback":
            "reasonCode": Text, Needs::OPTIONAL;
            "notes": Text, Needs::OPTIONAL;
        ),
    }],
    identity: None,
    index: Index::new(),
};
