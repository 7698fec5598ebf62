//! The parts about the messages judged.

use super::{
    Findings,
    charts::{self, bar},
    html::{cards, label, message, number, percent, section, table},
};
use crate::model::{
    evaluation::{LabelReport, coverage::at_risk, gate::GateFigures},
    gate::Promise,
};

/// How many confusions and labels are listed.
const SHOWN: usize = 20;

/// All of them.
pub(super) fn all(findings: &Findings) -> String {
    let curves = format!("<div class=\"pair\">\n{}{}</div>\n", reliability(findings), coverage(findings));
    [curves, matrix(findings), confusions(findings), labels(findings)].concat()
}

fn reliability(findings: &Findings) -> String {
    section(
        "Does confidence keep its word?",
        "On the dashed line, what is said with 80 % confidence is right in 80 of 100 cases. Above it the model is too \
         modest, below it too sure. Larger dots have more messages.",
        &charts::reliability(&findings.reliability),
    )
}

fn coverage(findings: &Findings) -> String {
    let of = |risk| match at_risk(&findings.coverage, risk) {
        Some(point) => format!("{} from confidence {:.3} on", percent(point.coverage), point.confidence),
        None => "none".to_owned(),
    };
    let lead = format!(
        "The surest messages first: with 1 % wrong {}; with 2 % {}; with 5 % {}. That is how it was on these \
         messages; what may be promised of others is for the certified gate to say. {}",
        of(0.01),
        of(0.02),
        of(0.05),
        gate(&findings.gate)
    );
    section("How much can go alone, and at what price?", &lead, &charts::coverage(&findings.coverage))
}

fn gate(figures: &GateFigures) -> String {
    let Promise { error, doubt } = figures.gate.promise;
    let promise = format!("at most {} wrong, with {} doubt", percent(error), percent(doubt));
    let whose = if figures.certified {
        format!("The model's own gate ({promise})")
    } else {
        format!(
            "The model has no gate and lets nothing go alone. If each half of these messages certified one for the \
             other half ({promise}), it"
        )
    };
    let (passed, wrong) = (number(figures.passed), number(figures.wrong));
    let lets = if figures.certified { "lets" } else { "would let" };
    let done = format!(
        "{lets} {} of them go alone: {passed} messages, {wrong} of them wrong",
        percent(figures.coverage)
    );
    let outside = match figures.out_of_scope_passed {
        Some(passed) => format!(" Of the messages out of scope it is {}.", percent(passed)),
        None => String::new(),
    };
    let found = &figures.gate.pooled;
    let labels = match figures.gate.labels.len() {
        0 => String::new(),
        own => format!(", {} labels having thresholds of their own", number(own)),
    };
    let certificate = if figures.certified { "Its certificate" } else { "All of them together" };
    format!("{whose} {done} ({}){labels}.{outside} {certificate}: {found}.", percent(figures.error))
}

fn matrix(findings: &Findings) -> String {
    if findings.matrix.labels.is_empty() {
        return String::new();
    }
    let left_out = match findings.matrix.left_out {
        0 => String::new(),
        count => format!(" {} labels with few or no mistakes are left out.", number(count)),
    };
    let lead = format!(
        "A row for what a message was, a column for what it was taken for. Blue is right, orange is wrong.{left_out}"
    );
    section("What is mixed up with what", &lead, &charts::matrix(&findings.matrix))
}

fn confusions(findings: &Findings) -> String {
    let confusions = &findings.evaluation.confusions;
    if confusions.is_empty() {
        return String::new();
    }
    let row = |confusion: &crate::model::evaluation::Confusion| {
        let messages: String = confusion.examples.iter().map(|text| message(text)).collect();
        vec![number(confusion.count), label(&confusion.label), label(&confusion.taken_for), messages]
    };
    let rows: Vec<Vec<String>> = confusions.iter().take(SHOWN).map(row).collect();
    let lead = format!(
        "The {} most frequent of {} pairs, with messages. Read them: often the two labels overlap, or the message \
         could be either.",
        rows.len(),
        number(confusions.len())
    );
    section("The worst confusions", &lead, &cards(&["#times", "was", "taken for", "messages"], &rows))
}

fn labels(findings: &Findings) -> String {
    let mut labels: Vec<&LabelReport> = findings.evaluation.labels.iter().collect();
    labels.sort_by(|left, right| left.f1.total_cmp(&right.f1));
    let row = |report: &&LabelReport| {
        let unknown = findings.unknown_labels.contains(&report.label);
        let near = findings.separations.iter().find(|it| it.label == report.label);
        let apart =
            near.map_or(String::new(), |it| format!("{}{}", bar(2.0 * it.apart - 1.0), percent(it.apart)));
        vec![
            label(&report.label) + if unknown { " (the model does not know it)" } else { "" },
            number(report.messages),
            percent(report.precision),
            percent(report.recall),
            percent(report.f1),
            near.map_or(String::new(), |it| label(&it.neighbour)),
            format!("<span style=\"white-space:nowrap\">{apart}</span>"),
        ]
    };
    let rows: Vec<Vec<String>> = labels.iter().take(2 * SHOWN).map(row).collect();
    let shown = if rows.len() < labels.len() {
        format!("The {} weakest of {} labels.", rows.len(), number(labels.len()))
    } else {
        "All labels, the weakest first.".to_owned()
    };
    let lead = format!(
        "{shown} Precision: of the messages given this label, how many have it. Recall: of those that have it, how \
         many got it. Told apart: how often a message of the label looks more like it than a message of its nearest \
         neighbour does; 50 % is chance."
    );
    let headings = ["label", "#messages", "#precision", "#recall", "#F1", "nearest neighbour", "told apart"];
    section("Label by label", &lead, &table(&headings, &rows))
}
