//! A server in a process of its own: started, asked for its CPU time, ended.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use crate::Outcome;

/// A running server.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Kept open, so that the server may still print.
    _said: BufReader<ChildStdout>,
    /// Where its gRPC listens, as a client wants it.
    pub(crate) address: String,
}

/// A tick of the kernel's accounts: a hundredth of a second on every Linux.
const TICK: f64 = 0.01;

impl Process {
    /// Starts a server that prints `gRPC on ADDRESS` once it is ready; its log goes to a file.
    pub(crate) fn start(mut command: Command, log: &Path) -> Outcome<Self> {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(log)?).spawn()?;
        let mut said = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut line = String::new();
        while said.read_line(&mut line)? > 0 {
            if let Some(address) = line.trim().strip_prefix("gRPC on ") {
                let address = format!("http://{address}");
                return Ok(Self { child, _said: said, address });
            }
            line.clear();
        }
        child.wait()?;
        Err(format!("the server ended: {}", fs::read_to_string(log)?).into())
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as its owner would, and waits for that.
    pub(crate) fn stop(&mut self) -> Outcome<()> {
        let id = self.child.id().to_string();
        Command::new("sh").args(["-c", "kill -s TERM \"$0\"", &id]).status()?;
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("the server did not stop in 20 s".into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already if all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seconds of CPU that a process has used; 0 where the system does not tell.
pub(crate) fn cpu(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in brackets may hold anything, spaces too.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = |place| fields.split_whitespace().nth(place).and_then(|it| it.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) * TICK
}
