//! Migrations of a guest's sessions and orders to another guest (protocol.md section 4.4).

use super::guest::IDENTIFIER;
use super::index::Index;
use super::model::{Entity, Group, Needs, attributes};
use super::shape::ANY_NUMBER;
use super::shape::Shape::{Object, Objects};

/// From whom to whom.
pub static MIGRATION: Entity = Entity {
    name: "migration",
    groups: &[Group {
        section: "protocol 4.4",
        certain: true,
        attributes: attributes!("migration":
            "migrateFrom": Object(&PARTY), Needs::REQUIRED;
            "migrateTo": Object(&PARTY), Needs::REQUIRED;
        ),
    }],
    identity: None,
    index: Index::new(),
};

/// One of the two guests.
static PARTY: Entity = Entity {
    name: "party",
    groups: &[Group {
        section: "protocol 4.4",
        certain: true,
        attributes: attributes!("party": "identifiers": Objects(&IDENTIFIER, ANY_NUMBER), Needs::REQUIRED;),
    }],
    identity: None,
    index: Index::new(),
};
