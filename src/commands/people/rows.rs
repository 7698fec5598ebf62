//! The rows of a CSV file of people, with the line of each.

use crate::desk::{
    people::import::{Column, Row},
    table::{RowFault, Table},
};

/// The rows of a file.
pub(super) struct Rows<'a> {
    table: Table<'a>,
    columns: Vec<Option<Column>>,
}

impl<'a> Rows<'a> {
    /// Reads the header, and looks whether the file can be read at all.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, Vec<RowFault>> {
        let table = Table::of(bytes).map_err(|it| vec![it])?;
        let columns: Vec<_> = table.header().iter().map(|it| Column::parse(it)).collect();
        check(table.header(), &columns, table.header_line())?;
        Ok(Self { table, columns })
    }

    /// The columns that mean nothing here.
    pub(super) fn passed_over(&self) -> Vec<String> {
        let names = self.table.header().iter().zip(&self.columns);
        names.filter(|(it, column)| column.is_none() && !it.is_empty()).map(|(it, _)| it.clone()).collect()
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.table.next()?;
        Some(row.map(|(line, cells)| {
            let cells = self.columns.iter().zip(cells);
            let cells = cells.filter_map(|(column, cell)| Some(((*column)?, cell)));
            Row { line, cells: cells.collect() }
        }))
    }
}

fn check(header: &[String], columns: &[Option<Column>], line: usize) -> Result<(), Vec<RowFault>> {
    let mut faults = vec![];
    for (at, column) in columns.iter().enumerate() {
        let Some(column) = column else { continue };
        if let Some(first) = columns[..at].iter().position(|it| *it == Some(*column)) {
            let (one, other) = (&header[first], &header[at]);
            let problem = format!("the columns `{one}` and `{other}` both are {}; keep one", column.as_str());
            faults.push(RowFault::new(line, column.as_str(), problem));
        }
    }
    if !columns.iter().flatten().any(|it| matches!(it, Column::UserName | Column::Email)) {
        let found: Vec<_> = header.iter().take(20).map(|it| format!("`{it}`")).collect();
        let problem =
            format!("there is no column user_name or email; the first line has {}", found.join(", "));
        faults.push(RowFault::new(line, "", problem));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_file_of_something_else_says_what_is_missing() {
        let of = |bytes: &[u8]| Rows::of(bytes).err().unwrap()[0].to_string();
        assert!(of(b"name,title\nx,y\n").contains("no column user_name or email"));
        assert!(of(b"login,user_name\nx,y\n").contains("`login` and `user_name` both"));
    }
}
