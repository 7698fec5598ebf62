//! Cross-validation: every message judged by a model that has not seen it, and what that tells of the
//! labels themselves.

use crate::model::{
    evaluation::{Evaluation, best, confidence, judge},
    examples::{Example, inspect},
    svc::random::Random,
    train::{Progress, Settings, TrainError, heads::Targets, train},
    verdict::Verdict,
};

/// What was found.
#[derive(Debug, Clone, serde::Serialize)]
pub struct CrossValidation {
    /// Each fold that had messages.
    pub folds: Vec<Fold>,
    /// Over the folds.
    pub accuracy: Spread,
    /// Over the folds.
    pub macro_f1: Spread,
    /// Of all folds' verdicts together.
    pub evaluation: Evaluation,
    /// Messages that may have a wrong label, the surest first.
    pub label_noise: Vec<Suspect>,
    /// Labels with a single message, which was always learned and never judged.
    pub never_judged: Vec<String>,
}

/// One fold's figures.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Fold {
    /// How many messages were held out.
    pub messages: usize,
    /// Share of them that got the right label.
    pub accuracy: f64,
    /// Mean F1 of the labels among them.
    pub macro_f1: f64,
}

/// A figure over folds.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation of a fold, 0 for a single one.
    pub deviation: f64,
}

/// A message whose verdict contradicts its label with high confidence.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Suspect {
    /// Index of the message.
    pub row: usize,
    /// The message.
    pub text: String,
    /// What its label says.
    pub label: String,
    /// What a model says that has not seen it.
    pub said: String,
    /// How sure that model is.
    pub confidence: f64,
}

/// From this confidence on a contradiction is held against the label.
const SURE: f64 = 0.9;

/// Why nothing was judged.
#[derive(Debug, thiserror::Error)]
pub enum CrossError {
    /// Nothing can be learned from the data.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// Each label has one message, however often it is repeated.
    #[error(
        "no label has two different messages, so none can be held out; ten or more of each make it worthwhile"
    )]
    NothingToHold,
}

/// Judges every message by a model trained on the other folds; `told` hears which fold works, from 0.
///
/// Labels have the same share in each fold, and repeats of a message go together. `folds` is at least 2.
pub fn cross_validate(
    examples: &[Example],
    folds: usize,
    settings: &Settings,
    told: &mut dyn FnMut(usize, Progress),
) -> Result<CrossValidation, CrossError> {
    Targets::of_labels(examples)?;
    let of = folds_of(examples, folds.max(2), settings.seed);
    let mut verdicts: Vec<Option<Verdict>> = vec![None; examples.len()];
    let mut figures = Vec::with_capacity(folds);
    for fold in 0..folds.max(2) {
        let held: Vec<usize> = (0..examples.len()).filter(|row| of[*row] == Some(fold)).collect();
        if held.is_empty() {
            continue;
        }
        let seen: Vec<Example> =
            examples.iter().zip(&of).filter(|(_, of)| **of != Some(fold)).map(|(it, _)| it.clone()).collect();
        let mut working = |progress| match progress {
            // What is odd about the data is told once, by whoever has all of it.
            Progress::Warned(_) => {}
            working @ Progress::Working { .. } => told(fold, working),
        };
        let classifier = train(&seen, settings, &mut working)?;
        let data: Vec<Example> = held.iter().map(|row| examples[*row].clone()).collect();
        let judged = judge(&classifier, &data, &mut |_| {});
        let Evaluation { messages, accuracy, macro_f1, .. } = Evaluation::of(&data, &judged, &[]);
        figures.push(Fold { messages, accuracy, macro_f1 });
        held.into_iter().zip(judged).for_each(|(row, verdict)| verdicts[row] = Some(verdict));
    }
    if figures.is_empty() {
        return Err(CrossError::NothingToHold);
    }
    Ok(gathered(examples, figures, verdicts))
}

fn gathered(examples: &[Example], folds: Vec<Fold>, verdicts: Vec<Option<Verdict>>) -> CrossValidation {
    let judged = verdicts.into_iter().enumerate().filter_map(|(row, verdict)| Some((row, verdict?)));
    let (rows, verdicts): (Vec<usize>, Vec<Verdict>) = judged.unzip();
    let data: Vec<Example> = rows.iter().map(|row| examples[*row].clone()).collect();
    let evaluation = Evaluation::of(&data, &verdicts, &[]);
    let is_judged = |label: &str| evaluation.labels.iter().any(|report| report.label == label);
    let mut never_judged: Vec<String> =
        examples.iter().map(|it| it.label.clone()).filter(|label| !is_judged(label)).collect();
    never_judged.sort();
    never_judged.dedup();
    CrossValidation {
        accuracy: Spread::of(folds.iter().map(|fold| fold.accuracy)),
        macro_f1: Spread::of(folds.iter().map(|fold| fold.macro_f1)),
        label_noise: suspects(examples, &rows, &verdicts),
        never_judged,
        evaluation,
        folds,
    }
}

/// The fold of each message. The only message of a label is in none: without it the label would be unknown.
fn folds_of(examples: &[Example], folds: usize, seed: u64) -> Vec<Option<usize>> {
    let (firsts, _) = inspect(examples);
    let mut rows: Vec<usize> = (0..examples.len()).filter(|row| firsts[*row] == *row).collect();
    Random::seeded(seed).shuffle(&mut rows);
    // Stable: within a label the random order stays.
    rows.sort_by(|left, right| examples[*left].label.cmp(&examples[*right].label));
    let mut of = vec![None; examples.len()];
    let mut next = 0;
    for alike in rows.chunk_by(|left, right| examples[*left].label == examples[*right].label) {
        for row in alike.iter().filter(|_| 1 < alike.len()) {
            of[*row] = Some(next % folds);
            next += 1;
        }
    }
    firsts.iter().map(|first| of[*first]).collect()
}

fn suspects(examples: &[Example], rows: &[usize], verdicts: &[Verdict]) -> Vec<Suspect> {
    let suspect = |(row, verdict): (&usize, &Verdict)| {
        let (Example { text, label, .. }, confidence) = (&examples[*row], confidence(verdict));
        (best(verdict) != label && SURE <= confidence).then(|| Suspect {
            row: *row,
            text: text.clone(),
            label: label.clone(),
            said: best(verdict).to_owned(),
            confidence,
        })
    };
    let mut suspects: Vec<Suspect> = rows.iter().zip(verdicts).filter_map(suspect).collect();
    suspects.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
    suspects
}

impl Spread {
    fn of(figures: impl Iterator<Item = f64> + Clone) -> Self {
        let count = figures.clone().count();
        let mean = figures.clone().sum::<f64>() / count.max(1) as f64;
        let squares: f64 = figures.map(|figure| (figure - mean).powi(2)).sum();
        let deviation = if count < 2 { 0.0 } else { (squares / (count - 1) as f64).sqrt() };
        Self { mean, deviation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty messages a label that no model can take for another.
    fn plain() -> Vec<Example> {
        let words = [("vpn_fault", "the vpn tunnel drops"), ("printer_fault", "printer paper jams")];
        let of = |(label, words): (&str, &str)| -> Vec<Example> {
            (0..20).map(|turn| Example::new(format!("{words} number {turn}"), label)).collect()
        };
        words.into_iter().flat_map(of).collect()
    }

    fn validated(examples: &[Example]) -> CrossValidation {
        cross_validate(examples, 4, &Settings::default(), &mut |_, _| {}).unwrap()
    }

    #[test]
    fn labels_have_the_same_share_in_each_fold_and_repeats_stay_together() {
        let mut examples = plain();
        examples.push(examples[3].clone());
        examples.push(Example::new("only one", "lonely"));
        let of = folds_of(&examples, 4, 1);
        assert_eq!(of[40], of[3]);
        assert_eq!(of[41], None);
        for fold in 0..4 {
            let count = |rows: std::ops::Range<usize>| rows.filter(|row| of[*row] == Some(fold)).count();
            assert_eq!((count(0..20), count(20..40)), (5, 5));
        }
        assert_ne!(of, folds_of(&examples, 4, 2));
    }

    #[test]
    fn a_wrong_label_is_suspected_and_figures_are_of_the_folds() {
        let mut examples = plain();
        examples[7].label = "printer_fault".into();
        examples.push(Example::new("only one", "lonely"));
        let found = validated(&examples);
        let suspects: Vec<usize> = found.label_noise.iter().map(|suspect| suspect.row).collect();
        assert_eq!(suspects, [7], "{found:?}");
        assert_eq!(found.label_noise[0].said, "vpn_fault");
        assert_eq!(found.never_judged, ["lonely"]);
        assert_eq!(found.folds.iter().map(|fold| fold.messages).sum::<usize>(), 40);
        assert_eq!(found.evaluation.messages, 40);
        assert!((found.accuracy.mean - found.evaluation.accuracy).abs() < 0.01);
        assert!(0.0 < found.accuracy.deviation);
    }

    #[test]
    fn data_of_which_nothing_can_be_held_out_is_refused() {
        let refused = |examples: &[Example]| {
            cross_validate(examples, 4, &Settings::default(), &mut |_, _| {}).unwrap_err().to_string()
        };
        assert!(refused(&[]).starts_with("there are no examples"));
        assert!(refused(&plain()[..20]).starts_with("all 20 examples have the label 'vpn_fault'"));
        let (one, other) = (Example::new("vpn down", "x"), Example::new("paper jam", "y"));
        assert!(refused(&[one.clone(), one.clone()]).starts_with("all 2 examples"));
        assert!(refused(&[one.clone(), other, one]).starts_with("no label has two different messages"));
    }
}
