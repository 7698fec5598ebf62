//! What can be wrong with a file of examples, and what would be right.

use super::source::LONGEST_LINE;
use crate::model::{artifact::check::LONGEST_LABEL, examples::HEAVIEST};

/// Why a file gave no examples.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {fault}", place(*line))]
pub struct ReadError {
    /// Which file.
    pub file: String,
    /// Which line, from 1; 0 if the whole file is meant.
    pub line: usize,
    /// What is wrong.
    pub fault: Fault,
}

fn place(line: usize) -> String {
    if line == 0 { String::new() } else { format!(":{line}") }
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A file without a single example.
    #[error("has no examples; {LIKE}")]
    NoExamples,
    /// Two bytes a character.
    #[error("is in UTF-16; it must be UTF-8: iconv -f UTF-16 -t UTF-8 OLD > NEW")]
    Utf16,
    /// Lines that end as on the first Macintosh computers.
    #[error("has line ends of a carriage return alone; it must have line feeds: tr '\\r' '\\n' < OLD > NEW")]
    Returns,
    /// Bytes that are no UTF-8.
    #[error(
        "byte {at} of the line (0x{byte:02X}) is no UTF-8; convert the file with \
         iconv -f ENCODING -t UTF-8 OLD > NEW, where ENCODING is often WINDOWS-1252, or GB18030 for Chinese"
    )]
    Encoding {
        /// Which byte, from 1.
        at: usize,
        /// What it is.
        byte: u8,
    },
    /// A line that no message needs.
    #[error("is longer than {} MiB; is a quote not closed, or a line break missing?", LONGEST_LINE >> 20)]
    Endless,
    /// No JSON object.
    #[error("column {column}: {problem}; {LIKE}")]
    Json {
        /// Where, from 1.
        column: usize,
        /// What the parser said.
        problem: String,
    },
    /// The whole file is one JSON value.
    #[error("is a JSON array; each line must be an object of its own: jq -c '.[]' OLD > NEW.jsonl")]
    JsonArray,
    /// No column of this name.
    #[error("has no column '{field}' but {found}; the first line must name the columns, such as text,label")]
    NoColumn {
        /// `text` or `label`.
        field: &'static str,
        /// The columns that it has.
        found: String,
    },
    /// A column twice.
    #[error("has the column '{0}' twice; each must be there once")]
    TwoColumns(&'static str),
    /// Other fields than the header.
    #[error(
        "has {found} fields where the header has {expected}; a text with the separator in it must be in \
         quotes: \"like, this\""
    )]
    Width {
        /// How many it has.
        found: usize,
        /// How many the header has.
        expected: usize,
    },
    /// A quote that swallows the rest of the file, or the rows up to the next one.
    #[error(
        "opens a quote that does not close where the text ends; a text that begins with a quote must be in quotes, \
         with those within it written twice: \"\"\"like\"\" this\""
    )]
    OpenQuote,
    /// A field that must be there.
    #[error("'{0}' is missing; {LIKE}")]
    Missing(&'static str),
    /// A text or label with nothing in it.
    #[error("'{0}' is empty; every example needs one, so fill it in or leave the line out")]
    Empty(&'static str),
    /// A label that no model may have.
    #[error("the label {0:?} is none; it must have 1 to {LONGEST_LABEL} bytes and no control characters")]
    Label(String),
    /// A number or a list where a text is wanted.
    #[error("'{field}' is {found}; it must be a text in quotes")]
    NoText {
        /// Which field.
        field: &'static str,
        /// What it is.
        found: String,
    },
    /// A level that does not exist.
    #[error("'{field}' is '{value}'; it must be one of {}, or left out", allowed.join(", "))]
    Level {
        /// `urgency` or `impact`.
        field: &'static str,
        /// What it says.
        value: String,
        /// What it may say.
        allowed: &'static [&'static str],
    },
    /// A weight that counts nothing, or too much.
    #[error(
        "'weight' is {0}; it must be a number above 0 and at most {HEAVIEST}, such as 2 or 0.5, or left out, which \
         is 1"
    )]
    Weight(String),
}

const LIKE: &str = r#"a line must be like {"text": "vpn down", "label": "vpn_fault"}, or CSV with a header"#;

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        let said = error.to_string();
        // Its line is always the first: lines are parsed one by one.
        let problem = said.split(" at line ").next().unwrap_or_default().to_owned();
        Self::Json { column: error.column(), problem }
    }
}
