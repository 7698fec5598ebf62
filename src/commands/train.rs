//! `train`: labelled messages in, a model file out, in seconds.

use std::{
    io::{Write, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
};

use super::{bar::Bar, is_enough};
use crate::clock::Stopwatch;
use crate::model::{
    artifact::{self, ArtifactError, file},
    classifier::{Classifier, Learned},
    evaluation::{Evaluation, evaluate},
    examples::{Example, Warning},
    gate::{
        Gate, Promise,
        certify::{CertifyError, certified},
    },
    intent::OUT_OF_SCOPE,
    readers::{ReadError, read_file},
    train::{Progress, Settings, TrainError, train},
};

/// Train a text model on labelled messages.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Labelled messages, one JSON object a line: {"text": "vpn down", "label": "vpn_fault"}
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub data: Vec<PathBuf>,
    /// Labelled messages to measure the trained model on and to certify its gate with; nothing is learned
    /// from them. Let them be like the chat itself, with what is out of scope labelled `out_of_scope`
    #[arg(long, value_name = "FILE")]
    pub validation: Option<PathBuf>,
    /// The gate: largest share of wrong ones among the messages that are acted upon without asking
    #[arg(long, requires = "validation", default_value_t = Promise::default().error, value_name = "SHARE")]
    pub gate_error: f64,
    /// The gate: how likely that share may be exceeded all the same
    #[arg(long, requires = "validation", default_value_t = Promise::default().doubt, value_name = "SHARE")]
    pub gate_doubt: f64,
    /// Messages that are nothing the desk does, learned as such whatever their label says
    #[arg(long, value_name = "FILE")]
    pub out_of_scope: Option<PathBuf>,
    /// Directory that the model is written to, as model.safetensors
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Decides all that is random; the same seed gives the same model
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Do not learn a mistyped copy of each message (faster, less tolerant of typing errors)
    #[arg(long)]
    pub no_noise: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Why no model was written.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Train(#[from] TrainError),
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    #[error(transparent)]
    Certify(#[from] CertifyError),
    #[error("the result cannot be printed: {0}")]
    Print(#[from] std::io::Error),
}

/// What the command answers.
#[derive(Debug, serde::Serialize)]
struct Report {
    model: PathBuf,
    version: String,
    examples: u64,
    labels: usize,
    columns: usize,
    bytes: u64,
    seconds: f64,
    warnings: usize,
    validation: Option<Evaluation>,
    /// What was found on the validation messages; it is in the model if it has a threshold.
    gate: Option<Gate>,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    match report(args).and_then(|report| Ok(print(args, &report)?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing is left to do if even the error cannot be written.
            drop(writeln!(stderr(), "train: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn report(args: &Args) -> Result<Report, Failure> {
    let examples = examples(args)?;
    let validation = args.validation.as_deref().map(read_file).transpose()?;
    let promise = Promise { error: args.gate_error, doubt: args.gate_doubt };
    promise.check()?;
    let settings = Settings { seed: args.seed, noise: !args.no_noise, ..Settings::default() };
    let mut watch = Watch::new();
    let started = Stopwatch::start();
    let classifier = train(&examples, &settings, &mut |progress| watch.hear(progress))?;
    let seconds = started.seconds();
    watch.bar.clear();
    watch.print_warnings();
    let gate = validation.as_deref().map(|data| certified(&classifier, data, promise)).transpose()?;
    let classifier = with_gate(classifier, gate.as_ref())?;
    let model = args.output.join(file::NAME);
    file::save(&classifier, &model)?;
    let validation = validation.map(|data| evaluate(&classifier, &data, &[])).transpose()?;
    Ok(Report { validation, gate, ..described(&classifier, model, seconds, watch.warnings.len()) })
}

/// The model with what was certified, if anything was.
fn with_gate(classifier: Classifier, gate: Option<&Gate>) -> Result<Classifier, ArtifactError> {
    match gate.filter(|gate| gate.is_certified()) {
        None => Ok(classifier),
        gate => artifact::classifier(Learned { gate: gate.cloned(), ..classifier.learned().clone() }),
    }
}

fn examples(args: &Args) -> Result<Vec<Example>, ReadError> {
    let mut all = Vec::new();
    for file in &args.data {
        all.extend(read_file(file)?);
    }
    if let Some(file) = &args.out_of_scope {
        let outside = read_file(file)?.into_iter();
        all.extend(outside.map(|example| Example::new(example.text, OUT_OF_SCOPE)));
    }
    Ok(all)
}

fn described(classifier: &Classifier, model: PathBuf, seconds: f64, warnings: usize) -> Report {
    let learned = classifier.learned();
    Report {
        bytes: std::fs::metadata(&model).map_or(0, |file| file.len()),
        model,
        version: classifier.version().to_string(),
        examples: learned.origin.examples,
        labels: classifier.labels().len(),
        columns: learned.vocabulary.hashes().len(),
        seconds,
        warnings,
        validation: None,
        gate: None,
    }
}

fn print(args: &Args, report: &Report) -> std::io::Result<()> {
    let mut out = stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, report)?;
        return writeln!(out);
    }
    let megabytes = report.bytes as f64 / 1e6;
    writeln!(out, "{} examples, {} labels, {} n-grams", report.examples, report.labels, report.columns)?;
    writeln!(out, "trained in {:.1} s: {} ({megabytes:.1} MB)", report.seconds, report.model.display())?;
    writeln!(out, "version {}", report.version)?;
    if let Some(validation) = &report.validation {
        let Evaluation { accuracy, macro_f1, messages, .. } = validation;
        writeln!(
            out,
            "validation: accuracy {:.1} %, macro F1 {:.1} % of {messages} messages",
            100.0 * accuracy,
            100.0 * macro_f1
        )?;
    }
    report.gate.as_ref().map_or(Ok(()), |gate| print_gate(&mut out, gate))
}

fn print_gate(out: &mut impl Write, gate: &Gate) -> std::io::Result<()> {
    let Promise { error, doubt } = gate.promise;
    writeln!(out, "gate: {} % wrong at most, {} % doubt", 100.0 * error, 100.0 * doubt)?;
    for (label, certificate) in &gate.labels {
        writeln!(out, "  {label}: {certificate}")?;
    }
    let all = if gate.labels.is_empty() { "all labels" } else { "all other labels" };
    writeln!(out, "  {all}: {}", gate.pooled)
}

/// Shows progress where somebody watches, and keeps the warnings for the end.
struct Watch {
    bar: Bar,
    warnings: Vec<Warning>,
}

impl Watch {
    /// How many warnings are printed in full.
    const SHOWN: usize = 10;

    fn new() -> Self {
        Self { bar: Bar::new(), warnings: Vec::new() }
    }

    fn hear(&mut self, progress: Progress) {
        match progress {
            Progress::Warned(warning) => self.warnings.push(warning),
            Progress::Working { stage, done, total } => self.bar.show(stage, done, total),
        }
    }

    fn print_warnings(&self) {
        let mut out = stderr().lock();
        for warning in self.warnings.iter().take(Self::SHOWN) {
            drop(writeln!(out, "warning: {warning}"));
        }
        if let Some(more @ 1..) = self.warnings.len().checked_sub(Self::SHOWN) {
            drop(writeln!(out, "warning: and {more} more of the kind"));
        }
    }
}
