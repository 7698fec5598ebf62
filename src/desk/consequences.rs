//! What an event of one ticket means for others: the other side of a link, what a merged ticket leaves to its survivor,
//! the children of a parent that was resolved, the files that merged tickets have in common.
//!
//! The others may lie in other partitions, so this is not part of the transaction of the event: it is noted there, and
//! done after it, one command for each ticket, whose request id is the place of the event. Whoever does it, and however
//! often, it has one effect; a desk that was killed in between goes on where it was.

mod changes;
mod merges;
mod problems;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use self::{merges::left, problems::links_left};
use super::{
    Desk,
    catalogs::InUse,
    clocks, digest, escalations,
    fault::{Fault, undone},
};
use crate::{
    clock,
    domain::{
        id::{AttachmentId, TicketId},
        lifecycle::{State, Who},
        lookup::TicketRef,
        people::{Caller, Tenant},
        ticket::{Command, Event, Link, MoveTo, Moved, Relation, Ticket, Tied},
        time::Timestamp,
    },
    proto::{
        event::{Malformed, fact_from},
        v1::{self, event::Fact},
    },
    store::{Consequence, Undone, Unit, Wants, Work},
};

/// How often a look is taken when nothing has happened: another process may have committed, and ended.
const PAUSE: Duration = Duration::from_secs(1);
/// So long is waited for what could not be done.
const REST: Duration = Duration::from_secs(5);
/// Events looked at in one step.
const PAGE: u32 = 256;
/// Who it was, in logs.
const ACTOR: &str = "consequences";

impl Desk {
    /// Does what follows of events until the desk goes. What stands in the way of one does not stop the others.
    pub async fn follow_consequences(self) {
        let mut news = self.store.watch();
        loop {
            match self.draw().await {
                Ok(0) => drop(timeout(PAUSE, reaching(&mut news)).await),
                Ok(left) => {
                    tracing::warn!(events = left, "what follows of events cannot be done now");
                    tokio::time::sleep(REST).await;
                }
                Err(fault) => {
                    tracing::warn!(%fault, "what follows of events must wait");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    /// Does at once what follows, so that a caller finds it done. What cannot be done now is done later.
    pub(super) async fn draw_at_once(&self) {
        if let Err(fault) = self.draw().await {
            tracing::debug!(%fault, "what follows of an event is done later");
        }
    }

    /// Does what follows of all events, and says of how many it could not.
    async fn draw(&self) -> Result<usize, Fault> {
        let waiting = self.store.consequences(PAGE).await?;
        let mut left = 0;
        for it in waiting {
            match self.draw_one(&it).await {
                Ok(()) => self.store.strike_off(&it).await?,
                Err(fault) => {
                    tracing::debug!(partition = it.partition, position = it.position, %fault, "waits");
                    left += 1;
                }
            }
        }
        Ok(left)
    }

    async fn draw_one(&self, it: &Consequence) -> Result<(), Fault> {
        let Some(tenant) = Tenant::parse(&it.event.tenant) else { return Ok(()) };
        let cause = Cause { consequence: it, tenant: &tenant };
        if let Some(Fact::WaveChanged(fact)) = &it.event.fact {
            return self.follow_wave(&cause, fact).await;
        }
        if let Some(Fact::WaveJoined(fact)) = &it.event.fact {
            return self.follow_join(&cause, fact).await;
        }
        let Ok(id) = it.event.subject.parse() else {
            // An event whose bytes were erased: nobody knows any more what followed.
            return Ok(());
        };
        let fact = it.event.fact.as_ref().map(fact_from).transpose().map_err(unreadable)?.flatten();
        let Some(ticket) = self.store.ticket(&tenant, &TicketRef::Id(id)).await? else { return Ok(()) };
        self.welcome(&tenant).await?;
        if let Some(Event::Tied(Tied::Linked(link) | Tied::Unlinked(link))) = &fact {
            self.agree(&cause, &ticket, link).await
        } else if let Some(Event::Opened { .. }) = &fact {
            self.point_out(&cause, &ticket).await
        } else if let Some(Event::Moved(moved)) = &fact {
            self.follow_change(&cause, &ticket, moved.to).await?;
            if moved.to == State::OnHold {
                self.settle_by_changes(&cause, &ticket, changes::News::Linked).await?;
            }
            if moved.to == State::Resolved {
                if !moved.by_requester {
                    self.ask_how_it_was(&cause, &ticket).await?;
                }
                self.resolve_children(&cause, &ticket, moved).await?;
            }
            self.follow_cause(&cause, &ticket).await
        } else if let Some(Event::Diagnosed(_)) = &fact {
            self.follow_cause(&cause, &ticket).await
        } else if let Some(Event::Tied(removed @ Tied::Detached { id, .. })) = &fact {
            self.remove_elsewhere(&cause, &ticket, *id, removed).await
        } else {
            Ok(())
        }
    }

    /// Lets the other side of a link show what this one does.
    async fn agree(&self, cause: &Cause<'_>, ticket: &Ticket, link: &Link) -> Result<(), Fault> {
        let (id, other, stands) = (ticket.id, link.ticket, ticket.ties.has(link.relation, link.ticket));
        let inverse = ticket.as_link(link.relation.inverse());
        let said = match link.relation {
            Relation::MergedInto => Some(self.what_was_said(cause, ticket).await?),
            Relation::Related
            | Relation::Parent
            | Relation::Child
            | Relation::MergedFrom
            | Relation::SplitFrom
            | Relation::SplitInto
            | Relation::Follows
            | Relation::FollowedBy
            | Relation::CausedBy
            | Relation::Causes
            | Relation::SettledBy
            | Relation::Settles => None,
        };
        let heard = said.clone();
        self.command(cause, vec![other, id], move |unit, _, _| {
            let Some(there) = unit.ticket(other) else { return };
            let has = there.ties.has(inverse.relation, inverse.ticket);
            if stands && !has {
                unit.follow(other, Event::Tied(Tied::Linked(inverse.clone())));
                let Some(said) = &heard else { return };
                // A file that is removed at this moment must not come along: who removes it finds it there, or not here.
                unit.rely_on(id);
                for event in left(said, unit.ticket(id), unit.ticket(other)) {
                    unit.follow(other, event);
                }
                for event in links_left(unit.ticket(id), unit.ticket(other)) {
                    // Of this follows that the problem or the change shows it.
                    unit.record(other, event);
                }
            } else if has && !stands {
                unit.follow(other, Event::Tied(Tied::Unlinked(inverse.clone())));
            }
        })
        .await?;
        if let Some(said) = said {
            self.pass_on(cause, id, other, said).await?;
            self.pass_links_on(cause, ticket, other).await?;
            let caller = Caller::system(cause.tenant.clone(), ACTOR);
            let request = format!("{} assets", cause.request(other));
            self.inherit_assets(&caller, request, ticket, other).await?;
        }
        if link.relation == Relation::SettledBy {
            let is_there = ticket.ties.has(Relation::SettledBy, link.ticket);
            let news = if is_there { changes::News::Linked } else { changes::News::Unlinked };
            self.settle_by_changes(cause, ticket, news).await?;
        }
        if link.relation == Relation::CausedBy {
            self.settle_waiting(cause, ticket).await?;
            let problem = self.store.ticket(cause.tenant, &TicketRef::Id(other)).await?;
            if let Some(problem) = problem {
                self.follow_cause(cause, &problem).await?;
            }
        }
        // One that became part of a ticket while that was being resolved.
        let above = self.store.ticket(cause.tenant, &TicketRef::Id(other)).await?;
        let done = above.filter(|it| link.relation == Relation::Parent && it.state == State::Resolved);
        match done.filter(|_| stands) {
            Some(parent) => {
                let (resolution, code) = (parent.resolution.clone(), parent.course.code);
                let moved = Moved { resolution, code, ..Moved::new(parent.state, State::Resolved) };
                self.resolve_child(cause, parent.id, ticket.id, &moved).await
            }
            None => Ok(()),
        }
    }

    /// A merge brings the files of the merged ticket along, and they stay with it as well: each is one file, and
    /// whoever removes it from one of the tickets removes it from all, since nobody shall see it any more.
    async fn remove_elsewhere(
        &self,
        cause: &Cause<'_>,
        ticket: &Ticket,
        file: AttachmentId,
        removed: &Tied,
    ) -> Result<(), Fault> {
        let works = ticket.ties.merged().map(|link| {
            let (other, removed) = (link.ticket, removed.clone());
            self.command(cause, vec![other], move |unit, _, _| {
                if unit.ticket(other).is_some_and(|it| it.ties.attachment(file).is_some()) {
                    // Of this follows in turn that those which were merged with that one lose it.
                    unit.record(other, Event::Tied(removed.clone()));
                }
            })
        });
        join_all(works).await.into_iter().collect()
    }

    async fn resolve_children(&self, cause: &Cause<'_>, parent: &Ticket, moved: &Moved) -> Result<(), Fault> {
        let children = parent.ties.related(Relation::Child).map(|it| it.ticket);
        let works = children.map(|it| self.resolve_child(cause, parent.id, it, moved));
        join_all(works).await.into_iter().collect()
    }

    /// Resolves a child with its parent's resolution, if it still is one and may be resolved.
    async fn resolve_child(
        &self,
        cause: &Cause<'_>,
        parent: TicketId,
        child: TicketId,
        moved: &Moved,
    ) -> Result<(), Fault> {
        let actor = cause.consequence.event.actor.clone();
        let (resolution, code) = (moved.resolution.clone(), moved.code);
        let resolved = MoveTo { resolution, code, ..MoveTo::new(State::Resolved, Who::System) };
        self.command(cause, vec![child], move |unit, in_use, at| {
            let is_child = |it: &&Ticket| it.ties.has(Relation::Parent, parent) && it.state.is_open();
            if unit.ticket(child).is_some_and(|it| is_child(&it)) {
                resolve(unit, in_use, (child, &resolved, &actor), at);
            }
        })
        .await
    }

    /// Does something to the first of these tickets, once for its cause; the others are read.
    pub(super) async fn command(
        &self,
        cause: &Cause<'_>,
        tickets: Vec<TicketId>,
        what: impl Fn(&mut Unit<'_>, &InUse, Timestamp) + Send + Sync + 'static,
    ) -> Result<(), Fault> {
        let Some(first) = tickets.first().copied() else { return Ok(()) };
        let request = cause.request(first);
        let what = Arc::new(what);
        let done = self.once(cause, (first, &tickets), request.clone(), Arc::clone(&what)).await;
        // Somebody has used that id for something else: what is done here is found done, whatever its id.
        let done = match done {
            Err(Undone::OtherContent) => self.once(cause, (first, &tickets), clock::new_id(), what).await,
            done => done,
        };
        done.map_err(|it| undone(it, &request))
    }

    async fn once<W: Fn(&mut Unit<'_>, &InUse, Timestamp) + Send + Sync + 'static>(
        &self,
        cause: &Cause<'_>,
        (id, wanted): (TicketId, &[TicketId]),
        request: String,
        what: Arc<W>,
    ) -> Result<(), Undone<Fault>> {
        let in_use = self.in_use(&Caller::system(cause.tenant.clone(), ACTOR));
        let agents = Arc::clone(&in_use.holders);
        let (at, wants) = (clock::now(), Wants { tickets: wanted.to_vec(), agents, ..Wants::default() });
        let work = Work {
            tenant: cause.tenant.clone(),
            content: digest(&[ACTOR, &request]),
            request,
            actor: cause.consequence.event.actor.clone(),
            at,
            slot: id.slot(),
            wants,
        };
        let decide = move |unit: &mut Unit<'_>| {
            what(unit, &in_use, at);
            Ok::<_, Fault>(vec![])
        };
        self.store.execute(work, decide).await.map(drop)
    }
}

/// Resolves a ticket with the resolution of another one, and says whether it did. One that waits for consent, or that has
/// work left, stays as it is.
fn resolve(
    unit: &mut Unit<'_>,
    in_use: &InUse,
    (id, resolved, actor): (TicketId, &MoveTo, &str),
    at: Timestamp,
) -> bool {
    escalations::escalate(&in_use.catalog, unit, id, at);
    let decide = |it: &Ticket| it.decide(Command::Move(Box::new(resolved.clone())), actor);
    let events = unit.ticket(id).map(decide).and_then(Result::ok);
    let is_done = events.is_some();
    for event in events.into_iter().flatten() {
        unit.record(id, event);
    }
    clocks::settle(&in_use.catalog, unit, id);
    is_done
}

/// The event of which something follows.
pub(super) struct Cause<'a> {
    pub(super) consequence: &'a Consequence,
    pub(super) tenant: &'a Tenant,
}

impl Cause<'_> {
    /// The request id of what follows for a ticket: the place of the event.
    pub(super) fn request(&self, id: TicketId) -> String {
        let Consequence { partition, position, event } = self.consequence;
        format!("after {partition}/{}-{position} {id}", event.epoch)
    }
}

/// Waits for an event of which something may follow.
async fn reaching(news: &mut Receiver<Arc<v1::Event>>) {
    loop {
        match news.recv().await {
            Ok(event) if reaches(&event) => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            // The store is gone, and so is the desk.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

fn reaches(event: &v1::Event) -> bool {
    match &event.fact {
        Some(
            Fact::TicketLinked(_)
            | Fact::TicketUnlinked(_)
            | Fact::TicketDetached(_)
            | Fact::TicketDiagnosed(_)
            | Fact::WaveChanged(_)
            | Fact::WaveJoined(_),
        ) => true,
        Some(Fact::TicketMoved(it)) => {
            matches!(
                it.to(),
                v1::TicketState::Resolved
                    | v1::TicketState::Closed
                    | v1::TicketState::Cancelled
                    | v1::TicketState::OnHold
            )
        }
        Some(Fact::TicketOpened(it)) => it.ticket.as_ref().is_some_and(|it| !it.assets.is_empty()),
        Some(
            Fact::TicketAssigned(_)
            | Fact::TicketCommented(_)
            | Fact::TicketUpdated(_)
            | Fact::TicketEscalated(_)
            | Fact::TicketOffered(_)
            | Fact::TicketOfferPassed(_)
            | Fact::TicketWatched(_)
            | Fact::TicketAttached(_)
            | Fact::TicketTaskChanged(_)
            | Fact::ApprovalAsked(_)
            | Fact::ApprovalVoted(_)
            | Fact::ApprovalHanded(_)
            | Fact::ApprovalReminded(_)
            | Fact::ApprovalExpired(_)
            | Fact::ApprovalStepEnded(_)
            | Fact::ApprovalRestarted(_)
            | Fact::ApprovalEnded(_)
            | Fact::AgentPresenceChanged(_)
            | Fact::PersonChanged(_)
            | Fact::ArticleChanged(_)
            | Fact::ArticleUsed(_)
            | Fact::AssetChanged(_)
            | Fact::TicketAssetsChanged(_)
            | Fact::TicketPlanned(_)
            | Fact::TicketScheduled(_)
            | Fact::TicketReviewed(_)
            | Fact::TicketSurveyAsked(_)
            | Fact::TicketRated(_)
            | Fact::ImprovementChanged(_)
            | Fact::WaveLeft(_)
            | Fact::TurnTaken(_)
            | Fact::CatalogApplied(_),
        )
        | None => false,
    }
}

fn unreadable(error: Malformed) -> Fault {
    tracing::error!(%error, "an event of which something follows cannot be read");
    Fault::Unavailable
}
