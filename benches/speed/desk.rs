//! The server under test: the shipped program with its own folder and SQLite in it, as it comes, but
//! for the gate, which opens a ticket without asking so that one message is one ticket.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use sqlx::{Row as _, SqlitePool, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::{Outcome, process::Process};

/// A running desk.
pub(crate) struct Desk {
    pub(crate) process: Process,
    folder: TempDir,
}

impl Desk {
    /// Starts one on free ports; `redis` is where it publishes, and `models` a folder of models that
    /// another one has trained.
    pub(crate) fn start(program: &Path, redis: Option<&str>, models: Option<&Path>) -> Outcome<Self> {
        // In the build's folder, which is on a disk, where the system's own may be in memory.
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let data = folder.path().join("data");
        if let Some(models) = models {
            fs::create_dir_all(data.join("models"))?;
            for file in fs::read_dir(models)? {
                let file = file?;
                fs::copy(file.path(), data.join("models").join(file.file_name()))?;
            }
        }
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data"]).arg(&data);
        command.env("DISPATCH_GATE_UNCERTIFIED", "auto").env("NO_COLOR", "1");
        command.envs(redis.map(|url| ("DISPATCH_REDIS_URL", url)));
        let process = Process::start(command, &folder.path().join("log"))?;
        Ok(Self { process, folder })
    }

    /// Where everything of it lies.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its trained models.
    pub(crate) fn models(&self) -> PathBuf {
        self.folder.path().join("data/models")
    }

    /// How many tickets its database holds.
    pub(crate) async fn tickets(&self) -> Outcome<u64> {
        self.count("select count(*) from tickets").await
    }

    /// How many events it has committed.
    pub(crate) async fn events(&self) -> Outcome<u64> {
        self.count("select head from partitions").await
    }

    async fn count(&self, sql: &'static str) -> Outcome<u64> {
        let file = self.folder.path().join("data/dispatch.db");
        let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await?;
        let count: i64 = sqlx::query(sql).fetch_one(&pool).await?.try_get(0)?;
        pool.close().await;
        Ok(count.cast_unsigned())
    }
}
