//! A CSV file as people and other programs write it: its header, and its rows with the line of each.

use csv::{ReaderBuilder, StringRecord};

/// What is wrong with a row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The line that the row begins in; 0 where the list as a whole is meant.
    pub line: usize,
    /// The column; empty where the row is meant.
    pub column: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl RowFault {
    /// What is wrong with a row.
    pub fn new(line: usize, column: &str, problem: impl Into<String>) -> Self {
        Self { line, column: column.to_owned(), problem: problem.into() }
    }
}

impl std::fmt::Display for RowFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if 0 < self.line {
            write!(f, "line {}: ", self.line)?;
        }
        if !self.column.is_empty() {
            write!(f, "{}: ", self.column)?;
        }
        f.write_str(&self.problem)
    }
}

/// The rows of a file, each with the line that it begins in. Rows of nothing are passed over.
pub struct Table<'a> {
    records: csv::StringRecordsIntoIter<&'a [u8]>,
    header: Vec<String>,
    /// The line of the header.
    line: usize,
    text: &'a str,
    /// A place in the text, and the line that it is in.
    counted: (usize, usize),
}

impl std::fmt::Debug for Table<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("header", &self.header).finish_non_exhaustive()
    }
}

impl<'a> Table<'a> {
    /// Reads the header, and looks whether the file can be read at all. Commas, semicolons or tabs separate.
    pub fn of(bytes: &'a [u8]) -> Result<Self, RowFault> {
        let text = text(bytes)?;
        let (text, said, skipped) = match text.strip_prefix("sep=") {
            Some(rest) => {
                let line = rest.find('\n').map_or(rest.len(), |it| it + 1);
                (&rest[line..], rest.bytes().next().filter(|it| !matches!(it, b'\r' | b'\n' | b'"')), 1)
            }
            None => (text, None, 0),
        };
        if let Some(line) = open_quote(text) {
            return Err(RowFault::new(line + skipped, "", "a quote is opened here and never closed"));
        }
        let separator = said.unwrap_or_else(|| separator(text));
        let mut reader = ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .has_headers(true)
            .from_reader(text.as_bytes());
        let header = reader.headers().map_err(|it| RowFault::new(1, "", it.to_string()))?;
        let header = header.iter().map(|it| it.trim().to_owned()).collect();
        let counted = (0, skipped + 1);
        Ok(Self { records: reader.into_records(), header, line: skipped + 1, text, counted })
    }

    /// The names of the columns, as they are written.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The line of the header.
    pub fn header_line(&self) -> usize {
        self.line
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

    fn row(&mut self, record: &StringRecord) -> Result<(usize, Vec<String>), RowFault> {
        let line = self.line_of(record.position());
        if record.len() != self.header.len() {
            let problem = format!("has {} cells; the header has {}", record.len(), self.header.len());
            return Err(RowFault::new(line, "", problem));
        }
        Ok((line, record.iter().map(joined).collect()))
    }
}

impl Iterator for Table<'_> {
    type Item = Result<(usize, Vec<String>), RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.records.next()? {
                // Spreadsheets leave rows of nothing but separators at the end.
                Ok(record) if record.iter().all(|it| it.trim().is_empty()) => {}
                Ok(record) => return Some(self.row(&record)),
                Err(error) => {
                    let line = self.line_of(error.position());
                    return Some(Err(RowFault::new(line, "", error.to_string())));
                }
            }
        }
    }
}

/// The name of a column without case, spaces and marks, as which it is compared with others.
pub fn plain(name: &str) -> String {
    name.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What stands in a cell, as one line.
fn joined(cell: &str) -> String {
    if !cell.contains(['\n', '\r']) {
        return cell.trim().to_owned();
    }
    cell.lines().map(str::trim).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The text of a file, without the mark that some programs put before UTF-8.
pub fn text(bytes: &[u8]) -> Result<&str, RowFault> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(RowFault::new(0, "", "the file is UTF-16; save it as CSV in UTF-8"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|it| **it == b'\n').count() + 1;
        RowFault::new(line, "", "is no UTF-8; save the file as CSV in UTF-8")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_the_line_of_their_row() {
        let text = "user_name,email\n\nada,a@b\n\"b\nc\",x@y\nbad\nlast,l@b\n";
        let rows: Vec<_> = Table::of(text.as_bytes()).unwrap().collect();
        let lines: Vec<_> = rows.iter().map(|it| it.as_ref().map_or_else(|it| it.line, |it| it.0)).collect();
        assert_eq!(lines, [3, 4, 6, 7]);
        assert!(rows[2].as_ref().unwrap_err().problem.contains("1 cells; the header has 2"));
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        let of = |bytes: &[u8]| Table::of(bytes).err().unwrap().to_string();
        assert!(of(b"\xff\xfea\0").contains("UTF-16"));
        assert!(of(b"user_name\nad\xe4\n").starts_with("line 2: is no UTF-8"));
        assert!(of(b"user_name\nada\n\"bo\ncy\n").starts_with("line 3: a quote"));
    }
}
