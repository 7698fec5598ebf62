//! Changes and what went wrong after them: by the assets, by the time, and by what somebody has said.

use std::collections::HashSet;

use super::{Changes, READ, around::TAGS};
use crate::{
    clock,
    desk::fault::Fault,
    domain::{
        change::Span,
        id::{AssetId, TicketId},
        lookup::TicketRef,
        ticket::{Relation, Ticket},
        time::Timestamp,
    },
};

/// Changes that may be behind a ticket.
const RECENT: usize = 50;
/// Incidents after a change.
const AFTER: usize = 200;

/// A change and a ticket that it may be behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// The change, or the ticket.
    pub ticket: Ticket,
    /// Tags of assets of the ticket that were changed, or that hang on what was.
    pub assets: Vec<String>,
    /// Whether somebody has said that the change caused it.
    pub caused: bool,
}

impl Changes {
    /// Changes that may be behind a ticket, the latest first, by its assets and by when it was opened; and whether there are
    /// more than are told.
    pub async fn recent(&self, ticket: &Ticket) -> Result<(Vec<Near>, bool), Fault> {
        let about = ticket.about();
        if about.is_empty() {
            return Ok((vec![], false));
        }
        let related = self.register.related(&about).await?;
        let time = (Timestamp(ticket.opened.0 - self.look_back()), ticket.opened);
        let (mut found, mut after): (Vec<Near>, _) = (vec![], None);
        loop {
            let page = self.store.carried_out(&self.tenant, time, after, READ).await?;
            let is_last = page.len() < READ as usize;
            after = page.last().and_then(|it| Some((it.change.as_ref()?.begun?, it.id)));
            let near = |it: &&Ticket| it.id != ticket.id && it.about().iter().any(|it| related.contains(it));
            let changes: Vec<&Ticket> = page.iter().filter(near).collect();
            let around = self.around(&changes).await?;
            for (change, it) in changes.into_iter().zip(around) {
                let hit: Vec<_> = about.iter().copied().filter(|id| it.reach.contains(id)).collect();
                if hit.is_empty() {
                    continue;
                }
                if found.len() == RECENT {
                    return Ok((found, true));
                }
                let assets = self.register.tags(&hit, TAGS).await?;
                let caused = ticket.ties.has(Relation::CausedBy, change.id);
                found.push(Near { ticket: change.clone(), assets, caused });
            }
            if is_last || after.is_none() {
                return Ok((found, false));
            }
        }
    }

    /// Incidents that were opened after a change began and not long after it ended, on what it changed or on what hangs
    /// on that, and whatever somebody has said that it caused, the earliest first; and whether there are more than are told.
    pub async fn aftermath(&self, which: &TicketRef) -> Result<(Vec<Near>, bool), Fault> {
        let change = self.one(which).await?;
        let around = self.around(&[&change]).await?;
        let none = HashSet::new();
        let reach = around.first().map_or(&none, |it| &it.reach);
        let caused: Vec<_> = change.ties.related(Relation::Causes).map(|it| it.ticket).collect();
        let by_hand = self.store.tickets_by_id(&self.tenant, &caused).await?;
        let mut hit: Vec<Ticket> = by_hand.into_values().collect();
        hit.extend(self.incidents_after(&change, reach, &caused).await?);
        hit.sort_by_key(|it| (it.opened, it.id));
        let more = AFTER < hit.len();
        let mut found = vec![];
        for it in hit.into_iter().take(AFTER) {
            let assets: Vec<_> = it.about().into_iter().filter(|id| reach.contains(id)).collect();
            let assets = self.register.tags(&assets, TAGS).await?;
            found.push(Near { assets, caused: caused.contains(&it.id), ticket: it });
        }
        Ok((found, more))
    }

    /// Incidents on what a change reaches that were opened while it was carried out or not long after, but for those that are
    /// known; one more than are told at most.
    async fn incidents_after(
        &self,
        change: &Ticket,
        reach: &HashSet<AssetId>,
        known: &[TicketId],
    ) -> Result<Vec<Ticket>, Fault> {
        let Some(begun) = change.change.as_ref().and_then(|it| it.begun) else { return Ok(vec![]) };
        let ended = change.resolved.unwrap_or_else(clock::now);
        let span = Span { start: begun, end: Timestamp(ended.0 + self.look_back() + 1) };
        let (mut found, mut after): (Vec<Ticket>, _) = (vec![], None);
        loop {
            let page = self.store.incidents_within(&self.tenant, &span, after.as_ref(), READ).await?;
            let is_hit =
                |it: &&Ticket| !known.contains(&it.id) && it.about().iter().any(|id| reach.contains(id));
            found.extend(page.iter().filter(is_hit).cloned());
            if page.len() < READ as usize || AFTER < found.len() {
                return Ok(found);
            }
            after = page.into_iter().next_back();
        }
    }

    /// In milliseconds.
    fn look_back(&self) -> i64 {
        i64::from(self.catalog.changes.look_back) * 1000
    }
}
