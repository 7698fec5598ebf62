//! The page around the parts.

use super::{
    Findings,
    html::{escaped, label, number, percent},
    sections, training,
};
use crate::model::evaluation::{coverage::at_risk, interval::Interval};

const STYLE: &str = include_str!("page.css");

/// The whole page.
pub fn page(findings: &Findings) -> String {
    let mut body = header(findings);
    body.push_str(&tiles(findings));
    body.push_str(&sections::all(findings));
    if let Some(found) = &findings.training {
        body.push_str(&training::all(found));
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Report on text model {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}{}</main>\n\
         </body>\n</html>\n",
        short(&findings.model),
        footer(findings),
    )
}

fn short(version: &str) -> String {
    escaped(&version.chars().take(12).collect::<String>())
}

fn header(findings: &Findings) -> String {
    let Findings { evaluation, known_labels, learned_from, made, .. } = findings;
    format!(
        "<header>\n<h1>How well the text model understands</h1>\n<p class=\"sub\">Model <code>{}</code>, {} labels, \
         learned from {} messages. Measured on {} messages with {} labels. {}</p>\n<p class=\"summary\">{}</p>\n</header>\n",
        short(&findings.model),
        number(*known_labels),
        number(usize::try_from(*learned_from).unwrap_or(usize::MAX)),
        number(evaluation.messages),
        number(evaluation.labels.len()),
        escaped(made),
        summary(findings)
    )
}

/// The findings in a few sentences.
fn summary(findings: &Findings) -> String {
    let evaluation = &findings.evaluation;
    let wrong = ((1.0 - evaluation.accuracy) * evaluation.messages as f64).round() as usize;
    let mut said = match wrong {
        0 => "Every message got the right label.".to_owned(),
        wrong => format!(
            "{} of {} messages got a wrong label, about one in {}.",
            number(wrong),
            number(evaluation.messages),
            number((evaluation.messages as f64 / wrong as f64).round() as usize)
        ),
    };
    said.push_str(&match evaluation.ece {
        ece if ece <= 0.02 => " Its confidence keeps its word.".to_owned(),
        ece => format!(" Its confidence is off by {:.0} points on average.", 100.0 * ece),
    });
    match findings.unknown_labels.len() {
        0 => {}
        1 => said.push_str(" One label of these messages is unknown to the model, so it gets them wrong."),
        count => said.push_str(&format!(
            " {} labels of these messages are unknown to the model, so it gets them wrong.",
            number(count)
        )),
    }
    if let Some(worst) = evaluation.confusions.first().filter(|worst| 1 < worst.count) {
        let (from, to) = (label(&worst.label), label(&worst.taken_for));
        said.push_str(&format!(" Most often {from} was taken for {to}: {} times.", number(worst.count)));
    }
    said
}

fn tiles(findings: &Findings) -> String {
    let Findings { evaluation, coverage, .. } = findings;
    let within =
        |it: &Interval| format!("{:.1} to {:.1} % with 95 % confidence", 100.0 * it.low, 100.0 * it.high);
    let mut tiles = vec![
        tile("accuracy", &percent(evaluation.accuracy), &within(&findings.accuracy)),
        tile("macro F1", &percent(evaluation.macro_f1), &within(&findings.macro_f1)),
        tile(
            "calibration error",
            &format!("{:.3}", evaluation.ece),
            "how far confidence is from being right; 0 is best",
        ),
    ];
    let sure = at_risk(coverage, 0.02).map_or(0.0, |point| point.coverage);
    tiles.push(tile("at 2 % wrong", &percent(sure), "of these messages could have been dispatched alone"));
    if let (Some(outside), Some(it)) = (evaluation.out_of_scope, findings.auroc) {
        let about = format!("{:.3} to {:.3}, on {} messages", it.low, it.high, number(outside.messages));
        tiles.push(tile("out of scope, AUROC", &format!("{:.3}", outside.auroc), &about));
    }
    let levels = [("urgency right", evaluation.urgency), ("impact right", evaluation.impact)];
    for (name, right) in levels.into_iter().filter_map(|(name, right)| Some((name, right?))) {
        tiles.push(tile(name, &percent(right), "of the messages that have one"));
    }
    format!("<div class=\"tiles\">\n{}</div>\n", tiles.concat())
}

fn tile(name: &str, figure: &str, about: &str) -> String {
    format!("<div class=\"tile\"><span>{name}</span><b>{figure}</b><span>{about}</span></div>\n")
}

fn footer(findings: &Findings) -> String {
    format!(
        "<footer><p>Intervals: Wilson for shares, Hanley and McNeil for AUROC, a bootstrap for macro F1. Calibration \
         error: 15 bins of equal width. Model {}; ticket-dispatch {}.</p></footer>\n",
        escaped(&findings.model),
        env!("CARGO_PKG_VERSION")
    )
}
