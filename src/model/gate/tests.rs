//! Promises kept and broken on streams that are made up, and what is refused.

use proptest::prelude::*;

use super::{
    Certificate, Gate, Promise,
    certify::{Confirmed, certify},
};
use crate::model::{
    artifact,
    classifier::{Classifier, Learned},
    svc::random::Random,
    train::{Settings, tests::small_classifier},
};

const PROMISE: Promise = Promise { error: 0.02, doubt: 0.05 };

fn message(confidence: f32, right: bool) -> Confirmed<'static> {
    Confirmed { label: "vpn_fault", confidence, out_of_scope: 0.0, right }
}

/// Messages whose errors become more frequent as confidence falls, the steeper the fewer there are.
fn stream(random: &mut Random, messages: usize, steepness: f64) -> Vec<Confirmed<'static>> {
    let share = |random: &mut Random| random.below(1 << 30) as f64 / f64::from(1 << 30);
    // No label has so many messages that it is a part of its own.
    let labels = ["vpn_fault", "printer_fault", "lost_badge", "access_request"];
    let one = |it: usize| {
        let confidence = share(random);
        let right = share(random) >= 0.5 * (1.0 - confidence).powf(steepness);
        Confirmed { label: labels[it % labels.len()], ..message(confidence as f32, right) }
    };
    (0..messages).map(one).collect()
}

/// Share of wrong ones among the messages from a confidence on.
fn error(messages: &[Confirmed<'_>], least: f32) -> f64 {
    let passed = messages.iter().filter(|it| it.confidence >= least);
    let (all, wrong) = passed.fold((0, 0), |(all, wrong), it| (all + 1, wrong + u32::from(!it.right)));
    f64::from(wrong) / f64::from(all.max(1))
}

/// The laxest confidence from which on the errors seen are few enough: what looks right and is not.
fn naive(messages: &[Confirmed<'_>], most: f64) -> Option<f32> {
    let mut sure: Vec<&Confirmed<'_>> = messages.iter().collect();
    sure.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
    let (mut wrong, mut found) = (0.0, None);
    for (before, it) in sure.iter().enumerate() {
        wrong += f64::from(u8::from(!it.right));
        if wrong <= most * (before + 1) as f64 {
            found = Some(it.confidence);
        }
    }
    found
}

fn pooled(messages: &[Confirmed<'_>]) -> Certificate {
    certify(messages, PROMISE).unwrap().pooled
}

const SEEDS: u64 = 200;

/// In how many of the streams more than the promised share of the messages to come was wrong.
fn broken(messages: usize, steepness: f64, rule: impl Fn(&[Confirmed<'_>]) -> Option<f32>) -> u64 {
    let breaks = |seed: &u64| {
        let mut random = Random::seeded(*seed);
        let threshold = rule(&stream(&mut random, messages, steepness));
        let to_come = stream(&mut random, messages, steepness);
        threshold.is_some_and(|least| error(&to_come, least) > PROMISE.error)
    };
    (0..SEEDS).filter(breaks).count() as u64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_promise_is_kept_and_a_naive_threshold_breaks_it(messages in 300_usize..3_000, steepness in 1.5_f64..6.0) {
        // Three standard deviations above the doubt: that chance alone fails no test.
        let allowed = SEEDS as f64 * PROMISE.doubt + 3.0 * (SEEDS as f64 * PROMISE.doubt).sqrt();
        let certified = broken(messages, steepness, |it| pooled(it).threshold);
        prop_assert!(certified as f64 <= allowed, "{certified} of {SEEDS} broken");
        let guessed = broken(messages, steepness, |it| naive(it, PROMISE.error));
        prop_assert!(guessed as f64 > allowed, "the control broke only {guessed} of {SEEDS}");
    }

    #[test]
    fn one_more_error_never_lowers_the_threshold(seed in any::<u64>(), at in any::<prop::sample::Index>()) {
        let mut messages = stream(&mut Random::seeded(seed), 2_000, 4.0);
        let before = pooled(&messages);
        let at = at.index(messages.len());
        messages[at].right = false;
        let after = pooled(&messages);
        prop_assert!(after.threshold.unwrap_or(2.0) >= before.threshold.unwrap_or(2.0));
    }
}

#[test]
fn a_steady_stream_passes_for_the_most_part() {
    let certificate = pooled(&stream(&mut Random::seeded(1), 4_000, 5.0));
    assert!(certificate.threshold.is_some_and(|it| (0.1..0.7).contains(&it)), "{certificate}");
    assert!(certificate.bound.is_some_and(|it| f64::from(it) <= PROMISE.error));
    assert_eq!(certificate.missing, None);
}

#[test]
fn without_messages_the_fewest_are_missing() {
    let gate = certify(&[], PROMISE).unwrap();
    assert!(!gate.is_certified());
    assert_eq!(gate.pooled.to_string(), "not certifiable yet: 200 more confirmed messages");
}

#[test]
fn what_is_said_to_be_missing_suffices_if_all_stays_as_it_is() {
    let messages = |count: u16| -> Vec<Confirmed<'static>> {
        (0..count).map(|it| message(1.0 - f32::from(it % 100) / 100.0, it % 100 != 60)).collect()
    };
    let few = pooled(&messages(100));
    assert_eq!(few.threshold, None);
    let missing = few.missing.unwrap();
    assert!((100..1_000).contains(&missing), "{missing}");
    assert!(pooled(&messages(100 + missing as u16)).threshold.is_some());
}

#[test]
fn all_right_pass_and_all_wrong_never_will() {
    let right: Vec<_> = (0..1_000_u16).map(|it| message(f32::from(it) / 1_000.0, true)).collect();
    let certificate = pooled(&right);
    assert_eq!((certificate.threshold, certificate.passed, certificate.wrong), (Some(0.0), 1_000, 0));
    let wrong: Vec<_> = (0..1_000_u16).map(|it| message(f32::from(it) / 1_000.0, false)).collect();
    let certificate = pooled(&wrong);
    assert_eq!((certificate.threshold, certificate.missing), (None, None));
    assert!(certificate.to_string().starts_with("not certifiable: "));
    // A wrong one among the surest is a sign already; further down it is none.
    assert_eq!(pooled(&[message(0.9, true), message(0.8, true), message(0.7, false)]).missing, Some(297));
    assert_eq!(pooled(&[message(0.9, false), message(0.8, true)]).missing, None);
    // Confidences that are all the same leave all or nothing.
    let same: Vec<_> = (0..1_000).map(|it| message(0.5, it % 4 != 0)).collect();
    assert_eq!(pooled(&same).threshold, None);
    assert_eq!(pooled(&vec![message(0.5, true); 1_000]).passed, 1_000);
}

#[test]
fn what_is_no_probability_is_refused() {
    let refused = |message| certify(&[message], PROMISE).unwrap_err().to_string();
    assert_eq!(
        refused(message(f32::NAN, true)),
        "message 1: its confidence is NaN; it must lie between 0 and 1"
    );
    let odd = Confirmed { out_of_scope: 1.5, ..message(0.5, true) };
    assert_eq!(refused(odd), "message 1: its out_of_scope is 1.5; it must lie between 0 and 1");
    for (promise, name) in
        [(Promise { error: 0.0, ..PROMISE }, "error"), (Promise { doubt: f64::NAN, ..PROMISE }, "doubt")]
    {
        let refused = certify(&[], promise).unwrap_err().to_string();
        assert!(refused.starts_with(&format!("the {name} of the gate is ")), "{refused}");
    }
}

#[test]
fn a_label_with_many_messages_has_a_threshold_of_its_own_and_shares_the_doubt() {
    let of = |label, count: u16, wrong: u16| {
        (0..count).map(move |it| {
            let confidence = 1.0 - f32::from(it) / f32::from(count);
            Confirmed { label, ..message(confidence, wrong == 0 || it % wrong != 0) }
        })
    };
    let mut messages: Vec<_> = of("vpn_fault", 2_000, 0).collect();
    messages.extend(of("printer_fault", 2_000, 10));
    messages.extend(of("lost_badge", 300, 0));
    messages.extend(of("out_of_scope", 3_000, 0));
    let gate = certify(&messages, PROMISE).unwrap();
    assert_eq!(gate.labels.keys().collect::<Vec<_>>(), ["printer_fault", "vpn_fault"]);
    let passes = |label, confidence| gate.lets_pass(label, confidence, 0.1);
    assert!(passes("vpn_fault", 0.01) && !passes("printer_fault", 0.99));
    // A third of the doubt asks for more than 200 right ones, and these are 300.
    assert_eq!((gate.pooled.passed, gate.pooled.confirmed), (300, 3_300));
    let alone: Vec<_> = of("lost_badge", 240, 0).collect();
    assert!(pooled(&alone).threshold.is_some());
    messages.retain(|it| it.label != "lost_badge");
    messages.extend(alone);
    assert_eq!(certify(&messages, PROMISE).unwrap().pooled.threshold, None);
    assert!(!gate.lets_pass("vpn_fault", 1.0, 0.5) && !passes("out_of_scope", 1.0));
    assert!(!passes("vpn_fault", f32::NAN) && !gate.lets_pass("vpn_fault", 1.0, f32::NAN));
}

#[test]
fn a_gate_from_a_file_must_make_sense() {
    let good = certify(&stream(&mut Random::seeded(1), 4_000, 5.0), PROMISE).unwrap();
    let labels = ["vpn_fault".to_owned()];
    let fault = |change: &dyn Fn(&mut Gate)| {
        let mut gate = good.clone();
        change(&mut gate);
        gate.fault(&labels)
    };
    assert_eq!(fault(&|_| ()), None);
    let own = |gate: &mut Gate, change: &dyn Fn(&mut Certificate)| {
        gate.labels.values_mut().chain([&mut gate.pooled]).for_each(change);
    };
    for (change, said) in [
        (&(|gate: &mut Gate| gate.promise.error = 1.5) as &dyn Fn(&mut Gate), "the error of the gate is 1.5"),
        (&|gate| gate.out_of_scope = -1.0, "out_of_scope is -1"),
        (&|gate| own(gate, &|it| it.threshold = Some(f32::INFINITY)), "threshold is inf"),
        (&|gate| own(gate, &|it| it.bound = Some(2.0)), "bound is 2"),
        (&|gate| own(gate, &|it| it.confirmed = 0), "none may exceed the next"),
        (&|gate| own(gate, &|it| it.wrong = it.passed), "certify no threshold"),
        (&|gate| gate.labels.extend([("unheard_of".into(), Certificate::default())]), "'unheard_of'"),
    ] {
        let found = fault(change).unwrap_or_default();
        assert!(found.contains(said), "{said} is not in: {found}");
    }
}

#[test]
fn a_gate_is_kept_with_the_model_and_checked_when_it_is_read() {
    let plain = small_classifier(&Settings::default());
    let with =
        |gate: &Gate| artifact::classifier(Learned { gate: Some(gate.clone()), ..plain.learned().clone() });
    let mut gate = certify(&stream(&mut Random::seeded(1), 4_000, 5.0), PROMISE).unwrap();
    let certified = with(&gate).unwrap();
    assert_ne!(certified.version(), plain.version());
    let read = Classifier::from_bytes(&certified.to_bytes().unwrap()).unwrap();
    assert_eq!((read.gate(), read.version()), (Some(&gate), certified.version()));
    let verdict = read.understand("printer jam", false);
    let best = &verdict.ranked[0];
    let passes = gate.lets_pass(&best.label, best.confidence, verdict.out_of_scope);
    assert_eq!(gate.passes(&verdict), passes);
    gate.pooled.threshold = Some(7.0);
    let refused = with(&gate).unwrap_err().to_string();
    assert_eq!(refused, "gate: threshold is 7; it must lie between 0 and 1");
}
