//! Colours, where somebody watches and has not asked for none.

use std::io::IsTerminal;

use clap::builder::styling::{AnsiColor, Style};

use crate::config;

/// Styles for one output; all of them empty where nobody wants colours.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Paint {
    /// What matters most.
    pub(super) strong: Style,
    /// What can be overlooked.
    pub(super) faint: Style,
    /// What somebody can do.
    pub(super) key: Style,
    /// What went wrong.
    pub(super) wrong: Style,
    /// What might be better.
    pub(super) doubtful: Style,
    /// What is as it should be.
    pub(super) fine: Style,
}

impl Paint {
    /// For an output.
    pub(super) fn of(output: &impl IsTerminal) -> Self {
        if !output.is_terminal() || config::no_color() {
            return Self::default();
        }
        Self {
            strong: Style::new().bold(),
            faint: Style::new().dimmed(),
            key: Style::new().fg_color(Some(AnsiColor::Cyan.into())),
            wrong: Style::new().fg_color(Some(AnsiColor::Red.into())),
            doubtful: Style::new().fg_color(Some(AnsiColor::Yellow.into())),
            fine: Style::new().fg_color(Some(AnsiColor::Green.into())),
        }
    }
}

/// A text in a style.
pub(super) fn in_style(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A share of what should be right, in the style of how good it is.
pub(super) fn share(paint: &Paint, share: f64) -> String {
    let style = if share < 0.8 {
        paint.wrong
    } else if share < 0.9 {
        paint.doubtful
    } else {
        paint.fine
    };
    in_style(style, format_args!("{:>5.1} %", 100.0 * share))
}

/// The beginning of a message, in a line without control characters.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 90;
    let mut line: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    if LONGEST < text.chars().count() {
        line.push('…');
    }
    line
}
