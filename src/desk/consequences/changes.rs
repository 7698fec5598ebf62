//! What the end of a change means for others: tickets that waited for it go on if all is done that they wait for, and are
//! told if it is not.
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
        people::Caller,
        ticket::{Command, Event, MoveTo, Relation, Ticket, TicketKind},
    },
    store::Unit,
};

/// Changes that one incident is told of.
const TOLD: usize = 5;
/// Who says so, in histories.
const AUTHOR: &str = "changes";

impl Desk {
    /// Tells what waits for a change how it ended, and lets go on what waits for nothing else.
    pub(super) async fn follow_change(
        &self,
        cause: &Cause<'_>,
        change: &Ticket,
        to: State,
    ) -> Result<(), Fault> {
        let is_over = matches!(to, State::Closed | State::Cancelled);
        // What waits for a merged one waits for its survivor.
        if change.kind != TicketKind::Change || !is_over || change.ties.survivor().is_some() {
            return Ok(());
        }
        let review = change.change.as_ref().and_then(|it| it.review.as_ref());
        let text = said(change, to, review);
        let settled: Vec<_> = change.ties.related(Relation::Settles).map(|it| it.ticket).collect();
        let waiting = self.store.tickets_by_id(cause.tenant, &settled).await?;
        let works =
            waiting.values().map(|it| self.settle_by_changes(cause, it, News::Ended(change.id, &text)));
        join_all(works).await.into_iter().collect()
    }

    /// Ends the waiting of a ticket that is on hold for changes, once each of them is done: it goes back to work. As long as
    /// one is not, or came to nothing, it waits, in whatever order they end; whoever takes such a one away lets it go on.
    /// It is told of what is new.
    pub(super) async fn settle_by_changes(
        &self,
        cause: &Cause<'_>,
        ticket: &Ticket,
        news: News<'_>,
    ) -> Result<(), Fault> {
        if !waits(ticket) {
            return Ok(());
        }
        let (id, actor) = (ticket.id, cause.consequence.event.actor.clone());
        let behind = ticket.ties.related(Relation::SettledBy).map(|it| it.ticket);
        let wanted = [id].into_iter().chain(behind).collect();
        let is_less = matches!(news, News::Unlinked);
        let news = match news {
            News::Ended(change, text) => Some((change, text.to_owned())),
            News::Linked | News::Unlinked => None,
        };
        self.command(cause, wanted, move |unit, in_use, at| {
            escalations::escalate(&in_use.catalog, unit, id, at);
            let Some(ticket) = unit.ticket(id).filter(|it| waits(it)).cloned() else { return };
            if news.as_ref().is_some_and(|it| !ticket.ties.has(Relation::SettledBy, it.0)) {
                return;
            }
            let left = left(unit, &ticket);
            let is_free =
                left.as_ref().is_some_and(|it| it.open.is_empty() && (is_less || !it.done.is_empty()));
            let text = match (&news, &left) {
                (Some((_, text)), Some(left)) => Some(left.beside(text)),
                (Some((_, text)), None) => Some(text.clone()),
                (None, Some(left)) if is_free && left.done.is_empty() => {
                    Some("It waits for no change any more.".to_owned())
                }
                (None, Some(left)) if is_free => {
                    Some(format!("It waits for no change any more: {}.", left.done.join(", ")))
                }
                (None, _) => None,
            };
            let Some(text) = text else { return };
            unit.record(id, note(&text));
            if is_free {
                let back = MoveTo::new(ticket.at_work(), Who::System);
                let events = ticket.decide(Command::Move(Box::new(back)), &actor).unwrap_or_default();
                for event in events {
                    unit.record(id, event);
                }
            }
            clocks::settle(&in_use.catalog, unit, id);
        })
        .await
    }

    /// Tells an incident that was just opened of the changes that may be behind it: once, for whoever works on it.
    pub(super) async fn point_out(&self, cause: &Cause<'_>, incident: &Ticket) -> Result<(), Fault> {
        let caller = Caller::system(cause.tenant.clone(), ACTOR);
        let (found, more) = self.changes(&caller).recent(incident).await?;
        let mut lines: Vec<_> = found.iter().take(TOLD).map(|it| pointed(it, incident)).collect();
        if lines.is_empty() {
            return Ok(());
        }
        if more || TOLD < found.len() {
            lines.push("… and more: ListRecentChanges tells them".to_owned());
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

/// Why it is looked whether a ticket goes on that is on hold for changes.
#[derive(Debug, Clone, Copy)]
pub(super) enum News<'a> {
    /// It came to wait, or for one more.
    Linked,
    /// It waits for one less.
    Unlinked,
    /// One of them has ended, and what is said of that.
    Ended(TicketId, &'a str),
}

/// Whether a ticket is on hold for changes.
fn waits(ticket: &Ticket) -> bool {
    ticket.state == State::OnHold && ticket.hold == Some(HoldReason::Change)
}

/// The changes that a ticket waits for.
struct Left {
    /// Numbers of those that are done.
    done: Vec<String>,
    /// Of those that are not, with how they stand.
    open: Vec<(String, &'static str)>,
}

impl Left {
    /// What is said of the end of one of them, with what is left besides.
    fn beside(&self, text: &str) -> String {
        let others = self.open.iter().filter(|(number, _)| !text.starts_with(number.as_str()));
        let others: Vec<_> = others.map(|(number, how)| format!("{number} ({how})")).collect();
        if others.is_empty() {
            return text.to_owned();
        }
        format!("{text}\nThis still waits for {}.", others.join(", "))
    }
}

/// How the changes stand that a ticket waits for; nothing where that is not known here: one was linked this moment, or its
/// survivor will be, and whoever links comes by as well.
fn left(unit: &mut Unit<'_>, ticket: &Ticket) -> Option<Left> {
    let ids: Vec<_> = ticket.ties.related(Relation::SettledBy).map(|it| it.ticket).collect();
    let changes: Vec<Ticket> = ids.iter().filter_map(|it| unit.ticket(*it)).cloned().collect();
    let heirs = changes.iter().filter_map(|it| it.ties.survivor());
    if changes.len() != ids.len() || heirs.clone().any(|heir| !ids.contains(&heir.ticket)) {
        return None;
    }
    let mut left = Left { done: vec![], open: vec![] };
    for it in changes.iter().filter(|it| it.ties.survivor().is_none()) {
        unit.rely_on(it.id);
        let outcome = it.change.as_ref().and_then(|it| it.review.as_ref()).map(|it| it.outcome);
        match (it.state, outcome) {
            (State::Closed, None) => left.done.push(it.number.clone()),
            (State::Closed, Some(outcome)) if outcome.is_done() => left.done.push(it.number.clone()),
            (State::Closed, Some(outcome)) => left.open.push((it.number.clone(), outcome.as_str())),
            (state, _) => left.open.push((it.number.clone(), state.as_str())),
        }
    }
    Some(left)
}

/// What one change has to do with an incident, in a line.
fn pointed(it: &Near, incident: &Ticket) -> String {
    let Near { ticket: change, assets, .. } = it;
    let about = |tag: &String| change.assets.links.iter().any(|it| it.how.is_about() && it.tag == *tag);
    let named = assets.join(", ");
    let what = if assets.iter().all(about) { named } else { format!("what {named} hangs on") };
    let record = change.change.as_ref();
    let begun = record.and_then(|it| it.begun).unwrap_or(change.opened);
    let outcome = record.and_then(|it| it.review.as_ref()).map(|it| it.outcome);
    let (did, when) = match (change.resolved, outcome) {
        (Some(done), Some(Outcome::NotDone)) => {
            (format!("was to change {what} and did not"), ago(done, incident.opened))
        }
        (Some(done), Some(Outcome::BackedOut)) => {
            (format!("changed {what} and took it back"), ago(done, incident.opened))
        }
        (Some(done), Some(Outcome::Successful | Outcome::WithProblems) | None) => {
            (format!("changed {what}"), ago(done, incident.opened))
        }
        (None, _) => (format!("is changing {what}"), format!("begun {}", ago(begun, incident.opened))),
    };
    format!("{} {did}, {when}: {}", change.number, change.subject)
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
