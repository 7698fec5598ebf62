//! Honest scores: each message judged by a model that has not seen it.
//!
//! From these scores come the temperatures and the detector of messages out of scope, so training
//! needs no data set apart for them.

use crate::model::{
    calibration::{USUAL_SHARPNESS, sharpness},
    intent::OUT_OF_SCOPE,
    out_of_scope::{Detector, Signs, signs},
    svc::{SvcError, random::Random},
    train::{Fitting, Stage, heads, heads::Targets},
};

/// What the held-out scores told.
#[derive(Debug)]
pub struct Calibrated {
    /// One over the temperature of the intent head.
    pub intent: f32,
    /// The same of the urgency head.
    pub urgency: f32,
    /// The same of the impact head.
    pub impact: f32,
    /// Weighs the signs of a message out of scope.
    pub detector: Detector,
}

/// The data is cut into this many parts.
const PARTS: usize = 5;

/// No more parts are held out once this many messages have been scored: large data needs one.
const ENOUGH: usize = 2_500;

/// Cross-fits all heads; `firsts` names the first row with the same message.
pub fn calibrate(
    fitting: &mut Fitting<'_>,
    [intents, urgencies, impacts]: [&Targets; 3],
    firsts: &[usize],
    seed: u64,
) -> Result<Calibrated, SvcError> {
    let parts = parts(intents, firsts, seed);
    let held_out = held_out(fitting, intents, &parts)?;
    let intent = held_out.sharpness();
    let outside = intents.labels.iter().position(|label| label == OUT_OF_SCOPE);
    let detector = detector(&held_out, outside, intent, &fitting.records.known);
    let mut level = |targets: &Targets| -> Result<f32, SvcError> {
        if targets.labels.is_empty() {
            return Ok(USUAL_SHARPNESS);
        }
        Ok(self::held_out(fitting, targets, &parts)?.sharpness())
    };
    Ok(Calibrated { intent, urgency: level(urgencies)?, impact: level(impacts)?, detector })
}

/// Messages with the scores that they got from a model which had not seen them.
struct HeldOut {
    classes: usize,
    messages: Vec<usize>,
    targets: Vec<usize>,
    scores: Vec<f32>,
}

impl HeldOut {
    fn sharpness(&self) -> f32 {
        sharpness(&self.scores, self.classes, &self.targets)
    }
}

/// Which part each message belongs to, the same share of each label in each part.
///
/// Repeats go with the first of their kind, else a model would have seen what it is judged on. The
/// only message of a label is in no part: without it the label would be unknown.
fn parts(intents: &Targets, firsts: &[usize], seed: u64) -> Vec<Option<usize>> {
    let mut by_label = vec![Vec::new(); intents.labels.len()];
    for (message, label) in intents.of.iter().enumerate() {
        if let Some(label) = label.filter(|_| firsts[message] == message) {
            by_label[label].push(message);
        }
    }
    let mut parts = vec![None; intents.of.len()];
    let mut random = Random::seeded(seed);
    let mut next = 0;
    let several: Vec<bool> = by_label.iter().map(|messages| 1 < messages.len()).collect();
    for mut messages in by_label.into_iter().filter(|messages| 1 < messages.len()) {
        random.shuffle(&mut messages);
        for message in messages {
            parts[message] = Some(next % PARTS);
            next += 1;
        }
    }
    for (message, first) in firsts.iter().enumerate() {
        if intents.of[message].is_some_and(|label| several[label]) {
            parts[message] = parts[*first];
        }
    }
    parts
}

fn held_out(
    fitting: &mut Fitting<'_>,
    targets: &Targets,
    parts: &[Option<usize>],
) -> Result<HeldOut, SvcError> {
    let classes = targets.labels.len();
    let mut held = HeldOut { classes, messages: vec![], targets: vec![], scores: vec![] };
    for part in 0..PARTS {
        if ENOUGH <= held.messages.len() || !learnable(targets, parts, part) {
            continue;
        }
        let seen = |message: usize| parts[message] != Some(part);
        let model = heads::fit(fitting, targets, Stage::Calibrating, seen)?;
        for (message, target) in targets.of.iter().enumerate() {
            if let (Some(target), false) = (target, seen(message)) {
                let (columns, values) = fitting.records.rows.row(message);
                held.messages.push(message);
                held.targets.push(*target);
                held.scores.extend(model.scores(columns, values));
            }
        }
    }
    Ok(held)
}

/// Whether every class has an example outside the part, and the part has any.
fn learnable(targets: &Targets, parts: &[Option<usize>], part: usize) -> bool {
    let mut present = vec![false; targets.labels.len()];
    let mut held = false;
    for (target, of) in targets.of.iter().zip(parts) {
        if let Some(target) = target {
            present[*target] |= *of != Some(part);
            held |= *of == Some(part);
        }
    }
    held && present.into_iter().all(|present| present)
}

fn detector(held_out: &HeldOut, outside: Option<usize>, sharpness: f32, known: &[f32]) -> Detector {
    let rows = held_out.scores.chunks_exact(held_out.classes.max(1));
    let judged = rows.zip(&held_out.messages).zip(&held_out.targets);
    let rows: Vec<(Signs, bool)> = judged
        .map(|((scores, message), target)| {
            (signs(scores, outside, sharpness, known[*message]), Some(*target) == outside)
        })
        .collect();
    Detector::fit(&rows)
}
