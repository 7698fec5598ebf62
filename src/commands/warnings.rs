//! Warnings of the same kind are counted and a few of them shown, not ten thousand lines.

use std::{
    collections::BTreeMap,
    io::{Write as _, stderr},
};

use serde::Serialize;

/// What a warning is about; the order is the order of printing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    UnknownColumns,
    LongMessages,
    Contradictions,
    Duplicates,
    LonelyLabels,
    LabelsAlike,
    UnknownLabels,
    NoChat,
    Learned,
    NotRecorded,
}

impl Kind {
    /// What there are more of.
    fn plural(self) -> &'static str {
        match self {
            Self::UnknownColumns => "files with columns that are passed over",
            Self::LongMessages => "messages that are too long",
            Self::Contradictions => "contradictions",
            Self::Duplicates => "repeated messages",
            Self::LonelyLabels => "labels with few examples",
            Self::LabelsAlike => "labels that differ in capitals only",
            Self::UnknownLabels => "unknown labels",
            Self::NoChat => "things that a chat will not know",
            Self::Learned => "validation messages that were learned from",
            Self::NotRecorded => "things that were not recorded",
        }
    }
}

/// The warnings of a command.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    kinds: BTreeMap<Kind, Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    count: usize,
    shown: Vec<String>,
}

/// Warnings of one kind, for `--json`.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    kind: Kind,
    count: usize,
    /// The first of them.
    examples: Vec<String>,
}

impl Warnings {
    /// How many of a kind are shown.
    const SHOWN: usize = 3;

    pub(super) fn add(&mut self, kind: Kind, told: impl FnOnce() -> String) {
        let Counted { count, shown } = self.kinds.entry(kind).or_default();
        *count += 1;
        if shown.len() < Self::SHOWN {
            shown.push(told());
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.kinds.values().map(|counted| counted.count).sum()
    }

    /// Says them on standard error.
    pub(super) fn print(&self) {
        let mut out = stderr().lock();
        // What cannot be written is not worth a failure: the result does not depend on it.
        for line in self.lines() {
            drop(writeln!(out, "warning: {line}"));
        }
    }

    fn lines(&self) -> Vec<String> {
        let of_kind = |(kind, Counted { count, shown }): (&Kind, &Counted)| {
            let more =
                (shown.len() < *count).then(|| format!("and {} more {}", count - shown.len(), kind.plural()));
            shown.iter().cloned().chain(more).collect::<Vec<_>>()
        };
        self.kinds.iter().flat_map(of_kind).collect()
    }

    /// For `--json`.
    pub(super) fn told(&self) -> Vec<Told> {
        let told = |(kind, counted): (&Kind, &Counted)| Told {
            kind: *kind,
            count: counted.count,
            examples: counted.shown.clone(),
        };
        self.kinds.iter().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_of_a_kind_are_counted() {
        let mut warnings = Warnings::default();
        (1..=1000).for_each(|line| warnings.add(Kind::Duplicates, || format!("line {line} again")));
        warnings.add(Kind::UnknownColumns, || "a.csv: 'id' passed over".into());
        assert_eq!(warnings.count(), 1001);
        assert_eq!(
            warnings.lines(),
            [
                "a.csv: 'id' passed over",
                "line 1 again",
                "line 2 again",
                "line 3 again",
                "and 997 more repeated messages",
            ]
        );
    }
}
