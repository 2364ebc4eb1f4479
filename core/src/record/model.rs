//! The words in which the tables of the documents' data models are written.
//!
//! What a page states plainly is an error; what pages contradict, or only a sample shows, is a warning.

use super::finding::Severity;
use super::index::Index;
use super::shape::Shape;

/// A kind of object: the value of a record, or an object inside it.
#[derive(Debug)]
pub struct Entity {
    /// The first part of its rules' ids.
    pub name: &'static str,
    /// Its attributes, by where they are described.
    pub groups: &'static [Group],
    /// What it is recognised by, if that is a rule.
    pub identity: Option<Identity>,
    /// Its rows, to be looked up.
    pub index: Index,
}

/// Attributes of which at least one must be there, because the service recognises the entity by them.
#[derive(Debug)]
pub struct Identity {
    /// Their names.
    pub names: &'static [&'static str],
    /// The rule.
    pub rule: Rule,
    /// What is wrong if none is there.
    pub message: &'static str,
}

/// Attributes that are described in one place.
#[derive(Debug)]
pub struct Group {
    /// That place: a section of protocol.md, such as `protocol 4.1`.
    pub section: &'static str,
    /// Whether a current page states it. What is only seen in a sample, in an older text or under an inferred name is not
    /// certain: breaking it, or any rule inside it, is a warning.
    pub certain: bool,
    /// The attributes.
    pub attributes: &'static [Attribute],
}

/// A row of a table.
#[derive(Debug)]
pub struct Attribute {
    /// The name in the record.
    pub name: &'static str,
    /// The rule's stable id: the entity's name and the attribute's.
    pub rule: &'static str,
    /// What its value may be.
    pub shape: Shape,
    /// Whether it must be there, by mode.
    pub needs: Needs,
}

/// Whether an attribute must be there, by mode.
#[derive(Debug)]
pub struct Needs {
    /// With `insert` and `create`.
    pub insert: Need,
    /// With `upsert` and `merge`.
    pub upsert: Need,
    /// With `delete` and `gdpr_delete`.
    pub delete: Need,
}

/// Whether an attribute must be there.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    /// It must.
    Required,
    /// It must if this attribute has this value.
    RequiredIf(&'static str, &'static str),
    /// Some page requires it: a warning if it is missing.
    Expected,
    /// It may.
    Optional,
    /// One page requires it, another one does not support it: always a warning.
    Disputed,
}

impl Needs {
    /// It may be there.
    pub const OPTIONAL: Needs = Needs::all(Need::Optional);
    /// It must be there.
    pub const REQUIRED: Needs = Needs::all(Need::Required);
    /// Some page requires it.
    pub const EXPECTED: Needs = Needs::all(Need::Expected);
    /// It must be there in a new entity.
    pub const TO_INSERT: Needs = Needs { insert: Need::Required, ..Needs::OPTIONAL };

    const fn all(need: Need) -> Needs {
        Needs { insert: need, upsert: need, delete: need }
    }
}

/// Which column of the tables a mode reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// `insert`, `create`
    Insert,
    /// `upsert`, `merge`, and the modes of the schema `migration`
    Upsert,
    /// `delete`, `gdpr_delete`
    Delete,
}

impl Attribute {
    /// Whether it must be there in a mode that reads this column.
    pub(super) fn need(&self, column: Column) -> Need {
        match column {
            Column::Insert => self.needs.insert,
            Column::Upsert => self.needs.upsert,
            Column::Delete => self.needs.delete,
        }
    }
}

/// A slice of [`Attribute`], one row each: name, shape, needs.
macro_rules! attributes {
    ($entity:literal: $($name:literal: $shape:expr, $needs:expr;)*) => {
        &[$($crate::record::model::Attribute {
            name: $name,
            rule: concat!($entity, ".", $name),
            shape: $shape,
            needs: $needs,
        },)*]
    };
}
pub(super) use attributes;

impl Entity {
    /// The rows of all groups in order, each with a bit of its own: an entity has at most 64.
    pub fn rows(&self) -> impl Iterator<Item = (u64, &'static Group, &'static Attribute)> + use<> {
        let rows = self.groups.iter().flat_map(|group| group.attributes.iter().map(move |row| (group, row)));
        rows.enumerate().map(|(index, (group, row))| (1 << index, group, row))
    }
}

/// The rule that a value is held against.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its stable id.
    pub id: &'static str,
    /// Where it is from.
    pub section: &'static str,
    /// The worst that breaking it can be.
    pub worst: Severity,
}

impl Group {
    /// The rule of one of its attributes, inside something that is at worst this.
    pub(super) fn rule(&self, attribute: &Attribute, worst: Severity) -> Rule {
        let worst = if self.certain { worst } else { Severity::Warning };
        Rule { id: attribute.rule, section: self.section, worst }
    }
}
