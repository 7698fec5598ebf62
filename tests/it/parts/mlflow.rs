//! An MLflow server of one's own: SQLite for the figures, a folder for the artifacts, which go through the server.

use std::{fs, net::TcpStream, path::Path, process::Command};

use serde_json::Value;
use tempfile::TempDir;

use super::{installed::program, port::on_a_free_port, server::Server};

/// A running MLflow.
#[derive(Debug)]
pub(crate) struct Mlflow {
    _server: Server,
    port: u16,
    // Declared last, so that the server has ended before its folder goes.
    _folder: TempDir,
}

impl Mlflow {
    /// Starts an empty one.
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let (server, port) = on_a_free_port("mlflow", |port| Ok((launch(port, folder.path())?, port)));
        Self { _server: server, port, _folder: folder }
    }

    /// What MLFLOW_TRACKING_URI says.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks it something.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let url = format!("{}/api/2.0/mlflow/{path}", self.url());
        let answer = reqwest::get(&url).await.unwrap().text().await.unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{url}: {error}: {answer}"))
    }
}

/// Its middleware answers loopback and private addresses by default; other hosts need --allowed-hosts.
fn launch(port: u16, folder: &Path) -> Result<Server, String> {
    let mut command = Command::new(program("mlflow"));
    command.args(["server", "--host", "127.0.0.1", "--workers", "1", "--port", &port.to_string()]);
    command.args(["--backend-store-uri", "sqlite:///mlflow.db", "--artifacts-destination", "artifacts"]);
    // No figures of our tests for its makers.
    command.env("MLFLOW_DISABLE_TELEMETRY", "true").env("HOME", folder);
    Server::start(command, folder, "TERM").ready(|_| {
        let log = fs::read_to_string(folder.join("server.log")).unwrap_or_default();
        log.contains("Application startup complete") && TcpStream::connect(("127.0.0.1", port)).is_ok()
    })
}
