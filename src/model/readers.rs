//! Labelled messages from files: JSON lines or CSV with a header, in UTF-8, read a line at a time.
//!
//! The name of a file says which of the two it is (`.jsonl`, `.ndjson`, `.json`; `.csv`, `.tsv`), else its first
//! character. Fields are `text` and `label`, and where known `urgency`, `impact` and `weight`; `lang` is a
//! note for people. Memory holds the examples and one line.

mod corpus;
mod fault;
mod rows;
mod source;

use std::path::Path;

pub use self::{
    corpus::{Corpus, Oddity, Places},
    fault::{Fault, ReadError},
    source::Format,
};
use crate::model::examples::Example;

/// The longest message that the service takes, in bytes; what follows in a longer one is not learned.
pub const LONGEST: usize = 16 * 1024;

/// The examples of a file, whatever is odd about it.
pub fn read_file(path: &Path) -> Result<Vec<Example>, ReadError> {
    let mut corpus = Corpus::default();
    corpus.add(path, None, &mut |_, _| {})?;
    Ok(corpus.examples)
}

/// The examples of JSON lines; `name` stands for the file in errors.
pub fn read_text(name: &str, text: &str) -> Result<Vec<Example>, ReadError> {
    let mut corpus = Corpus::default();
    corpus.add_bytes(name, text.as_bytes(), Format::JsonLines)?;
    Ok(corpus.examples)
}

#[cfg(test)]
mod tests;
