//! The tables themselves.

use std::collections::BTreeSet;

use cdp_batch::record::envelope::PAIRS;
use cdp_batch::record::model::{Entity, Group};
use cdp_batch::record::shape::Shape;

fn walk(entity: &'static Entity, seen: &mut Vec<&'static Entity>) {
    if seen.iter().any(|other| other.name == entity.name) {
        return;
    }
    seen.push(entity);
    for (_, _, row) in entity.rows() {
        if let Shape::Object(inner) | Shape::Objects(inner, _) = row.shape {
            walk(inner, seen);
        }
    }
}

#[test]
fn every_row_of_every_table_has_a_section_an_id_and_a_bit_of_its_own() {
    let sections = [
        "protocol 4.1",
        "protocol 4.2",
        "protocol 4.3",
        "protocol 4.4",
        "protocol 4.6",
        "protocol 4.7",
        "protocol 4.8",
        "protocol 4.9",
        "protocol 4.10",
        "protocol 4.11",
        "protocol 4.12",
    ];
    let mut entities = Vec::new();
    PAIRS.iter().for_each(|pair| walk(pair.entity, &mut entities));
    let mut used = BTreeSet::new();
    for entity in entities {
        let rows: Vec<_> = entity.rows().collect();
        assert!(rows.len() <= 64 && !rows.is_empty(), "{}", entity.name);
        assert_eq!(
            rows.iter().map(|(_, _, row)| row.name).collect::<BTreeSet<_>>().len(),
            rows.len(),
            "{}",
            entity.name
        );
        for (_, Group { section, .. }, row) in rows {
            assert!(sections.contains(section), "{}: {section}", row.rule);
            assert_eq!(row.rule, format!("{}.{}", entity.name, row.name));
            used.insert(*section);
        }
        for name in entity.identity.iter().flat_map(|identity| identity.names) {
            assert!(entity.rows().any(|(_, _, row)| row.name == *name), "{name}");
        }
    }
    assert_eq!(used, BTreeSet::from(sections));
}
