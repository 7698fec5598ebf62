//! `predict`: messages on the standard input, verdicts on the standard output, a line each.

use std::{
    io::{BufRead as _, Write, stderr, stdin, stdout},
    path::PathBuf,
    process::ExitCode,
};

use serde::{Deserialize, Serialize};

use super::is_enough;
use crate::model::{
    artifact::{ArtifactError, file},
    readers::LONGEST,
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
    #[error("line {line}: {problem}")]
    Line { line: usize, problem: String },
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
    let (mut input, mut line) = (stdin().lock(), Vec::new());
    for number in 1.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = message(&line, number == 1).map_err(|problem| Failure::Line { line: number, problem })?;
        let verdict = classifier.understand(&text, !args.no_reasons);
        serde_json::to_writer(&mut out, &Answer::of(&text, &verdict)).map_err(std::io::Error::from)?;
        writeln!(out)?;
    }
    Ok(())
}

/// The message of a line: the `text` of a JSON object, else the line as it is; as much of it as the service reads.
fn message(line: &[u8], is_first: bool) -> Result<String, String> {
    #[derive(Deserialize)]
    struct Object {
        text: String,
    }
    let line = std::str::from_utf8(line).map_err(|error| {
        format!("byte {} is no UTF-8; convert the input with iconv", error.valid_up_to() + 1)
    })?;
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let line = if is_first { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
    let mut text = if line.trim_start().starts_with('{') {
        let object: Object = serde_json::from_str(line).map_err(|error| {
            let problem = error.to_string();
            let problem = problem.split(" at line ").next().unwrap_or_default();
            format!(r#"{problem}; a line that begins with {{ must be like {{"text": "vpn down"}}"#)
        })?;
        object.text
    } else {
        line.to_owned()
    };
    text.truncate(text.floor_char_boundary(LONGEST));
    Ok(text)
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
