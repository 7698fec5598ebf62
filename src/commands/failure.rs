//! Why a command about text models did not do its work, and the end of all of them.

use std::{
    io::{Write as _, stderr},
    path::PathBuf,
    process::ExitCode,
};

use super::is_enough;
use crate::model::{
    artifact::ArtifactError, cross_validation::CrossError, gate::certify::CertifyError, readers::ReadError,
    train::TrainError,
};

/// Why it did not.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Train(#[from] TrainError),
    #[error(transparent)]
    Cross(#[from] CrossError),
    #[error(transparent)]
    Certify(#[from] CertifyError),
    /// Names its file itself.
    #[error(transparent)]
    File(#[from] ArtifactError),
    #[error("{path}: {source}", path = path.display())]
    Model { path: PathBuf, source: ArtifactError },
    #[error("{0}: this catalogue cannot be used; `ticket-dispatch check` says what is wrong with it")]
    Catalog(String),
    #[error("{path}: cannot be written: {source}", path = path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{path}: is read by this command; give --output another name", path = .0.display())]
    Overwrite(PathBuf),
    #[error("the result cannot be printed: {0}")]
    Print(#[from] std::io::Error),
}

/// Tells of a failure by the name of the command; a reader who has had enough is none.
pub(super) fn ended(command: &str, result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing is left to do if even the error cannot be written.
            drop(writeln!(stderr(), "{command}: {failure}"));
            ExitCode::FAILURE
        }
    }
}
