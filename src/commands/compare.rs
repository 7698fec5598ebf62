//! `compare`: whether one model is better than another, and where.

use std::{
    io::{Write, stdout},
    path::PathBuf,
    process::ExitCode,
};

use serde::Serialize;

use super::{
    failure::{Failure, ended},
    labelled,
    paint::{Paint, in_style, share, shortened},
    warnings::{Told, Warnings},
};
use crate::model::comparison::{Case, Change, Comparison, compare};

/// Say whether model B is better than model A on the same messages, and where they differ.
///
/// The p value is of McNemar's exact test: how often chance alone would give a difference like this one. The
/// interval of the difference is drawn from the messages themselves.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch compare old new --data test.jsonl
  ticket-dispatch compare old/model.safetensors new/model.safetensors --data march.csv april.csv --json")]
pub struct Args {
    /// The model in use: a file, or a directory with model.safetensors in it
    #[arg(value_name = "A")]
    pub first: PathBuf,
    /// The model that may take its place
    #[arg(value_name = "B")]
    pub second: PathBuf,
    /// Labelled messages: JSON lines, or CSV with a header
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub data: Vec<PathBuf>,
    /// Decides which messages are drawn for the interval
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// What the command answers.
#[derive(Debug, Serialize)]
struct Report {
    models: [String; 2],
    warned: Vec<Told>,
    #[serde(flatten)]
    comparison: Comparison,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let mut warnings = Warnings::default();
    let report = report(args, &mut warnings);
    warnings.print();
    ended("compare", report.and_then(|report| Ok(print(args, &report)?)))
}

fn report(args: &Args, warnings: &mut Warnings) -> Result<Report, Failure> {
    let (first, second) = (labelled::load(&args.first)?, labelled::load(&args.second)?);
    let data = labelled::read(&args.data, warnings)?.examples;
    labelled::note_unknown_to(&first, &data, warnings);
    labelled::note_unknown_to(&second, &data, warnings);
    let comparison =
        compare(&data, &labelled::judged(&first, &data), &labelled::judged(&second, &data), args.seed);
    let models = [first.version().to_string(), second.version().to_string()];
    Ok(Report { models, warned: warnings.told(), comparison })
}

fn print(args: &Args, report: &Report) -> std::io::Result<()> {
    let mut out = stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, report)?;
        return writeln!(out);
    }
    let (paint, found) = (Paint::of(&stdout()), &report.comparison);
    writeln!(out, "{} messages", found.messages)?;
    writeln!(out, "{}", in_style(paint.strong, "                          A        B"))?;
    let (first, second) = (found.first, found.second);
    for (name, a, b) in
        [("accuracy", first.accuracy, second.accuracy), ("macro F1", first.macro_f1, second.macro_f1)]
    {
        writeln!(out, "  {name:<18} {}  {}", share(&paint, a), share(&paint, b))?;
    }
    writeln!(out, "  calibration error  {:>7.3}  {:>7.3}", first.ece, second.ece)?;
    let (low, high) = (100.0 * found.interval.low, 100.0 * found.interval.high);
    writeln!(
        out,
        "\nB is {:.2} points {} (95 % sure: {low:+.2} to {high:+.2}); {} gained, {} lost; p {}",
        100.0 * found.difference.abs(),
        if found.difference < 0.0 { "behind" } else { "ahead" },
        found.gained,
        found.lost,
        probability(found.p_value)
    )?;
    writeln!(out, "{}", in_style(paint.strong, reading(found)))?;
    print_changes(&mut out, &paint, &found.labels)
}

fn probability(value: f64) -> String {
    if value < 0.001 { "< 0.001".to_owned() } else { format!("= {value:.3}") }
}

/// The figures in plain words.
fn reading(found: &Comparison) -> &'static str {
    match (found.p_value < 0.05, found.difference < 0.0) {
        (false, _) => "This can be chance: nothing shows that one is better.",
        (true, false) => "B is better.",
        (true, true) => "B is worse.",
    }
}

fn print_changes(out: &mut impl Write, paint: &Paint, changes: &[Change]) -> std::io::Result<()> {
    const SHOWN: usize = 15;
    for change in changes.iter().take(SHOWN) {
        let Change { label, messages, gained, lost, .. } = change;
        writeln!(out, "\n{label}: {gained} gained, {lost} lost of {messages}")?;
        for (name, style, cases) in
            [("lost", paint.wrong, &change.regressions), ("gained", paint.fine, &change.gains)]
        {
            for Case { text, first, second } in cases {
                let name = in_style(style, format_args!("{name:<6}"));
                writeln!(out, "  {name}  {}\n          A: {first}  B: {second}", shortened(text))?;
            }
        }
    }
    if let Some(more @ 1..) = changes.len().checked_sub(SHOWN) {
        writeln!(out, "\nand {more} more labels; --json lists them all")?;
    }
    Ok(())
}
