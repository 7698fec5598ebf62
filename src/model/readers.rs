//! Training data from files: one JSON object a line.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use serde::Deserialize;

use crate::model::{
    examples::Example,
    intent::{IMPACTS, URGENCIES},
};

/// Why a file gave no examples.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file system refused.
    #[error("{file}: {source}")]
    Io {
        /// Which file.
        file: String,
        /// What it said.
        #[source]
        source: std::io::Error,
    },
    /// A line that is no example.
    #[error("{file}:{line}: {fault}")]
    Line {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        fault: LineFault,
    },
}

/// What can be wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineFault {
    /// No JSON object with the fields of an example.
    #[error("{0}; a line must be like {{\"text\": \"vpn down\", \"label\": \"vpn_fault\"}}")]
    Json(#[from] serde_json::Error),
    /// A text or label with nothing in it.
    #[error("'{0}' is empty")]
    Empty(&'static str),
    /// A level that does not exist.
    #[error("'{field}' is '{value}'; it must be one of {}", allowed.join(", "))]
    Level {
        /// `urgency` or `impact`.
        field: &'static str,
        /// What it says.
        value: String,
        /// What it may say.
        allowed: &'static [&'static str],
    },
}

/// A line as it stands; what else it says is passed over.
#[derive(Deserialize)]
struct Line {
    text: String,
    label: String,
    urgency: Option<String>,
    impact: Option<String>,
}

/// Reads a file of examples; blank lines are passed over.
pub fn read_file(path: &Path) -> Result<Vec<Example>, ReadError> {
    let file = path.display().to_string();
    let opened = File::open(path).map_err(|source| ReadError::Io { file: file.clone(), source })?;
    let mut examples = Vec::new();
    for (index, line) in BufReader::new(opened).lines().enumerate() {
        let line = line.map_err(|source| ReadError::Io { file: file.clone(), source })?;
        let of_line = |fault| ReadError::Line { file: file.clone(), line: index + 1, fault };
        examples.extend(example(&line).map_err(of_line)?);
    }
    Ok(examples)
}

/// Reads examples from text; `name` stands for the file in errors.
pub fn read_text(name: &str, text: &str) -> Result<Vec<Example>, ReadError> {
    let mut examples = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let of_line = |fault| ReadError::Line { file: name.to_owned(), line: index + 1, fault };
        examples.extend(example(line).map_err(of_line)?);
    }
    Ok(examples)
}

fn example(line: &str) -> Result<Option<Example>, LineFault> {
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() {
        return Ok(None);
    }
    let Line { text, label, urgency, impact } = serde_json::from_str(line)?;
    for (field, value) in [("text", &text), ("label", &label)] {
        if value.trim().is_empty() {
            return Err(LineFault::Empty(field));
        }
    }
    level("urgency", urgency.as_deref(), &URGENCIES)?;
    level("impact", impact.as_deref(), &IMPACTS)?;
    Ok(Some(Example { text, label, urgency, impact }))
}

fn level(
    field: &'static str,
    value: Option<&str>,
    allowed: &'static [&'static str],
) -> Result<(), LineFault> {
    match value.filter(|value| !allowed.contains(value)) {
        None => Ok(()),
        Some(value) => Err(LineFault::Level { field, value: value.to_owned(), allowed }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let refused = read_text("data.jsonl", text).unwrap_err().to_string();
        assert!(refused.starts_with(expected), "{refused}");
    }

    #[test]
    fn lines_are_read_and_unknown_keys_passed_over() {
        let text = "\u{feff}{\"text\":\"vpn down\",\"label\":\"vpn_fault\",\"lang\":\"en\",\"urgency\":\"high\"}\n\n";
        let read = read_text("data.jsonl", text).unwrap();
        let expected = Example { urgency: Some("high".into()), ..Example::new("vpn down", "vpn_fault") };
        assert_eq!(read, [expected]);
    }

    #[test]
    fn a_fault_names_file_line_and_field() {
        let good = "{\"text\":\"a\",\"label\":\"b\"}\n";
        check(&format!("{good}{{\"text\":\"a\"}}"), "data.jsonl:2: missing field `label`");
        check(&format!("{good}{good}nonsense"), "data.jsonl:3: expected");
        check("{\"text\":\" \",\"label\":\"b\"}", "data.jsonl:1: 'text' is empty");
        check(
            "{\"text\":\"a\",\"label\":\"b\",\"impact\":\"all\"}",
            "data.jsonl:1: 'impact' is 'all'; it must be one of person, team, site",
        );
    }
}
