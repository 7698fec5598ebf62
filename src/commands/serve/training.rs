//! Shows the training of the first start: as a bar where somebody watches, else as two plain lines.

use std::io::{Write as _, stderr};

use crate::{clock::Stopwatch, commands::bar::Bar, model::train::Progress};

/// Nothing until the training reports something: later starts find the model and train nothing.
#[derive(Default)]
pub(super) struct Training {
    shown: Option<(Bar, Stopwatch)>,
}

impl Training {
    /// Shows how far it is.
    pub(super) fn hear(&mut self, progress: Progress) {
        let (bar, _) = self.shown.get_or_insert_with(|| (begin(), Stopwatch::start()));
        match progress {
            Progress::Warned(warning) => tracing::debug!(%warning, "the starter corpora have an oddity"),
            Progress::Working { stage, done, total } => bar.show(stage, done, total),
        }
    }

    /// Says that it is done, if there was anything to do.
    pub(super) fn finish(self) {
        if let Some((bar, watch)) = self.shown {
            bar.clear();
            // A log without this line loses nothing.
            drop(writeln!(
                stderr(),
                "The model is trained ({:.1} s), and kept for later starts.",
                watch.seconds()
            ));
        }
    }
}

fn begin() -> Bar {
    // A log without this line loses nothing.
    drop(writeln!(stderr(), "First start: training the text model."));
    Bar::new()
}
