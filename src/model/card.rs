//! The card of a model: what it is for, what it learned from, how good it is, where it ends.

use std::fmt::Write as _;

use crate::model::{
    artifact::manifest::FORMAT,
    classifier::{Classifier, Head},
    evaluation::{Evaluation, interval::of_share},
    gate::in_percent,
    intent::OUT_OF_SCOPE,
};

/// The card as Markdown; with figures, if the model was measured.
pub fn card(model: &Classifier, bytes: u64, measured: Option<&Evaluation>) -> String {
    let learned = model.learned();
    let mut out = format!(
        "# Text model {}\n\nSays what an employee's message to a service desk means: which template it is about or \
         which intent it has, where that was learned how urgent it is and whom it concerns, how sure that is, and which words say so. Made by \
         ticket-dispatch {}.\n\n",
        model.version().chars().take(12).collect::<String>(),
        env!("CARGO_PKG_VERSION")
    );
    out.push_str(INTENDED);
    let outside = model.knows(OUT_OF_SCOPE);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "## Data\n\n- {} messages, {} labels; hash of the data `{}`\n- Messages out of scope among them: {}\n\
         - Labels: {}\n\n",
        learned.origin.examples,
        model.labels().len(),
        learned.origin.data,
        if outside { "yes" } else { "no, so doubt is judged by the best score alone" },
        model.labels().iter().map(|label| code(label)).collect::<Vec<_>>().join(", ")
    );
    let _ = write!(
        out,
        "## How it was trained\n\n- `ticket-dispatch train`, seed {}; the same data and seed give the same bytes\n\
         - Linear heads (one-vs-rest squared hinge) over word and character n-grams: {} columns\n\
         - Added to the label's score: a network of one hidden layer ({} units) over the mean of the message's pieces \
         in a table of what pieces of words mean\n\
         - Confidence: softmax with a temperature fitted on held-out messages; sharpness {:.2}\n\
         - Urgency: {}. Impact: {}.\n\n",
        learned.origin.seed,
        learned.vocabulary.hashes().len(),
        learned.net.first_bias.len(),
        learned.intent.sharpness,
        level(&learned.urgency),
        level(&learned.impact),
    );
    out.push_str(&gate(model));
    out.push_str(&figures(measured));
    out.push_str(LIMITS);
    let _ = write!(
        out,
        "## Versions and licences\n\n- Content hash `{}`, {:.1} MB, format {FORMAT}\n- ticket-dispatch {}: Apache-2.0\n\
         - The table of pieces is derived from all-MiniLM-L6-v2 (Apache-2.0) and multilingual-e5-small (MIT, Copyright \
         (c) Microsoft Corporation); it is part of the program, not of this file\n\
         - The starter corpora: Apache-2.0, as the product. A model of your own messages is as free as these messages.\n",
        model.version(),
        bytes as f64 / 1e6,
        env!("CARGO_PKG_VERSION")
    );
    out
}

const INTENDED: &str = "\
## What it is for

- Meant for: messages of employees to the desk of their own company, one at a time, in the languages of its data.
- Not meant for: judging people, decisions about them, or messages whose wrong handling nobody would notice. Whether \
it acts alone is for the gate to say, not for the model.

";

const LIMITS: &str = "\
## Limits

- It knows the labels above and no others; a new kind of ticket looks like the nearest old one until it is learned.
- Confidence holds for messages like those of its data. When these change, measure again: `ticket-dispatch report \
--training` shows how far they have moved.
- It looks at words, at parts of words and at what they mean by themselves, not at their order beyond pairs: irony, negation across sentences and what was said before are mostly lost on it.
- Texts may hold personal data. The model keeps hashes of n-grams and weights, no messages.

";

/// Whether a level is learned.
fn level(head: &Head) -> &'static str {
    if head.labels.is_empty() { "not learned; the template's holds" } else { "learned" }
}

/// What may be acted upon without asking.
fn gate(model: &Classifier) -> String {
    let Some(gate) = model.gate() else {
        return "## Gate\n\nNone: the model acts upon nothing alone. `ticket-dispatch train --validation FILE` certifies \
                one.\n\n"
            .to_owned();
    };
    let mut out = format!(
        "## Gate\n\nOf the messages that it lets pass, at most {} % are wrong, with {} % doubt, while messages are like \
         those that certified it. From {} out of scope on none passes.\n\n| label | certificate |\n| --- | --- |\n",
        in_percent(gate.promise.error),
        in_percent(gate.promise.doubt),
        gate.out_of_scope
    );
    for (label, certificate) in &gate.labels {
        let _ = writeln!(out, "| {} | {certificate} |", code(label));
    }
    let all = if gate.labels.is_empty() { "all" } else { "all others" };
    let _ = writeln!(out, "| {all} | {} |\n", gate.pooled);
    out
}

fn figures(measured: Option<&Evaluation>) -> String {
    let Some(measured) = measured else {
        return "## Figures\n\nNot measured: `ticket-dispatch card --data FILE` adds them.\n\n".to_owned();
    };
    let right = (measured.accuracy * measured.messages as f64).round() as usize;
    let within = of_share(right, measured.messages);
    let mut out = format!(
        "## Figures\n\nOn {} messages that it was given for measuring:\n\n| figure | value |\n| --- | --- |\n\
         | accuracy | {:.1} % (95 % sure: {:.1} to {:.1}) |\n| macro F1 | {:.1} % |\n| calibration error | {:.3} |\n",
        measured.messages,
        100.0 * measured.accuracy,
        100.0 * within.low,
        100.0 * within.high,
        100.0 * measured.macro_f1,
        measured.ece
    );
    for (name, level) in [("urgency", measured.urgency), ("impact", measured.impact)] {
        if let Some(right) = level {
            let _ = writeln!(out, "| {name} | {:.1} % |", 100.0 * right);
        }
    }
    if let Some(outside) = measured.out_of_scope {
        let _ = writeln!(out, "| out of scope | {:.3} AUROC |", outside.auroc);
    }
    let mut weakest: Vec<_> = measured.labels.iter().collect();
    weakest.sort_by(|left, right| left.f1.total_cmp(&right.f1));
    out.push_str("\nWeakest labels:\n\n| label | messages | F1 |\n| --- | --- | --- |\n");
    for label in weakest.iter().take(5) {
        let _ = writeln!(out, "| {} | {} | {:.1} % |", code(&label.label), label.messages, 100.0 * label.f1);
    }
    out.push('\n');
    out
}

/// A label as code, whatever is in it.
fn code(label: &str) -> String {
    let plain: String =
        label.chars().map(|c| if c.is_control() || matches!(c, '`' | '|') { ' ' } else { c }).collect();
    format!("`{plain}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        evaluation::judge,
        train::{
            Settings,
            tests::{small_classifier, small_examples},
        },
    };

    #[test]
    fn it_says_what_where_how_good_and_how_far() {
        let model = small_classifier(&Settings::default());
        let without = card(&model, 1_500_000, None);
        assert!(
            [
                "Not measured",
                "1.5 MB",
                "`vpn_fault`",
                "Urgency: learned. Impact: not learned",
                "acts upon nothing alone"
            ]
            .iter()
            .all(|part| without.contains(part)),
            "{without}"
        );
        let data = small_examples();
        let evaluation = Evaluation::of(&data, &judge(&model, &data, &mut |_| {}), &[]);
        let measured = card(&model, 1, Some(&evaluation));
        for part in ["| accuracy | 100.0 % (95 % sure: ", "Weakest labels", "## Limits", &**model.version()] {
            assert!(measured.contains(part), "{part}: {measured}");
        }
        assert_eq!(code("a`|\n"), "`a   `");
    }
}
