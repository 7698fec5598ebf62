//! From a row of either format to an example.

use std::{borrow::Cow, io::BufRead};

use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};

use super::{
    corpus::Filling,
    fault::Fault,
    source::{Lines, Rows, Watch, utf8},
};
use crate::model::{
    artifact::check::is_label,
    examples::{Example, HEAVIEST},
    intent::{IMPACTS, URGENCIES},
};

/// What a column may be called; others are passed over. `lang` is a note for people.
const FIELDS: [&str; 6] = ["text", "label", "urgency", "impact", "weight", "lang"];

/// A fault, and the line it is in.
pub(super) type Located = (usize, Fault);

/// What a row says of a field.
enum Said<'a> {
    Text(Cow<'a, str>),
    /// Anything else that JSON knows.
    Other(Value),
}

/// Reads JSON lines; blank ones are passed over.
pub(super) fn json_lines(source: impl BufRead, filling: &mut Filling<'_>) -> Result<(), Located> {
    let mut lines = Lines::of(source);
    loop {
        let read = match lines.next() {
            Ok(None) => return Ok(()),
            Ok(Some(line)) => object(line, filling),
            Err(fault) => Err(fault),
        };
        if let Some(example) = read.map_err(|fault| (lines.number, fault))? {
            filling.take(example, lines.number, lines.bytes);
        }
    }
}

fn object(line: &str, filling: &mut Filling<'_>) -> Result<Option<Example>, Fault> {
    // Files put one behind another may have a byte order mark anywhere.
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() {
        return Ok(None);
    }
    if line.starts_with('[') {
        return Err(Fault::JsonArray);
    }
    let mut object: Map<String, Value> = serde_json::from_str(line)?;
    for name in object.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
        filling.unknown(name);
    }
    let said = |field: &str| match object.remove(field)? {
        Value::Null => None,
        Value::String(text) => Some(Said::Text(text.into())),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Some(Said::Other(other))
        }
    };
    example(said, filling.label).map(Some)
}

/// Reads CSV with a header; commas, semicolons and tabs separate, whichever the header has most of. Rows of
/// nothing but separators, which spreadsheets leave at the end, are passed over.
pub(super) fn csv(mut source: impl BufRead, filling: &mut Filling<'_>) -> Result<(), Located> {
    let separator = separator(source.fill_buf().map_err(|error| (0, error.into()))?);
    let watch = Watch::new(separator);
    // With a line end behind the last row as well, all rows are counted alike.
    let rows = Rows { source: source.chain(&b"\n"[..]), watch: watch.clone() };
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(rows);
    let mut record = ByteRecord::new();
    let mut columns: Option<Columns> = None;
    loop {
        let begins = reader.position().line() as usize;
        let read = reader.read_byte_record(&mut record);
        if let Some(line) = watch.open_quote() {
            return Err((line, Fault::OpenQuote));
        }
        if watch.is_used_up() {
            return Err((begins, Fault::Endless));
        }
        watch.renew();
        if !read.map_err(|error| (begins, std::io::Error::other(error).into()))? {
            return Ok(());
        }
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        // Not where the reader began, for it passes over blank lines first.
        let within = record.as_slice().iter().filter(|byte| **byte == b'\n').count();
        let line = (reader.position().line() as usize).saturating_sub(1 + within);
        let done = reader.position().byte();
        match &columns {
            // Spreadsheets say with such a line what separates.
            None if record.get(0).is_some_and(|cell| cell.starts_with(b"sep=")) => {}
            None => columns = Some(Columns::of(&record, filling).map_err(|fault| (line, fault))?),
            Some(columns) => {
                let example = columns.example(&record, filling.label).map_err(|fault| (line, fault))?;
                filling.take(example, line, done);
            }
        }
    }
}

fn separator(start: &[u8]) -> u8 {
    let mut lines = start.split(|byte| *byte == b'\n');
    let says = |line: &&[u8]| !line.iter().all(|byte| matches!(byte, b'\r' | b';' | b',' | b'\t' | b' '));
    let header = lines.find(says).unwrap_or_default();
    if let Some(separator) = header.strip_prefix(b"sep=").and_then(<[u8]>::first) {
        return if matches!(separator, b'\r' | b'"') { b',' } else { *separator };
    }
    // What stands in quotes separates nothing.
    let plain = header.split(|byte| *byte == b'"').step_by(2).flatten();
    let count = |separator: &u8| plain.clone().filter(|byte| *byte == separator).count();
    // The last of equals wins, and without any separator it does not matter.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// The field that a column of this name holds.
fn known(name: &str) -> Option<usize> {
    FIELDS.iter().position(|field| field.eq_ignore_ascii_case(name))
}

/// Where in a row the fields stand.
struct Columns {
    places: [Option<usize>; FIELDS.len()],
    width: usize,
}

impl Columns {
    fn of(header: &ByteRecord, filling: &mut Filling<'_>) -> Result<Self, Fault> {
        let names: Vec<&str> =
            header.iter().map(|name| utf8(name).map(str::trim)).collect::<Result<_, _>>()?;
        let mut places = [None; FIELDS.len()];
        for (column, name) in names.iter().enumerate() {
            let Some(field) = known(name) else { continue };
            if places[field].replace(column).is_some() {
                return Err(Fault::TwoColumns(FIELDS[field]));
            }
        }
        let needed = if filling.label.is_some() { 1 } else { 2 };
        if let Some(field) = (0..needed).find(|field| places[*field].is_none()) {
            let found = names.iter().map(|name| format!("'{}'", name.escape_debug()));
            let found = found.take(10).collect::<Vec<_>>().join(", ");
            return Err(Fault::NoColumn { field: FIELDS[field], found });
        }
        let unknown = names.iter().filter(|name| !name.is_empty() && known(name).is_none());
        unknown.for_each(|name| filling.unknown(name));
        Ok(Self { places, width: names.len() })
    }

    fn example(&self, record: &ByteRecord, label: Option<&str>) -> Result<Example, Fault> {
        if record.len() != self.width {
            return Err(Fault::Width { found: record.len(), expected: self.width });
        }
        utf8(record.as_slice())?;
        let said = |field: &str| {
            let place = self.places[FIELDS.iter().position(|it| *it == field)?]?;
            let cell = record.get(place).and_then(|cell| std::str::from_utf8(cell).ok())?;
            // An empty cell says nothing; of a text or a label that must not be.
            let matters = matches!(field, "text" | "label") || !cell.trim().is_empty();
            matters.then(|| Said::Text(cell.into()))
        };
        example(said, label)
    }
}

/// The example of a row; `label` stands in for whatever the row says.
fn example<'a>(
    mut said: impl FnMut(&str) -> Option<Said<'a>>,
    label: Option<&str>,
) -> Result<Example, Fault> {
    let mut needed = |field: &'static str| -> Result<String, Fault> {
        let value = text(field, said(field))?.ok_or(Fault::Missing(field))?;
        if value.trim().is_empty() { Err(Fault::Empty(field)) } else { Ok(value) }
    };
    let message = needed("text")?;
    let label = label.map_or_else(|| needed("label"), |label| Ok(label.to_owned()))?;
    if !is_label(label.trim()) {
        return Err(Fault::Label(shortened(label.trim())));
    }
    Ok(Example {
        text: message,
        label: label.trim().to_owned(),
        urgency: level("urgency", said("urgency"), &URGENCIES)?,
        impact: level("impact", said("impact"), &IMPACTS)?,
        weight: weight(said("weight"))?,
    })
}

/// The beginning of what may be very long.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn text(field: &'static str, said: Option<Said<'_>>) -> Result<Option<String>, Fault> {
    match said {
        None => Ok(None),
        Some(Said::Text(text)) => Ok(Some(text.into_owned())),
        Some(Said::Other(value)) => Err(Fault::NoText { field, found: value.to_string() }),
    }
}

fn level(
    field: &'static str,
    said: Option<Said<'_>>,
    allowed: &'static [&'static str],
) -> Result<Option<String>, Fault> {
    match text(field, said)?.map(|value| value.trim().to_lowercase()) {
        Some(value) if !allowed.contains(&value.as_str()) => Err(Fault::Level { field, value, allowed }),
        value => Ok(value),
    }
}

fn weight(said: Option<Said<'_>>) -> Result<f32, Fault> {
    let (shown, weight) = match said {
        None => return Ok(1.0),
        Some(Said::Text(text)) => (text.to_string(), text.trim().parse::<f32>().ok()),
        Some(Said::Other(value)) => (value.to_string(), value.as_f64().map(|weight| weight as f32)),
    };
    weight.filter(|weight| 0.0 < *weight && *weight <= HEAVIEST).ok_or(Fault::Weight(shown))
}
