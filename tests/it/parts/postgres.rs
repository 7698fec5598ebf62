//! A PostgreSQL cluster of one's own, as durable as it comes: a copy of a template, with its own socket folder.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::installed::{Part, program};
use super::made_once::{copy, run, template};
use super::port::on_a_free_port;
use super::server::Server;
use crate::app::Settings;

/// A running cluster with one empty database; it may be stopped, killed and started again on the same data.
#[derive(Debug)]
pub(crate) struct Postgres {
    server: Option<Server>,
    port: u16,
    // Declared last, so that the server has ended before its folder goes.
    folder: TempDir,
}

impl Postgres {
    /// Starts a fresh cluster.
    pub(crate) fn start() -> Postgres {
        let folder = folder();
        copy(&cluster_template(), &folder.path().join("data"));
        let (server, port) = on_a_free_port("postgres", |port| Ok((launch(port, folder.path())?, port)));
        Postgres { server: Some(server), port, folder }
    }

    /// What a client connects to: the empty database, as its owner.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.address())
    }

    /// Where it listens, for a proxy in front of it.
    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Where it keeps its data, while it lives.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it at once, as an administrator would: clients are cut off.
    pub(crate) fn stop(&mut self) {
        self.server.take().expect("this PostgreSQL runs").stop();
    }

    /// Ends it as a crash would: the next start recovers from the log.
    pub(crate) fn kill9(&mut self) {
        self.server.take().expect("this PostgreSQL runs").kill();
    }

    /// Starts it again, on the same port and the same data; one that still runs is stopped first.
    pub(crate) fn restart(&mut self) {
        if self.server.is_some() {
            self.stop();
        }
        self.server = Some(launch(self.port, self.folder.path()).unwrap());
    }
}

/// A folder that the account which runs the server may enter; the system's own is for its maker alone.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    if let Some((user, group)) = account() {
        chown(folder.path(), Some(user), Some(group)).unwrap();
    }
    folder
}

/// PostgreSQL refuses to run as root, so root runs it as the account that the package made.
fn account() -> Option<(u32, u32)> {
    let number = |arguments: &[&str]| run(Command::new("id").args(arguments)).trim().parse::<u32>().unwrap();
    (number(&["-u"]) == 0).then(|| (number(&["-u", "postgres"]), number(&["-g", "postgres"])))
}

fn as_account(name: &str) -> Command {
    let mut command = Command::new(program(name));
    if let Some((user, group)) = account() {
        command.uid(user).gid(group);
    }
    command
}

fn cluster_template() -> PathBuf {
    let release = run(Command::new(program("postgres")).arg("--version"));
    let name: String = release
        .trim()
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() || it == '.' { it } else { '-' })
        .collect();
    template(&name, |unfinished| {
        // Made in a folder that the account may enter, which a build folder need not be.
        let folder = folder();
        let mut initdb = as_account("initdb");
        initdb.args([
            "-A",
            "trust",
            "-U",
            "postgres",
            "--locale=C.UTF-8",
            "--encoding=UTF8",
            "--no-sync",
            "-D",
            "data",
        ]);
        run(initdb.current_dir(folder.path()));
        copy(&folder.path().join("data"), unfinished);
    })
}

fn launch(port: u16, folder: &Path) -> Result<Server, String> {
    let data = folder.join("data");
    let mut command = as_account("postgres");
    command.arg("-D").arg(&data).arg("-k").arg(folder);
    command.args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
    // SIGQUIT ends the workers with the leader; a bare kill would leave its shared memory behind.
    Server::start(command, folder, "QUIT").ready(|server| is_ready(&data, server.id()))
}

/// The server writes into its own lock file who it is and when it takes connections, as `pg_ctl` reads it.
fn is_ready(data: &Path, process: u32) -> bool {
    let lock = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let lines: Vec<&str> = lock.lines().map(str::trim).collect();
    lines.first() == Some(&process.to_string().as_str()) && lines.get(7) == Some(&"ready")
}

/// Settings for SQLite, and for PostgreSQL if there is one.
pub(crate) fn settings_of_both() -> Vec<(Settings, Option<Postgres>)> {
    let mut both = vec![(Settings::default(), None)];
    if !Part::Postgres.is_missing() {
        let postgres = Postgres::start();
        let settings = Settings::default().env("DISPATCH_STORE_URL", &postgres.url());
        both.push((settings, Some(postgres)));
    }
    both
}
