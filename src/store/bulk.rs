//! Statements for many rows at once. Sizes are fixed, so that a connection prepares each of them once
//! and no more.

use std::{fmt::Write as _, sync::Arc};

use sqlx::{Any, AnyConnection, AssertSqlSafe, any::AnyArguments, any::AnyRow};

/// A statement that takes values, and owns them.
pub(super) type Query = sqlx::query::Query<'static, Any, AnyArguments>;

/// Rows in one statement, from most to least.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// What stands before the values, how many there are in a row, and what stands after them.
pub(super) type Shape = (&'static str, usize, &'static str);

/// A statement of the form `head values (…), (…) tail`, in every size.
pub(super) struct Bulk {
    statements: [Arc<str>; 4],
}

impl Bulk {
    pub(super) fn new((head, columns, tail): Shape) -> Self {
        Self { statements: SIZES.map(|rows| statement(head, columns, rows, tail).into()) }
    }

    #[cfg(test)]
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().map(|it| &**it)
    }

    /// Runs it for all rows, biggest chunks first; says how many rows were affected.
    pub(super) async fn write<T>(
        &self,
        connection: &mut AnyConnection,
        rows: &[T],
        bind: impl Fn(Query, &T) -> Query,
    ) -> Result<u64, sqlx::Error> {
        let (mut rest, mut affected) = (rows, 0);
        for (size, sql) in SIZES.iter().zip(&self.statements) {
            while rest.len() >= *size {
                let (chunk, more) = rest.split_at(*size);
                let query = chunk.iter().fold(query(sql), &bind);
                affected += query.execute(&mut *connection).await?.rows_affected();
                rest = more;
            }
        }
        Ok(affected)
    }

    /// Runs it for all keys and gives the rows found. The last key is repeated to fill the next size,
    /// so rows may come twice.
    pub(super) async fn find<T>(
        &self,
        connection: &mut AnyConnection,
        keys: &[T],
        bind: impl Fn(Query, &T) -> Query,
    ) -> Result<Vec<AnyRow>, sqlx::Error> {
        let mut found = Vec::new();
        for chunk in keys.chunks(SIZES[0]) {
            let fitting = SIZES.iter().zip(&self.statements).rfind(|(size, _)| **size >= chunk.len());
            let (Some((size, sql)), Some(last)) = (fitting, chunk.last()) else { continue };
            let padding = std::iter::repeat_n(last, size - chunk.len());
            let query = chunk.iter().chain(padding).fold(query(sql), &bind);
            found.extend(query.fetch_all(&mut *connection).await?);
        }
        Ok(found)
    }
}

fn query(sql: &Arc<str>) -> Query {
    // Put together from literals of this room and counted placeholders.
    sqlx::query(AssertSqlSafe(Arc::clone(sql)))
}

fn statement(head: &str, columns: usize, rows: usize, tail: &str) -> String {
    let mut sql = format!("{head} values ");
    for place in 0..rows * columns {
        let before = match (place, place % columns) {
            (0, _) => "(",
            (_, 0) => "), (",
            (_, _) => ", ",
        };
        // Writing to a string cannot fail.
        let _ = write!(sql, "{before}${}", place + 1);
    }
    sql + ") " + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_counted_through_all_rows() {
        assert_eq!(statement("insert into t", 2, 2, "x"), "insert into t values ($1, $2), ($3, $4) x");
        assert_eq!(statement("in (", 1, 1, ")"), "in ( values ($1) )");
    }
}
