//! What happens to a problem means something for others: the tickets that wait for it, and the article that tells of it. Both
//! follow from how things stand, and not from what happened: so it is all the same in which order events are followed.

use futures_util::future::join_all;

use super::{ACTOR, Cause, resolve};
use crate::{
    desk::{Desk, catalogs::InUse, clocks, fault::Fault},
    domain::{
        id::TicketId,
        lifecycle::{HoldReason, State, Who},
        lookup::TicketRef,
        people::{Caller, Language},
        ticket::{Command, Event, MoveTo, Relation, Ticket, TicketKind, Tied},
    },
    store::Unit,
};

impl Desk {
    /// What follows of how a problem stands for its article and for what it causes; for what waits for a problem itself, of
    /// how its problems stand.
    pub(super) async fn follow_cause(&self, cause: &Cause<'_>, ticket: &Ticket) -> Result<(), Fault> {
        let caller = Caller::system(cause.tenant.clone(), ACTOR);
        self.settle_article(&caller, &cause.request(ticket.id), ticket).await?;
        self.settle_waiting(cause, ticket).await?;
        // What a change has caused is not right again because the change is done.
        if ticket.state.is_open() || ticket.kind != TicketKind::Problem {
            return Ok(());
        }
        let ids: Vec<_> = ticket.ties.related(Relation::Causes).map(|it| it.ticket).collect();
        let caused = self.store.tickets_by_id(cause.tenant, &ids).await?;
        let works = caused.values().map(|it| self.settle_waiting(cause, it));
        join_all(works).await.into_iter().collect()
    }

    /// Ends the waiting of a ticket that is on hold for problems, once none of them is open: it is resolved as the one that
    /// was solved, or goes back to work if none was.
    pub(super) async fn settle_waiting(&self, cause: &Cause<'_>, ticket: &Ticket) -> Result<(), Fault> {
        if !waits(ticket) {
            return Ok(());
        }
        let (id, actor) = (ticket.id, cause.consequence.event.actor.clone());
        let behind: Vec<_> = ticket.ties.related(Relation::CausedBy).map(|it| it.ticket).collect();
        let wanted = [id].into_iter().chain(behind).collect();
        self.command(cause, wanted, move |unit, in_use, at| {
            let Some(ticket) = unit.ticket(id).filter(|it| waits(it)) else { return };
            let ids: Vec<_> = ticket.ties.related(Relation::CausedBy).map(|it| it.ticket).collect();
            let behind: Vec<Ticket> = ids.iter().filter_map(|it| unit.ticket(*it)).cloned().collect();
            // One that was linked since is not known here, and one that was merged has a survivor, which is linked next;
            // whoever links comes by as well.
            let has_heir = |it: &Ticket| it.ties.survivor().is_some_and(|heir| !ids.contains(&heir.ticket));
            let is_whole = behind.len() == ids.len();
            let problems: Vec<Ticket> =
                behind.into_iter().filter(|it| it.kind == TicketKind::Problem).collect();
            if !is_whole || problems.iter().any(|it| it.state.is_open() || has_heir(it)) {
                return;
            }
            problems.iter().for_each(|it| unit.rely_on(it.id));
            let solved = problems.iter().filter(|it| it.has_solved()).max_by_key(|it| it.resolved);
            let is_resolved = solved.is_some_and(|it| {
                let (resolution, code) = (it.resolution.clone(), it.course.code);
                let resolved = MoveTo { resolution, code, ..MoveTo::new(State::Resolved, Who::System) };
                resolve(unit, in_use, (id, &resolved, &actor), at)
            });
            if !is_resolved {
                go_on(unit, in_use, (id, &problems, &actor));
            }
        })
        .await
    }

    /// Lets what a merged problem caused be caused by its survivor, and what a merged change settles be settled by it.
    pub(super) async fn pass_links_on(
        &self,
        cause: &Cause<'_>,
        merged: &Ticket,
        survivor: TicketId,
    ) -> Result<(), Fault> {
        let Some(heir) = self.store.ticket(cause.tenant, &TicketRef::Id(survivor)).await? else {
            return Ok(());
        };
        let kept_there = merged
            .links_left_to(&heir)
            .filter(|it| matches!(it.relation, Relation::Causes | Relation::Settles));
        let works = kept_there.map(|it| {
            let (id, link) = (it.ticket, heir.as_link(it.relation.inverse()));
            self.command(cause, vec![id], move |unit, _, _| {
                let has = |it: &Ticket| it.is_over() || it.ties.has(link.relation, link.ticket);
                if !unit.ticket(id).is_none_or(has) {
                    unit.record(id, Event::Tied(Tied::Linked(link.clone())));
                }
            })
        });
        join_all(works).await.into_iter().collect()
    }
}

/// What a survivor gets of the problems and changes behind a merged ticket, and of the changes that settle it.
pub(super) fn links_left(merged: Option<&Ticket>, survivor: Option<&Ticket>) -> Vec<Event> {
    let Some((merged, survivor)) = merged.zip(survivor) else { return vec![] };
    let links = merged
        .links_left_to(survivor)
        .filter(|it| matches!(it.relation, Relation::CausedBy | Relation::SettledBy));
    links.cloned().map(|it| Event::Tied(Tied::Linked(it))).collect()
}

/// Whether a ticket is on hold for problems that it names.
fn waits(ticket: &Ticket) -> bool {
    ticket.state == State::OnHold && ticket.hold == Some(HoldReason::Problem)
}

/// Takes a ticket up again that waits for nothing any more, and tells its agents why.
fn go_on(unit: &mut Unit<'_>, in_use: &InUse, (id, problems, actor): (TicketId, &[Ticket], &str)) {
    let Some(ticket) = unit.ticket(id).cloned() else { return };
    let ended: Vec<_> = problems.iter().map(|it| format!("{} ({})", it.number, it.state.as_str())).collect();
    let text = match ticket.language {
        Language::En if ended.is_empty() => "It waits for no problem any more.".to_owned(),
        Language::En => format!("It waits for no open problem any more: {}.", ended.join(", ")),
        Language::Zh if ended.is_empty() => "不再等待任何问题单。".to_owned(),
        Language::Zh => format!("所等待的问题单已全部结束：{}。", ended.join("、")),
    };
    let to = ticket.at_work();
    let note = Command::Comment { text, internal: true, by_requester: false };
    for command in [note, Command::Move(Box::new(MoveTo::new(to, Who::System)))] {
        let events = unit.ticket(id).map(|it| it.decide(command, actor)).and_then(Result::ok);
        for event in events.into_iter().flatten() {
            unit.record(id, event);
        }
    }
    clocks::settle(&in_use.catalog, unit, id);
}
