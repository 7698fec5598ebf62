//! The rows of a CSV file of people, with the line of each.

use csv::{ReaderBuilder, StringRecord};

use crate::desk::people::import::{Column, Row, RowFault};

/// The rows of a file.
pub(super) struct Rows<'a> {
    records: csv::StringRecordsIntoIter<&'a [u8]>,
    columns: Vec<Option<Column>>,
    unknown: Vec<String>,
    text: &'a str,
    /// A place in the text, and the line that it is in.
    counted: (usize, usize),
}

impl<'a> Rows<'a> {
    /// Reads the header, and looks whether the file can be read at all.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, Vec<RowFault>> {
        let text = text(bytes).map_err(|it| vec![it])?;
        let (text, said, skipped) = match text.strip_prefix("sep=") {
            Some(rest) => {
                let line = rest.find('\n').map_or(rest.len(), |it| it + 1);
                (&rest[line..], rest.bytes().next().filter(|it| !matches!(it, b'\r' | b'\n' | b'"')), 1)
            }
            None => (text, None, 0),
        };
        if let Some(line) = open_quote(text) {
            return Err(vec![fault(line + skipped, "", "a quote is opened here and never closed")]);
        }
        let separator = said.unwrap_or_else(|| separator(text));
        let mut reader = ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .has_headers(true)
            .from_reader(text.as_bytes());
        let header = reader.headers().cloned().map_err(|it| vec![fault(1, "", &it.to_string())])?;
        let columns: Vec<_> = header.iter().map(Column::parse).collect();
        check(&header, &columns, skipped + 1)?;
        let names = header.iter().map(str::trim).zip(&columns);
        let unknown = names.filter(|(it, column)| column.is_none() && !it.is_empty());
        let unknown = unknown.map(|(it, _)| it.to_owned()).collect();
        let counted = (0, skipped + 1);
        Ok(Self { records: reader.into_records(), columns, unknown, text, counted })
    }

    /// The columns that mean nothing here.
    pub(super) fn passed_over(&self) -> Vec<String> {
        self.unknown.clone()
    }

    /// The line that a record begins in. The reader only says where it began to look, before blank lines.
    fn line_of(&mut self, position: Option<&csv::Position>) -> usize {
        let from = position.and_then(|it| usize::try_from(it.byte()).ok()).unwrap_or(self.counted.0);
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let begins = from + rest.iter().take_while(|it| matches!(it, b'\r' | b'\n')).count();
        let between = self.text.as_bytes().get(self.counted.0..begins).unwrap_or_default();
        self.counted = (begins, self.counted.1 + between.iter().filter(|it| **it == b'\n').count());
        self.counted.1
    }

    fn row(&mut self, record: &StringRecord) -> Result<Row, RowFault> {
        let line = self.line_of(record.position());
        if record.len() != self.columns.len() {
            let problem = format!("has {} cells; the header has {}", record.len(), self.columns.len());
            return Err(fault(line, "", &problem));
        }
        let cells = self.columns.iter().zip(record.iter());
        let cells = cells.filter_map(|(column, cell)| Some(((*column)?, joined(cell))));
        Ok(Row { line, cells: cells.collect() })
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.records.next()? {
                // Spreadsheets leave rows of nothing but separators at the end.
                Ok(record) if record.iter().all(|it| it.trim().is_empty()) => {}
                Ok(record) => return Some(self.row(&record)),
                Err(error) => {
                    let line = self.line_of(error.position());
                    return Some(Err(fault(line, "", &error.to_string())));
                }
            }
        }
    }
}

/// What stands in a cell, as one line.
fn joined(cell: &str) -> String {
    cell.lines().map(str::trim).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
}

fn fault(line: usize, column: &str, problem: &str) -> RowFault {
    RowFault { line, column: column.to_owned(), problem: problem.to_owned() }
}

/// The text of a file, without the mark that some programs put before UTF-8.
fn text(bytes: &[u8]) -> Result<&str, RowFault> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(fault(0, "", "the file is UTF-16; save it as CSV in UTF-8"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|it| **it == b'\n').count() + 1;
        fault(line, "", "is no UTF-8; save the file as CSV in UTF-8")
    })?;
    Ok(text.trim_start_matches('\u{feff}'))
}

/// What separates: the one that the header has most of, outside of quotes.
fn separator(text: &str) -> u8 {
    let header = text.lines().find(|it| !it.trim().is_empty()).unwrap_or_default();
    let plain: String = header.split('"').step_by(2).collect();
    let count = |it: &u8| plain.bytes().filter(|byte| byte == it).count();
    // The last of equals wins.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// The line of a quote that is never closed.
fn open_quote(text: &str) -> Option<usize> {
    let (mut line, mut open) = (1, None);
    for it in text.bytes() {
        match it {
            b'\n' => line += 1,
            // Two within a quoted text close and open it again.
            b'"' => open = if open.is_none() { Some(line) } else { None },
            _ => {}
        }
    }
    open
}

fn check(header: &StringRecord, columns: &[Option<Column>], line: usize) -> Result<(), Vec<RowFault>> {
    let mut faults = vec![];
    for (at, column) in columns.iter().enumerate() {
        let Some(column) = column else { continue };
        if let Some(first) = columns[..at].iter().position(|it| *it == Some(*column)) {
            let (one, other) = (&header[first], &header[at]);
            let problem = format!("the columns `{one}` and `{other}` both are {}; keep one", column.as_str());
            faults.push(fault(line, column.as_str(), &problem));
        }
    }
    if !columns.iter().flatten().any(|it| matches!(it, Column::UserName | Column::Email)) {
        let found: Vec<_> = header.iter().take(20).map(|it| format!("`{it}`")).collect();
        let problem =
            format!("there is no column user_name or email; the first line has {}", found.join(", "));
        faults.push(fault(line, "", &problem));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Result<Row, RowFault>> {
        Rows::of(text.as_bytes()).unwrap().collect()
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let text = "\u{feff}sep=;\r\nLogin;E-Mail;Abteilung;Schuhgröße\r\n\r\nada;ada@example.com;\"Vertrieb\r\nNord\";38\r\nbo;;;\r\n;;;\r\n";
        let rows = Rows::of(text.as_bytes()).unwrap();
        assert_eq!(rows.passed_over(), ["Schuhgröße"]);
        let rows: Vec<_> = rows.map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].cell(Column::Department), Some("Vertrieb Nord"));
        assert_eq!(rows[1].cell(Column::UserName), Some("bo"));
    }

    #[test]
    fn faults_have_the_line_of_their_row() {
        let rows = read("user_name,email\n\nada,a@b\n\"b\nc\",x@y\nbad\nlast,l@b\n");
        let lines: Vec<_> =
            rows.iter().map(|it| it.as_ref().map_or_else(|it| it.line, |it| it.line)).collect();
        assert_eq!(lines, [3, 4, 6, 7]);
        assert!(rows[2].as_ref().unwrap_err().problem.contains("1 cells; the header has 2"));
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        let of = |bytes: &[u8]| Rows::of(bytes).err().unwrap()[0].to_string();
        assert!(of(b"\xff\xfea\0").contains("UTF-16"));
        assert!(of(b"user_name\nad\xe4\n").starts_with("line 2: is no UTF-8"));
        assert!(of(b"user_name\nada\n\"bo\ncy\n").starts_with("line 3: a quote"));
        assert!(of(b"name,title\nx,y\n").contains("no column user_name or email"));
        assert!(of(b"login,user_name\nx,y\n").contains("`login` and `user_name` both"));
    }
}
