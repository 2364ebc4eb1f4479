//! The README's fault tables are the documentation of the plan format, so they are held against the code.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

const README: &str = include_str!("../README.md");

/// Names an enum accepts, as serde lists them when it is given another one.
fn names<T: serde::de::DeserializeOwned>(unknown: &str) -> Vec<String> {
    let error = serde_json::from_str::<T>(unknown).map(|_| ()).unwrap_err().to_string();
    error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_readme_shows_every_fault_with_its_endpoints_and_a_valid_example() {
    let rows = README.lines().filter(|line| line.contains(r#"`{"type""#));
    let mut shown = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let fault: Fault = serde_json::from_str(cells[3].trim_matches('`')).unwrap();
        let (name, endpoints) = fault.row();
        let listed: Vec<String> =
            endpoints.iter().map(|on| serde_json::to_value(on).unwrap().as_str().unwrap().to_owned()).collect();
        let expected = if listed.len() == 6 { "any".to_owned() } else { listed.join(", ") };
        assert_eq!(cells[2], expected, "{name}");
        shown.push(name);
    }
    assert_eq!(shown, names::<Fault>(r#"{"type":"?"}"#));
    for quirk in names::<Quirk>(r#""?""#) {
        assert!(README.contains(&format!("`{quirk}`")), "{quirk}");
    }
}

#[test]
fn the_readmes_plan_is_valid() {
    let plan = README.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(plan.parse::<FaultPlan>().unwrap().rules.len(), 3);
}
