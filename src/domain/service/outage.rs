//! When a service was down, as its incidents and changes tell.

use crate::domain::{
    change::Span,
    lifecycle::{CancelReason, State},
    priority::Impact,
    ticket::{Relation, Ticket, TicketKind},
    time::Timestamp,
};

/// A stretch in which a ticket said that its service was down: an incident, while it was not resolved and felt by as many; a
/// change that takes the service down, while it was carried out. An incident that was taken up again was never resolved:
/// its stretch goes on; that of a change begins anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Id of the service.
    pub service: String,
    /// How many felt it.
    pub impact: Impact,
    /// Since when.
    pub from: Timestamp,
    /// Until when; nothing while it lasts.
    pub to: Option<Timestamp>,
    /// What of it was planned, by a change: the time of its window; nothing of an incident is.
    pub planned: Option<Span>,
}

/// What comes of an event for what a ticket tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A stretch; one that begins at the same moment is meant anew.
    Stretch(Outage),
    /// It was nothing, all the time.
    Nothing,
}

impl Outage {
    /// What a ticket tells now. An incident of one person tells nothing: theirs does not work, the service does.
    fn of(ticket: &Ticket) -> Option<Self> {
        let (service, to) = (ticket.service.clone(), ticket.resolved.filter(|_| !ticket.state.is_open()));
        if let Some(change) = ticket.change.as_ref().filter(|it| it.plan.risk.down) {
            let planned = change.scheduled.as_ref().map(|it| it.window);
            // One that was taken up again did not take it down in between.
            let (from, impact) =
                (change.begun?.max(ticket.course.impact_since.unwrap_or_default()), Impact::Site);
            return (ticket.state != State::Cancelled).then_some(Self { service, impact, from, to, planned });
        }
        let is_part = ticket.ties.related(Relation::MergedInto).next().is_some();
        let is_felt = ticket.kind == TicketKind::Incident && ticket.impact > Impact::Person;
        if !is_felt || is_part || ticket.state == State::Cancelled {
            return None;
        }
        let from = ticket.course.impact_since.unwrap_or(ticket.opened);
        Some(Self { service, impact: ticket.impact, from, to, planned: None })
    }

    /// What comes of an event at some moment. Where a ticket says something else of its service than before, what it said
    /// ends there and was true until then; an incident that is cancelled was none, unless another one has it.
    pub fn told(before: Option<&Ticket>, after: &Ticket, at: Timestamp) -> Vec<Told> {
        let is_void = |it: &Ticket| {
            let is_elsewhere = it.course.cancel == Some(CancelReason::Duplicate);
            it.kind == TicketKind::Incident && it.state == State::Cancelled && !is_elsewhere
        };
        if is_void(after) {
            return before.filter(|it| !is_void(it)).map(|_| Told::Nothing).into_iter().collect();
        }
        let (old, new) = (before.and_then(Self::of), Self::of(after));
        if old == new {
            return vec![];
        }
        let goes_on = |it: &Self| new.as_ref().is_some_and(|new| new.from == it.from);
        let ends = |it: Self| Self { to: it.to.or(Some(at)), ..it };
        let ended = old.filter(|it| !goes_on(it)).map(ends);
        ended.into_iter().chain(new.clone()).map(Told::Stretch).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::domain::ticket::{Event, Moved, Update, tests::ticket};

    /// What happens to an incident.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        Felt(Impact),
        Resolved,
        Reopened,
    }

    fn event(step: Step, ticket: &Ticket) -> Option<Event> {
        match step {
            Step::Felt(impact) => Some(Event::Updated(Update { impact: Some(impact), ..Update::default() })),
            Step::Resolved => {
                ticket.state.is_open().then(|| Event::Moved(Moved::new(ticket.state, State::Resolved)))
            }
            Step::Reopened => (ticket.state == State::Resolved)
                .then(|| Event::Moved(Moved::new(State::Resolved, State::Assigned))),
        }
    }

    /// The stretches that are kept after these steps, one second each, and the ticket.
    fn kept(steps: &[Step]) -> (Vec<Outage>, Ticket) {
        let (mut now, mut kept) = (ticket(), vec![]);
        for (second, step) in (1..).zip(steps) {
            let Some(event) = event(*step, &now) else { continue };
            let at = Timestamp::from_second(second);
            let after = now.clone().apply(&event, at);
            for it in Outage::told(Some(&now), &after, at) {
                let Told::Stretch(it) = it else {
                    kept.clear();
                    continue;
                };
                kept.retain(|old: &Outage| old.from != it.from);
                kept.push(it);
            }
            now = after;
        }
        (kept, now)
    }

    #[test]
    fn what_fewer_feel_later_was_felt_before() {
        let steps =
            [Step::Felt(Impact::Site), Step::Felt(Impact::Person), Step::Felt(Impact::Team), Step::Resolved];
        let (kept, ticket) = kept(&steps);
        let of = |it: &Outage| (it.impact, it.from.second(), it.to.map(|it| it.second()));
        let all: Vec<_> = kept.iter().map(of).collect();
        assert_eq!(all, [(Impact::Site, 1, Some(2)), (Impact::Team, 3, Some(4))]);
        let reopened =
            ticket.clone().apply(&event(Step::Reopened, &ticket).unwrap(), Timestamp::from_second(9));
        let again = Outage::told(Some(&ticket), &reopened, Timestamp::from_second(9));
        let [Told::Stretch(it)] = &again[..] else { panic!("{again:?}") };
        assert_eq!(of(it), (Impact::Team, 3, None));
    }

    proptest! {
        /// Each moment is told as what the ticket said at that moment, but for the time between a resolution and its end.
        #[test]
        fn each_moment_is_told_as_it_was(steps in vec(prop_oneof![
            prop::sample::select(&Impact::ALL[..]).prop_map(Step::Felt), Just(Step::Resolved), Just(Step::Reopened),
        ], 1..12)) {
            let end = i64::try_from(steps.len()).unwrap();
            let (all, _) = kept(&steps);
            for second in 0..=end {
                let at = Timestamp::from_second(second);
                let told: Vec<_> = all.iter().filter(|it| it.from <= at && it.to.is_none_or(|to| at < to)).collect();
                prop_assert!(told.len() <= 1, "{told:?}");
                let (_, then) = kept(&steps[..usize::try_from(second).unwrap()]);
                if then.state.is_open() {
                    let said = Some(then.impact).filter(|it| *it > Impact::Person);
                    prop_assert_eq!(told.first().map(|it| it.impact), said);
                }
            }
        }
    }
}
