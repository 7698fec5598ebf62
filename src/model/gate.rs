//! The gate: which messages may be acted upon without asking, so that few of those go wrong.
//!
//! A [`Gate`] is not guessed, it is certified: on messages whose true labels people confirmed, and
//! that nothing was learned from. With a [`Promise`] of 2 % error and 5 % doubt it says: of as many
//! further messages as let it through, more than 2 % are wrong in at most 5 of 100 certifications.
//! That holds while the traffic stays like the confirmed messages; so certify again on fresh ones.
//!
//! How a threshold is found stands in [`certify`], what is counted in [`exact`].

pub mod certify;
pub mod exact;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::model::{intent::OUT_OF_SCOPE, verdict::Verdict};

/// What the owner wants to hold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Largest share of wrong ones among the messages acted upon, above 0 and below 1.
    pub error: f64,
    /// How likely the promise may be broken all the same, above 0 and below 1.
    pub doubt: f64,
}

impl Default for Promise {
    fn default() -> Self {
        Self { error: 0.02, doubt: 0.05 }
    }
}

/// Thresholds with what was proven of them. One promise for all: the doubt is shared among the parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// What it keeps.
    pub promise: Promise,
    /// From this probability on a message is judged out of scope and never passes.
    pub out_of_scope: f32,
    /// Labels with enough confirmed messages for a threshold of their own.
    pub labels: BTreeMap<String, Certificate>,
    /// All other labels together.
    pub pooled: Certificate,
}

/// What was found on the confirmed messages of one label, or of several together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// A message passes from this confidence on; nothing passes without.
    pub threshold: Option<f32>,
    /// Confirmed messages looked at.
    pub confirmed: u64,
    /// How many of them pass.
    pub passed: u64,
    /// How many of those are wrong.
    pub wrong: u64,
    /// Highest rate of wrong ones that is not refuted (Clopper and Pearson, at this part's doubt).
    pub bound: Option<f32>,
    /// Without a threshold: how many more confirmed messages will likely give one. `None` if no number
    /// will, since even the surest messages are wrong too often.
    pub missing: Option<u64>,
}

impl Gate {
    /// From this probability on a message is judged out of scope, unless a gate says otherwise.
    pub const OUT_OF_SCOPE: f32 = 0.5;

    /// Whether a message may be acted upon without asking.
    pub fn passes(&self, verdict: &Verdict) -> bool {
        let best = verdict.ranked.first();
        best.is_some_and(|best| self.lets_pass(&best.label, best.confidence, verdict.out_of_scope))
    }

    /// The same for what is kept of a verdict: its best label with the confidence in it, and how likely
    /// it is out of scope.
    pub fn lets_pass(&self, label: &str, confidence: f32, out_of_scope: f32) -> bool {
        let threshold = self.labels.get(label).unwrap_or(&self.pooled).threshold;
        label != OUT_OF_SCOPE
            && out_of_scope < self.out_of_scope
            && threshold.is_some_and(|least| confidence >= least)
    }

    /// Whether anything passes at all.
    pub fn is_certified(&self) -> bool {
        self.certificates().any(|it| it.threshold.is_some())
    }

    /// What is wrong with a gate that was read, for a model with these labels.
    pub fn fault(&self, labels: &[String]) -> Option<String> {
        let Self { promise, out_of_scope, labels: own, pooled: _ } = self;
        if let Err(fault) = promise.check() {
            return Some(fault.to_string());
        }
        if !(0.0..=1.0).contains(out_of_scope) {
            return Some(format!("out_of_scope is {out_of_scope}; it must lie between 0 and 1"));
        }
        if let Some(stranger) = own.keys().find(|label| !labels.contains(label)) {
            return Some(format!("'{stranger}' is no label of the model"));
        }
        self.certificates().find_map(|it| it.fault(promise))
    }

    fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.labels.values().chain([&self.pooled])
    }
}

/// A share as percent, without the noise of binary fractions.
pub fn in_percent(share: f64) -> f64 {
    (1e6 * share).round() / 1e4
}

impl Promise {
    /// Whether both shares lie between 0 and 1.
    pub fn check(&self) -> Result<(), certify::CertifyError> {
        let shares = [("error", self.error), ("doubt", self.doubt)];
        match shares.into_iter().find(|(_, share)| !(0.0 < *share && *share < 1.0)) {
            None => Ok(()),
            Some((name, value)) => Err(certify::CertifyError::Promise { name, value }),
        }
    }
}

impl Certificate {
    fn fault(&self, promise: &Promise) -> Option<String> {
        let Self { threshold, confirmed, passed, wrong, bound, missing: _ } = self;
        for (name, share) in [("threshold", threshold), ("bound", bound)] {
            if let Some(share) = share.filter(|share| !(0.0..=1.0).contains(share)) {
                return Some(format!("{name} is {share}; it must lie between 0 and 1"));
            }
        }
        if !(wrong <= passed && passed <= confirmed) {
            let found = format!("{wrong} wrong of {passed} passed of {confirmed} confirmed messages");
            return Some(format!("{found}; none may exceed the next"));
        }
        let kept = exact::most(*passed, promise.error) >= *wrong;
        (threshold.is_some() && !(kept && 0 < *passed)).then(|| {
            let found = format!("{wrong} wrong of {passed} passed messages");
            format!("{found} certify no threshold for a share of {}", promise.error)
        })
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} % wrong at most, {} % doubt", in_percent(self.error), in_percent(self.doubt))
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { threshold, confirmed, passed, wrong, bound, missing } = self;
        match (threshold, missing) {
            (Some(threshold), _) => {
                write!(f, "confidence {threshold:.3} and above: {passed} of {confirmed} confirmed messages")?;
                write!(f, " pass, {wrong} of them wrong")?;
                bound.map_or(Ok(()), |bound| write!(f, " (a rate of {:.1} % at most)", 100.0 * bound))
            }
            (None, Some(missing)) => write!(f, "not certifiable yet: {missing} more confirmed messages"),
            (None, None) => {
                write!(f, "not certifiable: even the surest of {confirmed} messages are wrong too often")
            }
        }
    }
}

#[cfg(test)]
mod tests;
