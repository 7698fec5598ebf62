//! The charts, as SVG that takes its colours from the page.

use std::fmt::Write as _;

use super::{
    Matrix,
    html::{escaped, percent},
};
use crate::model::evaluation::{coverage::Point, reliability::Bin};

/// The field that is drawn in, in units of the picture.
const LEFT: f64 = 70.0;
const TOP: f64 = 30.0;
const WIDTH: f64 = 444.0;
const HEIGHT: f64 = 260.0;

/// From so many messages on a bin is part of the line.
const STEADY: usize = 5;

/// How sure verdicts were, against how many were right; dots are as large as they have messages.
pub(super) fn reliability(bins: &[Bin]) -> String {
    let most = bins.iter().map(|bin| bin.messages).max().unwrap_or(1).max(1) as f64;
    let mut inside = format!(
        "<line class=\"ideal\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
        LEFT,
        TOP + HEIGHT,
        LEFT + WIDTH,
        TOP
    );
    let there: Vec<&Bin> = bins.iter().filter(|bin| 0 < bin.messages).collect();
    let place =
        |bin: &Bin| format!("{:.1},{:.1}", LEFT + WIDTH * bin.confidence, TOP + HEIGHT * (1.0 - bin.right));
    // A handful of messages says nothing of a share: such bins are dots, and the line passes them over.
    let steady = there.iter().filter(|bin| STEADY <= bin.messages).map(|bin| place(bin));
    let line: Vec<String> = steady.collect();
    let _ = write!(inside, "<polyline class=\"curve\" points=\"{}\"/>", line.join(" "));
    for bin in there {
        let place = place(bin);
        let (x, y) = place.split_once(',').unwrap_or_default();
        let radius = 3.0 + 9.0 * (bin.messages as f64 / most).sqrt();
        let said = percent(bin.confidence);
        let _ = write!(
            inside,
            "<circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"{radius:.1}\"><title>{} messages: said {said}, right {}</title></circle>",
            bin.messages,
            percent(bin.right)
        );
    }
    let ticks: Vec<(f64, String)> =
        (0..=5).map(|it| (f64::from(it) / 5.0, format!("{} %", it * 20))).collect();
    framed("Reliability curve", ("how sure the model was", &ticks), ("how many were right", &ticks), &inside)
}

/// How many messages are dispatched, against how many of these are wrong.
pub(super) fn coverage(curve: &[Point]) -> String {
    let highest = curve.iter().skip(curve.len() / 50).map(|point| point.risk).fold(0.02, f64::max) * 1.1;
    let x = |coverage: f64| LEFT + WIDTH * coverage;
    let y = |risk: f64| TOP + HEIGHT * (1.0 - (risk / highest).min(1.0));
    let step = curve.len().div_ceil(400).max(1);
    let last = curve.last().into_iter();
    let places: Vec<String> = curve
        .iter()
        .step_by(step)
        .chain(last)
        .map(|point| format!("{:.1},{:.1}", x(point.coverage), y(point.risk)))
        .collect();
    let end = curve.last().map_or(0.0, |point| point.coverage);
    let start = curve.first().map_or(0.0, |point| point.coverage);
    let inside = format!(
        "<polygon class=\"area\" points=\"{:.1},{:.1} {} {:.1},{:.1}\"/><polyline class=\"curve\" points=\"{}\"/>\
         <line class=\"ideal\" x1=\"{LEFT}\" y1=\"{two:.1}\" x2=\"{}\" y2=\"{two:.1}\"/>\
         <text class=\"note\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">2 % wrong</text>",
        x(start),
        y(0.0),
        places.join(" "),
        x(end),
        y(0.0),
        places.join(" "),
        LEFT + WIDTH,
        LEFT + WIDTH - 6.0,
        y(0.02) - 6.0,
        two = y(0.02),
    );
    let across: Vec<(f64, String)> =
        (0..=5).map(|it| (f64::from(it) / 5.0, format!("{} %", it * 20))).collect();
    let up: Vec<(f64, String)> =
        (0..=4).map(|it| (f64::from(it) / 4.0, format!("{:.1} %", 25.0 * f64::from(it) * highest))).collect();
    framed("Coverage against risk", ("messages dispatched", &across), ("wrong among them", &up), &inside)
}

type Axis<'a> = (&'a str, &'a [(f64, String)]);

fn framed(title: &str, (below, across): Axis<'_>, (beside, up): Axis<'_>, inside: &str) -> String {
    let mut out = format!(
        "<svg viewBox=\"0 0 540 346\" role=\"img\" aria-label=\"{title}\" class=\"chart\"><g class=\"grid\">"
    );
    for (place, _) in up {
        let y = TOP + HEIGHT * (1.0 - place);
        let _ = write!(out, "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{}\" y2=\"{y:.1}\"/>", LEFT + WIDTH);
    }
    out.push_str("</g><g class=\"ticks\">");
    for (place, name) in across {
        let _ = write!(
            out,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{name}</text>",
            LEFT + WIDTH * place,
            TOP + HEIGHT + 18.0
        );
    }
    for (place, name) in up {
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
            LEFT - 8.0,
            TOP + HEIGHT * (1.0 - place) + 4.0
        );
    }
    let _ = write!(
        out,
        "</g>{inside}<text class=\"axis\" x=\"{:.1}\" y=\"338\" text-anchor=\"middle\">{below} →</text>\
         <text class=\"axis\" x=\"{}\" y=\"{}\" text-anchor=\"start\">↑ {beside}</text></svg>",
        LEFT + WIDTH / 2.0,
        4,
        14
    );
    out
}

/// The confusion matrix: a row a label, a column what it was taken for; the darker, the larger the share of the row.
pub(super) fn matrix(matrix: &Matrix) -> String {
    const CELL: usize = 26;
    let Matrix { labels, counts, .. } = matrix;
    let longest = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default().min(28);
    let (left, top) = (longest * 7 + 18, longest * 5 + 34);
    let columns = labels.len() + 1;
    let (width, height) = (left + columns * CELL + longest * 5 + 10, top + labels.len() * CELL + 8);
    let mut out = format!(
        "<div class=\"wide\"><svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"Confusion matrix\" class=\"matrix\">"
    );
    for (column, name) in labels.iter().map(String::as_str).chain(["any other"]).enumerate() {
        let x = left + column * CELL + CELL / 2 + 4;
        let _ = write!(
            out,
            "<text class=\"ticks\" transform=\"translate({x} {}) rotate(-45)\">{}</text>",
            top - 6,
            escaped(&cut(name))
        );
    }
    for (row, (label, counts)) in labels.iter().zip(counts).enumerate() {
        let y = top + row * CELL;
        let _ = write!(
            out,
            "<text class=\"ticks\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            left - 6,
            y + CELL / 2 + 4,
            escaped(&cut(label))
        );
        let sum = counts.iter().sum::<usize>().max(1);
        for (column, count) in counts.iter().enumerate() {
            cell(&mut out, (left + column * CELL, y), (*count, sum), row == column);
            if 0 < *count {
                let taken = labels.get(column).map_or("any other", String::as_str);
                let _ = write!(
                    out,
                    "<title>{count} of {sum} {} taken for {}</title></g>",
                    escaped(label),
                    escaped(taken)
                );
            } else {
                out.push_str("</g>");
            }
        }
    }
    out.push_str("</svg></div>");
    out
}

/// Opens a group with a square and its count.
fn cell(out: &mut String, (x, y): (usize, usize), (count, sum): (usize, usize), right: bool) {
    let share = count as f64 / sum as f64;
    let class = if right { "right" } else { "wrong" };
    // Small shares of wrong ones must be seen as well.
    let strength = if count == 0 {
        0.0
    } else if right {
        share
    } else {
        share.sqrt()
    };
    let bold = if 0.55 < strength { " strong" } else { "" };
    let _ = write!(
        out,
        "<g><rect class=\"back\" x=\"{x}\" y=\"{y}\" width=\"25\" height=\"25\" rx=\"3\"/>\
         <rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"25\" height=\"25\" rx=\"3\" fill-opacity=\"{strength:.2}\"/>"
    );
    if 0 < count {
        let shown = if count < 1000 { count.to_string() } else { format!("{}k", count / 1000) };
        let _ = write!(
            out,
            "<text class=\"count{bold}\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{shown}</text>",
            x + 12,
            y + 16
        );
    }
}

fn cut(label: &str) -> String {
    const LONGEST: usize = 28;
    let mut short: String = label.chars().take(LONGEST).collect();
    if short.len() < label.len() {
        short.push('…');
    }
    short
}

/// A bar of a share, as long as it is large.
pub(super) fn bar(share: f64) -> String {
    let share = share.clamp(0.0, 1.0);
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"back\" width=\"100\" height=\"10\" rx=\"2\"/>\
         <rect class=\"fill\" width=\"{:.1}\" height=\"10\" rx=\"2\"/></svg>",
        100.0 * share
    )
}
