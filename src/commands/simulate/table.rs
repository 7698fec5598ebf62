//! The findings for people: a table a load, bars for the pressing tickets, and where `sla_aware` loses.

use std::io::{self, Write};

use crate::{
    commands::paint::{Paint, in_style},
    simulate::findings::{Figures, Findings, Load, Outcome, Verdict},
};

/// Characters of the longest bar.
const BAR: f64 = 40.0;
/// Which row has bars.
const PRESSING: &str = "P1+P2";

/// Prints what was found in a scenario.
pub(super) fn print(out: &mut impl Write, paint: Paint, it: &Findings) -> io::Result<()> {
    let about = if it.about.is_empty() { String::new() } else { format!(": {}", it.about) };
    writeln!(out, "{}{about}", in_style(paint.strong, &it.scenario))?;
    writeln!(
        out,
        "{} runs of {} weeks at each load, seed {}; % done late, and 95 % intervals",
        it.runs, it.weeks, it.seed
    )?;
    for at in &it.loads {
        table(out, paint, at)?;
    }
    bars(out, paint, it)?;
    losses(out, paint, it)
}

fn table(out: &mut impl Write, paint: Paint, at: &Load) -> io::Result<()> {
    let names = at.rows.first().map_or(&[][..], |it| it.policies.as_slice());
    let heads: String = names.iter().map(|it| format!("{:>26}", it.policy)).collect();
    writeln!(
        out,
        "\n{}",
        in_style(
            paint.strong,
            format!("{:<10}{:>9}{:>9}{heads}", format!("load {}", at.load), "tickets", "too long")
        )
    )?;
    for row in &at.rows {
        write!(out, "{:<10}{:>9.0}{:>9.2}", row.priority, row.tickets, 100.0 * row.too_long.value)?;
        for it in &row.policies {
            write!(out, "{}", cell(paint, it))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn cell(paint: Paint, it: &Outcome) -> String {
    let (mark, style) = match it.verdict {
        Some(Verdict::Apart) => ("++", paint.fine),
        Some(Verdict::Wins) => ("+", paint.fine),
        Some(Verdict::Loses) => ("-", paint.wrong),
        Some(Verdict::Open) | None => ("", paint.faint),
    };
    let [value, low, high] = [it.late.value, it.late.low, it.late.high].map(|it| 100.0 * it);
    let figures = format!("{value:.2} [{low:.2},{high:.2}]");
    format!("{figures:>23} {}", in_style(style, format_args!("{mark:<2}")))
}

fn bars(out: &mut impl Write, paint: Paint, it: &Findings) -> io::Result<()> {
    let rows =
        it.loads.iter().filter_map(|at| Some((at.load, at.rows.iter().find(|it| it.priority == PRESSING)?)));
    let rows: Vec<(f64, &Figures)> = rows.collect();
    let each = rows.iter().flat_map(|(_, row)| &row.policies);
    let highest = each.map(|it| it.late.value).fold(f64::MIN_POSITIVE, f64::max);
    writeln!(out, "\n{}", in_style(paint.strong, format_args!("{PRESSING} done late")))?;
    for (load, row) in rows {
        for (place, it) in row.policies.iter().enumerate() {
            let name = if place == 0 { format!("load {load}") } else { String::new() };
            let bar = "█".repeat((BAR * it.late.value / highest).round() as usize);
            let style = if place == 0 { paint.fine } else { paint.faint };
            writeln!(
                out,
                "{name:<10}{:<15} {} {:.2} %",
                it.policy,
                in_style(style, bar),
                100.0 * it.late.value
            )?;
        }
    }
    Ok(())
}

fn losses(out: &mut impl Write, paint: Paint, it: &Findings) -> io::Result<()> {
    writeln!(
        out,
        "\n++ sla_aware is late less often and the intervals are apart; + less often on the same tickets; - more often.\n\
         too long: takes more work than its promise has time."
    )?;
    let losses = it.losses();
    if losses.is_empty() {
        return writeln!(out, "Nowhere is sla_aware late more often for sure.\n");
    }
    writeln!(out, "{}", in_style(paint.wrong, "Where sla_aware loses:"))?;
    for loss in losses {
        writeln!(out, "  {loss}")?;
    }
    writeln!(out)
}
