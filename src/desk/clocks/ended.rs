//! What a report adds up of a ticket, next to what the ticket's history gives.

use std::collections::BTreeMap;

use crate::domain::{
    sla::{Ended, Goal, Outcome},
    time::Timestamp,
};

/// How goals of a ticket ended where that does not stand as its history gives it, each as it should stand. What was
/// never counted and is not to be is marked as open, which no report adds up.
///
/// Whether the ticket had a goal at all when it ended, only the catalogue of that time knew. What was due was one. Of
/// what was not, because its clock stood still, either is right; and so it is if the ticket's goals are others by now,
/// as `has` says.
pub(super) fn miscounted(
    stored: &[Outcome],
    history: &[Outcome],
    has: impl Fn(&Outcome) -> bool,
) -> Vec<Outcome> {
    let stored = last_words(stored);
    let given = last_words(history);
    let missing = given.iter().filter(|(key, it)| !stored.contains_key(*key) && it.had_due && has(it));
    let missing = missing.map(|(_, it)| (*it).clone());
    let wrong = stored.iter().filter_map(|(key, it)| match given.get(key) {
        Some(given) => (!is_same(it, given)).then(|| (*given).clone()),
        None => Some(Outcome { result: Ended::Open, ..(*it).clone() }),
    });
    missing.chain(wrong).collect()
}

/// Of each goal the last word, unless that is that it is open again: it counts as little as one that is not there.
fn last_words(all: &[Outcome]) -> BTreeMap<(Goal, Timestamp), &Outcome> {
    let last: BTreeMap<_, _> = all.iter().map(|it| ((it.goal, it.started), it)).collect();
    last.into_iter().filter(|(_, it)| it.result != Ended::Open).collect()
}

fn is_same(one: &Outcome, other: &Outcome) -> bool {
    let told = |it: &Outcome| (it.due, it.result, it.priority);
    told(one) == told(other)
        && one.policy == other.policy
        && one.group == other.group
        && one.service == other.service
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{id::TicketId, priority::Priority};

    fn ended(goal: Goal, result: Ended) -> Outcome {
        Outcome {
            ticket: TicketId::from_bytes([1; 16]),
            goal,
            started: Timestamp(5),
            due: Timestamp(9),
            result,
            is_again: false,
            had_due: true,
            policy: "standard".into(),
            group: "network".into(),
            service: "it".into(),
            priority: Priority::P3,
        }
    }

    fn one(it: &Outcome) -> &[Outcome] {
        std::slice::from_ref(it)
    }

    #[test]
    fn what_stands_as_the_history_gives_it_is_right() {
        let (met, open) = (ended(Goal::Ola, Ended::Met), ended(Goal::Ola, Ended::Open));
        assert_eq!(miscounted(one(&met), one(&met), |_| true), []);
        assert_eq!(miscounted(one(&open), &[met.clone(), open.clone()], |_| true), []);
        assert_eq!(miscounted(&[], &[met, open], |_| true), [], "open again is as good as never ended");
    }

    #[test]
    fn what_differs_or_is_missing_is_written_again_and_what_is_too_much_does_not_count() {
        let (met, missed) = (ended(Goal::Response, Ended::Met), ended(Goal::Response, Ended::Missed));
        assert_eq!(miscounted(one(&met), one(&missed), |_| true), one(&missed));
        assert_eq!(miscounted(&[], one(&missed), |_| true), [missed]);
        assert_eq!(miscounted(one(&met), &[], |_| true), [ended(Goal::Response, Ended::Open)]);
        let elsewhere = Outcome { group: "second".into(), ..met.clone() };
        assert_eq!(miscounted(&[elsewhere], one(&met), |_| true), [met]);
    }

    #[test]
    fn whether_there_was_a_goal_that_was_not_due_nobody_knows() {
        let met = Outcome { had_due: false, ..ended(Goal::Ola, Ended::Met) };
        assert_eq!(miscounted(&[], one(&met), |_| true), []);
        assert_eq!(miscounted(one(&met), one(&met), |_| true), []);
        assert_eq!(miscounted(&[], &[ended(Goal::Ola, Ended::Met)], |_| false), [], "the group has none now");
    }
}
