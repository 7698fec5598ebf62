//! How far work is that takes its time: a bar where somebody watches, else a line now and then.

use std::{
    cell::Cell,
    io::{IsTerminal as _, Write as _, stderr},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{clock::Stopwatch, model::train::Stage};

/// Seconds from one line to the next where nobody watches; quick work says nothing there.
const PAUSE: f64 = 15.0;

/// How far something is.
pub(super) struct Bar {
    bar: ProgressBar,
    watched: bool,
    started: Stopwatch,
    /// When the last line was written, in seconds from the start.
    told: Cell<f64>,
}

impl Bar {
    /// An empty one.
    pub(super) fn new() -> Self {
        let watched = stderr().is_terminal();
        let bar = if watched { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{msg:18} {wide_bar} {pos}/{len} {elapsed}") {
            bar.set_style(style);
        }
        Self { bar, watched, started: Stopwatch::start(), told: Cell::new(0.0) }
    }

    /// Shows how far the training is.
    pub(super) fn show(&self, stage: Stage, done: usize, total: usize) {
        self.step(name(stage), done as u64, total as u64);
    }

    /// Shows how far any other work is.
    pub(super) fn step(&self, what: impl Into<String>, done: u64, total: u64) {
        let what = what.into();
        let seconds = self.started.seconds();
        if !self.watched && PAUSE <= seconds - self.told.get() {
            self.told.set(seconds);
            // What cannot be written is not worth a failure: the result does not depend on it.
            let of = if total == 0 { String::new() } else { format!(" of {total}") };
            drop(writeln!(stderr(), "{what}: {done}{of}, {seconds:.0} s"));
        }
        self.bar.set_message(what);
        self.bar.set_length(total);
        self.bar.set_position(done);
    }

    /// Takes it off the screen.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
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
