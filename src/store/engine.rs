//! What differs between the two databases: how to connect, what durability needs, the migrations.

use std::time::Duration;

use sqlx::{
    AnyConnection, AnyPool, Connection as _, Executor as _, Row as _, SqlSafeStr as _,
    any::{AnyPoolOptions, AnyRow},
    migrate::{Migration, MigrationType, Migrator},
};
use tokio::time::timeout;

use super::fault::OpenError;

/// The database behind a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

/// Connections to one database. Writers get theirs in the order of asking, so on SQLite, where there
/// is one, nobody starves.
pub(super) struct Pools {
    pub(super) read: AnyPool,
    pub(super) write: AnyPool,
}

/// Longest wait for the first connection.
const FIRST: Duration = Duration::from_secs(5);

/// Older ones can corrupt a WAL that several connections use.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

impl Engine {
    pub(super) fn of(url: &str) -> Result<Self, OpenError> {
        if url.starts_with("sqlite:") {
            Ok(Self::Sqlite)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres)
        } else {
            Err(OpenError::Url(url.to_owned()))
        }
    }

    /// How many partitions a new store gets. SQLite has one writer anyway.
    pub(super) fn partitions(self) -> i64 {
        match self {
            Self::Sqlite => 1,
            Self::Postgres => 16,
        }
    }

    /// Connects, checks that commits are durable, and brings the tables up to date.
    pub(super) async fn open(self, url: &str) -> Result<Pools, OpenError> {
        sqlx::any::install_default_drivers();
        let (target, place) = (self.target(url), without_password(url));
        let unreachable = |source| OpenError::Unreachable { place: place.clone(), source };
        let late = || format!("no answer within {} s", FIRST.as_secs());
        // A connection of its own: a pool would go on trying, and then say only that it was in vain.
        let mut first = timeout(FIRST, AnyConnection::connect(&target))
            .await
            .map_err(|_| unreachable(late().into()))?
            .map_err(|source| unreachable(source.into()))?;
        prepare(&mut first, self.write_settings()).await.map_err(|source| unreachable(source.into()))?;
        self.check(&mut first, &place).await?;
        Migrator::with_migrations(self.migrations())
            .run(&mut first)
            .await
            .map_err(|source| OpenError::Migration { place: place.clone(), source: Box::new(source) })?;
        let (readers, writers) = match self {
            Self::Sqlite => (4, 1),
            Self::Postgres => (10, 18),
        };
        let pool = |most, settings| self.pool(most, settings).connect_lazy(&target);
        let pools = pool(readers, self.read_settings())
            .and_then(|read| Ok(Pools { read, write: pool(writers, self.write_settings())? }))
            .map_err(|source| unreachable(source.into()))?;
        first.close().await.map_err(|source| unreachable(source.into()))?;
        Ok(pools)
    }

    fn pool(self, most: u32, settings: &'static [&'static str]) -> AnyPoolOptions {
        AnyPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(self.patience())
            // A file does not hang up; a server may have, and then the first user would pay for it.
            .test_before_acquire(self == Self::Postgres)
            .max_lifetime(None)
            .idle_timeout(None)
            // What is left of a transaction that could not be ended would swallow the next ones.
            .before_acquire(|connection, _| {
                let is_clean = !connection.is_in_transaction();
                Box::pin(async move { Ok(is_clean) })
            })
            .after_connect(move |connection, _| Box::pin(prepare(connection, settings)))
    }

    /// Longest wait for a connection. A server that is away must be found out, even by the batch behind
    /// the first that waited in vain, before the 5 seconds of a call are over: its caller then hears
    /// that the database is away, and not that time ran out. A file is never away, only slow.
    fn patience(self) -> Duration {
        match self {
            Self::Sqlite => Duration::from_secs(5),
            Self::Postgres => Duration::from_secs(2),
        }
    }

    fn write_settings(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[
                "pragma busy_timeout = 5000",
                "pragma journal_mode = wal",
                "pragma synchronous = full",
                // 64 MiB: what is written again and again reaches the file once. It costs as much disk.
                "pragma wal_autocheckpoint = 16000",
                "pragma cache_size = -16384",
                // Where a statement of many rows keeps what it would undo; else it goes to a file.
                "pragma temp_store = memory",
            ],
            Self::Postgres => &[
                // The writers look rows up by key only. A plan made while a table was small would go
                // on scanning it when it is not small any more.
                "set enable_seqscan = off",
                "set enable_hashjoin = off",
                "set enable_mergejoin = off",
                "set plan_cache_mode = force_generic_plan",
                // A replica that stands still must not hold a partition for ever.
                "set statement_timeout = '10s'",
                "set lock_timeout = '5s'",
                "set idle_in_transaction_session_timeout = '15s'",
            ],
        }
    }

    fn read_settings(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &["pragma busy_timeout = 5000", "pragma query_only = on"],
            Self::Postgres => &["set default_transaction_read_only = on", "set statement_timeout = '5s'"],
        }
    }

    async fn check(self, connection: &mut AnyConnection, place: &str) -> Result<(), OpenError> {
        let mut ask = async |sql: &'static str| {
            let row = sqlx::query(sql).fetch_one(&mut *connection).await;
            row.and_then(|it| text_of(&it)).map_err(|source| OpenError::Unreachable {
                place: place.to_owned(),
                source: Box::new(source),
            })
        };
        let must = |setting, is: String, good: bool, must| {
            if good { Ok(()) } else { Err(OpenError::NotDurable { setting, is, must }) }
        };
        match self {
            Self::Sqlite => {
                let version = ask("select sqlite_version()").await?;
                let recent = is_recent(&version);
                must("the version of SQLite", version, recent, "3.51.3 or newer")?;
                let mode = ask("pragma journal_mode").await?;
                must("journal_mode", mode.clone(), mode == "wal", "wal (a file on a local disk)")?;
                let sync = ask("pragma synchronous").await?;
                must("synchronous", sync.clone(), sync == "2" || sync == "3", "full")
            }
            Self::Postgres => {
                let commit = ask("show synchronous_commit").await?;
                must("synchronous_commit", commit.clone(), commit != "off", "on")?;
                let fsync = ask("show fsync").await?;
                must("fsync", fsync.clone(), fsync == "on", "on")?;
                let pages = ask("show full_page_writes").await?;
                must("full_page_writes", pages.clone(), pages == "on", "on")
            }
        }
    }

    fn migrations(self) -> Vec<Migration> {
        macro_rules! migration {
            ($version:literal, $name:literal) => {
                migration!("000", $version, $name)
            };
            ($zeros:literal, $version:literal, $name:literal) => {{
                let sql = match self {
                    Self::Sqlite => {
                        include_str!(concat!("migrations/sqlite/", $zeros, $version, "_", $name, ".sql"))
                    }
                    Self::Postgres => {
                        include_str!(concat!("migrations/postgres/", $zeros, $version, "_", $name, ".sql"))
                    }
                };
                Migration::new($version, $name.into(), MigrationType::Simple, sql.into_sql_str(), false)
            }};
        }
        vec![
            migration!(1, "desk"),
            migration!(2, "clocks"),
            migration!(3, "dispatch"),
            migration!(4, "life"),
            migration!(5, "approvals"),
            migration!(6, "levels"),
            migration!(7, "people"),
            migration!(8, "tasks"),
            migration!(9, "catalogs"),
            migration!("00", 10, "assets"),
            migration!("00", 11, "knowledge"),
            migration!("00", 12, "waves"),
            migration!("00", 13, "known_errors"),
            migration!("00", 14, "measures"),
            migration!("00", 15, "improvements"),
            migration!("00", 16, "outages"),
            migration!("00", 17, "changes"),
            migration!("00", 18, "wave_people"),
            migration!("00", 19, "change_places"),
            migration!("00", 20, "measured_anew"),
            migration!("00", 21, "stretches"),
        ]
    }

    /// The statement that finds texts of articles by their words: of a tenant ($2), for everyone or not ($3), in a
    /// language or any ($4), and how many ($5). Each database has its own full text.
    pub(super) fn find_texts(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "select t.article, t.language, t.words from article_words \
                 join article_texts t on t.place = article_words.rowid \
                 where article_words match $1 and t.tenant = $2 and t.everyone >= $3 \
                 and ($4 = '' or t.language = $4) order by article_words.rank limit $5"
            }
            Self::Postgres => {
                "select t.article, t.language, t.words from article_texts t \
                 where t.lexemes @@ $1::text::tsquery and t.tenant = $2 and t.everyone >= $3 \
                 and ($4::text = '' or t.language = $4) order by ts_rank(t.lexemes, $1::text::tsquery) desc limit $5"
            }
        }
    }

    /// A query for texts with any of these words, which are small Latin letters and digits alone.
    pub(super) fn any_of(self, words: &[String]) -> String {
        let (quote, or) = match self {
            Self::Sqlite => ('"', " OR "),
            Self::Postgres => ('\'', " | "),
        };
        let all: Vec<_> = words.iter().map(|it| format!("{quote}{it}{quote}")).collect();
        all.join(or)
    }

    /// Whether the file is there; a server is asked when it is connected to.
    pub(super) fn is_there(self, url: &str) -> bool {
        self == Self::Postgres || std::path::Path::new(path(url)).is_file()
    }

    /// The URL as the driver wants it: a file is made if missing, whatever its name.
    fn target(self, url: &str) -> String {
        match self {
            Self::Sqlite => {
                format!("sqlite:{}?mode=rwc", escaped(path(url)))
            }
            Self::Postgres => url.to_owned(),
        }
    }
}

/// The file that a `sqlite:` URL names.
fn path(url: &str) -> &str {
    url.trim_start_matches("sqlite://").trim_start_matches("sqlite:")
}

async fn prepare(
    connection: &mut AnyConnection,
    settings: &'static [&'static str],
) -> Result<(), sqlx::Error> {
    for setting in settings {
        connection.execute(*setting).await?;
    }
    Ok(())
}

/// Everything but plain letters, digits and separators as `%XX`, since `?` and `#` end a URL's path.
fn escaped(path: &str) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'/' | b'.' | b'-' | b'_');
    path.bytes().map(|it| if plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") }).collect()
}

pub(super) fn without_password(url: &str) -> String {
    match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://…@{rest}"),
        None => url.to_owned(),
    }
}

/// A setting as text: SQLite answers some with a number.
fn text_of(row: &AnyRow) -> Result<String, sqlx::Error> {
    row.try_get::<String, _>(0).or_else(|_| row.try_get::<i64, _>(0).map(|it| it.to_string()))
}

fn is_recent(version: &str) -> bool {
    let parts: Vec<u32> = version.split('.').map_while(|it| it.parse().ok()).collect();
    parts.as_slice() >= OLDEST_SQLITE.as_slice()
}

#[cfg(test)]
mod tests {
    use sqlx::Row as _;

    use super::*;

    #[test]
    fn a_sqlite_with_the_wal_reset_bug_is_too_old() {
        assert!(is_recent("3.51.3") && is_recent("3.52.0") && is_recent("4.0.0"));
        assert!(!is_recent("3.51.2") && !is_recent("3.40.1") && !is_recent("nonsense"));
    }

    /// A full disk makes SQLite end a transaction by itself. The driver, which then cannot end it, takes
    /// the next one for a part of it; and when that one fails too, nothing is ever committed again.
    #[tokio::test]
    async fn after_transactions_that_ended_by_themselves_the_next_one_is_committed() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("desk.db").display());
        let pools = Engine::Sqlite.open(&url).await.unwrap();
        (&pools.write).execute("create table t (x)").await.unwrap();

        let mut ended = pools.write.begin().await.unwrap();
        ended.execute("rollback").await.unwrap();
        drop(ended);
        let mut refused = pools.write.begin().await.unwrap();
        refused.execute("insert into t values (1)").await.unwrap();
        drop(refused);
        let mut next = pools.write.begin().await.unwrap();
        next.execute("insert into t values (2)").await.unwrap();
        next.commit().await.unwrap();

        let seen = sqlx::query("select group_concat(x) from t").fetch_one(&pools.read).await.unwrap();
        assert_eq!(seen.get::<String, _>(0), "2");
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(without_password("postgres://me:s@cret@host/db"), "postgres://…@host/db");
        assert_eq!(without_password("sqlite:a.db"), "sqlite:a.db");
    }

    #[test]
    fn odd_file_names_are_escaped() {
        assert_eq!(Engine::Sqlite.target("sqlite:a b?#.db"), "sqlite:a%20b%3F%23.db?mode=rwc");
        assert!(Engine::of("mysql://host/db").is_err());
    }
}
