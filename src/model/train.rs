//! Training: examples in, classifier out, the same bytes for the same examples and seed.
//!
//! Steps: inspect the examples, learn the vocabulary, make the vectors, score some messages with
//! models that have not seen them (for honest probabilities), fit the heads on everything.

pub mod crossfit;
pub mod heads;
pub mod net;
pub mod vectors;

use linfa::ParamGuard;
use sha2::{Digest, Sha256};

use crate::model::{
    artifact::{self, check::MOST_LABELS},
    classifier::{Classifier, Learned, Origin},
    examples::{Example, Warning, inspect},
    features::FeatureSettings,
    fit::FitError,
    intent::{IMPACTS, URGENCIES},
    svc::SvcParams,
    table::TokenTable,
    train::{heads::Targets, net::NetParams, vectors::Records},
};

/// How to train. The defaults were chosen on validation data.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Decides typing errors, held-out parts and the order of visits.
    pub seed: u64,
    /// What a mistake costs, against the size of the weights.
    pub cost: f32,
    /// How often the examples are gone through at most.
    pub max_epochs: usize,
    /// Whether a mistyped copy of each message is learned too.
    pub noise: bool,
    /// How messages become vectors; if none, what suits the number of examples.
    pub features: Option<FeatureSettings>,
    /// How many threads work; the result is the same for any number.
    pub threads: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self { seed: 1, cost: 0.5, max_epochs: 7, noise: true, features: None, threads }
    }
}

impl Settings {
    fn params(&self) -> SvcParams {
        SvcParams::default().cost(self.cost).max_epochs(self.max_epochs).seed(self.seed).threads(self.threads)
    }
}

/// What a training tells while it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Something odd in the data.
    Warned(Warning),
    /// A step forward.
    Working {
        /// In which part.
        stage: Stage,
        /// Steps done in this part.
        done: usize,
        /// Steps that this part has.
        total: usize,
    },
}

/// The parts of a training, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Making vectors.
    Reading,
    /// Scoring held-out messages.
    Calibrating,
    /// Fitting the heads on everything.
    Fitting,
}

/// Why nothing was trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// There are no examples.
    #[error("there are no examples; a classifier needs two labels or more")]
    Empty,
    /// All examples have one label.
    #[error("all {examples} examples have the label '{label}'; a classifier needs two or more")]
    OneLabel {
        /// The label.
        label: String,
        /// How many examples there are.
        examples: usize,
    },
    /// An urgency or impact that does not exist.
    #[error("example {}: {field} is '{value}'; it must be one of {}", row + 1, allowed.join(", "))]
    UnknownLevel {
        /// Index of the example.
        row: usize,
        /// `urgency` or `impact`.
        field: &'static str,
        /// What it says.
        value: String,
        /// What it may say.
        allowed: &'static [&'static str],
    },
    /// More labels than a model may have.
    #[error("there are {0} labels; a classifier has at most {MOST_LABELS}")]
    ManyLabels(usize),
    /// A label that no template or intent can have.
    #[error("example {}: the label is empty", row + 1)]
    EmptyLabel {
        /// Index of the example.
        row: usize,
    },
    /// A setting out of its range, or data that a head cannot be fitted on.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// What was learned is no valid artifact.
    #[error(transparent)]
    Artifact(#[from] artifact::ArtifactError),
}

/// Trains a classifier.
pub fn train(
    examples: &[Example],
    settings: &Settings,
    progress: &mut dyn FnMut(Progress),
) -> Result<Classifier, TrainError> {
    let (firsts, warnings) = inspect(examples);
    for warning in warnings {
        progress(Progress::Warned(warning));
    }
    let intents = Targets::of_labels(examples)?;
    let urgencies = Targets::of_levels(examples, "urgency", &URGENCIES, |e| e.urgency.as_deref())?;
    let impacts = Targets::of_levels(examples, "impact", &IMPACTS, |e| e.impact.as_deref())?;
    let (records, vocabulary) = vectors::read(examples, settings, TokenTable::shipped()?, progress)?;
    let params = settings.params();
    let mut fitting = Fitting { records: &records, params: &params, seed: settings.seed, progress };
    let targets = [&intents, &urgencies, &impacts];
    let calibrated = crossfit::calibrate(&mut fitting, targets, &firsts)?;
    let (solved, layers) = calibrated.begun.map(|it| (it.solved, it.layers)).unzip();
    let weights = heads::fit_all(&mut fitting, targets, solved.as_ref())?;
    let tasks = heads::tasks(&fitting, &intents, |_| true);
    let net = NetParams::for_examples(tasks.len()).seed(settings.seed).check()?;
    let meanings = records.rows.meanings.view();
    let layers = match layers {
        Some(layers) => net.finish(layers, meanings, &tasks),
        None => net.fit_tasks(meanings, &tasks)?,
    };
    let learned = Learned {
        vocabulary,
        weights,
        net: layers.net(calibrated.share),
        intent: intents.head(calibrated.intent),
        urgency: urgencies.head(calibrated.urgency),
        impact: impacts.head(calibrated.impact),
        detector: calibrated.detector,
        gate: None,
        origin: origin(examples, settings.seed),
    };
    Ok(artifact::classifier(learned)?)
}

/// What all fits of a training share.
pub struct Fitting<'a> {
    /// The messages, then their mistyped copies in the same order.
    pub records: &'a Records,
    /// How to fit.
    pub params: &'a SvcParams,
    /// Decides the rest that is left to chance.
    pub seed: u64,
    /// Who hears of it.
    pub progress: &'a mut dyn FnMut(Progress),
}

fn origin(examples: &[Example], seed: u64) -> Origin {
    let mut hash = Sha256::new();
    for example in examples {
        let Example { text, label, urgency, impact, weight } = example;
        for field in [Some(text), Some(label), urgency.as_ref(), impact.as_ref()] {
            let field = field.map_or("", String::as_str);
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field);
        }
        hash.update(weight.to_le_bytes());
    }
    let data = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Origin { data, seed, examples: examples.len() as u64 }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A classifier of a few messages, quick to train.
    pub(crate) fn small_classifier(settings: &Settings) -> Classifier {
        train(&small_examples(), settings, &mut |_| {}).unwrap()
    }

    pub(crate) fn small_examples() -> Vec<Example> {
        let of = |label: &str, texts: &[&str]| -> Vec<Example> {
            texts.iter().map(|text| Example::new(*text, label)).collect()
        };
        let mut all = of("vpn_fault", &["vpn down", "the vpn drops again", "vpn连不上了", "no vpn at home"]);
        all.extend(of(
            "printer_fault",
            &["printer jam", "paper jam in the printer", "打印机卡纸了", "printer is out of paper"],
        ));
        all.extend(of("out_of_scope", &["what is the weather", "tell me a joke", "今天天气怎么样"]));
        for example in &mut all[..8] {
            example.urgency = Some("medium".into());
        }
        all[0].urgency = Some("high".into());
        all[4].urgency = Some("high".into());
        all
    }

    #[test]
    fn it_learns_what_it_was_told() {
        let classifier = small_classifier(&Settings::default());
        let said = |text| classifier.understand(text, false).ranked[0].label.to_string();
        assert_eq!(said("my vpn is down"), "vpn_fault");
        assert_eq!(said("jam, no paper"), "printer_fault");
        assert_eq!(said("a joke please"), "out_of_scope");
    }

    #[test]
    fn a_head_without_examples_gives_the_usual_level_without_confidence() {
        let verdict = small_classifier(&Settings::default()).understand("vpn down", false);
        assert_eq!((&*verdict.impact.label, verdict.impact.confidence), ("person", 0.0));
        assert!(0.0 < verdict.urgency.confidence);
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
        let with = |threads, seed| {
            let settings = Settings { threads, seed, ..Settings::default() };
            small_classifier(&settings).version().clone()
        };
        assert_eq!(with(1, 1), with(4, 1));
        assert_ne!(with(1, 1), with(1, 2));
    }

    #[test]
    fn data_that_nothing_can_be_learned_from_is_refused_with_the_reason() {
        let check = |examples: &[Example], expected: &str| {
            let refused = train(examples, &Settings::default(), &mut |_| {}).unwrap_err();
            assert_eq!(refused.to_string(), expected);
        };
        check(&[], "there are no examples; a classifier needs two labels or more");
        check(
            &[Example::new("a b", "x"), Example::new("c d", "x")],
            "all 2 examples have the label 'x'; a classifier needs two or more",
        );
        check(&[Example::new("a b", "x"), Example::new("c d", "")], "example 2: the label is empty");
        let odd = Example { urgency: Some("soon".into()), ..Example::new("c d", "y") };
        check(
            &[Example::new("a b", "x"), odd],
            "example 2: urgency is 'soon'; it must be one of low, medium, high",
        );
    }

    #[test]
    fn a_label_with_one_example_is_warned_about_and_learned() {
        let examples = [Example::new("vpn down", "x"), Example::new("printer jam", "y")];
        let mut warned = 0;
        let mut told = |progress| match progress {
            Progress::Warned(_) => warned += 1,
            Progress::Working { .. } => {}
        };
        let classifier = train(&examples, &Settings::default(), &mut told).unwrap();
        assert_eq!(classifier.labels().len(), 2);
        assert_eq!(warned, 2);
    }
}
