//! The frontier as a picture: throughput against size, a panel for each corpus.

use std::fmt::Write;

use crate::pack::{Outcome, Row};
use crate::packer::Family;
use crate::table::percent;

/// Pixels of a panel, and of the space around it for its axes and title.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 52.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 44.0;
const GAP: f64 = 20.0;
const LEGEND: f64 = 44.0;
/// Panels side by side.
const COLUMNS: usize = 3;

/// Throughputs that get a line across; the axis is logarithmic.
const THROUGHPUTS: [f64; 8] = [10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0];

/// A packer's place: per cent of the input, and MB/s.
struct Point<'a> {
    row: &'a Row,
    size: f64,
    throughput: f64,
}

/// Where a panel lies, and the ranges of its axes.
struct Panel {
    left: f64,
    top: f64,
    sizes: (f64, f64),
    throughputs: (f64, f64),
}

impl Panel {
    fn x(&self, size: f64) -> f64 {
        self.left + (size - self.sizes.0) / (self.sizes.1 - self.sizes.0) * WIDTH
    }

    fn y(&self, throughput: f64) -> f64 {
        let (low, high) = (self.throughputs.0.ln(), self.throughputs.1.ln());
        self.top + HEIGHT - (throughput.ln() - low) / (high - low) * HEIGHT
    }
}

/// An SVG of all corpora. Up and to the left is better.
pub(crate) fn frontier(outcomes: &[Outcome]) -> String {
    let width = (LEFT + WIDTH + GAP) * outcomes.len().min(COLUMNS) as f64;
    let height = (TOP + HEIGHT + BOTTOM) * outcomes.len().div_ceil(COLUMNS) as f64 + LEGEND;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (number, outcome) in outcomes.iter().enumerate() {
        let left = LEFT + (LEFT + WIDTH + GAP) * (number % COLUMNS) as f64;
        let top = TOP + (TOP + HEIGHT + BOTTOM) * (number / COLUMNS) as f64;
        put_panel(&mut svg, outcome, left, top);
    }
    put_legend(&mut svg, outcomes, height - LEGEND + 12.0);
    svg + "</svg>\n"
}

fn put_panel(svg: &mut String, outcome: &Outcome, left: f64, top: f64) {
    let point =
        |row| Point { row, size: percent(row, outcome.size), throughput: outcome.size as f64 / 1e6 / row.seconds() };
    let points: Vec<Point<'_>> = outcome.rows.iter().map(point).collect();
    let sizes = || points.iter().map(|point| point.size);
    let throughputs = || points.iter().map(|point| point.throughput);
    let panel = Panel {
        left,
        top,
        sizes: (sizes().fold(f64::MAX, f64::min).floor(), sizes().fold(0.0, f64::max).ceil()),
        throughputs: (throughputs().fold(f64::MAX, f64::min) / 1.2, throughputs().fold(0.0, f64::max) * 1.2),
    };
    put_axes(svg, &panel, outcome.corpus.name);
    put_line(svg, &panel, &points);
    for Point { row, size, throughput } in &points {
        let (x, y, colour) = (panel.x(*size), panel.y(*throughput), row.packer.family.colour());
        let fill = if row.packer.threads > 1 { colour } else { "white" };
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" stroke=\"{colour}\" fill=\"{fill}\"/>");
        let (x, y) = (x + 6.0, y - 4.0);
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{}</text>", row.packer.level);
    }
}

fn put_axes(svg: &mut String, panel: &Panel, title: &str) {
    let Panel { left, top, sizes, throughputs } = panel;
    let bottom = top + HEIGHT;
    let _ = writeln!(svg, "<text x=\"{left}\" y=\"{:.0}\" font-size=\"14\">{title}</text>", top - 12.0);
    let _ = writeln!(
        svg,
        "<rect x=\"{left}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"none\" stroke=\"#999\"/>"
    );
    for throughput in THROUGHPUTS.into_iter().filter(|t| (throughputs.0..throughputs.1).contains(t)) {
        let y = panel.y(throughput);
        let right = left + WIDTH;
        let _ = writeln!(svg, "<path d=\"M{left} {y:.1}H{right}\" stroke=\"#ddd\"/>");
        let (x, y) = (left - 4.0, y + 4.0);
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y:.1}\" text-anchor=\"end\">{throughput}</text>");
    }
    // Ten marks at most.
    let step = ((sizes.1 - sizes.0) / 10.0).ceil().max(1.0);
    let mut size = sizes.0;
    while size <= sizes.1 {
        let (x, y) = (panel.x(size), bottom + 14.0);
        let _ = writeln!(svg, "<path d=\"M{x:.1} {top}V{bottom}\" stroke=\"#eee\"/>");
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{size}</text>");
        size += step;
    }
    let (x, y) = (left + WIDTH / 2.0, bottom + 32.0);
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">size, % of the input</text>");
    let (x, y) = (left - 36.0, top + HEIGHT / 2.0);
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" transform=\"rotate(-90 {x} {y})\">MB/s of input</text>"
    );
}

/// Joins our points with two threads, level by level.
fn put_line(svg: &mut String, panel: &Panel, points: &[Point<'_>]) {
    let is_ours = |point: &&Point<'_>| point.row.packer.family == Family::Ours && point.row.packer.threads == 2;
    let place = |point: &Point<'_>| format!("{:.1} {:.1}", panel.x(point.size), panel.y(point.throughput));
    let path: Vec<String> = points.iter().filter(is_ours).map(place).collect();
    if path.is_empty() {
        return;
    }
    let colour = Family::Ours.colour();
    let _ = writeln!(svg, "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\"/>", path.join("L"));
}

fn put_legend(svg: &mut String, outcomes: &[Outcome], y: f64) {
    let is_shown =
        |family: &Family| outcomes.iter().flat_map(|outcome| &outcome.rows).any(|row| row.packer.family == *family);
    let (mut x, text_y) = (LEFT, y + 4.0);
    for family in Family::ALL.into_iter().filter(is_shown) {
        let text_x = x + 8.0;
        let _ = writeln!(svg, "<circle cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"4\" fill=\"{}\"/>", family.colour());
        let _ = writeln!(svg, "<text x=\"{text_x:.0}\" y=\"{text_y:.0}\">{}</text>", family.name());
        x += 40.0 + 6.2 * family.name().len() as f64;
    }
    let key = "Numbers are levels. Filled: two threads, hollow: one. Up and to the left is better.";
    let key_y = text_y + 18.0;
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{key_y:.0}\" fill=\"#666\">{key}</text>");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::corpus::CORPORA;
    use crate::measure::Sample;
    use crate::packer::field;

    #[test]
    fn every_packer_has_its_place_in_every_panel() {
        let outcomes: Vec<Outcome> =
            CORPORA.iter().map(|corpus| Outcome { corpus, size: 1_000_000, rows: rows() }).collect();
        let svg = frontier(&outcomes);
        let of_legend = Family::ALL.len();
        assert_eq!(svg.matches("<circle").count(), field().count() * CORPORA.len() + of_legend);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    /// A higher level takes longer and packs smaller.
    fn rows() -> Vec<Row> {
        let row = |packer: crate::packer::Packer| {
            let wall = Duration::from_millis(5 + 3 * u64::from(packer.level));
            let sample = Sample { wall, cpu: wall, peak: 1 };
            Row { packer, samples: vec![sample; 5], packed: 300_000 - 12_000 * u64::from(packer.level) }
        };
        field().map(row).collect()
    }
}
