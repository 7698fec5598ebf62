//! The settings that can be said on the command line, and what is told when settings are wrong.

use std::{
    io::{Write as _, stderr},
    path::PathBuf,
    process::ExitCode,
};

use super::USAGE;
use crate::config::{self, Config, Fault, Flag};

/// Which desk a command works on; said on the command line, it wins over the environment and the file.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct DeskArgs {
    /// Settings file; deploy/desk.toml shows all settings [env: DISPATCH_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for the database and the models, made if it is missing [env: DISPATCH_DATA]
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<String>,
}

/// All settings that the command line knows.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct SettingsArgs {
    #[command(flatten)]
    pub(super) desk: DeskArgs,
    /// Where gRPC listens, such as 127.0.0.1:7400; port 0 takes a free one [env: DISPATCH_LISTEN]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where health, readiness and metrics listen, such as 127.0.0.1:7401 [env: DISPATCH_HTTP]
    #[arg(long, value_name = "ADDRESS")]
    http: Option<String>,
}

impl DeskArgs {
    /// These, and where they say nothing those said before the command.
    pub(super) fn over(self, before: Self) -> Self {
        Self { config: self.config.or(before.config), data: self.data.or(before.data) }
    }

    /// All settings; or, after every fault was told, the exit code.
    pub(super) fn load(self) -> Result<Config, ExitCode> {
        SettingsArgs { desk: self, ..SettingsArgs::default() }.load()
    }
}

impl SettingsArgs {
    /// Whether nothing was said.
    pub(super) fn is_empty(&self) -> bool {
        self.desk.config.is_none() && self.flags().is_empty()
    }

    /// Which desk; `None` if more than that was said.
    pub(super) fn desk_only(self) -> Option<DeskArgs> {
        (self.listen.is_none() && self.http.is_none()).then_some(self.desk)
    }

    /// These, and where they say nothing those said before the command.
    pub(super) fn over(self, before: Self) -> Self {
        Self {
            desk: self.desk.over(before.desk),
            listen: self.listen.or(before.listen),
            http: self.http.or(before.http),
        }
    }

    /// As the settings want them.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let said = [
            ("--listen", "listen", &self.listen),
            ("--http", "http", &self.http),
            ("--data", "data", &self.desk.data),
        ];
        let flag = |(name, key, value): (_, _, &Option<String>)| {
            value.clone().map(|value| Flag { name, key, value })
        };
        said.into_iter().filter_map(flag).collect()
    }

    /// All settings; or, after every fault was told, the exit code.
    pub(super) fn load(&self) -> Result<Config, ExitCode> {
        config::load(self.desk.config.as_deref(), self.flags()).map_err(|faults| {
            tell(&faults);
            ExitCode::from(USAGE)
        })
    }
}

fn tell(faults: &[Fault]) {
    let mut out = stderr().lock();
    // Nothing is left to do if even this cannot be written.
    drop(writeln!(out, "ticket-dispatch: these settings cannot work:"));
    for fault in faults {
        drop(writeln!(out, "  {fault}"));
    }
}
