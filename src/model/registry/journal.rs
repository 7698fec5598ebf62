//! What was done with the models of a tenant, and where that led: the content of one small file.

use serde::{Deserialize, Serialize};

/// How many entries are kept; each is the act of a person.
const KEPT: usize = 1_000;

/// Where things stand, and how that came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    /// The version in use; none for the base.
    pub current: Option<String>,
    /// The version in the shadow.
    pub shadow: Option<Shadow>,
    /// The oldest first.
    pub history: Vec<Entry>,
}

/// A version that reads messages along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shadow {
    /// The version.
    pub model: String,
    /// Percentage of the messages that it reads.
    pub percent: u8,
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What.
    pub what: What,
    /// The version that was made, or that was in use or in the shadow afterwards.
    pub model: String,
    /// Who asked for it.
    #[serde(flatten)]
    pub order: Order,
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A version was made here.
    Trained,
    /// A version was put into use.
    Promoted,
    /// What was in use before is so again.
    RolledBack,
    /// A version reads along.
    ShadowSet,
    /// None does any more.
    ShadowEnded,
}

/// Who asks for a change, when, and how that is told from other requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Identity of the request; one effect for each.
    pub request: String,
    /// Hash of what was asked for.
    pub content: String,
    /// Who.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// Whether a request was answered before.
pub(super) enum Answered<'a> {
    No,
    Yes(&'a Entry),
    OtherContent,
}

impl What {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trained => "trained",
            Self::Promoted => "promoted",
            Self::RolledBack => "rolled_back",
            Self::ShadowSet => "shadow_set",
            Self::ShadowEnded => "shadow_ended",
        }
    }
}

impl Journal {
    pub(super) fn answered(&self, order: &Order) -> Answered<'_> {
        match self.history.iter().find(|it| it.order.request == order.request) {
            None => Answered::No,
            Some(entry) if entry.order.content == order.content => Answered::Yes(entry),
            Some(_) => Answered::OtherContent,
        }
    }

    pub(super) fn add(&mut self, entry: Entry) {
        self.history.push(entry);
        self.history.drain(..self.history.len().saturating_sub(KEPT));
    }

    /// The versions that stand on each other above the base, the one in use last.
    pub(super) fn standing(&self) -> Vec<String> {
        let mut standing: Vec<String> = Vec::new();
        for Entry { what, model, .. } in &self.history {
            match what {
                What::Promoted => standing.push(model.clone()),
                What::RolledBack => {
                    standing.pop();
                    // Versions that could not be used were passed over; at the base none is left.
                    let landed = standing.iter().rposition(|it| it == model);
                    standing.truncate(landed.map_or(0, |it| it + 1));
                }
                What::Trained | What::ShadowSet | What::ShadowEnded => {}
            }
        }
        // The history may be too short to know; what is in use is known in any case.
        match &self.current {
            None => standing.clear(),
            Some(current) if standing.last() != Some(current) => standing.push(current.clone()),
            Some(_) => {}
        }
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(current: Option<&str>, done: &[(What, &str)]) -> Journal {
        let entry = |(what, model): &(What, &str)| Entry {
            what: *what,
            model: (*model).to_owned(),
            order: Order::default(),
        };
        let history = done.iter().map(entry).collect();
        Journal { current: current.map(str::to_owned), shadow: None, history }
    }

    #[test]
    fn promotions_stand_on_each_other_and_rolling_back_takes_them_off() {
        use What::{Promoted, RolledBack, ShadowSet, Trained};
        let done = [
            (Trained, "a"),
            (Promoted, "a"),
            (ShadowSet, "b"),
            (Promoted, "b"),
            (Promoted, "c"),
            (RolledBack, "b"),
        ];
        assert_eq!(journal(Some("b"), &done).standing(), ["a", "b"]);
        let passed_over = [(Promoted, "a"), (Promoted, "b"), (Promoted, "c"), (RolledBack, "a")];
        assert_eq!(journal(Some("a"), &passed_over).standing(), ["a"]);
        let to_the_base = [(Promoted, "a"), (RolledBack, "base")];
        assert_eq!(journal(None, &to_the_base).standing(), [""; 0]);
        let again = [(Promoted, "a"), (Promoted, "b"), (Promoted, "a"), (RolledBack, "b")];
        assert_eq!(journal(Some("b"), &again).standing(), ["a", "b"]);
    }

    #[test]
    fn what_is_in_use_is_known_without_its_history() {
        assert_eq!(journal(Some("x"), &[]).standing(), ["x"]);
    }

    #[test]
    fn the_oldest_entries_go() {
        let mut journal = journal(None, &[]);
        for at in 0..=KEPT as i64 {
            let order = Order { at, ..Order::default() };
            journal.add(Entry { what: What::Trained, model: "a".to_owned(), order });
        }
        assert_eq!((journal.history.len(), journal.history[0].order.at), (KEPT, 1));
    }
}
