//! The findings as one HTML page with a chart a row of tickets, without anything from elsewhere.

use std::fmt::Write as _;

use super::{
    estimate::Estimate,
    findings::{Figures, Findings, Load, Outcome, Verdict},
};

/// The look that reports on models have as well.
const STYLE: &str = include_str!("../model/report/page.css");
/// What only this page needs: a colour a policy.
const COLOURS: &str = ".p0 { --c: var(--blue); } .p1 { --c: var(--bad); } .p2 { --c: var(--good); } .p3 { --c: #8a63b8; } \
    .p4 { --c: #b08a1e; } .series polyline { fill: none; stroke: var(--c); stroke-width: 2; } .series line { stroke: var(--c); } \
    .series circle { fill: var(--c); } .key i { display: inline-block; width: .8em; height: .8em; border-radius: 50%; \
    background: var(--c); margin: 0 .3em 0 1em; }\n";

/// The field that is drawn in, in units of the picture.
const LEFT: f64 = 58.0;
const TOP: f64 = 28.0;
const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 230.0;

/// The whole page.
pub fn page(all: &[Findings]) -> String {
    let sections: String = all.iter().map(scenario).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Simulated dispatch</title>\n<style>\n{STYLE}{COLOURS}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1>Which policy keeps the most promises</h1>\n<p class=\"sub\">Every policy got the very same tickets. \
         Bars and brackets are 95 % intervals over the runs.</p>\n</header>\n{sections}<footer><p>Intervals: Student's, of \
         ratios over runs; differences are paired by run. ticket-dispatch {}.</p></footer>\n</main>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    )
}

fn scenario(it: &Findings) -> String {
    let losses = it.losses();
    let verdict = if losses.is_empty() {
        "<p class=\"good\">Nowhere is sla_aware late more often than another policy for sure.</p>".to_owned()
    } else {
        let each: String = losses.iter().map(|it| format!("<li>{}</li>", escaped(it))).collect();
        format!("<p class=\"bad\">Where sla_aware loses:</p><ul>{each}</ul>")
    };
    let names = it.loads.first().and_then(|it| it.rows.first()).map_or(&[][..], |it| it.policies.as_slice());
    let key: String = names
        .iter()
        .enumerate()
        .map(|(place, it)| format!("<span class=\"p{place}\"><i></i>{}</span>", it.policy))
        .collect();
    let rows = it.loads.first().map_or(&[][..], |it| it.rows.as_slice());
    let charts: String = rows.iter().map(|row| chart(it, row.priority)).collect();
    format!(
        "<section>\n<h2>{}</h2>\n<p class=\"lead\">{}</p>\n<p class=\"sub\">Tickets: {}. {} runs of {} weeks at each load, \
         seed {}.</p>\n{verdict}\n<p class=\"key\">{key}</p>\n<div class=\"pair\">{charts}</div>\n{}</section>\n",
        escaped(&it.scenario),
        escaped(&it.about),
        it.tickets_from,
        it.runs,
        it.weeks,
        it.seed,
        table(it)
    )
}

/// Shares of late tickets over the loads, a line a policy.
fn chart(it: &Findings, priority: &str) -> String {
    let rows: Vec<(f64, &Figures)> = it
        .loads
        .iter()
        .filter_map(|at| Some((at.load, at.rows.iter().find(|it| it.priority == priority)?)))
        .collect();
    let Some((_, first)) = rows.first() else { return String::new() };
    let each = || rows.iter().flat_map(|(_, row)| &row.policies);
    let highest = each().map(|it| it.late.value).fold(0.01, f64::max) * 1.1;
    let (low, high) =
        rows.iter().fold((f64::MAX, f64::MIN), |(low, high), it| (low.min(it.0), high.max(it.0)));
    let x =
        |load: f64| LEFT + 20.0 + (WIDTH - 40.0) * if low < high { (load - low) / (high - low) } else { 0.5 };
    let y = |share: f64| TOP + HEIGHT * (1.0 - (share / highest).clamp(0.0, 1.0));
    let mut out = format!(
        "<figure><svg viewBox=\"0 0 540 300\" role=\"img\" class=\"chart\" aria-label=\"{}\">",
        first.priority
    );
    grid(&mut out, highest, y);
    for (load, _) in &rows {
        let _ = write!(
            out,
            "<text class=\"ticks\" x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{load}</text>",
            x(*load),
            TOP + HEIGHT + 18.0
        );
    }
    for place in 0..first.policies.len() {
        let points = rows.iter().filter_map(|(load, row)| Some((x(*load), row.policies.get(place)?)));
        let points: Vec<(f64, &Outcome)> = points.collect();
        series(&mut out, place, &points, y);
    }
    let _ = write!(
        out,
        "<text class=\"axis\" x=\"{:.1}\" y=\"296\" text-anchor=\"middle\">load →</text>\
         <text class=\"axis\" x=\"4\" y=\"14\">↑ {} done late</text></svg></figure>",
        LEFT + WIDTH / 2.0,
        first.priority
    );
    out
}

/// Lines across, and the shares that they stand for.
fn grid(out: &mut String, highest: f64, y: impl Fn(f64) -> f64) {
    for step in 0..=4 {
        let share = highest * f64::from(step) / 4.0;
        let _ = write!(
            out,
            "<g class=\"grid\"><line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/></g><text class=\"ticks\" x=\"{}\" \
             y=\"{:.1}\" text-anchor=\"end\">{:.1} %</text>",
            LEFT + WIDTH,
            LEFT - 8.0,
            y(share) + 4.0,
            100.0 * share,
            y = y(share)
        );
    }
}

fn series(out: &mut String, place: usize, points: &[(f64, &Outcome)], y: impl Fn(f64) -> f64) {
    let line: Vec<String> = points.iter().map(|(x, it)| format!("{x:.1},{:.1}", y(it.late.value))).collect();
    let _ = write!(out, "<g class=\"series p{place}\"><polyline points=\"{}\"/>", line.join(" "));
    for (x, it) in points {
        let _ = write!(
            out,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/><circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"3.5\">\
             <title>{}: {}</title></circle>",
            y(it.late.low),
            y(it.late.high),
            y(it.late.value),
            it.policy,
            interval(&it.late)
        );
    }
    out.push_str("</g>");
}

fn table(it: &Findings) -> String {
    let names = it.loads.first().and_then(|it| it.rows.first()).map_or(&[][..], |it| it.policies.as_slice());
    let heads: String = names.iter().map(|it| format!("<th class=\"n\">{}</th>", it.policy)).collect();
    let rows: String =
        it.loads.iter().flat_map(|at| at.rows.iter().map(move |row| table_row(at, row))).collect();
    format!(
        "<div class=\"wide\"><table><thead><tr><th>load</th><th>tickets</th><th class=\"n\">more work than time</th>{heads}\
         </tr></thead><tbody>{rows}</tbody></table></div>\n"
    )
}

fn table_row(at: &Load, row: &Figures) -> String {
    let cell = |it: &Outcome| {
        let class = match it.verdict {
            Some(Verdict::Apart | Verdict::Wins) => " good",
            Some(Verdict::Loses) => " bad",
            Some(Verdict::Open) | None => "",
        };
        format!("<td class=\"n{class}\">{}</td>", interval(&it.late))
    };
    let cells: String = row.policies.iter().map(cell).collect();
    format!(
        "<tr><td>{}</td><td>{}</td><td class=\"n\">{:.2} %</td>{cells}</tr>",
        at.load,
        row.priority,
        100.0 * row.too_long.value
    )
}

fn interval(it: &Estimate) -> String {
    format!("{:.2} % ({:.2} to {:.2})", 100.0 * it.value, 100.0 * it.low, 100.0 * it.high)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
