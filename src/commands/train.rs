//! `train`: labelled messages in, a model file out, in seconds.

use std::{
    collections::BTreeSet,
    io::{Write, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
};

use super::{
    bar::Bar,
    failure::{Failure, ended},
    labelled, record,
    warnings::{Kind, Told, Warnings},
};
use crate::model::{
    artifact::{self, ArtifactError, file},
    card::card,
    classifier::{Classifier, Learned},
    corpora,
    evaluation::Evaluation,
    examples::unlearned,
    gate::{Gate, Promise, certify::certified},
    intent::OUT_OF_SCOPE,
    readers::{Corpus, Format},
    train::{Progress, Settings, train},
};
use crate::{clock::Stopwatch, domain::catalog::INTENTS, tracking::Run};

/// Train a text model on labelled messages.
///
/// A file is JSON lines, {"text": "vpn down", "label": "vpn_fault"}, or CSV with a header; its name (.jsonl,
/// .csv) says which. Further fields are known: urgency (low, medium, high), impact (person, team, site) and
/// weight, a number above 0 that says how much the message counts. What is odd about the data (repeats,
/// contradictions, labels with one message) is told and does no harm; what is wrong names file and line.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch train --data messages.jsonl --output model
  ticket-dispatch train --data 2024.csv 2025.csv --validation new.csv --output model --json
  ticket-dispatch train --data messages.csv --chat --catalog catalog --output model
  ticket-dispatch train --data messages.csv --out-of-scope chatter.csv --output model

Then: DISPATCH_MODEL_FILE=model ticket-dispatch serve")]
pub struct Args {
    /// Labelled messages: JSON lines, or CSV with a header
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
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub out_of_scope: Vec<PathBuf>,
    /// Learn also what employees say of their tickets in a chat (status, comment, close, greeting, …), from messages
    /// that the program brings along, as far as no message given has that label; for a model that a chat uses
    #[arg(long)]
    pub chat: bool,
    /// Directory that the model is written to, as model.safetensors
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Folder of the catalogue that the labels are to be templates of; the starter catalogue if most are
    #[arg(long, value_name = "FOLDER")]
    pub catalog: Option<PathBuf>,
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
    /// How many warnings there were.
    warnings: usize,
    /// The first of each kind.
    warned: Vec<Told>,
    validation: Option<Evaluation>,
    /// Its id in MLflow, if it was recorded there.
    run: Option<String>,
    /// What was found on the validation messages; it is in the model if it has a threshold.
    gate: Option<Gate>,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let mut warnings = Warnings::default();
    let run = record::begin("train");
    let report = report(args, &mut warnings).map(|report| recorded(args, report, run, &mut warnings));
    warnings.print();
    ended("train", report.and_then(|report| Ok(print(args, &report)?)))
}

fn report(args: &Args, warnings: &mut Warnings) -> Result<Report, Failure> {
    let corpus = corpus(args, warnings)?;
    labelled::note_unknown_to_catalogue(args.catalog.as_deref(), &corpus.examples, warnings)?;
    // Looked at before the training, so that a fault is told before the wait.
    let promise = Promise { error: args.gate_error, doubt: args.gate_doubt };
    promise.check()?;
    let validation = args.validation.as_slice();
    let validation = (!validation.is_empty()).then(|| labelled::read(validation, warnings)).transpose()?;
    file::can_be_kept_in(&args.output)?;
    let settings = Settings { seed: args.seed, noise: !args.no_noise, ..Settings::default() };
    note_the_cost(corpus.examples.len());
    let (bar, started) = (Bar::new(), Stopwatch::start());
    let classifier = train(&corpus.examples, &settings, &mut |progress| match progress {
        Progress::Warned(warning) => labelled::note(&corpus, &warning, warnings),
        Progress::Working { stage, done, total } => bar.show(stage, done, total),
    });
    bar.clear();
    let (classifier, seconds) = (classifier?, started.seconds());
    let model = args.output.join(file::NAME);
    let Some(validation) = validation else {
        file::save(&classifier, &model)?;
        return Ok(described(&classifier, model, seconds));
    };
    labelled::note_unknown_to(&classifier, &validation.examples, warnings);
    let fresh = unlearned(&validation.examples, &corpus.examples);
    let repeated = validation.examples.len() - fresh.len();
    if 0 < repeated {
        warnings.add(Kind::Learned, || {
            format!(
                "{repeated} of the {} validation messages were learned from: they certify no gate, and the model \
                 looks better on them than it is",
                validation.examples.len()
            )
        });
    }
    let gate = certified(&classifier, &fresh, promise)?;
    let classifier = with_gate(classifier, &gate)?;
    file::save(&classifier, &model)?;
    let verdicts = labelled::judged(&classifier, &validation.examples);
    let validation = Some(Evaluation::of(&validation.examples, &verdicts, &[]));
    Ok(Report { validation, gate: Some(gate), ..described(&classifier, model, seconds) })
}

/// Says what a training will take where that is much, before it is taken.
fn note_the_cost(examples: usize) {
    const MANY: usize = 100_000;
    if MANY < examples {
        // Measured on short messages: 200,000 took 1.6 GB and 88 seconds of one core.
        let (gigabytes, seconds) = (examples as f64 * 8e-6, examples as f64 * 4.4e-4);
        // What cannot be written is not worth a failure: the result does not depend on it.
        drop(writeln!(
            stderr(),
            "note: {examples} examples take some {gigabytes:.1} GB of memory and {seconds:.0} seconds of one core or \
             more; longer messages take more, --no-noise about half"
        ));
    }
}

/// The model with what was certified, if anything was.
fn with_gate(classifier: Classifier, gate: &Gate) -> Result<Classifier, ArtifactError> {
    if !gate.is_certified() {
        return Ok(classifier);
    }
    artifact::classifier(Learned { gate: Some(gate.clone()), ..classifier.learned().clone() })
}

fn corpus(args: &Args, warnings: &mut Warnings) -> Result<Corpus, Failure> {
    let mut corpus = labelled::read(&args.data, warnings)?;
    for file in &args.out_of_scope {
        labelled::add(&mut corpus, file, Some(OUT_OF_SCOPE), warnings)?;
    }
    let given: BTreeSet<String> = corpus.examples.iter().map(|it| it.label.clone()).collect();
    let is_missing = |label: &&str| !given.contains(*label);
    if args.chat {
        for (_, name, text) in corpora::texts().filter(|(it, ..)| INTENTS.contains(it) && is_missing(it)) {
            corpus.add_bytes(&name, text.as_bytes(), Format::JsonLines)?;
        }
    } else if args.catalog.is_some() && INTENTS.iter().all(is_missing) {
        warnings.add(Kind::NoChat, || {
            format!(
                "no message has one of the labels {}, so a chat will not know what employees say of their tickets; \
                 with --chat it does",
                INTENTS.join(", ")
            )
        });
    }
    Ok(corpus)
}

fn described(classifier: &Classifier, model: PathBuf, seconds: f64) -> Report {
    let learned = classifier.learned();
    Report {
        bytes: std::fs::metadata(&model).map_or(0, |file| file.len()),
        model,
        version: classifier.version().to_string(),
        examples: learned.origin.examples,
        labels: classifier.labels().len(),
        columns: learned.vocabulary.hashes().len(),
        seconds,
        warnings: 0,
        warned: Vec::new(),
        validation: None,
        run: None,
        gate: None,
    }
}

/// The report with its run recorded, where that is wanted, and all warnings counted.
fn recorded(args: &Args, mut report: Report, run: Run, warnings: &mut Warnings) -> Report {
    let run = record::end(run, warnings, |run| {
        let Report { version, examples, labels, columns, bytes, seconds, validation, .. } = &report;
        let parameters = [
            ("data", record::files(&args.data)),
            ("seed", args.seed.to_string()),
            ("noise", (!args.no_noise).to_string()),
            ("out_of_scope", record::files(&args.out_of_scope)),
            ("chat", args.chat.to_string()),
            ("validation", record::files(args.validation.as_slice())),
            ("model", version.clone()),
        ];
        run.parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
        let counts =
            [("examples", *examples as f64), ("labels", *labels as f64), ("columns", *columns as f64)];
        let figures = counts.into_iter().chain([("bytes", *bytes as f64), ("seconds", *seconds)]);
        run.metrics = figures.map(|(name, value)| (name.to_owned(), value, 0)).collect();
        run.metrics.extend(validation.iter().flat_map(record::figures));
        // What was written a moment ago is there; if it is not, the record is the poorer for it.
        run.artifacts.extend(std::fs::read(&report.model).ok().map(|it| (file::NAME.to_owned(), it)));
        let card = file::load(&report.model).map(|model| card(&model, *bytes, validation.as_ref()));
        run.artifacts.extend(card.ok().map(|card| ("MODEL_CARD.md".to_owned(), card.into_bytes())));
        run.artifacts.extend(serde_json::to_vec(&report).ok().map(|it| ("train.json".to_owned(), it)));
    });
    (report.run, report.warnings, report.warned) = (run, warnings.count(), warnings.told());
    report
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
    match &report.gate {
        Some(gate) => print_gate(&mut out, gate),
        None => writeln!(
            out,
            "not measured, and without a gate it acts upon nothing alone: --validation FILE gives both, and \
             cross-validate the figures to expect"
        ),
    }
}

fn print_gate(out: &mut impl Write, gate: &Gate) -> std::io::Result<()> {
    writeln!(out, "gate: {}", gate.promise)?;
    for (label, certificate) in &gate.labels {
        writeln!(out, "  {label}: {certificate}")?;
    }
    let all = if gate.labels.is_empty() { "all labels" } else { "all other labels" };
    writeln!(out, "  {all}: {}", gate.pooled)
}
