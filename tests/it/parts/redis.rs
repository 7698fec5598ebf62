//! A Redis of one's own: append-only file on, kept over restarts, synced once a second as most are.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use redis::streams::StreamRangeReply;
use redis::{Client, Commands, Connection, FromRedisValue, RedisResult};
use tempfile::TempDir;

use super::installed::program;
use super::port::on_a_free_port;
use super::server::Server;

/// A stream's entry: the id, and the fields as they were added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) fields: BTreeMap<String, Vec<u8>>,
}

/// A running Redis; it may be stopped, killed and started again on the same data.
#[derive(Debug)]
pub(crate) struct Redis {
    server: Option<Server>,
    port: u16,
    // Declared last, so that the server has ended before its folder goes.
    folder: TempDir,
}

impl Redis {
    /// Starts an empty Redis.
    pub(crate) fn start() -> Redis {
        let folder = TempDir::new().unwrap();
        let (server, port) = on_a_free_port("redis-server", |port| Ok((launch(port, folder.path())?, port)));
        Redis { server: Some(server), port, folder }
    }

    /// What a client connects to.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// Where it listens, for a proxy in front of it.
    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Where it keeps its data, while it lives.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it in an orderly way: everything is on disk afterwards.
    pub(crate) fn stop(&mut self) {
        self.server.take().expect("this Redis runs").stop();
    }

    /// Ends it as a crash would: what the operating system had taken in is kept.
    pub(crate) fn kill9(&mut self) {
        self.server.take().expect("this Redis runs").kill();
    }

    /// Starts it again, on the same port and the same data; one that still runs is stopped first.
    pub(crate) fn restart(&mut self) {
        if self.server.is_some() {
            self.stop();
        }
        self.server = Some(launch(self.port, self.folder.path()).unwrap());
    }

    /// Empties it, as an operator's mistake would; connections stay open.
    pub(crate) fn flushall(&self) {
        redis::cmd("FLUSHALL").exec(&mut self.connection()).unwrap();
    }

    /// All entries of a stream, oldest first; none if there is no such stream.
    pub(crate) fn entries(&self, stream: &str) -> Vec<Entry> {
        let found: StreamRangeReply = self.connection().xrange_all(stream).unwrap();
        let bytes = |value| Vec::<u8>::from_redis_value(value).unwrap();
        found
            .ids
            .into_iter()
            .map(|entry| Entry {
                id: entry.id,
                fields: entry.map.into_iter().map(|(name, value)| (name, bytes(value))).collect(),
            })
            .collect()
    }

    /// A connection of the test's own.
    pub(crate) fn connection(&self) -> Connection {
        connect(self.port).unwrap()
    }
}

fn connect(port: u16) -> RedisResult<Connection> {
    Client::open(format!("redis://127.0.0.1:{port}"))?.get_connection_with_timeout(Duration::from_secs(5))
}

fn launch(port: u16, folder: &Path) -> Result<Server, String> {
    let mut command = Command::new(program("redis-server"));
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--daemonize", "no"]);
    command.args(["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]);
    command.args(["--maxmemory-policy", "noeviction", "--dir"]).arg(folder);
    Server::start(command, folder, "TERM").ready(|server| is_ready(port, server.id()))
}

/// Ready means: the process that answers on this port is ours, and has read its file.
fn is_ready(port: u16, process: u32) -> bool {
    let info = connect(port).and_then(|mut redis| redis::cmd("INFO").query::<String>(&mut redis));
    info.is_ok_and(|info| {
        let says = |line: String| info.lines().any(|it| it == line);
        says(format!("process_id:{process}")) && says("loading:0".to_owned())
    })
}
