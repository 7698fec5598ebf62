//! Examples of any number of files, where each of them stands, and what was odd about the files.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use super::{
    LONGEST,
    fault::{Fault, ReadError},
    rows::{self, Located},
    source::{Format, begin},
};
use crate::model::examples::Example;

/// Examples of any number of files.
#[derive(Debug, Default)]
pub struct Corpus {
    /// The examples, in order.
    pub examples: Vec<Example>,
    /// Where they stand.
    pub places: Places,
    /// What was odd and did no harm.
    pub oddities: Vec<Oddity>,
}

/// Where each example stands.
#[derive(Debug, Default)]
pub struct Places {
    /// Each file, and its first row.
    files: Vec<(usize, String)>,
    lines: Vec<u32>,
}

/// What was odd about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oddity {
    /// Columns that are passed over.
    UnknownColumns {
        /// Which file.
        file: String,
        /// Which columns.
        names: Vec<String>,
    },
    /// A message of which only the beginning is learned.
    Long {
        /// Index of the example.
        row: usize,
        /// How long it is, in bytes.
        bytes: usize,
    },
}

impl Places {
    /// `file:line` of an example.
    pub fn of(&self, row: usize) -> String {
        let file = self.files.partition_point(|(first, _)| *first <= row).checked_sub(1);
        match (file.and_then(|file| self.files.get(file)), self.lines.get(row)) {
            (Some((_, file)), Some(line)) => format!("{file}:{line}"),
            _ => format!("example {}", row + 1),
        }
    }
}

impl Oddity {
    /// As a sentence.
    pub fn told(&self, places: &Places) -> String {
        match self {
            Self::UnknownColumns { file, names } => {
                let names: Vec<String> =
                    names.iter().map(|name| format!("'{}'", name.escape_debug())).collect();
                format!(
                    "{file}: {} passed over; known are text, label, urgency, impact, weight and lang",
                    names.join(", ")
                )
            }
            Self::Long { row, bytes } => format!(
                "{}: 'text' has {bytes} bytes; the first {LONGEST} are used, which is all that the service reads",
                places.of(*row)
            ),
        }
    }
}

impl Corpus {
    /// Adds the examples of a file, all with `label` if one is given; `told` hears how many bytes of
    /// how many are read.
    pub fn add(
        &mut self,
        path: &Path,
        label: Option<&str>,
        told: &mut dyn FnMut(u64, u64),
    ) -> Result<(), ReadError> {
        let file = path.display().to_string();
        let failed = |fault: Fault| ReadError { file: file.clone(), line: 0, fault };
        let opened = File::open(path).map_err(|error| failed(error.into()))?;
        let size = opened.metadata().map_or(0, |metadata| metadata.len());
        let mut source = BufReader::with_capacity(1 << 16, opened);
        let format = Format::of(path, &mut source).map_err(|error| failed(error.into()))?;
        self.fill(&file, source, format, (label, &mut |bytes| told(bytes, size)))
    }

    /// Adds the examples of bytes; `name` stands for the file in errors.
    pub fn add_bytes(&mut self, name: &str, bytes: &[u8], format: Format) -> Result<(), ReadError> {
        self.fill(name, bytes, format, (None, &mut |_| {}))
    }

    fn fill(
        &mut self,
        file: &str,
        mut source: impl BufRead,
        format: Format,
        (label, told): (Option<&str>, &mut dyn FnMut(u64)),
    ) -> Result<(), ReadError> {
        let before = self.examples.len();
        self.places.files.push((before, file.to_owned()));
        let mut filling = Filling { corpus: self, label, unknown: BTreeSet::new(), told };
        let read: Result<(), Located> =
            begin(&mut source).map_err(|fault| (0, fault)).and_then(|()| match format {
                Format::JsonLines => rows::json_lines(source, &mut filling),
                Format::Csv => rows::csv(source, &mut filling),
            });
        let unknown = filling.unknown;
        if !unknown.is_empty() {
            let names = unknown.into_iter().collect();
            self.oddities.push(Oddity::UnknownColumns { file: file.to_owned(), names });
        }
        let some = || if before < self.examples.len() { Ok(()) } else { Err((0, Fault::NoExamples)) };
        read.and_then(|()| some()).map_err(|(line, fault)| ReadError { file: file.to_owned(), line, fault })
    }
}

/// A corpus while a file is read into it.
pub(super) struct Filling<'a> {
    corpus: &'a mut Corpus,
    /// Given to every example, whatever the file says.
    pub(super) label: Option<&'a str>,
    unknown: BTreeSet<String>,
    told: &'a mut dyn FnMut(u64),
}

impl Filling<'_> {
    /// More columns than this are not listed.
    const UNKNOWN: usize = 20;
    /// How many examples are read between two tellings.
    const PACE: usize = 1024;

    /// Takes an example of a line, with how many bytes are read so far.
    pub(super) fn take(&mut self, mut example: Example, line: usize, bytes: u64) {
        let row = self.corpus.examples.len();
        if LONGEST < example.text.len() {
            self.corpus.oddities.push(Oddity::Long { row, bytes: example.text.len() });
            example.text.truncate(example.text.floor_char_boundary(LONGEST));
        }
        self.corpus.examples.push(example);
        self.corpus.places.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        if row.is_multiple_of(Self::PACE) {
            (self.told)(bytes);
        }
    }

    /// Takes note of a column that is passed over.
    pub(super) fn unknown(&mut self, column: &str) {
        if self.unknown.len() < Self::UNKNOWN && !self.unknown.contains(column) {
            self.unknown.insert(column.to_owned());
        }
    }
}
