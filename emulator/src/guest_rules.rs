//! Guests and their migration (protocol.md sections 4.1 to 4.5).

use crate::rules::{ACCEPTED, INVALID, NO_IDENTITY, Verdict};
use crate::shape::{Attribute, Kind, Object, objects};
use crate::world::{Identifier, World, identifier};

const NOT_FOUND: Verdict = Verdict::new("404", "Guest not found");
const EXISTS: Verdict = Verdict::new("409", "Identity already exists");
const DELETED: Verdict = Verdict::new("200", "Guest and associated entities deleted");
/// The delete page's own spelling (protocol.md section 4.5).
const NO_IDENTITY_TO_DELETE: Verdict = Verdict::new("400", "Not Enough Identifying Info");
const IDENTITY_MISSING: Verdict = Verdict::new("400", "Identity information missing");

pub(crate) const IDENTIFIER: &[Attribute] = &[
    Attribute { name: "provider", kind: Kind::Text },
    Attribute { name: "id", kind: Kind::Text },
    Attribute { name: "expiryDate", kind: Kind::DateTime },
];

const GUEST: &[Attribute] = &[
    Attribute { name: "firstSeen", kind: Kind::DateTime },
    Attribute { name: "lastSeen", kind: Kind::DateTime },
    Attribute { name: "guestType", kind: Kind::OneOf(&["customer"]) },
    Attribute { name: "title", kind: Kind::Text },
    Attribute { name: "firstName", kind: Kind::Text },
    Attribute { name: "lastName", kind: Kind::Text },
    Attribute { name: "gender", kind: Kind::OneOf(&["male", "female", "unknown"]) },
    Attribute { name: "dateOfBirth", kind: Kind::DateTime },
    Attribute { name: "email", kind: Kind::Text },
    Attribute { name: "phoneNumbers", kind: Kind::Texts },
    Attribute { name: "language", kind: Kind::Text },
    Attribute { name: "nationality", kind: Kind::Text },
    Attribute { name: "passportNumber", kind: Kind::Text },
    Attribute { name: "passportExpiry", kind: Kind::DateTime },
    Attribute { name: "street", kind: Kind::Texts },
    Attribute { name: "city", kind: Kind::Text },
    Attribute { name: "country", kind: Kind::Text },
    Attribute { name: "postCode", kind: Kind::Text },
    Attribute { name: "state", kind: Kind::Text },
    Attribute { name: "identifiers", kind: Kind::Objects(IDENTIFIER) },
    Attribute {
        name: "extensions",
        kind: Kind::Extensions { groups: &["ext", "ext1", "ext2", "ext3", "ext4", "ext5"], most: 100 },
    },
];

/// The identifiers of a person; none when there is not one complete provider and id. Only identifiers identify, as on
/// every tenant of the 2.1 data model (protocol.md section 4.1).
pub(crate) fn identity(person: &Object<'_>) -> Option<Vec<Identifier>> {
    let all = objects(person.get("identifiers")?)?;
    let complete = all.iter().map(|one| {
        let (provider, id) = (one.text("provider")?, one.text("id")?);
        (!provider.is_empty() && !id.is_empty()).then(|| identifier(&provider, &id))
    });
    complete.collect::<Option<Vec<_>>>().filter(|identifiers| !identifiers.is_empty())
}

pub(crate) fn upsert(guest: &Object<'_>, world: &mut World) -> Verdict {
    if !guest.conforms(GUEST) {
        return INVALID;
    }
    let Some(identifiers) = identity(guest) else { return NO_IDENTITY };
    world.upsert_guest(&identifiers);
    ACCEPTED
}

pub(crate) fn create(guest: &Object<'_>, world: &mut World) -> Verdict {
    let exists = identity(guest).is_some_and(|identifiers| !world.guests(&identifiers).is_empty());
    if exists { EXISTS } else { upsert(guest, world) }
}

/// Only the first of several matches is deleted (protocol.md section 4.5).
pub(crate) fn delete(guest: &Object<'_>, world: &mut World) -> Verdict {
    let Some(identifiers) = identity(guest) else { return NO_IDENTITY_TO_DELETE };
    let found = world.guests(&identifiers);
    let Some(first) = found.first() else { return NOT_FOUND };
    world.remove_guest(*first);
    match found.len() {
        1 => DELETED,
        count => {
            Verdict { message: format!("{count} matches found for this guest, 1st match deleted").into(), ..DELETED }
        }
    }
}

/// The old profile retires; an old profile nobody has uploaded is let through, as no document names an answer.
pub(crate) fn migrate(value: &Object<'_>, world: &mut World) -> Verdict {
    let side = |name| value.object(name).and_then(|side| identity(&side));
    let (Some(from), Some(to)) = (side("migrateFrom"), side("migrateTo")) else { return IDENTITY_MISSING };
    for guest in world.guests(&from) {
        world.remove_guest(guest);
    }
    world.upsert_guest(&to);
    ACCEPTED
}
