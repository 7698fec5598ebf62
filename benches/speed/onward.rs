//! The way on into a Redis stream: how many messages a second get there, and how long after its answer
//! a ticket is seen by somebody who reads the stream.

use std::{
    collections::HashMap,
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use redis::{
    AsyncCommands, Client, FromRedisValue,
    aio::MultiplexedConnection,
    streams::{StreamInfoStreamReply, StreamReadOptions, StreamReadReply},
};
use tempfile::TempDir;
use ticket_dispatch::{proto::v1::event::Fact, stream::entry::event_from};
use tokio::task::JoinHandle;
use tonic::transport::Channel;

use crate::{
    Outcome,
    converse::{self, Conversing},
    desk::Desk,
    histogram::Histogram,
    load::Round,
    texts::{Source, number_of},
};

/// SQLite has one partition; the braces are part of the name, for Redis Cluster.
const STREAM: &str = "dispatch:{0}";
/// Longest wait for the stream to have everything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A Redis of one's own: append-only file on, synced once a second as most are.
pub(crate) struct Redis {
    server: Child,
    pub(crate) url: String,
    _folder: TempDir,
}

/// What the stream at half load gave.
#[derive(Debug, Clone, Default)]
pub(crate) struct HalfLoad {
    /// Messages a second that were sent.
    pub(crate) rate: f64,
    /// From a ticket's answer to its entry, as a reader sees it.
    pub(crate) delay: Histogram,
    pub(crate) tickets: u64,
    pub(crate) entries: u64,
}

impl Redis {
    /// Starts one, if it is installed.
    pub(crate) async fn start() -> Outcome<Option<Self>> {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
        command.args(["--appendonly", "yes", "--appendfsync", "everysec", "--dir"]).arg(folder.path());
        let Ok(server) = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn() else {
            return Ok(None);
        };
        let redis = Self { server, url: format!("redis://127.0.0.1:{port}"), _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(10);
        while redis.connect().await.is_err() {
            if Instant::now() > deadline {
                return Err("redis-server does not answer".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Some(redis))
    }

    async fn connect(&self) -> Outcome<MultiplexedConnection> {
        Ok(Client::open(self.url.as_str())?.get_multiplexed_async_connection().await?)
    }

    /// How many entries the stream ever got.
    pub(crate) async fn entries(&self) -> Outcome<u64> {
        let mut connection = self.connect().await?;
        // There is no stream before the first entry.
        let info: Result<StreamInfoStreamReply, _> = connection.xinfo_stream(STREAM).await;
        info.map_or(Ok(0), |it| position(&it.last_generated_id))
    }

    /// Waits until the stream has all that the desk has committed.
    pub(crate) async fn has_all(&self, desk: &Desk) -> Outcome<()> {
        let (committed, deadline) = (desk.events().await?, Instant::now() + PATIENCE);
        loop {
            let entries = self.entries().await?;
            if entries >= committed {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("after a minute the stream has {entries} of {committed} events").into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn position(id: &str) -> Outcome<u64> {
    Ok(id.rsplit_once('-').ok_or("no entry id")?.1.parse()?)
}

/// A round on a stream whose time ends only when Redis has every event of it.
pub(crate) async fn round(
    (desk, redis): (&Desk, &Redis),
    channel: Channel,
    source: &Arc<Source>,
    window: usize,
    length: Duration,
) -> Outcome<Round> {
    redis.has_all(desk).await?;
    let (before, start) = (redis.entries().await?, Instant::now());
    let round = converse::round(channel, source, window, length, desk.process.id()).await?;
    redis.has_all(desk).await?;
    let seconds = start.elapsed().as_secs_f64();
    // A message that opens a ticket is two events: the ticket, and the turn of the conversation.
    let answers = (redis.entries().await? - before) / 2;
    Ok(Round { answers, seconds, cpu: 0.0, ..round })
}

/// Sends so many messages a second, and sees when each ticket's entry can be read.
pub(crate) async fn half_load(
    redis: &Redis,
    channel: Channel,
    source: &Arc<Source>,
    rate: f64,
    length: Duration,
) -> Outcome<HalfLoad> {
    let reader = read(redis.connect().await?, redis.entries().await?);
    let mut stream = Conversing::open(channel, source, 4096).await?;
    let mut answered = HashMap::new();
    let (start, mut sent, mut tickets) = (Instant::now(), 0.0, 0);
    while start.elapsed() < length || stream.in_flight() > 0 {
        while start.elapsed() < length && sent < start.elapsed().as_secs_f64() * rate {
            stream.send().await?;
            sent += 1.0;
        }
        let wait = tokio::time::timeout(Duration::from_millis(1), stream.next()).await;
        if let Ok(answer) = wait {
            let (number, is_good, _) = answer?;
            answered.insert(number, Instant::now());
            tickets += u64::from(is_good);
        }
    }
    let seen = reader.await??;
    let mut half = HalfLoad { rate, tickets, entries: seen.len() as u64, delay: Histogram::default() };
    for (number, at) in seen {
        if let Some(answer) = answered.get(&number) {
            half.delay.record(at.saturating_duration_since(*answer));
        }
    }
    Ok(half)
}

/// Reads the stream behind a position until nothing comes any more: tickets opened, by their message.
fn read(mut connection: MultiplexedConnection, after: u64) -> JoinHandle<Outcome<HashMap<u64, Instant>>> {
    // A reply must come within the client's own half second, and quiet for so many of them is the end.
    const QUIET: usize = 6;
    let options = StreamReadOptions::default().block(250).count(512);
    tokio::spawn(async move {
        let (mut seen, mut last, mut quiet) = (HashMap::new(), format!("1-{after}"), 0);
        while quiet < QUIET {
            let reply: Option<StreamReadReply> =
                connection.xread_options(&[STREAM], &[&last], &options).await?;
            let now = Instant::now();
            quiet += 1;
            for entry in reply.into_iter().flat_map(|it| it.keys).flat_map(|it| it.ids) {
                quiet = 0;
                if let Some(number) = opened(&entry.map) {
                    seen.insert(number, now);
                }
                last = entry.id;
            }
        }
        Ok(seen)
    })
}

/// The number of the message that opened a ticket, if an entry tells of that.
fn opened(entry: &HashMap<String, redis::Value>) -> Option<u64> {
    let field = |(name, value): (&String, &redis::Value)| {
        Some((name.clone(), Vec::from_redis_value(value.clone()).ok()?))
    };
    let event = event_from(&entry.iter().filter_map(field).collect())?;
    matches!(event.fact, Some(Fact::TicketOpened(_))).then(|| number_of(&event.cause))?
}
