//! Statements for many rows at once. Sizes are fixed, so that a connection prepares each of them once
//! and no more.

use std::{fmt::Write as _, sync::Arc};

use sqlx::{Any, AnyConnection, AssertSqlSafe, any::AnyArguments, any::AnyRow};

use super::engine::Engine;

/// A statement that takes values, and owns them.
pub(super) type Query = sqlx::query::Query<'static, Any, AnyArguments>;

/// Rows in one statement, from most to least. Each statement is a way to the database's thread and
/// back, which costs as much as a dozen rows, so few must do for any number.
const SIZES: [usize; 7] = [64, 32, 16, 8, 4, 2, 1];

/// What stands before the values, how many there are in a row, and what stands after them.
pub(super) type Shape = (&'static str, usize, &'static str);

/// A statement of the form `head values (…), (…) tail`, in every size.
pub(super) struct Bulk {
    statements: [Arc<str>; 7],
}

impl Bulk {
    pub(super) fn new(engine: Engine, shape: Shape) -> Self {
        Self { statements: SIZES.map(|rows| statement(engine, shape, rows).into()) }
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

    /// Runs it for all keys and gives the rows found. The last key is repeated to fill the next size
    /// (of every second one: a connection holds a hundred statements), so rows may come twice.
    pub(super) async fn find<T>(
        &self,
        connection: &mut AnyConnection,
        keys: &[T],
        bind: impl Fn(Query, &T) -> Query,
    ) -> Result<Vec<AnyRow>, sqlx::Error> {
        let mut found = Vec::new();
        for chunk in keys.chunks(SIZES[0]) {
            let sizes = SIZES.iter().zip(&self.statements).step_by(2);
            let fitting = sizes.filter(|(size, _)| **size >= chunk.len()).last();
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

fn statement(engine: Engine, (head, columns, tail): Shape, rows: usize) -> String {
    let mut sql = format!("{head} values ");
    for place in 0..rows * columns {
        let before = match (place, place % columns) {
            (0, _) => "(",
            (_, 0) => "), (",
            (_, _) => ", ",
        };
        // Writing to a string cannot fail.
        let _ = match engine {
            // A numbered one has a name, and SQLite finds names by walking along all of them: for 64 tickets
            // that took an eighth of the database's time.
            Engine::Sqlite => write!(sql, "{before}?"),
            Engine::Postgres => write!(sql, "{before}${}", place + 1),
        };
    }
    sql + ") " + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_counted_through_all_rows() {
        let (two, one) = (("insert into t", 2, "x"), ("in (", 1, ")"));
        let on = Engine::Postgres;
        assert_eq!(statement(on, two, 2), "insert into t values ($1, $2), ($3, $4) x");
        assert_eq!(statement(on, one, 1), "in ( values ($1) )");
        assert_eq!(statement(Engine::Sqlite, two, 2), "insert into t values (?, ?), (?, ?) x");
    }
}
