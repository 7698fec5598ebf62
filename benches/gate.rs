//! Whether the gate keeps its promise on real messages: `cargo bench --bench gate -- TRAIN VAL TEST [OOS]`,
//! all files of labelled messages, `--model DIR` for a model trained before instead of TRAIN.
//!
//! This is about the rule and not about the model: the messages of VAL and TEST are one pool, which is
//! halved at random 200 times; each time the first half certifies and the second is dispatched. A
//! promise is broken where more of the dispatched messages of the second half are wrong than promised.
//! With OOS the same again, with messages out of scope as 18 % of the pool.
//!
//! Beside the gate stand the usual rules: a bound of the rate for 20 thresholds at once, the walk of the gate
//! with such a bound instead of its own test, and two that promise nothing.

use std::{
    error::Error,
    io::{Write, stdout},
    path::{Path, PathBuf},
};

use ticket_dispatch::model::{
    artifact::file,
    classifier::Classifier,
    examples::Example,
    gate::{
        Gate, Promise,
        certify::{Confirmed, certify},
        exact::clopper_pearson,
    },
    readers::read_file,
    svc::random::Random,
    train::{Settings, train},
    verdict::Verdict,
};

const SPLITS: u64 = 200;
const OUTSIDE: f64 = 0.18;
const PROMISE: Promise = Promise { error: 0.02, doubt: 0.05 };

/// What passes, of the confirmed messages that a rule may look at.
type Rule = fn(&[Confirmed<'_>]) -> Box<dyn Fn(&Confirmed<'_>) -> bool>;

const RULES: [(&str, Rule); 5] = [
    ("certified gate", |seen| {
        let gate: Option<Gate> = certify(seen, PROMISE).ok();
        Box::new(move |it| gate.as_ref().is_some_and(|gate| it.passes(gate)))
    }),
    ("Bonferroni over 20 thresholds", |seen| from(bonferroni(seen))),
    ("fixed sequence, rate only", |seen| from(sequence(seen))),
    ("naive: 2 % wrong among those seen", |seen| from(naive(seen))),
    ("fixed at 0.7", |_| from(Some(0.7))),
];

fn main() -> Result<(), Box<dyn Error>> {
    let (mut files, mut model) = (vec![], None);
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--model" => model = arguments.next().map(PathBuf::from),
            _ => files.push(PathBuf::from(argument)),
        }
    }
    let [training, validation, test, outside @ ..] = files.as_slice() else {
        return Err("give TRAIN VAL TEST [OOS], files of labelled messages".into());
    };
    let classifier = match model {
        Some(path) => file::load(&path)?,
        None => train(&read_file(training)?, &Settings::default(), &mut |_| {})?,
    };
    let understood = |path: &Path| understood(&classifier, path);
    let inside = [understood(validation)?, understood(test)?].concat();
    let outside: Vec<_> = outside.iter().map(|it| understood(it)).collect::<Result<Vec<_>, _>>()?.concat();
    let mut out = stdout().lock();
    let Promise { error, doubt } = PROMISE;
    writeln!(out, "promise: {} % wrong at most, broken in {} % at most", 100.0 * error, 100.0 * doubt)?;
    let inside: Vec<Confirmed<'_>> =
        inside.iter().map(|(verdict, label)| Confirmed::of(verdict, label)).collect();
    table(&mut out, "in scope only", &inside, &[])?;
    if !outside.is_empty() {
        let outside: Vec<Confirmed<'_>> =
            outside.iter().map(|(verdict, label)| Confirmed::of(verdict, label)).collect();
        table(&mut out, "18 % out of scope", &inside, &outside)?;
    }
    Ok(())
}

fn understood(classifier: &Classifier, path: &Path) -> Result<Vec<(Verdict, String)>, Box<dyn Error>> {
    let of = |it: Example| (classifier.understand(&it.text, false), it.label);
    Ok(read_file(path)?.into_iter().map(of).collect())
}

fn table(
    out: &mut impl Write,
    name: &str,
    inside: &[Confirmed<'_>],
    outside: &[Confirmed<'_>],
) -> std::io::Result<()> {
    // So many inside that those outside are the share of the whole that they should be.
    let most = if outside.is_empty() {
        inside.len()
    } else {
        (outside.len() as f64 * (1.0 / OUTSIDE - 1.0)) as usize
    };
    let size = most.min(inside.len()) + outside.len();
    writeln!(out, "\n{name}: {SPLITS} halvings of {size} messages, all in %")?;
    writeln!(
        out,
        "{:<34} {:>6} {:>18} {:>19} {:>7}",
        "", "broken", "passed mean   min", "wrong mean     max", "nothing"
    )?;
    for (rule, passes) in RULES {
        let splits: Vec<(f64, f64)> =
            (0..SPLITS).map(|seed| split(seed, most, inside, outside, passes)).collect();
        let share = |test: &dyn Fn(&(f64, f64)) -> bool| {
            100.0 * splits.iter().filter(|it| test(it)).count() as f64 / SPLITS as f64
        };
        let mean = |of: fn(&(f64, f64)) -> f64| 100.0 * splits.iter().map(of).sum::<f64>() / SPLITS as f64;
        let least = 100.0 * splits.iter().map(|it| it.0).fold(1.0, f64::min);
        let worst = 100.0 * splits.iter().map(|it| it.1).fold(0.0, f64::max);
        writeln!(
            out,
            "{rule:<34} {:>6.1} {:>12.1} {least:>5.1} {:>13.2} {worst:>5.2} {:>7.1}",
            share(&|it| it.1 > PROMISE.error),
            mean(|it| it.0),
            mean(|it| it.1),
            share(&|it| it.0 == 0.0),
        )?;
    }
    Ok(())
}

/// Share that passes of the second half, and share of wrong ones among those.
fn split(
    seed: u64,
    most: usize,
    inside: &[Confirmed<'_>],
    outside: &[Confirmed<'_>],
    rule: Rule,
) -> (f64, f64) {
    let mut random = Random::seeded(seed);
    let mut pool = inside.to_vec();
    random.shuffle(&mut pool);
    pool.truncate(most);
    pool.extend(outside);
    random.shuffle(&mut pool);
    let (seen, to_come) = pool.split_at(pool.len() / 2);
    let passes = rule(seen);
    let passed: Vec<&Confirmed<'_>> = to_come.iter().filter(|it| passes(it)).collect();
    let wrong = passed.iter().filter(|it| !it.right).count();
    (passed.len() as f64 / to_come.len() as f64, wrong as f64 / passed.len().max(1) as f64)
}

/// Everything from a confidence on that is not taken for out of scope.
fn from(least: Option<f32>) -> Box<dyn Fn(&Confirmed<'_>) -> bool> {
    Box::new(move |it| it.label != "out_of_scope" && least.is_some_and(|least| it.confidence >= least))
}

/// How many of the messages pass at a confidence, and how many of those are wrong.
fn counted(seen: &[Confirmed<'_>], least: f32) -> (u64, u64) {
    let passes = from(Some(least));
    let passed = seen.iter().filter(|it| passes(it));
    passed.fold((0, 0), |(all, wrong), it| (all + 1, wrong + u64::from(!it.right)))
}

fn bonferroni(seen: &[Confirmed<'_>]) -> Option<f32> {
    let thresholds = (0..20_u8).map(|it| 0.5 + 0.49 * f32::from(it) / 19.0);
    let holds = |least: &f32| {
        let (passed, wrong) = counted(seen, *least);
        clopper_pearson(wrong, passed, PROMISE.doubt / 20.0) <= PROMISE.error
    };
    thresholds.into_iter().find(holds)
}

/// The walk of the gate with the usual test, that of a rate.
fn sequence(seen: &[Confirmed<'_>]) -> Option<f32> {
    let mut confidences: Vec<f32> =
        seen.iter().filter(|it| it.label != "out_of_scope").map(|it| it.confidence).collect();
    confidences.sort_by(|left, right| right.total_cmp(left));
    let start = confidences.len() * 3 / 10;
    let steps = (0..=64).map(|step| confidences[start + (confidences.len() - 1 - start) * step / 64]);
    let holds = |least: &f32| {
        let (passed, wrong) = counted(seen, *least);
        clopper_pearson(wrong, passed, PROMISE.doubt) <= PROMISE.error
    };
    steps.take_while(holds).last()
}

fn naive(seen: &[Confirmed<'_>]) -> Option<f32> {
    let mut sure: Vec<&Confirmed<'_>> = seen.iter().filter(|it| it.label != "out_of_scope").collect();
    sure.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
    let mut wrong = 0.0;
    let fine = sure.iter().enumerate().filter(|(before, it)| {
        wrong += f64::from(u8::from(!it.right));
        wrong <= PROMISE.error * (before + 1) as f64
    });
    fine.last().map(|(_, it)| it.confidence)
}
