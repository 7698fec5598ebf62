//! `report`: how good a model is, as a page to read.

use std::{
    io::{Write, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde::Serialize;

use super::{
    bar::{Bar, name},
    failure::{Failure, ended},
    labelled,
    warnings::{Told, Warnings},
};
use crate::{
    clock,
    model::{
        artifact::file::{resolve, write_whole},
        cross_validation::{Suspect, cross_validate},
        examples::Example,
        intent::OUT_OF_SCOPE,
        readers::Corpus,
        report::{Findings, Training, page},
        train::{Progress, Settings},
    },
};

/// Write how good a model is as one page of HTML that needs nothing else.
///
/// With --training it also says which training labels look wrong (by cross-validation, which takes as long as
/// five trainings), how far the messages have moved from the training, and how varied both are.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch report --model model --data test.jsonl --output report.html
  ticket-dispatch report --model model --data march.csv --training 2024.csv 2025.csv \\
      --out-of-scope chatter.jsonl --output report.html")]
pub struct Args {
    /// A model file, or a directory with model.safetensors in it
    #[arg(long, value_name = "DIR|FILE")]
    pub model: PathBuf,
    /// Labelled messages to measure on: JSON lines, or CSV with a header
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub data: Vec<PathBuf>,
    /// The messages that the model learned from
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub training: Vec<PathBuf>,
    /// Messages that are nothing the desk does, to be told from those of --data
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub out_of_scope: Vec<PathBuf>,
    /// The page
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// Decides the folds of the cross-validation
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print the findings as JSON
    #[arg(long)]
    pub json: bool,
}

/// What the command answers.
#[derive(Debug, Serialize)]
struct Report<'a> {
    output: &'a Path,
    warned: Vec<Told>,
    #[serde(flatten)]
    findings: Findings,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let mut warnings = Warnings::default();
    let report = report(args, &mut warnings);
    warnings.print();
    ended("report", report.and_then(|report| Ok(print(args, &report)?)))
}

fn report<'a>(args: &'a Args, warnings: &mut Warnings) -> Result<Report<'a>, Failure> {
    let inputs = args.data.iter().chain(&args.training).chain(&args.out_of_scope);
    spared(&args.output, inputs.chain([&resolve(&args.model)]))?;
    let model = labelled::load(&args.model)?;
    let data = labelled::read(&args.data, warnings)?.examples;
    let mut outside = Corpus::default();
    for file in &args.out_of_scope {
        labelled::add(&mut outside, file, Some(OUT_OF_SCOPE), warnings)?;
    }
    labelled::note_unknown_to(&model, &data, warnings);
    let verdicts = labelled::judged(&model, &data);
    let outside = labelled::judged(&model, &outside.examples);
    let mut findings = Findings::of(&model, (&data, &verdicts), &outside, clock::now().rfc3339())?;
    if !args.training.is_empty() {
        findings.training = Some(training(args, &data, warnings)?);
    }
    write(&args.output, &page(&findings))?;
    Ok(Report { output: &args.output, warned: warnings.told(), findings })
}

fn training(args: &Args, data: &[Example], warnings: &mut Warnings) -> Result<Training, Failure> {
    const FOLDS: usize = 5;
    let corpus = labelled::read(&args.training, warnings)?;
    let settings = Settings { seed: args.seed, ..Settings::default() };
    let bar = Bar::new();
    let found = cross_validate(&corpus.examples, FOLDS, &settings, &mut |fold, progress| {
        if let Progress::Working { stage, done, total } = progress {
            bar.step(format!("fold {} of {FOLDS}: {}", fold + 1, name(stage)), done as u64, total as u64);
        }
    });
    bar.clear();
    let suspects = found?.label_noise;
    let places = suspects.iter().map(|it: &Suspect| corpus.places.of(it.row)).collect();
    Ok(Training::of(&corpus.examples, data, suspects, places))
}

/// That the page will not take the place of what it is made from.
fn spared<'a>(output: &Path, mut inputs: impl Iterator<Item = &'a PathBuf>) -> Result<(), Failure> {
    let Ok(there) = output.canonicalize() else { return Ok(()) };
    let is_read = inputs.any(|input| input.canonicalize().is_ok_and(|input| input == there));
    if is_read { Err(Failure::Overwrite(output.to_owned())) } else { Ok(()) }
}

/// A page is whole or not there; a pipe or a device is written to as it is.
fn write(path: &Path, page: &str) -> Result<(), Failure> {
    let failed = |source| Failure::Write { path: path.to_owned(), source };
    if std::fs::metadata(path).is_ok_and(|it| !it.is_file()) {
        return std::fs::write(path, page).map_err(failed);
    }
    // A link stays one: what it points to is replaced.
    write_whole(&path.canonicalize().unwrap_or_else(|_| path.to_owned()), page.as_bytes()).map_err(failed)
}

fn print(args: &Args, report: &Report<'_>) -> std::io::Result<()> {
    let mut out = stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, report)?;
        return writeln!(out);
    }
    let evaluation = &report.findings.evaluation;
    writeln!(
        out,
        "{} messages, accuracy {:.1} %, macro F1 {:.1} %",
        evaluation.messages,
        100.0 * evaluation.accuracy,
        100.0 * evaluation.macro_f1
    )?;
    writeln!(out, "the report is in {}", report.output.display())
}
