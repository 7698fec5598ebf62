//! `cross-validate`: how good a model of some messages would be, and which of their labels look wrong.

use std::{
    io::{Write, stdout},
    path::PathBuf,
    process::ExitCode,
};

use serde::Serialize;

use super::{
    bar::{Bar, name},
    evaluate::{print_confusions, print_labels},
    failure::{Failure, ended},
    labelled,
    paint::{Paint, in_style, share, shortened},
    record,
    warnings::{Told, Warnings},
};
use crate::model::{
    cross_validation::{CrossValidation, Spread, Suspect, cross_validate},
    readers::Places,
    train::{Progress, Settings},
};
use crate::tracking::Run;

/// Say how good a model of some messages would be, by judging each with a model that has not seen it.
///
/// Each label has the same share in every fold, and repeats of a message go together. Messages that such a
/// model contradicts with a confidence of 90 % or more are listed: their labels may be wrong.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch cross-validate --data messages.jsonl
  ticket-dispatch cross-validate --data messages.csv --folds 10 --json")]
pub struct Args {
    /// Labelled messages: JSON lines, or CSV with a header
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub data: Vec<PathBuf>,
    /// Into how many parts the messages are cut, each of which is judged once
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(2..=100))]
    pub folds: u64,
    /// Decides all that is random; the same seed gives the same figures
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// What the command answers.
#[derive(Debug, Serialize)]
struct Report {
    warned: Vec<Told>,
    #[serde(flatten)]
    found: CrossValidation,
    /// Where the messages of `label_noise` stand, in the same order.
    label_noise_places: Vec<String>,
    /// Its id in MLflow, if it was recorded there.
    run: Option<String>,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let mut warnings = Warnings::default();
    let run = record::begin("cross-validate");
    let report = report(args, &mut warnings).map(|report| recorded(args, report, run, &mut warnings));
    warnings.print();
    ended("cross-validate", report.and_then(|report| Ok(print(args, &report)?)))
}

fn report(args: &Args, warnings: &mut Warnings) -> Result<Report, Failure> {
    let corpus = labelled::read(&args.data, warnings)?;
    labelled::note_all(&corpus, warnings);
    let settings = Settings { seed: args.seed, ..Settings::default() };
    let folds = usize::try_from(args.folds).unwrap_or(usize::MAX);
    let bar = Bar::new();
    let found = cross_validate(&corpus.examples, folds, &settings, &mut |fold, progress| {
        if let Progress::Working { stage, done, total } = progress {
            bar.step(format!("fold {} of {folds}: {}", fold + 1, name(stage)), done as u64, total as u64);
        }
    });
    bar.clear();
    let found = found?;
    let places = places(&found.label_noise, &corpus.places);
    Ok(Report { warned: Vec::new(), found, label_noise_places: places, run: None })
}

/// The report with its run recorded, where that is wanted.
fn recorded(args: &Args, mut report: Report, run: Run, warnings: &mut Warnings) -> Report {
    let run = record::end(run, warnings, |run| {
        run.parameters = vec![
            ("data".to_owned(), record::files(&args.data)),
            ("folds".to_owned(), args.folds.to_string()),
            ("seed".to_owned(), args.seed.to_string()),
        ];
        let found = &report.found;
        run.metrics = record::figures(&found.evaluation);
        for (name, Spread { mean, deviation }) in [("accuracy", found.accuracy), ("macro_f1", found.macro_f1)]
        {
            run.metrics.push((format!("{name}.mean"), mean, 0));
            run.metrics.push((format!("{name}.deviation"), deviation, 0));
        }
        for (fold, figures) in found.folds.iter().enumerate() {
            run.metrics.push(("fold.accuracy".to_owned(), figures.accuracy, fold));
            run.metrics.push(("fold.macro_f1".to_owned(), figures.macro_f1, fold));
        }
        run.artifacts
            .extend(serde_json::to_vec(&report).ok().map(|it| ("cross-validation.json".to_owned(), it)));
    });
    (report.run, report.warned) = (run, warnings.told());
    report
}

fn places(suspects: &[Suspect], places: &Places) -> Vec<String> {
    suspects.iter().map(|suspect| places.of(suspect.row)).collect()
}

fn print(args: &Args, report: &Report) -> std::io::Result<()> {
    let mut out = stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, report)?;
        return writeln!(out);
    }
    let (paint, found) = (Paint::of(&stdout()), &report.found);
    writeln!(out, "{} messages in {} folds", found.evaluation.messages, found.folds.len())?;
    for (name, Spread { mean, deviation }) in [("accuracy", found.accuracy), ("macro F1", found.macro_f1)] {
        writeln!(out, "  {name:<18} {} ± {:.1} a fold", share(&paint, mean), 100.0 * deviation)?;
    }
    writeln!(out, "  calibration error  {:>6.3}", found.evaluation.ece)?;
    if !found.never_judged.is_empty() {
        writeln!(out, "  never judged, for they have one message: {}", found.never_judged.join(", "))?;
    }
    print_labels(&mut out, &paint, &found.evaluation.labels)?;
    print_confusions(&mut out, &paint, &found.evaluation.confusions)?;
    print_suspects(&mut out, &paint, report)
}

fn print_suspects(out: &mut impl Write, paint: &Paint, report: &Report) -> std::io::Result<()> {
    const SHOWN: usize = 20;
    let suspects = &report.found.label_noise;
    if suspects.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", in_style(paint.strong, "labels that may be wrong"))?;
    for (suspect, place) in suspects.iter().zip(&report.label_noise_places).take(SHOWN) {
        let Suspect { label, said, confidence, text, .. } = suspect;
        let said = in_style(paint.doubtful, said);
        writeln!(out, "  {place}: {label}, or {said}? ({:.0} %)", 100.0 * confidence)?;
        writeln!(out, "        {}", shortened(text))?;
    }
    if let Some(more @ 1..) = suspects.len().checked_sub(SHOWN) {
        writeln!(out, "  and {more} more; --json lists them all")?;
    }
    Ok(())
}
