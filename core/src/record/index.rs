//! The rows of an entity, gathered so that a record's attributes need not be looked for one row after the other.

use std::sync::OnceLock;

use super::model::{Attribute, Column, Entity, Group, Need};

/// A row, the group it is in, and a bit of its own: an entity has at most 64 rows.
pub(super) type Row = (u64, &'static Group, &'static Attribute);

/// An entity's rows by name and by need, gathered when they are first asked for.
#[derive(Debug)]
pub struct Index(OnceLock<Gathered>);

#[derive(Debug)]
struct Gathered {
    rows: Vec<Row>,
    /// By a hash of the name, at that place or right after it, where in `rows` the name is.
    places: [Option<u8>; SLOTS],
    /// By column, the rows that are not simply optional.
    needed: [Vec<Row>; 3],
    /// The bits of the rows that the entity is recognised by.
    identity: u64,
}

/// Four times as many as there are rows at most, so that few names share one.
const SLOTS: usize = 256;

impl Index {
    /// Nothing is gathered yet.
    pub(super) const fn new() -> Self {
        Self(OnceLock::new())
    }

    fn of(entity: &Entity) -> &Gathered {
        entity.index.0.get_or_init(|| Gathered::new(entity))
    }
}

impl Entity {
    /// The row of this name.
    pub(super) fn row(&self, name: &[u8]) -> Option<Row> {
        let gathered = Index::of(self);
        slots(name)
            .map_while(|slot| gathered.rows.get(usize::from(gathered.places[slot]?)))
            .find(|row| is(row, name))
            .copied()
    }

    /// The rows that are required, or expected, or disputed, in a mode that reads this column.
    pub(super) fn needed(&self, column: Column) -> &[Row] {
        &Index::of(self).needed[column as usize]
    }

    /// Whether it is not recognised by any of the rows with these bits, and ought to be.
    pub(super) fn lacks_identity(&self, filled: u64) -> bool {
        self.identity.is_some() && Index::of(self).identity & filled == 0
    }
}

impl Gathered {
    fn new(entity: &Entity) -> Self {
        let rows: Vec<Row> = entity.rows().collect();
        let mut places = [None; SLOTS];
        for (place, (.., row)) in (0..).zip(&rows) {
            let free = slots(row.name.as_bytes()).find(|slot| places[*slot].is_none());
            free.into_iter().for_each(|slot| places[slot] = Some(place));
        }
        let needed = [Column::Insert, Column::Upsert, Column::Delete].map(|column| {
            let is_needed = |(.., row): &&Row| !matches!(row.need(column), Need::Optional);
            rows.iter().filter(is_needed).copied().collect()
        });
        let names = entity.identity.as_ref().map_or(&[][..], |identity| identity.names);
        let identity = rows.iter().filter(|(.., row)| names.contains(&row.name)).map(|(bit, ..)| bit).sum();
        Gathered { rows, places, needed, identity }
    }
}

/// Whether a row has this name. Most names have 8 to 16 bytes: their first and last eight are compared without a call.
fn is((.., row): &&Row, name: &[u8]) -> bool {
    let own = row.name.as_bytes();
    own.len() == name.len()
        && match own.len() {
            8..=16 => own.first_chunk::<8>() == name.first_chunk() && own.last_chunk::<8>() == name.last_chunk(),
            _ => own == name,
        }
}

/// Where a name may be, in the order in which to look.
fn slots(name: &[u8]) -> impl Iterator<Item = usize> {
    let at = |index: usize| name.get(index).copied().map_or(0, usize::from);
    let hash = name.len() + 3 * at(0) + 7 * at(name.len() / 2) + 31 * at(name.len().saturating_sub(1));
    (hash..hash + SLOTS).map(|slot| slot % SLOTS)
}

#[cfg(test)]
mod tests {
    use crate::record::guest::GUEST;
    use crate::record::order::ORDER;

    #[test]
    fn every_row_is_found_by_its_name_and_nothing_else_is() {
        for entity in [&GUEST, &ORDER] {
            for (bit, _, row) in entity.rows() {
                let found = entity.row(row.name.as_bytes());
                assert!(found.is_some_and(|(its, _, same)| its == bit && std::ptr::eq(same, row)), "{}", row.name);
                assert!(entity.row(format!("{}x", row.name).as_bytes()).is_none());
            }
            assert!(entity.row(b"").is_none());
        }
    }
}
