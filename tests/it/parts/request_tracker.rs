//! A Request Tracker 5 of one's own, over SQLite: a downstream ticket store that is real, and really slow.
//!
//! It has the queues General, Network, Hardware and Access, the custom fields DispatchKey and Impact, and one
//! account whose token may do a dispatcher's work. It takes seconds to start and sends no mail. Tests that start
//! one carry `request_tracker` in their name, by which the runner keeps them one at a time.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::installed::program;
use super::made_once::{copy, run, template};
use super::port::on_a_free_port;
use super::rest;
use super::server::Server;

const SEED: &str = include_str!("request_tracker.pl");

/// A running tracker; it may be stopped, killed and started again on the same tickets.
#[derive(Debug)]
pub(crate) struct RequestTracker {
    server: Option<Server>,
    port: u16,
    token: String,
    // Declared last, so that the server has ended before its folder goes.
    folder: TempDir,
}

impl RequestTracker {
    /// Starts a tracker without tickets.
    pub(crate) fn start() -> RequestTracker {
        let folder = TempDir::new().unwrap();
        let seeded = seeded();
        copy(&seeded.join("rt.db"), folder.path());
        let token = fs::read_to_string(seeded.join("token")).unwrap();
        let (server, port) =
            on_a_free_port("request tracker", |port| Ok((launch(port, folder.path(), &token)?, port)));
        RequestTracker { server: Some(server), port, token, folder }
    }

    /// Its root, below which `/REST/2.0` lies.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Where it listens, for a proxy in front of it.
    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// For the header `Authorization: token …`.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Where it keeps its tickets, while it lives.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How many tickets carry this dispatch key: one, if the sink did its work.
    pub(crate) fn tickets_with_key(&self, key: &str) -> u64 {
        let query = rest::encoded(&format!("CF.{{DispatchKey}} = '{key}'"));
        let path = format!("/REST/2.0/tickets?query={query}");
        let reply = rest::get(self.address(), &path, &self.token).unwrap();
        assert_eq!(reply.status, 200, "{}", reply.body);
        let found: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
        found["total"].as_u64().unwrap_or_else(|| panic!("a total in {}", reply.body))
    }

    /// Ends it in an orderly way.
    pub(crate) fn stop(&mut self) {
        self.server.take().expect("this tracker runs").stop();
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) {
        self.server.take().expect("this tracker runs").kill();
    }

    /// Starts it again, on the same port and the same tickets; one that still runs is stopped first.
    pub(crate) fn restart(&mut self) {
        if self.server.is_some() {
            self.stop();
        }
        self.server = Some(launch(self.port, self.folder.path(), &self.token).unwrap());
    }
}

/// A folder with the seeded database and the token, made once for each release and each seed.
fn seeded() -> PathBuf {
    let name = format!("request-tracker-{:08x}", checksum(SEED));
    template(&name, |folder| {
        fs::create_dir_all(folder).unwrap();
        let configured = |name: &str| {
            let mut command = Command::new(name);
            configure(&mut command, folder, 80);
            command
        };
        let init = ["--action", "init", "--dba", "", "--dba-password", ""];
        run(configured(&program("rt-setup-database-5").to_string_lossy()).args(init));
        let said = run(configured("perl").args(["-e", SEED]));
        let token = said.lines().last().expect("the seed prints the token");
        fs::write(folder.join("token"), token).unwrap();
    })
}

fn launch(port: u16, folder: &Path, token: &str) -> Result<Server, String> {
    let mut command = Command::new(program("plackup"));
    command.args(["-s", "Starlet", "--workers=2", "--host", "127.0.0.1", "--port", &port.to_string()]);
    command.args(["-E", "deployment"]).arg(program("rt-server"));
    configure(&mut command, folder, port);
    let address = (Ipv4Addr::LOCALHOST, port).into();
    let answers =
        || rest::get(address, "/REST/2.0/queue/General", token).is_ok_and(|reply| reply.status == 200);
    Server::start(command, folder, "TERM").ready(|_| answers())
}

/// Everything that it writes stays in its own folder, and mail goes into a file.
fn configure(command: &mut Command, folder: &Path, port: u16) {
    for name in ["conf.d", "mason", "session"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    let place = folder.display();
    let config = folder.join("RT_SiteConfig.pm");
    let lines = [
        "Set($rtname, 'dispatch.test'); Set($Organization, 'dispatch.test'); Set($Timezone, 'UTC');"
            .to_owned(),
        format!("Set($WebDomain, '127.0.0.1'); Set($WebPort, {port}); Set($WebPath, '');"),
        format!("Set($DatabaseType, 'SQLite'); Set($DatabaseName, '{place}/rt.db');"),
        "Set($DatabaseUser, ''); Set($DatabasePassword, '');".to_owned(),
        "Set($LogToSTDERR, 'warning'); Set($LogToSyslog, undef); Set($MailCommand, 'testfile');".to_owned(),
        "Set($WebSessionClass, 'Apache::Session::File'); Set($RestrictReferrer, 0);".to_owned(),
        format!("$RT::MasonDataDir = '{place}/mason'; $RT::MasonSessionDir = '{place}/session';"),
        "1;".to_owned(),
    ];
    fs::write(&config, lines.join("\n")).unwrap();
    command.env("RT_SITE_CONFIG", config).env("RT_SITE_CONFIG_DIR", folder.join("conf.d"));
    // Mail that is "sent" into a file lands in the folder for temporary files.
    command.env("TMPDIR", folder);
}

/// FNV-1a: stable between builds, unlike the standard library's hashes.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
