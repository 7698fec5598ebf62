//! Time that does not count although the calendar is open: while a ticket waits for somebody, say.

use super::Timestamp;

/// A stretch that does not count; half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// Its first second.
    pub from: Timestamp,
    /// The second behind its last.
    pub to: Timestamp,
    /// Why, for people.
    pub why: &'static str,
}

/// Open stretches without the breaks, both in order, as Unix seconds.
pub(super) fn around(
    open: impl Iterator<Item = (i64, i64)>,
    breaks: &[Break],
) -> impl Iterator<Item = (i64, i64)> {
    Around { open, rest: None, breaks }
}

struct Around<'a, I> {
    open: I,
    /// What is left of an open stretch behind a break.
    rest: Option<(i64, i64)>,
    breaks: &'a [Break],
}

impl<I: Iterator<Item = (i64, i64)>> Iterator for Around<'_, I> {
    type Item = (i64, i64);

    fn next(&mut self) -> Option<(i64, i64)> {
        loop {
            let (from, to) = self.rest.take().or_else(|| self.open.next())?;
            let over = self.breaks.partition_point(|it| it.to.second() <= from);
            self.breaks = &self.breaks[over..];
            let Some(next) = self.breaks.first().filter(|it| it.from.second() < to) else {
                return Some((from, to));
            };
            let (begins, ends) = (next.from.second(), next.to.second());
            self.rest = (ends < to).then_some((ends.max(from), to));
            if from < begins {
                return Some((from, begins));
            }
        }
    }
}
