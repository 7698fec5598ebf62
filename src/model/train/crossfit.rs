//! Honest scores: each message judged by a model that has not seen it.
//!
//! From these scores come the temperatures, the share of the network and the detector of messages out
//! of scope, so training needs no data set apart for them.

use linfa::ParamGuard;
use ndarray::Axis;

use crate::model::{
    calibration::{USUAL_SHARPNESS, loss, sharpness},
    fit::FitError,
    intent::OUT_OF_SCOPE,
    out_of_scope::{Detector, Signs, signs},
    svc::{random::Random, solver::Solved},
    train::{
        Fitting, Stage, heads,
        heads::Targets,
        net::{Layers, NetParams},
    },
};

/// What the held-out scores told.
#[derive(Debug)]
pub struct Calibrated {
    /// One over the temperature of the intent head.
    pub intent: f32,
    /// Where one part was enough: the fits that have seen all but that.
    pub begun: Option<Begun>,
    /// What the network's scores are multiplied with before they are added to the linear ones.
    pub share: f32,
    /// The same of the urgency head.
    pub urgency: f32,
    /// The same of the impact head.
    pub impact: f32,
    /// Weighs the signs of a message out of scope.
    pub detector: Detector,
}

/// Fits of the intent head that have seen all but one part, and need not begin anew to see that too.
#[derive(Debug)]
pub struct Begun {
    /// The linear scores.
    pub solved: Solved,
    /// The network.
    pub layers: Layers,
}

/// The data is cut into this many parts.
const PARTS: usize = 5;

/// Messages out of scope are cut into fewer: they are few, and the detector learns from those held out alone.
const PARTS_OUTSIDE: usize = 2;

/// No more parts are held out once this many messages have been scored: large data needs one.
const ENOUGH: usize = 2_500;

/// Cross-fits all heads; `firsts` names the first row with the same message.
pub fn calibrate(
    fitting: &mut Fitting<'_>,
    [intents, urgencies, impacts]: [&Targets; 3],
    firsts: &[usize],
) -> Result<Calibrated, FitError> {
    let parts = parts(intents, firsts, fitting.seed);
    let mut held_out = held_out(fitting, intents, &parts, true)?;
    let share = held_out.take_in_net();
    let intent = held_out.sharpness();
    let outside = intents.labels.iter().position(|label| label == OUT_OF_SCOPE);
    let detector = detector(&held_out, outside, intent, &fitting.records.rows.known);
    let mut level = |targets: &Targets| -> Result<f32, FitError> {
        if targets.labels.is_empty() {
            return Ok(USUAL_SHARPNESS);
        }
        Ok(self::held_out(fitting, targets, &parts, false)?.sharpness())
    };
    let begun = held_out.begun;
    Ok(Calibrated { intent, begun, share, urgency: level(urgencies)?, impact: level(impacts)?, detector })
}

/// Messages with the scores that they got from a model which had not seen them.
#[derive(Default)]
struct HeldOut {
    classes: usize,
    messages: Vec<usize>,
    targets: Vec<usize>,
    scores: Vec<f32>,
    /// Those of the network, if there is one for this head.
    of_net: Vec<f32>,
    /// The fits without the first part, if that was enough.
    begun: Option<Begun>,
}

/// Shares that the network may have.
const SHARES: [f32; 6] = [0.1, 0.15, 0.2, 0.3, 0.45, 0.7];

/// How many messages decide about the share.
const ENOUGH_FOR_SHARE: usize = 1_000;

impl HeldOut {
    /// Adds the network's scores in the share that makes the labels likeliest, and tells that share.
    fn take_in_net(&mut self) -> f32 {
        // A choice among a few shares needs no more than some of the messages.
        let step = self.targets.len().div_ceil(ENOUGH_FOR_SHARE).max(1);
        let targets: Vec<usize> = self.targets.iter().copied().step_by(step).collect();
        let loss = |share: f32| {
            let scores = self.with_net(share, step);
            loss(&scores, self.classes, &targets, sharpness(&scores, self.classes, &targets))
        };
        let losses = SHARES.map(|share| (share, loss(share)));
        let best = losses.into_iter().min_by(|(_, left), (_, right)| left.total_cmp(right));
        let share = best.map_or(SHARES[0], |(share, _)| share);
        self.scores = self.with_net(share, 1);
        share
    }

    /// The scores of every `step`-th message with a share of the network's.
    fn with_net(&self, share: f32, step: usize) -> Vec<f32> {
        let rows = self.scores.chunks_exact(self.classes).zip(self.of_net.chunks_exact(self.classes));
        let both = rows.step_by(step).flat_map(|(scores, of_net)| scores.iter().zip(of_net));
        both.map(|(score, of_net)| score + share * of_net).collect()
    }

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
    for (label, mut messages) in by_label.into_iter().enumerate().filter(|(label, _)| several[*label]) {
        random.shuffle(&mut messages);
        let parts_of_label = if intents.labels[label] == OUT_OF_SCOPE { PARTS_OUTSIDE } else { PARTS };
        for message in messages {
            parts[message] = Some(next % parts_of_label);
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
    with_net: bool,
) -> Result<HeldOut, FitError> {
    let classes = targets.labels.len();
    let mut held = HeldOut { classes, ..HeldOut::default() };
    for part in 0..PARTS {
        if ENOUGH <= held.messages.len() || !learnable(targets, parts, part) {
            continue;
        }
        let seen = |message: usize| parts[message] != Some(part);
        let tasks = heads::tasks(fitting, targets, seen);
        let solved = heads::fit(fitting, &tasks, None, Stage::Calibrating)?;
        let rows = &fitting.records.rows;
        let net = NetParams::for_examples(tasks.len()).seed(fitting.seed).check()?;
        let layers = with_net.then(|| net.fit_tasks(rows.meanings.view(), &tasks)).transpose()?;
        for (message, target) in targets.of.iter().enumerate() {
            if let (Some(target), false) = (target, seen(message)) {
                held.messages.push(message);
                held.targets.push(*target);
                held.scores.extend(solved.model.scores(rows.grams.row(message)));
                if let Some(layers) = &layers {
                    held.of_net.extend(layers.scores(rows.meanings.row(message).insert_axis(Axis(0))));
                }
            }
        }
        // With several parts the messages are few, and fits of their own cost little.
        held.begun = layers.filter(|_| part == 0).map(|layers| Begun { solved, layers });
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
