//! The shipped program, started as its owner would start it: on free ports, with a data folder of its own.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Output};
use std::time::Duration;

use tempfile::TempDir;
use ticket_dispatch::{client::Client, clock, domain::time::Timestamp, model::starter};
use tonic::transport::{Channel, Endpoint};

use crate::parts::installed::program;
use crate::parts::made_once;
use crate::parts::port::free_port;
use crate::parts::server::{Server, within};

/// What is said to the program at its start, beyond ports and folder.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    env: Vec<(String, String)>,
    config: String,
    room: Option<u32>,
    clock: bool,
}

impl Settings {
    /// A setting by its environment variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lines of the settings file.
    pub(crate) fn config(mut self, lines: &str) -> Self {
        self.config.push_str(lines);
        self
    }

    /// No file may grow beyond this, as on a disk that is full then; `App::make_room` lifts it.
    pub(crate) fn room(mut self, kibibytes: u32) -> Self {
        self.room = Some(kibibytes);
        self
    }

    /// A clock of its own, which `App::set_clock` moves; it stands at the real time until then.
    pub(crate) fn clock(mut self) -> Self {
        self.clock = true;
        self
    }

    /// The program, with such room as it has.
    fn program(&self) -> Command {
        let binary = env!("CARGO_BIN_EXE_ticket-dispatch");
        let Some(room) = self.room else { return Command::new(binary) };
        // An ignored signal stays ignored in the program, so that a write beyond the limit is an error and no end.
        let script = r#"trap '' XFSZ; ulimit -S -f "$1"; shift; exec "$@""#;
        let mut command = Command::new("sh");
        // The shell counts blocks of 512 bytes.
        command.args(["-c", script, "room", &(room * 2).to_string(), binary]);
        command
    }
}

/// A running program, or one between two runs.
#[derive(Debug)]
pub(crate) struct App {
    server: Option<Server>,
    settings: Settings,
    folder: TempDir,
    grpc: u16,
    http: u16,
}

impl App {
    /// Starts one that is ready to take calls.
    pub(crate) fn start(settings: Settings) -> App {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        made_once::copy(&model(), &folder.path().join("data/models"));
        let mut app = App { server: None, settings, folder, grpc: 0, http: 0 };
        // Another test may take a port first.
        for _ in 0..5 {
            app.grpc = free_port();
            app.http = std::iter::repeat_with(free_port).find(|it| *it != app.grpc).unwrap();
            match app.launch() {
                Ok(()) => return app,
                Err(why) if why.contains("is taken") => {}
                Err(why) => panic!("{why}"),
            }
        }
        panic!("other programs took five free ports in a row");
    }

    /// Starts it again on the same ports and data.
    pub(crate) fn restart(&mut self) {
        self.launch().unwrap();
    }

    fn launch(&mut self) -> Result<(), String> {
        let config = self.folder.path().join("desk.toml");
        fs::write(&config, &self.settings.config).unwrap();
        let mut command = self.settings.program();
        command.args(["serve", "--listen", &format!("127.0.0.1:{}", self.grpc)]);
        command
            .args(["--http", &format!("127.0.0.1:{}", self.http), "--data", "data", "--config"])
            .arg(config);
        command.envs(self.settings.env.iter().map(|(name, value)| (name, value)));
        if self.settings.clock {
            let file = self.clock_file();
            if !file.exists() {
                fs::write(&file, "+0").unwrap();
            }
            command.env("LD_PRELOAD", program("libfaketime"));
            command.env("FAKETIME_TIMESTAMP_FILE", file);
            command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        let http = self.http;
        let ready = |_: &Server| get(http, "/readyz").is_some_and(|(status, _)| status == 200);
        self.server = Some(Server::start(command, self.folder.path(), "TERM").ready(ready)?);
        Ok(())
    }

    /// Ends it as a power cut of the process would.
    pub(crate) fn kill(&mut self) {
        self.server.take().unwrap().kill();
    }

    /// Ends it as its owner would, and says how it ended.
    pub(crate) fn stop(&mut self) -> Option<ExitStatus> {
        self.server.take().unwrap().stop()
    }

    fn clock_file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    /// From now on it is this time for the program, in RFC 3339.
    pub(crate) fn set_clock(&self, time: &str) {
        let offset = Timestamp::parse(time).unwrap().second() - clock::now().second();
        // Replaced and not rewritten, so that nobody reads half of it.
        let new = self.folder.path().join("clock.new");
        fs::write(&new, format!("{offset:+}")).unwrap();
        fs::rename(new, self.clock_file()).unwrap();
    }

    /// Lets files grow again.
    pub(crate) fn make_room(&self) {
        let process = self.server.as_ref().unwrap().id().to_string();
        made_once::run(Command::new("prlimit").args(["--pid", &process, "--fsize=unlimited:"]));
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What it printed and logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    /// `http://127.0.0.1:PORT` of its gRPC side.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.grpc)
    }

    /// The port of its HTTP side.
    pub(crate) fn http(&self) -> u16 {
        self.http
    }

    /// A channel to it that connects when it is first used, and again after a restart.
    pub(crate) fn channel(&self) -> Channel {
        Endpoint::from_shared(self.url()).unwrap().timeout(Duration::from_secs(30)).connect_lazy()
    }

    /// A client with a token, or without one.
    pub(crate) fn client(&self, token: Option<&str>) -> Client {
        Client::new(&self.url(), token).unwrap()
    }

    /// A command of the same program beside the running one, in its folder and with its settings.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"));
        command.args(args).current_dir(self.folder.path());
        command.envs(self.settings.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Makes a token for one role of a tenant.
    pub(crate) fn token(&self, tenant: &str, role: &str) -> String {
        let subject = format!("{tenant}-{role}");
        let args = ["token", "--data", "data", "create", "--tenant", tenant, "--role", role, "--subject"];
        made_once::run(self.command(&args).arg(subject)).trim().to_owned()
    }

    /// What readiness says: the HTTP status, and the facts.
    pub(crate) fn readiness(&self) -> Option<(u16, serde_json::Value)> {
        let (status, body) = get(self.http, "/readyz")?;
        Some((status, serde_json::from_str(&body).ok()?))
    }

    /// Waits until nothing is left to publish or deliver; false if that does not happen in time.
    pub(crate) fn is_settled_within(&self, time: Duration) -> bool {
        within(time, || self.backlog() == Some(0))
    }

    /// Events that some stream or sink has not got yet, as the program itself says.
    pub(crate) fn backlog(&self) -> Option<u64> {
        self.readiness()?.1.get("backlog")?.as_u64()
    }
}

/// The starter model, trained once for all tests, and again when what it learns from has changed.
fn model() -> PathBuf {
    made_once::template(&starter::file_name(), |folder| {
        starter::starter(folder, &mut |_| ()).unwrap();
    })
    .join("models")
}

/// One HTTP GET, by hand: status and body. HTTP/1.0 is spoken so that the body ends with the connection.
pub(crate) fn get(port: u16, path: &str) -> Option<(u16, String)> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nhost: 127.0.0.1:{port}\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

/// What a command printed that did its work.
pub(crate) fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a command complained of that did not.
pub(crate) fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}
