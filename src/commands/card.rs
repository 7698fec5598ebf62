//! `card`: what a model is for, what it learned from and how good it is, in Markdown.

use std::{
    io::{Write as _, stdout},
    path::PathBuf,
    process::ExitCode,
};

use super::{
    failure::{Failure, ended},
    labelled,
    warnings::Warnings,
};
use crate::model::{artifact::file, card::card, evaluation::Evaluation};

/// Print the card of a model: purpose, data, training, figures, limits, versions, licences.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch card --model model
  ticket-dispatch card --model model --data test.jsonl > MODEL_CARD.md")]
pub struct Args {
    /// A model file, or a directory with model.safetensors in it
    #[arg(long, value_name = "DIR|FILE")]
    pub model: PathBuf,
    /// Labelled messages to measure it on: JSON lines, or CSV with a header
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub data: Vec<PathBuf>,
    /// Print it as JSON: the card and the figures in it
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let mut warnings = Warnings::default();
    let printed = print(args, &mut warnings);
    warnings.print();
    ended("card", printed)
}

fn print(args: &Args, warnings: &mut Warnings) -> Result<(), Failure> {
    let model = labelled::load(&args.model)?;
    let bytes = std::fs::metadata(file::resolve(&args.model)).map_or(0, |file| file.len());
    let mut measured = None;
    if !args.data.is_empty() {
        let data = labelled::read(&args.data, warnings)?.examples;
        labelled::note_unknown_to(&model, &data, warnings);
        measured = Some(Evaluation::of(&data, &labelled::judged(&model, &data), &[]));
    }
    let card = card(&model, bytes, measured.as_ref());
    let mut out = stdout().lock();
    if args.json {
        let json = serde_json::json!({ "card": card, "model": **model.version(), "evaluation": measured });
        return Ok(writeln!(out, "{json}")?);
    }
    Ok(write!(out, "{card}")?)
}
