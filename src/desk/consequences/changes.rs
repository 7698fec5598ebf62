//! What the end of a change means for others: tickets that waited for it go on if it is done, and are told if it is not.
//! And what an incident is told when it is opened not long after a change of its assets.

use futures_util::future::join_all;

use super::{ACTOR, Cause};
use crate::{
    desk::{
        Desk,
        changes::{Near, ago},
        clocks, escalations,
        fault::Fault,
    },
    domain::{
        change::{Outcome, Review},
        id::TicketId,
        lifecycle::{HoldReason, State, Who},
        lookup::TicketRef,
        people::Caller,
        ticket::{Command, Event, MoveTo, Relation, Ticket, TicketKind},
    },
};

/// Changes that one incident is told of.
const TOLD: usize = 5;
/// Who says so, in histories.
const AUTHOR: &str = "changes";

impl Desk {
    /// Lets what waited for a change go on, or tells it that it waits in vain.
    pub(super) async fn follow_change(
        &self,
        cause: &Cause<'_>,
        change: &Ticket,
        to: State,
    ) -> Result<(), Fault> {
        if change.kind != TicketKind::Change || !matches!(to, State::Closed | State::Cancelled) {
            return Ok(());
        }
        let review = change.change.as_ref().and_then(|it| it.review.as_ref());
        let is_done = to == State::Closed && review.is_none_or(|it| it.outcome.is_done());
        let text = said(change, to, review);
        let settled = change.ties.related(Relation::Settles).map(|it| it.ticket);
        let works = settled.map(|it| self.follow_one_change(cause, change.id, it, (is_done, &text)));
        join_all(works).await.into_iter().collect()
    }

    async fn follow_one_change(
        &self,
        cause: &Cause<'_>,
        change: TicketId,
        waiting: TicketId,
        (is_done, text): (bool, &str),
    ) -> Result<(), Fault> {
        let Some(ticket) = self.store.ticket(cause.tenant, &TicketRef::Id(waiting)).await? else {
            return Ok(());
        };
        let mut waits_for_others = false;
        for other in ticket.ties.related(Relation::SettledBy).filter(|it| it.ticket != change) {
            let other = self.store.ticket(cause.tenant, &TicketRef::Id(other.ticket)).await?;
            waits_for_others |= other.is_some_and(|it| it.state.may_go_on());
        }
        let (actor, text) = (cause.consequence.event.actor.clone(), text.to_owned());
        self.command(cause, vec![waiting], move |unit, in_use, at| {
            escalations::escalate(&in_use.catalog, unit, waiting, at);
            let waits = |it: &&Ticket| {
                it.ties.has(Relation::SettledBy, change)
                    && it.state == State::OnHold
                    && it.hold == Some(HoldReason::Change)
            };
            let Some(ticket) = unit.ticket(waiting).filter(waits).cloned() else { return };
            unit.record(waiting, note(&text));
            if is_done && !waits_for_others {
                let back = MoveTo::new(ticket.at_work(), Who::System);
                let events = ticket.decide(Command::Move(Box::new(back)), &actor).unwrap_or_default();
                for event in events {
                    unit.record(waiting, event);
                }
            }
            clocks::settle(&in_use.catalog, unit, waiting);
        })
        .await
    }

    /// Tells an incident that was just opened of the changes that may be behind it: once, for whoever works on it.
    pub(super) async fn point_out(&self, cause: &Cause<'_>, incident: &Ticket) -> Result<(), Fault> {
        let caller = Caller::system(cause.tenant.clone(), ACTOR);
        let found = self.changes(&caller).recent(incident).await?;
        let lines: Vec<_> = found.iter().take(TOLD).map(|it| pointed(it, incident)).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let (id, text) = (incident.id, format!("A change may be behind it.\n{}", lines.join("\n")));
        self.command(cause, vec![id], move |unit, _, _| {
            if unit.ticket(id).is_some_and(|it| it.state.may_go_on()) {
                unit.follow(id, note(&text));
            }
        })
        .await
    }
}

/// What one change has to do with an incident, in a line.
fn pointed(it: &Near, incident: &Ticket) -> String {
    let Near { ticket: change, assets, .. } = it;
    let about = |tag: &String| change.assets.links.iter().any(|it| it.how.is_about() && it.tag == *tag);
    let named = assets.join(", ");
    let what = if assets.iter().all(about) { named } else { format!("what {named} hangs on") };
    let begun = change.change.as_ref().and_then(|it| it.begun).unwrap_or(change.opened);
    let (verb, when) = match change.resolved {
        Some(done) => ("changed", ago(done, incident.opened)),
        None => ("is changing", format!("begun {}", ago(begun, incident.opened))),
    };
    format!("{} {verb} {what}, {when}: {}", change.number, change.subject)
}

fn note(text: &str) -> Event {
    Event::Commented {
        author: AUTHOR.to_owned(),
        text: text.to_owned(),
        internal: true,
        by_requester: false,
        carried: None,
    }
}

/// What whoever waits is told.
fn said(change: &Ticket, to: State, review: Option<&Review>) -> String {
    let number = &change.number;
    let text = review.map(|it| it.text.trim()).filter(|it| !it.is_empty());
    let how = match (to, review.map(|it| it.outcome)) {
        (State::Cancelled, _) => "was cancelled; this still waits for it".to_owned(),
        (_, Some(Outcome::BackedOut)) => "was backed out; this still waits for it".to_owned(),
        (_, Some(Outcome::NotDone)) => "was not done; this still waits for it".to_owned(),
        (_, Some(Outcome::WithProblems)) => "is done, and not all went well".to_owned(),
        (_, Some(Outcome::Successful) | None) => "is done".to_owned(),
    };
    match text {
        Some(text) => format!("{number} {how}: {text}"),
        None => format!("{number} {how}."),
    }
}
