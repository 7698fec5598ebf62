//! A list of assets as it is written: CSV, or JSON with an object a line or one list of objects.

use std::collections::HashMap;

use serde_json::Value;

use super::columns::Column;
use crate::{
    desk::table::{RowFault, Table, text},
    domain::catalog::Catalog,
};

/// A list that was read, as far as it can be.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) rows: Vec<Row>,
    pub(super) faults: Vec<RowFault>,
    /// Columns that mean nothing here.
    pub(super) passed_over: Vec<String>,
    /// What keys of JSON mean, each looked up once: they stand in every row.
    keys: HashMap<String, Option<Column>>,
}

/// An asset in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// The line that it begins in, from 1.
    pub(super) line: usize,
    /// What stands in the columns that are known.
    pub(super) cells: Vec<(Column, String)>,
}

impl Row {
    /// What stands in a column, if there is such a column.
    pub(super) fn cell(&self, column: &Column) -> Option<&str> {
        self.cells.iter().find(|(it, _)| it == column).map(|(_, it)| it.as_str())
    }
}

/// Reads a list: JSON if it begins as such.
pub(super) fn read(list: &[u8], catalog: &Catalog) -> List {
    let text = match text(list) {
        Ok(text) => text,
        Err(fault) => return List { faults: vec![fault], ..List::default() },
    };
    let all =
        if text.trim_start().starts_with(['{', '[']) { json(text, catalog) } else { csv(list, catalog) };
    all.unwrap_or_else(|fault| List { faults: vec![fault], ..List::default() })
}

fn csv(bytes: &[u8], catalog: &Catalog) -> Result<List, RowFault> {
    let table = Table::of(bytes)?;
    let (header, line) = (table.header().to_vec(), table.header_line());
    let columns: Vec<_> = header.iter().map(|it| Column::parse(it, catalog)).collect();
    let unknown = header.iter().zip(&columns).filter(|(it, column)| column.is_none() && !it.is_empty());
    let mut list = List { passed_over: unknown.map(|(it, _)| it.clone()).collect(), ..List::default() };
    for (at, column) in columns.iter().enumerate() {
        let Some(column) = column else { continue };
        if let Some(first) = columns[..at].iter().position(|it| it.as_ref() == Some(column)) {
            let (one, other, name) = (&header[first], &header[at], column.name());
            let problem = format!("the columns `{one}` and `{other}` both are {name}; keep one");
            list.faults.push(RowFault::new(line, &name, problem));
        }
    }
    if !columns.iter().flatten().any(|it| matches!(it, Column::Tag | Column::Serial)) {
        let found: Vec<_> = header.iter().take(20).map(|it| format!("`{it}`")).collect();
        let problem = format!("there is no column tag or serial; the first line has {}", found.join(", "));
        list.faults.push(RowFault::new(line, "", problem));
    }
    if !list.faults.is_empty() {
        return Ok(list);
    }
    for row in table {
        match row {
            Ok((line, cells)) => {
                let cells = columns.iter().zip(cells);
                let cells = cells.filter_map(|(column, cell)| Some((column.clone()?, cell)));
                list.rows.push(Row { line, cells: cells.collect() });
            }
            Err(fault) => list.faults.push(fault),
        }
    }
    Ok(list)
}

fn json(text: &str, catalog: &Catalog) -> Result<List, RowFault> {
    let mut list = List::default();
    let mut rest = Rest { text, at: 0, line: 1 };
    rest.skip(&[]);
    let is_list = rest.text[rest.at..].starts_with('[');
    if is_list {
        rest.advance(1);
    }
    loop {
        rest.skip(&[',']);
        let left = &rest.text[rest.at..];
        if left.is_empty() || is_list && left.starts_with(']') {
            return Ok(list);
        }
        let line = rest.line;
        let mut stream = serde_json::Deserializer::from_str(left).into_iter::<Value>();
        let object = match stream.next() {
            Some(Ok(Value::Object(object))) => object,
            Some(Ok(_)) => {
                return Err(RowFault::new(line, "", "is no object; write {\"tag\": …} for each asset"));
            }
            Some(Err(error)) => {
                return Err(RowFault::new(line + error.line() - 1, "", format!("is no JSON: {error}")));
            }
            None => return Ok(list),
        };
        rest.advance(stream.byte_offset());
        let mut row = Row { line, cells: vec![] };
        for (key, value) in &object {
            list.cell(&mut row, key, value, catalog);
        }
        list.rows.push(row);
    }
}

impl List {
    /// Takes one key of an object; what is within another stands under both names, such as `needs.runs_on`.
    fn cell(&mut self, row: &mut Row, key: &str, value: &Value, catalog: &Catalog) {
        if let Value::Object(within) = value {
            for (name, value) in within {
                self.cell(row, &format!("{key}.{name}"), value, catalog);
            }
            return;
        }
        if !self.keys.contains_key(key) {
            let column = Column::parse(key, catalog);
            if column.is_none() {
                self.passed_over.push(key.to_owned());
            }
            self.keys.insert(key.to_owned(), column);
        }
        let Some(column) = self.keys.get(key).cloned().flatten() else { return };
        let text = match value {
            Value::Array(all) => all.iter().map(plain).collect::<Option<Vec<_>>>().map(|it| it.join(";")),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                plain(value)
            }
        };
        match text {
            Some(_) if row.cell(&column).is_some() => {
                let problem = format!("`{key}` says it a second time; keep one");
                self.faults.push(RowFault::new(row.line, &column.name(), problem));
            }
            Some(text) => row.cells.push((column, text)),
            None => {
                let problem = "must be text, a number, yes or no, or a list of those";
                self.faults.push(RowFault::new(row.line, &column.name(), problem));
            }
        }
    }
}

/// One value as a cell of a table would have it.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(it) => Some(it.to_string()),
        Value::Number(it) => Some(it.to_string()),
        Value::String(it) => Some(it.split_whitespace().collect::<Vec<_>>().join(" ")),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// What is not read yet, and the line where it begins.
struct Rest<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Rest<'_> {
    fn advance(&mut self, bytes: usize) {
        let passed = self.text.get(self.at..self.at + bytes).unwrap_or_default();
        self.line += passed.bytes().filter(|it| *it == b'\n').count();
        self.at += bytes;
    }

    fn skip(&mut self, more: &[char]) {
        let left = &self.text[self.at..];
        let rest = left.trim_start_matches(|it: char| it.is_whitespace() || more.contains(&it));
        self.advance(left.len() - rest.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> List {
        read(text.as_bytes(), &Catalog::default())
    }

    #[test]
    fn lines_of_json_and_a_list_are_the_same() {
        let lines = of(
            "{\"tag\": \"A-1\", \"runs_on\": [\"B-1\", \"B-2\"], \"needs\": {\"runs_on\": 1}}\n\n{\"tag\":\n\"A-2\", \"shoes\": 3}\n",
        );
        assert!(lines.faults.is_empty(), "{lines:?}");
        assert_eq!(lines.passed_over, ["shoes"]);
        assert_eq!(lines.rows.iter().map(|it| it.line).collect::<Vec<_>>(), [1, 3]);
        let runs_on = Column::Relation(crate::domain::asset::RelationKind::RunsOn);
        assert_eq!(lines.rows[0].cell(&runs_on), Some("B-1;B-2"));
        let list = of(
            "[{\"tag\": \"A-1\", \"runs_on\": [\"B-1\", \"B-2\"], \"needs\": {\"runs_on\": 1}},\n\n{\"tag\":\n\"A-2\"}]\n",
        );
        assert_eq!(list.rows, lines.rows);
    }

    #[test]
    fn what_cannot_be_read_has_its_line() {
        for (text, line, problem) in [
            ("{\"tag\": \"A-1\"}\n{\"tag\": oops}\n", 2, "is no JSON"),
            ("[{\"tag\": \"A-1\"},\n5]", 2, "is no object"),
            ("{\"tag\": [[1]]}", 1, "must be text"),
            ("{\"tag\": \"A\", \"asset_tag\": \"B\"}", 1, "a second time"),
            ("name,room\nx,y\n", 1, "no column tag or serial"),
            ("tag,asset tag\nx,y\n", 1, "both are tag"),
            ("tag,name\nx\n", 2, "has 1 cells"),
        ] {
            let list = of(text);
            let found = list.faults.iter().find(|it| it.problem.contains(problem));
            assert_eq!(found.map(|it| it.line), Some(line), "{text}: {list:?}");
        }
    }
}
