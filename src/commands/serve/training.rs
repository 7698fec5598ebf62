//! Shows the training of the first start: as a bar where somebody watches, else as two plain lines.

use std::io::{IsTerminal as _, Write as _, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    clock::Stopwatch,
    model::train::{Progress, Stage},
};

/// Nothing until the training reports something: later starts find the model and train nothing.
#[derive(Default)]
pub(super) struct Training {
    shown: Option<(ProgressBar, Stopwatch)>,
}

impl Training {
    /// Shows how far it is.
    pub(super) fn hear(&mut self, progress: Progress) {
        let (bar, _) = self.shown.get_or_insert_with(|| (begin(), Stopwatch::start()));
        match progress {
            Progress::Warned(warning) => tracing::debug!(%warning, "the starter corpora have an oddity"),
            Progress::Working { stage, done, total } => {
                bar.set_message(match stage {
                    Stage::Reading => "reading messages",
                    Stage::Calibrating => "calibrating",
                    Stage::Fitting => "fitting",
                });
                bar.set_length(total as u64);
                bar.set_position(done as u64);
            }
        }
    }

    /// Says that it is done, if there was anything to do.
    pub(super) fn finish(self) {
        if let Some((bar, watch)) = self.shown {
            bar.finish_and_clear();
            // A log without this line loses nothing.
            drop(writeln!(
                stderr(),
                "The model is trained ({:.1} s), and kept for later starts.",
                watch.seconds()
            ));
        }
    }
}

fn begin() -> ProgressBar {
    // A log without this line loses nothing.
    drop(writeln!(stderr(), "First start: training the text model."));
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg:16} {wide_bar} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar
}
