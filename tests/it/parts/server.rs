//! A running server: a process group with a log, which ends with the test, however the test ends.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Reads until the test's end of the pipe is closed, then ends the group: politely, after five seconds by force.
const GUARDIAN: &str = r#"
read -r _
kill -s "$1" -- "-$2"
tries=0
while kill -s 0 -- "-$2" && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -s KILL -- "-$2"
rm -rf -- "$3"
"#;

/// One server process with its children.
#[derive(Debug)]
pub(crate) struct Server {
    leader: Child,
    guardian: Child,
    quit: &'static str,
    folder: PathBuf,
}

impl Server {
    /// Starts the command in the folder, where its output goes to `server.log`; `quit` is the signal that stops it.
    pub(crate) fn start(mut command: Command, folder: &Path, quit: &'static str) -> Server {
        let log = File::options().create(true).append(true).open(folder.join("server.log")).unwrap();
        let leader = command
            .current_dir(folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let guardian = Command::new("sh")
            .args(["-c", GUARDIAN, "guardian", quit, &leader.id().to_string()])
            .arg(folder)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Server { leader, guardian, quit, folder: folder.to_owned() }
    }

    /// The process id of the group's first process.
    pub(crate) fn id(&self) -> u32 {
        self.leader.id()
    }

    /// Waits until the server is ready; an error, with the end of its log, if it ends or hangs instead.
    pub(crate) fn ready(mut self, mut is_ready: impl FnMut(&Server) -> bool) -> Result<Server, String> {
        let deadline = Instant::now() + Duration::from_secs(90);
        while Instant::now() < deadline {
            if self.leader.try_wait().unwrap().is_some() {
                return Err(self.log());
            }
            if is_ready(&self) {
                return Ok(self);
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err(format!("not ready after 90 s\n{}", self.log()))
    }

    /// Ends the server as its owner would, and by force if it takes longer than ten seconds.
    pub(crate) fn stop(mut self) -> Option<ExitStatus> {
        self.end(self.quit);
        self.leader.try_wait().ok().flatten()
    }

    /// Ends the server as a power cut would.
    pub(crate) fn kill(mut self) {
        self.end("KILL");
    }

    fn end(&mut self, how: &str) {
        signal(how, self.leader.id());
        if !within(Duration::from_secs(10), || self.leader.try_wait().is_ok_and(|status| status.is_some())) {
            signal("KILL", self.leader.id());
            self.leader.wait().ok();
        }
        // Workers of a server may outlive it for a moment, and hold its port and its files.
        signal("KILL", self.leader.id());
        within(Duration::from_secs(10), || processes_in(&self.folder).is_empty());
        self.guardian.kill().ok();
        self.guardian.wait().ok();
    }

    fn log(&self) -> String {
        let log = fs::read(self.folder.join("server.log")).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(4_000)..]).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.guardian.try_wait().is_ok_and(|status| status.is_none()) {
            self.end(self.quit);
        }
    }
}

/// Polls a fact until it holds; false if it does not in time.
pub(crate) fn within(time: Duration, mut fact: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + time;
    loop {
        if fact() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// The processes that work in a folder, from the system's own table of processes.
pub(crate) fn processes_in(folder: &Path) -> Vec<u32> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .flatten()
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .filter(|id: &u32| {
            fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|place| place.starts_with(folder))
        })
        .collect()
}

/// The shell's own `kill` is everywhere; a process group that has ended already is no fault.
fn signal(name: &str, group: u32) {
    Command::new("sh")
        .args(["-c", r#"kill -s "$1" -- "-$2""#, "signal", name, &group.to_string()])
        .stderr(Stdio::null())
        .status()
        .ok();
}
