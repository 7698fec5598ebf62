//! `predict`: messages on the standard input, verdicts on the standard output, a line each, also for lines
//! that are no message, so that the two can be put side by side.

use std::{
    io::{BufRead as _, Write, stderr, stdin, stdout},
    path::PathBuf,
    process::ExitCode,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::is_enough;
use crate::{
    conversation::heard::Policy,
    model::{
        artifact::{ArtifactError, file},
        classifier::Classifier,
        gate::Gate,
        intent::OUT_OF_SCOPE,
        readers::LONGEST,
        verdict::{Scored, Verdict},
    },
};

/// Say what messages mean: a line of text or {"text": ...} in, a line of JSON out.
///
/// The outcome is what a desk would do: `auto`, act without asking, since the model's certified gate lets the
/// message pass; `confirm`, ask whether that is meant, or offer a short list; `person`, nothing is likely enough to be
/// offered; `out_of_scope`, say that the desk does nothing of the kind. Other fields of an input line come back under
/// `given`, sorted by name. A line that is no message is answered with its number and an `error`; then the exit code is 1.
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
    #[error("no message in {bad} of {lines} lines; there the answer has an error in place of a label")]
    Lines { bad: usize, lines: usize },
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
    let (mut lines, mut bad) = (0, 0);
    while input.read_until(b'\n', &mut line)? > 0 {
        lines += 1;
        let written = match message(&line, lines == 1) {
            Ok(message) => answer(&mut out, &classifier, &message, !args.no_reasons),
            Err(error) => {
                bad += 1;
                serde_json::to_writer(&mut out, &NoMessage { line: lines, error })
            }
        };
        written.map_err(std::io::Error::from)?;
        writeln!(out)?;
        line.clear();
    }
    if 0 < bad { Err(Failure::Lines { bad, lines }) } else { Ok(()) }
}

fn answer(
    out: &mut impl Write,
    classifier: &Classifier,
    message: &Message,
    explain: bool,
) -> serde_json::Result<()> {
    let verdict = classifier.understand(&message.text, explain);
    let learned = classifier.learned();
    let level = |it, labels: &[_]| (!labels.is_empty()).then(|| Ranked::of(it));
    let ranked: Vec<Ranked<'_>> = verdict.ranked.iter().map(Ranked::of).collect();
    let (label, confidence) = ranked.first().map_or(("", 0.0), |best| (best.label, best.confidence));
    let reasons = verdict.reasons.iter().map(|reason| Because {
        start: reason.start,
        end: reason.end,
        text: &reason.text,
        weight: reason.weight,
    });
    let answer = Answer {
        text: &message.text,
        given: &message.given,
        label,
        confidence,
        outcome: outcome(classifier.gate(), &verdict),
        out_of_scope: verdict.out_of_scope,
        urgency: level(&verdict.urgency, &learned.urgency.labels),
        impact: level(&verdict.impact, &learned.impact.labels),
        ranked,
        reasons: explain.then(|| reasons.collect()),
        model: &verdict.model,
    };
    serde_json::to_writer(out, &answer)
}

/// What a desk with its usual settings would do.
fn outcome(gate: Option<&Gate>, verdict: &Verdict) -> &'static str {
    let Policy { sure, floor, .. } = Policy::default();
    match verdict.ranked.first() {
        _ if gate.is_some_and(|gate| gate.passes(verdict)) => "auto",
        Some(best) if *best.label == *OUT_OF_SCOPE && best.confidence >= sure => OUT_OF_SCOPE,
        Some(best) if best.confidence >= floor => "confirm",
        Some(_) | None => "person",
    }
}

/// A message, and what else its line says.
struct Message {
    text: String,
    given: Map<String, Value>,
}

/// The message of a line: the `text` of a JSON object, else the line as it is; as much of it as the service reads.
fn message(line: &[u8], is_first: bool) -> Result<Message, String> {
    #[derive(Deserialize)]
    struct Object {
        text: String,
        #[serde(flatten)]
        given: Map<String, Value>,
    }
    let line = std::str::from_utf8(line).map_err(|error| {
        format!("byte {} is no UTF-8; convert the input with iconv", error.valid_up_to() + 1)
    })?;
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let line = if is_first { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
    let mut message = if line.trim_start().starts_with('{') {
        let Object { text, given } = serde_json::from_str(line).map_err(|error| {
            let problem = error.to_string();
            let problem = problem.split(" at line ").next().unwrap_or_default();
            format!(r#"{problem}; a line that begins with {{ must be like {{"text": "vpn down"}}"#)
        })?;
        Message { text, given }
    } else {
        Message { text: line.to_owned(), given: Map::new() }
    };
    if message.text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    message.text.truncate(message.text.floor_char_boundary(LONGEST));
    Ok(message)
}

/// What is answered to a line that is no message.
#[derive(Serialize)]
struct NoMessage {
    /// From 1.
    line: usize,
    error: String,
}

/// A verdict as it is printed.
#[derive(Serialize)]
struct Answer<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    given: &'a Map<String, Value>,
    label: &'a str,
    confidence: f32,
    outcome: &'static str,
    out_of_scope: f32,
    /// Nothing if the model has not learned it.
    urgency: Option<Ranked<'a>>,
    impact: Option<Ranked<'a>>,
    ranked: Vec<Ranked<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<Because<'a>>>,
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

impl<'a> Ranked<'a> {
    fn of(scored: &'a Scored) -> Self {
        Self { label: &scored.label, confidence: scored.confidence }
    }
}
