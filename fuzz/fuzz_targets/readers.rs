//! Any bytes as a file of examples: examples that can be learned from, or a fault with its place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ticket_dispatch::model::readers::{Corpus, Format, LONGEST};

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let format = if first.is_multiple_of(2) { Format::JsonLines } else { Format::Csv };
    let mut corpus = Corpus::default();
    let read = corpus.add_bytes("data", bytes, format);
    for oddity in &corpus.oddities {
        assert!(oddity.told(&corpus.places).starts_with("data:"));
    }
    for (row, example) in corpus.examples.iter().enumerate() {
        assert!(!example.text.trim().is_empty() && !example.label.trim().is_empty());
        assert!(example.text.len() <= LONGEST);
        assert!(example.weight.is_finite() && 0.0 < example.weight);
        assert!(corpus.places.of(row).starts_with("data:"));
    }
    match read {
        Ok(()) => assert!(!corpus.examples.is_empty()),
        Err(fault) => assert!(fault.to_string().starts_with("data:")),
    }
});
