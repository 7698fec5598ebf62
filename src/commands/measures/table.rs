//! Figures for people: a table, with a bar for each row.

use std::io::{self, Write as _, stdout};

use super::show::{Labels, OpenRow, Row};
use crate::{
    commands::paint::{Paint, in_style},
    desk::measures::BANDS,
    domain::{
        improvement::{Figure, Gauge},
        measure::{Measure, Nature},
    },
};

/// Longest bar, in characters.
const BAR: f64 = 16.0;
/// Parts of a character, from none to all of it.
const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Prints figures. `periods` says that rows have periods of their own.
pub(super) fn figures(rows: &[Row], (from, to): (&str, &str), periods: bool) -> io::Result<()> {
    let (out, paint) = (&mut stdout().lock(), Paint::of(&stdout()));
    if rows.is_empty() {
        return writeln!(out, "Nothing is measured from {from} to {to}.");
    }
    let mut lines = vec![];
    let mut head = vec!["MEASURE".to_owned()];
    head.extend(periods.then(|| "FROM".to_owned()));
    head.extend(names(&rows[0].labels));
    head.extend(["COUNT", "MEAN", "P50", "P90", "P95", "MAX"].map(ToOwned::to_owned));
    for row in rows {
        let nature = Measure::parse(row.measure).map_or(Nature::Count, Measure::nature);
        let mut line = vec![row.measure.to_owned()];
        line.extend(periods.then(|| row.from.clone()));
        line.extend(row.labels.all().map(|(_, it)| if it.is_empty() { "-" } else { it }.to_owned()));
        line.push(row.count.to_string());
        line.push(amount(nature, row.mean));
        line.extend(
            [row.p50, row.p90, row.p95, row.max]
                .map(|it| it.map_or_else(String::new, |it| amount(nature, it.into()))),
        );
        lines.push(line);
    }
    let texts = head.len() - 6;
    let mut bars = rows.iter().map(|row| {
        let of = |it: &Row| {
            if it.measure == "opened" || it.measure == "reopened" { it.count as f64 } else { it.mean }
        };
        let most = rows.iter().filter(|it| it.measure == row.measure).map(of).fold(0.0, f64::max);
        bar(of(row), most)
    });
    writeln!(out, "{from} to {to}, days of UTC")?;
    print(out, paint, (&head, &lines, texts), &mut bars)
}

/// Prints open tickets.
pub(super) fn backlog(rows: &[OpenRow]) -> io::Result<()> {
    let (out, paint) = (&mut stdout().lock(), Paint::of(&stdout()));
    if rows.is_empty() {
        return writeln!(out, "Nothing is open.");
    }
    let mut head = names(&rows[0].labels);
    let texts = head.len();
    head.push("OPEN".to_owned());
    head.extend(BANDS.iter().map(|it| format!("≥{}", span(f64::from(*it)))));
    head.extend(["P50", "P90", "P95", "OLDEST"].map(ToOwned::to_owned));
    let line = |row: &OpenRow| {
        let mut line: Vec<_> = row.labels.all().map(|it| it.1.to_owned()).collect();
        line.push(row.count.to_string());
        line.extend(row.bands.iter().map(ToString::to_string));
        line.extend([row.p50, row.p90, row.p95, row.max].map(|it| span(it.into())));
        line
    };
    let lines: Vec<_> = rows.iter().map(line).collect();
    let most = rows.iter().map(|it| it.count).max().unwrap_or_default() as f64;
    let mut bars = rows.iter().map(|it| bar(it.count as f64, most));
    print(out, paint, (&head, &lines, texts), &mut bars)
}

fn names(labels: &Labels) -> Vec<String> {
    labels.all().map(|(name, _)| name.to_uppercase()).collect()
}

/// The first columns are texts, the others numbers.
fn print(
    out: &mut impl io::Write,
    paint: Paint,
    (head, lines, texts): (&[String], &[Vec<String>], usize),
    bars: &mut dyn Iterator<Item = String>,
) -> io::Result<()> {
    let width = |place: usize| {
        let all = lines.iter().chain([&head.to_vec()]).map(|it| it[place].chars().count()).max();
        all.unwrap_or_default()
    };
    let widths: Vec<_> = (0..head.len()).map(width).collect();
    let cells = |line: &[String]| {
        let cell = |(place, (it, width)): (usize, (&String, &usize))| {
            if place < texts { format!("{it:<width$}") } else { format!("{it:>width$}") }
        };
        line.iter().zip(&widths).enumerate().map(cell).collect::<Vec<_>>().join("  ")
    };
    writeln!(out, "{}", in_style(paint.strong, cells(head)))?;
    for line in lines {
        let bar = in_style(paint.key, bars.next().unwrap_or_default());
        writeln!(out, "{}", format!("{}  {bar}", cells(line)).trim_end())?;
    }
    Ok(())
}

/// As long as a value is beside the largest one, in eighths of a character.
fn bar(value: f64, most: f64) -> String {
    let eighths = if 0.0 < most { (8.0 * BAR * value / most).round() as usize } else { 0 };
    "█".repeat(eighths / 8) + PARTS[eighths % 8]
}

/// A value as its measure writes it.
pub(super) fn amount(nature: Nature, value: f64) -> String {
    match nature {
        Nature::Count => String::new(),
        Nature::Seconds => span(value),
        Nature::Share => format!("{:.1} %", 100.0 * value),
        Nature::Times | Nature::Score => format!("{value:.2}"),
    }
}

/// A figure of an improvement, for people.
pub(in crate::commands) fn value(gauge: &Gauge, value: f64) -> String {
    match (gauge.figure, gauge.measure.nature()) {
        // One of ninety days need not be a whole one in thirty.
        (Figure::Count, _) => format!("{} {}", (value * 10.0).round() / 10.0, gauge.unit()),
        (_, nature) => amount(nature, value),
    }
}

/// Seconds, in the two largest units; from a minute on to the nearest one.
fn span(seconds: f64) -> String {
    let all = if seconds.round() < 60.0 { 0 } else { (seconds / 60.0).round() as u64 };
    let (days, hours, minutes) = (all / 1_440, all / 60 % 24, all % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{}s", seconds.round()),
        (0, 0, _) => format!("{minutes}m"),
        (0, _, 0) => format!("{hours}h"),
        (0, _, _) => format!("{hours}h{minutes:02}m"),
        (_, 0, _) => format!("{days}d"),
        (_, _, _) => format!("{days}d{hours:02}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_bars_are_short_and_right() {
        let spans = [0, 59, 60, 3599, 3600, 5400, 86_399, 90_000].map(|it| span(f64::from(it)));
        assert_eq!(spans, ["0s", "59s", "1m", "1h", "1h", "1h30m", "1d", "1d01h"]);
        assert_eq!(
            (bar(8.0, 8.0).chars().count(), bar(4.0, 8.0), bar(0.0, 0.0)),
            (16, "█".repeat(8), String::new())
        );
        assert_eq!(bar(1.0, 128.0), "▏");
        assert_eq!(amount(Nature::Share, 0.125), "12.5 %");
    }
}
