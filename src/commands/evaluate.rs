//! `evaluate`: how good a model is on messages whose labels are known.

use std::{
    io::{Write, stdout},
    path::PathBuf,
    process::ExitCode,
};

use super::{
    failure::{Failure, ended},
    labelled,
    paint::{Paint, in_style, share, shortened},
    record,
    warnings::{Told, Warnings},
};
use crate::model::{
    classifier::Classifier,
    evaluation::{
        Confusion, Evaluation, LabelReport,
        gate::GateFigures,
        interval::{Interval, of_share},
    },
    examples::Example,
    intent::OUT_OF_SCOPE,
    readers::Corpus,
};
use crate::{clock::Stopwatch, tracking::Run};

/// Measure a text model on labelled messages.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch evaluate --model model --data test.jsonl
  ticket-dispatch evaluate --model model --data march.csv april.csv --out-of-scope chatter.jsonl --json")]
pub struct Args {
    /// A model file, or a directory with model.safetensors in it
    #[arg(long, value_name = "DIR|FILE")]
    pub model: PathBuf,
    /// Labelled messages: JSON lines, or CSV with a header
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub data: Vec<PathBuf>,
    /// Messages that are nothing the desk does, to be told from those of --data
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub out_of_scope: Vec<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// What the command answers.
#[derive(Debug, serde::Serialize)]
struct Report {
    model: String,
    microseconds_per_message: f64,
    /// Where the accuracy lies with 95 % confidence.
    accuracy_interval: Interval,
    warned: Vec<Told>,
    /// Its id in MLflow, if it was recorded there.
    run: Option<String>,
    /// What may be acted upon without asking.
    gate: GateFigures,
    #[serde(flatten)]
    evaluation: Evaluation,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let mut warnings = Warnings::default();
    let run = record::begin("evaluate");
    let report = report(args, &mut warnings).map(|report| recorded(args, report, run, &mut warnings));
    warnings.print();
    ended("evaluate", report.and_then(|report| Ok(print(args, &report)?)))
}

fn report(args: &Args, warnings: &mut Warnings) -> Result<Report, Failure> {
    let model = labelled::load(&args.model)?;
    let data = labelled::read(&args.data, warnings)?.examples;
    let mut outside = Corpus::default();
    for file in &args.out_of_scope {
        labelled::add(&mut outside, file, Some(OUT_OF_SCOPE), warnings)?;
    }
    labelled::note_unknown_to(&model, &data, warnings);
    let verdicts = labelled::judged(&model, &data);
    let outside = labelled::judged(&model, &outside.examples);
    let evaluation = Evaluation::of(&data, &verdicts, &outside);
    let right = (evaluation.accuracy * data.len() as f64).round() as usize;
    Ok(Report {
        model: model.version().to_string(),
        microseconds_per_message: microseconds(&model, &data),
        accuracy_interval: of_share(right, data.len()),
        warned: Vec::new(),
        run: None,
        gate: GateFigures::of(model.gate(), &data, &verdicts, &outside)?,
        evaluation,
    })
}

/// The report with its run recorded, where that is wanted.
fn recorded(args: &Args, mut report: Report, run: Run, warnings: &mut Warnings) -> Report {
    let run = record::end(run, warnings, |run| {
        run.parameters = vec![
            ("model".to_owned(), report.model.clone()),
            ("data".to_owned(), record::files(&args.data)),
            ("out_of_scope".to_owned(), record::files(&args.out_of_scope)),
        ];
        run.metrics = record::figures(&report.evaluation);
        run.metrics.push(("microseconds_per_message".to_owned(), report.microseconds_per_message, 0));
        run.artifacts.extend(serde_json::to_vec(&report).ok().map(|it| ("evaluation.json".to_owned(), it)));
    });
    (report.run, report.warned) = (run, warnings.told());
    report
}

/// How long a message takes on one core: the median of some rounds, after the evaluation, when the model
/// is warm.
fn microseconds(model: &Classifier, data: &[Example]) -> f64 {
    // Enough to be steady, few enough to be quick.
    const MESSAGES: usize = 5_000;
    let timed = &data[..data.len().min(MESSAGES)];
    let mut rounds = [0.0; 5];
    for round in &mut rounds {
        let started = Stopwatch::start();
        for example in timed {
            std::hint::black_box(model.understand(&example.text, false));
        }
        *round = started.seconds() * 1e6 / timed.len().max(1) as f64;
    }
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

fn print(args: &Args, report: &Report) -> std::io::Result<()> {
    let mut out = stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, report)?;
        return writeln!(out);
    }
    let paint = Paint::of(&stdout());
    print_figures(&mut out, &paint, report)?;
    print_labels(&mut out, &paint, &report.evaluation.labels)?;
    print_confusions(&mut out, &paint, &report.evaluation.confusions)
}

fn print_figures(out: &mut impl Write, paint: &Paint, report: &Report) -> std::io::Result<()> {
    let Evaluation { accuracy, macro_f1, ece, .. } = report.evaluation;
    let Interval { low, high } = report.accuracy_interval;
    let within = format!("95 % sure: {:.1} to {:.1}", 100.0 * low, 100.0 * high);
    writeln!(out, "model {}, {} messages", report.model, report.evaluation.messages)?;
    writeln!(out, "  accuracy           {}  ({within})", share(paint, accuracy))?;
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
    print_gate(out, &report.gate)
}

fn print_gate(out: &mut impl Write, figures: &GateFigures) -> std::io::Result<()> {
    let GateFigures { certified, coverage, error, passed, wrong, gate, out_of_scope_passed } = figures;
    let percent = |share: f64| 100.0 * share;
    let promised = gate.promise;
    if *certified {
        writeln!(out, "\n  the model's gate ({promised}; never from {} out of scope on)", gate.out_of_scope)?;
    } else {
        writeln!(
            out,
            "\n  the model has no gate, so it acts upon nothing alone; if each half of these messages"
        )?;
        writeln!(out, "  certified one for the other half ({promised}):")?;
    }
    writeln!(out, "  acted upon alone   {:>5.1} %  ({passed} messages)", percent(*coverage))?;
    writeln!(out, "  wrong among those  {:>5.2} %  ({wrong} messages)", percent(*error))?;
    if let Some(passed) = *out_of_scope_passed {
        writeln!(out, "  and out of scope   {:>5.1} %  of those messages", percent(passed))?;
    }
    let whose = if *certified { "its certificate" } else { "all of them together" };
    writeln!(out, "  {whose}: {}", gate.pooled)?;
    if !gate.labels.is_empty() {
        writeln!(out, "  {} labels have thresholds of their own", gate.labels.len())?;
    }
    Ok(())
}

/// How many of the weakest labels and the most frequent confusions are shown.
const SHOWN: usize = 15;

pub(super) fn print_labels(
    out: &mut impl Write,
    paint: &Paint,
    labels: &[LabelReport],
) -> std::io::Result<()> {
    let mut labels: Vec<_> = labels.iter().filter(|label| label.f1 < 1.0).collect();
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

pub(super) fn print_confusions(
    out: &mut impl Write,
    paint: &Paint,
    confusions: &[Confusion],
) -> std::io::Result<()> {
    if confusions.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", in_style(paint.strong, "most frequent confusions"))?;
    for confusion in confusions.iter().take(SHOWN) {
        let (label, taken_for) = (&confusion.label, in_style(paint.wrong, &confusion.taken_for));
        writeln!(out, "  {:>3} x {label} taken for {taken_for}", confusion.count)?;
        if let Some(example) = confusion.examples.first() {
            writeln!(out, "        {}", shortened(example))?;
        }
    }
    Ok(())
}
