//! `evaluate`: how good a model is on messages whose labels are known.

use std::{
    io::{Write, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
};

use super::{
    is_enough,
    paint::{Paint, in_style},
};
use crate::clock::Stopwatch;
use crate::model::{
    artifact::{ArtifactError, file},
    evaluation::{Evaluation, GateFigures, evaluate},
    gate::{Promise, certify::CertifyError},
    readers::{ReadError, read_file},
};

/// Measure a text model on labelled messages.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A model file, or a directory with model.safetensors in it
    #[arg(long, value_name = "DIR|FILE")]
    pub model: PathBuf,
    /// Labelled messages, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// Messages that are nothing the desk does, to be told from those of --data
    #[arg(long, value_name = "FILE")]
    pub out_of_scope: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    #[error(transparent)]
    Certify(#[from] CertifyError),
    #[error("{0} has no messages; there is nothing to measure")]
    Empty(PathBuf),
    #[error("the result cannot be printed: {0}")]
    Print(#[from] std::io::Error),
}

/// What the command answers.
#[derive(Debug, serde::Serialize)]
struct Report {
    model: String,
    microseconds_per_message: f64,
    #[serde(flatten)]
    evaluation: Evaluation,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    match report(args).and_then(|report| Ok(print(args, &report)?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing is left to do if even the error cannot be written.
            drop(writeln!(stderr(), "evaluate: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn report(args: &Args) -> Result<Report, Failure> {
    let classifier = file::load(&args.model)?;
    let data = read_file(&args.data)?;
    if data.is_empty() {
        return Err(Failure::Empty(args.data.clone()));
    }
    let outside = args.out_of_scope.as_deref().map(read_file).transpose()?.unwrap_or_default();
    let evaluation = evaluate(&classifier, &data, &outside)?;
    // Timed after the evaluation, when the model is warm, and on every message once.
    let started = Stopwatch::start();
    for example in &data {
        std::hint::black_box(classifier.understand(&example.text, false));
    }
    let microseconds = started.seconds() * 1e6 / data.len() as f64;
    let model = classifier.version().to_string();
    Ok(Report { model, microseconds_per_message: microseconds, evaluation })
}

fn print(args: &Args, report: &Report) -> std::io::Result<()> {
    let mut out = stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, report)?;
        return writeln!(out);
    }
    let paint = Paint::of(&stdout());
    print_figures(&mut out, &paint, report)?;
    print_labels(&mut out, &paint, &report.evaluation)?;
    print_confusions(&mut out, &paint, &report.evaluation)
}

fn print_figures(out: &mut impl Write, paint: &Paint, report: &Report) -> std::io::Result<()> {
    let Evaluation { accuracy, macro_f1, ece, .. } = report.evaluation;
    writeln!(out, "model {}, {} messages", report.model, report.evaluation.messages)?;
    writeln!(out, "  accuracy           {}", share(paint, accuracy))?;
    writeln!(out, "  macro F1           {}", share(paint, macro_f1))?;
    writeln!(out, "  calibration error  {ece:>6.3}")?;
    for (name, level) in [("urgency", report.evaluation.urgency), ("impact", report.evaluation.impact)] {
        if let Some(right) = level {
            writeln!(out, "  {name:<18} {}", share(paint, right))?;
        }
    }
    if let Some(outside) = report.evaluation.out_of_scope {
        writeln!(out, "  out of scope       {:>6.3} AUROC of {} messages", outside.auroc, outside.messages)?;
    }
    writeln!(out, "  a message takes    {:>6.1} microseconds", report.microseconds_per_message)?;
    print_gate(out, &report.evaluation.gate)
}

fn print_gate(out: &mut impl Write, figures: &GateFigures) -> std::io::Result<()> {
    let GateFigures { certified, coverage, error, passed, wrong, gate, out_of_scope_passed } = figures;
    let percent = |share: f64| 100.0 * share;
    writeln!(out, "\n  acted upon alone   {:>5.1} %  ({passed} messages)", percent(*coverage))?;
    writeln!(out, "  wrong among those  {:>5.2} %  ({wrong} messages)", percent(*error))?;
    if let Some(passed) = *out_of_scope_passed {
        writeln!(out, "  and out of scope   {:>5.1} %  of those messages", percent(passed))?;
    }
    let Promise { error, doubt } = gate.promise;
    let promised = format!("{} % wrong at most, {} % doubt", percent(error), percent(doubt));
    let whose = if *certified {
        "the model's gate"
    } else {
        "no gate in the model; each half certified the other, both"
    };
    writeln!(out, "  {whose} ({promised}): {}", gate.pooled)?;
    if !gate.labels.is_empty() {
        writeln!(out, "  {} labels have thresholds of their own", gate.labels.len())?;
    }
    Ok(())
}

/// How many of the weakest labels and the most frequent confusions are shown.
const SHOWN: usize = 15;

fn print_labels(out: &mut impl Write, paint: &Paint, evaluation: &Evaluation) -> std::io::Result<()> {
    let mut labels: Vec<_> = evaluation.labels.iter().filter(|label| label.f1 < 1.0).collect();
    labels.sort_by(|left, right| left.f1.total_cmp(&right.f1));
    if labels.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{}",
        in_style(paint.strong, "weakest labels                  messages  precision  recall      F1")
    )?;
    for label in labels.iter().take(SHOWN) {
        let (precision, recall) = (share(paint, label.precision), share(paint, label.recall));
        let f1 = share(paint, label.f1);
        writeln!(out, "  {:<30} {:>7}   {precision}  {recall}  {f1}", label.label, label.messages)?;
    }
    Ok(())
}

fn print_confusions(out: &mut impl Write, paint: &Paint, evaluation: &Evaluation) -> std::io::Result<()> {
    if evaluation.confusions.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", in_style(paint.strong, "most frequent confusions"))?;
    for confusion in evaluation.confusions.iter().take(SHOWN) {
        let (label, taken_for) = (&confusion.label, in_style(paint.wrong, &confusion.taken_for));
        writeln!(out, "  {:>3} x {label} taken for {taken_for}", confusion.count)?;
        writeln!(out, "        {}", shortened(&confusion.example))?;
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 90;
    let mut line: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    if LONGEST < text.chars().count() {
        line.push('…');
    }
    line
}

/// Shares as they should be, middling and poor.
fn share(paint: &Paint, share: f64) -> String {
    let style = if share < 0.8 {
        paint.wrong
    } else if share < 0.9 {
        paint.doubtful
    } else {
        paint.fine
    };
    in_style(style, format_args!("{:>5.1} %", 100.0 * share))
}
