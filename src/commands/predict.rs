//! `predict`: messages on the standard input, verdicts on the standard output, a line each.

use std::{
    io::{BufRead, Write, stderr, stdin, stdout},
    path::PathBuf,
    process::ExitCode,
};

use serde::{Deserialize, Serialize};

use super::is_enough;
use crate::model::{
    artifact::{ArtifactError, file},
    verdict::{Scored, Verdict},
};

/// Say what messages mean: a line of text or {"text": ...} in, a line of JSON out.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  echo 'my laptop will not start' | ticket-dispatch predict --model model
  ticket-dispatch predict --model model --no-reasons < messages.txt > verdicts.jsonl")]
pub struct Args {
    /// A model file, or a directory with model.safetensors in it
    #[arg(long, value_name = "DIR|FILE")]
    pub model: PathBuf,
    /// Leave out the reasons
    #[arg(long)]
    pub no_reasons: bool,
}

/// Why it ended before the input did.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    #[error("reading or writing failed: {0}")]
    Io(#[from] std::io::Error),
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    match predict(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Io(error)) if is_enough(&error) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing is left to do if even the error cannot be written.
            drop(writeln!(stderr(), "predict: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn predict(args: &Args) -> Result<(), Failure> {
    let classifier = file::load(&args.model)?;
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let line = line?;
        let text = message(&line);
        let verdict = classifier.understand(&text, !args.no_reasons);
        serde_json::to_writer(&mut out, &Answer::of(&text, &verdict)).map_err(std::io::Error::from)?;
        writeln!(out)?;
    }
    Ok(())
}

/// The message of a line: the `text` of a JSON object, else the line as it is.
fn message(line: &str) -> String {
    #[derive(Deserialize)]
    struct Object {
        text: String,
    }
    let object = line.trim_start().starts_with('{').then(|| serde_json::from_str::<Object>(line));
    object.and_then(Result::ok).map_or_else(|| line.to_owned(), |object| object.text)
}

/// A verdict as it is printed.
#[derive(Serialize)]
struct Answer<'a> {
    text: &'a str,
    label: &'a str,
    confidence: f32,
    out_of_scope: f32,
    urgency: Ranked<'a>,
    impact: Ranked<'a>,
    ranked: Vec<Ranked<'a>>,
    reasons: Vec<Because<'a>>,
    model: &'a str,
}

#[derive(Serialize)]
struct Ranked<'a> {
    label: &'a str,
    confidence: f32,
}

#[derive(Serialize)]
struct Because<'a> {
    start: usize,
    end: usize,
    text: &'a str,
    weight: f32,
}

impl<'a> Answer<'a> {
    fn of(text: &'a str, verdict: &'a Verdict) -> Self {
        let ranked: Vec<Ranked<'a>> = verdict.ranked.iter().map(Ranked::of).collect();
        let reasons = verdict.reasons.iter().map(|reason| Because {
            start: reason.start,
            end: reason.end,
            text: &reason.text,
            weight: reason.weight,
        });
        Self {
            text,
            label: ranked.first().map_or("", |best| best.label),
            confidence: ranked.first().map_or(0.0, |best| best.confidence),
            out_of_scope: verdict.out_of_scope,
            urgency: Ranked::of(&verdict.urgency),
            impact: Ranked::of(&verdict.impact),
            ranked,
            reasons: reasons.collect(),
            model: &verdict.model,
        }
    }
}

impl<'a> Ranked<'a> {
    fn of(scored: &'a Scored) -> Self {
        Self { label: &scored.label, confidence: scored.confidence }
    }
}
