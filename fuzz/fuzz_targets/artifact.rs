//! A model file with faults: refused with a reason, or a model that understands a message.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use ticket_dispatch::model::{
    classifier::{Classifier, Learned, Weights},
    examples::Example,
    features::Vocabulary,
    gate::{Certificate, Gate, Promise},
    net::Net,
    rows::Rows,
    table::TokenTable,
    train::{Settings, train},
};
use ticket_dispatch_fuzz::{Damage, File, MESSAGE};

#[derive(Debug, Arbitrary)]
struct Input {
    columns: u8,
    units: u8,
    labels: u8,
    gate: bool,
    damage: Damage,
}

/// What a training gives; only its sizes are too large for a fuzzer.
static LEARNED: LazyLock<Learned> = LazyLock::new(|| {
    let example = |text: &str, label: &str, urgency: &str| Example {
        urgency: Some(urgency.to_owned()),
        ..Example::new(text, label)
    };
    let examples = [
        example("vpn down", "vpn_fault", "high"),
        example("打印机", "printer_fault", "low"),
        example("a joke", "out_of_scope", "low"),
    ];
    train(&examples, &Settings::default(), &mut |_| {}).unwrap().learned().clone()
});

fn rows(rows: usize, width: usize) -> Rows {
    let numbers: Vec<f32> = (0..rows * width).map(|n| (n * 37 % 101) as f32 / 50.0 - 1.0).collect();
    Rows::nearest(&numbers, width)
}

/// A model of these sizes, whole and valid.
fn learned(columns: usize, units: usize, labels: usize, gate: bool) -> Learned {
    let mut learned = LEARNED.clone();
    let table = TokenTable::shipped().unwrap();
    let settings = learned.vocabulary.settings();
    let hashes: Vec<u64> = learned.vocabulary.hashes().iter().copied().take(columns).collect();
    let width = labels + learned.urgency.labels.len();
    learned.intent.labels.truncate(labels);
    learned.intent.labels.extend((3..labels).map(|label| format!("label_{label}").into()));
    learned.weights = Weights::new(rows(hashes.len(), width), vec![0.1; width]).unwrap();
    learned.net = Net {
        first: rows(table.width(), units),
        first_bias: vec![0.1; units],
        second: rows(units, labels),
        second_bias: vec![0.0; labels],
    };
    learned.vocabulary = Vocabulary::of_hashes(hashes, settings, table).unwrap();
    let pooled = Certificate { threshold: Some(0.5), confirmed: 400, passed: 300, ..Certificate::default() };
    let labels = [("printer_fault".to_owned(), pooled.clone())].into();
    learned.gate = gate.then(|| Gate { promise: Promise::default(), out_of_scope: 0.5, labels, pooled });
    learned
}

fuzz_target!(|input: Input| {
    let learned = learned(
        usize::from(input.columns % 16),
        1 + usize::from(input.units % 4),
        2 + usize::from(input.labels % 6),
        input.gate,
    );
    let valid = Classifier::new(learned, "".into()).to_bytes().unwrap();
    let changed = !input.damage.is_none();
    let bytes = input.damage.apply(File::parse(&valid).unwrap());
    let read = Classifier::from_bytes(&bytes);
    assert!(changed || read.is_ok(), "a valid model is refused: {:?}", read.err());
    let Ok(classifier) = read else { return };
    let verdict = classifier.understand(MESSAGE, true);
    assert!((0.0..=1.0).contains(&verdict.out_of_scope), "out of scope {}", verdict.out_of_scope);
    for scored in verdict.ranked.iter().chain([&verdict.urgency, &verdict.impact]) {
        assert!((0.0..=1.0).contains(&scored.confidence), "confidence {}", scored.confidence);
    }
    for reason in &verdict.reasons {
        assert!(reason.weight.is_finite());
        assert_eq!(MESSAGE[reason.start..reason.end], reason.text);
    }
    let _ = classifier.gate().map(|gate| gate.passes(&verdict));
    // What was read is written back as a file that is read again.
    let again = Classifier::from_bytes(&classifier.to_bytes().unwrap()).unwrap();
    assert_eq!(again.understand(MESSAGE, true).ranked, verdict.ranked);
});
