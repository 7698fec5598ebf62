//! What can go wrong with the store, by what whoever meets it can do.

use crate::proto::event::Malformed;

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no database that this program knows.
    #[error("store.url `{0}` must be `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`")]
    Url(String),
    /// The database does not answer, or refuses.
    #[error("the store at {place} cannot be opened: {source}")]
    Unreachable {
        /// Where it was looked for, without the password.
        place: String,
        /// What the database or the system said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A setting of the database would lose acknowledged tickets at a power cut.
    #[error("the database would lose tickets at a power cut: {setting} is `{is}`, and must be {must}")]
    NotDurable {
        /// Which setting.
        setting: &'static str,
        /// What it is.
        is: String,
        /// What it has to be.
        must: &'static str,
    },
    /// The database was made by a newer version, or its tables were changed by hand.
    #[error("the tables of the store at {place} cannot be brought up to date: {source}")]
    Migration {
        /// Where it is, without the password.
        place: String,
        /// What was in the way.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The store did not do what was asked, and may do so later.
#[derive(Debug, thiserror::Error)]
#[error("the store does not answer: {0}")]
pub struct Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>);

impl From<sqlx::Error> for Unavailable {
    fn from(error: sqlx::Error) -> Self {
        Self(Box::new(error))
    }
}

impl From<Malformed> for Unavailable {
    fn from(error: Malformed) -> Self {
        Self(Box::new(error))
    }
}

impl From<prost::DecodeError> for Unavailable {
    fn from(_: prost::DecodeError) -> Self {
        Malformed("bytes").into()
    }
}

impl Unavailable {
    /// It took too long.
    pub(super) fn late(after: std::time::Duration) -> Self {
        Self(format!("no answer within {} s", after.as_secs()).into())
    }

    /// Whether it did answer, with something that cannot be read; asking again gives the same.
    pub fn is_damage(&self) -> bool {
        self.0.is::<Malformed>()
    }

    /// Whether somebody else was in the way, so that trying again may do.
    pub(super) fn is_clash(&self) -> bool {
        let database = self.0.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
        database.is_some_and(|it| {
            // 40001 and 40P01: PostgreSQL found a cycle of locks. 55P03: it waited too long for one.
            // 22021: text that it cannot hold.
            let code = it.code();
            let codes = ["40001", "40P01", "55P03", "22021"];
            it.is_unique_violation() || code.is_some_and(|it| codes.contains(&it.as_ref()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_told_from_a_database_that_is_away() {
        assert!(Unavailable::from(Malformed("bytes")).is_damage());
        assert!(!Unavailable::from(sqlx::Error::PoolTimedOut).is_damage());
        assert!(!Unavailable::late(std::time::Duration::from_secs(1)).is_damage());
    }
}
