//! What a gate does on messages whose labels are known.

use serde::Serialize;

use super::share;
use crate::model::{
    examples::Example,
    gate::{
        Gate, Promise,
        certify::{CertifyError, Confirmed, certify},
    },
    svc::random::Random,
    verdict::Verdict,
};

/// How many messages a gate lets pass, and how many of those are wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateFigures {
    /// Whether the model brought a certified gate. If not, one was made for each half of the data from the
    /// other half.
    pub certified: bool,
    /// Share of the messages that pass, 0 to 1.
    pub coverage: f64,
    /// Share of wrong ones among those that pass; 0 if none does.
    pub error: f64,
    /// How many pass.
    pub passed: usize,
    /// How many of those are wrong.
    pub wrong: usize,
    /// Share of the messages out of scope that pass, where some were given.
    pub out_of_scope_passed: Option<f64>,
    /// The gate of the model, else what all of the data certifies, or how much more it takes.
    #[serde(flatten)]
    pub gate: Gate,
}

/// Decides how the data is halved where the model brings no gate.
const SEED: u64 = 1;

impl GateFigures {
    /// Of a gate, if the model brought one, on the verdicts on `data`, and on those on messages out of scope.
    pub fn of(
        gate: Option<&Gate>,
        data: &[Example],
        verdicts: &[Verdict],
        outside: &[Verdict],
    ) -> Result<Self, CertifyError> {
        let confirmed = data.iter().zip(verdicts).map(|(it, verdict)| Confirmed::of(verdict, &it.label));
        figures(gate, &confirmed.collect::<Vec<_>>(), outside)
    }
}

/// Lets all messages through a gate: that of the model, or one of each half for the other.
fn figures(
    gate: Option<&Gate>,
    inside: &[Confirmed<'_>],
    outside: &[Verdict],
) -> Result<GateFigures, CertifyError> {
    let promise = gate.map_or_else(Promise::default, |gate| gate.promise);
    let (whole, halves) = match gate {
        Some(gate) => (gate.clone(), vec![(gate.clone(), inside.to_vec())]),
        None => (certify(inside, promise)?, crosswise(inside, promise)?),
    };
    let mut passed = halves.iter().flat_map(|(gate, half)| half.iter().filter(|it| it.passes(gate)));
    let (passed, wrong) =
        passed.by_ref().fold((0, 0), |(all, wrong), it| (all + 1, wrong + usize::from(!it.right)));
    let out = halves.iter().flat_map(|(gate, _)| outside.iter().filter(|it| gate.passes(it))).count();
    Ok(GateFigures {
        certified: gate.is_some(),
        coverage: share(passed, inside.len()),
        error: share(wrong, passed),
        passed,
        wrong,
        out_of_scope_passed: (!outside.is_empty()).then(|| share(out, halves.len() * outside.len())),
        gate: whole,
    })
}

/// Two halves by chance, each with the gate that the other one certifies.
fn crosswise<'a>(
    messages: &[Confirmed<'a>],
    promise: Promise,
) -> Result<Vec<(Gate, Vec<Confirmed<'a>>)>, CertifyError> {
    let mut messages = messages.to_vec();
    Random::seeded(SEED).shuffle(&mut messages);
    let (first, second) = messages.split_at(messages.len() / 2);
    Ok(vec![(certify(second, promise)?, first.to_vec()), (certify(first, promise)?, second.to_vec())])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every tenth of the messages below one half is wrong.
    fn messages(count: u16) -> Vec<Confirmed<'static>> {
        let one = |it: u16| {
            let confidence = f32::from(it % 100) / 100.0;
            let right = 0.5 <= confidence || !it.is_multiple_of(10);
            let label = if it % 4_000 < 2_000 { "vpn_fault" } else { "printer_fault" };
            Confirmed { label, confidence, out_of_scope: 0.0, right }
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn without_a_gate_each_half_certifies_the_other() {
        let figures = figures(None, &messages(4_000), &[]).unwrap();
        assert!(!figures.certified && figures.gate.is_certified());
        assert!((0.5..0.8).contains(&figures.coverage) && figures.error <= 0.02, "{figures:?}");
        assert_eq!(figures.out_of_scope_passed, None);
    }

    #[test]
    fn too_few_messages_pass_nothing_and_say_how_many_more_it_takes() {
        for count in [0, 2, 100] {
            let figures = figures(None, &messages(count), &[]).unwrap();
            assert_eq!((figures.coverage, figures.error), (0.0, 0.0));
            assert!(figures.gate.pooled.missing.is_some_and(|it| 0 < it), "{figures:?}");
        }
    }

    #[test]
    fn the_gate_of_the_model_is_used_as_it_is() {
        let gate = certify(&messages(3_000), Promise::default()).unwrap();
        let figures = figures(Some(&gate), &messages(100), &[]).unwrap();
        let least = gate.labels["vpn_fault"].threshold.unwrap();
        let passed = messages(100).iter().filter(|it| it.confidence >= least).count();
        assert_eq!((figures.certified, figures.passed, &figures.gate), (true, passed, &gate));
    }
}
