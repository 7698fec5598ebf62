//! Rows of a file of tickets.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::{
    domain::{
        field::FieldValue,
        number::{self, Unclear},
        priority::{Impact, Urgency},
        time::Timestamp,
    },
    proto::{ticket::value_to, v1, words},
};

/// What begins the name of a column for a template's field.
const FIELD: &str = "fields.";
/// The other columns.
const COLUMNS: [&str; 9] =
    ["id", "template", "requester", "issuer", "name", "subject", "description", "impact", "urgency"];
/// What the ids of requests begin with; the id of the row follows.
pub(super) const PREFIX: &str = "import-";
/// Bytes of a file: more goes in several.
const MOST: u64 = 512 * 1024 * 1024;

/// Why a file is no list of tickets.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadFile {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}: has more than {MOST} bytes; import it in parts", .0.display())]
    Large(PathBuf),
    #[error("{}:{line}: {problem}", path.display())]
    Malformed { path: PathBuf, line: u64, problem: String },
}

/// A row, as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Its first line in the file, from 1.
    pub(super) line: u64,
    pub(super) template: String,
    /// Identity of the request.
    request: String,
    requester: (String, String, String),
    subject: String,
    description: String,
    impact: String,
    urgency: String,
    fields: Vec<(String, Cell)>,
}

/// The rows of a file.
pub(super) fn read(path: &Path, issuer: &str) -> Result<Vec<Row>, BadFile> {
    let unreadable = |source| BadFile::Unreadable { path: path.to_owned(), source };
    if fs::metadata(path).map_err(unreadable)?.len() > MOST {
        return Err(BadFile::Large(path.to_owned()));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|it| **it == b'\n');
        malformed(path, line.count() as u64 + 1, "is no UTF-8; save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let is_json = path.extension().is_some_and(|it| it == "jsonl" || it == "ndjson" || it == "json");
    let pairs = if is_json { json(path, text)? } else { csv(path, text)? };
    let mut seen = HashMap::new();
    Ok(pairs.into_iter().map(|(line, pairs)| row(line, pairs, issuer, &mut seen)).collect())
}

fn malformed(path: &Path, line: u64, problem: impl Into<String>) -> BadFile {
    BadFile::Malformed { path: path.to_owned(), line, problem: problem.into() }
}

/// The values of a row by the names of their columns.
type Pairs = Vec<(String, Cell)>;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Text(String),
    /// 12.345 is what it is in JSON; as a text it may be 12345.
    Number(String),
}

impl Cell {
    fn text(&self) -> &str {
        match self {
            Self::Text(it) | Self::Number(it) => it,
        }
    }

    fn number(&self) -> Result<f64, String> {
        match self {
            Self::Number(it) => it.parse().map_err(|_| Unclear::Strange(it.clone())),
            Self::Text(it) => number::read(it),
        }
        .map_err(|it| match it {
            Unclear::Absent => format!("`{}` is no number; expected one such as 12.5", self.text()),
            it @ (Unclear::Ambiguous { .. } | Unclear::Several(_) | Unclear::Strange(_)) => it.to_string(),
        })
    }
}

fn csv(path: &Path, text: &str) -> Result<Vec<(u64, Pairs)>, BadFile> {
    // Spreadsheets of half of Europe write semicolons.
    let head = text.lines().next().unwrap_or_default();
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|it| head.bytes().filter(|byte| byte == it).count());
    let mut reader =
        ::csv::ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).from_reader(text.as_bytes());
    let bad = |error: &::csv::Error| {
        let line = error.position().map_or(1, ::csv::Position::line);
        malformed(path, line, error.to_string())
    };
    let names: Vec<String> =
        reader.headers().map_err(|it| bad(&it))?.iter().map(|it| it.trim().to_lowercase()).collect();
    for (at, name) in names.iter().enumerate() {
        known(name).map_err(|problem| malformed(path, 1, problem))?;
        if names[..at].contains(name) {
            return Err(malformed(path, 1, format!("column `{name}` is there twice")));
        }
    }
    let mut rows = vec![];
    // Behind a line end of two characters the reader stands between them and counts one line too few.
    let (mut seen, mut line) = (0, 1);
    for record in reader.records() {
        let record = record.map_err(|it| bad(&it))?;
        let begin = record.position().map_or(seen, |it| usize::try_from(it.byte()).unwrap_or(seen));
        let begin = begin + usize::from(text.as_bytes().get(begin) == Some(&b'\n'));
        line += text.as_bytes()[seen..begin].iter().filter(|it| **it == b'\n').count() as u64;
        seen = begin;
        rows.push((
            line,
            names.iter().cloned().zip(record.iter().map(|it| Cell::Text(it.to_owned()))).collect(),
        ));
    }
    Ok(rows)
}

fn json(path: &Path, text: &str) -> Result<Vec<(u64, Pairs)>, BadFile> {
    let mut rows = vec![];
    for (line, text) in (1..).zip(text.lines()).filter(|(_, it)| !it.trim().is_empty()) {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|error| malformed(path, line, error.to_string()))?;
        let mut pairs = vec![];
        for (name, value) in object {
            if let (serde_json::Value::Object(fields), "fields") = (&value, name.as_str()) {
                pairs.extend(fields.iter().map(|(id, it)| (format!("{FIELD}{id}"), plain(it))));
                continue;
            }
            known(&name).map_err(|problem| malformed(path, line, problem))?;
            pairs.push((name, plain(&value)));
        }
        rows.push((line, pairs));
    }
    Ok(rows)
}

fn plain(value: &serde_json::Value) -> Cell {
    match value {
        serde_json::Value::String(it) => Cell::Text(it.clone()),
        serde_json::Value::Null => Cell::Text(String::new()),
        serde_json::Value::Number(it) => Cell::Number(it.to_string()),
        serde_json::Value::Bool(_) | serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            Cell::Text(value.to_string())
        }
    }
}

fn known(name: &str) -> Result<(), String> {
    if COLUMNS.contains(&name) || name.strip_prefix(FIELD).is_some_and(|it| !it.is_empty()) {
        return Ok(());
    }
    Err(format!("unknown column `{name}`; known are {}, and {FIELD}NAME for fields", COLUMNS.join(", ")))
}

/// `seen` counts rows of the same content, each of which is a ticket of its own.
fn row(line: u64, pairs: Pairs, issuer: &str, seen: &mut HashMap<[u8; 32], u32>) -> Row {
    let get = |name: &str| {
        pairs.iter().find(|(it, _)| it == name).map(|(_, it)| it.text().trim()).unwrap_or_default()
    };
    let request = match get("id") {
        "" => {
            let mut hash = Sha256::new();
            let said = pairs.iter().map(|(name, it)| (name, it.text())).filter(|(_, it)| !it.is_empty());
            for (name, value) in said {
                hash.update(format!("{}:{name}{}:{value}", name.len(), value.len()));
            }
            let hash: [u8; 32] = hash.finalize().into();
            let count = seen.entry(hash).and_modify(|it| *it += 1).or_insert(1);
            let hash: String = hash.iter().take(16).map(|it| format!("{it:02x}")).collect();
            format!("{PREFIX}{hash}-{count}")
        }
        id => format!("{PREFIX}{id}"),
    };
    let vouches = Some(get("issuer")).filter(|it| !it.is_empty()).unwrap_or(issuer);
    let field = |(name, value): &(String, Cell)| {
        Some((name.strip_prefix(FIELD)?.to_owned(), value.clone()))
            .filter(|_| !value.text().trim().is_empty())
    };
    Row {
        line,
        template: get("template").to_owned(),
        request,
        requester: (vouches.to_owned(), get("requester").to_owned(), get("name").to_owned()),
        subject: get("subject").to_owned(),
        description: get("description").to_owned(),
        impact: get("impact").to_lowercase(),
        urgency: get("urgency").to_lowercase(),
        fields: pairs.iter().filter_map(field).collect(),
    }
}

impl Row {
    /// The row as a request, its fields typed as the template has them.
    pub(super) fn request(self, template: &v1::Template) -> Result<v1::CreateTicketRequest, String> {
        let word = |name: &str, known: &[&str], it: &str| match it {
            "" => Ok(()),
            _ if known.contains(&it) => Ok(()),
            _ => Err(format!("{name}: `{it}` is none of {}", known.join(", "))),
        };
        word("impact", &Impact::ALL.map(Impact::as_str), &self.impact)?;
        word("urgency", &Urgency::ALL.map(Urgency::as_str), &self.urgency)?;
        let fields = self.fields.iter().map(|(id, value)| {
            let field = template.fields.iter().find(|it| it.id == *id);
            let known = || template.fields.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(", ");
            let field = field
                .ok_or_else(|| format!("fields.{id}: the template has no such field; it has {}", known()))?;
            typed(&field.r#type, value).map(|it| value_to(id, &it)).map_err(|it| format!("fields.{id}: {it}"))
        });
        let (issuer, subject, display_name) = self.requester;
        Ok(v1::CreateTicketRequest {
            request_id: self.request,
            template: self.template,
            requester: Some(v1::Person { issuer, subject, display_name }),
            subject: self.subject,
            description: self.description,
            fields: fields.collect::<Result<_, _>>()?,
            impact: Impact::parse(&self.impact).map_or(0, words::impact_to),
            urgency: Urgency::parse(&self.urgency).map_or(0, words::urgency_to),
            opened_by: None,
        })
    }
}

/// A value as its field's type has it; whether it fits is the desk's to say.
fn typed(kind: &str, value: &Cell) -> Result<FieldValue, String> {
    let text = || value.text().trim().to_owned();
    Ok(match kind {
        "choice" => FieldValue::Choice(text()),
        "number" => FieldValue::Number(value.number()?),
        "date_time" => FieldValue::DateTime(
            Timestamp::parse(&text()).ok_or("expected a time such as 2026-12-23T15:00+01:00")?,
        ),
        "asset" => FieldValue::Asset(text()),
        "person" => FieldValue::Person(text()),
        "location" => FieldValue::Location(text()),
        _ => FieldValue::Text(text()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(name: &str, content: &str) -> Result<Vec<Row>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        read(&path, "desk").map_err(|it| it.to_string().split_once(&format!("{name}:")).unwrap().1.to_owned())
    }

    #[test]
    fn csv_and_json_say_the_same() {
        let csv = "\u{feff}Template;Requester;Description;fields.device\r\nhardware_fault;ada;\"It;\nsmokes\";laptop\r\n";
        let json = r#"{"template":"hardware_fault","requester":"ada","description":"It;\nsmokes","fields":{"device":"laptop"}}"#;
        let (csv, json) = (rows("a.csv", csv).unwrap(), rows("a.jsonl", json).unwrap());
        assert_eq!(csv[0].fields, [("device".to_owned(), Cell::Text("laptop".to_owned()))]);
        assert_eq!((csv[0].line, json[0].line), (2, 1));
        assert_eq!(
            Row { line: 0, request: String::new(), ..csv[0].clone() },
            Row { line: 0, request: String::new(), ..json[0].clone() }
        );
    }

    #[test]
    fn a_row_is_known_by_its_id_or_by_its_content_and_equal_rows_are_apart() {
        let all = rows("a.csv", "id,template,requester\n7,a,x\n,a,x\n,a,x\n,a,y\n").unwrap();
        let ids: Vec<_> = all.iter().map(|it| it.request.as_str()).collect();
        assert_eq!(ids[0], "import-7");
        assert!(ids[1].ends_with("-1") && ids[2].ends_with("-2") && ids[3].ends_with("-1"), "{ids:?}");
        assert_eq!(ids[1].split('-').nth(1), ids[2].split('-').nth(1));
        assert_ne!(ids[1].split('-').nth(1), ids[3].split('-').nth(1));
    }

    #[test]
    fn a_number_is_as_its_file_has_it_or_asked_about() {
        let of = |written: &str| {
            let row = rows("a.csv", &format!("template;fields.sum\na;{written}\n")).unwrap().remove(0);
            row.fields[0].1.number()
        };
        assert_eq!((of("1.200,50"), of("1,200.50"), of("12.5")), (Ok(1200.5), Ok(1200.5), Ok(12.5)));
        for (written, told) in [
            ("1.200", "`1.200` may be 1200 or 1.2; write 1200 or 1.2"),
            ("1k", "`1k` is no number that can be told; write it in digits, such as 12.5"),
            ("1万", "`1万` is no number that can be told; write it in digits, such as 12.5"),
            ("NaN", "`NaN` is no number; expected one such as 12.5"),
        ] {
            assert_eq!(of(written), Err(told.to_owned()));
        }
        let json =
            rows("a.jsonl", "{\"template\":\"a\",\"fields\":{\"a\":12.345,\"b\":1e3,\"c\":-7}}\n").unwrap();
        let values: Vec<_> = json[0].fields.iter().map(|(_, it)| it.number().unwrap()).collect();
        assert_eq!(values, [12.345, 1000.0, -7.0]);
    }

    #[test]
    fn what_is_no_list_of_tickets_is_told_with_its_line() {
        assert!(rows("a.csv", "template,colour\n").unwrap_err().starts_with("1: unknown column `colour`"));
        assert!(rows("a.csv", "template,template\n").unwrap_err().contains("twice"));
        assert!(rows("a.csv", "template,requester\na,b\na,b,c\n").unwrap_err().starts_with("3: "));
        assert!(rows("a.jsonl", "{\"template\":\"a\"}\n{\n").unwrap_err().starts_with("2: "));
    }
}
