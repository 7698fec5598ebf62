//! Records a command's run in MLflow, where MLFLOW_TRACKING_URI names a server.

use std::path::PathBuf;

use super::warnings::{Kind, Warnings};
use crate::{
    clock, config,
    model::evaluation::Evaluation,
    tracking::{self, Recorded, Run},
};

/// A run that began now.
pub(super) fn begin(command: &str) -> Run {
    Run { name: command.to_owned(), began: clock::now().0, ..Run::default() }
}

/// Records a run that ends now, filled by `fill` if there is a server; gives its id there. What could not be
/// recorded becomes warnings, for what the command was called for is done.
pub(super) fn end(mut run: Run, warnings: &mut Warnings, fill: impl FnOnce(&mut Run)) -> Option<String> {
    let server = match config::tracking() {
        Ok(server) => server?,
        Err(problem) => {
            warnings.add(Kind::NotRecorded, || problem);
            return None;
        }
    };
    fill(&mut run);
    run.ended = clock::now().0;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let recorded = match runtime {
        Ok(runtime) => runtime.block_on(tracking::record(&server, &run)),
        Err(error) => {
            Recorded { run: None, missing: vec![format!("nothing was recorded in MLflow: {error}")] }
        }
    };
    for missing in recorded.missing {
        warnings.add(Kind::NotRecorded, || missing);
    }
    recorded.run
}

/// Files, as a parameter.
pub(super) fn files(files: &[PathBuf]) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" ")
}

/// The figures of an evaluation, as metrics.
pub(super) fn figures(evaluation: &Evaluation) -> Vec<(String, f64, usize)> {
    let Evaluation { accuracy, macro_f1, ece, urgency, impact, out_of_scope, messages, .. } = evaluation;
    let figures = [
        ("accuracy", Some(*accuracy)),
        ("macro_f1", Some(*macro_f1)),
        ("ece", Some(*ece)),
        ("urgency", *urgency),
        ("impact", *impact),
        ("out_of_scope.auroc", out_of_scope.map(|it| it.auroc)),
        ("messages", Some(*messages as f64)),
    ];
    figures.into_iter().filter_map(|(name, figure)| Some((name.to_owned(), figure?, 0))).collect()
}
