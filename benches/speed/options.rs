//! What the command line asks for.

use std::{path::PathBuf, time::Duration};

use crate::Outcome;

/// What to measure, and how long.
#[derive(Debug)]
pub(crate) struct Options {
    /// Be the echo instead.
    pub(crate) echo: bool,
    /// Repetitions of all paths.
    pub(crate) repetitions: usize,
    /// How long one path is measured in one repetition.
    pub(crate) length: Duration,
    /// Where the figures go as JSON.
    pub(crate) json: Option<PathBuf>,
    /// Another program to measure, to compare two versions of it.
    program: Option<PathBuf>,
    /// The rows to measure, such as `S4`; all if there are none.
    only: Vec<String>,
}

impl Options {
    /// Reads the arguments. `--bench` comes from cargo and says nothing.
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut options = Self {
            echo: false,
            repetitions: 5,
            length: Duration::from_secs(2),
            json: None,
            program: None,
            only: vec![],
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--bench" => {}
                "--echo" => options.echo = true,
                "--quick" => (options.repetitions, options.length) = (1, Duration::from_millis(700)),
                "--json" => options.json = Some(value()?.into()),
                "--program" => options.program = Some(value()?.into()),
                "--only" => options.only.extend(value()?.split(',').map(str::to_owned)),
                "--repetitions" => options.repetitions = value()?.parse::<usize>()?.max(1),
                "--seconds" => options.length = Duration::try_from_secs_f64(value()?.parse()?)?,
                _ => return Err(format!("unknown argument {argument}; there are {KNOWN}").into()),
            }
        }
        Ok(options)
    }

    /// The program to measure: the one that was built with this bench, unless another is named.
    pub(crate) fn program(&self) -> PathBuf {
        let own = || env!("CARGO_BIN_EXE_ticket-dispatch").into();
        self.program.clone().unwrap_or_else(own)
    }

    /// Whether a row is asked for.
    pub(crate) fn wants(&self, row: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|it| it == row)
    }
}

const KNOWN: &str = "--quick, --json FILE, --only S2,S4, --repetitions N, --seconds N, --program FILE";
