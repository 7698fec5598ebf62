//! From confirmed messages to thresholds.
//!
//! The messages of a part are ordered by confidence. From a strict start, fixed as a share of them, a
//! walk goes toward the lax end in steps of a fixed share and stops before the first threshold whose
//! errors are too many for the promise. Going on only after a success is what lets each step have the
//! whole doubt (fixed-sequence testing; Angelopoulos and others, "Learn then Test", 2021): the promise
//! can break only at the first step that is too lax, and there it does so with the chance of one test.
//! Steps are shares and not confidences, since confidences may be far off on traffic that was not
//! learned from; this is exact where errors become more frequent as confidence falls, which is what a
//! confidence is for.
//!
//! Measured by benches/gate.rs on CLINC150 (3,000 halvings, 2 % error, 5 % doubt; broken / passed):
//!
//! | rule | in scope | 18 % out of scope |
//! | --- | --- | --- |
//! | this one | 2.7 % / 85 % | 3.4 % / 50 % |
//! | the same walk with a bound of the rate alone | 7.6 % / 86 % | 7.8 % / 55 % |
//! | 20 thresholds at once, bound of the rate (Bonferroni) | 0.9 % / 83 % | nothing passes |
//! | what looks right on the confirmed messages | 50 % / 89 % | 51 % / 63 % |
//! | confidence 0.7 and above | 100 % / 93 % | 100 % / 79 % |
//!
//! Also tried, and no better: a start chosen by the confidences or on a part of the messages (both fail
//! with messages out of scope), several starts or a second chance at a share of the doubt (up to 7 points
//! less coverage), confidence times the probability of being in scope instead of the confidence alone.
//!
//! A label with many messages is a part of its own, all others are one; each part gets an equal share
//! of the doubt, so that all hold together (Bonferroni).

use std::collections::BTreeMap;

use crate::model::{
    classifier::Classifier,
    examples::Example,
    gate::{
        Certificate, Gate, Promise,
        exact::{MANY, binomial, clopper_pearson, fewest, holds},
    },
    intent::OUT_OF_SCOPE,
    verdict::Verdict,
};

/// The walk begins with this share of a part's messages, the surest. A stricter start meets few messages,
/// of which one wrong label ends it; a laxer one may begin where too many are wrong.
const START: f64 = 0.3;
/// In so many steps it reaches all of them.
const STEPS: usize = 64;
/// A label is a part of its own with so many times the fewest messages that certify anything: from there
/// on a threshold of its own costs little.
const OWN: u64 = 10;

/// A message of which people said what it means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confirmed<'a> {
    /// The best label.
    pub label: &'a str,
    /// The confidence in it, 0 to 1.
    pub confidence: f32,
    /// How likely it is nothing that the desk does, 0 to 1.
    pub out_of_scope: f32,
    /// Whether the best label is what they said.
    pub right: bool,
}

impl<'a> Confirmed<'a> {
    /// A verdict, and what people said.
    pub fn of(verdict: &'a Verdict, label: &str) -> Self {
        let (best, confidence) =
            verdict.ranked.first().map_or(("", 0.0), |best| (&*best.label, best.confidence));
        Self { label: best, confidence, out_of_scope: verdict.out_of_scope, right: best == label }
    }

    /// Whether a gate lets it pass.
    pub fn passes(&self, gate: &Gate) -> bool {
        gate.lets_pass(self.label, self.confidence, self.out_of_scope)
    }
}

/// Why nothing was certified.
#[derive(Debug, thiserror::Error)]
pub enum CertifyError {
    /// A promise that is none.
    #[error("the {name} of the gate is {value}; it must lie above 0 and below 1")]
    Promise {
        /// `error` or `doubt`.
        name: &'static str,
        /// What it is.
        value: f64,
    },
    /// A message without a probability.
    #[error("message {}: its {name} is {value}; it must lie between 0 and 1", at + 1)]
    Probability {
        /// Index of the message.
        at: usize,
        /// `confidence` or `out_of_scope`.
        name: &'static str,
        /// What it is.
        value: f32,
    },
}

/// Certifies a classifier on messages that it has not learned from.
pub fn certified(classifier: &Classifier, data: &[Example], promise: Promise) -> Result<Gate, CertifyError> {
    let verdicts: Vec<Verdict> = data.iter().map(|it| classifier.understand(&it.text, false)).collect();
    let confirmed: Vec<Confirmed<'_>> =
        verdicts.iter().zip(data).map(|(verdict, it)| Confirmed::of(verdict, &it.label)).collect();
    certify(&confirmed, promise)
}

/// The most permissive gate that these messages certify; without a threshold it says what is missing.
pub fn certify(messages: &[Confirmed<'_>], promise: Promise) -> Result<Gate, CertifyError> {
    promise.check()?;
    for (at, message) in messages.iter().enumerate() {
        let of = [("confidence", message.confidence), ("out_of_scope", message.out_of_scope)];
        if let Some((name, value)) = of.into_iter().find(|(_, it)| !(0.0..=1.0).contains(it)) {
            return Err(CertifyError::Probability { at, name, value });
        }
    }
    let enough = OWN * fewest(promise.error, promise.doubt);
    let mut own: BTreeMap<&str, Vec<&Confirmed<'_>>> = BTreeMap::new();
    for message in messages.iter().filter(|it| it.label != OUT_OF_SCOPE) {
        own.entry(message.label).or_default().push(message);
    }
    own.retain(|_, of_label| enough <= of_label.len() as u64);
    let others: Vec<&Confirmed<'_>> = messages.iter().filter(|it| !own.contains_key(it.label)).collect();
    let parts = own.len() + usize::from(own.is_empty() || !others.is_empty());
    let share = Promise { doubt: promise.doubt / parts as f64, ..promise };
    let labels = own.iter().map(|(label, of_label)| ((*label).to_owned(), part(of_label, share))).collect();
    Ok(Gate { promise, out_of_scope: Gate::OUT_OF_SCOPE, labels, pooled: part(&others, share) })
}

fn part(messages: &[&Confirmed<'_>], promise: Promise) -> Certificate {
    let sure = Sure::of(messages);
    let found = walk(&sure, promise);
    let passed = found.map_or(0, |rank| sure.passed(rank));
    let wrong = sure.wrong[passed];
    let certificate = Certificate {
        threshold: found.map(|rank| sure.confidences[rank - 1]),
        confirmed: messages.len() as u64,
        passed: passed as u64,
        wrong,
        ..Certificate::default()
    };
    match found {
        Some(_) => {
            let bound = clopper_pearson(wrong, passed as u64, promise.doubt) as f32;
            Certificate { bound: Some(bound), ..certificate }
        }
        None => Certificate { missing: missing(&sure, messages.len(), promise), ..certificate },
    }
}

/// The messages of a part that may pass, surest first.
struct Sure {
    confidences: Vec<f32>,
    /// How many of the first so many are wrong.
    wrong: Vec<u64>,
}

impl Sure {
    fn of(messages: &[&Confirmed<'_>]) -> Self {
        let inside = |it: &&&Confirmed<'_>| it.label != OUT_OF_SCOPE && it.out_of_scope < Gate::OUT_OF_SCOPE;
        let mut sure: Vec<&Confirmed<'_>> = messages.iter().filter(inside).copied().collect();
        sure.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
        let mut wrong = vec![0];
        wrong.extend(sure.iter().scan(0, |sum, it| {
            *sum += u64::from(!it.right);
            Some(*sum)
        }));
        Self { confidences: sure.iter().map(|it| it.confidence).collect(), wrong }
    }

    /// How many pass at the confidence of the message with this rank, counted from 1.
    fn passed(&self, rank: usize) -> usize {
        let least = self.confidences[rank - 1];
        self.confidences.partition_point(|it| *it >= least)
    }
}

/// The rank of the last message that may pass, if any may.
fn walk(sure: &Sure, promise: Promise) -> Option<usize> {
    let all = sure.confidences.len();
    let fewest = fewest(promise.error, promise.doubt) as usize;
    let start = fewest.max((START * all as f64).ceil() as usize);
    let rest = all.checked_sub(start)?;
    let ranks = (0..=STEPS).map(|step| start + rest * step / STEPS);
    let good = ranks.take_while(|rank| {
        let passed = sure.passed(*rank);
        holds(sure.wrong[passed], passed as u64, promise.error, promise.doubt)
    });
    good.last()
}

/// How many more messages will likely certify something: so many that the walk's first step holds if its
/// messages stay as right as they are.
fn missing(sure: &Sure, confirmed: usize, promise: Promise) -> Option<u64> {
    let fewest = fewest(promise.error, promise.doubt);
    let seen = sure.confidences.len();
    if seen == 0 {
        return Some(fewest);
    }
    let mut needed = seen as u64 + 1;
    while needed < MANY {
        let start = fewest.max((START * needed as f64).ceil() as u64).min(needed);
        let now = (seen as u64 * start).div_ceil(needed) as usize;
        let wrong = (sure.wrong[now] as f64 * start as f64 / now as f64).ceil() as u64;
        if holds(wrong, start, promise.error, promise.doubt) {
            let more = needed - seen as u64;
            return Some((more * confirmed as u64).div_ceil(seen as u64));
        }
        needed += needed.div_ceil(100);
    }
    // Too many are wrong; but so few may be wrong by chance.
    let surest = (START * seen as f64).ceil() as usize;
    let wrong = sure.wrong[surest];
    let chance = wrong.checked_sub(1).map_or(1.0, |it| 1.0 - binomial(it, surest as u64, promise.error));
    (chance > promise.doubt).then_some(fewest)
}
