//! A running server, which a command asks.

use std::{io, process::ExitCode};

use super::{failed, is_enough};
use crate::{
    client::{self, Client},
    config,
};

/// Which server a command asks, and as whom.
#[derive(Debug, clap::Args)]
pub(super) struct ServerArgs {
    /// Address of the running server
    #[arg(long, value_name = "URL", default_value = "127.0.0.1:7400")]
    connect: String,
    /// API token for the server [env: DISPATCH_TOKEN]
    #[arg(long)]
    token: Option<String>,
}

impl ServerArgs {
    /// A client of it. Must be called within a runtime.
    pub(super) fn client(&self) -> Result<Client, client::Fault> {
        let token = self.token.clone().or_else(config::token);
        Client::new(&client::url(&self.connect), token.as_deref())
    }
}

/// Why a command that asks a server has failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Client(#[from] client::Fault),
    #[error("the result cannot be printed: {0}")]
    Print(#[from] io::Error),
}

/// Asks, and tells of a failure; a reader who has had enough is none. The answer is whether all is in order.
pub(super) fn ask_or_tell(ask: impl Future<Output = Result<bool, Failure>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(format_args!("cannot start: {error}")),
    };
    match runtime.block_on(ask) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
        Err(failure) => failed(failure),
    }
}
