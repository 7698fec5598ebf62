//! The conversation as somebody sees it on a terminal; the same without colours and prompts where
//! nobody watches.

use std::io::{self, Write, stderr, stdout};

use crate::{
    commands::paint::{Paint, in_style},
    proto::{v1, words::priority_from},
};

/// Columns of text; also fine in a narrow window.
const COLUMNS: usize = 76;

/// How to show things.
pub(super) struct Screen {
    watched: bool,
    paint: Paint,
    paint_faults: Paint,
}

impl Screen {
    pub(super) fn new(watched: bool) -> Self {
        Self { watched, paint: Paint::of(&stdout()), paint_faults: Paint::of(&stderr()) }
    }

    /// Whether somebody sits at it.
    pub(super) fn is_watched(&self) -> bool {
        self.watched
    }

    pub(super) fn greet(&self, out: &mut impl Write) -> io::Result<()> {
        if self.watched {
            let hint = "Say what you need, in English or Chinese; a number takes a choice; Ctrl-D ends.";
            writeln!(out, "{}\n", in_style(self.paint.faint, hint))?;
        }
        Ok(())
    }

    pub(super) fn prompt(&self, out: &mut impl Write) -> io::Result<()> {
        if self.watched {
            write!(out, "{} ", in_style(self.paint.key, "you >"))?;
            out.flush()?;
        }
        Ok(())
    }

    /// Repeats what was said where no terminal has shown it, so that the output reads as a conversation.
    pub(super) fn echo(&self, out: &mut impl Write, typed: &str) -> io::Result<()> {
        if self.watched { Ok(()) } else { writeln!(out, "> {}", plain(typed)) }
    }

    /// Ends the line on which the prompt still waits.
    pub(super) fn part(&self, out: &mut impl Write) -> io::Result<()> {
        if self.watched { writeln!(out) } else { Ok(()) }
    }

    pub(super) fn show(&self, out: &mut impl Write, reply: &v1::SendMessageResponse) -> io::Result<()> {
        for line in wrapped(&plain(&reply.text), COLUMNS) {
            writeln!(out, "{line}")?;
        }
        for (number, choice) in (1..).zip(&reply.choices) {
            let number = in_style(self.paint.key, format_args!("{number:>4}"));
            writeln!(out, "{number}  {}", plain(&choice.label))?;
        }
        if let Some(ticket) = &reply.ticket {
            writeln!(out, "{}", in_style(self.paint.faint, summary(ticket)))?;
        }
        writeln!(out)?;
        out.flush()
    }

    pub(super) fn show_fault(
        &self,
        out: &mut impl Write,
        message: &str,
        violations: &[String],
    ) -> io::Result<()> {
        writeln!(out, "{}", in_style(self.paint_faults.wrong, plain(message)))?;
        // A message that names a field has said it already.
        let more = violations.iter().filter(|it| !message.contains(it.as_str()));
        more.into_iter().try_for_each(|it| writeln!(out, "  {}", plain(it)))
    }
}

/// The ticket in one line.
fn summary(ticket: &v1::TicketSummary) -> String {
    let priority = priority_from(ticket.priority).map_or("", |it| it.as_str());
    let who = if ticket.agent.is_empty() { &ticket.group } else { &ticket.agent };
    let mut parts = vec![ticket.number.as_str(), priority, who];
    let due = format!("due {}", ticket.resolution_due);
    if !ticket.resolution_due.is_empty() {
        parts.push(&due);
    }
    let parts: Vec<_> = parts.into_iter().filter(|it| !it.is_empty()).map(plain).collect();
    format!("[{}]", parts.join(" · "))
}

/// Without what a terminal would obey: what others wrote must not move somebody's cursor.
fn plain(text: &str) -> String {
    text.chars().filter(|it| !it.is_control() || *it == '\n').collect()
}

/// Lines of at most so many columns. Chinese may be broken anywhere, other text between words.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for piece in pieces(paragraph) {
            if !line.is_empty() && width(&line) + width(piece.trim_end()) > columns {
                lines.push(line.trim_end().to_owned());
                line.clear();
            }
            line.push_str(piece);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// What is not broken: a word with the space behind it, or one wide character.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, it) in text.char_indices() {
        // A full stop or comma stays with what it follows.
        let may_break = before.is_some_and(|b: char| b == ' ' && it != ' ' || is_wide(b) && !is_stop(it));
        let may_break = may_break || (is_wide(it) && !is_stop(it));
        if may_break && start < at {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(it);
    }
    pieces.push(&text[start..]);
    pieces
}

fn width(text: &str) -> usize {
    text.chars().map(|it| if is_wide(it) { 2 } else { 1 }).sum()
}

/// Takes two columns: Chinese, Japanese, Korean, full-width forms, most emoji.
fn is_wide(it: char) -> bool {
    matches!(u32::from(it), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD)
}

fn is_stop(it: char) -> bool {
    matches!(it, '，' | '。' | '、' | '！' | '？' | '：' | '；' | '）' | '」' | '”' | ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_answers_are_wrapped_between_words() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("a\n\nb", 8), ["a", "", "b"]);
        assert_eq!(wrapped("unbreakable word", 4), ["unbreakable", "word"]);
        assert_eq!(wrapped("", 8), [""]);
    }

    #[test]
    fn chinese_is_wrapped_by_its_width_and_keeps_its_stops() {
        assert_eq!(wrapped("您的电脑。好的", 8), ["您的电", "脑。好的"]);
        assert!(wrapped(&"工单已创建，".repeat(30), 20).iter().all(|it| width(it) <= 20));
    }

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\r\nc"), "a[2Jb\nc");
    }
}
