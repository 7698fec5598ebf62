//! The table, which is Markdown that reads well as it is, and the same as JSON.

use std::io::Write;

use serde_json::{Value, json};

use crate::{
    Outcome,
    figures::{Line, median},
    rounds::{Measured, Path},
};

const HEAD: [&str; 8] = ["", "path", "measured", "against", "ratio", "reach", "then beat", "stands"];

/// Prints the table, and below it what one must know to read it.
pub(crate) fn table(out: &mut impl Write, measured: &Measured, lines: &[Line]) -> Outcome<()> {
    let mut rows: Vec<Vec<String>> = vec![HEAD.iter().map(|it| (*it).to_owned()).collect()];
    rows[0].push("server CPU".to_owned());
    rows.extend(lines.iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "))?;
        if number == 0 {
            let rules: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
            writeln!(out, "| {} |", rules.join(" | "))?;
        }
    }
    writeln!(out)?;
    notes(measured).iter().try_for_each(|note| writeln!(out, "{note}"))?;
    Ok(())
}

fn row(line: &Line) -> Vec<String> {
    let figure = |it: f64| format!("{it:.2}{}", line.unit);
    let sign = if line.less { "≤ " } else { "" };
    let goal = |it: f64| format!("{sign}{it}{}", line.unit);
    let is_one = line.range.start() == line.range.end();
    let range = if is_one {
        String::new()
    } else {
        format!(" ({:.2} to {:.2})", line.range.start(), line.range.end())
    };
    vec![
        line.id.to_owned(),
        line.what.clone(),
        line.measured.clone(),
        line.against.clone(),
        figure(line.value) + &range,
        goal(line.reach),
        line.beat.map(goal).unwrap_or_default(),
        line.stands().to_owned(),
        line.cpu.map(|it| format!("{it:.0} µs")).unwrap_or_default(),
    ]
}

fn notes(measured: &Measured) -> Vec<String> {
    let (opening, tried) = measured.texts;
    let (acknowledged, stored) = measured.tickets;
    let echo = |in_flight| {
        let rounds = measured.rounds.get(&(Path::EchoMessage, in_flight))?;
        Some(format!("{:.0} µs at {in_flight}", median(rounds.iter().map(|it| it.cpu_each()))))
    };
    let echoes: Vec<String> = [64, 256, 1024].into_iter().filter_map(echo).collect();
    let repetitions = measured.rounds.values().map(Vec::len).max().unwrap_or(0);
    let mut notes = vec![
        format!("Medians of {repetitions} repetitions of {} s, the range in brackets.", measured.seconds),
        "E: a bare tonic unary echo of the same message, as many in flight. F: one fdatasync.".to_owned(),
        format!("The echo's CPU: {}.", echoes.join(", ")),
        format!(
            "{opening} different texts ({tried} tried) open a ticket with one message; only they are sent."
        ),
        format!(
            "Tickets acknowledged {acknowledged}, in the database {stored}: {}",
            same(acknowledged, stored)
        ),
    ];
    if let Some((acknowledged, tickets, entries, events)) = measured.published {
        let tickets = format!(
            "acknowledged {acknowledged}, in the database {tickets}: {}",
            same(acknowledged, tickets)
        );
        notes.push(format!("With Redis: tickets {tickets}"));
        notes.push(format!("With Redis: events {events}, entries {entries}: {}", same(events, entries)));
        let (sent, seen) =
            measured.half_loads.iter().fold((0, 0), |sum, it| (sum.0 + it.tickets, sum.1 + it.entries));
        notes.push(format!("At half load: tickets {sent}, their entries read {seen}: {}", same(sent, seen)));
    }
    notes
}

fn same(one: u64, other: u64) -> &'static str {
    if one == other { "equal." } else { "DIFFERENT." }
}

/// Everything, for programs.
pub(crate) fn json(measured: &Measured, lines: &[Line]) -> Value {
    let line = |it: &Line| {
        json!({
            "id": it.id, "what": it.what, "measured": it.measured, "against": it.against,
            "value": it.value, "least": it.range.start(), "most": it.range.end(), "unit": it.unit.trim(),
            "reach": it.reach, "beat": it.beat, "stands": it.stands(), "server_cpu_us": it.cpu,
        })
    };
    let round = |((path, in_flight), rounds): (&(Path, usize), &Vec<crate::load::Round>)| {
        let each = |it: &crate::load::Round| {
            json!({
                "a_second": it.rate(), "failed": it.failed, "server_cpu_us": it.cpu_each(),
                "p50_ms": it.latency.quantile(0.5) * 1e3, "p99_ms": it.latency.quantile(0.99) * 1e3,
            })
        };
        let rounds: Vec<_> = rounds.iter().map(each).collect();
        json!({"path": format!("{path:?}"), "in_flight": in_flight, "rounds": rounds})
    };
    json!({
        "lines": lines.iter().map(line).collect::<Vec<_>>(),
        "rounds": measured.rounds.iter().map(round).collect::<Vec<_>>(),
        "fdatasync_ms": measured.syncs.iter().map(|it| it * 1e3).collect::<Vec<_>>(),
        "tickets": {"acknowledged": measured.tickets.0, "stored": measured.tickets.1},
        "notes": notes(measured),
    })
}
