//! A bar for work that takes its time, where somebody watches.

use std::io::{IsTerminal as _, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use crate::model::train::Stage;

/// The bar; nothing where nobody watches.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// An empty one.
    pub(super) fn new() -> Self {
        let bar = if stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{msg:18} {wide_bar} {pos}/{len} {elapsed}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Shows how far the training is.
    pub(super) fn show(&self, stage: Stage, done: usize, total: usize) {
        self.step(name(stage), done as u64, total as u64);
    }

    /// Shows how far any other work is.
    pub(super) fn step(&self, what: impl Into<String>, done: u64, total: u64) {
        self.0.set_message(what.into());
        self.0.set_length(total);
        self.0.set_position(done);
    }

    /// Takes it off the screen.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// What a part of a training is called.
pub(super) fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Reading => "reading messages",
        Stage::Calibrating => "calibrating",
        Stage::Fitting => "fitting",
    }
}
