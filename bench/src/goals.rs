//! What was set out to be reached, and what was.

use std::fmt::Write;

use crate::measure::median;
use crate::pack::{Outcome, Row};
use crate::packer::Family::{
    self, Baseline, Envelope, Gzippy, Gzp, Libdeflate, Model, Node, Ours, Pigz, Python, PythonIsal, PythonZlibNg,
};
use crate::packer::Packer;

/// One line of the table.
struct Goal {
    what: String,
    wanted: String,
    measured: String,
    met: bool,
}

/// A Markdown table of all goals.
pub(crate) fn table(outcomes: &[Outcome]) -> String {
    let mut text = "| corpus | goal | wanted | measured | met |\n|---|---|--:|--:|---|\n".to_owned();
    for outcome in outcomes {
        for Goal { what, wanted, measured, met } in goals(outcome) {
            let met = if met { "yes" } else { "**no**" };
            let _ = writeln!(text, "| {} | {what} | {wanted} | {measured} | {met} |", outcome.corpus.name);
        }
    }
    text
}

fn goals(outcome: &Outcome) -> Vec<Goal> {
    let row = |family, level, threads| outcome.row(Packer { family, level, threads });
    let Some(default) = row(Ours, 6, 2) else { return Vec::new() };
    let mut goals = Vec::new();
    let pigz_speed = match outcome.corpus.name {
        "guests" => Some(3.2),
        "orders" => Some(2.8),
        _ => None,
    };
    if let Some(pigz) = row(Pigz, 6, 2) {
        goals.extend(pigz_speed.map(|factor| faster(default, pigz, factor)));
        goals.push(smaller(default, pigz, 1.0));
    }
    // Of those whose output is not smaller, the fastest.
    let threaded = outcome.rows.iter().filter(|row| {
        let Packer { family, threads, .. } = row.packer;
        threads == 2 && [PythonZlibNg, Gzp, Gzippy].contains(&family) && row.packed >= default.packed
    });
    if let Some(fastest) = threaded.min_by(|a, b| a.seconds().total_cmp(&b.seconds())) {
        goals.push(faster(default, fastest, 1.5));
        // That peer writes much more than our default. What we do at its size, at whichever level that is:
        let ours = (1..=9).filter_map(|level| row(Ours, level, 2)).filter(|ours| ours.packed <= fastest.packed);
        if let Some(ours) = ours.min_by(|a, b| a.seconds().total_cmp(&b.seconds())) {
            goals.push(faster(ours, fastest, 1.5));
            goals.push(smaller(ours, fastest, 1.0));
        }
    }
    if let Some(baseline) = row(Baseline, 6, 2) {
        goals.push(faster(default, baseline, 1.0));
        // JSON that the engine was not made for must be no worse off with it.
        goals.extend((!outcome.corpus.is_records).then(|| smaller(default, baseline, 1.0)));
    }
    if let (Some(quick), Some(igzip)) = (row(Ours, 1, 2), row(PythonIsal, 2, 2)) {
        goals.push(faster(quick, igzip, 1.0));
        goals.push(smaller(quick, igzip, 0.95));
    }
    if let (Some(small), Some(libdeflate)) = (row(Ours, 9, 2), row(Libdeflate, 9, 1)) {
        goals.push(faster(small, libdeflate, 2.0));
        goals.push(smaller(small, libdeflate, 1.0));
    }
    if let Some(python) = row(Python, 6, 1) {
        goals.push(faster(default, python, 5.5));
        goals.push(smaller(default, python, 1.0));
    }
    goals.extend(row(Node, 6, 1).map(|node| faster(default, node, 5.0)));
    goals.extend(row(Envelope, 6, 2).map(|checked| costs(checked, default, 1.1)));
    goals.extend(row(Model, 6, 2).map(|checked| costs(checked, default, 1.6)));
    goals
}

/// How much faster one is than the other: the median over the rounds.
fn speed(one: &Row, other: &Row) -> f64 {
    let pairs = one.samples.iter().zip(&other.samples);
    median(pairs.map(|(one, other)| other.wall.as_secs_f64() / one.wall.as_secs_f64()))
}

fn faster(one: &Row, other: &Row, factor: f64) -> Goal {
    let times = speed(one, other);
    Goal {
        what: format!("{} as fast as {}", name(one), name(other)),
        wanted: format!("≥ {factor:.1} x"),
        measured: format!("{times:.2} x"),
        met: times >= factor,
    }
}

fn smaller(one: &Row, other: &Row, factor: f64) -> Goal {
    let share = one.packed as f64 / other.packed as f64;
    Goal {
        what: format!("size of {}, of that of {}", name(one), name(other)),
        wanted: format!("≤ {:.0} %", factor * 100.0),
        measured: format!("{:.1} %", share * 100.0),
        met: share <= factor,
    }
}

fn costs(checked: &Row, default: &Row, factor: f64) -> Goal {
    let times = checked.times(default);
    Goal {
        what: format!("time of {}, of that without", checked.packer.family.name()),
        wanted: format!("≤ {:.0} %", factor * 100.0),
        measured: format!("{:.0} %", times * 100.0),
        met: times <= factor,
    }
}

fn name(row: &Row) -> String {
    let Packer { family, level, threads } = row.packer;
    let threads = if threads > 1 && family != Family::Ours { format!(", {threads} threads") } else { String::new() };
    format!("{} -{level}{threads}", family.name())
}
