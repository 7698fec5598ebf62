//! The Redis stream of one partition. A connection is made when it is needed and thrown away after any
//! fault: a reply that did not come in time must never be taken for the reply to the next question.

use std::{collections::HashMap, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisResult, Script, aio::MultiplexedConnection,
};

use super::{
    RelaySettings,
    entry::{EntryId, event_from, fields},
};
use crate::proto::v1;

/// Reaching Redis may take this long.
const CONNECT: Duration = Duration::from_secs(2);
/// An answer may take this long: a server that writes to a slow disk is slow, not gone.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a reader waits for the next entry; well below `ANSWER`.
const BLOCK: Duration = Duration::from_secs(1);

/// Redis did not do what was asked, or did not say so; which of the two is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("redis stream {key}: {why}")]
pub struct NoAnswer {
    key: String,
    why: String,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// All of it is in the stream.
    All,
    /// None of it is: the stream ends elsewhere, or is empty.
    Elsewhere(Option<EntryId>),
}

/// An entry as it lies in the stream; `None` if its fields are no event of ours.
pub type Entry = (EntryId, Option<v1::Event>);

/// One partition's stream.
pub struct PartitionStream {
    client: Client,
    connection: Option<MultiplexedConnection>,
    key: String,
    keep: u64,
    script: Script,
}

type Fields = HashMap<String, Vec<u8>>;
type Rows = Vec<(String, Fields)>;

impl PartitionStream {
    /// The stream of a partition; nothing is asked of Redis yet.
    pub fn new(settings: &RelaySettings, partition: u32) -> Result<Self, NoAnswer> {
        let key = key(partition);
        let client = Client::open(settings.url.as_str()).map_err(|it| NoAnswer {
            key: key.clone(),
            why: format!("redis.url is not usable, expected redis://host:port: {it}"),
        })?;
        let script = Script::new(include_str!("add.lua"));
        Ok(Self { client, connection: None, key, keep: settings.keep, script })
    }

    /// Its key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Adds events if the stream ends at `last`; without events it only compares.
    pub async fn add(&mut self, last: Option<EntryId>, events: &[v1::Event]) -> Result<Added, NoAnswer> {
        let script = self.script.clone();
        let mut call = script.key(self.key.as_str());
        call.arg(last.map_or_else(String::new, |it| it.to_string())).arg(self.keep);
        for event in events {
            let fields = fields(event);
            call.arg(EntryId::of(event).to_string()).arg(fields.len() * 2);
            for (name, value) in &fields {
                call.arg(*name).arg(value.as_slice());
            }
        }
        let mut connection = self.connected().await?;
        let answer: RedisResult<(i64, String)> = call.invoke_async(&mut connection).await;
        match self.heard(answer)? {
            (1, _) => Ok(Added::All),
            (_, last) if last.is_empty() => Ok(Added::Elsewhere(None)),
            (_, last) => Ok(Added::Elsewhere(Some(self.id(&last)?))),
        }
    }

    /// Where it ends; `None` if nothing was ever added since it was made or flushed.
    pub async fn end(&mut self) -> Result<Option<EntryId>, NoAnswer> {
        // No entry has this id, so the comparison fails and the answer is the true one.
        match self.add(Some(EntryId::START), &[]).await? {
            Added::All => Ok(None),
            Added::Elsewhere(last) => Ok(last),
        }
    }

    /// The newest entry that it still holds.
    pub async fn newest(&mut self) -> Result<Option<Entry>, NoAnswer> {
        let mut ask = redis::cmd("XREVRANGE");
        ask.arg(&self.key).arg("+").arg("-").arg("COUNT").arg(1);
        let rows: Rows = self.ask(&ask).await?;
        Ok(self.entries(rows)?.pop())
    }

    /// Entries after an id, in order.
    pub async fn after(&mut self, id: EntryId, limit: u32) -> Result<Vec<Entry>, NoAnswer> {
        let mut ask = redis::cmd("XREAD");
        ask.arg("COUNT").arg(limit).arg("STREAMS").arg(&self.key).arg(id.to_string());
        let rows: Option<Vec<(String, Rows)>> = self.ask(&ask).await?;
        self.entries(rows.into_iter().flatten().flat_map(|(_, rows)| rows).collect())
    }

    /// Waits for an entry after an id, for a second at most.
    pub async fn wait(&mut self, id: EntryId) -> Result<(), NoAnswer> {
        let mut ask = redis::cmd("XREAD");
        ask.arg("COUNT").arg(1).arg("BLOCK").arg(BLOCK.as_millis().to_string());
        ask.arg("STREAMS").arg(&self.key).arg(id.to_string());
        self.ask::<Option<Vec<(String, Rows)>>>(&ask).await?;
        Ok(())
    }

    async fn ask<T: FromRedisValue>(&mut self, ask: &Cmd) -> Result<T, NoAnswer> {
        let mut connection = self.connected().await?;
        let answer = ask.query_async(&mut connection).await;
        self.heard(answer)
    }

    async fn connected(&mut self) -> Result<MultiplexedConnection, NoAnswer> {
        if let Some(connection) = &self.connection {
            return Ok(connection.clone());
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER));
        let made = self.client.get_multiplexed_async_connection_with_config(&config).await;
        let connection = self.heard(made)?;
        self.connection = Some(connection.clone());
        Ok(connection)
    }

    fn heard<T>(&mut self, answer: RedisResult<T>) -> Result<T, NoAnswer> {
        answer.map_err(|error| {
            self.connection = None;
            self.fault(error.to_string())
        })
    }

    fn entries(&self, rows: Rows) -> Result<Vec<Entry>, NoAnswer> {
        rows.into_iter().map(|(id, fields)| Ok((self.id(&id)?, event_from(&fields)))).collect()
    }

    fn id(&self, text: &str) -> Result<EntryId, NoAnswer> {
        text.parse().map_err(|it: super::entry::NoEntryId| self.fault(it.to_string()))
    }

    fn fault(&self, why: String) -> NoAnswer {
        NoAnswer { key: self.key.clone(), why }
    }
}

/// The key of a partition's stream. The braces are Redis Cluster's hash tag, so that all keys of one
/// partition lie on one node.
pub fn key(partition: u32) -> String {
    format!("dispatch:{{{partition}}}")
}
